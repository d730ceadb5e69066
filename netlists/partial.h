/*
 * Partial products by name: x * y as bits in columns. To add a form: write netlists/partial_NAME.c
 * with a `const struct mp_partial mp_partial_NAME`, name it here, in partial.c and in meson.build.
 *
 * Booth's recoding reads y in digits of two (radix 4) or three (radix 8) bits with one bit of
 * overlap, and each row is a multiple of x that the digit selects (MacSorley, Proc. IRE 49, 1961):
 * half or a third of the rows, for a multiplexer a bit instead of an AND. A negative multiple is
 * the inverted one and a bit in the row's lowest column.
 */
#ifndef MP_NETLISTS_PARTIAL_H
#define MP_NETLISTS_PARTIAL_H

#include "netlists/columns.h"

/* Widths are at least 1; bits may be constants. */
struct mp_operands {
    const uint32_t *x, *y; /* literals, LSB first */
    unsigned x_bits, y_bits;
    bool x_signed, y_signed;
};

struct mp_partial {
    const char *name;    /* "booth4" */
    const char *summary; /* one line for --help and docs */
    /* + x * y, modulo 2^count of the columns, from column 0. */
    void (*write)(struct mp_graph *g, struct mp_columns *c, const struct mp_operands *o);
};

extern const struct mp_partial mp_partial_and, mp_partial_booth4, mp_partial_booth4_select,
    mp_partial_booth4_plain, mp_partial_booth8;

size_t mp_partial_count(void);
const struct mp_partial *mp_partial_at(size_t index);
/* NULL: there is none of that name. */
const struct mp_partial *mp_partial_find(const char *name);

/* The same with x and y in each other's place. */
struct mp_operands mp_operands_swapped(const struct mp_operands *o);
/* Bit i of a number that goes on above its top: sign or zero; false below 0. */
uint32_t mp_operand_bit(const uint32_t *bits, unsigned count, bool is_signed, int i);

#endif
