#include "estimator/netlist/netlist.h"
#include "estimator/netlist/verilog.h"
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_CELLS (1u << 22)
#define MAX_NETS  (1u << 24)

/* A bit of a wire of one instantiated module, before aliases are joined. Ids below MP_BIT_FIRST
 * are constant 0, constant 1 and undefined. */
struct bit {
    const struct mp_verilog_wire *wire;
    const char *prefix;
    uint32_t index;  /* within the wire, from its least significant bit */
    uint32_t parent; /* union-find; a root is its own */
    uint16_t depth;
    bool is_assigned; /* stands on the left of an assign */
    bool is_driven;   /* by a cell or an input port */
    bool is_used;     /* root: a pin or a port is on it */
};

struct flattener {
    struct mp_netlist *n;
    const struct mp_library *library;
    const struct mp_verilog *v;
    struct bit *bits;
    size_t bit_count, bit_capacity;
    uint32_t *cell_type;
    size_t cell_count, type_capacity;
    const char **cell_name;
    size_t name_capacity;
    int *cell_line;
    size_t line_capacity;
    uint32_t *pins; /* bit of every pin, cell after cell */
    size_t pin_count, pin_capacity;
    struct mp_text text;
    struct mp_error *err;
};

static int fail(const struct flattener *f, int line, enum mp_code code, const char *what,
                const char *name, const char *more)
{
    return mp_fail_at(f->err, code, f->v->file, line, "%s %s%s", what, name, more);
}

static uint32_t root(struct flattener *f, uint32_t b)
{
    while (f->bits[b].parent != b) {
        f->bits[b].parent = f->bits[f->bits[b].parent].parent;
        b = f->bits[b].parent;
    }
    return b;
}

static int add_bit(struct flattener *f, const struct mp_verilog_wire *wire, uint32_t index,
                   const char *prefix, unsigned depth, uint32_t *id)
{
    if (f->bit_count >= MAX_NETS)
        return mp_fail_at(f->err, MP_E_MEMORY, f->v->file, 0, "more than %u nets after flattening",
                          MAX_NETS);
    mp_grow(&f->bits, f->bit_count, &f->bit_capacity, sizeof *f->bits);
    *id = (uint32_t)f->bit_count++;
    f->bits[*id] = (struct bit){
        .wire = wire, .prefix = prefix, .index = index, .parent = *id, .depth = (uint16_t)depth};
    return MP_OK;
}

/* "prefix.wire" or "prefix.wire[3]", in f->text. */
static const char *bit_name(struct flattener *f, uint32_t id)
{
    static const char *const constants[] = {"constant 0", "constant 1", "an undefined value"};
    const struct bit *b = &f->bits[id];
    if (id < MP_BIT_FIRST)
        return constants[id];
    f->text.size = 0;
    mp_text_add(&f->text, b->prefix);
    mp_text_add(&f->text, b->wire->name);
    if (b->wire->is_vector) {
        int32_t index = b->wire->left >= b->wire->right ? b->wire->right + (int32_t)b->index
                                                        : b->wire->right - (int32_t)b->index;
        mp_text_printf(&f->text, "[%d]", index);
    }
    return f->text.data;
}

static const char *joined(struct flattener *f, const char *prefix, const char *name,
                          const char *after)
{
    size_t a = strlen(prefix), b = strlen(name), c = strlen(after);
    char *s = mp_arena_alloc(&f->n->arena, a + b + c + 1);
    memcpy(s, prefix, a);
    memcpy(s + a, name, b);
    memcpy(s + a + b, after, c + 1);
    return s;
}

static int drive(struct flattener *f, uint32_t b, int line)
{
    if (b < MP_BIT_FIRST)
        return fail(f, line, MP_E_INPUT, "an output drives", bit_name(f, b), "");
    if (f->bits[b].is_driven || f->bits[b].is_assigned)
        return fail(f, line, MP_E_INPUT, "net", bit_name(f, b),
                    " has more than one driver; leave one");
    f->bits[b].is_driven = true;
    return MP_OK;
}

