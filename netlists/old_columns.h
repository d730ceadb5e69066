/*
 * Bits of a product by weight: column k holds bits that count 2^k each. A multiplier fills the
 * columns with partial products, an architecture reduces every column to two bits, and a
 * carry-propagate adder sums the two rows that are left. Everything is modulo 2^count.
 */
#ifndef MP_NETLISTS_OLD_COLUMNS_H
#define MP_NETLISTS_OLD_COLUMNS_H

#include "netlists/old_adder.h"
#include "netlists/verilog.h"

#define MP_OLD_COLUMNS_MAX 32 /* 16 x 16 bits */
#define MP_OLD_COLUMN_MAX  40 /* bits in one column, carries included */

struct mp_old_column {
    unsigned count;
    unsigned wires; /* adders written so far: numbers their wires */
    struct mp_bit bits[MP_OLD_COLUMN_MAX];
};

struct mp_old_columns {
    unsigned count;
    struct mp_old_column column[MP_OLD_COLUMNS_MAX];
};

/* The operands of one integer multiplier; the widths are 1..16. */
struct mp_old_operands {
    const struct mp_bit *x, *y;
    unsigned x_bits, y_bits;
    bool x_signed, y_signed;
    const struct mp_bit *addend; /* addend_bits, unsigned, added to the product; LSB first */
    unsigned addend_bits;
    unsigned product_bits; /* fewer than x_bits + y_bits: modulo 2^product_bits */
};

/* Empty columns for a product. The caller frees. */
struct mp_old_columns *mp_old_columns_create(unsigned count);
/* At the end of column k; bits beyond the last column and constants 0 are dropped. */
void mp_old_columns_add(struct mp_old_columns *c, unsigned k, struct mp_bit bit);
/* Take three (two) bits from the front of column k; the sum goes to the end of column k of `sums`,
 * the carry to column k + 1 of `carries`; both may be c itself. */
void mp_old_columns_full_adder(struct mp_verilog *v, struct mp_old_columns *c, unsigned k,
                               struct mp_old_columns *sums, struct mp_old_columns *carries);
void mp_old_columns_half_adder(struct mp_verilog *v, struct mp_old_columns *c, unsigned k,
                               struct mp_old_columns *sums, struct mp_old_columns *carries);

/* One row of partial products: x times bit j of y. Signed operands by Baugh and Wooley's method
 * (IEEE Trans. Comput. C-22, 1973): a bit of negative weight is inverted, -b = ~b - 1, and ... */
void mp_old_partial_row(struct mp_verilog *v, struct mp_old_columns *c,
                        const struct mp_old_operands *o, unsigned j);
/* ... the sum of all those -1, a constant, is added once. */
void mp_old_partial_constant(struct mp_old_columns *c, const struct mp_old_operands *o);

/* The addend, as one more row. */
void mp_old_partial_addend(struct mp_old_columns *c, const struct mp_old_operands *o);

/* Columns of at most two bits to the product. */
void mp_old_columns_sum(struct mp_verilog *v, const struct mp_old_columns *c,
                        enum mp_old_adder adder, struct mp_bit *product);

#endif
