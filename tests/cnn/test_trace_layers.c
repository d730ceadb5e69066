/* Traces of each layer, made in one pass. */
#include "estimator/cnn/trace.h"

#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <string.h>

enum { IMAGES = 40 };

static const struct mp_trace_options options = {MP_OUTPUT_STATIONARY, 128, 32, IMAGES, 5, NULL};

struct bench {
    struct mp_network network;
    struct mp_dataset dataset;
    struct mp_quantisation quantisation;
};

static void open_bench(struct bench *b, const char *weight, const char *activation)
{
    struct mp_scheme s = scheme_of(weight, activation, "max");

    memset(b, 0, sizeof *b);
    small_dataset(&b->dataset);
    assert_int_equal(small_network(&b->network), 0);
    scheme_apply(&b->quantisation, &b->network, &b->dataset, IMAGES, &s);
}

static void close_bench(struct bench *b)
{
    mp_quantisation_release(&b->quantisation);
    mp_dataset_release(&b->dataset);
    mp_network_release(&b->network);
}

/* Each as it is made alone. */
static void check_block(const struct bench *b, uint32_t block)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_trace *traces, one;
    uint32_t count, at = 0;

    if (mp_trace_make_layers(&traces, &count, &b->network, &b->quantisation, &b->dataset, &options,
                             block, &err) < 0)
        fail_msg("%s", err.message);
    for (uint32_t l = 0; l < b->network.layer_count; l++) {
        struct mp_trace_options alone = options;
        if (!mp_trace_layer_is_traced(&b->network, &b->quantisation, l))
            continue;
        const struct mp_integer_codes *codes = &b->quantisation.layers[l];
        alone.layer = b->network.layers[l].name;
        alone.seed = mp_trace_block_seed(mp_trace_layer_seed(options.seed, l), block);
        if (mp_trace_make(&one, &b->network, &b->quantisation, &codes->weight, &codes->activation,
                          &b->dataset, &alone, &err) < 0)
            fail_msg("%s", err.message);
        assert_true(at < count);
        assert_int_equal(traces[at].layer_count, 1);
        assert_string_equal(traces[at].layers[0].name, b->network.layers[l].name);
        assert_int_equal(traces[at].layers[0].macs, b->network.layers[l].macs);
        assert_string_equal(traces[at].hash, one.hash);
        at++;
        mp_trace_release(&one);
    }
    assert_int_equal(at, count);
    assert_int_equal(count, 3);
    mp_trace_release_layers(&traces, &count);
}

static void same_as_alone(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, "e4m3", "uint8");
    check_block(&b, 0);
    check_block(&b, 2);
    close_bench(&b);
}

/* Layers of different formats: each trace has its layer's. */
static void formats_of_layers(void **state)
{
    struct bench b;
    struct mp_format int8;

    (void)state;
    open_bench(&b, "int8", "uint8");
    assert_int_equal(mp_format_parse(&int8, "int8", NULL), MP_OK);
    for (uint32_t l = 0, seen = 0; l < b.network.layer_count; l++)
        if (b.network.layers[l].weights != NULL && seen++ == 0)
            b.quantisation.layers[l].activation = int8;
    check_block(&b, 0);
    close_bench(&b);
}

/* A layer in float32 has no codes; of none at all nothing can be made. */
static void without_codes(void **state)
{
    struct bench b;
    struct mp_format float32;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_trace *traces;
    uint32_t count, left = 3;

    (void)state;
    open_bench(&b, "int8", "uint8");
    assert_int_equal(mp_format_parse(&float32, "float32", NULL), MP_OK);
    for (uint32_t l = 0; l < b.network.layer_count; l++) {
        if (b.network.layers[l].weights == NULL)
            continue;
        b.quantisation.layers[l].weight = float32;
        int rc = mp_trace_make_layers(&traces, &count, &b.network, &b.quantisation, &b.dataset,
                                      &options, 0, &err);
        assert_int_equal(count, --left);
        assert_int_equal(rc, left > 0 ? MP_OK : MP_E_INPUT);
        mp_trace_release_layers(&traces, &count);
    }
    close_bench(&b);
}

static void seeds(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < 60; a++)
        for (uint32_t b = 0; b < 60; b++) {
            if (a != b)
                assert_true(mp_trace_layer_seed(1, a) != mp_trace_layer_seed(1, b));
            assert_true(mp_trace_layer_seed(1, a) != mp_trace_layer_seed(2, b));
            assert_true(mp_trace_layer_seed(1, a) != mp_trace_block_seed(1, b));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_alone),
        cmocka_unit_test(formats_of_layers),
        cmocka_unit_test(without_codes),
        cmocka_unit_test(seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
