#include "estimator/module/run.h"
#include "estimator/module/point.h"
#include "estimator/pipeline/estimate.h"
#include "estimator/pipeline/workload.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    struct mp_module_setting *items;
    char **copies;
    size_t count;
};

struct run {
    const struct mp_module_request *request;
    const struct mp_experiment *experiment;
    const struct mp_tools *tools;
    struct mp_store *store;
    struct mp_log *log;
    struct mp_module_summary *summary;
    const struct mp_pipeline_watch *watch;
    struct mp_store_context context;
    struct mp_tempdir temp;
    struct mp_targets targets;
    struct mp_workload workload;
    struct settings parameters, defines;
    struct mp_module_file *files;
    struct mp_user_job job; /* of the library at hand */
    struct mp_user_design design;
    struct mp_stream stream; /* with the formats of the ports */
    struct mp_trace trace, further;
    char trace_key[MP_HASH_SIZE];
};

/* Once each: every library would say the same. */
static void add_note(struct mp_module_summary *s, char *note)
{
    for (size_t i = 0; i < s->note_count; i++)
        if (strcmp(s->notes[i], note) == 0) {
            free(note);
            return;
        }
    s->notes = mp_realloc(s->notes, s->note_count + 1, sizeof *s->notes);
    s->notes[s->note_count++] = note;
}

void mp_module_summary_release(struct mp_module_summary *s)
{
    for (size_t i = 0; i < s->note_count; i++)
        free(s->notes[i]);
    free(s->notes);
    memset(s, 0, sizeof *s);
}

/* ---- what the user gave */

/* "N=8" -> name, value; both in *copy, which the caller frees. */
static int split(struct mp_module_setting *out, char **copy, const char *text, bool needs_value,
                 const char *option, struct mp_error *err)
{
    char *equals;

    *copy = mp_strdup(text);
    equals = strchr(*copy, '=');
    if (equals == *copy || (equals == NULL && needs_value) || (equals != NULL && equals[1] == '\0'))
        return mp_fail(err, MP_E_USAGE, "%s: `%s` is not NAME=VALUE", option, text);
    if (equals != NULL)
        *equals = '\0';
    *out = (struct mp_module_setting){*copy, equals != NULL ? equals + 1 : NULL};
    return MP_OK;
}

static int split_all(struct settings *s, const char *const *texts, size_t count, bool needs_value,
                     const char *option, struct mp_error *err)
{
    int rc = MP_OK;

    s->items = mp_alloc(count + 1, sizeof *s->items);
    s->copies = mp_alloc(count + 1, sizeof *s->copies);
    for (size_t i = 0; i < count && rc == MP_OK; i++)
        rc = split(&s->items[i], &s->copies[s->count++], texts[i], needs_value, option, err);
    return rc;
}

static void free_settings(struct settings *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->copies[i]);
    free(s->copies);
    free(s->items);
}

/* What the user asked for, as far as it is the same for every library. */
static int make_job(struct run *r, struct mp_error *err)
{
    const struct mp_module_request *q = r->request;
    const struct mp_experiment *e = r->experiment;
    int rc;

    r->files = mp_alloc(q->file_count + 1, sizeof *r->files);
    for (size_t i = 0; i < q->file_count; i++)
        r->files[i].path = q->files[i];
    if ((rc = split_all(&r->parameters, q->parameters, q->parameter_count, true, "--param", err)) <
            0 ||
        (rc = split_all(&r->defines, q->defines, q->define_count, false, "--define", err)) < 0)
        return rc;
    r->job = (struct mp_user_job){
        .program = r->tools->yosys,
        .source = {.files = r->files,
                   .file_count = q->file_count,
                   .include_dirs = q->include_dirs,
                   .include_dir_count = q->include_dir_count,
                   .defines = r->defines.items,
                   .define_count = r->defines.count,
                   .top = q->top,
                   .parameters = r->parameters.items,
                   .parameter_count = r->parameters.count,
                   .clock = q->clock,
                   .keep_blocks = e->keep_blocks,
                   .registered = q->registered},
        .mapped = q->is_mapped,
        .activity_given = q->activity != NULL,
        .bindings = {.ports = q->ports,
                     .port_count = q->port_count,
                     .weight = e->weight_count > 0 ? &e->weights[0] : NULL,
                     .activation = e->activation_count > 0 ? &e->activations[0] : NULL,
                     .random_operands =
                         q->activity != NULL || (e->network == NULL && e->trace_file == NULL)},
        .recipe = e->ways.recipe_count > 0 ? e->ways.recipes[0] : NULL,
        .golden = q->golden,
        .golden_latency = q->golden_latency,
        .temp_dir = r->temp.path};
    return MP_OK;
}

