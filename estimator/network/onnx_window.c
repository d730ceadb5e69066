/* Operators with a sliding window: Conv and pooling. */
#include "estimator/network/onnx.h"

#include <stdlib.h>
#include <string.h>

enum auto_pad { NOTSET, VALID, SAME_UPPER, SAME_LOWER };

static int read_auto_pad(struct mp_onnx_importer *im, const Onnx__Node *node, enum auto_pad *pad,
                         struct mp_error *err)
{
    static const char *const names[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
    const Onnx__Attribute *a = mp_onnx_attribute(node, "auto_pad");

    *pad = NOTSET;
    if (a == NULL || a->s.len == 0)
        return MP_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (a->s.len == strlen(names[i]) && memcmp(a->s.data, names[i], a->s.len) == 0) {
            *pad = (enum auto_pad)i;
            return MP_OK;
        }
    return mp_onnx_fail(im, node, err, MP_E_INPUT, "unknown auto_pad");
}

/* `count` integers in low..MP_ONNX_MAX_EXTENT from an attribute; all `otherwise` without it. */
static int read_extents(struct mp_onnx_importer *im, const Onnx__Node *node, const char *name,
                        size_t count, int64_t low, uint32_t otherwise, uint32_t *out,
                        struct mp_error *err)
{
    const Onnx__Attribute *a = mp_onnx_attribute(node, name);

    for (size_t i = 0; i < count; i++)
        out[i] = otherwise;
    if (a == NULL || a->n_ints == 0)
        return MP_OK;
    if (a->n_ints != count)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "%s has %zu values, only images (%zu values) are supported", name,
                            a->n_ints, count);
    for (size_t i = 0; i < count; i++) {
        if (a->ints[i] < low || a->ints[i] > MP_ONNX_MAX_EXTENT)
            return mp_onnx_fail(im, node, err, MP_E_INPUT, "%s holds %lld, outside %lld to %d",
                                name, (long long)a->ints[i], (long long)low, MP_ONNX_MAX_EXTENT);
        out[i] = (uint32_t)a->ints[i];
    }
    return MP_OK;
}

static void pad_same(struct mp_window_axis *a, bool upper)
{
    uint64_t out = ((uint64_t)a->in + a->stride - 1) / a->stride;
    uint64_t need = (out - 1) * a->stride + mp_window_extent(a);
    uint32_t total = need > a->in ? (uint32_t)(need - a->in) : 0;

    a->pad_head = upper ? total / 2 : total - total / 2;
    a->pad_tail = total - a->pad_head;
}

/* Strides, dilations and pads of the layer, whose kernel is set; gives the output's height and
 * width. */
static int read_window(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_layer *layer,
                       const struct mp_shape *in, struct mp_shape *out, struct mp_error *err)
{
    uint32_t strides[2], dilations[2], pads[4];
    enum auto_pad pad;
    int rc = read_auto_pad(im, node, &pad, err);

    if (rc == MP_OK)
        rc = read_extents(im, node, "strides", 2, 1, 1, strides, err);
    if (rc == MP_OK)
        rc = read_extents(im, node, "dilations", 2, 1, 1, dilations, err);
    if (rc == MP_OK)
        rc = read_extents(im, node, "pads", 4, 0, 0, pads, err);
    if (rc != MP_OK)
        return rc;
    if (pad != NOTSET)
        memset(pads, 0, sizeof pads);
    if ((uint64_t)layer->kernel_h * dilations[0] > MP_ONNX_MAX_EXTENT ||
        (uint64_t)layer->kernel_w * dilations[1] > MP_ONNX_MAX_EXTENT)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "the window is too large");

    struct mp_window_axis h = {in->height,   layer->kernel_h, strides[0],
                               dilations[0], pads[0],         pads[2]};
    struct mp_window_axis w = {in->width,    layer->kernel_w, strides[1],
                               dilations[1], pads[1],         pads[3]};
    if (pad == SAME_UPPER || pad == SAME_LOWER) {
        pad_same(&h, pad == SAME_UPPER);
        pad_same(&w, pad == SAME_UPPER);
    }
    out->height = mp_window_outputs(&h, layer->ceil_mode);
    out->width = mp_window_outputs(&w, layer->ceil_mode);
    if (out->height == 0 || out->width == 0)
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "a window of %u x %u does not fit on an input of %u x %u with its pads",
                            mp_window_extent(&h), mp_window_extent(&w), in->height, in->width);
    layer->stride_h = h.stride;
    layer->stride_w = w.stride;
    layer->dilation_h = h.dilation;
    layer->dilation_w = w.dilation;
    layer->pad_top = h.pad_head;
    layer->pad_bottom = h.pad_tail;
    layer->pad_left = w.pad_head;
    layer->pad_right = w.pad_tail;
    return MP_OK;
}

