/*
 * Array versions of quantise and encode. Each loop below rounds to the nearest multiple of a power
 * of two by adding and subtracting a large constant, the way IEEE addition rounds anyway (ties to
 * even); it is exact wherever `choose_kernel` lets it through, everything else takes the scalar
 * path of format.c. The loops have no branch that depends on data, so that compilers turn them
 * into vector code; on x86-64 each is compiled twice, and AVX2 is used where the machine has it.
 */
#include "estimator/format/format.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum kernel { SCALAR, FIXED_NARROW, FIXED_WIDE, FLOAT_ROUNDED, FLOAT_POWERS };

/* Constants of one call. Values are rounded in units: y = x * to_unit. Floats keep the unit at
 * 2^-headroom instead of 1, so that the largest of wide exponents stays within float32. */
struct plan {
    enum kernel kernel;
    double wide_to_unit, wide_from_unit, wide_low, wide_high;
    float to_unit, from_unit;
    float low, high;         /* saturation, in units */
    float smallest, to_zero; /* below smallest: zero up to to_zero, else smallest */
    float code_scale;        /* 2^headroom, for codes without a hidden one */
    float hidden;            /* from this value on a code has a hidden one */
    uint32_t parity;         /* FLOAT_POWERS: parity of the exponent field of an even code */
    uint32_t mantissa_shift, code_bias, sign_bit, mask;
};

static uint32_t float_bits(float x)
{
    uint32_t b;

    memcpy(&b, &x, sizeof b);
    return b;
}

static float bits_float(uint32_t b)
{
    float x;

    memcpy(&x, &b, sizeof x);
    return x;
}

static void plan_fixed(struct plan *p, const struct mp_format *f, int unit_exponent)
{
    bool is_signed = f->kind == MP_FORMAT_INT;

    p->wide_to_unit = ldexp(1.0, -unit_exponent);
    p->wide_from_unit = ldexp(1.0, unit_exponent);
    p->wide_high = ldexp(1.0, f->bits - is_signed) - 1;
    p->wide_low = is_signed ? -ldexp(1.0, f->bits - 1) : 0;
    p->mask = f->bits == 32 ? UINT32_MAX : ((uint32_t)1 << f->bits) - 1;
    if (unit_exponent < -100 || unit_exponent > 100)
        p->kernel = SCALAR;
    else if (f->bits <= 22) {
        p->kernel = FIXED_NARROW;
        p->to_unit = (float)p->wide_to_unit;
        p->from_unit = (float)p->wide_from_unit;
        p->low = (float)p->wide_low;
        p->high = (float)p->wide_high;
    } else {
        p->kernel = FIXED_WIDE;
    }
}

static void plan_float(struct plan *p, const struct mp_format *f, int unit_exponent)
{
    int m = f->mantissa_bits;
    int range_bits = f->window_bits > 0 ? f->window_bits : f->exponent_bits;
    int headroom = range_bits == 7 ? 100 : 0;
    int exponent = unit_exponent + headroom;
    float unit = ldexpf(1.0f, -headroom);

    /* Beyond these the unit or a constant of the loops is no normal float32. */
    if (exponent < -126 || exponent > 126 || range_bits > 7 || m > 22) {
        p->kernel = SCALAR;
        return;
    }
    p->kernel = m == 0 ? FLOAT_POWERS : FLOAT_ROUNDED;
    p->to_unit = ldexpf(1.0f, -exponent);
    p->from_unit = ldexpf(1.0f, exponent);
    p->high = (float)ldexp(mp_format_max_value(f), -headroom);
    p->hidden = ldexpf(unit, m);
    p->code_scale = ldexpf(1.0f, headroom);
    p->mantissa_shift = (uint32_t)(23 - m);
    p->code_bias = ((uint32_t)(127 - headroom + m) - mp_format_first_normal(f)) << m;
    p->sign_bit = (uint32_t)1 << (f->bits - 1);
    if (f->no_subnormals) {
        p->smallest = p->hidden + unit;
        p->to_zero = 0.5f * p->smallest;
    } else if (f->window_bits > 0) {
        p->smallest = p->hidden;
        p->to_zero = 0.5f * p->smallest;
    } else if (m == 0) {
        p->smallest = unit;
        p->to_zero = 0.5f * unit;
    }
    /* Exponent field of a value with code e is e + 126 - headroom (plain) or e + 127 - headroom. */
    p->parity = f->no_subnormals ? 1 : 0;
}

static void choose_kernel(struct plan *p, const struct mp_format *f, int unit_exponent)
{
    assert(f->kind != MP_FORMAT_FIXED && f->kind != MP_FORMAT_TABLE);
    *p = (struct plan){.kernel = SCALAR};
    if (f->kind == MP_FORMAT_FLOAT)
        plan_float(p, f, unit_exponent);
    else if (f->kind == MP_FORMAT_INT || f->kind == MP_FORMAT_UINT)
        plan_fixed(p, f, unit_exponent);
}

#define INLINE static inline __attribute__((always_inline))

INLINE float round_narrow(const struct plan *p, float x)
{
    const float magic = 0x1.8p23f; /* neighbours here are 1 apart, on both sides */
    float y = x * p->to_unit;

    y = y == y ? y : 0.0f;
    y = y < p->low ? p->low : y;
    y = y > p->high ? p->high : y;
    return (y + magic) - magic;
}

