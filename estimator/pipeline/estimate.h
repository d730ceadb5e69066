/*
 * One estimate: a PPA point under operands.
 */
#ifndef MP_PIPELINE_ESTIMATE_H
#define MP_PIPELINE_ESTIMATE_H

#include "estimator/pipeline/analysis.h"
#include "estimator/pipeline/point.h"

/* Goes into every cache key: raise it when simulation or power arithmetic change their results. */
#define MP_POWER_VERSION 4

/* How far a sample may grow for a wanted precision: 64 times the trace of the experiment. */
#define MP_SAMPLE_BLOCKS_LIMIT 64

struct mp_estimate {
    struct mp_circuit circuit;
    struct mp_analysis analysis;
    struct mp_estimate_record record; /* keys are the caller's */
    struct mp_power_row *rows;        /* of the record */
};

struct mp_estimate_job {
    const struct mp_power_settings *settings;
    const struct mp_tools *tools;
    const struct mp_target *target;
    double clock_period_s;
    mp_sampled_trace *trace;
    void *trace_context;
    const struct mp_bindings *bindings; /* NULL: the ports of netlists/design.h */
    const struct mp_dump *dump;         /* NULL: none */
    bool can_grow;                      /* there is more trace than block 0 */
    unsigned threads;
};

void mp_estimate_key(const char *ppa_key, const char *trace_key,
                     const struct mp_power_settings *settings, char key[MP_HASH_SIZE]);

/* Simulate the trace on the netlist of a point (which must outlive the estimate) and compute its
 * power. Zero-initialise; release in any case. */
int mp_estimate_make(struct mp_estimate *e, const struct mp_point_result *r,
                     const struct mp_estimate_job *job, struct mp_error *err);
void mp_estimate_release(struct mp_estimate *e);

#endif
