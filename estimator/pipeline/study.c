#include "estimator/pipeline/network_preset.h"
#include "estimator/pipeline/search.h"
#include "estimator/pipeline/study_parts.h"
#include "libs/descriptor.h"
#include <stdlib.h>
#include <string.h>

const char *mp_study_state_name(enum mp_study_state s)
{
    static const char *const names[] = {"complete", "partial", "synthetic", "missing"};

    return names[s];
}

/* ---- libraries */

/* Those that are here; a study goes on without the others and says so. */
static int choose_libraries(struct mp_study *s, const struct mp_experiment *e, struct mp_error *err)
{
    struct mp_descriptors all = {0};
    struct mp_text missing = {0};
    const struct mp_descriptor *d;
    struct mp_error why = MP_ERROR_INIT;
    int rc = mp_descriptors_load(&all, err);

    if (rc < 0)
        return rc;
    s->libraries = mp_alloc(e->library_count + 1, sizeof *s->libraries);
    for (size_t i = 0; i < e->library_count; i++)
        if (mp_descriptors_find(&all, e->libraries[i], &d, &why) == MP_OK)
            s->libraries[s->library_count++] = e->libraries[i];
        else
            mp_text_printf(&missing, "%s%s", missing.size > 0 ? "; " : "", why.message);
    if (missing.size > 0)
        s->libraries_missing = mp_strdup(missing.data);
    if (s->library_count == 0)
        rc = mp_fail(err, MP_E_NOT_FOUND, "none of the study's libraries is here: %s",
                     missing.size > 0 ? missing.data : "it names none");
    mp_text_release(&missing);
    mp_descriptors_release(&all);
    return rc;
}

/* ---- experiments of one network */

static void set_formats(struct mp_format **to, size_t *count, const struct mp_format *from,
                        size_t n)
{
    free(*to);
    *to = mp_alloc(n + 1, sizeof **to);
    memcpy(*to, from, n * sizeof **to);
    *count = n;
}

static char **copy_texts(char *const *from, size_t n)
{
    char **to = mp_alloc(n + 1, sizeof *to);

    for (size_t i = 0; i < n; i++)
        to[i] = mp_strdup(from[i]);
    return to;
}

/* Everything of the study's experiment but its designs, with the preset's network. */
static void make_experiment(struct mp_experiment *out, const struct mp_study_work *w,
                            const struct mp_network_preset *p)
{
    const struct mp_experiment *e = w->experiment;

    mp_experiment_init(out);
    free(out->name);
    free(out->path);
    free(out->text);
    free(out->units);
    out->name = mp_asprintf("%s: %s", e->name, p->name);
    out->path = mp_strdup(e->path);
    out->text = mp_strdup(e->text);
    out->libraries = copy_texts(w->study->libraries, w->study->library_count);
    out->library_count = w->study->library_count;
    out->clock_period_s = e->clock_period_s;
    out->units = mp_alloc(e->unit_count, sizeof *out->units);
    memcpy(out->units, e->units, e->unit_count * sizeof *out->units);
    out->unit_count = e->unit_count;
    out->multipliers = copy_texts(e->multipliers, e->multiplier_count);
    out->multiplier_count = e->multiplier_count;
    out->accumulator_bits = e->accumulator_bits;
    out->trace = e->trace;
    out->trace.layer = NULL;
    out->power = e->power;
    mp_design_choices_copy(&out->choices, &e->choices);
    mp_way_settings_release(&out->ways);
    mp_way_settings_copy(&out->ways, &e->ways);
    out->synthesis_runs = e->synthesis_runs;
    out->keep_blocks = e->keep_blocks;
    out->equivalence = e->equivalence;
    out->threads = e->threads;
    mp_experiment_use_preset(out, p);
    if (out->calibration_images == NULL && out->calibration_every == 0)
        out->calibration_every = e->study->calibration_every;
}

/* ---- designs */

static int run_designs(const struct mp_study_work *w, struct mp_study_network *n,
                       struct mp_experiment *e, enum mp_scope scope,
                       const struct mp_format *activation, const struct mp_format found[2],
                       struct mp_error *err)
{
    struct mp_study_rows rows = {w->study, n, scope, *activation, found, n->design_count};
    struct mp_run_summary summary;
    char *run;
    int rc;

