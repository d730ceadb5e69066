/* Paired comparisons against published examples, values worked by hand, and enumeration. */
#include "estimator/cnn/score.h"
#include "estimator/search/paired.h"

#include <math.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void near(double x, double expected, double within)
{
    if (!(fabs(x - expected) <= within))
        fail_msg("%.9g is not %.9g within %g", x, expected, within);
}

/* Tables as published, in print's digits: Newcombe 1998 (36, 12, 2, 0); Altman, Machin, Bryant,
 * Gardner, Statistics with Confidence (2000), p. 52 (14, 5, 0, 22); Fagerland, Lydersen, Laake,
 * Statistical Analysis of Contingency Tables (2017), chapter 8, Bentur (1, 1, 7, 12). The first
 * proportion there is the candidate's here, so their second cell is `won`. */
static void published_intervals(void **state)
{
    static const struct {
        uint32_t both, won, lost, neither;
        double difference, low, high, within;
    } rows[] = {
        {36, 12, 2, 0, 0.2, 0.0569, 0.3404, 5e-5},
        {14, 5, 0, 22, 0.122, 0.011, 0.226, 6e-4},
        {1, 1, 7, 12, -0.286, -0.507, -0.026, 6e-4},
    };
    struct mp_paired p;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mp_paired_from_counts(&p, rows[i].both, rows[i].lost, rows[i].won, rows[i].neither);
        near(p.difference, rows[i].difference, rows[i].within);
        near(p.low, rows[i].low, rows[i].within);
        near(p.high, rows[i].high, rows[i].within);
        /* The other way round the interval is mirrored. */
        const struct mp_paired forward = p;
        mp_paired_from_counts(&p, rows[i].both, rows[i].won, rows[i].lost, rows[i].neither);
        near(p.low, -forward.high, 1e-12);
        near(p.high, -forward.low, 1e-12);
        near(p.p, forward.p, 0);
    }
}

/* One interval step by step: 230 both, 8 lost, 3 won, 59 neither of 300. z^2 = 3.841459:
 * candidate 233 right: (233 + 1.920729 -+ 1.959964 sqrt(0.960365 + 233 * 67 / 300)) / 303.841459
 * reference 238 right: (238 + 1.920729 -+ 1.959964 sqrt(0.960365 + 238 * 62 / 300)) / 303.841459
 * phi = (230 * 59 - 8 * 3 - 150) / sqrt(238 * 62 * 233 * 67) = 13396 / 15177.264 */
static void interval_by_hand(void **state)
{
    double z = 1.959964, candidate = 233.0 / 300, reference = 238.0 / 300;
    double c_low = (234.920729 - z * sqrt(0.960365 + 233.0 * 67 / 300)) / 303.841459;
    double c_high = (234.920729 + z * sqrt(0.960365 + 233.0 * 67 / 300)) / 303.841459;
    double r_low = (239.920729 - z * sqrt(0.960365 + 238.0 * 62 / 300)) / 303.841459;
    double r_high = (239.920729 + z * sqrt(0.960365 + 238.0 * 62 / 300)) / 303.841459;
    double phi = 13396 / sqrt(238.0 * 62 * 233 * 67);
    double a = candidate - c_low, b = r_high - reference;
    struct mp_paired p;

    (void)state;
    mp_paired_from_counts(&p, 230, 8, 3, 59);
    near(p.difference, -5.0 / 300, 1e-12);
    near(p.low, -5.0 / 300 - sqrt(a * a - 2 * phi * a * b + b * b), 1e-7);
    a = c_high - candidate;
    b = reference - r_low;
    near(p.high, -5.0 / 300 + sqrt(a * a - 2 * phi * a * b + b * b), 1e-7);
    /* 2 * (1 + 11 + 55 + 165) / 2^11 */
    near(p.p, 464.0 / 2048, 1e-12);
}

