/*
 * The inner loop of convolutions in float32: sums of products of weights and columns, a block of
 * output channels by a few vectors of positions at a time. It is there where it beats OpenBLAS,
 * which knows this machine's vector unit or does not (0.3.21 takes AVX2 on a Zen 5), and which
 * packs the weights again for each product: here they are packed once a model.
 *
 * One source (float_source.h) is compiled for each vector unit and chosen at run time. All kernels
 * and OpenBLAS give the same sums but for their rounding, and the same bits where sums are exact.
 */
#ifndef MP_CNN_FLOAT_KERNEL_H
#define MP_CNN_FLOAT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_FLOAT_MOST_SUMS 512u /* rows * vectors * lanes of any kernel */

struct mp_float_kernel {
    const char *name;
    uint32_t rows;    /* output channels of a block */
    uint32_t lanes;   /* positions of a vector */
    uint32_t vectors; /* of a block, at most; a call may ask for fewer */
    /* sums[rows][vectors * lanes] = weights[terms][rows] . columns[terms][stride], of which the
     * first vectors * lanes are read. */
    void (*multiply)(uint32_t terms, const float *weights, const float *columns, size_t stride,
                     uint32_t vectors, float *sums);
    /* out[i] = sums[i] + bias, or 0 where that is not above 0 and there is a ReLU. */
    void (*finish)(uint32_t count, const float *sums, float bias, bool relu, float *out);
};

extern const struct mp_float_kernel mp_float_plain; /* the reference */
/* The kernel for this machine; NULL: OpenBLAS does as well. */
const struct mp_float_kernel *mp_float_kernel_best(void);

#endif
