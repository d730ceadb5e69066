#include "estimator/cnn/infer.h"
#include "estimator/cnn/trace_parts.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_IMAGES 64

struct place {
    uint32_t layer; /* of the network */
    uint32_t image; /* 0..images-1 of the chosen ones */
    uint64_t start; /* cycle of the layer; after the last comes the first again */
};

/* One trace. */
struct making {
    struct mp_trace *trace;
    const struct pass *pass;
    const char *only; /* this layer alone; NULL: all */
    uint32_t images;
    struct place *places; /* [stretch] */
    uint32_t *chosen;     /* [image] of the data set */
};

/* All traces that are made of the same images, run through the network once. */
struct pass {
    const struct mp_network *network;
    const struct mp_quantisation *quantisation;
    const struct mp_dataset *dataset;
    struct mp_model model;
    struct making *items;
    uint32_t item_count, batch, image_count;
    uint32_t *images; /* [image_count] of the data set, those that some trace has, ascending */
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
    const struct mp_layer *layer = &m->pass->network->layers[l];
    const struct mp_integer_codes *codes = &m->pass->quantisation->layers[l];

    return layer->weights != NULL && (m->only == NULL || strcmp(layer->name, m->only) == 0) &&
           mp_format_equal(&codes->weight, &m->trace->weight) &&
           mp_format_equal(&codes->activation, &m->trace->activation);
}

/* No layer is traced: why. */
static int nothing_to_trace(const struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->pass->network;
    const struct mp_integer_codes *found = NULL;
    char w[MP_FORMAT_NAME_SIZE], a[MP_FORMAT_NAME_SIZE], other[2][MP_FORMAT_NAME_SIZE];

    mp_format_name(&m->trace->weight, w);
    mp_format_name(&m->trace->activation, a);
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL &&
            (m->only == NULL || strcmp(n->layers[l].name, m->only) == 0))
            found = &m->pass->quantisation->layers[l];
    if (found == NULL && m->only != NULL)
        return mp_network_no_such_layer(n, m->only, err);
    if (found == NULL)
        return mp_fail(err, MP_E_INPUT, "network %s has no layer with weights to trace", n->name);
    return mp_fail(err, MP_E_USAGE, "no trace of %s x %s: %s%s has %s x %s", w, a,
                   m->only != NULL ? "layer " : "for example the last layer of ",
                   m->only != NULL ? m->only : n->name, mp_format_name(&found->weight, other[0]),
                   mp_format_name(&found->activation, other[1]));
}

/* tensors[tensor]: computed with weights that are made up. */
static bool *find_synthetic(const struct mp_network *n)
{
    bool *tensors = mp_alloc(n->tensor_count + 1, sizeof *tensors);

    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        bool *made = &tensors[layer->output];
        *made = layer->synthetic;
        for (uint32_t k = 0; k < layer->input_count; k++)
            *made = *made || tensors[layer->inputs[k]];
    }
    return tensors;
}

static int plan_layers(const struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->pass->network;
    struct mp_trace *t = m->trace;
    uint64_t macs = mp_network_macs(n);
    uint32_t count = 0;

    for (uint32_t l = 0; l < n->layer_count; l++)
        count += is_traced(m, l);
    if (count == 0)
        return nothing_to_trace(m, err);
    if (count > MP_TRACE_MAX_LAYERS)
        return mp_fail(err, MP_E_UNSUPPORTED, "network %s has %u layers with weights; at most %d",
                       n->name, count, MP_TRACE_MAX_LAYERS);
    t->layer_count = count;
    t->network_macs = n->whole_macs > macs ? n->whole_macs : macs;
    mp_trace_allocate(t);
    bool *synthetic = find_synthetic(n);
    count = 0;
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (is_traced(m, l)) {
            struct mp_trace_layer *layer = &t->layers[count++];
            set_layer_name(layer, n->layers[l].name);
            layer->macs = n->layers[l].macs;
            layer->synthetic = n->layers[l].synthetic;
            layer->reads_synthetic = synthetic[n->layers[l].inputs[0]];
        }
    free(synthetic);
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
    const struct mp_network *n = m->pass->network;
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
        uint64_t from = (uint64_t)i * m->pass->dataset->count / m->images;
        uint64_t to = ((uint64_t)i + 1) * m->pass->dataset->count / m->images;
        m->chosen[i] = (uint32_t)(from + mp_random_below(&random, to - from));
    }
}

