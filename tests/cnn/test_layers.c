/* Every kind of layer that Caffe's importer makes, against numbers worked out by hand. */
#include "tests/network/caffe_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES 3

/* "input: 'data' ..." of channels x height x width. */
#define DATA(c, h, w)                                                                              \
    "input: 'data' input_dim: 1 input_dim: " #c " input_dim: " #h " input_dim: " #w "\n"
#define LAYER(name, type, bottom, top, settings)                                                   \
    "layer { name: '" name "' type: '" type "' bottom: '" bottom "' top: '" top "' " settings " }" \
    "\n"
#define LAST(type, settings) LAYER("x", type, "data", "x", settings)
#define RELU                 LAYER("r", "ReLU", "data", "r", "")

static void read_network(struct caffe_build *b, const char *text, struct mp_network *n)
{
    struct mp_error err = MP_ERROR_INIT;

    if (caffe_build_read(b, text, n, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    caffe_build_release(b);
}

/* Several equal images, in a workspace of either kind, all give want. */
static void check_network(const struct mp_network *n, const float *image, const double *want,
                          size_t count)
{
    size_t in = mp_shape_elements(&n->shapes[n->input_tensor]);
    float *images = mp_alloc(IMAGES * in, sizeof *images);

    assert_int_equal(mp_shape_elements(&n->shapes[n->output_tensor]), count);
    for (size_t i = 0; i < IMAGES * in; i++)
        images[i] = image[i % in];
    for (int lean = 0; lean < 2; lean++) {
        float *out = caffe_run(n, images, IMAGES, lean != 0);
        for (size_t i = 0; i < IMAGES * count; i++)
            if (!(fabs((double)out[i] - want[i % count]) <= 1e-6 * (1 + fabs(want[i % count]))))
                fail_msg("element %zu is %.9g, not %.9g", i, (double)out[i], want[i % count]);
        free(out);
    }
    free(images);
}

static void check(struct caffe_build *b, const char *text, const float *image, const double *want,
                  size_t count)
{
    struct mp_network n;

    read_network(b, text, &n);
    check_network(&n, image, want, count);
    mp_network_release(&n);
}

#define CHECK(b, text, image, ...)                                                                 \
    check(b, text, image, (const double[]){__VA_ARGS__},                                           \
          sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static const float counting[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void convolution(void **state)
{
    (void)state;
    struct caffe_build b = {0};

    /* Rectangular: a window of 1 x 2, a pad at both ends of rows, every second row. */
    caffe_build_blob(&b, (int64_t[]){1, 1, 1, 2}, 4, (float[]){1, 10});
    caffe_build_blob(&b, (int64_t[]){1}, 1, (float[]){0.5f});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(1, 2, 3) LAST("Convolution", "convolution_param { num_output: 1 kernel_h: 1 "
                                            "kernel_w: 2 stride_h: 2 stride_w: 1 pad_w: 1 }"),
          counting, 10.5, 21.5, 32.5, 3.5);
    /* Two groups, dilation 2, no bias: 1 - 3, 2 * 4 + 3 * 6. */
    caffe_build_blob(&b, (int64_t[]){2, 1, 1, 2}, 4, (float[]){1, -1, 2, 3});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(2, 1, 3) LAST("Convolution", "convolution_param { num_output: 2 group: 2 kernel_h: 1"
                                            " kernel_w: 2 dilation: 2 bias_term: false }"),
          counting, -2, 26);
    /* Height first where a size is given twice; old form with a scalar's blob. */
    caffe_build_blob(&b, (int64_t[]){1, 1, 2, 1}, 4, (float[]){1, 1});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(1, 2, 3) LAST("Convolution", "convolution_param { num_output: 1 kernel_size: 2 "
                                            "kernel_size: 1 bias_term: false }"),
          counting, 5, 7, 9);
    /* 1 x 1 in two groups over a larger map takes the input itself. */
    caffe_build_blob(&b, (int64_t[]){2, 1, 1, 1}, 4, (float[]){2, -1});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(2, 2, 2) LAST("Convolution", "convolution_param { num_output: 2 kernel_size: 1 "
                                            "group: 2 bias_term: false }"),
          counting, 2, 4, 6, 8, -5, -6, -7, -8);
}

