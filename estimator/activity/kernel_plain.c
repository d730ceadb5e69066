/* 64-bit words in pairs, which any compiler turns into what its baseline has (SSE2, NEON). */
#include <stdint.h>

#define VECTOR_BYTES 16
#define KERNEL       mp_kernel_plain
#define KERNEL_NAME  "plain"
#define COUNT_BYTES

typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

static inline vector add_bytes(vector a, vector b)
{
    typedef uint8_t bytes __attribute__((vector_size(VECTOR_BYTES)));
    return (vector)((bytes)a + (bytes)b);
}

static inline vector byte_counts(vector x)
{
    x = x - ((x >> 1) & 0x5555555555555555u);
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    return (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
}

static inline uint64_t sum_bytes(vector x)
{
    uint64_t sum = 0;
    vector pairs = (x & 0x00ff00ff00ff00ffu) + ((x >> 8) & 0x00ff00ff00ff00ffu);
    for (unsigned i = 0; i < VECTOR_BYTES / 8; i++)
        sum += (pairs[i] * 0x0001000100010001u) >> 48;
    return sum;
}

#include "estimator/activity/kernel_source.h"
