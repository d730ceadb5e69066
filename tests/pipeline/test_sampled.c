/* Samples: the counts of batches, against the unbatched simulation; intervals; growth. */
#include "estimator/pipeline/operands.h"
#include "estimator/util/random.h"
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

static void same_result(const struct mp_timed_result *a, const struct mp_timed_result *b)
{
    same_activity(&a->functional, &b->functional);
    same_activity(&a->timed, &b->timed);
    assert_int_equal(a->unsettled_cycles, b->unsettled_cycles);
    assert_int_equal(a->uncovered, b->uncovered);
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
        free(part.weights);
        free(part.activations);
        free(part.firsts);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_of_batches)};

    return cmocka_run_group_tests_name("sampled", tests, NULL, NULL);
}
