#include "estimator/pipeline/search.h"
#include "estimator/cnn/integer_kernel.h"
#include "estimator/pipeline/search_error.h"
#include "estimator/pipeline/workload_parts.h"
#include "estimator/util/process.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One search: the experiment whose scheme is that of the point at hand, and its model. */
struct searcher {
    struct mp_experiment experiment; /* borrows all but the scheme */
    struct mp_workload workload;
    struct mp_store *store;
    struct mp_store_context context;
    struct mp_log *log;
    struct mp_output_error output; /* for sensitivities */
    /* Of the scheme at hand. */
    struct mp_quantisation quantisation;
    struct mp_model model;
    bool has_model, is_reference;
    /* Progress. */
    double begun_s;
    uint32_t reused, computed, steps_done, steps_total;
    uint32_t reference_right;
};

bool mp_experiment_set_apart(struct mp_experiment *e)
{
    if (e->network == NULL || e->calibration_images != NULL || e->calibration_every > 0)
        return false;
    e->calibration_every = MP_SEARCH_CALIBRATION_EVERY;
    return true;
}

static void drop_model(struct searcher *s)
{
    if (s->has_model)
        mp_model_release(&s->model);
    mp_quantisation_release(&s->quantisation);
    s->quantisation = (struct mp_quantisation){0};
    s->has_model = false;
}

static void set_scheme(struct searcher *s, const struct mp_scheme *scheme)
{
    s->experiment.scheme = *scheme;
    s->is_reference = mp_scheme_is_reference(scheme);
}

/* Byte products of the integer engine for one product of codes. */
static unsigned byte_products(const struct mp_format *weight, const struct mp_format *activation)
{
    unsigned bits = weight->bits;

    if (weight->kind == MP_FORMAT_FLOAT)
        bits = mp_format_max_shift(weight) + weight->mantissa_bits + 2;
    return (bits + 7) / 8 * (activation->bits > 8 ? 2 : 1);
}

/* From the milliseconds of docs/networks.md: byte products that take as long as one of float32. */
static unsigned most_byte_products(void)
{
    const struct mp_integer_kernel *k = mp_integer_kernel_at(0);

    return strcmp(k->name, "vnni") == 0 ? 5 : strcmp(k->name, "avx512") == 0 ? 2 : 1;
}

static bool is_faster_in_integers(const struct mp_scheme *x)
{
    bool has_codes = x->weight.kind == MP_FORMAT_INT || x->weight.kind == MP_FORMAT_FLOAT;

    return has_codes && x->activation.kind == MP_FORMAT_FIXED &&
           byte_products(&x->weight, &x->activation) <= most_byte_products();
}

static int make_model(struct searcher *s, const struct mp_scheme *x, bool *is_integer,
                      struct mp_error *err)
{
    const struct mp_network *n = &s->workload.network;
    int rc;

    *is_integer = false;
    if (s->is_reference) {
        mp_model_init(&s->model, n, NULL);
        s->has_model = true;
        return MP_OK;
    }
    if ((rc = mp_workload_make_quantisation(&s->workload, &x->weight, &x->activation,
                                            &s->quantisation, err)) < 0)
        return rc;
    /* A layer that has no codes (an override of float32) is no error here. */
    *is_integer = is_faster_in_integers(x) &&
                  mp_model_init_integer(&s->model, n, &s->quantisation, 0, NULL, NULL) == MP_OK;
    if (!*is_integer)
        mp_model_init(&s->model, n, &s->quantisation);
    s->has_model = true;
    return MP_OK;
}

/* What the database knows of the scheme at hand. */
static int look_up(struct searcher *s, struct mp_search_point *p, struct mp_scores *scores,
                   struct mp_error *err)
{
    struct mp_accuracy_record r = {0};
    char key[MP_HASH_SIZE];
    bool found = false;
    int rc;

    mp_workload_accuracy_key(&s->workload, &p->scheme.weight, &p->scheme.activation, key);
    if ((rc = mp_store_get_accuracy(s->store, key, &r, &found, err)) < 0 || !found)
        return rc;
    if (r.ranks != NULL && r.planned_images == scores->images) {
        memcpy(scores->ranks, r.ranks, scores->images);
        p->weight_bits = r.weight_bits;
        p->is_integer = strcmp(r.engine, "integer") == 0;
        p->is_reused = true;
    }
    mp_accuracy_record_release(&r);
    return MP_OK;
}

static bool are_scored(const struct mp_scores *scores, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        if (scores->ranks[i] == MP_RANK_NOT_SCORED)
            return false;
    return true;
}

static int score(void *context, struct mp_search_point *p, uint32_t first, uint32_t count,
                 struct mp_scores *scores, struct mp_error *err)
{
    struct searcher *s = context;
    int rc;

    if (first == 0) {
        drop_model(s);
        set_scheme(s, &p->scheme);
        if ((rc = look_up(s, p, scores, err)) < 0)
            return rc;
    }
    if (are_scored(scores, first, count))
        return MP_OK;
    if (mp_process_is_cancelled())
        return mp_fail(err, MP_E_CANCELLED,
                       "the search was cancelled; what it scored is stored, "
                       "and the same command goes on from there");
    if (!s->has_model && (rc = make_model(s, &p->scheme, &p->is_integer, err)) < 0)
        return rc;
    p->weight_bits = s->is_reference
                         ? 32 * mp_network_weight_count(&s->workload.network)
                         : mp_quantisation_weight_bits(&s->quantisation, &s->workload.network);
    p->is_reused = false;
    return mp_model_score(scores, &s->model, &s->workload.test, first, count, s->experiment.threads,
                          err);
}

