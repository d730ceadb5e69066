/*
 * Layers as units of another form compute them: one product after the other, each cut as
 * golden_form.h says. Products and sums that fit 62 bits are worked out here, others by the golden
 * model itself.
 */
#include "estimator/cnn/integer_parts.h"

#include <math.h>
#include <stdlib.h>

#define NARROW_BITS 62

struct work {
    const struct mp_integer *m;
    const struct mp_integer_layer *p;
    bool is_narrow;
    int64_t *weight_values;     /* [out_count][terms] */
    int64_t *activation_values; /* [terms] of the position at hand */
    uint32_t *codes;            /* [elements] of the input, one image */
    uint32_t *terms;            /* [terms] activation codes of the position at hand */
    float least;
};

static mp_i128 value_of(const struct mp_format *f, uint32_t code)
{
    struct mp_fields v;
    mp_i128 x;

    mp_format_fields(f, code, &v);
    x = (mp_i128)v.significand << v.shift;
    return v.negative ? -x : x;
}

void mp_integer_use_form(struct mp_integer *m, const struct mp_quantisation *q,
                         const struct mp_golden_form *form)
{
    m->has_form = true;
    m->form = *form;
    for (uint32_t l = 0; l < m->network->layer_count; l++) {
        struct mp_integer_layer *p = &m->layers[l];
        if (p->layer == NULL)
            continue;
        free(p->codes);
        p->codes = mp_alloc((size_t)p->layer->out_count * p->layer->terms, sizeof *p->codes);
        for (uint32_t o = 0; o < p->layer->out_count; o++)
            mp_weight_codes(&q->layers[l], p->layer, o, p->codes + (size_t)o * p->layer->terms);
    }
}

static int64_t cut(const struct mp_golden_form *f, int64_t x, unsigned bits)
{
    return f->floors || x >= 0 ? x >> bits : -(-x >> bits);
}

/* The accumulator after all terms of an output. */
static mp_i128 sum_narrow(const struct work *w, const int64_t *weights)
{
    const struct mp_golden_form *f = &w->m->form;
    unsigned bits = f->drop_bits - f->guard_bits, guard = f->guard_bits;
    int64_t half = f->rounds && guard > 0 ? (int64_t)1 << (guard - 1) : 0, total = 0;
    uint32_t count = w->p->layer->terms;

    for (uint32_t i = 0; i < count; i += f->terms) {
        int64_t sum = half;
        for (uint32_t t = i; t < count && t < i + f->terms; t++)
            sum += cut(f, weights[t] * w->activation_values[t], bits);
        total += sum >> guard;
    }
    return total;
}

static mp_i128 sum_golden(const struct work *w, const uint32_t *weights)
{
    const struct mp_golden_form *f = &w->m->form;
    uint32_t count = w->p->layer->terms, x[MP_TERMS_MAX], y[MP_TERMS_MAX];
    mp_u128 total = 0;

    for (uint32_t i = 0; i < count; i += f->terms) {
        for (uint32_t t = 0; t < f->terms; t++) {
            x[t] = i + t < count ? weights[i + t] : 0;
            y[t] = i + t < count ? w->terms[i + t] : 0;
        }
        total += (mp_u128)mp_golden_form_sum(f, &w->p->weight, &w->p->activation, x, y);
    }
    return (mp_i128)total;
}

/* Activation codes that meet a group's weights at output row y, column x. */
static void gather(struct work *w, uint32_t group, uint32_t y, uint32_t x)
{
    const struct mp_integer_layer *p = w->p;
    const struct mp_layer *l = p->layer;
    uint32_t *to = w->terms;

    if (p->is_dense) {
        for (uint32_t i = 0; i < l->terms; i++)
            to[i] = w->codes[i];
        return;
    }
    for (uint32_t c = 0; c < p->channels; c++)
        for (uint32_t r = 0; r < l->kernel_h; r++)
            for (uint32_t s = 0; s < l->kernel_w; s++, to++) {
                int64_t row = (int64_t)y * l->stride_h + (int64_t)r * l->dilation_h - l->pad_top;
                int64_t column =
                    (int64_t)x * l->stride_w + (int64_t)s * l->dilation_w - l->pad_left;
                bool inside = row >= 0 && row < p->in.height && column >= 0 && column < p->in.width;
                size_t map = ((size_t)group * p->channels + c) * p->in.height;
                *to = inside ? w->codes[(map + (size_t)row) * p->in.width + (size_t)column] : 0;
            }
}

