/* Traces: the sums of their products are those of the quantised network, shares, files. */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/trace.h"
#include "tests/cnn/scheme_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct mp_network network;
    struct mp_dataset dataset;
    struct mp_quantisation quantisation;
    struct mp_trace trace;
};

static int quantise(struct fixture *f, const char *weight, const char *activation)
{
    struct mp_scheme s = scheme_of(weight, activation, "max");

    s.weight_calibration.kind = MP_CALIBRATE_MSE;
    mp_quantisation_release(&f->quantisation);
    scheme_apply(&f->quantisation, &f->network, &f->dataset, 20, &s);
    return 0;
}

static int set_up(void **state)
{
    struct fixture *f = mp_alloc(1, sizeof *f);

    *state = f;
    small_dataset(&f->dataset);
    return small_network(&f->network) < 0 ? -1 : quantise(f, "int8", "uint8");
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    mp_trace_release(&f->trace);
    mp_quantisation_release(&f->quantisation);
    mp_dataset_release(&f->dataset);
    mp_network_release(&f->network);
    free(f);
    return 0;
}

static void make(struct fixture *f, struct mp_trace_options o)
{
    struct mp_error err = MP_ERROR_INIT;

    mp_trace_release(&f->trace);
    if (mp_trace_make(&f->trace, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err) <
        0)
        fail_msg("%s", err.message);
}

/* Network layer of each trace layer. */
static uint32_t network_layer(const struct fixture *f, uint32_t index)
{
    for (uint32_t l = 0; l < f->network.layer_count; l++)
        if (f->network.layers[l].weights != NULL && index-- == 0)
            return l;
    fail();
    return 0;
}

/* The golden MAC over the outputs that are whole in a stretch: their sums in real numbers. */
static uint32_t golden_stretch(const struct fixture *f, uint32_t stretch, double *sums)
{
    const struct mp_trace *t = &f->trace;
    const struct mp_quantisation *q = &f->quantisation;
    uint32_t l = network_layer(f, t->layer[stretch]), terms = f->network.layers[l].terms;
    size_t offset = (size_t)stretch * t->length;
    int unit = q->layers[l].weight_unit_exponents[0] + q->layers[l].activation_unit_exponent;
    uint32_t count = 0;

    for (uint32_t c = 0; c + terms <= t->length; c++) {
        if (!t->firsts[offset + c])
            continue;
        mp_u128 accumulator = 0;
        for (uint32_t k = 0; k < terms; k++) {
            size_t i = offset + c + k;
            assert_int_equal(t->firsts[i], k == 0);
            accumulator = mp_golden_mac(&t->weight, &t->activation, 64, accumulator, k == 0,
                                        t->weights[i], t->activations[i]);
        }
        sums[count++] = ldexp((double)(int64_t)(uint64_t)accumulator, unit);
    }
    return count;
}

/* The sums are, in order, the layer's outputs from some place on (after the last, the first). */
static bool sums_follow(const struct mp_layer *layer, const struct mp_shape *out, const float *want,
                        const double *sums, uint32_t count)
{
    size_t elements = mp_shape_elements(out), positions = elements / out->channels;

    for (size_t start = 0; start < elements; start++) {
        uint32_t i = 0;
        for (; i < count; i++) {
            size_t at = (start + i) % elements;
            double bias = layer->bias != NULL ? (double)layer->bias[at / positions] : 0;
            double error = sums[i] + bias - (double)want[at];
            if (fabs(error) > 4e-6 * (1 + fabs((double)want[at])))
                break;
        }
        if (i == count)
            return true;
    }
    return false;
}

/* What the trace's codes sum up to is what the float inference of the quantised layer gives on the
 * stretch's image: one of its part of the data set, the same for all stretches of this part. */
