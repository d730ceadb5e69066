#include "estimator/synth/arrival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double lookup(const struct mp_library *lib, uint32_t table, double slew_s, double load_f)
{
    return table == MP_NONE ? 0 : mp_table_lookup(&lib->tables[table], slew_s, load_f);
}

/* Output edge e (0 rise, 1 fall) caused by the input's edge `from`. */
static void arrive(const struct mp_library *lib, const struct mp_arc *arc,
                   const struct mp_synth_wave *in, struct mp_synth_wave *out, int from, int e,
                   double load_f)
{
    uint32_t delay = e ? arc->cell_fall : arc->cell_rise;
    uint32_t slew = e ? arc->fall_transition : arc->rise_transition;
    if (in->arrival_s[from] < 0 || delay == MP_NONE)
        return;
    out->arrival_s[e] =
        fmax(out->arrival_s[e], in->arrival_s[from] + lookup(lib, delay, in->slew_s[from], load_f));
    out->slew_s[e] = fmax(out->slew_s[e], lookup(lib, slew, in->slew_s[from], load_f));
}

/* All arcs to the output pin k of a cell, into the wave of its net. */
static void drive(const struct mp_netlist *n, struct mp_synth_wave *waves, const double *load,
                  uint32_t cell, uint32_t k)
{
    const struct mp_library *lib = n->library;
    const struct mp_lib_cell *type = &lib->cells[n->cell_type[cell]];
    const struct mp_lib_pin *pin = &lib->pins[type->first_pin + k];
    uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
    if (net == MP_NONE)
        return;
    double load_f = load[net];
    for (uint32_t i = 0; i < pin->arc_count; i++) {
        const struct mp_arc *arc = &lib->arcs[pin->first_arc + i];
        bool clocked = !strcmp(arc->type, "rising_edge");
        if (arc->related_pin == MP_NONE ||
            (!clocked && strncmp(arc->type, "combinational", strlen("combinational")) != 0))
            continue;
        const struct mp_synth_wave *in =
            &waves[n->pin_net[n->cell_first_pin[cell] + arc->related_pin]];
        for (int e = 0; e < 2; e++) {
            if (clocked || arc->sense != MP_UNATE_NEGATIVE)
                arrive(lib, arc, in, &waves[net], clocked ? 0 : e, e, load_f);
            if (!clocked && arc->sense != MP_UNATE_POSITIVE)
                arrive(lib, arc, in, &waves[net], !e, e, load_f);
        }
    }
}

static void drive_outputs(const struct mp_netlist *n, struct mp_synth_wave *waves,
                          const double *load, uint32_t cell)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    for (uint32_t k = 0; k < type->pin_count; k++)
        if (n->library->pins[type->first_pin + k].direction == MP_DIR_OUTPUT)
            drive(n, waves, load, cell, k);
}

static double setup_s(const struct mp_library *lib, const struct mp_lib_cell *type)
{
    double delay = 0;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[type->first_pin + k];
        for (uint32_t i = 0; i < pin->arc_count; i++) {
            const struct mp_arc *arc = &lib->arcs[pin->first_arc + i];
            if (!strcmp(arc->type, "rising_edge"))
                delay = fmax(delay, fmax(lookup(lib, arc->cell_rise, 0, 0),
                                         lookup(lib, arc->cell_fall, 0, 0)));
        }
    }
    return delay / 2;
}

static double latest(const struct mp_synth_wave *w)
{
    return fmax(0, fmax(w->arrival_s[0], w->arrival_s[1]));
}

/* A net that an input port drives through a cell. */
static void drive_input(const struct mp_library *lib, struct mp_synth_wave *w, uint32_t cell,
                        double load_f)
{
    const struct mp_lib_cell *type = &lib->cells[cell];
    w->arrival_s[0] = w->arrival_s[1] = 0;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[type->first_pin + k];
        for (uint32_t i = 0; i < pin->arc_count; i++) {
            const struct mp_arc *arc = &lib->arcs[pin->first_arc + i];
            for (int e = 0; e < 2; e++) {
                uint32_t delay = e ? arc->cell_fall : arc->cell_rise;
                uint32_t slew = e ? arc->fall_transition : arc->rise_transition;
                w->arrival_s[e] =
                    fmax(w->arrival_s[e], lookup(lib, delay, 0, load_f) - lookup(lib, delay, 0, 0));
                w->slew_s[e] = fmax(w->slew_s[e], lookup(lib, slew, 0, load_f));
            }
        }
    }
}

double *mp_synth_loads(const struct mp_netlist *n, const struct mp_synth_boundary *boundary)
{
    double *load = mp_alloc(n->net_count, sizeof *load);
    for (uint32_t net = 0; net < n->net_count; net++)
        load[net] = mp_netlist_load_f(n, net, NULL);
    for (uint32_t k = 0; boundary && k < n->port_count; k++)
        for (uint32_t b = 0; n->ports[k].direction == MP_DIR_OUTPUT && b < n->ports[k].width; b++)
            load[n->ports[k].nets[b]] += boundary->output_load_f;
    return load;
}

struct mp_synth_wave *mp_synth_arrivals(const struct mp_netlist *n, const double *load,
                                        const struct mp_synth_boundary *boundary)
{
    struct mp_synth_wave *waves = mp_alloc(n->net_count, sizeof *waves);
    for (uint32_t net = 0; net < n->net_count; net++) {
        /* Input ports, the clock among them, switch at 0; constants never do. */
        double start = net > 1 && n->net_driver[net] == MP_NONE ? 0 : -1;
        waves[net].arrival_s[0] = waves[net].arrival_s[1] = start;
        if (start >= 0 && boundary && boundary->driving_cell != MP_NONE)
            drive_input(n->library, &waves[net], boundary->driving_cell, load[net]);
    }
    for (uint32_t k = 0; k < n->register_count; k++)
        drive_outputs(n, waves, load, n->registers[k]);
    for (uint32_t k = 0; k < n->order_count; k++)
        drive_outputs(n, waves, load, n->order[k]);
    return waves;
}

double mp_synth_longest_path_s(const struct mp_netlist *n, const struct mp_synth_boundary *boundary)
{
    double *load = mp_synth_loads(n, boundary);
    struct mp_synth_wave *waves = mp_synth_arrivals(n, load, boundary);
    double longest = 0;
    for (uint32_t k = 0; k < n->register_count; k++) {
        uint32_t cell = n->registers[k];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        double setup = setup_s(n->library, type);
        for (uint32_t p = 0; p < type->pin_count; p++) {
            const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + p];
            if (pin->direction == MP_DIR_INPUT && !pin->is_clock)
                longest =
                    fmax(longest, setup + latest(&waves[n->pin_net[n->cell_first_pin[cell] + p]]));
        }
    }
    for (uint32_t k = 0; k < n->port_count; k++)
        for (uint32_t b = 0; n->ports[k].direction == MP_DIR_OUTPUT && b < n->ports[k].width; b++)
            longest = fmax(longest, latest(&waves[n->ports[k].nets[b]]));
    free(load);
    free(waves);
    return longest;
}
