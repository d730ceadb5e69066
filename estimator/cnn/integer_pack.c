#include "estimator/cnn/integer_parts.h"

#include <stdlib.h>

#define MOST_DIGITS   16  /* of 128 bits */
#define MOST_EXPONENT 100 /* of a scale that any sum can meet in float32 */

/* v(code) and its digits, for every code of a weight format. */
struct table {
    mp_i128 *values;
    int8_t (*digits)[MOST_DIGITS];
    uint8_t *counts; /* digits up to the last that is not 0, at least 1 */
};

static void table_init(struct table *t, const struct mp_format *f)
{
    size_t codes = (size_t)1 << f->bits;

    t->values = mp_alloc(codes, sizeof *t->values);
    t->digits = mp_alloc(codes, sizeof *t->digits);
    t->counts = mp_alloc(codes, 1);
    for (uint32_t code = 0; code < codes; code++) {
        struct mp_fields v;
        mp_format_fields(f, code, &v);
        mp_i128 rest = (mp_i128)v.significand << v.shift;
        rest = v.negative ? -rest : rest;
        t->values[code] = rest;
        t->counts[code] = 1;
        for (uint8_t k = 0; rest != 0 && k < MOST_DIGITS; k++) {
            int digit = (int)((rest + 128) & 255) - 128;
            t->digits[code][k] = (int8_t)digit;
            t->counts[code] = (uint8_t)(k + 1);
            rest = (rest - digit) / 256;
        }
    }
}

static void table_release(struct table *t)
{
    free(t->values);
    free(t->digits);
    free(t->counts);
}

/* Digits whose place is at or above 2^accumulator_bits change nothing. */
static uint32_t count_digits(const struct mp_integer *m, const struct mp_layer *layer,
                             const struct mp_integer_codes *codes, const struct table *t,
                             uint32_t *scratch)
{
    uint32_t most = 1, limit = (m->accumulator_bits + 7) / 8;

    for (uint32_t o = 0; o < layer->out_count; o++) {
        mp_weight_codes(codes, layer, o, scratch);
        for (uint32_t i = 0; i < layer->terms; i++)
            most = t->counts[scratch[i]] > most ? t->counts[scratch[i]] : most;
    }
    return most < limit ? most : limit;
}

/* max |v(code)|. */
static mp_u128 largest_magnitude(const struct mp_format *f)
{
    uint32_t sign = (uint32_t)1 << (f->bits - 1);
    struct mp_fields v;

    mp_format_fields(f, f->kind == MP_FORMAT_INT ? sign : UINT32_MAX, &v);
    return (mp_u128)v.significand << v.shift;
}

unsigned mp_integer_needed_bits(const struct mp_layer *layer, const struct mp_integer_codes *codes)
{
    mp_u128 activation = largest_magnitude(&codes->activation);
    mp_u128 most = 0;
    uint32_t block = codes->weight.block;
    uint32_t *scratch = mp_alloc(layer->terms, sizeof *scratch);
    struct table t;
    unsigned bits = 1;

    table_init(&t, &codes->weight);
    for (uint32_t o = 0; o < layer->out_count; o++) {
        mp_u128 sum = 0;
        mp_weight_codes(codes, layer, o, scratch);
        for (uint32_t i = 0; i < layer->terms; i++) {
            mp_i128 value = t.values[scratch[i]];
            if (block > 0 && i % block == 0)
                sum = 0;
            sum += (mp_u128)(value < 0 ? -value : value);
            most = sum > most ? sum : most;
        }
    }
    for (most *= activation; most != 0; most >>= 1)
        bits++;
    table_release(&t);
    free(scratch);
    return bits;
}

