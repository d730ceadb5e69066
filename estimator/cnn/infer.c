#include "estimator/cnn/infer.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ELEMENTS ((uint64_t)1 << 20) /* of all tensors of a batch */
#define TILE_ELEMENTS  ((uint64_t)1 << 17) /* of the columns at hand: half a MiB */
#define MEMORY_LIMIT   ((size_t)4 << 30)

void mp_model_init(struct mp_model *m, const struct mp_network *n, const struct mp_quantisation *q)
{
    bool own = q != NULL && q->weight.kind != MP_FORMAT_FLOAT32;

    openblas_set_num_threads(1);
    *m = (struct mp_model){.network = n, .quantisation = q, .owns_weights = own};
    m->weights = mp_alloc(n->layer_count + 1, sizeof *m->weights);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        m->weights[l] = layer->weights;
        if (!own || layer->weights == NULL)
            continue;
        m->weights[l] = mp_alloc_aligned(layer->weight_count, sizeof(float));
        mp_format_quantise_array(&q->weight, q->weight_unit_exponent[l], layer->weight_count,
                                 layer->weights, m->weights[l]);
    }
}

void mp_model_release(struct mp_model *m)
{
    for (uint32_t l = 0; m->owns_weights && l < m->network->layer_count; l++)
        free(m->weights[l]);
    free(m->weights);
    *m = (struct mp_model){0};
}

static uint64_t all_elements(const struct mp_network *n)
{
    uint64_t sum = 0;

    for (uint32_t t = 0; t < n->tensor_count; t++)
        sum += mp_shape_elements(&n->shapes[t]);
    return sum;
}

uint32_t mp_infer_batch(const struct mp_network *n)
{
    uint64_t batch = BATCH_ELEMENTS / (all_elements(n) + 1);

    return batch < 1 ? 1 : batch > 64 ? 64 : (uint32_t)batch;
}

/* Output rows of all images whose columns are made at a time; at least one. */
static uint64_t tile_rows(const struct mp_network *n, const struct mp_layer *layer, uint32_t images)
{
    const struct mp_shape *out = &n->shapes[layer->output];
    uint64_t rows = TILE_ELEMENTS / ((uint64_t)layer->terms * out->width);
    uint64_t all = (uint64_t)images * out->height;

    return rows < 1 ? 1 : rows > all ? all : rows;
}

static void raise_to(uint64_t *most, uint64_t x)
{
    *most = x > *most ? x : *most;
}

static int allocate(float **p, uint64_t count, struct mp_error *err)
{
    *p = mp_alloc_limited((size_t)count + 1, sizeof(float), MEMORY_LIMIT, "tensors of the network",
                          err);
    return *p == NULL ? MP_E_MEMORY : MP_OK;
}

static int allocate_scratch(struct mp_workspace *w, struct mp_error *err)
{
    const struct mp_network *n = w->model->network;
    uint64_t quantised = 0, columns = 0, products = 0;
    int rc;

    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->weights == NULL)
            continue;
        raise_to(&quantised, w->batch * mp_shape_elements(&n->shapes[layer->inputs[0]]));
        if (layer->kind != MP_LAYER_CONV)
            continue;
        uint64_t positions = tile_rows(n, layer, w->batch) * n->shapes[layer->output].width;
        raise_to(&columns, layer->terms * positions);
        raise_to(&products, layer->out_count / layer->groups * positions);
    }
    rc = allocate(&w->quantised, w->model->quantisation != NULL ? quantised : 0, err);
    if (rc == MP_OK)
        rc = allocate(&w->columns, columns, err);
    return rc < 0 ? rc : allocate(&w->products, products, err);
}

int mp_workspace_init(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err)
{
    const struct mp_network *n = m->network;
    int rc;

    *w = (struct mp_workspace){.model = m, .batch = mp_infer_batch(n)};
    w->tensors = mp_alloc(n->tensor_count, sizeof *w->tensors);
    rc = allocate(&w->tensors[n->input_tensor],
                  w->batch * mp_shape_elements(&n->shapes[n->input_tensor]), err);
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->kind == MP_LAYER_RESHAPE)
            w->tensors[layer->output] = w->tensors[layer->inputs[0]];
        else
            rc = allocate(&w->tensors[layer->output],
                          w->batch * mp_shape_elements(&n->shapes[layer->output]), err);
    }
    if (rc == MP_OK)
        rc = allocate_scratch(w, err);
    if (rc < 0)
        mp_workspace_release(w);
    return rc;
}

void mp_workspace_release(struct mp_workspace *w)
{
    const struct mp_network *n = w->model != NULL ? w->model->network : NULL;

    if (n == NULL)
        return;
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].kind != MP_LAYER_RESHAPE)
            free(w->tensors[n->layers[l].output]);
    free(w->tensors[n->input_tensor]);
    free(w->tensors);
    free(w->quantised);
    free(w->columns);
    free(w->products);
    *w = (struct mp_workspace){0};
}

