/*
 * Dot products of a quantised network on real images, one output each: their operands as codes, for
 * a netlist, and what the integer engine has in its accumulator. Operands are found from the
 * layers' definition, by none of the program's kernels.
 */
#ifndef MP_TESTS_PIPELINE_DOT_PRODUCTS_H
#define MP_TESTS_PIPELINE_DOT_PRODUCTS_H

#include "estimator/cnn/infer.h"

struct dot_product {
    uint32_t layer, image;
    uint64_t output; /* [channel][row][column] */
    uint32_t terms;
    uint32_t *weights, *activations; /* [terms] codes */
    mp_u128 accumulator[2];          /* of the widths that were asked for */
};

struct dot_products {
    struct dot_product *items;
    uint32_t count;
};

/* At least `least`, as many of each layer and each of the images, at random places. bits: of both
 * accumulators; the network runs with the first. */
void dot_products_draw(struct dot_products *p, const struct mp_network *n,
                       const struct mp_quantisation *q, const struct mp_dataset *d, uint32_t least,
                       const unsigned bits[2], uint64_t seed);
void dot_products_release(struct dot_products *p);

#endif
