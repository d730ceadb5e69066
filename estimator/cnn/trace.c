#include "estimator/cnn/trace_parts.h"
#include "estimator/format/golden.h"
#include "estimator/util/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_STRETCHES 512
#define DEFAULT_LENGTH    256

static const char *const dataflow_names[] = {"output-stationary", "weight-stationary"};

int mp_dataflow_parse(enum mp_dataflow *d, const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < sizeof dataflow_names / sizeof *dataflow_names; i++)
        if (strcmp(name, dataflow_names[i]) == 0) {
            *d = (enum mp_dataflow)i;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE,
                   "unknown dataflow \"%s\": there are output-stationary and weight-stationary",
                   name);
}

const char *mp_dataflow_name(enum mp_dataflow d)
{
    return dataflow_names[d];
}

/* ---- what all traces share */

int mp_trace_check(struct mp_trace_options *o, const struct mp_format *weight,
                   const struct mp_format *activation, struct mp_error *err)
{
    bool is_weight = !mp_format_has_codes(weight);
    char name[MP_FORMAT_NAME_SIZE];

    if (is_weight || !mp_format_has_codes(activation))
        return mp_fail(err, MP_E_USAGE,
                       "there is no trace of %s %s, which have no codes that a unit computes with; "
                       "choose a fixed or float format, for example int8 or e4m3",
                       mp_format_name(is_weight ? weight : activation, name),
                       is_weight ? "weights" : "activations");
    o->stretches = o->stretches == 0 ? DEFAULT_STRETCHES : o->stretches;
    o->length = o->length == 0 ? DEFAULT_LENGTH : o->length;
    if (o->stretches % 64 != 0)
        return mp_fail(err, MP_E_USAGE, "%u stretches: the number must be a multiple of 64",
                       o->stretches);
    if ((uint64_t)o->stretches * o->length > MP_TRACE_MAX_CYCLES)
        return mp_fail(err, MP_E_USAGE, "%u stretches of %u cycles are more than %llu cycles",
                       o->stretches, o->length, (unsigned long long)MP_TRACE_MAX_CYCLES);
    return MP_OK;
}

void mp_trace_allocate(struct mp_trace *t)
{
    size_t cycles = (size_t)t->stretches * t->length;

    t->layer = mp_alloc(t->stretches, sizeof *t->layer);
    t->weights = mp_alloc(cycles, sizeof *t->weights);
    t->activations = mp_alloc(cycles, sizeof *t->activations);
    t->firsts = mp_alloc(cycles, sizeof *t->firsts);
    t->layers = mp_alloc(t->layer_count, sizeof *t->layers);
}

static void hash_format(struct mp_hash *h, const struct mp_format *f)
{
    char name[MP_FORMAT_NAME_SIZE];

    mp_hash_string(h, mp_format_name(f, name));
}

void mp_trace_seal(struct mp_trace *t)
{
    size_t cycles = (size_t)t->stretches * t->length;
    struct mp_hash *h = mp_hash_create();

    hash_format(h, &t->weight);
    hash_format(h, &t->activation);
    mp_hash_string(h, mp_dataflow_name(t->dataflow));
    mp_hash_u64(h, t->seed);
    mp_hash_u64(h, t->stretches);
    mp_hash_u64(h, t->length);
    mp_hash_u64(h, t->layer_count);
    for (uint32_t l = 0; l < t->layer_count; l++) {
        mp_hash_string(h, t->layers[l].name);
        mp_hash_u64(h, t->layers[l].stretches);
        mp_hash_u64(h, t->layers[l].macs);
    }
    if (t->network_macs > 0)
        mp_hash_u64(h, t->network_macs);
    for (uint32_t l = 0; l < t->layer_count && mp_trace_is_synthetic(t); l++) {
        mp_hash_u64(h, t->layers[l].synthetic);
        mp_hash_u64(h, t->layers[l].reads_synthetic);
    }
    mp_hash_bytes(h, t->layer, t->stretches * sizeof *t->layer);
    mp_hash_bytes(h, t->weights, cycles * sizeof *t->weights);
    mp_hash_bytes(h, t->activations, cycles * sizeof *t->activations);
    mp_hash_bytes(h, t->firsts, cycles);
    mp_hash_string(h, t->source);
    mp_hash_digest(h, t->hash);
    mp_hash_destroy(h);
}