/* "mul(N=8)": parameters that the user gave are part of what the design is. */
static char *name_of(const struct run *r, const char *top)
{
    const struct mp_module_request *q = r->request;
    struct mp_text name = {0};

    mp_text_add(&name, top);
    for (size_t i = 0; i < q->parameter_count; i++)
        mp_text_printf(&name, "%s%s", i == 0 ? "(" : ",", q->parameters[i]);
    if (q->parameter_count > 0)
        mp_text_add(&name, ")");
    return name.data;
}

static void note_design(struct run *r)
{
    const struct mp_user_design *d = &r->design;

    /* How ports are driven is of no interest where they are not. */
    for (size_t i = 0; i < d->note_count && r->request->activity == NULL; i++)
        add_note(r->summary, mp_strdup(d->notes[i]));
    if (d->golden.method != NULL)
        add_note(r->summary, mp_asprintf("proven: %s, latency %u, %s, %llu vectors",
                                         r->request->golden, d->golden.latency, d->golden.method,
                                         (unsigned long long)d->golden.vectors));
}

/* ---- operands */

/* The first library's bindings say in which formats; the ports are the same on every other. */
static int need_trace(struct run *r, struct mp_error *err)
{
    const struct mp_bindings *b = &r->design.bindings;
    int rc;

    if (r->request->activity != NULL || r->trace.weights != NULL)
        return MP_OK;
    r->stream = mp_stream_of_pair(&b->weight, &b->activation);
    if ((rc = mp_workload_trace(&r->workload, &r->stream, 0, &r->trace, err)) < 0)
        return rc;
    mp_workload_trace_key(&r->workload, &r->stream, r->trace_key);
    return mp_workload_put_trace(&r->workload, r->store, &r->stream, &r->trace, err);
}

static int next_block(void *context, uint32_t block, const struct mp_trace **out,
                      struct mp_error *err)
{
    struct run *r = context;

    if (mp_process_is_cancelled())
        return mp_fail(err, MP_E_CANCELLED, "the run was cancelled");
    *out = &r->trace;
    if (block == 0)
        return MP_OK;
    mp_trace_release(&r->further);
    *out = &r->further;
    return mp_workload_trace(&r->workload, &r->stream, block, &r->further, err);
}

/* ---- one library */

static int analyse_operands(struct run *r, struct mp_estimate *e, const struct mp_target *target,
                            double clock_period_s, const struct mp_point_result *point,
                            struct mp_error *err)
{
    const struct mp_estimate_job job = {.settings = &r->experiment->power,
                                        .tools = r->tools,
                                        .target = target,
                                        .clock_period_s = clock_period_s,
                                        .trace = next_block,
                                        .trace_context = r,
                                        .bindings = &r->design.bindings,
                                        .dump = r->watch != NULL ? r->watch->dump : NULL,
                                        .can_grow = r->experiment->trace_file == NULL,
                                        .threads = r->experiment->threads};
    int rc = mp_estimate_make(e, point, &job, err);

    if (rc == MP_OK && !e->analysis.outcome.is_reached)
        add_note(r->summary,
                 mp_asprintf("precision: power is known to %.2g %%, not to the %.2g %% asked for, "
                             "after %u trace%s",
                             100 * e->analysis.outcome.precision,
                             100 * r->experiment->power.precision, e->analysis.outcome.blocks,
                             e->analysis.outcome.blocks == 1 ? "" : "s"));
    if (rc == MP_OK && e->analysis.exact_missing[0] != '\0')
        add_note(r->summary, mp_asprintf("no exact mode: %s", e->analysis.exact_missing));
    memcpy(e->record.trace_hash, r->trace.hash, MP_HASH_SIZE);
    return rc;
}

