/* Samples: the counts of batches, against the unbatched simulation; intervals; growth. */
#include "estimator/pipeline/operands.h"
#include "estimator/power/exact.h"
#include "tests/pipeline/sampled_unit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void make_trace(struct mp_trace *t, const char *weight, const char *activation,
                       uint32_t stretches, uint32_t length, uint64_t seed)
{
    struct mp_trace_options o = {.stretches = stretches, .length = length, .seed = seed};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_format w, a;

    assert_ok(mp_format_parse(&w, weight, &err), &err);
    assert_ok(mp_format_parse(&a, activation, &err), &err);
    assert_ok(mp_trace_random(t, &w, &a, MP_OPERANDS_NORMAL, &o, &err), &err);
}

static void same_activity(const struct mp_activity *a, const struct mp_activity *b)
{
    assert_int_equal(a->net_count, b->net_count);
    assert_int_equal(a->cycles, b->cycles);
    assert_memory_equal(a->transitions, b->transitions, a->net_count * sizeof(uint64_t));
    assert_memory_equal(a->ones, b->ones, a->net_count * sizeof(uint64_t));
}

static void same_cases(const struct mp_cases *a, const struct mp_cases *b)
{
    assert_int_equal(a->cycles, b->cycles);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->counts, b->counts, a->count * sizeof(uint64_t));
}

static void same_result(const struct mp_timed_result *a, const struct mp_timed_result *b)
{
    same_activity(&a->functional, &b->functional);
    same_activity(&a->timed, &b->timed);
    assert_int_equal(a->unsettled_cycles, b->unsettled_cycles);
    assert_int_equal(a->uncovered, b->uncovered);
}

static void release_part(struct mp_trace *part)
{
    free(part->weights);
    free(part->activations);
    free(part->firsts);
}

/* The stretches of one batch as a trace. */
static void take_batch(struct mp_trace *part, const struct mp_trace *t, uint32_t batch)
{
    uint32_t batches = mp_trace_batches(t);
    size_t length = t->length;

    *part = *t;
    part->stretches = t->stretches / batches;
    size_t cycles = part->stretches * length;
    part->weights = mp_alloc(cycles, sizeof *part->weights);
    part->activations = mp_alloc(cycles, sizeof *part->activations);
    part->firsts = mp_alloc(cycles, 1);
    for (size_t k = 0; k < part->stretches; k++) {
        size_t from = (batch + k * batches) * length;
        memcpy(part->weights + k * length, t->weights + from, length * sizeof *t->weights);
        memcpy(part->activations + k * length, t->activations + from,
               length * sizeof *t->activations);
        memcpy(part->firsts + k * length, t->firsts + from, length);
    }
}

static void check_counts(struct unit *u, const struct mp_trace *t)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_sampled s = {0};
    struct mp_timed_result whole = {0};
    uint32_t batches = mp_trace_batches(t);

    assert_ok(mp_sampled_add(&s, &u->job, t, &err), &err);
    assert_ok(mp_operands_timed(&whole, &u->netlist, &u->sdf, t, UNIT_PERIOD_S, 1, &err), &err);
    same_result(&whole, &s.total);
    assert_true(whole.latest_s == s.total.latest_s);
    assert_int_equal(s.batch_count, batches);
    for (uint32_t b = 0; b < batches; b += 5) {
        struct mp_trace part;
        struct mp_timed_result one = {0};
        take_batch(&part, t, b);
        assert_ok(mp_operands_timed(&one, &u->netlist, &u->sdf, &part, UNIT_PERIOD_S, 1, &err),
                  &err);
        same_result(&one, &s.batches[b]);
        mp_timed_result_release(&one);
        release_part(&part);
    }
    mp_timed_result_release(&whole);
    mp_sampled_release(&s);
}

/* An accumulator's state is older than any warm-up, so segments have to start from the real one. */
static void counts_of_batches(void **state)
{
    static const uint32_t shapes[][2] = {{64, 4}, {64, 256}, {192, 61}, {512, 100}, {1024, 7}};
    struct unit u;

    (void)state;
    unit_open(&u, "int4", "uint4", MP_UNIT_MAC);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct mp_trace t;
        make_trace(&t, "int4", "uint4", shapes[i][0], shapes[i][1], i);
        check_counts(&u, &t);
        mp_trace_release(&t);
    }
    unit_close(&u);
}

