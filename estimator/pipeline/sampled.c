#include "estimator/pipeline/sampled.h"
#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/sampled_counts.h"
#include "estimator/util/parallel.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = MP_DRIVER_WORDS, LANES = MP_DRIVER_LANES };

/* A batch has few stretches, so each is cut into segments that run side by side, or most lanes
 * would be empty. A segment starts from the registers' state of its place, which a functional pass
 * over all stretches finds: segment k counts the cycles from mp_driver_uncounted() + k * length on.
 */
struct segments {
    uint32_t count, length; /* of a stretch, cycles each; the last may be shorter */
};

struct run {
    const struct mp_sampled_job *job;
    const struct mp_trace *trace;
    struct segments segments;
    uint32_t batch_count, members; /* stretches a batch */
    const struct mp_bindings *bindings;
    uint32_t uncounted, counted;     /* cycles of a stretch */
    uint64_t *states;                /* [segment][register][stretch / 64] */
    struct mp_timed_result *results; /* [batch] */
    struct engine *engines;          /* [threads] */
    unsigned threads;
};

struct engine {
    atomic_flag busy;
    struct mp_timed *timed;        /* NULL until it is needed */
    struct mp_timed_result before; /* counts when the batch begins */
    struct mp_driver *driver;
    uint64_t *state; /* [register][WORDS] */
    uint32_t stretch[LANES], cycle[LANES];
    uint32_t at[LANES];     /* the cycle before the segment's first */
    uint32_t cycles[LANES]; /* of the segment */
};

/* ---- inputs */

/* Cycle `offset` after at[lane], where the lane has it; the others see zeros. */
static const uint64_t *drive(struct engine *e, uint32_t lanes, uint32_t offset)
{
    for (uint32_t l = 0; l < lanes; l++)
        e->cycle[l] = offset <= e->cycles[l] ? e->at[l] + offset : MP_NONE;
    return mp_driver_inputs(e->driver, lanes, e->stretch, e->cycle);
}

/* ---- segments */

/* Of a batch whose stretches are cut into segments of this length, in halves of what the timed
 * simulation needs for a word: a step costs about one, however few of its lanes are in use. */
static uint64_t segment_cost(uint32_t members, uint32_t counted, uint32_t length)
{
    uint32_t count = (counted + length - 1) / length, last = counted - (count - 1) * length;
    uint64_t cost = 0, all = (uint64_t)members * count, whole = all - members;

    for (uint64_t from = 0; from < all; from += LANES) {
        uint64_t lanes = all - from < LANES ? all - from : LANES;
        uint64_t full = from >= whole ? 0 : whole - from < lanes ? whole - from : lanes;
        cost += 2 * ((lanes + 63) / 64 * last + (full + 63) / 64 * (length - last));
        cost += full > 0 ? length : last;
    }
    return cost;
}

/* The longest segments that are within 1 % of the least cost. */
static struct segments choose_segments(uint32_t members, uint32_t counted)
{
    uint64_t least = UINT64_MAX;
    uint32_t length = counted > 0 ? counted : 1;

    assert(counted > 0); /* mp_driver_create() refuses stretches of the warm-up alone */
    /* A thousand starts are enough to fill all lanes with the fewest members. */
    for (uint32_t count = 1; count <= counted && count <= 1024; count++) {
        uint64_t cost = segment_cost(members, counted, (counted + count - 1) / count);
        if (cost + cost / 100 < least) {
            least = cost;
            length = (counted + count - 1) / count;
        }
    }
    return (struct segments){(counted + length - 1) / length, length};
}

/* ---- the functional pass */

static uint64_t *state_of(const struct run *r, uint32_t segment, uint32_t reg)
{
    return r->states +
           ((size_t)segment * r->job->netlist->register_count + reg) * (r->trace->stretches / 64);
}

/* Lanes are the stretches from `base` on. */
static void keep_states(const struct run *r, const struct mp_simulator *simulator, uint32_t segment,
                        uint32_t base, uint32_t lanes)
{
    for (uint32_t i = 0; i < r->job->netlist->register_count; i++)
        memcpy(state_of(r, segment, i) + base / 64, mp_simulator_state(simulator, i),
               lanes / 64 * sizeof(uint64_t));
}

static void plan_segments(struct run *r, const struct mp_driver *d)
{
    r->uncounted = mp_driver_uncounted(d);
    r->counted = mp_driver_cycles(d) - r->uncounted;
    r->segments = choose_segments(r->members, r->counted);
    r->states = mp_alloc((size_t)r->segments.count * r->job->netlist->register_count *
                                 (r->trace->stretches / 64) +
                             1,
                         sizeof *r->states);
}

