#include "estimator/techmap/anneal.h"
#include "estimator/techmap/anneal_parts.h"
#include "estimator/util/log.h"
#include "estimator/util/parallel.h"

#include <stdlib.h>

#define TELL_EVERY_S 0.25

void *mp_anneal_structure_copy(const struct mp_structure_kind *kind, const void *structure)
{
    return kind != NULL && kind->copy != NULL && structure != NULL ? kind->copy(structure) : NULL;
}

void mp_anneal_structure_release(const struct mp_structure_kind *kind, void *structure)
{
    if (kind != NULL && kind->release != NULL)
        kind->release(structure);
}

void mp_anneal_state_release(const struct mp_structure_kind *kind, struct mp_anneal_state *s)
{
    mp_mapped_release(&s->mapped);
    mp_anneal_structure_release(kind, s->structure);
    *s = (struct mp_anneal_state){0};
}

uint32_t mp_anneal_path(struct mp_anneal *s)
{
    if (s->path_version != s->version) {
        uint32_t length = mp_mapped_critical_path(s->m, s->path, MP_ANNEAL_PATH);

        s->path_length = length < MP_ANNEAL_PATH ? length : MP_ANNEAL_PATH;
        s->path_version = s->version;
    }
    return s->path_length;
}

uint32_t mp_anneal_gate(struct mp_anneal *s, unsigned bias)
{
    uint32_t gate, length;

    if (s->m->gate_count == 0)
        return MP_NONE;
    if (mp_random_below(&s->random, 256) < bias && (length = mp_anneal_path(s)) > 0) {
        gate = s->path[mp_random_below(&s->random, length)].gate;
        if (gate != MP_NONE)
            return gate;
    }
    do
        gate = (uint32_t)mp_random_below(&s->random, s->m->gate_limit);
    while (s->m->gates[gate].type == MP_NONE);
    return gate;
}

void mp_anneal_tell(struct mp_anneal_job *job, unsigned run, double share, uint64_t evaluations,
                    const struct mp_measures *best)
{
    const struct mp_anneal_options *o = job->options;
    unsigned runs = o->runs > 0 ? o->runs : 1;
    struct mp_anneal_progress p = {.run = run, .runs = runs};

    if (o->progress == NULL)
        return;
    pthread_mutex_lock(&job->lock);
    job->share[run] = share;
    job->evaluations[run] = evaluations;
    if (!job->has_best || mp_objective_better(job->objective, best, &job->best))
        job->best = *best;
    job->has_best = true;
    p.elapsed_s = mp_clock_s() - job->begin_s;
    for (unsigned k = 0; k < runs; k++) {
        p.share += job->share[k] / runs;
        p.evaluations += job->evaluations[k];
    }
    if (p.share >= 1 || p.elapsed_s - job->shown_s >= TELL_EVERY_S) {
        job->shown_s = p.elapsed_s;
        p.remaining_s = p.share > 0 ? p.elapsed_s * (1 - p.share) / p.share : 0;
        p.best = job->best;
        p.is_within_limits = mp_objective_excess(job->objective, &job->best) <= 0;
        o->progress(o->context, &p);
    }
    pthread_mutex_unlock(&job->lock);
}

struct runs {
    struct mp_anneal_job job;
    struct mp_anneal_outcome *outcomes; /* [runs] */
};

static int run_one(void *context, size_t index, struct mp_error *err)
{
    struct runs *r = context;

    return mp_anneal_loop(&r->outcomes[index], &r->job, (unsigned)index, err);
}

/* The best of all runs, the first one among equals, and one front of all fronts. */
static void collect(struct mp_anneal_result *out, struct runs *r, unsigned runs)
{
    const struct mp_structure_kind *kind = r->job.structure_kind;
    struct mp_anneal_front all = {.limit = UINT32_MAX};

    out->start = r->outcomes[0].start;
    for (unsigned k = 0; k < runs; k++) {
        struct mp_anneal_outcome *o = &r->outcomes[k];

        out->runs[k] = o->run;
        if (k == 0 ||
            mp_objective_better(r->job.objective, &o->best.measures, &out->best.measures)) {
            mp_anneal_state_release(kind, &out->best);
            out->best = o->best;
        } else {
            mp_anneal_state_release(kind, &o->best);
        }
        for (uint32_t i = 0; i < o->front.count; i++)
            mp_anneal_front_add(&all, kind, &o->front.points[i]);
        free(o->front.points);
    }
    mp_anneal_front_finish(&all, kind);
    out->front = all.points;
    out->front_count = all.count;
    out->is_within_limits = mp_objective_excess(r->job.objective, &out->best.measures) <= 0;
}

static void discard(struct runs *r, unsigned runs)
{
    for (unsigned k = 0; k < runs; k++) {
        mp_anneal_state_release(r->job.structure_kind, &r->outcomes[k].best);
        mp_anneal_front_release(&r->outcomes[k].front, r->job.structure_kind);
        free(r->outcomes[k].run.kinds);
    }
}

int mp_anneal_search(struct mp_anneal_result *out, const struct mp_mapped *start,
                     const void *structure, const struct mp_structure_kind *structure_kind,
                     const struct mp_move_kind *kinds, size_t kind_count,
                     const struct mp_objective *objective, const struct mp_anneal_options *options,
                     struct mp_error *err)
{
    unsigned runs = options->runs > 0 ? options->runs : 1;
    struct runs r = {.job = {.start = start,
                             .structure = structure,
                             .structure_kind = structure_kind,
                             .kinds = kinds,
                             .kind_count = kind_count,
                             .objective = objective,
                             .options = options,
                             .begin_s = mp_clock_s()}};
    int rc = mp_objective_check(objective, err);

    *out = (struct mp_anneal_result){.run_count = runs, .structure_kind = structure_kind};
    if (rc < 0)
        return rc;
    if (options->evaluations == 0 && !(options->seconds > 0))
        return mp_fail(err, MP_E_USAGE,
                       "a search needs a budget: a number of evaluations, or seconds");
    if (kind_count == 0)
        return mp_fail(err, MP_E_USAGE, "a search needs at least one kind of move");
    pthread_mutex_init(&r.job.lock, NULL);
    r.job.share = mp_alloc(runs, sizeof *r.job.share);
    r.job.evaluations = mp_alloc(runs, sizeof *r.job.evaluations);
    r.outcomes = mp_alloc(runs, sizeof *r.outcomes);
    rc = mp_parallel_for(runs, options->threads, run_one, &r, err);
    if (rc < 0) {
        discard(&r, runs);
    } else {
        out->runs = mp_alloc(runs, sizeof *out->runs);
        collect(out, &r, runs);
    }
    free(r.outcomes);
    free(r.job.evaluations);
    free(r.job.share);
    pthread_mutex_destroy(&r.job.lock);
    return rc;
}

void mp_anneal_result_release(struct mp_anneal_result *r)
{
    mp_anneal_state_release(r->structure_kind, &r->best);
    for (uint32_t k = 0; k < r->front_count; k++)
        mp_anneal_state_release(r->structure_kind, &r->front[k]);
    free(r->front);
    for (unsigned k = 0; k < r->run_count && r->runs != NULL; k++)
        free(r->runs[k].kinds);
    free(r->runs);
    *r = (struct mp_anneal_result){0};
}
