#include "estimator/format/golden.h"

#include <assert.h>
#include <string.h>

static const char *const unit_names[] = {"multiplier", "mac"};

int mp_unit_parse(enum mp_unit *u, const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < sizeof unit_names / sizeof *unit_names; i++)
        if (strcmp(name, unit_names[i]) == 0) {
            *u = (enum mp_unit)i;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE, "unknown unit \"%s\": there are multiplier and mac", name);
}

const char *mp_unit_name(enum mp_unit u)
{
    return unit_names[u];
}

static bool is_fixed(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_INT || f->kind == MP_FORMAT_UINT;
}

static bool is_small_float(const struct mp_format *f)
{
    return f->exponent_bits <= 6 && f->mantissa_bits <= 10;
}

static int check_weight(const struct mp_format *weight, struct mp_error *err)
{
    char w[MP_FORMAT_NAME_SIZE];

    mp_format_name(weight, w);
    switch (weight->kind) {
    case MP_FORMAT_FLOAT32:
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for float32 weights: it is the reference for "
                       "accuracy only");
    case MP_FORMAT_TABLE:
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for weight format %s: shared values are for "
                       "storage and accuracy; give the unit that computes with them a format such "
                       "as int8 or e4m3",
                       w);
    case MP_FORMAT_FIXED:
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for weight format %s: weights are int%u or uint%u",
                       w, weight->bits, weight->bits);
    case MP_FORMAT_INT:
    case MP_FORMAT_UINT:
        if (weight->bits >= 2 && weight->bits <= 16)
            break;
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for weight format %s: fixed weights have 2 to 16 "
                       "bits",
                       w);
    case MP_FORMAT_FLOAT:
        if (weight->window_bits > 0 || is_small_float(weight))
            break;
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for weight format %s: float weights have at most "
                       "6 exponent and 10 mantissa bits, or are bf16w<N>",
                       w);
    case MP_FORMAT_POWERS:
        break;
    }
    return MP_OK;
}

static unsigned unsigned_bits(mp_i128 x)
{
    unsigned n = 0;

    for (; x > 0; x >>= 1)
        n++;
    return n;
}

/* Of float x float, for products that may be wider than any integer: both largest codes have the
 * largest significand and the largest shift. */
static unsigned float_product_bits(const struct mp_format *weight,
                                   const struct mp_format *activation)
{
    struct mp_fields w, a;

    mp_format_fields(weight, UINT32_MAX, &w);
    mp_format_fields(activation, UINT32_MAX, &a);
    return 1 + unsigned_bits((mp_i128)w.significand * a.significand) + w.shift + a.shift;
}

static int check_float_activation(const struct mp_format *weight,
                                  const struct mp_format *activation, struct mp_error *err)
{
    char w[MP_FORMAT_NAME_SIZE], a[MP_FORMAT_NAME_SIZE];
    unsigned bits;

    mp_format_name(weight, w);
    mp_format_name(activation, a);
    if (activation->block > 0)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s: blocks are of weights; "
                       "give the activations the format of the elements",
                       a);
    if (weight->kind != MP_FORMAT_FLOAT)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s with weights %s: float "
                       "activations need float weights",
                       a, w);
    if (activation->window_bits == 0 && !is_small_float(activation))
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s: float activations have "
                       "at most 6 exponent and 10 mantissa bits, or are bf16w<N>",
                       a);
    if ((bits = float_product_bits(weight, activation)) > MP_PRODUCT_BITS_MAX)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for %s x %s: the exact product has %u bits, at "
                       "most %d can be made",
                       w, a, bits, MP_PRODUCT_BITS_MAX);
    return MP_OK;
}

int mp_golden_check(const struct mp_format *weight, const struct mp_format *activation,
                    struct mp_error *err)
{
    char a[MP_FORMAT_NAME_SIZE];
    int rc = check_weight(weight, err);

    if (rc < 0)
        return rc;
    mp_format_name(activation, a);
    if (activation->kind == MP_FORMAT_FLOAT)
        return check_float_activation(weight, activation, err);
    if (activation->kind == MP_FORMAT_FIXED)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s, which is another one "
                       "for some layers than for others: a unit takes uint%u (behind ReLUs) or "
                       "int%u",
                       a, activation->bits, activation->bits);
    if (!is_fixed(activation) || activation->block > 0)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s: activations are int or "
                       "uint, or float where the weights are float",
                       a);
    if (activation->bits < 2 || activation->bits > 16)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "no hardware can be made for activation format %s: activations have 2 to "
                       "16 bits",
                       a);
    return MP_OK;
}

enum mp_product_encoding mp_golden_product_encoding(const struct mp_format *weight,
                                                    const struct mp_format *activation)
{
    if (weight->kind == MP_FORMAT_FLOAT || weight->kind == MP_FORMAT_POWERS)
        return MP_PRODUCT_SIGN_MAGNITUDE;
    if (weight->kind == MP_FORMAT_INT || activation->kind == MP_FORMAT_INT)
        return MP_PRODUCT_TWOS_COMPLEMENT;
    return MP_PRODUCT_UNSIGNED;
}

