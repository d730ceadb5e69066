#include "estimator/netlist/parser.h"
#include <stdlib.h>
#include <string.h>

int mp_verilog_advance(struct mp_verilog_parser *p)
{
    return mp_verilog_next(&p->lexer, &p->token, p->err);
}

bool mp_verilog_at(const struct mp_verilog_parser *p, char punct)
{
    return p->token.kind == MP_VERILOG_TOKEN_PUNCT && *p->token.text == punct;
}

static bool at_word(const struct mp_verilog_parser *p, const char *word)
{
    return p->token.kind == MP_VERILOG_TOKEN_NAME && !p->token.escaped &&
           p->token.length == strlen(word) && memcmp(p->token.text, word, p->token.length) == 0;
}

int mp_verilog_unexpected(struct mp_verilog_parser *p, const char *what)
{
    int shown = p->token.length > 40 ? 40 : (int)p->token.length;
    if (p->token.kind == MP_VERILOG_TOKEN_END)
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                          "expected %s, but the file ends here; is it cut off?", what);
    return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line, "expected %s, found '%.*s'",
                      what, shown, p->token.text);
}

int mp_verilog_expect(struct mp_verilog_parser *p, char punct)
{
    const char what[4] = {'\'', punct, '\'', '\0'};
    return mp_verilog_at(p, punct) ? mp_verilog_advance(p) : mp_verilog_unexpected(p, what);
}

const char *mp_verilog_name(struct mp_verilog_parser *p)
{
    p->scratch.size = 0;
    mp_text_add_bytes(&p->scratch, p->token.text, p->token.length);
    return p->scratch.data;
}

/* A name that stays, and on to the next token. */
static int take_name(struct mp_verilog_parser *p, const char *what, const char **name)
{
    if (p->token.kind != MP_VERILOG_TOKEN_NAME)
        return mp_verilog_unexpected(p, what);
    *name = mp_arena_strndup(&p->v->arena, p->token.text, p->token.length);
    return mp_verilog_advance(p);
}

static int skip_to(struct mp_verilog_parser *p, char punct)
{
    while (!mp_verilog_at(p, punct)) {
        if (p->token.kind == MP_VERILOG_TOKEN_END || at_word(p, "endmodule"))
            return mp_verilog_expect(p, punct);
        int rc = mp_verilog_advance(p);
        if (rc < 0)
            return rc;
    }
    return mp_verilog_advance(p);
}

/* #( ... ): parameters of a cell or module; they do not change what a mapped cell is. */
static int skip_parameters(struct mp_verilog_parser *p)
{
    int depth = 0, rc = mp_verilog_advance(p);
    do {
        if (rc < 0)
            return rc;
        if (mp_verilog_at(p, '('))
            depth++;
        else if (mp_verilog_at(p, ')'))
            depth--;
        else if (p->token.kind == MP_VERILOG_TOKEN_END || depth == 0)
            return mp_verilog_unexpected(p, "a parameter list in parentheses");
        rc = mp_verilog_advance(p);
    } while (depth > 0);
    return rc;
}

uint32_t mp_verilog_wire(struct mp_verilog_parser *p, const char *name, int line)
{
    struct mp_verilog_module *m = p->module;
    uint32_t id = mp_map_get(&m->by_name, name);
    if (id != MP_MAP_NONE)
        return id;
    mp_grow(&m->wires, m->wire_count, &m->wire_capacity, sizeof *m->wires);
    id = (uint32_t)m->wire_count++;
    m->wires[id] =
        (struct mp_verilog_wire){.name = mp_arena_strdup(&p->v->arena, name), .line = line};
    mp_map_put(&m->by_name, name, id);
    return id;
}

int mp_verilog_declare_bits(struct mp_verilog_parser *p, struct mp_verilog_wire *w, bool is_vector,
                            int32_t left, int32_t right)
{
    int64_t width = left > right ? (int64_t)left - right + 1 : (int64_t)right - left + 1;
    if (w->is_declared) { /* output [3:0] y; wire [3:0] y; */
        if (w->is_vector != is_vector || w->left != left || w->right != right)
            return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                              "%s is declared with two ranges (first at line %d)", w->name,
                              w->line);
        return MP_OK;
    }
    if (width > MP_VERILOG_MAX_WIDTH || p->module->bit_count + width > MP_VERILOG_MAX_BITS)
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                          "%s is %lld bits wide; at most %u are accepted", w->name,
                          (long long)width, MP_VERILOG_MAX_WIDTH);
    w->is_declared = true;
    w->is_vector = is_vector;
    w->left = left;
    w->right = right;
    w->width = (uint32_t)width;
    w->first_bit = p->module->bit_count;
    w->line = p->token.line;
    p->module->bit_count += w->width;
    return MP_OK;
}

