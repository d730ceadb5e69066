/*
 * Post-training quantisation of a network: codes for the weights and for the input of every layer
 * with weights, from a scheme (scheme.h); biases and accumulation stay exact. Weights are
 * calibrated on themselves, activations on images that are never scored (calibration.h).
 *
 *     mp_calibration_data_collect(&c, &network, &images, images.count, 0, err)   (once)
 *     mp_quantisation_make(&q, &network, &scheme, &c, err)
 *     ... mp_model_init(&model, &network, &q), see infer.h ...
 *     mp_quantisation_release(&q)
 *
 * Scopes. Values that share a scale are one set, whose unit exponent the calibration chooses:
 *   channel   weights of one output channel
 *   layer     weights, or the input, of one layer
 *   network   weights, or inputs, of all layers for which the same format is asked: so an override
 *             has a scale of its own. For float formats that is one exponent bias for the network.
 * Least squared error over several layers adds up their relative errors, each layer's sum of
 * squared errors over its sum of squares; a percentile counts all values alike. fixed<W> becomes
 * uint<W> for a layer whose input can never be negative and int<W> for the others. In the network's
 * scope both share the unit, as one binary point: a code of int<W> means what the same code of
 * uint<W> means and reaches half as far, and `max` chooses the smallest unit at which neither
 * saturates.
 *
 * Weights of mx formats have no such scale: of each output channel, 32 weights after another in the
 * order of the network's files ([in][row][column]), the last block shorter, have one of their own
 * (mp_format_block_unit), whatever scope and calibration are.
 */
#ifndef MP_CNN_QUANTISE_H
#define MP_CNN_QUANTISE_H

#include "estimator/cnn/calibration.h"
#include "estimator/cnn/scheme.h"
#include "estimator/format/golden.h"

/* How the codes of a layer are made. Units are no part of the hardware, so each output channel may
 * have one of its own. */
struct mp_integer_codes {
    struct mp_format weight;          /* never fixed<W> */
    struct mp_format activation;      /* of the layer's input; neither fixed<W> nor lut<B> */
    const int *weight_unit_exponents; /* [out_count]; 0 where there are no codes, and of blocks */
    const int *block_unit_exponents;  /* [out_count][mp_weight_blocks()]; NULL but for blocks */
    int activation_unit_exponent;
    const float *table; /* [2^B] of lut<B>, ascending; NULL for other formats */
};

struct mp_quantisation {
    struct mp_integer_codes *layers; /* [layer]; zero for layers without weights */
    uint32_t layer_count;
    enum mp_scope weight_scope;
    uint64_t shared_bits;        /* of scales and tables that are no single layer's */
    uint64_t clipped_negative;   /* calibration inputs < 0 that an unsigned format sets to 0 */
    uint64_t calibration_values; /* inputs of all layers with quantised activations */
    int *unit_exponents;         /* owned; what the layers point into */
    float **tables;              /* [layer] owned; NULL but for lut<B> */
    int **block_unit_exponents;  /* [layer] owned; NULL but for blocks */
};

/* Blocks of an output channel that have a scale of their own: ceil(terms / 32) of mx formats, else
 * 1. */
uint32_t mp_weight_blocks(const struct mp_integer_codes *codes, const struct mp_layer *layer);
/* Unit exponent of the weight `term` (0..terms-1) of an output channel; formats with codes. */
int mp_weight_unit(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                   uint32_t channel, uint32_t term);
/* Codes, and values, of an output channel's weights: out[terms]. */
void mp_weight_codes(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                     uint32_t channel, uint32_t *out);
void mp_weight_values(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                      uint32_t channel, float *out);

/* c: of this network; NULL is allowed when no layer's activations are quantised, else MP_E_USAGE.
 * An override of a layer that there is not, or of one without weights: MP_E_USAGE, listing the
 * layers. Formats that cannot be: MP_E_USAGE. */
int mp_quantisation_make(struct mp_quantisation *q, const struct mp_network *n,
                         const struct mp_scheme *s, const struct mp_calibration_data *c,
                         struct mp_error *err);
void mp_quantisation_release(struct mp_quantisation *q); /* accepts NULL and zeroes */

/* Weights of layer l as the network computes with them: quantised and back, to values
 * [weight_count]. */
void mp_quantisation_weights(const struct mp_quantisation *q, const struct mp_network *n,
                             uint32_t l, float *values);

struct mp_accuracy {
    uint32_t images, top1, top5;
};
/* Score all images of d with q (NULL: float32 as it is). threads 0: all cores; one OpenBLAS thread
 * each. */
int mp_network_accuracy(struct mp_accuracy *a, const struct mp_network *n,
                        const struct mp_quantisation *q, const struct mp_dataset *d,
                        unsigned threads, struct mp_error *err);

/* Two's complement bits that hold every partial sum of every output of a layer, from the quantised
 * weights themselves: max over outputs (of mx formats: blocks) of sum |v(w)| * max |v(a)|, so it is
 * proven for this network and any image. by_layer: [layer], 0 for layers without weights, or NULL;
 * most: of all. MP_E_UNSUPPORTED, naming the layer, where no netlist can be made of a layer's
 * formats. */
int mp_quantisation_accumulator_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                     unsigned *by_layer, unsigned *most, struct mp_error *err);

/* Bits of all weights as stored, with the scales (8 bits each: one for each format, layer, channel
 * or block) and the values of tables (32 bits each). */
uint64_t mp_quantisation_weight_bits(const struct mp_quantisation *q, const struct mp_network *n);
/* Of one layer, with the scales and the table that are its own. All layers and q->shared_bits make
 * the sum above. 0 for layers without weights. */
uint64_t mp_quantisation_layer_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                    uint32_t l);

/* The formats that a network's layers really have, each pair once, by falling share of MACs: what
 * units are made for. */
struct mp_format_pair {
    struct mp_format weight, activation;
    uint32_t layers; /* that have it */
    uint64_t macs;   /* of them, of one image */
    double share;    /* of the MACs of all layers with weights that the network has */
    /* Two's complement bits that no sum of these layers needs more of; 0: no netlist can be made of
     * these formats. */
    unsigned accumulator_bits;
};
/* *pairs: freed by the caller. */
void mp_quantisation_pairs(const struct mp_quantisation *q, const struct mp_network *n,
                           struct mp_format_pair **pairs, uint32_t *count);

/* MP_E_USAGE: network n has no layer `name` with weights; it has ... */
int mp_network_no_such_layer(const struct mp_network *n, const char *name, struct mp_error *err);

#endif
