#include "estimator/pipeline/run_plan.h"
#include "estimator/pipeline/workload_parts.h"
#include "estimator/util/process.h"
#include <stdlib.h>
#include <string.h>

int mp_run_plan_check_cancelled(struct mp_error *err)
{
    return mp_process_is_cancelled() ? mp_fail(err, MP_E_CANCELLED, "the run was cancelled")
                                     : MP_OK;
}

int mp_run_plan_accuracy(struct mp_workload *w, const struct mp_format *weight,
                         const struct mp_format *activation, struct mp_store *store,
                         const struct mp_store_context *context, struct mp_log *log,
                         struct mp_accuracy_record *out, struct mp_error *err)
{
    char key[MP_HASH_SIZE];
    bool found = false;
    int rc;

    mp_workload_accuracy_key(w, weight, activation, key);
    if ((rc = mp_store_get_accuracy(store, key, out, &found, err)) < 0)
        return rc;
    /* A search may have stopped early. */
    if (found && out->images == out->planned_images)
        return MP_OK;
    if (found)
        mp_accuracy_record_release(out);
    if ((rc = mp_run_plan_check_cancelled(err)) < 0 ||
        (rc = mp_workload_accuracy(w, weight, activation, log, out, err)) < 0 ||
        (rc = mp_workload_put_network(w, store, err)) < 0)
        return rc;
    return mp_store_put_accuracy(store, out, context, err);
}

/* ---- pairs of formats */

/* A network without some of its weights, or with made-up ones, has no accuracy. */
static int find_whether_scored(struct mp_run_plan *p, bool *is_scored, struct mp_error *err)
{
    struct mp_error why = MP_ERROR_INIT;
    int rc;

    *is_scored = p->workload.has_network;
    if (!*is_scored || p->experiment->missing == MP_MISSING_REFUSED)
        return MP_OK;
    if ((rc = mp_workload_put_network(&p->workload, p->store, err)) < 0)
        return rc;
    rc = mp_network_check_complete(&p->workload.network, &why);
    *is_scored = rc == MP_OK;
    if (rc == MP_E_UNSUPPORTED) {
        mp_log_write(p->log, MP_LOG_WARNING, "no accuracy: %s", why.message);
        return MP_OK;
    }
    if (rc < 0 && err != NULL)
        *err = why;
    return rc;
}

static int add_schemes(struct mp_run_plan *p, bool is_scored, struct mp_error *err)
{
    const struct mp_experiment *e = p->experiment;
    int rc;

    p->schemes = mp_alloc(e->weight_count * e->activation_count + 1, sizeof *p->schemes);
    for (size_t w = 0; w < e->weight_count; w++)
        for (size_t a = 0; a < e->activation_count; a++) {
            struct mp_scheme_work *s = &p->schemes[p->scheme_count++];
            s->weight = e->weights[w];
            s->activation = e->activations[a];
            if (is_scored &&
                (rc = mp_run_plan_accuracy(&p->workload, &s->weight, &s->activation, p->store,
                                           &p->context, p->log, &s->accuracy, err)) < 0)
                return rc;
        }
    return MP_OK;
}

/* ---- formats of units */

static struct mp_unit_work *add_unit(struct mp_run_plan *p, struct mp_scheme_work *s)
{
    p->units = mp_realloc(p->units, p->unit_count + 1, sizeof *p->units);
    struct mp_unit_work *u = &p->units[p->unit_count++];
    *u = (struct mp_unit_work){.scheme = s,
                               .weight = s->weight,
                               .activation = s->activation,
                               .accumulator_bits = s->accuracy.accumulator_bits,
                               .mac_share = 1};
    return u;
}

