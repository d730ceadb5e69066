/*
 * A network in the making: what the importers share. Tensors and layers are added in the order of
 * execution, then the network is finished, which drops what the output does not depend on and
 * checks that every weight is a finite number.
 *
 *     struct mp_network_build b = {.network = n};
 *     mp_build_tensor(&b, &shape, &id)
 *     layer = mp_build_layer(&b, name, MP_LAYER_CONV); ... mp_build_finish_layer(&b, ...)
 *     rc = mp_build_finish(&b, path, err);      (also after an error, so that nothing leaks)
 *     mp_build_release(&b);
 *
 * Limits on what a file may claim keep every product of sizes inside of 64 bits and what the
 * network needs inside of memory.
 */
#ifndef MP_NETWORK_BUILD_H
#define MP_NETWORK_BUILD_H

#include "estimator/network/network.h"

/* Elements of all tensors of one image, or of one weight array: 0.5 GiB of float32. */
#define MP_BUILD_MAX_ELEMENTS ((uint64_t)1 << 27)
#define MP_BUILD_MAX_EXTENT   65536               /* kernel, stride, dilation, pad */
#define MP_BUILD_MAX_COLUMNS  ((uint64_t)1 << 28) /* terms x output width: one row as a matrix */
#define MP_BUILD_NONE         UINT32_MAX

struct mp_network_build {
    struct mp_network *network; /* owner of the arena; its arrays are filled at the end */
    struct mp_map layer_names;
    struct mp_shape *shapes; /* [tensor] */
    struct mp_layer *layers;
    size_t shape_count, shape_capacity, layer_count, layer_capacity;
    uint64_t elements; /* of all tensors so far */
};

/* A new tensor of the network; false: its tensors are too large, or the shape is empty. */
bool mp_build_tensor(struct mp_network_build *b, const struct mp_shape *shape, uint32_t *id);
/* A layer with that name (made unique), no inputs yet, kernel 1 x 1, stride 1. The pointer lives
 * until the next layer is added. */
struct mp_layer *mp_build_layer(struct mp_network_build *b, const char *name,
                                enum mp_layer_kind kind);
/* Give the last layer its inputs and a new tensor of this shape as output; false: too large. */
bool mp_build_finish_layer(struct mp_network_build *b, const uint32_t *inputs, uint32_t input_count,
                           const struct mp_shape *shape, uint32_t *output);
/* A copy of count numbers in the network's arena. */
float *mp_build_floats(struct mp_network_build *b, const float *values, size_t count);

/* One axis of a sliding window over `in` elements. */
struct mp_window_axis {
    uint32_t in, kernel, stride, dilation, pad_head, pad_tail;
};
/* (kernel - 1) * dilation + 1. */
uint32_t mp_window_extent(const struct mp_window_axis *a);
/* Output positions; 0: the window is larger than the padded input. Rounding up leaves out a last
 * window that would start behind the input and its head pad (Caffe's clipping, ONNX's rule). */
uint32_t mp_window_outputs(const struct mp_window_axis *a, bool round_up);

/* Multiply output channel o of a layer with weights by factor[o] and add shift[o]: into weights
 * and bias, in double. */
void mp_build_fold(struct mp_layer *layer, const double *factor, const double *shift);

/* Drop what the network's output_tensor does not depend on. */
void mp_build_prune(struct mp_network_build *b);
/* MP_E_INPUT naming the layer and the place when a weight, bias, scale or shift is not finite. */
int mp_build_check_finite(const struct mp_network_build *b, const char *path, struct mp_error *err);
/* Hand layers and shapes over to the network, whole or not. */
void mp_build_finish(struct mp_network_build *b);
void mp_build_release(struct mp_network_build *b);

/* "a/b/net.onnx" -> "net", in the network's arena. */
const char *mp_build_network_name(struct mp_network *n, const char *path);

#endif
