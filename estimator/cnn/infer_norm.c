/* Local response normalisation. */
#include "estimator/cnn/infer.h"

#include <math.h>

#define BLOCK 256 /* positions at a time */

/* values[i] = values[i]^-beta, all above 0; 3/4 and 1/2 are what networks use. */
static void inverse_powers(float beta, size_t count, float *values)
{
    if (!(beta < 0.75f) && !(beta > 0.75f))
        for (size_t i = 0; i < count; i++)
            values[i] = 1 / (sqrtf(values[i]) * sqrtf(sqrtf(values[i])));
    else if (!(beta < 0.5f) && !(beta > 0.5f))
        for (size_t i = 0; i < count; i++)
            values[i] = 1 / sqrtf(values[i]);
    else
        for (size_t i = 0; i < count; i++)
            values[i] = powf(values[i], -beta);
}

/* Channels around c that count: low..high-1. */
static void near_channels(const struct mp_layer *layer, uint32_t channels, uint32_t c,
                          uint32_t *low, uint32_t *high)
{
    uint32_t before = (layer->lrn_size - 1) / 2, after = layer->lrn_size / 2;

    *low = c > before ? c - before : 0;
    *high = channels - c > after ? c + after + 1 : channels;
}

/* count positions of all channels of one image; channels are `map` apart. */
static void across_channels(const struct mp_layer *layer, uint32_t channels, size_t map,
                            size_t count, const float *in, float *out)
{
    float factor = layer->lrn_alpha / (float)layer->lrn_size, sums[BLOCK];
    uint32_t low, high;

    for (uint32_t c = 0; c < channels; c++) {
        near_channels(layer, channels, c, &low, &high);
        for (size_t i = 0; i < count; i++)
            sums[i] = 0;
        for (uint32_t k = low; k < high; k++) {
            const float *x = in + k * map;
            for (size_t i = 0; i < count; i++)
                sums[i] += x[i] * x[i];
        }
        for (size_t i = 0; i < count; i++)
            sums[i] = layer->lrn_k + factor * sums[i];
        inverse_powers(layer->lrn_beta, count, sums);
        for (size_t i = 0; i < count; i++)
            out[c * map + i] = in[c * map + i] * sums[i];
    }
}

static float window_sum(const struct mp_shape *shape, const float *map, uint32_t y, uint32_t x,
                        uint32_t before, uint32_t after)
{
    uint32_t y0 = y > before ? y - before : 0, x0 = x > before ? x - before : 0;
    uint32_t y1 = shape->height - y > after ? y + after + 1 : shape->height;
    uint32_t x1 = shape->width - x > after ? x + after + 1 : shape->width;
    float sum = 0;

    for (uint32_t r = y0; r < y1; r++)
        for (uint32_t s = x0; s < x1; s++)
            sum += map[(size_t)r * shape->width + s] * map[(size_t)r * shape->width + s];
    return sum;
}

static void within_channel(const struct mp_layer *layer, const struct mp_shape *shape,
                           const float *in, float *out)
{
    uint32_t before = (layer->lrn_size - 1) / 2, after = layer->lrn_size / 2;
    float factor = layer->lrn_alpha / ((float)layer->lrn_size * (float)layer->lrn_size);

    for (uint32_t y = 0; y < shape->height; y++) {
        float *line = out + (size_t)y * shape->width;
        for (uint32_t x = 0; x < shape->width; x++)
            line[x] = layer->lrn_k + factor * window_sum(shape, in, y, x, before, after);
        inverse_powers(layer->lrn_beta, shape->width, line);
        for (uint32_t x = 0; x < shape->width; x++)
            line[x] *= in[(size_t)y * shape->width + x];
    }
}

void mp_infer_lrn(const struct mp_layer *layer, const struct mp_shape *shape, uint32_t images,
                  const float *input, float *output)
{
    size_t map = (size_t)shape->height * shape->width, elements = map * shape->channels;

    if (layer->kind == MP_LAYER_LRN_WITHIN) {
        for (size_t m = 0; m < (size_t)images * shape->channels; m++)
            within_channel(layer, shape, input + m * map, output + m * map);
        return;
    }
    for (size_t i = 0; i < images; i++)
        for (size_t p = 0; p < map; p += BLOCK)
            across_channels(layer, shape->channels, map, map - p < BLOCK ? map - p : BLOCK,
                            input + i * elements + p, output + i * elements + p);
}
