#include "estimator/synth/module_parts.h"

#include <stdlib.h>
#include <string.h>

/* Binary text as in the JSON of Yosys; above 31 bits, signed or not a number: as it stands. */
static char *readable_value(const json_t *v)
{
    const char *s = json_string_value(v);
    if (s == NULL)
        return mp_asprintf("%lld", (long long)json_integer_value(v));
    size_t n = strlen(s);
    if (n == 0 || strspn(s, "01") != n)
        return mp_strdup(s);
    const char *one = strchr(s, '1');
    if (n == 32 && s[0] == '1' && strspn(s, "1") >= 8)
        return mp_asprintf("%d", (int)(uint32_t)strtoul(s, NULL, 2));
    if (one == NULL)
        return mp_strdup("0");
    return n - (size_t)(one - s) < 32 ? mp_asprintf("%lu", strtoul(s, NULL, 2))
                                      : mp_asprintf("%zu'b%s", n, s);
}

static void read_parameters(struct mp_module *m, const json_t *module)
{
    const char *name;
    json_t *value, *all = json_object_get(module, "parameter_default_values");
    m->parameters = mp_alloc(json_object_size(all) + 1, sizeof *m->parameters);
    json_object_foreach (all, name, value)
        m->parameters[m->parameter_count++] =
            (struct mp_module_setting){mp_strdup(name), readable_value(value)};
}

static bool is_bit(const json_t *bit, const char *constant)
{
    return json_is_string(bit) && strcmp(json_string_value(bit), constant) == 0;
}

static int read_port(const struct mp_module_work *w, const json_t *module, const char *name,
                     const json_t *port, struct mp_error *err)
{
    struct mp_module *m = w->out;
    struct mp_module_port *p = &m->ports[m->port_count];
    const char *src = mp_module_src(json_object_get(json_object_get(module, "netnames"), name));
    const char *direction = json_string_value(json_object_get(port, "direction"));
    const json_t *bits = json_object_get(port, "bits");
    char file[256];

    if (direction == NULL || !json_is_array(bits))
        return mp_fail(err, MP_E_TOOL, "yosys wrote no direction or bits of port %s", name);
    if (strcmp(direction, "inout") == 0)
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                              "port %s is an inout, which cannot be simulated: use an input and an "
                              "output",
                              name);
    for (size_t i = 0; i < json_array_size(bits); i++)
        if (is_bit(json_array_get(bits, i), "z"))
            return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                                  "port %s[%zu] is driven with z: three-state outputs cannot be "
                                  "simulated, give it a value",
                                  name, i);
    *p = (struct mp_module_port){
        .name = mp_strdup(name),
        .direction = strcmp(direction, "input") == 0 ? MP_DIR_INPUT : MP_DIR_OUTPUT,
        .width = (uint32_t)json_array_size(bits),
        .is_signed = json_integer_value(json_object_get(port, "signed")) != 0};
    m->port_count++;
    if (mp_module_place(w, src, file, &p->line))
        p->file = mp_strdup(file);
    return MP_OK;
}

static int read_ports(const struct mp_module_work *w, const json_t *module, struct mp_error *err)
{
    const char *name;
    json_t *port, *ports = json_object_get(module, "ports");
    int code = MP_OK;

    w->out->ports = mp_alloc(json_object_size(ports) + 1, sizeof *w->out->ports);
    json_object_foreach (ports, name, port)
        if (code == MP_OK)
            code = read_port(w, module, name, port, err);
    return code;
}

static int check_memories(const struct mp_module_work *w, const json_t *module,
                          struct mp_error *err)
{
    const char *name;
    json_t *memory;
    json_object_foreach (json_object_get(module, "memories"), name, memory) {
        json_int_t width = json_integer_value(json_object_get(memory, "width"));
        json_int_t size = json_integer_value(json_object_get(memory, "size"));
        if (width > 0 && size > MP_MODULE_MEMORY_BITS / width)
            return mp_module_fail(
                w, err, MP_E_UNSUPPORTED, mp_module_src(memory),
                "memory %s of %lld x %lld bits: up to %d bits become registers, a "
                "larger one is a macro and belongs outside the module",
                name, (long long)size, (long long)width, MP_MODULE_MEMORY_BITS);
    }
    return MP_OK;
}

