/*
 * The shifter of a float multiplier: significand product << shift, driven by the exponent.
 *
 * Stages of four positions, selected one-hot, the fine stage first: 0..3, then 0, 4, 8, 12, then
 * 0, 16, 32, 48; an odd number of exponent bits ends with a stage of two. Against stages of two,
 * 1 2 4 8, this gave 403 um2 and 0.745 ns instead of 414 um2 and 0.767 ns for a registered
 * e4m2 x uint8 multiplier (Nangate45).
 *
 * A plain format shifts by e - 1, and by 0 at e = 0. Instead of a subtractor the word is shifted
 * by e, by 1 at e = 0, and the result's lowest bit, which is then always zero, is left out. All
 * that takes is e[0] | ~normal in place of e[0], where normal = (e != 0).
 */
#ifndef MP_NETLISTS_SHIFTER_H
#define MP_NETLISTS_SHIFTER_H

#include "netlists/verilog.h"
#include <stdbool.h>

#define MP_SHIFTER_BITS_MAX 128

struct mp_shifter {
    unsigned exponent_bits; /* 1..6 */
    unsigned in_bits, out_bits;
    bool minus_one; /* a plain format */
};

/* The module `name`, ports exponent, normal (only with minus_one), in_n, out. The word comes in
 * inverted: the first stage can then be OR-AND-INVERT gates, while the adder in front of it does
 * not care (XNOR for XOR). Saves the inverters that synthesis cannot push out of a block. */
void mp_shifter_write(struct mp_verilog *v, const char *name, const struct mp_shifter *s);

#endif
