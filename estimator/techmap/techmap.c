#include "estimator/techmap/techmap_parts.h"
#include "estimator/util/log.h"
#include "estimator/util/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIAL_SHARE 0.2  /* of the budget, where there are several variants */
#define TRIAL_LEAST 2000 /* evaluations of a trial */
#define FINALISTS   2    /* variants searched in full, where there are that many runs */
/* Temperatures, by trials from 0.0004 to 0.024 on multipliers in nangate45. */
#define HEAT       0.001
#define COLD       0.00006
#define TRIAL_SEED 1000003

int mp_techmap_library_init(struct mp_techmap_library *l, const struct mp_nldm *nldm,
                            struct mp_error *err)
{
    int rc;

    *l = (struct mp_techmap_library){0};
    mp_families_init(&l->families, nldm);
    if ((rc = mp_matcher_init(&l->matcher, nldm, err)) == MP_OK)
        rc = mp_templates_init(&l->templates, &l->matcher, err);
    if (rc < 0)
        mp_techmap_library_release(l);
    return rc;
}

void mp_techmap_library_release(struct mp_techmap_library *l)
{
    mp_families_release(&l->families);
    mp_matcher_release(&l->matcher);
    mp_templates_release(&l->templates);
}

/* Where a variant's searches start. */
struct start {
    struct mp_mapped mapped;
    struct mp_state state;
};

struct search {
    struct mp_techmap_result *out;
    const struct mp_techmap_job *job;
    struct mp_techmap_library library;
    struct start *starts; /* [variant] */
    uint32_t start_count;
    uint32_t *order; /* variants, those still in the race first */
    uint32_t racing;
    struct mp_anneal_options trial;
    uint64_t *trial_evaluations;       /* [variant] of this round */
    double began_s, base_share, share; /* of the job: where the phase begins, how much it is */
    bool has_best;
};

static int make_starts(struct search *x, struct mp_error *err)
{
    const struct mp_techmap_job *job = x->job;
    int rc = MP_OK;

    x->starts = mp_alloc(job->variant_count, sizeof *x->starts);
    for (uint32_t v = 0; v < job->variant_count && rc == MP_OK; v++) {
        struct start *s = &x->starts[v];
        struct mp_random random;
        const struct mp_state_options options = {.random = &random, .use_cells = true};

        mp_random_seed(&random, job->seed);
        mp_mapped_init(&s->mapped, job->nldm, &job->environment);
        x->start_count = v + 1;
        rc = mp_state_init(&s->state, &s->mapped, job->variants[v].graph, &x->library.matcher,
                           &x->library.templates, &options, err);
    }
    return rc;
}

static void tell(void *context, const struct mp_anneal_progress *p)
{
    struct search *x = context;
    struct mp_anneal_progress all = *p;

    all.share = x->base_share + x->share * p->share;
    all.elapsed_s = mp_clock_s() - x->began_s;
    all.remaining_s = all.share > 0.02 ? all.elapsed_s * (1 - all.share) / all.share : 0;
    if (x->has_best && mp_objective_better(&x->job->objective, &x->out->best.measures, &all.best))
        all.best = x->out->best.measures;
    x->job->progress(x->job->context, &all);
}

static int anneal(struct search *x, struct mp_anneal_result *r, uint32_t variant,
                  const struct mp_anneal_options *options, struct mp_error *err)
{
    struct start *s = &x->starts[variant];
    struct mp_anneal_options o = *options;

    /* Moves of structure seldom gain at once, and what they make possible is not theirs to claim:
     * with weights by gain they die out. */
    o.keeps_weights = true;
    o.start_temperature = HEAT;
    o.end_temperature = COLD;
    return mp_anneal_search(r, &s->mapped, &s->state, &mp_techmap_structure, mp_techmap_kinds,
                            mp_techmap_kind_count, &x->job->objective, &o, err);
}

static int try_variant(void *context, size_t index, struct mp_error *err)
{
    struct search *x = context;
    uint32_t v = x->order[index];
    struct mp_anneal_result r;
    int rc = anneal(x, &r, v, &x->trial, err);

    if (rc < 0)
        return rc;
    x->trial_evaluations[v] = r.runs[0].evaluations;
    if (mp_objective_better(&x->job->objective, &r.best.measures, &x->out->trials[v]))
        x->out->trials[v] = r.best.measures;
    mp_anneal_result_release(&r);
    return MP_OK;
}

