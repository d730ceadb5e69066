/*
 * Left shifts of a word by a binary number, in stages.
 *
 *   log-fine, log-coarse   a multiplexer a bit and a stage of two positions: by 1, 2, 4, ... or
 * from the other end. Fine first keeps the word short while it moves little: on Nangate45 12 to 21
 * % less area than coarse first. one-hot                stages of four positions, selected one-hot:
 * an AND-OR of four a bit, three or fewer at both ends of the word; an odd number of bits leaves
 * one stage of two in front mixed                  fine stages of two while the word is short, the
 * last stage of four
 *
 * Bits beyond both ends are sources like any other: false or a sign above, a fill below.
 */
#ifndef MP_NETLISTS_SHIFT_H
#define MP_NETLISTS_SHIFT_H

#include "netlists/design.h"

struct mp_shift_left {
    enum mp_shifter_kind kind;
    unsigned exponent_bits; /* up to 8; 0: no shift */
    const uint32_t *exponent;
    unsigned in_bits;
    const uint32_t *in;
    bool is_signed; /* the word's top bit goes on above it */
    uint32_t fill;  /* literal that comes in from below */
    unsigned drop;  /* low bits of the result that are left out */
    unsigned out_bits;
};

/* out[i] = bit i + drop of in << exponent, for i < out_bits; drop + out_bits <= 256. */
void mp_shift_left_make(struct mp_graph *g, const struct mp_shift_left *s, uint32_t *out);

#endif
