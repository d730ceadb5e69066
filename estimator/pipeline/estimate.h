/*
 * One estimate: a PPA point under the operands of a trace.
 */
#ifndef MP_PIPELINE_ESTIMATE_H
#define MP_PIPELINE_ESTIMATE_H

#include "estimator/cnn/trace.h"
#include "estimator/pipeline/circuit.h"
#include "estimator/pipeline/point.h"

/* Goes into every cache key: raise it when simulation or power arithmetic change their results. */
#define MP_POWER_VERSION 3

struct mp_estimate {
    struct mp_estimate_record record;
    struct mp_power_row rows[MP_GROUP_COUNT + MP_BLOCKS_LIMIT];
    struct mp_blocks blocks; /* owns the names of the rows by block */
};

void mp_estimate_key(const char *ppa_key, const char *trace_key, char key[MP_HASH_SIZE]);

/* What of a point its power is computed from; borrowed from both. */
void mp_estimate_circuit(struct mp_circuit *c, const struct mp_point *p,
                         const struct mp_point_result *r);

/* Simulate the trace on the point's netlist and compute its power. record's keys but ppa_key are
 * the caller's. Release in any case. */
int mp_estimate_make(struct mp_estimate *e, const struct mp_point *p,
                     const struct mp_point_result *r, const struct mp_trace *trace,
                     struct mp_error *err);
void mp_estimate_release(struct mp_estimate *e);

#endif