/* Smallest and largest v(code). */
static void value_range(const struct mp_format *f, mp_i128 *min, mp_i128 *max)
{
    struct mp_fields v;
    uint32_t sign = (uint32_t)1 << (f->bits - 1u);

    if (f->kind == MP_FORMAT_UINT) {
        mp_format_fields(f, UINT32_MAX, &v);
        *min = 0;
        *max = v.significand;
        return;
    }
    mp_format_fields(f, ~sign, &v);
    *max = (mp_i128)v.significand << v.shift;
    *min = f->kind == MP_FORMAT_INT ? -*max - 1 : -*max;
}

static void product_range(const struct mp_format *weight, const struct mp_format *activation,
                          mp_i128 *min, mp_i128 *max)
{
    mp_i128 w[2], a[2];

    value_range(weight, &w[0], &w[1]);
    value_range(activation, &a[0], &a[1]);
    *min = *max = w[0] * a[0];
    for (int i = 1; i < 4; i++) {
        mp_i128 p = w[i & 1] * a[i >> 1];
        *min = p < *min ? p : *min;
        *max = p > *max ? p : *max;
    }
}

/* Bits of two's complement that hold min..max, min <= 0 <= max. */
static unsigned signed_bits(mp_i128 min, mp_i128 max)
{
    unsigned a = unsigned_bits(max), b = unsigned_bits(-(min + 1));

    return 1 + (a > b ? a : b);
}

unsigned mp_golden_product_bits(const struct mp_format *weight, const struct mp_format *activation)
{
    mp_i128 min, max;

    product_range(weight, activation, &min, &max);
    switch (mp_golden_product_encoding(weight, activation)) {
    case MP_PRODUCT_UNSIGNED:
        return unsigned_bits(max);
    case MP_PRODUCT_SIGN_MAGNITUDE:
        return 1 + unsigned_bits(max > -min ? max : -min);
    case MP_PRODUCT_TWOS_COMPLEMENT:
        break;
    }
    return signed_bits(min, max);
}

unsigned mp_golden_accumulator_bits(const struct mp_format *weight,
                                    const struct mp_format *activation, uint64_t terms)
{
    mp_i128 min, max, most;
    unsigned shift = 0;

    assert(terms >= 1);
    if (weight->block > 0 && terms > weight->block)
        terms = weight->block;
    product_range(weight, activation, &min, &max);
    /* 2^90 products of 2^64 terms leave 128 bits: scale the terms down, rounding up. */
    for (; terms > ((uint64_t)1 << 32); shift++)
        terms = (terms >> 1) + (terms & 1);
    most = (mp_i128)terms;
    return signed_bits(min * most, max * most) + shift;
}

mp_i128 mp_golden_product(const struct mp_format *weight, const struct mp_format *activation,
                          uint32_t weight_code, uint32_t activation_code)
{
    struct mp_fields w, a;
    mp_i128 magnitude;

    mp_format_fields(weight, weight_code, &w);
    mp_format_fields(activation, activation_code, &a);
    magnitude = ((mp_i128)w.significand * a.significand) << (w.shift + a.shift);
    return w.negative != a.negative ? -magnitude : magnitude;
}

static mp_u128 keep_bits(mp_u128 x, unsigned bits)
{
    return bits >= 128 ? x : x & (((mp_u128)1 << bits) - 1);
}

mp_u128 mp_golden_product_code(const struct mp_format *weight, const struct mp_format *activation,
                               uint32_t weight_code, uint32_t activation_code)
{
    unsigned bits = mp_golden_product_bits(weight, activation);
    mp_i128 p = mp_golden_product(weight, activation, weight_code, activation_code);
    struct mp_fields w, a;
    mp_u128 sign;

    if (mp_golden_product_encoding(weight, activation) != MP_PRODUCT_SIGN_MAGNITUDE)
        return keep_bits((mp_u128)p, bits);
    mp_format_fields(weight, weight_code, &w);
    mp_format_fields(activation, activation_code, &a);
    sign = w.negative != a.negative;
    return sign << (bits - 1) | (mp_u128)(p < 0 ? -p : p);
}

mp_u128 mp_golden_mac(const struct mp_format *weight, const struct mp_format *activation,
                      unsigned accumulator_bits, mp_u128 accumulator, bool first,
                      uint32_t weight_code, uint32_t activation_code)
{
    mp_u128 p = (mp_u128)mp_golden_product(weight, activation, weight_code, activation_code);

    return keep_bits((first ? 0 : accumulator) + p, accumulator_bits);
}

void mp_golden_product_range(const struct mp_format *weight, const struct mp_format *activation,
                             mp_i128 *min, mp_i128 *max)
{
    product_range(weight, activation, min, max);
}
