#include "estimator/techmap/anneal_parts.h"
#include "estimator/util/log.h"
#include "estimator/util/process.h"

#include <math.h>
#include <stdlib.h>

#define CLOCK_EVERY    64   /* steps between looks at the clock */
#define WEIGHTS_EVERY  512  /* steps between new weights of the kinds */
#define TRIES_FOR_HEAT 400  /* moves from which the first temperature is taken */
#define HEAT_LOOK      0.1  /* rises above this are not looked at there */
#define GREEDY_SHARE   0.1  /* of each cycle, at its end */
#define COOLING        0.01 /* last temperature over first */
#define NEXT_CYCLE     0.4  /* first temperature of a cycle over that of the one before */
#define LEAST_WEIGHT   0.1  /* of a kind without success, relative to its own first */
#define MOST_WEIGHT    4.0
#define TRY_WORK       4.0 /* of a try that times nothing, in gate timings */
/* A single move hardly ever takes off more: where delay is bounded before power is known. */
#define LEAST_POWER 0.7

struct loop {
    struct mp_anneal_job *job;
    unsigned run;
    struct mp_anneal s;
    struct mp_mapped m;
    void *meter;
    double cost;              /* of s.now */
    double heat, temperature; /* first one, the present one */
    struct mp_anneal_state best;
    bool is_unsaved; /* s.now is better than best, and its netlist not yet copied */
    struct mp_anneal_front front;
    struct mp_anneal_run count;
    double *weights, *gain, *work; /* [kind] */
    uint64_t steps, since_gain;    /* tries, of which some found nothing to do */
    double began_s, share;
};

static void release_state(struct loop *l)
{
    const struct mp_anneal_options *o = l->job->options;

    if (l->s.scratch != NULL && o->scratch_release != NULL)
        o->scratch_release(l->s.scratch);
    l->s.scratch = NULL;
    if (l->meter != NULL)
        l->job->objective->power->release(l->meter);
    l->meter = NULL;
    mp_anneal_structure_release(l->job->structure_kind, l->s.structure);
    l->s.structure = NULL;
    mp_mapped_release(&l->m);
}

/* The run's own netlist becomes a copy of this one. */
static void start_from(struct loop *l, const struct mp_mapped *m, const void *structure)
{
    const struct mp_anneal_options *o = l->job->options;
    const struct mp_objective *objective = l->job->objective;

    mp_mapped_copy(&l->m, m);
    l->s.m = &l->m;
    l->s.structure = mp_anneal_structure_copy(l->job->structure_kind, structure);
    l->s.version++;
    if (o->scratch_create != NULL)
        l->s.scratch = o->scratch_create(&l->m, o->shared);
    l->s.now = (struct mp_measures){l->m.area_um2, (double)l->m.delay_s, 0};
    if (objective->power != NULL) {
        l->meter = objective->power->create(objective->power->context, &l->m, l->s.structure);
        l->s.now.power_w = objective->power->measure(l->meter, &l->m, l->s.structure);
        objective->power->keep(l->meter);
    }
    l->cost = mp_objective_cost(objective, &l->s.now);
}

static void copy_now(const struct loop *l, struct mp_anneal_state *out)
{
    *out = (struct mp_anneal_state){
        .measures = l->s.now, .run = l->run, .evaluation = l->count.evaluations};
    mp_mapped_copy(&out->mapped, &l->m);
    out->structure = mp_anneal_structure_copy(l->job->structure_kind, l->s.structure);
}

static void save_best(struct loop *l)
{
    mp_anneal_state_release(l->job->structure_kind, &l->best);
    copy_now(l, &l->best);
    l->is_unsaved = false;
}

/* Pareto points of this state, which is not in a checkpoint. */
static void offer_to_front(struct loop *l)
{
    struct mp_anneal_state state;

    if (!mp_anneal_front_wants(&l->front, &l->s.now))
        return;
    copy_now(l, &state);
    mp_anneal_front_add(&l->front, l->job->structure_kind, &state);
}

static size_t draw_kind(struct loop *l)
{
    double total = 0, x;
    size_t k = 0;

    for (size_t i = 0; i < l->job->kind_count; i++)
        total += l->weights[i];
    x = mp_random_unit(&l->s.random) * total;
    while (k + 1 < l->job->kind_count && x >= l->weights[k])
        x -= l->weights[k++];
    return k;
}

static void take_back(struct loop *l, const struct mp_move_kind *kind, uint32_t mark,
                      bool is_measured)
{
    mp_mapped_rollback(&l->m, mark);
    if (kind->undo != NULL)
        kind->undo(&l->s);
    if (is_measured && l->meter != NULL)
        l->job->objective->power->undo(l->meter);
}