/* Of one layer alone, only the formats that it has are wanted. */
static int is_wanted(struct mp_run_plan *p, const struct mp_scheme_work *s,
                     const struct mp_format_pair *pair, bool *is, struct mp_error *err)
{
    const char *only = p->experiment->layer;
    const struct mp_stream stream = {.asked_weight = s->weight,
                                     .asked_activation = s->activation,
                                     .weight = pair->weight,
                                     .activation = pair->activation};
    struct mp_stream *layers = NULL;
    uint32_t count = 0;
    int rc = MP_OK;

    *is = only == NULL;
    if (only != NULL)
        rc = mp_workload_layers(&p->workload, &stream, &layers, &count, err);
    for (uint32_t i = 0; i < count; i++)
        *is |= strcmp(layers[i].layer, only) == 0;
    free(layers);
    return rc;
}

static int add_units(struct mp_run_plan *p, struct mp_scheme_work *s, bool is_scored,
                     struct mp_error *err)
{
    struct mp_workload *w = &p->workload;
    bool is_mixed = mp_workload_is_mixed(w, &s->weight, &s->activation);
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    struct mp_format_pair *pairs = NULL;
    size_t first = p->unit_count;
    uint32_t count = 0;
    int rc;

    if (!is_mixed && (is_scored || !w->has_network)) {
        add_unit(p, s);
        return MP_OK;
    }
    if ((rc = mp_workload_pairs(w, &s->weight, &s->activation, &pairs, &count, err)) < 0)
        return rc;
    for (uint32_t i = 0; i < count && rc == MP_OK; i++) {
        bool is = false;
        if ((rc = is_wanted(p, s, &pairs[i], &is, err)) < 0 || !is)
            continue;
        mp_format_name(&pairs[i].weight, weight);
        mp_format_name(&pairs[i].activation, activation);
        if (mp_golden_check(&pairs[i].weight, &pairs[i].activation, NULL) < 0) {
            mp_log_write(p->log, MP_LOG_WARNING,
                         "no design for %s x %s, which %u layer%s with %.1f %% of the MACs %s: "
                         "no netlist can be made of these formats",
                         weight, activation, pairs[i].layers, pairs[i].layers == 1 ? "" : "s",
                         100 * pairs[i].share, pairs[i].layers == 1 ? "has" : "have");
            continue;
        }
        struct mp_unit_work *u = add_unit(p, s);
        u->weight = pairs[i].weight;
        u->activation = pairs[i].activation;
        u->accumulator_bits = pairs[i].accumulator_bits;
        u->mac_share = pairs[i].share;
        if (count > 1)
            mp_log_write(p->log, MP_LOG_INFO, "%s x %s is for %u layer%s with %.1f %% of the MACs",
                         weight, activation, pairs[i].layers, pairs[i].layers == 1 ? "" : "s",
                         100 * pairs[i].share);
    }
    if (rc == MP_OK && p->unit_count == first)
        rc = p->experiment->layer != NULL
                 ? mp_network_no_such_layer(&w->network, p->experiment->layer, err)
                 : mp_fail(err, MP_E_UNSUPPORTED,
                           "network %s has no layer whose formats a netlist can be made of",
                           w->network.name);
    free(pairs);
    return rc;
}

/* ---- operands */

static uint32_t trace_index(const struct mp_workload *w, const struct mp_stream *s, bool is_mixed)
{
    uint32_t index = 0;

    for (uint32_t l = 0; l < s->layer_index; l++)
        index += is_mixed ? mp_trace_layer_is_traced(&w->network, &w->quantisation, l)
                          : w->network.layers[l].weights != NULL;
    return index;
}

