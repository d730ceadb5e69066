/*
 * Search by moves: the loop that all searches and sizers share. It knows nothing of what a move
 * does; it decides which kind to try, times the result, and keeps it or takes it back.
 *
 *     static const struct mp_move_kind kinds[] = {
 *         {"drive", move_drive_try, NULL, NULL, 1.0}, ... };
 *     struct mp_anneal_options o = {.schedule = MP_ANNEAL, .seconds = 10, .runs = 8};
 *     struct mp_anneal_result r;
 *     mp_anneal_search(&r, &start, NULL, kinds, kind_count, &objective, &o, err)
 *     ... r.best.mapped, r.best.structure, r.front ...
 *     mp_anneal_result_release(&r);
 *
 * A step. The loop draws the cost up to which the result would be accepted, opens a checkpoint and
 * calls try, which edits the netlist (and its own structure). What exceeds that cost by area alone
 * is not timed; timing stops at the first endpoint too late for it. Then either the checkpoint is
 * committed and keep called, or it is rolled back and undo called, which takes back what try did to
 * the structure (netlist already as before).
 *
 * Kinds are drawn by weights that follow their success: accepted improvement by the work done
 * (gate timings, not seconds, so that runs repeat). Temperature falls with the share of the budget
 * used, from and to values taken from the netlist's own moves; `restarts` further cycles begin at
 * the best state, each cooler than the one before.
 *
 * Deterministic: the same start, seed and number of evaluations give the same result on any machine
 * and number of threads, as long as `seconds` does not end it.
 */
#ifndef MP_TECHMAP_ANNEAL_H
#define MP_TECHMAP_ANNEAL_H

#include "estimator/techmap/family.h"
#include "estimator/techmap/objective.h"
#include "estimator/util/random.h"

#define MP_ANNEAL_PATH 512 /* steps of the critical path that moves see */

/* What belongs to a state besides its netlist. Copies are independent: one a thread, one a stored
 * best. All NULL where there is none. */
struct mp_structure_kind {
    void *(*copy)(const void *structure);
    void (*release)(void *structure); /* accepts NULL */
};

/* What a move sees of its run. */
struct mp_anneal {
    struct mp_mapped *m;
    void *structure;
    const struct mp_objective *objective;
    struct mp_random random;
    const struct mp_families *families; /* of options, for the moves of move.h */
    const void *shared;                 /* options.shared: read-only things common to all runs */
    void *scratch;    /* from scratch_create: a run's own, made anew where the state is replaced */
    uint64_t version; /* goes up whenever the state has changed: for what moves remember */

    struct mp_measures now; /* of the state before try */
    uint32_t path_length;   /* see mp_anneal_path */
    uint64_t path_version;
    struct mp_mapped_step path[MP_ANNEAL_PATH];
};

struct mp_move_kind {
    const char *name;
    /* Changes the netlist; the loop updates timing afterwards. false: there was nothing to do or it
     * is not wanted: the netlist is rolled back, undo is not called, the structure is as before.
     * Combinational loops may come of a move: they are found and undone. */
    bool (*try)(struct mp_anneal *s);
    void (*undo)(struct mp_anneal *s); /* NULL: nothing but the netlist was changed */
    void (*keep)(struct mp_anneal *s); /* NULL: nothing to do */
    double weight;                     /* how often, to begin with; relative to others */
};

/* The critical path of the state before try, made when first asked for; returns s->path_length. At
 * most MP_ANNEAL_PATH steps, the last ones. */
uint32_t mp_anneal_path(struct mp_anneal *s);
/* A gate that may be worth changing: one of the critical path (one time in `bias` of 256), else
 * any. MP_NONE: the netlist has no gate. */
uint32_t mp_anneal_gate(struct mp_anneal *s, unsigned bias);

enum mp_schedule {
    MP_ANNEAL, /* simulated annealing; the last tenth of each cycle is greedy */
    MP_GREEDY  /* only what is no worse; ends after a netlist's worth of tries without gain */
};

struct mp_anneal_progress {
    unsigned run, runs; /* this run, of how many */
    uint64_t evaluations;
    double share, elapsed_s, remaining_s; /* of all runs; remaining 0: not known */
    struct mp_measures best;              /* of all runs so far */
    bool is_within_limits;
};

struct mp_anneal_options {
    enum mp_schedule schedule;
    uint64_t seed;        /* run k takes seed + k */
    uint64_t evaluations; /* of each run; 0: as many as `seconds` allow */
    double seconds;       /* of each run, wall clock; 0: no limit. One of the two is needed */
    unsigned runs;        /* 0: 1 */
    unsigned threads;     /* 0: the number of cores */
    unsigned restarts;
    /* What adds gates is kept only where nothing gets worse: a netlist that has grown while it was
     * hot does not shrink again as it cools. For moves that find more to add than to remove. */
    bool grows_cold;
    double start_temperature, end_temperature; /* 0: from the netlist */
    bool keeps_weights;                        /* of kinds, as they are to begin with */
    unsigned front_points;                     /* Pareto points kept a run; 0: none */
    const struct mp_families *families;        /* NULL: none of the moves needs them */
    const void *shared;
    void *(*scratch_create)(const struct mp_mapped *m, const void *shared); /* NULL: none */
    void (*scratch_release)(void *scratch);
    /* From any thread, one at a time, a few times a second; NULL: none. */
    void (*progress)(void *context, const struct mp_anneal_progress *p);
    void *context;
};

/* A state that a search has seen, with its netlist. */
struct mp_anneal_state {
    struct mp_measures measures;
    unsigned run;
    uint64_t evaluation; /* at which it was found */
    struct mp_mapped mapped;
    void *structure;
};

struct mp_anneal_kind_count {
    uint64_t tries, timed, kept; /* try returned true; timed to the end; kept, changed cost */
    double gain;                 /* sum of cost taken off */
};

struct mp_anneal_run {
    uint64_t seed, evaluations; /* tries that returned true */
    double wall_s;
    struct mp_measures best;
    struct mp_anneal_kind_count *kinds; /* [kind_count] */
};

struct mp_anneal_result {
    struct mp_measures start;
    bool is_within_limits; /* best is */
    struct mp_anneal_state best;
    unsigned run_count;
    struct mp_anneal_run *runs;    /* [run_count], for medians and spread */
    struct mp_anneal_state *front; /* [front_count] none better in all of area, delay and power; by
                                      ascending delay */
    uint32_t front_count;
    const struct mp_structure_kind *structure_kind;
};

/* start: timed, no checkpoint open; it is copied. structure and structure_kind may be NULL. The
 * result is never worse than the start. Released by the caller on success. MP_E_CANCELLED when
 * mp_process_cancel_all() was called; MP_E_USAGE for an objective without its power, or no budget.
 */
int mp_anneal_search(struct mp_anneal_result *out, const struct mp_mapped *start,
                     const void *structure, const struct mp_structure_kind *structure_kind,
                     const struct mp_move_kind *kinds, size_t kind_count,
                     const struct mp_objective *objective, const struct mp_anneal_options *options,
                     struct mp_error *err);
void mp_anneal_result_release(struct mp_anneal_result *r);

#endif
