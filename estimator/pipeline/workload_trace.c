#include "estimator/pipeline/workload_parts.h"
#include <stdlib.h>
#include <string.h>

struct mp_stream mp_stream_of_pair(const struct mp_format *weight,
                                   const struct mp_format *activation)
{
    return (struct mp_stream){.asked_weight = *weight,
                              .asked_activation = *activation,
                              .weight = *weight,
                              .activation = *activation};
}

/* ---- pairs and layers */

bool mp_workload_is_mixed(const struct mp_workload *w, const struct mp_format *weight,
                          const struct mp_format *activation)
{
    return w->has_network &&
           (w->experiment->override_count > 0 || weight->kind == MP_FORMAT_FIXED ||
            activation->kind == MP_FORMAT_FIXED);
}

int mp_workload_pairs(struct mp_workload *w, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_format_pair **pairs,
                      uint32_t *count, struct mp_error *err)
{
    int rc;

    pthread_mutex_lock(&w->lock);
    if ((rc = mp_workload_quantise(w, weight, activation, err)) == MP_OK)
        mp_quantisation_pairs(&w->quantisation, &w->network, pairs, count);
    pthread_mutex_unlock(&w->lock);
    return rc;
}

/* Without a need for images where every layer has the pair's formats. */
static bool has_formats(const struct mp_workload *w, const struct mp_stream *s, bool is_mixed,
                        uint32_t l)
{
    const struct mp_integer_codes *codes = is_mixed ? &w->quantisation.layers[l] : NULL;

    if (w->network.layers[l].weights == NULL)
        return false;
    return !is_mixed || (mp_format_equal(&codes->weight, &s->weight) &&
                         mp_format_equal(&codes->activation, &s->activation));
}

int mp_workload_layers(struct mp_workload *w, const struct mp_stream *pair,
                       struct mp_stream **streams, uint32_t *count, struct mp_error *err)
{
    bool is_mixed = mp_workload_is_mixed(w, &pair->asked_weight, &pair->asked_activation);
    int rc;

    pthread_mutex_lock(&w->lock);
    rc = is_mixed ? mp_workload_quantise(w, &pair->asked_weight, &pair->asked_activation, err)
                  : mp_workload_load(w, err);
    for (uint32_t l = 0; rc == MP_OK && l < w->network.layer_count; l++) {
        if (!has_formats(w, pair, is_mixed, l))
            continue;
        *streams = mp_realloc(*streams, (size_t)*count + 1, sizeof **streams);
        (*streams)[*count] = *pair;
        (*streams)[*count].layer = w->network.layers[l].name;
        (*streams)[(*count)++].layer_index = l;
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}

/* ---- traces */

uint32_t mp_workload_layer_stretches(const struct mp_workload *w)
{
    uint32_t quarter = w->experiment->trace.stretches / 4;

    return quarter < 64 ? 64 : (quarter + 63) / 64 * 64;
}

/* Of the stream's first block. */
static struct mp_trace_options options_of(const struct mp_workload *w, const struct mp_stream *s)
{
    struct mp_trace_options o = w->experiment->trace;

    if (s->layer != NULL) {
        o.layer = s->layer;
        o.seed = mp_trace_layer_seed(o.seed, s->layer_index);
        o.stretches = mp_workload_layer_stretches(w);
    }
    return o;
}

void mp_workload_trace_key(const struct mp_workload *w, const struct mp_stream *s,
                           char key[MP_HASH_SIZE])
{
    const struct mp_trace_options o = options_of(w, s);
    struct mp_hash *h = mp_hash_create();
    char name[MP_FORMAT_NAME_SIZE];

    mp_hash_string(h, "trace");
    mp_hash_u64(h, MP_WORKLOAD_VERSION);
    mp_hash_string(h, mp_format_name(&s->weight, name));
    mp_hash_string(h, mp_format_name(&s->activation, name));
    mp_hash_string(h, w->trace_hash);
    if (w->has_network)
        mp_workload_hash(h, w, &s->asked_weight, &s->asked_activation);
    else
        mp_hash_u64(h, w->experiment->operands);
    if (w->experiment->trace_file == NULL) { /* a file has its own */
        mp_hash_u64(h, o.dataflow);
        mp_hash_u64(h, o.stretches);
        mp_hash_u64(h, o.length);
        mp_hash_u64(h, o.images);
        mp_hash_u64(h, o.seed);
        mp_hash_string(h, o.layer != NULL ? o.layer : "");
    }
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

static int read_trace(const char *path, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_trace *out,
                      struct mp_error *err)
{
    char w[MP_FORMAT_NAME_SIZE], a[MP_FORMAT_NAME_SIZE];
    int rc = mp_trace_read(out, path, err);

    if (rc == MP_OK &&
        (!mp_format_equal(&out->weight, weight) || !mp_format_equal(&out->activation, activation)))
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "the trace holds %s x %s, other formats than the design's",
                        mp_format_name(&out->weight, w), mp_format_name(&out->activation, a));
    return rc;
}

int mp_workload_trace(struct mp_workload *w, const struct mp_stream *s, uint32_t block,
                      struct mp_trace *out, struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    struct mp_trace_options options = options_of(w, s);
    /* No unit has fixed<W>: the layers say which format that is. */
    bool is_by_layer = s->activation.kind == MP_FORMAT_FIXED;
    int rc;

    options.seed = mp_trace_block_seed(options.seed, block);
    if (e->trace_file != NULL && block > 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, e->trace_file, 0,
                          "a trace file cannot grow; for a narrower interval write it with more "
                          "stretches (macppa trace --stretches)");
    if (e->trace_file != NULL)
        return read_trace(e->trace_file, &s->weight, &s->activation, out, err);
    if (!w->has_network)
        return mp_trace_random(out, &s->weight, &s->activation, e->operands, &options, err);
    pthread_mutex_lock(&w->lock);
    if ((rc = mp_workload_quantise(w, &s->asked_weight, &s->asked_activation, err)) == MP_OK)
        rc = mp_trace_make(out, &w->network, &w->quantisation, is_by_layer ? NULL : &s->weight,
                           is_by_layer ? NULL : &s->activation, &w->test, &options, err);
    pthread_mutex_unlock(&w->lock);
    return rc;
}

int mp_workload_layer_traces(struct mp_workload *w, const struct mp_format *weight,
                             const struct mp_format *activation, uint32_t block,
                             struct mp_trace **traces, uint32_t *count, struct mp_error *err)
{
    struct mp_trace_options options = w->experiment->trace;
    int rc;