static int add_operands(struct mp_run_plan *p, struct mp_unit_work *u, struct mp_error *err)
{
    struct mp_workload *w = &p->workload;
    bool is_mixed = mp_workload_is_mixed(w, &u->scheme->weight, &u->scheme->activation);
    struct mp_stream *streams = mp_alloc(1, sizeof *streams);
    uint32_t count = 1;
    int rc = MP_OK;

    streams[0] = (struct mp_stream){.asked_weight = u->scheme->weight,
                                    .asked_activation = u->scheme->activation,
                                    .weight = u->weight,
                                    .activation = u->activation};
    const struct mp_stream whole = streams[0];
    if (p->experiment->each_layer)
        rc = mp_workload_layers(w, &whole, &streams, &count, err);
    u->operands = mp_alloc(count, sizeof *u->operands);
    u->operands_count = rc == MP_OK ? count : 0;
    for (uint32_t i = 0; i < u->operands_count; i++) {
        u->operands[i].stream = streams[i];
        if (streams[i].layer != NULL)
            u->operands[i].trace_index = trace_index(w, &streams[i], is_mixed);
        mp_workload_trace_key(w, &streams[i], u->operands[i].key);
    }
    free(streams);
    return rc;
}

/* ---- jobs */

/* One design of those that are crossed. */
struct job_choice {
    const struct mp_target *target;
    struct mp_unit_work *unit_work;
    enum mp_unit unit;
    const char *multiplier; /* NULL: the default */
    size_t choice, way;     /* of the experiment's choices and ways */
};

static int add_job(struct mp_run_plan *p, const struct job_choice *c, struct mp_error *err)
{
    const struct mp_experiment *e = p->experiment;
    const struct mp_target *target = c->target;
    struct mp_unit_work *u = c->unit_work;
    struct mp_run_plan_job *job = &p->jobs[p->job_count];
    struct mp_design *d = &job->point.design;
    int rc;

    job->unit = u;
    job->point = (struct mp_point){
        .target = target,
        .tools = p->tools,
        .clock_period_s = e->clock_period_s > 0 ? e->clock_period_s : target->default_clock_s,
        .wire_load = &e->power.wire_load,
        .boundary = &e->ways.boundary,
        .way = mp_way_settings_at(&e->ways, c->way, e->synthesis_runs),
        .any_multiplier = c->multiplier == NULL,
        .log = p->log,
        .keep_blocks = e->keep_blocks,
        .equivalence = e->equivalence};
    *d = (struct mp_design){.weight = u->weight,
                            .activation = u->activation,
                            .unit = c->unit,
                            .multiplier = c->multiplier};
    if (c->unit == MP_UNIT_MAC)
        d->accumulator_bits = e->accumulator_bits > 0 ? e->accumulator_bits : u->accumulator_bits;
    if (mp_way_needs_operands(&job->point.way))
        job->point.operands_key = u->operands[0].key;
    if ((rc = mp_design_choices_apply(&e->choices, c->choice, d, err)) == MP_OK &&
        (rc = mp_design_resolve(d, err)) == MP_OK)
        p->job_count++;
    return rc;
}

/* Of designs that are crossed, some do not exist: a multiplier has no form of an accumulator. They
 * are left out, unless there is no other. */
struct left_out {
    size_t count;
    struct mp_error first;
};

/* Whether it is the crossed fields that do not go together, not formats or architecture. */
static bool is_plain_possible(const struct job_choice *c)
{
    struct mp_design plain = {.weight = c->unit_work->weight,
                              .activation = c->unit_work->activation,
                              .unit = c->unit,
                              .multiplier = c->multiplier};

    return mp_design_resolve(&plain, NULL) == MP_OK;
}

static int try_job(struct mp_run_plan *p, const struct job_choice *c, struct left_out *out,
                   struct mp_error *err)
{
    struct mp_error own = MP_ERROR_INIT;
    int rc = add_job(p, c, &own);

    if (rc == MP_OK)
        return MP_OK;
    if ((rc != MP_E_USAGE && rc != MP_E_UNSUPPORTED) || !is_plain_possible(c)) {
        if (err != NULL)
            *err = own;
        return rc;
    }
    if (out->count++ == 0)
        out->first = own;
    return MP_OK;
}

