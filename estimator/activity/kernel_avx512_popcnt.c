#include <immintrin.h>
#include <stdint.h>

#define VECTOR_BYTES 64
#define KERNEL       mp_kernel_avx512_popcnt
#define KERNEL_NAME  "avx512-vpopcntdq"
#define COUNT_PACKED

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

static inline vector lane_counts(vector x)
{
    return (vector)_mm512_popcnt_epi64((__m512i)x);
}

#include "estimator/activity/kernel_source.h"
