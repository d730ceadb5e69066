/* Operators without a window; the table of all operators is at the end. */
#include "estimator/network/onnx.h"

#include <assert.h>
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
        if (rc == MP_OK && !mp_onnx_is_per_channel(&bias, 2, out.channels))
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

/* ---- layers without weights */

static int import_softmax(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    struct mp_shape shape = im->build.shapes[x.tensor];
    /* Up to opset 12 it is over everything from the axis on. */
    if (read_axis(node, im->opset < 13 ? 1 : -1, x.rank) != 1 ||
        (im->opset < 13 && (uint64_t)shape.height * shape.width != 1))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "only a softmax over the channels is supported");
    mp_onnx_add_layer(im, node, MP_LAYER_SOFTMAX);
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &shape, x.rank, err);
}

/* Sizes must agree outside of the axis, along which they add up. */
static int join_shapes(struct mp_onnx_importer *im, const Onnx__Node *node, uint32_t axis,
                       const uint32_t *inputs, struct mp_shape *shape, struct mp_error *err)
{
    uint32_t *sizes[] = {&shape->channels, &shape->height, &shape->width};
    uint64_t sum = 0;

    assert(axis >= 1 && axis <= 3);
    *shape = im->build.shapes[inputs[0]];
    for (size_t i = 0; i < node->n_input; i++) {
        struct mp_shape s = im->build.shapes[inputs[i]];
        uint32_t *others[] = {&s.channels, &s.height, &s.width};
        sum += *others[axis - 1];
        *others[axis - 1] = *sizes[axis - 1];
        if (memcmp(&s, shape, sizeof s) != 0)
            return mp_onnx_fail(im, node, err, MP_E_INPUT,
                                "input %zu does not have the first one's size outside of axis %u",
                                i, axis);
    }
    if (sum > MP_ONNX_MAX_ELEMENTS)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "it is too large");
    *sizes[axis - 1] = (uint32_t)sum;
    return MP_OK;
}

static int import_concat(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    uint32_t *inputs = mp_alloc(node->n_input + 1, sizeof *inputs), rank = 0, axis;
    struct mp_shape shape = {0, 0, 0};
    struct mp_onnx_value x;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc == MP_OK && x.constant != NULL) {
        rc = mp_onnx_concat_constants(im, node, err);
        goto out;
    }
    for (size_t i = 0; i < node->n_input && rc == MP_OK; i++) {
        rc = mp_onnx_input_tensor(im, node, i, rank, &x, err);
        rank = x.rank;
        inputs[i] = x.tensor;
    }
    if (rc != MP_OK)
        goto out;
    axis = read_axis(node, 0, rank);
    if (axis < 1 || axis >= rank)
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "images cannot be joined over axis 0");
    if (rc == MP_OK)
        rc = join_shapes(im, node, axis, inputs, &shape, err);
    if (rc != MP_OK)
        goto out;
    mp_onnx_add_layer(im, node, MP_LAYER_CONCAT)->axis = axis - 1;
    rc = mp_onnx_finish_layer(im, node, inputs, (uint32_t)node->n_input, &shape, rank, err);
out:
    free(inputs);
    return rc;
}

static const struct {
    const char *op_type;
    mp_onnx_import *import;
} operators[] = {
    {"Add", mp_onnx_add},
    {"AveragePool", mp_onnx_average_pool},
    {"BatchNormalization", mp_onnx_batch_normalization},
    {"Cast", mp_onnx_cast},
    {"Clip", mp_onnx_clip},
    {"Concat", import_concat},
    {"Constant", mp_onnx_constant_node},
    {"Conv", mp_onnx_conv},
    {"Div", mp_onnx_div},
    {"Dropout", mp_onnx_identity},
    {"Flatten", mp_onnx_flatten},
    {"Gather", mp_onnx_gather},
    {"Gemm", import_gemm},
    {"GlobalAveragePool", mp_onnx_global_average_pool},
    {"GlobalMaxPool", mp_onnx_global_max_pool},
    {"Identity", mp_onnx_identity},
    {"LRN", mp_onnx_lrn},
    {"LeakyRelu", mp_onnx_leaky_relu},
    {"MatMul", import_mat_mul},
    {"Max", mp_onnx_max},
    {"MaxPool", mp_onnx_max_pool},
    {"Mul", mp_onnx_mul},
    {"Pad", mp_onnx_pad},
    {"ReduceMean", mp_onnx_reduce_mean},
    {"Relu", mp_onnx_relu},
    {"Reshape", mp_onnx_reshape},
    {"Shape", mp_onnx_shape},
    {"Softmax", import_softmax},
    {"Squeeze", mp_onnx_squeeze},
    {"Sub", mp_onnx_sub},
    {"Sum", mp_onnx_sum},
    {"Unsqueeze", mp_onnx_unsqueeze},
};

mp_onnx_import *mp_onnx_find_op(const char *op_type)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(op_type, operators[i].op_type) == 0)
            return operators[i].import;
    return NULL;
}