int mp_infer_check(const struct mp_network *n, const struct mp_dataset *d, struct mp_error *err)
{
    const struct mp_shape *want = &n->shapes[n->input_tensor], *have = &d->shape;

    if (memcmp(want, have, sizeof *want) != 0)
        return mp_fail(err, MP_E_INPUT,
                       "network %s takes images of %u x %u x %u (channels x height x width), the "
                       "data set has %u x %u x %u",
                       n->name, want->channels, want->height, want->width, have->channels,
                       have->height, have->width);
    return MP_OK;
}

int mp_workspace_load(struct mp_workspace *w, const struct mp_dataset *d, uint32_t slot,
                      uint32_t first, uint32_t count, struct mp_error *err)
{
    float *input = w->tensors[w->model->network->input_tensor];

    return mp_dataset_load(d, first, count, input + slot * (size_t)mp_shape_elements(&d->shape),
                           err);
}

/* ---- convolution */

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

/* products[channels of the group][rows x width] with the bias into the output tensor. */
static void place_products(const struct mp_layer *layer, const struct mp_shape *out,
                           const float *products, uint32_t group, uint64_t first, uint64_t rows,
                           float *output)
{
    uint32_t channels = layer->out_count / layer->groups;

    for (uint32_t c = 0; c < channels; c++) {
        uint32_t channel = group * channels + c;
        float bias = layer->bias != NULL ? layer->bias[channel] : 0;
        for (uint64_t i = 0; i < rows; i++) {
            uint64_t image = (first + i) / out->height, y = (first + i) % out->height;
            const float *from = products + ((size_t)c * rows + i) * out->width;
            float *to = output + ((image * out->channels + channel) * out->height + y) * out->width;
            for (uint32_t x = 0; x < out->width; x++)
                to[x] = from[x] + bias;
        }
    }
}

static void run_conv(struct mp_workspace *w, const struct mp_layer *layer, const float *weights,
                     const float *input, uint32_t images)
{
    const struct mp_network *n = w->model->network;
    const struct mp_shape *in = &n->shapes[layer->inputs[0]], *out = &n->shapes[layer->output];
    uint64_t step = tile_rows(n, layer, w->batch), all = (uint64_t)images * out->height;
    uint32_t channels = layer->out_count / layer->groups;

    for (uint32_t g = 0; g < layer->groups; g++)
        for (uint64_t first = 0; first < all; first += step) {
            uint64_t rows = all - first < step ? all - first : step;
            int positions = (int)(rows * out->width);
            make_columns(layer, in, out, input, g, first, rows, w->columns);
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)channels, positions,
                        (int)layer->terms, 1.0f, weights + (size_t)g * channels * layer->terms,
                        (int)layer->terms, w->columns, positions, 0.0f, w->products, positions);
            place_products(layer, out, w->products, g, first, rows, w->tensors[layer->output]);
        }
}

static void run_dense(struct mp_workspace *w, const struct mp_layer *layer, const float *weights,
                      const float *input, uint32_t images)
{
    float *output = w->tensors[layer->output];
    int out = (int)layer->out_count, terms = (int)layer->terms;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)images, out, terms, 1.0f, input,
                terms, weights, terms, 0.0f, output, out);
    for (uint32_t i = 0; layer->bias != NULL && i < images; i++)
        for (uint32_t o = 0; o < layer->out_count; o++)
            output[(size_t)i * layer->out_count + o] += layer->bias[o];
}

/* ---- all layers */

static void run_weighted(struct mp_workspace *w, uint32_t l, uint32_t images)
{
    const struct mp_model *m = w->model;
    const struct mp_layer *layer = &m->network->layers[l];
    const struct mp_quantisation *q = m->quantisation;
    const float *input = w->tensors[layer->inputs[0]];

    if (q != NULL && q->activation.kind != MP_FORMAT_FLOAT32) {
        mp_format_quantise_array(
            &q->activation, q->activation_unit_exponent[l],
            images * (size_t)mp_shape_elements(&m->network->shapes[layer->inputs[0]]), input,
            w->quantised);
        input = w->quantised;
    }
    if (layer->kind == MP_LAYER_CONV)
        run_conv(w, layer, m->weights[l], input, images);
    else
        run_dense(w, layer, m->weights[l], input, images);
}

static void run_plain(struct mp_workspace *w, const struct mp_layer *layer, uint32_t images)
{
    float **inputs = mp_alloc(layer->input_count, sizeof *inputs);

    for (uint32_t k = 0; k < layer->input_count; k++)
        inputs[k] = w->tensors[layer->inputs[k]];
    mp_infer_plain_layer(w->model->network, layer, inputs, w->tensors[layer->output], images);
    free(inputs);
}

void mp_workspace_run(struct mp_workspace *w, uint32_t images)
{
    const struct mp_network *n = w->model->network;

    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL)
            run_weighted(w, l, images);
        else if (n->layers[l].kind != MP_LAYER_RESHAPE)
            run_plain(w, &n->layers[l], images);
}
