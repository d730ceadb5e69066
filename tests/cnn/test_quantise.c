/* Calibration, accuracy and bits: on the small network, and on the default network with all of
 * Fashion-MNIST's test images. */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/trace.h"
#include "estimator/util/file.h"
#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA         "/usr/share/datasets/fashion-mnist/"
#define RIGHT_ANSWER 9192 /* of 10,000: configs/networks/README.md */

/* Maximum calibration: no input of a layer on the calibration images saturates, and with half the
 * range one would. */
static void covers_the_maximum(void **state)
{
    (void)state;
    struct mp_network n;
    struct mp_dataset d;
    struct mp_quantisation q;
    struct mp_scheme s = scheme_of("int8", "uint8", "max");
    struct mp_model model;
    struct mp_workspace w;

    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    scheme_apply(&q, &n, &d, SMALL_IMAGES, &s);
    mp_model_init(&model, &n, NULL);
    assert_int_equal(mp_workspace_init(&w, &model, NULL), MP_OK);
    assert_true(w.batch >= SMALL_IMAGES);
    assert_int_equal(mp_workspace_load(&w, &d, 0, 0, SMALL_IMAGES, NULL), MP_OK);
    mp_workspace_run(&w, SMALL_IMAGES);
    uint64_t values = 0;
    for (uint32_t l = 0; l < n.layer_count; l++) {
        if (n.layers[l].weights == NULL)
            continue;
        size_t count = SMALL_IMAGES * mp_shape_elements(&n.shapes[n.layers[l].inputs[0]]);
        float most = 0;
        for (size_t i = 0; i < count; i++)
            most = fmaxf(most, w.tensors[n.layers[l].inputs[0]][i]);
        double limit = ldexp(255, q.layers[l].activation_unit_exponent);
        assert_true((double)most <= limit && 2 * (double)most > limit);
        values += count;
    }
    assert_int_equal(q.calibration_values, values);
    assert_int_equal(q.clipped_negative, 0);
    mp_workspace_release(&w);
    mp_model_release(&model);
    mp_quantisation_release(&q);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

/* Wide formats change nothing; a format of 2 bits does. Labels outside of the classes and too
 * many calibration images are refused. */
static void accuracy(void **state)
{
    (void)state;
    struct mp_network n;
    struct mp_dataset d;
    struct mp_quantisation q;
    struct mp_calibration_data c;
    struct mp_scheme s = scheme_of("int16", "int16", "max");
    struct mp_accuracy plain, wide, threads;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    assert_int_equal(mp_network_accuracy(&plain, &n, NULL, &d, 1, NULL), MP_OK);
    assert_int_equal(plain.images, SMALL_IMAGES);
    assert_int_equal(plain.top5, SMALL_IMAGES); /* of four classes */
    assert_in_range(plain.top1, 1, SMALL_IMAGES - 1);
    assert_int_equal(mp_network_accuracy(&threads, &n, NULL, &d, 3, NULL), MP_OK);
    assert_memory_equal(&plain, &threads, sizeof plain);
    scheme_apply(&q, &n, &d, 10, &s);
    assert_int_equal(mp_network_accuracy(&wide, &n, &q, &d, 0, NULL), MP_OK);
    assert_in_range(wide.top1, plain.top1 - 1, plain.top1 + 1);
    d.labels[3] = 4;
    assert_int_equal(mp_network_accuracy(&wide, &n, &q, &d, 0, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "image 3 has label 4"));
    mp_quantisation_release(&q);
    assert_int_equal(mp_calibration_data_collect(&c, &n, &d, SMALL_IMAGES + 1, 0, &err),
                     MP_E_USAGE);
    assert_int_equal(mp_calibration_data_collect(&c, &n, &d, 0, 0, &err), MP_E_USAGE);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

/* A dense layer of weights 1, -2, 3 as int4 (unit 1: 1, -2, 3) on uint3: 6 x 7 = 42, 7 bits. */
static void bits(void **state)
{
    (void)state;
    float weights[] = {1, -2, 3, 0, 0, 7};
    uint32_t input = 0;
    struct mp_layer layer = {.kind = MP_LAYER_DENSE,
                             .name = "d",
                             .inputs = &input,
                             .input_count = 1,
                             .output = 1,
                             .weights = weights,
                             .weight_count = 6,
                             .out_count = 2,
                             .terms = 3};
    struct mp_network n = {.layer_count = 1, .layers = &layer};
    struct mp_quantisation q;
    unsigned have = 0, layers[1];

    quantise_by_hand(&q, &n, "int4", "uint3", 0, 0);
    /* The second output has 7 x 7 = 49: 7 bits hold -64..63. */
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, layers, &have, NULL), MP_OK);
    assert_int_equal(have, 7);
    assert_int_equal(layers[0], 7);
    weights[4] = -2; /* 9 x 7 = 63: still 7 bits */
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, NULL, &have, NULL), MP_OK);
    assert_int_equal(have, 7);
    weights[4] = -3; /* 70 */
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, NULL, &have, NULL), MP_OK);
    assert_int_equal(have, 8);
    /* int3 activations reach -4: 10 x 4 = 40. */
    assert_int_equal(mp_format_parse(&q.layers[0].activation, "int3", NULL), MP_OK);
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, NULL, &have, NULL), MP_OK);
    assert_int_equal(have, 7);
    assert_int_equal(mp_quantisation_weight_bits(&q, &n), 6 * 4 + 8);
    q.weight_scope = MP_SCOPE_CHANNEL;
    assert_int_equal(mp_quantisation_weight_bits(&q, &n), 6 * 4 + 2 * 8);
    assert_int_equal(mp_format_parse(&q.layers[0].weight, "float32", NULL), MP_OK);
    assert_int_equal(mp_quantisation_weight_bits(&q, &n), 6 * 32);
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, NULL, &have, NULL), MP_E_UNSUPPORTED);
    mp_quantisation_release(&q);
}

