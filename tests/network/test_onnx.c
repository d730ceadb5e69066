/* Every operator, read from a built file and run, against a plain loop written from ONNX's
 * definition. */
#include "estimator/cnn/infer.h"
#include "estimator/util/random.h"
#include "tests/network/onnx_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES 2

static float *random_floats(uint64_t seed, size_t count)
{
    struct mp_random r;
    float *values = mp_alloc(count, sizeof *values);

    mp_random_seed(&r, seed);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)mp_random_normal(&r);
    return values;
}

/* Import the model and run IMAGES random images; the caller frees input and output. */
static void run(struct onnx_build *b, struct mp_network *n, float **input, float **output)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_model model;
    struct mp_workspace w;

    if (onnx_build_read(b, n, &err) < 0)
        fail_msg("%s", err.message);
    size_t in = IMAGES * mp_shape_elements(&n->shapes[n->input_tensor]);
    size_t out = IMAGES * mp_shape_elements(&n->shapes[n->output_tensor]);
    mp_model_init(&model, n, NULL);
    assert_int_equal(mp_workspace_init(&w, &model, &err), MP_OK);
    *input = random_floats(7, in);
    *output = mp_alloc(out, sizeof **output);
    memcpy(w.tensors[n->input_tensor], *input, in * sizeof(float));
    mp_workspace_run(&w, IMAGES);
    memcpy(*output, w.tensors[n->output_tensor], out * sizeof(float));
    mp_workspace_release(&w);
    mp_model_release(&model);
}

/* Sums of `terms` products of size 1 in float32. */
static void assert_sum(float have, double want, size_t terms)
{
    if (!(fabs((double)have - want) <= 4e-6 * sqrt((double)terms) * (1 + fabs(want))))
        fail_msg("%.9g instead of %.9g", (double)have, want);
}

static void assert_near(float have, double want)
{
    assert_sum(have, want, 6);
}

static void finish(struct mp_network *n, float *input, float *output)
{
    free(input);
    free(output);
    mp_network_release(n);
}

/* ---- convolution */

struct conv_case {
    int64_t in[3], out_channels, kernel[2], groups, stride[2], dilation[2], pads[4];
    const char *auto_pad;
    int64_t want_pads[4], want[2]; /* top left bottom right; height, width */
};

