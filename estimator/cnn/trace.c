#include "estimator/cnn/infer.h"
#include "estimator/cnn/trace_parts.h"
#include "estimator/format/golden.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_STRETCHES 512
#define DEFAULT_LENGTH    256
#define DEFAULT_IMAGES    64

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

/* ---- traces of a network */

struct place {
    uint32_t layer; /* of the network */
    uint32_t image; /* 0..images-1 of the chosen ones */
    uint64_t start; /* cycle of the layer; after the last comes the first again */
};

struct making {
    struct mp_trace *trace;
    const struct mp_model *model;
    const struct mp_quantisation *quantisation;
    const struct mp_dataset *dataset;
    const char *only; /* this layer alone; NULL: all */
    uint32_t images, batch;
    struct place *places; /* [stretch] */
    uint32_t *chosen;     /* [image] of the data set */
};

/* The end of a long name says more than its beginning. */
static void set_layer_name(struct mp_trace_layer *layer, const char *name)
{
    size_t length = strlen(name), room = sizeof layer->name - 1;

    snprintf(layer->name, sizeof layer->name, "%s", name + (length > room ? length - room : 0));
}

/* Whether a layer's work is traced: all that have weights and these formats, or the one asked for
 * if it has. */
static bool is_traced(const struct making *m, uint32_t l)
{
    const struct mp_layer *layer = &m->model->network->layers[l];
    const struct mp_integer_codes *codes = &m->quantisation->layers[l];

    return layer->weights != NULL && (m->only == NULL || strcmp(layer->name, m->only) == 0) &&
           mp_format_equal(&codes->weight, &m->trace->weight) &&
           mp_format_equal(&codes->activation, &m->trace->activation);
}

/* No layer is traced: why. */
static int nothing_to_trace(const struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->model->network;
    const struct mp_integer_codes *found = NULL;
    char w[MP_FORMAT_NAME_SIZE], a[MP_FORMAT_NAME_SIZE], other[2][MP_FORMAT_NAME_SIZE];

    mp_format_name(&m->trace->weight, w);
    mp_format_name(&m->trace->activation, a);
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL &&
            (m->only == NULL || strcmp(n->layers[l].name, m->only) == 0))
            found = &m->quantisation->layers[l];
    if (found == NULL && m->only != NULL)
        return mp_network_no_such_layer(n, m->only, err);
    if (found == NULL)
        return mp_fail(err, MP_E_INPUT, "network %s has no layer with weights to trace", n->name);
    return mp_fail(err, MP_E_USAGE, "no trace of %s x %s: %s%s has %s x %s", w, a,
                   m->only != NULL ? "layer " : "for example the last layer of ",
                   m->only != NULL ? m->only : n->name, mp_format_name(&found->weight, other[0]),
                   mp_format_name(&found->activation, other[1]));
}

static int plan_layers(const struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->model->network;
    struct mp_trace *t = m->trace;
    uint32_t count = 0;

    for (uint32_t l = 0; l < n->layer_count; l++)
        count += is_traced(m, l);
    if (count == 0)
        return nothing_to_trace(m, err);
    if (count > MP_TRACE_MAX_LAYERS)
        return mp_fail(err, MP_E_UNSUPPORTED, "network %s has %u layers with weights; at most %d",
                       n->name, count, MP_TRACE_MAX_LAYERS);
    t->layer_count = count;
    mp_trace_allocate(t);
    count = 0;
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (is_traced(m, l)) {
            set_layer_name(&t->layers[count], n->layers[l].name);
            t->layers[count++].macs = n->layers[l].macs;
        }
    return MP_OK;
}

/* Images of a batch are no other batch's, if there are as many images. */
static uint32_t choose_image(uint32_t stretch, uint32_t images)
{
    uint32_t batch = stretch % MP_TRACE_BATCHES, row = stretch / MP_TRACE_BATCHES;

    if (images < MP_TRACE_BATCHES)
        return stretch % images;
    uint32_t own = (images - batch + MP_TRACE_BATCHES - 1) / MP_TRACE_BATCHES;
    return batch + row % own * MP_TRACE_BATCHES;
}

/* All cycles of the network are one row, layer after layer, and the stretches are spread over it
 * evenly from a random place on. That gives each layer its share of stretches, rounded up or down
 * by chance, so that no cycle of the network is more probable than another. Within its layer a
 * stretch then starts anywhere. */
