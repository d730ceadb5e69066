/* Truth tables and probabilities against the plain sum over all rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimator/power/truth.h"
#include "estimator/util/random.h"
#include <math.h>

/* A random postfix expression that reads pins 0..pins-1; returns its length. */
static uint32_t random_code(struct mp_random *r, int16_t *code, uint32_t operands, uint32_t pins)
{
    uint32_t length = 0;
    for (uint32_t i = 0; i < operands; i++) {
        code[length++] = (int16_t)mp_random_below(r, pins);
        if (mp_random_below(r, 3) == 0)
            code[length++] = MP_EXPR_NOT;
        if (i > 0)
            code[length++] = (int16_t)(MP_EXPR_AND - (int)mp_random_below(r, 3));
    }
    return length;
}

/* P(e), or P(de/dpin) for pin below pins: every row, its probability, its value. */
static double plain_probability(const struct mp_expr *e, uint32_t pins, uint32_t pin,
                                const double *duty)
{
    double sum = 0.0;
    for (uint64_t row = 0; row < (uint64_t)1 << pins; row++) {
        double p = 1.0;
        for (uint32_t k = 0; k < pins; k++)
            p *= row >> k & 1 ? duty[k] : 1.0 - duty[k];
        bool value = mp_expr_eval(e, row);
        if (pin < pins)
            value = value != mp_expr_eval(e, row ^ (uint64_t)1 << pin);
        sum += value ? p : 0.0;
    }
    return sum;
}

static void random_expressions(void **state)
{
    (void)state;
    struct mp_random r;
    mp_random_seed(&r, 7);
    for (int round = 0; round < 300; round++) {
        int16_t code[64];
        uint32_t pins = 1 + (uint32_t)mp_random_below(&r, 9);
        uint32_t length = random_code(&r, code, 1 + (uint32_t)mp_random_below(&r, 16), pins);
        struct mp_expr e = {code, length};
        struct mp_truth t, difference;
        struct mp_arena arena = {0};
        double duty[9];
        for (uint32_t k = 0; k < pins; k++)
            duty[k] = (double)mp_random_below(&r, 1001) / 1000.0;
        assert_int_equal(mp_truth_make(&t, &e, &arena, NULL), MP_OK);
        double expected = plain_probability(&e, pins, pins, duty);
        assert_true(fabs(mp_truth_probability(&t, duty) - expected) < 1e-12);
        assert_int_equal(mp_truth_compare(&t, &t), 1);
        for (uint32_t pin = 0; pin < pins; pin++) {
            mp_truth_difference(&difference, &t, pin, &arena);
            expected = plain_probability(&e, pins, pin, duty);
            assert_true(fabs(mp_truth_probability(&difference, duty) - expected) < 1e-12);
            assert_int_equal(mp_truth_reads(&t, pin), mp_expr_support(&e) >> pin & 1);
        }
        mp_arena_release(&arena);
    }
}

static void constants_and_complements(void **state)
{
    (void)state;
    struct mp_arena arena = {0};
    const int16_t one[] = {MP_EXPR_ONE}, iq[] = {5}, not_iq[] = {5, MP_EXPR_NOT};
    const int16_t always[] = {0, 0, MP_EXPR_NOT, MP_EXPR_OR};
    struct mp_expr e = {one, 1};
    struct mp_truth a, b, c, d;
    double duty[6] = {0.3, 0, 0, 0, 0, 0.25};
    assert_int_equal(mp_truth_make(&a, &e, &arena, NULL), MP_OK);
    assert_true(mp_truth_probability(&a, duty) == 1.0);
    e = (struct mp_expr){iq, 1};
    assert_int_equal(mp_truth_make(&b, &e, &arena, NULL), MP_OK);
    e = (struct mp_expr){not_iq, 2};
    assert_int_equal(mp_truth_make(&c, &e, &arena, NULL), MP_OK);
    assert_int_equal(mp_truth_compare(&b, &c), -1);
    assert_int_equal(mp_truth_compare(&a, &b), 0);
    assert_true(mp_truth_probability(&c, duty) == 0.75);
    e = (struct mp_expr){always, 4};
    assert_int_equal(mp_truth_make(&d, &e, &arena, NULL), MP_OK);
    assert_true(mp_truth_probability(&d, duty) == 1.0);
    assert_true(mp_truth_reads(&d, 0)); /* names the pin without depending on it */
    mp_truth_difference(&b, &d, 0, &arena);
    assert_true(mp_truth_probability(&b, duty) == 0.0);
    mp_truth_difference(&b, &d, 3, &arena);
    assert_true(mp_truth_probability(&b, duty) == 0.0);
    mp_arena_release(&arena);
}

static void too_many_pins_are_refused(void **state)
{
    (void)state;
    struct mp_arena arena = {0};
    struct mp_error err = MP_ERROR_INIT;
    int16_t code[40];
    uint32_t length = 0;
    for (int16_t k = 0; k < MP_TRUTH_VARIABLES + 1; k++) {
        code[length++] = k;
        if (k > 0)
            code[length++] = MP_EXPR_OR;
    }
    struct mp_expr e = {code, length};
    struct mp_truth t;
    assert_int_equal(mp_truth_make(&t, &e, &arena, &err), MP_E_UNSUPPORTED);
    assert_int_not_equal(err.message[0], '\0');
    mp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_expressions),
        cmocka_unit_test(constants_and_complements),
        cmocka_unit_test(too_many_pins_are_refused),
    };
    return cmocka_run_group_tests_name("power_truth", tests, NULL, NULL);
}
