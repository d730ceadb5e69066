/*
 * The three-dimensional method (Oklobdzija, Villeger and Liu, IEEE Trans. Comput. 45, 1996): from
 * the lowest column up, the bits that arrive first are added, a full adder's fast input takes the
 * latest of the three, and what comes out waits its turn with the rest.
 *
 * Low columns are added up to one bit as long as their carries are not later than the tree's other
 * end: a full adder there costs less than a half adder, a prefix node and an XOR of the adder
 * behind, which begins where the first two bits are left.
 */
#include "netlists/tree.h"

/* To one bit or two. */
static void reduce_column(struct mp_graph *g, struct mp_columns *c, unsigned k, unsigned left)
{
    const struct mp_bit_column *column = &c->column[k];

    mp_columns_sort(c, k);
    /* One half adder where the full adders would leave one too many. */
    if (column->count > left && (column->count - left) % 2 != 0) {
        mp_columns_adder(g, c, k, 2, c, c);
        mp_columns_sort(c, k);
    }
    while (column->count > left) {
        mp_columns_adder(g, c, k, 3, c, c);
        mp_columns_sort(c, k);
    }
}

static uint32_t latest_of(const struct mp_columns *c, unsigned k)
{
    uint32_t latest = 0;

    for (unsigned i = 0; k < c->count && i < c->column[k].count; i++)
        latest = c->column[k].bits[i].arrival > latest ? c->column[k].bits[i].arrival : latest;
    return latest;
}

/* When the last of two rows arrives. */
static uint32_t latest_row(const struct mp_columns *columns)
{
    struct mp_columns *c = mp_columns_copy(columns);
    uint32_t latest = 0;

    for (unsigned k = 0; k < c->count; k++) {
        reduce_column(NULL, c, k, 2);
        if (c->column[k].count == 2 && latest_of(c, k) > latest)
            latest = latest_of(c, k);
    }
    mp_columns_destroy(c);
    return latest;
}

/* Would column k as one bit be in time, with its carries? */
static bool is_in_time(const struct mp_columns *columns, unsigned k, uint32_t limit)
{
    struct mp_columns *c = mp_columns_copy(columns);
    bool is_so;

    reduce_column(NULL, c, k, 1);
    is_so = latest_of(c, k) <= limit && latest_of(c, k + 1) <= limit;
    mp_columns_destroy(c);
    return is_so;
}

static void reduce_tdm(struct mp_graph *g, struct mp_columns *c)
{
    uint32_t limit = latest_row(c);
    bool is_low = true;

    for (unsigned k = 0; k < c->count; k++) {
        is_low = is_low && is_in_time(c, k, limit);
        reduce_column(g, c, k, is_low ? 1 : 2);
    }
}

const struct mp_tree mp_tree_tdm = {
    .name = "tdm",
    .summary = "three-dimensional: the earliest bits of a column meet first",
    .reduce = reduce_tdm,
};
