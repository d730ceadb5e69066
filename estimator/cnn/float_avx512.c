#include <immintrin.h>

#define KERNEL      mp_float_avx512
#define KERNEL_NAME "avx512"
#define ROWS        8
#define VECTORS     3
#define LANES       16

typedef __m512 vector;

static inline vector spread(float x)
{
    return _mm512_set1_ps(x);
}

static inline vector multiply_add(vector sums, vector columns, vector weights)
{
    return _mm512_fmadd_ps(columns, weights, sums);
}

#include "estimator/cnn/float_source.h"