static int add_assign(struct mp_verilog_parser *p, struct mp_verilog_bits left,
                      struct mp_verilog_bits right, int line)
{
    struct mp_verilog_module *m = p->module;
    if (left.count > right.count || (left.count < right.count && !right.is_unsized))
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, line,
                          "assign of %u bits to %u bits; write equal widths", right.count,
                          left.count);
    mp_grow(&m->assigns, m->assign_count, &m->assign_capacity, sizeof *m->assigns);
    m->assigns[m->assign_count++] = (struct mp_verilog_assign){
        .left = left.first, .right = right.first, .count = left.count, .line = line};
    return MP_OK;
}

static int assign_item(struct mp_verilog_parser *p)
{
    struct mp_verilog_bits left, right;
    int rc = mp_verilog_advance(p);
    for (;;) {
        int line = p->token.line;
        if (rc < 0 || (p->token.kind == MP_VERILOG_TOKEN_NUMBER &&
                       (rc = mp_verilog_unexpected(p, "a net to assign to")) < 0))
            return rc;
        if ((rc = mp_verilog_expression(p, &left)) < 0)
            return rc;
        if ((rc = mp_verilog_expect(p, '=')) < 0 || (rc = mp_verilog_expression(p, &right)) < 0 ||
            (rc = add_assign(p, left, right, line)) < 0)
            return rc;
        if (!mp_verilog_at(p, ','))
            return mp_verilog_expect(p, ';');
        rc = mp_verilog_advance(p);
    }
}

struct declaration {
    bool is_port, is_vector;
    enum mp_verilog_direction direction;
    int32_t left, right;
};

/* input wire signed [7:0], or wire [3:0], or just a direction that stays from before. */
static int declaration_head(struct mp_verilog_parser *p, struct declaration *d)
{
    int rc = MP_OK;
    if (at_word(p, "input") || at_word(p, "output")) {
        *d = (struct declaration){.is_port = true,
                                  .direction =
                                      at_word(p, "input") ? MP_VERILOG_INPUT : MP_VERILOG_OUTPUT};
        rc = mp_verilog_advance(p);
    }
    while (rc == MP_OK && (at_word(p, "wire") || at_word(p, "tri") || at_word(p, "signed")))
        rc = mp_verilog_advance(p);
    if (rc == MP_OK && at_word(p, "inout"))
        return mp_fail_at(p->err, MP_E_UNSUPPORTED, p->v->file, p->token.line,
                          "inout port: only inputs and outputs can be simulated");
    if (rc == MP_OK && at_word(p, "reg"))
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                          "'reg' in a netlist: behavioural code; synthesise it first");
    if (rc == MP_OK && mp_verilog_at(p, '[')) {
        d->is_vector = true;
        rc = mp_verilog_parse_range(p, &d->left, &d->right);
    }
    return rc;
}

static int declare_name(struct mp_verilog_parser *p, const struct declaration *d, uint32_t *id)
{
    if (p->token.kind != MP_VERILOG_TOKEN_NAME)
        return mp_verilog_unexpected(p, "a name");
    *id = mp_verilog_wire(p, mp_verilog_name(p), p->token.line);
    struct mp_verilog_wire *w = &p->module->wires[*id];
    if (d->is_port && w->direction != MP_VERILOG_WIRE)
        return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                          "port %s is declared twice (first at line %d)", w->name, w->line);
    if (d->is_port)
        w->direction = d->direction;
    int rc = mp_verilog_declare_bits(p, w, d->is_vector, d->left, d->right);
    return rc < 0 ? rc : mp_verilog_advance(p);
}

/* wire a, b = c; */
static int declaration_item(struct mp_verilog_parser *p)
{
    struct declaration d = {0};
    uint32_t id = 0;
    int rc = declaration_head(p, &d);
    for (;;) {
        if (rc < 0 || (rc = declare_name(p, &d, &id)) < 0)
            return rc;
        if (d.is_port && !p->module->wires[id].in_header)
            return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                              "%s is declared as a port but is not in the module's port list",
                              p->module->wires[id].name);
        if (mp_verilog_at(p, '=')) {
            struct mp_verilog_bits left = {.first = (uint32_t)p->v->pool_count}, right;
            struct mp_verilog_wire w = p->module->wires[id];
            for (uint32_t i = 0; i < w.width; i++) {
                mp_grow(&p->v->pool, p->v->pool_count, &p->v->pool_capacity, sizeof *p->v->pool);
                p->v->pool[p->v->pool_count++] = w.first_bit + i;
            }
            left.count = w.width;
            int line = p->token.line;
            if ((rc = mp_verilog_advance(p)) < 0 || (rc = mp_verilog_expression(p, &right)) < 0 ||
                (rc = add_assign(p, left, right, line)) < 0)
                return rc;
        }
        if (!mp_verilog_at(p, ','))
            return mp_verilog_expect(p, ';');
        rc = mp_verilog_advance(p);
    }
}