/* Power of the timed cases, which refuses cases and activity that do not belong together. */
static int exact_values(void *context, const struct mp_timed_result *r, double *values,
                        struct mp_error *err)
{
    const struct unit *u = context;
    const struct mp_activity *a = &r->timed;
    double *transitions = mp_alloc(a->net_count, sizeof *transitions);
    double *duty = mp_alloc(a->net_count, sizeof *duty);
    struct mp_power power = {0};

    for (uint32_t i = 0; i < a->net_count; i++) {
        transitions[i] = (double)a->transitions[i] / (double)a->cycles;
        duty[i] = (double)a->ones[i] / (double)a->cycles;
    }
    const struct mp_power_input in = {.netlist = &u->netlist,
                                      .period_s = UNIT_PERIOD_S,
                                      .transitions_per_cycle = transitions,
                                      .duty = duty,
                                      .slew_rise_s = u->timing.slew_rise_s,
                                      .slew_fall_s = u->timing.slew_fall_s};
    int rc = mp_power_compute_exact(&power, &in, r->timed_cases, err);
    values[0] = mp_power_total(&power.total);
    mp_power_release(&power);
    free(transitions);
    free(duty);
    return rc;
}

/* Threads change no count; the cases of the batches are those of one run each. */
static void threads_and_cases(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_sampled one = {0}, many = {0};
    struct mp_trace t;
    struct unit u;

    (void)state;
    unit_open(&u, "int4", "uint4", MP_UNIT_MAC);
    make_trace(&t, "int4", "uint4", 64, 60, 3);
    u.job.cases = true;
    assert_ok(mp_sampled_add(&one, &u.job, &t, &err), &err);
    u.job.threads = 3;
    assert_ok(mp_sampled_add(&many, &u.job, &t, &err), &err);
    same_result(&one.total, &many.total);
    assert_true(one.total.latest_s == many.total.latest_s && one.total.latest_s > 0);
    for (uint32_t b = 0; b < one.batch_count; b++) {
        struct mp_sampled alone = {0};
        struct mp_trace part;
        same_result(&one.batches[b], &many.batches[b]);
        same_cases(one.batches[b].timed_cases, many.batches[b].timed_cases);
        same_cases(one.batches[b].functional_cases, many.batches[b].functional_cases);
        if (b % 7 != 0)
            continue;
        /* 16 copies of the batch: what it has of each is what it has as one of 16. */
        take_batch(&part, &t, b);
        struct mp_trace copies = part;
        size_t cycles = (size_t)part.stretches * part.length;
        copies.stretches = 64;
        copies.weights = mp_alloc(16 * cycles, sizeof *copies.weights);
        copies.activations = mp_alloc(16 * cycles, sizeof *copies.activations);
        copies.firsts = mp_alloc(16 * cycles, 1);
        for (size_t i = 0; i < 16 * cycles; i++) {
            size_t from = i / t.length / 16 * t.length + i % t.length;
            copies.weights[i] = part.weights[from];
            copies.activations[i] = part.activations[from];
            copies.firsts[i] = part.firsts[from];
        }
        assert_ok(mp_sampled_add(&alone, &u.job, &copies, &err), &err);
        same_cases(alone.batches[5].timed_cases, one.batches[b].timed_cases);
        same_cases(alone.batches[9].functional_cases, one.batches[b].functional_cases);
        mp_sampled_release(&alone);
        release_part(&copies);
        release_part(&part);
    }
    struct mp_interval exact, compatible[UNIT_QUANTITIES];
    assert_ok(mp_sampled_intervals(&one, 1, exact_values, &u, &exact, NULL, &err), &err);
    assert_ok(mp_sampled_intervals(&one, UNIT_QUANTITIES, unit_values, &u, compatible, NULL, &err),
              &err);
    assert_true(fabs(exact.value / compatible[UNIT_TOTAL].value - 1) < 0.2);
    assert_true(fabs(exact.half_width / compatible[UNIT_TOTAL].half_width - 1) < 0.5);
    mp_sampled_release(&many);
    mp_sampled_release(&one);
    mp_trace_release(&t);
    unit_close(&u);
}

