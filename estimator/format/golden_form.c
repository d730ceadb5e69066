#include "estimator/format/golden_form.h"

#include <assert.h>
#include <math.h>

static mp_u128 keep_bits(mp_u128 x, unsigned bits)
{
    return bits >= 128 ? x : x & (((mp_u128)1 << bits) - 1);
}

static mp_i128 times_power(mp_i128 x, unsigned bits)
{
    return (mp_i128)((mp_u128)x << bits);
}

/* Shifted right, what falls out cut off: of the magnitude, or of the two's complement number. */
static mp_i128 cut(const struct mp_golden_form *f, mp_i128 x, unsigned bits)
{
    mp_i128 magnitude = x < 0 ? -x : x;

    if (f->floors || x >= 0)
        return x >> bits;
    return -(magnitude >> bits);
}

static mp_i128 half(const struct mp_golden_form *f)
{
    return f->rounds && f->guard_bits > 0 ? (mp_i128)1 << (f->guard_bits - 1) : 0;
}

/* From units of the guard bits to units of the result. */
static mp_i128 finish(const struct mp_golden_form *f, mp_i128 sum)
{
    return (sum + half(f)) >> f->guard_bits;
}

static mp_i128 shared_sum(const struct mp_golden_form *f, const struct mp_format *weight,
                          const struct mp_format *activation, const uint32_t *weight_codes,
                          const uint32_t *activation_codes)
{
    struct mp_fields w[MP_TERMS_MAX], a;
    uint32_t most = 0;
    mp_i128 sum = 0;

    for (unsigned i = 0; i < f->terms; i++) {
        mp_format_fields(weight, weight_codes[i], &w[i]);
        most = w[i].shift > most ? w[i].shift : most;
    }
    for (unsigned i = 0; i < f->terms; i++) {
        mp_i128 m;
        mp_format_fields(activation, activation_codes[i], &a);
        m = times_power((mp_i128)w[i].significand * a.significand, a.shift + f->guard_bits);
        sum += cut(f, w[i].negative != a.negative ? -m : m, most - w[i].shift);
    }
    return times_power(sum, most) >> f->guard_bits;
}

/* The magnitude of a product that leaves as sign and magnitude. */
static mp_i128 magnitude_code(const struct mp_golden_form *f, mp_i128 product)
{
    mp_i128 magnitude = product < 0 ? -product : product;

    return finish(f, magnitude >> (f->drop_bits - f->guard_bits));
}

mp_i128 mp_golden_form_sum(const struct mp_golden_form *f, const struct mp_format *weight,
                           const struct mp_format *activation, const uint32_t *weight_codes,
                           const uint32_t *activation_codes)
{
    mp_i128 sum = 0;

    assert(f->terms >= 1 && f->terms <= MP_TERMS_MAX &&
           (f->is_shared || f->guard_bits <= f->drop_bits));
    if (f->is_shared)
        return shared_sum(f, weight, activation, weight_codes, activation_codes);
    if (f->has_sign) {
        sum = mp_golden_product(weight, activation, *weight_codes, *activation_codes);
        return sum < 0 ? -magnitude_code(f, sum) : magnitude_code(f, sum);
    }
    for (unsigned i = 0; i < f->terms; i++)
        sum += cut(f, mp_golden_product(weight, activation, weight_codes[i], activation_codes[i]),
                   f->drop_bits - f->guard_bits);
    return finish(f, sum);
}

enum mp_product_encoding mp_golden_form_encoding(const struct mp_golden_form *f,
                                                 const struct mp_format *weight,
                                                 const struct mp_format *activation)
{
    if (f->has_sign)
        return MP_PRODUCT_SIGN_MAGNITUDE;
    if (weight->kind == MP_FORMAT_UINT && activation->kind == MP_FORMAT_UINT)
        return MP_PRODUCT_UNSIGNED;
    return MP_PRODUCT_TWOS_COMPLEMENT;
}

static void sum_range(const struct mp_golden_form *f, const struct mp_format *weight,
                      const struct mp_format *activation, mp_i128 *min, mp_i128 *max)
{
    mp_golden_product_range(weight, activation, min, max);
    if (f->is_shared) { /* the largest product of all is the one that is not cut */
        *min *= f->terms;
        *max *= f->terms;
        return;
    }
    *min = finish(f, f->terms * cut(f, *min, f->drop_bits - f->guard_bits));
    *max = finish(f, f->terms * cut(f, *max, f->drop_bits - f->guard_bits));
}

