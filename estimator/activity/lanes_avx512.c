/* Two registers a vector: as many lanes again for one mispredicted branch, and two chains of
 * operations that do not wait for each other. */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PARTS
#define PARTS 1
#endif
#define VECTOR_BYTES (64 * PARTS)
#define CODE         mp_lanes_avx512
#define INLINE       static inline __attribute__((always_inline))

typedef struct {
    __m512i part[PARTS];
} __attribute__((may_alias)) vector;
typedef struct {
    __mmask32 part[PARTS];
} lane_mask;

#define EACH for (int i = 0; i < PARTS; i++)
#define FUNCTION(type, name, parameters, expression)                                               \
    INLINE type name parameters                                                                    \
    {                                                                                              \
        type x;                                                                                    \
        EACH x.part[i] = (expression);                                                             \
        return x;                                                                                  \
    }
#define A a.part[i]
#define B b.part[i]
#define M mask.part[i]
FUNCTION(vector, zero, (void), _mm512_setzero_si512())
FUNCTION(vector, splat, (unsigned a), _mm512_set1_epi16((short)a))
FUNCTION(vector, smaller, (vector a, vector b), _mm512_min_epu16(A, B))
FUNCTION(vector, larger, (vector a, vector b), _mm512_max_epu16(A, B))
FUNCTION(vector, add, (vector a, vector b), _mm512_add_epi16(A, B))
FUNCTION(vector, bit_xor, (vector a, vector b), _mm512_xor_si512(A, B))
FUNCTION(vector, bit_and, (vector a, vector b), _mm512_and_si512(A, B))
FUNCTION(vector, bit_or, (vector a, vector b), _mm512_or_si512(A, B))
FUNCTION(vector, and_not, (vector a, vector b), _mm512_andnot_si512(B, A))
FUNCTION(vector, shift_right, (vector a, unsigned bits),
         _mm512_srl_epi16(A, _mm_cvtsi32_si128((int)bits)))
FUNCTION(vector, shift_left, (vector a, unsigned bits),
         _mm512_sll_epi16(A, _mm_cvtsi32_si128((int)bits)))
FUNCTION(vector, choose, (lane_mask mask, vector a, vector b), _mm512_mask_mov_epi16(B, M, A))
FUNCTION(vector, where, (lane_mask mask, vector a), _mm512_maskz_mov_epi16(M, A))
FUNCTION(lane_mask, nonzero, (vector a), _mm512_test_epi16_mask(A, A))
FUNCTION(lane_mask, nonzero_in, (lane_mask mask, vector a), _mm512_mask_test_epi16_mask(M, A, A))
FUNCTION(lane_mask, zero_in, (lane_mask mask, vector a), _mm512_mask_testn_epi16_mask(M, A, A))
FUNCTION(lane_mask, not_above_in, (lane_mask mask, vector a, vector b),
         _mm512_mask_cmple_epu16_mask(M, A, B))
FUNCTION(lane_mask, less_in, (lane_mask mask, vector a, vector b),
         _mm512_mask_cmplt_epu16_mask(M, A, B))
FUNCTION(lane_mask, not_below, (vector a, vector b), _mm512_cmpge_epu16_mask(A, B))
FUNCTION(lane_mask, mask_without, (lane_mask a, lane_mask b), (__mmask32)(A & ~B))
FUNCTION(lane_mask, mask_or, (lane_mask a, lane_mask b), (__mmask32)(A | B))
FUNCTION(lane_mask, mask_of, (uint64_t bits), (__mmask32)(bits >> (32 * i)))

INLINE uint64_t bits_of(lane_mask mask)
{
    uint64_t bits = 0;
    EACH bits |= (uint64_t)M << (32 * i);
    return bits;
}

/* The index modulo 64, from two rows of a table. */
INLINE __m512i lookup_64(const uint16_t *table, __m512i index)
{
    return _mm512_permutex2var_epi16(_mm512_load_si512(table), index,
                                     _mm512_load_si512(table + 32));
}

INLINE __m512i lookup_part(const uint16_t *table, unsigned bits, __m512i index)
{
    if (bits <= 5)
        return _mm512_permutexvar_epi16(index, _mm512_load_si512(table));
    __m512i x = lookup_64(table, index);
    for (unsigned k = 1; k < 1u << (bits - 6); k++) {
        __mmask32 here =
            _mm512_cmpeq_epi16_mask(_mm512_srli_epi16(index, 6), _mm512_set1_epi16((short)k));
        x = _mm512_mask_mov_epi16(x, here, lookup_64(table + 64 * (size_t)k, index));
    }
    return x;
}
FUNCTION(vector, lookup, (const uint16_t *table, unsigned bits, vector a),
         lookup_part(table, bits, A))

/* What is above the low bits repeats. */
INLINE vector lookup_code(const uint16_t *table, unsigned shift, vector a)
{
    (void)shift;
    return lookup(table, 5, a);
}

#include "estimator/activity/lanes_source.h"
