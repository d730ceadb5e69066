#include "estimator/cnn/integer_parts.h"

#include <stdlib.h>

#define SCALE_BITS 8
#define TABLE_BITS 32 /* of a value */

int mp_quantisation_accumulator_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                     unsigned *by_layer, unsigned *most, struct mp_error *err)
{
    *most = 1;
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_integer_codes *codes = &q->layers[l];
        if (by_layer != NULL)
            by_layer[l] = 0;
        if (n->layers[l].weights == NULL)
            continue;
        int rc = mp_golden_check(&codes->weight, &codes->activation, err);
        if (rc < 0) {
            mp_error_context(err, "layer %s", n->layers[l].name);
            return rc;
        }
        unsigned bits = mp_integer_needed_bits(&n->layers[l], codes);
        if (by_layer != NULL)
            by_layer[l] = bits;
        *most = bits > *most ? bits : *most;
    }
    return MP_OK;
}

uint64_t mp_quantisation_layer_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                    uint32_t l)
{
    const struct mp_layer *layer = &n->layers[l];
    const struct mp_format *f = &q->layers[l].weight;

    if (layer->weights == NULL)
        return 0;
    uint64_t bits = (uint64_t)layer->weight_count * f->bits;
    if (f->block > 0)
        return bits +
               (uint64_t)SCALE_BITS * layer->out_count * mp_weight_blocks(&q->layers[l], layer);
    if (f->kind == MP_FORMAT_FLOAT32 || q->weight_scope == MP_SCOPE_NETWORK)
        return bits;
    if (f->kind == MP_FORMAT_TABLE)
        return bits + ((uint64_t)TABLE_BITS << f->bits);
    return bits +
           (uint64_t)SCALE_BITS * (q->weight_scope == MP_SCOPE_CHANNEL ? layer->out_count : 1);
}

uint64_t mp_quantisation_weight_bits(const struct mp_quantisation *q, const struct mp_network *n)
{
    uint64_t bits = q->shared_bits;

    for (uint32_t l = 0; l < n->layer_count; l++)
        bits += mp_quantisation_layer_bits(q, n, l);
    return bits;
}

static int by_macs(const void *a, const void *b)
{
    const struct mp_format_pair *x = a, *y = b;

    return (x->macs < y->macs) - (x->macs > y->macs);
}

static void add_layer(struct mp_format_pair *pairs, uint32_t *count, const struct mp_layer *layer,
                      const struct mp_integer_codes *codes)
{
    uint32_t p = 0;

    while (p < *count && (!mp_format_equal(&pairs[p].weight, &codes->weight) ||
                          !mp_format_equal(&pairs[p].activation, &codes->activation)))
        p++;
    if (p == *count)
        pairs[(*count)++] =
            (struct mp_format_pair){.weight = codes->weight, .activation = codes->activation};
    pairs[p].layers++;
    pairs[p].macs += layer->macs;
    if (mp_golden_check(&codes->weight, &codes->activation, NULL) < 0)
        return;
    unsigned bits = mp_integer_needed_bits(layer, codes);
    pairs[p].accumulator_bits = bits > pairs[p].accumulator_bits ? bits : pairs[p].accumulator_bits;
}

void mp_quantisation_pairs(const struct mp_quantisation *q, const struct mp_network *n,
                           struct mp_format_pair **pairs, uint32_t *count)
{
    uint64_t macs = mp_network_macs(n);

    *pairs = mp_alloc(n->layer_count + 1, sizeof **pairs);
    *count = 0;
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL)
            add_layer(*pairs, count, &n->layers[l], &q->layers[l]);
    for (uint32_t p = 0; p < *count && macs > 0; p++)
        (*pairs)[p].share = (double)(*pairs)[p].macs / (double)macs;
    qsort(*pairs, *count, sizeof **pairs, by_macs);
}
