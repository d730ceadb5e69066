#include "estimator/timing/wireload.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_F 1e-9 /* a million times a usual wire: a slip in the unit */

/* What is behind the prefix, NULL: text begins otherwise. */
static const char *after_prefix(const char *text, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static bool parse_constant(struct mp_wire_option *o, const char *text, const char *rest)
{
    static const char suffix[] = "/fanout";
    char number[48];
    size_t size = strlen(rest);
    if (rest == text) {
        if (size < sizeof suffix || strcmp(rest + size - (sizeof suffix - 1), suffix) != 0)
            return false;
        size -= sizeof suffix - 1;
    }
    if (size >= sizeof number)
        return false;
    memcpy(number, rest, size);
    number[size] = '\0';
    o->kind = MP_WIRE_CONSTANT;
    return mp_parse_quantity(number, "F", &o->per_fan_out_f) && o->per_fan_out_f > 0 &&
           o->per_fan_out_f <= LARGEST_F;
}

int mp_wire_option_parse(struct mp_wire_option *o, const char *text, struct mp_error *err)
{
    const char *model = after_prefix(text, "model:"), *constant = after_prefix(text, "constant:");
    memset(o, 0, sizeof *o);
    if (strcmp(text, "none") == 0)
        return MP_OK;
    if (strcmp(text, "library") == 0 || strcmp(text, "library-or-none") == 0) {
        o->kind = text[strlen("library")] ? MP_WIRE_LIBRARY_OR_NONE : MP_WIRE_LIBRARY;
        return MP_OK;
    }
    if (model && *model && strlen(model) < sizeof o->model) {
        o->kind = MP_WIRE_MODEL;
        snprintf(o->model, sizeof o->model, "%s", model);
        return MP_OK;
    }
    if (parse_constant(o, text, constant ? constant : text))
        return MP_OK;
    return mp_fail(err, MP_E_USAGE,
                   "wire load `%s` is not known: take none, library, library-or-none, model:NAME, "
                   "or a capacitance "
                   "for each fan-out, above 0 and up to 1nF, as in constant:2fF",
                   text);
}

void mp_wire_option_print(const struct mp_wire_option *o, char *out, size_t size)
{
    char number[40];
    if (o->kind == MP_WIRE_CONSTANT)
        snprintf(out, size, "constant:%sF",
                 mp_print_double(o->per_fan_out_f, number, sizeof number));
    else if (o->kind == MP_WIRE_MODEL)
        snprintf(out, size, "model:%s", o->model);
    else
        snprintf(out, size, "%s",
                 o->kind == MP_WIRE_LIBRARY           ? "library"
                 : o->kind == MP_WIRE_LIBRARY_OR_NONE ? "library-or-none"
                                                      : "none");
}

static const char *first_file(const struct mp_library *lib)
{
    return lib->file_count > 0 ? lib->files[0] : "the library";
}

/* What the library chooses for a design of this area; NULL: nothing. Beyond the ranges the
 * nearest one. */
static const char *choice_of_library(const struct mp_library *lib, double area_um2)
{
    const struct mp_wire_load_range *nearest = NULL;
    double distance = INFINITY;
    for (uint32_t i = 0; i < lib->wire_load_range_count; i++) {
        const struct mp_wire_load_range *r = &lib->wire_load_ranges[i];
        double d = area_um2 < r->from_um2  ? r->from_um2 - area_um2
                   : area_um2 >= r->to_um2 ? area_um2 - r->to_um2
                                           : -1;
        if (d < distance) {
            distance = d;
            nearest = r;
        }
    }
    return nearest ? nearest->model : lib->default_wire_load;
}

static int unknown_model(const struct mp_library *lib, const char *name, struct mp_error *err)
{
    struct mp_text known = {0};
    int rc;
    for (uint32_t i = 0; i < lib->wire_load_count; i++)
        mp_text_printf(&known, "%s%s", i ? ", " : "", lib->wire_loads[i].name);
    if (known.size == 0)
        rc = mp_fail_at(err, MP_E_INPUT, first_file(lib), 0,
                        "library %s has no wire-load models; take none or a constant, as in "
                        "constant:2fF",
                        lib->name);
    else
        rc = mp_fail_at(err, MP_E_INPUT, first_file(lib), 0,
                        "library %s has no wire-load model %s; it has %s", lib->name, name,
                        known.data);
    mp_text_release(&known);
    return rc;
}

static int use_model(struct mp_wire_model *m, const struct mp_library *lib, const char *name,
                     struct mp_error *err)
{
    const struct mp_wire_load *w = mp_library_wire_load(lib, name);
    if (!w)
        return unknown_model(lib, name, err);
    if (w->count == 0 || !(w->capacitance_f > 0))
        return mp_fail_at(err, MP_E_INPUT, w->file < lib->file_count ? lib->files[w->file] : NULL,
                          w->line, "wire-load model %s gives no %s; take another one", name,
                          w->count == 0 ? "lengths (fanout_length)" : "capacitance");
    if (strlen(name) >= MP_WIRE_NAME_SIZE)
        return mp_fail_at(err, MP_E_INPUT, lib->files[w->file], w->line,
                          "the name of this wire-load model is too long");
    m->load = *w;
    snprintf(m->name, sizeof m->name, "model:%s", name);
    return MP_OK;
}

static int use_choice_of_library(struct mp_wire_model *m, const struct mp_library *lib,
                                 double area_um2, struct mp_error *err)
{
    const char *name = choice_of_library(lib, area_um2);
    if (name)
        return use_model(m, lib, name, err);
    if (lib->wire_load_count == 0)
        return unknown_model(lib, "", err);
    return mp_fail_at(err, MP_E_INPUT, first_file(lib), 0,
                      "library %s has wire-load models, but no default among them; name one, as in "
                      "model:%s",
                      lib->name, lib->wire_loads[0].name);
}

int mp_wire_model_choose(struct mp_wire_model *m, const struct mp_wire_option *o,
                         const struct mp_library *lib, double area_um2, struct mp_error *err)
{
    static const double one[] = {1};
    const struct mp_wire_option none = {.kind = MP_WIRE_NONE};
    if (o->kind == MP_WIRE_LIBRARY_OR_NONE && !choice_of_library(lib, area_um2))
        o = &none;
    *m = (struct mp_wire_model){.is_none = o->kind == MP_WIRE_NONE};
    if (o->kind == MP_WIRE_MODEL)
        return use_model(m, lib, o->model, err);
    if (o->kind == MP_WIRE_LIBRARY || o->kind == MP_WIRE_LIBRARY_OR_NONE)
        return use_choice_of_library(m, lib, area_um2, err);
    if (o->kind == MP_WIRE_CONSTANT)
        m->load = (struct mp_wire_load){.name = "constant",
                                        .capacitance_f = o->per_fan_out_f,
                                        .slope = 1,
                                        .count = 1,
                                        .fan_out = one,
                                        .length = one};
    mp_wire_option_print(o, m->name, sizeof m->name);
    return MP_OK;
}

static uint32_t *port_fan_outs(const struct mp_netlist *n)
{
    uint32_t *count = mp_alloc((size_t)n->net_count + 1, sizeof *count);
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t k = 0; k < n->ports[i].width; k++)
            count[n->ports[i].nets[k]] += n->ports[i].direction == MP_DIR_OUTPUT;
    return count;
}