static void inner_product(void **state)
{
    (void)state;
    struct caffe_build b = {.old = true};

    /* The old form pads shapes with ones in front. */
    caffe_build_blob(&b, (int64_t[]){1, 1, 2, 4}, 4, (float[]){1, 0, 0, 1, 1, 1, 1, 1});
    caffe_build_blob(&b, (int64_t[]){1, 1, 1, 2}, 4, (float[]){100, 200});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(1, 2, 2) "layers { name: 'x' type: INNER_PRODUCT bottom: 'data' top: 'x' blobs_lr: "
                        "1 inner_product_param { num_output: 2 } }",
          counting, 105, 210);
    b.old = false;
    caffe_build_blob(&b, (int64_t[]){4, 2}, 2, (float[]){1, 1, 0, 1, 0, 1, 1, 1});
    caffe_build_layer(&b, "x");
    CHECK(&b,
          DATA(1, 2, 2) LAST("InnerProduct", "inner_product_param { num_output: 2 transpose: true "
                                             "bias_term: false }"),
          counting, 5, 10);
}

#define POOL(settings) LAST("Pooling", "pooling_param { " settings " }")

static void pooling(void **state)
{
    (void)state;
    static const float row[] = {1, 5, 2, 7};
    struct caffe_build b = {0};

    /* Rounded up: the second window has two elements. */
    CHECK(&b, DATA(1, 1, 4) POOL("kernel_h: 1 kernel_w: 3 stride: 2"), row, 5, 7);
    CHECK(&b, DATA(1, 1, 4) POOL("pool: AVE kernel_h: 1 kernel_w: 3 stride: 2"), row, 8.0 / 3, 4.5);
    CHECK(&b, DATA(1, 1, 4) POOL("kernel_h: 1 kernel_w: 3 stride: 2 round_mode: FLOOR"), row, 5);
    /* Three windows by rounding up, but the third would start in the pad behind the row. */
    CHECK(&b, DATA(1, 1, 3) POOL("kernel_h: 1 kernel_w: 2 stride: 2 pad_w: 1"), counting, 1, 3);
    /* Pads count in an average. */
    CHECK(&b, DATA(1, 1, 3) POOL("pool: AVE kernel_h: 1 kernel_w: 2 stride: 2 pad_w: 1"), counting,
          0.5, 2.5);
    CHECK(&b, DATA(1, 1, 4) POOL("pool: AVE kernel_h: 1 kernel_w: 3 stride: 3 pad_w: 1"), counting,
          1, 7.0 / 3);
    CHECK(&b, DATA(2, 2, 2) POOL("pool: AVE global_pooling: true"), counting, 2.5, 6.5);
    CHECK(&b, DATA(2, 2, 2) POOL("pool: MAX global_pooling: true"), counting, 4, 8);
    CHECK(&b, DATA(1, 2, 3) POOL("kernel_size: 2 stride_h: 1 stride_w: 2"), counting, 5, 6);
}

static void lrn(void **state)
{
    (void)state;
    struct caffe_build b = {0};

    CHECK(&b, DATA(3, 1, 1) LAST("LRN", "lrn_param { local_size: 3 alpha: 3 beta: 1 k: 2 }"),
          counting, 1.0 / 7, 2.0 / 16, 3.0 / 15);
    CHECK(&b, DATA(1, 1, 1) LAST("LRN", "lrn_param { local_size: 1 alpha: 15 }"), counting,
          1.0 / 8);
    CHECK(&b, DATA(1, 1, 1) LAST("LRN", "lrn_param { local_size: 1 beta: 0.5 k: 15 }"), counting,
          1.0 / 4);
    CHECK(&b,
          DATA(1, 1, 3) LAST("LRN", "lrn_param { local_size: 3 alpha: 9 beta: 1 k: 5 "
                                    "norm_region: WITHIN_CHANNEL }"),
          counting, 1.0 / 6, 2.0 / 15, 3.0 / 14);
    CHECK(&b,
          DATA(1, 2, 2) LAST("LRN", "lrn_param { local_size: 3 alpha: 9 beta: 1 "
                                    "norm_region: WITHIN_CHANNEL }"),
          counting, 1.0 / 31, 2.0 / 31, 3.0 / 31, 4.0 / 31);
}

