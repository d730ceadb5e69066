#include "estimator/pipeline/estimate.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/workload.h"
#include "estimator/util/file.h"
#include "estimator/util/parallel.h"
#include "estimator/util/process.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A pair of formats: everything that depends on the network and not on the hardware. */
struct pair {
    struct mp_format weight, activation;
    struct mp_accuracy_record accuracy; /* key "" without a network */
    char trace_key[MP_HASH_SIZE];
    bool trace_made;
    struct mp_trace trace;
};

struct job {
    struct mp_point point;
    struct pair *pair;
};

struct run {
    const struct mp_experiment *experiment;
    const struct mp_tools *tools;
    struct mp_store *store;
    struct mp_log *log;
    struct mp_store_context context;
    struct mp_tempdir temp;
    struct mp_targets targets;
    struct mp_workload workload;
    struct pair *pairs;
    size_t pair_count;
    struct job *jobs;
    size_t job_count;
    pthread_mutex_t mutex; /* of workload, the pairs' traces, summary and first_error */
    struct mp_run_summary *summary;
    const struct mp_pipeline_watch *watch; /* NULL: none */
    size_t failed;
    struct mp_error first_error;
};

/* Our own work does not end by itself after a signal, as that of a tool does. */
static int check_cancelled(struct mp_error *err)
{
    return mp_process_is_cancelled() ? mp_fail(err, MP_E_CANCELLED, "the run was cancelled")
                                     : MP_OK;
}

/* From the store, or computed and stored. */
static int accuracy_of(struct mp_workload *w, const struct mp_format *weight,
                       const struct mp_format *activation, struct mp_store *store,
                       const struct mp_store_context *context, struct mp_log *log,
                       struct mp_accuracy_record *out, struct mp_error *err)
{
    char key[MP_HASH_SIZE];
    bool found = false;
    int rc;

    mp_workload_accuracy_key(w, weight, activation, key);
    if ((rc = mp_store_get_accuracy(store, key, out, &found, err)) < 0 || found)
        return rc;
    if ((rc = check_cancelled(err)) < 0 ||
        (rc = mp_workload_accuracy(w, weight, activation, log, out, err)) < 0)
        return rc;
    return mp_store_put_accuracy(store, out, context, err);
}

static int prepare_pairs(struct run *r, struct mp_error *err)
{
    const struct mp_experiment *e = r->experiment;
    struct mp_accuracy_record reference = {0};
    struct mp_format float32;
    int rc;

    if ((rc = mp_workload_open(&r->workload, e, err)) < 0)
        return rc;
    if (r->workload.has_network) {
        if ((rc = mp_format_parse(&float32, "float32", err)) < 0 ||
            (rc = accuracy_of(&r->workload, &float32, &float32, r->store, &r->context, r->log,
                              &reference, err)) < 0)
            return rc;
        mp_accuracy_record_release(&reference);
    }
    r->pairs = mp_alloc(e->weight_count * e->activation_count + 1, sizeof *r->pairs);
    for (size_t w = 0; w < e->weight_count; w++)
        for (size_t a = 0; a < e->activation_count; a++) {
            struct pair *p = &r->pairs[r->pair_count++];
            p->weight = e->weights[w];
            p->activation = e->activations[a];
            mp_workload_trace_key(&r->workload, &p->weight, &p->activation, p->trace_key);
            if (r->workload.has_network &&
                (rc = accuracy_of(&r->workload, &p->weight, &p->activation, r->store, &r->context,
                                  r->log, &p->accuracy, err)) < 0)
                return rc;
        }
    return MP_OK;
}

static int add_job(struct run *r, const struct mp_target *target, struct pair *pair,
                   enum mp_unit unit, const char *multiplier, struct mp_error *err)
{
    const struct mp_experiment *e = r->experiment;
    struct job *job = &r->jobs[r->job_count++];
    struct mp_design *d = &job->point.design;

