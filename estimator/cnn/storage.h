/*
 * What the weights of a quantised network weigh, layer by layer: as codes of equal length, and, for
 * pruned networks, in a code that skips zeros.
 *
 * Plain:   weight_count codes, the scales (8 bits each: one a layer or an output channel, or one
 *          for all layers of a format: mp_storage.shared_bits) and, of lut<B>, the table (32 bits
 *          each of 2^B values). The sum is mp_quantisation_weight_bits().
 * Skipping: relative indices, after Han, Mao, Dally, Deep Compression (ICLR 2016), section 2. Every
 *          weight that is not zero is an entry: how many zeros are before it (index_bits) and its
 *          code. 2^index_bits zeros and more need fillers: an entry of 2^index_bits - 1 zeros with
 *          the code of zero, which stands for 2^index_bits of them. Zeros at the end need nothing.
 *          index_bits is chosen for the least size of each layer; 0 is the plain code without the
 *          zeros at the end. Weights in the order of the network's files ([out][in][h][w]). Where a
 *          layer's entries end, a few bytes a layer, is not counted; scales and tables come on top.
 * Zero is what the network computes with: weights that the format rounds to zero count. No entropy
 * code: Huffman's, the third step of that paper, is not applied.
 */
#ifndef MP_CNN_STORAGE_H
#define MP_CNN_STORAGE_H

#include "estimator/cnn/quantise.h"

#define MP_STORAGE_DISTINCT_LIMIT 65536

struct mp_layer_storage {
    uint32_t layer; /* of the network; only those with weights */
    uint64_t weight_count, zero_weights;
    uint64_t distinct_weights; /* values that occur; 0: more than MP_STORAGE_DISTINCT_LIMIT */
    uint64_t code_bits, scale_bits, table_bits;
    uint64_t skipping_bits; /* entries * (index_bits + bits of a code), in place of code_bits */
    uint64_t entries;       /* weights that are not zero, and fillers */
    unsigned index_bits;
};

struct mp_storage {
    struct mp_layer_storage *layers; /* [layer_count] in the order of the network */
    uint32_t layer_count;
    uint64_t weight_count, zero_weights;
    uint64_t shared_bits;   /* scales and tables that are no single layer's */
    uint64_t plain_bits;    /* all codes, scales and tables */
    uint64_t skipping_bits; /* all entries, scales and tables */
    uint64_t best_bits;     /* each layer in the smaller of both, scales and tables */
};

/* q: of this network; NULL: float32 as it is. Cannot fail. */
void mp_storage_make(struct mp_storage *s, const struct mp_network *n,
                     const struct mp_quantisation *q);
void mp_storage_release(struct mp_storage *s); /* accepts NULL and zeroes */

/* The code that skips zeros of values[count] in their order, with codes of code_bits each: sets
 * zero_weights, index_bits, entries and skipping_bits. */
void mp_storage_skip_zeros(struct mp_layer_storage *l, const float *values, size_t count,
                           unsigned code_bits);

#endif