static void check_sums(struct fixture *f, uint32_t images)
{
    struct mp_trace *t = &f->trace;
    double *sums = mp_alloc(t->length, sizeof *sums);
    uint64_t checked = 0, possible[64];
    struct mp_model model;
    struct mp_workspace w;

    assert_true(images <= 64 && f->dataset.count <= 64);
    memset(possible, 0xff, sizeof possible);

    mp_model_init(&model, &f->network, &f->quantisation);
    assert_int_equal(mp_workspace_init(&w, &model, NULL), MP_OK);
    for (uint32_t s = 0; s < t->stretches; s++) {
        const struct mp_layer *layer = &f->network.layers[network_layer(f, t->layer[s])];
        uint32_t count = golden_stretch(f, s, sums);
        uint32_t part = s % images, from = part * f->dataset.count / images;
        uint32_t to = (part + 1) * f->dataset.count / images;
        uint64_t follow = 0;
        for (uint32_t i = from; i < to; i++) {
            assert_int_equal(mp_workspace_load(&w, &f->dataset, 0, i, 1, NULL), MP_OK);
            mp_workspace_run(&w, 1);
            if (sums_follow(layer, &f->network.shapes[layer->output], w.tensors[layer->output],
                            sums, count))
                follow |= (uint64_t)1 << i;
        }
        possible[part] &= follow;
        if (possible[part] == 0)
            fail_msg("stretch %u of %s has other sums than the network", s, layer->name);
        checked += count;
    }
    assert_true(checked > 10 * (uint64_t)t->stretches);
    mp_workspace_release(&w);
    mp_model_release(&model);
    free(sums);
}

static void golden_sums(void **state)
{
    static const char *const formats[][2] = {{"int8", "uint8"},
                                             {"int11", "int9"},
                                             {"e4m3", "uint8"},
                                             {"e3m2z", "int6"},
                                             {"e4m2", "uint4"}};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        assert_int_equal(quantise(f, formats[i][0], formats[i][1]), MP_OK);
        make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 128, 1000, 7, 3 + i, NULL});
        check_sums(f, 7);
    }
}

/* The same products in the other order: a whole pass over one layer has each pair as often. */
static void weight_stationary(void **state)
{
    struct fixture *f = *state;
    struct mp_trace first = {0};
    uint32_t whole = (uint32_t)f->network.layers[0].macs;

    make(f, (struct mp_trace_options){MP_WEIGHT_STATIONARY, 64, whole, 1, 5, NULL});
    first = f->trace;
    f->trace = (struct mp_trace){0};
    make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, whole, 1, 5, NULL});
    uint64_t pairs[2] = {0, 0}, held = 0, changes = 0;
    for (uint32_t c = 0; c < whole; c++) {
        assert_int_equal(first.firsts[c], 1);
        pairs[0] += (uint64_t)first.weights[c] * 1000003u * first.activations[c] *
                    (first.weights[c] + first.activations[c]);
        pairs[1] += (uint64_t)f->trace.weights[c] * 1000003u * f->trace.activations[c] *
                    (f->trace.weights[c] + f->trace.activations[c]);
        held = c > 0 && first.weights[c] == first.weights[c - 1] ? held + 1 : 0;
        changes += held == 0;
    }
    assert_int_equal(pairs[0], pairs[1]);
    /* 36 weights, each held for 56 positions; neighbours may be equal. */
    assert_in_range(changes, 30, 37);
    mp_trace_release(&first);
}

static void shares(void **state)
{
    struct fixture *f = *state;
    double total = (double)mp_network_macs(&f->network);
    uint32_t sum = 0;

    make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 512, 16, 0, 1, NULL});
    assert_int_equal(f->trace.layer_count, 3);
    for (uint32_t l = 0; l < 3; l++) {
        double share = 512 * (double)f->trace.layers[l].macs / total;
        assert_true(fabs(share - f->trace.layers[l].stretches) < 1);
        sum += f->trace.layers[l].stretches;
    }
    assert_int_equal(sum, 512);
    assert_string_equal(f->trace.layers[0].name, "c1");
    for (uint32_t s = 1; s < 512; s++)
        assert_true(f->trace.layer[s] >= f->trace.layer[s - 1]);
}

/* Shares are rounded by chance, so that they are exact on the average of seeds. */
static void shares_without_favour(void **state)
{
    enum { SEEDS = 300 };
    struct fixture *f = *state;
    double total = (double)mp_network_macs(&f->network), sum[3] = {0};

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, 4, 1, seed, NULL});
        for (uint32_t l = 0; l < 3; l++)
            sum[l] += f->trace.layers[l].stretches;
    }
    for (uint32_t l = 0; l < 3; l++) /* a standard deviation is at most 0.5 / sqrt(SEEDS) */
        if (fabs(sum[l] / SEEDS - 64 * (double)f->trace.layers[l].macs / total) > 0.1)
            fail_msg("layer %u has %g stretches on average", l, sum[l] / SEEDS);
}