#define TWO(type, settings)                                                                        \
    RELU "layer { name: 'x' type: '" type "' bottom: 'data' bottom: 'r' top: 'x' " settings " }"

static void several_inputs(void **state)
{
    (void)state;
    static const float image[] = {1, -2, 3, -4}; /* ReLU: 1 0 3 0 */
    struct caffe_build b = {0};

    CHECK(&b, DATA(1, 2, 2) TWO("Concat", ""), image, 1, -2, 3, -4, 1, 0, 3, 0);
    CHECK(&b, DATA(1, 2, 2) TWO("Concat", "concat_param { axis: 2 }"), image, 1, -2, 3, -4, 1, 0, 3,
          0);
    CHECK(&b, DATA(1, 2, 2) TWO("Concat", "concat_param { axis: -1 }"), image, 1, -2, 1, 0, 3, -4,
          3, 0);
    CHECK(&b, DATA(2, 1, 2) TWO("Concat", "concat_param { axis: 2 }"), image, 1, -2, 1, 0, 3, -4, 3,
          0);
    CHECK(&b, DATA(1, 2, 2) TWO("Concat", "concat_param { concat_dim: 1 }"), image, 1, -2, 3, -4, 1,
          0, 3, 0);
    CHECK(&b, DATA(1, 2, 2) TWO("Eltwise", ""), image, 2, -2, 6, -4);
    CHECK(&b, DATA(1, 2, 2) TWO("Eltwise", "eltwise_param { coeff: 2 coeff: -1 }"), image, 1, -4, 3,
          -8);
    CHECK(&b, DATA(1, 2, 2) TWO("Eltwise", "eltwise_param { operation: PROD }"), image, 1, 0, 9, 0);
    CHECK(&b, DATA(1, 2, 2) TWO("Eltwise", "eltwise_param { operation: MAX }"), image, 1, 0, 3, 0);
    CHECK(&b, DATA(1, 2, 2) TWO("Eltwise", "bottom: 'data'"), image, 3, -4, 9, -8);
}

static void one_input(void **state)
{
    (void)state;
    static const float image[] = {1, -2, 3, -4};
    const float logs[] = {0, logf(3), 0, 0};
    struct caffe_build b = {0};

    CHECK(&b, DATA(1, 2, 2) RELU, image, 1, 0, 3, 0);
    CHECK(&b, DATA(1, 2, 2) LAST("ReLU", "relu_param { negative_slope: 0.5 }"), image, 1, -1, 3,
          -2);
    CHECK(&b, DATA(2, 1, 2) LAST("Softmax", ""), logs, 0.5, 0.75, 0.5, 0.25);
    CHECK(&b, DATA(1, 2, 2) RELU LAYER("x", "Dropout", "r", "x", ""), image, 1, 0, 3, 0);
    /* A reshape of what is read elsewhere too, with a ReLU in place behind it. */
    CHECK(&b,
          DATA(1, 2, 2) LAYER("p", "Pooling", "data", "p", "pooling_param { kernel_size: 1 }")
              LAYER("f", "Flatten", "p", "f", "") LAYER("r", "ReLU", "f", "f", "")
                  LAYER("g", "Flatten", "p", "g", "") LAYER("x", "Concat", "f", "x", "bottom: 'g'"),
          image, 1, 0, 3, 0, 1, -2, 3, -4);
    CHECK(&b,
          DATA(1, 2, 2) LAST("Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: 1 dim: 2 } }")
              LAYER("s", "Softmax", "x", "s", ""),
          ((float[]){0, logf(3), 0, 0}), 0.5, 0.75, 0.5, 0.25);
    /* Split gives the same tensor twice; what one branch does in place the other does not see. */
    CHECK(&b,
          DATA(1, 2, 2) LAYER("p", "Pooling", "data", "p", "pooling_param { kernel_size: 1 }")
              LAYER("s", "Split", "p", "a", "top: 'b'") LAYER("r", "ReLU", "a", "a", "")
                  LAYER("x", "Eltwise", "a", "x", "bottom: 'b'"),
          image, 2, -2, 6, -4);
}

