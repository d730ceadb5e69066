/*
 * Inside of the ONNX importer: what its files share. Nodes are read in the file's order (ONNX
 * demands that it is an order of execution); each gives a name to a value, which is either a
 * constant (an initialiser, a Constant node) or a tensor of the network. Operators that only
 * change numbers known now (BatchNormalization, Add of a bias) change the layer before them, so
 * that the network has one layer for each matrix product.
 */
#ifndef MP_NETWORK_ONNX_H
#define MP_NETWORK_ONNX_H

#include "estimator/network/network_build.h"
#include "estimator/network/onnx.pb-c.h"

#define MP_ONNX_MAX_RANK     8
#define MP_ONNX_MAX_ELEMENTS MP_BUILD_MAX_ELEMENTS
#define MP_ONNX_MAX_EXTENT   MP_BUILD_MAX_EXTENT
#define MP_ONNX_MAX_COLUMNS  MP_BUILD_MAX_COLUMNS
#define MP_ONNX_NO_LAYER     MP_BUILD_NONE

/* What an ONNX name stands for. */
struct mp_onnx_value {
    const Onnx__Tensor *constant;   /* NULL: a tensor of the network */
    uint32_t tensor;                /* id, where constant is NULL */
    uint32_t rank;                  /* of the ONNX value, batch included */
    int64_t dims[MP_ONNX_MAX_RANK]; /* of a constant; a tensor's are in build.shapes */
    uint32_t uses;                  /* node inputs and graph outputs that name it */
    /* The layer with weights whose result this is, when nothing else reads that result, so that
     * the layer may be changed; MP_ONNX_NO_LAYER otherwise. */
    uint32_t layer;
};

struct mp_onnx_importer {
    const char *path;
    const Onnx__Model *model;
    int64_t opset;
    int64_t batch;        /* declared batch, 0: dynamic */
    struct mp_hash *hash; /* of the file and those beside it */
    struct mp_network_build build;
    struct mp_map names; /* value name -> index into values */
    struct mp_map uses;  /* value name -> index into use_counts */
    uint32_t *use_counts;
    struct mp_onnx_value *values;
    size_t value_count, value_capacity;
};

/* One operator: reads its inputs, adds a layer (or changes one), names its output. */
typedef int mp_onnx_import(struct mp_onnx_importer *im, const Onnx__Node *node,
                           struct mp_error *err);
/* NULL: not supported. */
mp_onnx_import *mp_onnx_find_op(const char *op_type);
/* The operators of onnx_window.c, onnx_elementwise.c and onnx_shape.c. */
mp_onnx_import mp_onnx_conv, mp_onnx_max_pool, mp_onnx_average_pool, mp_onnx_global_average_pool;
mp_onnx_import mp_onnx_global_max_pool, mp_onnx_reduce_mean, mp_onnx_pad;
mp_onnx_import mp_onnx_add, mp_onnx_sub, mp_onnx_mul, mp_onnx_div, mp_onnx_sum, mp_onnx_max;
mp_onnx_import mp_onnx_batch_normalization, mp_onnx_relu, mp_onnx_leaky_relu, mp_onnx_clip;
mp_onnx_import mp_onnx_lrn, mp_onnx_flatten, mp_onnx_reshape, mp_onnx_identity, mp_onnx_cast;
mp_onnx_import mp_onnx_constant_node, mp_onnx_shape, mp_onnx_gather, mp_onnx_squeeze;
mp_onnx_import mp_onnx_unsqueeze, mp_onnx_concat_constants;

/* A constant that can be combined with [batch][channels](height x width): every dimension 1 but the
 * channels, aligned at the last one as ONNX broadcasts. */
bool mp_onnx_is_per_channel(const struct mp_onnx_value *v, uint32_t rank, uint32_t channels);
/* The axes of Squeeze, Unsqueeze and ReduceMean, as an attribute or an input; *count 0: none. The
 * caller frees *axes. */
int mp_onnx_axes(struct mp_onnx_importer *im, const Onnx__Node *node, int64_t **axes,
                 uint64_t *count, struct mp_error *err);

/* "FILE: node "x" (Conv): message". */
int mp_onnx_fail(const struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err,
                 enum mp_code code, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* s, or "" for NULL. */
const char *mp_onnx_text(const char *s);
/* Enter a value under a name; false: the name is taken. */
bool mp_onnx_add_value(struct mp_onnx_importer *im, const char *name,
                       const struct mp_onnx_value *v);

/* The node's input i; NULL when it is absent or "" (optional). */
const char *mp_onnx_input_name(const Onnx__Node *node, size_t i);
/* The value of input i, which must be there; either kind. The pointer lives until a value is
 * added, so copies are handed out. */
int mp_onnx_input(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                  struct mp_onnx_value *v, struct mp_error *err);
/* The same, which must be a tensor of this rank (0: any) or a constant. */
int mp_onnx_input_tensor(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                         uint32_t rank, struct mp_onnx_value *v, struct mp_error *err);
int mp_onnx_input_constant(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                           struct mp_onnx_value *v, struct mp_error *err);

/* Name the node's first output; the others must not be used by anyone. */
int mp_onnx_set_output(struct mp_onnx_importer *im, const Onnx__Node *node,
                       const struct mp_onnx_value *v, struct mp_error *err);
/* A layer with a unique name, no inputs yet, kernel 1 x 1, stride 1. The pointer lives until the
 * next layer is added. */
struct mp_layer *mp_onnx_add_layer(struct mp_onnx_importer *im, const Onnx__Node *node,
                                   enum mp_layer_kind kind);
/* Give the last layer its inputs, a new tensor of this shape as output, and name that. */
int mp_onnx_finish_layer(struct mp_onnx_importer *im, const Onnx__Node *node,
                         const uint32_t *inputs, uint32_t input_count, const struct mp_shape *shape,
                         uint32_t rank, struct mp_error *err);

const Onnx__Attribute *mp_onnx_attribute(const Onnx__Node *node, const char *name);
int64_t mp_onnx_attribute_int(const Onnx__Node *node, const char *name, int64_t otherwise);
double mp_onnx_attribute_float(const Onnx__Node *node, const char *name, double otherwise);

/* Constants (onnx_tensor.c). */
/* Elements of dims[rank]: false when a dimension is negative or the product too large. */
bool mp_onnx_element_count(const int64_t *dims, uint32_t rank, uint64_t *count);
/* Data of a tensor that is kept in a file beside the model (data_location 1): read into the
 * tensor and the model's hash. MP_E_NOT_FOUND or MP_E_INPUT naming that file. */
int mp_onnx_load_external(struct mp_onnx_importer *im, Onnx__Tensor *t, struct mp_error *err);
/* A value from an ONNX tensor; checks dimensions, type and amount of data. */
int mp_onnx_constant(const struct mp_onnx_importer *im, const Onnx__Tensor *t,
                     struct mp_onnx_value *v, struct mp_error *err);
/* Elements as float32 (float and double data), or as integers (int64, int32); fresh memory, the
 * caller frees. node says who asks. */
int mp_onnx_floats(const struct mp_onnx_importer *im, const Onnx__Node *node,
                   const struct mp_onnx_value *v, float **out, uint64_t *count,
                   struct mp_error *err);
int mp_onnx_integers(const struct mp_onnx_importer *im, const Onnx__Node *node,
                     const struct mp_onnx_value *v, int64_t **out, uint64_t *count,
                     struct mp_error *err);

#endif
