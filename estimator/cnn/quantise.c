#include "estimator/cnn/quantise.h"
#include "estimator/cnn/cluster.h"
#include "estimator/util/parallel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SCALE_BITS 8
#define TABLE_BITS 32 /* of a value */

/* What is asked for a layer, overrides applied, and what it then gets. */
struct wanted {
    struct mp_format weight, activation;
};

struct making {
    struct mp_quantisation *q;
    const struct mp_network *network;
    const struct mp_scheme *scheme;
    const struct mp_calibration_data *data;
    struct wanted *wanted; /* [layer] */
    int **units;           /* [layer] weight unit exponents, in q->unit_exponents */
};

/* ---- formats of layers */

int mp_network_no_such_layer(const struct mp_network *n, const char *name, struct mp_error *err)
{
    struct mp_text all = {0};
    int rc;

    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL)
            mp_text_printf(&all, "%s%s", all.size > 0 ? ", " : "", n->layers[l].name);
    rc = mp_fail(err, MP_E_USAGE, "network %s has no layer `%s` with weights; it has %s", n->name,
                 name, all.data != NULL ? all.data : "none");
    mp_text_release(&all);
    return rc;
}

/* The layer of that name, else the first or last with weights; layer_count: none. */
static uint32_t find_layer(const struct mp_network *n, const char *name)
{
    bool first = strcmp(name, "first") == 0, last = strcmp(name, "last") == 0;
    uint32_t found = n->layer_count;

    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL && strcmp(n->layers[l].name, name) == 0)
            return l;
    for (uint32_t l = 0; l < n->layer_count && (first || last); l++) {
        if (n->layers[l].weights == NULL)
            continue;
        found = l;
        if (first)
            break;
    }
    return found;
}

static int check_formats(const struct wanted *w, enum mp_scope scope, struct mp_error *err)
{
    char name[MP_FORMAT_NAME_SIZE];

    if (w->weight.kind == MP_FORMAT_FIXED)
        return mp_fail(err, MP_E_USAGE,
                       "%s is a format of activations: weights are int%u (or uint%u)",
                       mp_format_name(&w->weight, name), w->weight.bits, w->weight.bits);
    if (w->activation.kind == MP_FORMAT_TABLE)
        return mp_fail(err, MP_E_USAGE,
                       "%s is a format of weights: activations are fixed<W>, int<W> or uint<W>",
                       mp_format_name(&w->activation, name));
    if (w->activation.block > 0 || w->activation.kind == MP_FORMAT_POWERS)
        return mp_fail(err, MP_E_USAGE,
                       "%s is a format of weights: activations are fixed<W>, int<W>, uint<W> or "
                       "float",
                       mp_format_name(&w->activation, name));
    if (w->weight.kind == MP_FORMAT_TABLE && scope == MP_SCOPE_CHANNEL)
        return mp_fail(err, MP_E_USAGE,
                       "%s with weight scope channel: a table is one for a layer or the network",
                       mp_format_name(&w->weight, name));
    return MP_OK;
}

static int ask_for_formats(struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->network;
    const struct mp_scheme *s = m->scheme;
    int rc = MP_OK;

    for (uint32_t l = 0; l < n->layer_count; l++)
        m->wanted[l] = (struct wanted){s->weight, s->activation};
    for (uint32_t i = 0; i < s->override_count; i++) {
        const struct mp_override *o = &s->overrides[i];
        uint32_t l = find_layer(n, o->layer);
        if (l == n->layer_count)
            return mp_network_no_such_layer(n, o->layer, err);
        if (o->has_weight)
            m->wanted[l].weight = o->weight;
        if (o->has_activation)
            m->wanted[l].activation = o->activation;
    }
    if (s->activation_scope == MP_SCOPE_CHANNEL)
        return mp_fail(err, MP_E_USAGE,
                       "activation scope channel: activations have a scale for the network or one "
                       "a layer, since all channels meet in one sum");
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++)
        if (n->layers[l].weights != NULL &&
            (rc = check_formats(&m->wanted[l], s->weight_scope, err)) < 0)
            mp_error_context(err, "layer %s", n->layers[l].name);
    return rc;
}

static bool is_quantised(const struct mp_format *f)
{
    return f->kind != MP_FORMAT_FLOAT32;
}