static int join(struct flattener *f, uint32_t left, uint32_t right, int line)
{
    if (left < MP_BIT_FIRST)
        return fail(f, line, MP_E_INPUT, "assign to", bit_name(f, left), "");
    if (f->bits[left].is_assigned || f->bits[left].is_driven)
        return fail(f, line, MP_E_INPUT, "net", bit_name(f, left),
                    " has more than one driver; leave one");
    f->bits[left].is_assigned = true;
    uint32_t a = root(f, left), b = root(f, right);
    if (a == b)
        return fail(f, line, MP_E_INPUT, "assign of", bit_name(f, left), " to itself");
    if (a < b)
        f->bits[b].parent = a;
    else
        f->bits[a].parent = b;
    return MP_OK;
}

/* One connection of a library cell. */
static int connect_pin(struct flattener *f, const struct mp_verilog_instance *x,
                       const struct mp_verilog_connection *c, uint32_t type, const uint32_t *map,
                       uint32_t *pins)
{
    const struct mp_lib_cell *cell = &f->library->cells[type];
    if (c->pin == NULL)
        return fail(f, c->line, MP_E_UNSUPPORTED, "pins of library cell", cell->name,
                    " connected by order; a Liberty file has no order, write .PIN(net)");
    uint32_t k = mp_library_pin(f->library, type, c->pin);
    if (k == MP_NONE)
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                          "cell %s (instance %s) has no pin %s; is this the right library?",
                          cell->name, x->name, c->pin);
    if (pins[k] != MP_NONE)
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                          "pin %s of instance %s is connected twice", c->pin, x->name);
    if (c->is_open)
        return MP_OK;
    if (c->count != 1)
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                          "%u bits at pin %s of instance %s; one was expected", c->count, c->pin,
                          x->name);
    enum mp_direction direction = f->library->pins[cell->first_pin + k].direction;
    uint32_t b = map[f->v->pool[c->first]];
    if (direction == MP_DIR_INOUT || direction == MP_DIR_INTERNAL)
        return mp_fail_at(f->err, MP_E_UNSUPPORTED, f->v->file, c->line,
                          "pin %s of instance %s is neither input nor output", c->pin, x->name);
    pins[k] = b;
    return direction == MP_DIR_OUTPUT ? drive(f, b, c->line) : MP_OK;
}

static int add_cell(struct flattener *f, const struct mp_verilog_module *m,
                    const struct mp_verilog_instance *x, uint32_t type, const uint32_t *map,
                    const char *prefix)
{
    const struct mp_lib_cell *cell = &f->library->cells[type];
    int rc = MP_OK;
    if (cell->refused)
        return mp_fail_at(f->err, MP_E_UNSUPPORTED, f->v->file, x->line,
                          "cell %s (instance %s) %s, which is not supported (%s:%d)", cell->name,
                          x->name, cell->refused, f->library->files[cell->file],
                          cell->refused_line);
    if (f->cell_count >= MAX_CELLS)
        return mp_fail_at(f->err, MP_E_MEMORY, f->v->file, x->line,
                          "more than %u cells after flattening", MAX_CELLS);
    mp_grow(&f->cell_type, f->cell_count, &f->type_capacity, sizeof *f->cell_type);
    mp_grow(&f->cell_name, f->cell_count, &f->name_capacity, sizeof *f->cell_name);
    mp_grow(&f->cell_line, f->cell_count, &f->line_capacity, sizeof *f->cell_line);
    f->cell_type[f->cell_count] = type;
    f->cell_line[f->cell_count] = x->line;
    f->cell_name[f->cell_count++] = joined(f, prefix, x->name, "");
    size_t first = f->pin_count;
    for (uint32_t k = 0; k < cell->pin_count; k++) {
        mp_grow(&f->pins, f->pin_count, &f->pin_capacity, sizeof *f->pins);
        f->pins[f->pin_count++] = MP_NONE;
    }
    for (uint32_t i = 0; i < x->connection_count && rc == MP_OK; i++)
        rc =
            connect_pin(f, x, &m->connections[x->first_connection + i], type, map, f->pins + first);
    return rc;
}

static int instantiate(struct flattener *f, const struct mp_verilog_module *m, const char *prefix,
                       unsigned depth, uint32_t *map);

