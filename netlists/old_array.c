/*
 * The array multiplier: rows of partial products are added one after the other in carry-save
 * form, one row of adders a row; the carries that are left ripple through a last row.
 */
#include "netlists/old_architecture.h"

#include <stdlib.h>

/* Add the bits of one row to the running sum, which has at most two bits a column. */
static void add_row(struct mp_verilog *v, struct mp_old_columns *sum,
                    const struct mp_old_columns *row)
{
    struct mp_old_columns *next = mp_old_columns_create(sum->count);

    for (unsigned k = 0; k < sum->count; k++) {
        struct mp_old_column *column = &sum->column[k];

        for (unsigned i = 0; i < row->column[k].count; i++)
            mp_old_columns_add(sum, k, row->column[k].bits[i]);
        /* next already holds the carry out of column k - 1. */
        if (column->count == 3)
            mp_old_columns_full_adder(v, sum, k, next, next);
        else if (column->count == 2 && next->column[k].count > 0)
            mp_old_columns_half_adder(v, sum, k, next, next);
        for (unsigned i = 0; i < column->count; i++)
            mp_old_columns_add(next, k, column->bits[i]);
        next->column[k].wires = column->wires;
    }
    *sum = *next;
    free(next);
}

static void write_array(struct mp_verilog *v, const struct mp_old_operands *operands,
                        struct mp_bit *product)
{
    struct mp_old_operands o = *operands;
    struct mp_old_columns *sum = mp_old_columns_create(o.product_bits);

    if (o.x_bits < o.y_bits) { /* the fewer rows */
        o.x = operands->y;
        o.x_bits = operands->y_bits;
        o.x_signed = operands->y_signed;
        o.y = operands->x;
        o.y_bits = operands->x_bits;
        o.y_signed = operands->x_signed;
    }
    mp_old_partial_constant(sum, &o);
    mp_old_partial_addend(sum, &o);
    for (unsigned j = 0; j < o.y_bits; j++) {
        struct mp_old_columns *row = mp_old_columns_create(o.product_bits);

        mp_verilog_comment(v, "row %u: partial products, then carry-save adders", j);
        mp_old_partial_row(v, row, &o, j);
        add_row(v, sum, row);
        free(row);
    }
    mp_verilog_comment(v, "last row: ripple carry");
    mp_old_columns_sum(v, sum, MP_OLD_ADDER_RIPPLE, product);
    free(sum);
}

const struct mp_old_architecture mp_old_architecture_array = {
    .info = {.name = "array",
             .summary = "carry-save array, a row of adders a bit; ripple-carry last row"},
    .write = write_array,
};
