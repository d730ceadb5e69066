/* Layers with weights, as matrix products. */
#include "estimator/cnn/infer.h"

#include <cblas.h>
#include <string.h>

#define TILE_ELEMENTS ((uint64_t)1 << 18) /* of the columns at hand: a MiB, a core's L2 */
#define SMALL_MAP     128                 /* output positions below which images are joined */

/* One row of the column matrix: what weight (r, s) of a channel meets along output row y. x_low
 * to x_high: the outputs for which that is inside of the image. */
static void fill_row(const struct mp_layer *layer, const struct mp_shape *in, const float *map,
                     uint32_t y, uint32_t r, uint32_t s, uint32_t width, float *out)
{
    int64_t row = (int64_t)y * layer->stride_h + (int64_t)r * layer->dilation_h - layer->pad_top;
    int64_t start = (int64_t)s * layer->dilation_w - layer->pad_left;
    int64_t step = layer->stride_w, low, high;

    low = start >= 0 ? 0 : (-start + step - 1) / step;
    high = start >= in->width ? 0 : (in->width - 1 - start) / step + 1;
    high = high > width ? width : high;
    if (row < 0 || row >= in->height || low >= high) {
        memset(out, 0, width * sizeof *out);
        return;
    }
    const float *source = map + row * in->width + start;
    for (int64_t x = 0; x < low; x++)
        out[x] = 0;
    if (step == 1)
        memcpy(out + low, source + low, (size_t)(high - low) * sizeof *out);
    else
        for (int64_t x = low; x < high; x++)
            out[x] = source[x * step];
    for (int64_t x = high; x < width; x++)
        out[x] = 0;
}

/* The same for `rows` output rows from y on, where stride 1 keeps the width: the map, shifted, in
 * one piece, then zeros where the shift has wrapped around an edge. */
static void fill_shifted(const struct mp_layer *layer, const struct mp_shape *in, const float *map,
                         uint32_t y, uint64_t rows, uint32_t r, uint32_t s, float *out)
{
    int64_t width = in->width, all = (int64_t)rows * width;
    int64_t start = (int64_t)s * layer->dilation_w - layer->pad_left;
    int64_t shift = ((int64_t)y + (int64_t)r * layer->dilation_h - layer->pad_top) * width + start;
    int64_t low = shift < 0 ? -shift : 0, high = (int64_t)in->height * width - shift;
    int64_t left = start < 0 ? -start : 0, right = start > 0 ? width - start : width;

    high = high > all ? all : high;
    if (left >= width || right <= 0 || low >= high) {
        memset(out, 0, (size_t)all * sizeof *out);
        return;
    }
    memset(out, 0, (size_t)low * sizeof *out);
    memcpy(out + low, map + shift + low, (size_t)(high - low) * sizeof *out);
    memset(out + high, 0, (size_t)(all - high) * sizeof *out);
    for (int64_t i = 0; i < all; i += width) {
        for (int64_t x = 0; x < left; x++)
            out[i + x] = 0;
        for (int64_t x = right; x < width; x++)
            out[i + x] = 0;
    }
}

/* columns[terms][rows x out width] of output rows first..first+rows-1, counted over all images. */
static void make_columns(const struct mp_layer *layer, const struct mp_shape *in,
                         const struct mp_shape *out, const float *input, uint32_t group,
                         uint64_t first, uint64_t rows, float *columns)
{
    uint32_t channels = in->channels / layer->groups;
    size_t map = (size_t)in->height * in->width, positions = rows * out->width;
    bool is_shift = layer->stride_h == 1 && layer->stride_w == 1 && out->width == in->width;

    for (uint32_t c = 0; c < channels; c++)
        for (uint32_t r = 0; r < layer->kernel_h; r++)
            for (uint32_t s = 0; s < layer->kernel_w; s++)
                for (uint64_t i = 0, n = 1; i < rows; i += n) {
                    uint64_t image = (first + i) / out->height;
                    uint32_t y = (uint32_t)((first + i) % out->height);
                    size_t channel = image * in->channels + group * channels + c;
                    size_t term = ((size_t)c * layer->kernel_h + r) * layer->kernel_w + s;
                    const float *from = input + channel * map;
                    float *to = columns + term * positions + i * out->width;
                    if (is_shift) {
                        n = rows - i < out->height - y ? rows - i : out->height - y;
                        fill_shifted(layer, in, from, y, n, r, s, to);
                    } else {
                        fill_row(layer, in, from, y, r, s, out->width, to);
                    }
                }
}

