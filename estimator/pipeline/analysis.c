#include "estimator/pipeline/analysis_parts.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- simulated operands */

struct values_context {
    const struct mp_circuit *circuit;
    double *transitions, *duty; /* [net] scratch */
};

/* mp_sampled_values: the quantities of analysis.h. */
static int power_values(void *context, const struct mp_timed_result *activity, double *values,
                        struct mp_error *err)
{
    struct values_context *v = context;
    struct mp_power functional = {0}, timed = {0};
    int rc;

    mp_circuit_rates(v->transitions, v->duty, &activity->functional);
    if ((rc = mp_circuit_power(&functional, v->circuit, v->transitions, v->duty, err)) < 0)
        goto out;
    mp_circuit_rates(v->transitions, v->duty, &activity->timed);
    if ((rc = mp_circuit_power(&timed, v->circuit, v->transitions, v->duty, err)) < 0)
        goto out;
    values[MP_QUANTITY_TOTAL] = mp_power_total(&timed.total);
    values[MP_QUANTITY_FUNCTIONAL] = mp_power_total(&functional.total);
    values[MP_QUANTITY_GLITCH] = values[MP_QUANTITY_TOTAL] - values[MP_QUANTITY_FUNCTIONAL];
    for (unsigned g = 0; g < MP_GROUP_COUNT; g++)
        values[MP_QUANTITY_GROUPS + g] = mp_power_total(&functional.group[g]);
    for (uint32_t b = 0; b < functional.block_count; b++)
        values[MP_QUANTITY_BLOCKS + b] = mp_power_total(&functional.block[b]);
out:
    mp_power_release(&functional);
    mp_power_release(&timed);
    return rc;
}

static double *net_values(const struct mp_circuit *c)
{
    return mp_alloc(c->netlist->net_count, sizeof(double));
}

/* Compatible power of the counted sample. */
static int compute_powers(struct mp_analysis *a, const struct mp_circuit *c,
                          const struct mp_timed_result *activity, struct mp_error *err)
{
    double *timed_duty = net_values(c);
    int rc;

    a->transitions = net_values(c);
    a->duty = net_values(c);
    a->timed_transitions = net_values(c);
    mp_circuit_rates(a->transitions, a->duty, &activity->functional);
    mp_circuit_rates(a->timed_transitions, timed_duty, &activity->timed);
    a->has_timed = true;
    if ((rc = mp_circuit_power(&a->functional, c, a->transitions, a->duty, err)) == MP_OK)
        rc = mp_circuit_power(&a->timed, c, a->timed_transitions, timed_duty, err);
    free(timed_duty);
    return rc;
}

/* What the exact mode does not know (a cell of very many inputs) is no reason to go without power.
 */
static int try_exact(struct mp_analysis *a, const struct mp_circuit *c,
                     const struct mp_analysis_job *job, const struct mp_sdf *sdf,
                     const struct mp_timed_result *sample, struct mp_error *err)
{
    struct mp_error own = MP_ERROR_INIT;
    int rc = mp_analysis_exact(a, c, job, sdf, sample, &own);

    if (rc == MP_E_UNSUPPORTED || rc == MP_E_MEMORY) {
        mp_error_text(&own, a->exact_missing, sizeof a->exact_missing);
        return MP_OK;
    }
    if (rc < 0 && err != NULL)
        *err = own;
    return rc;
}

static int dump(const struct mp_circuit *c, const struct mp_analysis_job *job,
                const struct mp_sdf *sdf, const struct mp_timed_result *activity,
                struct mp_error *err)
{
    const struct mp_trace *trace = NULL;
    int rc = MP_OK;

    if (job->dump->saif != NULL)
        rc = mp_dump_saif(job->dump, c, activity, err);
    if (rc < 0 || job->dump->vcd == NULL ||
        (rc = job->trace(job->trace_context, 0, &trace, err)) < 0)
        return rc;
    return mp_dump_vcd(job->dump, c, sdf, job->bindings, trace, err);
}

int mp_analysis_simulate(struct mp_analysis *a, const struct mp_circuit *c,
                         const struct mp_analysis_job *job, struct mp_error *err)
{
    struct values_context context = {c, net_values(c), net_values(c)};
    struct mp_sampled sample = {0};
    struct mp_sdf sdf = {0};
    int rc = mp_sdf_read_text(&sdf, c->netlist, c->timing->sdf, strlen(c->timing->sdf),
                              "mapped.sdf", err);
    const struct mp_sampled_job run = {.netlist = c->netlist,
                                       .sdf = &sdf,
                                       .period_s = c->clock_period_s,
                                       .threads = job->threads,
                                       .bindings = job->bindings};

    a->source = "simulated";
    a->interval_count = MP_QUANTITY_BLOCKS + (c->blocks != NULL ? c->blocks->count : 0);
    a->intervals = mp_alloc(a->interval_count, sizeof *a->intervals);
    if (rc < 0 || (rc = mp_sampled_run(&sample, &run, &job->plan, job->trace, job->trace_context,
                                       a->interval_count, power_values, &context, a->intervals,
                                       NULL, &a->outcome, err)) < 0)
        goto out;
    a->cycles = sample.total.functional.cycles;
    a->unsettled_cycles = sample.total.unsettled_cycles;
    a->annotated_share = mp_circuit_driven_share(c->netlist);
    if ((rc = compute_powers(a, c, &sample.total, err)) == MP_OK)
        rc = try_exact(a, c, job, &sdf, &sample.total, err);
    if (rc == MP_OK && job->dump != NULL)
        rc = dump(c, job, &sdf, &sample.total, err);
out:
    mp_sampled_release(&sample);
    mp_sdf_release(&sdf);
    free(context.transitions);
    free(context.duty);
    return rc;
}

/* ---- a second engine */

int mp_analysis_opensta(struct mp_analysis *a, const struct mp_circuit *c,
                        const struct mp_tools *tools, struct mp_error *err)
{
    const struct mp_library *lib = &c->target->library;
    struct mp_tempdir temp = {0};
    struct mp_power_input in;
    char *path = NULL;
    int rc = mp_tempdir_create(&temp, err);

    if (rc < 0)
        return rc;
    mp_circuit_power_input(&in, c, a->transitions, a->duty);
    path = mp_path_join(temp.path, "mapped.v");
    const struct mp_opensta_power_job job = {.program = tools->opensta,
                                             .netlist_path = path,
                                             .liberty_paths = lib->files,
                                             .liberty_count = lib->file_count,
                                             .wire_load = c->wire_load,
                                             .output_load_f = c->output_load_f,
                                             .in = &in,
                                             .temp_dir = temp.path};
    if ((rc = mp_file_write(path, c->verilog, strlen(c->verilog), err)) == MP_OK)
        rc = mp_opensta_power_run(&a->opensta, &job, err);
    a->has_opensta = rc == MP_OK;
    snprintf(a->opensta_version, sizeof a->opensta_version, "OpenSTA %s", tools->opensta_version);
    free(path);
    mp_tempdir_remove(&temp);
    return rc;
}

void mp_analysis_release(struct mp_analysis *a)
{
    free(a->transitions);
    free(a->duty);
    free(a->timed_transitions);
    free(a->intervals);
    mp_power_release(&a->functional);
    mp_power_release(&a->timed);
    mp_power_release(&a->exact);
    mp_power_release(&a->exact_timed);
    mp_opensta_power_release(&a->opensta);
    memset(a, 0, sizeof *a);
}