INLINE double round_wide(const struct plan *p, float x)
{
    const double magic = 0x1.8p52;
    double y = (double)x * p->wide_to_unit;

    y = y == y ? y : 0.0;
    y = y < p->wide_low ? p->wide_low : y;
    y = y > p->wide_high ? p->wide_high : y;
    return (y + magic) - magic;
}

/* |x| in units, saturated, and above zero no smaller than the smallest. */
INLINE float float_magnitude(const struct plan *p, float x)
{
    float y = bits_float(float_bits(x) & 0x7fffffffu) * p->to_unit, raised;

    y = y == y ? y : 0.0f;
    y = y > p->high ? p->high : y;
    raised = y < p->smallest ? p->smallest : y;
    return y > p->to_zero ? raised : p->smallest > 0.0f ? 0.0f : y;
}

INLINE float round_float(const struct plan *p, float x)
{
    float y = float_magnitude(p, x), magic;
    float at_least = y < p->hidden ? p->hidden : y;

    /* 2^23 quanta; a quantum is 2^(exponent - M), of a subnormal the unit. */
    magic = bits_float((float_bits(at_least) & 0x7f800000u) + (p->mantissa_shift << 23));
    return (y + magic) - magic;
}

/* M = 0: the code is the exponent alone, so a tie goes to the even exponent code. */
INLINE float round_powers(const struct plan *p, float x)
{
    uint32_t b = float_bits(float_magnitude(p, x));
    uint32_t odd = ((b >> 23) ^ p->parity) & 1u;

    return bits_float((b + 0x3fffffu + odd) & 0xff800000u);
}

INLINE float with_sign(const struct plan *p, float rounded, float x)
{
    uint32_t sign = rounded > 0.0f ? float_bits(x) & 0x80000000u : 0u;

    return bits_float(float_bits(rounded * p->from_unit) | sign);
}

INLINE uint32_t float_code(const struct plan *p, float rounded, float x)
{
    uint32_t sign = rounded > 0.0f && (float_bits(x) & 0x80000000u) ? p->sign_bit : 0u;
    uint32_t hidden = (float_bits(rounded) >> p->mantissa_shift) - p->code_bias;
    float below = rounded < p->hidden ? rounded : 0.0f;

    return (rounded < p->hidden ? (uint32_t)(int32_t)(below * p->code_scale) : hidden) | sign;
}

INLINE void quantise_loops(const struct plan *p, size_t n, const float *in, float *out)
{
    const struct plan c = *p;

    if (c.kernel == FIXED_NARROW)
        for (size_t i = 0; i < n; i++)
            out[i] = round_narrow(&c, in[i]) * c.from_unit;
    else if (c.kernel == FIXED_WIDE)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)(round_wide(&c, in[i]) * c.wide_from_unit);
    else if (c.kernel == FLOAT_ROUNDED)
        for (size_t i = 0; i < n; i++)
            out[i] = with_sign(&c, round_float(&c, in[i]), in[i]);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = with_sign(&c, round_powers(&c, in[i]), in[i]);
}

INLINE void encode_loops(const struct plan *p, size_t n, const float *in, uint32_t *codes)
{
    const struct plan c = *p;

    if (c.kernel == FIXED_NARROW)
        for (size_t i = 0; i < n; i++)
            codes[i] = (uint32_t)(int32_t)round_narrow(&c, in[i]) & c.mask;
    else if (c.kernel == FIXED_WIDE)
        for (size_t i = 0; i < n; i++)
            codes[i] = (uint32_t)(int64_t)round_wide(&c, in[i]) & c.mask;
    else if (c.kernel == FLOAT_ROUNDED)
        for (size_t i = 0; i < n; i++)
            codes[i] = float_code(&c, round_float(&c, in[i]), in[i]);
    else
        for (size_t i = 0; i < n; i++)
            codes[i] = float_code(&c, round_powers(&c, in[i]), in[i]);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void quantise_avx2(const struct plan *p, size_t n,
                                                          const float *in, float *out)
{
    quantise_loops(p, n, in, out);
}

__attribute__((target("avx2"))) static void encode_avx2(const struct plan *p, size_t n,
                                                        const float *in, uint32_t *codes)
{
    encode_loops(p, n, in, codes);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
static bool has_avx2(void)
{
    return false;
}
#define quantise_avx2 quantise_loops
#define encode_avx2   encode_loops
#endif

void mp_format_quantise_array(const struct mp_format *f, int unit_exponent, size_t n,
                              const float *in, float *out)
{
    struct plan p;

    choose_kernel(&p, f, unit_exponent);
    if (f->kind == MP_FORMAT_FLOAT32)
        memmove(out, in, n * sizeof *in);
    else if (p.kernel == SCALAR)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)mp_format_quantise(f, unit_exponent, (double)in[i]);
    else if (has_avx2())
        quantise_avx2(&p, n, in, out);
    else
        quantise_loops(&p, n, in, out);
}

void mp_format_encode_array(const struct mp_format *f, int unit_exponent, size_t n, const float *in,
                            uint32_t *codes)
{
    struct plan p;

    choose_kernel(&p, f, unit_exponent);
    if (p.kernel == SCALAR)
        for (size_t i = 0; i < n; i++)
            codes[i] = mp_format_encode(f, unit_exponent, (double)in[i]);
    else if (has_avx2())
        encode_avx2(&p, n, in, codes);
    else
        encode_loops(&p, n, in, codes);
}
