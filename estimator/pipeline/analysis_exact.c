#include "estimator/pipeline/analysis_parts.h"
#include "estimator/power/exact.h"
#include <stdlib.h>
#include <string.h>

/* Both modes on the same cycles. */
struct modes {
    struct mp_power functional, timed, exact, exact_timed;
};

static void release(struct modes *m)
{
    mp_power_release(&m->functional);
    mp_power_release(&m->timed);
    mp_power_release(&m->exact);
    mp_power_release(&m->exact_timed);
}

static int compute(struct modes *m, const struct mp_circuit *c,
                   const struct mp_timed_result *activity, struct mp_error *err)
{
    double *transitions = mp_alloc(c->netlist->net_count, sizeof *transitions);
    double *duty = mp_alloc(c->netlist->net_count, sizeof *duty);
    struct mp_power_input in;
    int rc;

    mp_circuit_power_input(&in, c, transitions, duty);
    mp_circuit_rates(transitions, duty, &activity->functional);
    if ((rc = mp_power_compute(&m->functional, &in, err)) < 0 ||
        (rc = mp_power_compute_exact(&m->exact, &in, activity->functional_cases, err)) < 0)
        goto out;
    mp_circuit_rates(transitions, duty, &activity->timed);
    if ((rc = mp_power_compute(&m->timed, &in, err)) == MP_OK)
        rc = mp_power_compute_exact(&m->exact_timed, &in, activity->timed_cases, err);
out:
    free(transitions);
    free(duty);
    return rc;
}

static void shift_parts(struct mp_power_parts *x, const struct mp_power_parts *whole,
                        const struct mp_power_parts *part, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        x[i].internal_w += whole[i].internal_w - part[i].internal_w;
        x[i].switching_w += whole[i].switching_w - part[i].switching_w;
        x[i].leakage_w += whole[i].leakage_w - part[i].leakage_w;
    }
}

static void shift_values(double *x, const double *whole, const double *part, size_t count)
{
    for (size_t i = 0; i < count && x != NULL; i++)
        x[i] += whole[i] - part[i];
}

/* Exact power of a part of the sample becomes that of the whole: what the modes differ by is known
 * from the part, and hardly differs between parts. */
static void shift(struct mp_power *exact, const struct mp_power *whole, const struct mp_power *part,
                  uint32_t pin_count)
{
    shift_parts(exact->cells, whole->cells, part->cells, exact->cell_count);
    shift_parts(&exact->total, &whole->total, &part->total, 1);
    shift_parts(exact->group, whole->group, part->group, MP_GROUP_COUNT);
    shift_parts(exact->block, whole->block, part->block, exact->block_count);
    shift_values(exact->pin_internal_w, whole->pin_internal_w, part->pin_internal_w, pin_count);
    shift_values(exact->pin_switching_w, whole->pin_switching_w, part->pin_switching_w, pin_count);
}

/* The cases are counted by another engine than the sample, which must see the same transitions. */
static int check_same(const struct mp_timed_result *x, const struct mp_timed_result *y,
                      const struct mp_netlist *n, struct mp_error *err)
{
    for (uint32_t i = 0; i < n->net_count; i++)
        if (x->timed.transitions[i] != y->timed.transitions[i] ||
            x->functional.transitions[i] != y->functional.transitions[i] ||
            x->functional.ones[i] != y->functional.ones[i])
            return mp_fail(err, MP_E_PROOF,
                           "the two simulators of this program disagree about net %s: %llu and "
                           "%llu transitions; please report this",
                           n->net_name[i], (unsigned long long)x->timed.transitions[i],
                           (unsigned long long)y->timed.transitions[i]);
    return MP_OK;
}

static int simulate(struct mp_timed_result *out, const struct mp_circuit *c,
                    const struct mp_analysis_job *job, const struct mp_sdf *sdf,
                    struct mp_error *err)
{
    const struct mp_timed_options o = {
        .period_s = c->clock_period_s, .threads = job->threads, .cases = true};
    const struct mp_trace *trace = NULL;
    struct mp_bindings own = {0};
    int rc = job->trace(job->trace_context, 0, &trace, err);

    if (rc == MP_OK && job->bindings == NULL)
        rc = mp_bindings_generated(&own, c->netlist, &trace->weight, &trace->activation, err);
    if (rc == MP_OK)
        rc = mp_operands_timed_bound(out, c->netlist, sdf,
                                     job->bindings != NULL ? job->bindings : &own, trace, &o, err);
    mp_bindings_release(&own);
    return rc;
}

int mp_analysis_exact(struct mp_analysis *a, const struct mp_circuit *c,
                      const struct mp_analysis_job *job, const struct mp_sdf *sdf,
                      const struct mp_timed_result *sample, struct mp_error *err)
{
    struct mp_timed_result counted = {0};
    struct modes part = {0};
    uint32_t pins = c->netlist->pin_count;
    int rc;

    if ((rc = simulate(&counted, c, job, sdf, err)) != MP_OK ||
        (a->outcome.blocks == 1 && (rc = check_same(&counted, sample, c->netlist, err)) < 0) ||
        (rc = compute(&part, c, &counted, err)) < 0)
        goto out;
    shift(&part.exact, &a->functional, &part.functional, pins);
    shift(&part.exact_timed, &a->timed, &part.timed, pins);
    a->exact = part.exact;
    a->exact_timed = part.exact_timed;
    a->has_exact = true;
    memset(&part.exact, 0, sizeof part.exact);
    memset(&part.exact_timed, 0, sizeof part.exact_timed);
out:
    release(&part);
    mp_timed_result_release(&counted);
    return rc;
}
