#include "estimator/format/format.h"
#include "estimator/util/memory.h"
#include "estimator/util/number.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Least squared error: how many unit exponents below the one that covers the maximum are tried
 * (each halves the range), and on how many values of a part at most. */
#define EXPONENTS_TRIED 16
#define VALUES_TRIED    65536
#define VALUES_AT_ONCE  4096

/* ---- names */

int mp_calibration_parse(struct mp_calibration *c, const char *name, struct mp_error *err)
{
    static const char prefix[] = "percentile:";
    double share;

    *c = (struct mp_calibration){MP_CALIBRATE_MAX, 0};
    if (strcmp(name, "max") == 0)
        return MP_OK;
    if (strcmp(name, "mse") == 0 || strcmp(name, "none") == 0) {
        c->kind = strcmp(name, "mse") == 0 ? MP_CALIBRATE_MSE : MP_CALIBRATE_NONE;
        return MP_OK;
    }
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return mp_fail(err, MP_E_USAGE,
                       "unknown calibration \"%s\": there are max, mse, none and "
                       "percentile:<share>, such as percentile:99.9",
                       name);
    if (!mp_parse_double(name + sizeof prefix - 1, &share) || !(share >= 50 && share <= 100))
        return mp_fail(err, MP_E_USAGE,
                       "calibration \"%s\": the share of values that are not saturated is a "
                       "percentage from 50 to 100, such as percentile:99.9",
                       name);
    *c = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, share};
    return MP_OK;
}

const char *mp_calibration_name(const struct mp_calibration *c, char out[MP_CALIBRATION_NAME_SIZE])
{
    char number[32];

    if (c->kind == MP_CALIBRATE_PERCENTILE)
        snprintf(out, MP_CALIBRATION_NAME_SIZE, "percentile:%s",
                 mp_print_double(c->percentile, number, sizeof number));
    else
        snprintf(out, MP_CALIBRATION_NAME_SIZE, "%s",
                 c->kind == MP_CALIBRATE_MAX   ? "max"
                 : c->kind == MP_CALIBRATE_MSE ? "mse"
                                               : "none");
    return out;
}

/* ---- ranges */

/* The smallest u with x <= limit * 2^u, for x > 0 and limit > 0. */
static int covering_exponent(double x, double limit)
{
    int u = ilogb(x) - ilogb(limit) - 1;

    while (ldexp(limit, u) < x)
        u++;
    return u;
}

static void raise(bool *found, int *unit_exponent, int u)
{
    *unit_exponent = !*found || u > *unit_exponent ? u : *unit_exponent;
    *found = true;
}

/* Raises the unit exponent to one at which low and high are not saturated; nothing where none
 * matters (all zero, or only values that the format does not have on that side). */
static void cover(const struct mp_format *f, double low, double high, bool *found,
                  int *unit_exponent)
{
    double top = mp_format_max_value(f), bottom = top;

    if (f->kind == MP_FORMAT_INT)
        bottom = ldexp(1.0, f->bits - 1);
    else if (f->kind == MP_FORMAT_UINT)
        bottom = 0;
    if (high > 0 && top > 0)
        raise(found, unit_exponent, covering_exponent(high, top));
    if (low < 0 && bottom > 0)
        raise(found, unit_exponent, covering_exponent(-low, bottom));
}

static uint32_t bits_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* As integers the bits of floats are in order: signed ones above zero, unsigned ones with the sign
 * bit below zero, and what is not finite at both ends. Integers make vector code. */
static int find_range(const struct mp_values *v, float range[2], struct mp_error *err)
{
    int32_t high = 0;
    uint32_t low = 0;

    for (size_t i = 0; i < v->count; i++) {
        uint32_t bits = bits_of(v->values[i]);
        high = (int32_t)bits > high ? (int32_t)bits : high;
        low = bits > low ? bits : low;
    }
    range[0] = low > 0x80000000u ? float_of(low) : 0;
    range[1] = float_of((uint32_t)high);
    if (high < 0x7f800000 && low < 0xff800000u)
        return MP_OK;
    size_t at = 0;
    while (isfinite(v->values[at]))
        at++;
    return mp_fail(err, MP_E_INPUT,
                   "value %zu of %zu to calibrate on is not a finite number: look for a division "
                   "by zero or an overflow in the network",
                   at, v->count);
}

/* ---- percentiles */

#define RADIX_BITS 11
#define RADIX      ((uint32_t)1 << RADIX_BITS)

/* |x| as an integer of 31 bits in the same order; 0 for what an unsigned format has not. */
static uint32_t magnitude_bits(const struct mp_format *f, float x)
{
    return f->kind == MP_FORMAT_UINT && x < 0 ? 0 : bits_of(x) & 0x7fffffffu;
}

/* Smallest magnitude m of all parts' with at least that share of them at or below it: digit by
 * digit, from counts of the magnitudes that begin with the digits found so far. */