static int find_states(struct run *r, struct mp_error *err)
{
    const struct mp_trace *t = r->trace;
    struct mp_simulator *simulator = NULL;
    struct engine *e = mp_alloc(1, sizeof *e);
    int rc = mp_simulator_create(&simulator, r->job->netlist, WORDS, MP_KERNEL_AUTO, err);

    if (rc == MP_OK)
        rc = mp_driver_create(&e->driver, r->job->netlist, simulator, r->bindings, t, err);
    if (rc < 0)
        goto out;
    plan_segments(r, e->driver);
    for (uint32_t base = 0; base < t->stretches; base += LANES) {
        uint32_t lanes = t->stretches - base < LANES ? t->stretches - base : LANES;
        for (uint32_t l = 0; l < lanes; l++) {
            e->stretch[l] = base + l;
            e->at[l] = 0;
            e->cycles[l] = r->uncounted + r->counted;
        }
        mp_simulator_reset(simulator);
        for (uint32_t c = 0, segment = 0; segment < r->segments.count; c++) {
            mp_simulator_step(simulator, drive(e, lanes, c), NULL);
            if (c + 1 == r->uncounted + segment * r->segments.length)
                keep_states(r, simulator, segment++, base, lanes);
        }
    }
out:
    mp_driver_destroy(e->driver);
    mp_simulator_destroy(simulator);
    free(e);
    return rc;
}

/* ---- one batch */

/* Lanes from..from + lanes - 1 of the batch's (segment, stretch) pairs, segments outermost. */
static void place_lanes(struct engine *e, const struct run *r, uint32_t batch, uint32_t from,
                        uint32_t lanes)
{
    uint32_t registers = r->job->netlist->register_count;

    memset(e->state, 0, (size_t)registers * WORDS * sizeof *e->state);
    for (uint32_t l = 0; l < lanes; l++) {
        uint32_t segment = (from + l) / r->members;
        uint32_t stretch = batch + (from + l) % r->members * r->batch_count;
        uint32_t start = segment * r->segments.length, left = r->counted - start;
        e->stretch[l] = stretch;
        e->at[l] = r->uncounted - 1 + start;
        e->cycles[l] = left < r->segments.length ? left : r->segments.length;
        for (uint32_t i = 0; i < registers; i++)
            e->state[(size_t)i * WORDS + l / 64] |=
                (state_of(r, segment, i)[stretch / 64] >> (stretch % 64) & 1) << (l % 64);
    }
}

static int run_lanes(struct engine *e, uint32_t lanes, struct mp_error *err)
{
    int rc = MP_OK;

    mp_simulator_load(mp_timed_simulator(e->timed), e->state, drive(e, lanes, 0));
    for (uint32_t c = 1; c <= e->cycles[0] && rc == MP_OK; c++) {
        uint64_t mask[WORDS] = {0};
        for (uint32_t l = 0; l < lanes; l++)
            mask[l / 64] |= (uint64_t)(c <= e->cycles[l]) << (l % 64);
        rc = mp_timed_step(e->timed, drive(e, lanes, c), mask, err);
    }
    return rc;
}

static int prepare_engine(struct engine *e, const struct run *r, struct mp_error *err)
{
    const struct mp_sampled_job *job = r->job;
    const struct mp_timed_options options = {
        .period_s = job->period_s, .threads = 1, .cases = job->cases};

    if (e->timed != NULL)
        return MP_OK;
    e->state = mp_alloc((size_t)job->netlist->register_count * WORDS + 1, sizeof *e->state);
    int rc = mp_timed_create(&e->timed, job->netlist, job->sdf, WORDS, &options, err);
    if (rc == MP_OK)
        rc = mp_driver_create(&e->driver, job->netlist, mp_timed_simulator(e->timed), r->bindings,
                              r->trace, err);
    return rc;
}

