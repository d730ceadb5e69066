/* Layers without weights, one plain loop each. */
#include "estimator/cnn/infer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void relu(const struct mp_layer *layer, size_t count, const float *in, float *out)
{
    float slope = layer->negative_slope;

    if (slope != 0)
        for (size_t i = 0; i < count; i++)
            out[i] = in[i] > 0 ? in[i] : slope * in[i];
    else
        for (size_t i = 0; i < count; i++)
            out[i] = in[i] > 0 ? in[i] : 0;
}

static void clip(const struct mp_layer *layer, size_t count, const float *in, float *out)
{
    float low = layer->low, high = layer->high;

    for (size_t i = 0; i < count; i++) {
        float x = in[i] > low ? in[i] : low;
        out[i] = x < high ? x : high;
    }
}

/* Sum with coefficients, product or maximum of all inputs. */
static void combine(const struct mp_layer *layer, size_t count, float *const *in, float *out)
{
    const float *factor = layer->coefficients;

    for (size_t i = 0; i < count; i++)
        out[i] = factor != NULL ? factor[0] * in[0][i] : in[0][i];
    for (uint32_t k = 1; k < layer->input_count; k++) {
        const float *x = in[k];
        float f = factor != NULL ? factor[k] : 1;
        if (layer->kind == MP_LAYER_ADD)
            for (size_t i = 0; i < count; i++)
                out[i] += f * x[i];
        else if (layer->kind == MP_LAYER_MULTIPLY)
            for (size_t i = 0; i < count; i++)
                out[i] *= x[i];
        else
            for (size_t i = 0; i < count; i++)
                out[i] = x[i] > out[i] ? x[i] : out[i];
    }
}

/* channels numbers, `stride` apart. */
static void softmax(uint32_t channels, size_t stride, const float *in, float *out)
{
    float most = in[0], sum = 0;

    for (size_t i = 1; i < channels; i++)
        most = in[i * stride] > most ? in[i * stride] : most;
    for (size_t i = 0; i < channels; i++) {
        out[i * stride] = expf(in[i * stride] - most);
        sum += out[i * stride];
    }
    for (size_t i = 0; i < channels; i++)
        out[i * stride] /= sum;
}

static void softmax_maps(const struct mp_shape *shape, uint32_t images, const float *in, float *out)
{
    size_t map = (size_t)shape->height * shape->width;

    for (size_t i = 0; i < images; i++)
        for (size_t p = 0; p < map; p++)
            softmax(shape->channels, map, in + i * map * shape->channels + p,
                    out + i * map * shape->channels + p);
}

static void scale(const struct mp_layer *layer, const struct mp_shape *shape, uint32_t images,
                  const float *in, float *out)
{
    size_t map = (size_t)shape->height * shape->width;

    for (size_t m = 0; m < (size_t)images * shape->channels; m++) {
        float factor = layer->scale[m % shape->channels], shift = layer->shift[m % shape->channels];
        for (size_t p = m * map; p < (m + 1) * map; p++)
            out[p] = factor * in[p] + shift;
    }
}

static void pad(const struct mp_layer *layer, const struct mp_shape *in, const struct mp_shape *out,
                size_t maps, const float *input, float *output)
{
    for (size_t i = 0; i < maps * out->height * out->width; i++)
        output[i] = layer->low;
    for (size_t m = 0; m < maps; m++)
        for (size_t y = 0; y < in->height; y++)
            memcpy(output + (m * out->height + y + layer->pad_top) * out->width + layer->pad_left,
                   input + (m * in->height + y) * in->width, in->width * sizeof *output);
}

/* Taps k of a window along one axis whose input index start + k * dilation is below limit and not
 * negative: low..high-1. */
static void taps_inside(int64_t start, uint32_t kernel, uint32_t dilation, int64_t limit,
                        uint32_t *low, uint32_t *high)
{
    int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    int64_t last = limit <= start ? 0 : (limit - 1 - start) / dilation + 1;

    *low = (uint32_t)(first > kernel ? kernel : first);
    *high = (uint32_t)(last > kernel ? kernel : last);
    *high = *high < *low ? *low : *high;
}

/* One output row of a max pool: first the largest of each column, which is a loop over whole rows
 * without a branch, then the largest of each window of columns. columns[in width] is scratch. */
static void max_pool_row(const struct mp_layer *p, const struct mp_shape *in, uint32_t out_width,
                         const float *map, int64_t row, float *columns, float *out)
{
    uint32_t r0, r1, x0, x1;

    for (uint32_t x = 0; x < in->width; x++)
        columns[x] = -INFINITY;
    taps_inside(row, p->kernel_h, p->dilation_h, in->height, &r0, &r1);
    for (uint32_t r = r0; r < r1; r++) {
        const float *line = map + (row + (int64_t)r * p->dilation_h) * in->width;
        for (uint32_t x = 0; x < in->width; x++)
            columns[x] = line[x] > columns[x] ? line[x] : columns[x];
    }
    for (uint32_t x = 0; x < out_width; x++)
        out[x] = -INFINITY;
    for (uint32_t s = 0; s < p->kernel_w; s++) {
        int64_t start = (int64_t)s * p->dilation_w - p->pad_left;
        taps_inside(start, out_width, p->stride_w, in->width, &x0, &x1);
        for (uint32_t x = x0; x < x1; x++) {
            float v = columns[start + (int64_t)x * p->stride_w];
            out[x] = v > out[x] ? v : out[x];
        }
    }
    /* A window that lies outside altogether (rounding up) gives 0. */
    for (uint32_t x = 0; x < out_width; x++)
        out[x] = out[x] > -INFINITY ? out[x] : 0;
}

