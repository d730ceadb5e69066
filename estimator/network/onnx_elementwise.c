/* Operators that work element by element or channel by channel. A factor and a shift for each
 * channel go into the layer before where nothing else reads its result, so that the network has
 * one layer for each matrix product. */
#include "estimator/network/onnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A constant that can be added to [batch][channels](height x width): every dimension 1 but the
 * channels, aligned at the last one as ONNX broadcasts. */
bool mp_onnx_is_per_channel(const struct mp_onnx_value *v, uint32_t rank, uint32_t channels)
{
    uint32_t from_end = rank - 1; /* place of the channels, counted from the end */

    for (uint32_t i = 0; i < v->rank; i++) {
        bool at_channels = v->rank - i == from_end;
        if (v->dims[i] != 1 && !(at_channels && v->dims[i] == channels))
            return false;
    }
    return true;
}

/* ---- a factor and a shift for each channel */

/* The layer that made v, if it may be changed. */
static struct mp_layer *own_layer(struct mp_onnx_importer *im, const struct mp_onnx_value *v)
{
    return v->layer == MP_ONNX_NO_LAYER || v->uses != 1 ? NULL : &im->build.layers[v->layer];
}

static int apply_affine(struct mp_onnx_importer *im, const Onnx__Node *node,
                        const struct mp_onnx_value *x, const double *factor, const double *shift,
                        struct mp_error *err)
{
    struct mp_layer *before = own_layer(im, x);
    struct mp_shape shape = im->build.shapes[x->tensor];

    if (before != NULL && before->out_count == shape.channels) {
        mp_build_fold(before, factor, shift);
        return mp_onnx_set_output(im, node, x, err);
    }
    float *numbers =
        mp_arena_alloc(&im->build.network->arena, 2 * (size_t)shape.channels * sizeof *numbers);
    for (uint32_t c = 0; c < shape.channels; c++) {
        numbers[c] = (float)factor[c];
        numbers[shape.channels + c] = (float)shift[c];
    }
    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_SCALE);
    layer->scale = numbers;
    layer->shift = numbers + shape.channels;
    return mp_onnx_finish_layer(im, node, &x->tensor, 1, &shape, x->rank, err);
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

int mp_onnx_batch_normalization(struct mp_onnx_importer *im, const Onnx__Node *node,
                                struct mp_error *err)
{
    struct mp_onnx_value x;
    float *values[4] = {NULL, NULL, NULL, NULL}; /* scale, bias, mean, variance */
    double epsilon = mp_onnx_attribute_float(node, "epsilon", 1e-5), *factor = NULL, *shift;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (mp_onnx_attribute_int(node, "training_mode", 0) != 0)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "the network is in training mode");
    uint32_t channels = im->build.shapes[x.tensor].channels;
    rc = read_norm_inputs(im, node, channels, values, err);
    if (rc != MP_OK)
        goto out;
    factor = mp_alloc(2 * (size_t)channels, sizeof *factor);
    shift = factor + channels;
    for (uint32_t c = 0; c < channels; c++) {
        factor[c] = (double)values[0][c] / sqrt((double)values[3][c] + epsilon);
        shift[c] = (double)values[1][c] - factor[c] * (double)values[2][c];
    }
    rc = apply_affine(im, node, &x, factor, shift, err);
out:
    free(factor);
    for (size_t i = 0; i < 4; i++)
        free(values[i]);
    return rc;
}

/* ---- arithmetic */

enum arithmetic { ADD, SUBTRACT, MULTIPLY, DIVIDE };

/* x op c, or c op x, as a factor and a shift. */
static void as_affine(enum arithmetic op, bool constant_first, double c, double *factor,
                      double *shift)
{
    *factor = op == MULTIPLY ? c : op == DIVIDE ? 1 / c : 1;
    *shift = op == ADD ? c : op == SUBTRACT ? -c : 0;
    if (op == SUBTRACT && constant_first) {
        *factor = -1;
        *shift = c;
    }
}

static int with_constant(struct mp_onnx_importer *im, const Onnx__Node *node, enum arithmetic op,
                         const struct mp_onnx_value *x, const struct mp_onnx_value *constant,
                         bool constant_first, struct mp_error *err)
{
    uint32_t channels = im->build.shapes[x->tensor].channels;
    float *values = NULL;
    uint64_t count;
    int rc;

    if (!mp_onnx_is_per_channel(constant, x->rank, channels) || (op == DIVIDE && constant_first))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "the constant must be one value, or one a channel, and no dividend");
    rc = mp_onnx_floats(im, node, constant, &values, &count, err);
    if (rc != MP_OK)
        return rc;
    double *factor = mp_alloc(2 * (size_t)channels, sizeof *factor), *shift = factor + channels;
    for (uint32_t c = 0; c < channels; c++)
        as_affine(op, constant_first, (double)values[count == 1 ? 0 : c], &factor[c], &shift[c]);
    rc = apply_affine(im, node, x, factor, shift, err);
    free(factor);
    free(values);
    return rc;
}

