/*
 * The workload of an experiment: network and images (loaded when something has to be computed from
 * them), or random operands. Everything it gives has a key that is known without loading.
 */
#ifndef MP_PIPELINE_WORKLOAD_H
#define MP_PIPELINE_WORKLOAD_H

#include "estimator/cnn/score.h"
#include "estimator/pipeline/pipeline.h"
#include <pthread.h>

/* Goes into every cache key: raise it when inference, calibration or traces change their results.
 */
#define MP_WORKLOAD_VERSION 4

struct mp_workload {
    const struct mp_experiment *experiment;
    struct mp_log *log; /* where images that are left out are named; NULL: nowhere */
    bool has_network;
    char trace_hash[MP_HASH_SIZE]; /* of trace_file, "" without one */
    char network_hash[MP_HASH_SIZE], test_hash[MP_HASH_SIZE], calibration_hash[MP_HASH_SIZE];
    bool loaded;
    struct mp_network network;
    struct mp_dataset test, calibration;
    struct mp_calibration_data calibrated; /* gathered when it is first needed */
    bool is_calibrated;
    /* Of the last trace's pair, for its next block. */
    struct mp_quantisation quantisation;
    struct mp_format quantised_weight, quantised_activation;
    bool is_quantised;
    pthread_mutex_t lock; /* of what is loaded and quantised, for the traces of several threads */
};

/* Hashes the files. Zero-initialise; release frees. */
int mp_workload_open(struct mp_workload *w, const struct mp_experiment *e, struct mp_error *err);
void mp_workload_release(struct mp_workload *w);

void mp_workload_accuracy_key(const struct mp_workload *w, const struct mp_format *weight,
                              const struct mp_format *activation, char key[MP_HASH_SIZE]);
/* Score the test images; every field of *out is set (its strings are owned:
 * mp_accuracy_record_release()). Both formats float32: the reference. */
int mp_workload_accuracy(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err);
/* The record of scores, of all images or of those so far; q NULL: the reference. */
void mp_workload_record(const struct mp_workload *w, const struct mp_format *weight,
                        const struct mp_format *activation, const struct mp_quantisation *q,
                        const struct mp_scores *scores, bool is_integer,
                        struct mp_accuracy_record *out);

/*
 * Operands. A pair of formats is a scheme's; what a unit has are the formats of a layer: of a pair
 * with fixed<W> activations, or with overrides, layers have several.
 */
struct mp_stream {
    struct mp_format asked_weight, asked_activation; /* the pair */
    struct mp_format weight, activation;             /* of the unit */
    const char *layer;    /* operands of this layer alone; NULL: of all layers with these formats */
    uint32_t layer_index; /* with layer, of the network */
};
/* Of a pair whose layers all have its formats. */
struct mp_stream mp_stream_of_pair(const struct mp_format *weight,
                                   const struct mp_format *activation);

/* Whether layers may have other formats than the pair's. */
bool mp_workload_is_mixed(const struct mp_workload *w, const struct mp_format *weight,
                          const struct mp_format *activation);
/* The pairs that layers really have, with their share of MACs and accumulators that no sum of
 * theirs wraps in. Freed by the caller. */
int mp_workload_pairs(struct mp_workload *w, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_format_pair **pairs,
                      uint32_t *count, struct mp_error *err);
/* A stream for each layer whose formats are weight x activation; their names belong to w's network.
 * Appended to *streams [*count], which is freed by the caller. */
int mp_workload_layers(struct mp_workload *w, const struct mp_stream *pair,
                       struct mp_stream **streams, uint32_t *count, struct mp_error *err);

void mp_workload_trace_key(const struct mp_workload *w, const struct mp_stream *s,
                           char key[MP_HASH_SIZE]);
/* Block 0 is the trace of the experiment; further ones, for a sample that grows (sampled.h), have
 * other seeds and all else the same. May be called from several threads. MP_E_UNSUPPORTED: a trace
 * file has no block but 0. */
int mp_workload_trace(struct mp_workload *w, const struct mp_stream *s, uint32_t block,
                      struct mp_trace *out, struct mp_error *err);
/* The traces of every layer of a pair in one pass over the images, each as mp_workload_trace() of
 * its stream; in the network's order, of the layers of mp_trace_layer_is_traced(). */
int mp_workload_layer_traces(struct mp_workload *w, const struct mp_format *weight,
                             const struct mp_format *activation, uint32_t block,
                             struct mp_trace **traces, uint32_t *count, struct mp_error *err);
/* Stretches of the trace of one layer among each layer's: a quarter of the experiment's, at least
 * 64, since all layers together make a sample many times as large. */
uint32_t mp_workload_layer_stretches(const struct mp_workload *w);

/* A trace's row in the database; s NULL: of random operands or a file. */
int mp_workload_put_trace(struct mp_workload *w, struct mp_store *store, const struct mp_stream *s,
                          const struct mp_trace *t, struct mp_error *err);

/* The network's row in the database, with what results must say of it; loads it. */
int mp_workload_put_network(struct mp_workload *w, struct mp_store *store, struct mp_error *err);

#endif
