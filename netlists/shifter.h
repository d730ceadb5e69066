/*
 * The shifter of a float multiplier: significand product << shift, driven by the exponent.
 *
 * Stages run 1, 2, 4, 8, ... : the fine stage first works on the narrow word. A plain format
 * shifts by e - 1, and by 0 at e = 0. Instead of a subtractor the word is shifted by e, by 1 at
 * e = 0, and the result's lowest bit, which is then always zero, is left out: stage 1 is driven by
 * e[0] | ~normal, where normal = (e != 0), every other stage by a bit of the exponent as it is.
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

/* The module `name`, ports exponent, normal (only with minus_one), in, out. */
void mp_shifter_write(struct mp_verilog *v, const char *name, const struct mp_shifter *s);

#endif
