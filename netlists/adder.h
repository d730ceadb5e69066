/*
 * Carry-propagate adders by name. To add one: write netlists/adder_NAME.c with a
 * `const struct mp_adder mp_adder_NAME`, name it here, in adder.c and in meson.build. A prefix
 * graph is a function that fills a split table (prefix.h); any other adder makes its sum bits
 * itself.
 *
 *     generate[i], propagate[i]   half adders of column i, in the tree that the two rows came from,
 *                                 so that the search may change which bits meet
 *     carry into column i + 1     over the columns from the first where two bits meet
 *     sum[i] = propagate[i] ^ carry
 */
#ifndef MP_NETLISTS_ADDER_H
#define MP_NETLISTS_ADDER_H

#include "netlists/prefix.h"

#define MP_ADDER_BITS_MAX 128

/* Columns from the first that can make a carry, lowest first. */
struct mp_adder_columns {
    unsigned first; /* number of the lowest, for names */
    unsigned count;
    const uint32_t *generate, *propagate; /* [count] literals; propagate is the column's XOR */
    uint32_t carry_in;                    /* a carry into column 0, false for none */
};

struct mp_adder {
    const char *name;    /* "brent-kung" */
    const char *summary; /* one line for --help and docs */
    mp_prefix_split *split;
    /* Where split is NULL: sum[count] of the columns. */
    void (*write)(struct mp_graph *g, const struct mp_adder_columns *c, uint32_t *sum);
};

extern const struct mp_adder mp_adder_ripple, mp_adder_brent_kung, mp_adder_sklansky,
    mp_adder_kogge_stone, mp_adder_han_carlson, mp_adder_staggered, mp_adder_arrival,
    mp_adder_carry_select, mp_adder_carry_skip, mp_adder_ladner_fischer;

size_t mp_adder_count(void);
const struct mp_adder *mp_adder_at(size_t index);
/* NULL: there is none of that name. */
const struct mp_adder *mp_adder_find(const char *name);

/* sum[i] = bit i of a + b + carry_in modulo 2^bits, bits in 1..MP_ADDER_BITS_MAX. Bits may be
 * constants. tree, column: of a[0] and b[0] where they come from a tree (struct mp_columns) with
 * nothing in between; tree 0: a's and b's bits must stay where they are. */
void mp_adder_write(struct mp_graph *g, const struct mp_adder *adder, uint16_t tree, int32_t column,
                    unsigned bits, const uint32_t *a, const uint32_t *b, uint32_t carry_in,
                    uint32_t *sum);

#endif
