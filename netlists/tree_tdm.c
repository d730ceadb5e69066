/*
 * The three-dimensional method (Oklobdzija, Villeger and Liu, IEEE Trans. Comput. 45, 1996): from
 * the lowest column up, the bits that arrive first are added, a full adder's fast input takes the
 * latest of the three, and what comes out waits its turn with the rest.
 */
#include "netlists/tree.h"

static void reduce_tdm(struct mp_graph *g, struct mp_columns *c)
{
    for (unsigned k = 0; k < c->count; k++) {
        mp_columns_sort(c, k);
        /* One half adder where the full adders would leave three. */
        if (c->column[k].count > 2 && c->column[k].count % 2 != 0) {
            mp_columns_adder(g, c, k, 2, c, c);
            mp_columns_sort(c, k);
        }
        while (c->column[k].count > 2) {
            mp_columns_adder(g, c, k, 3, c, c);
            mp_columns_sort(c, k);
        }
    }
}

const struct mp_tree mp_tree_tdm = {
    .name = "tdm",
    .summary = "three-dimensional: the earliest bits of a column meet first",
    .reduce = reduce_tdm,
};
