#include "estimator/pipeline/sampled.h"
#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/planes.h"
#include "estimator/pipeline/sampled_counts.h"
#include "estimator/util/parallel.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 8, LANES = 64 * WORDS };

/* A batch has few stretches, so each is cut into segments that run side by side, or most lanes
 * would be empty. A segment starts from the registers' state of its place, which a functional pass
 * over all stretches finds: segment k counts the cycles from MP_WARMUP_CYCLES + k * length on. */
struct segments {
    uint32_t count, length; /* of a stretch, cycles each; the last may be shorter */
};

struct ports {
    uint32_t weight, activation, first; /* first input bit; MP_NONE: the unit has no `first` */
};

struct run {
    const struct mp_sampled_job *job;
    const struct mp_trace *trace;
    struct segments segments;
    uint32_t batch_count, members; /* stretches a batch */
    struct ports ports;
    uint32_t input_count;
    uint64_t *states;                /* [segment][register][stretch / 64] */
    struct mp_timed_result *results; /* [batch] */
    struct engine *engines;          /* [threads] */
    unsigned threads;
};

struct engine {
    atomic_flag busy;
    struct mp_timed *timed;        /* NULL until it is needed */
    struct mp_timed_result before; /* counts when the batch begins */
    uint64_t *inputs;              /* [input][WORDS] */
    uint64_t *state;               /* [register][WORDS] */
    uint64_t codes[LANES];
    size_t at[LANES];       /* the cycle before the segment's first, in the trace */
    uint32_t cycles[LANES]; /* of the segment */
};

/* ---- inputs */

static int find_ports(struct ports *p, struct mp_simulator *simulator, const struct mp_netlist *n,
                      const struct mp_trace *trace, struct mp_error *err)
{
    uint32_t weight = mp_netlist_port(n, "weight"), activation = mp_netlist_port(n, "activation");

    if (weight == MP_NONE || n->ports[weight].width != trace->weight.bits)
        return mp_fail(err, MP_E_INPUT, "module %s has no input `weight` of the trace's %u bits",
                       n->name, trace->weight.bits);
    if (activation == MP_NONE || n->ports[activation].width != trace->activation.bits)
        return mp_fail(err, MP_E_INPUT,
                       "module %s has no input `activation` of the trace's %u bits", n->name,
                       trace->activation.bits);
    p->weight = mp_simulator_input(simulator, "weight");
    p->activation = mp_simulator_input(simulator, "activation");
    p->first = mp_simulator_input(simulator, "first");
    return MP_OK;
}