/* Hang the ports of a module instance on the nets of the parent, in child_map. */
static int bind_port(struct flattener *f, const struct mp_verilog_instance *x,
                     const struct mp_verilog_connection *c, const struct mp_verilog_wire *port,
                     const uint32_t *map, uint32_t *child_map)
{
    if (child_map[port->first_bit] != MP_NONE)
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                          "port %s of instance %s is connected twice", port->name, x->name);
    if (c->is_open)
        return MP_OK;
    if (c->count < port->width || (c->count > port->width && !c->is_unsized))
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                          "%u bits at the %u-bit port %s of instance %s; write equal widths",
                          c->count, port->width, port->name, x->name);
    for (uint32_t i = 0; i < port->width; i++) {
        uint32_t b = map[f->v->pool[c->first + i]];
        if (port->direction == MP_VERILOG_OUTPUT && b < MP_BIT_FIRST)
            return fail(f, c->line, MP_E_INPUT, "an output port drives", bit_name(f, b), "");
        child_map[port->first_bit + i] = b;
    }
    return MP_OK;
}

static int add_module(struct flattener *f, const struct mp_verilog_module *m,
                      const struct mp_verilog_instance *x, const struct mp_verilog_module *child,
                      const uint32_t *map, const char *prefix, unsigned depth)
{
    uint32_t *child_map = mp_alloc(child->bit_count, sizeof *child_map);
    int rc = MP_OK;
    for (uint32_t i = MP_BIT_FIRST; i < child->bit_count; i++)
        child_map[i] = MP_NONE;
    for (uint32_t i = 0; i < x->connection_count && rc == MP_OK; i++) {
        const struct mp_verilog_connection *c = &m->connections[x->first_connection + i];
        uint32_t id = c->pin                  ? mp_map_get(&child->by_name, c->pin)
                      : i < child->port_count ? child->ports[i]
                                              : MP_NONE;
        if (id == MP_NONE || !child->wires[id].in_header)
            rc = mp_fail_at(f->err, MP_E_INPUT, f->v->file, c->line,
                            "module %s (instance %s) has no port %s", child->name, x->name,
                            c->pin ? c->pin : "for so many connections");
        else
            rc = bind_port(f, x, c, &child->wires[id], map, child_map);
    }
    for (size_t i = 0; i < child->port_count; i++) { /* open inputs float */
        const struct mp_verilog_wire *w = &child->wires[child->ports[i]];
        for (uint32_t k = 0; k < w->width && w->direction == MP_VERILOG_INPUT; k++)
            if (child_map[w->first_bit + k] == MP_NONE)
                child_map[w->first_bit + k] = MP_BIT_X;
    }
    if (rc == MP_OK)
        rc = instantiate(f, child, joined(f, prefix, x->name, "."), depth + 1, child_map);
    free(child_map);
    return rc;
}

static int instantiate(struct flattener *f, const struct mp_verilog_module *m, const char *prefix,
                       unsigned depth, uint32_t *map)
{
    int rc = MP_OK;
    if (depth > MAX_DEPTH)
        return mp_fail_at(f->err, MP_E_INPUT, f->v->file, m->line,
                          "module %s: more than %u levels of hierarchy; does it contain itself?",
                          m->name, MAX_DEPTH);
    map[MP_BIT_ZERO] = MP_BIT_ZERO;
    map[MP_BIT_ONE] = MP_BIT_ONE;
    map[MP_BIT_X] = MP_BIT_X;
    for (size_t i = 0; i < m->wire_count && rc == MP_OK; i++)
        for (uint32_t k = 0; k < m->wires[i].width && rc == MP_OK; k++)
            if (map[m->wires[i].first_bit + k] == MP_NONE)
                rc = add_bit(f, &m->wires[i], k, prefix, depth, &map[m->wires[i].first_bit + k]);
    for (size_t i = 0; i < m->port_count && rc == MP_OK && depth == 0; i++) {
        const struct mp_verilog_wire *w = &m->wires[m->ports[i]];
        for (uint32_t k = 0; k < w->width && w->direction == MP_VERILOG_INPUT; k++)
            f->bits[map[w->first_bit + k]].is_driven = true;
    }
    for (size_t i = 0; i < m->assign_count && rc == MP_OK; i++) {
        const struct mp_verilog_assign *a = &m->assigns[i];
        for (uint32_t k = 0; k < a->count && rc == MP_OK; k++)
            rc = join(f, map[f->v->pool[a->left + k]], map[f->v->pool[a->right + k]], a->line);
    }
    for (size_t i = 0; i < m->instance_count && rc == MP_OK; i++) {
        const struct mp_verilog_instance *x = &m->instances[i];
        uint32_t type = mp_library_cell(f->library, x->type);
        uint32_t child = mp_map_get(&f->v->by_name, x->type);
        if (type != MP_NONE)
            rc = add_cell(f, m, x, type, map, prefix);
        else if (child != MP_NONE)
            rc = add_module(f, m, x, &f->v->modules[child], map, prefix, depth);
        else
            rc = mp_fail_at(f->err, MP_E_INPUT, f->v->file, x->line,
                            "cell %s (instance %s%s) is neither in library %s nor a module of "
                            "this file; map the design to this library first",
                            x->type, prefix, x->name,
                            f->library->name ? f->library->name : "(unnamed)");
    }
    return rc;
}

