/* Accuracies, their layers and ranks, networks, and traces of networks. */
#include "tests/store/fixture.h"

#include <math.h>

enum { LAYERS = 2, IMAGES = 8 };

struct case_ {
    struct sample sample;
    struct mp_accuracy_layer layers[LAYERS];
    uint8_t ranks[IMAGES];
};

/* Eight images: three right, two more among the first five, one not; `scored` of them looked at. */
static void make_case(struct case_ *c, unsigned n, uint32_t scored)
{
    static const uint8_t ranks[IMAGES] = {0, 3, 0, 254, 4, 0, 5, 17};
    struct mp_accuracy_record *a = &c->sample.accuracy;
    sample_init(&c->sample, "e4m2", n);
    a->images = scored;
    a->planned_images = IMAGES;
    a->top1 = a->top5 = 0;
    for (uint32_t i = 0; i < IMAGES; i++) {
        c->ranks[i] = i < scored ? ranks[i] : 255;
        a->top1 += c->ranks[i] < 1;
        a->top5 += c->ranks[i] < 5;
    }
    a->ranks = c->ranks;
    a->weight_scope = "channel";
    a->activation_scope = "network";
    a->weight_calibration = "mse";
    a->activation_calibration = "percentile:99.9";
    a->overrides = "conv1: weights int11";
    a->engine = "integer";
    for (uint32_t i = 0; i < LAYERS; i++) {
        struct mp_accuracy_layer *l = &c->layers[i];
        mp_accuracy_layer_init(l);
        l->index = 3 * i;
        l->layer = i == 0 ? "conv1" : "fc";
        l->kind = i == 0 ? "conv" : "dense";
        l->weight_format = i == 0 ? "int11" : "e4m2";
        l->activation_format = "uint8";
        l->weight_count = 150 + i;
        l->zero_weights = 40;
        l->code_bits = 150 * 11;
        l->scale_bits = 8 * 6;
        l->macs = 86400;
    }
    c->layers[1].distinct_weights = 90;
    c->layers[1].zero_skipping_bits = 1100;
    c->layers[1].skipping_index_bits = 3;
    c->layers[1].table_bits = 16;
    c->layers[1].smallest_weight_unit_exponent = -12;
    c->layers[1].largest_weight_unit_exponent = -9;
    c->layers[1].activation_unit_exponent = 2;
    c->layers[1].accumulator_bits = 24;
    a->layers = c->layers;
    a->layer_count = LAYERS;
}

static int put(struct fixture *f, const struct case_ *c)
{
    return mp_store_put_accuracy(f->store, &c->sample.accuracy, &c->sample.context, &f->err);
}

