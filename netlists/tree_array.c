/*
 * Rows are added one after the other in carry-save form, a row of adders a row; what is left has
 * two bits a column.
 */
#include "netlists/tree.h"

#include <stdlib.h>

/* Add the bits of one row to the running sum, which has at most two bits a column. */
static void add_row(struct mp_graph *g, struct mp_columns *sum, struct mp_columns *row)
{
    struct mp_columns *next = mp_columns_like(sum);

    for (unsigned k = 0; k < sum->count; k++) {
        const struct mp_bit_column *column = &sum->column[k];

        mp_columns_move(sum, row, k, row->column[k].count);
        /* next already holds the carry out of column k - 1. */
        while (column->count >= 3)
            mp_columns_adder(g, sum, k, 3, next, next);
        if (column->count == 2 && next->column[k].count > 0)
            mp_columns_adder(g, sum, k, 2, next, next);
        mp_columns_move(next, sum, k, column->count);
    }
    for (unsigned k = 0; k < sum->count; k++)
        mp_columns_move(sum, next, k, next->column[k].count);
    mp_columns_destroy(next);
}

/* The bits of the lowest row that is left; false: nothing is left. */
static bool take_row(struct mp_columns *row, struct mp_columns *c)
{
    uint32_t lowest = UINT32_MAX;

    for (unsigned k = 0; k < c->count; k++)
        if (c->column[k].count > 0 && c->column[k].bits[0].row < lowest)
            lowest = c->column[k].bits[0].row;
    for (unsigned k = 0; k < c->count; k++)
        while (c->column[k].count > 0 && c->column[k].bits[0].row == lowest)
            mp_columns_move(row, c, k, 1);
    return lowest != UINT32_MAX;
}

static void reduce_array(struct mp_graph *g, struct mp_columns *c)
{
    struct mp_columns *row = mp_columns_like(c), *sum = mp_columns_like(c);

    while (take_row(row, c))
        add_row(g, sum, row);
    while (mp_columns_tallest(sum) > 2)
        add_row(g, sum, row);
    for (unsigned k = 0; k < c->count; k++)
        mp_columns_move(c, sum, k, sum->column[k].count);
    mp_columns_destroy(sum);
    mp_columns_destroy(row);
}

const struct mp_tree mp_tree_array = {
    .name = "array",
    .summary = "rows in carry-save form, one after the other",
    .reduce = reduce_array,
};