void mp_trace_release(struct mp_trace *t)
{
    if (t == NULL)
        return;
    free(t->layer);
    free(t->weights);
    free(t->activations);
    free(t->firsts);
    free(t->layers);
    *t = (struct mp_trace){0};
}

double mp_trace_macs_share(const struct mp_trace *t)
{
    uint64_t traced = 0;

    for (uint32_t l = 0; l < t->layer_count; l++)
        traced += t->layers[l].macs;
    return t->network_macs > 0 ? (double)traced / (double)t->network_macs : 0;
}

bool mp_trace_is_synthetic(const struct mp_trace *t)
{
    bool found = false;

    for (uint32_t l = 0; l < t->layer_count; l++)
        found = found || t->layers[l].synthetic || t->layers[l].reads_synthetic;
    return found;
}

static bool is_zero(const struct mp_format *f, uint32_t code)
{
    struct mp_fields fields;

    mp_format_fields(f, code, &fields);
    return fields.significand == 0;
}

void mp_trace_statistics(const struct mp_trace *t, struct mp_trace_statistics *s)
{
    size_t cycles = (size_t)t->stretches * t->length, pairs = cycles - t->stretches;
    size_t zero_w = 0, zero_a = 0, held_w = 0, held_a = 0;

    for (size_t i = 0; i < cycles; i++) {
        zero_w += is_zero(&t->weight, t->weights[i]);
        zero_a += is_zero(&t->activation, t->activations[i]);
        if (i % t->length == 0)
            continue;
        held_w += t->weights[i] == t->weights[i - 1];
        held_a += t->activations[i] == t->activations[i - 1];
    }
    *s = (struct mp_trace_statistics){0};
    if (cycles > 0) {
        s->zero_weights = (double)zero_w / (double)cycles;
        s->zero_activations = (double)zero_a / (double)cycles;
    }
    if (pairs > 0) {
        s->held_weights = (double)held_w / (double)pairs;
        s->held_activations = (double)held_a / (double)pairs;
    }
}

uint32_t mp_trace_batches(const struct mp_trace *t)
{
    return t->stretches < 8 * MP_TRACE_BATCHES ? MP_TRACE_BATCHES / 2 : MP_TRACE_BATCHES;
}

uint64_t mp_trace_block_seed(uint64_t seed, uint32_t block)
{
    struct mp_random random;

    if (block == 0)
        return seed;
    /* The weight keeps the blocks of neighbouring seeds apart. */
    mp_random_seed(&random, seed + block * 0x9e3779b97f4a7c15u);
    return mp_random_u64(&random);
}

uint64_t mp_trace_layer_seed(uint64_t seed, uint32_t layer)
{
    struct mp_random random;

    mp_random_seed(&random, ~seed + ((uint64_t)layer + 1) * 0xd1342543de82ef95u);
    return mp_random_u64(&random);
}

/* ---- layers */

bool mp_trace_layer_is_traced(const struct mp_network *n, const struct mp_quantisation *q,
                              uint32_t l)
{
    return n->layers[l].weights != NULL && mp_format_has_codes(&q->layers[l].weight) &&
           mp_format_has_codes(&q->layers[l].activation);
}

void mp_trace_release_layers(struct mp_trace **traces, uint32_t *count)
{
    for (uint32_t t = 0; t < *count; t++)
        mp_trace_release(&(*traces)[t]);
    free(*traces);
    *traces = NULL;
    *count = 0;
}

float mp_trace_operand(const struct mp_layer *layer, const struct mp_shape *in,
                       const struct mp_shape *out, const float *input, uint32_t channel,
                       uint32_t term, uint64_t position)
{
    if (layer->kind == MP_LAYER_DENSE)
        return input[term];
    uint32_t window = layer->kernel_h * layer->kernel_w, in_group = in->channels / layer->groups;
    uint32_t group = channel / (layer->out_count / layer->groups);
    uint32_t c = group * in_group + term / window, r = term % window / layer->kernel_w;
    uint32_t s = term % layer->kernel_w;
    int64_t y = (int64_t)(position / out->width) * layer->stride_h +
                (int64_t)r * layer->dilation_h - layer->pad_top;
    int64_t x = (int64_t)(position % out->width) * layer->stride_w +
                (int64_t)s * layer->dilation_w - layer->pad_left;

    if (y < 0 || y >= in->height || x < 0 || x >= in->width)
        return 0;
    return input[((int64_t)c * in->height + y) * in->width + x];
}
