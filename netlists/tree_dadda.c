/*
 * Dadda's tree (Alta Frequenza 34, 1965): columns are reduced in stages to heights ..., 9, 6, 4,
 * 3, 2, each stage with the fewest adders that reach its height.
 */
#include "netlists/tree.h"

/* Sums and carries go to the end of their columns and are not taken again in this stage. */
static void reduce_to(struct mp_graph *g, struct mp_columns *c, unsigned height)
{
    for (unsigned k = 0; k < c->count; k++)
        while (c->column[k].count > height)
            mp_columns_adder(g, c, k, c->column[k].count == height + 1 ? 2 : 3, c, c);
}

static void reduce_dadda(struct mp_graph *g, struct mp_columns *c)
{
    for (unsigned tallest; (tallest = mp_columns_tallest(c)) > 2;) {
        unsigned height = 2;
        while (height * 3 / 2 < tallest)
            height = height * 3 / 2;
        reduce_to(g, c, height);
    }
}

const struct mp_tree mp_tree_dadda = {
    .name = "dadda",
    .summary = "Dadda's tree: stages with the fewest adders",
    .reduce = reduce_dadda,
};