/* A stretch's weights with their units, as many as have the same at a time. */
static void encode_weights(const struct making *m, const int *units, const float *weights,
                           uint32_t *codes)
{
    for (uint32_t i = 0, next; i < m->trace->length; i = next) {
        for (next = i + 1; next < m->trace->length && units[next] == units[i];)
            next++;
        mp_format_encode_array(&m->trace->weight, units[i], next - i, weights + i, codes + i);
    }
}

/* Memory for one stretch, [length] each. */
struct stretch {
    float *weights, *activations;
    int *units; /* of the weights */
};

static void fill_stretch(const struct making *m, uint32_t stretch, const float *input,
                         const struct stretch *scratch)
{
    float *weights = scratch->weights, *activations = scratch->activations;
    const struct mp_network *n = m->pass->network;
    const struct place *p = &m->places[stretch];
    const struct mp_integer_codes *codes = &m->pass->quantisation->layers[p->layer];
    const struct mp_layer *layer = &n->layers[p->layer];
    const struct mp_shape *in = &n->shapes[layer->inputs[0]], *out = &n->shapes[layer->output];
    struct mp_trace *t = m->trace;
    size_t offset = (size_t)stretch * t->length;
    uint64_t positions = (uint64_t)out->height * out->width;

    if (layer->kind == MP_LAYER_DENSE)
        positions = 1;
    for (uint32_t i = 0; i < t->length; i++) {
        uint64_t cycle = (p->start + i) % layer->macs, weight, position;
        uint32_t channel, term;
        if (t->dataflow == MP_OUTPUT_STATIONARY) {
            uint64_t output = cycle / layer->terms;
            weight = output / positions * layer->terms + cycle % layer->terms;
            position = output % positions;
        } else {
            weight = cycle / positions;
            position = cycle % positions;
        }
        channel = (uint32_t)(weight / layer->terms);
        term = (uint32_t)(weight % layer->terms);
        weights[i] = layer->weights[weight];
        scratch->units[i] = mp_weight_unit(codes, layer, channel, term);
        activations[i] = mp_trace_operand(layer, in, out, input, channel, term, position);
        /* Outside of the unit a block's sum gets its scale, so each starts a new one. */
        t->firsts[offset + i] = t->dataflow == MP_WEIGHT_STATIONARY || term == 0 ||
                                (t->weight.block > 0 && term % t->weight.block == 0);
    }
    encode_weights(m, scratch->units, weights, t->weights + offset);
    mp_format_encode_array(&t->activation, codes->activation_unit_exponent, t->length, activations,
                           t->activations + offset);
}

static uint32_t slot_of(const struct pass *p, uint32_t image)
{
    uint32_t low = 0, high = p->image_count;

    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->images[middle] <= image)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The stretches of a trace that use the images first .. first + count - 1 of the pass. */
static void fill_trace(const struct making *m, const struct mp_workspace *w, uint32_t first,
                       uint32_t count)
{
    const struct mp_network *n = m->pass->network;
    size_t length = m->trace->length;
    const struct stretch scratch = {mp_alloc(length, sizeof(float)),
                                    mp_alloc(length, sizeof(float)), mp_alloc(length, sizeof(int))};

    for (uint32_t s = 0; s < m->trace->stretches; s++) {
        const struct place *p = &m->places[s];
        uint32_t slot = slot_of(m->pass, m->chosen[p->image]), tensor;
        if (slot < first || slot >= first + count)
            continue;
        tensor = n->layers[p->layer].inputs[0];
        fill_stretch(m, s,
                     w->tensors[tensor] + (slot - first) * mp_shape_elements(&n->shapes[tensor]),
                     &scratch);
    }
    free(scratch.weights);
    free(scratch.activations);
    free(scratch.units);
}

