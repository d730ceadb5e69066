/*
 * The golden model of every form of a unit: dot products, products cut at their low end, shared
 * alignment, pipelines, carry-save accumulators, units without registers. golden.h is the case of
 * one exact product a cycle.
 *
 *   p[i]     = v(weight[i]) * v(activation[i]), exact                       i < terms
 *   term[i]  = p[i] / 2^(drop_bits - guard_bits), the rest cut off: of the magnitude, or (floors)
 *              of the two's complement number, so towards minus infinity
 *   sum      = (term[0] + ... + term[terms-1] (+ half)) / 2^guard_bits, rounded down; half is
 *              2^(guard_bits - 1) where the unit rounds to nearest. A multiplier of one product in
 *              sign and magnitude does this with the magnitude.
 *
 *   multiplier   product <= sum
 *   mac          accumulator <= (first_q ? 0 : accumulator) + sum, modulo 2^accumulator_bits
 *
 * So one unit of a product or an accumulator is 2^drop_bits. Without guard bits every product is
 * cut where the result is; with G of them a sum of T products is off by T / 2^G + 1 at most.
 *
 * Shared alignment (one shifter for all terms): with e = the largest shift of the weights of a
 * cycle (of weights with significand 0 as well) and m[i] the product of significand and activation
 * that is still to be shifted by shift[i],
 *   term[i]  = m[i] * 2^guard_bits / 2^(e - shift[i]), the rest cut off as above
 *   sum      = (term[0] + ... + term[terms-1]) * 2^e / 2^guard_bits, which is exact
 */
#ifndef MP_FORMAT_GOLDEN_FORM_H
#define MP_FORMAT_GOLDEN_FORM_H

#include "estimator/format/golden.h"

#define MP_TERMS_MAX 16

struct mp_golden_form {
    unsigned terms;     /* products a cycle, 1..MP_TERMS_MAX */
    unsigned latency;   /* cycles from operands to result: 2 + pipeline stages, 0 combinational */
    bool is_carry_save; /* accumulator = sum + carry of two registers */
    bool is_shared;     /* alignment */
    bool has_sign;      /* the product leaves the multiplier as sign and magnitude */
    bool floors;
    bool rounds; /* to nearest; else down */
    unsigned drop_bits, guard_bits;
};

/* What a unit adds or puts out in one cycle; codes [terms]. */
mp_i128 mp_golden_form_sum(const struct mp_golden_form *f, const struct mp_format *weight,
                           const struct mp_format *activation, const uint32_t *weight_codes,
                           const uint32_t *activation_codes);

/* The product port: its encoding, its bits (the fewest that hold every sum), its code. */
enum mp_product_encoding mp_golden_form_encoding(const struct mp_golden_form *f,
                                                 const struct mp_format *weight,
                                                 const struct mp_format *activation);
unsigned mp_golden_form_product_bits(const struct mp_golden_form *f, const struct mp_format *weight,
                                     const struct mp_format *activation);
mp_u128 mp_golden_form_product_code(const struct mp_golden_form *f, const struct mp_format *weight,
                                    const struct mp_format *activation,
                                    const uint32_t *weight_codes, const uint32_t *activation_codes);

/* Two's complement bits that hold any sum of `products` products, not cycles. */
unsigned mp_golden_form_accumulator_bits(const struct mp_golden_form *f,
                                         const struct mp_format *weight,
                                         const struct mp_format *activation, uint64_t products);
/* One step; of a carry-save unit sum + carry, modulo 2^accumulator_bits. */
mp_u128 mp_golden_form_mac(const struct mp_golden_form *f, const struct mp_format *weight,
                           const struct mp_format *activation, unsigned accumulator_bits,
                           mp_u128 accumulator, bool first, const uint32_t *weight_codes,
                           const uint32_t *activation_codes);

/* The most by which the sum of one cycle differs from the exact one, in units of v (so that 2^D is
 * one unit of a result with D dropped bits); 0 where nothing is cut. An upper bound; single
 * products reach it or miss it by less than 2^(drop_bits - guard_bits). */
double mp_golden_form_error(const struct mp_golden_form *f, const struct mp_format *weight,
                            const struct mp_format *activation);

#endif
