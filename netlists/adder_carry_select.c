/*
 * Carry-select (Bedrij, IRE Trans. EC-11, 1962): blocks of growing size compute their sums for both
 * carries by ripple; the carry that comes selects.
 */
#include "netlists/adder.h"

/* Ripple over columns first..end-1 from a known carry; returns the carry out of the last. */
static uint32_t ripple(struct mp_graph *g, const struct mp_adder_columns *c, unsigned first,
                       unsigned end, uint32_t carry, uint32_t *sum)
{
    for (unsigned i = first; i < end; i++) {
        sum[i] = mp_graph_xor(g, c->propagate[i], carry);
        if (i + 1 < c->count)
            carry = mp_graph_ao21(g, c->propagate[i], carry, c->generate[i]);
    }
    return carry;
}

static void write_select(struct mp_graph *g, const struct mp_adder_columns *c, uint32_t *sum)
{
    uint32_t zero[MP_ADDER_BITS_MAX], one[MP_ADDER_BITS_MAX], carry = c->carry_in;
    unsigned size = 2, first = 0;

    while (first < c->count) {
        unsigned end = first + size < c->count ? first + size : c->count;
        if (first == 0) {
            carry = ripple(g, c, first, end, carry, sum);
        } else {
            uint32_t out_zero = ripple(g, c, first, end, MP_LIT_FALSE, zero);
            uint32_t out_one = ripple(g, c, first, end, MP_LIT_TRUE, one);
            for (unsigned i = first; i < end; i++)
                sum[i] = mp_graph_mux(g, carry, one[i], zero[i]);
            /* The carry with a carry in is never less than the one without. */
            if (end < c->count)
                carry = mp_graph_ao21(g, carry, out_one, out_zero);
        }
        first = end;
        size++;
    }
}

const struct mp_adder mp_adder_carry_select = {
    .name = "carry-select",
    .summary = "blocks of 2, 3, 4, ... with both carries, the right one selected",
    .write = write_select};