    job->pair = pair;
    job->point = (struct mp_point){
        .target = target,
        .tools = r->tools,
        .clock_period_s = e->clock_period_s > 0 ? e->clock_period_s : target->default_clock_s,
        .wire_load = &e->power.wire_load,
        .runs = e->synthesis_runs,
        .keep_blocks = e->keep_blocks,
        .equivalence = e->equivalence};
    if (job->point.clock_period_s <= 0)
        return mp_fail(err, MP_E_USAGE,
                       "library %s has no default clock: give a period with --clock or `clock:`",
                       target->name);
    *d = (struct mp_design){.weight = pair->weight,
                            .activation = pair->activation,
                            .unit = unit,
                            .multiplier = multiplier};
    if (unit == MP_UNIT_MAC)
        d->accumulator_bits =
            e->accumulator_bits > 0 ? e->accumulator_bits : pair->accuracy.accumulator_bits;
    return mp_design_resolve(d, err);
}

/* Large designs first, so that the cores finish together. */
static int by_size(const void *a, const void *b)
{
    const struct mp_design *x = &((const struct job *)a)->point.design;
    const struct mp_design *y = &((const struct job *)b)->point.design;

    if (x->unit != y->unit)
        return x->unit == MP_UNIT_MAC ? -1 : 1;
    return (int)y->weight.bits * y->activation.bits - (int)x->weight.bits * x->activation.bits;
}

static int plan(struct run *r, struct mp_error *err)
{
    const struct mp_experiment *e = r->experiment;
    size_t architectures = e->multiplier_count > 0 ? e->multiplier_count : 1;
    int rc;

    r->jobs = mp_alloc(r->targets.count * r->pair_count * e->unit_count * architectures + 1,
                       sizeof *r->jobs);
    for (size_t t = 0; t < r->targets.count; t++)
        for (size_t p = 0; p < r->pair_count; p++)
            for (size_t u = 0; u < e->unit_count; u++)
                for (size_t m = 0; m < architectures; m++) {
                    rc = add_job(r, &r->targets.items[t], &r->pairs[p], e->units[u],
                                 e->multiplier_count > 0 ? e->multipliers[m] : NULL, err);
                    if (rc < 0)
                        return rc;
                }
    if (r->job_count > 1 && r->watch != NULL && r->watch->dump != NULL)
        return mp_fail(err, MP_E_USAGE,
                       "a dump is of one design, and these options make %zu of them", r->job_count);
    qsort(r->jobs, r->job_count, sizeof *r->jobs, by_size);
    return MP_OK;
}

/* The pair's trace, made by the first job that needs it. */
static int need_trace(struct run *r, struct pair *p, struct mp_error *err)
{
    int rc = MP_OK;

    pthread_mutex_lock(&r->mutex);
    if (!p->trace_made) {
        rc = mp_workload_trace(&r->workload, &p->weight, &p->activation, &p->trace, err);
        if (rc == MP_OK)
            rc = mp_workload_put_trace(r->store, &p->trace, err);
        p->trace_made = rc == MP_OK;
    }
    pthread_mutex_unlock(&r->mutex);
    return rc;
}

/* The blocks of a growing sample: the pair's trace, then others like it. */
struct blocks {
    struct run *run;
    struct pair *pair;
    struct mp_trace further; /* the last one beyond block 0 */
};

static int next_block(void *context, uint32_t block, const struct mp_trace **out,
                      struct mp_error *err)
{
    struct blocks *b = context;
    int rc;

    if ((rc = check_cancelled(err)) < 0)
        return rc;
    *out = &b->pair->trace;
    if (block == 0)
        return need_trace(b->run, b->pair, err);
    mp_trace_release(&b->further);
    *out = &b->further;
    return mp_workload_trace_block(&b->run->workload, &b->pair->weight, &b->pair->activation, block,
                                   &b->further, err);
}

static void warn_of_precision(struct run *r, const struct job *job, const struct mp_estimate *e)
{
    const struct mp_sampled_outcome *o = &e->analysis.outcome;
    char name[MP_DESIGN_NAME_SIZE];

    if (!o->is_reached)
        mp_log_write(r->log, MP_LOG_WARNING,
                     "%s on %s: power is known to %.2g %%, not to the %.2g %% asked for, after %u "
                     "traces (%llu cycles); give longer stretches or more of them",
                     mp_design_name(&job->point.design, name), job->point.target->name,
                     100 * o->precision, 100 * r->experiment->power.precision, o->blocks,
                     (unsigned long long)e->analysis.cycles);
}