/* ---- the default network */

struct fashion {
    struct mp_network network;
    struct mp_dataset train, test;
};

static int read_fashion(void **state)
{
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root != NULL ? root : ".", "configs/networks/fashion_lenet.onnx");
    struct fashion *f = NULL;
    int rc = MP_OK;

    *state = NULL;
    if (!mp_file_exists(DATA "t10k-images-idx3-ubyte.gz")) {
        printf("no " DATA ": skipped (Debian: dataset-fashion-mnist)\n");
    } else {
        *state = f = mp_alloc(1, sizeof *f);
        rc = mp_network_read_onnx(&f->network, path, NULL);
        if (rc == MP_OK)
            rc = mp_dataset_read_idx(&f->train, DATA "train-images-idx3-ubyte.gz",
                                     DATA "train-labels-idx1-ubyte.gz", 500, NULL);
        if (rc == MP_OK)
            rc = mp_dataset_read_idx(&f->test, DATA "t10k-images-idx3-ubyte.gz",
                                     DATA "t10k-labels-idx1-ubyte.gz", 0, NULL);
    }
    free(path);
    return rc < 0 ? -1 : 0;
}

static int drop_fashion(void **state)
{
    struct fashion *f = *state;

    if (f == NULL)
        return 0;
    mp_network_release(&f->network);
    mp_dataset_release(&f->train);
    mp_dataset_release(&f->test);
    free(f);
    return 0;
}

static void default_accuracy(void **state)
{
    struct fashion *f = *state;
    struct mp_accuracy a;
    struct mp_scheme s = scheme_of("int8", "uint8", "mse");
    struct mp_quantisation q;

    if (f == NULL) {
        skip();
        return;
    }
    assert_int_equal(f->network.layer_count, 11);
    assert_int_equal(mp_network_macs(&f->network), 1924992);
    assert_int_equal(mp_network_weight_count(&f->network), 28944);
    assert_int_equal(mp_network_accuracy(&a, &f->network, NULL, &f->test, 0, NULL), MP_OK);
    assert_int_equal(a.images, 10000);
    assert_in_range(a.top1, RIGHT_ANSWER - 1, RIGHT_ANSWER + 1);
    scheme_apply(&q, &f->network, &f->train, 500, &s);
    assert_int_equal(q.clipped_negative, 0);
    assert_int_equal(mp_network_accuracy(&a, &f->network, &q, &f->test, 0, NULL), MP_OK);
    assert_in_range(a.top1, RIGHT_ANSWER - 50, RIGHT_ANSWER + 50);
    mp_quantisation_release(&q);
}

static void default_trace(void **state)
{
    struct fashion *f = *state;
    struct mp_quantisation q;
    struct mp_trace t;
    struct mp_trace_statistics shares;
    struct mp_scheme s = scheme_of("int8", "uint8", "mse");
    static const struct mp_trace_options o = {.seed = 1};

    if (f == NULL)
        skip();
    scheme_apply(&q, &f->network, &f->train, 500, &s);
    assert_int_equal(mp_trace_make(&t, &f->network, &q, NULL, NULL, &f->test, &o, NULL), MP_OK);
    assert_int_equal(t.stretches, 512);
    assert_int_equal(t.length, 256);
    assert_int_equal(t.layer_count, 4);
    mp_trace_statistics(&t, &shares);
    assert_true(shares.zero_activations > 0.3 && shares.zero_activations < 0.8);
    assert_true(shares.zero_weights < 0.2);
    mp_trace_release(&t);
    mp_quantisation_release(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_the_maximum),
        cmocka_unit_test(accuracy),
        cmocka_unit_test(bits),
        cmocka_unit_test(default_accuracy),
        cmocka_unit_test(default_trace),
    };
    return cmocka_run_group_tests(tests, read_fashion, drop_fashion);
}
