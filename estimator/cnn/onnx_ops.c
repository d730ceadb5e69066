/* Operators without a window; the table of all operators is at the end. */
#include "estimator/cnn/onnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An axis attribute as 0..rank-1; rank or more: out of range. */
static uint32_t read_axis(const Onnx__Node *node, int64_t otherwise, uint32_t rank)
{
    int64_t axis = mp_onnx_attribute_int(node, "axis", otherwise);

    if (axis < 0)
        axis += rank;
    return axis < 0 || axis > rank ? rank + 1 : (uint32_t)axis;
}

/* ---- matrix products */

/* weights[out][in] of the last layer from a constant [in][out] or, transposed, [out][in]. */
static int read_dense_weights(struct mp_onnx_importer *im, const Onnx__Node *node,
                              struct mp_layer *layer, const struct mp_onnx_value *v,
                              bool transposed, float alpha, struct mp_error *err)
{
    uint64_t count, in = layer->terms, out = layer->out_count;
    float *source;
    int rc = mp_onnx_floats(im, node, v, &source, &count, err);

    if (rc != MP_OK)
        return rc;
    layer->weights = mp_alloc((size_t)count, sizeof *layer->weights);
    layer->weight_count = (uint32_t)count;
    for (uint64_t o = 0; o < out; o++)
        for (uint64_t i = 0; i < in; i++)
            layer->weights[o * in + i] = alpha * source[transposed ? o * in + i : i * out + o];
    free(source);
    return MP_OK;
}

/* bias[out] += beta * the constant, which has one element or out. */
static int add_bias(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_layer *layer,
                    const struct mp_onnx_value *v, float beta, struct mp_error *err)
{
    uint64_t count;
    float *source;
    int rc = mp_onnx_floats(im, node, v, &source, &count, err);

    if (rc != MP_OK)
        return rc;
    if (count != 1 && count != layer->out_count) {
        rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "%llu biases for %u outputs",
                          (unsigned long long)count, layer->out_count);
        goto out;
    }
    if (layer->bias == NULL)
        layer->bias = mp_alloc(layer->out_count, sizeof *layer->bias);
    for (uint32_t o = 0; o < layer->out_count; o++)
        layer->bias[o] += beta * source[count == 1 ? 0 : o];
out:
    free(source);
    return rc;
}

/* A constant that can be added to [batch][channels](height x width): every dimension 1 but the
 * channels, aligned at the last one as ONNX broadcasts. */
static bool is_per_channel(const struct mp_onnx_value *v, uint32_t rank, uint32_t channels)
{
    uint32_t from_end = rank - 1; /* place of the channels, counted from the end */

    for (uint32_t i = 0; i < v->rank; i++) {
        bool at_channels = v->rank - i == from_end;
        if (v->dims[i] != 1 && !(at_channels && v->dims[i] == channels))
            return false;
    }
    return true;
}

static int import_dense(struct mp_onnx_importer *im, const Onnx__Node *node, bool transposed,
                        float alpha, float beta, struct mp_error *err)
{
    struct mp_onnx_value x, weights, bias;
    int rc = mp_onnx_input_tensor(im, node, 0, 2, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_input_constant(im, node, 1, &weights, err);
    if (rc != MP_OK)
        return rc;
    struct mp_shape in = im->build.shapes[x.tensor];
    int64_t rows = weights.dims[transposed ? 1 : 0], columns = weights.dims[transposed ? 0 : 1];
    if (weights.rank != 2 || rows != in.channels || columns < 1)
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "weights of %u dimensions (%lld inputs) do not fit %u inputs",
                            weights.rank, (long long)(weights.rank == 2 ? rows : 0), in.channels);

    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_DENSE);
    struct mp_shape out = {(uint32_t)columns, 1, 1};
    layer->terms = in.channels;
    layer->out_count = out.channels;
    layer->macs = (uint64_t)layer->terms * layer->out_count;
    rc = read_dense_weights(im, node, layer, &weights, transposed, alpha, err);
    if (rc == MP_OK && mp_onnx_input_name(node, 2) != NULL) {
        rc = mp_onnx_input_constant(im, node, 2, &bias, err);
        if (rc == MP_OK && !is_per_channel(&bias, 2, out.channels))
            rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "the shape of C does not fit %u outputs",
                              out.channels);
        if (rc == MP_OK)
            rc = add_bias(im, node, layer, &bias, beta, err);
    }
    if (rc != MP_OK)
        return rc;
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &out, 2, err);
}

