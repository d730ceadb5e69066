/*
 * Body of a kernel. The including file defines KERNEL, KERNEL_NAME, ROWS, VECTORS, LANES, the type
 * `vector` of LANES floats, spread(x), and multiply_add(sums, columns, weights).
 */
#include "estimator/cnn/float_kernel.h"

#include <string.h>

static inline __attribute__((always_inline)) void
multiply_block(uint32_t terms, const float *weights, const float *columns, size_t stride,
               const uint32_t vectors, float *sums)
{
    vector total[ROWS][VECTORS];

#pragma GCC unroll 16
    for (uint32_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            total[r][v] = spread(0);
    for (uint32_t k = 0; k < terms; k++) {
        vector column[VECTORS];
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            memcpy(&column[v], columns + k * stride + (size_t)v * LANES, sizeof column[v]);
#pragma GCC unroll 16
        for (uint32_t r = 0; r < ROWS; r++) {
            vector weight = spread(weights[(size_t)k * ROWS + r]);
#pragma GCC unroll 4
            for (uint32_t v = 0; v < vectors; v++)
                total[r][v] = multiply_add(total[r][v], column[v], weight);
        }
    }
#pragma GCC unroll 16
    for (uint32_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            memcpy(sums + ((size_t)r * vectors + v) * LANES, &total[r][v], sizeof total[r][v]);
}

static void multiply(uint32_t terms, const float *weights, const float *columns, size_t stride,
                     uint32_t vectors, float *sums)
{
    if (vectors == 1)
        multiply_block(terms, weights, columns, stride, 1, sums);
    else if (vectors == 2)
        multiply_block(terms, weights, columns, stride, 2, sums);
    else
        multiply_block(terms, weights, columns, stride, VECTORS, sums);
}

static void finish(uint32_t count, const float *sums, float bias, bool relu, float *out)
{
    if (relu)
        for (uint32_t i = 0; i < count; i++)
            out[i] = sums[i] + bias > 0 ? sums[i] + bias : 0;
    else
        for (uint32_t i = 0; i < count; i++)
            out[i] = sums[i] + bias;
}

const struct mp_float_kernel KERNEL = {.name = KERNEL_NAME,
                                       .rows = ROWS,
                                       .lanes = LANES,
                                       .vectors = VECTORS,
                                       .multiply = multiply,
                                       .finish = finish};
