/*
 * A trace as a sample: activity counted batch by batch, and what is computed from it with a 95 %
 * interval (power/interval.h, docs/trace.md "Intervals").
 *
 * Stretch s of a trace belongs to batch s mod mp_trace_batches(). The traces of this program are
 * made for that: each batch has images of its own and its share of every layer. The batches of
 * several traces (blocks) of the same options and other seeds are added up, batch by batch, so a
 * sample can grow until its interval is as narrow as wanted.
 *
 *     struct mp_sampled s = {0};
 *     const struct mp_sampled_job job = {&netlist, &sdf, period_s, .threads = 1};
 *     mp_sampled_add(&s, &job, &trace, err)
 *     mp_sampled_intervals(&s, QUANTITIES, power_values, &context, intervals, values, err)
 *     mp_sampled_release(&s)
 *
 * or, until the first quantity is known to 1 %:
 *
 *     const struct mp_sampled_plan plan = {.precision = 0.01, .max_blocks = 64};
 *     mp_sampled_run(&s, &job, &plan, next_trace, &workload, QUANTITIES, power_values, &context,
 *                    intervals, values, &outcome, err)
 *
 * with
 *
 *     static int power_values(void *context, const struct mp_timed_result *activity,
 *                             double *values, struct mp_error *err)
 *     {
 *         ... mp_power_compute() of activity->functional and of activity->timed ...
 *         values[0] = timed total; values[1] = functional total; values[2] = values[0] - values[1];
 *     }
 */
#ifndef MP_PIPELINE_SAMPLED_H
#define MP_PIPELINE_SAMPLED_H

#include "estimator/activity/timed.h"
#include "estimator/cnn/trace.h"
#include "estimator/pipeline/bindings.h"
#include "estimator/power/interval.h"

/* What is simulated; everything is borrowed. */
struct mp_sampled_job {
    const struct mp_netlist *netlist; /* levelised */
    const struct mp_sdf *sdf;
    double period_s;
    unsigned threads; /* batches run in parallel; 0: all cores. No count depends on it */
    bool cases;       /* count cases (activity/cases.h), too, for power in exact mode */
    const struct mp_bindings *bindings; /* NULL: the netlist has the ports of netlists/design.h */
};

/* Zero-initialise; release frees. */
struct mp_sampled {
    uint32_t batch_count, blocks;
    struct mp_timed_result total;    /* exactly what mp_operands_timed() counts */
    struct mp_timed_result *batches; /* [batch_count]; equal cycles; latest_s is 0 */
};

/* Simulate a trace and add its counts. MP_E_INPUT: stretches no longer than the warm-up, ports that
 * do not fit the trace, batches of other cycles than before; and the errors of timed.h. */
int mp_sampled_add(struct mp_sampled *s, const struct mp_sampled_job *job,
                   const struct mp_trace *trace, struct mp_error *err);
void mp_sampled_release(struct mp_sampled *s);

/* values[quantities] of any part of the sample; called with counts of nearly all of it, so what
 * holds for the whole sample (something switches) holds here. */
typedef int mp_sampled_values(void *context, const struct mp_timed_result *activity, double *values,
                              struct mp_error *err);

/* out[quantities]: the value of the whole sample, its interval. pseudo[quantities][batch_count],
 * unless NULL: values by batch for mp_interval_difference() and _reduction() against another design
 * that ran the same traces. */
int mp_sampled_intervals(const struct mp_sampled *s, uint32_t quantities, mp_sampled_values *values,
                         void *context, struct mp_interval *out, double *pseudo,
                         struct mp_error *err);

struct mp_sampled_plan {
    double precision;    /* relative half width wanted of quantity 0, 0.01 for 1 %; 0: one block */
    uint32_t max_blocks; /* at least 1; 1 for a trace that cannot grow (a file) */
};

struct mp_sampled_outcome {
    uint32_t blocks;
    double precision; /* relative half width of quantity 0 */
    bool is_reached;  /* false: precision is above the wanted one, max_blocks was not enough */
};

/* Trace of a block, the same options but the seed mp_trace_block_seed(seed, block); borrowed until
 * the next call. Block 0 is the trace without a wanted precision, so a precise sample contains the
 * quick one. */
typedef int mp_sampled_trace(void *context, uint32_t block, const struct mp_trace **out,
                             struct mp_error *err);

/* Add blocks until quantity 0 is as precise as planned, or until max_blocks: that is no error but
 * said in outcome. s is empty or holds the first blocks already. How many blocks come next is told
 * by the interval so far (its width falls with the square root of the cycles), so that the sample
 * is looked at rarely: stopping at the first narrow interval of many would favour those that are
 * too narrow. The result depends on netlist, delays, seed, options and plan alone. */
int mp_sampled_run(struct mp_sampled *s, const struct mp_sampled_job *job,
                   const struct mp_sampled_plan *plan, mp_sampled_trace *trace, void *trace_context,
                   uint32_t quantities, mp_sampled_values *values, void *context,
                   struct mp_interval *out, double *pseudo, struct mp_sampled_outcome *outcome,
                   struct mp_error *err);

#endif