/* ---- intervals, on counts by hand: one net, four batches of ten cycles */

static int net_values(void *context, const struct mp_timed_result *r, double *values,
                      struct mp_error *err)
{
    double cycles = (double)r->functional.cycles;
    unsigned *calls = context;

    (void)err;
    (*calls)++;
    values[0] = (double)r->timed.transitions[0] / cycles;
    values[1] = (double)r->functional.transitions[0] / (double)r->timed.transitions[0];
    return MP_OK;
}

static int refusing_values(void *context, const struct mp_timed_result *r, double *values,
                           struct mp_error *err)
{
    unsigned *calls = context;

    (void)r;
    values[0] = values[1] = (*calls)++;
    return *calls > 2 ? mp_fail(err, MP_E_INPUT, "no third") : MP_OK;
}

static void intervals_by_hand(void **state)
{
    static const uint64_t timed[] = {30, 50, 40, 60}, functional[] = {15, 25, 20, 30};
    uint64_t counts[5][2] = {{0}}, ones[5] = {0};
    struct mp_timed_result batches[4];
    struct mp_sampled s = {.batch_count = 4, .batches = batches};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_interval out[2];
    double pseudo[8];
    unsigned calls = 0;

    (void)state;
    for (int b = 0; b < 5; b++) {
        struct mp_timed_result *r = b < 4 ? &batches[b] : &s.total;
        for (int i = 0; i < 4; i++) {
            counts[b][0] += b == 4 || i == b ? functional[i] : 0;
            counts[b][1] += b == 4 || i == b ? timed[i] : 0;
        }
        uint64_t cycles = b < 4 ? 10 : 40;
        *r = (struct mp_timed_result){.functional = {1, cycles, &counts[b][0], &ones[b]},
                                      .timed = {1, cycles, &counts[b][1], &ones[b]}};
    }
    assert_ok(mp_sampled_intervals(&s, 2, net_values, &calls, out, pseudo, &err), &err);
    assert_int_equal(calls, 5);
    /* 3, 5, 4 and 6 a cycle: variance 5/3, t = 3.18245 */
    assert_true(fabs(out[0].value - 4.5) < 1e-12);
    assert_true(fabs(out[0].half_width - 3.18244630528371 * sqrt(5.0 / 12)) < 1e-10);
    for (int b = 0; b < 4; b++)
        assert_true(fabs(pseudo[b] - (double)timed[b] / 10) < 1e-12);
    /* Always a half. */
    assert_true(out[1].value == 0.5 && out[1].half_width < 1e-12);
    calls = 0;
    assert_int_equal(mp_sampled_intervals(&s, 2, refusing_values, &calls, out, NULL, &err),
                     MP_E_INPUT);
    assert_string_equal(err.message, "no third");
    s = (struct mp_sampled){0};
    assert_int_equal(mp_sampled_intervals(&s, 2, net_values, &calls, out, NULL, &err), MP_E_USAGE);
}

/* ---- growth */

struct blocks {
    struct mp_trace trace;
    uint64_t seed;
    uint32_t asked; /* blocks, in order */
};

static int next_block(void *context, uint32_t block, const struct mp_trace **out,
                      struct mp_error *err)
{
    struct blocks *b = context;

    (void)err;
    assert_int_equal(block, b->asked++);
    mp_trace_release(&b->trace);
    make_trace(&b->trace, "int4", "uint4", 64, 40, mp_trace_block_seed(b->seed, block));
    *out = &b->trace;
    return MP_OK;
}

static struct mp_sampled_outcome grow(struct unit *u, double precision, uint32_t max_blocks,
                                      struct mp_sampled *s, struct mp_interval *out)
{
    const struct mp_sampled_plan plan = {precision, max_blocks};
    struct mp_sampled_outcome outcome;
    struct mp_error err = MP_ERROR_INIT;
    struct blocks blocks = {.seed = 11};

