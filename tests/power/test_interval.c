/* Intervals: quantiles against printed tables, a worked sample, pairs, coverage of normal and of
 * skewed batches. */
#include "estimator/power/interval.h"
#include "estimator/util/random.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.15g, not %.15g", got, want);
}

/* Abramowitz and Stegun, table 26.10; R's qt(0.975, n) for more digits. */
static void student(void **state)
{
    static const struct {
        uint32_t degrees;
        double t;
    } rows[] = {{1, 12.7062047361747},  {2, 4.30265272974946},  {3, 3.18244630528371},
                {4, 2.77644510519779},  {7, 2.36462425159278},  {15, 2.13144954555978},
                {30, 2.04227245630124}, {31, 2.03951344639641}, {120, 1.97993040508244}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        near(mp_interval_student_95(rows[i].degrees), rows[i].t, 1e-10);
    near(mp_interval_student_95(1000000), 1.95996398454005, 3e-6); /* the normal one */
}

/* 2, 4, 6, 8: mean 5, standard deviation sqrt(20 / 3), t of 3 degrees. */
static void worked(void **state)
{
    static const double values[] = {2, 4, 6, 8};
    struct mp_interval i;

    (void)state;
    assert_int_equal(mp_interval_make(&i, 5, values, 4, NULL), MP_OK);
    near(i.half_width, 3.18244630528371 * sqrt(20.0 / 3 / 4), 1e-12);
    near(mp_interval_relative(&i), i.half_width / 5, 1e-15);
    assert_int_equal(i.batches, 4);
    i.value = -5;
    near(mp_interval_relative(&i), i.half_width / 5, 1e-15);
    i.value = 0;
    assert_true(isinf(mp_interval_relative(&i)));
    i.half_width = 0;
    assert_true(mp_interval_relative(&i) == 0);
}

/* Leaving out parts of an average gives the parts back; of a ratio of averages, values whose
 * deviations are those of its linear form. */
static void pseudo_values(void **state)
{
    static const double x[] = {3, 5, 10, 2}, y[] = {2, 2, 3, 1};
    double without[4], ratio[4], values[4];

    (void)state;
    for (int b = 0; b < 4; b++) {
        without[b] = (20 - x[b]) / 3;
        ratio[b] = (20 - x[b]) / (8 - y[b]);
    }
    mp_interval_pseudo_values(values, 5, without, 4);
    for (int b = 0; b < 4; b++)
        near(values[b], x[b], 1e-12);
    mp_interval_pseudo_values(ratio, 2.5, ratio, 4); /* in place */
    near(ratio[0], 4 * 2.5 - 3 * (17.0 / 6), 1e-12);
}

/* b is five times a but for little: each is vague, their ratio is not. */
static void pairs(void **state)
{
    static const double a[] = {1, 2, 3, 2}, b[] = {5, 10.4, 15, 9.6};
    struct mp_interval ia, ib, d, r;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    assert_int_equal(mp_interval_make(&ia, 2, a, 4, NULL), MP_OK);
    assert_int_equal(mp_interval_make(&ib, 10, b, 4, NULL), MP_OK);
    assert_int_equal(mp_interval_difference(&d, &ia, a, &ib, b, NULL), MP_OK);
    near(d.value, -8, 1e-12); /* differences -4, -8.4, -12, -7.6: squares 32.32 */
    near(d.half_width, 3.18244630528371 * sqrt(32.32 / 3 / 4), 1e-9);
    assert_int_equal(mp_interval_reduction(&r, &ia, a, &ib, b, NULL), MP_OK);
    near(r.value, 0.8, 1e-12); /* a - b / 5: 0, -0.08, 0, 0.08; by b: 1/10 */
    near(r.half_width, 3.18244630528371 * sqrt(2 * 0.008 * 0.008 / 3 / 4), 1e-9);
    assert_true(mp_interval_relative(&ia) > 0.5 && r.half_width < 0.02);
    ib.batches = 3;
    assert_int_equal(mp_interval_reduction(&r, &ia, a, &ib, b, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "4 batches with 3"));
    assert_int_equal(mp_interval_difference(&d, &ia, a, &ib, b, NULL), MP_E_INPUT);
    ib.batches = 4;
    ib.value = 0;
    assert_int_equal(mp_interval_reduction(&r, &ia, a, &ib, b, &err), MP_E_INPUT);
}

static void refused(void **state)
{
    const double values[] = {1, NAN, 2};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_interval i;

    (void)state;
    assert_int_equal(mp_interval_make(&i, 1, values, 1, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "takes two"));
    assert_int_equal(mp_interval_make(&i, 1, values, 3, &err), MP_E_INPUT);
    assert_int_equal(mp_interval_make(&i, (double)INFINITY, values + 2, 0, &err), MP_E_INPUT);
}

/* Samples of 16 batches from a known distribution: the interval holds its mean in 95 % (a thousand
 * samples: +- 2 %). */
static void coverage(void **state)
{
    struct mp_random random;
    unsigned covered[2] = {0};

    (void)state;
    mp_random_seed(&random, 4);
    for (int sample = 0; sample < 2000; sample++) {
        bool skewed = sample & 1;
        double values[16], mean = 0;
        struct mp_interval i;
        for (int b = 0; b < 16; b++) {
            double x = mp_random_normal(&random);
            values[b] = skewed ? exp(0.3 * x) - exp(0.045) : x;
            mean += values[b] / 16;
        }
        assert_int_equal(mp_interval_make(&i, mean, values, 16, NULL), MP_OK);
        covered[skewed] += fabs(i.value) <= i.half_width;
    }
    assert_in_range(covered[0], 930, 970);
    assert_in_range(covered[1], 920, 970);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(student),       cmocka_unit_test(worked),
                                       cmocka_unit_test(pseudo_values), cmocka_unit_test(pairs),
                                       cmocka_unit_test(refused),       cmocka_unit_test(coverage)};

    return cmocka_run_group_tests_name("interval", tests, NULL, NULL);
}