static int resolve_formats(struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->network;

    for (uint32_t l = 0; l < n->layer_count; l++) {
        struct mp_integer_codes *codes = &m->q->layers[l];
        if (n->layers[l].weights == NULL)
            continue;
        codes->weight = m->wanted[l].weight;
        codes->activation = m->wanted[l].activation;
        if (is_quantised(&codes->activation) && m->data == NULL)
            return mp_fail(err, MP_E_USAGE,
                           "quantised activations need calibration images, which are never scored: "
                           "images of their own (--calibration-images, or `calibration_images:` in "
                           "the config), or a part of the test images (--calibration-every, or "
                           "`calibration_every:`, e.g. 6 for one in 6)");
        if (codes->activation.kind == MP_FORMAT_FIXED)
            codes->activation.kind =
                m->data->inputs[l].is_never_negative ? MP_FORMAT_UINT : MP_FORMAT_INT;
    }
    return MP_OK;
}

/* ---- scales and tables of weights */

static int calibrate_weights(const struct making *m, const struct mp_values *parts, size_t count,
                             int *unit, struct mp_error *err)
{
    return mp_format_calibrate_parts(&m->scheme->weight_calibration, parts, count, unit, err);
}

/* Under one scale for several layers the error of each counts against its own sum of squares: plain
 * sums would forget the layers with few values, whose loss ruins a network as well. */
static void weigh(const struct mp_calibration *how, struct mp_values *parts, size_t count)
{
    for (size_t p = 0; p < count && how->kind == MP_CALIBRATE_MSE && count > 1; p++) {
        double squares[4] = {0};
        for (size_t i = 0; i < parts[p].count; i++)
            squares[i % 4] += (double)parts[p].values[i] * (double)parts[p].values[i];
        double sum = squares[0] + squares[1] + squares[2] + squares[3];
        parts[p].share = sum > 0 ? 1 / sum : 1;
    }
}

static void set_units(const struct making *m, uint32_t l, int unit)
{
    for (uint32_t o = 0; o < m->network->layers[l].out_count; o++)
        m->units[l][o] = unit;
}

static void scale_blocks(const struct making *m, uint32_t l)
{
    const struct mp_layer *layer = &m->network->layers[l];
    const struct mp_integer_codes *codes = &m->q->layers[l];
    uint32_t blocks = mp_weight_blocks(codes, layer), size = codes->weight.block;

    for (uint32_t o = 0; o < layer->out_count; o++)
        for (uint32_t b = 0; b < blocks; b++) {
            uint32_t left = layer->terms - b * size;
            m->q->block_unit_exponents[l][(size_t)o * blocks + b] = mp_format_block_unit(
                &codes->weight, layer->weights + (size_t)o * layer->terms + b * size,
                left < size ? left : size);
        }
}

/* Scales of one layer alone, or its table. */
static int scale_layer(void *context, size_t index, struct mp_error *err)
{
    const struct making *m = context;
    uint32_t l = (uint32_t)index;
    const struct mp_layer *layer = &m->network->layers[l];
    const struct mp_format *f = &m->q->layers[l].weight;
    struct mp_values part = {f, layer->weights, layer->weight_count, 1};
    int rc = MP_OK, unit;

    if (layer->weights == NULL || !is_quantised(f))
        return MP_OK;
    if (f->kind == MP_FORMAT_TABLE) {
        const struct mp_numbers numbers = {layer->weights, layer->weight_count};
        rc = mp_cluster(&numbers, 1, (uint32_t)1 << f->bits, m->q->tables[l], err);
    } else if (f->block > 0) {
        scale_blocks(m, l);
    } else if (m->scheme->weight_scope == MP_SCOPE_LAYER) {
        if ((rc = calibrate_weights(m, &part, 1, &unit, err)) == MP_OK)
            set_units(m, l, unit);
    } else {
        part.count = layer->terms;
        for (uint32_t o = 0; o < layer->out_count && rc == MP_OK; o++) {
            part.values = layer->weights + (size_t)o * layer->terms;
            rc = calibrate_weights(m, &part, 1, &m->units[l][o], err);
        }
    }
    if (rc < 0)
        mp_error_context(err, "weights of layer %s", layer->name);
    return rc;
}

