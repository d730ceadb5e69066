/* The layers of an accuracy record: what they say of each scheme, and that the store takes them. */
#include "estimator/pipeline/record_layers.h"
#include "estimator/util/file.h"
#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static uint64_t sum_bits(const struct mp_accuracy_record *r)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < r->layer_count; i++)
        bits += r->layers[i].code_bits + r->layers[i].scale_bits + r->layers[i].table_bits;
    return bits;
}

static void put(const struct mp_accuracy_record *layers, uint64_t weight_bits)
{
    const struct mp_store_context context = {"1", "c", "h", "0.23", "2.0.17", 1, 1};
    struct mp_accuracy_record r = {.key = "c0000000000000000000000000000001",
                                   .network = "small",
                                   .network_hash = "h",
                                   .dataset_hash = "d",
                                   .weight_format = "w",
                                   .activation_format = "a",
                                   .weight_scope = "channel",
                                   .activation_scope = "layer",
                                   .calibration = "",
                                   .weight_calibration = "mse",
                                   .activation_calibration = "mse",
                                   .overrides = "",
                                   .engine = "fake",
                                   .images = 1,
                                   .planned_images = 1,
                                   .weight_count = 1,
                                   .weight_bits = weight_bits,
                                   .layers = layers->layers,
                                   .layer_count = layers->layer_count};
    struct mp_tempdir dir;
    struct mp_store *store = NULL;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_accuracy_record back;
    bool found = false;
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *path = mp_path_join(dir.path, "a.db");
    assert_int_equal(mp_store_open(&store, path, false, &err), MP_OK);
    int rc = mp_store_put_accuracy(store, &r, &context, &err);
    if (rc != MP_OK)
        fail_msg("%s", err.message);
    assert_int_equal(mp_store_get_accuracy(store, r.key, &back, &found, &err), MP_OK);
    assert_true(found);
    assert_int_equal(back.layer_count, r.layer_count);
    for (uint32_t i = 0; i < r.layer_count; i++) {
        assert_string_equal(back.layers[i].layer, r.layers[i].layer);
        assert_int_equal(back.layers[i].code_bits, r.layers[i].code_bits);
        assert_int_equal(back.layers[i].zero_skipping_bits, r.layers[i].zero_skipping_bits);
        assert_int_equal(back.layers[i].accumulator_bits, r.layers[i].accumulator_bits);
        assert_int_equal(back.layers[i].smallest_weight_unit_exponent,
                         r.layers[i].smallest_weight_unit_exponent);
    }
    mp_accuracy_record_release(&back);
    mp_store_close(store);
    mp_tempdir_remove(&dir);
    free(path);
}

static void reference(void **state)
{
    struct mp_network n;
    struct mp_accuracy_record r = {0};
    (void)state;
    assert_int_equal(small_network(&n), 0);
    mp_record_layers(&r, &n, NULL);
    assert_int_equal(r.layer_count, 3);
    assert_int_equal(sum_bits(&r), 32 * mp_network_weight_count(&n));
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal(r.layers[i].kind, i < 2 ? "convolution" : "dense");
        assert_string_equal(r.layers[i].weight_format, "float32");
        assert_int_equal(r.layers[i].smallest_weight_unit_exponent, MP_UNKNOWN_EXPONENT);
        assert_int_equal(r.layers[i].activation_unit_exponent, MP_UNKNOWN_EXPONENT);
        assert_int_equal(r.layers[i].accumulator_bits, 0);
        assert_true(r.layers[i].macs > 0);
    }
    put(&r, sum_bits(&r));
    mp_accuracy_record_release(&r);
    mp_network_release(&n);
}

static void schemes(void **state)
{
    static const char *const weights[] = {"int6", "e4m2", "lut3"};
    static const enum mp_scope scopes[] = {MP_SCOPE_NETWORK, MP_SCOPE_LAYER, MP_SCOPE_CHANNEL};
    struct mp_network n;
    struct mp_dataset d;
    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    for (size_t w = 0; w < 3; w++)
        for (size_t k = 0; k < 3; k++) {
            struct mp_scheme s = scheme_of(weights[w], w < 2 ? "fixed8" : "float32", "mse");
            struct mp_quantisation q;
            struct mp_accuracy_record r = {0};
            if (w == 2 && scopes[k] == MP_SCOPE_CHANNEL)
                continue;
            s.weight_scope = scopes[k];
            scheme_apply(&q, &n, &d, SMALL_IMAGES, &s);
            mp_record_layers(&r, &n, &q);
            assert_int_equal(sum_bits(&r) + q.shared_bits, mp_quantisation_weight_bits(&q, &n));
            for (uint32_t i = 0; i < r.layer_count; i++) {
                const struct mp_accuracy_layer *l = &r.layers[i];
                assert_string_equal(l->weight_format, weights[w]);
                assert_int_equal(l->accumulator_bits > 0, w < 2);
                assert_int_equal(l->activation_unit_exponent != MP_UNKNOWN_EXPONENT, w < 2);
                if (w == 2)
                    assert_int_equal(l->smallest_weight_unit_exponent, MP_UNKNOWN_EXPONENT);
                else if (scopes[k] != MP_SCOPE_CHANNEL)
                    assert_int_equal(l->smallest_weight_unit_exponent,
                                     l->largest_weight_unit_exponent);
            }
            if (w < 2)
                assert_string_not_equal(r.layers[0].activation_format, "fixed8");
            put(&r, mp_quantisation_weight_bits(&q, &n));
            mp_accuracy_record_release(&r);
            mp_quantisation_release(&q);
        }
    mp_dataset_release(&d);
    mp_network_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference), cmocka_unit_test(schemes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