/* Two or more tensors of one shape. */
static int combine(struct mp_onnx_importer *im, const Onnx__Node *node, enum mp_layer_kind kind,
                   const float *coefficients, struct mp_error *err)
{
    uint32_t *inputs = mp_alloc(node->n_input + 1, sizeof *inputs), rank = 0;
    struct mp_shape shape = {0, 0, 0};
    int rc =
        node->n_input == 0 ? mp_onnx_fail(im, node, err, MP_E_INPUT, "it has no input") : MP_OK;

    for (size_t i = 0; i < node->n_input && rc == MP_OK; i++) {
        struct mp_onnx_value x;
        rc = mp_onnx_input_tensor(im, node, i, rank, &x, err);
        if (rc != MP_OK)
            break;
        struct mp_shape s = im->build.shapes[x.tensor];
        if (i > 0 && memcmp(&s, &shape, sizeof s) != 0)
            rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                              "inputs of %u x %u x %u and %u x %u x %u differ", shape.channels,
                              shape.height, shape.width, s.channels, s.height, s.width);
        shape = s;
        rank = x.rank;
        inputs[i] = x.tensor;
    }
    if (rc == MP_OK) {
        mp_onnx_add_layer(im, node, kind)->coefficients = coefficients;
        rc = mp_onnx_finish_layer(im, node, inputs, (uint32_t)node->n_input, &shape, rank, err);
    }
    free(inputs);
    return rc;
}

static int import_arithmetic(struct mp_onnx_importer *im, const Onnx__Node *node,
                             enum arithmetic op, struct mp_error *err)
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
    if (a.constant != NULL)
        return with_constant(im, node, op, &b, &a, true, err);
    if (b.constant != NULL)
        return with_constant(im, node, op, &a, &b, false, err);
    if (op == DIVIDE || node->n_input != 2)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "two tensors can be added, subtracted and multiplied");
    const float *coefficients =
        op == SUBTRACT ? mp_build_floats(&im->build, (const float[]){1, -1}, 2) : NULL;
    return combine(im, node, op == MULTIPLY ? MP_LAYER_MULTIPLY : MP_LAYER_ADD, coefficients, err);
}

int mp_onnx_add(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_arithmetic(im, node, ADD, err);
}

int mp_onnx_sub(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_arithmetic(im, node, SUBTRACT, err);
}

int mp_onnx_mul(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_arithmetic(im, node, MULTIPLY, err);
}

int mp_onnx_div(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_arithmetic(im, node, DIVIDE, err);
}

int mp_onnx_sum(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return combine(im, node, MP_LAYER_ADD, NULL, err);
}

int mp_onnx_max(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return combine(im, node, MP_LAYER_MAXIMUM, NULL, err);
}

/* ---- of one tensor */

/* A layer of that kind; its settings are the caller's, before this. */
static int finish_same(struct mp_onnx_importer *im, const Onnx__Node *node,
                       const struct mp_onnx_value *x, struct mp_error *err)
{
    struct mp_shape shape = im->build.shapes[x->tensor];

    return mp_onnx_finish_layer(im, node, &x->tensor, 1, &shape, x->rank, err);
}

static int import_relu(struct mp_onnx_importer *im, const Onnx__Node *node, double slope,
                       struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    mp_onnx_add_layer(im, node, MP_LAYER_RELU)->negative_slope = (float)slope;
    return finish_same(im, node, &x, err);
}

int mp_onnx_relu(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_relu(im, node, 0, err);
}

int mp_onnx_leaky_relu(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    double slope = mp_onnx_attribute_float(node, "alpha", 0.01);

    if (!isfinite(slope))
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "alpha is not a finite number");
    return import_relu(im, node, slope, err);
}

/* A bound of Clip: an attribute up to opset 10, then an input. */
static int read_bound(struct mp_onnx_importer *im, const Onnx__Node *node, const char *name,
                      size_t input, float otherwise, float *bound, struct mp_error *err)
{
    struct mp_onnx_value v;
    uint64_t count;
    float *values;
    int rc;

    *bound = (float)mp_onnx_attribute_float(node, name, (double)otherwise);
    if (mp_onnx_input_name(node, input) == NULL)
        return MP_OK;
    rc = mp_onnx_input_constant(im, node, input, &v, err);
    if (rc == MP_OK)
        rc = mp_onnx_floats(im, node, &v, &values, &count, err);
    if (rc != MP_OK)
        return rc;
    if (count != 1)
        rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "%s has %llu values", name,
                          (unsigned long long)count);
    else
        *bound = values[0];
    free(values);
    return rc;
}

int mp_onnx_clip(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    float low = 0, high = 0;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc == MP_OK)
        rc = read_bound(im, node, "min", 1, -INFINITY, &low, err);
    if (rc == MP_OK)
        rc = read_bound(im, node, "max", 2, INFINITY, &high, err);
    if (rc == MP_OK && !(low <= high))
        rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "min is above max, or is no number");
    if (rc != MP_OK)
        return rc;
    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_CLIP);
    layer->low = low;
    layer->high = high;
    return finish_same(im, node, &x, err);
}

int mp_onnx_lrn(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    int64_t size = mp_onnx_attribute_int(node, "size", 0);
    double alpha = mp_onnx_attribute_float(node, "alpha", 1e-4);
    double beta = mp_onnx_attribute_float(node, "beta", 0.75);
    double bias = mp_onnx_attribute_float(node, "bias", 1);
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 4, &x, err);

    if (rc != MP_OK)
        return rc;
    if (size < 1 || size > MP_ONNX_MAX_EXTENT || !isfinite(alpha + beta + bias))
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "size %lld is outside 1 to %d, or alpha, beta or bias is no number",
                            (long long)size, MP_ONNX_MAX_EXTENT);
    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_LRN);
    layer->lrn_size = (uint32_t)size;
    layer->lrn_alpha = (float)alpha;
    layer->lrn_beta = (float)beta;
    layer->lrn_k = (float)bias;
    return finish_same(im, node, &x, err);
}
