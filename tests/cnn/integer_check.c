#include "tests/cnn/integer_check.h"

#include "estimator/util/random.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>

/* Codes of term t of one output. */
static void operands(const struct integer_reference *r, uint32_t channel, uint32_t y, uint32_t x,
                     uint32_t t, uint32_t *weight, uint32_t *activation)
{
    const struct mp_layer *l = &r->network->layers[r->layer];
    const struct mp_shape *in = &r->network->shapes[l->inputs[0]];
    const struct mp_integer_codes *codes = &r->quantisation->layers[r->layer];
    bool dense = l->kind == MP_LAYER_DENSE;
    uint32_t window = dense ? 1 : l->kernel_h * l->kernel_w;
    uint32_t first = dense ? 0 : channel / (l->out_count / l->groups) * (l->terms / window);
    float value = 0;

    if (dense) {
        value = r->input[t];
    } else {
        int64_t c = first + t / window, k = t % window;
        int64_t row = (int64_t)y * l->stride_h + k / l->kernel_w * l->dilation_h - l->pad_top;
        int64_t col = (int64_t)x * l->stride_w + k % l->kernel_w * l->dilation_w - l->pad_left;
        if (row >= 0 && row < in->height && col >= 0 && col < in->width)
            value = r->input[(c * in->height + row) * in->width + col];
    }
    *weight = mp_format_encode(&codes->weight, codes->weight_unit_exponents[channel],
                               (double)l->weights[(size_t)channel * l->terms + t]);
    *activation =
        mp_format_encode(&codes->activation, codes->activation_unit_exponent, (double)value);
}

mp_u128 integer_golden(const struct integer_reference *r, unsigned bits, uint32_t channel,
                       uint32_t y, uint32_t x)
{
    const struct mp_golden_form exact = {.terms = 1};

    return integer_golden_form(r, &exact, bits, channel, y, x);
}

mp_u128 integer_golden_form(const struct integer_reference *r, const struct mp_golden_form *form,
                            unsigned bits, uint32_t channel, uint32_t y, uint32_t x)
{
    const struct mp_layer *l = &r->network->layers[r->layer];
    const struct mp_integer_codes *codes = &r->quantisation->layers[r->layer];
    mp_u128 sum = 0;

    for (uint32_t t = 0; t < l->terms; t += form->terms) {
        uint32_t w[MP_TERMS_MAX] = {0}, a[MP_TERMS_MAX] = {0};
        for (uint32_t i = 0; i < form->terms && t + i < l->terms; i++)
            operands(r, channel, y, x, t + i, &w[i], &a[i]);
        sum = mp_golden_form_mac(form, &codes->weight, &codes->activation, bits, sum, t == 0, w, a);
    }
    return sum;
}

/* One layer of both engines on the same input: no further apart than float32 sums from exact ones.
 */
static void compare_layers(const struct mp_workspace *fake, const struct mp_workspace *integer,
                           uint32_t images)
{
    const struct mp_network *n = fake->model->network;

    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->weights == NULL)
            continue;
        size_t count = images * (size_t)mp_shape_elements(&n->shapes[layer->output]);
        const float *want = fake->tensors[layer->output];
        float *have = mp_alloc(count, sizeof *have), largest = 0;
        mp_integer_run(integer->model->integer, integer->integer, l, images,
                       fake->tensors[layer->inputs[0]], false, have);
        for (size_t i = 0; i < count; i++)
            largest = fabsf(want[i]) > largest ? fabsf(want[i]) : largest;
        for (size_t i = 0; i < count; i++)
            if (!(fabsf(want[i] - have[i]) <= 1e-6f * largest))
                fail_msg("layer %s: %.9g and %.9g", layer->name, (double)want[i], (double)have[i]);
        free(have);
    }
}

