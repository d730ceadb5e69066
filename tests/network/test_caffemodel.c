/* Weights in every form, networks whose two files do not fit, orders of layers, damage. */
#include "estimator/network/caffemodel.h"
#include "tests/network/caffe_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT "input: 'data' input_shape { dim: 1 dim: 2 dim: 2 dim: 2 }\n"
#define CONV                                                                                       \
    "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'\n"                              \
    "  convolution_param { num_output: 3 kernel_size: 1 } }\n"

static const float weights[] = {1, 2, 3, 4, 5, 6}, biases[] = {10, 20, 30};

static void add_conv(struct caffe_build *b)
{
    if (b->old) {
        caffe_build_blob(b, (int64_t[]){3, 2, 1, 1}, 4, weights);
        caffe_build_blob(b, (int64_t[]){1, 1, 1, 3}, 4, biases);
    } else {
        caffe_build_blob(b, (int64_t[]){3, 2, 1, 1}, 4, weights);
        caffe_build_blob(b, (int64_t[]){3}, 1, biases);
    }
    caffe_build_layer(b, "c");
}

/* Old and new form, packed or not, float or double: the same network. */
static void forms(void **state)
{
    (void)state;
    static const float image[] = {1, 2, 3, 4, 10, 20, 30, 40};

    for (unsigned i = 0; i < 8; i++) {
        struct caffe_build b = {.old = i & 1, .unpacked = i & 2, .doubles = i & 4};
        struct mp_error err = MP_ERROR_INIT;
        struct mp_network n;
        add_conv(&b);
        if (caffe_build_read(&b, INPUT CONV, &n, &err) < 0)
            fail_msg("form %u: %s", i, err.message);
        assert_string_equal(n.name, "net");
        assert_int_equal(n.layer_count, 1);
        assert_int_equal(n.layers[0].weight_count, 6);
        assert_int_equal(n.layers[0].macs, 24);
        assert_int_equal(n.whole_macs, 24);
        float *out = caffe_run(&n, image, 1, false);
        for (int o = 0; o < 3; o++)
            for (int p = 0; p < 4; p++)
                assert_float_equal(
                    out[o * 4 + p],
                    biases[o] + weights[2 * o] * image[p] + weights[2 * o + 1] * image[4 + p], 0);
        free(out);
        mp_network_release(&n);
        caffe_build_release(&b);
    }
}

static void refuse(struct caffe_build *b, const char *text, int line, const char *message)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;
    int rc = caffe_build_read(b, text, &n, &err);

    if (rc == MP_OK || err.line != line || strstr(err.message, message) == NULL)
        fail_msg("%d, %s:%d: %s\n(instead of: %s)", rc, err.file, err.line, err.message, message);
    assert_int_equal(n.layer_count, 0);
    caffe_build_release(b);
}

/* The two files do not belong together, or the numbers are wrong. */
static void weights_that_do_not_fit(void **state)
{
    (void)state;
    const float bad[] = {1, NAN, 3, 4, 5, 6}, large[] = {1, 2, INFINITY};
    struct caffe_build b = {0};

    refuse(&b, INPUT CONV, 2, "layer \"c\" (Convolution): it has weights, but no caffemodel");
    caffe_build_blob(&b, (int64_t[]){3, 2, 1, 1}, 4, weights);
    caffe_build_layer(&b, "other");
    refuse(&b, INPUT CONV, 2, "there are no weights for it in dir/net.caffemodel");
    caffe_build_blob(&b, (int64_t[]){3, 2, 1, 1}, 4, weights);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 2, "it has 1 blobs in dir/net.caffemodel, but needs 2");
    caffe_build_blob(&b, (int64_t[]){2, 3, 1, 1}, 4, weights);
    caffe_build_blob(&b, (int64_t[]){3}, 1, biases);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0,
           "layer \"c\": blob 0 is 2 x 3 x 1 x 1, the prototxt needs 3 x 2 x 1 x 1");
    caffe_build_blob(&b, (int64_t[]){3, 2, 1, 1}, 4, weights);
    caffe_build_blob(&b, (int64_t[]){2}, 1, biases);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "layer \"c\": blob 1 is 2, the prototxt needs 3");
    caffe_build_blob_of(&b, (int64_t[]){3, 2, 1, 1}, 4, weights, 5);
    caffe_build_blob(&b, (int64_t[]){3}, 1, biases);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "blob 0 claims 6 numbers but holds 5");
    caffe_build_blob(&b, (int64_t[]){3, 2, 1, 1}, 4, bad);
    caffe_build_blob(&b, (int64_t[]){3}, 1, biases);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "layer \"c\": weight 1 is not a finite number");
    caffe_build_blob(&b, (int64_t[]){3, 2, 1, 1}, 4, weights);
    caffe_build_blob(&b, (int64_t[]){3}, 1, large);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "layer \"c\": bias 2 is not a finite number");
    add_conv(&b);
    add_conv(&b);
    refuse(&b, INPUT CONV, 0, "two layers with weights called \"c\"");
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "no layer with weights inside");
}