/* Cycle `offset` after at[lane], where the lane has it; the others see zeros. */
static void drive(struct engine *e, const struct run *r, uint32_t lanes, uint32_t offset)
{
    const struct mp_trace *t = r->trace;
    const struct ports *p = &r->ports;

    memset(e->codes, 0, sizeof e->codes);
    for (uint32_t l = 0; l < lanes; l++)
        e->codes[l] = offset <= e->cycles[l] ? t->weights[e->at[l] + offset] : 0;
    mp_planes_from_codes(e->codes, t->weight.bits, WORDS, e->inputs + (size_t)p->weight * WORDS);
    for (uint32_t l = 0; l < lanes; l++)
        e->codes[l] = offset <= e->cycles[l] ? t->activations[e->at[l] + offset] : 0;
    mp_planes_from_codes(e->codes, t->activation.bits, WORDS,
                         e->inputs + (size_t)p->activation * WORDS);
    if (p->first == MP_NONE)
        return;
    for (uint32_t l = 0; l < lanes; l++)
        e->codes[l] = offset <= e->cycles[l] ? t->firsts[e->at[l] + offset] : 0;
    mp_planes_from_codes(e->codes, 1, WORDS, e->inputs + (size_t)p->first * WORDS);
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

static int find_states(struct run *r, struct mp_error *err)
{
    const struct mp_trace *t = r->trace;
    struct mp_simulator *simulator = NULL;
    struct engine *e = mp_alloc(1, sizeof *e);
    int rc = mp_simulator_create(&simulator, r->job->netlist, WORDS, MP_KERNEL_AUTO, err);

    if (rc == MP_OK)
        rc = find_ports(&r->ports, simulator, r->job->netlist, t, err);
    if (rc < 0)
        goto out;
    r->input_count = mp_simulator_input_count(simulator);
    e->inputs = mp_alloc((size_t)r->input_count * WORDS, sizeof *e->inputs);
    for (uint32_t base = 0; base < t->stretches; base += LANES) {
        uint32_t lanes = t->stretches - base < LANES ? t->stretches - base : LANES;
        for (uint32_t l = 0; l < lanes; l++) {
            e->at[l] = (size_t)(base + l) * t->length;
            e->cycles[l] = t->length;
        }
        mp_simulator_reset(simulator);
        for (uint32_t c = 0, segment = 0; segment < r->segments.count; c++) {
            drive(e, r, lanes, c);
            mp_simulator_step(simulator, e->inputs, NULL);
            if (c + 1 == MP_WARMUP_CYCLES + segment * r->segments.length)
                keep_states(r, simulator, segment++, base, lanes);
        }
    }
out:
    mp_simulator_destroy(simulator);
    free(e->inputs);
    free(e);
    return rc;
}

/* ---- one batch */

/* Lanes from..from + lanes - 1 of the batch's (segment, stretch) pairs, segments outermost. */
static void place_lanes(struct engine *e, const struct run *r, uint32_t batch, uint32_t from,
                        uint32_t lanes)
{
    uint32_t counted = r->trace->length - MP_WARMUP_CYCLES, registers;

    registers = r->job->netlist->register_count;
    memset(e->state, 0, (size_t)registers * WORDS * sizeof *e->state);
    for (uint32_t l = 0; l < lanes; l++) {
        uint32_t segment = (from + l) / r->members;
        uint32_t stretch = batch + (from + l) % r->members * r->batch_count;
        uint32_t start = segment * r->segments.length, left = counted - start;
        e->at[l] = (size_t)stretch * r->trace->length + MP_WARMUP_CYCLES - 1 + start;
        e->cycles[l] = left < r->segments.length ? left : r->segments.length;
        for (uint32_t i = 0; i < registers; i++)
            e->state[(size_t)i * WORDS + l / 64] |=
                (state_of(r, segment, i)[stretch / 64] >> (stretch % 64) & 1) << (l % 64);
    }
}

static int run_lanes(struct engine *e, const struct run *r, uint32_t lanes, struct mp_error *err)
{
    int rc = MP_OK;

    drive(e, r, lanes, 0);
    mp_simulator_load(mp_timed_simulator(e->timed), e->state, e->inputs);
    for (uint32_t c = 1; c <= r->segments.length && rc == MP_OK; c++) {
        uint64_t mask[WORDS] = {0};
        for (uint32_t l = 0; l < lanes; l++)
            mask[l / 64] |= (uint64_t)(c <= e->cycles[l]) << (l % 64);
        drive(e, r, lanes, c);
        rc = mp_timed_step(e->timed, e->inputs, mask, err);
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
    e->inputs = mp_alloc((size_t)r->input_count * WORDS, sizeof *e->inputs);
    e->state = mp_alloc((size_t)job->netlist->register_count * WORDS + 1, sizeof *e->state);
    return mp_timed_create(&e->timed, job->netlist, job->sdf, WORDS, &options, err);
}

static int count_batch(struct engine *e, const struct run *r, uint32_t batch, struct mp_error *err)
{
    struct mp_timed_result *result = &r->results[batch];
    uint32_t all = r->members * r->segments.count;
    int rc = prepare_engine(e, r, err);

    for (uint32_t from = 0; from < all && rc == MP_OK; from += LANES) {
        uint32_t lanes = all - from < LANES ? all - from : LANES;
        place_lanes(e, r, batch, from, lanes);
        rc = run_lanes(e, r, lanes, err);
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

/* Words that the timed simulation gets when a stretch is cut into segments of this length. */
static uint64_t word_steps(uint32_t members, uint32_t counted, uint32_t length)
{
    uint32_t count = (counted + length - 1) / length, last = counted - (count - 1) * length;
    uint64_t words = 0, all = (uint64_t)members * count, whole = all - members;

    for (uint64_t from = 0; from < all; from += LANES) {
        uint64_t lanes = all - from < LANES ? all - from : LANES;
        uint64_t full = from >= whole ? 0 : whole - from < lanes ? whole - from : lanes;
        words += (lanes + 63) / 64 * last + (full + 63) / 64 * (length - last);
    }
    return words;
}

/* The longest segments that are within 1 % of the least work. */
static struct segments choose_segments(uint32_t members, uint32_t counted)
{
    uint64_t least = UINT64_MAX;
    uint32_t length = counted;

    /* A thousand starts are enough to fill all lanes with the fewest members. */
    for (uint32_t count = 1; count <= counted && count <= 1024; count++) {
        uint64_t words = word_steps(members, counted, (counted + count - 1) / count);
        if (words + words / 100 < least) {
            least = words;
            length = (counted + count - 1) / count;
        }
    }
    return (struct segments){(counted + length - 1) / length, length};
}

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
        free(r->engines[i].inputs);
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
    int rc;

    if (trace->length <= MP_WARMUP_CYCLES)
        return mp_fail(err, MP_E_INPUT,
                       "stretches of %u cycles: more than the %d that fill the registers are "
                       "needed",
                       trace->length, MP_WARMUP_CYCLES);
    if (s->batch_count != 0 && s->batch_count != r.batch_count)
        return mp_fail(err, MP_E_INPUT,
                       "a trace of %u batches is added to a sample of %u; its stretches must be "
                       "as many as before",
                       r.batch_count, s->batch_count);
    if (s->batch_count != 0 && s->total.functional.net_count != job->netlist->net_count)
        return mp_fail(err, MP_E_USAGE, "a sample of netlist %s holds another one's counts",
                       job->netlist->name);
    r.members = trace->stretches / r.batch_count;
    r.segments = choose_segments(r.members, trace->length - MP_WARMUP_CYCLES);
    r.threads = job->threads != 0 ? job->threads : mp_core_count();
    r.threads = r.threads < r.batch_count ? r.threads : r.batch_count;
    r.states = mp_alloc(
        (size_t)r.segments.count * job->netlist->register_count * (trace->stretches / 64) + 1,
        sizeof *r.states);
    r.results = mp_alloc(r.batch_count, sizeof *r.results);
    if ((rc = run_batches(&r, err)) == MP_OK)
        add_results(s, &r);
    release_engines(&r);
    for (uint32_t b = 0; b < r.batch_count; b++)
        mp_timed_result_release(&r.results[b]);
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