static void all_fields_come_back(void **state)
{
    struct fixture *f = *state;
    struct case_ c;
    struct mp_accuracy_record r;
    bool found;
    make_case(&c, 1, IMAGES);
    open_writer(f);
    assert_int_equal(put(f, &c), MP_OK);
    assert_int_equal(mp_store_get_accuracy(f->store, c.sample.accuracy.key, &r, &found, &f->err),
                     MP_OK);
    assert_true(found);
    assert_string_equal(r.weight_scope, "channel");
    assert_string_equal(r.activation_scope, "network");
    assert_string_equal(r.calibration, "maximum");
    assert_string_equal(r.weight_calibration, "mse");
    assert_string_equal(r.activation_calibration, "percentile:99.9");
    assert_string_equal(r.overrides, "conv1: weights int11");
    assert_string_equal(r.engine, "integer");
    assert_int_equal(r.images, 8);
    assert_int_equal(r.planned_images, 8);
    assert_int_equal(r.top1, 3);
    assert_int_equal(r.top5, 5);
    assert_memory_equal(r.ranks, c.ranks, IMAGES);
    assert_int_equal(r.layer_count, LAYERS);
    const struct mp_accuracy_layer *first = &r.layers[0], *last = &r.layers[1];
    assert_string_equal(first->layer, "conv1");
    assert_string_equal(first->weight_format, "int11");
    assert_int_equal(first->distinct_weights, MP_UNKNOWN_COUNT);
    assert_int_equal(first->zero_skipping_bits, MP_UNKNOWN_COUNT);
    assert_int_equal(first->skipping_index_bits, MP_UNKNOWN_COUNT);
    assert_int_equal(first->smallest_weight_unit_exponent, MP_UNKNOWN_EXPONENT);
    assert_int_equal(first->accumulator_bits, 0);
    assert_int_equal(last->index, 3);
    assert_string_equal(last->kind, "dense");
    assert_string_equal(last->activation_format, "uint8");
    assert_int_equal(last->weight_count, 151);
    assert_int_equal(last->zero_weights, 40);
    assert_int_equal(last->distinct_weights, 90);
    assert_int_equal(last->code_bits, 1650);
    assert_int_equal(last->scale_bits, 48);
    assert_int_equal(last->table_bits, 16);
    assert_int_equal(last->zero_skipping_bits, 1100);
    assert_int_equal(last->skipping_index_bits, 3);
    assert_int_equal(last->macs, 86400);
    assert_int_equal(last->smallest_weight_unit_exponent, -12);
    assert_int_equal(last->largest_weight_unit_exponent, -9);
    assert_int_equal(last->activation_unit_exponent, 2);
    assert_int_equal(last->accumulator_bits, 24);
    mp_accuracy_record_release(&r);
    mp_accuracy_record_release(&r);
}

static void more_images_win(void **state)
{
    struct fixture *f = *state;
    struct case_ look, all;
    make_case(&look, 1, 3);
    make_case(&all, 1, IMAGES);
    open_writer(f);
    look.sample.accuracy.layer_count = 0;
    assert_int_equal(put(f, &look), MP_OK);
    assert_sql(f, "SELECT is_complete || ' ' || images || ' ' || top1 FROM accuracy", "0 3 2");
    assert_sql(f, "SELECT hex(ranks) FROM accuracy", "000300FFFFFFFFFF");
    assert_int_equal(put(f, &all), MP_OK);
    assert_sql(f, "SELECT is_complete || ' ' || images || ' ' || top1 FROM accuracy", "1 8 3");
    assert_sql(f, "SELECT count(*) FROM accuracy_layer", "2");
    /* Never back, and nothing is written twice. */
    assert_int_equal(put(f, &look), MP_OK);
    assert_int_equal(put(f, &all), MP_OK);
    assert_sql(f, "SELECT count(*) || ' ' || sum(images) FROM accuracy", "1 8");
    assert_sql(f, "SELECT count(*) FROM accuracy_layer", "2");
}

/* What an estimate refers to stays the same row; ranks and layers are added to what lacks them. */
static void known_better_keeps_its_place(void **state)
{
    struct fixture *f = *state;
    struct case_ c;
    make_case(&c, 1, IMAGES);
    open_writer(f);
    c.sample.accuracy.ranks = NULL;
    c.sample.accuracy.layer_count = 0;
    assert_int_equal(sample_put(f->store, &c.sample, &f->err), MP_OK);
    assert_sql(f, "SELECT accuracy_id FROM estimate", "1");
    c.sample.accuracy.ranks = c.ranks;
    c.sample.accuracy.layer_count = LAYERS;
    assert_int_equal(put(f, &c), MP_OK);
    assert_sql(f, "SELECT accuracy_id || ' ' || length(ranks) FROM accuracy", "1 8");
    assert_sql(f, "SELECT count(*) FROM accuracy_layer WHERE accuracy_id = 1", "2");
    /* As many images without either: nothing to win. */
    c.sample.accuracy.ranks = NULL;
    c.sample.accuracy.layer_count = 0;
    assert_int_equal(put(f, &c), MP_OK);
    assert_sql(f, "SELECT length(ranks) FROM accuracy", "8");
    assert_sql(f, "SELECT count(*) FROM accuracy_layer", "2");
}

