/*
 * Number formats of weights and activations (docs/formats.md: all of them, side by side).
 *
 * A code is the bit pattern, in the low `bits` bits of a uint32_t. Every code stands for an exact
 * integer v(code), and its real value is v(code) * 2^unit_exponent; unit_exponent is chosen a layer
 * by calibration and is no part of the hardware:
 *
 *   int<W>     two's complement, v = the integer          unit_exponent = -f (f fraction bits)
 *   uint<W>    unsigned, v = the integer                  unit_exponent = -f, f may be negative
 *   e<E>m<M>   [sign | exponent e | mantissa m], MSB first
 *              e == 0: v = +-m                            (gradual underflow)
 *              e >= 1: v = +-(2^M + m) * 2^(e-1)          unit_exponent = 1 - bias - M
 *   e<E>m<M>z  all of exponent and mantissa 0: v = 0; every other code has the hidden one:
 *              v = +-(2^M + m) * 2^e                      unit_exponent = -bias - M
 *   fp8_e4m3   e4m3 with the codes of the OCP 8-bit Floating Point Specification: code 127, and 255
 *   fp8_e5m2   with the sign, is NaN; of e5m2 124 is infinity, 125..127 are NaN. Encode gives
 *              none of these (it saturates at +-448 and +-57344 at the scale of the specification);
 *              units, golden model and decode read them as the numbers that follow, as in e4m3.
 *   bf16w<N>   bfloat16 as it is stored: [sign | e, 8 bits | m, 7 bits]; a unit shifts through the
 *              N highest exponents alone, N = 4, 8, 16, 32 or 64, and what is below is zero:
 *              e >= 256 - N: v = +-(2^7 + m) * 2^(e - (256 - N)), else 0
 *              e = 255 (infinity, NaN) as in fp8_e5m2. `bf16` is bf16w16. Weights are stored times
 *              the power of two that brings their largest under e = 254.
 *   pot2_e<E>  sum of two powers of two: [sign | a | b], E bits each, 1..5:
 *              v = +-(t(a) + t(b)), t(0) = 0, t(i) = 2^(i-1). A value may have several codes;
 *              encode gives the one with the fewest powers, the larger one in a.
 *   float32    the reference: no code, quantise(x) = x
 *
 * mxfp4, mxfp6_e2m3, mxfp6_e3m2, mxfp8_e4m3, mxfp8_e5m2, mxint8 (weights): blocks of 32 values of
 * e2m1, e2m3, e3m2, fp8_e4m3, fp8_e5m2 or int8, with a scale of their own for each block, a power
 * of two in 8 bits (e8m0), after the OCP Microscaling Formats (MX) Specification 1.0. A code is one
 * element's; a block's scale is its unit exponent (mp_format_block_unit), applied behind the
 * accumulator once a block.
 *
 * Two more are no formats of single values, but say how a network gets them (cnn/quantise.h); they
 * can be parsed, named, compared, and nothing else:
 *
 *   fixed<W>   activations: uint<W> for layers whose input is never negative, int<W> for others
 *   lut<B>     weights: codes of B bits into a table of 2^B values that a layer's weights share
 *
 * e<E>m<M> has no infinities and no NaN: the top exponent is a number like any other, as in OCP's
 * e2m1, e2m3 and e3m2 (fp4_e2m1, fp6_e2m3 and fp6_e3m2 are read as these). Minus zero is a code
 * that decodes to 0; encode never produces it. Formats with E = 0 have no hidden one in plain
 * e0m<M> (v = +-m) and always one in e0m<M>z; e0m0 and e0m0z hold nothing but zero and are refused.
 * After Lai, Suda, Chandra, arXiv 1703.03073, section 3, and design.md's vocabulary.
 */
#ifndef MP_FORMAT_FORMAT_H
#define MP_FORMAT_FORMAT_H

#include "estimator/util/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mp_format_kind {
    MP_FORMAT_INT,
    MP_FORMAT_UINT,
    MP_FORMAT_FLOAT,
    MP_FORMAT_FLOAT32,
    MP_FORMAT_FIXED, /* fixed<W> */
    MP_FORMAT_TABLE, /* lut<B>, B 1..12 */
    MP_FORMAT_POWERS /* pot2_e<E> */
};

struct mp_format {
    enum mp_format_kind kind; /* of mx<...>: of an element */
    uint8_t bits;             /* whole code: W, B, 1 + E + M, 1 + 2 E; 32 for float32; 1..32 */
    uint8_t exponent_bits;    /* E, 0..8; 0 for fixed */
    uint8_t mantissa_bits;    /* M, 0..23; 0 for fixed and pot2 */
    bool no_subnormals;       /* the `z` formats */
    bool has_specials;        /* fp8_ and bf16: the top codes are infinities and NaN */
    uint8_t window_bits;      /* bf16w<N>: log2 N, 2..6; else 0 */
    uint8_t block;            /* mx<...>: elements that share a scale, 32; else 0 */
};

#define MP_FORMAT_NAME_SIZE 16

/* "int11", "uint8", "e4m2", "e4m2z", "fp8_e4m3", "bf16w8", "pot2_e3", "mxfp4", "float32", "fixed8",
 * "lut4"; a wrong name is MP_E_USAGE and says what exists. */
