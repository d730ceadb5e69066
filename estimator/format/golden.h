/*
 * The golden model: what a multiplier and a MAC must compute, in exact integers, independent of any
 * netlist. Values are v(code) of format.h, so a product is v(weight) * v(activation), exact.
 *
 * Units: weight and activation registers in front, product or accumulator register behind; the
 * result of operands applied in cycle t is visible in cycle t + MP_UNIT_LATENCY.
 *
 *   multiplier   product <= weight_q * activation_q
 *   mac          accumulator <= (first_q ? 0 : accumulator) + weight_q * activation_q,
 *                two's complement, modulo 2^accumulator_bits
 *
 * Codes of infinity and NaN (fp8_, bf16) are never made by encode and have no arithmetic of their
 * own: they are the numbers that follow, so that a unit is defined for every code. Of blocks (mx)
 * a unit computes one block: `first` starts each, and its scale, with all that sums up blocks, is
 * outside. Float x float is exact too: a fixed-point number of both ranges, not a rounded float.
 */
#ifndef MP_FORMAT_GOLDEN_H
#define MP_FORMAT_GOLDEN_H

#include "estimator/format/format.h"

__extension__ typedef __int128 mp_i128;
__extension__ typedef unsigned __int128 mp_u128;

#define MP_UNIT_LATENCY 2

enum mp_unit { MP_UNIT_MULTIPLIER, MP_UNIT_MAC };
int mp_unit_parse(enum mp_unit *u, const char *name, struct mp_error *err);
const char *mp_unit_name(enum mp_unit u);

/* How a product leaves the multiplier on its output port. */
enum mp_product_encoding {
    MP_PRODUCT_TWOS_COMPLEMENT, /* fixed weights with any signed operand */
    MP_PRODUCT_UNSIGNED,        /* unsigned x unsigned */
    MP_PRODUCT_SIGN_MAGNITUDE   /* float and pot2 weights: top bit = sign of weight xor sign of
                                   activation (also for a zero product), the rest the magnitude */
};

/* The formats a netlist can be made of: weight fixed with W 2..16, float with E <= 6 and M <= 10,
 * bf16, pot2, or blocks of these; activation int or uint with W 2..16, or, with float weights,
 * float as these (blocks: of weights alone) as long as the product port has at most
 * MP_PRODUCT_BITS_MAX bits: e5m2 x e5m2 has 67. MP_E_UNSUPPORTED with the limits otherwise. */
#define MP_PRODUCT_BITS_MAX 96
int mp_golden_check(const struct mp_format *weight, const struct mp_format *activation,
                    struct mp_error *err);

enum mp_product_encoding mp_golden_product_encoding(const struct mp_format *weight,
                                                    const struct mp_format *activation);
/* Bits of the product port (sign included), the fewest that hold every product. */
unsigned mp_golden_product_bits(const struct mp_format *weight, const struct mp_format *activation);
/* Two's complement bits that hold any sum of `terms` products; terms >= 1. Of blocks: of as many
 * products as a block has, if terms is more. */
unsigned mp_golden_accumulator_bits(const struct mp_format *weight,
                                    const struct mp_format *activation, uint64_t terms);

/* Smallest and largest product of any two codes; min <= 0 <= max. */
void mp_golden_product_range(const struct mp_format *weight, const struct mp_format *activation,
                             mp_i128 *min, mp_i128 *max);

/* v(weight) * v(activation); |product| < 2^96 within mp_golden_check's limits. */
mp_i128 mp_golden_product(const struct mp_format *weight, const struct mp_format *activation,
                          uint32_t weight_code, uint32_t activation_code);
/* The bits of the product port, in the low mp_golden_product_bits() bits. */
mp_u128 mp_golden_product_code(const struct mp_format *weight, const struct mp_format *activation,
                               uint32_t weight_code, uint32_t activation_code);
/* One MAC step: the new accumulator in the low `accumulator_bits` bits (upper bits zero). */
mp_u128 mp_golden_mac(const struct mp_format *weight, const struct mp_format *activation,
                      unsigned accumulator_bits, mp_u128 accumulator, bool first,
                      uint32_t weight_code, uint32_t activation_code);

#endif
