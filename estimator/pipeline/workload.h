/*
 * The workload of an experiment: network and images (loaded when something has to be computed from
 * them), or random operands. Everything it gives has a key that is known without loading.
 */
#ifndef MP_PIPELINE_WORKLOAD_H
#define MP_PIPELINE_WORKLOAD_H

#include "estimator/pipeline/pipeline.h"
#include <pthread.h>

/* Goes into every cache key: raise it when inference, calibration or traces change their results.
 */
#define MP_WORKLOAD_VERSION 3

struct mp_workload {
    const struct mp_experiment *experiment;
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
    pthread_mutex_t lock; /* of mp_workload_trace_block() */
};

/* Hashes the files. Zero-initialise; release frees. */
int mp_workload_open(struct mp_workload *w, const struct mp_experiment *e, struct mp_error *err);
void mp_workload_release(struct mp_workload *w);

void mp_workload_accuracy_key(const struct mp_workload *w, const struct mp_format *weight,
                              const struct mp_format *activation, char key[MP_HASH_SIZE]);
void mp_workload_trace_key(const struct mp_workload *w, const struct mp_format *weight,
                           const struct mp_format *activation, char key[MP_HASH_SIZE]);

/* Score the test images; every field of *out is set (its strings are owned:
 * mp_accuracy_record_release()). Both formats float32: the reference. */
int mp_workload_accuracy(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err);
int mp_workload_trace(struct mp_workload *w, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_trace *out,
                      struct mp_error *err);

/* A further trace of the same pair, for a sample that grows (sampled.h): seed
 * mp_trace_block_seed(seed, block), all else the same; block 0 is mp_workload_trace(). May be
 * called from several threads. MP_E_UNSUPPORTED: a trace file has no block but 0. */
int mp_workload_trace_block(struct mp_workload *w, const struct mp_format *weight,
                            const struct mp_format *activation, uint32_t block,
                            struct mp_trace *out, struct mp_error *err);

/* A trace's row in the database. */
int mp_workload_put_trace(struct mp_store *store, const struct mp_trace *t, struct mp_error *err);

#endif
