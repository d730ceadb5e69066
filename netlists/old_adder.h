/*
 * Carry-propagate adders as prefix graphs over generate and propagate (g = a & b, p = a ^ b).
 * Columns at the low end that have one bit only cost nothing.
 *
 *   ripple       each carry from the one below: fewest gates, delay n
 *   Brent-Kung   2n gates, depth 2 log n (IEEE Trans. Comput. C-31, 1982)
 *   staggered    ripple in the lower half, Brent-Kung above: for a tree's two rows, whose low
 *                columns arrive first. Registered int11 x uint8, Nangate45, ABC at 0.8 ns: 738 um2
 *                and 0.85 ns against 850 um2 and 0.80 ns with Brent-Kung alone
 *
 * Sklansky's graph was no better than Brent-Kung's in any of six units.
 */
#ifndef MP_NETLISTS_OLD_ADDER_H
#define MP_NETLISTS_OLD_ADDER_H

#include "netlists/verilog.h"

enum mp_old_adder { MP_OLD_ADDER_RIPPLE, MP_OLD_ADDER_BRENT_KUNG, MP_OLD_ADDER_STAGGERED };

#define MP_OLD_ADDER_BITS_MAX 128

/* sum[i] = bit i of a + b + carry_in modulo 2^bits, bits <= MP_OLD_ADDER_BITS_MAX. Bits may be
 * constants. Wires are named p*, g*, t* and sum*. */
void mp_old_adder_write(struct mp_verilog *v, enum mp_old_adder kind, unsigned bits,
                        const struct mp_bit *a, const struct mp_bit *b, struct mp_bit carry_in,
                        struct mp_bit *sum);

#endif
