#include "estimator/format/format.h"
#include "estimator/util/memory.h"
#include "estimator/util/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int calibrated(const char *name, enum mp_calibration_kind kind, const float *x, size_t n)
{
    const struct mp_calibration how = {kind, 0};
    struct mp_format f;
    int unit = 12345;

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    assert_int_equal(mp_format_calibrate(&f, &how, x, n, &unit, NULL), MP_OK);
    return unit;
}

/* Worked by hand. */
static void covers_the_maximum(void **state)
{
    const float a[] = {0.25f, -1.0f, 0.99f}, b[] = {0.5f, -1.5f, 1.0f}, negative[] = {-1.0f, -8.0f};
    const float top[] = {127.0f, -128.0f}, over[] = {127.001f}, tiny[] = {1e-44f};

    (void)state;
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MAX, a, 3), -7 + 0); /* 0.99 <= 127/128 */
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MAX, b, 3), -6);
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MAX, top, 2), 0);
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MAX, over, 1), 1);
    assert_int_equal(calibrated("uint8", MP_CALIBRATE_MAX, b, 3), -7); /* 1.0 <= 255/128 */
    assert_int_equal(calibrated("uint8", MP_CALIBRATE_MAX, negative, 2), 0);
    assert_int_equal(calibrated("int1", MP_CALIBRATE_MAX, negative, 2), 3);
    assert_int_equal(calibrated("e4m3", MP_CALIBRATE_MAX, (const float[]){480.0f}, 1), -9);
    assert_int_equal(calibrated("e4m3", MP_CALIBRATE_MAX, (const float[]){481.0f}, 1), -8);
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MAX, (const float[]){0.0f, 0.0f}, 2), 0);
    assert_int_equal(calibrated("int8", MP_CALIBRATE_MSE, (const float[]){0.0f}, 0), 0);
    assert_int_equal(calibrated("float32", MP_CALIBRATE_MSE, b, 3), 0);
    assert_true(calibrated("e8m3", MP_CALIBRATE_MSE, tiny, 1) < -300);
}

static double error_at(const struct mp_format *f, int unit, const float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double d = mp_format_quantise(f, unit, (double)x[i]) - (double)x[i];
        sum += d * d;
    }
    return sum;
}

static void finds_the_least_error(void **state)
{
    static const char *const names[] = {"int4", "int8", "uint4", "e2m1", "e3m2z", "e4m2", "e3m0"};
    enum { COUNT = 4000 };
    float *x = mp_alloc(COUNT, sizeof *x);
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 3);
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)mp_random_normal(&r);
    x[17] = 300.0f; /* one outlier that must not decide about narrow formats */
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        struct mp_format f;
        int unit = calibrated(names[k], MP_CALIBRATE_MSE, x, COUNT);
        int start = calibrated(names[k], MP_CALIBRATE_MAX, x, COUNT);

        assert_int_equal(mp_format_parse(&f, names[k], NULL), MP_OK);
        for (int u = start - 12; u <= start + 2; u++)
            assert_true(error_at(&f, unit, x, COUNT) <= error_at(&f, u, x, COUNT) * (1 + 1e-9));
    }
    free(x);
}

static void refuses_what_is_not_finite(void **state)
{
    const float x[] = {1.0f, NAN}, y[] = {-INFINITY};
    struct mp_format f;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_calibration how = {MP_CALIBRATE_MAX, 0};
    int unit;

    (void)state;
    mp_format_parse(&f, "int8", NULL);
    assert_int_equal(mp_format_calibrate(&f, &how, x, 2, &unit, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "value 1 of 2"));
    how.kind = MP_CALIBRATE_MSE;
    assert_int_equal(mp_format_calibrate(&f, &how, y, 1, &unit, &err), MP_E_INPUT);
    how = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, 99};
    assert_int_equal(mp_format_calibrate(&f, &how, x, 2, &unit, &err), MP_E_INPUT);
}