/* Which image a stretch of the first layer is on, where image i is grey 2 + 2 i all over. */
static uint32_t grey_image(const struct fixture *f, uint32_t stretch)
{
    const struct mp_trace *t = &f->trace;
    int unit = f->quantisation.layers[network_layer(f, 0)].activation_unit_exponent;
    uint32_t code = 0;

    for (uint32_t c = 0; c < t->length; c++)
        if (t->activations[(size_t)stretch * t->length + c] > code)
            code = t->activations[(size_t)stretch * t->length + c];
    return (uint32_t)lround(ldexp(code, unit) * 255 / 2) - 1;
}

/* Each image is of one batch alone, one of each part of the data set, others for other seeds. */
static void images_of_batches(void **state)
{
    enum { GREYS = 120, IMAGES = 40 };
    struct fixture *f = *state;
    uint8_t seen[2][GREYS] = {{0}};
    uint32_t same = 0, parts = 0;

    mp_dataset_release(&f->dataset);
    f->dataset = (struct mp_dataset){.shape = {1, 8, 7}, .count = GREYS};
    f->dataset.pixels = mp_alloc(GREYS * 56, 1);
    f->dataset.labels = mp_alloc(GREYS, sizeof *f->dataset.labels);
    for (size_t i = 0; i < GREYS * 56; i++)
        f->dataset.pixels[i] = (uint8_t)(2 + i / 56 * 2);
    for (uint64_t seed = 0; seed < 2; seed++) {
        uint8_t of_part[IMAGES] = {0}; /* 1 + image */
        make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 1024, 64, IMAGES, seed, NULL});
        assert_int_equal(mp_trace_batches(&f->trace), MP_TRACE_BATCHES);
        for (uint32_t s = 0; s < 1024 && f->trace.layer[s] == 0; s++) {
            uint32_t image = grey_image(f, s), batch = s % MP_TRACE_BATCHES;
            uint32_t part = (image * IMAGES + IMAGES - 1) / GREYS;
            assert_true(image < GREYS);
            assert_true(seen[seed][image] == 0 || seen[seed][image] == 1 + batch);
            seen[seed][image] = (uint8_t)(1 + batch);
            assert_true(part * GREYS / IMAGES <= image && image < (part + 1) * GREYS / IMAGES);
            assert_true(of_part[part] == 0 || of_part[part] == 1 + image);
            assert_int_equal(part % MP_TRACE_BATCHES, batch);
            parts += of_part[part] == 0;
            of_part[part] = (uint8_t)(1 + image);
        }
    }
    for (uint32_t i = 0; i < GREYS; i++)
        same += seen[0][i] != 0 && seen[1][i] != 0;
    assert_in_range(parts, 2 * IMAGES - 10, 2 * IMAGES);
    assert_true(same < parts / 4); /* a third of each seed's by chance */
}

static void block_seeds(void **state)
{
    (void)state;
    assert_int_equal(mp_trace_block_seed(7, 0), 7);
    for (uint32_t a = 0; a < 50; a++)
        for (uint32_t b = 0; b < a; b++) {
            assert_true(mp_trace_block_seed(7, a) != mp_trace_block_seed(7, b));
            assert_true(mp_trace_block_seed(7, a) != mp_trace_block_seed(8, b));
            assert_true(mp_trace_block_seed(8, a) != mp_trace_block_seed(7, b));
        }
}

static void deterministic(void **state)
{
    struct fixture *f = *state;
    struct mp_trace_options o = {MP_OUTPUT_STATIONARY, 64, 100, 0, 1, NULL};
    struct mp_trace_statistics a, b;
    char hash[MP_HASH_SIZE];

    make(f, o);
    memcpy(hash, f->trace.hash, sizeof hash);
    mp_trace_statistics(&f->trace, &a);
    make(f, o);
    mp_trace_statistics(&f->trace, &b);
    assert_string_equal(hash, f->trace.hash);
    assert_memory_equal(&a, &b, sizeof a);
    o.seed = 2;
    make(f, o);
    assert_string_not_equal(hash, f->trace.hash);
}