int mp_format_parse(struct mp_format *f, const char *name, struct mp_error *err);
const char *mp_format_name(const struct mp_format *f, char out[MP_FORMAT_NAME_SIZE]);
bool mp_format_equal(const struct mp_format *a, const struct mp_format *b);
/* Has codes of its own, which everything below needs (float32 may be quantised and decoded too). */
bool mp_format_has_codes(const struct mp_format *f);
/* The format of one element of a block; f itself for formats without blocks. */
struct mp_format mp_format_element(const struct mp_format *f);

/* v(code) = (negative ? -1 : 1) * significand * 2^shift, for every code, infinities and NaN too.
 * significand <= 2^(M+1)-1 or 2^W; shift 0..2^E-2 (2^E-1 for z, N-1 for bf16w<N>), 0 for fixed.
 * This is also how the hardware sees a code. pot2: significand = t(a) + t(b), shift 0; hardware
 * adds two shifted operands instead. */
struct mp_fields {
    bool negative;
    uint32_t significand;
    uint32_t shift;
};
void mp_format_fields(const struct mp_format *f, uint32_t code, struct mp_fields *out);
/* Largest shift of any code, 0 for fixed and pot2. */
uint32_t mp_format_max_shift(const struct mp_format *f);
/* Float: exponent code whose values have the hidden one and shift 0; codes above shift by their
 * distance. 1; 0 for z (but the code of zero); 256 - N for bf16w<N>. */
uint32_t mp_format_first_normal(const struct mp_format *f);

double mp_format_decode(const struct mp_format *f, int unit_exponent, uint32_t code);
/* Nearest value, ties to the even code (pot2: to the even place among all magnitudes in order),
 * saturating at both ends (negative x in uint: 0). NaN gives the code of 0; callers check for NaN
 * first. */
uint32_t mp_format_encode(const struct mp_format *f, int unit_exponent, double x);
/* decode(encode(x)), for float32 x rounded to float. */
double mp_format_quantise(const struct mp_format *f, int unit_exponent, double x);
/* The same over arrays; in == out is allowed. Fast paths; results equal to the scalar ones. */
void mp_format_quantise_array(const struct mp_format *f, int unit_exponent, size_t n,
                              const float *in, float *out);
void mp_format_encode_array(const struct mp_format *f, int unit_exponent, size_t n, const float *in,
                            uint32_t *codes);

/* Largest value that encode gives, divided by 2^unit_exponent. */
double mp_format_max_value(const struct mp_format *f);

/* ---- blocks: formats with block > 0 */

/* Unit exponent at which values[n], one block or what is left of the last, are encoded: that of
 * the block's scale 2^s with s = floor(log2 max |x|) - emax, MX specification 1.0, section 6.3;
 * emax: floor(log2) of the element's largest value (e2m1: 2). s is kept in -127..127, and 0 where
 * all are zero. Values beyond the element's largest saturate. */
int mp_format_block_unit(const struct mp_format *f, const float *values, size_t n);
/* Unit exponent of scale 1, and so what lies between a block's unit exponent and its scale's: of
 * float formats with E >= 1 1 - bias - M (z: -bias - M) with the bias of IEEE and OCP, 2^(E-1) - 1;
 * of mxint8 -6. Others have none. */
int mp_format_unit_of_one(const struct mp_format *f);

/* How a unit exponent is chosen, from the values that share it. */
enum mp_calibration_kind {
    MP_CALIBRATE_MAX,        /* the smallest at which the largest |x| is not saturated */
    MP_CALIBRATE_MSE,        /* the one of least squared error */
    MP_CALIBRATE_PERCENTILE, /* the smallest at which this share of all |x| is not saturated */
    MP_CALIBRATE_NONE        /* scale 1: mp_format_unit_of_one(), whatever the values are */
};
struct mp_calibration {
    enum mp_calibration_kind kind;
    double percentile; /* 50..100; 0 for the others */
};
#define MP_CALIBRATION_NAME_SIZE 48
/* "max", "mse", "percentile:99.9", "none"; else MP_E_USAGE. */
int mp_calibration_parse(struct mp_calibration *c, const char *name, struct mp_error *err);
/* The shortest text that is parsed to c again. */
const char *mp_calibration_name(const struct mp_calibration *c, char out[MP_CALIBRATION_NAME_SIZE]);

/* A part of the values that share a unit exponent: those of a layer, for example. Several parts may
 * be of different formats (int8 and uint8). */
struct mp_values {
    const struct mp_format *format;
    const float *values; /* [count] */
    size_t count;
    double share; /* values that each of these stands for: samples; above 0 */
};
/* Choose one unit exponent for all of parts[count]. A percentile counts values that are negative in
 * a part of an unsigned format as 0. Least squared error is looked for on at most 65,536 values a
 * part, evenly spread. All zero: 0. A NaN or infinity is MP_E_INPUT; scale 1 for a format that has
 * none (int, bf16, pot2, e0m<M>) MP_E_USAGE. */
int mp_format_calibrate_parts(const struct mp_calibration *how, const struct mp_values *parts,
                              size_t count, int *unit_exponent, struct mp_error *err);
/* The same for values[n] of one format. */
int mp_format_calibrate(const struct mp_format *f, const struct mp_calibration *how,
                        const float *values, size_t n, int *unit_exponent, struct mp_error *err);

#endif