static unsigned unsigned_bits(mp_i128 x)
{
    unsigned n = 0;

    for (; x > 0; x >>= 1)
        n++;
    return n;
}

/* Bits of two's complement that hold min..max, min <= 0 <= max. */
static unsigned signed_bits(mp_i128 min, mp_i128 max)
{
    unsigned a = unsigned_bits(max), b = unsigned_bits(-(min + 1));

    return 1 + (a > b ? a : b);
}

unsigned mp_golden_form_product_bits(const struct mp_golden_form *f, const struct mp_format *weight,
                                     const struct mp_format *activation)
{
    mp_i128 min, max;

    switch (mp_golden_form_encoding(f, weight, activation)) {
    case MP_PRODUCT_UNSIGNED:
        sum_range(f, weight, activation, &min, &max);
        return unsigned_bits(max);
    case MP_PRODUCT_SIGN_MAGNITUDE:
        mp_golden_product_range(weight, activation, &min, &max);
        min = magnitude_code(f, min);
        max = magnitude_code(f, max);
        return 1 + unsigned_bits(max > min ? max : min);
    case MP_PRODUCT_TWOS_COMPLEMENT:
        break;
    }
    sum_range(f, weight, activation, &min, &max);
    return signed_bits(min, max);
}

mp_u128 mp_golden_form_product_code(const struct mp_golden_form *f, const struct mp_format *weight,
                                    const struct mp_format *activation,
                                    const uint32_t *weight_codes, const uint32_t *activation_codes)
{
    unsigned bits = mp_golden_form_product_bits(f, weight, activation);
    struct mp_fields w, a;
    mp_i128 p;

    if (!f->has_sign)
        return keep_bits(
            (mp_u128)mp_golden_form_sum(f, weight, activation, weight_codes, activation_codes),
            bits);
    mp_format_fields(weight, *weight_codes, &w);
    mp_format_fields(activation, *activation_codes, &a);
    p = mp_golden_form_sum(f, weight, activation, weight_codes, activation_codes);
    return (mp_u128)(w.negative != a.negative) << (bits - 1) | (mp_u128)(p < 0 ? -p : p);
}

unsigned mp_golden_form_accumulator_bits(const struct mp_golden_form *f,
                                         const struct mp_format *weight,
                                         const struct mp_format *activation, uint64_t products)
{
    mp_i128 min, max, cycles = (mp_i128)((products + f->terms - 1) / f->terms);

    if (f->drop_bits == 0 && f->terms == 1)
        return mp_golden_accumulator_bits(weight, activation, products);
    assert(products >= 1 && products <= (uint64_t)1 << 32);
    if (weight->block > 0 && cycles > (mp_i128)(weight->block / f->terms))
        cycles = weight->block / f->terms;
    sum_range(f, weight, activation, &min, &max);
    return signed_bits(min * cycles, max * cycles);
}

mp_u128 mp_golden_form_mac(const struct mp_golden_form *f, const struct mp_format *weight,
                           const struct mp_format *activation, unsigned accumulator_bits,
                           mp_u128 accumulator, bool first, const uint32_t *weight_codes,
                           const uint32_t *activation_codes)
{
    mp_u128 s = (mp_u128)mp_golden_form_sum(f, weight, activation, weight_codes, activation_codes);

    return keep_bits((first ? 0 : accumulator) + s, accumulator_bits);
}

double mp_golden_form_error(const struct mp_golden_form *f, const struct mp_format *weight,
                            const struct mp_format *activation)
{
    double kept = ldexp(1, (int)f->drop_bits - (int)f->guard_bits),
           one = ldexp(1, (int)f->drop_bits);
    double terms = f->terms;

    (void)activation;
    if (f->is_shared) {
        /* One term has the largest shift and loses nothing; what the others lose is below the last
         * guard bit. */
        int most = (int)mp_format_max_shift(weight) - (int)f->guard_bits;
        return most > 0 ? (terms - 1) * (ldexp(1, most) - 1) : 0;
    }
    if (f->drop_bits == 0)
        return 0;
    if (f->guard_bits == 0)
        return terms * (kept - 1);
    /* Terms cut at the guard bits, and their sum at the result's unit or rounded to half of it. */
    return terms * (kept - 1) + (f->rounds ? one / 2 : one - kept);
}