static int count_batch(struct engine *e, const struct run *r, uint32_t batch, struct mp_error *err)
{
    struct mp_timed_result *result = &r->results[batch];
    uint32_t all = r->members * r->segments.count;
    int rc = prepare_engine(e, r, err);

    for (uint32_t from = 0; from < all && rc == MP_OK; from += LANES) {
        uint32_t lanes = all - from < LANES ? all - from : LANES;
        place_lanes(e, r, batch, from, lanes);
        rc = run_lanes(e, lanes, err);
    }
    if (rc == MP_OK)
        rc = mp_timed_finish(e->timed, result, err);
    if (rc < 0)
        return rc;
    /* The engine counts on: what it had counted before is not of this batch. */
    struct mp_timed_result before = e->before;
    e->before = (struct mp_timed_result){.latest_s = result->latest_s};
    mp_sampled_counts_add(&e->before, result);
    if (before.functional.transitions != NULL)
        mp_sampled_counts_subtract(result, &before);
    result->latest_s = 0;
    mp_timed_result_release(&before);
    return MP_OK;
}

static int batch_job(void *context, size_t index, struct mp_error *err)
{
    const struct run *r = context;
    unsigned i = 0;

    /* There are no more jobs at a time than engines. */
    while (atomic_flag_test_and_set(&r->engines[i].busy))
        i = (i + 1) % r->threads;
    int rc = count_batch(&r->engines[i], r, (uint32_t)index, err);
    atomic_flag_clear(&r->engines[i].busy);
    return rc;
}

/* ---- all batches */

static int run_batches(struct run *r, struct mp_error *err)
{
    int rc = find_states(r, err);

    if (rc < 0)
        return rc;
    r->engines = mp_alloc(r->threads, sizeof *r->engines);
    for (unsigned i = 0; i < r->threads; i++)
        atomic_flag_clear(&r->engines[i].busy);
    rc = mp_parallel_for(r->batch_count, r->threads, batch_job, r, err);
    return rc;
}

static void release_engines(struct run *r)
{
    for (unsigned i = 0; r->engines != NULL && i < r->threads; i++) {
        mp_timed_destroy(r->engines[i].timed);
        mp_timed_result_release(&r->engines[i].before);
        mp_driver_destroy(r->engines[i].driver);
        free(r->engines[i].state);
    }
    free(r->engines);
}

static void add_results(struct mp_sampled *s, struct run *r)
{
    if (s->batches == NULL) {
        s->batch_count = r->batch_count;
        s->batches = mp_alloc(r->batch_count, sizeof *s->batches);
    }
    for (uint32_t b = 0; b < r->batch_count; b++) {
        mp_sampled_counts_add(&s->batches[b], &r->results[b]);
        mp_sampled_counts_add(&s->total, &r->results[b]);
    }
    for (unsigned i = 0; i < r->threads; i++)
        if (r->engines[i].before.latest_s > s->total.latest_s)
            s->total.latest_s = r->engines[i].before.latest_s;
    s->blocks++;
}

int mp_sampled_add(struct mp_sampled *s, const struct mp_sampled_job *job,
                   const struct mp_trace *trace, struct mp_error *err)
{
    struct run r = {.job = job, .trace = trace, .batch_count = mp_trace_batches(trace)};
    struct mp_bindings generated = {0};
    int rc = MP_OK;

    if (s->batch_count != 0 && s->batch_count != r.batch_count)
        return mp_fail(err, MP_E_INPUT,
                       "a trace of %u batches is added to a sample of %u; its stretches must be "
                       "as many as before",
                       r.batch_count, s->batch_count);
    if (s->batch_count != 0 && s->total.functional.net_count != job->netlist->net_count)
        return mp_fail(err, MP_E_USAGE, "a sample of netlist %s holds another one's counts",
                       job->netlist->name);
    r.members = trace->stretches / r.batch_count;
    r.threads = job->threads != 0 ? job->threads : mp_core_count();
    r.threads = r.threads < r.batch_count ? r.threads : r.batch_count;
    r.results = mp_alloc(r.batch_count, sizeof *r.results);
    r.bindings = job->bindings != NULL ? job->bindings : &generated;
    if (job->bindings == NULL)
        rc = mp_bindings_generated(&generated, job->netlist, &trace->weight, &trace->activation,
                                   err);
    if (rc == MP_OK && (rc = run_batches(&r, err)) == MP_OK)
        add_results(s, &r);
    release_engines(&r);
    for (uint32_t b = 0; b < r.batch_count; b++)
        mp_timed_result_release(&r.results[b]);
    mp_bindings_release(&generated);
    free(r.results);
    free(r.states);
    return rc;
}

void mp_sampled_release(struct mp_sampled *s)
{
    for (uint32_t b = 0; b < s->batch_count; b++)
        mp_timed_result_release(&s->batches[b]);
    mp_timed_result_release(&s->total);
    free(s->batches);
    *s = (struct mp_sampled){0};
}