static void statistics(void **state)
{
    uint32_t layer[64] = {0}, weights[256], activations[256];
    struct mp_trace t = {.stretches = 64,
                         .length = 4,
                         .layer = layer,
                         .weights = weights,
                         .activations = activations};
    struct mp_trace_statistics s;
    (void)state;

    assert_int_equal(mp_format_parse(&t.weight, "e2m1", NULL), MP_OK);
    assert_int_equal(mp_format_parse(&t.activation, "uint4", NULL), MP_OK);
    for (size_t i = 0; i < 64; i++) {
        memcpy(weights + 4 * i, (uint32_t[]){0, 8, 3, 3}, 16); /* 8: minus zero */
        memcpy(activations + 4 * i, (uint32_t[]){0, 0, 0, 5}, 16);
    }
    mp_trace_statistics(&t, &s);
    assert_true(s.zero_weights == 0.5 && s.zero_activations == 0.75);
    assert_true(fabs(s.held_weights - 1.0 / 3) < 1e-12);
    assert_true(fabs(s.held_activations - 2.0 / 3) < 1e-12);
}

static void random_operands(void **state)
{
    struct mp_trace_options o = {MP_OUTPUT_STATIONARY, 64, 512, 0, 9, NULL};
    struct mp_format w, a;
    struct mp_trace t, again;
    struct mp_trace_statistics s;
    (void)state;

    mp_format_parse(&w, "int8", NULL);
    mp_format_parse(&a, "uint8", NULL);
    assert_int_equal(mp_trace_random(&t, &w, &a, MP_OPERANDS_NORMAL, &o, NULL), MP_OK);
    assert_int_equal(mp_trace_random(&again, &w, &a, MP_OPERANDS_NORMAL, &o, NULL), MP_OK);
    mp_trace_statistics(&t, &s);
    assert_true(s.zero_activations > 0.48 && s.zero_activations < 0.53);
    assert_string_equal(t.hash, again.hash);
    assert_int_equal(t.firsts[0] + t.firsts[256], 2);
    assert_int_equal(t.firsts[1] + t.firsts[255], 0);
    mp_trace_release(&t);
    mp_trace_release(&again);
    o.dataflow = MP_WEIGHT_STATIONARY;
    assert_int_equal(mp_trace_random(&t, &w, &a, MP_OPERANDS_UNIFORM, &o, NULL), MP_OK);
    mp_trace_statistics(&t, &s);
    assert_true(s.held_weights > 0.99 && s.zero_activations < 0.01);
    mp_trace_release(&t);
}

static void refused(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_trace t;
    struct mp_trace_options o = {MP_OUTPUT_STATIONARY, 100, 0, 0, 1, NULL};
    enum mp_dataflow d;

    assert_int_equal(
        mp_trace_make(&t, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err),
        MP_E_USAGE);
    assert_non_null(strstr(err.message, "multiple of 64"));
    o = (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, 1u << 30, 0, 1, NULL};
    assert_int_equal(
        mp_trace_make(&t, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err),
        MP_E_USAGE);
    o = (struct mp_trace_options){MP_OUTPUT_STATIONARY, 0, 0, SMALL_IMAGES + 1, 1, NULL};
    assert_int_equal(
        mp_trace_make(&t, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err),
        MP_E_USAGE);
    o.images = 0;
    assert_int_equal(quantise(f, "float32", "uint8"), MP_OK);
    assert_int_equal(
        mp_trace_make(&t, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err),
        MP_E_USAGE);
    assert_non_null(strstr(err.message, "no trace of float32 weights"));
    assert_int_equal(quantise(f, "int8", "float32"), MP_OK);
    assert_int_equal(
        mp_trace_make(&t, &f->network, &f->quantisation, NULL, NULL, &f->dataset, &o, &err),
        MP_E_USAGE);
    struct mp_calibration_data c;
    f->dataset.shape.width = 8;
    assert_int_equal(mp_calibration_data_collect(&c, &f->network, &f->dataset, 20, 0, &err),
                     MP_E_INPUT);
    f->dataset.shape.width = 7;
    assert_int_equal(mp_dataflow_parse(&d, "row-stationary", &err), MP_E_USAGE);
    assert_int_equal(mp_dataflow_parse(&d, "weight-stationary", &err), MP_OK);
    assert_int_equal(d, MP_WEIGHT_STATIONARY);
}

