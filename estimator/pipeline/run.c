#include "estimator/pipeline/peers.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/traces.h"
#include "estimator/util/file.h"
#include "estimator/util/parallel.h"
#include "estimator/util/process.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct run {
    struct mp_run_plan plan;
    struct mp_tempdir temp;
    pthread_mutex_t mutex; /* of what is below */
    struct mp_run_summary *summary;
    const struct mp_pipeline_watch *watch; /* NULL: none */
    size_t failed;
    struct mp_error first_error;
};

/* ---- one estimate */

static void warn_of_precision(struct run *r, const struct mp_run_plan_job *job,
                              const struct mp_stream *s, const struct mp_estimate *e)
{
    const struct mp_sampled_outcome *o = &e->analysis.outcome;
    char name[MP_DESIGN_NAME_SIZE];

    if (!o->is_reached)
        mp_log_write(r->plan.log, MP_LOG_WARNING,
                     "%s on %s%s%s: power is known to %.2g %%, not to the %.2g %% asked for, after "
                     "%u traces (%llu cycles); give longer stretches or more of them",
                     mp_design_name(&job->point.design, name), job->point.target->name,
                     s->layer != NULL ? ", layer " : "", s->layer != NULL ? s->layer : "",
                     100 * o->precision, 100 * r->plan.experiment->power.precision, o->blocks,
                     (unsigned long long)e->analysis.cycles);
}

/* Designs are what runs in parallel, and what they leave of the cores. */
static unsigned threads_of_job(const struct run *r)
{
    unsigned all = r->plan.experiment->threads != 0 ? r->plan.experiment->threads : mp_core_count();

    return r->plan.job_count >= all ? 1 : all / (unsigned)r->plan.job_count;
}

/* Of one estimate of a job. */
struct estimation {
    struct mp_operands_of *operands;
    char key[MP_HASH_SIZE];
    bool is_stored;
    bool is_watched; /* looked at, or dumped */
};

/* Energy of a cycle to energy of each product in it. */
static int share_among_terms(struct mp_estimate_record *e, struct mp_trace_source *source,
                             const struct mp_bindings *b, struct mp_error *err)
{
    const struct mp_trace *trace;
    double terms;
    int rc;

    if (b->terms <= 1)
        return MP_OK;
    if ((rc = mp_trace_source_next(source, 0, &trace, err)) < 0)
        return rc;
    terms = mp_operands_terms(b, trace);
    e->energy_per_mac_j /= terms;
    e->energy_half_width_j /= terms;
    return MP_OK;
}

static int make_estimate(struct run *r, struct mp_run_plan_job *job,
                         const struct mp_point_result *result, const struct estimation *x,
                         struct mp_error *err)
{
    struct mp_trace_source source = {.plan = &r->plan, .unit = job->unit, .operands = x->operands};
    const struct mp_experiment *experiment = r->plan.experiment;
    struct mp_bindings bindings = {0};
    const struct mp_estimate_job how = {.settings = &experiment->power,
                                        .tools = r->plan.tools,
                                        .target = job->point.target,
                                        .clock_period_s = job->point.clock_period_s,
                                        .trace = mp_trace_source_next,
                                        .trace_context = &source,
                                        .bindings = &bindings,
                                        .dump = x->is_watched ? r->watch->dump : NULL,
                                        .can_grow = experiment->trace_file == NULL,
                                        .threads = threads_of_job(r)};
    struct mp_estimate e = {0};
    int rc = mp_bindings_design(&bindings, &result->netlist, &job->point.design, err);

    if (rc == MP_OK)
        rc = mp_estimate_make(&e, result, &how, err);
    if (rc == MP_OK)
        rc = share_among_terms(&e.record, &source, &bindings, err);
    if (rc < 0) {
        if (x->operands->stream.layer != NULL)
            mp_error_context(err, "operands of layer %s", x->operands->stream.layer);
        goto out;
    }
    memcpy(e.record.key, x->key, MP_HASH_SIZE);
    memcpy(e.record.accuracy_key, job->unit->scheme->accuracy.key, MP_HASH_SIZE);
    memcpy(e.record.trace_hash, x->operands->hash, MP_HASH_SIZE);
    warn_of_precision(r, job, &x->operands->stream, &e);
    if (e.analysis.exact_missing[0] != '\0')
        mp_log_write(r->plan.log, MP_LOG_WARNING, "%s: no exact mode: %s", result->design_name,
                     e.analysis.exact_missing);
    if (!x->is_stored)
        rc = mp_store_put_estimate(r->plan.store, &e.record, &r->plan.context, err);
    if (rc == MP_OK && x->is_watched && r->watch->see != NULL) {
        pthread_mutex_lock(&r->mutex);
        rc = r->watch->see(r->watch->context, result->design_name, &e, err);
        pthread_mutex_unlock(&r->mutex);
    }
out:
    mp_trace_source_release(&source);
    mp_bindings_release(&bindings);
    mp_estimate_release(&e);
    return rc;
}

/* ---- one job */

struct outcome {
    bool point_reused;
    size_t estimates, estimates_reused;
};