static void plan_places(struct making *m)
{
    const struct mp_network *n = m->model->network;
    struct mp_trace *t = m->trace;
    struct mp_random random;
    uint64_t total = 0, offset, end = 0;
    uint32_t stretch = 0, index = 0;

    for (uint32_t l = 0; l < t->layer_count; l++)
        total += t->layers[l].macs;
    mp_random_seed(&random, t->seed);
    offset = mp_random_below(&random, total);
    m->places = mp_alloc(t->stretches, sizeof *m->places);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (!is_traced(m, l))
            continue;
        end += n->layers[l].macs;
        for (; stretch < t->stretches && ((mp_u128)stretch * total + offset) / t->stretches < end;
             stretch++) {
            t->layers[index].stretches++;
            t->layer[stretch] = index;
            m->places[stretch] = (struct place){l, choose_image(stretch, m->images),
                                                mp_random_below(&random, n->layers[l].macs)};
        }
        index++;
    }
    m->chosen = mp_alloc(m->images, sizeof *m->chosen);
    for (uint32_t i = 0; i < m->images; i++) {
        uint64_t from = (uint64_t)i * m->dataset->count / m->images;
        uint64_t to = ((uint64_t)i + 1) * m->dataset->count / m->images;
        m->chosen[i] = (uint32_t)(from + mp_random_below(&random, to - from));
    }
}

/* What meets weight `term` of output channel `channel` at an output position. */
static float operand(const struct mp_layer *layer, const struct mp_shape *in,
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

/* A stretch's weights with the units of their output channels, channel by channel. */
static void encode_weights(const struct making *m, const struct place *p, const uint32_t *channels,
                           const float *weights, uint32_t *codes)
{
    const int *units = m->quantisation->layers[p->layer].weight_unit_exponents;

    for (uint32_t i = 0, next; i < m->trace->length; i = next) {
        for (next = i + 1; next < m->trace->length && channels[next] == channels[i];)
            next++;
        mp_format_encode_array(&m->trace->weight, units[channels[i]], next - i, weights + i,
                               codes + i);
    }
}

/* Memory for one stretch, [length] each. */
struct stretch {
    float *weights, *activations;
    uint32_t *channels;
};

static void fill_stretch(const struct making *m, uint32_t stretch, const float *input,
                         const struct stretch *scratch)
{
    float *weights = scratch->weights, *activations = scratch->activations;
    uint32_t *channels = scratch->channels;

    const struct mp_network *n = m->model->network;
    const struct place *p = &m->places[stretch];
    const struct mp_integer_codes *codes = &m->quantisation->layers[p->layer];
    const struct mp_layer *layer = &n->layers[p->layer];
    const struct mp_shape *in = &n->shapes[layer->inputs[0]], *out = &n->shapes[layer->output];
    struct mp_trace *t = m->trace;
    size_t offset = (size_t)stretch * t->length;
    uint64_t positions = (uint64_t)out->height * out->width;

    if (layer->kind == MP_LAYER_DENSE)
        positions = 1;
    for (uint32_t i = 0; i < t->length; i++) {
        uint64_t cycle = (p->start + i) % layer->macs, weight, position;
        bool first = true;
        if (t->dataflow == MP_OUTPUT_STATIONARY) {
            uint64_t output = cycle / layer->terms, term = cycle % layer->terms;
            weight = output / positions * layer->terms + term;
            position = output % positions;
            first = term == 0;
        } else {
            weight = cycle / positions;
            position = cycle % positions;
        }
        channels[i] = (uint32_t)(weight / layer->terms);
        weights[i] = layer->weights[weight];
        activations[i] = operand(layer, in, out, input, channels[i],
                                 (uint32_t)(weight % layer->terms), position);
        t->firsts[offset + i] = first;
    }
    encode_weights(m, p, channels, weights, t->weights + offset);
    mp_format_encode_array(&t->activation, codes->activation_unit_exponent, t->length, activations,
                           t->activations + offset);
}

/* One batch of images: run the quantised network, then fill the stretches that use them. */
static int make_job(void *context, size_t index, struct mp_error *err)
{
    struct making *m = context;
    struct mp_trace *t = m->trace;
    const struct mp_network *n = m->model->network;
    uint32_t first = (uint32_t)index * m->batch, count = m->images - first;
    struct stretch scratch;
    struct mp_workspace w;
    int rc = mp_workspace_init(&w, m->model, err);

    if (rc < 0)
        return rc;
    count = count < m->batch ? count : m->batch;
    for (uint32_t i = 0; i < count && rc == MP_OK; i++)
        rc = mp_workspace_load(&w, m->dataset, i, m->chosen[first + i], 1, err);
    if (rc < 0)
        goto out;
    mp_workspace_run(&w, count);
    scratch =
        (struct stretch){mp_alloc(t->length, sizeof(float)), mp_alloc(t->length, sizeof(float)),
                         mp_alloc(t->length, sizeof(uint32_t))};
    for (uint32_t s = 0; s < t->stretches; s++) {
        const struct place *p = &m->places[s];
        if (p->image < first || p->image >= first + count)
            continue;
        uint32_t tensor = n->layers[p->layer].inputs[0];
        fill_stretch(m, s,
                     w.tensors[tensor] + (p->image - first) * mp_shape_elements(&n->shapes[tensor]),
                     &scratch);
    }
    free(scratch.weights);
    free(scratch.activations);
    free(scratch.channels);
out:
    mp_workspace_release(&w);
    return rc;
}

static int choose_images(struct making *m, const struct mp_trace_options *o, struct mp_error *err)
{
    uint32_t available = m->dataset->count;

    m->batch = mp_infer_batch(m->model->network);
    m->images = o->images;
    if (m->images == 0)
        m->images = available < DEFAULT_IMAGES ? available : DEFAULT_IMAGES;
    if (m->images == 0 || m->images > available)
        return mp_fail(err, MP_E_USAGE, "a trace over %u images, but there are %u", m->images,
                       available);
    return MP_OK;
}

/* Both given, or the only ones that the network has. */
static int choose_formats(struct mp_trace *t, const struct mp_network *n,
                          const struct mp_quantisation *q, const struct mp_format *weight,
                          const struct mp_format *activation, struct mp_error *err)
{
    const struct mp_integer_codes *found = NULL;

    *t = (struct mp_trace){0};
    if (weight != NULL && activation != NULL) {
        t->weight = *weight;
        t->activation = *activation;
        return MP_OK;
    }
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_integer_codes *codes = &q->layers[l];
        if (n->layers[l].weights == NULL)
            continue;
        if (found != NULL && (!mp_format_equal(&found->weight, &codes->weight) ||
                              !mp_format_equal(&found->activation, &codes->activation)))
            return mp_fail(err, MP_E_USAGE,
                           "layers of network %s have different formats: of which is the trace?",
                           n->name);
        found = codes;
    }
    if (found == NULL)
        return mp_fail(err, MP_E_INPUT, "network %s has no layer with weights to trace", n->name);
    t->weight = found->weight;
    t->activation = found->activation;
    return MP_OK;
}

