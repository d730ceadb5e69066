#include <immintrin.h>
#include <stdint.h>

#define KERNEL      mp_integer_avx2
#define KERNEL_NAME "avx2"
#define GROUP       2
#define ROWS        4
#define VECTORS     3
#define LANES       8

typedef __m256i vector;

static inline vector spread(uint32_t word)
{
    return _mm256_set1_epi32((int)word);
}

static inline vector dot(vector sums, vector columns, vector weights)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(columns, weights));
}

#include "estimator/cnn/integer_source.h"