/* Times the change, as far as it may still be accepted; true: measured. */
static bool measure(struct loop *l, double ceiling, struct mp_measures *v)
{
    const struct mp_objective *o = l->job->objective;
    double limit =
        mp_objective_delay_limit(o, l->m.area_um2, l->s.now.power_w * LEAST_POWER, ceiling);

    /* Rounded to a float the limit must not fall below a delay equal to the present one. */
    if (limit <= 0 || mp_mapped_update_limit(&l->m, (float)(limit * (1 + 1e-6))) != MP_MAPPED_OK)
        return false;
    *v = (struct mp_measures){l->m.area_um2, (double)l->m.delay_s, 0};
    if (o->power != NULL)
        v->power_w = o->power->measure(l->meter, &l->m, l->s.structure);
    return true;
}

static void accept(struct loop *l, size_t k, uint32_t mark, const struct mp_measures *v,
                   double cost)
{
    const struct mp_move_kind *kind = &l->job->kinds[k];

    mp_mapped_commit(&l->m, mark);
    if (kind->keep != NULL)
        kind->keep(&l->s);
    if (l->meter != NULL)
        l->job->objective->power->keep(l->meter);
    if (cost < l->cost) {
        l->gain[k] += l->cost - cost;
        l->count.kinds[k].gain += l->cost - cost;
    }
    l->count.kinds[k].kept += cost != l->cost;
    l->s.now = *v;
    l->cost = cost;
    l->s.version++;
    if (mp_objective_better(l->job->objective, v, &l->count.best)) {
        l->count.best = *v;
        l->is_unsaved = true;
        l->since_gain = 0;
    }
    offer_to_front(l);
}

/* One try of one kind, accepted up to the cost `ceiling`, timed up to `look` (no less); rise: what
 * it costs more, 0: nothing or not known. Returns whether the kind found something to do. */
