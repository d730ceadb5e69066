/* Weights in blocks with a scale each (mx formats): values, bits, traces, and what refuses them. */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/storage.h"
#include "estimator/cnn/trace.h"
#include "tests/cnn/one_layer.h"
#include "tests/cnn/scheme_check.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 32

/* Elements as the specification lists them, at scale 1. */
struct element {
    const char *name;
    unsigned bits;
    double values[32]; /* >= 0, ascending; ended by a smaller one */
    int emax;
};
static const struct element elements[] = {
    {"mxfp4", 4, {0, 0.5, 1, 1.5, 2, 3, 4, 6}, 2},
    {"mxfp6_e2m3",
     6,
     {0,     0.125, 0.25,  0.375, 0.5,   0.625, 0.75, 0.875, 1,    1.125, 1.25,
      1.375, 1.5,   1.625, 1.75,  1.875, 2,     2.25, 2.5,   2.75, 3,     3.25,
      3.5,   3.75,  4,     4.5,   5,     5.5,   6,    6.5,   7,    7.5},
     2},
    {"mxfp6_e3m2",
     6,
     {0,     0.0625, 0.125, 0.1875, 0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75,
      0.875, 1,      1.25,  1.5,    1.75, 2,      2.5,   3,      3.5, 4,     5,
      6,     7,      8,     10,     12,   14,     16,    20,     24,  28},
     4}};

/* Section 6.3 in plain words; random values are in no middle. */
static double plain_quantise(const struct element *e, double scale, double x)
{
    double best = 0;

    for (size_t i = 0; i < 32 && (i == 0 || e->values[i] > e->values[i - 1]); i++)
        if (fabs(fabs(x) / scale - e->values[i]) < fabs(fabs(x) / scale - best))
            best = e->values[i];
    return x < 0 ? -best * scale : best * scale;
}

static void make(struct mp_quantisation *q, const struct mp_network *n, const char *weight,
                 enum mp_scope scope)
{
    struct mp_scheme s = scheme_of(weight, "float32", "mse");
    struct mp_error err = MP_ERROR_INIT;

