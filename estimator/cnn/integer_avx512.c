#include <immintrin.h>
#include <stdint.h>

#define KERNEL      mp_integer_avx512
#define KERNEL_NAME "avx512"
#define GROUP       2
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
    return _mm512_add_epi32(sums, _mm512_madd_epi16(columns, weights));
}

#include "estimator/cnn/integer_source.h"