/* Yosys's own names (_123_, anything with a $) say nothing to a reader. */
static bool is_automatic(const char *name)
{
    if (strchr(name, '$'))
        return true;
    size_t digits = name[0] == '_' ? strspn(name + 1, "0123456789") : 0;
    return digits > 0 && name[1 + digits] == '_';
}

/* Which of a net's names is shown: outer before inner, a person's before Yosys's, ports first. */
static unsigned name_rank(const struct bit *b)
{
    return b->depth * 3u + (is_automatic(b->wire->name)                              ? 2
                            : b->wire->direction != MP_VERILOG_WIRE && b->depth == 0 ? 0
                                                                                     : 1);
}

static int mark_used(struct flattener *f, const struct mp_verilog_module *top, const uint32_t *map)
{
    for (size_t i = 0; i < f->pin_count; i++)
        if (f->pins[i] != MP_NONE)
            f->bits[root(f, f->pins[i])].is_used = true;
    for (size_t i = 0; i < top->port_count; i++) {
        const struct mp_verilog_wire *w = &top->wires[top->ports[i]];
        for (uint32_t k = 0; k < w->width; k++) {
            uint32_t r = root(f, map[w->first_bit + k]);
            f->bits[r].is_used = true;
            if (r == MP_BIT_X)
                return fail(f, w->line, MP_E_INPUT, "output port",
                            bit_name(f, map[w->first_bit + k]),
                            " has an undefined value (x or z); give it a driver or a constant");
        }
    }
    return MP_OK;
}

/* Number the nets that carry something, and name each by its best alias. net_of[bit]. */
static void number_nets(struct flattener *f, uint32_t *net_of)
{
    struct mp_netlist *n = f->n;
    uint32_t *best = mp_alloc(f->bit_count, sizeof *best);
    uint32_t count = 2;
    for (uint32_t b = 0; b < f->bit_count; b++) {
        uint32_t r = root(f, b);
        if (b == r)
            net_of[b] = b < MP_BIT_X ? b : b > MP_BIT_X && f->bits[b].is_used ? count++ : MP_NONE;
        else /* a root has the smallest id of its net */
            net_of[b] = net_of[r];
        if (b < MP_BIT_FIRST || b == r ||
            (r >= MP_BIT_FIRST && name_rank(&f->bits[b]) < name_rank(&f->bits[best[r]])))
            best[r] = b;
    }
    n->net_count = count;
    n->net_name = mp_arena_alloc(&n->arena, count * sizeof *n->net_name);
    n->net_name[0] = "1'b0";
    n->net_name[1] = "1'b1";
    for (uint32_t b = MP_BIT_FIRST; b < f->bit_count; b++)
        if (root(f, b) == b && net_of[b] != MP_NONE)
            n->net_name[net_of[b]] = mp_arena_strdup(&n->arena, bit_name(f, best[b]));
    free(best);
}

static void build_ports(struct flattener *f, const struct mp_verilog_module *top,
                        const uint32_t *map, const uint32_t *net_of)
{
    struct mp_netlist *n = f->n;
    n->port_count = (uint32_t)top->port_count;
    n->ports = mp_arena_alloc(&n->arena, top->port_count * sizeof *n->ports + 1);
    for (uint32_t i = 0; i < n->port_count; i++) {
        const struct mp_verilog_wire *w = &top->wires[top->ports[i]];
        uint32_t *nets = mp_arena_alloc(&n->arena, w->width * sizeof *nets);
        for (uint32_t k = 0; k < w->width; k++)
            nets[k] = net_of[map[w->first_bit + k]];
        n->ports[i] = (struct mp_port){
            .name = mp_arena_strdup(&n->arena, w->name),
            .direction = w->direction == MP_VERILOG_INPUT ? MP_DIR_INPUT : MP_DIR_OUTPUT,
            .is_vector = w->is_vector,
            .width = w->width,
            .nets = nets};
    }
}

