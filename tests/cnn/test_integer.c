/*
 * The integer engine against the golden MAC, product by product, and against the float engine.
 */
#include "estimator/util/file.h"
#include "estimator/util/random.h"
#include "tests/cnn/integer_check.h"
#include "tests/cnn/one_layer.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FASHION "/usr/share/datasets/fashion-mnist/"

/* All outputs of a layer on one image, every kernel. */
static void check_layer(const struct integer_reference *r, unsigned bits)
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
            want[i] = integer_golden(r, width, (uint32_t)(i / map),
                                     (uint32_t)(i % map / out->width), (uint32_t)(i % out->width));
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
        {"int8", "uint8", -9, -6},      {"int8", "int8", -9, -5},      {"uint8", "uint8", -9, -6},
        {"int4", "uint3", -4, -1},      {"int16", "uint16", -16, -14}, {"int11", "int9", -12, -7},
        {"e4m3", "uint8", -14, -6},     {"e5m2", "int8", -28, -5},     {"e0m5", "uint8", -7, -6},
        {"e6m10", "int16", -70, -13},   {"e3m4z", "uint8", -10, -6},   {"e2m1", "int5", -3, -2},
        {"fp8_e4m3", "uint8", -14, -6}, {"bf16w8", "int8", -16, -5},   {"bf16", "uint8", -24, -6},
        {"pot2_e3", "uint8", -8, -6}};
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
            struct one_layer o;
            struct mp_quantisation q;
            one_layer_init(&o, &shapes[s].in, shapes[s].out, shapes[s].kernel, shapes[s].stride,
                           shapes[s].pad, shapes[s].groups, 10 * f + s);
            quantise_by_hand(&q, &o.network, cases[f].weight, cases[f].activation,
                             cases[f].weight_exponent, cases[f].activation_exponent);
            float *input = random_input(&shapes[s].in, f + 100 * s);
            struct integer_reference r = {&o.network, &q, 0, input};
            check_layer(&r, 0);
            check_layer(&r, widths[turn++ % 8]);
            free(input);
            mp_quantisation_release(&q);
            one_layer_release(&o);
        }
}

/* Units whose sums are cut, product by product, against the golden model; and one that cuts nothing
 * against the fast engine. */
static void cut_sums(void **state)
{
    static const struct mp_golden_form forms[] = {
        {.terms = 4},
        {.terms = 1, .drop_bits = 9},
        {.terms = 1, .drop_bits = 9, .floors = true},
        {.terms = 4, .drop_bits = 9, .guard_bits = 2, .rounds = true},
        {.terms = 8, .is_shared = true, .guard_bits = 1},
    };
    static const char *const weights[] = {"e4m3", "e6m10", "e4m2z"};
    const struct mp_shape in = {5, 6, 5};

    (void)state;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (size_t k = 0; k < sizeof weights / sizeof *weights; k++) {
            struct one_layer o;
            struct mp_quantisation q;
            struct mp_integer *m = NULL;
            mp_u128 codes[4 * 30];

            one_layer_init(&o, &in, 4, 3, 1, 1, 1, f + 7 * k);
            quantise_by_hand(&q, &o.network, weights[k], f % 2 ? "uint8" : "int8", -14, -5);
            float *input = random_input(&in, f);
            struct integer_reference r = {&o.network, &q, 0, input};
            assert_int_equal(mp_integer_create(&m, &o.network, &q, 120, NULL, NULL), MP_OK);
            mp_integer_use_form(m, &q, &forms[f]);
            mp_integer_accumulators(m, NULL, 0, input, codes);
            for (uint32_t i = 0; i < 4 * 30; i++)
                assert_true(codes[i] ==
                            integer_golden_form(&r, &forms[f], 120, i / 30, i % 30 / 5, i % 5));
            for (uint32_t i = 0; f == 0 && i < 4 * 30; i++)
                assert_true(codes[i] == integer_golden(&r, 120, i / 30, i % 30 / 5, i % 5));
            mp_integer_destroy(m);
            free(input);
            mp_quantisation_release(&q);
            one_layer_release(&o);
        }
}