static const struct conv_case conv_cases[] = {
    {{1, 5, 6}, 3, {3, 3}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, {0, 0, 0, 0}, {3, 4}},
    {{4, 7, 6}, 6, {3, 2}, 2, {2, 1}, {1, 2}, {1, 0, 2, 3}, NULL, {1, 0, 2, 3}, {4, 7}},
    {{6, 5, 5}, 6, {3, 3}, 6, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, {1, 1, 1, 1}, {5, 5}},
    {{2, 9, 8}, 2, {4, 3}, 1, {2, 3}, {1, 1}, {0, 0, 0, 0}, "SAME_UPPER", {1, 0, 2, 1}, {5, 3}},
    {{2, 9, 8}, 2, {4, 3}, 1, {2, 3}, {1, 1}, {0, 0, 0, 0}, "SAME_LOWER", {2, 1, 1, 0}, {5, 3}},
    {{2, 5, 4}, 2, {2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, "VALID", {0, 0, 0, 0}, {2, 2}},
    {{3, 2, 2}, 5, {1, 1}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, {0, 0, 0, 0}, {2, 2}},
    {{1, 3, 3}, 1, {5, 5}, 1, {1, 1}, {1, 1}, {4, 4, 4, 4}, NULL, {4, 4, 4, 4}, {7, 7}},
};

static double conv_at(const struct conv_case *c, const float *x, const float *w, int64_t o,
                      int64_t y, int64_t column)
{
    int64_t channels = c->in[0] / c->groups, group = o / (c->out_channels / c->groups);
    double sum = 0;

    for (int64_t i = 0; i < channels; i++)
        for (int64_t r = 0; r < c->kernel[0]; r++)
            for (int64_t s = 0; s < c->kernel[1]; s++) {
                int64_t iy = y * c->stride[0] + r * c->dilation[0] - c->want_pads[0];
                int64_t ix = column * c->stride[1] + s * c->dilation[1] - c->want_pads[1];
                if (iy < 0 || ix < 0 || iy >= c->in[1] || ix >= c->in[2])
                    continue;
                sum += (double)x[((group * channels + i) * c->in[1] + iy) * c->in[2] + ix] *
                       (double)w[((o * channels + i) * c->kernel[0] + r) * c->kernel[1] + s];
            }
    return sum;
}

static void check_conv(const struct conv_case *c, bool raw)
{
    int64_t shape[4] = {c->out_channels, c->in[0] / c->groups, c->kernel[0], c->kernel[1]};
    size_t count = (size_t)(shape[0] * shape[1] * shape[2] * shape[3]);
    float *w = random_floats(1, count), *bias = random_floats(2, (size_t)shape[0]);
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(0, c->in[0], c->in[1], c->in[2]));
    (raw ? onnx_build_raw : onnx_build_floats)(&b, "w", shape, 4, w);
    onnx_build_floats(&b, "b", DIMS(shape[0]), bias);
    onnx_node *node = onnx_build_node(&b, "Conv", "x w b", "y");
    onnx_build_ints(node, "kernel_shape", c->kernel, 2);
    onnx_build_ints(node, "strides", c->stride, 2);
    onnx_build_ints(node, "dilations", c->dilation, 2);
    onnx_build_int(node, "group", c->groups);
    if (c->auto_pad != NULL)
        onnx_build_string(node, "auto_pad", c->auto_pad);
    else
        onnx_build_ints(node, "pads", c->pads, 4);
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);

    const struct mp_shape *out = &n.shapes[n.output_tensor];
    assert_int_equal(out->channels, c->out_channels);
    assert_int_equal(out->height, c->want[0]);
    assert_int_equal(out->width, c->want[1]);
    assert_int_equal(mp_network_weight_count(&n), count);
    assert_int_equal(mp_network_macs(&n), count * (size_t)(c->want[0] * c->want[1]));
    int64_t map = c->in[0] * c->in[1] * c->in[2];
    size_t at = 0;
    for (int64_t i = 0; i < IMAGES; i++)
        for (int64_t o = 0; o < c->out_channels; o++)
            for (int64_t y = 0; y < c->want[0]; y++)
                for (int64_t x = 0; x < c->want[1]; x++)
                    assert_sum(output[at++],
                               (double)bias[o] + conv_at(c, input + i * map, w, o, y, x),
                               n.layers[0].terms);
    finish(&n, input, output);
    free(w);
    free(bias);
}

static void conv(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof conv_cases / sizeof *conv_cases; i++) {
        check_conv(&conv_cases[i], false);
        check_conv(&conv_cases[i], true);
    }
}

/* More columns than one tile: several tiles, the last one shorter. */
static void conv_tiles(void **state)
{
    static const struct conv_case large = {
        {24, 37, 41}, 3, {5, 5}, 1, {1, 1}, {1, 1}, {2, 2, 2, 2}, NULL, {2, 2, 2, 2}, {37, 41}};
    (void)state;
    check_conv(&large, true);
}

/* ---- pooling */

struct pool_case {
    const char *op;
    int64_t in[2], kernel[2], stride[2], pads[4], dilation[2];
    bool ceil_mode, include_pad;
    int64_t want[2];
};

static const struct pool_case pool_cases[] = {
    {"MaxPool", {6, 7}, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false, false, {3, 3}},
    {"MaxPool", {6, 7}, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, true, false, {3, 4}},
    {"MaxPool", {7, 7}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false, false, {4, 4}},
    {"MaxPool", {9, 8}, {3, 2}, {1, 2}, {0, 0, 0, 0}, {2, 3}, false, false, {5, 3}},
    /* The third window would start behind the image: it is left out. */
    {"MaxPool", {4, 4}, {2, 2}, {3, 3}, {0, 0, 1, 1}, {1, 1}, true, false, {2, 2}},
    {"AveragePool", {6, 7}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false, false, {3, 4}},
    {"AveragePool", {6, 7}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false, true, {3, 4}},
    {"AveragePool", {6, 6}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, true, true, {4, 4}},
    {"AveragePool", {6, 6}, {3, 3}, {2, 2}, {0, 0, 0, 0}, {1, 1}, true, false, {3, 3}},
    {"GlobalAveragePool", {4, 5}, {4, 5}, {1, 1}, {0, 0, 0, 0}, {1, 1}, false, false, {1, 1}},
};

