/*
 * One AND a pair of bits, a row a bit of y. Of signed operands the bits of negative weight are
 * subtracted: an inverted bit and a constant (Baugh and Wooley, IEEE Trans. Comput. C-22, 1973).
 */
#include "netlists/partial.h"

static void write_and(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *operands)
{
    struct mp_operands o = *operands;

    if (o.x_bits < o.y_bits) /* the fewer rows */
        o = mp_operands_swapped(operands);
    for (unsigned j = 0; j < o.y_bits; j++) {
        mp_columns_next_row(c);
        for (unsigned i = 0; i < o.x_bits && i + j < c->count; i++) {
            bool x_negative = o.x_signed && i + 1 == o.x_bits;
            bool y_negative = o.y_signed && j + 1 == o.y_bits;
            uint32_t bit = mp_graph_and(g, o.x[i], o.y[j]);

            mp_graph_name(g, bit, "pp%u_%u", j, i);
            if (x_negative != y_negative)
                mp_columns_subtract(c, i + j, bit);
            else
                mp_columns_add(c, i + j, bit);
        }
    }
    mp_columns_next_row(c);
}

const struct mp_partial mp_partial_and = {
    .name = "and",
    .summary = "an AND a pair of bits; Baugh-Wooley where signed",
    .write = write_and,
};