/* Large designs first, so that the cores finish together. */
static int by_size(const void *a, const void *b)
{
    const struct mp_design *x = &((const struct mp_run_plan_job *)a)->point.design;
    const struct mp_design *y = &((const struct mp_run_plan_job *)b)->point.design;

    if (x->unit != y->unit)
        return x->unit == MP_UNIT_MAC ? -1 : 1;
    return (int)y->weight.bits * y->activation.bits - (int)x->weight.bits * x->activation.bits;
}

/* "any" is for searches, unless it stands alone. */
static bool is_for(const struct mp_experiment *e, const char *multiplier, size_t way)
{
    bool search = mp_way_settings_at(&e->ways, way, 1).implementation == MP_BY_SEARCH;
    bool any = strcmp(multiplier, "any") == 0, has_any = any;

    for (size_t i = 0; i < e->multiplier_count; i++)
        has_any = has_any || strcmp(e->multipliers[i], "any") == 0;
    return !has_any || e->multiplier_count == 1 || search == any;
}

static bool is_named(const struct mp_experiment *e, const struct job_choice *c)
{
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    char *name = mp_asprintf("%s %s %s", mp_unit_name(c->unit),
                             mp_format_name(&c->unit_work->weight, weight),
                             mp_format_name(&c->unit_work->activation, activation));
    bool wanted = e->design_count == 0;

    for (size_t i = 0; i < e->design_count; i++)
        wanted = wanted || strcmp(e->designs[i], name) == 0;
    free(name);
    return wanted;
}

/* All fields of designs and ways of one unit on one library. */
static int cross(struct mp_run_plan *p, const struct job_choice *unit, struct left_out *out,
                 struct mp_error *err)
{
    const struct mp_experiment *e = p->experiment;
    size_t architectures = e->multiplier_count > 0 ? e->multiplier_count : 1;
    size_t choices = mp_design_choices_count(&e->choices);
    size_t ways = mp_way_settings_count(&e->ways);
    int rc = MP_OK;

    for (size_t i = 0; i < architectures * choices * ways && rc == MP_OK; i++) {
        struct job_choice c = *unit;
        const char *multiplier =
            e->multiplier_count > 0 ? e->multipliers[i / (choices * ways)] : "any";
        c.multiplier = strcmp(multiplier, "any") != 0 ? multiplier : NULL;
        c.choice = i / ways % choices;
        c.way = i % ways;
        if (e->multiplier_count == 0 || is_for(e, multiplier, c.way))
            rc = try_job(p, &c, out, err);
    }
    return rc;
}

static size_t count_jobs(const struct mp_run_plan *p)
{
    const struct mp_experiment *e = p->experiment;

    return p->targets.count * p->unit_count * e->unit_count *
           (e->multiplier_count > 0 ? e->multiplier_count : 1) *
           mp_design_choices_count(&e->choices) * mp_way_settings_count(&e->ways);
}

static int check_clock(const struct mp_run_plan *p, const struct mp_target *target,
                       struct mp_error *err)
{
    if (p->experiment->clock_period_s > 0 || target->default_clock_s > 0)
        return MP_OK;
    return mp_fail(err, MP_E_USAGE,
                   "library %s has no default clock: give a period with --clock or `clock:`",
                   target->name);
}

