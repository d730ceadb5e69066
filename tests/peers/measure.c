#include "tests/peers/measure.h"

#include "estimator/timing/opensta.h"
#include "estimator/util/file.h"
#include "estimator/util/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *peer_driving_cell(const struct mp_target *target)
{
    return target->library.cells[target->roles.buffer].name;
}

double peer_output_load_f(const struct mp_target *target)
{
    const struct mp_library *lib = &target->library;
    const struct mp_lib_cell *c = &lib->cells[target->roles.buffer];
    for (uint32_t k = 0; k < c->pin_count; k++)
        if (lib->pins[c->first_pin + k].direction == MP_DIR_INPUT)
            return 4 * lib->pins[c->first_pin + k].capacitance_f;
    return 0;
}

static void put(const struct mp_netlist *n, bool *value, const char *port, int64_t bits)
{
    uint32_t p = mp_netlist_port(n, port);
    for (uint32_t b = 0; p != MP_NONE && b < n->ports[p].width; b++)
        value[n->ports[p].nets[b]] = bits >> b & 1;
}

static void settle(const struct mp_netlist *n, bool *value)
{
    const struct mp_library *lib = n->library;
    for (uint32_t k = 0; k < n->order_count; k++) {
        uint32_t cell = n->order[k];
        const struct mp_lib_cell *type = &lib->cells[n->cell_type[cell]];
        const uint32_t *nets = &n->pin_net[n->cell_first_pin[cell]];
        uint64_t pins = 0;
        for (uint32_t p = 0; p < type->pin_count; p++)
            if (lib->pins[type->first_pin + p].direction == MP_DIR_INPUT && nets[p] != MP_NONE)
                pins |= (uint64_t)value[nets[p]] << p;
        for (uint32_t p = 0; p < type->pin_count; p++)
            if (lib->pins[type->first_pin + p].direction == MP_DIR_OUTPUT && nets[p] != MP_NONE)
                value[nets[p]] = mp_expr_eval(&lib->pins[type->first_pin + p].function, pins);
    }
}

/* Operands of a trial: all pairs of extremes first, then random. */
static int64_t operand(unsigned trial, unsigned which, struct mp_random *r)
{
    static const int64_t corners[] = {0,
                                      1,
                                      -1,
                                      0x5555555555555555,
                                      -0x5555555555555556,
                                      0x80,
                                      0x7f,
                                      0x8000,
                                      0x7fff,
                                      0x400,
                                      0x3ff,
                                      0x40,
                                      0x3f};
    const unsigned count = sizeof corners / sizeof *corners;
    if (trial < count * count && which < 2)
        return corners[which ? trial / count : trial % count];
    return (int64_t)mp_random_u64(r);
}

static int simulate(const struct peer_design *d, const struct mp_netlist *n, struct mp_error *err)
{
    uint32_t out = mp_netlist_port(n, d->accumulator_bits ? "accumulator" : "product");
    if (out == MP_NONE || n->register_count)
        return mp_fail(err, MP_E_PROOF, "%s: no output, or registers", d->name);
    bool *value = mp_alloc(n->net_count + 2u, sizeof *value);
    struct mp_random random;
    mp_random_seed(&random, 1);
    int code = MP_OK;
    for (unsigned trial = 0; trial < 1000 && code == MP_OK; trial++) {
        int64_t w = operand(trial, 0, &random), a = operand(trial, 1, &random);
        int64_t addend = operand(trial, 2, &random);
        value[0] = false;
        value[1] = true;
        put(n, value, "weight", w);
        put(n, value, "activation", a);
        put(n, value, "addend", addend);
        settle(n, value);
        int64_t expected = d->value(w, a, addend);
        for (uint32_t b = 0; b < n->ports[out].width; b++)
            if (value[n->ports[out].nets[b]] != (expected >> b & 1))
                code = mp_fail(err, MP_E_PROOF,
                               "%s: bit %u is wrong for weight %#llx, activation %#llx", d->name, b,
                               (unsigned long long)w, (unsigned long long)a);
    }
    free(value);
    return code;
}

int peer_measure(struct peer_figures *out, const struct peer_design *design, const char *verilog,
                 const char *top, const struct mp_target *target, const char *temp_dir,
                 struct mp_error *err)
{
    struct mp_netlist n = {0};
    struct mp_timing timing = {0};
    struct mp_wire_model wires;
    const struct mp_wire_option option = {.kind = MP_WIRE_LIBRARY_OR_NONE};
    char *path = mp_path_join(temp_dir, "measured.v");
    int code = mp_netlist_read_text(&n, &target->library, verilog, strlen(verilog), "measured.v",
                                    top, err);
    if (code == MP_OK)
        code = mp_netlist_levelise(&n, err);
    if (code == MP_OK)
        code = simulate(design, &n, err);
    if (code == MP_OK)
        code =
            mp_wire_model_choose(&wires, &option, &target->library, mp_netlist_area_um2(&n), err);
    if (code == MP_OK)
        code = mp_file_write(path, verilog, strlen(verilog), err);
    if (code == MP_OK) {
        const struct mp_opensta_job job = {.program = "sta",
                                           .netlist_path = path,
                                           .netlist = &n,
                                           .liberty_path = target->prepared_path,
                                           .wire_load = &wires,
                                           .period_s = 100e-9,
                                           .driving_cell = peer_driving_cell(target),
                                           .output_load_f = peer_output_load_f(target),
                                           .temp_dir = temp_dir};
        code = mp_opensta_run(&timing, &job, err);
    }
    if (code == MP_OK)
        *out = (struct peer_figures){mp_netlist_area_um2(&n), timing.critical_path_s};
    mp_timing_release(&timing);
    mp_netlist_release(&n);
    free(path);
    return code;
}
