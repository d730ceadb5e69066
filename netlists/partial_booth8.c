/*
 * Radix-8 Booth: digit j reads y[3j+2] .. y[3j-1] and is -4 hi + 2 b + a + below, so that a third
 * as many rows hold 0, 1, 2, 3 or 4 times x. 3x is made once by an adder. The size of a digit is
 * the same sum without hi, of bits XORed with hi; the selected multiple is XORed with hi.
 */
#include "netlists/partial.h"

#include <stdlib.h>

enum { MULTIPLES = 4 };

struct multiples {
    unsigned bits; /* of each: two's complement of a signed x, else without a sign */
    uint32_t *of[MULTIPLES];
};

static unsigned digits(unsigned bits, bool is_signed)
{
    return (bits + !is_signed + 2) / 3;
}

/* 3x = x + 2x. */
static void make_multiples(struct mp_graph *g, const struct mp_operands *o, struct multiples *m)
{
    uint32_t *twice = mp_arena_alloc(&g->arena, (o->x_bits + 2) * sizeof *twice);

    m->bits = o->x_bits + 2;
    for (unsigned k = 0; k < MULTIPLES; k++)
        m->of[k] = mp_arena_alloc(&g->arena, m->bits * sizeof **m->of);
    for (unsigned i = 0; i < m->bits; i++) {
        m->of[0][i] = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i);
        m->of[1][i] = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i - 1);
        m->of[3][i] = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i - 2);
    }
    mp_adder_write(g, &mp_adder_sklansky, 0, 0, m->bits, m->of[0], m->of[1], MP_LIT_FALSE,
                   m->of[2]);
}

/* select[k]: the digit is k + 1 or -(k + 1). Returns hi. */
static uint32_t read_digit(struct mp_graph *g, const struct mp_operands *o, unsigned j,
                           uint32_t select[MULTIPLES])
{
    uint32_t bit[4], hi;

    for (int i = 0; i < 4; i++)
        bit[i] = mp_operand_bit(o->y, o->y_bits, o->y_signed, (int)(3 * j) - 1 + i);
    hi = bit[3];
    for (int i = 0; i < 3; i++)
        bit[i] = mp_graph_xor(g, bit[i], hi);
    uint32_t odd = mp_graph_xor(g, bit[0], bit[1]), both = mp_graph_and(g, bit[0], bit[1]);
    uint32_t none = mp_graph_and(g, mp_lit_not(bit[0]), mp_lit_not(bit[1]));
    select[0] = mp_graph_and(g, odd, mp_lit_not(bit[2]));
    select[1] = mp_graph_ao22(g, none, bit[2], both, mp_lit_not(bit[2]));
    select[2] = mp_graph_and(g, odd, bit[2]);
    select[3] = mp_graph_and(g, both, bit[2]);
    for (unsigned k = 0; k < MULTIPLES; k++)
        mp_graph_name(g, select[k], "select%u_%u", j, k + 1);
    return hi;
}

static void write_row(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *o,
                      const struct multiples *m, unsigned j)
{
    uint32_t select[MULTIPLES], hi = read_digit(g, o, j, select);

    mp_columns_next_row(c);
    for (unsigned i = 0; i < m->bits && 3 * j + i < c->count; i++) {
        uint32_t data[MULTIPLES], bit;

        for (unsigned k = 0; k < MULTIPLES; k++)
            data[k] = m->of[k][i];
        bit = mp_graph_xor(g, mp_graph_and_or(g, MULTIPLES, select, data), hi);
        mp_graph_name(g, bit, "pp%u_%u", j, i);
        if (o->x_signed && i + 1 == m->bits)
            mp_columns_subtract(c, 3 * j + i, bit);
        else
            mp_columns_add(c, 3 * j + i, bit);
    }
    if (!o->x_signed)
        mp_columns_subtract(c, 3 * j + m->bits, hi);
    mp_columns_add(c, 3 * j, hi);
}

static void write_booth8(struct mp_graph *g, struct mp_columns *c,
                         const struct mp_operands *operands)
{
    struct mp_operands o = *operands;
    unsigned rows = digits(o.y_bits, o.y_signed), swapped = digits(o.x_bits, o.x_signed);
    struct multiples m;

    if (swapped * (o.y_bits + 3) < rows * (o.x_bits + 3)) { /* the fewer bits */
        o = mp_operands_swapped(operands);
        rows = swapped;
    }
    make_multiples(g, &o, &m);
    for (unsigned j = 0; j < rows && 3 * j < c->count; j++)
        write_row(g, c, &o, &m, j);
    mp_columns_next_row(c);
}

const struct mp_partial mp_partial_booth8 = {
    .name = "booth8",
    .summary = "radix-8 Booth: a third of the rows, 3x by an adder",
    .write = write_booth8,
};
