#include "estimator/synth/module_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mp_module_port *find_port(struct mp_module *m, const char *name)
{
    for (size_t i = 0; i < m->port_count; i++)
        if (strcmp(m->ports[i].name, name) == 0)
            return &m->ports[i];
    return NULL;
}

/* The port a bit belongs to. */
static struct mp_module_port *port_of(const struct mp_module_work *w,
                                      const struct mp_module_graph *g, uint32_t bit)
{
    const char *name;
    json_t *port, *b;
    size_t i;
    json_object_foreach (json_object_get(g->module, "ports"), name, port)
        json_array_foreach (json_object_get(port, "bits"), i, b)
            if (mp_module_graph_bit(b) == bit && bit != MP_NONE)
                return find_port(w->out, name);
    return NULL;
}

static int check_driven(const struct mp_module_work *w, const struct mp_module_graph *g,
                        struct mp_error *err)
{
    char name[128];
    for (uint32_t c = 0; c < g->cell_count; c++)
        for (uint32_t i = 0; i < g->cells[c].input_count; i++) {
            uint32_t bit = g->inputs[g->cells[c].first_input + i].bit;
            if (bit == MP_NONE || g->bits[bit].driver != MP_NONE || g->bits[bit].is_port)
                continue;
            return mp_module_fail(w, err, MP_E_INPUT, mp_module_src(g->bits[bit].net_json),
                                  "net %s has no driver, but logic reads it: is a name misspelt?",
                                  mp_module_graph_name(g, bit, name));
        }
    for (size_t p = 0; p < w->out->port_count; p++) {
        const struct mp_module_port *port = &w->out->ports[p];
        const json_t *bits = json_object_get(
            json_object_get(json_object_get(g->module, "ports"), port->name), "bits");
        for (size_t i = 0; i < json_array_size(bits); i++) {
            uint32_t bit = mp_module_graph_bit(json_array_get(bits, i));
            if (port->direction == MP_DIR_INPUT || bit == MP_NONE ||
                g->bits[bit].driver != MP_NONE || g->bits[bit].is_port)
                continue;
            return mp_fail_at(err, MP_E_INPUT, port->file, port->line,
                              "output %s[%zu] has no driver: assign it", port->name, i);
        }
    }
    return MP_OK;
}

/* "acc[3] (mul.v:12)" */
static void name_register(const struct mp_module_work *w, const struct mp_module_graph *g,
                          uint32_t cell, char out[420])
{
    char name[128], file[256];
    int line;
    mp_module_graph_name(g, g->cells[cell].output, name);
    if (mp_module_place(w, mp_module_graph_src(g, w, cell), file, &line))
        snprintf(out, 420, "%s (%s:%d)", name, file, line);
    else
        snprintf(out, 420, "%s", name);
}

static int refuse_second(const struct mp_module_work *w, const struct mp_module_graph *g,
                         uint32_t first, uint32_t second, struct mp_error *err)
{
    const struct mp_module_graph_cell *a = &g->cells[first], *b = &g->cells[second];
    char clock[128], other[128], register_a[420], register_b[420];
    mp_module_graph_name(g, a->clock, clock);
    mp_module_graph_name(g, b->clock, other);
    name_register(w, g, first, register_a);
    name_register(w, g, second, register_b);
    if (a->clock == b->clock)
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, mp_module_graph_src(g, w, second),
                              "both edges of clock %s are used: register %s takes the %s edge, %s "
                              "the %s one; one edge is supported",
                              clock, register_a, a->clock_rises ? "rising" : "falling", register_b,
                              b->clock_rises ? "rising" : "falling");
    return mp_module_fail(w, err, MP_E_UNSUPPORTED, mp_module_graph_src(g, w, second),
                          "two clocks: register %s is clocked by %s, register %s by %s; one clock "
                          "is supported",
                          register_a, clock, register_b, other);
}

/* The clock of all registers is one bit, and that is a port of its own. */
static int take_clock(const struct mp_module_work *w, const struct mp_module_graph *g,
                      uint32_t cell, struct mp_error *err)
{
    const struct mp_module_graph_cell *c = &g->cells[cell];
    struct mp_module_port *port = port_of(w, g, c->clock);
    char name[128], which[420];
    name_register(w, g, cell, which);
    if (c->clock == MP_NONE)
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, mp_module_graph_src(g, w, cell),
                              "register %s is clocked by a constant", which);
    mp_module_graph_name(g, c->clock, name);
    if (port == NULL || port->direction != MP_DIR_INPUT) {
        uint32_t d = g->bits[c->clock].driver;
        return mp_module_fail(w, err, MP_E_UNSUPPORTED,
                              mp_module_graph_src(g, w, d != MP_NONE ? d : cell),
                              "clock %s of register %s is made by logic or another register: "
                              "gated and derived clocks are not supported, clock registers from an "
                              "input port and give them an enable",
                              name, which);
    }
    if (port->width != 1)
        return mp_fail_at(err, MP_E_UNSUPPORTED, port->file, port->line,
                          "clock %s is one bit of a wider port: give it a port of its own", name);
    port->is_clock = true;
    w->out->clock = mp_strdup(port->name);
    w->out->clock_falls = !c->clock_rises;
    return MP_OK;
}

