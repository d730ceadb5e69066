#include "estimator/format/format.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

bool mp_format_equal(const struct mp_format *a, const struct mp_format *b)
{
    return a->kind == b->kind && a->bits == b->bits && a->exponent_bits == b->exponent_bits &&
           a->mantissa_bits == b->mantissa_bits && a->no_subnormals == b->no_subnormals &&
           a->has_specials == b->has_specials && a->window_bits == b->window_bits &&
           a->block == b->block;
}

bool mp_format_has_codes(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_INT || f->kind == MP_FORMAT_UINT || f->kind == MP_FORMAT_FLOAT ||
           f->kind == MP_FORMAT_POWERS;
}

struct mp_format mp_format_element(const struct mp_format *f)
{
    struct mp_format element = *f;

    element.block = 0;
    return element;
}

static uint32_t low_bits(unsigned n)
{
    return n >= 32 ? UINT32_MAX : ((uint32_t)1 << n) - 1;
}

uint32_t mp_format_first_normal(const struct mp_format *f)
{
    if (f->window_bits > 0)
        return low_bits(f->exponent_bits) - low_bits(f->window_bits);
    return f->no_subnormals ? 0 : 1;
}

static uint32_t power(uint32_t exponent)
{
    return exponent == 0 ? 0 : (uint32_t)1 << (exponent - 1);
}

void mp_format_fields(const struct mp_format *f, uint32_t code, struct mp_fields *out)
{
    unsigned m_bits = f->mantissa_bits;
    uint32_t e, m;

    assert(mp_format_has_codes(f) && f->bits > 0);
    code &= low_bits(f->bits);
    *out = (struct mp_fields){.negative = false, .significand = code, .shift = 0};
    if (f->kind == MP_FORMAT_UINT)
        return;
    out->negative = (code >> (f->bits - 1u)) & 1;
    if (f->kind == MP_FORMAT_INT) {
        if (out->negative)
            out->significand = (~code & low_bits(f->bits)) + 1;
        return;
    }
    if (f->kind == MP_FORMAT_POWERS) {
        e = code & low_bits(f->exponent_bits);
        m = (code >> f->exponent_bits) & low_bits(f->exponent_bits);
        out->significand = power(e) + power(m);
        return;
    }
    m = code & low_bits(m_bits);
    e = (code >> m_bits) & low_bits(f->exponent_bits);
    if (f->window_bits > 0) {
        bool is_below = e < mp_format_first_normal(f);
        out->significand = is_below ? 0 : m | (uint32_t)1 << m_bits;
        out->shift = is_below ? 0 : e - mp_format_first_normal(f);
    } else if (f->no_subnormals) {
        out->significand = (e | m) == 0 ? 0 : m | (uint32_t)1 << m_bits;
        out->shift = e;
    } else {
        out->significand = e == 0 ? m : m | (uint32_t)1 << m_bits;
        out->shift = e == 0 ? 0 : e - 1;
    }
}

uint32_t mp_format_max_shift(const struct mp_format *f)
{
    if (f->kind != MP_FORMAT_FLOAT || f->exponent_bits == 0)
        return 0;
    if (f->window_bits > 0)
        return low_bits(f->window_bits);
    return low_bits(f->exponent_bits) - (f->no_subnormals ? 0 : 1);
}

static double fields_value(const struct mp_fields *v)
{
    double x = ldexp((double)v->significand, (int)v->shift);

    return v->negative && v->significand != 0 ? -x : x;
}

double mp_format_decode(const struct mp_format *f, int unit_exponent, uint32_t code)
{
    struct mp_fields v;

    if (f->kind == MP_FORMAT_FLOAT32) {
        float x;
        memcpy(&x, &code, sizeof x);
        return (double)x;
    }
    mp_format_fields(f, code, &v);
    return ldexp(fields_value(&v), unit_exponent);
}

/* Codes at the top of each sign that are no numbers: e4m3 has one NaN, the others have an exponent
 * of infinity and NaN. */
static uint32_t special_codes(const struct mp_format *f)
{
    bool one = f->exponent_bits == 4 && f->mantissa_bits == 3;

    return !f->has_specials ? 0 : one ? 1 : (uint32_t)1 << f->mantissa_bits;
}

/* Largest code without the sign that encode gives: of a plain float every exponent and mantissa
 * bit. */
static uint32_t max_magnitude_code(const struct mp_format *f)
{
    return low_bits(f->bits - (f->kind == MP_FORMAT_UINT ? 0u : 1u)) - special_codes(f);
}

double mp_format_max_value(const struct mp_format *f)
{
    if (f->kind == MP_FORMAT_FLOAT32)
        return (double)FLT_MAX;
    return mp_format_decode(f, 0, max_magnitude_code(f));
}