static int make_estimate(struct run *r, struct job *job, const struct mp_point_result *result,
                         const char *key, bool is_stored, struct mp_error *err)
{
    struct blocks blocks = {.run = r, .pair = job->pair};
    /* One thread: the designs are what runs in parallel. */
    const struct mp_estimate_job how = {.settings = &r->experiment->power,
                                        .tools = r->tools,
                                        .target = job->point.target,
                                        .clock_period_s = job->point.clock_period_s,
                                        .trace = next_block,
                                        .trace_context = &blocks,
                                        .dump = r->watch != NULL ? r->watch->dump : NULL,
                                        .can_grow = r->experiment->trace_file == NULL,
                                        .threads = 1};
    struct mp_estimate e = {0};
    int rc = mp_estimate_make(&e, result, &how, err);

    if (rc < 0)
        goto out;
    memcpy(e.record.key, key, MP_HASH_SIZE);
    memcpy(e.record.accuracy_key, job->pair->accuracy.key, MP_HASH_SIZE);
    memcpy(e.record.trace_hash, job->pair->trace.hash, MP_HASH_SIZE);
    warn_of_precision(r, job, &e);
    if (e.analysis.exact_missing[0] != '\0')
        mp_log_write(r->log, MP_LOG_WARNING, "%s: no exact mode: %s", result->design_name,
                     e.analysis.exact_missing);
    if (!is_stored)
        rc = mp_store_put_estimate(r->store, &e.record, &r->context, err);
    if (rc == MP_OK && r->watch != NULL && r->watch->see != NULL) {
        pthread_mutex_lock(&r->mutex);
        rc = r->watch->see(r->watch->context, result->design_name, &e, err);
        pthread_mutex_unlock(&r->mutex);
    }
out:
    mp_trace_release(&blocks.further);
    mp_estimate_release(&e);
    return rc;
}

/* What of a job is not in the store yet. */
static int do_job(struct run *r, struct job *job, struct mp_point_result *result,
                  bool *point_reused, bool *estimate_reused, struct mp_error *err)
{
    struct mp_ppa_record stored = {0};
    char ppa_key[MP_HASH_SIZE], key[MP_HASH_SIZE];
    int rc;

    mp_point_key(&job->point, ppa_key);
    mp_estimate_key(ppa_key, job->pair->trace_key, &r->experiment->power, key);
    if ((rc = check_cancelled(err)) < 0 ||
        (rc = mp_store_get_ppa(r->store, ppa_key, &stored, point_reused, err)) < 0 ||
        (rc = mp_store_has_estimate(r->store, key, estimate_reused, err)) < 0)
        goto out;
    if (!*estimate_reused || r->watch != NULL) {
        if (*point_reused)
            rc = mp_point_restore(result, &job->point, &stored, err);
        else if ((rc = mp_point_make(result, &job->point, err)) == MP_OK)
            rc = mp_store_put_ppa(r->store, &result->record, &r->context, err);
        if (rc < 0 || (rc = make_estimate(r, job, result, key, *estimate_reused, err)) < 0)
            goto out;
    }
    rc = mp_store_run_add(r->store, r->summary->run_id, key, err);
out:
    mp_ppa_record_release(&stored);
    return rc;
}

/* Errors that the next design would meet as well. */
static bool is_general(int rc)
{
    return rc == MP_E_CANCELLED || rc == MP_E_DATABASE || rc == MP_E_NOT_FOUND || rc == MP_E_IO ||
           rc == MP_E_MEMORY;
}

