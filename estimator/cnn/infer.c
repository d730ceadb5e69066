#include "estimator/cnn/infer.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ELEMENTS ((uint64_t)1 << 20) /* of all tensors of a batch */
#define MEMORY_LIMIT   ((size_t)4 << 30)
#define NO_BUFFER      UINT32_MAX

/* ---- the model */

/* uses[tensor]: inputs of layers that it is. */
static uint32_t *count_uses(const struct mp_network *n)
{
    uint32_t *uses = mp_alloc(n->tensor_count + 1, sizeof *uses);

    for (uint32_t l = 0; l < n->layer_count; l++)
        for (uint32_t k = 0; k < n->layers[l].input_count; k++)
            uses[n->layers[l].inputs[k]]++;
    return uses;
}

/* A ReLU whose input nothing else reads works in place, and as a part of the layer before where
 * that has weights. */
static void join_relus(struct mp_model *m)
{
    const struct mp_network *n = m->network;
    uint32_t *uses = count_uses(n), *maker = mp_alloc(n->tensor_count + 1, sizeof *maker);

    m->in_place = mp_alloc(n->layer_count + 1, sizeof *m->in_place);
    m->has_relu = mp_alloc(n->layer_count + 1, sizeof *m->has_relu);
    m->relu_done = mp_alloc(n->layer_count + 1, sizeof *m->relu_done);
    for (uint32_t t = 0; t < n->tensor_count; t++)
        maker[t] = n->layer_count;
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        uint32_t in = layer->inputs[0], before = maker[in];
        maker[layer->output] = l;
        if (layer->kind != MP_LAYER_RELU || uses[in] != 1 || in == n->output_tensor ||
            before == n->layer_count || n->layers[before].kind == MP_LAYER_RESHAPE)
            continue;
        m->in_place[l] = true;
        if (n->layers[before].weights != NULL && !(layer->negative_slope != 0))
            m->has_relu[before] = m->relu_done[l] = true;
    }
    free(uses);
    free(maker);
}

static void make_model(struct mp_model *m, const struct mp_network *n,
                       const struct mp_quantisation *q)
{
    openblas_set_num_threads(1);
    *m = (struct mp_model){.network = n, .quantisation = q};
    m->weights = mp_alloc(n->layer_count + 1, sizeof *m->weights);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        m->weights[l] = layer->weights;
        if (q == NULL || layer->weights == NULL || q->layers[l].weight.kind == MP_FORMAT_FLOAT32)
            continue;
        m->weights[l] = mp_alloc_aligned(layer->weight_count, sizeof(float));
        mp_quantisation_weights(q, n, l, m->weights[l]);
    }
    join_relus(m);
}

void mp_model_init(struct mp_model *m, const struct mp_network *n, const struct mp_quantisation *q)
{
    make_model(m, n, q);
    mp_model_use_kernel(m, mp_float_kernel_best());
}

int mp_model_init_integer(struct mp_model *m, const struct mp_network *n,
                          const struct mp_quantisation *q, unsigned accumulator_bits,
                          const struct mp_integer_kernel *kernel, struct mp_error *err)
{
    struct mp_integer *integer;
    int rc = mp_integer_create(&integer, n, q, accumulator_bits, kernel, err);

    *m = (struct mp_model){0};
    if (rc < 0)
        return rc;
    make_model(m, n, NULL);
    m->integer = integer;
    return MP_OK;
}

void mp_model_release(struct mp_model *m)
{
    mp_model_use_kernel(m, NULL);
    for (uint32_t l = 0; m->weights != NULL && l < m->network->layer_count; l++)
        if (m->weights[l] != m->network->layers[l].weights)
            free(m->weights[l]);
    free(m->weights);
    free(m->in_place);
    free(m->has_relu);
    free(m->relu_done);
    mp_integer_destroy(m->integer);
    *m = (struct mp_model){0};
}