static void sign_tests(void **state)
{
    static const struct {
        uint32_t lost, won;
        double p;
    } rows[] = {{0, 0, 1},          {1, 0, 1},        {0, 5, 2.0 / 32},     {1, 7, 18.0 / 256},
                {3, 3, 1},          {6, 0, 2.0 / 64}, {2, 8, 112.0 / 1024}, {10, 0, 2.0 / 1024},
                {1, 9, 22.0 / 1024}};
    struct mp_paired p;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mp_paired_from_counts(&p, 100, rows[i].lost, rows[i].won, 20);
        near(p.p, rows[i].p, 1e-12);
    }
    /* Many: the normal approximation with continuity, z = (560 - 480 - 1) / sqrt(1040). */
    mp_paired_from_counts(&p, 100000, 560, 480, 0);
    near(p.p, erfc(79 / sqrt(1040) / sqrt(2)), 1e-4);
}

static void edges(void **state)
{
    struct mp_paired p;

    (void)state;
    mp_paired_from_counts(&p, 0, 0, 0, 0);
    assert_true(p.difference == 0 && p.low == -1 && p.high == 1 && p.p == 1);
    assert_false(mp_paired_keeps(&p, 0.01).by_count);
    assert_int_equal(mp_paired_keeps(&p, 0.01).surely, MP_KEEPS_UNDECIDED);
    /* Without discordant images the interval still has a width, and shrinks with the images. */
    mp_paired_from_counts(&p, 300, 0, 0, 0);
    assert_true(p.low < 0 && p.low > -0.03 && p.high > 0 && p.high < 0.03);
    for (uint32_t n = 1; n < 40; n++)
        for (uint32_t lost = 0; lost <= n; lost++) {
            mp_paired_from_counts(&p, n - lost, lost, 0, 0);
            assert_true(p.low >= -1 - 1e-12 && p.low <= p.difference);
            assert_true(p.high >= p.difference && p.high <= 1 + 1e-12);
        }
}

static void comparison(void **state)
{
    const uint8_t n = MP_RANK_NOT_SCORED;
    const uint8_t reference[] = {0, 0, 1, 5, 0, 3, 4, 254, n, 0};
    const uint8_t candidate[] = {0, 2, 0, 0, 7, 9, 4, 6, 0, n};
    struct mp_paired p;

    (void)state;
    mp_paired_compare(&p, reference, candidate, 10, 1);
    assert_int_equal(p.images, 8);
    assert_int_equal(p.both, 1);
    assert_int_equal(p.lost, 2);
    assert_int_equal(p.won, 2);
    assert_int_equal(p.neither, 3);
    mp_paired_compare(&p, reference, candidate, 10, 5);
    assert_int_equal(p.both, 4);
    assert_int_equal(p.lost, 2);
    assert_int_equal(p.won, 1);
    assert_int_equal(p.neither, 1);
    mp_paired_compare(&p, reference, candidate, 0, 1);
    assert_int_equal(p.images, 0);
}

static void keeps(void **state)
{
    struct mp_paired p;

    (void)state;
    /* 1 % of 200: two may be lost, and 1 % of 300 in decimals is 3. */
    mp_paired_from_counts(&p, 198, 2, 0, 50);
    assert_true(mp_paired_keeps(&p, 0.01).by_count);
    mp_paired_from_counts(&p, 197, 3, 0, 50);
    assert_false(mp_paired_keeps(&p, 0.01).by_count);
    mp_paired_from_counts(&p, 295, 5, 2, 0);
    assert_true(mp_paired_keeps(&p, 0.01).by_count);
    mp_paired_from_counts(&p, 200, 0, 0, 50);
    assert_true(mp_paired_keeps(&p, 0).by_count);
    mp_paired_from_counts(&p, 199, 1, 0, 50);
    assert_false(mp_paired_keeps(&p, 0).by_count);

    /* Few images decide nothing; many do, in both directions. */
    mp_paired_from_counts(&p, 197, 3, 3, 97);
    assert_int_equal(mp_paired_keeps(&p, 0.01).surely, MP_KEEPS_UNDECIDED);
    mp_paired_from_counts(&p, 19700, 300, 300, 9700);
    assert_int_equal(mp_paired_keeps(&p, 0.01).surely, MP_KEEPS_SURELY);
    mp_paired_from_counts(&p, 150, 50, 0, 100);
    assert_int_equal(mp_paired_keeps(&p, 0.01).surely, MP_KEEPS_NOT);
    assert_string_equal(mp_keeps_name(MP_KEEPS_SURELY), "surely");
    assert_string_equal(mp_keeps_name(MP_KEEPS_NOT), "not");
}

