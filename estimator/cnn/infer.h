/*
 * Forward pass over a few images at a time, float32. A model is what all threads share and only
 * read: the network and its weights, quantised when there is a quantisation. A workspace belongs
 * to one thread and holds every tensor of `batch` images, so that calibration and traces can look
 * at any layer's input after a pass.
 *
 *     mp_model_init(&m, n, q);
 *     mp_workspace_init(&w, &m, &err);
 *     mp_workspace_load(&w, d, 0, first, count, &err);   (count <= w.batch)
 *     mp_workspace_run(&w);
 *     ... w.tensors[id] is [image][channels][height][width] ...
 *
 * Convolutions are matrix products of the weights [out][terms] with columns [terms][positions]
 * (im2col), a tile of whole output rows at a time, of several images where maps are small. With a
 * quantisation the input of each layer with weights is quantised first, biases are not. Products
 * of codes are exact in float32; sums round once they need more than 24 bits.
 */
#ifndef MP_CNN_INFER_H
#define MP_CNN_INFER_H

#include "estimator/cnn/quantise.h"

struct mp_model {
    const struct mp_network *network;
    const struct mp_quantisation *quantisation; /* NULL: float32 */
    float **weights;                            /* [layer]; NULL for layers without */
    bool owns_weights;                          /* they are quantised copies */
};

struct mp_workspace {
    const struct mp_model *model;
    uint32_t batch;
    float **tensors;  /* [tensor][batch x elements]; reshaped ones share memory */
    float *quantised; /* input of the layer at hand */
    float *columns;   /* [terms][tile positions] */
    float *products;  /* [out channels of a group][tile positions] */
};

/* Takes one OpenBLAS thread from here on: threads run over images. */
void mp_model_init(struct mp_model *m, const struct mp_network *n, const struct mp_quantisation *q);
void mp_model_release(struct mp_model *m);

/* Images of one pass: as many as keep the tensors near a core's caches, 1 to 64. */
uint32_t mp_infer_batch(const struct mp_network *n);
int mp_workspace_init(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err);
void mp_workspace_release(struct mp_workspace *w);

/* MP_E_INPUT when the images are not what the network takes. */
int mp_infer_check(const struct mp_network *n, const struct mp_dataset *d, struct mp_error *err);
/* Images first..first+count-1 of d to places slot.. of the batch; fails as mp_dataset_load. */
int mp_workspace_load(struct mp_workspace *w, const struct mp_dataset *d, uint32_t slot,
                      uint32_t first, uint32_t count, struct mp_error *err);
void mp_workspace_run(struct mp_workspace *w, uint32_t images);

/* One layer without weights over `images` images; inputs[k] and output are [image][elements]
 * (infer_ops.c). */
void mp_infer_plain_layer(const struct mp_network *n, const struct mp_layer *layer,
                          float *const *inputs, float *output, uint32_t images);

#endif
