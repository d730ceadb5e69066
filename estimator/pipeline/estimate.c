#include "estimator/pipeline/estimate.h"
#include <stdlib.h>
#include <string.h>

void mp_estimate_key(const char *ppa_key, const char *trace_key,
                     const struct mp_power_settings *settings, char key[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_hash_string(h, "estimate");
    mp_hash_string(h, ppa_key);
    mp_hash_string(h, trace_key);
    mp_hash_u64(h, MP_POWER_VERSION);
    mp_hash_double(h, settings->precision);
    mp_hash_u64(h, settings->use_opensta);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

int mp_estimate_make(struct mp_estimate *e, const struct mp_point_result *r,
                     const struct mp_estimate_job *job, struct mp_error *err)
{
    double precision = job->settings->precision;
    const struct mp_analysis_job analysis = {
        .trace = job->trace,
        .trace_context = job->trace_context,
        .bindings = job->bindings,
        .dump = job->dump,
        .plan = {.precision = precision,
                 .max_blocks = precision > 0 && job->can_grow ? MP_SAMPLE_BLOCKS_LIMIT : 1},
        .threads = job->threads};
    int rc;

    mp_point_circuit(&e->circuit, job->target, job->clock_period_s, r);
    if ((rc = mp_analysis_simulate(&e->analysis, &e->circuit, &analysis, err)) < 0)
        goto out;
    if (job->settings->use_opensta &&
        (rc = mp_analysis_opensta(&e->analysis, &e->circuit, job->tools, err)) < 0)
        goto out;
    mp_analysis_fill(&e->record, &e->analysis, &e->circuit, &e->rows);
    memcpy(e->record.ppa_key, r->record.key, MP_HASH_SIZE);
out:
    if (rc < 0)
        mp_error_context(err, "%s on %s", r->design_name, job->target->name);
    return rc;
}

void mp_estimate_release(struct mp_estimate *e)
{
    mp_analysis_release(&e->analysis);
    free(e->rows);
    memset(e, 0, sizeof *e);
}
