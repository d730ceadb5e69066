/*
 * Encode against brute force over a plain list of what a format holds, written down by the test
 * from a format's definition and not from the code under test.
 */
#ifndef TESTS_FORMAT_PLAIN_H
#define TESTS_FORMAT_PLAIN_H

#include "estimator/format/format.h"
#include "estimator/util/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct plain {
    double value; /* >= 0, in units */
    uint32_t code;
    bool is_even; /* the one that takes a tie */
};

static inline int plain_order(const void *a, const void *b)
{
    const struct plain *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

static inline struct mp_format format(const char *name)
{
    struct mp_format f;
    char back[MP_FORMAT_NAME_SIZE];

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    assert_string_equal(mp_format_name(&f, back), name);
    return f;
}

/* x and -x, scalar and array. */
static inline void plain_check_one(const struct mp_format *f, double x, const struct plain *want)
{
    uint32_t sign = (uint32_t)1 << (f->bits - 1), code;
    float in = (float)x, out;

    assert_int_equal(mp_format_encode(f, 0, x), want->code);
    assert_int_equal(mp_format_encode(f, 9, ldexp(x, 9)), want->code);
    assert_int_equal(mp_format_encode(f, 0, -x), want->code | (want->code != 0 ? sign : 0));
    assert_true(mp_format_quantise(f, -3, ldexp(x, -3)) == ldexp(want->value, -3));
    if ((double)in != x)
        return;
    mp_format_encode_array(f, 0, 1, &in, &code);
    assert_int_equal(code, want->code);
    mp_format_quantise_array(f, 0, 1, &in, &out);
    assert_true((double)out == want->value);
}

/* p[n] ascending, p[0] zero: every value, every middle, and what is next to them. */
static inline void plain_check_encode(const struct mp_format *f, const struct plain *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double up = i + 1 < n ? p[i + 1].value : 2 * p[i].value;
        double middle = 0.5 * (p[i].value + up);
        const struct plain *next = i + 1 < n ? &p[i + 1] : &p[i];
        assert_true(i + 1 == n || p[i].value < up);
        assert_true(i + 1 == n || p[i].is_even != p[i + 1].is_even);
        plain_check_one(f, p[i].value, &p[i]);
        plain_check_one(f, nextafter(middle, 0), &p[i]);
        plain_check_one(f, nextafter(middle, INFINITY), next);
        plain_check_one(f, middle, p[i].is_even ? &p[i] : next);
        float below = nextafterf((float)middle, 0);
        if ((double)below >= p[i].value && (double)below < middle)
            plain_check_one(f, (double)below, &p[i]);
    }
    assert_true(mp_format_max_value(f) == p[n - 1].value);
    assert_int_equal(mp_format_encode(f, 0, INFINITY), p[n - 1].code);
    assert_int_equal(mp_format_encode(f, 0, (double)NAN), 0);
}

#endif