static int check_conv(struct mp_onnx_importer *im, const Onnx__Node *node,
                      const struct mp_onnx_value *weights, const struct mp_shape *in,
                      int64_t groups, struct mp_error *err)
{
    const int64_t *d = weights->dims;

    if (weights->rank != 4)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "weights have %u dimensions: only convolutions over images (4) are "
                            "supported",
                            weights->rank);
    for (int i = 0; i < 4; i++)
        if (d[i] < 1 || (i >= 2 && d[i] > MP_ONNX_MAX_EXTENT))
            return mp_onnx_fail(im, node, err, MP_E_INPUT, "weight dimension %d is %lld", i,
                                (long long)d[i]);
    /* Element counts of constants are limited, so the products below cannot overflow. */
    if (groups < 1 || groups > d[0] || d[0] % groups != 0 || d[1] * groups != in->channels)
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "weights of %lld x %lld channels in %lld groups do not fit an input "
                            "of %u channels",
                            (long long)d[0], (long long)d[1], (long long)groups, in->channels);
    return MP_OK;
}

static int read_conv_bias(struct mp_onnx_importer *im, const Onnx__Node *node,
                          struct mp_layer *layer, struct mp_error *err)
{
    struct mp_onnx_value v;
    uint64_t count;
    int rc;

    if (mp_onnx_input_name(node, 2) == NULL)
        return MP_OK;
    rc = mp_onnx_input_constant(im, node, 2, &v, err);
    if (rc == MP_OK)
        rc = mp_onnx_floats(im, node, &v, &layer->bias, &count, err);
    if (rc == MP_OK && count != layer->out_count)
        rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "%llu biases for %u output channels",
                          (unsigned long long)count, layer->out_count);
    return rc;
}

int mp_onnx_conv(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x, weights;
    uint32_t kernel[2];
    uint64_t count;
    int64_t groups = mp_onnx_attribute_int(node, "group", 1);
    int rc = mp_onnx_input_tensor(im, node, 0, 4, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_input_constant(im, node, 1, &weights, err);
    if (rc != MP_OK)
        return rc;
    struct mp_shape in = im->build.shapes[x.tensor], out = {0, 0, 0};
    rc = check_conv(im, node, &weights, &in, groups, err);
    if (rc == MP_OK)
        rc = read_extents(im, node, "kernel_shape", 2, 1, 0, kernel, err);
    if (rc != MP_OK)
        return rc;
    if (kernel[0] != 0 && (kernel[0] != weights.dims[2] || kernel[1] != weights.dims[3]))
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "kernel_shape differs from the shape of the weights");

    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_CONV);
    layer->kernel_h = (uint32_t)weights.dims[2];
    layer->kernel_w = (uint32_t)weights.dims[3];
    layer->groups = (uint32_t)groups;
    layer->out_count = (uint32_t)weights.dims[0];
    rc = read_window(im, node, layer, &in, &out, err);
    if (rc == MP_OK)
        rc = mp_onnx_floats(im, node, &weights, &layer->weights, &count, err);
    if (rc != MP_OK)
        return rc;
    layer->weight_count = (uint32_t)count;
    layer->terms = layer->weight_count / layer->out_count;
    if ((uint64_t)layer->terms * out.width > MP_ONNX_MAX_COLUMNS)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "the convolution is too large");
    layer->macs = (uint64_t)out.height * out.width * layer->weight_count;
    out.channels = layer->out_count;
    rc = read_conv_bias(im, node, layer, err);
    if (rc != MP_OK)
        return rc;
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &out, 4, err);
}

static int import_pool(struct mp_onnx_importer *im, const Onnx__Node *node, enum mp_layer_kind kind,
                       bool global, struct mp_error *err)
{
    struct mp_onnx_value x;
    uint32_t kernel[2] = {0, 0};
    int rc = mp_onnx_input_tensor(im, node, 0, 4, &x, err);

    if (rc == MP_OK && !global)
        rc = read_extents(im, node, "kernel_shape", 2, 1, 0, kernel, err);
    if (rc != MP_OK)
        return rc;
    struct mp_shape in = im->build.shapes[x.tensor], out = {in.channels, 1, 1};
    if (!global && kernel[0] == 0)
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "there is no kernel_shape");

    struct mp_layer *layer = mp_onnx_add_layer(im, node, kind);
    layer->kernel_h = global ? in.height : kernel[0];
    layer->kernel_w = global ? in.width : kernel[1];
    layer->ceil_mode = !global && mp_onnx_attribute_int(node, "ceil_mode", 0) != 0;
    layer->count_include_pad = !global && mp_onnx_attribute_int(node, "count_include_pad", 0) != 0;
    if (!global) {
        rc = read_window(im, node, layer, &in, &out, err);
        if (rc != MP_OK)
            return rc;
        if (layer->pad_top >= layer->kernel_h * layer->dilation_h ||
            layer->pad_bottom >= layer->kernel_h * layer->dilation_h ||
            layer->pad_left >= layer->kernel_w * layer->dilation_w ||
            layer->pad_right >= layer->kernel_w * layer->dilation_w)
            return mp_onnx_fail(im, node, err, MP_E_INPUT,
                                "a pad is as large as the window: some windows see no input");
    }
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &out, 4, err);
}

int mp_onnx_max_pool(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    if (mp_onnx_attribute_int(node, "storage_order", 0) != 0)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "storage_order 1 is not supported");
    return import_pool(im, node, MP_LAYER_MAX_POOL, false, err);
}

