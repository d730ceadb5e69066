#include "estimator/pipeline/record_layers.h"
#include "estimator/cnn/storage.h"
#include "estimator/util/memory.h"

#include <stdlib.h>

static char *format_text(const struct mp_format *f)
{
    char text[MP_FORMAT_NAME_SIZE];
    return mp_strdup(mp_format_name(f, text));
}

static void set_exponents(struct mp_accuracy_layer *out, const struct mp_integer_codes *codes,
                          const struct mp_layer *layer)
{
    if (codes->activation.kind != MP_FORMAT_FLOAT32)
        out->activation_unit_exponent = codes->activation_unit_exponent;
    if (codes->weight.kind == MP_FORMAT_FLOAT32 || codes->weight.kind == MP_FORMAT_TABLE)
        return;
    size_t units = layer->out_count;
    const int *of = codes->weight_unit_exponents;
    if (codes->weight.block > 0) {
        of = codes->block_unit_exponents;
        units *= mp_weight_blocks(codes, layer);
    }
    int smallest = of[0], largest = smallest;
    for (size_t c = 1; c < units; c++) {
        int exponent = of[c];
        smallest = exponent < smallest ? exponent : smallest;
        largest = exponent > largest ? exponent : largest;
    }
    out->smallest_weight_unit_exponent = smallest;
    out->largest_weight_unit_exponent = largest;
}

static void set_storage(struct mp_accuracy_layer *out, const struct mp_layer_storage *s)
{
    out->index = s->layer;
    out->weight_count = s->weight_count;
    out->zero_weights = s->zero_weights;
    if (s->distinct_weights > 0)
        out->distinct_weights = s->distinct_weights;
    out->code_bits = s->code_bits;
    out->scale_bits = s->scale_bits;
    out->table_bits = s->table_bits;
    out->zero_skipping_bits = s->skipping_bits;
    out->skipping_index_bits = s->index_bits;
}

void mp_record_layers(struct mp_accuracy_record *out, const struct mp_network *n,
                      const struct mp_quantisation *q)
{
    static const struct mp_integer_codes reference = {
        .weight = {.kind = MP_FORMAT_FLOAT32, .bits = 32},
        .activation = {.kind = MP_FORMAT_FLOAT32, .bits = 32}};
    struct mp_storage storage;
    unsigned *accumulators = mp_alloc((size_t)n->layer_count + 1, sizeof *accumulators), most;
    mp_storage_make(&storage, n, q);
    struct mp_accuracy_layer *layers = mp_alloc((size_t)storage.layer_count + 1, sizeof *layers);
    /* Where a layer has formats that no netlist has, it and those behind stay unknown. */
    if (q != NULL)
        (void)mp_quantisation_accumulator_bits(q, n, accumulators, &most, NULL);
    for (uint32_t i = 0; i < storage.layer_count; i++) {
        const struct mp_layer *layer = &n->layers[storage.layers[i].layer];
        const struct mp_integer_codes *codes =
            q != NULL ? &q->layers[storage.layers[i].layer] : &reference;
        mp_accuracy_layer_init(&layers[i]);
        set_storage(&layers[i], &storage.layers[i]);
        set_exponents(&layers[i], codes, layer);
        layers[i].layer = mp_strdup(layer->name);
        layers[i].kind = mp_strdup(layer->kind == MP_LAYER_CONV ? "convolution" : "dense");
        layers[i].weight_format = format_text(&codes->weight);
        layers[i].activation_format = format_text(&codes->activation);
        layers[i].macs = layer->macs;
        layers[i].accumulator_bits = accumulators[storage.layers[i].layer];
    }
    out->layers = layers;
    out->layer_count = storage.layer_count;
    mp_storage_release(&storage);
    free(accumulators);
}