static float average_window(const struct mp_layer *p, const struct mp_shape *in, const float *map,
                            int64_t row, int64_t column)
{
    uint32_t r0, r1, s0, s1;
    float result = 0;

    taps_inside(row, p->kernel_h, p->dilation_h, in->height, &r0, &r1);
    taps_inside(column, p->kernel_w, p->dilation_w, in->width, &s0, &s1);
    for (uint32_t r = r0; r < r1; r++) {
        const float *line = map + (row + (int64_t)r * p->dilation_h) * in->width + column;
        for (uint32_t s = s0; s < s1; s++)
            result += line[(size_t)s * p->dilation_w];
    }
    uint64_t taps = (uint64_t)(r1 - r0) * (s1 - s0);
    if (p->count_include_pad) {
        /* Pads count, what lies behind them (rounding up) does not. */
        taps_inside(row + p->pad_top, p->kernel_h, p->dilation_h,
                    (int64_t)in->height + p->pad_top + p->pad_bottom, &r0, &r1);
        taps_inside(column + p->pad_left, p->kernel_w, p->dilation_w,
                    (int64_t)in->width + p->pad_left + p->pad_right, &s0, &s1);
        taps = (uint64_t)(r1 - r0) * (s1 - s0);
    }
    return taps > 0 ? result / (float)taps : 0;
}

static void pool(const struct mp_layer *p, const struct mp_shape *in, const struct mp_shape *out,
                 size_t maps, const float *input, float *output)
{
    size_t in_map = (size_t)in->height * in->width, out_map = (size_t)out->height * out->width;
    float *columns = mp_alloc(in->width, sizeof *columns);

    for (size_t m = 0; m < maps; m++)
        for (uint32_t y = 0; y < out->height; y++) {
            const float *map = input + m * in_map;
            float *line = output + m * out_map + (size_t)y * out->width;
            int64_t row = (int64_t)y * p->stride_h - p->pad_top;
            if (p->kind == MP_LAYER_MAX_POOL)
                max_pool_row(p, in, out->width, map, row, columns, line);
            else
                for (uint32_t x = 0; x < out->width; x++)
                    line[x] =
                        average_window(p, in, map, row, (int64_t)x * p->stride_w - p->pad_left);
        }
    free(columns);
}

static void slice(const struct mp_layer *layer, const struct mp_shape *in,
                  const struct mp_shape *out, uint32_t images, const float *input, float *output)
{
    size_t map = (size_t)in->height * in->width, count = out->channels * map;

    for (size_t i = 0; i < images; i++)
        memcpy(output + i * count, input + (i * in->channels + layer->slice_first) * map,
               count * sizeof *output);
}

/* Pieces: what of a tensor is in one go from the axis on; in front of it are `pieces` of them. */
static void concat(const struct mp_network *n, const struct mp_layer *layer, float *const *inputs,
                   float *output, uint32_t images)
{
    const struct mp_shape *out = &n->shapes[layer->output];
    size_t pieces = images * (layer->axis > 0 ? (size_t)out->channels : 1) *
                    (layer->axis > 1 ? (size_t)out->height : 1);
    float *to = output;

    for (size_t p = 0; p < pieces; p++)
        for (uint32_t k = 0; k < layer->input_count; k++) {
            size_t count = images * mp_shape_elements(&n->shapes[layer->inputs[k]]) / pieces;
            memcpy(to, inputs[k] + p * count, count * sizeof *to);
            to += count;
        }
}

void mp_infer_plain_layer(const struct mp_network *n, const struct mp_layer *layer,
                          float *const *inputs, float *output, uint32_t images)
{
    const struct mp_shape *in = &n->shapes[layer->inputs[0]], *out = &n->shapes[layer->output];
    size_t elements = mp_shape_elements(out);

    switch (layer->kind) {
    case MP_LAYER_RELU:
        relu(layer, images * elements, inputs[0], output);
        break;
    case MP_LAYER_CLIP:
        clip(layer, images * elements, inputs[0], output);
        break;
    case MP_LAYER_ADD:
    case MP_LAYER_MULTIPLY:
    case MP_LAYER_MAXIMUM:
        combine(layer, images * elements, inputs, output);
        break;
    case MP_LAYER_LRN:
    case MP_LAYER_LRN_WITHIN:
        mp_infer_lrn(layer, in, images, inputs[0], output);
        break;
    case MP_LAYER_SCALE:
        scale(layer, in, images, inputs[0], output);
        break;
    case MP_LAYER_SLICE:
        slice(layer, in, out, images, inputs[0], output);
        break;
    case MP_LAYER_PAD:
        pad(layer, in, out, (size_t)images * in->channels, inputs[0], output);
        break;
    case MP_LAYER_MAX_POOL:
    case MP_LAYER_AVERAGE_POOL:
        pool(layer, in, out, (size_t)images * in->channels, inputs[0], output);
        break;
    case MP_LAYER_CONCAT:
        concat(n, layer, inputs, output, images);
        break;
    case MP_LAYER_SOFTMAX:
        softmax_maps(in, images, inputs[0], output);
        break;
    case MP_LAYER_RESHAPE:
    case MP_LAYER_CONV:
    case MP_LAYER_DENSE:
        assert(false);
    }
}
