/* What the importer refuses, and with which words; damaged files. */
#include "tests/network/onnx_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct onnx_build *b, enum mp_code code, const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;
    int rc = onnx_build_read(b, &n, &err);

    if (rc != (int)code || strstr(err.message, words) == NULL ||
        strcmp(err.file, "dir/test.onnx") != 0)
        fail_msg("%d %s: %s", rc, err.file, err.message);
    mp_network_release(&n);
}

/* x -> op -> y with an optional initialiser w of ones. */
static onnx_node *one_node(struct onnx_build *b, const char *op, const char *inputs,
                           const int64_t *dims, size_t rank)
{
    static const float ones[64] = {1, 1, 1, 1};

    onnx_build_begin(b, 13);
    onnx_build_input(b, "x", DIMS(0, 2, 4, 4));
    if (rank > 0)
        onnx_build_floats(b, "w", dims, rank, ones);
    onnx_node *node = onnx_build_node(b, op, inputs, "y");
    onnx_build_output(b, "y");
    return node;
}

static void refused_nodes(void **state)
{
    (void)state;
    struct onnx_build b;

    one_node(&b, "LSTM", "x", NULL, 0);
    refuse(&b, MP_E_UNSUPPORTED, "node \"y\" (LSTM): this operator is not supported");
    one_node(&b, "Relu", "z", NULL, 0);
    refuse(&b, MP_E_INPUT, "node \"y\" (Relu): input \"z\" is made by no node");
    one_node(&b, "Relu", "", NULL, 0);
    refuse(&b, MP_E_INPUT, "input 0 is missing");
    one_node(&b, "Relu", "x", NULL, 0)->domain = mp_strdup("com.acme");
    refuse(&b, MP_E_UNSUPPORTED, "of domain com.acme");
    one_node(&b, "Conv", "x w", DIMS(1, 3, 1, 1));
    refuse(&b, MP_E_INPUT, "do not fit an input of 2 channels");
    one_node(&b, "Conv", "x w", DIMS(1, 2, 3));
    refuse(&b, MP_E_UNSUPPORTED, "weights have 3 dimensions");
    one_node(&b, "Conv", "x w", DIMS(1, 2, 5, 5));
    refuse(&b, MP_E_INPUT, "a window of 5 x 5 does not fit");
    one_node(&b, "Conv", "x x", NULL, 0);
    refuse(&b, MP_E_UNSUPPORTED, "input \"x\" must be a constant");
    onnx_build_int(one_node(&b, "Conv", "x w", DIMS(1, 2, 1, 1)), "group", 0);
    refuse(&b, MP_E_INPUT, "in 0 groups");
    onnx_build_ints(one_node(&b, "Conv", "x w", DIMS(1, 2, 1, 1)), "strides", INTS(0, 1));
    refuse(&b, MP_E_INPUT, "strides holds 0");
    onnx_build_ints(one_node(&b, "Conv", "x w", DIMS(1, 2, 1, 1)), "pads",
                    INTS(65536, 65536, 65536, 65536));
    refuse(&b, MP_E_UNSUPPORTED, "too large");
    one_node(&b, "MaxPool", "x", NULL, 0);
    refuse(&b, MP_E_INPUT, "there is no kernel_shape");
    onnx_build_ints(one_node(&b, "MaxPool", "x", NULL, 0), "kernel_shape", INTS(2));
    refuse(&b, MP_E_UNSUPPORTED, "only images");
    one_node(&b, "Gemm", "x w", DIMS(32, 1));
    refuse(&b, MP_E_UNSUPPORTED, "has 4 dimensions instead of 2");
    one_node(&b, "Softmax", "x", NULL, 0); /* over the last axis */
    refuse(&b, MP_E_UNSUPPORTED, "softmax");
    one_node(&b, "Add", "x w", DIMS(4));
    refuse(&b, MP_E_UNSUPPORTED, "the constant must be one value, or one a channel");
    one_node(&b, "Div", "w x", DIMS(1));
    refuse(&b, MP_E_UNSUPPORTED, "and no dividend");
    onnx_build_int(one_node(&b, "Concat", "x x", NULL, 0), "axis", 0);
    refuse(&b, MP_E_UNSUPPORTED, "images cannot be joined over axis 0");
    onnx_build_ints(one_node(&b, "Pad", "x", NULL, 0), "pads", INTS(0, 1, 0, 0, 0, 0, 0, 0));
    refuse(&b, MP_E_UNSUPPORTED, "only pads around height and width");
    onnx_build_int(one_node(&b, "LRN", "x", NULL, 0), "size", 0);
    refuse(&b, MP_E_INPUT, "size 0 is outside");
    onnx_build_float(one_node(&b, "Clip", "x", NULL, 0), "min", NAN);
    refuse(&b, MP_E_INPUT, "min is above max");
    onnx_build_ints(one_node(&b, "ReduceMean", "x", NULL, 0), "axes", INTS(1, 2));
    refuse(&b, MP_E_UNSUPPORTED, "only the mean over height and width");
    onnx_build_ints(one_node(&b, "Squeeze", "x", NULL, 0), "axes", INTS(1));
    refuse(&b, MP_E_UNSUPPORTED, "its axes do not fit");
}