    assert_ok(mp_sampled_run(s, &u->job, &plan, next_block, &blocks, UNIT_QUANTITIES, unit_values,
                             u, out, NULL, &outcome, &err),
              &err);
    assert_int_equal(blocks.asked, outcome.blocks);
    assert_int_equal(s->blocks, outcome.blocks);
    mp_trace_release(&blocks.trace);
    return outcome;
}

static void grows_until_precise(void **state)
{
    struct mp_interval first[UNIT_QUANTITIES], out[UNIT_QUANTITIES], again[UNIT_QUANTITIES];
    struct mp_sampled s = {0}, t = {0};
    struct unit u;

    (void)state;
    unit_open(&u, "int4", "uint4", MP_UNIT_MULTIPLIER);
    struct mp_sampled_outcome o = grow(&u, 0, 8, &s, first);
    assert_true(o.is_reached && o.blocks == 1);
    double wanted = o.precision / 3;
    mp_sampled_release(&s);
    o = grow(&u, wanted, 64, &s, out);
    assert_true(o.is_reached && o.precision <= wanted);
    assert_in_range(o.blocks, 4, 40); /* 9 by the square root */
    assert_true(o.precision == mp_interval_relative(&out[0]));
    /* Every digit again, with other threads. */
    u.job.threads = 2;
    struct mp_sampled_outcome p = grow(&u, wanted, 64, &t, again);
    assert_int_equal(p.blocks, o.blocks);
    for (int q = 0; q < UNIT_QUANTITIES; q++)
        assert_true(again[q].value == out[q].value && again[q].half_width == out[q].half_width);
    same_result(&s.total, &t.total);
    mp_sampled_release(&s);
    mp_sampled_release(&t);
    /* Out of blocks: said, and what was reached is there. */
    o = grow(&u, wanted, 2, &s, out);
    assert_true(!o.is_reached && o.blocks == 2 && o.precision > wanted);
    assert_true(out[0].half_width > 0 && out[0].value != first[0].value);
    mp_sampled_release(&s);
    unit_close(&u);
}

static void refuses(void **state)
{
    struct mp_sampled_plan plan = {.precision = -0.1, .max_blocks = 1};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_sampled_outcome outcome;
    struct mp_interval out[UNIT_QUANTITIES];
    struct mp_sampled s = {0};
    struct mp_trace t;
    struct unit u;

    (void)state;
    unit_open(&u, "int4", "uint4", MP_UNIT_MULTIPLIER);
    make_trace(&t, "int4", "uint4", 64, 3, 1);
    assert_int_equal(mp_sampled_add(&s, &u.job, &t, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "stretches of 3 cycles"));
    mp_trace_release(&t);
    make_trace(&t, "int5", "uint4", 64, 8, 1);
    assert_int_equal(mp_sampled_add(&s, &u.job, &t, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "`weight` of the trace's 5 bits"));
    mp_trace_release(&t);
    assert_int_equal(s.blocks, 0);
    make_trace(&t, "int4", "uint4", 64, 8, 1);
    assert_ok(mp_sampled_add(&s, &u.job, &t, &err), &err);
    mp_trace_release(&t);
    make_trace(&t, "int4", "uint4", 512, 8, 1);
    assert_int_equal(mp_sampled_add(&s, &u.job, &t, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "32 batches is added to a sample of 16"));
    mp_trace_release(&t);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mp_sampled_run(&s, &u.job, &plan, next_block, NULL, UNIT_QUANTITIES,
                                        unit_values, &u, out, NULL, &outcome, &err),
                         MP_E_USAGE);
        plan = (struct mp_sampled_plan){.precision = 0.1, .max_blocks = 0};
    }
    mp_sampled_release(&s);
    unit_close(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_batches), cmocka_unit_test(threads_and_cases),
        cmocka_unit_test(intervals_by_hand), cmocka_unit_test(grows_until_precise),
        cmocka_unit_test(refuses)};

    return cmocka_run_group_tests_name("sampled", tests, NULL, NULL);
}