static void nonsense_is_refused(void **state)
{
    struct fixture *f = *state;
    struct case_ c;
    open_writer(f);
    make_case(&c, 1, IMAGES);
    c.ranks[1] = 0;
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_message(f, "ranks say 8 images, 4 top-1, 5 top-5, and the record 8, 3, 5");
    make_case(&c, 1, IMAGES);
    c.sample.accuracy.planned_images = 7;
    c.sample.accuracy.ranks = NULL;
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_message(f, "planned_images");
    make_case(&c, 1, IMAGES);
    c.sample.accuracy.weight_scope = "row";
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_message(f, "weight_scope");
    make_case(&c, 1, IMAGES);
    c.sample.accuracy.engine = NULL;
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_message(f, "engine is missing");
    make_case(&c, 1, IMAGES);
    c.layers[1].zero_weights = 152;
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_message(f, "layer of an accuracy");
    make_case(&c, 1, IMAGES);
    c.layers[1].index = 0; /* of the other one */
    assert_int_equal(put(f, &c), MP_E_DATABASE);
    assert_sql(f, "SELECT (SELECT count(*) FROM accuracy) + (SELECT count(*) FROM accuracy_layer)",
               "0");
}

static void networks_are_filled_in(void **state)
{
    struct fixture *f = *state;
    struct case_ c;
    struct mp_network_record r = {.network = "fashion_lenet", .network_hash = "n1"};
    make_case(&c, 1, IMAGES);
    open_writer(f);
    assert_int_equal(put(f, &c), MP_OK);
    assert_sql(f, "SELECT quote(whole_macs) || quote(weight_count) || quote(note) FROM network",
               "NULLNULL''");
    assert_int_equal(mp_store_put_network(f->store, &r, &f->err), MP_E_DATABASE);
    r.whole_macs = 416520;
    r.weight_count = 61470;
    r.note = "pruned";
    assert_int_equal(mp_store_put_network(f->store, &r, &f->err), MP_OK);
    r.note = NULL;
    r.whole_macs = 1;
    assert_int_equal(mp_store_put_network(f->store, &r, &f->err), MP_OK);
    assert_sql(f, "SELECT whole_macs || ' ' || weight_count || ' ' || note FROM network",
               "416520 61470 pruned");
    assert_sql(f, "SELECT count(*) FROM network", "1");
}

static void traces_know_their_layer(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    sample_init(&s, "int8", 1);
    open_writer(f);
    s.trace.layer = "conv1";
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_E_DATABASE);
    assert_message(f, "layer conv1 is of no network");
    s.trace.layer = NULL;
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_OK);
    assert_sql(f,
               "SELECT count(*) FROM trace WHERE network_id IS NULL AND layer = ''"
               " AND macs IS NULL AND mac_share IS NULL AND synthetic = 0",
               "1");
    /* Stored before anything was said about the network. */
    s.trace.network = "fashion_lenet";
    s.trace.network_hash = "n1";
    s.trace.layer = "conv1";
    s.trace.macs = 117600;
    s.trace.mac_share = 0.25;
    s.trace.synthetic = true;
    s.trace.weight_scope = "layer";
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_OK);
    assert_sql(f,
               "SELECT network_id || layer || macs || ' ' || mac_share || synthetic"
               " || weight_scope || quote(activation_scope) FROM trace",
               "1conv1117600 0.251layerNULL");
    s.trace.layer = "conv2";
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_OK);
    assert_sql(f, "SELECT group_concat(layer) FROM trace", "conv1");
    sample_init(&s, "int8", 2);
    s.trace.network = "fashion_lenet";
    s.trace.network_hash = "n1";
    s.trace.mac_share = 1.5;
    assert_int_equal(mp_store_put_trace(f->store, &s.trace, &f->err), MP_E_DATABASE);
    assert_message(f, "mac_share");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_fields_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(more_images_win, setup, teardown),
        cmocka_unit_test_setup_teardown(known_better_keeps_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(networks_are_filled_in, setup, teardown),
        cmocka_unit_test_setup_teardown(traces_know_their_layer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
