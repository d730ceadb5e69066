/*
 * Four floats at once for the lookups of mapped_time.c: SSE2, which every x86-64 has, or plain C
 * with the same operations in the same order, so that results are the same to the bit.
 */
#ifndef MP_TECHMAP_MAPPED_VECTOR_H
#define MP_TECHMAP_MAPPED_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

typedef __m128 mp_float4;

static inline mp_float4 mp_float4_load(const float *p)
{
    return _mm_loadu_ps(p);
}
/* {p[0], p[1], 0, 0} */
static inline mp_float4 mp_float4_load_pair(const float *p)
{
    int64_t bits;
    memcpy(&bits, p, sizeof bits);
    return _mm_castsi128_ps(_mm_cvtsi64_si128(bits));
}
static inline mp_float4 mp_float4_all(float x)
{
    return _mm_set1_ps(x);
}
/* {x, 0, 0, 0} */
static inline mp_float4 mp_float4_first(float x)
{
    return _mm_set_ss(x);
}
static inline void mp_float4_store_pair(float *p, mp_float4 a)
{
    int64_t bits = _mm_cvtsi128_si64(_mm_castps_si128(a));
    memcpy(p, &bits, sizeof bits);
}
/* {a[2], a[3], a[2], a[3]} */
static inline mp_float4 mp_float4_high(mp_float4 a)
{
    return _mm_movehl_ps(a, a);
}
/* a + x * (b - a) */
static inline mp_float4 mp_float4_between(mp_float4 a, mp_float4 b, mp_float4 x)
{
    return _mm_add_ps(a, _mm_mul_ps(x, _mm_sub_ps(b, a)));
}
static inline mp_float4 mp_float4_add(mp_float4 a, mp_float4 b)
{
    return _mm_add_ps(a, b);
}
static inline mp_float4 mp_float4_multiply(mp_float4 a, mp_float4 b)
{
    return _mm_mul_ps(a, b);
}
/* a > b ? a : b */
static inline mp_float4 mp_float4_max(mp_float4 a, mp_float4 b)
{
    return _mm_max_ps(a, b);
}
/* Bit k: p[k] <= x, for k 0..3. */
static inline uint32_t mp_float4_up_to(const float *p, mp_float4 x)
{
    return (uint32_t)_mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(p), x));
}

#else

typedef struct {
    float x[4];
} mp_float4;

static inline mp_float4 mp_float4_load(const float *p)
{
    return (mp_float4){{p[0], p[1], p[2], p[3]}};
}
static inline mp_float4 mp_float4_load_pair(const float *p)
{
    return (mp_float4){{p[0], p[1], 0, 0}};
}
static inline mp_float4 mp_float4_all(float x)
{
    return (mp_float4){{x, x, x, x}};
}
static inline mp_float4 mp_float4_first(float x)
{
    return (mp_float4){{x, 0, 0, 0}};
}
static inline void mp_float4_store_pair(float *p, mp_float4 a)
{
    p[0] = a.x[0];
    p[1] = a.x[1];
}
static inline mp_float4 mp_float4_high(mp_float4 a)
{
    return (mp_float4){{a.x[2], a.x[3], a.x[2], a.x[3]}};
}
static inline mp_float4 mp_float4_between(mp_float4 a, mp_float4 b, mp_float4 x)
{
    for (int k = 0; k < 4; k++)
        a.x[k] = a.x[k] + x.x[k] * (b.x[k] - a.x[k]);
    return a;
}
static inline mp_float4 mp_float4_add(mp_float4 a, mp_float4 b)
{
    for (int k = 0; k < 4; k++)
        a.x[k] += b.x[k];
    return a;
}
static inline mp_float4 mp_float4_multiply(mp_float4 a, mp_float4 b)
{
    for (int k = 0; k < 4; k++)
        a.x[k] *= b.x[k];
    return a;
}
static inline mp_float4 mp_float4_max(mp_float4 a, mp_float4 b)
{
    for (int k = 0; k < 4; k++)
        a.x[k] = a.x[k] > b.x[k] ? a.x[k] : b.x[k];
    return a;
}
static inline uint32_t mp_float4_up_to(const float *p, mp_float4 x)
{
    uint32_t mask = 0;
    for (int k = 0; k < 4; k++)
        mask |= (uint32_t)(p[k] <= x.x[0]) << k;
    return mask;
}

#endif
#endif