/* The estimates of a job, and whether one of them has to be computed. What is watched is power by
 * cell and net, of the whole network's operands. */
static int plan_estimates(struct run *r, const struct mp_run_plan_job *job, const char *ppa_key,
                          struct estimation *items, bool *is_needed, struct mp_error *err)
{
    const struct mp_unit_work *u = job->unit;
    int rc = MP_OK;

    *is_needed = false;
    for (uint32_t i = 0; i < u->operands_count && rc == MP_OK; i++) {
        struct estimation *x = &items[i];
        x->operands = &u->operands[i];
        x->is_watched = i == 0 && r->watch != NULL;
        mp_estimate_key(ppa_key, x->operands->key, &r->plan.experiment->power, x->key);
        rc = mp_store_has_estimate(r->plan.store, x->key, &x->is_stored, err);
        *is_needed |= !x->is_stored || x->is_watched;
    }
    return rc;
}

/* What a search for power is driven by. */
static int need_trace(struct mp_run_plan_job *job, struct mp_trace_source *source,
                      struct mp_error *err)
{
    return job->point.operands_key != NULL ? mp_trace_source_next(source, 0, &job->point.trace, err)
                                           : MP_OK;
}

static int need_point(struct run *r, struct mp_run_plan_job *job, const char *ppa_key,
                      bool is_needed, struct mp_point_result *result, bool *is_reused,
                      struct mp_error *err)
{
    struct mp_ppa_record stored = {0};
    struct mp_trace_source source = {
        .plan = &r->plan, .unit = job->unit, .operands = &job->unit->operands[0]};

    job->point.threads = threads_of_job(r);
    int rc = mp_store_get_ppa(r->plan.store, ppa_key, &stored, is_reused, err);

    if (rc < 0 || !is_needed)
        goto out;
    if (*is_reused)
        rc = mp_point_restore(result, &job->point, &stored, err);
    else if ((rc = need_trace(job, &source, err)) == MP_OK &&
             (rc = mp_point_make(result, &job->point, err)) == MP_OK)
        rc = mp_store_put_ppa(r->plan.store, &result->record, &r->plan.context, err);
out:
    job->point.trace = NULL;
    mp_trace_source_release(&source);
    mp_ppa_record_release(&stored);
    return rc;
}

/* What of a job is not in the store yet. */
static int do_job(struct run *r, struct mp_run_plan_job *job, struct mp_point_result *result,
                  struct outcome *out, struct mp_error *err)
{
    uint32_t count = job->unit->operands_count;
    struct estimation *items = mp_alloc((size_t)count + 1, sizeof *items);
    char ppa_key[MP_HASH_SIZE];
    bool is_needed = false;
    int rc;

    mp_point_key(&job->point, ppa_key);
    if ((rc = mp_run_plan_check_cancelled(err)) < 0 ||
        (rc = plan_estimates(r, job, ppa_key, items, &is_needed, err)) < 0 ||
        (rc = need_point(r, job, ppa_key, is_needed, result, &out->point_reused, err)) < 0)
        goto out;
    for (uint32_t i = 0; i < count; i++) {
        out->estimates++;
        out->estimates_reused += items[i].is_stored;
        if (!items[i].is_stored || items[i].is_watched)
            if ((rc = make_estimate(r, job, result, &items[i], err)) < 0)
                goto out;
        if ((rc = mp_store_run_add(r->plan.store, r->summary->run_id, items[i].key, err)) < 0)
            goto out;
    }
out:
    free(items);
    return rc;
}

/* Errors that the next design would meet as well. */
static bool is_general(int rc)
{
    return rc == MP_E_CANCELLED || rc == MP_E_DATABASE || rc == MP_E_NOT_FOUND || rc == MP_E_IO ||
           rc == MP_E_MEMORY;
}

static void count_job(struct run *r, const struct outcome *o, double tool_wall_s, double worker_s)
{
    r->summary->tool_wall_s += tool_wall_s;
    r->summary->worker_s += worker_s;
    r->summary->points++;
    r->summary->points_reused += o->point_reused;
    r->summary->estimates += o->estimates;
    r->summary->estimates_reused += o->estimates_reused;
}

static void log_job(struct run *r, const struct mp_run_plan_job *job, const struct outcome *o,
                    double wall_s)
{
    char name[MP_DESIGN_NAME_SIZE];

    mp_log_write(r->plan.log, MP_LOG_DEBUG, "%s on %s at %.4g ns: %s, %.1f s",
                 mp_design_name(&job->point.design, name), job->point.target->name,
                 1e9 * job->point.clock_period_s,
                 o->estimates_reused == o->estimates ? "found in the database"
                 : o->point_reused                   ? "netlist from the database, power new"
                                                     : "made and proven",
                 wall_s);
}