static void run_position(struct work *w, uint32_t group, uint64_t position, uint64_t places,
                         float *output, mp_u128 *codes)
{
    const struct mp_integer_layer *p = w->p;
    uint32_t groups = p->is_dense ? 1 : p->layer->groups, terms = p->layer->terms;
    uint32_t per_group = p->layer->out_count / groups;
    unsigned unused = 128 - w->m->accumulator_bits;

    for (uint32_t i = 0; w->is_narrow && i < terms; i++)
        w->activation_values[i] = (int64_t)value_of(&p->activation, w->terms[i]);
    for (uint32_t k = 0; k < per_group; k++) {
        uint32_t o = group * per_group + k;
        mp_i128 sum = w->is_narrow ? sum_narrow(w, w->weight_values + (size_t)o * terms)
                                   : sum_golden(w, p->codes + (size_t)o * terms);
        mp_u128 kept = (mp_u128)sum << unused;
        size_t at = o * places + position;
        float value;

        if (codes != NULL)
            codes[at] = kept >> unused;
        if (output == NULL)
            continue;
        value =
            ldexpf((float)((mp_i128)kept >> unused), p->exponents[o] + (int)w->m->form.drop_bits);
        value += p->layer->bias != NULL ? p->layer->bias[o] : 0;
        output[at] = value > w->least ? value : w->least;
    }
}

static void run_image(struct work *w, const float *input, float *output, mp_u128 *codes)
{
    const struct mp_integer_layer *p = w->p;
    uint64_t places = p->is_dense ? 1 : (uint64_t)p->out.height * p->out.width;
    uint32_t groups = p->is_dense ? 1 : p->layer->groups;

    mp_format_encode_array(&p->activation, p->activation_unit_exponent, mp_shape_elements(&p->in),
                           input, w->codes);
    for (uint32_t g = 0; g < groups; g++)
        for (uint64_t i = 0; i < places; i++) {
            gather(w, g, (uint32_t)(i / p->out.width), (uint32_t)(i % p->out.width));
            run_position(w, g, i, places, output, codes);
        }
}

/* Sums of a layer's products need at most so many bits. */
static bool is_narrow(const struct mp_integer *m, const struct mp_integer_layer *p)
{
    return !m->form.is_shared &&
           mp_golden_accumulator_bits(&p->weight, &p->activation, p->layer->terms) <= NARROW_BITS;
}

void mp_integer_run_form(const struct mp_integer *m, uint32_t l, uint32_t images,
                         const float *input, float least, float *output, mp_u128 *codes)
{
    const struct mp_integer_layer *p = &m->layers[l];
    size_t terms = p->layer->terms, weights = p->layer->out_count * terms;
    uint64_t in = mp_shape_elements(&p->in), out = mp_shape_elements(&p->out);
    struct work w = {.m = m, .p = p, .is_narrow = is_narrow(m, p), .least = least};

    w.weight_values = mp_alloc(weights, sizeof *w.weight_values);
    w.activation_values = mp_alloc(terms, sizeof *w.activation_values);
    w.codes = mp_alloc((size_t)in, sizeof *w.codes);
    w.terms = mp_alloc(terms, sizeof *w.terms);
    for (size_t i = 0; w.is_narrow && i < weights; i++)
        w.weight_values[i] = (int64_t)value_of(&p->weight, p->codes[i]);
    for (uint32_t i = 0; i < images; i++)
        run_image(&w, input + i * in, output != NULL ? output + i * out : NULL, codes);
    free(w.weight_values);
    free(w.activation_values);
    free(w.codes);
    free(w.terms);
}