static int add_jobs(struct mp_run_plan *p, struct mp_error *err)
{
    const struct mp_experiment *e = p->experiment;
    struct left_out out = {0};
    int rc;

    if (count_jobs(p) > MP_RUN_PLAN_JOBS_MAX)
        return mp_fail(err, MP_E_USAGE,
                       "%zu designs are asked for, all crossed: at most %d in one run",
                       count_jobs(p), MP_RUN_PLAN_JOBS_MAX);
    p->jobs = mp_alloc(count_jobs(p) + 1, sizeof *p->jobs);
    for (size_t t = 0; t < p->targets.count; t++) {
        if ((rc = check_clock(p, &p->targets.items[t], err)) < 0)
            return rc;
        for (size_t u = 0; u < p->unit_count; u++)
            for (size_t k = 0; k < e->unit_count; k++) {
                const struct job_choice c = {
                    .target = &p->targets.items[t], .unit_work = &p->units[u], .unit = e->units[k]};
                if (is_named(e, &c) && (rc = cross(p, &c, &out, err)) < 0)
                    return rc;
            }
    }
    if (p->job_count == 0 && out.count > 0) {
        if (err != NULL)
            *err = out.first;
        return out.first.code;
    }
    if (out.count > 0)
        mp_log_write(p->log, MP_LOG_INFO,
                     "%zu of the designs that are crossed do not exist, e.g. %s", out.count,
                     out.first.message);
    if (p->job_count > 1 && p->has_dump)
        return mp_fail(err, MP_E_USAGE,
                       "a dump is of one design, and these options make %zu of them", p->job_count);
    qsort(p->jobs, p->job_count, sizeof *p->jobs, by_size);
    return MP_OK;
}

/* ---- all */

static int check_experiment(const struct mp_experiment *e, struct mp_error *err)
{
    if (e->each_layer && (e->network == NULL || e->trace_file != NULL))
        return mp_fail(err, MP_E_USAGE,
                       "power of each layer is that of a network's: give one, and no trace file");
    for (size_t a = 0; e->network == NULL && a < e->activation_count; a++)
        if (e->activations[a].kind == MP_FORMAT_FIXED)
            return mp_fail(err, MP_E_USAGE,
                           "activations fixed<W> are signed or not by layer, so they need a "
                           "network; without one choose int%u or uint%u",
                           e->activations[a].bits, e->activations[a].bits);
    return MP_OK;
}

int mp_run_plan_make(struct mp_run_plan *p, const char *temp_dir, struct mp_error *err)
{
    const struct mp_experiment *e = p->experiment;
    struct mp_accuracy_record reference = {0};
    struct mp_format float32;
    bool is_scored = false;
    int rc;

    mp_tools_context(p->tools, &p->context);
    p->workload.log = p->log;
    if ((rc = check_experiment(e, err)) < 0 ||
        (rc = mp_targets_open(&p->targets, e, temp_dir, err)) < 0 ||
        (rc = mp_workload_open(&p->workload, e, err)) < 0 ||
        (rc = find_whether_scored(p, &is_scored, err)) < 0)
        return rc;
    if (is_scored) {
        if ((rc = mp_format_parse(&float32, "float32", err)) < 0 ||
            (rc = mp_run_plan_accuracy(&p->workload, &float32, &float32, p->store, &p->context,
                                       p->log, &reference, err)) < 0)
            return rc;
        mp_accuracy_record_release(&reference);
    }
    if ((rc = add_schemes(p, is_scored, err)) < 0)
        return rc;
    for (size_t s = 0; s < p->scheme_count; s++) {
        size_t first = p->unit_count;
        if ((rc = add_units(p, &p->schemes[s], is_scored, err)) < 0)
            return rc;
        for (size_t u = first; u < p->unit_count; u++)
            if ((rc = add_operands(p, &p->units[u], err)) < 0)
                return rc;
    }
    return add_jobs(p, err);
}

void mp_run_plan_release(struct mp_run_plan *p)
{
    for (size_t u = 0; u < p->unit_count; u++) {
        mp_trace_release(&p->units[u].trace);
        free(p->units[u].operands);
    }
    for (size_t s = 0; s < p->scheme_count; s++) {
        mp_accuracy_record_release(&p->schemes[s].accuracy);
        for (uint32_t b = 0; b < MP_SAMPLE_BLOCKS_LIMIT; b++)
            if (p->schemes[s].layer_traces[b] != NULL) {
                uint32_t count = p->schemes[s].layer_count;
                mp_trace_release_layers(&p->schemes[s].layer_traces[b], &count);
            }
    }
    free(p->jobs);
    free(p->units);
    free(p->schemes);
    mp_targets_release(&p->targets);
    mp_workload_release(&p->workload);
}