/* 100 values 1..100: 90 % of them are at most 90, which int8 holds at unit 2^0 (127), and uint4 at
 * 2^3 (15 x 8); all of them need nothing more there, but 99.5 % of a thousand with one of 1000. */
static void percentiles(void **state)
{
    struct mp_calibration how = {MP_CALIBRATE_PERCENTILE, 90};
    float x[1000];
    struct mp_format f;
    int unit;

    (void)state;
    for (int i = 0; i < 1000; i++)
        x[i] = (float)(i % 100 + 1) * (i % 3 == 0 ? -1 : 1);
    mp_format_parse(&f, "int8", NULL);
    assert_int_equal(mp_format_calibrate(&f, &how, x, 100, &unit, NULL), MP_OK);
    assert_int_equal(unit, 0);
    how.percentile = 63; /* at most 63, as int7 holds at 2^0 and int6 at 2^1 (-64 and 62) */
    mp_format_parse(&f, "int7", NULL);
    assert_int_equal(mp_format_calibrate(&f, &how, x, 100, &unit, NULL), MP_OK);
    assert_int_equal(unit, 0);
    how.percentile = 65; /* -64 fits, 65 does not */
    assert_int_equal(mp_format_calibrate(&f, &how, x, 100, &unit, NULL), MP_OK);
    assert_int_equal(unit, 1);
    x[500] = 4000;
    how.percentile = 99.9;
    mp_format_parse(&f, "int8", NULL);
    assert_int_equal(mp_format_calibrate(&f, &how, x, 1000, &unit, NULL), MP_OK);
    assert_int_equal(unit, 0);
    how.percentile = 100;
    assert_int_equal(mp_format_calibrate(&f, &how, x, 1000, &unit, NULL), MP_OK);
    assert_int_equal(unit, 5);
    /* Negative values are 0 to an unsigned format: of 1, 2, -3, 4, 5, -6 four are above. */
    mp_format_parse(&f, "uint2", NULL);
    how.percentile = 50; /* 0, 0, 1 | 2, 4, 5: at most 1 */
    assert_int_equal(mp_format_calibrate(&f, &how, (float[]){1, 2, -3, 4, 5, -6}, 6, &unit, NULL),
                     MP_OK);
    assert_int_equal(unit, -1); /* 3 x 2^-1 */
    how.percentile = 84;        /* 5 */
    assert_int_equal(mp_format_calibrate(&f, &how, (float[]){1, 2, -3, 4, 5, -6}, 6, &unit, NULL),
                     MP_OK);
    assert_int_equal(unit, 1);
}

/* Against sorting, with random magnitudes of every size. */
static void percentile_is_the_sorted_one(void **state)
{
    enum { COUNT = 2000 };
    float x[COUNT], sorted[COUNT] = {0};
    struct mp_format f;
    struct mp_random r;

    (void)state;
    mp_format_parse(&f, "e0m20", NULL); /* so fine that the unit shows the limit to a factor of 2 */
    mp_random_seed(&r, 8);
    for (uint32_t turn = 0; turn < 50; turn++) {
        struct mp_calibration how = {MP_CALIBRATE_PERCENTILE, 50 + 50 * mp_random_unit(&r)};
        int unit;
        for (size_t i = 0; i < COUNT; i++) {
            x[i] = ldexpf((float)mp_random_normal(&r), (int)mp_random_below(&r, 60) - 30);
            float m = fabsf(x[i]);
            size_t k = i;
            for (; k > 0 && sorted[k - 1] > m; k--)
                sorted[k] = sorted[k - 1];
            sorted[k] = m;
        }
        assert_int_equal(mp_format_calibrate(&f, &how, x, COUNT, &unit, NULL), MP_OK);
        double t = (double)sorted[(size_t)ceil(COUNT * how.percentile / 100) - 1];
        double top = ldexp(mp_format_max_value(&f), unit);
        assert_true(t <= top && 2 * t > top);
    }
}

