/*
 * The integer engine against the golden MAC, product by product, and against the float engine.
 */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/integer_kernel.h"
#include "estimator/util/file.h"
#include "estimator/util/random.h"
#include "tests/cnn/one_layer.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FASHION "/usr/share/datasets/fashion-mnist/"

/* ---- the MAC, one product after another */

struct reference {
    const struct mp_network *network;
    const struct mp_quantisation *quantisation;
    uint32_t layer;
    const float *input; /* of one image */
};

static mp_u128 golden(const struct reference *r, unsigned bits, uint32_t channel, uint32_t y,
                      uint32_t x)
{
    const struct mp_layer *l = &r->network->layers[r->layer];
    const struct mp_shape *in = &r->network->shapes[l->inputs[0]];
    const struct mp_quantisation *q = r->quantisation;
    bool dense = l->kind == MP_LAYER_DENSE;
    uint32_t window = dense ? 1 : l->kernel_h * l->kernel_w;
    uint32_t first = dense ? 0 : channel / (l->out_count / l->groups) * (l->terms / window);
    mp_u128 sum = 0;

    for (uint32_t t = 0; t < l->terms; t++) {
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
        uint32_t w = mp_format_encode(&q->weight, q->weight_unit_exponent[r->layer],
                                      (double)l->weights[(size_t)channel * l->terms + t]);
        uint32_t a =
            mp_format_encode(&q->activation, q->activation_unit_exponent[r->layer], (double)value);
        sum = mp_golden_mac(&q->weight, &q->activation, bits, sum, t == 0, w, a);
    }
    return sum;
}

static void set_quantisation(struct mp_quantisation *q, const char *weight, const char *activation,
                             int *exponents)
{
    *q = (struct mp_quantisation){.weight_unit_exponent = exponents,
                                  .activation_unit_exponent = exponents + 1};
    assert_int_equal(mp_format_parse(&q->weight, weight, NULL), MP_OK);
    assert_int_equal(mp_format_parse(&q->activation, activation, NULL), MP_OK);
}

/* All outputs of a layer on one image, every kernel. */
static void check_layer(const struct reference *r, unsigned bits)
{
    const struct mp_network *n = r->network;
    const struct mp_shape *out = &n->shapes[n->layers[r->layer].output];
    size_t count = mp_shape_elements(out);
    mp_u128 *codes = mp_alloc(count, sizeof *codes), *want = mp_alloc(count, sizeof *want);
    const struct mp_integer_kernel *kernel;

    for (uint32_t k = 0; (kernel = mp_integer_kernel_at(k)) != NULL; k++) {
        struct mp_integer *m = NULL;
        struct mp_integer_scratch *s = NULL;
        struct mp_error err = MP_ERROR_INIT;
        if (mp_integer_create(&m, n, r->quantisation, bits, kernel, &err) < 0 ||
            mp_integer_scratch_create(&s, m, 1, &err) < 0)
            fail_msg("%s", err.message);
        unsigned width = mp_integer_accumulator_bits(m);
        for (size_t i = 0; k == 0 && i < count; i++) {
            size_t map = (size_t)out->height * out->width;
            want[i] = golden(r, width, (uint32_t)(i / map), (uint32_t)(i % map / out->width),
                             (uint32_t)(i % out->width));
        }
        mp_integer_accumulators(m, s, r->layer, r->input, codes);
        for (size_t i = 0; i < count; i++)
            if (codes[i] != want[i])
                fail_msg("kernel %s, %u bits: output %zu is %llx, not %llx", kernel->name, width, i,
                         (unsigned long long)codes[i], (unsigned long long)want[i]);
        mp_integer_scratch_destroy(s);
        mp_integer_destroy(m);
    }
    free(codes);
    free(want);
}

static float *random_input(const struct mp_shape *shape, uint64_t seed)
{
    size_t count = mp_shape_elements(shape);
    float *input = mp_alloc(count, sizeof *input);
    struct mp_random r;

    mp_random_seed(&r, seed);
    for (size_t i = 0; i < count; i++)
        input[i] = mp_random_below(&r, 4) == 0 ? 0 : (float)mp_random_normal(&r);
    return input;
}

/* ---- tests */

/* Formats with one digit and many, accumulators that hold every sum and that wrap, up to 128 bits;
 * shapes with a last plane that is not full, groups, strides, pads. */
