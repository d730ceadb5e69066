#include "estimator/format/format.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Decimal digits at *s into *value: 1 to 2 of them, no leading zero before another digit. */
static bool read_small(const char **s, unsigned *value)
{
    const char *p = *s;
    unsigned v = 0, digits = 0;

    for (; *p >= '0' && *p <= '9'; p++, digits++)
        if (digits < 3)
            v = 10 * v + (unsigned)(*p - '0');
    if (digits == 0 || digits > 2 || (digits == 2 && **s == '0'))
        return false;
    *value = v;
    *s = p;
    return true;
}

static int parse_fixed(struct mp_format *f, enum mp_format_kind kind, const char *width,
                       const char *name, struct mp_error *err)
{
    unsigned w;

    if (!read_small(&width, &w) || *width != '\0' || w < 1 || w > 32)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": a fixed format is int<W>, uint<W> or "
                       "fixed<W> with W in 1..32, such as int8",
                       name);
    *f = (struct mp_format){.kind = kind, .bits = (uint8_t)w};
    return MP_OK;
}

static int parse_table(struct mp_format *f, const char *name, struct mp_error *err)
{
    const char *p = name + 3;
    unsigned b;

    if (!read_small(&p, &b) || *p != '\0' || b < 1 || b > 12)
        return mp_fail(err, MP_E_USAGE,
                       "unknown number format \"%s\": a table of shared values is lut<B> with B "
                       "in 1..12, such as lut4 for 16 values",
                       name);
    *f = (struct mp_format){.kind = MP_FORMAT_TABLE, .bits = (uint8_t)b};
    return MP_OK;
}

static int parse_float(struct mp_format *f, const char *name, struct mp_error *err)
{
    const char *p = name + 1;
    unsigned e, m;
    bool z = false;

    if (!read_small(&p, &e) || *p++ != 'm' || !read_small(&p, &m))
        goto wrong;
    if (*p == 'z') {
        z = true;
        p++;
    }
    if (*p != '\0' || e > 8 || m > 23)
        goto wrong;
    if (e == 0 && m == 0)
        return mp_fail(err, MP_E_USAGE,
                       "number format \"%s\" holds nothing but zero: give it an exponent or a "
                       "mantissa, such as e1m0",
                       name);
    *f = (struct mp_format){.kind = MP_FORMAT_FLOAT,
                            .bits = (uint8_t)(1 + e + m),
                            .exponent_bits = (uint8_t)e,
                            .mantissa_bits = (uint8_t)m,
                            .no_subnormals = z};
    return MP_OK;
wrong:
    return mp_fail(err, MP_E_USAGE,
                   "unknown number format \"%s\": a float format is e<E>m<M> or e<E>m<M>z with E "
                   "in 0..8 and M in 0..23, such as e4m2",
                   name);
}

int mp_format_parse(struct mp_format *f, const char *name, struct mp_error *err)
{
    if (strcmp(name, "float32") == 0) {
        *f = (struct mp_format){.kind = MP_FORMAT_FLOAT32, .bits = 32};
        return MP_OK;
    }
    if (strncmp(name, "int", 3) == 0)
        return parse_fixed(f, MP_FORMAT_INT, name + 3, name, err);
    if (strncmp(name, "uint", 4) == 0)
        return parse_fixed(f, MP_FORMAT_UINT, name + 4, name, err);
    if (strncmp(name, "fixed", 5) == 0)
        return parse_fixed(f, MP_FORMAT_FIXED, name + 5, name, err);
    if (strncmp(name, "lut", 3) == 0)
        return parse_table(f, name, err);
    if (name[0] == 'e')
        return parse_float(f, name, err);
    return mp_fail(err, MP_E_USAGE,
                   "unknown number format \"%s\": there are int<W>, uint<W>, e<E>m<M>, "
                   "e<E>m<M>z, float32, fixed<W> (activations) and lut<B> (weights)",
                   name);
}

const char *mp_format_name(const struct mp_format *f, char out[MP_FORMAT_NAME_SIZE])
{
    unsigned bits = f->bits, e = f->exponent_bits, m = f->mantissa_bits;

    switch (f->kind) {
    case MP_FORMAT_INT:
        snprintf(out, MP_FORMAT_NAME_SIZE, "int%u", bits);
        break;
    case MP_FORMAT_UINT:
        snprintf(out, MP_FORMAT_NAME_SIZE, "uint%u", bits);
        break;
    case MP_FORMAT_FLOAT:
        snprintf(out, MP_FORMAT_NAME_SIZE, "e%um%u%s", e, m, f->no_subnormals ? "z" : "");
        break;
    case MP_FORMAT_FLOAT32:
        snprintf(out, MP_FORMAT_NAME_SIZE, "float32");
        break;
    case MP_FORMAT_FIXED:
        snprintf(out, MP_FORMAT_NAME_SIZE, "fixed%u", bits);
        break;
    case MP_FORMAT_TABLE:
        snprintf(out, MP_FORMAT_NAME_SIZE, "lut%u", bits);
        break;
    }
    return out;
}

bool mp_format_equal(const struct mp_format *a, const struct mp_format *b)
{
    return a->kind == b->kind && a->bits == b->bits && a->exponent_bits == b->exponent_bits &&
           a->mantissa_bits == b->mantissa_bits && a->no_subnormals == b->no_subnormals;
}

bool mp_format_has_codes(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_INT || f->kind == MP_FORMAT_UINT || f->kind == MP_FORMAT_FLOAT;
}

static uint32_t low_bits(unsigned n)
{
    return n >= 32 ? UINT32_MAX : ((uint32_t)1 << n) - 1;
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
    m = code & low_bits(m_bits);
    e = (code >> m_bits) & low_bits(f->exponent_bits);
    if (f->no_subnormals) {
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

/* Largest code without the sign: of a float every exponent and mantissa bit. */
static uint32_t max_magnitude_code(const struct mp_format *f)
{
    return low_bits(f->bits - (f->kind == MP_FORMAT_UINT ? 0u : 1u));
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
    uint32_t e, m;

    if (f->kind != MP_FORMAT_FLOAT || y < ldexp(1.0, m_bits))
        return f->kind == MP_FORMAT_FLOAT && f->no_subnormals ? 0 : (uint32_t)y;
    if (f->no_subnormals && y < ldexp(1.0, m_bits) + 1)
        return 0;
    k = ilogb(y);
    e = (uint32_t)(k - m_bits) + (f->no_subnormals ? 0 : 1);
    m = (uint32_t)ldexp(y, m_bits - k) - ((uint32_t)1 << m_bits);
    return (e << m_bits) + m;
}

/* Nearest non-negative code. Exact: a middle of two neighbours has at most 33 bits. */
static uint32_t nearest_code(const struct mp_format *f, double y)
{
    uint32_t max = max_magnitude_code(f), code;
    double middle;

    if (y >= mp_format_decode(f, 0, max))
        return max;
    code = truncate_code(f, y);
    middle = 0.5 * (mp_format_decode(f, 0, code) + mp_format_decode(f, 0, code + 1));
    if (y > middle || (y == middle && (code & 1)))
        code++;
    return code;
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
    code = nearest_code(f, fabs(y));
    if (y < 0 && code != 0)
        code |= (uint32_t)1 << (f->bits - 1u);
    return code;
}

double mp_format_quantise(const struct mp_format *f, int unit_exponent, double x)
{
    return mp_format_decode(f, unit_exponent, mp_format_encode(f, unit_exponent, x));
}
