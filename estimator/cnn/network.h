/*
 * A network as a list of layers in the order of execution, single images, float32, NCHW with N = 1.
 * Made from ONNX; the same struct serves every importer.
 *
 * Shapes: a tensor is channels x height x width, row-major; a flat vector has height = width = 1.
 */
#ifndef MP_CNN_NETWORK_H
#define MP_CNN_NETWORK_H

#include "estimator/util/error.h"
#include "estimator/util/hash.h"
#include "estimator/util/memory.h"
#include <stdbool.h>

enum mp_layer_kind {
    MP_LAYER_CONV,  /* weights[out][in / groups][kernel_h][kernel_w] */
    MP_LAYER_DENSE, /* weights[out][in]: Gemm, MatMul */
    MP_LAYER_RELU,
    MP_LAYER_MAX_POOL,
    MP_LAYER_AVERAGE_POOL, /* global: kernel = whole map */
    MP_LAYER_ADD,
    MP_LAYER_CONCAT,  /* over channels */
    MP_LAYER_RESHAPE, /* Flatten, Reshape: no data moves */
    MP_LAYER_SOFTMAX
};

/* Each at least 1; at most 2^27 elements a tensor. */
struct mp_shape {
    uint32_t channels, height, width;
};
uint64_t mp_shape_elements(const struct mp_shape *s);

struct mp_layer {
    enum mp_layer_kind kind;
    const char *name;       /* unique */
    const uint32_t *inputs; /* tensor ids */
    uint32_t input_count;
    uint32_t output; /* tensor id */
    /* Conv and pooling, in elements; all at least 1 there. groups divides both channel counts. */
    uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, groups;
    uint32_t pad_top, pad_left, pad_bottom, pad_right; /* zeros around the input; pools: ignored */
    bool ceil_mode;         /* pooling: the number of outputs is rounded up, as Caffe does */
    bool count_include_pad; /* average pooling: pads count as zeros */
    float *weights;         /* conv, dense: [weight_count], finite; NULL for other kinds */
    float *bias;            /* [out_count] or NULL */
    uint32_t weight_count, out_count, terms; /* terms: MACs of one output element */
    uint64_t macs;                           /* of one image; 0 for layers without weights */
};

struct mp_network {
    const char *name;
    char hash[MP_HASH_SIZE]; /* of the file */
    uint32_t tensor_count, layer_count, input_tensor, output_tensor;
    struct mp_shape *shapes; /* [tensor_count] */
    struct mp_layer *layers; /* [layer_count], every layer behind the makers of its inputs */
    struct mp_arena arena;   /* owns all but weights and bias, which are freed one by one */
};

/* Read an ONNX file (opset 7 to 22): Conv, Gemm, MatMul, Relu, MaxPool, AveragePool,
 * GlobalAveragePool, Flatten, Reshape, Add, Concat, Softmax, BatchNormalization (folded into the
 * convolution before it), Identity, Dropout and Constant. Anything else, wrong shapes, NaN weights,
 * a cut-off file: MP_E_INPUT or MP_E_UNSUPPORTED naming node and op. */
int mp_network_read_onnx(struct mp_network *n, const char *path, struct mp_error *err);
/* The same from memory; path is for messages and the network's name. */
int mp_network_read_onnx_bytes(struct mp_network *n, const void *data, size_t size,
                               const char *path, struct mp_error *err);
/* Accepts NULL and a zeroed struct. */
void mp_network_release(struct mp_network *n);
/* Multiplications of one image, all layers. */
uint64_t mp_network_macs(const struct mp_network *n);
uint64_t mp_network_weight_count(const struct mp_network *n); /* without biases */

#endif
