/* Bits of weights: codes, scales, tables, and the code that skips zeros, worked out by hand,
 * against a decoder, and on the pruned SqueezeNet v1.0. */
#include "estimator/cnn/storage.h"
#include "estimator/util/random.h"
#include "tests/cnn/one_layer.h"
#include "tests/cnn/real_networks.h"
#include "tests/cnn/scheme_check.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void by_hand(void **state)
{
    /* Zeros before the two entries: 3 and 1. Bits of index: 0: 6 entries of 4; 1: 3 of 5; 2: 2 of
     * 6; 3: 2 of 7. */
    static const float values[8] = {0, 0, 0, 5, 0, 7, 0, -0.0F};
    struct mp_layer_storage l = {0};
    (void)state;
    mp_storage_skip_zeros(&l, values, 8, 4);
    assert_int_equal(l.zero_weights, 6);
    assert_int_equal(l.index_bits, 2);
    assert_int_equal(l.entries, 2);
    assert_int_equal(l.skipping_bits, 12);
    /* The example of the paper's figure 2: values at 1, 4, 15, indices of 3 bits, one filler. Codes
     * of one bit make 2 bits of index as good: 3 + 2 fillers of 3 bits against 4 of 4; wide codes
     * make 4 bits better, without a filler. */
    float sparse[16] = {0};
    sparse[1] = 3.4F;
    sparse[4] = 0.9F;
    sparse[15] = 1.7F;
    mp_storage_skip_zeros(&l, sparse, 16, 1);
    assert_int_equal(l.index_bits, 2);
    assert_int_equal(l.entries, 5);
    assert_int_equal(l.skipping_bits, 15);
    mp_storage_skip_zeros(&l, sparse, 16, 8);
    assert_int_equal(l.index_bits, 4);
    assert_int_equal(l.entries, 3);
    assert_int_equal(l.skipping_bits, 36);
    /* Nothing to skip, and nothing but zeros. */
    static const float dense[3] = {1, -1, 2}, none[5] = {0};
    mp_storage_skip_zeros(&l, dense, 3, 8);
    assert_int_equal(l.index_bits, 0);
    assert_int_equal(l.skipping_bits, 24);
    mp_storage_skip_zeros(&l, none, 5, 8);
    assert_int_equal(l.zero_weights, 5);
    assert_int_equal(l.entries, 0);
    assert_int_equal(l.skipping_bits, 0);
}

struct entry {
    uint32_t zeros;
    float value;
};

static size_t encode(struct entry *entries, const float *values, size_t count, unsigned k)
{
    size_t n = 0;
    uint32_t zeros = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] == 0 && zeros + 1 < 1U << k) {
            zeros++;
            continue;
        }
        entries[n++] = (struct entry){zeros, values[i]};
        zeros = 0;
    }
    /* Fillers with nothing behind them. */
    while (n > 0 && entries[n - 1].value == 0)
        n--;
    return n;
}

static void decode(float *values, const struct entry *entries, size_t n)
{
    size_t at = 0;
    for (size_t e = 0; e < n; e++) {
        at += entries[e].zeros;
        values[at++] = entries[e].value;
    }
}

/* The code that is counted can be decoded, and no other index is smaller. */
static void can_be_decoded(void **state)
{
    enum { COUNT = 3000 };
    struct mp_random random;
    float *values = mp_alloc(COUNT, sizeof *values), *back = mp_alloc(COUNT, sizeof *back);
    struct entry *entries = mp_alloc(COUNT, sizeof *entries);
    (void)state;
    mp_random_seed(&random, 5);
    for (unsigned share = 0; share <= 100; share += 5) {
        struct mp_layer_storage l = {0};
        uint64_t least = UINT64_MAX;
        for (size_t i = 0; i < COUNT; i++)
            values[i] = mp_random_below(&random, 100) < share * share / 100 ? 1.5F : 0;
        mp_storage_skip_zeros(&l, values, COUNT, 6);
        for (unsigned k = 0; k <= 12; k++) {
            size_t n = encode(entries, values, COUNT, k);
            memset(back, 0, COUNT * sizeof *back);
            decode(back, entries, n);
            assert_memory_equal(back, values, COUNT * sizeof *back);
            least = n * (k + 6) < least ? n * (k + 6) : least;
            if (k == l.index_bits)
                assert_int_equal(n, l.entries);
        }
        assert_int_equal(l.skipping_bits, least);
    }
    free(values);
    free(back);
    free(entries);
}

