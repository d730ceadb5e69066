/*
 * The traces of a plan, made by the first job that needs them and kept for the others.
 */
#ifndef MP_PIPELINE_TRACES_H
#define MP_PIPELINE_TRACES_H

#include "estimator/pipeline/run_plan.h"

/* An mp_sampled_trace: the operands of one estimate, block by block. Zero-initialise but for the
 * first three; release frees. */
struct mp_trace_source {
    struct mp_run_plan *plan;
    struct mp_unit_work *unit;
    struct mp_operands_of *operands;
    struct mp_trace further; /* the last one of the whole network beyond block 0 */
};
/* *out is valid until the next call. The first trace is also put into the database. May be called
 * from several threads with sources of their own. */
int mp_trace_source_next(void *source, uint32_t block, const struct mp_trace **out,
                         struct mp_error *err);
void mp_trace_source_release(struct mp_trace_source *s);

#endif
