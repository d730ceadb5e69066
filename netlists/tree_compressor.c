/*
 * 4:2 compressors (Weinberger, IBM TDB 23, 1981): two full adders take four bits of a column and a
 * carry of the column below in the same stage, and leave a sum and a carry; the carry to the
 * column above does not depend on the one from below, so that nothing ripples.
 */
#include "netlists/tree.h"

/* To half the height: `next` holds the following stage, `across` carries between compressors. */
static void reduce_column(struct mp_graph *g, struct mp_columns *c, unsigned k,
                          struct mp_columns *next, struct mp_columns *across)
{
    struct mp_columns *own = mp_columns_like(c);

    while (c->column[k].count >= 4) {
        /* a, b, c; then their sum, d and a carry from below, which comes last */
        mp_columns_adder(g, c, k, 3, own, across);
        mp_columns_move(own, c, k, 1);
        mp_columns_move(own, across, k, across->column[k].count > 0);
        while (own->column[k].count > 0) {
            uint32_t n = own->column[k].count;
            own->adders[k] = c->adders[k]++;
            if (n == 1)
                mp_columns_move(next, own, k, 1);
            else
                mp_columns_adder(g, own, k, n, next, next);
        }
    }
    mp_columns_move(c, across, k, across->column[k].count);
    while (c->column[k].count >= 3)
        mp_columns_adder(g, c, k, 3, next, next);
    if (c->column[k].count == 2 && next->column[k].count > 0)
        mp_columns_adder(g, c, k, 2, next, next);
    mp_columns_move(next, c, k, c->column[k].count);
    mp_columns_destroy(own);
}

static void reduce_compressor(struct mp_graph *g, struct mp_columns *c)
{
    while (mp_columns_tallest(c) > 2) {
        struct mp_columns *next = mp_columns_like(c), *across = mp_columns_like(c);

        for (unsigned k = 0; k < c->count; k++)
            reduce_column(g, c, k, next, across);
        for (unsigned k = 0; k < c->count; k++)
            mp_columns_move(c, next, k, next->column[k].count);
        mp_columns_destroy(across);
        mp_columns_destroy(next);
    }
}

const struct mp_tree mp_tree_compressor = {
    .name = "compressor",
    .summary = "4:2 compressors: every stage halves the height",
    .reduce = reduce_compressor,
};