static int run_job(void *context, size_t index, struct mp_error *err)
{
    struct run *r = context;
    struct mp_run_plan_job *job = &r->plan.jobs[index];
    struct mp_point_result result = {0};
    struct mp_error own = MP_ERROR_INIT;
    struct outcome outcome = {0};
    char name[MP_DESIGN_NAME_SIZE], text[1400];
    double start = mp_clock_s();
    int rc = do_job(r, job, &result, &outcome, &own);

    pthread_mutex_lock(&r->mutex);
    count_job(r, &outcome, result.tool_wall_s, mp_clock_s() - start);
    if (rc < 0) {
        r->failed++;
        if (r->first_error.code == MP_OK)
            r->first_error = own;
    }
    pthread_mutex_unlock(&r->mutex);
    if (rc < 0 && rc != MP_E_CANCELLED)
        mp_log_write(r->plan.log, MP_LOG_ERROR, "%s", mp_error_text(&own, text, sizeof text));
    if (rc == MP_OK)
        log_job(r, job, &outcome, mp_clock_s() - start);
    mp_progress_add(r->plan.log, 1, mp_design_name(&job->point.design, name));
    mp_point_result_release(&result);
    if (rc < 0 && is_general(rc)) {
        if (err != NULL)
            *err = own;
        return rc;
    }
    return MP_OK;
}

/* ---- all jobs */

static int run_jobs(struct run *r, struct mp_error *err)
{
    size_t count = r->plan.job_count;
    int rc;

    mp_progress_begin(r->plan.log, r->plan.experiment->each_layer ? "designs" : "estimates", count);
    rc = mp_parallel_for(count, r->plan.experiment->threads, run_job, r, err);
    mp_progress_end(r->plan.log);
    if (rc < 0 || r->failed == 0)
        return rc;
    if (err != NULL)
        *err = r->first_error;
    mp_error_context(err, "%zu of %zu designs failed (what the others gave is stored); first",
                     r->failed, count);
    return r->first_error.code;
}

static int put_peers(struct mp_store *store, const char *path, struct mp_error *err)
{
    struct mp_peers peers = {0};
    int rc = mp_peers_read(&peers, path, err);

    if (rc == MP_OK)
        rc = mp_store_put_peers(store, peers.records, peers.count, err);
    mp_peers_release(&peers);
    return rc;
}

int mp_pipeline_run(const struct mp_experiment *e, const struct mp_tools *tools,
                    struct mp_store *store, struct mp_log *log, struct mp_run_summary *summary,
                    struct mp_error *err)
{
    return mp_pipeline_run_watched(e, tools, store, log, summary, NULL, err);
}

int mp_pipeline_run_watched(const struct mp_experiment *e, const struct mp_tools *tools,
                            struct mp_store *store, struct mp_log *log,
                            struct mp_run_summary *summary, const struct mp_pipeline_watch *watch,
                            struct mp_error *err)
{
    struct run r = {.plan = {.experiment = e,
                             .tools = tools,
                             .store = store,
                             .log = log,
                             .has_dump = watch != NULL && watch->dump != NULL},
                    .summary = summary,
                    .watch = watch};
    double start = mp_clock_s();
    int rc;

    memset(summary, 0, sizeof *summary);
    if (e->peers != NULL && (rc = put_peers(store, e->peers, err)) < 0)
        return rc;
    pthread_mutex_init(&r.mutex, NULL);
    pthread_mutex_init(&r.plan.traces_lock, NULL);
    mp_tempdir_sweep();
    if ((rc = mp_tempdir_create(&r.temp, err)) < 0 ||
        (rc = mp_run_plan_make(&r.plan, r.temp.path, err)) < 0 ||
        (rc = mp_store_run_begin(store, e->name, e->text, &r.plan.context, &summary->run_id, err)) <
            0)
        goto out;
    rc = run_jobs(&r, err);
    summary->wall_s = mp_clock_s() - start;
    if (rc == MP_OK)
        rc = mp_store_run_end(store, summary->run_id, summary->wall_s, err);
out:
    mp_run_plan_release(&r.plan);
    mp_tempdir_remove(&r.temp);
    pthread_mutex_destroy(&r.plan.traces_lock);
    pthread_mutex_destroy(&r.mutex);
    return rc;
}

/* ---- accuracy and traces alone */

int mp_pipeline_accuracy(const struct mp_experiment *e, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_store *store,
                         const struct mp_tools *tools, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err)
{
    struct mp_workload w = {.log = log};
    struct mp_store_context context = {0};
    int rc = mp_workload_open(&w, e, err);

    mp_tools_context(tools, &context);
    if (rc == MP_OK && !w.has_network)
        rc = mp_fail(err, MP_E_USAGE,
                     "an accuracy needs a network, and the config has no `network:`");
    if (rc == MP_OK)
        rc = mp_run_plan_accuracy(&w, weight, activation, store, &context, log, out, err);
    mp_workload_release(&w);
    return rc;
}

int mp_pipeline_trace(const struct mp_experiment *e, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_log *log, struct mp_trace *out,
                      struct mp_error *err)
{
    const struct mp_stream s = mp_stream_of_pair(weight, activation);
    struct mp_workload w = {.log = log};
    int rc = mp_workload_open(&w, e, err);

    if (rc == MP_OK)
        rc = mp_workload_trace(&w, &s, 0, out, err);
    mp_workload_release(&w);
    return rc;
}