    e->scheme.weight_scope = scope;
    set_formats(&e->activations, &e->activation_count, activation, 1);
    if ((rc = mp_pipeline_run(e, w->tools, w->store, w->log, &summary, err)) < 0) {
        mp_error_context(err, "%s", n->preset);
        return rc;
    }
    run = mp_asprintf("run=%lld", (long long)summary.run_id);
    rc = mp_store_query(w->store, "run_designs", (const char *const[]){run}, 1, mp_study_take_row,
                        &rows, err);
    free(run);
    return rc < 0 ? rc : mp_study_finish_rows(&rows, err);
}

/* Every layer of the network in the formats of the last run, on one library. */
static int run_layers(const struct mp_study_work *w, struct mp_study_network *n,
                      struct mp_experiment *e, struct mp_error *err)
{
    const char *library = w->experiment->study->layers_on;
    struct mp_run_summary summary;
    bool is_here = false;
    int rc;

    for (size_t i = 0; i < w->study->library_count; i++)
        is_here |= library != NULL && strcmp(w->study->libraries[i], library) == 0;
    if (!is_here || e->weight_count == 0)
        return MP_OK;
    mp_experiment_set_library(e, library);
    e->each_layer = true;
    if ((rc = mp_pipeline_run(e, w->tools, w->store, w->log, &summary, err)) < 0)
        mp_error_context(err, "layers of %s", n->preset);
    else
        n->layers_run_id = summary.run_id;
    return rc;
}

/* ---- complete networks */

static void add_format(struct mp_format *list, size_t *count, const struct mp_format *f)
{
    for (size_t i = 0; i < *count; i++)
        if (mp_format_equal(&list[i], f))
            return;
    list[(*count)++] = *f;
}

static struct mp_format found_format(const struct mp_search_result *r, int64_t point)
{
    return point >= 0 ? r->points[point].scheme.weight
                      : (struct mp_format){.kind = MP_FORMAT_FLOAT32, .bits = 32};
}

static int search_network(const struct mp_study_work *w, struct mp_study_network *n,
                          const struct mp_experiment *e, struct mp_error *err)
{
    const struct mp_study_settings *s = w->experiment->study;
    struct mp_search_options o;
    int rc;

    mp_search_options_init(&o);
    o.tolerance = s->tolerance;
    o.scope_count = (uint32_t)s->scope_count;
    memcpy(o.scopes, s->scopes, sizeof o.scopes);
    o.by_layer = s->by_layer;
    o.exponent_low = 2; /* e1m<M> is fixed point in sign and magnitude */
    rc = mp_pipeline_search(e, &o, w->tools, w->store, w->log, &n->search, err);
    n->has_search = rc == MP_OK;
    if (rc < 0)
        mp_error_context(err, "search for formats of %s", n->preset);
    return rc;
}

/* What was found in a scope, and in the main one the formats asked for. */
static int estimate_scope(const struct mp_study_work *w, struct mp_study_network *n,
                          struct mp_experiment *e, const struct mp_search_scope *scope,
                          struct mp_error *err)
{
    const struct mp_study_settings *s = w->experiment->study;
    const struct mp_format found[2] = {found_format(&n->search, scope->fixed),
                                       found_format(&n->search, scope->floating)};
    struct mp_format *formats = mp_alloc(s->format_count + 2, sizeof *formats);
    size_t count = 0;
    int rc = MP_OK;

    for (int i = 0; i < 2; i++)
        if (found[i].kind != MP_FORMAT_FLOAT32)
            add_format(formats, &count, &found[i]);
    for (size_t i = 0; i < s->format_count && scope->scope == mp_study_main_scope(s); i++)
        add_format(formats, &count, &s->formats[i]);
    if (count > 0 && scope->activation.kind != MP_FORMAT_FLOAT32) {
        set_formats(&e->weights, &e->weight_count, formats, count);
        rc = run_designs(w, n, e, scope->scope, &scope->activation, found, err);
    }
    free(formats);
    return rc;
}

/* The main scope last, since its formats are those of the layers. */
static int estimate_complete(const struct mp_study_work *w, struct mp_study_network *n,
                             struct mp_experiment *e, struct mp_error *err)
{
    enum mp_scope last = mp_study_main_scope(w->experiment->study);
    int rc = MP_OK;

    for (int is_last = 0; is_last < 2; is_last++)
        for (uint32_t i = 0; i < n->search.scope_count && rc == MP_OK; i++)
            if ((n->search.scopes[i].scope == last) == (is_last == 1))
                rc = estimate_scope(w, n, e, &n->search.scopes[i], err);
    return rc;
}

