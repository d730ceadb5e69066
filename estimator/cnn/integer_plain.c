/* The reference: one product a lane, which any compiler turns into what its baseline has. */
#include <stdint.h>

#define KERNEL      mp_integer_plain
#define KERNEL_NAME "plain"
#define GROUP       1
#define ROWS        4
#define VECTORS     3
#define LANES       4

typedef int32_t vector __attribute__((vector_size(4 * LANES)));

static inline vector spread(uint32_t word)
{
    int32_t w = (int32_t)word;
    return (vector){w, w, w, w};
}

static inline vector dot(vector sums, vector columns, vector weights)
{
    return sums + columns * weights;
}

#include "estimator/cnn/integer_source.h"
