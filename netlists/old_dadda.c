/*
 * Dadda's tree (Alta Frequenza 34, 1965): columns are reduced in stages to heights ..., 9, 6, 4,
 * 3, 2, each stage with the fewest adders that reach its height; then a carry-propagate adder.
 */
#include "netlists/old_architecture.h"

#include <stdlib.h>

static void reduce_to(struct mp_verilog *v, struct mp_old_columns *c, unsigned height)
{
    /* Sums and carries go to the end of their columns and are not taken again in this stage. */
    for (unsigned k = 0; k < c->count; k++)
        while (c->column[k].count > height) {
            if (c->column[k].count == height + 1)
                mp_old_columns_half_adder(v, c, k, c, c);
            else
                mp_old_columns_full_adder(v, c, k, c, c);
        }
}

static unsigned tallest(const struct mp_old_columns *c)
{
    unsigned most = 0;

    for (unsigned k = 0; k < c->count; k++)
        most = c->column[k].count > most ? c->column[k].count : most;
    return most;
}

static void write_dadda(struct mp_verilog *v, const struct mp_old_operands *o,
                        struct mp_bit *product)
{
    static const unsigned heights[] = {2, 3, 4, 6, 9, 13, 19};
    struct mp_old_columns *c = mp_old_columns_create(o->product_bits);

    mp_old_partial_constant(c, o);
    mp_old_partial_addend(c, o);
    mp_verilog_comment(v, "partial products: pp<row>_<bit>");
    for (unsigned j = 0; j < o->y_bits; j++)
        mp_old_partial_row(v, c, o, j);
    for (unsigned i = sizeof heights / sizeof *heights; i-- > 0;)
        if (tallest(c) > heights[i]) {
            mp_verilog_comment(v, "to %u bits a column: sums s<column>_<n>, carries c<column>_<n>",
                               heights[i]);
            reduce_to(v, c, heights[i]);
        }
    mp_verilog_comment(v, "final adder: ripple, then a Brent-Kung prefix graph");
    mp_old_columns_sum(v, c, MP_OLD_ADDER_STAGGERED, product);
    free(c);
}

const struct mp_old_architecture mp_old_architecture_dadda = {
    .info = {.name = "dadda", .summary = "Dadda's tree; final adder half ripple, half Brent-Kung"},
    .write = write_dadda,
};