double *mp_wire_caps(const struct mp_wire_model *m, const struct mp_netlist *n)
{
    if (!m || m->is_none)
        return NULL;
    uint32_t *ports = port_fan_outs(n);
    double *caps = mp_alloc((size_t)n->net_count + 1, sizeof *caps);
    for (uint32_t net = 2; net < n->net_count; net++) {
        uint32_t fan_out = ports[net] + n->net_fanout_first[net + 1] - n->net_fanout_first[net];
        if (fan_out > 0)
            caps[net] = mp_wire_load_length(&m->load, fan_out) * m->load.capacitance_f;
    }
    free(ports);
    return caps;
}

void mp_wire_load_liberty(struct mp_text *out, const struct mp_wire_model *m)
{
    const struct mp_wire_load *w = &m->load;
    char a[40], b[40];
    mp_text_add(out, "library (" MP_WIRE_LOAD_NAME ") {\n"
                     "  delay_model : table_lookup;\n  time_unit : \"1ns\";\n"
                     "  voltage_unit : \"1V\";\n  current_unit : \"1mA\";\n"
                     "  leakage_power_unit : \"1nW\";\n  pulling_resistance_unit : \"1kohm\";\n"
                     "  capacitive_load_unit (1, ff);\n");
    for (int k = 0; k < 4; k++)
        mp_text_printf(out, "  %s_threshold_pct_%s : 50;\n", k / 2 ? "output" : "input",
                       k % 2 ? "fall" : "rise");
    for (int k = 0; k < 4; k++)
        mp_text_printf(out, "  slew_%s_threshold_pct_%s : %d;\n", k / 2 ? "upper" : "lower",
                       k % 2 ? "fall" : "rise", k / 2 ? 80 : 20);
    mp_text_printf(out, "  wire_load (\"" MP_WIRE_LOAD_NAME "\") {\n    capacitance : %s;\n",
                   mp_print_double(w->capacitance_f * 1e15, a, sizeof a));
    mp_text_printf(out, "    resistance : %s;\n    slope : %s;\n    area : 0;\n",
                   mp_print_double(w->resistance_ohm * 1e-3, a, sizeof a),
                   mp_print_double(w->slope, b, sizeof b));
    for (uint32_t i = 0; i < w->count; i++)
        mp_text_printf(out, "    fanout_length (%s, %s);\n",
                       mp_print_double(w->fan_out[i], a, sizeof a),
                       mp_print_double(w->length[i], b, sizeof b));
    mp_text_add(out, "  }\n}\n");
}