/* More terms than one 32-bit sum holds, all at the ends of their ranges. */
static void long_sums(void **state)
{
    const struct mp_shape in = {70001, 1, 1};
    struct one_layer o;
    struct mp_quantisation q;

    (void)state;
    one_layer_init(&o, &in, 2, 0, 1, 0, 1, 1);
    quantise_by_hand(&q, &o.network, "int8", "uint8", 0, 0);
    float *input = mp_alloc(in.channels, sizeof *input);
    for (uint32_t i = 0; i < in.channels; i++) {
        input[i] = 300;
        o.layer.weights[i] = -200;
        o.layer.weights[in.channels + i] = 200;
    }
    struct integer_reference r = {&o.network, &q, 0, input};
    check_layer(&r, 0);
    check_layer(&r, 64);
    check_layer(&r, 30);
    free(input);
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

/* What comes out of the layer: the wrapped accumulator, scaled, with the bias. 3 * 100 - 2 * 50 =
 * 200; in 8 bits -56. */
static void wrapped_output(void **state)
{
    const struct mp_shape in = {2, 1, 1};
    struct one_layer o;
    struct mp_quantisation q;
    float input[] = {25, 12.5f}, out[1];

    (void)state;
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 1);
    quantise_by_hand(&q, &o.network, "int8", "uint8", -1, -2);
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
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

/* Formats of each layer's own, and a unit for each output channel: the same as one layer at a time,
 * channel by channel, with that unit. */
static void own_units(void **state)
{
    const struct mp_shape in = {6, 5, 5};
    int units[] = {-9, -7, -8, -5};
    struct one_layer o;
    struct mp_quantisation q;
    struct mp_integer *m, *one;
    struct mp_integer_scratch *s;
    float have[4 * 25], want[4 * 25];

    (void)state;
    one_layer_init(&o, &in, 4, 3, 1, 1, 1, 1);
    float *input = random_input(&in, 1);
    quantise_by_hand(&q, &o.network, "int8", "int9", 0, -5);
    struct mp_integer_codes codes = q.layers[0];
    codes.weight_unit_exponents = units;
    assert_int_equal(mp_integer_create_layers(&m, &o.network, &codes, 0, NULL, NULL), MP_OK);
    assert_int_equal(mp_integer_scratch_create(&s, m, 1, NULL), MP_OK);
    mp_integer_run(m, s, 0, 1, input, false, have);
    mp_integer_scratch_destroy(s);
    unsigned needed = 0, bits = mp_integer_accumulator_bits(m);
    for (int c = 0; c < 4; c++) {
        for (int k = 0; k < 4; k++)
            q.unit_exponents[k] = units[c];
        assert_int_equal(mp_integer_create(&one, &o.network, &q, 0, NULL, NULL), MP_OK);
        assert_int_equal(mp_integer_scratch_create(&s, one, 1, NULL), MP_OK);
        mp_integer_run(one, s, 0, 1, input, false, want);
        assert_memory_equal(have + 25 * c, want + 25 * c, 25 * sizeof *want);
        mp_integer_scratch_destroy(s);
        unsigned width = mp_integer_accumulator_bits(one), same = 0;
        assert_int_equal(mp_quantisation_accumulator_bits(&q, &o.network, NULL, &same, NULL),
                         MP_OK);
        assert_int_equal(width, same);
        needed = width > needed ? width : needed;
        mp_integer_destroy(one);
    }
    assert_true(bits <= needed);
    mp_integer_destroy(m);
    free(input);
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

static void refused(void **state)
{
    static const char *const pairs[][2] = {{"float32", "uint8"}, {"int8", "float32"},
                                           {"int17", "uint8"},   {"lut4", "uint8"},
                                           {"int8", "e4m3"},     {"int8", "fixed8"}};
    const struct mp_shape in = {2, 1, 1};
    struct mp_error err = MP_ERROR_INIT;
    struct one_layer o;
    struct mp_quantisation q;
    struct mp_integer *m;
    struct mp_model model;

    (void)state;
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 1);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        quantise_by_hand(&q, &o.network, pairs[i][0], pairs[i][1], 0, 0);
        assert_int_equal(mp_integer_create(&m, &o.network, &q, 0, NULL, &err), MP_E_UNSUPPORTED);
        assert_null(m);
        assert_non_null(strstr(err.message, o.layer.name));
        assert_int_equal(mp_model_init_integer(&model, &o.network, &q, 0, NULL, &err),
                         MP_E_UNSUPPORTED);
        mp_model_release(&model);
        mp_quantisation_release(&q);
    }
    quantise_by_hand(&q, &o.network, "int8", "uint8", 0, 0);
    assert_int_equal(mp_integer_create(&m, &o.network, &q, 129, NULL, &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "129 bits"));
    mp_quantisation_release(&q);
    one_layer_release(&o);
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
        integer_calibrate(&q, &n, &d, pairs[i][0], pairs[i][1]);
        integer_compare(&n, &q, &d, SMALL_IMAGES, true);
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
        integer_calibrate(&q, &n, &d, pairs[i][0], pairs[i][1]);
        integer_compare(&n, &q, &d, d.count, i == 0);
        integer_check_products(&n, &q, &d, 5);
        mp_quantisation_release(&q);
    }
    mp_dataset_release(&d);
    mp_network_release(&n);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),       cmocka_unit_test(cut_sums),
        cmocka_unit_test(long_sums),     cmocka_unit_test(wrapped_output),
        cmocka_unit_test(own_units),     cmocka_unit_test(refused),
        cmocka_unit_test(small_engines), cmocka_unit_test(default_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
