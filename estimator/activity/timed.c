#include "estimator/activity/cases_plan.h"
#include "estimator/activity/lanes.h"
#include "estimator/activity/timed_kernel.h"
#include "estimator/util/parallel.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* So that threads are not started for every block, and none waits long for the last. */
#define BLOCKS_A_THREAD 4

/* On cache lines of its own: threads that share one are no faster than a single one. */
struct worker {
    _Alignas(64) struct mp_timed_scratch scratch;

    struct mp_cases_counter cases;
    atomic_flag busy;
};

struct mp_timed {
    const struct mp_netlist *n;
    struct mp_timed_model model;
    struct mp_timed_program program;
    struct mp_simulator *simulator;
    struct mp_lanes *lanes; /* NULL: the bit-parallel kernel, which has what follows */
    mp_timed_run *run;
    unsigned words, threads;
    struct worker *workers; /* [threads] */
    struct mp_timed_block *blocks;
    uint64_t *values; /* [block][before, after][net][MP_TIMED_WORDS] */
    unsigned block_count;
    unsigned filled;            /* words of blocks that hold cycles */
    int failed;                 /* code of a batch that failed */
    struct mp_cases_plan cases; /* if options.cases */
};

static uint64_t *values_of(const struct mp_timed *t, unsigned block, bool after)
{
    return t->values + ((size_t)block * 2 + after) * t->n->net_count * MP_TIMED_WORDS;
}

/* Memory of the bit-parallel kernel. */
static void make_blocks(struct mp_timed *t)
{
    t->workers = mp_alloc_aligned(t->threads, sizeof *t->workers);
    for (unsigned i = 0; i < t->threads; i++) {
        mp_timed_scratch_make(&t->workers[i].scratch, &t->program);
        if (t->cases.n)
            mp_cases_counter_make(&t->workers[i].cases, &t->cases);
        atomic_flag_clear(&t->workers[i].busy);
    }
    t->block_count = BLOCKS_A_THREAD * t->threads;
    /* A step has to fit into an empty batch. */
    if (t->block_count * MP_TIMED_WORDS < t->words)
        t->block_count = (t->words + MP_TIMED_WORDS - 1) / MP_TIMED_WORDS;
    t->blocks = mp_alloc(t->block_count, sizeof *t->blocks);
    t->values = mp_alloc_aligned((size_t)t->block_count * 2 * t->n->net_count * MP_TIMED_WORDS,
                                 sizeof *t->values);
    for (unsigned b = 0; b < t->block_count; b++) {
        t->blocks[b].before = values_of(t, b, false);
        t->blocks[b].after = values_of(t, b, true);
    }
}

int mp_timed_create_with(struct mp_timed **out, const struct mp_netlist *n,
                         const struct mp_sdf *sdf, unsigned words,
                         const struct mp_timed_options *options,
                         const struct mp_timed_kernel *kernel, struct mp_error *err)
{
    *out = NULL;
    if (options->pending != MP_PENDING_INERTIAL)
        return mp_fail(err, MP_E_USAGE,
                       "only the plain reference has Icarus's rule for pending changes");
    struct mp_timed *t = mp_alloc(1, sizeof *t);
    int rc = mp_simulator_create(&t->simulator, n, words, MP_KERNEL_AUTO, err);
    if (rc == MP_OK)
        rc = mp_timed_model_make(&t->model, n, sdf, options, err);
    if (rc == MP_OK)
        rc = mp_timed_program_make(&t->program, &t->model, err);
    t->threads = options->threads ? options->threads : mp_core_count();
    if (rc == MP_OK && options->cases)
        rc = mp_cases_plan_make(&t->cases, &t->model, t->threads, err);
    if (rc < 0) {
        mp_timed_destroy(t);
        return rc;
    }
    t->n = n;
    t->run = kernel->run;
    t->words = words;
    if (kernel->lanes && !options->cases)
        t->lanes = mp_lanes_create(&t->program, kernel->lanes, words, t->threads);
    if (t->lanes == NULL)
        make_blocks(t);
    *out = t;
    return MP_OK;
}

int mp_timed_create(struct mp_timed **out, const struct mp_netlist *n, const struct mp_sdf *sdf,
                    unsigned words, const struct mp_timed_options *options, struct mp_error *err)
{
    struct mp_timed_kernel kernels[MP_TIMED_KERNEL_COUNT];
    unsigned count = mp_timed_kernels(kernels);
    return mp_timed_create_with(out, n, sdf, words, options, &kernels[count - 1], err);
}

bool mp_timed_has_lanes(const struct mp_timed *t)
{
    return t->lanes != NULL;
}

void mp_timed_destroy(struct mp_timed *t)
{
    if (t == NULL)
        return;
    for (unsigned i = 0; t->workers && i < t->threads; i++) {
        mp_timed_scratch_release(&t->workers[i].scratch);
        mp_cases_counter_release(&t->workers[i].cases);
    }
    mp_cases_plan_release(&t->cases);
    mp_lanes_destroy(t->lanes);
    mp_simulator_destroy(t->simulator);
    mp_timed_program_release(&t->program);
    mp_timed_model_release(&t->model);
    free(t->workers);
    free(t->blocks);
    free(t->values);
    free(t);
}

struct mp_simulator *mp_timed_simulator(struct mp_timed *t)
{
    return t->simulator;
}

/* The simulator's word `from` of every net into word `slot` of the batch. */
static void copy_word(struct mp_timed *t, unsigned from, unsigned slot, bool after)
{
    uint64_t *to = values_of(t, slot / MP_TIMED_WORDS, after) + slot % MP_TIMED_WORDS;
    for (uint32_t net = 0; net < t->n->net_count; net++)
        to[(size_t)net * MP_TIMED_WORDS] = mp_simulator_net(t->simulator, net)[from];
}

