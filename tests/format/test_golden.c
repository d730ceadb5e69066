#include "estimator/format/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mp_format format(const char *name)
{
    struct mp_format f;

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    return f;
}

/* Worked by hand: product bits, accumulator bits for `terms`. */
static void widths(void **state)
{
    static const struct {
        const char *weight, *activation;
        unsigned product;
        uint64_t terms;
        unsigned accumulator;
    } known[] = {
        {"uint8", "uint8", 16, 1, 17},  {"uint2", "uint2", 4, 1, 5},
        {"int8", "int8", 16, 1, 16},    {"int11", "uint8", 19, 1024, 29},
        {"int8", "uint8", 16, 2, 17},   {"int2", "int2", 4, 3, 5},
        {"e4m2", "uint8", 26, 1, 26},   {"e4m2", "int8", 25, 1, 25},
        {"e1m0", "uint8", 9, 1, 9},     {"e0m3z", "uint2", 7, 2, 8},
        {"e6m10", "uint16", 90, 1, 90}, {"uint16", "uint16", 32, UINT64_MAX, 97},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct mp_format w = format(known[i].weight), a = format(known[i].activation);
        assert_int_equal(mp_golden_product_bits(&w, &a), known[i].product);
        assert_int_equal(mp_golden_accumulator_bits(&w, &a, known[i].terms), known[i].accumulator);
    }
}

/* Every product fits the port and decodes to the product; one bit less would not do. */
static void every_code(void **state)
{
    static const char *const weights[] = {"int2",  "uint5", "int7", "e3m2",
                                          "e2m0z", "e0m4",  "e3m1z"};
    static const char *const activations[] = {"uint2", "int2", "uint6", "int6"};

    (void)state;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        for (size_t j = 0; j < sizeof activations / sizeof *activations; j++) {
            struct mp_format w = format(weights[i]), a = format(activations[j]);
            unsigned bits = mp_golden_product_bits(&w, &a);
            mp_i128 low = 0, high = 0;

            for (uint32_t x = 0; x < 1u << w.bits; x++)
                for (uint32_t y = 0; y < 1u << a.bits; y++) {
                    mp_i128 p = mp_golden_product(&w, &a, x, y);
                    mp_i128 code = (mp_i128)mp_golden_product_code(&w, &a, x, y);
                    mp_i128 top = (mp_i128)1 << (bits - 1);

                    assert_true((double)p ==
                                mp_format_decode(&w, 0, x) * mp_format_decode(&a, 0, y));
                    assert_true(code < 2 * top);
                    switch (mp_golden_product_encoding(&w, &a)) {
                    case MP_PRODUCT_TWOS_COMPLEMENT:
                        assert_true(p == (code ^ top) - top);
                        break;
                    case MP_PRODUCT_UNSIGNED:
                        assert_true(p == code);
                        break;
                    case MP_PRODUCT_SIGN_MAGNITUDE:
                        assert_true(p == (code & top ? -(code & (top - 1)) : code));
                        break;
                    }
                    low = p < low ? p : low;
                    high = p > high ? p : high;
                }
            if (mp_golden_product_encoding(&w, &a) == MP_PRODUCT_UNSIGNED)
                assert_true(high >> (bits - 1) != 0);
            else
                assert_true(high >= (mp_i128)1 << (bits - 2) || low < -((mp_i128)1 << (bits - 2)));
        }
}

static void accumulates(void **state)
{
    struct mp_format w = format("e2m1"), a = format("uint4");
    mp_u128 sum;

    (void)state;
    /* -12 * 15, then + 3 * 2, then a new sum 1 * 1, then down to -1 */
    sum = mp_golden_mac(&w, &a, 10, 999, true, 0xf, 15);
    assert_true(sum == 1024 - 180);
    sum = mp_golden_mac(&w, &a, 10, sum, false, 0x3, 2);
    assert_true(sum == 1024 - 174);
    sum = mp_golden_mac(&w, &a, 10, sum, true, 0x1, 1);
    assert_true(sum == 1);
    sum = mp_golden_mac(&w, &a, 10, sum, false, 0xa, 1);
    assert_true(sum == 1023);
    /* minus zero has a sign on the port and changes no sum */
    assert_true(mp_golden_product_code(&w, &a, 0x8, 3) == (mp_u128)1 << 8);
    assert_true(mp_golden_mac(&w, &a, 10, sum, false, 0x8, 3) == sum);
}

static void limits(void **state)
{
    static const char *const wrong[][2] = {
        {"int1", "uint8"},   {"int17", "uint8"}, {"e7m2", "uint8"},    {"e4m11", "uint8"},
        {"int8", "uint17"},  {"int8", "int1"},   {"float32", "uint8"}, {"int8", "e4m2"},
        {"int8", "float32"}, {"lut4", "uint8"},  {"fixed8", "uint8"},  {"int8", "fixed8"},
        {"int8", "lut4"},
    };
    struct mp_error err = MP_ERROR_INIT;
    enum mp_unit u;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mp_format w = format(wrong[i][0]), a = format(wrong[i][1]);
        assert_int_equal(mp_golden_check(&w, &a, &err), MP_E_UNSUPPORTED);
        assert_true(strlen(err.message) > 0);
    }
    /* What to use instead. */
    struct mp_format lut = format("lut4"), fixed = format("fixed8"), eight = format("int8");
    assert_int_equal(mp_golden_check(&eight, &fixed, &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "uint8"));
    assert_int_equal(mp_golden_check(&lut, &eight, &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "storage"));
    struct mp_format w = format("e6m10z"), a = format("int16");
    assert_int_equal(mp_golden_check(&w, &a, &err), MP_OK);
    assert_int_equal(mp_unit_parse(&u, "mac", NULL), MP_OK);
    assert_string_equal(mp_unit_name(u), "mac");
    assert_int_equal(mp_unit_parse(&u, "adder", &err), MP_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths),
        cmocka_unit_test(every_code),
        cmocka_unit_test(accumulates),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