/* (a, b) or (input [3:0] a, output b); the opening parenthesis is next. */
static int port_list(struct mp_verilog_parser *p)
{
    struct mp_verilog_module *m = p->module;
    struct declaration d = {0};
    int rc = mp_verilog_advance(p);
    if (rc == MP_OK && mp_verilog_at(p, ')'))
        return mp_verilog_advance(p);
    for (;;) {
        uint32_t id;
        if (rc < 0 || (rc = declaration_head(p, &d)) < 0)
            return rc;
        if (p->token.kind != MP_VERILOG_TOKEN_NAME)
            return mp_verilog_unexpected(p, "a port's name");
        if (d.is_port) {
            if ((rc = declare_name(p, &d, &id)) < 0)
                return rc;
        } else {
            id = mp_verilog_wire(p, mp_verilog_name(p), p->token.line);
            if ((rc = mp_verilog_advance(p)) < 0)
                return rc;
        }
        if (m->wires[id].in_header)
            return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                              "port %s stands twice in the port list", m->wires[id].name);
        m->wires[id].in_header = true;
        mp_grow(&m->ports, m->port_count, &m->port_capacity, sizeof *m->ports);
        m->ports[m->port_count++] = id;
        if (!mp_verilog_at(p, ','))
            return mp_verilog_expect(p, ')');
        rc = mp_verilog_advance(p);
    }
}

static int connection(struct mp_verilog_parser *p, struct mp_verilog_connection *c)
{
    int rc = MP_OK;
    *c = (struct mp_verilog_connection){.line = p->token.line};
    bool named = mp_verilog_at(p, '.');
    if (named) {
        if ((rc = mp_verilog_advance(p)) < 0 || (rc = take_name(p, "a pin's name", &c->pin)) < 0 ||
            (rc = mp_verilog_expect(p, '(')) < 0)
            return rc;
    }
    if (mp_verilog_at(p, named ? ')' : ',') || mp_verilog_at(p, ')')) {
        c->is_open = true;
    } else {
        struct mp_verilog_bits bits;
        if ((rc = mp_verilog_expression(p, &bits)) < 0)
            return rc;
        c->first = bits.first;
        c->count = bits.count;
        c->is_unsized = bits.is_unsized;
    }
    return named ? mp_verilog_expect(p, ')') : rc;
}

static int instance_item(struct mp_verilog_parser *p)
{
    struct mp_verilog_module *m = p->module;
    struct mp_verilog_instance x = {.line = p->token.line};
    int rc = take_name(p, "a cell or module", &x.type);
    if (rc == MP_OK && mp_verilog_at(p, '#'))
        rc = skip_parameters(p);
    for (;;) {
        if (rc < 0 || (rc = take_name(p, "an instance's name", &x.name)) < 0 ||
            (rc = mp_verilog_expect(p, '(')) < 0)
            return rc;
        x.first_connection = (uint32_t)m->connection_count;
        while (!mp_verilog_at(p, ')') || m->connection_count > x.first_connection) {
            struct mp_verilog_connection c;
            if ((rc = connection(p, &c)) < 0)
                return rc;
            mp_grow(&m->connections, m->connection_count, &m->connection_capacity,
                    sizeof *m->connections);
            m->connections[m->connection_count++] = c;
            if (!mp_verilog_at(p, ','))
                break;
            if ((rc = mp_verilog_advance(p)) < 0)
                return rc;
        }
        x.connection_count = (uint32_t)m->connection_count - x.first_connection;
        mp_grow(&m->instances, m->instance_count, &m->instance_capacity, sizeof *m->instances);
        m->instances[m->instance_count++] = x;
        if ((rc = mp_verilog_expect(p, ')')) < 0)
            return rc;
        if (!mp_verilog_at(p, ','))
            return mp_verilog_expect(p, ';');
        rc = mp_verilog_advance(p);
        x.line = p->token.line;
    }
}