/* Layers with formats of their own: a trace of the pair that was asked for is of these alone, and
 * its sums are the network's, with a unit for each channel. */
static void pairs_of_formats(void **state)
{
    struct fixture *f = *state;
    struct mp_override o = {.layer = (char *)"first", .has_weight = true};
    struct mp_scheme s = scheme_of("int6", "fixed5", "mse");
    struct mp_trace_options options = {MP_OUTPUT_STATIONARY, 64, 300, 10, 1, NULL};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_format weight = s.weight, activation = {.kind = MP_FORMAT_UINT, .bits = 5};
    uint64_t macs[3];

    for (uint32_t l = 0; l < 3; l++)
        macs[l] = f->network.layers[network_layer(f, l)].macs;
    mp_format_parse(&o.weight, "e3m2", NULL);
    s.weight_scope = MP_SCOPE_CHANNEL;
    s.overrides = &o;
    s.override_count = 1;
    mp_quantisation_release(&f->quantisation);
    scheme_apply(&f->quantisation, &f->network, &f->dataset, 20, &s);
    assert_int_equal(mp_trace_make(&f->trace, &f->network, &f->quantisation, NULL, NULL,
                                   &f->dataset, &options, &err),
                     MP_E_USAGE);
    assert_non_null(strstr(err.message, "different formats"));
    assert_int_equal(mp_trace_make(&f->trace, &f->network, &f->quantisation, &weight, &activation,
                                   &f->dataset, &options, &err),
                     MP_OK);
    assert_int_equal(f->trace.layer_count, 2);
    assert_int_equal(f->trace.network_macs, macs[0] + macs[1] + macs[2]);
    assert_true(fabs(mp_trace_macs_share(&f->trace) -
                     (double)(macs[1] + macs[2]) / (double)f->trace.network_macs) < 1e-12);
    assert_false(mp_trace_is_synthetic(&f->trace));
    mp_trace_release(&f->trace);
    assert_int_equal(mp_trace_make(&f->trace, &f->network, &f->quantisation, &o.weight, &activation,
                                   &f->dataset, &options, &err),
                     MP_OK);
    assert_int_equal(f->trace.layer_count, 1);
    mp_trace_release(&f->trace);
    activation.bits = 6;
    assert_int_equal(mp_trace_make(&f->trace, &f->network, &f->quantisation, &weight, &activation,
                                   &f->dataset, &options, &err),
                     MP_E_USAGE);
    assert_non_null(strstr(err.message, "int6 x uint6"));
    activation.bits = 5;
    options.layer = f->network.layers[network_layer(f, 0)].name;
    assert_int_equal(mp_trace_make(&f->trace, &f->network, &f->quantisation, &weight, &activation,
                                   &f->dataset, &options, &err),
                     MP_E_USAGE);
    assert_non_null(strstr(err.message, "e3m2 x uint5"));
}

/* Made-up weights mark their layer, and all that read what is computed with them. */
static void synthetic_layers(void **state)
{
    struct fixture *f = *state;

    f->network.layers[network_layer(f, 1)].synthetic = true;
    f->network.whole_macs = 2 * mp_network_macs(&f->network);
    make(f, (struct mp_trace_options){MP_OUTPUT_STATIONARY, 64, 10, 0, 1, NULL});
    assert_true(mp_trace_is_synthetic(&f->trace));
    assert_true(mp_trace_macs_share(&f->trace) == 0.5);
    for (uint32_t l = 0; l < 3; l++) {
        assert_int_equal(f->trace.layers[l].synthetic, l == 1);
        assert_int_equal(f->trace.layers[l].reads_synthetic, l == 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(golden_sums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(weight_stationary, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shares, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shares_without_favour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(images_of_batches, set_up, tear_down),
        cmocka_unit_test(block_seeds),
        cmocka_unit_test_setup_teardown(deterministic, set_up, tear_down),
        cmocka_unit_test(statistics),
        cmocka_unit_test(random_operands),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pairs_of_formats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(synthetic_layers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