static double pool_at(const struct pool_case *c, const float *x, int64_t y, int64_t column)
{
    double most = -INFINITY, sum = 0;
    int64_t inside = 0, with_pad = 0;

    for (int64_t r = 0; r < c->kernel[0]; r++)
        for (int64_t s = 0; s < c->kernel[1]; s++) {
            int64_t iy = y * c->stride[0] + r * c->dilation[0] - c->pads[0];
            int64_t ix = column * c->stride[1] + s * c->dilation[1] - c->pads[1];
            with_pad += iy < c->in[0] + c->pads[2] && ix < c->in[1] + c->pads[3];
            if (iy < 0 || ix < 0 || iy >= c->in[0] || ix >= c->in[1])
                continue;
            double v = (double)x[iy * c->in[1] + ix];
            most = v > most ? v : most;
            sum += v;
            inside++;
        }
    if (strcmp(c->op, "MaxPool") == 0)
        return most;
    return sum / (double)(c->include_pad ? with_pad : inside);
}

static void check_pool(const struct pool_case *c)
{
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;
    int64_t channels = 3, map = c->in[0] * c->in[1];

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(1, channels, c->in[0], c->in[1]));
    onnx_node *node = onnx_build_node(&b, c->op, "x", "y");
    if (strcmp(c->op, "GlobalAveragePool") != 0) {
        onnx_build_ints(node, "kernel_shape", c->kernel, 2);
        onnx_build_ints(node, "strides", c->stride, 2);
        onnx_build_ints(node, "pads", c->pads, 4);
        onnx_build_ints(node, "dilations", c->dilation, 2);
        onnx_build_int(node, "ceil_mode", c->ceil_mode);
        onnx_build_int(node, "count_include_pad", c->include_pad);
    }
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);
    assert_int_equal(n.shapes[n.output_tensor].height, c->want[0]);
    assert_int_equal(n.shapes[n.output_tensor].width, c->want[1]);
    size_t at = 0;
    for (int64_t m = 0; m < IMAGES * channels; m++)
        for (int64_t y = 0; y < c->want[0]; y++)
            for (int64_t x = 0; x < c->want[1]; x++)
                assert_near(output[at++], pool_at(c, input + m * map, y, x));
    finish(&n, input, output);
}

static void pooling(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pool_cases / sizeof *pool_cases; i++)
        check_pool(&pool_cases[i]);
}

/* ---- dense */

static void check_gemm(bool transposed, float alpha, float beta, bool scalar_bias)
{
    float *w = random_floats(1, 12), bias[3] = {0.5f, -1, 2};
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;

    onnx_build_begin(&b, 11);
    onnx_build_input(&b, "x", DIMS(0, 4));
    if (transposed)
        onnx_build_floats(&b, "w", DIMS(3, 4), w);
    else
        onnx_build_raw(&b, "w", DIMS(4, 3), w);
    if (scalar_bias)
        onnx_build_floats(&b, "c", DIMS(1), bias);
    else
        onnx_build_floats(&b, "c", DIMS(1, 3), bias);
    onnx_node *node = onnx_build_node(&b, "Gemm", "x w c", "y");
    onnx_build_int(node, "transB", transposed);
    onnx_build_float(node, "alpha", alpha);
    onnx_build_float(node, "beta", beta);
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);
    assert_int_equal(n.layers[0].kind, MP_LAYER_DENSE);
    assert_int_equal(n.layers[0].terms, 4);
    for (int i = 0; i < IMAGES; i++)
        for (int o = 0; o < 3; o++) {
            double sum = 0;
            for (int k = 0; k < 4; k++)
                sum += (double)input[i * 4 + k] * (double)w[transposed ? o * 4 + k : k * 3 + o];
            assert_near(output[i * 3 + o],
                        (double)alpha * sum + (double)beta * (double)bias[scalar_bias ? 0 : o]);
        }
    finish(&n, input, output);
    free(w);
}