/* All layers from `first` on that ask for the same weight format as it share a scale or table. */
static int scale_weights_together(const struct making *m, uint32_t first, struct mp_error *err)
{
    const struct mp_network *n = m->network;
    const struct mp_format *f = &m->q->layers[first].weight;
    struct mp_values *parts = mp_alloc(n->layer_count, sizeof *parts);
    struct mp_numbers *numbers = mp_alloc(n->layer_count, sizeof *numbers);
    uint32_t *members = mp_alloc(n->layer_count, sizeof *members), count = 0;
    int rc, unit = 0;

    for (uint32_t l = first; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->weights == NULL || !mp_format_equal(f, &m->q->layers[l].weight))
            continue;
        parts[count] = (struct mp_values){f, layer->weights, layer->weight_count, 1};
        numbers[count] = (struct mp_numbers){layer->weights, layer->weight_count};
        members[count++] = l;
    }
    if (f->kind == MP_FORMAT_TABLE) {
        rc = mp_cluster(numbers, count, (uint32_t)1 << f->bits, m->q->tables[first], err);
    } else {
        weigh(&m->scheme->weight_calibration, parts, count);
        rc = calibrate_weights(m, parts, count, &unit, err);
    }
    for (uint32_t k = 0; k < count && rc == MP_OK; k++) {
        if (f->kind != MP_FORMAT_TABLE)
            set_units(m, members[k], unit);
        else if (k > 0)
            memcpy(m->q->tables[members[k]], m->q->tables[first], sizeof(float) << f->bits);
    }
    if (rc < 0)
        mp_error_context(err, "weights of the network");
    m->q->shared_bits += f->kind == MP_FORMAT_TABLE ? (uint64_t)TABLE_BITS << f->bits : SCALE_BITS;
    free(parts);
    free(numbers);
    free(members);
    return rc;
}

/* Whether an earlier layer asks for the same, so that this one was done with it. */
static bool was_seen(const struct making *m, uint32_t layer, bool weights)
{
    const struct wanted *w = m->wanted;

    for (uint32_t l = 0; l < layer; l++)
        if (m->network->layers[l].weights != NULL &&
            (weights ? mp_format_equal(&w[l].weight, &w[layer].weight)
                     : mp_format_equal(&w[l].activation, &w[layer].activation)))
            return true;
    return false;
}

static int scale_weights(struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->network;
    int rc = MP_OK;

    if (m->scheme->weight_scope != MP_SCOPE_NETWORK)
        return mp_parallel_for(n->layer_count, 0, scale_layer, m, err);
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++)
        if (n->layers[l].weights != NULL && m->q->layers[l].weight.block > 0)
            rc = scale_layer(m, l, err);
        else if (n->layers[l].weights != NULL && is_quantised(&m->q->layers[l].weight) &&
                 !was_seen(m, l, true))
            rc = scale_weights_together(m, l, err);
    return rc;
}

/* ---- scales of activations */

/* max needs the extremes of all values, which no sample has. */
static struct mp_values values_of(const struct making *m, uint32_t l, float extremes[2])
{
    const struct mp_layer_input *in = &m->data->inputs[l];
    const struct mp_calibration *how = &m->scheme->activation_calibration;
    bool all = how->kind == MP_CALIBRATE_MAX ||
               (how->kind == MP_CALIBRATE_PERCENTILE && how->percentile >= 100);

    extremes[0] = in->low;
    extremes[1] = in->high;
    if (all || in->sample_count == 0)
        return (struct mp_values){&m->q->layers[l].activation, extremes, 2, 1};
    return (struct mp_values){&m->q->layers[l].activation, in->samples, in->sample_count,
                              (double)in->values / in->sample_count};
}

/* The scale of the layers from `first` on that ask for the same activation format as it: all of
 * them, or `first` alone. */
static int scale_activations_of(const struct making *m, uint32_t first, bool alone,
                                struct mp_error *err)
{
    const struct mp_network *n = m->network;
    struct mp_values *parts = mp_alloc(n->layer_count, sizeof *parts);
    float(*extremes)[2] = mp_alloc(n->layer_count, sizeof *extremes);
    uint32_t *members = mp_alloc(n->layer_count, sizeof *members), count = 0;
    int rc, unit;

    for (uint32_t l = first; l < (alone ? first + 1 : n->layer_count); l++) {
        if (n->layers[l].weights == NULL ||
            !mp_format_equal(&m->wanted[first].activation, &m->wanted[l].activation))
            continue;
        parts[count] = values_of(m, l, extremes[count]);
        members[count++] = l;
    }
    weigh(&m->scheme->activation_calibration, parts, count);
    rc = mp_format_calibrate_parts(&m->scheme->activation_calibration, parts, count, &unit, err);
    for (uint32_t k = 0; k < count && rc == MP_OK; k++)
        m->q->layers[members[k]].activation_unit_exponent = unit;
    if (rc < 0)
        mp_error_context(err, "input of layer %s", n->layers[first].name);
    free(parts);
    free(extremes);
    free(members);
    return rc;
}

static int scale_activations(struct making *m, struct mp_error *err)
{
    const struct mp_network *n = m->network;
    bool alone = m->scheme->activation_scope == MP_SCOPE_LAYER;
    int rc = MP_OK;

    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++) {
        const struct mp_format *f = &m->q->layers[l].activation;
        if (n->layers[l].weights == NULL || !is_quantised(f))
            continue;
        m->q->calibration_values += m->data->inputs[l].values;
        if (f->kind == MP_FORMAT_UINT)
            m->q->clipped_negative += m->data->inputs[l].negative;
        if (alone || !was_seen(m, l, false))
            rc = scale_activations_of(m, l, alone, err);
    }
    return rc;
}