static int check_clock_readers(const struct mp_module_work *w, const struct mp_module_graph *g,
                               uint32_t clock, struct mp_error *err)
{
    char name[128], reader[128];
    for (uint32_t c = 0; c < g->cell_count; c++)
        for (uint32_t i = 0; i < g->cells[c].input_count; i++) {
            const struct mp_module_graph_input *in = &g->inputs[g->cells[c].first_input + i];
            if (in->bit == clock && !in->is_clock)
                return mp_module_fail(w, err, MP_E_UNSUPPORTED, mp_module_graph_src(g, w, c),
                                      "clock %s is read as data (by what drives %s): not supported",
                                      mp_module_graph_name(g, clock, name),
                                      mp_module_graph_name(g, g->cells[c].output, reader));
        }
    return MP_OK;
}

static int check_named_clock(const struct mp_module_work *w, struct mp_error *err)
{
    const char *wanted = w->job->clock;
    if (wanted == NULL)
        return MP_OK;
    const struct mp_module_port *port = find_port(w->out, wanted);
    if (port == NULL || port->direction != MP_DIR_INPUT || port->width != 1)
        return mp_module_fail(w, err, MP_E_USAGE, "",
                              "module %s has no one-bit input %s to be its clock", w->top, wanted);
    if (w->out->clock == NULL)
        mp_module_note(w->out, "no register is clocked by %s: the module is combinational", wanted);
    else if (strcmp(w->out->clock, wanted) != 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, port->file, port->line,
                          "the registers are clocked by %s, not by %s", w->out->clock, wanted);
    return MP_OK;
}

/* Line of a register in the user's files, for the order of messages. */
static int line_of(const struct mp_module_work *w, const struct mp_module_graph *g, uint32_t cell)
{
    char file[256];
    int line = 0;
    mp_module_place(w, mp_module_graph_src(g, w, cell), file, &line);
    return line;
}

/* The register that comes first in the sources; unlike: only those with another clock or edge than
 * this one. MP_NONE: none. */
static uint32_t first_register(const struct mp_module_work *w, const struct mp_module_graph *g,
                               uint32_t unlike)
{
    uint32_t first = MP_NONE;
    for (uint32_t c = 0; c < g->cell_count; c++) {
        if (!g->cells[c].is_register ||
            (unlike != MP_NONE && g->cells[c].clock == g->cells[unlike].clock &&
             g->cells[c].clock_rises == g->cells[unlike].clock_rises))
            continue;
        if (first == MP_NONE || line_of(w, g, c) < line_of(w, g, first))
            first = c;
    }
    return first;
}

static int find_clock(const struct mp_module_work *w, const struct mp_module_graph *g,
                      struct mp_error *err)
{
    uint32_t first = first_register(w, g, MP_NONE), other;
    int code;
    for (uint32_t c = 0; c < g->cell_count; c++)
        w->out->register_count += g->cells[c].is_register;
    if (first != MP_NONE) {
        other = first_register(w, g, first);
        if (other != MP_NONE)
            return refuse_second(w, g, first, other, err);
        if ((code = take_clock(w, g, first, err)) < 0 ||
            (code = check_clock_readers(w, g, g->cells[first].clock, err)) < 0)
            return code;
    }
    return check_named_clock(w, err);
}

/* No library has such a cell, and Yosys 0.23 does not build it from set and reset. */
static int check_loads(const struct mp_module_work *w, const struct mp_module_graph *g,
                       struct mp_error *err)
{
    char which[420];
    for (uint32_t c = 0; c < g->cell_count; c++) {
        if (strncmp(g->cells[c].type, "$_ALDFF", 7) != 0)
            continue;
        name_register(w, g, c, which);
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, mp_module_graph_src(g, w, c),
                              "register %s is loaded asynchronously with a value that is not "
                              "constant: reset it to a constant, or load it at the clock",
                              which);
    }
    return MP_OK;
}