static bool step(struct loop *l, double ceiling, double look, double *rise)
{
    size_t k = draw_kind(l);
    const struct mp_move_kind *kind = &l->job->kinds[k];
    uint64_t timed_before = l->m.gates_timed;
    uint32_t gates_before = l->m.gate_count, mark = mp_mapped_checkpoint(&l->m);
    struct mp_measures v;
    double cost;

    l->steps++;
    l->since_gain++;
    l->work[k] += TRY_WORK;
    *rise = 0;
    if (!kind->try(&l->s)) {
        mp_mapped_rollback(&l->m, mark);
        return false;
    }
    l->count.evaluations++;
    l->count.kinds[k].tries++;
    if (l->job->options->grows_cold && l->m.gate_count > gates_before)
        ceiling = look = fmin(ceiling, l->cost);
    if (!measure(l, look, &v)) {
        take_back(l, kind, mark, false);
    } else {
        l->count.kinds[k].timed++;
        cost = mp_objective_cost(l->job->objective, &v);
        *rise = cost - l->cost;
        if (cost > ceiling || !(cost < (double)INFINITY)) {
            take_back(l, kind, mark, true);
        } else if (l->is_unsaved && mp_objective_better(l->job->objective, &l->s.now, &v)) {
            /* Leaving the best: it is copied now, and this once it is not left. */
            take_back(l, kind, mark, true);
            save_best(l);
        } else {
            accept(l, k, mark, &v, cost);
        }
    }
    l->work[k] += (double)(l->m.gates_timed - timed_before);
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* First temperature: an eighth of the median rise among moves from here. Better states are taken on
 * the way, worse ones never. */
static void find_heat(struct loop *l)
{
    const struct mp_anneal_options *o = l->job->options;
    double rises[TRIES_FOR_HEAT];
    uint32_t count = 0;

    if (o->start_temperature > 0) {
        l->heat = o->start_temperature;
        return;
    }
    for (uint32_t k = 0; k < TRIES_FOR_HEAT; k++) {
        double rise;

        if (step(l, l->cost, l->cost + HEAT_LOOK, &rise) && rise > 0)
            rises[count++] = rise;
    }
    qsort(rises, count, sizeof *rises, by_value);
    l->heat = count > 0 ? rises[count / 2] / 8 : 0;
}

static void adapt_weights(struct loop *l)
{
    double gain = 0, work = 0;

    for (size_t k = 0; k < l->job->kind_count; k++) {
        gain += l->gain[k];
        work += l->work[k];
    }
    for (size_t k = 0; k < l->job->kind_count; k++) {
        double relative =
            gain > 0 && l->work[k] > 0 ? (l->gain[k] / l->work[k]) / (gain / work) : 1;

        l->weights[k] = l->job->kinds[k].weight * fmin(MOST_WEIGHT, fmax(LEAST_WEIGHT, relative));
        l->gain[k] *= 0.7;
        l->work[k] *= 0.7;
    }
}

/* Share of the budget that is used. */
static double budget_used(const struct loop *l)
{
    const struct mp_anneal_options *o = l->job->options;
    double share = 0;

    if (o->evaluations > 0)
        share = (double)l->count.evaluations / (double)o->evaluations;
    if (o->seconds > 0)
        share = fmax(share, (mp_clock_s() - l->began_s) / o->seconds);
    return fmin(share, 1);
}

static void back_to_best(struct loop *l)
{
    if (l->is_unsaved)
        return;
    release_state(l);
    start_from(l, &l->best.mapped, l->best.structure);
}

/* Temperature for the present share; begins a new cycle where it is due. */
static void set_temperature(struct loop *l, unsigned *cycle)
{
    const struct mp_anneal_options *o = l->job->options;
    unsigned cycles = o->restarts + 1;
    double at = l->share * cycles, heat, last;
    unsigned now = at >= cycles ? cycles - 1 : (unsigned)at;

    if (now != *cycle) {
        *cycle = now;
        back_to_best(l);
    }
    at = (at - now) / (1 - GREEDY_SHARE);
    heat = l->heat * pow(NEXT_CYCLE, now);
    last = o->end_temperature > 0 ? fmin(o->end_temperature, heat) : heat * COOLING;
    l->temperature =
        o->schedule == MP_GREEDY || at >= 1 || heat <= 0 ? 0 : heat * pow(last / heat, at);
}

/* A greedy run ends where nothing helps any more, any run where no kind finds anything to do. */
static bool is_exhausted(const struct loop *l, uint64_t barren)
{
    uint64_t tries = (uint64_t)l->m.gate_count * l->job->kind_count * 8 + 1000;

    return barren > tries || (l->job->options->schedule == MP_GREEDY && l->since_gain > tries);
}

static int search(struct loop *l, struct mp_error *err)
{
    unsigned cycle = 0;
    uint64_t barren = 0;

    if (l->job->options->schedule == MP_ANNEAL)
        find_heat(l);
    for (uint64_t k = 0; (l->share = budget_used(l)) < 1 && !is_exhausted(l, barren); k++) {
        double rise, ceiling, chance = 1 - mp_random_unit(&l->s.random); /* above 0 */

        if (k % CLOCK_EVERY == 0) {
            if (mp_process_is_cancelled())
                return mp_fail(err, MP_E_CANCELLED, "the search was cancelled");
            mp_anneal_tell(l->job, l->run, l->share, l->count.evaluations, &l->count.best);
        }
        if (k % WEIGHTS_EVERY == WEIGHTS_EVERY - 1 && !l->job->options->keeps_weights)
            adapt_weights(l);
        set_temperature(l, &cycle);
        ceiling = l->cost - l->temperature * log(chance);
        barren = step(l, ceiling, ceiling, &rise) ? 0 : barren + 1;
    }
    return MP_OK;
}

static void prepare(struct loop *l)
{
    const struct mp_anneal_job *job = l->job;

    l->s.objective = job->objective;
    l->s.families = job->options->families;
    l->s.shared = job->options->shared;
    l->began_s = mp_clock_s();
    l->front.limit = job->options->front_points;
    l->count.seed = job->options->seed + l->run;
    mp_random_seed(&l->s.random, l->count.seed);
    l->count.kinds = mp_alloc(job->kind_count, sizeof *l->count.kinds);
    l->weights = mp_alloc(job->kind_count, sizeof *l->weights);
    l->gain = mp_alloc(job->kind_count, sizeof *l->gain);
    l->work = mp_alloc(job->kind_count, sizeof *l->work);
    for (size_t k = 0; k < job->kind_count; k++)
        l->weights[k] = job->kinds[k].weight;
    start_from(l, job->start, job->structure);
    l->count.best = l->s.now;
    save_best(l);
    offer_to_front(l);
}

int mp_anneal_loop(struct mp_anneal_outcome *out, struct mp_anneal_job *job, unsigned run,
                   struct mp_error *err)
{
    struct loop *l = mp_alloc(1, sizeof *l);
    int rc;

    *out = (struct mp_anneal_outcome){0};
    l->job = job;
    l->run = run;
    prepare(l);
    out->start = l->s.now;
    rc = search(l, err);
    if (rc == MP_OK) {
        if (l->is_unsaved)
            save_best(l);
        l->count.wall_s = mp_clock_s() - l->began_s;
        mp_anneal_tell(job, run, 1, l->count.evaluations, &l->count.best);
        out->best = l->best;
        out->front = l->front;
        out->run = l->count;
    } else {
        mp_anneal_state_release(job->structure_kind, &l->best);
        mp_anneal_front_release(&l->front, job->structure_kind);
        free(l->count.kinds);
    }
    release_state(l);
    free(l->weights);
    free(l->gain);
    free(l->work);
    free(l);
    return rc;
}