/* ---- all */

static void allocate(struct making *m)
{
    const struct mp_network *n = m->network;
    struct mp_quantisation *q = m->q;
    size_t outputs = 0;

    q->layers = mp_alloc(n->layer_count + 1, sizeof *q->layers);
    q->tables = mp_alloc(n->layer_count + 1, sizeof *q->tables);
    q->block_unit_exponents = mp_alloc(n->layer_count + 1, sizeof *q->block_unit_exponents);
    m->wanted = mp_alloc(n->layer_count + 1, sizeof *m->wanted);
    m->units = mp_alloc(n->layer_count + 1, sizeof *m->units);
    for (uint32_t l = 0; l < n->layer_count; l++)
        outputs += n->layers[l].weights != NULL ? n->layers[l].out_count : 0;
    q->unit_exponents = mp_alloc(outputs + 1, sizeof *q->unit_exponents);
    outputs = 0;
    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (n->layers[l].weights == NULL)
            continue;
        m->units[l] = q->unit_exponents + outputs;
        q->layers[l].weight_unit_exponents = m->units[l];
        outputs += n->layers[l].out_count;
    }
}

static void allocate_tables(struct mp_quantisation *q, const struct mp_network *n)
{
    for (uint32_t l = 0; l < q->layer_count; l++) {
        struct mp_integer_codes *codes = &q->layers[l];
        if (codes->weight.kind == MP_FORMAT_TABLE)
            codes->table = q->tables[l] = mp_alloc((size_t)1 << codes->weight.bits, sizeof(float));
        if (codes->weight.block > 0)
            codes->block_unit_exponents = q->block_unit_exponents[l] = mp_alloc(
                (size_t)n->layers[l].out_count * mp_weight_blocks(codes, &n->layers[l]) + 1,
                sizeof(int));
    }
}

int mp_quantisation_make(struct mp_quantisation *q, const struct mp_network *n,
                         const struct mp_scheme *s, const struct mp_calibration_data *c,
                         struct mp_error *err)
{
    struct making m = {.q = q, .network = n, .scheme = s, .data = c};
    int rc;

    assert(c == NULL || c->layer_count == n->layer_count);
    *q = (struct mp_quantisation){.layer_count = n->layer_count, .weight_scope = s->weight_scope};
    allocate(&m);
    if ((rc = ask_for_formats(&m, err)) == MP_OK && (rc = resolve_formats(&m, err)) == MP_OK) {
        allocate_tables(q, n);
        if ((rc = scale_weights(&m, err)) == MP_OK)
            rc = scale_activations(&m, err);
    }
    if (rc < 0)
        mp_quantisation_release(q);
    free(m.wanted);
    free(m.units);
    return rc;
}

void mp_quantisation_release(struct mp_quantisation *q)
{
    if (q == NULL)
        return;
    for (uint32_t l = 0; l < q->layer_count && q->tables != NULL; l++)
        free(q->tables[l]);
    for (uint32_t l = 0; l < q->layer_count && q->block_unit_exponents != NULL; l++)
        free(q->block_unit_exponents[l]);
    free(q->tables);
    free(q->block_unit_exponents);
    free(q->unit_exponents);
    free(q->layers);
    *q = (struct mp_quantisation){0};
}

void mp_quantisation_weights(const struct mp_quantisation *q, const struct mp_network *n,
                             uint32_t l, float *values)
{
    const struct mp_layer *layer = &n->layers[l];
    const struct mp_integer_codes *codes = &q->layers[l];

    if (codes->weight.kind == MP_FORMAT_TABLE) {
        mp_cluster_apply(codes->table, (uint32_t)1 << codes->weight.bits, layer->weight_count,
                         layer->weights, values);
        return;
    }
    for (uint32_t o = 0; codes->weight.block > 0 && o < layer->out_count; o++)
        mp_weight_values(codes, layer, o, values + (size_t)o * layer->terms);
    if (codes->weight.block > 0)
        return;
    /* Neighbours with one unit make one piece. */
    for (uint32_t o = 0, next; o < layer->out_count; o = next) {
        int unit = codes->weight_unit_exponents[o];
        size_t at = (size_t)o * layer->terms;
        for (next = o + 1; next < layer->out_count; next++)
            if (codes->weight_unit_exponents[next] != unit)
                break;
        mp_format_quantise_array(&codes->weight, unit, (size_t)(next - o) * layer->terms,
                                 layer->weights + at, values + at);
    }
}
