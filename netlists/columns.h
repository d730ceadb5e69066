/*
 * Bits by weight: column k holds bits that count 2^k each, and everything is modulo 2^count. What
 * shall be summed is added here (partial products, an accumulator, corrections), a tree (tree.h)
 * reduces every column to two bits, and an adder (adder.h) sums the two rows that are left.
 *
 * Two operations carry everything: a bit that counts 2^k, and a bit that counts -2^k, which is the
 * inverted bit and a constant, -b = ~b - 1 (Baugh and Wooley, IEEE Trans. Comput. C-22, 1973). The
 * constants of all bits are kept as one number, whose ones become bits when a tree begins.
 *
 *     struct mp_columns *c = mp_columns_create(g, 16);
 *     mp_partial_find("booth4")->write(g, c, &operands);       x * y
 *     mp_columns_add_row(c, 0, 16, accumulator, true);         + accumulator
 *     mp_tree_find("tdm")->reduce(g, c);
 *     mp_columns_sum(g, c, mp_adder_find("sklansky"), sum);
 *     mp_columns_destroy(c);
 */
#ifndef MP_NETLISTS_COLUMNS_H
#define MP_NETLISTS_COLUMNS_H

#include "estimator/format/golden.h"
#include "netlists/adder.h"

#define MP_COLUMNS_MAX MP_ADDER_BITS_MAX

struct mp_column_bit {
    uint32_t literal; /* MP_LIT_TRUE too, never MP_LIT_FALSE */
    uint32_t row;     /* that it was added in */
    uint32_t arrival; /* estimate (arrival.h) */
};

struct mp_bit_column {
    uint32_t count;
    size_t capacity;
    struct mp_column_bit *bits;
};

struct mp_columns {
    uint32_t count;
    uint16_t tree; /* that the adders belong to */
    uint32_t row;  /* of the bits that are added now */
    mp_u128 constant;
    /* When signals arrive, [signal_count] as of now; the caller's, who keeps it; NULL: all operands
     * at once. Set before anything is added; signals made later arrive after their inputs. */
    const uint32_t *start;
    struct mp_bit_column column[MP_COLUMNS_MAX];
    uint32_t adders[MP_COLUMNS_MAX]; /* so far, by column: numbers their signals' names */
};

/* Empty columns with a tree of their own; destroy takes NULL. */
struct mp_columns *mp_columns_create(struct mp_graph *g, unsigned count);
void mp_columns_destroy(struct mp_columns *c);
/* Empty ones of the same tree, for bits that wait. */
struct mp_columns *mp_columns_like(const struct mp_columns *c);
/* With the same bits, to try something out. */
struct mp_columns *mp_columns_copy(const struct mp_columns *c);

/* + literal * 2^k and - literal * 2^k. Bits beyond the last column are dropped, constants go to
 * c->constant. */
void mp_columns_add(struct mp_columns *c, unsigned k, uint32_t literal);
void mp_columns_subtract(struct mp_columns *c, unsigned k, uint32_t literal);
/* + value * 2^k. Negative numbers modulo 2^128. */
void mp_columns_add_constant(struct mp_columns *c, unsigned k, mp_u128 value);

/* + or - a number of `bits` bits times 2^k, as a row of its own. */
void mp_columns_add_row(struct mp_columns *c, unsigned k, unsigned bits, const uint32_t *literals,
                        bool is_signed);
void mp_columns_subtract_row(struct mp_columns *c, unsigned k, unsigned bits,
                             const uint32_t *literals, bool is_signed);
/* Bits added from now on are of another row: array and Wallace trees go by rows. */
void mp_columns_next_row(struct mp_columns *c);

/* For trees. Begin: the constant becomes bits, and arrivals are estimated. */
void mp_columns_begin(struct mp_graph *g, struct mp_columns *c);
/* Take n bits, 3 or 2, at the front of column k (a full adder's fast input takes the last of
 * them); the sum goes to the end of column k of `sums`, the carry to column k + 1 of `carries`;
 * both may be c itself. Names count in c. g NULL: an estimate of arrivals only, the new bits have
 * no literals. */
void mp_columns_adder(struct mp_graph *g, struct mp_columns *c, unsigned k, unsigned n,
                      struct mp_columns *sums, struct mp_columns *carries);
/* Bits at the front of column k to the end of `to`. */
void mp_columns_move(struct mp_columns *to, struct mp_columns *from, unsigned k, unsigned count);
unsigned mp_columns_tallest(const struct mp_columns *c);
/* Bits of a column to be taken by an adder, earliest first. */
void mp_columns_sort(struct mp_columns *c, unsigned k);

/* Columns of at most two bits as two rows, false where there is none. Whoever does anything but
 * add them with mp_columns_sum (registers between, say) adds them with tree 0. */
void mp_columns_rows(const struct mp_columns *c, uint32_t *a, uint32_t *b);
/* sum[count] of columns of at most two bits. */
void mp_columns_sum(struct mp_graph *g, const struct mp_columns *c, const struct mp_adder *adder,
                    uint32_t *sum);

#endif