static int check_loops(const struct mp_module_work *w, const struct mp_module_graph *g,
                       struct mp_error *err)
{
    uint32_t *level = mp_alloc(g->cell_count + 1, sizeof *level);
    uint32_t *circle = mp_alloc(g->cell_count + 1, sizeof *circle), count;
    struct mp_text names = {0};
    int code = MP_OK;
    mp_module_graph_walk(g, true, level, circle, &count);
    const char *src = "";
    char file[256], name[128], last[128] = "";
    unsigned shown = 0;
    int line;
    mp_text_add(&names, "");
    for (uint32_t i = count; i-- > 0;) { /* the walk goes backwards */
        uint32_t bit = g->cells[circle[i]].output;
        const char *here = mp_module_graph_src(g, w, circle[i]);
        if (!mp_module_place(w, src, file, &line) && mp_module_place(w, here, file, &line))
            src = here;
        if (bit == MP_NONE ||
            json_integer_value(json_object_get(g->bits[bit].net_json, "hide_name")) != 0)
            continue;
        mp_module_graph_name(g, bit, name);
        if (shown == 4 || strcmp(name, last) == 0)
            continue;
        mp_text_printf(&names, "%s%s", shown++ > 0 ? ", " : " through ", name);
        memcpy(last, name, sizeof last);
    }
    if (count > 0)
        code = mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                              "a loop of %u gates without a register%s: break it with a register",
                              count, names.data);
    mp_text_release(&names);
    free(level);
    free(circle);
    return code;
}

static void measure_depth(const struct mp_module_work *w, const struct mp_module_graph *g)
{
    uint32_t *level = mp_alloc(g->cell_count + 1, sizeof *level);
    uint32_t *circle = mp_alloc(g->cell_count + 1, sizeof *circle), count;
    mp_module_graph_walk(g, false, level, circle, &count);
    w->out->has_feedback = count > 0;
    w->out->depth = 0;
    for (uint32_t c = 0; c < g->cell_count; c++)
        if (level[c] > w->out->depth)
            w->out->depth = level[c] < 64 ? level[c] : 64;
    free(level);
    free(circle);
}

static void add_need(const struct mp_module_work *w, const struct mp_module_graph *g,
                     enum mp_module_need need, uint32_t cell)
{
    struct mp_module_register *r = &w->out->needs[need];
    char name[128], file[256];
    if (r->name != NULL)
        return;
    r->name = mp_strdup(mp_module_graph_name(g, g->cells[cell].output, name));
    if (mp_module_place(w, mp_module_graph_src(g, w, cell), file, &r->line))
        r->file = mp_strdup(file);
}

static void find_needs(const struct mp_module_work *w, const struct mp_module_graph *g)
{
    for (uint32_t c = 0; c < g->cell_count; c++) {
        const struct mp_module_graph_cell *cell = &g->cells[c];
        unsigned resets = 0;
        if (!cell->is_register)
            continue;
        for (uint32_t i = 0; i < cell->input_count; i++) {
            const struct mp_module_graph_input *in = &g->inputs[cell->first_input + i];
            if (in->reset == 0)
                continue;
            resets++;
            struct mp_module_port *port = port_of(w, g, in->bit);
            if (port != NULL && port->direction == MP_DIR_INPUT)
                port->reset_active = in->reset;
        }
        add_need(w, g, (enum mp_module_need)(resets < 2 ? resets : 2), c);
    }
}

/* Inputs that something reads, outputs that are not constant throughout. */
static void find_used(const struct mp_module_work *w, const struct mp_module_graph *g)
{
    bool *read = mp_alloc(g->bit_count, sizeof *read);
    for (size_t i = 0; i < g->input_count; i++)
        if (g->inputs[i].bit != MP_NONE)
            read[g->inputs[i].bit] = true;
    for (unsigned pass = 0; pass < 2; pass++) /* outputs first: they read as well */
        for (size_t p = 0; p < w->out->port_count; p++) {
            struct mp_module_port *port = &w->out->ports[p];
            const json_t *bits = json_object_get(
                json_object_get(json_object_get(g->module, "ports"), port->name), "bits");
            if ((port->direction == MP_DIR_INPUT) != (pass == 1))
                continue;
            port->is_used = false;
            for (size_t i = 0; i < json_array_size(bits); i++) {
                uint32_t bit = mp_module_graph_bit(json_array_get(bits, i));
                if (bit == MP_NONE)
                    continue;
                if (pass == 0)
                    port->is_used = read[bit] = true;
                else
                    port->is_used = port->is_used || read[bit];
            }
        }
    free(read);
}

int mp_module_read_gates(const struct mp_module_work *w, const json_t *root, struct mp_error *err)
{
    const json_t *modules = json_object_get(root, "modules");
    const json_t *module = json_object_get(modules, w->out->top);
    struct mp_module_graph g = {0};
    int code;

    if (module == NULL)
        return mp_fail(err, MP_E_TOOL, "yosys wrote no gates of module %s", w->out->top);
    free(w->out->clock);
    w->out->clock = NULL;
    w->out->register_count = 0;
    if ((code = mp_module_graph_read(&g, w, module, err)) == MP_OK &&
        (code = check_driven(w, &g, err)) == MP_OK && (code = find_clock(w, &g, err)) == MP_OK &&
        (code = check_loads(w, &g, err)) == MP_OK && (code = check_loops(w, &g, err)) == MP_OK) {
        measure_depth(w, &g);
        find_needs(w, &g);
        find_used(w, &g);
    }
    mp_module_graph_release(&g);
    return code;
}