/* Bias, and ReLU where it is done here, on rows of count numbers, one a channel, `stride` apart. */
static void finish_rows(const struct mp_layer *layer, bool relu, uint32_t first, uint32_t channels,
                        size_t count, size_t stride, float *rows)
{
    for (uint32_t c = 0; c < channels; c++) {
        float bias = layer->bias != NULL ? layer->bias[first + c] : 0;
        float *row = rows + c * stride;
        if (relu)
            for (size_t i = 0; i < count; i++)
                row[i] = row[i] + bias > 0 ? row[i] + bias : 0;
        else if (layer->bias != NULL)
            for (size_t i = 0; i < count; i++)
                row[i] += bias;
    }
}

/* products[channels of the group][rows x width] into the output tensor. */
static void place_products(const struct mp_layer *layer, const struct mp_shape *out,
                           const float *products, uint32_t group, uint64_t first, uint64_t rows,
                           float *output)
{
    uint32_t channels = layer->out_count / layer->groups;

    for (uint32_t c = 0; c < channels; c++)
        for (uint64_t i = 0; i < rows; i++) {
            uint64_t image = (first + i) / out->height, y = (first + i) % out->height;
            const float *from = products + ((size_t)c * rows + i) * out->width;
            float *to =
                output +
                ((image * out->channels + group * channels + c) * out->height + y) * out->width;
            memcpy(to, from, out->width * sizeof *to);
        }
}

static bool is_pointwise(const struct mp_layer *layer)
{
    return layer->kernel_h == 1 && layer->kernel_w == 1 && layer->stride_h == 1 &&
           layer->stride_w == 1 && layer->pad_top == 0 && layer->pad_left == 0 &&
           layer->pad_bottom == 0 && layer->pad_right == 0;
}

/* Small maps of several images are put side by side, which makes better matrices. */
static bool joins_images(const struct mp_shape *out, uint32_t images)
{
    return images > 1 && (uint64_t)out->height * out->width < SMALL_MAP;
}

/* Output rows whose columns are made at a time: of one image, or of all where they are joined. */
static uint64_t tile_rows(const struct mp_layer *layer, const struct mp_shape *out, uint32_t images)
{
    uint64_t rows = TILE_ELEMENTS / ((uint64_t)layer->terms * out->width);
    uint64_t all = joins_images(out, images) ? (uint64_t)images * out->height : out->height;

    return rows < 1 ? 1 : rows > all ? all : rows;
}

void mp_infer_conv_scratch(const struct mp_layer *layer, const struct mp_shape *out,
                           uint32_t images, uint64_t *columns, uint64_t *products)
{
    uint64_t positions = tile_rows(layer, out, images) * out->width;

    *columns = is_pointwise(layer) && !joins_images(out, images) ? 0 : layer->terms * positions;
    *products = joins_images(out, images) ? layer->out_count / layer->groups * positions : 0;
}

struct conv {
    struct mp_workspace *w;
    uint32_t index; /* of the layer */
    const struct mp_layer *layer;
    const struct mp_shape *in, *out;
    const float *weights, *input;
    float *output;
    bool relu;
};

/* c[channels][positions] = weights of the group x columns[terms][positions]; rows of c are
 * c_stride apart, those of the columns column_stride. */
