/*
 * Body of a kernel. The including file defines KERNEL, KERNEL_NAME, GROUP, ROWS, VECTORS, LANES,
 * the type `vector` of LANES int32_t, and dot(sums, columns, weights), which adds the products of
 * the elements of each word to the lane's sum.
 */
#include "estimator/cnn/integer_kernel.h"

#include <string.h>

#define ELEMENT_BITS (32 / GROUP)
#define ELEMENT_MASK (UINT32_MAX >> (32 - ELEMENT_BITS))

static inline __attribute__((always_inline)) void
multiply_block(uint32_t words, const uint32_t *weights, const uint32_t *columns, size_t stride,
               const uint32_t vectors, int32_t *sums)
{
    vector total[ROWS][VECTORS];

#pragma GCC unroll 16
    for (uint32_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            total[r][v] = (vector){0};
    for (uint32_t k = 0; k < words; k++) {
        vector column[VECTORS];
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            memcpy(&column[v], columns + k * stride + (size_t)v * LANES, sizeof column[v]);
#pragma GCC unroll 16
        for (uint32_t r = 0; r < ROWS; r++) {
            vector weight = spread(weights[(size_t)k * ROWS + r]);
#pragma GCC unroll 4
            for (uint32_t v = 0; v < vectors; v++)
                total[r][v] = dot(total[r][v], column[v], weight);
        }
    }
#pragma GCC unroll 16
    for (uint32_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (uint32_t v = 0; v < vectors; v++)
            memcpy(sums + ((size_t)r * vectors + v) * LANES, &total[r][v], sizeof total[r][v]);
}

static void multiply(uint32_t words, const uint32_t *weights, const uint32_t *columns,
                     size_t stride, uint32_t vectors, int32_t *sums)
{
    if (vectors == 1)
        multiply_block(words, weights, columns, stride, 1, sums);
    else if (vectors == 2)
        multiply_block(words, weights, columns, stride, 2, sums);
    else
        multiply_block(words, weights, columns, stride, VECTORS, sums);
}

static void finish(uint32_t count, const int32_t *sums, int32_t correction, unsigned unused,
                   float scale, float bias, float least, float *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t sum = (uint32_t)sums[i] - (uint32_t)correction;
        float value = (float)((int32_t)(sum << unused) >> unused) * scale + bias;
        out[i] = value > least ? value : least;
    }
}

static void add(uint32_t count, const int32_t *sums, unsigned shift, int64_t *totals)
{
    for (uint32_t i = 0; i < count; i++)
        totals[i] = (int64_t)((uint64_t)totals[i] + ((uint64_t)(int64_t)sums[i] << shift));
}

static void finish_wide(uint32_t count, const int64_t *totals, int64_t correction, unsigned unused,
                        float scale, float bias, float least, float *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t total = (uint64_t)totals[i] - (uint64_t)correction;
        float value = (float)((int64_t)(total << unused) >> unused) * scale + bias;
        out[i] = value > least ? value : least;
    }
}

static inline __attribute__((always_inline)) uint32_t element(uint32_t code, uint32_t offset,
                                                              uint32_t mask, uint32_t digit)
{
    return ((code + offset) & mask) >> (8 * digit) & 255u;
}

static void pack(uint32_t positions, uint32_t channels, const uint32_t *codes, size_t channel_step,
                 size_t position_step, uint32_t offset, uint32_t mask, uint32_t digit,
                 uint32_t *words)
{
    if (channels == GROUP && position_step == 1) {
        for (uint32_t i = 0; i < positions; i++) {
            uint32_t word = 0;
#pragma GCC unroll 4
            for (uint32_t c = 0; c < GROUP; c++)
                word |= element(codes[c * channel_step + i], offset, mask, digit)
                        << (c * ELEMENT_BITS % 32);
            words[i] = word;
        }
        return;
    }
    for (uint32_t i = 0; i < positions; i++) {
        words[i] = 0;
        for (uint32_t c = 0; c < channels; c++)
            words[i] |= element(codes[c * channel_step + i * position_step], offset, mask, digit)
                        << (c * ELEMENT_BITS % 32);
    }
}

const struct mp_integer_kernel KERNEL = {.name = KERNEL_NAME,
                                         .group = GROUP,
                                         .rows = ROWS,
                                         .lanes = LANES,
                                         .vectors = VECTORS,
                                         .multiply = multiply,
                                         .finish = finish,
                                         .add = add,
                                         .finish_wide = finish_wide,
                                         .pack = pack};
