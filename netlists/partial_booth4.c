/*
 * Radix-4 Booth in three forms. Digit j reads hi, mid, lo = y[2j+1], y[2j], y[2j-1] and is
 * -2 hi + mid + lo: `one` and `two` select x or 2x, hi negates.
 *
 *   booth4          x is XORed with hi first, where hi is an operand's bit and early, then
 *                   selected: one & (x[i] ^ hi) | two & (x[i-1] ^ hi). The lowest bit and the one
 *                   that completes the negation are added on the spot: a multiple's lowest bit
 *                   does not change when it is negated, and the carry goes to the next column.
 *   booth4-plain    the same with both bits left to the tree
 *   booth4-select   selected first, then XORed: (one & x[i] | two & x[i-1]) ^ hi
 */
#include "netlists/partial.h"

#include <assert.h>

enum form { FOLDED, PLAIN, SELECT };

struct digit {
    enum form form;
    const struct mp_operands *o;
    unsigned j, column;
    uint32_t hi, one, two;
    uint32_t any;                   /* the digit is not zero */
    uint32_t negative;              /* and below zero */
    uint32_t x[MP_COLUMNS_MAX + 2]; /* x[i] ^ hi at i + 1, two bits above x's top too */
};

static unsigned digits(unsigned bits, bool is_signed)
{
    return (bits + !is_signed + 1) / 2;
}

static struct digit read_digit(struct mp_graph *g, const struct mp_operands *o, enum form form,
                               unsigned j)
{
    int at = (int)(2 * j);
    uint32_t hi = mp_operand_bit(o->y, o->y_bits, o->y_signed, at + 1);
    uint32_t mid = mp_operand_bit(o->y, o->y_bits, o->y_signed, at);
    uint32_t lo = mp_operand_bit(o->y, o->y_bits, o->y_signed, at - 1);
    uint32_t differ = mp_graph_xor(g, hi, mid);
    struct digit d = {.form = form, .o = o, .j = j, .column = 2 * j, .hi = hi};

    d.one = mp_graph_xor(g, mid, lo);
    d.two = mp_graph_and(g, differ, mp_lit_not(d.one));
    d.any = o->x_signed ? mp_graph_or(g, differ, d.one) : MP_LIT_FALSE;
    d.negative =
        mp_graph_and(g, hi, hi == mid ? mp_lit_not(lo) : mp_lit_not(mp_graph_and(g, mid, lo)));
    mp_graph_name(g, d.one, "one%u", j);
    mp_graph_name(g, d.two, "two%u", j);
    mp_graph_name(g, d.negative, "negative%u", j);
    return d;
}

/* hi is false for some digits of unsigned operands. */
static void negate_x(struct mp_graph *g, struct digit *d)
{
    const struct mp_operands *o = d->o;

    assert(o->x_bits <= MP_COLUMNS_MAX);
    for (unsigned i = 0; i < o->x_bits + 2; i++) {
        uint32_t bit = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i - 1);

        if (i > o->x_bits && o->x_signed) {
            d->x[i] = d->x[i - 1];
            continue;
        }
        d->x[i] = mp_graph_xor(g, bit, d->hi);
        if (i > 0 && i <= o->x_bits)
            mp_graph_name(g, d->x[i], "x%u_%u", d->j, i - 1);
    }
}

static uint32_t select_bit(struct mp_graph *g, const struct digit *d, unsigned i)
{
    const struct mp_operands *o = d->o;
    uint32_t bit = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i);
    uint32_t below = mp_operand_bit(o->x, o->x_bits, o->x_signed, (int)i - 1);
    uint32_t out;

    if (d->form == SELECT)
        out = mp_graph_xor(g,
                           bit == below ? mp_graph_and(g, d->any, bit)
                                        : mp_graph_ao22(g, d->one, bit, d->two, below),
                           d->hi);
    else if (bit == below)
        out = mp_graph_and(g, d->any, d->x[i + 1]);
    else
        out = mp_graph_ao22(g, d->one, d->x[i + 1], d->two, d->x[i]);
    mp_graph_name(g, out, "pp%u_%u", d->j, i);
    return out;
}

/* Bits of a multiple: of a signed x up to its sign, which is repeated once; of an unsigned x one
 * more than x has, and the sign of the digit above. */
static void write_row(struct mp_graph *g, struct mp_columns *c, const struct digit *d)
{
    const struct mp_operands *o = d->o;
    unsigned k = d->column, sign = o->x_signed ? o->x_bits : o->x_bits + 1;

    mp_columns_next_row(c);
    for (unsigned i = d->form == FOLDED; i < sign && k + i < c->count; i++)
        mp_columns_add(c, k + i, select_bit(g, d, i));
    if (k + sign < c->count)
        mp_columns_subtract(c, k + sign,
                            o->x_signed         ? select_bit(g, d, sign)
                            : d->form == SELECT ? d->hi
                                                : d->negative);
    if (d->form == FOLDED) {
        uint32_t lowest = mp_graph_and(g, d->one, o->x[0]);
        uint32_t carry = mp_graph_and(g, d->negative, mp_lit_not(lowest));

        mp_graph_name(g, lowest, "pp%u_0", d->j);
        mp_graph_name(g, carry, "carry%u", d->j);
        mp_columns_add(c, k, lowest);
        mp_columns_add(c, k + 1, carry);
    } else {
        mp_columns_add(c, k, d->form == SELECT ? d->hi : d->negative);
    }
}

static void write_booth4(struct mp_graph *g, struct mp_columns *c,
                         const struct mp_operands *operands, enum form form)
{
    struct mp_operands o = *operands;
    unsigned rows = digits(o.y_bits, o.y_signed), swapped = digits(o.x_bits, o.x_signed);

    if (swapped * (o.y_bits + 2) < rows * (o.x_bits + 2)) { /* the fewer bits */
        o = mp_operands_swapped(operands);
        rows = swapped;
    }
    for (unsigned j = 0; j < rows && 2 * j < c->count; j++) {
        struct digit d = read_digit(g, &o, form, j);
        if (form != SELECT)
            negate_x(g, &d);
        write_row(g, c, &d);
    }
    mp_columns_next_row(c);
}

static void write_folded(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *o)
{
    write_booth4(g, c, o, FOLDED);
}

static void write_plain(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *o)
{
    write_booth4(g, c, o, PLAIN);
}

static void write_select(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *o)
{
    write_booth4(g, c, o, SELECT);
}

const struct mp_partial mp_partial_booth4 = {
    .name = "booth4",
    .summary = "radix-4 Booth: negated first, then selected; lowest bit negated on the spot",
    .write = write_folded,
};
const struct mp_partial mp_partial_booth4_plain = {
    .name = "booth4-plain",
    .summary = "radix-4 Booth: negated first, then selected; +1 in the tree",
    .write = write_plain,
};
const struct mp_partial mp_partial_booth4_select = {
    .name = "booth4-select",
    .summary = "radix-4 Booth: selected first, then negated; +1 in the tree",
    .write = write_select,
};
