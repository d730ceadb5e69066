#include "estimator/pipeline/sampled.h"
#include "estimator/pipeline/sampled_counts.h"
#include <math.h>
#include <stdlib.h>

/* ---- intervals */

/* without[quantity][batch] */
static int compute_without(const struct mp_sampled *s, uint32_t quantities,
                           mp_sampled_values *values, void *context, double *one, double *without,
                           struct mp_error *err)
{
    struct mp_timed_result rest = {.latest_s = s->total.latest_s};
    int rc = MP_OK;

    mp_sampled_counts_add(&rest, &s->total);
    for (uint32_t b = 0; b < s->batch_count && rc == MP_OK; b++) {
        mp_sampled_counts_subtract(&rest, &s->batches[b]);
        rc = values(context, &rest, one, err);
        mp_sampled_counts_add(&rest, &s->batches[b]);
        for (uint32_t q = 0; q < quantities; q++)
            without[(size_t)q * s->batch_count + b] = one[q];
    }
    mp_timed_result_release(&rest);
    return rc;
}

int mp_sampled_intervals(const struct mp_sampled *s, uint32_t quantities, mp_sampled_values *values,
                         void *context, struct mp_interval *out, double *pseudo,
                         struct mp_error *err)
{
    uint32_t batches = s->batch_count;
    double *all, *one, *without;
    int rc;

    if (batches == 0)
        return mp_fail(err, MP_E_USAGE, "an interval of a sample without a trace");
    all = mp_alloc((size_t)quantities + 1, sizeof *all);
    one = mp_alloc((size_t)quantities + 1, sizeof *one);
    without = mp_alloc((size_t)quantities * batches + 1, sizeof *without);
    if ((rc = values(context, &s->total, all, err)) == MP_OK)
        rc = compute_without(s, quantities, values, context, one, without, err);
    for (uint32_t q = 0; q < quantities && rc == MP_OK; q++) {
        double *mine = without + (size_t)q * batches;
        mp_interval_pseudo_values(mine, all[q], mine, batches);
        rc = mp_interval_make(&out[q], all[q], mine, batches, err);
        for (uint32_t b = 0; pseudo != NULL && b < batches; b++)
            pseudo[(size_t)q * batches + b] = mine[b];
    }
    free(without);
    free(one);
    free(all);
    return rc;
}

/* ---- samples that grow */

/* Blocks after which to look again: a tenth more than the interval so far asks for, at most four
 * times as many as now, since it may be off itself. */
static uint32_t next_blocks(uint32_t now, double reached, double wanted, uint32_t limit)
{
    double ratio = reached / wanted, needed = ceil(1.1 * now * ratio * ratio);

    needed = needed < 4.0 * now ? needed : 4.0 * now;
    needed = needed > now + 1.0 ? needed : now + 1.0;
    return needed < limit ? (uint32_t)needed : limit;
}

int mp_sampled_run(struct mp_sampled *s, const struct mp_sampled_job *job,
                   const struct mp_sampled_plan *plan, mp_sampled_trace *trace, void *trace_context,
                   uint32_t quantities, mp_sampled_values *values, void *context,
                   struct mp_interval *out, double *pseudo, struct mp_sampled_outcome *outcome,
                   struct mp_error *err)
{
    uint32_t target = 1;
    int rc;

    if (!(plan->precision >= 0.0) || plan->max_blocks < 1 || quantities < 1)
        return mp_fail(err, MP_E_USAGE, "a sample of precision %g, up to %u blocks",
                       plan->precision, plan->max_blocks);
    for (;;) {
        while (s->blocks < target) {
            const struct mp_trace *t = NULL;
            if ((rc = trace(trace_context, s->blocks, &t, err)) < 0 ||
                (rc = mp_sampled_add(s, job, t, err)) < 0)
                return rc;
        }
        if ((rc = mp_sampled_intervals(s, quantities, values, context, out, pseudo, err)) < 0)
            return rc;
        *outcome = (struct mp_sampled_outcome){s->blocks, mp_interval_relative(&out[0]), false};
        outcome->is_reached = plan->precision == 0.0 || outcome->precision <= plan->precision;
        if (outcome->is_reached || s->blocks >= plan->max_blocks)
            return MP_OK;
        target = next_blocks(s->blocks, outcome->precision, plan->precision, plan->max_blocks);
    }
}
