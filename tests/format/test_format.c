/* Names, and encode and decode of every code of every format up to 12 bits against brute force. */
#include "estimator/format/format.h"
#include "estimator/util/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LARGEST_BITS 12

struct valued {
    double value;
    uint32_t code;
};

static int by_value(const void *a, const void *b)
{
    const struct valued *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

/* Nearest by looking at every value; a tie to the even code. */
static uint32_t brute_force(const struct valued *v, size_t n, double x)
{
    size_t best = 0;
    double best_distance = fabs(x - v[0].value);

    for (size_t i = 1; i < n; i++) {
        double d = fabs(x - v[i].value);
        if (d < best_distance || (d == best_distance && (v[i].code & 1) == 0)) {
            best = i;
            best_distance = d;
        }
    }
    return v[best].code;
}

static void check_encode(const struct mp_format *f, const struct valued *v, size_t n, size_t at,
                         double x)
{
    size_t from = at < 2 ? 0 : at - 2, to = at + 3 > n ? n : at + 3;
    uint32_t expected = brute_force(v + from, to - from, x);

    assert_int_equal(mp_format_encode(f, 0, x), expected);
    assert_int_equal(mp_format_encode(f, -7, ldexp(x, -7)), expected);
    assert_true(mp_format_quantise(f, 5, ldexp(x, 5)) ==
                ldexp(mp_format_decode(f, 0, expected), 5));
}

static void check_neighbourhood(const struct mp_format *f, const struct valued *v, size_t n,
                                size_t i)
{
    double x = v[i].value, points[2] = {x, x};

    if (i + 1 < n)
        points[1] = 0.5 * (x + v[i + 1].value);
    for (int p = 0; p < 2; p++) {
        check_encode(f, v, n, i, points[p]);
        check_encode(f, v, n, i, nextafter(points[p], INFINITY));
        check_encode(f, v, n, i, nextafter(points[p], -INFINITY));
    }
}

static void check_format(const struct mp_format *f)
{
    size_t codes = (size_t)1 << f->bits, n = 0;
    uint32_t minus_zero = (uint32_t)1 << (f->bits - 1);
    struct valued *v = mp_alloc(codes, sizeof *v);

    for (uint32_t code = 0; code < codes; code++) {
        double value = mp_format_decode(f, 0, code);
        struct mp_fields fields;

        mp_format_fields(f, code, &fields);
        assert_true(value == (fields.negative ? -1.0 : 1.0) *
                                 ldexp((double)fields.significand, (int)fields.shift));
        assert_true(fields.shift <= mp_format_max_shift(f));
        assert_true(value <= mp_format_max_value(f));
        if (f->kind == MP_FORMAT_FLOAT)
            assert_true(mp_format_decode(f, 0, code ^ minus_zero) == -value);
        if (f->kind == MP_FORMAT_FLOAT && code == minus_zero)
            continue;
        v[n++] = (struct valued){value, code};
    }
    qsort(v, n, sizeof *v, by_value);
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || v[i - 1].value < v[i].value); /* one code a value */
        check_neighbourhood(f, v, n, i);
    }
    assert_true(v[n - 1].value == mp_format_max_value(f));
    assert_int_equal(mp_format_encode(f, 0, INFINITY), v[n - 1].code);
    assert_int_equal(mp_format_encode(f, 0, -INFINITY), v[0].code);
    assert_int_equal(mp_format_encode(f, 0, 2 * v[n - 1].value + 1), v[n - 1].code);
    assert_int_equal(mp_format_encode(f, 0, 2 * v[0].value - 1), v[0].code);
    assert_int_equal(mp_format_encode(f, 0, (double)NAN), 0);
    free(v);
}

static void check_named(const char *name)
{
    struct mp_format f;
    char back[MP_FORMAT_NAME_SIZE];

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    assert_string_equal(mp_format_name(&f, back), name);
    if (f.bits <= LARGEST_BITS)
        check_format(&f);
}

static void fixed_codes(void **state)
{
    (void)state;
    for (int w = 1; w <= 32; w++) {
        char *a = mp_asprintf("int%d", w), *b = mp_asprintf("uint%d", w);
        check_named(a);
        check_named(b);
        free(a);
        free(b);
    }
}

