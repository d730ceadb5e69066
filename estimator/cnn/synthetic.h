/*
 * Made-up weights for layers that have none, drawn from what the weights of trained networks are
 * like, so that power can be estimated where weights cannot be had:
 *
 *     struct mp_network_source s = {.weights = "part.caffemodel", .missing = MP_MISSING_FILLED,
 *                                   .fill = mp_synthetic_fill};
 *     mp_network_read(&n, "whole.prototxt", &s, err);
 *
 * A weight of output channel c is
 *
 *     gain / sqrt(terms) * spread_c * (x + shift_c / sqrt(terms))
 *
 * with x of the generalised normal distribution (density ~ exp(-|x / a|^shape)) of variance 1,
 * log spread_c and shift_c normal. gain, spread, shape and shift are those of a kind of layer,
 * fitted on GoogLeNet, SqueezeNet v1.1 and the first five convolutions of VGG-16 (docs/networks.md
 * has the fit and how far a filled network is from the real one). A negative shift is what makes
 * more than half of a ReLU's results 0. Biases stay 0: how large a bias is against the sums that it
 * is added to depends on the scale of the layer's inputs, which a layer alone does not tell.
 *
 * Power is all that such a network is for: it has no accuracy (mp_network_check_complete).
 */
#ifndef MP_CNN_SYNTHETIC_H
#define MP_CNN_SYNTHETIC_H

#include "estimator/network/network.h"

/* Goes into keys of results: raise it when other weights come out. */
#define MP_SYNTHETIC_VERSION 1

/* The four kinds that weights differ by. */
enum mp_synthetic_kind {
    MP_SYNTHETIC_IMAGE,  /* a convolution of an image: up to three input channels a group */
    MP_SYNTHETIC_POINT,  /* 1 x 1 */
    MP_SYNTHETIC_WINDOW, /* larger windows */
    MP_SYNTHETIC_DENSE
};
enum mp_synthetic_kind mp_synthetic_kind_of(const struct mp_layer *layer);

struct mp_synthetic_fit {
    double gain;                    /* standard deviation of a weight times sqrt(terms) */
    double spread;                  /* of log of a channel's standard deviation */
    double shape;                   /* 1: Laplace, 2: normal */
    double shift_mean, shift_sigma; /* a channel's mean weight, in standard deviations, times
                                       sqrt(terms) */
};
const struct mp_synthetic_fit *mp_synthetic_fit_of(enum mp_synthetic_kind kind);

/* source.fill. context: a uint64_t seed, NULL for 1. The same seed, name and sizes of a layer give
 * the same weights. */
void mp_synthetic_fill(void *context, struct mp_layer *layer);

#endif
