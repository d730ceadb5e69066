/*
 * Multipliers of every architecture, adder, width and sign on the arithmetic graph, against the
 * product: small ones and a random sample. All of them: bench_multipliers.c.
 */
#include "estimator/util/random.h"

#include "tests/netlists/multiplier_check.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE      500
#define SAMPLE_SEED 2017

static struct mp_claim_proof prove(const struct multiplier_case *p, uint64_t vectors)
{
    struct mp_claim_proof proof = {0};
    struct mp_error err = MP_ERROR_INIT;

    if (multiplier_prove(&proof, p, 18, vectors, &err) < 0)
        fail_msg("%s", err.message);
    return proof;
}

static void names_are_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < mp_architecture_count(); i++)
        assert_ptr_equal(&mp_architecture_find(mp_architecture_at(i)->name)->info,
                         mp_architecture_at(i));
    assert_null(mp_architecture_find("magic"));
    assert_ptr_equal(mp_tree_find("tdm"), &mp_tree_tdm);
    assert_null(mp_tree_find("magic"));
    assert_ptr_equal(mp_partial_find("booth8"), &mp_partial_booth8);
    assert_null(mp_partial_find("magic"));
}

/* Every width from 1 and all signs, exhaustively: small ones. */
static void small(void **state)
{
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < mp_architecture_count(); i++)
        for (unsigned signs = 0; signs < 4; signs++)
            for (unsigned x = 1; x <= 6; x++)
                for (unsigned y = 1; y <= 6; y++, count++) {
                    struct multiplier_case p = {
                        .architecture = mp_architecture_find(mp_architecture_at(i)->name),
                        .x_bits = x,
                        .y_bits = y,
                        .bits = x + y,
                        .x_signed = signs & 1,
                        .y_signed = signs & 2};
                    prove(&p, 0);
                }
    print_message("%u multipliers, all operands\n", count);
}

/* Fewer and more columns than the product has, and an addend as a row, added or subtracted. */
static void with_addend(void **state)
{
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < mp_architecture_count(); i++)
        for (unsigned flags = 0; flags < 16; flags++)
            for (unsigned bits = 3; bits <= 13; bits += 2, count++) {
                struct multiplier_case p = {.architecture =
                                                mp_architecture_find(mp_architecture_at(i)->name),
                                            .x_bits = 5,
                                            .y_bits = 4,
                                            .bits = bits,
                                            .addend_bits = bits < 7 ? bits : 7,
                                            .x_signed = flags & 1,
                                            .y_signed = flags & 2,
                                            .addend_signed = flags & 4,
                                            .subtracts = flags & 8};
                prove(&p, 0);
            }
    print_message("%u multiply-adds, all operands\n", count);
}

static void sample(void **state)
{
    struct mp_random r;
    unsigned exhaustive = 0;

    (void)state;
    print_message("seed %d\n", SAMPLE_SEED);
    mp_random_seed(&r, SAMPLE_SEED);
    for (unsigned i = 0; i < SAMPLE; i++) {
        struct multiplier_case p = {
            .architecture = mp_architecture_find(
                mp_architecture_at(mp_random_below(&r, mp_architecture_count()))->name),
            .adder = mp_adder_at(mp_random_below(&r, mp_adder_count())),
            .x_bits = 2 + (unsigned)mp_random_below(&r, 15),
            .y_bits = 2 + (unsigned)mp_random_below(&r, 15),
            .x_signed = mp_random_below(&r, 2),
            .y_signed = mp_random_below(&r, 2),
        };
        p.bits = p.x_bits + p.y_bits;
        exhaustive += prove(&p, 1 << 16).exhaustive;
    }
    print_message("%d multipliers, %u of them with all operands\n", SAMPLE, exhaustive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_there),
        cmocka_unit_test(small),
        cmocka_unit_test(with_addend),
        cmocka_unit_test(sample),
    };

    return cmocka_run_group_tests_name("multiplier", tests, NULL, NULL);
}
