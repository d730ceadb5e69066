/* Convolutions with a kernel of our own: weights packed for it, and products with them. */
#include "estimator/cnn/infer.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_ROWS 4 /* channels of a group; for fewer, blocks would be mostly empty */

static uint32_t blocks_of(const struct mp_layer *layer, const struct mp_float_kernel *k)
{
    return (layer->out_count / layer->groups + k->rows - 1) / k->rows;
}

void mp_model_use_kernel(struct mp_model *m, const struct mp_float_kernel *kernel)
{
    const struct mp_network *n = m->network;

    for (uint32_t l = 0; m->panels != NULL && l < n->layer_count; l++)
        free(m->panels[l]);
    free(m->panels);
    m->panels = NULL;
    m->kernel = kernel;
    if (kernel == NULL)
        return;
    m->panels = mp_alloc(n->layer_count + 1, sizeof *m->panels);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        uint32_t blocks, per_group;
        if (layer->kind != MP_LAYER_CONV || layer->out_count / layer->groups < LEAST_ROWS)
            continue;
        per_group = layer->out_count / layer->groups;
        blocks = blocks_of(layer, kernel);
        m->panels[l] = mp_alloc_aligned(
            (size_t)layer->groups * blocks * layer->terms * kernel->rows, sizeof(float));
        for (uint32_t o = 0; o < layer->out_count; o++) {
            uint32_t row = o % per_group;
            size_t block = (size_t)(o / per_group) * blocks + row / kernel->rows;
            float *to = m->panels[l] + block * layer->terms * kernel->rows + row % kernel->rows;
            for (size_t i = 0; i < layer->terms; i++)
                to[i * kernel->rows] = m->weights[l][(size_t)o * layer->terms + i];
        }
    }
}

uint64_t mp_infer_panel_scratch(const struct mp_model *m, uint32_t l)
{
    if (m->panels == NULL || m->panels[l] == NULL)
        return 0;
    return (uint64_t)m->network->layers[l].terms * m->kernel->vectors * m->kernel->lanes;
}

void mp_infer_panel_product(struct mp_workspace *w, uint32_t l, bool relu, uint32_t group,
                            const struct mp_product *p)
{
    const struct mp_float_kernel *k = w->model->kernel;
    const struct mp_layer *layer = &w->model->network->layers[l];
    uint32_t per_group = layer->out_count / layer->groups, blocks = blocks_of(layer, k);
    uint32_t step = k->vectors * k->lanes;
    float sums[MP_FLOAT_MOST_SUMS] __attribute__((aligned(64)));

    for (size_t i = 0; i < p->positions; i += step) {
        uint32_t count = (uint32_t)(p->positions - i < step ? p->positions - i : step);
        uint32_t vectors = (count + k->lanes - 1) / k->lanes, width = vectors * k->lanes;
        /* In one piece the columns stay in the caches for all blocks of channels. */
        for (size_t t = 0; t < layer->terms; t++) {
            float *to = w->block + t * width;
            memcpy(to, p->columns + t * p->column_stride + i, count * sizeof *to);
            for (uint32_t x = count; x < width; x++)
                to[x] = 0;
        }
        for (uint32_t b = 0; b < blocks; b++) {
            size_t panel = ((size_t)group * blocks + b) * layer->terms * k->rows;
            k->multiply(layer->terms, w->model->panels[l] + panel, w->block, width, vectors, sums);
            for (uint32_t r = b * k->rows; r < per_group && r < (b + 1) * k->rows; r++) {
                float bias = layer->bias != NULL ? layer->bias[group * per_group + r] : 0;
                k->finish(count, sums + (size_t)(r % k->rows) * width, bias, relu,
                          p->out + r * p->out_stride + i);
            }
        }
    }
}