static void float_codes(void **state)
{
    (void)state;
    for (int e = 0; e <= 8; e++)
        for (int m = e == 0; m <= 23; m++) {
            char *a = mp_asprintf("e%dm%d", e, m), *b = mp_asprintf("e%dm%dz", e, m);
            check_named(a);
            check_named(b);
            free(a);
            free(b);
        }
}

/* Worked by hand. */
static void known_values(void **state)
{
    struct mp_format f;

    (void)state;
    mp_format_parse(&f, "e4m3", NULL); /* FP8 with bias 7: unit 2^(1-7-3) */
    assert_true(mp_format_decode(&f, -9, 0x38) == 1.0);
    assert_true(mp_format_decode(&f, -9, 0x7f) == 480.0);
    assert_true(mp_format_decode(&f, -9, 0x01) == 0x1p-9);
    assert_true(mp_format_decode(&f, -9, 0xb8) == -1.0);
    mp_format_parse(&f, "e2m1", NULL); /* FP4: 0 .5 1 1.5 2 3 4 6 */
    assert_true(mp_format_decode(&f, -1, 1) == 0.5);
    assert_true(mp_format_decode(&f, -1, 7) == 6.0);
    assert_int_equal(mp_format_encode(&f, -1, 5.0), 6);
    assert_int_equal(mp_format_encode(&f, -1, -2.5), 8 | 4);
    mp_format_parse(&f, "e2m1z", NULL);
    assert_true(mp_format_decode(&f, 0, 0) == 0.0);
    assert_true(mp_format_decode(&f, 0, 1) == 3.0);
    assert_true(mp_format_decode(&f, 0, 7) == 24.0);
    mp_format_parse(&f, "int8", NULL);
    assert_true(mp_format_decode(&f, -4, 0x80) == -8.0);
    assert_int_equal(mp_format_encode(&f, 2, 10.0), 2); /* 2.5 */
    mp_format_parse(&f, "uint8", NULL);
    assert_int_equal(mp_format_encode(&f, 0, -3.0), 0);
    assert_int_equal(mp_format_encode(&f, 0, 300.0), 255);
    mp_format_parse(&f, "float32", NULL);
    assert_true(mp_format_quantise(&f, 3, 0.1) == (double)0.1f);
}

/* Formats that a network's layers turn into others: names, and no codes. */
static void without_codes(void **state)
{
    static const struct {
        const char *name;
        enum mp_format_kind kind;
        unsigned bits;
    } cases[] = {{"fixed8", MP_FORMAT_FIXED, 8},
                 {"fixed32", MP_FORMAT_FIXED, 32},
                 {"lut1", MP_FORMAT_TABLE, 1},
                 {"lut12", MP_FORMAT_TABLE, 12}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_format f, other;
        char name[MP_FORMAT_NAME_SIZE];
        assert_int_equal(mp_format_parse(&f, cases[i].name, NULL), MP_OK);
        assert_int_equal(f.kind, cases[i].kind);
        assert_int_equal(f.bits, cases[i].bits);
        assert_string_equal(mp_format_name(&f, name), cases[i].name);
        assert_false(mp_format_has_codes(&f));
        mp_format_parse(&other, "int8", NULL);
        assert_true(mp_format_has_codes(&other));
        assert_false(mp_format_equal(&f, &other));
    }
}

static void refusals(void **state)
{
    static const char *const wrong[] = {
        "",      "int",    "int0",    "int33",         "int08", "int8 ", "int-1",
        "uint0", "uint33", "uintx",   "e0m0",          "e0m0z", "e9m1",  "e1m24",
        "e4m2x", "e4m2zz", "e4",      "em2",           "e4m",   "e04m2", "e4m02",
        "E4M2",  "float",  "float64", "int4294967304", "e-1m2", "e4m2 ", "m2",
        "fixed", "fixed0", "fixed33", "lut",           "lut0",  "lut13", "lut08",
        "e1m1e", "e00m1z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mp_format f;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_format_parse(&f, wrong[i], &err), MP_E_USAGE);
        assert_int_equal(err.code, MP_E_USAGE);
        assert_true(strlen(err.message) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_codes),  cmocka_unit_test(float_codes),
        cmocka_unit_test(known_values), cmocka_unit_test(without_codes),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
