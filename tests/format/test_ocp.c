/*
 * The formats of the OCP: FP8 (OFP8 specification 1.0, tables 1 and 2), FP4 and FP6 and blocks
 * (Microscaling Formats specification 1.0).
 */
#include "estimator/format/golden.h"
#include "tests/format/plain.h"

#include <string.h>

/* What the specifications say of a code without its sign, at scale 1. NaN: not a number. */
static double specified(unsigned e_bits, unsigned m_bits, int bias, bool nan_only, bool infinity,
                        uint32_t code)
{
    unsigned e = code >> m_bits, m = code & ((1u << m_bits) - 1), top = (1u << e_bits) - 1;
    double fraction = (double)m / (double)(1u << m_bits);

    if (nan_only && e == top && m == (1u << m_bits) - 1)
        return NAN;
    if (infinity && e == top)
        return m == 0 ? INFINITY : (double)NAN;
    return e == 0 ? pow(2, 1 - bias) * fraction : pow(2, (int)e - bias) * (1 + fraction);
}

static void every_code(void **state)
{
    static const struct {
        const char *name;
        unsigned e, m;
        int bias;
        bool nan_only, infinity;
        double most, least; /* as the specifications print them */
    } formats[] = {{"fp8_e4m3", 4, 3, 7, true, false, 448, 0x1p-9},
                   {"fp8_e5m2", 5, 2, 15, false, true, 57344, 0x1p-16},
                   {"mxfp8_e4m3", 4, 3, 7, true, false, 448, 0x1p-9},
                   {"mxfp8_e5m2", 5, 2, 15, false, true, 57344, 0x1p-16},
                   {"mxfp6_e2m3", 2, 3, 1, false, false, 7.5, 0.125},
                   {"mxfp6_e3m2", 3, 2, 3, false, false, 28, 0.0625},
                   {"mxfp4", 2, 1, 1, false, false, 6, 0.5},
                   {"e2m1", 2, 1, 1, false, false, 6, 0.5},
                   {"e2m3", 2, 3, 1, false, false, 7.5, 0.125},
                   {"e3m2", 3, 2, 3, false, false, 28, 0.0625}};

    (void)state;
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        struct mp_format f = format(formats[k].name);
        int unit = 1 - formats[k].bias - (int)formats[k].m;
        struct plain *p = mp_alloc(128, sizeof *p);
        size_t n = 0;
        for (uint32_t code = 0; code < (uint32_t)1 << (f.bits - 1); code++) {
            double x = specified(formats[k].e, formats[k].m, formats[k].bias, formats[k].nan_only,
                                 formats[k].infinity, code);
            if (!isfinite(x)) /* the number that follows, so that units are defined */
                x = specified(formats[k].e, formats[k].m, formats[k].bias, false, false, code);
            else
                p[n++] = (struct plain){ldexp(x, -unit), code, code % 2 == 0};
            assert_true(mp_format_decode(&f, unit, code) == x);
            assert_true(mp_format_decode(&f, unit, code | 1u << (f.bits - 1)) == -x);
        }
        assert_true(ldexp(p[n - 1].value, unit) == formats[k].most);
        assert_true(ldexp(p[1].value, unit) == formats[k].least);
        assert_int_equal(mp_format_unit_of_one(&f), unit);
        plain_check_encode(&f, p, n);
        free(p);
    }
}

/* Codes and values as the specifications give them. */
static void known_values(void **state)
{
    struct mp_format f = format("fp8_e4m3"), other;

    (void)state;
    assert_int_equal(mp_format_encode(&f, -9, 448), 0x7e);
    assert_int_equal(mp_format_encode(&f, -9, 1e9), 0x7e); /* never NaN, 0x7f */
    assert_int_equal(mp_format_encode(&f, -9, -1e9), 0xfe);
    assert_int_equal(mp_format_encode(&f, -9, 0x1p-6), 0x08); /* least normal */
    assert_int_equal(mp_format_encode(&f, -9, 0x1p-9), 0x01);
    assert_int_equal(mp_format_encode(&f, -9, 0x1p-10), 0x00);
    assert_true(mp_format_decode(&f, -9, 0x7f) == 480); /* what a unit computes with for NaN */
    f = format("fp8_e5m2");
    assert_int_equal(mp_format_encode(&f, -16, 57344), 0x7b);
    assert_int_equal(mp_format_encode(&f, -16, INFINITY), 0x7b);
    assert_int_equal(mp_format_encode(&f, -16, 0x1p-14), 0x04);
    assert_true(mp_format_decode(&f, -16, 0x7c) == 65536);
    /* Other names of formats that have no codes but numbers. */
    mp_format_parse(&f, "fp4_e2m1", NULL);
    other = format("e2m1");
    assert_true(mp_format_equal(&f, &other));
    mp_format_parse(&f, "mxfp4_e2m1", NULL);
    other = format("mxfp4");
    assert_true(mp_format_equal(&f, &other));
    f = mp_format_element(&other);
    other = format("e2m1");
    assert_true(mp_format_equal(&f, &other));
    f = format("fp8_e4m3");
    other = format("e4m3");
    assert_false(mp_format_equal(&f, &other));
}

/*
 * A block of mxfp4 by hand: max |x| 7.9, so the scale is 2^(floor(log2 7.9) - 2) = 2^0, and 7.9
 * saturates at 6; with a largest of 0.7 it is 2^(-1 - 2) = 2^-3 and 0.7 is 5.6 eighths: 6.
 */