/* The largest non-negative code with a value <= y, for 0 <= y <= the largest value. */
static uint32_t truncate_code(const struct mp_format *f, double y)
{
    int m_bits = f->mantissa_bits, k;
    bool has_gap = f->no_subnormals || f->window_bits > 0; /* between zero and the smallest */
    uint32_t e, m;

    if (f->kind != MP_FORMAT_FLOAT || y < ldexp(1.0, m_bits))
        return f->kind == MP_FORMAT_FLOAT && has_gap ? 0 : (uint32_t)y;
    if (f->no_subnormals && y < ldexp(1.0, m_bits) + 1)
        return 0;
    k = ilogb(y);
    e = (uint32_t)(k - m_bits) + mp_format_first_normal(f);
    m = (uint32_t)ldexp(y, m_bits - k) - ((uint32_t)1 << m_bits);
    return (e << m_bits) + m;
}

/* Nearest non-negative code. Exact: a middle of two neighbours has at most 33 bits. */
static uint32_t nearest_code(const struct mp_format *f, double y)
{
    uint32_t max = max_magnitude_code(f), code, next;
    double middle;

    if (y >= mp_format_decode(f, 0, max))
        return max;
    code = truncate_code(f, y);
    next =
        code == 0 && f->window_bits > 0 ? mp_format_first_normal(f) << f->mantissa_bits : code + 1;
    middle = 0.5 * (mp_format_decode(f, 0, code) + mp_format_decode(f, 0, next));
    return y > middle || (y == middle && (code & 1)) ? next : code;
}

/*
 * pot2: magnitudes in order are 0, then for k = 0, 1, ... the numbers 2^k, 2^k + 2^0, ...,
 * 2^k + 2^(k-1), up to 2^(top+1) = 2^top + 2^top.
 */
struct two_powers {
    int high, low; /* exponents; -1: none */
};

static struct two_powers next_powers(struct two_powers p)
{
    if (p.low + 1 < p.high)
        return (struct two_powers){p.high, p.low + 1};
    return (struct two_powers){p.high + 1, -1};
}

static double powers_value(struct two_powers p)
{
    return (p.high < 0 ? 0 : ldexp(1.0, p.high)) + (p.low < 0 ? 0 : ldexp(1.0, p.low));
}

static uint32_t nearest_powers(const struct mp_format *f, double y)
{
    int top = (int)low_bits(f->exponent_bits) - 1;
    struct two_powers p = {-1, -1}, next;
    double middle;
    bool is_odd; /* place of p among the magnitudes: 1 + (0 + ... + high) + (low + 1) */

    y = fmin(y, ldexp(1.0, top + 1));
    if (y >= 1) {
        p.high = ilogb(y);
        p.low = y - ldexp(1.0, p.high) >= 1 ? ilogb(y - ldexp(1.0, p.high)) : -1;
    }
    next = next_powers(p);
    middle = 0.5 * (powers_value(p) + powers_value(next));
    is_odd = p.high >= 0 && ((1 + p.high * (p.high + 1) / 2 + p.low + 1) & 1) != 0;
    if (p.high <= top && (y > middle || (y == middle && is_odd)))
        p = next;
    if (p.high > top)
        p = (struct two_powers){top, top};
    return (uint32_t)(p.high + 1) << f->exponent_bits | (uint32_t)(p.low + 1);
}

static uint32_t encode_int(const struct mp_format *f, double y)
{
    double half_range = ldexp(1.0, f->bits - 1);
    uint32_t code;

    if (y >= 0)
        return nearest_code(f, y);
    if (y <= -half_range)
        return (uint32_t)1 << (f->bits - 1u);
    code = (uint32_t)(-rint(y)); /* the parity of -n is that of n: ties agree */
    return (~code + 1) & low_bits(f->bits);
}

uint32_t mp_format_encode(const struct mp_format *f, int unit_exponent, double x)
{
    double y;
    uint32_t code;

    assert(f->kind != MP_FORMAT_FIXED && f->kind != MP_FORMAT_TABLE);
    if (f->kind == MP_FORMAT_FLOAT32) {
        float rounded = isnan(x) ? 0.0f : (float)x;
        memcpy(&code, &rounded, sizeof code);
        return code;
    }
    if (isnan(x))
        return 0;
    y = ldexp(x, -unit_exponent);
    if (f->kind == MP_FORMAT_UINT)
        return y <= 0 ? 0 : nearest_code(f, y);
    if (f->kind == MP_FORMAT_INT)
        return encode_int(f, y);
    code = f->kind == MP_FORMAT_POWERS ? nearest_powers(f, fabs(y)) : nearest_code(f, fabs(y));
    if (y < 0 && code != 0)
        code |= (uint32_t)1 << (f->bits - 1u);
    return code;
}

double mp_format_quantise(const struct mp_format *f, int unit_exponent, double x)
{
    return mp_format_decode(f, unit_exponent, mp_format_encode(f, unit_exponent, x));
}
