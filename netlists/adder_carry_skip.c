/*
 * Carry-skip (Lehman and Burla, IRE Trans. EC-10, 1961): the carry ripples inside blocks, and skips
 * a block whose columns all propagate. No path from a block's carry in through its ripple to its
 * carry out is ever sensitised, but static timing does not know that.
 */
#include "netlists/adder.h"

#define BLOCK 4

static void write_skip(struct mp_graph *g, const struct mp_adder_columns *c, uint32_t *sum)
{
    uint32_t carry = c->carry_in;

    for (unsigned first = 0; first < c->count; first += BLOCK) {
        unsigned end = first + BLOCK < c->count ? first + BLOCK : c->count;
        uint32_t inside = carry;
        for (unsigned i = first; i < end; i++) {
            sum[i] = mp_graph_xor(g, c->propagate[i], inside);
            if (i + 1 < c->count)
                inside = mp_graph_ao21(g, c->propagate[i], inside, c->generate[i]);
        }
        if (end < c->count)
            carry = mp_graph_mux(g, mp_graph_and_all(g, end - first, c->propagate + first), carry,
                                 inside);
    }
}

const struct mp_adder mp_adder_carry_skip = {
    .name = "carry-skip",
    .summary = "ripple in blocks of 4; a carry skips a block that propagates",
    .write = write_skip};