static void gemm(void **state)
{
    (void)state;
    check_gemm(true, 1, 1, false);
    check_gemm(false, 0.5f, 2, false);
    check_gemm(true, -2, 0.25f, true);
}

/* Flatten, Reshape of weights, MatMul and Add of a bias, as CNTK writes; the bias is a Constant. */
static void mat_mul(void **state)
{
    (void)state;
    float *w = random_floats(1, 24), bias[4] = {1, 2, 3, 4};
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;

    onnx_build_begin(&b, 8);
    onnx_build_input(&b, "x", DIMS(1, 3, 1, 2));
    onnx_build_floats(&b, "w", DIMS(3, 1, 2, 4), w);
    onnx_build_integers(&b, "flat", INTS(1, -1));
    onnx_build_integers(&b, "matrix", INTS(6, 4));
    onnx_build_constant(&b, "bias", DIMS(1, 4), bias);
    onnx_build_node(&b, "Reshape", "x flat", "v");
    onnx_build_node(&b, "Reshape", "w matrix", "m");
    onnx_build_node(&b, "MatMul", "v m", "p");
    onnx_build_node(&b, "Add", "bias p", "biased");
    onnx_build_floats(&b, "half", DIMS(1), (const float[]){0.5f});
    onnx_build_integers(&b, "scalar", NULL, 0);
    onnx_build_node(&b, "Reshape", "half scalar", "h");
    onnx_build_node(&b, "Add", "biased h", "y");
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);
    assert_int_equal(n.layer_count, 2);
    for (int i = 0; i < IMAGES; i++)
        for (int o = 0; o < 4; o++) {
            double sum = (double)bias[o] + 0.5;
            for (int k = 0; k < 6; k++)
                sum += (double)input[i * 6 + k] * (double)w[k * 4 + o];
            assert_near(output[i * 4 + o], sum);
        }
    finish(&n, input, output);
    free(w);
}

/* ---- folding */

static void batch_normalization(void **state)
{
    (void)state;
    float *w = random_floats(1, 6), bias[3] = {1, -1, 0.5f}, more[3] = {0.25f, 4, 1};
    float scale[3] = {2, -0.5f, 1}, shift[3] = {0, 1, -1}, mean[3] = {0.5f, 2, 0},
          variance[3] = {1, 4, 0.25f};
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;

    onnx_build_begin(&b, 15);
    onnx_build_input(&b, "x", DIMS(0, 2, 2, 2));
    onnx_build_floats(&b, "w", DIMS(3, 2, 1, 1), w);
    onnx_build_floats(&b, "b", DIMS(3), bias);
    onnx_build_floats(&b, "more", DIMS(3, 1, 1), more);
    onnx_build_floats(&b, "s", DIMS(3), scale);
    onnx_build_floats(&b, "t", DIMS(3), shift);
    onnx_build_floats(&b, "m", DIMS(3), mean);
    onnx_build_floats(&b, "v", DIMS(3), variance);
    onnx_build_node(&b, "Conv", "x w b", "c");
    onnx_build_node(&b, "Add", "c more", "d");
    onnx_build_node(&b, "Identity", "d", "e");
    onnx_node *node = onnx_build_node(&b, "BatchNormalization", "e s t m v", "y - -");
    onnx_build_float(node, "epsilon", 0.125f);
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);
    assert_int_equal(n.layer_count, 1);
    for (int i = 0; i < IMAGES; i++)
        for (int o = 0; o < 3; o++)
            for (int p = 0; p < 4; p++) {
                double c = (double)bias[o] + (double)more[o];
                for (int k = 0; k < 2; k++)
                    c += (double)input[(i * 2 + k) * 4 + p] * (double)w[o * 2 + k];
                assert_near(output[(i * 3 + o) * 4 + p], (double)scale[o] * (c - (double)mean[o]) /
                                                                 sqrt((double)variance[o] + 0.125) +
                                                             (double)shift[o]);
            }
    finish(&n, input, output);
    free(w);
}

/* ---- the rest */