/* Pins to nets; every input connected and defined, every net driven once. */
static int build_cells(struct flattener *f, const uint32_t *net_of)
{
    struct mp_netlist *n = f->n;
    n->cell_count = (uint32_t)f->cell_count;
    n->pin_count = (uint32_t)f->pin_count;
    n->cell_type = mp_arena_alloc(&n->arena, (f->cell_count + 1) * sizeof *n->cell_type);
    n->cell_name = mp_arena_alloc(&n->arena, (f->cell_count + 1) * sizeof *n->cell_name);
    n->cell_first_pin = mp_arena_alloc(&n->arena, (f->cell_count + 1) * sizeof(uint32_t));
    n->pin_net = mp_arena_alloc(&n->arena, (f->pin_count + 1) * sizeof *n->pin_net);
    n->pin_cell = mp_arena_alloc(&n->arena, (f->pin_count + 1) * sizeof *n->pin_cell);
    n->net_driver = mp_arena_alloc(&n->arena, n->net_count * sizeof *n->net_driver);
    for (uint32_t i = 0; i < n->net_count; i++)
        n->net_driver[i] = MP_NONE;
    uint32_t p = 0;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const struct mp_lib_cell *cell = &f->library->cells[f->cell_type[c]];
        n->cell_type[c] = f->cell_type[c];
        n->cell_name[c] = f->cell_name[c];
        n->cell_first_pin[c] = p;
        for (uint32_t k = 0; k < cell->pin_count; k++, p++) {
            const struct mp_lib_pin *pin = &f->library->pins[cell->first_pin + k];
            uint32_t net = f->pins[p] == MP_NONE ? MP_NONE : net_of[f->pins[p]];
            n->pin_cell[p] = c;
            n->pin_net[p] = net;
            if (pin->direction == MP_DIR_INPUT && net == MP_NONE)
                return mp_fail_at(
                    f->err, MP_E_INPUT, f->v->file, f->cell_line[c],
                    "input pin %s of instance %s (%s) %s", pin->name, f->cell_name[c], cell->name,
                    f->pins[p] == MP_NONE ? "is not connected"
                                          : "has an undefined value (x or z); tie it to 0 or 1");
            if (pin->direction != MP_DIR_OUTPUT || f->pins[p] == MP_NONE)
                continue;
            if (net == MP_NONE || net < 2 || n->net_driver[net] != MP_NONE)
                return mp_fail_at(f->err, MP_E_INPUT, f->v->file, f->cell_line[c],
                                  "net %s, driven by pin %s of instance %s, has another driver",
                                  net == MP_NONE ? "of undefined value" : n->net_name[net],
                                  pin->name, f->cell_name[c]);
            n->net_driver[net] = p;
        }
    }
    n->cell_first_pin[n->cell_count] = p;
    return MP_OK;
}

static int check_driven(struct flattener *f, const struct mp_verilog_module *top)
{
    struct mp_netlist *n = f->n;
    bool *is_input = mp_alloc(n->net_count, sizeof *is_input);
    int rc = MP_OK;
    is_input[0] = is_input[1] = true;
    for (uint32_t i = 0; i < n->port_count && rc == MP_OK; i++)
        for (uint32_t k = 0; k < n->ports[i].width && rc == MP_OK; k++) {
            uint32_t net = n->ports[i].nets[k];
            if (n->ports[i].direction != MP_DIR_INPUT)
                continue;
            if (is_input[net] || n->net_driver[net] != MP_NONE)
                rc = fail(f, top->line, MP_E_INPUT, "input port net", n->net_name[net],
                          " is driven from inside as well, or joined to another input");
            is_input[net] = true;
        }
    for (uint32_t p = 0; p < n->pin_count && rc == MP_OK; p++) {
        uint32_t c = n->pin_cell[p], net = n->pin_net[p];
        if (net != MP_NONE && n->net_driver[net] == MP_NONE && !is_input[net])
            rc = mp_fail_at(f->err, MP_E_INPUT, f->v->file, f->cell_line[c],
                            "net %s has no driver, but instance %s reads it", n->net_name[net],
                            n->cell_name[c]);
    }
    for (uint32_t i = 0; i < n->port_count && rc == MP_OK; i++)
        for (uint32_t k = 0; k < n->ports[i].width && rc == MP_OK; k++) {
            uint32_t net = n->ports[i].nets[k];
            if (n->net_driver[net] == MP_NONE && !is_input[net])
                rc = fail(f, top->line, MP_E_INPUT, "output", n->net_name[net], " has no driver");
        }
    free(is_input);
    return rc;
}

