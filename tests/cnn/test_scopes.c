/* Scales by scope and calibration, worked by hand, and both engines under any scheme. */
#include "estimator/cnn/cluster.h"
#include "estimator/util/random.h"
#include "tests/cnn/integer_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two dense layers one behind the other: "a" with two outputs, "b" with one. */
struct pair_network {
    struct mp_network n;
    struct mp_layer layers[2];
    struct mp_shape shapes[3];
    uint32_t inputs[2];
    float a[4], b[2];
    struct mp_layer_input found[2];
    struct mp_calibration_data c;
};

static void init(struct pair_network *p)
{
    static const float few[] = {1, 1}, more[] = {-16, 2};

    *p = (struct pair_network){.shapes = {{2, 1, 1}, {2, 1, 1}, {1, 1, 1}},
                               .inputs = {0, 1},
                               .a = {1, 0.5f, 100, 25},
                               .b = {4, -8}};
    p->layers[0] = (struct mp_layer){.kind = MP_LAYER_DENSE,
                                     .name = "a",
                                     .inputs = &p->inputs[0],
                                     .input_count = 1,
                                     .output = 1,
                                     .weights = p->a,
                                     .weight_count = 4,
                                     .out_count = 2,
                                     .terms = 2,
                                     .macs = 4};
    p->layers[1] = (struct mp_layer){.kind = MP_LAYER_DENSE,
                                     .name = "b",
                                     .inputs = &p->inputs[1],
                                     .input_count = 1,
                                     .output = 2,
                                     .weights = p->b,
                                     .weight_count = 2,
                                     .out_count = 1,
                                     .terms = 2,
                                     .macs = 2};
    p->n = (struct mp_network){.name = "pair",
                               .tensor_count = 3,
                               .layer_count = 2,
                               .output_tensor = 2,
                               .shapes = p->shapes,
                               .layers = p->layers};
    p->found[0] = (struct mp_layer_input){
        .high = 6, .values = 8, .is_never_negative = true, .samples = few, .sample_count = 2};
    p->found[1] = (struct mp_layer_input){
        .low = -16, .high = 20, .values = 2, .negative = 1, .samples = more, .sample_count = 2};
    p->c = (struct mp_calibration_data){.images = 1, .layer_count = 2, .inputs = p->found};
}

static void make(struct mp_quantisation *q, const struct pair_network *p, const struct mp_scheme *s)
{
    struct mp_error err = MP_ERROR_INIT;

    if (mp_quantisation_make(q, &p->n, s, &p->c, &err) < 0)
        fail_msg("%s", err.message);
}

/* int4 is -8 to 7: 100 needs 2^4 (112), 1 needs 2^-2 (1.75), -8 and 4 need 2^0. */
static void weight_scopes(void **state)
{
    static const int units[3][3] = {{4, 4, 4}, {4, 4, 0}, {-2, 4, 0}};
    static const unsigned bits[] = {6 * 4 + 8, 6 * 4 + 2 * 8, 6 * 4 + 3 * 8};
    struct mp_scheme s = scheme_of("int4", "float32", "max");
    struct pair_network p;
    struct mp_quantisation q;

    (void)state;
    init(&p);
    for (int scope = 0; scope < 3; scope++) {
        s.weight_scope = (enum mp_scope)scope;
        make(&q, &p, &s);
        for (int o = 0; o < 2; o++)
            assert_int_equal(q.layers[0].weight_unit_exponents[o], units[scope][o]);
        assert_int_equal(q.layers[1].weight_unit_exponents[0], units[scope][2]);
        assert_int_equal(mp_quantisation_weight_bits(&q, &p.n), bits[scope]);
        assert_int_equal(mp_quantisation_layer_bits(&q, &p.n, 0) +
                             mp_quantisation_layer_bits(&q, &p.n, 1) + q.shared_bits,
                         bits[scope]);
        mp_quantisation_release(&q);
    }
    /* Half of 0.5, 1, 4, 8, 25, 100 is at most 4, which needs 2^0. */
    s.weight_scope = MP_SCOPE_NETWORK;
    s.weight_calibration = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, 50};
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].weight_unit_exponents[0], 0);
    mp_quantisation_release(&q);
    /* One bias for all: e2m1 reaches 12 units, 100 needs 2^4. */
    s = scheme_of("e2m1", "float32", "max");
    s.weight_scope = MP_SCOPE_NETWORK;
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].weight_unit_exponents[1], 4);
    assert_int_equal(q.layers[1].weight_unit_exponents[0], 4);
    mp_quantisation_release(&q);
}