static void blocks(void **state)
{
    static const float large[] = {7.9F, -2.6F, 0.2F, 5, -5}, small[] = {0.1F, -0.7F, 0.3F};
    static const float none[] = {0, -0.0F};
    static const float tiny[] = {0x1p-140F}, huge[] = {0x1p127F};
    struct mp_format f = format("mxfp4");
    int unit = mp_format_block_unit(&f, large, 5);

    (void)state;
    assert_int_equal(unit, 0 - 1); /* a unit of e2m1 is 1/2 */
    assert_true(mp_format_quantise(&f, unit, (double)large[0]) == 6);
    assert_true(mp_format_quantise(&f, unit, (double)large[1]) == -3);
    assert_true(mp_format_quantise(&f, unit, (double)large[2]) == 0);
    assert_true(mp_format_quantise(&f, unit, 5) == 4); /* 4 has the even code */
    unit = mp_format_block_unit(&f, small, 3);
    assert_int_equal(unit, -3 - 1);
    assert_true(mp_format_quantise(&f, unit, (double)small[1]) == -0.75);
    assert_true(mp_format_quantise(&f, unit, (double)small[0]) == 0.125);
    assert_true(mp_format_quantise(&f, unit, (double)small[2]) == 0.25);
    assert_int_equal(mp_format_block_unit(&f, none, 2), -1);
    assert_int_equal(mp_format_block_unit(&f, none, 0), -1);
    assert_int_equal(mp_format_block_unit(&f, tiny, 1), -127 - 1);
    assert_int_equal(mp_format_block_unit(&f, huge, 1), 125 - 1);
    f = format("mxint8"); /* steps of 1/64 at scale 1, from -2 to 127/64 */
    unit = mp_format_block_unit(&f, large, 5);
    assert_int_equal(unit, 2 - 6);
    assert_true(mp_format_quantise(&f, unit, (double)large[0]) == 7.875);
    assert_int_equal(mp_format_encode(&f, unit, -2.6), 256 - 42);
    f = format("mxfp8_e4m3");
    assert_int_equal(mp_format_block_unit(&f, large, 5), 2 - 8 - 9);
    f = format("mxfp8_e5m2");
    assert_int_equal(mp_format_block_unit(&f, large, 5), 2 - 15 - 16);
    f = format("mxfp6_e3m2");
    assert_int_equal(mp_format_block_unit(&f, large, 5), 2 - 4 - 4);
    f = format("mxfp6_e2m3");
    assert_int_equal(mp_format_block_unit(&f, large, 5), 2 - 2 - 3);
}

/* Products of all codes: an element's is its format's, NaN's and infinity's that of the next
 * number; float x float is exact. */
static void products(void **state)
{
    static const struct {
        const char *weight, *as, *activation;
        unsigned bits, accumulator; /* of 1024 terms, or a block */
    } pairs[] = {
        {"fp8_e4m3", "e4m3", "uint8", 27, 37},    {"fp8_e5m2", "e5m2", "uint8", 42, 52},
        {"mxfp4", "e2m1", "uint8", 13, 18},       {"mxint8", "int8", "uint8", 16, 21},
        {"mxfp8_e4m3", "e4m3", "int8", 26, 31},   {"e2m1", "e2m1", "e2m1", 9, 19},
        {"e4m3", "e4m3", "fp8_e4m3", 37, 47},     {"e5m2", "e5m2", "e5m2", 67, 77},
        {"fp8_e4m3", "e4m3", "fp8_e5m2", 52, 62},
    };

    (void)state;
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct mp_format w = format(pairs[k].weight), a = format(pairs[k].activation);
        struct mp_format as = format(pairs[k].as);
        assert_int_equal(mp_golden_check(&w, &a, NULL), MP_OK);
        assert_int_equal(mp_golden_product_bits(&w, &a), pairs[k].bits);
        assert_int_equal(mp_golden_accumulator_bits(&w, &a, 1024), pairs[k].accumulator);
        for (uint32_t x = 0; x < 1u << w.bits; x++)
            for (uint32_t y = 0; y < 1u << a.bits; y++) {
                mp_u128 code = mp_golden_product_code(&w, &a, x, y);
                double product = mp_format_decode(&as, 0, x) * mp_format_decode(&a, 0, y);
                assert_true(code >> pairs[k].bits == 0);
                assert_true(code == mp_golden_product_code(&as, &a, x, y));
                assert_true((double)mp_golden_product(&w, &a, x, y) == product);
                if (w.kind == MP_FORMAT_FLOAT)
                    assert_true((double)(code & (((mp_u128)1 << (pairs[k].bits - 1)) - 1)) ==
                                fabs(product));
            }
    }
}

static void limits(void **state)
{
    static const char *const wrong[][3] = {
        {"int8", "e4m3", "float weights"},      {"e4m3", "mxfp4", "blocks"},
        {"e4m3", "mxint8", "int or uint"},      {"e6m3", "e6m3", "at most 96"},
        {"e4m3", "e7m2", "at most 6 exponent"}, {"pot2_e3", "e4m3", "float weights"},
        {"e4m3", "pot2_e3", "int or uint"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mp_format w = format(wrong[i][0]), a = format(wrong[i][1]);
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_golden_check(&w, &a, &err), MP_E_UNSUPPORTED);
        assert_non_null(strstr(err.message, wrong[i][2]));
    }
}

static void refusals(void **state)
{
    static const char *const wrong[] = {"fp8",  "fp8_e3m4", "fp8_e4m3z", "mxfp8", "mxfp6",
                                        "mxfp", "mxint4",   "mxfp4 ",    "fp4",   "mx"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mp_format f;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_format_parse(&f, wrong[i], &err), MP_E_USAGE);
        assert_non_null(strstr(err.message, wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code), cmocka_unit_test(known_values), cmocka_unit_test(blocks),
        cmocka_unit_test(products),   cmocka_unit_test(limits),       cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests_name("ocp", tests, NULL, NULL);
}
