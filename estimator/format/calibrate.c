#include "estimator/format/format.h"
#include "estimator/util/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least squared error: how many unit exponents below the one that covers the maximum are tried
 * (each halves the range), and on how many values at most. */
#define EXPONENTS_TRIED 16
#define VALUES_TRIED    65536

static const char *const calibration_names[] = {"max", "mse"};

int mp_calibration_parse(enum mp_calibration *c, const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < sizeof calibration_names / sizeof *calibration_names; i++)
        if (strcmp(name, calibration_names[i]) == 0) {
            *c = (enum mp_calibration)i;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE, "unknown calibration \"%s\": there are max and mse", name);
}

const char *mp_calibration_name(enum mp_calibration c)
{
    return calibration_names[c];
}

/* The smallest u with x <= limit * 2^u, for x > 0 and limit > 0. */
static int covering_exponent(double x, double limit)
{
    int u = ilogb(x) - ilogb(limit) - 1;

    while (ldexp(limit, u) < x)
        u++;
    return u;
}

/* Smallest unit exponent at which low and high are not saturated; false: none matters (all zero,
 * or only values that the format does not have on that side). */
static bool max_exponent(const struct mp_format *f, double low, double high, int *unit_exponent)
{
    double top = mp_format_max_value(f), bottom = top;
    bool found = false;

    if (f->kind == MP_FORMAT_INT)
        bottom = ldexp(1.0, f->bits - 1);
    else if (f->kind == MP_FORMAT_UINT)
        bottom = 0;
    if (high > 0 && top > 0) {
        *unit_exponent = covering_exponent(high, top);
        found = true;
    }
    if (low < 0 && bottom > 0) {
        int u = covering_exponent(-low, bottom);
        *unit_exponent = !found || u > *unit_exponent ? u : *unit_exponent;
        found = true;
    }
    return found;
}

static double squared_error(const struct mp_format *f, int unit_exponent, size_t n,
                            const float *values, float *quantised)
{
    double sum = 0;

    mp_format_quantise_array(f, unit_exponent, n, values, quantised);
    for (size_t i = 0; i < n; i++) {
        double d = (double)quantised[i] - (double)values[i];
        sum += d * d;
    }
    return sum;
}

static int least_error_exponent(const struct mp_format *f, int start, const float *values, size_t n)
{
    assert(n > 0); /* else no value asks for an exponent */
    size_t stride = (n + VALUES_TRIED - 1) / VALUES_TRIED, count = (n + stride - 1) / stride;
    float *sample = mp_alloc(count, sizeof *sample), *quantised = mp_alloc(count, sizeof *sample);
    double least = INFINITY;
    int best = start;

    for (size_t i = 0; i < count; i++)
        sample[i] = values[i * stride];
    for (int u = start; u >= start - EXPONENTS_TRIED; u--) {
        double e = squared_error(f, u, count, sample, quantised);
        if (e < least) {
            least = e;
            best = u;
        }
    }
    free(quantised);
    free(sample);
    return best;
}

int mp_format_calibrate(const struct mp_format *f, enum mp_calibration how, const float *values,
                        size_t n, int *unit_exponent, struct mp_error *err)
{
    double low = 0, high = 0;

    for (size_t i = 0; i < n; i++) {
        double x = (double)values[i];
        if (!isfinite(x))
            return mp_fail(err, MP_E_INPUT,
                           "value %zu of %zu to calibrate on is not a finite number: look for a "
                           "division by zero or an overflow in the network",
                           i, n);
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    *unit_exponent = 0;
    if (f->kind == MP_FORMAT_FLOAT32 || !max_exponent(f, low, high, unit_exponent))
        return MP_OK;
    if (how == MP_CALIBRATE_MSE)
        *unit_exponent = least_error_exponent(f, *unit_exponent, values, n);
    return MP_OK;
}
