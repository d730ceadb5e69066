/*
 * Inside the power meter: power.c (measuring), power_run.c (values of gates, states of registers).
 */
#ifndef MP_TECHMAP_POWER_PARTS_H
#define MP_TECHMAP_POWER_PARTS_H

#include "estimator/techmap/power.h"

enum {
    WORDS_MOST = 8,
    SLOTS_MOST = 96, /* beyond, later arrivals share the last ones */
    SPARE_SLOTS = 4
};

/* Length of a slot, in the delay of a gate on average. */
#define SLOT_IN_DELAYS 1.5

/* What a gate was when its outputs were computed. */
struct mp_power_gate_seen {
    uint32_t type; /* MP_NONE: nothing was computed */
    uint32_t inputs[MP_NLDM_INPUTS], outputs[MP_NLDM_OUTPUTS];
    uint32_t delay[MP_NLDM_OUTPUTS]; /* slots */
    uint64_t measurement;            /* the last one in which it was there */
};

/* What drives a net from outside of the logic. */
struct mp_power_source_seen {
    uint32_t source; /* MP_NONE: a gate */
    uint32_t slot;
};

struct mp_power_meter {
    const struct mp_techmap_power *power;
    uint32_t words; /* of one slot */
    uint32_t slots; /* of a net, with the one before the change */
    double slot_s;
    uint32_t net_capacity, gate_capacity;
    uint64_t *values;                     /* [net][slots][words] */
    uint32_t *functional;                 /* [net] transitions of all pairs */
    uint32_t *timed;                      /* [net] */
    uint8_t *changed;                     /* [net] in this measurement */
    struct mp_power_source_seen *sources; /* [net] */
    struct mp_power_gate_seen *gates;     /* [gate] */
    uint32_t *order;                      /* [gate_capacity] */
    uint64_t *fresh;                      /* [slots][words] scratch */
    /* Of each flip-flop's outputs, from the sequential run: [gate][output][old, new][words];
     * known[gate]. */
    uint64_t *states;
    uint8_t *known;
    uint32_t state_gates;
    uint32_t pairs;
    uint64_t measurement;
};

/* out[count] = truth of the inputs' words, input k of the truth table's index being bit k. */
void mp_power_meter_evaluate(uint64_t *out, uint64_t truth, unsigned inputs,
                             const uint64_t *const *in, size_t count);
/* Run the sample's steps through the netlist: states of its flip-flops in the last two. */
void mp_power_meter_run(struct mp_power_meter *t, const struct mp_mapped *m);

static inline const struct mp_nldm_cell *mp_power_meter_cell(const struct mp_mapped *m,
                                                             uint32_t gate)
{
    return &m->nldm->cells[m->gates[gate].type];
}

/* [words] of a flip-flop's output, when: 0 old, 1 new. */
static inline uint64_t *mp_power_meter_state(const struct mp_power_meter *t, uint32_t gate,
                                             unsigned output, unsigned when)
{
    return t->states + (((size_t)gate * MP_NLDM_OUTPUTS + output) * 2 + when) * t->words;
}

#endif