static const char *driven_name(const json_t *module, const json_t *bits);

static int check_cell(const struct mp_module_work *w, const json_t *module, const char *name,
                      const json_t *cell, struct mp_error *err)
{
    const char *type = json_string_value(json_object_get(cell, "type")), *pin;
    const char *src = mp_module_src(cell);
    json_t *bits, *bit;
    size_t i;

    if (type == NULL)
        return mp_fail(err, MP_E_TOOL, "yosys wrote no type of cell %s", name);
    if (type[0] != '$')
        return mp_module_fail(w, err, MP_E_NOT_FOUND, src,
                              "module %s (instance %s) is in none of the files, or a black box: "
                              "give the file that has it",
                              type, name);
    if (strcmp(type, "$tribuf") == 0)
        return mp_module_fail(w, err, MP_E_UNSUPPORTED, src,
                              "three-state driver %s cannot be simulated: use a multiplexer", name);
    json_object_foreach (json_object_get(cell, "connections"), pin, bits)
        json_array_foreach (bits, i, bit)
            if (is_bit(bit, "z"))
                return mp_module_fail(
                    w, err, MP_E_UNSUPPORTED, src,
                    "%s is set to z here: three-state values cannot be simulated, give it a value",
                    driven_name(module,
                                json_object_get(json_object_get(cell, "connections"), "Y")));
    return MP_OK;
}

/* A user's name for the first of some bits. */
static const char *driven_name(const json_t *module, const json_t *bits)
{
    const char *name;
    json_t *net, *bit;
    size_t i;
    json_t *wanted = json_array_get(bits, 0);
    json_object_foreach (json_object_get(module, "netnames"), name, net) {
        if (json_integer_value(json_object_get(net, "hide_name")) != 0)
            continue;
        json_array_foreach (json_object_get(net, "bits"), i, bit)
            if (wanted != NULL && json_equal(bit, wanted))
                return name;
    }
    return "a signal";
}

static void note_initial_values(const struct mp_module_work *w, const json_t *module)
{
    const char *name;
    json_t *net;
    json_object_foreach (json_object_get(module, "netnames"), name, net) {
        const char *init =
            json_string_value(json_object_get(json_object_get(net, "attributes"), "init"));
        if (init == NULL || strchr(init, '1') == NULL)
            continue;
        mp_module_note(w->out,
                       "initial values of registers (%s and perhaps others) are ignored: hardware "
                       "has none, registers start at 0",
                       name);
        return;
    }
}

/* What x becomes is up to the optimiser, for the netlist of gates and the mapped one alike. */
static void note_undefined(const struct mp_module_work *w, const json_t *module)
{
    const char *name, *pin;
    json_t *cell, *bits, *bit;
    size_t i;
    char file[256];
    int line;
    json_object_foreach (json_object_get(module, "cells"), name, cell) {
        const char *type = json_string_value(json_object_get(cell, "type"));
        if (type == NULL || (strcmp(type, "$mux") != 0 && strcmp(type, "$pmux") != 0))
            continue;
        json_object_foreach (json_object_get(cell, "connections"), pin, bits)
            json_array_foreach (bits, i, bit) {
                if (!is_bit(bit, "x") || !mp_module_place(w, mp_module_src(cell), file, &line))
                    continue;
                mp_module_note(w->out,
                               "undefined values (x, as at %s:%d) became what is simplest: proofs "
                               "and power see that",
                               file, line);
                return;
            }
    }
}

int mp_module_read_words(const struct mp_module_work *w, const json_t *root, struct mp_error *err)
{
    const json_t *module = json_object_get(json_object_get(root, "modules"), w->top);
    const char *name;
    json_t *cell;
    int code;

    if (module == NULL)
        return mp_fail(err, MP_E_TOOL, "yosys wrote no module %s", w->top);
    read_parameters(w->out, module);
    if ((code = read_ports(w, module, err)) < 0 || (code = check_memories(w, module, err)) < 0)
        return code;
    json_object_foreach (json_object_get(module, "cells"), name, cell)
        if ((code = check_cell(w, module, name, cell, err)) < 0)
            return code;
    note_initial_values(w, module);
    note_undefined(w, module);
    return MP_OK;
}
