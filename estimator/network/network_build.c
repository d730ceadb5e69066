#include "estimator/network/network_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *unique_name(struct mp_network_build *b, const char *wanted)
{
    uint32_t id = (uint32_t)b->layer_count;
    char *name = mp_strdup(wanted);

    if (mp_map_put(&b->layer_names, name, id) != id) {
        free(name);
        name = mp_asprintf("%s#%u", wanted, id);
        while (mp_map_put(&b->layer_names, name, id) != id) {
            char *longer = mp_asprintf("%s#", name);
            free(name);
            name = longer;
        }
    }
    const char *kept = mp_arena_strdup(&b->network->arena, name);
    free(name);
    return kept;
}

struct mp_layer *mp_build_layer(struct mp_network_build *b, const char *name,
                                enum mp_layer_kind kind)
{
    const char *unique = unique_name(b, name);

    mp_grow(&b->layers, b->layer_count, &b->layer_capacity, sizeof *b->layers);
    struct mp_layer *layer = &b->layers[b->layer_count++];
    *layer = (struct mp_layer){.kind = kind,
                               .name = unique,
                               .kernel_h = 1,
                               .kernel_w = 1,
                               .stride_h = 1,
                               .stride_w = 1,
                               .dilation_h = 1,
                               .dilation_w = 1,
                               .groups = 1};
    return layer;
}

bool mp_build_tensor(struct mp_network_build *b, const struct mp_shape *shape, uint32_t *id)
{
    uint64_t map = (uint64_t)shape->height * shape->width;

    if (map == 0 || shape->channels == 0 || map > MP_BUILD_MAX_ELEMENTS ||
        map * shape->channels > MP_BUILD_MAX_ELEMENTS)
        return false;
    b->elements += map * shape->channels;
    if (b->elements > MP_BUILD_MAX_ELEMENTS)
        return false;
    mp_grow(&b->shapes, b->shape_count, &b->shape_capacity, sizeof *b->shapes);
    *id = (uint32_t)b->shape_count;
    b->shapes[b->shape_count++] = *shape;
    return true;
}

bool mp_build_finish_layer(struct mp_network_build *b, const uint32_t *inputs, uint32_t input_count,
                           const struct mp_shape *shape, uint32_t *output)
{
    struct mp_layer *layer = &b->layers[b->layer_count - 1];
    uint32_t *ids = mp_arena_alloc(&b->network->arena, input_count * sizeof *ids);

    memcpy(ids, inputs, input_count * sizeof *ids);
    layer->inputs = ids;
    layer->input_count = input_count;
    if (!mp_build_tensor(b, shape, output))
        return false;
    layer->output = *output;
    return true;
}

float *mp_build_floats(struct mp_network_build *b, const float *values, size_t count)
{
    float *copy = mp_arena_alloc(&b->network->arena, count * sizeof *copy);

    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

uint32_t mp_window_extent(const struct mp_window_axis *a)
{
    return (a->kernel - 1) * a->dilation + 1;
}

uint32_t mp_window_outputs(const struct mp_window_axis *a, bool round_up)
{
    uint64_t padded = (uint64_t)a->in + a->pad_head + a->pad_tail, window = mp_window_extent(a);
    uint64_t out;

    if (padded < window)
        return 0;
    out = (padded - window + (round_up ? a->stride - 1 : 0)) / a->stride + 1;
    if (round_up && out > 1 && (out - 1) * a->stride >= (uint64_t)a->in + a->pad_head)
        out--;
    return (uint32_t)out;
}

void mp_build_fold(struct mp_layer *layer, const double *factor, const double *shift)
{
    if (layer->bias == NULL)
        layer->bias = mp_alloc(layer->out_count, sizeof *layer->bias);
    for (uint32_t o = 0; o < layer->out_count; o++) {
        float *w = layer->weights + (size_t)o * layer->terms;
        for (uint32_t t = 0; t < layer->terms; t++)
            w[t] = (float)(factor[o] * (double)w[t]);
        layer->bias[o] = (float)(factor[o] * (double)layer->bias[o] + shift[o]);
    }
}

void mp_build_prune(struct mp_network_build *b)
{
    bool *needed = mp_alloc(b->shape_count + 1, sizeof *needed);
    size_t kept = 0;

    needed[b->network->output_tensor] = true;
    for (size_t i = b->layer_count; i-- > 0;)
        for (uint32_t k = 0; needed[b->layers[i].output] && k < b->layers[i].input_count; k++)
            needed[b->layers[i].inputs[k]] = true;
    for (size_t i = 0; i < b->layer_count; i++)
        if (needed[b->layers[i].output]) {
            b->layers[kept++] = b->layers[i];
        } else {
            free(b->layers[i].weights);
            free(b->layers[i].bias);
        }
    b->layer_count = kept;
    free(needed);
}

static int check_numbers(const struct mp_layer *layer, const float *values, size_t count,
                         const char *what, const char *path, struct mp_error *err)
{
    for (size_t i = 0; values != NULL && i < count; i++)
        if (!isfinite(values[i]))
            return mp_fail_at(err, MP_E_INPUT, path, 0,
                              "layer \"%s\": %s %zu is not a finite number; the file is damaged or "
                              "the training failed",
                              layer->name, what, i);
    return MP_OK;
}

int mp_build_check_finite(const struct mp_network_build *b, const char *path, struct mp_error *err)
{
    int rc = MP_OK;

    for (size_t i = 0; i < b->layer_count && rc == MP_OK; i++) {
        const struct mp_layer *layer = &b->layers[i];
        uint32_t channels = b->shapes[layer->output].channels;
        rc = check_numbers(layer, layer->weights, layer->weight_count, "weight", path, err);
        if (rc == MP_OK)
            rc = check_numbers(layer, layer->bias, layer->out_count, "bias", path, err);
        if (rc == MP_OK)
            rc = check_numbers(layer, layer->scale, channels, "scale", path, err);
        if (rc == MP_OK)
            rc = check_numbers(layer, layer->shift, channels, "shift", path, err);
    }
    return rc;
}

void mp_build_finish(struct mp_network_build *b)
{
    struct mp_network *n = b->network;
    size_t layers = b->layer_count * sizeof *n->layers;
    size_t shapes = b->shape_count * sizeof *n->shapes;

    n->layers = mp_arena_alloc(&n->arena, layers + 1);
    n->shapes = mp_arena_alloc(&n->arena, shapes + 1);
    if (layers > 0)
        memcpy(n->layers, b->layers, layers);
    if (shapes > 0)
        memcpy(n->shapes, b->shapes, shapes);
    n->layer_count = (uint32_t)b->layer_count;
    n->tensor_count = (uint32_t)b->shape_count;
}

void mp_build_release(struct mp_network_build *b)
{
    free(b->layers);
    free(b->shapes);
    mp_map_release(&b->layer_names);
    *b = (struct mp_network_build){0};
}

const char *mp_build_network_name(struct mp_network *n, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');

    return mp_arena_strndup(&n->arena, base,
                            dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base));
}
