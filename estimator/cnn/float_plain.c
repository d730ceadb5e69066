/* The reference: any compiler turns it into what its baseline has. */
#define KERNEL      mp_float_plain
#define KERNEL_NAME "plain"
#define ROWS        4
#define VECTORS     3
#define LANES       4

typedef float vector __attribute__((vector_size(4 * LANES)));

static inline vector spread(float x)
{
    return (vector){x, x, x, x};
}

static inline vector multiply_add(vector sums, vector columns, vector weights)
{
    return sums + columns * weights;
}

#include "estimator/cnn/float_source.h"

#if defined(MP_SIMD)
extern const struct mp_float_kernel mp_float_avx512;
#endif

const struct mp_float_kernel *mp_float_kernel_best(void)
{
#if defined(MP_SIMD)
    if (__builtin_cpu_supports("avx512f"))
        return &mp_float_avx512;
#endif
    return NULL;
}