/* The predictive chance of one given order of `yes` and `no` outcomes (Polya's urn). */
static double urn(unsigned bits, unsigned n, double yes, double no)
{
    double chance = 1;

    yes += 0.5;
    no += 0.5;
    for (unsigned i = 0; i < n; i++) {
        double *next = bits >> i & 1 ? &yes : &no;
        chance *= *next / (yes + no);
        *next += 1;
    }
    return chance;
}

/* Every outcome of every image to come. */
static double enumerate(const struct mp_paired *p, unsigned right, unsigned wrong, double tolerance)
{
    double hope = 0, allowed = tolerance * (p->both + p->lost + right);

    for (unsigned l = 0; l < 1u << right; l++)
        for (unsigned w = 0; w < 1u << wrong; w++) {
            double lost = p->lost + (double)__builtin_popcount(l),
                   won = p->won + (double)__builtin_popcount(w);
            if (lost - won <= allowed + 1e-9)
                hope += urn(l, right, p->lost, p->both) * urn(w, wrong, p->won, p->neither);
        }
    return hope;
}

static void hope(void **state)
{
    static const uint32_t counts[][4] = {{0, 0, 0, 0}, {9, 1, 0, 2},  {9, 1, 1, 2},
                                         {5, 5, 0, 5}, {20, 0, 3, 4}, {3, 6, 1, 0}};
    static const double tolerances[] = {0, 0.01, 0.1, 0.25};
    struct mp_paired p;

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t t = 0; t < sizeof tolerances / sizeof *tolerances; t++)
            for (unsigned right = 0; right < 7; right++)
                for (unsigned wrong = 0; wrong < 5; wrong++) {
                    mp_paired_from_counts(&p, counts[i][0], counts[i][1], counts[i][2],
                                          counts[i][3]);
                    near(mp_paired_hope(&p, right, wrong, tolerances[t]),
                         enumerate(&p, right, wrong, tolerances[t]), 1e-11);
                }
    /* One image more by hand: Jeffreys' share of losses is 0.5 / (9 + 1) after 9 kept. */
    mp_paired_from_counts(&p, 9, 0, 0, 1);
    near(mp_paired_hope(&p, 1, 0, 0), 1 - 0.05, 1e-12);
    /* Nothing left: by count. Not even with every win: exactly 0. */
    assert_true(mp_paired_hope(&p, 0, 0, 0) == 1);
    mp_paired_from_counts(&p, 40, 10, 0, 10);
    assert_true(mp_paired_hope(&p, 200, 7, 0.01) == 0);
    assert_true(mp_paired_hope(&p, 200, 8, 0.01) > 0);
    assert_true(mp_paired_hope(&p, 190, 50, 0.01) < 1e-3);
    /* As good as float32 so far: worth going on. */
    mp_paired_from_counts(&p, 48, 1, 0, 11);
    assert_true(mp_paired_hope(&p, 190, 50, 0.01) > 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_intervals),
        cmocka_unit_test(interval_by_hand),
        cmocka_unit_test(sign_tests),
        cmocka_unit_test(edges),
        cmocka_unit_test(comparison),
        cmocka_unit_test(keeps),
        cmocka_unit_test(hope),
    };

    return cmocka_run_group_tests_name("paired", tests, NULL, NULL);
}
