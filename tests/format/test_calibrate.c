#include "estimator/format/format.h"
#include "estimator/util/memory.h"
#include "estimator/util/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int calibrated(const char *name, enum mp_calibration how, const float *x, size_t n)
{
    struct mp_format f;
    int unit = 12345;

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    assert_int_equal(mp_format_calibrate(&f, how, x, n, &unit, NULL), MP_OK);
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
    int unit;

    (void)state;
    mp_format_parse(&f, "int8", NULL);
    assert_int_equal(mp_format_calibrate(&f, MP_CALIBRATE_MAX, x, 2, &unit, &err), MP_E_INPUT);
    assert_int_equal(mp_format_calibrate(&f, MP_CALIBRATE_MSE, y, 1, &unit, &err), MP_E_INPUT);
}

static void names(void **state)
{
    enum mp_calibration c;

    (void)state;
    assert_int_equal(mp_calibration_parse(&c, "mse", NULL), MP_OK);
    assert_int_equal(c, MP_CALIBRATE_MSE);
    assert_string_equal(mp_calibration_name(MP_CALIBRATE_MAX), "max");
    assert_int_equal(mp_calibration_parse(&c, "best", NULL), MP_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_the_maximum),
        cmocka_unit_test(finds_the_least_error),
        cmocka_unit_test(refuses_what_is_not_finite),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests_name("calibrate", tests, NULL, NULL);
}