static void formats(void **state)
{
    static const struct {
        const char *weight, *activation;
        int weight_exponent, activation_exponent;
    } cases[] = {
        {"int8", "uint8", -9, -6},    {"int8", "int8", -9, -5},      {"uint8", "uint8", -9, -6},
        {"int4", "uint3", -4, -1},    {"int16", "uint16", -16, -14}, {"int11", "int9", -12, -7},
        {"e4m3", "uint8", -14, -6},   {"e5m2", "int8", -28, -5},     {"e0m5", "uint8", -7, -6},
        {"e6m10", "int16", -70, -13}, {"e3m4z", "uint8", -10, -6},   {"e2m1", "int5", -3, -2}};
    static const struct {
        struct mp_shape in;
        uint32_t out, kernel, stride, pad, groups;
    } shapes[] = {{{3, 9, 7}, 5, 3, 1, 1, 1},
                  {{8, 6, 5}, 12, 1, 1, 0, 1},
                  {{10, 5, 5}, 6, 3, 2, 1, 2},
                  {{5, 3, 4}, 9, 0, 1, 0, 1},
                  {{1, 12, 12}, 3, 5, 3, 2, 1}};
    static const unsigned widths[] = {0, 1, 7, 16, 33, 64, 70, 128};
    unsigned turn = 0;

    (void)state;
    for (size_t f = 0; f < sizeof cases / sizeof *cases; f++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            int exponents[] = {cases[f].weight_exponent, cases[f].activation_exponent};
            struct one_layer o;
            struct mp_quantisation q;
            set_quantisation(&q, cases[f].weight, cases[f].activation, exponents);
            one_layer_init(&o, &shapes[s].in, shapes[s].out, shapes[s].kernel, shapes[s].stride,
                           shapes[s].pad, shapes[s].groups, 10 * f + s);
            float *input = random_input(&shapes[s].in, f + 100 * s);
            struct reference r = {&o.network, &q, 0, input};
            check_layer(&r, 0);
            check_layer(&r, widths[turn++ % 8]);
            free(input);
            one_layer_release(&o);
        }
}

/* More terms than one 32-bit sum holds, all at the ends of their ranges. */
static void long_sums(void **state)
{
    const struct mp_shape in = {70001, 1, 1};
    int exponents[] = {0, 0};
    struct one_layer o;
    struct mp_quantisation q;

    (void)state;
    set_quantisation(&q, "int8", "uint8", exponents);
    one_layer_init(&o, &in, 2, 0, 1, 0, 1, 1);
    float *input = mp_alloc(in.channels, sizeof *input);
    for (uint32_t i = 0; i < in.channels; i++) {
        input[i] = 300;
        o.layer.weights[i] = -200;
        o.layer.weights[in.channels + i] = 200;
    }
    struct reference r = {&o.network, &q, 0, input};
    check_layer(&r, 0);
    check_layer(&r, 64);
    check_layer(&r, 30);
    free(input);
    one_layer_release(&o);
}

/* What comes out of the layer: the wrapped accumulator, scaled, with the bias. 3 * 100 - 2 * 50 =
 * 200; in 8 bits -56. */
static void wrapped_output(void **state)
{
    const struct mp_shape in = {2, 1, 1};
    int exponents[] = {-1, -2};
    struct one_layer o;
    struct mp_quantisation q;
    float input[] = {25, 12.5f}, out[1];

    (void)state;
    set_quantisation(&q, "int8", "uint8", exponents);
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 1);
    o.layer.weights[0] = 1.5f;
    o.layer.weights[1] = -1;
    o.layer.bias[0] = 0.5f;
    for (unsigned bits = 8; bits <= 72; bits += 64) {
        struct mp_integer *m;
        struct mp_integer_scratch *s;
        assert_int_equal(mp_integer_create(&m, &o.network, &q, bits, NULL, NULL), MP_OK);
        assert_int_equal(mp_integer_scratch_create(&s, m, 1, NULL), MP_OK);
        mp_integer_run(m, s, 0, 1, input, false, out);
        assert_true(out[0] == (bits == 8 ? -56 / 8.0f : 200 / 8.0f) + 0.5f);
        mp_integer_run(m, s, 0, 1, input, true, out);
        assert_true(out[0] == (bits == 8 ? 0 : 200 / 8.0f + 0.5f));
        mp_integer_scratch_destroy(s);
        mp_integer_destroy(m);
    }
    one_layer_release(&o);
}

static void refused(void **state)
{
    const struct mp_shape in = {2, 1, 1};
    int exponents[] = {0, 0};
    struct mp_error err = MP_ERROR_INIT;
    struct one_layer o;
    struct mp_quantisation q;
    struct mp_integer *m;
    struct mp_model model;

    (void)state;
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 1);
    set_quantisation(&q, "float32", "uint8", exponents);
    assert_int_equal(mp_integer_create(&m, &o.network, &q, 0, NULL, &err), MP_E_UNSUPPORTED);
    assert_null(m);
    set_quantisation(&q, "int8", "float32", exponents);
    assert_int_equal(mp_model_init_integer(&model, &o.network, &q, 0, NULL, &err),
                     MP_E_UNSUPPORTED);
    mp_model_release(&model);
    set_quantisation(&q, "int8", "uint8", exponents);
    assert_int_equal(mp_integer_create(&m, &o.network, &q, 129, NULL, &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "129 bits"));
    one_layer_release(&o);
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

