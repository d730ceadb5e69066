#include "tests/pipeline/dot_products.h"

#include "estimator/util/random.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>

static void check(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* What meets weight `term` of the output. */
static float activation(const struct mp_network *n, const struct mp_layer *l, const float *input,
                        const struct dot_product *p, uint32_t term)
{
    const struct mp_shape *in = &n->shapes[l->inputs[0]], *out = &n->shapes[l->output];

    if (l->kind == MP_LAYER_DENSE)
        return input[term];
    uint32_t window = l->kernel_h * l->kernel_w, map = out->height * out->width;
    uint32_t channel = (uint32_t)(p->output / map), at = (uint32_t)(p->output % map);
    uint32_t group = channel / (l->out_count / l->groups);
    int64_t c = (int64_t)group * (l->terms / window) + term / window, k = term % window;
    int64_t y = (int64_t)(at / out->width) * l->stride_h + k / l->kernel_w * l->dilation_h;
    int64_t x = (int64_t)(at % out->width) * l->stride_w + k % l->kernel_w * l->dilation_w;

    y -= l->pad_top;
    x -= l->pad_left;
    if (y < 0 || y >= in->height || x < 0 || x >= in->width)
        return 0;
    return input[(c * in->height + y) * in->width + x];
}

static void encode(struct dot_product *p, const struct mp_network *n,
                   const struct mp_quantisation *q, const float *input)
{
    const struct mp_layer *l = &n->layers[p->layer];
    const struct mp_integer_codes *codes = &q->layers[p->layer];
    const struct mp_shape *out = &n->shapes[l->output];
    uint64_t map = l->kind == MP_LAYER_DENSE ? 1 : (uint64_t)out->height * out->width;
    uint64_t channel = p->output / map;

    p->terms = l->terms;
    p->weights = mp_alloc(p->terms, sizeof *p->weights);
    p->activations = mp_alloc(p->terms, sizeof *p->activations);
    for (uint32_t t = 0; t < p->terms; t++) {
        p->weights[t] = mp_format_encode(&codes->weight, codes->weight_unit_exponents[channel],
                                         (double)l->weights[channel * l->terms + t]);
        p->activations[t] = mp_format_encode(&codes->activation, codes->activation_unit_exponent,
                                             (double)activation(n, l, input, p, t));
    }
}

struct engines {
    struct mp_model models[2];
    struct mp_integer_scratch *scratch[2];
};

static void draw_of_layer(struct dot_products *p, const struct engines *e,
                          const struct mp_workspace *w, const struct mp_quantisation *q,
                          struct dot_product place, uint32_t count, struct mp_random *random)
{
    const struct mp_network *n = e->models[0].network;
    const struct mp_layer *l = &n->layers[place.layer];
    const float *input = w->tensors[l->inputs[0]];
    size_t outputs = mp_shape_elements(&n->shapes[l->output]);
    mp_u128 *codes[2];

    for (unsigned b = 0; b < 2; b++) {
        codes[b] = mp_alloc(outputs, sizeof *codes[b]);
        mp_integer_accumulators(e->models[b].integer, e->scratch[b], place.layer, input, codes[b]);
    }
    for (uint32_t k = 0; k < count; k++) {
        struct dot_product *x = &p->items[p->count++];
        *x = place;
        x->output = mp_random_below(random, outputs);
        encode(x, n, q, input);
        for (unsigned b = 0; b < 2; b++)
            x->accumulator[b] = codes[b][x->output];
    }
    free(codes[0]);
    free(codes[1]);
}

void dot_products_draw(struct dot_products *p, const struct mp_network *n,
                       const struct mp_quantisation *q, const struct mp_dataset *d, uint32_t least,
                       const unsigned bits[2], uint64_t seed)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_workspace w;
    struct mp_random random;
    struct engines e;
    uint32_t weighted = 0;

    for (uint32_t l = 0; l < n->layer_count; l++)
        weighted += n->layers[l].weights != NULL;
    uint64_t places = (uint64_t)d->count * weighted;
    if (places == 0)
        abort(); /* a network without weights, or no image */
    uint32_t each = (uint32_t)(least / places) + 1;
    *p = (struct dot_products){0};
    p->items = mp_alloc((size_t)each * d->count * weighted, sizeof *p->items);
    mp_random_seed(&random, seed);
    for (unsigned b = 0; b < 2; b++) {
        check(mp_model_init_integer(&e.models[b], n, q, bits[b], NULL, &err), &err);
        check(mp_integer_scratch_create(&e.scratch[b], e.models[b].integer, 1, &err), &err);
    }
    check(mp_workspace_init(&w, &e.models[0], &err), &err);
    for (uint32_t image = 0; image < d->count; image++) {
        check(mp_workspace_load(&w, d, 0, image, 1, &err), &err);
        mp_workspace_run(&w, 1);
        for (uint32_t l = 0; l < n->layer_count; l++)
            if (n->layers[l].weights != NULL)
                draw_of_layer(p, &e, &w, q, (struct dot_product){.layer = l, .image = image}, each,
                              &random);
    }
    mp_workspace_release(&w);
    for (unsigned b = 0; b < 2; b++) {
        mp_integer_scratch_destroy(e.scratch[b]);
        mp_model_release(&e.models[b]);
    }
}

void dot_products_release(struct dot_products *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        free(p->items[i].weights);
        free(p->items[i].activations);
    }
    free(p->items);
    *p = (struct dot_products){0};
}
