/*
 * A better netlist of the same cells, nets and function: drives, pins, buffers, polarities of any
 * mapped netlist, Yosys's output or the user's own. Flip-flops stay where they are.
 *
 *     struct mp_resize_options o = {.seconds = 10, .runs = 8};
 *     struct mp_resize_result r;
 *     mp_objective_parse(&o.objective, "area", err); o.objective.max_delay_s = period_s;
 *     if (mp_resize(&r, &netlist, &nldm, &environment, &o, err) == MP_OK)
 *         ... r.verilog ...
 *     mp_resize_result_release(&r);
 */
#ifndef MP_TECHMAP_RESIZE_H
#define MP_TECHMAP_RESIZE_H

#include "estimator/techmap/anneal.h"

/* Raised when the same netlist and seed no longer give the same result. */
#define MP_RESIZE_VERSION 2
/* Random patterns that before and after are compared by. */
#define MP_RESIZE_PATTERNS 16384

struct mp_resize_options {
    struct mp_objective objective; /* with its limits */
    uint64_t seed;
    uint64_t evaluations; /* of each run */
    double seconds;       /* of each run; one of the two is needed */
    unsigned runs;        /* seeds, the best is taken; 0: 1 */
    unsigned threads;     /* 0: the number of cores */
    void (*progress)(void *context, const struct mp_anneal_progress *p); /* NULL: none */
    void *context;
};

struct mp_resize_result {
    char *verilog; /* one flat module; owned */
    struct mp_measures before, after;
    bool is_within_limits;
    uint32_t gates_before, gates_after;
    uint64_t evaluations; /* of all runs */
    double wall_s;
    unsigned run_count;
    struct mp_measures *runs; /* [run_count] the best of each; owned */
};

/* A net that is still the same function keeps its name, and so does the cell that drives it; new
 * cells take the block of their neighbour. The result is never worse than the netlist was, and
 * equal in function by simulation of 16384 random patterns at every port and flip-flop (MP_E_PROOF:
 * it is not; a caller with a golden model proves it again). Errors of mp_techmap_import and
 * mp_anneal_search; MP_E_UNSUPPORTED for a netlist with inout ports. */
int mp_resize(struct mp_resize_result *out, const struct mp_netlist *netlist,
              const struct mp_nldm *nldm, const struct mp_mapped_environment *environment,
              const struct mp_resize_options *options, struct mp_error *err);
void mp_resize_result_release(struct mp_resize_result *r);

/* The moves that resizing takes, for searches that do more. */
const struct mp_move_kind *mp_resize_kinds(size_t *count);

#endif
