#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 32
#define CODE         mp_lanes_avx2
#define INLINE       static inline __attribute__((always_inline))

typedef __m256i vector;
typedef __m256i lane_mask; /* all ones or 0 a lane */

#define splat(x)                 _mm256_set1_epi16((short)(x))
#define zero()                   _mm256_setzero_si256()
#define smaller(a, b)            _mm256_min_epu16(a, b)
#define larger(a, b)             _mm256_max_epu16(a, b)
#define add(a, b)                _mm256_add_epi16(a, b)
#define bit_xor(a, b)            _mm256_xor_si256(a, b)
#define bit_and(a, b)            _mm256_and_si256(a, b)
#define bit_or(a, b)             _mm256_or_si256(a, b)
#define and_not(a, b)            _mm256_andnot_si256(b, a)
#define shift_right(a, bits)     _mm256_srli_epi16(a, (int)(bits))
#define shift_left(a, bits)      _mm256_slli_epi16(a, (int)(bits))
#define zero_lanes(a)            _mm256_cmpeq_epi16(a, zero())
#define nonzero(a)               bit_xor(zero_lanes(a), splat(-1))
#define nonzero_in(mask, a)      and_not(mask, zero_lanes(a))
#define zero_in(mask, a)         bit_and(mask, zero_lanes(a))
#define not_above(a, b)          _mm256_cmpeq_epi16(smaller(a, b), a)
#define not_above_in(mask, a, b) bit_and(mask, not_above(a, b))
#define less_in(mask, a, b)      and_not(mask, not_above(b, a))
#define not_below(a, b)          not_above(b, a)
#define mask_without(a, b)       and_not(a, b)
#define mask_or(a, b)            bit_or(a, b)
#define choose(mask, a, b)       _mm256_blendv_epi8(b, a, mask)
#define where(mask, a)           bit_and(mask, a)

INLINE lane_mask mask_of(uint64_t bits)
{
    const vector places = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,
                                            8192, 16384, -32768);
    return _mm256_cmpeq_epi16(bit_and(splat((unsigned)bits), places), places);
}

INLINE uint64_t bits_of(lane_mask mask)
{
    __m128i x = _mm_packs_epi16(_mm256_castsi256_si128(mask), _mm256_extracti128_si256(mask, 1));
    return (uint32_t)_mm_movemask_epi8(x);
}

/* Tables of up to 64 entries by byte shuffles of eight entries each, larger ones by single loads.
 */
INLINE vector lookup(const uint16_t *table, unsigned bits, vector index)
{
    if (bits > 6) {
        uint16_t at[16];
        _mm256_storeu_si256((__m256i *)(void *)at, index);
        for (int i = 0; i < 16; i++)
            at[i] = table[at[i]];
        return _mm256_loadu_si256((const __m256i *)(const void *)at);
    }
    vector bytes = add(_mm256_mullo_epi16(bit_and(index, splat(7)), splat(0x0202)), splat(0x0100));
    vector x = zero();
    for (unsigned part = 0; part < (bits <= 3 ? 1u : 1u << (bits - 3)); part++) {
        vector row = _mm256_broadcastsi128_si256(
            _mm_load_si128((const __m128i *)(const void *)(table + 8 * (size_t)part)));
        vector y = _mm256_shuffle_epi8(row, bytes);
        vector here = _mm256_cmpeq_epi16(shift_right(index, 3), splat(part));
        x = part == 0 ? y : _mm256_blendv_epi8(x, y, here);
    }
    return x;
}

INLINE vector lookup_code(const uint16_t *table, unsigned shift, vector key)
{
    return lookup(table, 3, bit_and(key, splat((1u << shift) - 1)));
}

#include "estimator/activity/lanes_source.h"
