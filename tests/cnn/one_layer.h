/* A network of one convolution or dense layer with random weights, for tests and benchmarks. */
#ifndef MP_TESTS_CNN_ONE_LAYER_H
#define MP_TESTS_CNN_ONE_LAYER_H

#include "estimator/network/network.h"

struct one_layer {
    struct mp_network network;
    struct mp_layer layer;
    struct mp_shape shapes[2];
    uint32_t input;
};

/* kernel 0: dense. Weights are normal with deviation 0.1, biases with 1. The layer stays where it
 * is: networks point into it. */
void one_layer_init(struct one_layer *o, const struct mp_shape *in, uint32_t out, uint32_t kernel,
                    uint32_t stride, uint32_t pad, uint32_t groups, uint64_t seed);
void one_layer_release(struct one_layer *o);

#endif
