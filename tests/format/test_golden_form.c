/* Forms of units: hand-worked values, and the error bound against every operand. */
#include "estimator/format/golden_form.h"

#include "tests/util/cmocka_all.h"

#include <math.h>

static struct mp_format format(const char *name)
{
    struct mp_format f;

    assert_int_equal(mp_format_parse(&f, name, NULL), MP_OK);
    return f;
}

static long long sum(const struct mp_golden_form *f, const char *weight, const char *activation,
                     const uint32_t *w, const uint32_t *a)
{
    const struct mp_format x = format(weight), y = format(activation);

    return (long long)mp_golden_form_sum(f, &x, &y, w, a);
}

/* e4m2: 0x5b is sign 1, exponent 6, mantissa 3: -7 * 2^5; 0x05 exponent 1, mantissa 1: 5. */
static void hand_worked(void **state)
{
    struct mp_golden_form f = {.terms = 1};
    const uint32_t w[] = {0x5b, 0x05}, a[] = {3, 9};

    (void)state;
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -672);
    f.terms = 2;
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -672 + 45);
    /* 672 / 64 = 10.5, 45 / 64 = 0.7: cut off */
    f.drop_bits = 6;
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -10);
    f.floors = true; /* -11 + 0 */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -11);
    f.floors = false;
    f.guard_bits = 2; /* (-42 + 2) / 4 */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -10);
    f.rounds = true; /* (-40 + 2) / 4 = -9.5, down */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -10);
    f = (struct mp_golden_form){.terms = 1,
                                .has_sign = true,
                                .drop_bits = 6,
                                .guard_bits = 1,
                                .rounds = true}; /* 672 / 64 = 10.5, up in magnitude */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), -11);
}

/* Shifts 5 and 0; m = -21 and 45: the second one moves right by 5 and keeps the guard bits. */
static void shared(void **state)
{
    struct mp_golden_form f = {.terms = 2, .is_shared = true};
    const uint32_t w[] = {0x5b, 0x05}, a[] = {3, 9};

    (void)state;
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), (-21 + 1) * 32);
    f.guard_bits = 2; /* 45 * 4 / 32 = 5 */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), (-84 + 5) * 8);
    f.guard_bits = 4; /* 45 * 16 / 32 = 22 */
    assert_int_equal(sum(&f, "e4m2", "uint4", w, a), (-336 + 22) * 2);
}

static void check_bound(const struct mp_golden_form *f)
{
    const struct mp_format weight = format("e3m1"), activation = format("uint3");
    double bound = mp_golden_form_error(f, &weight, &activation), most = 0;

    for (uint32_t x = 0; x < 1u << 16; x++) {
        const uint32_t w[] = {x & 31, x >> 5 & 31}, a[] = {x >> 10 & 7, x >> 13 & 7};
        mp_i128 exact = 0;
        double off;

        for (unsigned t = 0; t < f->terms; t++)
            exact += mp_golden_product(&weight, &activation, w[t], a[t]);
        off = (double)mp_golden_form_sum(f, &weight, &activation, w, a) *
                  ldexp(1, (int)f->drop_bits) -
              (double)exact;
        most = fabs(off) > most ? fabs(off) : most;
    }
    if (most > bound)
        fail_msg("off by %g, bound %g", most, bound);
    print_message("bound %g, reached %g\n", bound, most);
}

static void bounds(void **state)
{
    struct mp_golden_form f = {0};

    (void)state;
    for (f.terms = 1; f.terms <= 2; f.terms++)
        for (f.drop_bits = 0; f.drop_bits <= 5; f.drop_bits++)
            for (f.guard_bits = 0; f.guard_bits <= f.drop_bits && f.guard_bits <= 4; f.guard_bits++)
                for (unsigned k = 0; k < 4; k++) {
                    f.floors = k & 1;
                    f.rounds = (k & 2) && f.guard_bits > 0;
                    check_bound(&f);
                }
    f = (struct mp_golden_form){.terms = 2, .is_shared = true};
    for (; f.guard_bits <= 4; f.guard_bits++)
        check_bound(&f);
}

static void widths(void **state)
{
    const struct mp_format w = format("e4m2"), u = format("uint8"), i = format("int8");
    struct mp_golden_form f = {.terms = 4};

    (void)state;
    /* 4 * 7 * 2^14 * 255 below 2^27 */
    assert_int_equal(mp_golden_form_product_bits(&f, &w, &u), 28);
    f.drop_bits = 10;
    assert_int_equal(mp_golden_form_product_bits(&f, &w, &u), 18);
    f = (struct mp_golden_form){.terms = 16};
    assert_int_equal(mp_golden_form_product_bits(&f, &i, &i), 20); /* 16 * 2^14 = 2^18 */
    assert_int_equal(mp_golden_form_product_bits(&f, &u, &u), 20);
    assert_int_equal(mp_golden_form_encoding(&f, &u, &u), MP_PRODUCT_UNSIGNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_worked),
        cmocka_unit_test(shared),
        cmocka_unit_test(bounds),
        cmocka_unit_test(widths),
    };

    return cmocka_run_group_tests_name("golden_form", tests, NULL, NULL);
}