/* A file of activity is a trace of its own. */
static int put_file_trace(struct run *r, const struct mp_analysis *a, const char *hash,
                          struct mp_error *err)
{
    const char *path = r->request->activity, *slash = strrchr(path, '/');
    struct mp_trace_record record = {.zero_weights = NAN, .zero_activations = NAN};
    char *source = mp_asprintf("%s (%.8s)", slash != NULL ? slash + 1 : path, hash);
    int rc;

    record.source = source;
    record.dataflow = record.weight_format = record.activation_format = "-";
    record.stretches = 1;
    record.length = a->cycles < UINT32_MAX ? (uint32_t)a->cycles : UINT32_MAX;
    memcpy(record.hash, hash, sizeof record.hash);
    rc = mp_store_put_trace(r->store, &record, err);
    free(source);
    return rc;
}

static int analyse_file(struct run *r, struct mp_estimate *e, const struct mp_target *target,
                        double clock_period_s, const struct mp_point_result *point,
                        struct mp_error *err)
{
    const struct mp_module_request *q = r->request;
    const struct mp_annotation_options o = {.scope = q->scope, .allow_missing = q->allow_missing};
    struct mp_analysis *a = &e->analysis;
    int rc;

    mp_point_circuit(&e->circuit, target, clock_period_s, point);
    if ((rc = mp_analysis_read(a, &e->circuit, q->activity, &o, err)) < 0 ||
        (r->experiment->power.use_opensta &&
         (rc = mp_analysis_opensta(a, &e->circuit, r->tools, err)) < 0) ||
        (rc = put_file_trace(r, a, r->trace_key, err)) < 0)
        return rc;
    add_note(r->summary, mp_asprintf("activity: %s annotates %.4g %% of the pins%s", q->activity,
                                     100 * a->annotated_share,
                                     a->propagated_share > 0 ? "; the others are propagated" : ""));
    add_note(r->summary,
             mp_strdup(a->has_timed
                           ? "power: functional, one transition of a net between two clock edges "
                             "at most; glitch: all others in the file; total, energy: both"
                           : "glitch: the file does not tell glitches from functional "
                             "transitions; power is all of it"));
    mp_analysis_fill(&e->record, a, &e->circuit, &e->rows);
    memcpy(e->record.ppa_key, point->record.key, MP_HASH_SIZE);
    memcpy(e->record.trace_hash, r->trace_key, MP_HASH_SIZE);
    return MP_OK;
}

static int make_point(struct run *r, struct mp_point_result *point, const struct mp_module_point *p,
                      struct mp_error *err)
{
    struct mp_ppa_record stored = {0};
    bool found = false;
    char key[MP_HASH_SIZE];
    int rc;

    mp_module_point_key(p, key);
    if ((rc = mp_store_get_ppa(r->store, key, &stored, &found, err)) < 0)
        return rc;
    if (found)
        rc = mp_module_point_restore(point, p, &stored, err);
    else if ((rc = mp_module_point_make(point, p, err)) == MP_OK)
        rc = mp_store_put_ppa(r->store, &point->record, &r->context, err);
    r->summary->run.points++;
    r->summary->run.points_reused += found;
    r->summary->run.tool_wall_s += point->tool_wall_s;
    mp_ppa_record_release(&stored);
    return rc;
}