    options.layer = NULL;
    options.stretches = mp_workload_layer_stretches(w);
    pthread_mutex_lock(&w->lock);
    if ((rc = mp_workload_quantise(w, weight, activation, err)) == MP_OK)
        rc = mp_trace_make_layers(traces, count, &w->network, &w->quantisation, &w->test, &options,
                                  block, err);
    pthread_mutex_unlock(&w->lock);
    return rc;
}

/* ---- the database */

/* The work that a stream is a sample of; the network is quantised to its pair. */
static void describe_work(struct mp_trace_record *r, const struct mp_workload *w,
                          const struct mp_stream *s)
{
    const struct mp_network *n = &w->network;
    const char *only = s->layer != NULL ? s->layer : w->experiment->layer;
    bool *synthetic = mp_alloc((size_t)n->layer_count + 1, sizeof *synthetic);

    mp_network_find_synthetic(n, synthetic);
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (has_formats(w, s, true, l) && (only == NULL || strcmp(n->layers[l].name, only) == 0)) {
            r->macs += n->layers[l].macs;
            r->synthetic |= synthetic[l];
        }
    if (n->whole_macs > 0)
        r->mac_share = (double)r->macs / (double)n->whole_macs;
    free(synthetic);
}

/* Where it comes from is forgotten in a file, what it is worth is not. */
static void describe_file(struct mp_trace_record *r, const struct mp_trace *t)
{
    for (uint32_t l = 0; l < t->layer_count; l++) {
        r->macs += t->layers[l].macs;
        r->synthetic |= t->layers[l].synthetic || t->layers[l].reads_synthetic;
    }
    r->mac_share = mp_trace_macs_share(t);
}

int mp_workload_put_trace(struct mp_workload *w, struct mp_store *store, const struct mp_stream *s,
                          const struct mp_trace *t, struct mp_error *err)
{
    const struct mp_experiment *e = w->experiment;
    struct mp_trace_statistics statistics = {0};
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    struct mp_trace_record record = {.source = t->source,
                                     .dataflow = mp_dataflow_name(t->dataflow),
                                     .weight_format = mp_format_name(&t->weight, weight),
                                     .activation_format =
                                         mp_format_name(&t->activation, activation),
                                     .seed = t->seed,
                                     .stretches = t->stretches,
                                     .length = t->length};
    int rc = MP_OK;

    mp_trace_statistics(t, &statistics);
    memcpy(record.hash, t->hash, sizeof record.hash);
    record.zero_weights = statistics.zero_weights;
    record.zero_activations = statistics.zero_activations;
    if (e->trace_file != NULL)
        describe_file(&record, t);
    if (s == NULL || !w->has_network || e->trace_file != NULL)
        return mp_store_put_trace(store, &record, err);
    pthread_mutex_lock(&w->lock);
    if ((rc = mp_workload_quantise(w, &s->asked_weight, &s->asked_activation, err)) == MP_OK) {
        record.network = mp_workload_network_name(w);
        record.network_hash = w->network_hash;
        record.layer = s->layer != NULL ? s->layer : e->layer;
        record.weight_scope = mp_scope_name(e->scheme.weight_scope);
        record.activation_scope = mp_scope_name(e->scheme.activation_scope);
        describe_work(&record, w, s);
        rc = mp_store_put_trace(store, &record, err);
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}