static int run_job(void *context, size_t index, struct mp_error *err)
{
    struct run *r = context;
    struct job *job = &r->jobs[index];
    struct mp_point_result result = {0};
    struct mp_error own = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE], text[1400];
    bool point_reused = false, estimate_reused = false;
    double start = mp_clock_s();
    int rc = do_job(r, job, &result, &point_reused, &estimate_reused, &own);

    mp_design_name(&job->point.design, name);
    pthread_mutex_lock(&r->mutex);
    r->summary->tool_wall_s += result.tool_wall_s;
    r->summary->worker_s += mp_clock_s() - start;
    r->summary->points++;
    r->summary->estimates++;
    r->summary->points_reused += point_reused;
    r->summary->estimates_reused += estimate_reused;
    if (rc < 0) {
        r->failed++;
        if (r->first_error.code == MP_OK)
            r->first_error = own;
    }
    pthread_mutex_unlock(&r->mutex);
    if (rc < 0 && rc != MP_E_CANCELLED)
        mp_log_write(r->log, MP_LOG_ERROR, "%s", mp_error_text(&own, text, sizeof text));
    if (rc == MP_OK)
        mp_log_write(r->log, MP_LOG_DEBUG, "%s on %s at %.4g ns: %s, %.1f s", name,
                     job->point.target->name, 1e9 * job->point.clock_period_s,
                     estimate_reused ? "found in the database"
                     : point_reused  ? "netlist from the database, power new"
                                     : "made and proven",
                     mp_clock_s() - start);
    mp_progress_add(r->log, 1, name);
    mp_point_result_release(&result);
    if (rc < 0 && is_general(rc)) {
        if (err != NULL)
            *err = own;
        return rc;
    }
    return MP_OK;
}

static int run_jobs(struct run *r, struct mp_error *err)
{
    int rc;

    mp_progress_begin(r->log, "estimates", r->job_count);
    rc = mp_parallel_for(r->job_count, r->experiment->threads, run_job, r, err);
    mp_progress_end(r->log);
    if (rc < 0 || r->failed == 0)
        return rc;
    if (err != NULL)
        *err = r->first_error;
    mp_error_context(err, "%zu of %zu designs failed (what the others gave is stored); first",
                     r->failed, r->job_count);
    return r->first_error.code;
}

static void release(struct run *r)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        mp_accuracy_record_release(&r->pairs[i].accuracy);
        mp_trace_release(&r->pairs[i].trace);
    }
    mp_targets_release(&r->targets);
    free(r->pairs);
    free(r->jobs);
    mp_workload_release(&r->workload);
    mp_tempdir_remove(&r->temp);
    pthread_mutex_destroy(&r->mutex);
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
    struct run r = {.experiment = e,
                    .tools = tools,
                    .store = store,
                    .log = log,
                    .summary = summary,
                    .watch = watch};
    double start = mp_clock_s();
    int rc;

    memset(summary, 0, sizeof *summary);
    pthread_mutex_init(&r.mutex, NULL);
    mp_tools_context(tools, &r.context);
    mp_tempdir_sweep();
    if ((rc = mp_tempdir_create(&r.temp, err)) < 0 ||
        (rc = mp_targets_open(&r.targets, e, r.temp.path, err)) < 0 ||
        (rc = prepare_pairs(&r, err)) < 0 || (rc = plan(&r, err)) < 0 ||
        (rc = mp_store_run_begin(store, e->name, e->text, &r.context, &summary->run_id, err)) < 0)
        goto out;
    rc = run_jobs(&r, err);
    summary->wall_s = mp_clock_s() - start;
    if (rc == MP_OK)
        rc = mp_store_run_end(store, summary->run_id, summary->wall_s, err);
out:
    release(&r);
    return rc;
}

int mp_pipeline_accuracy(const struct mp_experiment *e, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_store *store,
                         const struct mp_tools *tools, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err)
{
    struct mp_workload w = {0};
    struct mp_store_context context = {0};
    int rc = mp_workload_open(&w, e, err);

    mp_tools_context(tools, &context);
    if (rc == MP_OK && !w.has_network)
        rc = mp_fail(err, MP_E_USAGE,
                     "an accuracy needs a network, and the config has no `network:`");
    if (rc == MP_OK)
        rc = accuracy_of(&w, weight, activation, store, &context, log, out, err);
    mp_workload_release(&w);
    return rc;
}

int mp_pipeline_trace(const struct mp_experiment *e, const struct mp_format *weight,
                      const struct mp_format *activation, struct mp_trace *out,
                      struct mp_error *err)
{
    struct mp_workload w = {0};
    int rc = mp_workload_open(&w, e, err);

    if (rc == MP_OK)
        rc = mp_workload_trace(&w, weight, activation, out, err);
    mp_workload_release(&w);
    return rc;
}