/* A small file that claims much more than it holds is refused before memory is taken. */
static void large_claims(void **state)
{
    (void)state;
    struct caffe_build b = {0};

    caffe_build_blob_of(&b, (int64_t[]){(int64_t)1 << 28}, 1, weights, 3);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 2, "it has 1 blobs");
    caffe_build_blob_of(&b, (int64_t[]){INT64_MAX, INT64_MAX, -1, 0}, 4, weights, 3);
    caffe_build_blob(&b, (int64_t[]){3}, 1, biases);
    caffe_build_layer(&b, "c");
    refuse(&b, INPUT CONV, 0, "the prototxt needs 3 x 2 x 1 x 1");
    /* A length of 1 GB in front of 3 bytes. */
    caffe_build_varint(&b.bytes, 100 << 3 | 2);
    caffe_build_varint(&b.bytes, 1000000000);
    mp_text_add(&b.bytes, "abc");
    refuse(&b, INPUT CONV, 0, "it is no caffemodel, or it is damaged or cut off");
    refuse(&b, "input: 'data' input_dim: 1 input_dim: 100000 input_dim: 100000 input_dim: 3\n" CONV,
           1, "input \"data\" of 100000 x 100000 x 3 is too large");
    refuse(&b,
           INPUT "layer { name: 'c' type: 'InnerProduct' bottom: 'data' top: 'c'\n"
                 "  inner_product_param { num_output: 134217728 } }",
           2, "more than 134217728 weights");
}

/* A file cut at any byte, or with any byte changed, is read or refused, never more. */
static void damaged(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        struct caffe_build b = {.old = form & 1, .unpacked = form & 2};
        add_conv(&b);
        size_t size = b.bytes.size, refused = 0;
        for (size_t i = 0; i < size; i++) {
            struct mp_network n;
            uint8_t *byte = (uint8_t *)b.bytes.data + i;
            uint8_t kept = *byte;
            for (unsigned change = 1; change < 256; change *= 2) {
                *byte = (uint8_t)(kept ^ change);
                refused += caffe_build_read(&b, INPUT CONV, &n, NULL) < 0;
                mp_network_release(&n);
            }
            *byte = kept;
            b.bytes.size = i;
            if (i > 0)
                assert_int_not_equal(caffe_build_read(&b, INPUT CONV, &n, NULL), MP_OK);
            b.bytes.size = size;
        }
        assert_true(refused > size);
        caffe_build_release(&b);
    }
}

/* ---- the prototxt */

#define POOL(name, bottom, top)                                                                    \
    "layer { name: '" name "' type: 'Pooling' bottom: '" bottom "' top: '" top                     \
    "' pooling_param { kernel_size: 1 } }\n"
#define RELU(name, bottom, top)                                                                    \
    "layer { name: '" name "' type: 'ReLU' bottom: '" bottom "' top: '" top "' }\n"