static int import_gemm(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    if (mp_onnx_attribute_int(node, "transA", 0) != 0)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "transA 1 is not supported");
    return import_dense(im, node, mp_onnx_attribute_int(node, "transB", 0) != 0,
                        (float)mp_onnx_attribute_float(node, "alpha", 1),
                        (float)mp_onnx_attribute_float(node, "beta", 1), err);
}

static int import_mat_mul(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_dense(im, node, false, 1, 0, err);
}

/* ---- folded into the layer before */

/* The layer that made v, if it may be changed. */
static struct mp_layer *own_layer(struct mp_onnx_importer *im, const struct mp_onnx_value *v)
{
    return v->layer == MP_ONNX_NO_LAYER || v->uses != 1 ? NULL : &im->build.layers[v->layer];
}

static int read_norm_inputs(struct mp_onnx_importer *im, const Onnx__Node *node, uint32_t channels,
                            float *values[4], struct mp_error *err)
{
    static const char *const names[] = {"scale", "bias", "mean", "variance"};

    for (size_t i = 0; i < 4; i++) {
        struct mp_onnx_value v;
        uint64_t count;
        int rc = mp_onnx_input_constant(im, node, i + 1, &v, err);
        if (rc == MP_OK)
            rc = mp_onnx_floats(im, node, &v, &values[i], &count, err);
        if (rc != MP_OK)
            return rc;
        if (count != channels)
            return mp_onnx_fail(im, node, err, MP_E_INPUT, "%s has %llu elements for %u channels",
                                names[i], (unsigned long long)count, channels);
    }
    return MP_OK;
}

static int import_batch_normalization(struct mp_onnx_importer *im, const Onnx__Node *node,
                                      struct mp_error *err)
{
    struct mp_onnx_value x;
    float *values[4] = {NULL, NULL, NULL, NULL}; /* scale, bias, mean, variance */
    double epsilon = mp_onnx_attribute_float(node, "epsilon", 1e-5), *factor, *shift;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    struct mp_layer *layer = own_layer(im, &x);
    if (layer == NULL)
        return mp_onnx_fail(
            im, node, err, MP_E_UNSUPPORTED,
            "it can only be folded into a convolution or Gemm right before it whose "
            "result nothing else reads");
    if (mp_onnx_attribute_int(node, "training_mode", 0) != 0)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "the network is in training mode");
    rc = read_norm_inputs(im, node, layer->out_count, values, err);
    if (rc != MP_OK)
        goto out;
    factor = mp_alloc(2 * (size_t)layer->out_count, sizeof *factor);
    shift = factor + layer->out_count;
    for (uint32_t o = 0; o < layer->out_count; o++) {
        factor[o] = (double)values[0][o] / sqrt((double)values[3][o] + epsilon);
        shift[o] = (double)values[1][o] - factor[o] * (double)values[2][o];
    }
    mp_build_fold(layer, factor, shift);
    free(factor);
    rc = mp_onnx_set_output(im, node, &x, err);
out:
    for (size_t i = 0; i < 4; i++)
        free(values[i]);
    return rc;
}

static int import_add_constant(struct mp_onnx_importer *im, const Onnx__Node *node,
                               const struct mp_onnx_value *x, const struct mp_onnx_value *constant,
                               struct mp_error *err)
{
    struct mp_layer *layer = own_layer(im, x);
    int rc;

    if (layer == NULL)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "a constant can only be added as the bias of a convolution, Gemm or "
                            "MatMul right before it whose result nothing else reads");
    if (!is_per_channel(constant, x->rank, layer->out_count))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "the constant is no bias (one value, or one a channel)");
    rc = add_bias(im, node, layer, constant, 1, err);
    return rc != MP_OK ? rc : mp_onnx_set_output(im, node, x, err);
}

static int import_add(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value a, b;
    int rc = mp_onnx_input(im, node, 0, &a, err);

    if (rc == MP_OK)
        rc = mp_onnx_input(im, node, 1, &b, err);
    if (rc != MP_OK)
        return rc;
    if (a.constant != NULL && b.constant != NULL)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "both inputs are constants; simplify the network before export");
    if (a.constant != NULL || b.constant != NULL)
        return import_add_constant(im, node, a.constant != NULL ? &b : &a,
                                   a.constant != NULL ? &a : &b, err);
    struct mp_shape shape = im->build.shapes[a.tensor], other = im->build.shapes[b.tensor];
    if (a.rank != b.rank || memcmp(&shape, &other, sizeof shape) != 0)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "inputs of %u x %u x %u and %u x %u x %u differ", shape.channels,
                            shape.height, shape.width, other.channels, other.height, other.width);
    mp_onnx_add_layer(im, node, MP_LAYER_ADD);
    return mp_onnx_finish_layer(im, node, (uint32_t[]){a.tensor, b.tensor}, 2, &shape, a.rank, err);
}