/* ---- the workspace */

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
    uint64_t quantised = 0, columns = 0, products = 0, block = 0;
    int rc;

    if (w->model->integer != NULL)
        return mp_integer_scratch_create(&w->integer, w->model->integer, w->batch, err);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        uint64_t c, p;
        if (layer->weights == NULL)
            continue;
        raise_to(&quantised, w->batch * mp_shape_elements(&n->shapes[layer->inputs[0]]));
        if (layer->kind != MP_LAYER_CONV)
            continue;
        mp_infer_conv_scratch(layer, &n->shapes[layer->output], w->batch, &c, &p);
        raise_to(&columns, c);
        raise_to(&products, p);
        /* A last batch of fewer images is worked at image by image. */
        mp_infer_conv_scratch(layer, &n->shapes[layer->output], 1, &c, &p);
        raise_to(&columns, c);
        raise_to(&block, mp_infer_panel_scratch(w->model, l));
    }
    rc = allocate(&w->quantised, w->model->quantisation != NULL ? quantised : 0, err);
    if (rc == MP_OK)
        rc = allocate(&w->columns, columns, err);
    if (rc == MP_OK)
        rc = allocate(&w->block, block, err);
    return rc < 0 ? rc : allocate(&w->products, products, err);
}

/* Which tensor lies in which buffer, and how large buffers must be. */
struct plan {
    const struct mp_model *model;
    uint32_t *buffer;    /* [tensor] */
    uint32_t *last_read; /* [tensor] layer that reads it last, of those that share its memory */
    uint64_t *size;      /* [buffer] elements of one image */
    bool *is_free;       /* [buffer] */
    uint32_t buffer_count;
    bool lean;
};

static bool shares_input(const struct plan *p, uint32_t l)
{
    return p->model->network->layers[l].kind == MP_LAYER_RESHAPE ||
           (p->lean && p->model->in_place[l]);
}

/* Going backwards, so that what a shared tensor is read by counts for the one it shares with. */
static void find_last_reads(struct plan *p)
{
    const struct mp_network *n = p->model->network;

    p->last_read[n->output_tensor] = n->layer_count;
    for (uint32_t l = n->layer_count; l-- > 0;) {
        const struct mp_layer *layer = &n->layers[l];
        for (uint32_t k = 0; k < layer->input_count; k++) {
            uint32_t *last = &p->last_read[layer->inputs[k]];
            uint32_t until = shares_input(p, l) && p->last_read[layer->output] > l
                                 ? p->last_read[layer->output]
                                 : l;
            *last = until > *last ? until : *last;
        }
    }
}

/* The smallest free buffer that is large enough, else the largest, else a new one. */
static uint32_t take_buffer(struct plan *p, uint64_t size)
{
    uint32_t best = NO_BUFFER;

    for (uint32_t b = 0; b < p->buffer_count; b++) {
        if (!p->is_free[b])
            continue;
        bool fits = p->size[b] >= size, best_fits = best != NO_BUFFER && p->size[best] >= size;
        if (best == NO_BUFFER || (fits && (!best_fits || p->size[b] < p->size[best])) ||
            (!fits && !best_fits && p->size[b] > p->size[best]))
            best = b;
    }
    if (best == NO_BUFFER)
        best = p->buffer_count++;
    raise_to(&p->size[best], size);
    p->is_free[best] = false;
    return best;
}

static void make_plan(struct plan *p)
{
    const struct mp_network *n = p->model->network;

    find_last_reads(p);
    p->buffer[n->input_tensor] = take_buffer(p, mp_shape_elements(&n->shapes[n->input_tensor]));
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (shares_input(p, l)) {
            /* Tensors of one buffer are all read until the last of them is. */
            p->buffer[layer->output] = p->buffer[layer->inputs[0]];
            p->last_read[layer->output] = p->last_read[layer->inputs[0]];
        } else {
            p->buffer[layer->output] = take_buffer(p, mp_shape_elements(&n->shapes[layer->output]));
        }
        for (uint32_t k = 0; k < layer->input_count && p->lean; k++)
            if (p->last_read[layer->inputs[k]] == l)
                p->is_free[p->buffer[layer->inputs[k]]] = true;
    }
}