/* One batch of images: run the quantised network, then fill the stretches that use them. */
static int make_job(void *context, size_t index, struct mp_error *err)
{
    struct pass *p = context;
    uint32_t first = (uint32_t)index * p->batch, count = p->image_count - first;
    struct mp_workspace w;
    int rc = mp_workspace_init(&w, &p->model, err);

    if (rc < 0)
        return rc;
    count = count < p->batch ? count : p->batch;
    for (uint32_t i = 0; i < count && rc == MP_OK; i++)
        rc = mp_workspace_load(&w, p->dataset, i, p->images[first + i], 1, err);
    if (rc == MP_OK) {
        mp_workspace_run(&w, count);
        for (uint32_t t = 0; t < p->item_count; t++)
            fill_trace(&p->items[t], &w, first, count);
    }
    mp_workspace_release(&w);
    return rc;
}

static int choose_images(struct making *m, const struct mp_trace_options *o, struct mp_error *err)
{
    uint32_t available = m->pass->dataset->count;

    m->images = o->images;
    if (m->images == 0)
        m->images = available < DEFAULT_IMAGES ? available : DEFAULT_IMAGES;
    if (m->images == 0 || m->images > available)
        return mp_fail(err, MP_E_USAGE,
                       "a trace over %u images, but there are %u (--trace-images, or `images:` of "
                       "`trace:`, says how many)",
                       m->images, available);
    return MP_OK;
}

/* Both given, or the only ones that the network has. */
static int choose_formats(struct mp_trace *t, const struct mp_network *n,
                          const struct mp_quantisation *q, const struct mp_format *weight,
                          const struct mp_format *activation, const char *only,
                          struct mp_error *err)
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
        if (n->layers[l].weights == NULL || (only != NULL && strcmp(n->layers[l].name, only) != 0))
            continue;
        if (found != NULL && (!mp_format_equal(&found->weight, &codes->weight) ||
                              !mp_format_equal(&found->activation, &codes->activation)))
            return mp_fail(
                err, MP_E_USAGE,
                "layers of network %s have different formats, and a trace has one pair: "
                "choose a layer (--layer, `layer:` of `trace:`) or a format of one kind, "
                "such as int8",
                n->name);
        found = codes;
    }
    if (found == NULL && only != NULL)
        return mp_network_no_such_layer(n, only, err);
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

/* t has its formats. */
static int plan(struct making *m, const struct mp_trace_options *o, struct mp_error *err)
{
    const struct mp_dataset *d = m->pass->dataset;
    const struct mp_network *n = m->pass->network;
    struct mp_trace_options options = *o;
    struct mp_trace *t = m->trace;
    int rc = mp_trace_check(&options, &t->weight, &t->activation, err);

    if (rc < 0)
        return rc;
    t->dataflow = options.dataflow;
    t->seed = options.seed;
    t->stretches = options.stretches;
    t->length = options.length;
    snprintf(t->source, sizeof t->source, "%.40s%s%.40s (%.8s) on %u images (%.8s)", n->name,
             m->only != NULL ? " layer " : "", m->only != NULL ? m->only : "", n->hash, d->count,
             d->hash);
    if ((rc = choose_images(m, &options, err)) == MP_OK && (rc = plan_layers(m, err)) == MP_OK)
        plan_places(m);
    return rc;
}