static void wrong_networks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        int line;
    } cases[] = {
        {INPUT "layer { name: 'x' type: 'Crop' bottom: 'data' top: 'x' }",
         "layer \"x\" (Crop): this type of layer is not supported", 2},
        {INPUT CONV "layer { name: 'c' type: 'InnerProduct' bottom: 'c' top: 'y'\n"
                    "  inner_product_param { num_output: 2 } }",
         "the layer in line 4 has the same name", 2},
        {INPUT "layers { name: 'x' type: TANH bottom: 'data' top: 'x' }",
         "layer \"x\" (TanH): this type of layer is not supported", 2},
        {INPUT "layers { layer { name: 'x' type: 'conv' } }", "oldest form", 2},
        {INPUT RELU("r", "nothing", "r"), "bottom \"nothing\" is made by no layer", 2},
        {INPUT RELU("a", "b", "a") RELU("b", "a", "b"), "form a loop", 2},
        {INPUT RELU("a", "data", "x") RELU("b", "data", "x"), "made by another layer already", 3},
        {INPUT RELU("a", "data", "x") RELU("b", "data", "y"), "2 outputs (\"x\", \"y\")", 0},
        {INPUT "layer { name: 'r' type: 'ReLU' bottom: 'data' top: 'r' relu_param { slope: 1 } }",
         "`relu_param` does not know the setting `slope`", 2},
        {INPUT "layer { name: 'r' type: 'ReLU' botom: 'data' top: 'r' }", "no setting `botom`", 2},
        {INPUT "layer { name: 'r' type: 'ReLU' top: 'r' }", "0 bottoms and 1 tops", 2},
        {INPUT "layer { type: 'ReLU' bottom: 'data' top: 'r' }", "has no name", 2},
        {"layer { name: 'd' type: 'Data' top: 'data' }\n" RELU("r", "data", "r"),
         "made by a data or loss layer", 2},
        {RELU("r", "data", "r"), "made by no layer", 1},
        {"input: 'a' input_dim: 1 input_dim: 2\n" RELU("r", "a", "r"), "no four `input_dim`", 1},
        {"name: 'x'", "there is no layer inside", 0},
        {INPUT "layer { name: 'i' type: 'Input' top: 'z' input_param { shape { dim: 1 dim: 2 } } }",
         "second input", 2},
        {INPUT "layer { name: 'p' type: 'Pooling' bottom: 'data' top: 'p'\n"
               "  pooling_param { kernel_size: 3 } }",
         "a window of 3 x 3 does not fit on an input of 2 x 2", 2},
        {INPUT "layer { name: 'p' type: 'Pooling' bottom: 'data' top: 'p'\n"
               "  pooling_param { pool: STOCHASTIC kernel_size: 2 } }",
         "only MAX and AVE", 2},
        {INPUT "layer { name: 'p' type: 'Pooling' bottom: 'data' top: 'p'\n"
               "  pooling_param { kernel_size: -2 } }",
         "`kernel_size` is `-2`", 3},
        {INPUT "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'\n"
               "  convolution_param { num_output: 3 group: 2 kernel_size: 1 } }",
         "3 outputs in 2 groups", 2},
        {INPUT "layer {", "never closed", 2},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct caffe_build b = {0};
        refuse(&b, cases[i].text, cases[i].line, cases[i].message);
    }
}

/* The layers' order in the file does not matter, unless blobs are written in place. */
static void orders(void **state)
{
    (void)state;
    static const char *const texts[] = {
        INPUT CONV RELU("r", "c", "c") POOL("p", "c", "p"),
        INPUT POOL("p", "c", "p") CONV RELU("r", "c", "c"),
        INPUT RELU("r", "c", "c") POOL("p", "c", "p") CONV,
        "layer { name: 'train' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN } }\n"
        "layer { name: 'in' type: 'Input' top: 'data'\n"
        "  input_param { shape: { dim: [10, 2, 2, 2] } } }\n" CONV RELU("r", "c", "c")
            POOL("p", "c", "p") "layer { name: 'd' type: 'Dropout' bottom: 'p' top: 'p' }\n"
                                "layer { name: 'l' type: 'SoftmaxWithLoss' bottom: 'p' bottom: "
                                "'label' }\n"
                                "layer { name: 'a' type: 'Accuracy' bottom: 'p' bottom: 'label' "
                                "exclude { phase: TRAIN } }\n",
    };
    static const float image[] = {-10, 2, 3, 4, 1, 2, -30, 4};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct caffe_build b = {0};
        struct mp_error err = MP_ERROR_INIT;
        struct mp_network n;
        add_conv(&b);
        if (caffe_build_read(&b, texts[i], &n, &err) < 0)
            fail_msg("order %zu, line %d: %s", i, err.line, err.message);
        assert_int_equal(n.layer_count, 3);
        assert_int_equal(n.layers[0].kind, MP_LAYER_CONV);
        assert_int_equal(n.layers[1].kind, MP_LAYER_RELU);
        assert_int_equal(n.layers[2].kind, MP_LAYER_MAX_POOL);
        for (int lean = 0; lean < 2; lean++) {
            float *out = caffe_run(&n, image, 1, lean != 0);
            for (int k = 0; k < 12; k++) {
                float want = biases[k / 4] + weights[k / 4 * 2] * image[k % 4] +
                             weights[k / 4 * 2 + 1] * image[4 + k % 4];
                assert_float_equal(out[k], want > 0 ? want : 0, 0);
            }
            free(out);
        }
        mp_network_release(&n);
        caffe_build_release(&b);
    }
}