/* Row `row` of block's panels from the codes of one output channel. */
static void pack_row(const struct mp_integer_layer *p, const struct mp_integer *m,
                     const struct table *t, const uint32_t *codes, uint32_t row, uint32_t *panels)
{
    uint32_t group = m->kernel->group, rows = m->kernel->rows, bits = 32 / group;
    uint32_t mask = UINT32_MAX >> (32 - bits), window = p->words / p->planes;

    for (uint32_t k = 0; k < p->digits; k++)
        for (uint32_t c = 0; c < p->channels; c++)
            for (uint32_t i = 0; i < window; i++) {
                size_t word =
                    ((size_t)k * p->words + (size_t)(c / group) * window + i) * rows + row;
                uint32_t digit = (uint32_t)t->digits[codes[(size_t)c * window + i]][k];
                panels[word] |= (digit & mask) << (c % group * bits % 32);
            }
}

static void pack_weights(struct mp_integer_layer *p, const struct mp_integer *m,
                         const struct mp_layer *layer, const struct mp_integer_codes *codes)
{
    const struct mp_integer_kernel *kernel = m->kernel;
    uint32_t groups = p->is_dense ? 1 : layer->groups, per_group = layer->out_count / groups;
    uint32_t *scratch = mp_alloc(layer->terms, sizeof *scratch);
    struct table t;

    table_init(&t, &codes->weight);
    p->digits = count_digits(m, layer, codes, &t, scratch);
    size_t panel = (size_t)p->digits * p->words * kernel->rows;
    p->weights = mp_alloc_aligned(groups * p->blocks * panel, sizeof *p->weights);
    for (uint32_t o = 0; o < layer->out_count; o++) {
        uint32_t group = o / per_group, row = o % per_group;
        mp_weight_codes(codes, layer, o, scratch);
        pack_row(p, m, &t, scratch, row % kernel->rows,
                 p->weights + ((size_t)group * p->blocks + row / kernel->rows) * panel);
        for (uint32_t i = 0; i < layer->terms; i++)
            p->corrections[o] += (mp_u128)t.values[scratch[i]] * p->offset;
    }
    free(scratch);
    table_release(&t);
}

void mp_integer_pack(struct mp_integer_layer *p, const struct mp_integer *m,
                     const struct mp_layer *layer, const struct mp_integer_codes *codes)
{
    const struct mp_integer_kernel *kernel = m->kernel;
    const struct mp_format *a = &codes->activation;
    bool is_dense = layer->kind == MP_LAYER_DENSE;
    uint32_t window = is_dense ? 1 : layer->kernel_h * layer->kernel_w;
    uint32_t per_group = layer->out_count / (is_dense ? 1 : layer->groups);

    *p = (struct mp_integer_layer){.layer = layer,
                                   .in = m->network->shapes[layer->inputs[0]],
                                   .out = m->network->shapes[layer->output],
                                   .is_dense = is_dense,
                                   .weight = codes->weight,
                                   .activation = *a,
                                   .activation_unit_exponent = codes->activation_unit_exponent,
                                   .is_scaled = true,
                                   .channels = layer->terms / window,
                                   .activation_digits = a->bits > 8 ? 2 : 1,
                                   .mask = UINT32_MAX >> (32 - a->bits)};
    if (a->kind == MP_FORMAT_INT)
        p->offset = (uint32_t)1 << (a->bits - 1);
    if (is_dense) {
        p->in = (struct mp_shape){layer->terms, 1, 1};
        p->out = (struct mp_shape){layer->out_count, 1, 1};
    }
    p->planes = (p->channels + kernel->group - 1) / kernel->group;
    p->words = p->planes * window;
    p->blocks = (per_group + kernel->rows - 1) / kernel->rows;
    p->exponents = mp_alloc(layer->out_count, sizeof *p->exponents);
    p->corrections = mp_alloc(layer->out_count, sizeof *p->corrections);
    for (uint32_t o = 0; o < layer->out_count; o++) {
        p->exponents[o] = codes->weight_unit_exponents[o] + codes->activation_unit_exponent;
        p->is_scaled = p->is_scaled && abs(p->exponents[o]) <= MOST_EXPONENT;
    }
    pack_weights(p, m, layer, codes);
}

void mp_integer_layer_release(struct mp_integer_layer *p)
{
    free(p->codes);
    free(p->weights);
    free(p->corrections);
    free(p->exponents);
}
