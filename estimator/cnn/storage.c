#include "estimator/cnn/storage.h"

#include <stdlib.h>
#include <string.h>

#define MOST_INDEX_BITS 32
/* At most half full with MP_STORAGE_DISTINCT_LIMIT values. */
#define SET_BITS 17

void mp_storage_skip_zeros(struct mp_layer_storage *l, const float *values, size_t count,
                           unsigned code_bits)
{
    uint64_t fillers[MOST_INDEX_BITS + 1] = {0}, zeros_before = 0, present = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] == 0) {
            zeros_before++;
            continue;
        }
        for (unsigned k = 0; k <= MOST_INDEX_BITS && zeros_before >> k > 0; k++)
            fillers[k] += zeros_before >> k;
        zeros_before = 0;
        present++;
    }
    l->zero_weights = count - present;
    l->skipping_bits = UINT64_MAX;
    for (unsigned k = 0; k <= MOST_INDEX_BITS; k++) {
        uint64_t entries = present + fillers[k], bits = entries * (k + code_bits);
        if (bits < l->skipping_bits) {
            l->skipping_bits = bits;
            l->entries = entries;
            l->index_bits = k;
        }
    }
}

/* Open addressing; *count values are in it. False when there is no room for another one. */
static bool add_value(uint32_t *set, bool *used, uint64_t *count, float value)
{
    uint32_t bits;
    value += 0.0F; /* minus zero is zero */
    memcpy(&bits, &value, sizeof bits);
    uint32_t place = (bits * UINT32_C(2654435769)) >> (32 - SET_BITS);
    while (used[place] && set[place] != bits)
        place = (place + 1) & ((1U << SET_BITS) - 1);
    if (used[place])
        return true;
    if (*count == MP_STORAGE_DISTINCT_LIMIT)
        return false;
    used[place] = true;
    set[place] = bits;
    ++*count;
    return true;
}

static uint64_t count_distinct(const float *values, size_t count)
{
    uint32_t *set = mp_alloc((size_t)1 << SET_BITS, sizeof *set);
    bool *used = mp_alloc((size_t)1 << SET_BITS, sizeof *used);
    uint64_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        if (!add_value(set, used, &distinct, values[i])) {
            distinct = 0;
            break;
        }
    free(set);
    free(used);
    return distinct;
}

static void make_layer(struct mp_layer_storage *s, const struct mp_network *n,
                       const struct mp_quantisation *q, uint32_t l)
{
    const struct mp_layer *layer = &n->layers[l];
    bool is_quantised = q != NULL && q->layers[l].weight.kind != MP_FORMAT_FLOAT32;
    unsigned bits = is_quantised ? q->layers[l].weight.bits : 32;
    float *quantised = NULL;
    const float *values = layer->weights;
    if (is_quantised) {
        values = quantised = mp_alloc(layer->weight_count, sizeof *quantised);
        mp_quantisation_weights(q, n, l, quantised);
    }
    s->layer = l;
    s->weight_count = layer->weight_count;
    s->code_bits = s->weight_count * bits;
    if (is_quantised) {
        uint64_t rest = mp_quantisation_layer_bits(q, n, l) - s->code_bits;
        bool has_table = q->layers[l].weight.kind == MP_FORMAT_TABLE;
        s->table_bits = has_table ? rest : 0;
        s->scale_bits = has_table ? 0 : rest;
    }
    mp_storage_skip_zeros(s, values, layer->weight_count, bits);
    s->distinct_weights = count_distinct(values, layer->weight_count);
    free(quantised);
}

void mp_storage_make(struct mp_storage *s, const struct mp_network *n,
                     const struct mp_quantisation *q)
{
    memset(s, 0, sizeof *s);
    s->layers = mp_alloc((size_t)n->layer_count + 1, sizeof *s->layers);
    s->shared_bits = q != NULL ? q->shared_bits : 0;
    s->plain_bits = s->skipping_bits = s->best_bits = s->shared_bits;
    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (n->layers[l].weights == NULL)
            continue;
        struct mp_layer_storage *x = &s->layers[s->layer_count++];
        make_layer(x, n, q, l);
        uint64_t rest = x->scale_bits + x->table_bits;
        s->weight_count += x->weight_count;
        s->zero_weights += x->zero_weights;
        s->plain_bits += x->code_bits + rest;
        s->skipping_bits += x->skipping_bits + rest;
        s->best_bits += (x->skipping_bits < x->code_bits ? x->skipping_bits : x->code_bits) + rest;
    }
}

void mp_storage_release(struct mp_storage *s)
{
    if (s == NULL)
        return;
    free(s->layers);
    memset(s, 0, sizeof *s);
}
