/*
 * From an arithmetic graph to library cells by search: the way to a netlist beside Yosys.
 *
 * A job has one or several graphs of the same function and ports (structural variants: partial
 * products, trees, first prefix graphs). Short searches set the variants against each other, half
 * of them go on, again and again (successive halving); what remains is searched with the rest of
 * the budget, from several seeds. A search changes everything at once: cells and polarities,
 * templates, which addends meet, the prefix graph, drives, buffers (move_structure.h).
 *
 *     struct mp_nldm nldm;                          compiled once a library (timing/nldm.h)
 *     struct mp_techmap_job job = {.variants = &(struct mp_techmap_variant){"dadda", &graph},
 *                                  .variant_count = 1, .nldm = &nldm, .environment = environment,
 *                                  .objective = objective, .seed = 1, .runs = 8, .seconds = 10};
 *     struct mp_techmap_result r;
 *     if (mp_techmap_search(&r, &job, err) == MP_OK)
 *         ... r.best.verilog ...
 *     mp_techmap_result_release(&r);
 *
 * Deterministic: the same job with a budget in evaluations and no seconds gives the same result, on
 * any machine and number of threads. A budget in seconds is faster or slower with the machine; the
 * result then says how many evaluations each run had, but is not repeatable to the bit.
 *
 * Verilog: one flat module with the graph's name and ports (clk first, where there are registers
 * and the graph has no such port). Cells are named BLOCK.g<number>, so that power can be summed by
 * block; a register's output keeps the signal's name. Every netlist given back has been compared
 * with its graph by simulation (all patterns where there are up to 2^16, else 2^14 random ones); a
 * caller with a golden model proves it again.
 */
#ifndef MP_TECHMAP_TECHMAP_H
#define MP_TECHMAP_TECHMAP_H

#include "estimator/techmap/anneal.h"
#include "netlists/graph.h"

/* Goes into cache keys: raise it when the same job no longer gives the same result. */
#define MP_TECHMAP_VERSION 3

struct mp_techmap_variant {
    const char *name;             /* for the record: "booth4 tdm" */
    const struct mp_graph *graph; /* swept and checked */
};

struct mp_techmap_job {
    const struct mp_techmap_variant *variants;
    uint32_t variant_count; /* at least 1 */
    const struct mp_nldm *nldm;
    struct mp_mapped_environment environment;
    struct mp_objective objective; /* with its limits; with its power source, where it needs one */
    uint64_t seed;                 /* run k takes seed + k */
    unsigned runs;                 /* seeds; 0: 1 */
    uint64_t evaluations;          /* of each run, its share of the trials included */
    double seconds;                /* of each run, likewise; one of the two is needed */
    unsigned threads;              /* 0: the number of cores */
    unsigned front_points;         /* Pareto points kept a run; 0: none */
    /* Share, times and the best so far over the whole job; NULL: none. */
    void (*progress)(void *context, const struct mp_anneal_progress *p);
    void *context;
};

/* A netlist that was found. */
struct mp_techmap_point {
    struct mp_measures measures;
    uint32_t variant;
    uint64_t seed;
    char *verilog; /* owned */
};

struct mp_techmap_run {
    uint32_t variant;
    uint64_t seed, evaluations; /* without trials */
    double wall_s;
    struct mp_measures best;
};

struct mp_techmap_result {
    struct mp_techmap_point best;
    bool is_within_limits;
    struct mp_techmap_point *front; /* [front_count] by ascending delay; best is not always on it */
    uint32_t front_count;
    struct mp_techmap_run *runs; /* [run_count] */
    unsigned run_count;
    struct mp_measures *trials; /* [variant_count] the best seen of each variant */
    uint32_t variant_count;
    uint64_t evaluations; /* of all */
    double wall_s;
};

/* Errors: of mp_matcher_init and mp_templates_init (the library lacks what search needs), of
 * mp_state_init and mp_anneal_search; MP_E_PROOF would be an error of this program. */
int mp_techmap_search(struct mp_techmap_result *out, const struct mp_techmap_job *job,
                      struct mp_error *err);
void mp_techmap_result_release(struct mp_techmap_result *r);

#endif
