#include "estimator/network/network.h"

#include <stdlib.h>

void mp_network_release(struct mp_network *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->layer_count; i++) {
        free(n->layers[i].weights);
        free(n->layers[i].bias);
    }
    mp_arena_release(&n->arena);
    *n = (struct mp_network){0};
}

int mp_network_check_complete(const struct mp_network *n, struct mp_error *err)
{
    const char *first = "";

    if (n->is_cut)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "network %s has no accuracy: it ends where its weights do (%.1f %% of its "
                       "MACs), and only traces and power can be had of it",
                       n->name, 100.0 * (double)mp_network_macs(n) / (double)n->whole_macs);
    if (!n->is_synthetic)
        return MP_OK;
    for (uint32_t i = n->layer_count; i-- > 0;)
        if (n->layers[i].synthetic)
            first = n->layers[i].name;
    return mp_fail(err, MP_E_UNSUPPORTED,
                   "network %s has no accuracy: some of its weights are made up (the first ones "
                   "are of %s), and only traces and power can be had of it",
                   n->name, first[0] != '\0' ? first : "a BatchNorm or Scale");
}

void mp_network_find_synthetic(const struct mp_network *n, bool *is_synthetic)
{
    bool *made_up = mp_alloc(n->tensor_count + 1, sizeof *made_up), any = false;

    for (uint32_t i = 0; i < n->layer_count; i++) {
        const struct mp_layer *l = &n->layers[i];
        is_synthetic[i] = l->synthetic;
        for (uint32_t k = 0; k < l->input_count; k++)
            is_synthetic[i] |= made_up[l->inputs[k]];
        made_up[l->output] = is_synthetic[i];
        any |= l->synthetic;
    }
    for (uint32_t i = 0; i < n->layer_count && n->is_synthetic && !any; i++)
        is_synthetic[i] = true;
    free(made_up);
}

uint64_t mp_network_macs(const struct mp_network *n)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n->layer_count; i++)
        sum += n->layers[i].macs;
    return sum;
}

uint64_t mp_network_weight_count(const struct mp_network *n)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n->layer_count; i++)
        sum += n->layers[i].weight_count;
    return sum;
}

uint64_t mp_shape_elements(const struct mp_shape *s)
{
    return (uint64_t)s->channels * s->height * s->width;
}
