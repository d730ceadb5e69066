/*
 * Do 95 % intervals hold the true value in 95 % of all samples? A hundred traces of the default
 * network with seeds of their own, against one of 16,384 stretches on 4,096 images, which stands
 * for the whole: int8 and e4m2 x uint8 multipliers on osu018, and the saving of one against the
 * other. Skips where the images of the network are not there.
 */
#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/workload.h"
#include "estimator/util/file.h"
#include "tests/pipeline/sampled_unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

enum { SEEDS = 100, BATCHES = 32 };

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

struct bench {
    struct mp_experiment e;
    struct mp_workload w;
    struct mp_format activation;
    struct mp_error err;
};

/* One design: the whole, and what each sample says. */
struct samples {
    double whole[UNIT_QUANTITIES];
    struct mp_interval intervals[SEEDS][UNIT_QUANTITIES];
    double values[SEEDS][UNIT_QUANTITIES][BATCHES];
};

static bool open_bench(struct bench *b)
{
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *config = mp_path_join(root != NULL ? root : ".", "configs/quickstart.yaml");

    memset(b, 0, sizeof *b);
    assert_ok(mp_experiment_read(&b->e, config, &b->err), &b->err);
    free(config);
    if (!mp_file_exists(b->e.test_images)) {
        print_message("skipped: no images %s\n", b->e.test_images);
        return false;
    }
    assert_ok(mp_workload_open(&b->w, &b->e, &b->err), &b->err);
    assert_ok(mp_format_parse(&b->activation, "uint8", &b->err), &b->err);
    b->e.trace.length = 64;
    return true;
}

static void close_bench(struct bench *b)
{
    mp_workload_release(&b->w);
    mp_experiment_release(&b->e);
}

static void find_whole(struct bench *b, struct unit *u, const struct mp_format *weight,
                       struct samples *s)
{
    struct mp_timed_result counts = {0};
    struct mp_trace t = {0};

    b->e.trace.stretches = 16384;
    b->e.trace.images = 4096;
    b->e.trace.seed = 123456789;
    const struct mp_stream stream = mp_stream_of_pair(weight, &b->activation);
    assert_ok(mp_workload_trace(&b->w, &stream, 0, &t, &b->err), &b->err);
    assert_ok(mp_operands_timed(&counts, &u->netlist, &u->sdf, &t, UNIT_PERIOD_S, 0, &b->err),
              &b->err);
    assert_ok(unit_values(u, &counts, s->whole, &b->err), &b->err);
    mp_timed_result_release(&counts);
    mp_trace_release(&t);
}

static void take_samples(struct bench *b, const char *weight_name, struct samples *s)
{
    struct mp_format weight;
    struct unit u;

    assert_ok(mp_format_parse(&weight, weight_name, &b->err), &b->err);
    unit_open(&u, weight_name, "uint8", MP_UNIT_MULTIPLIER);
    u.job.threads = 0;
    find_whole(b, &u, &weight, s);
    b->e.trace.stretches = 256;
    b->e.trace.images = 64;
    for (unsigned i = 0; i < SEEDS; i++) {
        struct mp_sampled sampled = {0};
        struct mp_trace t = {0};
        b->e.trace.seed = i + 1;
        const struct mp_stream stream = mp_stream_of_pair(&weight, &b->activation);
        assert_ok(mp_workload_trace(&b->w, &stream, 0, &t, &b->err), &b->err);
        assert_int_equal(mp_trace_batches(&t), BATCHES);
        assert_ok(mp_sampled_add(&sampled, &u.job, &t, &b->err), &b->err);
        assert_ok(mp_sampled_intervals(&sampled, UNIT_QUANTITIES, unit_values, &u, s->intervals[i],
                                       s->values[i][0], &b->err),
                  &b->err);
        mp_sampled_release(&sampled);
        mp_trace_release(&t);
    }
    unit_close(&u);
}

/* Says and checks how often; width: mean half width, in units of the whole. */
static void check_coverage(const char *what, const struct mp_interval *intervals, size_t stride,
                           double whole, double *width)
{
    unsigned covered = 0;

    *width = 0;
    for (unsigned i = 0; i < SEEDS; i++) {
        const struct mp_interval *x = &intervals[i * stride];
        covered += fabs(x->value - whole) <= x->half_width;
        *width += x->half_width / fabs(whole) / SEEDS;
    }
    print_message("%s: covered in %u of %d, half width %.2f %%\n", what, covered, SEEDS,
                  100 * *width);
    assert_in_range(covered, 90, 99);
}

static void check_design(const char *name, const struct samples *s)
{
    static const char *const quantities[] = {"total", "functional", "glitch", "energy"};
    double width[UNIT_QUANTITIES];

    for (int q = 0; q < UNIT_QUANTITIES; q++) {
        char what[64];
        snprintf(what, sizeof what, "%s %s", name, quantities[q]);
        check_coverage(what, &s->intervals[0][q], UNIT_QUANTITIES, s->whole[q], &width[q]);
    }
    assert_true(width[UNIT_TOTAL] < 0.05 && width[UNIT_GLITCH] > width[UNIT_FUNCTIONAL]);
    assert_true(fabs(width[UNIT_ENERGY] - width[UNIT_TOTAL]) < 1e-9);
}

/* As often right as the powers, and much narrower than from their two intervals. */
static void check_saving(const struct samples *new_design, const struct samples *old_design)
{
    static struct mp_interval saved[SEEDS];
    struct mp_error err = MP_ERROR_INIT;
    double ratio = new_design->whole[0] / old_design->whole[0], width, apart = 0;

    for (unsigned i = 0; i < SEEDS; i++) {
        const struct mp_interval *a = new_design->intervals[i], *b = old_design->intervals[i];
        assert_ok(mp_interval_reduction(&saved[i], a, new_design->values[i][0], b,
                                        old_design->values[i][0], &err),
                  &err);
        apart += ratio * hypot(mp_interval_relative(a), mp_interval_relative(b)) / SEEDS;
    }
    check_coverage("saving", saved, 1, 1 - ratio, &width);
    print_message("saving %.2f %% +- %.2f %%, not paired +- %.2f %%\n", 100 * (1 - ratio),
                  100 * width * fabs(1 - ratio), 100 * apart);
    assert_true(width * fabs(1 - ratio) < 0.7 * apart);
}

static void coverage(void **state)
{
    struct bench b;

    (void)state;
    if (!open_bench(&b)) {
        mp_experiment_release(&b.e);
        skip();
    }
    struct samples *s = mp_alloc(2, sizeof *s);
    take_samples(&b, "int8", &s[0]);
    take_samples(&b, "e4m2", &s[1]);
    check_design("int8", &s[0]);
    check_design("e4m2", &s[1]);
    check_saving(&s[1], &s[0]);
    free(s);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(coverage)};

    return cmocka_run_group_tests_name("intervals", tests, NULL, NULL);
}