static int behavioural(struct mp_verilog_parser *p)
{
    static const char *const words[] = {
        "always",  "initial",   "function", "task",    "generate", "genvar", "integer",
        "specify", "primitive", "real",     "time",    "wand",     "wor",    "trireg",
        "event",   "for",       "if",       "case",    "begin",    "logic",  "bit",
        "tri0",    "tri1",      "supply0",  "supply1", "inout",    "reg"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (at_word(p, words[i]))
            return mp_fail_at(p->err, MP_E_INPUT, p->v->file, p->token.line,
                              "'%s' in a netlist: only cells, wires and assigns between nets are "
                              "understood; synthesise the design first",
                              words[i]);
    return MP_OK;
}

static int module_item(struct mp_verilog_parser *p)
{
    int rc;
    if (at_word(p, "input") || at_word(p, "output") || at_word(p, "wire") || at_word(p, "tri"))
        return declaration_item(p);
    if (at_word(p, "assign"))
        return assign_item(p);
    if (at_word(p, "parameter") || at_word(p, "localparam") || at_word(p, "defparam"))
        return skip_to(p, ';');
    if (mp_verilog_at(p, ';'))
        return mp_verilog_advance(p);
    if ((rc = behavioural(p)) < 0)
        return rc;
    return instance_item(p);
}

/* Every header port has to have got a direction. */
static int check_ports(struct mp_verilog_parser *p)
{
    struct mp_verilog_module *m = p->module;
    for (size_t i = 0; i < m->port_count; i++) {
        const struct mp_verilog_wire *w = &m->wires[m->ports[i]];
        if (w->direction == MP_VERILOG_WIRE)
            return mp_fail_at(p->err, MP_E_INPUT, p->v->file, m->line,
                              "port %s of module %s is not declared as input or output", w->name,
                              m->name);
    }
    return MP_OK;
}

static int module(struct mp_verilog_parser *p)
{
    struct mp_verilog *v = p->v;
    const char *name = NULL;
    int line = p->token.line, rc;
    if (!at_word(p, "module"))
        return mp_verilog_unexpected(p, "'module'");
    if ((rc = mp_verilog_advance(p)) < 0 || (rc = take_name(p, "a module's name", &name)) < 0)
        return rc;
    if (mp_map_get(&v->by_name, name) != MP_MAP_NONE)
        return mp_fail_at(p->err, MP_E_INPUT, v->file, line, "module %s is defined twice", name);
    mp_map_put(&v->by_name, name, (uint32_t)v->module_count);
    mp_grow(&v->modules, v->module_count, &v->module_capacity, sizeof *v->modules);
    p->module = &v->modules[v->module_count++];
    *p->module = (struct mp_verilog_module){.name = name, .line = line, .bit_count = MP_BIT_FIRST};
    if (mp_verilog_at(p, '#') && (rc = skip_parameters(p)) < 0)
        return rc;
    if (mp_verilog_at(p, '(') && (rc = port_list(p)) < 0)
        return rc;
    if ((rc = mp_verilog_expect(p, ';')) < 0)
        return rc;
    while (!at_word(p, "endmodule"))
        if ((rc = module_item(p)) < 0)
            return rc;
    rc = check_ports(p);
    return rc < 0 ? rc : mp_verilog_advance(p);
}

static void mark_instantiated(struct mp_verilog *v)
{
    for (size_t i = 0; i < v->module_count; i++)
        for (size_t k = 0; k < v->modules[i].instance_count; k++) {
            uint32_t id = mp_map_get(&v->by_name, v->modules[i].instances[k].type);
            if (id != MP_MAP_NONE)
                v->modules[id].is_instantiated = true;
        }
}

int mp_verilog_parse(struct mp_verilog *v, const char *text, size_t size, const char *file,
                     struct mp_error *err)
{
    struct mp_verilog_parser p = {
        .lexer = {.at = text, .end = text + size, .file = file, .line = 1}, .v = v, .err = err};
    *v = (struct mp_verilog){.file = file};
    int rc = mp_verilog_advance(&p);
    while (rc == MP_OK && p.token.kind != MP_VERILOG_TOKEN_END)
        rc = module(&p);
    if (rc == MP_OK && v->module_count == 0)
        rc = mp_fail_at(err, MP_E_INPUT, file, 1, "no module in the file; is it Verilog?");
    mark_instantiated(v);
    mp_text_release(&p.scratch);
    return rc;
}

void mp_verilog_release(struct mp_verilog *v)
{
    for (size_t i = 0; i < v->module_count; i++) {
        struct mp_verilog_module *m = &v->modules[i];
        free(m->wires);
        free(m->ports);
        free(m->instances);
        free(m->connections);
        free(m->assigns);
        mp_map_release(&m->by_name);
    }
    free(v->modules);
    free(v->pool);
    mp_map_release(&v->by_name);
    mp_arena_release(&v->arena);
    *v = (struct mp_verilog){0};
}