/* ---- layers without weights */

static int import_relu(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    struct mp_shape shape = im->build.shapes[x.tensor];
    mp_onnx_add_layer(im, node, MP_LAYER_RELU);
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &shape, x.rank, err);
}

static int import_softmax(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    struct mp_shape shape = im->build.shapes[x.tensor];
    if (read_axis(node, im->opset < 13 ? 1 : -1, x.rank) != 1 || shape.height * shape.width != 1)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "only a softmax over the channels of a flat vector is supported");
    mp_onnx_add_layer(im, node, MP_LAYER_SOFTMAX);
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &shape, x.rank, err);
}

static int import_concat(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    uint32_t *inputs = mp_alloc(node->n_input + 1, sizeof *inputs), rank = 0;
    struct mp_shape shape = {0, 0, 0};
    uint64_t channels = 0;
    int rc = MP_OK;

    for (size_t i = 0; i < node->n_input; i++) {
        struct mp_onnx_value x;
        rc = mp_onnx_input_tensor(im, node, i, rank, &x, err);
        if (rc != MP_OK)
            goto out;
        struct mp_shape s = im->build.shapes[x.tensor];
        if (i == 0)
            shape = s;
        if (s.height != shape.height || s.width != shape.width) {
            rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "input %zu is %u x %u, not %u x %u", i,
                              s.height, s.width, shape.height, shape.width);
            goto out;
        }
        rank = x.rank;
        channels += s.channels;
        inputs[i] = x.tensor;
    }
    if (rank == 0 || read_axis(node, 0, rank) != 1 || channels > MP_ONNX_MAX_ELEMENTS) {
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "only axis 1 (channels) is supported");
        goto out;
    }
    shape.channels = (uint32_t)channels;
    mp_onnx_add_layer(im, node, MP_LAYER_CONCAT);
    rc = mp_onnx_finish_layer(im, node, inputs, (uint32_t)node->n_input, &shape, rank, err);
out:
    free(inputs);
    return rc;
}

/* ---- shapes and names */

static int add_reshape(struct mp_onnx_importer *im, const Onnx__Node *node, uint32_t input,
                       const struct mp_shape *shape, uint32_t rank, struct mp_error *err)
{
    mp_onnx_add_layer(im, node, MP_LAYER_RESHAPE);
    return mp_onnx_finish_layer(im, node, &input, 1, shape, rank, err);
}

static int import_flatten(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (read_axis(node, 1, x.rank) != 1)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "only axis 1 is supported");
    struct mp_shape shape = {(uint32_t)mp_shape_elements(&im->build.shapes[x.tensor]), 1, 1};
    return add_reshape(im, node, x.tensor, &shape, 2, err);
}

/* Put 0 (copy) and -1 (the rest) of target[rank] into numbers: dims[old_rank] are copied from,
 * elements is the product to reach. False: they do not fit. */
static bool resolve_reshape(int64_t *target, uint32_t rank, const int64_t *dims, uint32_t old_rank,
                            uint64_t elements)
{
    uint64_t known = 1;
    uint32_t open = rank;

    for (uint32_t i = 0; i < rank; i++) {
        if (i < old_rank && target[i] == 0)
            target[i] = dims[i];
        if (target[i] == -1 && open == rank)
            open = i;
        else if (target[i] < 1 || known > MP_ONNX_MAX_ELEMENTS * 4 / (uint64_t)target[i])
            return false;
        else
            known *= (uint64_t)target[i];
    }
    if (open < rank) {
        target[open] = (int64_t)(elements / known);
        known *= elements / known;
    }
    return known == elements;
}

static int reshape_constant(struct mp_onnx_importer *im, const Onnx__Node *node,
                            struct mp_onnx_value *x, int64_t *target, uint32_t rank,
                            struct mp_error *err)
{
    uint64_t elements;

    mp_onnx_element_count(x->dims, x->rank, &elements);
    if (!resolve_reshape(target, rank, x->dims, x->rank, elements))
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "the new shape does not hold %llu elements",
                            (unsigned long long)elements);
    x->rank = rank;
    for (uint32_t i = 0; i < rank; i++) /* target is NULL for a scalar */
        x->dims[i] = target[i];
    return mp_onnx_set_output(im, node, x, err);
}

/* The first dimension is the batch and must stay it; the others are resolved for one image. */
static int reshape_tensor(struct mp_onnx_importer *im, const Onnx__Node *node,
                          const struct mp_onnx_value *x, int64_t *target, uint32_t rank,
                          struct mp_error *err)
{
    struct mp_shape in = im->build.shapes[x->tensor];
    int64_t dims[4] = {1, in.channels, in.height, in.width};
    int64_t batch = rank > 0 ? target[0] : 2;
    uint64_t elements = mp_shape_elements(&in);