int mp_onnx_average_pool(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return import_pool(im, node, MP_LAYER_AVERAGE_POOL, false, err);
}

int mp_onnx_global_average_pool(struct mp_onnx_importer *im, const Onnx__Node *node,
                                struct mp_error *err)
{
    return import_pool(im, node, MP_LAYER_AVERAGE_POOL, true, err);
}

int mp_onnx_global_max_pool(struct mp_onnx_importer *im, const Onnx__Node *node,
                            struct mp_error *err)
{
    return import_pool(im, node, MP_LAYER_MAX_POOL, true, err);
}

/* Over height and width: a global average, without its two dimensions where they are not kept. */
int mp_onnx_reduce_mean(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int64_t *axes = NULL;
    uint64_t count;
    int rc = mp_onnx_input_tensor(im, node, 0, 4, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_axes(im, node, &axes, &count, err);
    if (rc != MP_OK)
        return rc;
    for (uint64_t i = 0; i < count && count == 2; i++)
        axes[i] += axes[i] < 0 ? 4 : 0;
    bool maps = count == 2 && axes[0] + axes[1] == 5 && axes[0] >= 2 && axes[0] <= 3;
    free(axes);
    if (!maps)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "only the mean over height and width is supported");
    struct mp_shape in = im->build.shapes[x.tensor], out = {in.channels, 1, 1};
    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_AVERAGE_POOL);
    layer->kernel_h = in.height;
    layer->kernel_w = in.width;
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &out,
                                mp_onnx_attribute_int(node, "keepdims", 1) != 0 ? 4 : 2, err);
}

/* pads[8] of all four dimensions, heads first; up to opset 10 an attribute. */
static int read_pads(struct mp_onnx_importer *im, const Onnx__Node *node, int64_t pads[8],
                     struct mp_error *err)
{
    const Onnx__Attribute *a = mp_onnx_attribute(node, "pads");
    struct mp_onnx_value v;
    int64_t *values = NULL;
    const int64_t *from;
    uint64_t count;
    int rc = MP_OK;

    if (a == NULL) {
        rc = mp_onnx_input_constant(im, node, 1, &v, err);
        if (rc == MP_OK)
            rc = mp_onnx_integers(im, node, &v, &values, &count, err);
        if (rc != MP_OK)
            return rc;
    }
    from = a != NULL ? a->ints : values;
    count = a != NULL ? a->n_ints : count;
    if (count == 8)
        memcpy(pads, from, 8 * sizeof *pads);
    free(values);
    for (int i = 0; i < 8 && count == 8; i++)
        if (pads[i] < 0 || pads[i] > MP_ONNX_MAX_EXTENT || (i % 4 < 2 && pads[i] != 0))
            count = 0;
    return count == 8 ? MP_OK
                      : mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                     "only pads around height and width are supported, of 0 to %d",
                                     MP_ONNX_MAX_EXTENT);
}

static int read_pad_value(struct mp_onnx_importer *im, const Onnx__Node *node, float *value,
                          struct mp_error *err)
{
    struct mp_onnx_value v;
    uint64_t count;
    float *values;
    int rc;

    *value = (float)mp_onnx_attribute_float(node, "value", 0);
    if (mp_onnx_input_name(node, 2) == NULL)
        return MP_OK;
    rc = mp_onnx_input_constant(im, node, 2, &v, err);
    if (rc == MP_OK)
        rc = mp_onnx_floats(im, node, &v, &values, &count, err);
    if (rc != MP_OK)
        return rc;
    if (count != 1)
        rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "the value of pads is not one number");
    else
        *value = values[0];
    free(values);
    return rc;
}

int mp_onnx_pad(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    const Onnx__Attribute *mode = mp_onnx_attribute(node, "mode");
    struct mp_onnx_value x;
    int64_t pads[8] = {0};
    float value = 0;
    int rc = mp_onnx_input_tensor(im, node, 0, 4, &x, err);

    if (rc == MP_OK && mode != NULL &&
        (mode->s.len != 8 || memcmp(mode->s.data, "constant", 8) != 0))
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "only mode constant is supported");
    if (rc == MP_OK)
        rc = read_pads(im, node, pads, err);
    if (rc == MP_OK)
        rc = read_pad_value(im, node, &value, err);
    if (rc != MP_OK)
        return rc;
    struct mp_shape in = im->build.shapes[x.tensor];
    struct mp_shape out = {in.channels, in.height + (uint32_t)(pads[2] + pads[6]),
                           in.width + (uint32_t)(pads[3] + pads[7])};
    struct mp_layer *layer = mp_onnx_add_layer(im, node, MP_LAYER_PAD);
    layer->pad_top = (uint32_t)pads[2];
    layer->pad_left = (uint32_t)pads[3];
    layer->pad_bottom = (uint32_t)pads[6];
    layer->pad_right = (uint32_t)pads[7];
    layer->low = value;
    return mp_onnx_finish_layer(im, node, &x.tensor, 1, &out, 4, err);
}