    s.weight_scope = scope;
    if (mp_quantisation_make(q, n, &s, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

/* 70 weights of an output make blocks of 32, 32 and 6, and those of 16 one; scopes change nothing,
 * neither values nor bits. */
static void values_and_bits(void **state)
{
    static const struct {
        struct mp_shape in;
        uint32_t kernel, blocks;
    } shapes[] = {{{70, 1, 1}, 0, 3}, {{4, 6, 6}, 2, 1}, {{64, 1, 1}, 0, 2}, {{12, 5, 5}, 3, 4}};

    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        for (size_t f = 0; f < sizeof elements / sizeof *elements; f++)
            for (int scope = 0; scope < 3; scope++) {
                struct one_layer o;
                struct mp_quantisation q;
                struct mp_storage storage;
                one_layer_init(&o, &shapes[k].in, 5, shapes[k].kernel, 1, 0, 1, 20 + k);
                make(&q, &o.network, elements[f].name, (enum mp_scope)scope);
                float *values = mp_alloc(o.layer.weight_count, sizeof *values);
                mp_quantisation_weights(&q, &o.network, 0, values);
                for (uint32_t c = 0; c < 5; c++)
                    for (uint32_t t = 0; t < o.layer.terms; t++) {
                        const float *w = o.layer.weights + (size_t)c * o.layer.terms;
                        double most = 0, x;
                        for (uint32_t i = t / BLOCK * BLOCK;
                             i < (t / BLOCK + 1) * BLOCK && i < o.layer.terms; i++)
                            most = fmax(most, fabs((double)w[i]));
                        x = plain_quantise(&elements[f],
                                           pow(2, floor(log2(most)) - elements[f].emax),
                                           (double)w[t]);
                        assert_true((double)values[c * o.layer.terms + t] == x);
                    }
                uint64_t bits = o.layer.weight_count * elements[f].bits + 5 * shapes[k].blocks * 8;
                assert_int_equal(mp_quantisation_weight_bits(&q, &o.network), bits);
                mp_storage_make(&storage, &o.network, &q);
                assert_int_equal(storage.plain_bits, bits);
                assert_int_equal(storage.layers[0].scale_bits, 5 * shapes[k].blocks * 8);
                mp_storage_release(&storage);
                free(values);
                mp_quantisation_release(&q);
                one_layer_release(&o);
            }
}

/* Worked by hand: a block of 32 ones (mxint8: code 64 each) sums up to 32 * 64 * 255 with uint8:
 * 20 bits, as many as two such blocks or a hundred. */
static void accumulators(void **state)
{
    const struct mp_shape in = {3 * BLOCK, 1, 1};
    struct one_layer o;
    struct mp_quantisation q;
    unsigned bits = 0;

    (void)state;
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 1);
    for (uint32_t i = 0; i < o.layer.terms; i++)
        o.layer.weights[i] = i < BLOCK ? 1 : 0x1p-9F; /* codes do not know their scale */
    make(&q, &o.network, "mxint8", MP_SCOPE_LAYER);
    assert_int_equal(mp_weight_unit(&q.layers[0], &o.layer, 0, 0), -6);
    assert_int_equal(mp_weight_unit(&q.layers[0], &o.layer, 0, BLOCK), -6 - 9);
    mp_format_parse(&q.layers[0].activation, "uint8", NULL);
    assert_int_equal(mp_quantisation_accumulator_bits(&q, &o.network, NULL, &bits, NULL), MP_OK);
    assert_int_equal(bits, 20);
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

/* Activations of 1 (uint4, unit 1): what the golden MAC sums up from one `first` to the next, each
 * with its block's scale, is the sum of the weights. */
static void traces(void **state)
{
    const struct mp_shape in = {70, 1, 1};
    float weights_of_network[70];
    uint8_t pixels[70];
    uint32_t label = 0;
    struct one_layer o;
    struct mp_quantisation q;
    struct mp_trace t;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_trace_options options = {MP_OUTPUT_STATIONARY, 64, 280, 1, 9, NULL};
    double want = 0;
    uint32_t whole = 0;

    (void)state;
    one_layer_init(&o, &in, 1, 0, 1, 0, 1, 5);
    make(&q, &o.network, "mxfp6_e2m3", MP_SCOPE_LAYER);
    mp_format_parse(&q.layers[0].activation, "uint4", NULL);
    mp_quantisation_weights(&q, &o.network, 0, weights_of_network);
    for (int i = 0; i < 70; i++)
        want += (double)weights_of_network[i];
    memset(pixels, 255, sizeof pixels); /* 1 */
    struct mp_dataset d = {.shape = in, .count = 1, .pixels = pixels, .labels = &label};
    if (mp_trace_make(&t, &o.network, &q, NULL, NULL, &d, &options, &err) < 0)
        fail_msg("%s", err.message);
    for (uint32_t s = 0; s < t.stretches; s++) {
        const uint8_t *firsts = t.firsts + (size_t)s * t.length;
        const uint32_t *weights = t.weights + (size_t)s * t.length;
        uint32_t start = 0;
        /* A block of 6 ends an output. */
        while (!(start >= 6 && firsts[start] && firsts[start - 6]))
            start++;
        for (; start + 70 <= t.length; start += 70, whole++) {
            double sum = 0;
            for (uint32_t b = 0; b < 70; b += BLOCK) {
                mp_u128 accumulator = 99;
                for (uint32_t i = b; i < 70 && i < b + BLOCK; i++) {
                    assert_int_equal(firsts[start + i], i == b);
                    accumulator = mp_golden_mac(&t.weight, &t.activation, 40, accumulator,
                                                firsts[start + i], weights[start + i], 1);
                }
                int64_t exact = (int64_t)((uint64_t)accumulator << 24) / (1 << 24);
                sum += ldexp((double)exact, mp_weight_unit(&q.layers[0], &o.layer, 0, b));
            }
            assert_true(fabs(sum - want) < 1e-12);
        }
    }
    assert_in_range(whole, 64, 256);
    mp_trace_release(&t);
    mp_quantisation_release(&q);
    one_layer_release(&o);
}

static void random_traces(void **state)
{
    struct mp_format weight, activation;
    struct mp_trace t;
    struct mp_trace_options options = {MP_OUTPUT_STATIONARY, 64, 96, 1, 9, NULL};
    uint32_t large = 0;

    (void)state;
    mp_format_parse(&weight, "mxfp4", NULL);
    mp_format_parse(&activation, "uint8", NULL);
    assert_int_equal(mp_trace_random(&t, &weight, &activation, MP_OPERANDS_NORMAL, &options, NULL),
                     MP_OK);
    for (uint32_t i = 0; i < 64 * 96; i++) {
        assert_int_equal(t.firsts[i], i % BLOCK == 0);
        large += (t.weights[i] & 7) >= 6; /* 4 or 6: at least one in each block */
    }
    assert_in_range(large, 64 * 3, 64 * 96 / 2);
    mp_trace_release(&t);
}

static void refused(void **state)
{
    static const char *const pairs[][3] = {{"mxfp4", "uint8", "fake engine"},
                                           {"e4m3", "fp8_e4m3", "fake engine"},
                                           {"e4m3", "mxfp4", "blocks"}};
    const struct mp_shape in = {40, 1, 1};
    struct one_layer o;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    one_layer_init(&o, &in, 2, 0, 1, 0, 1, 3);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct mp_quantisation q;
        struct mp_integer *m;
        make(&q, &o.network, pairs[i][0], MP_SCOPE_LAYER);
        mp_format_parse(&q.layers[0].activation, pairs[i][1], NULL);
        assert_int_equal(mp_integer_create(&m, &o.network, &q, 0, NULL, &err), MP_E_UNSUPPORTED);
        assert_non_null(strstr(err.message, pairs[i][2]));
        mp_quantisation_release(&q);
    }
    const char *const activations[] = {"mxfp4", "mxint8", "pot2_e3"};
    for (size_t i = 0; i < 3; i++) {
        struct mp_scheme s = scheme_of("e4m3", activations[i], "mse");
        struct mp_quantisation q;
        assert_int_equal(mp_quantisation_make(&q, &o.network, &s, NULL, &err), MP_E_USAGE);
        assert_non_null(strstr(err.message, "format of weights"));
    }
    one_layer_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_bits), cmocka_unit_test(accumulators), cmocka_unit_test(traces),
        cmocka_unit_test(random_traces),   cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
