/* Layers without weights, one plain loop each. */
#include "estimator/cnn/infer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void relu(size_t count, const float *in, float *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = in[i] > 0 ? in[i] : 0;
}

static void add(size_t count, const float *a, const float *b, float *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] + b[i];
}

static void softmax(uint32_t count, const float *in, float *out)
{
    float most = in[0], sum = 0;

    for (uint32_t i = 1; i < count; i++)
        most = in[i] > most ? in[i] : most;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = expf(in[i] - most);
        sum += out[i];
    }
    for (uint32_t i = 0; i < count; i++)
        out[i] /= sum;
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

static void concat(const struct mp_network *n, const struct mp_layer *layer, float *const *inputs,
                   float *output, uint32_t images)
{
    float *to = output;

    for (uint32_t i = 0; i < images; i++)
        for (uint32_t k = 0; k < layer->input_count; k++) {
            size_t count = mp_shape_elements(&n->shapes[layer->inputs[k]]);
            memcpy(to, inputs[k] + i * count, count * sizeof *to);
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
        relu(images * elements, inputs[0], output);
        break;
    case MP_LAYER_ADD:
        add(images * elements, inputs[0], inputs[1], output);
        break;
    case MP_LAYER_MAX_POOL:
    case MP_LAYER_AVERAGE_POOL:
        pool(layer, in, out, (size_t)images * in->channels, inputs[0], output);
        break;
    case MP_LAYER_CONCAT:
        concat(n, layer, inputs, output, images);
        break;
    case MP_LAYER_SOFTMAX:
        for (uint32_t i = 0; i < images; i++)
            softmax((uint32_t)elements, inputs[0] + i * elements, output + i * elements);
        break;
    case MP_LAYER_RESHAPE:
    case MP_LAYER_CONV:
    case MP_LAYER_DENSE:
        assert(false);
    }
}
