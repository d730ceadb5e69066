/*
 * A network as a list of layers in the order of execution, single images, float32, NCHW with N = 1.
 * Made from ONNX or from Caffe's files (docs/networks.md); the same struct serves every importer.
 *
 *     mp_network_read(&n, "deploy.prototxt", &(struct mp_network_source){.weights =
 * "x.caffemodel"}, err) mp_network_read(&n, "net.onnx", NULL, err)
 *     ... mp_model_init(&model, &n, NULL), see infer.h ...
 *     mp_network_release(&n)
 *
 * Shapes: a tensor is channels x height x width, row-major; a flat vector has height = width = 1.
 */
#ifndef MP_NETWORK_H
#define MP_NETWORK_H

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
    MP_LAYER_ADD,          /* two or more inputs of one shape; sum of coefficient x input */
    MP_LAYER_MULTIPLY,     /* two or more inputs of one shape, element by element */
    MP_LAYER_MAXIMUM,      /* the same */
    MP_LAYER_CONCAT,       /* over `axis` */
    MP_LAYER_RESHAPE,      /* Flatten, Reshape: no data moves */
    MP_LAYER_SOFTMAX,      /* over channels, at each place of the map */
    MP_LAYER_LRN,          /* x / (k + alpha / size * sum of squares) ^ beta over near channels */
    MP_LAYER_LRN_WITHIN, /* the same over a size x size window of the same channel, zeros around */
    MP_LAYER_SCALE,      /* scale[channel] * x + shift[channel]: what could not be folded */
    MP_LAYER_CLIP,       /* min(max(x, low), high): ReLU6 */
    MP_LAYER_PAD,        /* `low` around the map */
    MP_LAYER_SLICE       /* the output's number of channels, from slice_first on */
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
    uint32_t slice_first;   /* slice: first channel */
    uint32_t axis;          /* concat: 0 channels, 1 height, 2 width */
    uint32_t lrn_size;      /* at least 1; channel c sees c - (size - 1) / 2 on */
    float lrn_alpha, lrn_beta, lrn_k;
    float negative_slope;       /* ReLU: factor below zero, 0 for the plain one */
    float low, high;            /* clip; low: value of pads */
    const float *coefficients;  /* add: [input_count], NULL: all 1; of the arena */
    const float *scale, *shift; /* scale: [channels]; of the arena */
    float *weights;             /* conv, dense: [weight_count], finite; NULL for other kinds */
    float *bias;                /* [out_count] or NULL */
    uint32_t weight_count, out_count, terms; /* terms: MACs of one output element */
    uint64_t macs;                           /* of one image; 0 for layers without weights */
    bool synthetic; /* the weights come from source.fill, not from a file */
};

struct mp_network {
    const char *name;
    char hash[MP_HASH_SIZE]; /* of the file */
    uint32_t tensor_count, layer_count, input_tensor, output_tensor;
    struct mp_shape *shapes; /* [tensor_count] */
    struct mp_layer *layers; /* [layer_count], every layer behind the makers of its inputs */
    /* MACs of one image in the whole architecture; more than mp_network_macs() where the network
     * was cut because weights are missing. */
    uint64_t whole_macs;
    bool is_cut;           /* layers are left out because weights are missing */
    bool is_synthetic;     /* some weights, or factors of a BatchNorm or Scale, are made up */
    struct mp_arena arena; /* owns all but weights and bias, which are freed one by one */
};

/* Where weights come from that are not in the network's own file, and what to do without them. */
enum mp_missing_weights {
    MP_MISSING_REFUSED, /* an error that names the layer: the default */
    MP_MISSING_CUT,     /* the network ends at the last layer that can be computed */
    MP_MISSING_FILLED   /* source.fill makes them; the layer is marked synthetic */
};
struct mp_network_source {
    const char *weights; /* caffemodel; NULL: none (ONNX has its own) */
    enum mp_missing_weights missing;
    /* MP_MISSING_FILLED: layer->weights[weight_count] and, where not NULL, layer->bias[out_count]
     * are there, zeroed; kind, name, terms and kernel are set. */
    void (*fill)(void *context, struct mp_layer *layer);
    void *context;
};

/* Read a network by what the name of its file ends with: .prototxt or .pbtxt (Caffe's architecture,
 * with source->weights), .onnx (source->weights must be NULL). source NULL: all zero. What the file
 * says against these rules, layers that are not supported, weights of other shapes or that are no
 * numbers: MP_E_INPUT or MP_E_UNSUPPORTED with file, line or layer. */
int mp_network_read(struct mp_network *n, const char *path, const struct mp_network_source *source,
                    struct mp_error *err);
/* Caffe's two files from memory; the weights may stay a file (weights NULL, weights_path set), or
 * be none (both NULL). Paths are for messages and the name. The network's hash covers both. */
struct mp_caffe_files {
    const char *text, *path;
    size_t size;
    const void *weights;
    size_t weights_size;
    const char *weights_path;
};
int mp_network_read_caffe(struct mp_network *n, const struct mp_caffe_files *files,
                          const struct mp_network_source *source, struct mp_error *err);

/* Read an ONNX file (opset 7 to 22), weights in it or in files beside it: the operators of
 * docs/networks.md. Anything else, wrong shapes, NaN weights, a cut-off file: MP_E_INPUT or
 * MP_E_UNSUPPORTED naming node and op. */
int mp_network_read_onnx(struct mp_network *n, const char *path, struct mp_error *err);
/* The same from memory; path is for messages and the network's name. */
int mp_network_read_onnx_bytes(struct mp_network *n, const void *data, size_t size,
                               const char *path, struct mp_error *err);
/* Accepts NULL and a zeroed struct. */
void mp_network_release(struct mp_network *n);
/* MP_E_UNSUPPORTED for a network that is cut or has made-up weights: what it answers says nothing
 * about the trained network, so it has no accuracy. */
int mp_network_check_complete(const struct mp_network *n, struct mp_error *err);
/* is_synthetic[layer]: an operand rests on made-up weights, its own or those of a layer before. All
 * true where factors of a BatchNorm or Scale are made up. */
void mp_network_find_synthetic(const struct mp_network *n, bool *is_synthetic);
/* Multiplications of one image, all layers. */
uint64_t mp_network_macs(const struct mp_network *n);
uint64_t mp_network_weight_count(const struct mp_network *n); /* without biases */

#endif