/* What of the trace, or of the file, the estimate depends on. */
static void activity_key(const struct run *r, char key[MP_HASH_SIZE])
{
    const struct mp_module_request *q = r->request;
    struct mp_hash *h = mp_hash_create();

    mp_hash_string(h, r->trace_key);
    mp_hash_string(h, q->scope != NULL ? q->scope : "");
    mp_hash_u64(h, q->allow_missing);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

static int run_target(struct run *r, const struct mp_target *target, struct mp_error *err)
{
    const struct mp_experiment *e = r->experiment;
    const struct mp_module_request *q = r->request;
    double clock_s = e->clock_period_s > 0 ? e->clock_period_s : target->default_clock_s;
    struct mp_module_point p = {
        .tools = r->tools, .experiment = e, .job = &r->job, .design = &r->design};
    char *name = NULL;
    struct mp_point_result point = {0};
    struct mp_estimate estimate = {0};
    char activity[MP_HASH_SIZE];
    bool found = false;
    int rc;

    if (clock_s <= 0)
        return mp_fail(err, MP_E_USAGE, "library %s has no default clock: give --clock, e.g. 2ns",
                       target->name);
    r->job.target = target;
    r->job.clock_period_s = clock_s;
    if ((rc = mp_user_design_read(&r->design, &r->job, err)) < 0 || (rc = need_trace(r, err)) < 0)
        goto out;
    p.name = name = name_of(r, r->design.name);
    if ((rc = make_point(r, &point, &p, err)) < 0)
        goto out;
    note_design(r);
    activity_key(r, activity);
    mp_estimate_key(point.record.key, activity, &e->power, estimate.record.key);
    if ((rc = mp_store_has_estimate(r->store, estimate.record.key, &found, err)) < 0)
        goto out;
    char key[MP_HASH_SIZE];
    memcpy(key, estimate.record.key, sizeof key);
    rc = q->activity != NULL ? analyse_file(r, &estimate, target, clock_s, &point, err)
                             : analyse_operands(r, &estimate, target, clock_s, &point, err);
    memcpy(estimate.record.key, key, sizeof key);
    if (rc == MP_OK && !found)
        rc = mp_store_put_estimate(r->store, &estimate.record, &r->context, err);
    if (rc == MP_OK)
        rc = mp_store_run_add(r->store, r->summary->run.run_id, key, err);
    if (rc == MP_OK && r->watch != NULL && r->watch->see != NULL)
        rc = r->watch->see(r->watch->context, point.design_name, &estimate, err);
    r->summary->run.estimates++;
    r->summary->run.estimates_reused += found;
out:
    r->summary->run.tool_wall_s += r->design.tool_wall_s;
    mp_estimate_release(&estimate);
    mp_point_result_release(&point);
    mp_user_design_release(&r->design);
    free(name);
    return rc;
}

static void release(struct run *r)
{
    mp_trace_release(&r->trace);
    mp_trace_release(&r->further);
    mp_workload_release(&r->workload);
    mp_targets_release(&r->targets);
    mp_tempdir_remove(&r->temp);
    free_settings(&r->parameters);
    free_settings(&r->defines);
    free(r->files);
}

int mp_pipeline_module(const struct mp_module_request *q, const struct mp_experiment *e,
                       const struct mp_tools *tools, struct mp_store *store, struct mp_log *log,
                       struct mp_module_summary *summary, const struct mp_pipeline_watch *watch,
                       struct mp_error *err)
{
    struct run r = {.request = q,
                    .experiment = e,
                    .tools = tools,
                    .store = store,
                    .log = log,
                    .summary = summary,
                    .watch = watch,
                    .targets = {.as_given = q->is_mapped}};
    double start = mp_clock_s();
    int rc;

    memset(summary, 0, sizeof *summary);
    mp_tools_context(tools, &r.context);
    r.workload.log = log;
    mp_tempdir_sweep();
    if (e->each_layer) {
        rc = mp_fail(err, MP_E_USAGE,
                     "power of each layer is that of generated designs; for your own give one "
                     "layer, e.g. --operands network:conv1");
        goto out;
    }
    if ((rc = mp_tempdir_create(&r.temp, err)) < 0 ||
        (rc = mp_targets_open(&r.targets, e, r.temp.path, err)) < 0 ||
        (rc = make_job(&r, err)) < 0 || (rc = mp_workload_open(&r.workload, e, err)) < 0 ||
        (q->activity != NULL && (rc = mp_hash_file(q->activity, r.trace_key, err)) < 0))
        goto out;
    if (r.targets.count > 1 && watch != NULL && watch->dump != NULL) {
        rc = mp_fail(err, MP_E_USAGE, "a dump is of one library, not of %zu", r.targets.count);
        goto out;
    }
    if ((rc = mp_store_run_begin(store, q->files[0], "", &r.context, &summary->run.run_id, err)) <
        0)
        goto out;
    for (size_t i = 0; i < r.targets.count && rc == MP_OK; i++)
        rc = run_target(&r, &r.targets.items[i], err);
    summary->run.wall_s = mp_clock_s() - start;
    if (rc == MP_OK)
        rc = mp_store_run_end(store, summary->run.run_id, summary->run.wall_s, err);
out:
    release(&r);
    return rc;
}
