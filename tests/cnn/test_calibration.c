/* What is known of activations: signs through every kind of layer, extremes and samples. */
#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether a layer's output may be negative: of inputs that may (tensor 0) and may not (tensor 1).
 * The layer reads what `reads` says, "01" both. */
static bool sign_of(struct mp_layer l, const char *reads)
{
    struct mp_shape shapes[3] = {{2, 1, 1}, {2, 1, 1}, {2, 1, 1}};
    struct mp_layer layers[2];
    uint32_t first = 0, inputs[2] = {0, 0};
    bool negative[3];

    layers[0] = (struct mp_layer){
        .kind = MP_LAYER_RELU, .name = "relu", .inputs = &first, .input_count = 1, .output = 1};
    l.inputs = inputs;
    for (l.input_count = 0; reads[l.input_count] != '\0'; l.input_count++)
        inputs[l.input_count] = (uint32_t)(reads[l.input_count] - '0');
    l.output = 2;
    layers[1] = l;
    struct mp_network n = {.tensor_count = 3,
                           .layer_count = 2,
                           .output_tensor = 2,
                           .shapes = shapes,
                           .layers = layers};
    mp_network_find_signs(&n, true, negative);
    assert_true(negative[0] && !negative[1]);
    return negative[2];
}

static void signs(void **state)
{
    static const float plus[] = {1, 0}, minus[] = {1, -1}, zeros[] = {0, 0};
    float w = 1;

    (void)state;
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_CONV, .weights = &w}, "1"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_DENSE, .weights = &w}, "1"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_RELU}, "0"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_RELU, .negative_slope = 0.1f}, "0"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_RELU, .negative_slope = 0.1f}, "1"));
    static const enum mp_layer_kind same[] = {MP_LAYER_MAX_POOL, MP_LAYER_AVERAGE_POOL,
                                              MP_LAYER_RESHAPE, MP_LAYER_SLICE, MP_LAYER_PAD};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(sign_of((struct mp_layer){.kind = same[i]}, "0"));
        assert_false(sign_of((struct mp_layer){.kind = same[i]}, "1"));
    }
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_PAD, .low = -1}, "1"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_SOFTMAX}, "0"));
    for (enum mp_layer_kind k = MP_LAYER_LRN; k <= MP_LAYER_LRN_WITHIN; k++) {
        assert_false(sign_of((struct mp_layer){.kind = k, .lrn_alpha = 1, .lrn_k = 1}, "1"));
        assert_true(sign_of((struct mp_layer){.kind = k, .lrn_alpha = 1, .lrn_k = 1}, "0"));
        assert_true(sign_of((struct mp_layer){.kind = k, .lrn_alpha = -1, .lrn_k = 1}, "1"));
    }
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_CONCAT}, "11"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_CONCAT}, "10"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_MULTIPLY}, "11"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_MULTIPLY}, "10"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_MAXIMUM}, "10"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_MAXIMUM}, "00"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_ADD}, "11"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_ADD}, "01"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_ADD, .coefficients = plus}, "10"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_ADD, .coefficients = minus}, "11"));
    const struct mp_layer scale = {.kind = MP_LAYER_SCALE, .scale = plus, .shift = zeros};
    struct mp_layer other = scale;
    assert_false(sign_of(scale, "1"));
    assert_true(sign_of(scale, "0"));
    other.scale = minus;
    assert_true(sign_of(other, "1"));
    other.scale = zeros; /* the shift alone */
    assert_false(sign_of(other, "0"));
    other.shift = minus;
    assert_true(sign_of(other, "0"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_CLIP, .low = 0, .high = 6}, "0"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_CLIP, .low = -1, .high = 6}, "0"));
    assert_false(sign_of((struct mp_layer){.kind = MP_LAYER_CLIP, .low = -1, .high = 6}, "1"));
    assert_true(sign_of((struct mp_layer){.kind = MP_LAYER_CLIP, .low = -2, .high = -1}, "1"));
}

static void images(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_dataset d;

    (void)state;
    small_dataset(&d);
    assert_false(mp_dataset_may_be_negative(&d));
    assert_int_equal(mp_dataset_set_values(&d, &p, NULL), MP_OK);
    assert_false(mp_dataset_may_be_negative(&d));
    assert_int_equal(mp_preprocess_set(&p, "mean", "1", NULL), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &p, NULL), MP_OK);
    assert_true(mp_dataset_may_be_negative(&d));
    mp_preprocess_release(&p);
    mp_dataset_release(&d);
}

/* The small network reads images, and what two ReLUs give: nothing below zero. */
static void small(void **state)
{
    struct mp_network n;
    struct mp_dataset d;
    struct mp_calibration_data one, many;
    uint32_t weighted = 0;

    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    assert_int_equal(mp_calibration_data_collect(&one, &n, &d, 30, 1, NULL), MP_OK);
    assert_int_equal(mp_calibration_data_collect(&many, &n, &d, 30, 3, NULL), MP_OK);
    for (uint32_t l = 0; l < n.layer_count; l++) {
        const struct mp_layer_input *a = &one.inputs[l], *b = &many.inputs[l];
        if (n.layers[l].weights == NULL) {
            assert_int_equal(a->values, 0);
            continue;
        }
        weighted++;
        size_t all = 30 * mp_shape_elements(&n.shapes[n.layers[l].inputs[0]]);
        assert_int_equal(a->values, all);
        assert_int_equal(a->sample_count, all); /* small enough to be kept whole */
        assert_true(a->is_never_negative);
        assert_int_equal(a->negative, 0);
        float high = 0;
        for (uint32_t i = 0; i < a->sample_count; i++)
            high = fmaxf(high, a->samples[i]);
        assert_true(high == a->high && a->low == 0);
        assert_true(a->high == b->high && a->sample_count == b->sample_count);
        assert_memory_equal(a->samples, b->samples, a->sample_count * sizeof(float));
    }
    assert_int_equal(weighted, 3);
    mp_calibration_data_release(&one);
    mp_calibration_data_release(&many);
    /* A bias that is too large for float32 by the next layer. */
    struct mp_error err = MP_ERROR_INIT;
    n.layers[0].bias[0] = 3e38f;
    n.layers[0].bias[1] = 3e38f;
    for (uint32_t l = 1; l < n.layer_count; l++)
        for (uint32_t i = 0; n.layers[l].weights != NULL && i < n.layers[l].weight_count; i++)
            n.layers[l].weights[i] = 10;
    assert_int_equal(mp_calibration_data_collect(&one, &n, &d, 30, 0, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "no finite numbers"));
    mp_calibration_data_release(&one);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs),
        cmocka_unit_test(images),
        cmocka_unit_test(small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