/* Operands are what the units meet: the integer engine's, where it can compute every layer. */
static int init_model(struct mp_model *m, const struct mp_network *n,
                      const struct mp_quantisation *q, struct mp_error *err)
{
    struct mp_error why = MP_ERROR_INIT;
    int rc = mp_model_init_integer(m, n, q, 0, NULL, &why);

    if (rc == MP_E_UNSUPPORTED) {
        mp_model_init(m, n, q);
        return MP_OK;
    }
    if (rc < 0 && err != NULL)
        *err = why;
    return rc;
}

int mp_trace_make(struct mp_trace *t, const struct mp_network *n, const struct mp_quantisation *q,
                  const struct mp_format *weight, const struct mp_format *activation,
                  const struct mp_dataset *d, const struct mp_trace_options *o,
                  struct mp_error *err)
{
    struct mp_trace_options options = *o;
    struct mp_model model = {0};
    struct making m = {
        .trace = t, .model = &model, .quantisation = q, .dataset = d, .only = o->layer};
    int rc = choose_formats(t, n, q, weight, activation, err);

    if (rc == MP_OK)
        rc = mp_trace_check(&options, &t->weight, &t->activation, err);
    if (rc == MP_OK)
        rc = mp_infer_check(n, d, err);
    if (rc == MP_OK)
        rc = init_model(&model, n, q, err);
    if (rc < 0)
        goto out;
    t->dataflow = options.dataflow;
    t->seed = options.seed;
    t->stretches = options.stretches;
    t->length = options.length;
    snprintf(t->source, sizeof t->source, "%.40s%s%.40s (%.8s) on %u images (%.8s)", n->name,
             options.layer != NULL ? " layer " : "", options.layer != NULL ? options.layer : "",
             n->hash, d->count, d->hash);
    rc = choose_images(&m, &options, err);
    if (rc == MP_OK)
        rc = plan_layers(&m, err);
    if (rc == MP_OK) {
        plan_places(&m);
        rc = mp_parallel_for((m.images + m.batch - 1) / m.batch, 0, make_job, &m, err);
    }
    if (rc == MP_OK)
        mp_trace_seal(t);
    free(m.places);
    free(m.chosen);
    mp_model_release(&model);
out:
    if (rc < 0)
        mp_trace_release(t);
    return rc;
}
