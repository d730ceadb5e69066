/* Schemes on the real networks, where they are. */
#include "tests/cnn/integer_check.h"
#include "tests/cnn/real_networks.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define IMAGES 4

/* SqueezeNet v1.0's weights are clustered already, to 256 values a layer: lut8 keeps them all. */
static void shared_values(void **state)
{
    struct mp_scheme s = scheme_of("lut8", "float32", "mse");
    struct real_network r;
    struct mp_quantisation q;
    uint64_t bits = 0;

    (void)state;
    if (!real_network_open(&r, REAL_SQUEEZENET_PRUNED, 1)) {
        skip();
        return;
    }
    assert_int_equal(mp_quantisation_make(&q, &r.network, &s, NULL, NULL), MP_OK);
    for (uint32_t l = 0; l < r.network.layer_count; l++) {
        const struct mp_layer *layer = &r.network.layers[l];
        if (layer->weights == NULL)
            continue;
        float *values = mp_alloc(layer->weight_count, sizeof *values);
        mp_quantisation_weights(&q, &r.network, l, values);
        for (uint32_t i = 0; i < layer->weight_count; i++)
            if (values[i] != layer->weights[i])
                fail_msg("%s: %.9g became %.9g", layer->name, (double)layer->weights[i],
                         (double)values[i]);
        free(values);
        bits += 8 * (uint64_t)layer->weight_count + 256 * 32;
    }
    assert_int_equal(mp_quantisation_weight_bits(&q, &r.network), bits);
    mp_quantisation_release(&q);
    real_network_close(&r);
}

/* All inputs but the images, from which a mean was taken, are behind ReLUs, pools and LRN. */
static void check_signs(const struct mp_network *n, const struct mp_quantisation *q)
{
    bool first = true;

    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (n->layers[l].weights == NULL)
            continue;
        assert_int_equal(q->layers[l].activation.kind, first ? MP_FORMAT_INT : MP_FORMAT_UINT);
        first = false;
    }
}

/* A scale a channel, or one for the network, and other formats in the first and the last layer. */
static void check_network(enum real_network_id id)
{
    struct mp_override o[2] = {
        {.layer = (char *)"first", .has_weight = true},
        {.layer = (char *)"last", .has_weight = true, .has_activation = true}};
    struct mp_scheme s = scheme_of("e4m3", "fixed8", "mse");
    struct mp_format_pair *pairs;
    struct real_network r;
    struct mp_quantisation q;
    uint32_t count;

    if (!real_network_open(&r, id, IMAGES)) {
        skip();
        return;
    }
    s.weight_scope = MP_SCOPE_CHANNEL;
    scheme_apply(&q, &r.network, &r.images, IMAGES, &s);
    check_signs(&r.network, &q);
    assert_int_equal(q.clipped_negative, 0);
    mp_quantisation_pairs(&q, &r.network, &pairs, &count);
    assert_int_equal(count, 2);
    assert_int_equal(pairs[0].activation.kind, MP_FORMAT_UINT);
    assert_int_equal(pairs[0].layers + pairs[1].layers, id == REAL_GOOGLENET ? 58 : 26);
    assert_true(pairs[0].share > 0.9 && pairs[1].share > 0.01);
    free(pairs);
    mp_quantisation_release(&q);
    mp_format_parse(&o[0].weight, "int8", NULL);
    mp_format_parse(&o[1].weight, "int9", NULL);
    mp_format_parse(&o[1].activation, "uint9", NULL);
    s.weight_scope = MP_SCOPE_NETWORK;
    s.activation_scope = MP_SCOPE_NETWORK;
    s.overrides = o;
    s.override_count = 2;
    scheme_apply(&q, &r.network, &r.images, IMAGES, &s);
    integer_compare(&r.network, &q, &r.images, 2, false);
    integer_check_products(&r.network, &q, &r.images, 2);
    mp_quantisation_release(&q);
    real_network_close(&r);
}

static void squeezenet(void **state)
{
    (void)state;
    check_network(REAL_SQUEEZENET);
}

static void googlenet(void **state)
{
    (void)state;
    check_network(REAL_GOOGLENET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_values),
        cmocka_unit_test(squeezenet),
        cmocka_unit_test(googlenet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