/* Both engines over all images of d: the same classes. Where sums round, an activation can fall on
 * the other side of a code's edge in a later layer, so outputs may differ by such a step. */
static void compare_engines(const struct mp_network *n, const struct mp_quantisation *q,
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

static void calibrate(struct mp_quantisation *q, const struct mp_network *n,
                      const struct mp_dataset *d, const char *weight, const char *activation)
{
    struct mp_format w, a;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(mp_format_parse(&w, weight, NULL), MP_OK);
    assert_int_equal(mp_format_parse(&a, activation, NULL), MP_OK);
    if (mp_quantisation_calibrate(q, n, &w, &a, MP_CALIBRATE_MSE, MP_CALIBRATE_MSE, d,
                                  d->count < 100 ? d->count : 100, &err) < 0)
        fail_msg("%s", err.message);
}

/* Sums of up to 24 bits: both engines give the same bits. */
static void small_engines(void **state)
{
    static const char *const pairs[][2] = {
        {"int8", "uint8"}, {"int6", "int6"}, {"e3m2", "uint8"}, {"e2m3z", "int7"}};
    struct mp_network n;
    struct mp_dataset d;

    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct mp_quantisation q;
        struct mp_accuracy a, b;
        struct mp_model m;
        calibrate(&q, &n, &d, pairs[i][0], pairs[i][1]);
        compare_engines(&n, &q, &d, SMALL_IMAGES, true);
        assert_int_equal(mp_model_init_integer(&m, &n, &q, 0, &mp_integer_plain, NULL), MP_OK);
        assert_int_equal(mp_model_accuracy(&a, &m, &d, 3, NULL), MP_OK);
        assert_int_equal(mp_network_accuracy(&b, &n, &q, &d, 1, NULL), MP_OK);
        assert_memory_equal(&a, &b, sizeof a);
        mp_model_release(&m);
        mp_quantisation_release(&q);
    }
    mp_dataset_release(&d);
    mp_network_release(&n);
}

/* A thousand dot products of real images at random places of all layers. */
static void check_products(const struct mp_network *n, const struct mp_quantisation *q,
                           const struct mp_dataset *d)
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
    for (uint32_t image = 0; image < 5; image++) {
        assert_int_equal(mp_workspace_load(&w, d, 0, image, 1, NULL), MP_OK);
        mp_workspace_run(&w, 1);
        for (uint32_t l = 0; l < n->layer_count; l++) {
            const struct mp_shape *out = &n->shapes[n->layers[l].output];
            if (n->layers[l].weights == NULL)
                continue;
            size_t count = mp_shape_elements(out), map = (size_t)out->height * out->width;
            struct reference r = {n, q, l, w.tensors[n->layers[l].inputs[0]]};
            mp_u128 *codes = mp_alloc(count, sizeof *codes);
            mp_integer_accumulators(m.integer, s, l, r.input, codes);
            for (uint32_t k = 0; k < 200 / weighted + 1; k++, checked++) {
                size_t at = mp_random_below(&random, count);
                mp_u128 want =
                    golden(&r, mp_integer_accumulator_bits(m.integer), (uint32_t)(at / map),
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

static void default_network(void **state)
{
    static const char *const pairs[][2] = {
        {"int8", "uint8"}, {"int11", "uint8"}, {"e4m3", "uint8"}, {"e5m4", "uint12"}};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root != NULL ? root : ".", "configs/networks/fashion_lenet.onnx");
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n = {0};
    struct mp_dataset d = {0};

    (void)state;
    if (!mp_file_exists(FASHION "t10k-images-idx3-ubyte.gz")) {
        print_message("no " FASHION ": skipped\n");
        free(path);
        skip();
        return;
    }
    if (mp_network_read_onnx(&n, path, &err) < 0 ||
        mp_dataset_read_idx(&d, FASHION "t10k-images-idx3-ubyte.gz",
                            FASHION "t10k-labels-idx1-ubyte.gz", 500, &err) < 0)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct mp_quantisation q;
        calibrate(&q, &n, &d, pairs[i][0], pairs[i][1]);
        compare_engines(&n, &q, &d, d.count, i == 0);
        check_products(&n, &q, &d);
        mp_quantisation_release(&q);
    }
    mp_dataset_release(&d);
    mp_network_release(&n);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),        cmocka_unit_test(long_sums),
        cmocka_unit_test(wrapped_output), cmocka_unit_test(refused),
        cmocka_unit_test(small_engines),  cmocka_unit_test(default_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
