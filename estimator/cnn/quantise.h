/*
 * Post-training quantisation of a network, layer by layer: weights to the weight format, the input
 * of every layer with weights to the activation format, biases and accumulation exact. Unit
 * exponents are calibrated: weights on themselves, activations on training images that are never
 * scored.
 */
#ifndef MP_CNN_QUANTISE_H
#define MP_CNN_QUANTISE_H

#include "estimator/format/golden.h"
#include "estimator/images/dataset.h"

struct mp_quantisation {
    struct mp_format weight, activation;
    int *weight_unit_exponent;     /* [layer]; only layers with weights */
    int *activation_unit_exponent; /* [layer]: of the layer's input */
    uint64_t clipped_negative;     /* calibration inputs < 0 that an unsigned format sets to 0 */
    uint64_t calibration_values;
};

/* Calibrate on the first `images` images of d. weight_how and activation_how: see format.h. */
int mp_quantisation_calibrate(struct mp_quantisation *q, const struct mp_network *n,
                              const struct mp_format *weight, const struct mp_format *activation,
                              enum mp_calibration weight_how, enum mp_calibration activation_how,
                              const struct mp_dataset *d, uint32_t images, struct mp_error *err);
void mp_quantisation_release(struct mp_quantisation *q);

struct mp_accuracy {
    uint32_t images, top1, top5;
};
/* Score all images of d with q (NULL: float32 as it is). threads 0: all cores; one OpenBLAS thread
 * each. */
int mp_network_accuracy(struct mp_accuracy *a, const struct mp_network *n,
                        const struct mp_quantisation *q, const struct mp_dataset *d,
                        unsigned threads, struct mp_error *err);

/* Two's complement bits that hold every partial sum of every output of every layer, from the
 * quantised weights themselves: max over outputs of sum |v(w)| * max |v(a)|, so it is proven for
 * this network and any image. */
int mp_quantisation_accumulator_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                     unsigned *bits, struct mp_error *err);

/* Bits of all weights as stored, the unit exponents (8 bits a layer) included. */
uint64_t mp_quantisation_weight_bits(const struct mp_quantisation *q, const struct mp_network *n);

#endif
