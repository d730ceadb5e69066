/*
 * Inside the search loop: anneal.c (runs on threads, their results), anneal_loop.c (one run),
 * anneal_front.c (Pareto archive).
 */
#ifndef MP_TECHMAP_ANNEAL_PARTS_H
#define MP_TECHMAP_ANNEAL_PARTS_H

#include "estimator/techmap/anneal.h"
#include <pthread.h>

/* What all runs of a search share. */
struct mp_anneal_job {
    const struct mp_mapped *start;
    const void *structure;
    const struct mp_structure_kind *structure_kind;
    const struct mp_move_kind *kinds;
    size_t kind_count;
    const struct mp_objective *objective;
    const struct mp_anneal_options *options;
    double begin_s; /* mp_clock_s */

    pthread_mutex_t lock; /* of what follows */
    double shown_s;       /* when progress was told last */
    bool has_best;
    struct mp_measures best;
    double *share;         /* [runs] */
    uint64_t *evaluations; /* [runs] */
};

/* The states of one run or of all, none of which another one dominates. */
struct mp_anneal_front {
    struct mp_anneal_state *points; /* [count], owned */
    uint32_t count, limit;
};

/* What a run leaves: moved to the caller's result. */
struct mp_anneal_outcome {
    struct mp_anneal_run run;
    struct mp_measures start;
    struct mp_anneal_state best;
    struct mp_anneal_front front;
};

/* One run from start to end of its budget; on failure nothing is left to release. */
int mp_anneal_loop(struct mp_anneal_outcome *out, struct mp_anneal_job *job, unsigned run,
                   struct mp_error *err);
/* Tells the job how far a run is, which tells the user. */
void mp_anneal_tell(struct mp_anneal_job *job, unsigned run, double share, uint64_t evaluations,
                    const struct mp_measures *best);

void *mp_anneal_structure_copy(const struct mp_structure_kind *kind, const void *structure);
void mp_anneal_structure_release(const struct mp_structure_kind *kind, void *structure);
void mp_anneal_state_release(const struct mp_structure_kind *kind, struct mp_anneal_state *s);

/* Whether the archive wants a state with these measures: it is better than all it has by half a
 * percent in something. */
bool mp_anneal_front_wants(const struct mp_anneal_front *f, const struct mp_measures *v);
/* Takes the state over, what it holds too; drops what it dominates, and the most crowded point
 * where the archive is full. */
void mp_anneal_front_add(struct mp_anneal_front *f, const struct mp_structure_kind *kind,
                         struct mp_anneal_state *state);
/* Without what others dominate, equals once, by ascending delay. */
void mp_anneal_front_finish(struct mp_anneal_front *f, const struct mp_structure_kind *kind);
void mp_anneal_front_release(struct mp_anneal_front *f, const struct mp_structure_kind *kind);

#endif
