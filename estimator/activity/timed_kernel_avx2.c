#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 32
#define RUN          mp_timed_run_avx2

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

#define any_set(x) (!_mm256_testz_si256((__m256i)(x), (__m256i)(x)))

static inline vector lane_counts(vector x)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    __m256i a = _mm256_shuffle_epi8(table, _mm256_and_si256((__m256i)x, low));
    __m256i b = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16((__m256i)x, 4), low));
    return (vector)_mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

#include "estimator/activity/timed_kernel_source.h"
