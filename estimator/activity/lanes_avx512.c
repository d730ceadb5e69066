#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 64
#define CODE         mp_lanes_avx512
#define INLINE       static inline __attribute__((always_inline))

typedef __m512i vector;
typedef __mmask32 lane_mask;

#define splat(x)                 _mm512_set1_epi16((short)(x))
#define zero()                   _mm512_setzero_si512()
#define smaller(a, b)            _mm512_min_epu16(a, b)
#define larger(a, b)             _mm512_max_epu16(a, b)
#define add(a, b)                _mm512_add_epi16(a, b)
#define subtract(a, b)           _mm512_sub_epi16(a, b)
#define bit_xor(a, b)            _mm512_xor_si512(a, b)
#define bit_and(a, b)            _mm512_and_si512(a, b)
#define bit_or(a, b)             _mm512_or_si512(a, b)
#define and_not(a, b)            _mm512_andnot_si512(b, a)
#define shift_right(a, bits)     _mm512_srli_epi16(a, (int)(bits))
#define shift_left(a, bits)      _mm512_slli_epi16(a, (int)(bits))
#define xor_part(a, b, m)        _mm512_ternarylogic_epi64(a, b, m, 0x78)
#define or_part(a, b, m)         _mm512_ternarylogic_epi64(a, b, m, 0xf8)
#define nonzero(a)               _mm512_test_epi16_mask(a, a)
#define nonzero_in(mask, a)      _mm512_mask_test_epi16_mask(mask, a, a)
#define zero_in(mask, a)         _mm512_mask_testn_epi16_mask(mask, a, a)
#define not_above_in(mask, a, b) _mm512_mask_cmple_epu16_mask(mask, a, b)
#define less(a, b)               _mm512_cmplt_epu16_mask(a, b)
#define choose(mask, a, b)       _mm512_mask_mov_epi16(b, mask, a)
#define where(mask, a)           _mm512_maskz_mov_epi16(mask, a)
#define mask_of(bits)            ((__mmask32)(bits))
#define bits_of(mask)            ((uint32_t)(mask))

/* The index modulo 64, from two rows of a table. */
INLINE vector lookup_64(const uint16_t *table, vector index)
{
    return _mm512_permutex2var_epi16(_mm512_load_si512(table), index,
                                     _mm512_load_si512(table + 32));
}

INLINE vector lookup(const uint16_t *table, unsigned bits, vector index)
{
    if (bits <= 5)
        return _mm512_permutexvar_epi16(index, _mm512_load_si512(table));
    vector x = lookup_64(table, index);
    for (unsigned part = 1; part < 1u << (bits - 6); part++) {
        lane_mask here = _mm512_cmpeq_epi16_mask(_mm512_srli_epi16(index, 6), splat(part));
        x = _mm512_mask_mov_epi16(x, here, lookup_64(table + 64 * (size_t)part, index));
    }
    return x;
}

/* What is above the low bits repeats. */
INLINE vector lookup_code(const uint16_t *table, unsigned shift, vector key)
{
    (void)shift;
    return _mm512_permutexvar_epi16(key, _mm512_load_si512(table));
}

#include "estimator/activity/lanes_source.h"