/* ---- others */

/* The widest that complete networks needed, of each kind, and their widest activations. */
static size_t formats_of_others(const struct mp_study *s, struct mp_format out[2],
                                struct mp_format *activation)
{
    struct mp_format widest[2] = {{.kind = MP_FORMAT_FLOAT32}, {.kind = MP_FORMAT_FLOAT32}};
    size_t count = 0;

    for (size_t i = 0; i < s->network_count; i++) {
        const struct mp_study_network *n = &s->networks[i];
        if (!n->has_search)
            continue;
        for (uint32_t k = 0; k < n->search.scope_count; k++) {
            const struct mp_search_scope *scope = &n->search.scopes[k];
            if (scope->scope != mp_study_main_scope(s->settings) ||
                scope->activation.kind == MP_FORMAT_FLOAT32)
                continue;
            if (scope->activation.bits > activation->bits)
                *activation = scope->activation;
            struct mp_format found[2] = {found_format(&n->search, scope->fixed),
                                         found_format(&n->search, scope->floating)};
            for (int j = 0; j < 2; j++)
                if (found[j].kind != MP_FORMAT_FLOAT32 &&
                    (widest[j].kind == MP_FORMAT_FLOAT32 || found[j].bits > widest[j].bits))
                    widest[j] = found[j];
        }
    }
    for (int j = 0; j < 2; j++)
        if (widest[j].kind != MP_FORMAT_FLOAT32)
            add_format(out, &count, &widest[j]);
    return count;
}

static int estimate_partial(const struct mp_study_work *w, struct mp_study_network *n,
                            struct mp_experiment *e, struct mp_error *err)
{
    const struct mp_study_settings *s = w->experiment->study;
    const struct mp_format none[2] = {{.kind = MP_FORMAT_FLOAT32}, {.kind = MP_FORMAT_FLOAT32}};
    struct mp_format *formats = mp_alloc(s->format_count + 2, sizeof *formats);
    size_t count = formats_of_others(w->study, formats, &n->activation);
    int rc = MP_OK;

    if (n->activation.bits == 0)
        rc = mp_format_parse(&n->activation, "fixed8", err);
    for (size_t k = 0; k < s->format_count; k++)
        add_format(formats, &count, &s->formats[k]);
    if (rc == MP_OK && count > 0) {
        set_formats(&e->weights, &e->weight_count, formats, count);
        rc = run_designs(w, n, e, mp_study_main_scope(s), &n->activation, none, err);
    }
    free(formats);
    return rc;
}

/* ---- the study */

/* Calibration images are a choice: without them a part of the test images is set apart. */
static bool is_needed(unsigned item)
{
    return item != MP_PRESET_CALIBRATION_IMAGES && item != MP_PRESET_CALIBRATION_LABELS;
}

/* Which files are missing, all of them; NULL: none. */
static char *wanted_files(const struct mp_network_preset *p, bool weights_too)
{
    struct mp_text text = {0};
    char *out = NULL;

    for (unsigned i = 0; i < MP_PRESET_ITEMS; i++) {
        if (!is_needed(i) || p->items[i].choice_count == 0 || p->items[i].found != NULL ||
            (i == MP_PRESET_WEIGHTS && !weights_too))
            continue;
        char *one = mp_network_preset_wanted(p, (enum mp_preset_item)i);
        mp_text_printf(&text, "%s%s", text.size > 0 ? "; " : "", one);
        free(one);
    }
    if (text.size > 0)
        out = mp_strdup(text.data);
    mp_text_release(&text);
    return out;
}

static enum mp_study_state state_of(const struct mp_network_preset *p,
                                    const struct mp_study_settings *s)
{
    const struct mp_preset_file *weights = &p->items[MP_PRESET_WEIGHTS];
    bool wants_weights = weights->choice_count > 0;

    for (unsigned i = 0; i < MP_PRESET_ITEMS; i++)
        if (i != MP_PRESET_WEIGHTS && is_needed(i) && p->items[i].choice_count > 0 &&
            p->items[i].found == NULL)
            return MP_STUDY_MISSING;
    if (!wants_weights || (weights->found != NULL && weights->choice->layers == NULL))
        return MP_STUDY_COMPLETE;
    if (weights->found != NULL)
        return MP_STUDY_PARTIAL;
    return s->synthetic ? MP_STUDY_SYNTHETIC : MP_STUDY_MISSING;
}

