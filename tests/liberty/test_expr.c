/* Boolean expressions: precedence, evaluation, probabilities against sums over all states. */
#include "estimator/liberty/reader.h"

#include "estimator/util/random.h"
#include <math.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

/* A..P are pins 0..15, IQ is 16. */
static uint32_t find(const void *context, struct mp_slice name)
{
    (void)context;
    if (name.size == 1 && name.p[0] >= 'A' && name.p[0] <= 'Z')
        return (uint32_t)(name.p[0] - 'A');
    return mp_slice_is(name, "IQ") ? 26 : MP_NONE;
}

static int parse(const char *text, struct mp_expr *e, struct mp_arena *arena, struct mp_error *err)
{
    struct mp_slice s = {text, (uint32_t)strlen(text)};
    return mp_expr_parse(e, s, find, NULL, arena, "t.lib", 7, err);
}

static void test_syntax(void **state)
{
    (void)state;
    /* table: bit i is the value with A = bit 0, B = bit 1, C = bit 2 of i. */
    static const struct {
        const char *text;
        unsigned table;
    } cases[] = {{"A", 0xaa},        {"!A", 0x55},
                 {"A'", 0x55},       {"!A'", 0xaa},
                 {"A''", 0xaa},      {"A B", 0x88},
                 {"(A B)", 0x88},    {"A*B", 0x88},
                 {"A&B", 0x88},      {"A+B", 0xee},
                 {"A | B", 0xee},    {"A^B", 0x66},
                 {"A^B^C", 0x96},    {"A+B C", 0xea},
                 {"A B+C", 0xf8},    {"A ^ B C", 0x60}, /* (A^B) C */
                 {"A C ^ B", 0x28},                     /* A (C^B) */
                 {"(A+B)'C", 0x10},  {"!(A+B) C'", 0x01},
                 {"A!B", 0x22},      {"A(B+C)", 0xa8},
                 {"A'B'", 0x11},     {"0", 0x00},
                 {"1", 0xff},        {"A*0+1", 0xff},
                 {"(((!A)))", 0x55}, {" A \\\n + B ", 0xee},
                 {"!!!A", 0x55},     {"!A ^ B", 0x99}};
    struct mp_arena arena = {NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_expr e;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(parse(cases[i].text, &e, &arena, &err), MP_OK);
        for (unsigned s = 0; s < 8; s++)
            if (mp_expr_eval(&e, s) != (bool)(cases[i].table >> s & 1))
                fail_msg("'%s' is wrong in state %u", cases[i].text, s);
    }
    mp_arena_release(&arena);
}

static void test_errors(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "A+", "(A",  "A)",  "*A",
                                      "A B C)", "()", "foo", "A#B", "A;"};
    struct mp_arena arena = {NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_expr e;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(parse(bad[i], &e, &arena, &err), MP_E_INPUT);
        assert_null(e.code);
        assert_int_equal(err.line, 7);
    }
    struct mp_expr e;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(parse("A&B&C&D&E&F&G&H&I&J&K&L&M&N&O&P", &e, &arena, &err), MP_OK);
    assert_int_equal(parse("A&B&C&D&E&F&G&H&I&J&K&L&M&N&O&P&Q", &e, &arena, &err),
                     MP_E_UNSUPPORTED);
    char deep[4001];
    memset(deep, '(', 4000);
    deep[4000] = '\0';
    assert_int_equal(parse(deep, &e, &arena, &err), MP_E_UNSUPPORTED);
    memset(deep, '!', 4000);
    deep[3999] = 'A';
    assert_int_equal(parse(deep, &e, &arena, &err), MP_OK);
    assert_int_equal(e.length, 2);
    mp_arena_release(&arena);
}

static double sum_over_states(const struct mp_expr *e, uint32_t pins, const double *duty,
                              uint32_t toggled)
{
    double sum = 0;
    for (uint64_t s = 0; s < UINT64_C(1) << pins; s++) {
        double p = 1;
        for (uint32_t k = 0; k < pins; k++)
            p *= s >> k & 1 ? duty[k] : 1 - duty[k];
        bool on = mp_expr_eval(e, s);
        if (toggled < pins)
            on = mp_expr_eval(e, s | UINT64_C(1) << toggled) !=
                 mp_expr_eval(e, s & ~(UINT64_C(1) << toggled));
        sum += on ? p : 0;
    }
    return sum;
}

static void test_probability(void **state)
{
    (void)state;
    /* By hand: P(A B) = .2 .5 = .1; P(A + B) = .2 + .5 - .1 = .6; the difference of A B + C with
     * respect to A is B C' = .5 .75 = .375. */
    double duty[27] = {0.2, 0.5, 0.25};
    struct mp_arena arena = {NULL};
    struct mp_expr e;
    struct mp_error err = MP_ERROR_INIT;
    parse("A B", &e, &arena, &err);
    assert_true(fabs(mp_expr_probability(&e, duty) - 0.1) < 1e-15);
    parse("A + B", &e, &arena, &err);
    assert_true(fabs(mp_expr_probability(&e, duty) - 0.6) < 1e-15);
    parse("A B + C", &e, &arena, &err);
    assert_true(fabs(mp_expr_difference_probability(&e, 0, duty) - 0.375) < 1e-15);
    assert_true(mp_expr_difference_probability(&e, 3, duty) == 0);
    parse("A !A", &e, &arena, &err);
    assert_true(mp_expr_probability(&e, duty) == 0);
    parse("1", &e, &arena, &err);
    assert_true(mp_expr_probability(&e, duty) == 1);

    /* Up to ten pins, more than one word of the truth table. */
    static const char *const texts[] = {"A^B^C^D^E^F^G^H^I^J", "A B + C D + E F + G H + I J",
                                        "(A+B)(C+!D)(E^F)+G'H I J'", "!(A B C D E F G H I)"};
    struct mp_random r;
    mp_random_seed(&r, 1);
    for (size_t i = 0; i < 4; i++) {
        parse(texts[i], &e, &arena, &err);
        for (int k = 0; k < 10; k++)
            duty[k] = mp_random_unit(&r);
        assert_true(fabs(mp_expr_probability(&e, duty) - sum_over_states(&e, 10, duty, 99)) <
                    1e-12);
        for (uint32_t k = 0; k < 10; k++)
            assert_true(fabs(mp_expr_difference_probability(&e, k, duty) -
                             sum_over_states(&e, 10, duty, k)) < 1e-12);
    }
    mp_arena_release(&arena);
}

static void test_sense(void **state)
{
    (void)state;
    struct mp_arena arena = {NULL};
    struct mp_expr e;
    struct mp_error err = MP_ERROR_INIT;
    parse("!(A B + C)", &e, &arena, &err);
    assert_int_equal(mp_expr_sense(&e, 0), MP_UNATE_NEGATIVE);
    parse("A B + C", &e, &arena, &err);
    assert_int_equal(mp_expr_sense(&e, 2), MP_UNATE_POSITIVE);
    parse("A C + B !C", &e, &arena, &err);
    assert_int_equal(mp_expr_sense(&e, 2), MP_UNATE_NONE);
    assert_int_equal(mp_expr_sense(&e, 5), MP_UNATE_NONE);
    assert_true(mp_expr_support(&e) == 7);
    mp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_syntax), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_probability),
                                       cmocka_unit_test(test_sense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