/* Least squared error over everything that shares the scale, that of each layer relative to its
 * squares: no other unit is better. */
static void least_error(void **state)
{
    static const char *const names[] = {"int3", "int5", "e2m1", "e3m0", "e1m3"};
    struct pair_network p;

    (void)state;
    init(&p);
    for (size_t f = 0; f < 5; f++) {
        struct mp_scheme s = scheme_of(names[f], "float32", "mse");
        struct mp_quantisation q;
        double best = INFINITY, have = 0;
        s.weight_scope = MP_SCOPE_NETWORK;
        make(&q, &p, &s);
        int unit = q.layers[0].weight_unit_exponents[0];
        assert_int_equal(q.layers[1].weight_unit_exponents[0], unit);
        for (int u = unit - 8; u <= unit + 8; u++) {
            double e = 0;
            for (int i = 0; i < 6; i++) {
                double x = (double)(i < 4 ? p.a[i] : p.b[i - 4]);
                double squares = i < 4 ? 1 + 0.25 + 10000 + 625 : 16 + 64;
                e += pow(mp_format_quantise(&s.weight, u, x) - x, 2) / squares;
            }
            have = u == unit ? e : have;
            best = e < best ? e : best;
        }
        assert_true(have <= best * (1 + 1e-9));
        mp_quantisation_release(&q);
    }
}

/* fixed4 is uint4 (0 to 15) for a and int4 (-8 to 7) for b. 6 needs 2^-1 (7.5), 20 needs 2^2 (28);
 * under one unit both have 2^2. */
static void activation_scopes(void **state)
{
    struct mp_scheme s = scheme_of("float32", "fixed4", "max");
    struct mp_override o = {.layer = (char *)"first", .has_activation = true};
    struct pair_network p;
    struct mp_quantisation q;

    (void)state;
    init(&p);
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation.kind, MP_FORMAT_UINT);
    assert_int_equal(q.layers[1].activation.kind, MP_FORMAT_INT);
    assert_int_equal(q.layers[1].activation.bits, 4);
    assert_int_equal(q.layers[0].activation_unit_exponent, -1);
    assert_int_equal(q.layers[1].activation_unit_exponent, 2);
    assert_int_equal(q.calibration_values, 10);
    assert_int_equal(q.clipped_negative, 0);
    mp_quantisation_release(&q);
    s.activation_scope = MP_SCOPE_NETWORK;
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation_unit_exponent, 2);
    assert_int_equal(q.layers[1].activation_unit_exponent, 2);
    mp_quantisation_release(&q);
    /* Of ten values eight are 1: 80 % of them need 2^-3 in uint4 and 2^-2 in int4. */
    s.activation_calibration = (struct mp_calibration){MP_CALIBRATE_PERCENTILE, 80};
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation_unit_exponent, -2);
    mp_quantisation_release(&q);
    s.activation_calibration.percentile = 90; /* 2: 2^-1 in int4 */
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation_unit_exponent, -1);
    mp_quantisation_release(&q);
    s.activation_calibration.percentile = 100; /* the extremes, not the samples */
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation_unit_exponent, 2);
    mp_quantisation_release(&q);
    /* Another format has another scale: 6 in int8 needs 2^-4. */
    mp_format_parse(&o.activation, "int8", NULL);
    s.overrides = &o;
    s.override_count = 1;
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].activation_unit_exponent, -4);
    assert_int_equal(q.layers[1].activation_unit_exponent, 2);
    mp_quantisation_release(&q);
    /* An unsigned format that was asked for: what is below zero is counted. */
    s = scheme_of("float32", "uint4", "max");
    make(&q, &p, &s);
    assert_int_equal(q.layers[1].activation.kind, MP_FORMAT_UINT);
    assert_int_equal(q.clipped_negative, 1);
    mp_quantisation_release(&q);
}