static void multiply(const struct conv *v, uint32_t group, const float *columns,
                     size_t column_stride, size_t positions, float *c, size_t c_stride)
{
    const struct mp_layer *layer = v->layer;
    uint32_t channels = layer->out_count / layer->groups;

    if (v->w->model->panels != NULL && v->w->model->panels[v->index] != NULL) {
        struct mp_product p = {.columns = columns,
                               .column_stride = column_stride,
                               .positions = positions,
                               .out_stride = c_stride,
                               .out = c};
        mp_infer_panel_product(v->w, v->index, v->relu, group, &p);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)channels, (int)positions,
                (int)layer->terms, 1.0f, v->weights + (size_t)group * channels * layer->terms,
                (int)layer->terms, columns, (int)column_stride, 0.0f, c, (int)c_stride);
    finish_rows(layer, v->relu, group * channels, channels, positions, c_stride, c);
}

static void run_joined(const struct conv *v, uint32_t group, uint32_t images)
{
    const struct mp_shape *out = v->out;
    uint64_t step = tile_rows(v->layer, out, images), all = (uint64_t)images * out->height;

    for (uint64_t first = 0; first < all; first += step) {
        uint64_t rows = all - first < step ? all - first : step, positions = rows * out->width;
        make_columns(v->layer, v->in, out, v->input, group, first, rows, v->w->columns);
        multiply(v, group, v->w->columns, positions, positions, v->w->products, positions);
        place_products(v->layer, out, v->w->products, group, first, rows, v->output);
    }
}

/* One image: the products go straight to their place. */
static void run_image(const struct conv *v, uint32_t group, uint32_t image)
{
    const struct mp_layer *layer = v->layer;
    const struct mp_shape *out = v->out;
    size_t map = (size_t)out->height * out->width;
    uint32_t out_channels = layer->out_count / layer->groups;
    uint32_t in_channels = v->in->channels / layer->groups;
    float *to = v->output + ((size_t)image * out->channels + group * out_channels) * map;
    uint64_t step = tile_rows(layer, out, 1);

    if (is_pointwise(layer)) {
        const float *from =
            v->input + ((size_t)image * v->in->channels + group * in_channels) * map;
        multiply(v, group, from, map, map, to, map);
        return;
    }
    for (uint64_t y = 0; y < out->height; y += step) {
        uint64_t rows = out->height - y < step ? out->height - y : step;
        make_columns(layer, v->in, out, v->input, group, (uint64_t)image * out->height + y, rows,
                     v->w->columns);
        multiply(v, group, v->w->columns, rows * out->width, rows * out->width, to + y * out->width,
                 map);
    }
}

void mp_infer_conv(struct mp_workspace *w, uint32_t l, const float *input, uint32_t images)
{
    const struct mp_network *n = w->model->network;
    const struct mp_layer *layer = &n->layers[l];
    struct conv v = {.w = w,
                     .index = l,
                     .layer = layer,
                     .in = &n->shapes[layer->inputs[0]],
                     .out = &n->shapes[layer->output],
                     .weights = w->model->weights[l],
                     .input = input,
                     .output = w->tensors[layer->output],
                     .relu = w->lean && w->model->has_relu[l]};

    for (uint32_t g = 0; g < layer->groups; g++) {
        if (joins_images(v.out, w->batch) && images > 1)
            run_joined(&v, g, images);
        else
            for (uint32_t i = 0; i < images; i++)
                run_image(&v, g, i);
    }
}

void mp_infer_dense(struct mp_workspace *w, uint32_t l, const float *input, uint32_t images)
{
    const struct mp_layer *layer = &w->model->network->layers[l];
    bool relu = w->lean && w->model->has_relu[l];
    float *output = w->tensors[layer->output];
    int out = (int)layer->out_count, terms = (int)layer->terms;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)images, out, terms, 1.0f, input,
                terms, w->model->weights[l], terms, 0.0f, output, out);
    for (size_t i = 0; i < images; i++)
        for (size_t o = 0; o < layer->out_count; o++) {
            float *x = &output[i * layer->out_count + o];
            *x += layer->bias != NULL ? layer->bias[o] : 0;
            *x = relu && !(*x > 0) ? 0 : *x;
        }
}