void integer_compare(const struct mp_network *n, const struct mp_quantisation *q,
                     const struct mp_dataset *d, uint32_t images, bool exact)
{
    struct mp_model fake, integer;
    struct mp_workspace a, b;
    size_t classes = mp_shape_elements(&n->shapes[n->output_tensor]);
    struct mp_error err = MP_ERROR_INIT;

    mp_model_init(&fake, n, q);
    if (mp_model_init_integer(&integer, n, q, 0, NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(mp_workspace_init(&a, &fake, NULL), MP_OK);
    assert_int_equal(mp_workspace_init(&b, &integer, NULL), MP_OK);
    assert_int_equal(a.batch, b.batch);
    for (uint32_t i = 0; i < images; i += a.batch) {
        uint32_t count = images - i < a.batch ? images - i : a.batch;
        assert_int_equal(mp_workspace_load(&a, d, 0, i, count, NULL), MP_OK);
        assert_int_equal(mp_workspace_load(&b, d, 0, i, count, NULL), MP_OK);
        mp_workspace_run(&a, count);
        mp_workspace_run(&b, count);
        compare_layers(&a, &b, count);
        for (uint32_t k = 0; k < count; k++) {
            const float *x = a.tensors[n->output_tensor] + k * classes;
            const float *y = b.tensors[n->output_tensor] + k * classes;
            size_t best[2] = {0, 0};
            float largest = 0;
            for (size_t c = 0; c < classes; c++) {
                best[0] = x[c] > x[best[0]] ? c : best[0];
                best[1] = y[c] > y[best[1]] ? c : best[1];
                largest = fabsf(x[c]) > largest ? fabsf(x[c]) : largest;
            }
            assert_int_equal(best[0], best[1]);
            for (size_t c = 0; c < classes; c++)
                if (exact ? x[c] != y[c] : fabsf(x[c] - y[c]) > 1e-2f * largest)
                    fail_msg("image %u, class %zu: %.9g and %.9g", i + k, c, (double)x[c],
                             (double)y[c]);
        }
    }
    mp_workspace_release(&a);
    mp_workspace_release(&b);
    mp_model_release(&fake);
    mp_model_release(&integer);
}

void integer_calibrate(struct mp_quantisation *q, const struct mp_network *n,
                       const struct mp_dataset *d, const char *weight, const char *activation)
{
    struct mp_scheme s = scheme_of(weight, activation, "mse");

    scheme_apply(q, n, d, d->count < 100 ? d->count : 100, &s);
}

void integer_check_products(const struct mp_network *n, const struct mp_quantisation *q,
                            const struct mp_dataset *d, uint32_t images)
{
    struct mp_model m;
    struct mp_workspace w;
    struct mp_integer_scratch *s;
    struct mp_random random;
    uint32_t weighted = 0, checked = 0;

    mp_random_seed(&random, 3);
    for (uint32_t l = 0; l < n->layer_count; l++)
        weighted += n->layers[l].weights != NULL;
    assert_int_equal(mp_model_init_integer(&m, n, q, 0, NULL, NULL), MP_OK);
    assert_int_equal(mp_workspace_init(&w, &m, NULL), MP_OK);
    assert_int_equal(mp_integer_scratch_create(&s, m.integer, 1, NULL), MP_OK);
    for (uint32_t image = 0; image < images; image++) {
        assert_int_equal(mp_workspace_load(&w, d, 0, image, 1, NULL), MP_OK);
        mp_workspace_run(&w, 1);
        for (uint32_t l = 0; l < n->layer_count; l++) {
            const struct mp_shape *out = &n->shapes[n->layers[l].output];
            if (n->layers[l].weights == NULL)
                continue;
            size_t count = mp_shape_elements(out), map = (size_t)out->height * out->width;
            struct integer_reference r = {n, q, l, w.tensors[n->layers[l].inputs[0]]};
            mp_u128 *codes = mp_alloc(count, sizeof *codes);
            mp_integer_accumulators(m.integer, s, l, r.input, codes);
            for (uint32_t k = 0; k < 1000 / images / weighted + 1; k++, checked++) {
                size_t at = mp_random_below(&random, count);
                mp_u128 want =
                    integer_golden(&r, mp_integer_accumulator_bits(m.integer), (uint32_t)(at / map),
                                   (uint32_t)(at % map / out->width), (uint32_t)(at % out->width));
                if (codes[at] != want)
                    fail_msg("layer %s output %zu differs from the MAC", n->layers[l].name, at);
            }
            free(codes);
        }
    }
    assert_true(checked >= 1000);
    mp_integer_scratch_destroy(s);
    mp_workspace_release(&w);
    mp_model_release(&m);
}