    if (rank < 2 || rank > 4 || (batch != 0 && batch != -1 && batch != 1 && batch != im->batch))
        return mp_onnx_fail(
            im, node, err, MP_E_UNSUPPORTED,
            "the new shape must have 2 to 4 dimensions, the first of them the batch");
    target[0] = 1;
    if (!resolve_reshape(target, rank, dims, x->rank, elements))
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "the new shape does not hold the %llu elements of an image",
                            (unsigned long long)elements);
    struct mp_shape shape = {(uint32_t)target[1], rank > 2 ? (uint32_t)target[2] : 1,
                             rank > 3 ? (uint32_t)target[3] : 1};
    return add_reshape(im, node, x->tensor, &shape, rank, err);
}

static int import_reshape(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x, shape;
    int64_t *target = NULL;
    uint64_t rank = 0;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_input_constant(im, node, 1, &shape, err);
    if (rc == MP_OK)
        rc = mp_onnx_integers(im, node, &shape, &target, &rank, err);
    if (rc != MP_OK)
        return rc;
    if (rank > MP_ONNX_MAX_RANK || mp_onnx_attribute_int(node, "allowzero", 0) != 0)
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "too many dimensions, or allowzero");
    else if (x.constant != NULL)
        rc = reshape_constant(im, node, &x, target, (uint32_t)rank, err);
    else
        rc = reshape_tensor(im, node, &x, target, (uint32_t)rank, err);
    free(target);
    return rc;
}

/* Identity, and Dropout when the network is used, not trained. */
static int import_identity(struct mp_onnx_importer *im, const Onnx__Node *node,
                           struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (x.uses != 1)
        x.layer = MP_ONNX_NO_LAYER;
    return mp_onnx_set_output(im, node, &x, err);
}

static int import_constant(struct mp_onnx_importer *im, const Onnx__Node *node,
                           struct mp_error *err)
{
    Onnx__Attribute *a = node->n_attribute == 1 ? node->attribute[0] : NULL;
    const char *kind = a != NULL && a->name != NULL ? a->name : "";
    struct mp_onnx_value v;
    Onnx__Tensor *t;
    int rc;

    if (strcmp(kind, "value") == 0 && a->t != NULL) {
        t = a->t;
    } else {
        /* A tensor of the importer's that borrows the attribute's numbers. */
        t = mp_arena_alloc(&im->build.network->arena, sizeof *t + sizeof *t->dims);
        onnx__tensor__init(t);
        t->dims = (int64_t *)(t + 1);
        if (strcmp(kind, "value_ints") == 0 || strcmp(kind, "value_int") == 0) {
            bool many = strcmp(kind, "value_ints") == 0;
            t->data_type = 7;
            t->int64_data = many ? a->ints : &a->i;
            t->n_int64_data = many ? a->n_ints : 1;
            t->n_dims = many;
            t->dims[0] = (int64_t)t->n_int64_data;
        } else if (strcmp(kind, "value_floats") == 0 || strcmp(kind, "value_float") == 0) {
            bool many = strcmp(kind, "value_floats") == 0;
            t->data_type = 1;
            t->float_data = many ? a->floats : &a->f;
            t->n_float_data = many ? a->n_floats : 1;
            t->n_dims = many;
            t->dims[0] = (int64_t)t->n_float_data;
        } else {
            return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                "only value, value_float(s) and value_int(s) are supported");
        }
    }
    rc = mp_onnx_constant(im, t, &v, err);
    return rc != MP_OK ? rc : mp_onnx_set_output(im, node, &v, err);
}

static const struct {
    const char *op_type;
    mp_onnx_import *import;
} operators[] = {
    {"Add", import_add},
    {"AveragePool", mp_onnx_average_pool},
    {"BatchNormalization", import_batch_normalization},
    {"Concat", import_concat},
    {"Constant", import_constant},
    {"Conv", mp_onnx_conv},
    {"Dropout", import_identity},
    {"Flatten", import_flatten},
    {"Gemm", import_gemm},
    {"GlobalAveragePool", mp_onnx_global_average_pool},
    {"Identity", import_identity},
    {"MatMul", import_mat_mul},
    {"MaxPool", mp_onnx_max_pool},
    {"Relu", import_relu},
    {"Reshape", import_reshape},
    {"Softmax", import_softmax},
};

mp_onnx_import *mp_onnx_find_op(const char *op_type)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(op_type, operators[i].op_type) == 0)
            return operators[i].import;
    return NULL;
}