static void overrides(void **state)
{
    struct mp_override o[3] = {{.layer = (char *)"last", .has_weight = true},
                               {.layer = (char *)"a", .has_activation = true},
                               {.layer = (char *)"b", .has_weight = true, .has_activation = true}};
    struct mp_scheme s = scheme_of("int4", "float32", "max");
    struct pair_network p;
    struct mp_quantisation q;
    struct mp_format_pair *pairs;
    uint32_t count;

    (void)state;
    init(&p);
    mp_format_parse(&o[0].weight, "int6", NULL);
    mp_format_parse(&o[1].activation, "uint8", NULL);
    mp_format_parse(&o[2].weight, "float32", NULL);
    mp_format_parse(&o[2].activation, "float32", NULL);
    s.weight_scope = MP_SCOPE_NETWORK;
    s.overrides = o;
    s.override_count = 2;
    /* int6 of b has a scale of its own: -32 to 31 at 2^-2. */
    make(&q, &p, &s);
    assert_int_equal(q.layers[0].weight_unit_exponents[0], 4);
    assert_int_equal(q.layers[1].weight_unit_exponents[0], -2);
    assert_int_equal(mp_quantisation_weight_bits(&q, &p.n), 4 * 4 + 2 * 6 + 2 * 8);
    /* 4 of the 6 MACs have int4 x uint8: 100 and 25 are 6 and 2 at 2^4, 8 x 255 = 2040 needs 12
     * bits. b has no codes of its input. */
    mp_quantisation_pairs(&q, &p.n, &pairs, &count);
    assert_int_equal(count, 2);
    assert_int_equal(pairs[0].macs, 4);
    assert_true(fabs(pairs[0].share - 4.0 / 6) < 1e-12);
    assert_int_equal(pairs[0].accumulator_bits, 12);
    assert_int_equal(pairs[1].accumulator_bits, 0);
    assert_int_equal(pairs[1].weight.bits, 6);
    free(pairs);
    mp_quantisation_release(&q);
    s.override_count = 3; /* the last one wins */
    make(&q, &p, &s);
    assert_int_equal(q.layers[1].weight.kind, MP_FORMAT_FLOAT32);
    assert_int_equal(mp_quantisation_weight_bits(&q, &p.n), 4 * 4 + 2 * 32 + 8);
    mp_quantisation_release(&q);
}

/* lut1: a's weights cluster to 26.5 / 3 and 100, b's are two values and stay. */
static void tables(void **state)
{
    struct mp_scheme s = scheme_of("lut1", "float32", "mse");
    struct pair_network p;
    struct mp_quantisation q;
    float values[4];

    (void)state;
    init(&p);
    make(&q, &p, &s);
    assert_true(fabsf(q.layers[0].table[0] - 26.5f / 3) < 1e-6f && q.layers[0].table[1] == 100);
    mp_quantisation_weights(&q, &p.n, 1, values);
    assert_memory_equal(values, p.b, sizeof p.b);
    mp_quantisation_weights(&q, &p.n, 0, values);
    assert_true(values[0] == values[3] && values[2] == 100);
    assert_int_equal(mp_quantisation_weight_bits(&q, &p.n), 6 + 2 * 64);
    mp_quantisation_release(&q);
    s.weight_scope = MP_SCOPE_NETWORK;
    make(&q, &p, &s); /* -8, 0.5, 1, 4, 25 and 100 */
    assert_true(q.layers[1].table[0] == 4.5f && q.layers[1].table[1] == 100);
    assert_int_equal(mp_quantisation_weight_bits(&q, &p.n), 6 + 64);
    mp_quantisation_release(&q);
}

