/*
 * The shifter of a float multiplier: significand product << shift, driven by the exponent.
 *
 * Stages of two positions, fine ones first, while the word is short: shift by 0 or 1, by 0 or 2,
 * and so on; the last stage takes two exponent bits at once, selected one-hot, because most bits of
 * the wide result have three sources or fewer. Every stage inverts (AND-OR-INVERT on the word,
 * OR-AND-INVERT on its complement), so that a bit costs one gate a stage, or a NAND or NOR where
 * zeros come in. Hence the word comes in inverted where the number of stages is odd; the adder in
 * front of it does not care (XNOR for XOR), and synthesis cannot push inverters out of a block.
 *
 * e4m2 x uint8 on Nangate45, um2: this 79; with a last stage of two 82, stages of four alone 83 to
 * 89, stages of two behind one of four 90; all in their better polarity.
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

/* The word comes in inverted, as in_n; else as in. */
bool mp_shifter_takes_inverted(const struct mp_shifter *s);

/* The module `name`, ports exponent, normal (only with minus_one), in or in_n, out. */
void mp_shifter_write(struct mp_verilog *v, const char *name, const struct mp_shifter *s);

#endif