static int allocate_tensors(struct mp_workspace *w, struct mp_error *err)
{
    const struct mp_network *n = w->model->network;
    size_t count = n->tensor_count + 1;
    struct plan p = {.model = w->model,
                     .buffer = mp_alloc(count, sizeof *p.buffer),
                     .last_read = mp_alloc(count, sizeof *p.last_read),
                     .size = mp_alloc(count, sizeof *p.size),
                     .is_free = mp_alloc(count, sizeof *p.is_free),
                     .lean = w->lean};
    int rc = MP_OK;

    make_plan(&p);
    w->buffers = mp_alloc(p.buffer_count, sizeof *w->buffers);
    w->buffer_count = p.buffer_count;
    for (uint32_t b = 0; b < p.buffer_count && rc == MP_OK; b++)
        rc = allocate(&w->buffers[b], w->batch * p.size[b], err);
    w->tensors = mp_alloc(count, sizeof *w->tensors);
    w->tensors[n->input_tensor] = w->buffers[p.buffer[n->input_tensor]];
    for (uint32_t l = 0; l < n->layer_count; l++)
        w->tensors[n->layers[l].output] = w->buffers[p.buffer[n->layers[l].output]];
    free(p.buffer);
    free(p.last_read);
    free(p.size);
    free(p.is_free);
    return rc;
}

static int make_workspace(struct mp_workspace *w, const struct mp_model *m, bool lean,
                          struct mp_error *err)
{
    int rc;

    *w = (struct mp_workspace){.model = m, .batch = mp_infer_batch(m->network), .lean = lean};
    rc = allocate_tensors(w, err);
    if (rc == MP_OK)
        rc = allocate_scratch(w, err);
    if (rc < 0)
        mp_workspace_release(w);
    return rc;
}

int mp_workspace_init(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err)
{
    return make_workspace(w, m, false, err);
}

int mp_workspace_init_lean(struct mp_workspace *w, const struct mp_model *m, struct mp_error *err)
{
    return make_workspace(w, m, true, err);
}

void mp_workspace_release(struct mp_workspace *w)
{
    for (uint32_t b = 0; b < w->buffer_count; b++)
        free(w->buffers[b]);
    free(w->buffers);
    free(w->tensors);
    free(w->quantised);
    free(w->columns);
    free(w->block);
    free(w->products);
    mp_integer_scratch_destroy(w->integer);
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

/* ---- all layers */

static void run_weighted(struct mp_workspace *w, uint32_t l, uint32_t images)
{
    const struct mp_model *m = w->model;
    const struct mp_layer *layer = &m->network->layers[l];
    const struct mp_quantisation *q = m->quantisation;
    const float *input = w->tensors[layer->inputs[0]];

    if (m->integer != NULL) {
        mp_integer_run(m->integer, w->integer, l, images, input, w->lean && m->has_relu[l],
                       w->tensors[layer->output]);
        return;
    }
    if (q != NULL && q->layers[l].activation.kind != MP_FORMAT_FLOAT32) {
        mp_format_quantise_array(
            &q->layers[l].activation, q->layers[l].activation_unit_exponent,
            images * (size_t)mp_shape_elements(&m->network->shapes[layer->inputs[0]]), input,
            w->quantised);
        input = w->quantised;
    }
    if (layer->kind == MP_LAYER_CONV)
        mp_infer_conv(w, l, input, images);
    else
        mp_infer_dense(w, l, input, images);
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
        else if (n->layers[l].kind != MP_LAYER_RESHAPE && !(w->lean && w->model->relu_done[l]))
            run_plain(w, &n->layers[l], images);
}