static void refused(void **state)
{
    static const struct {
        const char *weight, *activation, *message;
        enum mp_scope weights, activations;
    } cases[] = {
        {"fixed8", "float32", "int8", MP_SCOPE_LAYER, MP_SCOPE_LAYER},
        {"int8", "lut4", "format of weights", MP_SCOPE_LAYER, MP_SCOPE_LAYER},
        {"lut4", "float32", "scope channel", MP_SCOPE_CHANNEL, MP_SCOPE_LAYER},
        {"int8", "int8", "activation scope channel", MP_SCOPE_LAYER, MP_SCOPE_CHANNEL},
    };
    struct mp_override o = {.layer = (char *)"c", .has_weight = true};
    struct mp_error err = MP_ERROR_INIT;
    struct pair_network p;
    struct mp_quantisation q;

    (void)state;
    init(&p);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_scheme s = scheme_of(cases[i].weight, cases[i].activation, "max");
        s.weight_scope = cases[i].weights;
        s.activation_scope = cases[i].activations;
        assert_int_equal(mp_quantisation_make(&q, &p.n, &s, &p.c, &err), MP_E_USAGE);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("%s", err.message);
        mp_quantisation_release(&q);
    }
    struct mp_scheme s = scheme_of("int8", "int8", "max");
    assert_int_equal(mp_quantisation_make(&q, &p.n, &s, NULL, &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "calibration images"));
    s.overrides = &o;
    s.override_count = 1;
    o.weight = s.weight;
    assert_int_equal(mp_quantisation_make(&q, &p.n, &s, &p.c, &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "it has a, b"));
    s.override_count = 0;
    for (int scope = 0; scope < 3; scope++) {
        s.weight_scope = (enum mp_scope)scope;
        p.b[1] = NAN;
        assert_int_equal(mp_quantisation_make(&q, &p.n, &s, &p.c, &err), MP_E_INPUT);
        assert_non_null(strstr(err.message, "not a finite number"));
    }
    s = scheme_of("lut2", "float32", "max");
    assert_int_equal(mp_quantisation_make(&q, &p.n, &s, NULL, &err), MP_E_INPUT);
    mp_quantisation_release(&q);
}

/* ---- engines */

static const char *choose(struct mp_random *r, const char *const *names, uint64_t count)
{
    return names[mp_random_below(r, count)];
}

static void choose_scheme(struct mp_random *r, struct mp_scheme *s, struct mp_override *o)
{
    static const char *const weights[] = {"int3", "int5", "int8", "uint4", "e2m2", "e3m1", "e2m3z"};
    static const char *const activations[] = {"uint4", "int5", "fixed6", "fixed8", "uint8"};
    static const char *const how[] = {"max", "mse", "percentile:99", "percentile:80"};
    static const char *const layers[] = {"first", "last"};

    *s = scheme_of(choose(r, weights, 7), choose(r, activations, 5), "max");
    mp_calibration_parse(&s->weight_calibration, choose(r, how, 4), NULL);
    mp_calibration_parse(&s->activation_calibration, choose(r, how, 4), NULL);
    s->weight_scope = (enum mp_scope)mp_random_below(r, 3);
    s->activation_scope = (enum mp_scope)mp_random_below(r, 2);
    s->overrides = o;
    s->override_count = (uint32_t)mp_random_below(r, 3);
    for (uint32_t i = 0; i < s->override_count; i++) {
        o[i] = (struct mp_override){.layer = (char *)layers[i],
                                    .has_weight = mp_random_below(r, 2) == 0,
                                    .has_activation = mp_random_below(r, 2) == 0};
        mp_format_parse(&o[i].weight, choose(r, weights, 7), NULL);
        mp_format_parse(&o[i].activation, choose(r, activations, 5), NULL);
    }
}

/* Any scheme whose sums fit in 24 bits and a sign: the same bits from both engines, and the golden
 * MAC's accumulators. */
