/*
 * Multipliers of every architecture, adder, width and sign on the arithmetic graph, against the
 * product: a random sample of them by default, all of them with MP_LONG_TESTS=1.
 */
#include "estimator/util/random.h"
#include "netlists/architecture.h"
#include "netlists/graph_simulate.h"

#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE      500
#define SAMPLE_SEED 2017

static const char *const names[] = {"dadda",        "array",  "wallace",      "compressor",
                                    "tdm",          "booth4", "booth4-plain", "booth4-select",
                                    "booth4-dadda", "booth8"};
#define NAMES (sizeof names / sizeof *names)

struct product {
    const struct mp_architecture *architecture;
    const struct mp_adder *adder; /* NULL: the architecture's */
    unsigned x_bits, y_bits, bits, addend_bits;
    bool x_signed, y_signed, addend_signed, subtracts;
};

static mp_u128 extend(mp_u128 x, unsigned bits, bool is_signed)
{
    if (is_signed && ((x >> (bits - 1)) & 1))
        x |= ~(mp_u128)0 << bits;
    return x;
}

static void expect(const void *context, const mp_u128 *in, mp_u128 *out)
{
    const struct product *p = context;

    out[0] = extend(in[0], p->x_bits, p->x_signed) * extend(in[1], p->y_bits, p->y_signed);
    if (p->addend_bits > 0) {
        mp_u128 addend = extend(in[2], p->addend_bits, p->addend_signed);
        out[0] = p->subtracts ? out[0] - addend : out[0] + addend;
    }
}

static void make(struct mp_graph *g, const struct product *p)
{
    struct mp_operands o = {
        .x_bits = p->x_bits, .y_bits = p->y_bits, .x_signed = p->x_signed, .y_signed = p->y_signed};
    struct mp_columns *c;
    uint32_t sum[MP_COLUMNS_MAX];

    mp_graph_init(g, "multiplier");
    o.x = mp_graph_input(g, "x", p->x_bits);
    o.y = mp_graph_input(g, "y", p->y_bits);
    c = mp_columns_create(g, p->bits);
    if (p->addend_bits > 0) {
        const uint32_t *addend = mp_graph_input(g, "addend", p->addend_bits);
        if (p->subtracts)
            mp_columns_subtract_row(c, 0, p->addend_bits, addend, p->addend_signed);
        else
            mp_columns_add_row(c, 0, p->addend_bits, addend, p->addend_signed);
    }
    mp_architecture_write(g, p->architecture, p->adder, &o, c, sum);
    mp_columns_destroy(c);
    mp_graph_output(g, "product", p->bits, sum);
    mp_graph_sweep(g);
}

static struct mp_claim_proof prove(const struct product *p, uint64_t vectors)
{
    struct mp_graph g;
    struct mp_claim claim;
    struct mp_claim_proof proof = {0};
    struct mp_error err = MP_ERROR_INIT;

    make(&g, p);
    assert_int_equal(mp_claim_of_ports(&claim, &g, &err), MP_OK);
    claim.expect = expect;
    claim.context = p;
    claim.vectors = vectors;
    if (mp_graph_prove(&proof, &g, &claim, &err) < 0)
        fail_msg("%s %u x %u bits, signed %d %d, %u out, addend of %u, adder %s: %s",
                 p->architecture->info.name, p->x_bits, p->y_bits, p->x_signed, p->y_signed,
                 p->bits, p->addend_bits, p->adder ? p->adder->name : "its own", err.message);
    mp_graph_release(&g);
    return proof;
}

static void names_are_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++)
        assert_string_equal(mp_architecture_find(names[i])->info.name, names[i]);
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
    for (size_t i = 0; i < NAMES; i++)
        for (unsigned signs = 0; signs < 4; signs++)
            for (unsigned x = 1; x <= 6; x++)
                for (unsigned y = 1; y <= 6; y++, count++) {
                    struct product p = {.architecture = mp_architecture_find(names[i]),
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
    for (size_t i = 0; i < NAMES; i++)
        for (unsigned flags = 0; flags < 16; flags++)
            for (unsigned bits = 3; bits <= 13; bits += 2, count++) {
                struct product p = {.architecture = mp_architecture_find(names[i]),
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
        struct product p = {
            .architecture = mp_architecture_find(names[mp_random_below(&r, NAMES)]),
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