/* Best first; a stable insertion, so that equals keep their order. */
static void sort_variants(struct search *x)
{
    for (uint32_t i = 1; i < x->racing; i++)
        for (uint32_t k = i;
             k > 0 && mp_objective_better(&x->job->objective, &x->out->trials[x->order[k]],
                                          &x->out->trials[x->order[k - 1]]);
             k--) {
            uint32_t v = x->order[k];
            x->order[k] = x->order[k - 1];
            x->order[k - 1] = v;
        }
}

/* Successive halving down to the finalists; every round has the same share of the trials' budget.
 */
static int race(struct search *x, unsigned finalists, struct mp_error *err)
{
    const struct mp_techmap_job *job = x->job;
    unsigned rounds = 0, runs = job->runs > 0 ? job->runs : 1;
    int rc = MP_OK;

    for (uint32_t n = x->racing; n > finalists; n = (n + 1) / 2)
        rounds++;
    for (unsigned round = 0; round < rounds && rc == MP_OK; round++) {
        double part = TRIAL_SHARE * runs / rounds / x->racing;

        x->trial =
            (struct mp_anneal_options){.schedule = MP_ANNEAL,
                                       .seed = job->seed + TRIAL_SEED * (round + 1),
                                       .evaluations = (uint64_t)((double)job->evaluations * part),
                                       .seconds = job->seconds * part,
                                       .runs = 1,
                                       .threads = 1,
                                       .families = &x->library.families};
        if (job->evaluations > 0 && x->trial.evaluations < TRIAL_LEAST)
            x->trial.evaluations = TRIAL_LEAST;
        rc = mp_parallel_for(x->racing, job->threads, try_variant, x, err);
        for (uint32_t i = 0; i < x->racing; i++)
            x->out->evaluations += x->trial_evaluations[x->order[i]];
        sort_variants(x);
        x->racing = (x->racing + 1) / 2 > finalists ? (x->racing + 1) / 2 : finalists;
    }
    return rc;
}

static int take_point(struct mp_techmap_point *to, const struct mp_anneal_state *from,
                      const struct mp_anneal_result *r, uint32_t variant, struct mp_error *err)
{
    struct mp_state view = *(const struct mp_state *)from->structure;
    struct mp_mapped mapped = from->mapped;
    struct mp_text text = {0};
    int rc;

    view.mapped = &mapped;
    *to = (struct mp_techmap_point){
        .measures = from->measures, .variant = variant, .seed = r->runs[from->run].seed};
    rc = mp_techmap_write(&text, &view, err);
    to->verilog = text.data;
    return rc;
}

static bool is_dominated(const struct mp_measures *a, const struct mp_measures *by)
{
    return by->area_um2 <= a->area_um2 && by->delay_s <= a->delay_s && by->power_w <= a->power_w;
}

/* The point joins the result's front, unless one there is as good; those it beats go. */
static void join_front(struct mp_techmap_result *out, struct mp_techmap_point *p)
{
    uint32_t kept = 0, at;

    for (uint32_t i = 0; i < out->front_count; i++)
        if (is_dominated(&p->measures, &out->front[i].measures)) {
            free(p->verilog);
            return;
        }
    for (uint32_t i = 0; i < out->front_count; i++) {
        if (is_dominated(&out->front[i].measures, &p->measures))
            free(out->front[i].verilog);
        else
            out->front[kept++] = out->front[i];
    }
    out->front = mp_realloc(out->front, kept + 1u, sizeof *out->front);
    for (at = kept; at > 0 && out->front[at - 1].measures.delay_s > p->measures.delay_s; at--)
        out->front[at] = out->front[at - 1];
    out->front[at] = *p;
    out->front_count = kept + 1;
}

static int take_result(struct search *x, const struct mp_anneal_result *r, uint32_t variant,
                       struct mp_error *err)
{
    struct mp_techmap_result *out = x->out;
    struct mp_techmap_point p;
    int rc = MP_OK;

