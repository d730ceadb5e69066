/* bf16 behind a window of exponents, and sums of two powers of two. */
#include "estimator/format/golden.h"
#include "tests/format/plain.h"

#include <string.h>

/* bfloat16 as IEEE reads it, zero where the exponent is not one of the `window` highest. */
static double windowed(uint32_t code, int window)
{
    uint32_t bits = code << 16;
    float x;

    if ((int)(code >> 7) < 256 - window)
        return 0;
    memcpy(&x, &bits, sizeof x);
    return isfinite(x) ? (double)x : ldexp(1 + (double)(code & 127) / 128, 128);
}

static void bfloat(void **state)
{
    static const struct {
        const char *name;
        int window;
        unsigned product; /* with uint8 */
    } formats[] = {{"bf16w4", 4, 20},
                   {"bf16w8", 8, 24},
                   {"bf16", 16, 32},
                   {"bf16w32", 32, 48},
                   {"bf16w64", 64, 80}};
    struct mp_format eight = format("uint8");

    (void)state;
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        struct mp_format f = format(formats[k].name);
        int unit = 256 - formats[k].window - 127 - 7;
        struct plain *p = mp_alloc(1 << 15, sizeof *p);
        size_t n = 1;
        p[0] = (struct plain){0, 0, true};
        for (uint32_t code = 0; code < 1 << 15; code++) {
            double x = windowed(code, formats[k].window);
            assert_true(mp_format_decode(&f, unit, code) == x);
            assert_true(mp_format_decode(&f, unit, code | 1 << 15) == -x);
            if (x != 0 && code < 0x7f80)
                p[n++] = (struct plain){ldexp(x, -unit), code, code % 2 == 0};
        }
        assert_int_equal(mp_format_max_shift(&f), formats[k].window - 1);
        assert_int_equal(mp_golden_check(&f, &eight, NULL), MP_OK);
        assert_int_equal(mp_golden_product_bits(&f, &eight), formats[k].product);
        /* 0 and the smallest are both even: zero takes the tie. */
        assert_int_equal(mp_format_encode(&f, 0, 64), 0);
        assert_int_equal(mp_format_encode(&f, 0, nextafter(64, 65)), p[1].code);
        plain_check_encode(&f, p + 1, n - 1);
        free(p);
    }
}

static void bfloat_by_hand(void **state)
{
    struct mp_format f = format("bf16"), other, a = format("uint8");

    (void)state;
    mp_format_parse(&other, "bf16w16", NULL);
    assert_true(mp_format_equal(&f, &other));
    other = format("bf16w8");
    assert_false(mp_format_equal(&f, &other));
    /* 0xf000: sign, e = 224: below the window. 0x7840: e = 240, m = 64. */
    assert_true(mp_format_decode(&f, 0, 0xf000) == 0);
    assert_true(mp_format_decode(&f, 0, 0x7840) == 192);
    assert_true(mp_golden_product(&f, &a, 0xf840, 10) == -1920);
    /* the sign of a product is that of the operands, also of zero */
    assert_true(mp_golden_product_code(&f, &a, 0xf000, 255) == (mp_u128)1 << 31);
    /* as large as bf16 gets, 255 * 2^14, and infinity, which a unit reads as 128 * 2^15 */
    assert_int_equal(mp_format_encode(&f, 0, 1e12), 0x7f7f);
    assert_true(mp_format_max_value(&f) == 255 * 0x1p14);
    assert_true(mp_format_decode(&f, 0, 0x7f80) == 0x1p22);
}

/* All pairs of exponents; of the codes of one value the one with fewer powers is encoded. */
static void sums(void **state)
{
    (void)state;
    for (unsigned e = 1; e <= 5; e++) {
        char *name = mp_asprintf("pot2_e%u", e);
        struct mp_format f = format(name);
        struct plain *p = mp_alloc((size_t)1 << 2 * e, sizeof *p);
        size_t n = 0, distinct = 0;
        for (uint32_t a = 0; a < 1u << e; a++)
            for (uint32_t b = 0; b < 1u << e; b++) {
                double x = (a == 0 ? 0 : pow(2, a - 1.0)) + (b == 0 ? 0 : pow(2, b - 1.0));
                uint32_t code = a << e | b;
                assert_true(mp_format_decode(&f, 0, code) == x);
                assert_true(mp_format_decode(&f, 0, code | 1u << 2 * e) == -x);
                /* the largest alone needs two equal powers */
                if (a > b || code == 0 || code == (1u << 2 * e) - 1)
                    p[n++] = (struct plain){x, code, false};
            }
        qsort(p, n, sizeof *p, plain_order);
        for (size_t i = 0; i < n; i++) {
            p[i].is_even = i % 2 == 0;
            distinct += i == 0 || p[i].value != p[i - 1].value;
        }
        assert_int_equal(f.bits, 1 + 2 * e);
        assert_int_equal(distinct, n);
        /* 0, 2^k, 2^j + 2^k of j < k, and one more at the top */
        assert_int_equal(n, 2 + ((1u << e) - 1) * (1u << e) / 2);
        plain_check_encode(&f, p, n);
        free(p);
        free(name);
    }
}

static void sums_by_hand(void **state)
{
    struct mp_format f = format("pot2_e3"), a = format("int8"), u = format("uint8");

    (void)state;
    /* magnitudes in order: 0 1 2 3 4 5 6 8 9 10 12 16 ... 96 128 */
    assert_int_equal(mp_format_encode(&f, 0, 6), 3 << 3 | 2);
    assert_int_equal(mp_format_encode(&f, 0, 7), 3 << 3 | 2);  /* 6 is at place 6, 8 at 7 */
    assert_int_equal(mp_format_encode(&f, 0, 11), 4 << 3 | 3); /* 12 is at place 10 */
    assert_int_equal(mp_format_encode(&f, 0, -112), 0x7e);     /* 96 is at place 28, 128 at 29 */
    assert_int_equal(mp_format_encode(&f, 0, 500), 0x3f);
    assert_true(mp_golden_product(&f, &a, 0x7f, 0x80) == 128 * 128);
    assert_true(mp_golden_product(&f, &a, 2 << 3 | 5, 3) == 54); /* (2 + 16) * 3 */
    assert_int_equal(mp_golden_product_encoding(&f, &u), MP_PRODUCT_SIGN_MAGNITUDE);
    assert_int_equal(mp_golden_product_bits(&f, &u), 1 + 15);
    assert_int_equal(mp_golden_product_bits(&f, &a), 1 + 15);
    assert_true(mp_golden_product_code(&f, &u, 0x40, 9) == 1 << 15);
    assert_int_equal(mp_golden_check(&f, &a, NULL), MP_OK);
}

static void refusals(void **state)
{
    static const char *const wrong[] = {"bf16w",   "bf16w2",  "bf16w128", "bf16w12", "bf16w08",
                                        "bf17",    "bf16z",   "bf",       "pot2",    "pot2_e",
                                        "pot2_e0", "pot2_e6", "pot2_e3z", "pot3_e2", "bf16w16 "};

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
        cmocka_unit_test(bfloat),       cmocka_unit_test(bfloat_by_hand), cmocka_unit_test(sums),
        cmocka_unit_test(sums_by_hand), cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests_name("powers", tests, NULL, NULL);
}
