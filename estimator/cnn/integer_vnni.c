#include <immintrin.h>
#include <stdint.h>

#define KERNEL      mp_integer_vnni
#define KERNEL_NAME "avx512-vnni"
#define GROUP       4
#define ROWS        8
#define VECTORS     3
#define LANES       16

typedef __m512i vector;

static inline vector spread(uint32_t word)
{
    return _mm512_set1_epi32((int)word);
}

static inline vector dot(vector sums, vector columns, vector weights)
{
    return _mm512_dpbusd_epi32(sums, columns, weights);
}

#include "estimator/cnn/integer_source.h"