    for (unsigned k = 0; k < r->run_count; k++) {
        out->runs[out->run_count++] = (struct mp_techmap_run){.variant = variant,
                                                              .seed = r->runs[k].seed,
                                                              .evaluations = r->runs[k].evaluations,
                                                              .wall_s = r->runs[k].wall_s,
                                                              .best = r->runs[k].best};
        out->evaluations += r->runs[k].evaluations;
    }
    if (mp_objective_better(&x->job->objective, &r->best.measures, &out->trials[variant]))
        out->trials[variant] = r->best.measures;
    if (!x->has_best ||
        mp_objective_better(&x->job->objective, &r->best.measures, &out->best.measures)) {
        rc = take_point(&p, &r->best, r, variant, err);
        if (rc < 0)
            return rc;
        free(out->best.verilog);
        out->best = p;
        out->is_within_limits = r->is_within_limits;
        x->has_best = true;
    }
    for (uint32_t i = 0; i < r->front_count && rc == MP_OK; i++)
        if ((rc = take_point(&p, &r->front[i], r, variant, err)) == MP_OK)
            join_front(out, &p);
    return rc;
}

/* The runs shared out among the finalists, the best one first and with one more where it does not
 * come out even. */
static int search_finalists(struct search *x, double share, struct mp_error *err)
{
    const struct mp_techmap_job *job = x->job;
    unsigned runs = job->runs > 0 ? job->runs : 1, done = 0;
    int rc = MP_OK;

    x->out->runs = mp_alloc(runs, sizeof *x->out->runs);
    for (uint32_t i = 0; i < x->racing && rc == MP_OK; i++) {
        unsigned left = x->racing - i, count = (runs - done + left - 1) / left;
        struct mp_anneal_result r;
        const struct mp_anneal_options options = {.schedule = MP_ANNEAL,
                                                  .seed = job->seed + done,
                                                  .evaluations =
                                                      (uint64_t)((double)job->evaluations * share),
                                                  .seconds = job->seconds * share,
                                                  .runs = count,
                                                  .threads = job->threads,
                                                  .front_points = job->front_points,
                                                  .families = &x->library.families,
                                                  .progress = job->progress != NULL ? tell : NULL,
                                                  .context = x};

        x->base_share = (1 - share) + share * done / runs;
        x->share = share * count / runs;
        if (count == 0)
            break;
        rc = anneal(x, &r, x->order[i], &options, err);
        if (rc < 0)
            break;
        rc = take_result(x, &r, x->order[i], err);
        mp_anneal_result_release(&r);
        done += count;
    }
    return rc;
}

int mp_techmap_search(struct mp_techmap_result *out, const struct mp_techmap_job *job,
                      struct mp_error *err)
{
    struct search x = {
        .out = out, .job = job, .began_s = mp_clock_s(), .racing = job->variant_count};
    unsigned finalists = job->runs >= 2 * FINALISTS ? FINALISTS : 1;
    int rc;

    *out = (struct mp_techmap_result){.variant_count = job->variant_count};
    if (job->variant_count == 0)
        return mp_fail(err, MP_E_USAGE, "a search needs a graph to start from");
    out->trials = mp_alloc(job->variant_count, sizeof *out->trials);
    x.order = mp_alloc(job->variant_count, sizeof *x.order);
    x.trial_evaluations = mp_alloc(job->variant_count, sizeof *x.trial_evaluations);
    if ((rc = mp_techmap_library_init(&x.library, job->nldm, err)) < 0 ||
        (rc = make_starts(&x, err)) < 0)
        goto out;
    for (uint32_t v = 0; v < job->variant_count; v++) {
        x.order[v] = v;
        out->trials[v] = (struct mp_measures){.area_um2 = x.starts[v].mapped.area_um2,
                                              .delay_s = (double)x.starts[v].mapped.delay_s,
                                              .power_w = HUGE_VAL};
    }
    if (job->variant_count > finalists)
        rc = race(&x, finalists, err);
    if (rc == MP_OK)
        rc = search_finalists(&x, job->variant_count > finalists ? 1 - TRIAL_SHARE : 1, err);
    out->wall_s = mp_clock_s() - x.began_s;
out:
    for (uint32_t v = 0; v < x.start_count; v++) {
        mp_state_release(&x.starts[v].state);
        mp_mapped_release(&x.starts[v].mapped);
    }
    free(x.starts);
    free(x.order);
    free(x.trial_evaluations);
    mp_techmap_library_release(&x.library);
    if (rc < 0)
        mp_techmap_result_release(out);
    return rc;
}

void mp_techmap_result_release(struct mp_techmap_result *r)
{
    free(r->best.verilog);
    for (uint32_t i = 0; i < r->front_count; i++)
        free(r->front[i].verilog);
    free(r->front);
    free(r->runs);
    free(r->trials);
    *r = (struct mp_techmap_result){0};
}