/* Relu, Add of two tensors, Concat, Dropout, Flatten, Softmax; and a branch that leads nowhere. */
static void plain_layers(void **state)
{
    (void)state;
    struct onnx_build b;
    struct mp_network n;
    float *input, *output;

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(-1, 2, 1, 3));
    onnx_build_node(&b, "Relu", "x", "r");
    onnx_build_node(&b, "Add", "r x", "a");
    onnx_build_node(&b, "Relu", "a", "unused");
    onnx_node *concat = onnx_build_node(&b, "Concat", "x a r", "c");
    onnx_build_int(concat, "axis", -3);
    onnx_build_node(&b, "Dropout", "c", "d mask");
    onnx_build_node(&b, "Flatten", "d", "f");
    onnx_build_node(&b, "Softmax", "f", "y");
    onnx_build_output(&b, "y");
    run(&b, &n, &input, &output);
    assert_int_equal(n.layer_count, 5);
    for (int i = 0; i < IMAGES; i++) {
        double want[18], sum = 0;
        for (int k = 0; k < 18; k++) {
            double x = (double)input[i * 6 + k % 6], r = x > 0 ? x : 0;
            want[k] = exp(k < 6 ? x : k < 12 ? r + x : r);
            sum += want[k];
        }
        for (int k = 0; k < 18; k++)
            assert_near(output[i * 18 + k], want[k] / sum);
    }
    finish(&n, input, output);
}

static void reshapes(void **state)
{
    (void)state;
    static const struct {
        int64_t target[4];
        size_t rank;
        bool good;
        uint32_t want[3];
    } cases[] = {
        {{0, -1}, 2, true, {12, 1, 1}},
        {{-1, 12}, 2, true, {12, 1, 1}},
        {{1, 2, -1}, 3, true, {2, 6, 1}},
        {{0, 4, 3, 1}, 4, true, {4, 3, 1}},
        {{0, 0, -1, 0}, 4, true, {3, 2, 2}},
        {{-1, 6}, 2, false, {0}},
        {{2, 6}, 2, false, {0}},
        {{12}, 1, false, {0}},
        {{0, -1, -1}, 3, false, {0}},
        {{0, -2, -6}, 3, false, {0}},
        {{0, 5, -1}, 3, false, {0}},
        {{0, 1 << 30, 1 << 30, 16}, 4, false, {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct onnx_build b;
        struct mp_network n;
        struct mp_error err = MP_ERROR_INIT;
        onnx_build_begin(&b, 13);
        onnx_build_input(&b, "x", DIMS(0, 3, 2, 2));
        onnx_build_integers(&b, "s", cases[i].target, cases[i].rank);
        onnx_build_node(&b, "Reshape", "x s", "y");
        onnx_build_output(&b, "y");
        int rc = onnx_build_read(&b, &n, &err);
        if ((rc == MP_OK) != cases[i].good)
            fail_msg("case %zu: %s", i, err.message);
        if (rc == MP_OK)
            assert_memory_equal(&n.shapes[n.output_tensor], cases[i].want, sizeof cases[i].want);
        mp_network_release(&n);
    }
}

static void names(void **state)
{
    (void)state;
    struct onnx_build b;
    struct mp_network n;
    struct mp_error err = MP_ERROR_INIT;

    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", DIMS(0, 1, 2, 2));
    onnx_build_node(&b, "Relu", "x", "a")->name = mp_strdup("/act/Relu");
    onnx_build_node(&b, "Relu", "a", "b")->name = mp_strdup("act");
    onnx_build_node(&b, "Relu", "b", "c");
    onnx_build_output(&b, "c");
    assert_int_equal(onnx_build_read(&b, &n, &err), MP_OK);
    assert_string_equal(n.name, "test");
    assert_string_equal(n.layers[0].name, "act");
    assert_string_equal(n.layers[1].name, "act#1");
    assert_string_equal(n.layers[2].name, "c");
    mp_network_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv),         cmocka_unit_test(conv_tiles),
        cmocka_unit_test(pooling),      cmocka_unit_test(gemm),
        cmocka_unit_test(mat_mul),      cmocka_unit_test(batch_normalization),
        cmocka_unit_test(plain_layers), cmocka_unit_test(reshapes),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