static void log_point(struct searcher *s, const struct mp_search_point *p)
{
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE], left[32] = "", own[48] = "";
    double remaining_s = (mp_clock_s() - s->begun_s) / s->computed *
                         (s->steps_total > s->steps_done ? s->steps_total - s->steps_done : 0);

    if (s->computed >= 5 && remaining_s < 60)
        snprintf(left, sizeof left, "; less than 1 min left");
    else if (s->computed >= 5)
        snprintf(left, sizeof left, "; about %.0f min left", ceil(remaining_s / 60));
    if (p->scheme.override_count > 0)
        snprintf(own, sizeof own, ", %u layers with their own", p->scheme.override_count);
    mp_log_write(s->log, MP_LOG_INFO,
                 "%s x %s, a scale by %s%s: %u of %u right%s, %u lost, %u won%s",
                 mp_format_name(&p->scheme.weight, weight),
                 mp_format_name(&p->scheme.activation, activation),
                 mp_scope_name(p->scheme.weight_scope), own, p->top1, p->scored,
                 p->is_complete ? "" : ", stopped", p->paired.lost, p->paired.won, left);
}

static int done(void *context, const struct mp_search_point *p, struct mp_error *err)
{
    struct searcher *s = context;
    struct mp_scores scores = {.images = s->workload.test.count, .ranks = p->ranks};
    struct mp_accuracy_record r;
    int rc;

    if (p->is_reused) {
        s->reused++;
        return MP_OK;
    }
    s->computed++;
    mp_workload_record(&s->workload, &p->scheme.weight, &p->scheme.activation,
                       s->is_reference ? NULL : &s->quantisation, &scores, p->is_integer, &r);
    rc = mp_store_put_accuracy(s->store, &r, &s->context, err);
    mp_accuracy_record_release(&r);
    log_point(s, p);
    return rc;
}

static int output_error(void *context, const struct mp_scheme *x, double *error,
                        struct mp_error *err)
{
    struct searcher *s = context;
    int rc;

    if (mp_process_is_cancelled())
        return mp_fail(err, MP_E_CANCELLED, "the search was cancelled; what it found is stored");
    drop_model(s);
    set_scheme(s, x);
    if ((rc = mp_workload_make_quantisation(&s->workload, &x->weight, &x->activation,
                                            &s->quantisation, err)) < 0)
        return rc;
    mp_model_init(&s->model, &s->workload.network, &s->quantisation);
    s->has_model = true;
    return mp_output_error_of(&s->output, &s->model, error, err);
}

static void progress(void *context, uint32_t steps, uint32_t total, const char *next)
{
    struct searcher *s = context;

    /* The bar's total stays what was guessed first. */
    if (s->steps_total == 0)
        mp_progress_begin(s->log, "search", total);
    mp_progress_add(s->log, steps - s->steps_done, next);
    s->steps_done = steps;
    s->steps_total = total;
}

/* Names of the layers with weights; the caller frees the array. */
static const char **layer_names(const struct mp_network *n, uint32_t *count)
{
    const char **names = mp_alloc(n->layer_count, sizeof *names);

    *count = 0;
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL)
            names[(*count)++] = n->layers[l].name;
    return names;
}

static int run(struct searcher *s, const struct mp_search_options *o, struct mp_search_result *r,
               struct mp_error *err)
{
    struct mp_search_calls calls = {.context = s,
                                    .images = s->workload.test.count,
                                    .score = score,
                                    .done = done,
                                    .error = output_error,
                                    .progress = progress};
    const char **names = layer_names(&s->workload.network, &calls.layer_count);
    int rc = MP_OK;

    calls.layers = names;
    if (o->by_layer)
        rc = mp_output_error_init(&s->output, &s->workload.network, &s->workload.calibration,
                                  s->experiment.threads, err);
    s->begun_s = mp_clock_s();
    if (rc == MP_OK)
        rc = mp_search_run(r, o, &calls, err);
    mp_progress_end(s->log);
    if (rc == MP_OK)
        mp_log_write(s->log, MP_LOG_INFO, "search: %u schemes scored, %u reused, in %.0f s",
                     s->computed, s->reused, mp_clock_s() - s->begun_s);
    free(names);
    return rc;
}

int mp_pipeline_search(const struct mp_experiment *e, const struct mp_search_options *o,
                       const struct mp_tools *tools, struct mp_store *store, struct mp_log *log,
                       struct mp_search_result *r, struct mp_error *err)
{
    struct searcher s = {.experiment = *e, .store = store, .log = log, .workload.log = log};
    int rc;

    memset(r, 0, sizeof *r);
    if (e->network == NULL)
        return mp_fail(err, MP_E_USAGE,
                       "a search needs a network, and the config has no `network:`");
    if ((rc = mp_search_options_check(o, err)) < 0)
        return rc;
    if (mp_experiment_set_apart(&s.experiment))
        mp_log_write(log, MP_LOG_INFO,
                     "one image in %u is set apart for calibration and not scored",
                     s.experiment.calibration_every);
    mp_tools_context(tools, &s.context);
    if ((rc = mp_workload_open(&s.workload, &s.experiment, err)) == MP_OK &&
        (rc = mp_workload_load(&s.workload, err)) == MP_OK) {
        if (s.workload.network.is_cut || s.workload.network.is_synthetic)
            rc = mp_fail(err, MP_E_UNSUPPORTED,
                         "network %s lacks weights: without them it has no accuracy to keep",
                         s.workload.network.name);
        else
            rc = run(&s, o, r, err);
    }
    drop_model(&s);
    mp_output_error_release(&s.output);
    mp_workload_release(&s.workload);
    return rc;
}