static double percentile_of(const struct mp_values *parts, size_t count, double percentile)
{
    static const unsigned shifts[] = {20, 9, 0};
    double *counts = mp_alloc(RADIX, sizeof *counts), total = 0, below = 0, wanted = 0;
    uint32_t found = 0, known = 0;

    for (size_t step = 0; step < 3; step++) {
        unsigned shift = shifts[step], bits = step == 2 ? 9 : RADIX_BITS;
        uint32_t mask = ((uint32_t)1 << bits) - 1, digit = 0;
        memset(counts, 0, RADIX * sizeof *counts);
        for (size_t p = 0; p < count; p++)
            for (size_t i = 0; i < parts[p].count; i++) {
                uint32_t m = magnitude_bits(parts[p].format, parts[p].values[i]);
                if ((m & known) == found)
                    counts[m >> shift & mask] += parts[p].share;
            }
        for (uint32_t k = 0; step == 0 && k <= mask; k++)
            total += counts[k];
        if (step == 0)
            wanted = total * percentile / 100 * (1 - 1e-12); /* rounding must not ask for more */
        while (digit < mask && below + counts[digit] < wanted)
            below += counts[digit++];
        found |= digit << shift;
        known |= mask << shift;
    }
    free(counts);
    return (double)float_of(found);
}

/* ---- least squared error */

/* Eight sums side by side, which make vector code. */
static double difference(const float *a, const float *b, size_t n)
{
    double sums[8] = {0}, sum = 0;
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++) {
            double d = (double)a[i + k] - (double)b[i + k];
            sums[k] += d * d;
        }
    for (; i < n; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    for (size_t k = 0; k < 8; k++)
        sum += sums[k];
    return sum;
}

static double squared_error(const struct mp_values *v, int unit_exponent)
{
    size_t stride = (v->count + VALUES_TRIED - 1) / VALUES_TRIED, n;
    float sample[VALUES_AT_ONCE], quantised[VALUES_AT_ONCE];
    double sum = 0;

    for (size_t i = 0; i < v->count; i += n * stride) {
        const float *x = v->values + i;
        size_t left = (v->count - i + stride - 1) / stride;
        n = left < VALUES_AT_ONCE ? left : VALUES_AT_ONCE;
        if (stride > 1) {
            for (size_t k = 0; k < n; k++)
                sample[k] = x[k * stride];
            x = sample;
        }
        mp_format_quantise_array(v->format, unit_exponent, n, x, quantised);
        sum += difference(quantised, x, n);
    }
    return sum * v->share * (double)stride;
}

static int least_error_exponent(int start, const struct mp_values *parts, size_t count)
{
    double least = INFINITY;
    int best = start;

    for (int u = start; u >= start - EXPONENTS_TRIED; u--) {
        double e = 0;
        for (size_t p = 0; p < count && e < least; p++)
            e += squared_error(&parts[p], u);
        if (e < least) {
            least = e;
            best = u;
        }
    }
    return best;
}

/* ---- all */

/* Scale 1, the same for all parts. */
static int unit_of_one(const struct mp_values *parts, size_t count, int *unit_exponent,
                       struct mp_error *err)
{
    char name[MP_FORMAT_NAME_SIZE];

    for (size_t p = 0; p < count; p++) {
        const struct mp_format *f = parts[p].format;
        if (f->kind == MP_FORMAT_FLOAT32)
            continue;
        if (f->kind != MP_FORMAT_FLOAT || f->exponent_bits == 0 || f->window_bits > 0)
            return mp_fail(err, MP_E_USAGE,
                           "calibration none is for float formats, whose exponents have a bias of "
                           "their own, and not for %s: take max, mse or percentile:99.9",
                           mp_format_name(f, name));
        *unit_exponent = mp_format_unit_of_one(f);
    }
    return MP_OK;
}

int mp_format_calibrate_parts(const struct mp_calibration *how, const struct mp_values *parts,
                              size_t count, int *unit_exponent, struct mp_error *err)
{
    double limit = INFINITY;
    bool found = false;
    float(*ranges)[2] = mp_alloc(count + 1, sizeof *ranges);
    int rc = MP_OK;

    *unit_exponent = 0;
    for (size_t p = 0; p < count && rc == MP_OK; p++)
        rc = find_range(&parts[p], ranges[p], err);
    if (rc < 0)
        goto out;
    if (how->kind == MP_CALIBRATE_NONE) {
        rc = unit_of_one(parts, count, unit_exponent, err);
        goto out;
    }
    if (how->kind == MP_CALIBRATE_PERCENTILE && how->percentile < 100)
        limit = percentile_of(parts, count, how->percentile);
    for (size_t p = 0; p < count; p++)
        if (parts[p].format->kind != MP_FORMAT_FLOAT32)
            cover(parts[p].format, fmax((double)ranges[p][0], -limit),
                  fmin((double)ranges[p][1], limit), &found, unit_exponent);
    if (found && how->kind == MP_CALIBRATE_MSE)
        *unit_exponent = least_error_exponent(*unit_exponent, parts, count);
out:
    free(ranges);
    return rc;
}

int mp_format_calibrate(const struct mp_format *f, const struct mp_calibration *how,
                        const float *values, size_t n, int *unit_exponent, struct mp_error *err)
{
    const struct mp_values part = {f, values, n, 1};

    return mp_format_calibrate_parts(how, &part, 1, unit_exponent, err);
}