/* ---- weights that are missing */

static void fill_ones(void *context, struct mp_layer *layer)
{
    (*(int *)context)++;
    for (uint32_t i = 0; i < layer->weight_count; i++)
        layer->weights[i] = 1;
}

static void missing_weights(void **state)
{
    (void)state;
    static const char text[] = INPUT CONV RELU(
        "r", "c", "c") "layer { name: 'f' type: 'InnerProduct' bottom: 'c' top: 'f'\n"
                       "  inner_product_param { num_output: 5 } }\n"
                       "layer { name: 's' type: 'Softmax' bottom: 'f' top: 's' }\n";
    struct caffe_build b = {0};
    struct mp_network n;
    int filled = 0;

    add_conv(&b);
    struct mp_caffe_files files = {text,         "n.prototxt", sizeof text - 1,
                                   b.bytes.data, b.bytes.size, "n.caffemodel"};
    struct mp_network_source source = {.missing = MP_MISSING_CUT};
    assert_int_equal(mp_network_read_caffe(&n, &files, &source, NULL), MP_OK);
    assert_int_equal(n.layer_count, 2);
    assert_int_equal(n.output_tensor, n.layers[1].output);
    assert_int_equal(mp_network_macs(&n), 24);
    assert_int_equal(n.whole_macs, 24 + 60);
    mp_network_release(&n);

    source = (struct mp_network_source){
        .missing = MP_MISSING_FILLED, .fill = fill_ones, .context = &filled};
    assert_int_equal(mp_network_read_caffe(&n, &files, &source, NULL), MP_OK);
    assert_int_equal(n.layer_count, 4);
    assert_int_equal(filled, 1);
    assert_false(n.layers[0].synthetic);
    assert_true(n.layers[2].synthetic);
    assert_int_equal(n.layers[2].weight_count, 60);
    mp_network_release(&n);

    files.weights = NULL;
    files.weights_path = NULL;
    source = (struct mp_network_source){.missing = MP_MISSING_CUT};
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_network_read_caffe(&n, &files, &source, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "no layer with weights can be computed"));
    caffe_build_release(&b);
}

static void kinds_of_files(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;

    assert_int_equal(mp_network_read(&n, "x.caffemodel", NULL, &err), MP_E_USAGE);
    assert_int_equal(mp_network_read(&n, "x.txt", NULL, &err), MP_E_USAGE);
    assert_int_equal(
        mp_network_read(&n, "x.onnx", &(struct mp_network_source){.weights = "y.caffemodel"}, &err),
        MP_E_USAGE);
    assert_int_equal(mp_network_read(&n, "/nonexistent/x.prototxt", NULL, &err), MP_E_NOT_FOUND);
    assert_int_equal(mp_network_read(&n, "/nonexistent/x.onnx", NULL, &err), MP_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),           cmocka_unit_test(weights_that_do_not_fit),
        cmocka_unit_test(large_claims),    cmocka_unit_test(damaged),
        cmocka_unit_test(wrong_networks),  cmocka_unit_test(orders),
        cmocka_unit_test(missing_weights), cmocka_unit_test(kinds_of_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
