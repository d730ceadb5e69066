/* Codes of an output channel's weights: under one scale, or in blocks with one each (mx formats).
 */
#include "estimator/cnn/quantise.h"

uint32_t mp_weight_blocks(const struct mp_integer_codes *codes, const struct mp_layer *layer)
{
    uint32_t block = codes->weight.block;

    return block == 0 ? 1 : (layer->terms + block - 1) / block;
}

int mp_weight_unit(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                   uint32_t channel, uint32_t term)
{
    uint32_t block = codes->weight.block;

    if (block == 0)
        return codes->weight_unit_exponents[channel];
    return codes
        ->block_unit_exponents[(size_t)channel * mp_weight_blocks(codes, layer) + term / block];
}

/* Weights from `term` on that have the same scale. */
static uint32_t alike(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                      uint32_t term)
{
    uint32_t left = layer->terms - term, block = codes->weight.block;

    return block == 0 || left < block ? left : block;
}

void mp_weight_codes(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                     uint32_t channel, uint32_t *out)
{
    const float *weights = layer->weights + (size_t)channel * layer->terms;

    for (uint32_t at = 0, n; at < layer->terms; at += n) {
        n = alike(codes, layer, at);
        mp_format_encode_array(&codes->weight, mp_weight_unit(codes, layer, channel, at), n,
                               weights + at, out + at);
    }
}

void mp_weight_values(const struct mp_integer_codes *codes, const struct mp_layer *layer,
                      uint32_t channel, float *out)
{
    const float *weights = layer->weights + (size_t)channel * layer->terms;

    for (uint32_t at = 0, n; at < layer->terms; at += n) {
        n = alike(codes, layer, at);
        mp_format_quantise_array(&codes->weight, mp_weight_unit(codes, layer, channel, at), n,
                                 weights + at, out + at);
    }
}
