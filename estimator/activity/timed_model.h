/*
 * A netlist with its delays in ticks, as both timed simulators use it. Inside of the activity
 * module.
 */
#ifndef MP_ACTIVITY_TIMED_MODEL_H
#define MP_ACTIVITY_TIMED_MODEL_H

#include "estimator/activity/timed.h"

#define MP_TIMED_TICKS_MAX 10000000u /* of one delay */

struct mp_timed_arc {
    uint32_t delay[2]; /* ticks until the output falls [0], rises [1]; MP_NONE: it never does */
    uint8_t from;      /* local pin */
    char edge;         /* 'r', 'f' or 0, of the input */
    struct mp_expr when;
};

/* An output pin that drives a net. */
struct mp_timed_output {
    uint32_t cell, net;
    struct mp_expr function; /* of a register: not used */
    uint32_t first_arc, arc_count;
    bool is_register;
    uint32_t clock_delay[2]; /* of a register; MP_NONE: missing, only behind a constant input */
};

struct mp_timed_model {
    const struct mp_netlist *n;
    struct mp_timed_options options; /* defaults filled in */
    uint32_t input_delay;            /* ticks */
    uint32_t period;                 /* ticks; UINT32_MAX: not checked */
    /* Registers first, then combinational cells in topological order; outputs of a cell are
     * neighbours: cell_first[cell] .. cell_first[cell] + cell_outputs[cell] - 1. */
    struct mp_timed_output *outputs;
    uint32_t output_count;
    uint32_t *cell_first;
    uint8_t *cell_outputs;
    struct mp_timed_arc *arcs;
    uint32_t *net_latest; /* [net] no transition can be later, ticks */
    uint32_t latest;
};

int mp_timed_model_make(struct mp_timed_model *m, const struct mp_netlist *n,
                        const struct mp_sdf *sdf, const struct mp_timed_options *options,
                        struct mp_error *err);
void mp_timed_model_release(struct mp_timed_model *m);

/* The delay of an output that moves to `value`; moved: the input pins that did, pins: what all are
 * now, as bits. *uncovered is raised if no arc covers the case; MP_NONE: there is no such delay. */
uint32_t mp_timed_delay(const struct mp_timed_model *m, const struct mp_timed_output *o,
                        uint64_t moved, uint64_t pins, bool value, uint64_t *uncovered);

/* "cell x (XOR2) has no rise delay to net y" */
int mp_timed_fail_missing(const struct mp_timed_model *m, const struct mp_timed_output *o,
                          bool value, struct mp_error *err);

#endif
