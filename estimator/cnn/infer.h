/*
 * Forward pass over a few images at a time, float32. A model is what all threads share and only
 * read: the network and its weights, quantised when there is a quantisation. A workspace belongs
 * to one thread. It holds every tensor of `batch` images, so that calibration and traces can look
 * at any of them after a pass; a lean one is for the output alone, in buffers that are used again
 * as soon as nothing reads them any more, and with ReLUs as a part of the layer before.
 *
 *     mp_model_init(&m, n, q);
 *     mp_workspace_init(&w, &m, &err);
 *     mp_workspace_load(&w, d, 0, first, count, &err);   (count <= w.batch)
 *     mp_workspace_run(&w);
 *     ... w.tensors[id] is [image][channels][height][width] ...
 *
 * Convolutions are matrix products of the weights [out][terms] with columns [terms][positions]
 * (im2col), a tile of whole output rows at a time, of several images where maps are small; 1 x 1
 * convolutions take the input itself for columns. With a quantisation the input of each layer with
 * weights is quantised first, biases are not; a layer whose weights or input it leaves float32
 * takes those as they are. Products of codes are exact in float32; sums round once they need more
 * than 24 bits.
 */
#ifndef MP_CNN_INFER_H
#define MP_CNN_INFER_H

#include "estimator/cnn/float_kernel.h"
#include "estimator/cnn/integer.h"

struct mp_model {
    const struct mp_network *network;
    const struct mp_quantisation *quantisation; /* NULL: float32 */
    float **weights; /* [layer] the network's own, or quantised copies; NULL for layers without */
    float **panels;  /* [layer] the same packed for the kernel, [group][block][terms][rows]; NULL
                        where  OpenBLAS works */
    const struct mp_float_kernel *kernel; /* NULL: OpenBLAS everywhere */
    bool *in_place;             /* [layer] ReLU that alone reads its input: may overwrite it */
    bool *has_relu;             /* [layer] with weights: may do the ReLU behind it too */
    bool *relu_done;            /* [layer] ReLU that the layer before may do */
    struct mp_integer *integer; /* owned; layers with weights run as MACs do; NULL: in float32 */
};

struct mp_workspace {
    const struct mp_model *model;
    uint32_t batch;
    float **tensors; /* [tensor][batch x elements]; reshaped ones share memory */
    float **buffers; /* [buffer_count] memory of the tensors */
    uint32_t buffer_count;
    bool lean;
    float *quantised; /* input of the layer at hand */
    float *columns;   /* [terms][tile positions] */
    float *products;  /* [out channels of a group][tile positions] */
    float *block;     /* [terms][positions of a kernel's block] */
    struct mp_integer_scratch *integer;
};

/* Takes one OpenBLAS thread from here on: threads run over images. */
void mp_model_init(struct mp_model *m, const struct mp_network *n, const struct mp_quantisation *q);
/* The same with the integer engine for the layers with weights; see integer.h for the arguments and
 * errors. */
int mp_model_init_integer(struct mp_model *m, const struct mp_network *n,
                          const struct mp_quantisation *q, unsigned accumulator_bits,
                          const struct mp_integer_kernel *kernel, struct mp_error *err);
/* Another float kernel than mp_float_kernel_best() for convolutions, NULL: OpenBLAS; before any
 * workspace is made (infer_panels.c). */
void mp_model_use_kernel(struct mp_model *m, const struct mp_float_kernel *kernel);
void mp_model_release(struct mp_model *m);
/* mp_network_accuracy() of a model, with whichever engine it has (accuracy.c). */
int mp_model_accuracy(struct mp_accuracy *a, const struct mp_model *m, const struct mp_dataset *d,
                      unsigned threads, struct mp_error *err);

/* Images of one pass: as many as keep the tensors near a core's caches, 1 to 64. */
uint32_t mp_infer_batch(const struct mp_network *n);
int mp_workspace_init(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err);
/* For the output alone: after a run every other tensor's contents are undefined, the input's too.
 */
int mp_workspace_init_lean(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err);
void mp_workspace_release(struct mp_workspace *w);

/* MP_E_INPUT when the images are not what the network takes. */
int mp_infer_check(const struct mp_network *n, const struct mp_dataset *d, struct mp_error *err);
/* Images first..first+count-1 of d to places slot.. of the batch; fails as mp_dataset_load. */
int mp_workspace_load(struct mp_workspace *w, const struct mp_dataset *d, uint32_t slot,
                      uint32_t first, uint32_t count, struct mp_error *err);
void mp_workspace_run(struct mp_workspace *w, uint32_t images);

/* One layer with weights (infer_conv.c); input: its tensor, quantised or not. Scratch: elements of
 * columns and products that a convolution needs for batches of `images`. */
void mp_infer_conv(struct mp_workspace *w, uint32_t layer, const float *input, uint32_t images);
void mp_infer_dense(struct mp_workspace *w, uint32_t layer, const float *input, uint32_t images);
void mp_infer_conv_scratch(const struct mp_layer *layer, const struct mp_shape *out,
                           uint32_t images, uint64_t *columns, uint64_t *products);

/* One product of a convolution with panels: out[channels of the group][positions] = weights .
 * columns[terms][positions], then bias and, where asked for, ReLU. Strides are between rows.
 * Scratch: elements of the workspace's block that layer l needs, 0 without panels. */
struct mp_product {
    const float *columns;
    size_t column_stride, positions, out_stride;
    float *out;
};
uint64_t mp_infer_panel_scratch(const struct mp_model *m, uint32_t l);
void mp_infer_panel_product(struct mp_workspace *w, uint32_t l, bool relu, uint32_t group,
                            const struct mp_product *p);

/* LRN across channels, or within each one, over images of that shape (infer_norm.c). */
void mp_infer_lrn(const struct mp_layer *layer, const struct mp_shape *shape, uint32_t images,
                  const float *input, float *output);

/* One layer without weights over `images` images; inputs[k] and output are [image][elements]
 * (infer_ops.c). */
void mp_infer_plain_layer(const struct mp_network *n, const struct mp_layer *layer,
                          float *const *inputs, float *output, uint32_t images);

#endif