/* Words of the last block without cycles: settled values, so that nothing moves there. */
static void fill_up(struct mp_timed *t)
{
    while (t->filled % MP_TIMED_WORDS != 0) {
        unsigned word = t->filled % MP_TIMED_WORDS, b = t->filled / MP_TIMED_WORDS;
        uint64_t *before = values_of(t, b, false), *after = values_of(t, b, true);
        for (size_t net = 0; net < t->n->net_count; net++) {
            uint64_t x = before[net * MP_TIMED_WORDS];
            before[net * MP_TIMED_WORDS + word] = after[net * MP_TIMED_WORDS + word] = x;
        }
        t->blocks[b].mask[word] = 0;
        t->filled++;
    }
}

static int fail(const struct mp_timed *t, const struct mp_timed_scratch *s, struct mp_error *err)
{
    const struct mp_timed_output *o = &t->model.outputs[s->failed_output];
    if (s->failed_edge < 2)
        return mp_timed_fail_missing(&t->model, o, s->failed_edge, err);
    return mp_fail(err, MP_E_INPUT,
                   "net %s ends a cycle of the timed simulation with another value than its "
                   "function's",
                   t->n->net_name[o->net]);
}

static int run_block(void *context, size_t index, struct mp_error *err)
{
    struct mp_timed *t = context;
    unsigned i = 0;
    /* There are no more jobs at a time than workers. */
    while (atomic_flag_test_and_set(&t->workers[i].busy))
        i = (i + 1) % t->threads;
    struct mp_timed_scratch *s = &t->workers[i].scratch;
    int rc = t->run(&t->program, &t->blocks[index], s) ? MP_OK : fail(t, s, err);
    if (rc == MP_OK && t->cases.n)
        mp_cases_count(&t->cases, &t->workers[i].cases, &t->blocks[index], s);
    atomic_flag_clear(&t->workers[i].busy);
    return rc;
}

static int run_batch(struct mp_timed *t, struct mp_error *err)
{
    fill_up(t);
    int rc = mp_parallel_for(t->filled / MP_TIMED_WORDS, t->threads, run_block, t, err);
    t->filled = 0;
    t->failed = rc < 0 ? rc : t->failed;
    return rc;
}

static int step_lanes(struct mp_timed *t, const uint64_t *inputs, const uint64_t *count_mask,
                      struct mp_error *err)
{
    mp_lanes_before(t->lanes, t->simulator);
    mp_simulator_step(t->simulator, inputs, count_mask);
    int rc = mp_lanes_after(t->lanes, t->simulator, count_mask, err);
    t->failed = rc < 0 ? rc : t->failed;
    return rc;
}

int mp_timed_step(struct mp_timed *t, const uint64_t *inputs, const uint64_t *count_mask,
                  struct mp_error *err)
{
    unsigned slot = t->filled;
    if (t->failed)
        return mp_fail(err, MP_E_USAGE, "a timed simulation that has failed cannot go on");
    if (t->lanes && count_mask)
        return step_lanes(t, inputs, count_mask, err);
    if (count_mask && t->filled + t->words > t->block_count * MP_TIMED_WORDS) {
        int rc = run_batch(t, err);
        if (rc < 0)
            return rc;
        slot = 0;
    }
    for (unsigned w = 0; count_mask && w < t->words; w++)
        if (count_mask[w]) {
            t->blocks[slot / MP_TIMED_WORDS].mask[slot % MP_TIMED_WORDS] = count_mask[w];
            copy_word(t, w, slot++, false);
        }
    mp_simulator_step(t->simulator, inputs, count_mask);
    for (unsigned w = 0; count_mask && w < t->words; w++)
        if (count_mask[w])
            copy_word(t, w, t->filled++, true);
    return MP_OK;
}

static void fold_cases(const struct mp_timed *t, struct mp_timed_result *out)
{
    out->functional_cases = mp_cases_create(&t->cases, out->functional.cycles);
    out->timed_cases = mp_cases_create(&t->cases, out->timed.cycles);
    for (unsigned i = 0; i < t->threads; i++)
        mp_cases_fold(&t->cases, &t->workers[i].cases, out->functional_cases, out->timed_cases);
}

static int finish_blocks(struct mp_timed *t, struct mp_timed_result *out, struct mp_error *err)
{
    uint32_t latest = 0;
    int rc = run_batch(t, err);
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < t->threads; i++) {
        const struct mp_timed_scratch *s = &t->workers[i].scratch;
        for (uint32_t net = 0; net < t->n->net_count; net++)
            out->timed.transitions[net] += s->transitions[net];
        out->uncovered += s->uncovered;
        out->unsettled_cycles += s->unsettled;
        latest = s->latest > latest ? s->latest : latest;
    }
    out->latest_s = (double)latest * t->model.options.tick_s;
    if (t->cases.n)
        fold_cases(t, out);
    return MP_OK;
}

int mp_timed_finish(struct mp_timed *t, struct mp_timed_result *out, struct mp_error *err)
{
    uint32_t clock = t->n->clock_net;
    *out = (struct mp_timed_result){0};
    if (t->failed)
        return mp_fail(err, MP_E_USAGE, "a timed simulation that has failed has no result");
    mp_simulator_activity(t->simulator, &out->functional);
    mp_simulator_activity(t->simulator, &out->timed);
    memset(out->timed.transitions, 0, t->n->net_count * sizeof *out->timed.transitions);
    int rc = t->lanes ? mp_lanes_finish(t->lanes, out, err) : finish_blocks(t, out, err);
    if (rc < 0) {
        t->failed = rc;
        mp_timed_result_release(out);
        return rc;
    }
    if (clock != MP_NONE)
        out->timed.transitions[clock] = out->functional.transitions[clock];
    return MP_OK;
}
