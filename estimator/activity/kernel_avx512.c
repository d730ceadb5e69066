#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 64
#define KERNEL       mp_kernel_avx512
#define KERNEL_NAME  "avx512"
#define COUNT_BYTES

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

static inline vector add_bytes(vector a, vector b)
{
    return (vector)_mm512_add_epi8((__m512i)a, (__m512i)b);
}

static inline vector byte_counts(vector x)
{
    const __m512i table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i low = _mm512_set1_epi8(0x0f);
    __m512i a = _mm512_shuffle_epi8(table, _mm512_and_si512((__m512i)x, low));
    __m512i b = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16((__m512i)x, 4), low));
    return (vector)_mm512_add_epi8(a, b);
}

static inline uint64_t sum_bytes(vector x)
{
    return (uint64_t)_mm512_reduce_add_epi64(_mm512_sad_epu8((__m512i)x, _mm512_setzero_si512()));
}

#include "estimator/activity/kernel_source.h"