/* Parts of two formats under one unit: 5 needs 2^0 as uint3 (7), -5 needs 2^1 as int3 (-8, 6).
 * Least error weighs by share: 100 values of 0.5 in uint1 against one of 8. */
static void parts(void **state)
{
    struct mp_format u3, i3, u1;
    const float five[] = {1, 5}, minus[] = {-5, 2}, half[] = {0.5f}, eight[] = {8};
    struct mp_calibration how = {MP_CALIBRATE_MAX, 0};
    int unit;

    (void)state;
    mp_format_parse(&u3, "uint3", NULL);
    mp_format_parse(&i3, "int3", NULL);
    mp_format_parse(&u1, "uint1", NULL);
    struct mp_values p[] = {{&u3, five, 2, 1}, {&i3, minus, 2, 1}};
    assert_int_equal(mp_format_calibrate_parts(&how, p, 1, &unit, NULL), MP_OK);
    assert_int_equal(unit, 0);
    assert_int_equal(mp_format_calibrate_parts(&how, p, 2, &unit, NULL), MP_OK);
    assert_int_equal(unit, 1);
    how.kind = MP_CALIBRATE_MSE;
    struct mp_values q[] = {{&u1, half, 1, 100}, {&u1, eight, 1, 1}};
    assert_int_equal(mp_format_calibrate_parts(&how, q, 2, &unit, NULL), MP_OK);
    assert_int_equal(unit, 3); /* 25 against 7.5^2 */
    q[0].share = 1000;
    assert_int_equal(mp_format_calibrate_parts(&how, q, 2, &unit, NULL), MP_OK);
    assert_int_equal(unit, -1);
}

static void names(void **state)
{
    static const char *const good[] = {"max",
                                       "mse",
                                       "percentile:99.9",
                                       "percentile:50",
                                       "percentile:100",
                                       "percentile:99.99999999"};
    static const char *const wrong[] = {
        "best",           "percentile",     "percentile:",   "percentile:49",
        "percentile:101", "percentile:nan", "percentile:9O", "percentile:0x63"};
    struct mp_calibration c;
    char name[MP_CALIBRATION_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(mp_calibration_parse(&c, good[i], NULL), MP_OK);
        assert_string_equal(mp_calibration_name(&c, name), good[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(mp_calibration_parse(&c, wrong[i], NULL), MP_E_USAGE);
}

/* The bias of the specifications, whatever the values are; formats without one are refused. */
static void scale_of_one(void **state)
{
    static const struct {
        const char *name;
        int unit;
    } formats[] = {{"fp8_e4m3", -9}, {"fp8_e5m2", -16}, {"e4m3", -9},   {"e2m1", -1},
                   {"e3m2", -4},     {"e4m3z", -10},    {"e8m23", -149}};
    static const char *const wrong[] = {"int8", "uint8", "bf16", "pot2_e3", "e0m4"};
    static const float values[] = {1000, -0.5f, 1e-9f};
    struct mp_calibration none;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_format f;
    int unit;

    (void)state;
    assert_int_equal(mp_calibration_parse(&none, "none", NULL), MP_OK);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        mp_format_parse(&f, formats[i].name, NULL);
        assert_int_equal(mp_format_calibrate(&f, &none, values, 3, &unit, NULL), MP_OK);
        assert_int_equal(unit, formats[i].unit);
        assert_true(mp_format_quantise(&f, unit, 1) == 1);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mp_format_parse(&f, wrong[i], NULL);
        assert_int_equal(mp_format_calibrate(&f, &none, values, 3, &unit, &err), MP_E_USAGE);
        assert_non_null(strstr(err.message, wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_the_maximum),
        cmocka_unit_test(finds_the_least_error),
        cmocka_unit_test(refuses_what_is_not_finite),
        cmocka_unit_test(percentiles),
        cmocka_unit_test(percentile_is_the_sorted_one),
        cmocka_unit_test(parts),
        cmocka_unit_test(names),
        cmocka_unit_test(scale_of_one),
    };

    return cmocka_run_group_tests_name("calibrate", tests, NULL, NULL);
}
