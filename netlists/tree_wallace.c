/*
 * Wallace's tree (IEEE Trans. EC-13, 1964): in every stage each column's bits are added in threes,
 * and two that are left over by a half adder, until no column has more than two.
 */
#include "netlists/tree.h"

static void reduce_stage(struct mp_graph *g, struct mp_columns *c)
{
    unsigned height[MP_COLUMNS_MAX];

    for (unsigned k = 0; k < c->count; k++)
        height[k] = c->column[k].count;
    for (unsigned k = 0; k < c->count; k++) {
        if (height[k] <= 2 && c->column[k].count <= 2)
            continue;
        for (; height[k] >= 2; height[k] -= height[k] >= 3 ? 3 : 2)
            mp_columns_adder(g, c, k, height[k] >= 3 ? 3 : 2, c, c);
        /* A bit that is left over is behind those of this stage from now on. */
        mp_columns_move(c, c, k, height[k]);
    }
}

static void reduce_wallace(struct mp_graph *g, struct mp_columns *c)
{
    while (mp_columns_tallest(c) > 2)
        reduce_stage(g, c);
}

const struct mp_tree mp_tree_wallace = {
    .name = "wallace",
    .summary = "Wallace's tree: all bits of a stage in threes and twos",
    .reduce = reduce_wallace,
};
