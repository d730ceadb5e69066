/*
 * Inside of the Caffe importer: what its files share. The prototxt's layers are listed first
 * (those of the test phase; data layers, losses and accuracies are passed over), every bottom is
 * bound to the layer that makes it, and the layers are then imported in an order in which makers
 * come first. Blobs are names in Caffe and several layers may write one in place; here every
 * writing is a value of its own.
 */
#ifndef MP_NETWORK_CAFFE_H
#define MP_NETWORK_CAFFE_H

#include "estimator/network/caffemodel.h"
#include "estimator/network/network_build.h"
#include "estimator/network/prototxt.h"

/* What a layer gives through one of its tops. */
struct mp_caffe_value {
    const char *blob;
    bool known; /* its maker is imported */
    uint32_t tensor, rank;
    uint32_t uses;  /* bottoms that read it */
    uint32_t layer; /* the layer with weights or scale that made it and may be folded into */
};

struct mp_caffe_layer {
    uint32_t field; /* of the prototxt */
    const char *name, *type;
    uint32_t *bottoms;  /* [bottom_count] values; before binding: blob names' ids */
    uint32_t first_top; /* values first_top..first_top + top_count - 1 */
    uint32_t bottom_count, top_count;
    bool imported;
};

struct mp_caffe_importer {
    const struct mp_prototxt *text;
    struct mp_caffemodel *weights; /* NULL: none */
    const struct mp_network_source *source;
    struct mp_network_build build;
    struct mp_caffe_layer *layers;
    struct mp_caffe_value *values;
    size_t layer_count, layer_capacity, value_count, value_capacity;
    struct mp_map skipped; /* blobs that layers passed over would make */
    bool has_input;
};

/* One kind of layer: reads its settings and bottoms, adds a layer (or changes one), gives its tops.
 * The number of bottoms and tops was checked. */
typedef int mp_caffe_import(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                            struct mp_error *err);
struct mp_caffe_kind {
    const char *type;
    uint32_t least_bottoms, most_bottoms, most_tops;
    mp_caffe_import *import;
};
/* NULL: not supported. */
const struct mp_caffe_kind *mp_caffe_find_kind(const char *type);
/* The kinds of caffe_weights.c. */
mp_caffe_import mp_caffe_convolution, mp_caffe_inner_product, mp_caffe_pooling;
mp_caffe_import mp_caffe_batch_norm, mp_caffe_scale, mp_caffe_bias;

/* Fill layers and values from the text, with every bottom bound to the value it reads; inputs are
 * known (caffe_list.c). */
int mp_caffe_list(struct mp_caffe_importer *im, struct mp_error *err);

/* "FILE:line: layer "x" (Convolution): message". */
int mp_caffe_fail(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                  struct mp_error *err, enum mp_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The layer's message of settings with that name, whose fields must be among names (NULL at the
 * end); MP_PROTOTXT_NONE when the layer has none. */
int mp_caffe_settings(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      const char *name, const char *const *names, uint32_t *message,
                      struct mp_error *err);

const struct mp_caffe_value *mp_caffe_input(const struct mp_caffe_importer *im,
                                            const struct mp_caffe_layer *l, uint32_t i);
const struct mp_shape *mp_caffe_input_shape(const struct mp_caffe_importer *im,
                                            const struct mp_caffe_layer *l, uint32_t i);
/* Give the last layer of the build all bottoms as inputs, a new tensor as output, and the top that.
 * foldable: BatchNorm, Scale and Bias behind it may change it. */
int mp_caffe_finish_layer(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          const struct mp_shape *shape, uint32_t rank, bool foldable,
                          struct mp_error *err);
/* Give all tops what bottom 0 has. */
void mp_caffe_pass_on(struct mp_caffe_importer *im, const struct mp_caffe_layer *l);

#endif