static int study_network(const struct mp_study_work *w, struct mp_study_network *n, bool complete,
                         struct mp_error *err)
{
    struct mp_network_preset preset = {0};
    struct mp_experiment e = {0};
    int rc = mp_network_preset_read(&preset, n->preset, err);

    if (rc < 0)
        goto out;
    n->state = state_of(&preset, w->experiment->study);
    if ((n->state == MP_STUDY_COMPLETE) != complete)
        goto out;
    n->title = mp_strdup(preset.title != NULL ? preset.title : preset.name);
    n->wanted = wanted_files(&preset, n->state != MP_STUDY_COMPLETE);
    if (n->state == MP_STUDY_MISSING)
        goto out;
    make_experiment(&e, w, &preset);
    if (e.network_notes != NULL)
        n->notes = mp_strdup(e.network_notes);
    if (!complete)
        e.missing = n->state == MP_STUDY_PARTIAL ? MP_MISSING_CUT : MP_MISSING_FILLED;
    mp_log_write(w->log, MP_LOG_INFO, "%s (%s)", n->title, mp_study_state_name(n->state));
    if (!complete)
        rc = estimate_partial(w, n, &e, err);
    else if ((rc = search_network(w, n, &e, err)) == MP_OK &&
             (rc = mp_study_weigh(w, n, &e, err)) == MP_OK)
        rc = estimate_complete(w, n, &e, err);
    if (rc == MP_OK && n->state == MP_STUDY_PARTIAL && w->experiment->study->synthetic) {
        e.missing = MP_MISSING_FILLED;
        rc = estimate_partial(w, n, &e, err);
    }
    if (rc == MP_OK)
        rc = run_layers(w, n, &e, err);
out:
    mp_experiment_release(&e);
    mp_network_preset_release(&preset);
    return rc;
}

int mp_study_run(struct mp_study *s, const struct mp_experiment *e, const struct mp_tools *tools,
                 struct mp_store *store, struct mp_log *log, struct mp_error *err)
{
    const struct mp_study_work w = {s, e, tools, store, log};
    double start = mp_clock_s();
    int rc;

    memset(s, 0, sizeof *s);
    s->settings = e->study;
    if ((rc = choose_libraries(s, e, err)) < 0)
        goto fail;
    s->network_count = e->study->network_count;
    s->networks = mp_alloc(s->network_count, sizeof *s->networks);
    for (size_t i = 0; i < s->network_count; i++)
        s->networks[i].preset = mp_strdup(e->study->networks[i]);
    for (int complete = 1; complete >= 0; complete--)
        for (size_t i = 0; i < s->network_count; i++)
            if ((rc = study_network(&w, &s->networks[i], complete == 1, err)) < 0)
                goto fail;
    s->wall_s = mp_clock_s() - start;
    return MP_OK;
fail:
    mp_study_release(s);
    return rc;
}

void mp_study_release(struct mp_study *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->network_count; i++) {
        struct mp_study_network *n = &s->networks[i];
        free(n->preset);
        free(n->title);
        free(n->notes);
        free(n->wanted);
        free(n->designs);
        mp_search_result_release(&n->search);
    }
    free(s->networks);
    free(s->libraries);
    free(s->libraries_missing);
    memset(s, 0, sizeof *s);
}

const struct mp_study_design *mp_study_find(const struct mp_study_network *n, const char *library,
                                            enum mp_unit unit, enum mp_scope scope,
                                            const struct mp_format *weight, bool is_synthetic)
{
    for (size_t i = 0; i < n->design_count; i++) {
        const struct mp_study_design *d = &n->designs[i];
        if (d->unit == unit && d->scope == scope && d->is_synthetic == is_synthetic &&
            strcmp(d->library, library) == 0 && mp_format_equal(&d->weight, weight))
            return d;
    }
    return NULL;
}

size_t mp_study_formats_alone(const struct mp_study_network *n, enum mp_scope scope,
                              const struct mp_search_point **out)
{
    size_t count = 0;

    for (size_t i = 0; i < n->search.point_count; i++) {
        const struct mp_search_point *p = &n->search.points[i];
        if (p->scheme.activation.kind == MP_FORMAT_FLOAT32 && p->scheme.weight_scope == scope &&
            p->scheme.override_count == 0 && p->scheme.weight.kind != MP_FORMAT_FLOAT32)
            out[count++] = p;
    }
    return count;
}