#define NORM                                                                                       \
    "layer { name: 'n' type: 'BatchNorm' bottom: 'c' top: 'c' batch_norm_param { eps: 0 } }\n"     \
    "layer { name: 's' type: 'Scale' bottom: 'c' top: 'c' scale_param { bias_term: true } }\n"

static void add_norm(struct caffe_build *b)
{
    /* Sums of two batches: means 1 and 2, variances 4 and 9. */
    caffe_build_blob(b, (int64_t[]){2}, 1, (float[]){2, 4});
    caffe_build_blob(b, (int64_t[]){2}, 1, (float[]){8, 18});
    caffe_build_blob(b, (int64_t[]){1}, 1, (float[]){2});
    caffe_build_layer(b, "n");
    caffe_build_blob(b, (int64_t[]){2}, 1, (float[]){10, 30});
    caffe_build_blob(b, (int64_t[]){2}, 1, (float[]){1, 2});
    caffe_build_layer(b, "s");
}

/* (x - mean) / deviation * factor + shift: in the convolution where that alone feeds it. */
static void batch_norm(void **state)
{
    (void)state;
    static const char *const texts[] = {
        DATA(2, 1, 1) LAYER("c", "Convolution", "data", "c",
                            "convolution_param { num_output: 2 kernel_size: 1 }") NORM,
        DATA(2, 1, 1) LAYER("c", "Pooling", "data", "c", "pooling_param { kernel_size: 1 }") NORM,
    };
    static const float image[] = {3, 5};

    for (size_t i = 0; i < 2; i++) {
        struct caffe_build b = {0};
        struct mp_network n;
        caffe_build_blob(&b, (int64_t[]){2, 2, 1, 1}, 4, (float[]){1, 0, 0, 1});
        caffe_build_blob(&b, (int64_t[]){2}, 1, (float[]){0, 0});
        caffe_build_layer(&b, "c");
        add_norm(&b);
        read_network(&b, texts[i], &n);
        assert_int_equal(n.layer_count, i == 0 ? 1 : 3);
        assert_int_equal(mp_network_weight_count(&n), i == 0 ? 4 : 0);
        check_network(&n, image, (double[]){11, 32}, 2);
        mp_network_release(&n);
    }
    /* Where the convolution's result is read by another too, it stays as it is. */
    struct caffe_build b = {0};
    caffe_build_blob(&b, (int64_t[]){2, 2, 1, 1}, 4, (float[]){1, 0, 0, 1});
    caffe_build_layer(&b, "c");
    add_norm(&b);
    CHECK(&b,
          DATA(2, 1, 1) LAYER("c", "Convolution", "data", "q",
                              "convolution_param { num_output: 2 kernel_size: 1 bias_term: false }")
              LAYER("n", "BatchNorm", "q", "c", "batch_norm_param { eps: 0 }")
                  LAYER("s", "Scale", "c", "c", "scale_param { bias_term: true }")
                      LAYER("x", "Eltwise", "c", "x", "bottom: 'q'"),
          image, 14, 37);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution),    cmocka_unit_test(inner_product),
        cmocka_unit_test(pooling),        cmocka_unit_test(lrn),
        cmocka_unit_test(several_inputs), cmocka_unit_test(one_input),
        cmocka_unit_test(batch_norm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
