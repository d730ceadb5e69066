#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 64
#define RUN          mp_timed_run_avx512

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

#define any_set(x) (_mm512_test_epi64_mask((__m512i)(x), (__m512i)(x)) != 0)

static inline vector lane_counts(vector x)
{
    return (vector)_mm512_popcnt_epi64((__m512i)x);
}

#include "estimator/activity/timed_kernel_source.h"