/* 2 x 3 weights; int4 with a unit of 1: 0.4 is rounded to zero. */
static void one_layer(void **state)
{
    static const float weights[6] = {0.4F, 0, 0, 3, -0.4F, 7};
    struct one_layer o;
    struct mp_quantisation q;
    struct mp_storage s;
    (void)state;
    one_layer_init(&o, &(struct mp_shape){3, 1, 1}, 2, 0, 1, 0, 1, 1);
    memcpy(o.layer.weights, weights, sizeof weights);
    mp_storage_make(&s, &o.network, NULL);
    assert_int_equal(s.layer_count, 1);
    assert_int_equal(s.plain_bits, 6 * 32);
    assert_int_equal(s.zero_weights, 2);
    assert_int_equal(s.layers[0].distinct_weights, 5);
    assert_int_equal(s.layers[0].scale_bits, 0);
    /* Entries 0.4, 3, -0.4, 7 with 0, 2, 0, 0 zeros before: two bits each. */
    assert_int_equal(s.layers[0].index_bits, 2);
    assert_int_equal(s.skipping_bits, 4 * 34);
    assert_int_equal(s.best_bits, 4 * 34);
    mp_storage_release(&s);
    quantise_by_hand(&q, &o.network, "int4", "uint8", 0, 0);
    mp_storage_make(&s, &o.network, &q);
    assert_int_equal(s.layers[0].distinct_weights, 3);
    assert_int_equal(s.zero_weights, 4);
    assert_int_equal(s.layers[0].code_bits, 24);
    assert_int_equal(s.layers[0].scale_bits + s.shared_bits,
                     mp_quantisation_weight_bits(&q, &o.network) - 24);
    assert_int_equal(s.plain_bits, mp_quantisation_weight_bits(&q, &o.network));
    assert_int_equal(s.layers[0].skipping_bits, 12); /* 3 and 7, with 3 and 1 zeros before */
    mp_storage_release(&s);
    mp_storage_release(&s);
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

/* Scales and tables by scope: the sums are those of quantise.h. */
static void scopes(void **state)
{
    static const struct {
        const char *weight;
        enum mp_scope scope;
        uint64_t scale_bits, table_bits, shared_bits;
    } cases[] = {{"int6", MP_SCOPE_LAYER, 8, 0, 0},
                 {"e3m2", MP_SCOPE_CHANNEL, 8 * 5, 0, 0},
                 {"int6", MP_SCOPE_NETWORK, 0, 0, 8},
                 {"lut3", MP_SCOPE_LAYER, 0, 32 * 8, 0},
                 {"lut3", MP_SCOPE_NETWORK, 0, 0, 32 * 8}};
    struct one_layer o;
    (void)state;
    one_layer_init(&o, &(struct mp_shape){4, 5, 5}, 5, 3, 1, 1, 1, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_scheme scheme = scheme_of(cases[i].weight, "float32", "mse");
        struct mp_quantisation q;
        struct mp_storage s;
        struct mp_error err = MP_ERROR_INIT;
        scheme.weight_scope = cases[i].scope;
        assert_int_equal(mp_quantisation_make(&q, &o.network, &scheme, NULL, &err), MP_OK);
        mp_storage_make(&s, &o.network, &q);
        assert_int_equal(s.layers[0].code_bits, 180 * scheme.weight.bits);
        assert_int_equal(s.layers[0].scale_bits, cases[i].scale_bits);
        assert_int_equal(s.layers[0].table_bits, cases[i].table_bits);
        assert_int_equal(s.shared_bits, cases[i].shared_bits);
        assert_int_equal(s.plain_bits, mp_quantisation_weight_bits(&q, &o.network));
        if (cases[i].table_bits > 0)
            assert_true(s.layers[0].distinct_weights <= 8);
        mp_storage_release(&s);
        mp_quantisation_release(&q);
    }
    one_layer_release(&o);
}

/* 33.4 % of its weights are not zero, 256 shared values a layer at most. */
static void pruned_squeezenet(void **state)
{
    struct real_network r;
    struct mp_storage s;
    (void)state;
    if (!real_network_open(&r, REAL_SQUEEZENET_PRUNED, 1)) {
        skip();
        return;
    }
    mp_storage_make(&s, &r.network, NULL);
    double present = 1 - (double)s.zero_weights / (double)s.weight_count;
    print_message("SqueezeNet v1.0: %llu weights, %.2f %% not zero, plain %.0f kB, skipping zeros "
                  "%.0f kB\n",
                  (unsigned long long)s.weight_count, 100 * present, (double)s.plain_bits / 8e3,
                  (double)s.best_bits / 8e3);
    assert_int_equal(s.layer_count, 26);
    assert_true(present > 0.3335 && present < 0.3345);
    for (uint32_t i = 0; i < s.layer_count; i++)
        assert_in_range(s.layers[i].distinct_weights, 2, 256);
    assert_true(s.best_bits < s.plain_bits / 2);
    mp_storage_release(&s);
    static const char *const formats[] = {"lut8", "int8", "e4m2", "int6"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct mp_scheme scheme = scheme_of(formats[i], "float32", "mse");
        struct mp_quantisation q;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_quantisation_make(&q, &r.network, &scheme, NULL, &err), MP_OK);
        mp_storage_make(&s, &r.network, &q);
        print_message("  %s: plain %.1f kB, skipping zeros %.1f kB, %.2f %% not zero\n", formats[i],
                      (double)s.plain_bits / 8e3, (double)s.best_bits / 8e3,
                      100 - 100 * (double)s.zero_weights / (double)s.weight_count);
        assert_true(s.best_bits < s.plain_bits);
        assert_int_equal(s.plain_bits, mp_quantisation_weight_bits(&q, &r.network));
        mp_storage_release(&s);
        mp_quantisation_release(&q);
    }
    real_network_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand), cmocka_unit_test(can_be_decoded),    cmocka_unit_test(one_layer),
        cmocka_unit_test(scopes),  cmocka_unit_test(pruned_squeezenet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
