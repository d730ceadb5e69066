/* 64-bit words in pairs, which any compiler turns into what its baseline has (SSE2, NEON). */
#include <stdint.h>

#define VECTOR_BYTES 16
#define RUN          mp_timed_run_plain

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

#define any_set(x) (((x)[0] | (x)[1]) != 0)

static inline vector lane_counts(vector x)
{
    x = x - ((x >> 1) & 0x5555555555555555u);
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    x += x >> 8;
    x += x >> 16;
    return (x + (x >> 32)) & 0x7f;
}

#include "estimator/activity/timed_kernel_source.h"