static void refused_models(void **state)
{
    (void)state;
    struct onnx_build b;

    one_node(&b, "Relu", "x", NULL, 0);
    b.model->opset_import[0]->version = 6;
    refuse(&b, MP_E_UNSUPPORTED, "operator set 6");
    one_node(&b, "Relu", "x", NULL, 0);
    onnx_build_output(&b, "x");
    refuse(&b, MP_E_UNSUPPORTED, "2 outputs");
    one_node(&b, "Relu", "x", NULL, 0);
    onnx_build_input(&b, "other", DIMS(1, 1));
    refuse(&b, MP_E_UNSUPPORTED, "several inputs");
    one_node(&b, "Relu", "x", NULL, 0);
    onnx_build_node(&b, "Relu", "x", "y");
    refuse(&b, MP_E_INPUT, "two values called \"y\"");

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(0, 1, 0, 8));
    onnx_build_node(&b, "Relu", "x", "y");
    onnx_build_output(&b, "y");
    refuse(&b, MP_E_UNSUPPORTED, "dimension 2 of input \"x\" is not fixed");
}

/* Every Concat doubles the tensor: stops at the limit, long before memory does. */
static void refused_growth(void **state)
{
    (void)state;
    struct onnx_build b;
    char in[32], out[32];

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "t0", DIMS(1, 64, 64, 64));
    for (int i = 0; i < 40; i++) {
        snprintf(in, sizeof in, "t%d t%d", i, i);
        snprintf(out, sizeof out, "t%d", i + 1);
        onnx_build_int(onnx_build_node(&b, "Concat", in, out), "axis", 1);
    }
    onnx_build_output(&b, "t40");
    refuse(&b, MP_E_UNSUPPORTED, "the network's tensors are too large");
}

static void refused_constants(void **state)
{
    (void)state;
    static const float nan_weight[2] = {1, NAN};
    struct onnx_build b;
    Onnx__Tensor *t;

    for (int i = 0; i < 6; i++) {
        onnx_build_begin(&b, 13);
        onnx_build_input(&b, "x", DIMS(0, 2, 1, 1));
        t = onnx_build_floats(&b, "w", DIMS(1, 2, 1, 1), nan_weight);
        onnx_build_node(&b, "Conv", "x w", "y");
        onnx_build_output(&b, "y");
        if (i == 1)
            t->dims[1] = 3;
        else if (i == 2)
            t->dims[0] = INT64_MAX;
        else if (i == 3)
            t->dims[0] = -1;
        else if (i == 4)
            t->data_type = 10;
        else if (i == 5)
            t->has_data_location = 1, t->data_location = 1;
        refuse(&b, i == 4 ? MP_E_UNSUPPORTED : MP_E_INPUT,
               i == 0   ? "layer \"y\": weight 1 is not a finite number"
               : i == 1 ? "claims 3 elements but holds 2"
               : i < 4  ? "negative dimension or too many elements"
               : i == 4 ? "data type 10"
                        : "kept in another file");
    }
}

/* A file cut at any byte, and with any byte changed, is read or refused, never more. */
static void damaged_files(void **state)
{
    (void)state;
    float w[64] = {1, -2, 3, -4};
    struct onnx_build b;
    struct mp_network n;
    struct mp_error err = MP_ERROR_INIT;
    uint8_t *bytes;

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(0, 2, 4, 4));
    onnx_build_raw(&b, "w", DIMS(2, 2, 2, 2), w);
    onnx_build_floats(&b, "v", DIMS(18, 2), w);
    onnx_build_integers(&b, "s", INTS(0, -1));
    onnx_build_ints(onnx_build_node(&b, "Conv", "x w", "c"), "pads", INTS(0, 0, 0, 0));
    onnx_build_node(&b, "Relu", "c", "r");
    onnx_build_node(&b, "Reshape", "r s", "f");
    onnx_build_node(&b, "Gemm", "f v", "y");
    onnx_build_output(&b, "y");
    size_t size = onnx_build_pack(&b, &bytes);
    onnx_build_release(&b);
    assert_int_equal(mp_network_read_onnx_bytes(&n, bytes, size, "t", &err), MP_OK);
    mp_network_release(&n);
    for (size_t cut = 0; cut < size; cut++) {
        if (mp_network_read_onnx_bytes(&n, bytes, cut, "t", &err) < 0)
            assert_true(err.message[0] != '\0');
        mp_network_release(&n);
    }
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            mp_network_read_onnx_bytes(&n, bytes, size, "t", &err);
            mp_network_release(&n);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    free(bytes);
    assert_int_equal(mp_network_read_onnx(&n, "/nonexistent/x.onnx", &err), MP_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_nodes),  cmocka_unit_test(refused_models),
        cmocka_unit_test(refused_growth), cmocka_unit_test(refused_constants),
        cmocka_unit_test(damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