static void build_fanout(struct mp_netlist *n)
{
    n->net_fanout_first = mp_arena_alloc(&n->arena, (n->net_count + 1) * sizeof(uint32_t));
    memset(n->net_fanout_first, 0, (n->net_count + 1) * sizeof(uint32_t));
    n->net_fanout = mp_arena_alloc(&n->arena, (n->pin_count + 1) * sizeof(uint32_t));
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE && n->net_driver[n->pin_net[p]] != p)
            n->net_fanout_first[n->pin_net[p] + 1]++;
    for (uint32_t i = 0; i < n->net_count; i++)
        n->net_fanout_first[i + 1] += n->net_fanout_first[i];
    uint32_t *next = mp_alloc(n->net_count, sizeof *next);
    memcpy(next, n->net_fanout_first, n->net_count * sizeof *next);
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE && n->net_driver[n->pin_net[p]] != p)
            n->net_fanout[next[n->pin_net[p]]++] = p;
    free(next);
}

static const struct mp_verilog_module *find_top(const struct mp_verilog *v, const char *name,
                                                struct mp_error *err)
{
    const struct mp_verilog_module *top = NULL;
    if (name) {
        uint32_t id = mp_map_get(&v->by_name, name);
        if (id == MP_MAP_NONE)
            mp_fail_at(err, MP_E_NOT_FOUND, v->file, 0, "no module %s in the file", name);
        return id == MP_MAP_NONE ? NULL : &v->modules[id];
    }
    for (size_t i = 0; i < v->module_count; i++) {
        if (v->modules[i].is_instantiated)
            continue;
        if (top) {
            mp_fail_at(err, MP_E_INPUT, v->file, v->modules[i].line,
                       "modules %s and %s could both be the top; name one", top->name,
                       v->modules[i].name);
            return NULL;
        }
        top = &v->modules[i];
    }
    if (top == NULL)
        mp_fail_at(err, MP_E_INPUT, v->file, 0, "every module is instantiated by another");
    return top;
}

int mp_verilog_flatten(struct mp_netlist *n, const struct mp_library *library,
                       const struct mp_verilog *v, const char *top_name, struct mp_error *err)
{
    struct mp_error own = MP_ERROR_INIT;
    struct flattener f = {.n = n, .library = library, .v = v, .err = err ? err : &own};
    const struct mp_verilog_module *top = find_top(v, top_name, f.err);
    uint32_t *map = NULL, *net_of = NULL;
    int rc = MP_OK;
    if (top == NULL)
        return f.err->code;
    map = mp_alloc(top->bit_count, sizeof *map);
    for (uint32_t i = 0; i < top->bit_count; i++)
        map[i] = MP_NONE;
    for (uint32_t i = 0; i < MP_BIT_FIRST; i++) {
        uint32_t id;
        if ((rc = add_bit(&f, NULL, 0, "", 0, &id)) < 0)
            goto out;
    }
    if ((rc = instantiate(&f, top, "", 0, map)) < 0 || (rc = mark_used(&f, top, map)) < 0)
        goto out;
    net_of = mp_alloc(f.bit_count, sizeof *net_of);
    number_nets(&f, net_of);
    n->library = library;
    n->name = mp_arena_strdup(&n->arena, top->name);
    build_ports(&f, top, map, net_of);
    if ((rc = build_cells(&f, net_of)) < 0 || (rc = check_driven(&f, top)) < 0)
        goto out;
    build_fanout(n);
out:
    free(net_of);
    free(map);
    free(f.bits);
    free(f.cell_type);
    free(f.cell_name);
    free(f.cell_line);
    free(f.pins);
    mp_text_release(&f.text);
    return rc;
}
