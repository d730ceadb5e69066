/* Whether two sets of runs differ: hand-worked probabilities, and the error rates that the header
 * states. */
#include "reports/noise.h"

#include "estimator/util/random.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static bool near(double x, double y)
{
    return fabs(x - y) < 1e-9;
}

static void test_apart(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4, 5}, b[] = {6, 7, 8, 9, 10};
    struct mp_noise n;
    mp_noise_compare(&n, a, 5, b, 5, MP_NOISE_ALPHA);
    /* Two of the 252 ways to choose five of ten are this far out. */
    assert_true(near(n.p, 2 / 252.0) && near(n.p_least, 2 / 252.0));
    assert_int_equal(n.verdict, MP_NOISE_LESS);
    assert_true(near(n.shift, 3.0 / 8 - 1) && near(n.spread_a, 4) && near(n.chance, 1));
    assert_string_equal(mp_noise_verdict_name(n.verdict), "less");
    mp_noise_compare(&n, b, 5, a, 5, MP_NOISE_ALPHA);
    assert_int_equal(n.verdict, MP_NOISE_MORE);
    assert_true(near(n.chance, 0));
}

/* The rank sums of {1, 3} among 1..4 are 3, 4, 5, 5, 6, 7: two are at 4 or below, mirrored two. */
static void test_overlap(void **state)
{
    (void)state;
    const double a[] = {1, 3}, b[] = {2, 4};
    struct mp_noise n;
    mp_noise_compare(&n, a, 2, b, 2, MP_NOISE_ALPHA);
    assert_true(near(n.p, 4 / 6.0) && near(n.p_least, 2 / 6.0) && near(n.chance, 0.75));
    assert_int_equal(n.verdict, MP_NOISE_UNDECIDED);
}

/* {1, 1} against {1, 2}: ranks 2, 2, 2, 4; sums of two are 4, 4, 4, 6, 6, 6: nothing is unusual. */
static void test_ties(void **state)
{
    (void)state;
    const double a[] = {1, 1}, b[] = {1, 2}, equal[] = {7, 7, 7, 7, 7};
    struct mp_noise n;
    mp_noise_compare(&n, a, 2, b, 2, MP_NOISE_ALPHA);
    assert_true(near(n.p, 1) && near(n.chance, 0.75));
    mp_noise_compare(&n, equal, 5, equal, 5, MP_NOISE_ALPHA);
    assert_true(near(n.p, 1) && near(n.chance, 0.5) && near(n.shift, 0) && near(n.spread_b, 0));
    assert_int_equal(n.verdict, MP_NOISE_UNDECIDED);
}

static void test_few(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3}, b[] = {10, 11, 12}, zero[] = {0};
    struct mp_noise n;
    mp_noise_compare(&n, a, 3, b, 3, MP_NOISE_ALPHA);
    assert_true(near(n.p, 0.1) && n.p_least > MP_NOISE_ALPHA);
    assert_int_equal(n.verdict, MP_NOISE_UNDECIDED);
    mp_noise_compare(&n, a, 1, b, 1, MP_NOISE_ALPHA);
    assert_true(near(n.p, 1) && near(n.p_least, 1));
    mp_noise_compare(&n, a, 3, b, 0, MP_NOISE_ALPHA);
    assert_true(near(n.p, 1) && isnan(n.shift) && isnan(n.chance) && isnan(n.spread_b));
    mp_noise_compare(&n, zero, 1, zero, 1, MP_NOISE_ALPHA);
    assert_true(isnan(n.shift) && isnan(n.spread_a));
}

/* Exact and approximate agree where one gives way to the other. */
static void test_many(void **state)
{
    (void)state;
    double a[30], b[31];
    struct mp_random r;
    struct mp_noise exact, approximate;
    mp_random_seed(&r, 3);
    for (unsigned trial = 0; trial < 20; trial++) {
        for (unsigned k = 0; k < 30; k++) {
            a[k] = floor(40 * mp_random_normal(&r));
            b[k] = floor(40 * mp_random_normal(&r)) + 20;
        }
        mp_noise_compare(&exact, a, 30, b, 30, MP_NOISE_ALPHA);
        b[30] = 10;
        mp_noise_compare(&approximate, a, 30, b, 31, MP_NOISE_ALPHA);
        assert_true(fabs(exact.p - approximate.p) < 0.1);
    }
}

/* Share of decided comparisons of two normal samples whose means are `shift` deviations apart. */
static double decided(unsigned runs, double shift, enum mp_noise_verdict wanted)
{
    const unsigned trials = 4000;
    unsigned count = 0;
    struct mp_random r;
    mp_random_seed(&r, runs);
    for (unsigned t = 0; t < trials; t++) {
        double a[16], b[16];
        struct mp_noise n;
        for (unsigned k = 0; k < runs; k++) {
            a[k] = mp_random_normal(&r);
            b[k] = mp_random_normal(&r) + shift;
        }
        mp_noise_compare(&n, a, runs, b, runs, MP_NOISE_ALPHA);
        count +=
            wanted == MP_NOISE_UNDECIDED ? n.verdict != MP_NOISE_UNDECIDED : n.verdict == wanted;
    }
    return (double)count / trials;
}

static void test_error_rates(void **state)
{
    (void)state;
    static const unsigned runs[] = {3, 4, 5, 8};
    for (unsigned k = 0; k < sizeof runs / sizeof *runs; k++) {
        double wrong = decided(runs[k], 0, MP_NOISE_UNDECIDED);
        double one = decided(runs[k], 1, MP_NOISE_LESS), two = decided(runs[k], 2, MP_NOISE_LESS);
        print_message("%u runs a side: %.1f %% of equal sides are decided, %.0f %% of sides one "
                      "deviation apart, %.0f %% of two\n",
                      runs[k], 100 * wrong, 100 * one, 100 * two);
        assert_true(wrong <= MP_NOISE_ALPHA + 0.01);
        assert_true(runs[k] > 3 || (wrong <= 0 && two <= 0));
        assert_true(runs[k] < 5 || two > 0.6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apart), cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_ties),  cmocka_unit_test(test_few),
        cmocka_unit_test(test_many),  cmocka_unit_test(test_error_rates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
