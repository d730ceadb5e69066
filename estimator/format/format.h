/*
 * Number formats of weights and activations.
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
 *   float32    the reference: no code, quantise(x) = x
 *
 * Two more are no formats of single values, but say how a network gets them (cnn/quantise.h); they
 * can be parsed, named, compared, and nothing else:
 *
 *   fixed<W>   activations: uint<W> for layers whose input is never negative, int<W> for others
 *   lut<B>     weights: codes of B bits into a table of 2^B values that a layer's weights share
 *
 * No infinities, no NaN: the top exponent is a number like any other. Minus zero is a code that
 * decodes to 0; encode never produces it. Formats with E = 0 have no hidden one in plain e0m<M>
 * (v = +-m) and always one in e0m<M>z; e0m0 and e0m0z hold nothing but zero and are refused.
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
    MP_FORMAT_TABLE  /* lut<B>, B 1..12 */
};

struct mp_format {
    enum mp_format_kind kind;
    uint8_t bits;          /* whole code: W, B, or 1 + E + M; 32 for float32; 1..32 */
    uint8_t exponent_bits; /* E, 0..8; 0 for fixed */
    uint8_t mantissa_bits; /* M, 0..23; 0 for fixed */
    bool no_subnormals;    /* the `z` formats */
};

#define MP_FORMAT_NAME_SIZE 16

/* "int11", "uint8", "e4m2", "e4m2z", "float32", "fixed8", "lut4"; a wrong name is MP_E_USAGE and
 * says what exists. */
int mp_format_parse(struct mp_format *f, const char *name, struct mp_error *err);
const char *mp_format_name(const struct mp_format *f, char out[MP_FORMAT_NAME_SIZE]);
bool mp_format_equal(const struct mp_format *a, const struct mp_format *b);
/* Has codes of its own, which everything below needs (float32 may be quantised and decoded too). */
bool mp_format_has_codes(const struct mp_format *f);

/* v(code) = (negative ? -1 : 1) * significand * 2^shift. significand <= 2^(M+1)-1 or 2^W;
 * shift 0..2^E-2 (2^E-1 for z), 0 for fixed. This is also how the hardware sees a code. */
struct mp_fields {
    bool negative;
    uint32_t significand;
    uint32_t shift;
};
void mp_format_fields(const struct mp_format *f, uint32_t code, struct mp_fields *out);
/* Largest shift of any code, 0 for fixed. */
uint32_t mp_format_max_shift(const struct mp_format *f);

double mp_format_decode(const struct mp_format *f, int unit_exponent, uint32_t code);
/* Nearest value, ties to the even code, saturating at both ends (negative x in uint: 0). NaN gives
 * the code of 0; callers check for NaN first. */
uint32_t mp_format_encode(const struct mp_format *f, int unit_exponent, double x);
/* decode(encode(x)), for float32 x rounded to float. */
double mp_format_quantise(const struct mp_format *f, int unit_exponent, double x);
/* The same over arrays; in == out is allowed. Fast paths; results equal to the scalar ones. */
void mp_format_quantise_array(const struct mp_format *f, int unit_exponent, size_t n,
                              const float *in, float *out);
void mp_format_encode_array(const struct mp_format *f, int unit_exponent, size_t n, const float *in,
                            uint32_t *codes);

/* Largest representable value divided by 2^unit_exponent. */
double mp_format_max_value(const struct mp_format *f);

/* How a unit exponent is chosen, from the values that share it. */
enum mp_calibration_kind {
    MP_CALIBRATE_MAX,       /* the smallest at which the largest |x| is not saturated */
    MP_CALIBRATE_MSE,       /* the one of least squared error */
    MP_CALIBRATE_PERCENTILE /* the smallest at which this share of all |x| is not saturated */
};
struct mp_calibration {
    enum mp_calibration_kind kind;
    double percentile; /* 50..100; 0 for the others */
};
#define MP_CALIBRATION_NAME_SIZE 48
/* "max", "mse", "percentile:99.9"; else MP_E_USAGE. */
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
 * part, evenly spread. All zero: 0. A NaN or infinity is MP_E_INPUT. */
int mp_format_calibrate_parts(const struct mp_calibration *how, const struct mp_values *parts,
                              size_t count, int *unit_exponent, struct mp_error *err);
/* The same for values[n] of one format. */
int mp_format_calibrate(const struct mp_format *f, const struct mp_calibration *how,
                        const float *values, size_t n, int *unit_exponent, struct mp_error *err);

#endif