static void collect_images(struct pass *p)
{
    bool *is_used = mp_alloc((size_t)p->dataset->count + 1, sizeof *is_used);

    for (uint32_t t = 0; t < p->item_count; t++)
        for (uint32_t s = 0; s < p->items[t].trace->stretches; s++)
            is_used[p->items[t].chosen[p->items[t].places[s].image]] = true;
    p->images = mp_alloc((size_t)p->dataset->count + 1, sizeof *p->images);
    for (uint32_t i = 0; i < p->dataset->count; i++)
        if (is_used[i])
            p->images[p->image_count++] = i;
    free(is_used);
}

/* All traces of a pass whose items are planned; what was planned is released. */
static int run_pass(struct pass *p, struct mp_error *err)
{
    int rc;

    if ((rc = init_model(&p->model, p->network, p->quantisation, err)) < 0)
        return rc;
    p->batch = mp_infer_batch(p->network);
    collect_images(p);
    rc = mp_parallel_for((p->image_count + p->batch - 1) / p->batch, 0, make_job, p, err);
    for (uint32_t t = 0; t < p->item_count && rc == MP_OK; t++)
        mp_trace_seal(p->items[t].trace);
    mp_model_release(&p->model);
    free(p->images);
    return rc;
}

static void release_plan(struct making *m)
{
    free(m->places);
    free(m->chosen);
}

int mp_trace_make(struct mp_trace *t, const struct mp_network *n, const struct mp_quantisation *q,
                  const struct mp_format *weight, const struct mp_format *activation,
                  const struct mp_dataset *d, const struct mp_trace_options *o,
                  struct mp_error *err)
{
    struct pass p = {.network = n, .quantisation = q, .dataset = d, .item_count = 1};
    struct making m = {.trace = t, .pass = &p, .only = o->layer};
    int rc = choose_formats(t, n, q, weight, activation, o->layer, err);

    p.items = &m;
    if (rc == MP_OK)
        rc = mp_infer_check(n, d, err);
    if (rc == MP_OK && (rc = plan(&m, o, err)) == MP_OK)
        rc = run_pass(&p, err);
    release_plan(&m);
    if (rc < 0)
        mp_trace_release(t);
    return rc;
}

static int plan_layer_traces(struct pass *p, struct mp_trace *traces,
                             const struct mp_trace_options *o, uint32_t block, struct mp_error *err)
{
    const struct mp_network *n = p->network;
    int rc = MP_OK;

    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++) {
        const struct mp_integer_codes *codes = &p->quantisation->layers[l];
        struct mp_trace_options options = *o;
        if (!mp_trace_layer_is_traced(n, p->quantisation, l))
            continue;
        struct making *m = &p->items[p->item_count];
        *m = (struct making){
            .trace = &traces[p->item_count++], .pass = p, .only = n->layers[l].name};
        m->trace->weight = codes->weight;
        m->trace->activation = codes->activation;
        options.seed = mp_trace_block_seed(mp_trace_layer_seed(o->seed, l), block);
        rc = plan(m, &options, err);
    }
    return rc;
}

int mp_trace_make_layers(struct mp_trace **out, uint32_t *count, const struct mp_network *n,
                         const struct mp_quantisation *q, const struct mp_dataset *d,
                         const struct mp_trace_options *o, uint32_t block, struct mp_error *err)
{
    struct pass p = {.network = n, .quantisation = q, .dataset = d};
    struct mp_trace *traces = mp_alloc((size_t)n->layer_count + 1, sizeof *traces);
    int rc = mp_infer_check(n, d, err);

    p.items = mp_alloc((size_t)n->layer_count + 1, sizeof *p.items);
    if (rc == MP_OK)
        rc = plan_layer_traces(&p, traces, o, block, err);
    if (rc == MP_OK && p.item_count == 0)
        rc = mp_fail(err, MP_E_INPUT, "network %s has no layer with weights to trace", n->name);
    if (rc == MP_OK)
        rc = run_pass(&p, err);
    for (uint32_t t = 0; t < p.item_count; t++)
        release_plan(&p.items[t]);
    free(p.items);
    *out = traces;
    *count = p.item_count;
    if (rc < 0)
        mp_trace_release_layers(out, count);
    return rc;
}