static void engines_agree(void **state)
{
    struct mp_network n;
    struct mp_dataset d;
    struct mp_calibration_data c;
    struct mp_random r;
    uint32_t exact = 0;

    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    /* A channel of zeros, which has no scale to choose. */
    memset(n.layers[0].weights + n.layers[0].terms, 0, n.layers[0].terms * sizeof(float));
    assert_int_equal(mp_calibration_data_collect(&c, &n, &d, 20, 0, NULL), MP_OK);
    mp_random_seed(&r, 77);
    for (int turn = 0; turn < 60; turn++) {
        struct mp_override o[2];
        struct mp_scheme s;
        struct mp_quantisation q;
        struct mp_error err = MP_ERROR_INIT;
        unsigned bits;
        choose_scheme(&r, &s, o);
        if (mp_quantisation_make(&q, &n, &s, &c, &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(mp_quantisation_accumulator_bits(&q, &n, NULL, &bits, NULL), MP_OK);
        if (bits <= 25) {
            integer_compare(&n, &q, &d, SMALL_IMAGES, true);
            exact++;
        }
        if (turn < 6)
            integer_check_products(&n, &q, &d, 5);
        mp_quantisation_release(&q);
    }
    assert_true(exact > 40);
    mp_calibration_data_release(&c);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

static void outputs(const struct mp_network *n, const struct mp_quantisation *q,
                    const struct mp_dataset *d, float out[SMALL_IMAGES * 4])
{
    struct mp_model m;
    struct mp_workspace w;

    mp_model_init(&m, n, q);
    assert_int_equal(mp_workspace_init_lean(&w, &m, NULL), MP_OK);
    assert_int_equal(mp_workspace_load(&w, d, 0, 0, SMALL_IMAGES, NULL), MP_OK);
    mp_workspace_run(&w, SMALL_IMAGES);
    memcpy(out, w.tensors[n->output_tensor], SMALL_IMAGES * 4 * sizeof *out);
    mp_workspace_release(&w);
    mp_model_release(&m);
}

/* Weights alone, activations alone, layers left as they are, tables: what the fake engine computes
 * with quantised weights is what it computes with those weights as the network's own. */
static void mixed_layers(void **state)
{
    static const struct {
        const char *weight, *activation, *first_weight, *first_activation;
    } cases[] = {
        {"int5", "float32", "float32", "float32"}, {"float32", "fixed5", "float32", "int4"},
        {"e2m1", "uint6", "float32", "float32"},   {"lut3", "float32", "int4", "fixed8"},
        {"lut2", "int7", "lut4", "float32"},       {"int6", "e3m2", "float32", "uint8"}};
    float have[SMALL_IMAGES * 4], want[SMALL_IMAGES * 4];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_override o = {
            .layer = (char *)"first", .has_weight = true, .has_activation = true};
        struct mp_scheme s = scheme_of(cases[i].weight, cases[i].activation, "mse");
        struct mp_network n;
        struct mp_dataset d;
        struct mp_quantisation q;
        struct mp_model model;
        assert_int_equal(small_network(&n), 0);
        small_dataset(&d);
        mp_format_parse(&o.weight, cases[i].first_weight, NULL);
        mp_format_parse(&o.activation, cases[i].first_activation, NULL);
        s.overrides = &o;
        s.override_count = 1;
        scheme_apply(&q, &n, &d, 20, &s);
        outputs(&n, &q, &d, have);
        assert_int_equal(mp_model_init_integer(&model, &n, &q, 0, NULL, NULL), MP_E_UNSUPPORTED);
        for (uint32_t l = 0; l < n.layer_count; l++) {
            if (n.layers[l].weights == NULL)
                continue;
            float *values = mp_alloc(n.layers[l].weight_count, sizeof *values);
            mp_quantisation_weights(&q, &n, l, values);
            memcpy(n.layers[l].weights, values, n.layers[l].weight_count * sizeof *values);
            free(values);
            q.layers[l].weight = (struct mp_format){.kind = MP_FORMAT_FLOAT32, .bits = 32};
        }
        outputs(&n, &q, &d, want);
        assert_memory_equal(have, want, sizeof have);
        mp_quantisation_release(&q);
        mp_dataset_release(&d);
        mp_network_release(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weight_scopes),
        cmocka_unit_test(least_error),
        cmocka_unit_test(activation_scopes),
        cmocka_unit_test(overrides),
        cmocka_unit_test(tables),
        cmocka_unit_test(refused),
        cmocka_unit_test(engines_agree),
        cmocka_unit_test(mixed_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
