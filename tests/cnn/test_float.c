/* The float kernels against OpenBLAS: the same bits where sums are exact, and close elsewhere. */
#include "estimator/cnn/infer.h"
#include "estimator/util/random.h"
#include "tests/cnn/one_layer.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    struct mp_shape in;
    uint32_t out, kernel, stride, pad, groups;
} layers[] = {
    {{3, 29, 31}, 20, 7, 2, 0, 1},  /* stride, a last block of 4 channels */
    {{16, 13, 13}, 24, 1, 1, 0, 1}, /* the input itself is the columns */
    {{16, 13, 13}, 8, 1, 1, 1, 1},  /* 1 x 1, but with a pad */
    {{16, 14, 14}, 9, 1, 2, 0, 1},  {{12, 9, 11}, 15, 3, 1, 1, 3}, /* groups of 5 channels */
    {{10, 9, 11}, 10, 3, 1, 1, 10},                                /* depthwise: OpenBLAS alone */
    {{5, 3, 3}, 4, 3, 1, 0, 1}, /* one position, several images joined */
    {{2, 60, 60}, 65, 5, 1, 2, 1},  {{130, 8, 6}, 33, 3, 1, 1, 1},
};

/* Inputs are whole numbers, or any; the outputs of `images` images, freed by the caller. */
static float *run(const struct one_layer *o, const struct mp_float_kernel *kernel, bool whole,
                  uint32_t images)
{
    size_t in = mp_shape_elements(&o->shapes[0]), out = mp_shape_elements(&o->shapes[1]);
    float *result = mp_alloc(images * out, sizeof *result);
    struct mp_workspace w;
    struct mp_random r;
    struct mp_model m;

    mp_random_seed(&r, 7);
    mp_model_init(&m, &o->network, NULL);
    mp_model_use_kernel(&m, kernel);
    assert_int_equal(mp_workspace_init(&w, &m, NULL), MP_OK);
    assert_true(w.batch >= images);
    for (size_t i = 0; i < images * in; i++)
        w.tensors[0][i] =
            whole ? (float)mp_random_below(&r, 256) - 128 : (float)mp_random_normal(&r);
    mp_workspace_run(&w, images);
    memcpy(result, w.tensors[1], images * out * sizeof *result);
    mp_workspace_release(&w);
    mp_model_release(&m);
    return result;
}

static void check(const struct mp_float_kernel *kernel, size_t i, bool whole, uint32_t images)
{
    struct one_layer o;

    one_layer_init(&o, &layers[i].in, layers[i].out, layers[i].kernel, layers[i].stride,
                   layers[i].pad, layers[i].groups, i);
    for (uint32_t k = 0; k < o.layer.weight_count && whole; k++)
        o.layer.weights[k] = roundf(100 * o.layer.weights[k]);
    for (uint32_t k = 0; k < o.layer.out_count && whole; k++)
        o.layer.bias[k] = roundf(10 * o.layer.bias[k]);
    size_t count = images * (size_t)mp_shape_elements(&o.shapes[1]);
    float *expected = run(&o, NULL, whole, images), *got = run(&o, kernel, whole, images);
    if (whole)
        assert_memory_equal(got, expected, count * sizeof *got);
    for (size_t k = 0; k < count; k++)
        assert_true(fabsf(got[k] - expected[k]) <= 2e-5f * (1 + fabsf(expected[k])));
    free(expected);
    free(got);
    one_layer_release(&o);
}

static void check_all(const struct mp_float_kernel *kernel)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        for (uint32_t images = 1; images <= 3; images += 2) {
            check(kernel, i, true, images);
            check(kernel, i, false, images);
        }
}

static void plain(void **state)
{
    (void)state;
    check_all(&mp_float_plain);
}

static void best(void **state)
{
    (void)state;
    if (mp_float_kernel_best() == NULL) {
        print_message("no kernel for this machine: skipped\n");
        skip();
    }
    check_all(mp_float_kernel_best());
}

/* Every number of vectors and rows, with a bias and a ReLU, on the kernel itself. */
static void check_kernel(const struct mp_float_kernel *k)
{
    float weights[5 * 16], columns[5 * 200], sums[MP_FLOAT_MOST_SUMS], out[200];
    struct mp_random r;

    assert_true(k->rows <= 16 && k->vectors * k->lanes <= 200);
    assert_true(k->rows * k->vectors * k->lanes <= MP_FLOAT_MOST_SUMS);
    mp_random_seed(&r, 3);
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        weights[i] = (float)mp_random_below(&r, 100) - 50;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        columns[i] = (float)mp_random_below(&r, 100) - 50;
    for (uint32_t vectors = 1; vectors <= k->vectors; vectors++) {
        uint32_t width = vectors * k->lanes;
        k->multiply(5, weights, columns, 200, vectors, sums);
        for (uint32_t row = 0; row < k->rows; row++) {
            k->finish(width, sums + row * width, 3, row % 2 == 0, out);
            for (uint32_t x = 0; x < width; x++) {
                float expected = 3;
                for (uint32_t t = 0; t < 5; t++)
                    expected += weights[t * k->rows + row] * columns[t * 200 + x];
                expected = row % 2 == 0 && !(expected > 0) ? 0 : expected;
                assert_true(out[x] >= expected && out[x] <= expected);
            }
        }
    }
}

static void kernels(void **state)
{
    (void)state;
    check_kernel(&mp_float_plain);
    if (mp_float_kernel_best() != NULL)
        check_kernel(mp_float_kernel_best());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels),
        cmocka_unit_test(plain),
        cmocka_unit_test(best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
