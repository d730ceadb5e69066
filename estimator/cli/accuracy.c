#include "estimator/cli/commands.h"
#include "estimator/cli/experiment_options.h"
#include "estimator/cli/search_table.h"
#include "estimator/cnn/score.h"
#include "estimator/pipeline/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options of --search. */
struct search_options {
    bool search, by_layer, whole_table;
    const char *tolerance, *weight_bits, *exponent_bits, *mantissa_bits, *activation_bits;
    uint64_t first_look;
};

/* Options of a MAC's form, as text. */
struct form_options {
    const char *sign, *terms, *alignment, *drop_bits, *guard_bits, *rounding;
};

struct scoring {
    const struct mp_experiment *experiment;
    const struct mp_design *unit; /* its form; NULL: sums are exact */
    const struct mp_tools *tools;
    struct mp_store *store;
    struct mp_log *log;
    struct mp_report *report;
    struct mp_accuracy_record reference;
};

/* Lost and won against the reference; false where the ranks of one are not known. */
static bool compare(const struct scoring *s, const struct mp_accuracy_record *r,
                    struct mp_paired *p)
{
    const struct mp_accuracy_record *f = &s->reference;

    if (r->ranks == NULL || f->ranks == NULL || r->planned_images != f->planned_images)
        return false;
    mp_paired_compare(p, f->ranks, r->ranks, r->planned_images, 1);
    return true;
}

static bool is_float32(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_FLOAT32;
}

static void add_row(struct scoring *s, const struct mp_accuracy_record *r, bool is_reference)
{
    const struct mp_scheme *scheme = &s->experiment->scheme;
    char how[2][MP_CALIBRATION_NAME_SIZE], calibration[2 * MP_CALIBRATION_NAME_SIZE + 32];
    struct mp_paired p = {0};
    bool unknown = !compare(s, r, &p) || is_reference;
    struct mp_format weight = {.kind = MP_FORMAT_FLOAT32};
    double top1 = (double)r->top1 / r->images;

    /* A name that an older database has is no error. */
    (void)mp_format_parse(&weight, r->weight_format, NULL);
    snprintf(calibration, sizeof calibration, "weights %s, activations %s",
             weight.block > 0 ? "as specified"
                              : mp_calibration_name(&scheme->weight_calibration, how[0]),
             mp_calibration_name(&scheme->activation_calibration, how[1]));
    const struct mp_value row[] = {
        {.text = r->weight_format},
        {.text = r->activation_format},
        {.text = weight.block > 0 ? "block" : r->weight_scope, .is_null = is_float32(&weight)},
        {.text = calibration, .is_null = is_reference},
        {.number = r->top1},
        {.number = r->top5},
        {.number = r->images},
        {.number = top1},
        {.number = (double)r->top5 / r->images},
        {.number = top1 - (double)s->reference.top1 / s->reference.images},
        {.number = p.lost, .is_null = unknown},
        {.number = p.won, .is_null = unknown},
        {.number = p.low, .is_null = unknown},
        {.number = p.high, .is_null = unknown},
        {.number = p.p, .is_null = unknown},
        {.number = (double)r->weight_bits},
        {.number = r->accumulator_bits, .is_null = r->accumulator_bits == 0},
        {.text = r->engine},
    };
    mp_report_add_row(s->report, row);
}

static int score_pair(struct scoring *s, const struct mp_experiment *e, const struct mp_format *w,
                      const struct mp_format *a, struct mp_error *err)
{
    struct mp_accuracy_record record = {0};
    int rc = mp_pipeline_accuracy(e, w, a, s->store, s->tools, s->log, &record, err);

    if (rc < 0)
        return rc;
    add_row(s, &record, false);
    mp_accuracy_record_release(&record);
    return MP_OK;
}

/* The same formats in a unit of the form that is asked for. */
static int score_form(struct scoring *s, const struct mp_experiment *e, const struct mp_format *w,
                      const struct mp_format *a, struct mp_error *err)
{
    struct mp_accuracy_record record = {0};
    int rc;

    if (s->unit == NULL || is_float32(w) || is_float32(a))
        return MP_OK;
    if ((rc = mp_pipeline_form_accuracy(e, s->unit, w, a, s->log, &record, err)) < 0)
        return rc;
    add_row(s, &record, false);
    mp_accuracy_record_release(&record);
    return MP_OK;
}

static int score_reference(struct scoring *s, struct mp_error *err)
{
    const struct mp_format float32 = {.kind = MP_FORMAT_FLOAT32, .bits = 32};
    struct mp_experiment e = *s->experiment;
    int rc;

    /* Formats of single layers are no part of the reference. */
    e.scheme.overrides = NULL;
    e.scheme.override_count = 0;
    rc = mp_pipeline_accuracy(&e, &float32, &float32, s->store, s->tools, s->log, &s->reference,
                              err);
    if (rc < 0)
        return rc;
    mp_report_add_note(s->report, "network: %s%s%s", s->reference.network,
                       e.network_notes != NULL ? ", " : "",
                       e.network_notes != NULL ? e.network_notes : "");
    add_row(s, &s->reference, true);
    return MP_OK;
}

/* Each pair of formats; weights that have a scale in each scope. */
static int score_all(struct scoring *s, const enum mp_scope *scopes, size_t scope_count,
                     struct mp_error *err)
{
    struct mp_experiment e = *s->experiment;
    int rc = score_reference(s, err);

    for (size_t a = 0; a < e.activation_count && rc == MP_OK; a++)
        for (size_t w = 0; w < e.weight_count && rc == MP_OK; w++)
            for (size_t i = 0; i < scope_count && rc == MP_OK; i++) {
                if (e.weights[w].block > 0 && i > 0)
                    continue;
                if (is_float32(&e.weights[w]) &&
                    (i > 0 || (is_float32(&e.activations[a]) && e.scheme.override_count == 0)))
                    continue;
                e.scheme.weight_scope = scopes[i];
                if ((rc = score_pair(s, &e, &e.weights[w], &e.activations[a], err)) == MP_OK)
                    rc = score_form(s, &e, &e.weights[w], &e.activations[a], err);
            }
    return rc;
}

static bool has_activations(const struct mp_experiment *e)
{
    for (size_t i = 0; i < e->activation_count; i++)
        if (!is_float32(&e->activations[i]))
            return true;
    for (uint32_t i = 0; i < e->scheme.override_count; i++)
        if (e->scheme.overrides[i].has_activation)
            return true;
    return false;
}

static int print_scores(struct scoring *s, const enum mp_scope *scopes, size_t scope_count,
                        const char *format, struct mp_error *err)
{
    static const struct mp_column columns[] = {
        {"weight", "weight", "", MP_COLUMN_TEXT, 0},
        {"activation", "activation", "", MP_COLUMN_TEXT, 0},
        {"weight_scope", "scope", "", MP_COLUMN_TEXT, 0},
        {"calibration", "calibration", "", MP_COLUMN_TEXT, 0},
        {"top1", "top-1 right", "", MP_COLUMN_INTEGER, 0},
        {"top5", "top-5 right", "", MP_COLUMN_INTEGER, 0},
        {"images", "images", "", MP_COLUMN_INTEGER, 0},
        {"top1_share", "top-1", "", MP_COLUMN_SHARE, 2},
        {"top5_share", "top-5", "", MP_COLUMN_SHARE, 2},
        {"change", "against float32", "points", MP_COLUMN_PERCENT, 2},
        {"lost", "lost", "", MP_COLUMN_INTEGER, 0},
        {"won", "won", "", MP_COLUMN_INTEGER, 0},
        {"change_low", "from", "points", MP_COLUMN_PERCENT, 2},
        {"change_high", "to", "points", MP_COLUMN_PERCENT, 2},
        {"p", "p", "", MP_COLUMN_NUMBER, 2},
        {"weight_bits", "bits of all weights", "", MP_COLUMN_INTEGER, 0},
        {"accumulator_bits", "accumulator bits", "", MP_COLUMN_INTEGER, 0},
        {"engine", "engine", "", MP_COLUMN_TEXT, 0},
    };
    int rc;

    s->report = mp_report_create("accuracy", columns, sizeof columns / sizeof *columns);
    if (s->experiment->calibration_every > 0)
        mp_report_add_note(s->report, "one image in %u is set apart for calibration and not scored",
                           s->experiment->calibration_every);
    if ((rc = score_all(s, scopes, scope_count, err)) == MP_OK) {
        if (!mp_cli_is_for_programs(format))
            mp_report_fold(s->report);
        rc = mp_cli_print(s->report, format, err);
    }
    mp_accuracy_record_release(&s->reference);
    mp_report_destroy(s->report);
    return rc;
}

static int set_search(struct mp_search_options *o, const struct search_options *given,
                      const struct mp_experiment *e, const enum mp_scope *scopes,
                      size_t scope_count, struct mp_error *err)
{
    int rc;

    mp_search_options_init(o);
    if (scope_count > 0) {
        o->scope_count = (uint32_t)scope_count;
        memcpy(o->scopes, scopes, scope_count * sizeof *scopes);
    }
    o->weight_calibration = e->scheme.weight_calibration;
    o->activation_calibration = e->scheme.activation_calibration;
    o->activation_scope = e->scheme.activation_scope;
    o->overrides = e->scheme.overrides;
    o->override_count = e->scheme.override_count;
    o->by_layer = given->by_layer;
    if (given->whole_table)
        o->margin = UINT32_MAX;
    if (given->first_look > UINT32_MAX / 2)
        return mp_fail(err, MP_E_USAGE, "--first-look: so many images there are not");
    o->first_look = (uint32_t)given->first_look;
    if (given->tolerance != NULL &&
        (rc = mp_cli_parse_tolerance(&o->tolerance, given->tolerance, err)) < 0)
        return rc;
    const struct {
        uint32_t *low, *high;
        const char *option, *text;
    } ranges[] = {
        {&o->fixed_low, &o->fixed_high, "weight-bits", given->weight_bits},
        {&o->exponent_low, &o->exponent_high, "exponent-bits", given->exponent_bits},
        {&o->mantissa_low, &o->mantissa_high, "mantissa-bits", given->mantissa_bits},
        {&o->activation_low, &o->activation_high, "activation-bits", given->activation_bits},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (ranges[i].text != NULL &&
            (rc = mp_cli_parse_range(ranges[i].low, ranges[i].high, ranges[i].option,
                                     ranges[i].text, err)) < 0)
            return rc;
    return mp_search_options_check(o, err);
}

static const char *network_name(const struct mp_experiment *e)
{
    const char *file = e->network != NULL ? e->network : "", *slash = strrchr(file, '/');

    return e->network_name != NULL ? e->network_name : slash != NULL ? slash + 1 : file;
}

static int print_search(const struct scoring *s, const struct mp_search_options *o,
                        const char *format, struct mp_error *err)
{
    const struct mp_experiment *e = s->experiment;
    char how[2][MP_CALIBRATION_NAME_SIZE];
    struct mp_search_result r = {0};
    char *note, *apart = NULL;
    int rc = mp_pipeline_search(e, o, s->tools, s->store, s->log, &r, err);

    if (rc == MP_OK) {
        if (e->calibration_every > 0)
            apart = mp_asprintf(", one image in %u is set apart for it and not scored",
                                e->calibration_every);
        note = mp_asprintf("%s; calibration: weights %s, activations %s%s%s%s", network_name(e),
                           mp_calibration_name(&o->weight_calibration, how[0]),
                           mp_calibration_name(&o->activation_calibration, how[1]),
                           apart != NULL ? apart : "", e->network_notes != NULL ? "; " : "",
                           e->network_notes != NULL ? e->network_notes : "");
        rc = mp_cli_print_search(&r, o->tolerance, note, format, err);
        free(note);
        free(apart);
    }
    mp_search_result_release(&r);
    return rc;
}

/* Where only weights or only activations are named, the others stay as they are. */
static void add_float32(struct mp_format **formats, size_t *count)
{
    if (*count > 0)
        return;
    *formats = mp_realloc(*formats, 1, sizeof **formats);
    (*formats)[0] = (struct mp_format){.kind = MP_FORMAT_FLOAT32, .bits = 32};
    *count = 1;
}

/* What would be ignored is an error. */
static int check_options(const struct search_options *given, const struct mp_experiment_options *o,
                         struct mp_error *err)
{
    bool any = given->by_layer || given->whole_table || given->tolerance != NULL ||
               given->weight_bits != NULL || given->exponent_bits != NULL ||
               given->mantissa_bits != NULL || given->activation_bits != NULL ||
               given->first_look != 0;

    if (given->search && (o->weights.count > 0 || o->activations.count > 0))
        return mp_fail(err, MP_E_USAGE,
                       "--search looks at ranges of formats (--weight-bits, --exponent-bits, "
                       "--mantissa-bits, --activation-bits), not at those of --weight and "
                       "--activation");
    return any && !given->search
               ? mp_fail(err, MP_E_USAGE,
                         "--by-layer, --tolerance, --whole-table, --first-look and ranges of bits "
                         "are about --search, which is not given")
               : MP_OK;
}

/* --weight-scope, which may come several times here. */
static int parse_scopes(enum mp_scope scopes[3], size_t *count, const struct mp_option_list *given,
                        struct mp_error *err)
{
    int rc;

    *count = 0;
    if (given->count > 3)
        return mp_fail(err, MP_E_USAGE, "--weight-scope: there are three scopes");
    for (size_t i = 0; i < given->count; i++) {
        if ((rc = mp_scope_parse(&scopes[i], given->items[i], err)) < 0)
            return rc;
        for (size_t k = 0; k < i; k++)
            if (scopes[k] == scopes[i])
                return mp_fail(err, MP_E_USAGE, "--weight-scope: %s comes twice", given->items[i]);
    }
    *count = given->count;
    return MP_OK;
}

static int work(struct scoring *s, struct mp_experiment *e, const struct search_options *given,
                const struct mp_option_list *given_scopes, const char *format, struct mp_error *err)
{
    struct mp_search_options o;
    enum mp_scope scopes[3];
    size_t scope_count;
    int rc = parse_scopes(scopes, &scope_count, given_scopes, err);

    if (rc < 0)
        return rc;
    if (e->network != NULL && (given->search || has_activations(e)))
        mp_experiment_set_apart(e);
    if (given->search)
        return (rc = set_search(&o, given, e, scopes, scope_count, err)) < 0
                   ? rc
                   : print_search(s, &o, format, err);
    if (scope_count == 0)
        scopes[scope_count++] = e->scheme.weight_scope;
    return print_scores(s, scopes, scope_count, format, err);
}

/* --weight-scope may come several times here. */
static void make_list(struct mp_option *options, size_t count, struct mp_option_list *scopes)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].name, "weight-scope") == 0) {
            options[i].kind = MP_OPTION_LIST;
            options[i].target = scopes;
            options[i].help = "weights that share a scale: network, layer (default) or channel "
                              "(repeatable; --search: default all three)";
        }
}

/* NULL where no option of a form is given. */
static int make_unit(const struct form_options *f, struct mp_design *unit,
                     const struct mp_design **out, struct mp_error *err)
{
    const struct {
        const char *name, *value;
    } given[] = {
        {"sign", f->sign},           {"terms", f->terms},           {"alignment", f->alignment},
        {"drop-bits", f->drop_bits}, {"guard-bits", f->guard_bits}, {"rounding", f->rounding}};
    int rc;

    *out = NULL;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].value != NULL) {
            if ((rc = mp_design_set(unit, given[i].name, given[i].value, err)) < 0)
                return rc;
            *out = unit;
        }
    return MP_OK;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    struct mp_experiment_options o = MP_EXPERIMENT_OPTIONS_INIT;
    struct search_options given = {0};
    struct form_options form = {0};
    struct mp_design unit = {.unit = MP_UNIT_MAC};
    struct mp_option_list arguments, given_scopes = {.count = 0};
    const char *db = NULL, *format = NULL;
    bool help = false;
    struct mp_option options[] = {
        {"weight", "FORMAT", MP_OPTION_LIST, &o.weights,
         "instead of the config's weight formats, else float32 (repeatable)"},
        {"activation", "FORMAT", MP_OPTION_LIST, &o.activations,
         "instead of the config's activation formats, else float32 (repeatable)"},
        MP_NETWORK_OPTIONS(o),
        {"the search for the narrowest formats", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"search", NULL, MP_OPTION_FLAG, &given.search,
         "find the narrowest formats that keep float32's top-1, see docs/search.md"},
        {"tolerance", "SHARE", MP_OPTION_TEXT, &given.tolerance,
         "of float32's right images that may be lost (default: 1%)"},
        {"by-layer", NULL, MP_OPTION_FLAG, &given.by_layer, "then a layer at a time"},
        {"weight-bits", "A..B", MP_OPTION_TEXT, &given.weight_bits,
         "widths of int weights (default: 3..12)"},
        {"exponent-bits", "A..B", MP_OPTION_TEXT, &given.exponent_bits,
         "of float weights (default: 1..6)"},
        {"mantissa-bits", "A..B", MP_OPTION_TEXT, &given.mantissa_bits,
         "of float weights (default: 0..7)"},
        {"activation-bits", "A..B", MP_OPTION_TEXT, &given.activation_bits,
         "widths of activations (default: 4..12)"},
        {"whole-table", NULL, MP_OPTION_FLAG, &given.whole_table,
         "score float formats that are wider than needed too"},
        {"first-look", "N", MP_OPTION_COUNT, &given.first_look,
         "images before a hopeless format is stopped (default: 60)"},
        {"a MAC that cuts sums, product by product", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"drop-bits", "N", MP_OPTION_TEXT, &form.drop_bits, "low bits of products not kept"},
        {"guard-bits", "N", MP_OPTION_TEXT, &form.guard_bits, "of these, until terms are added"},
        {"rounding", "NAME", MP_OPTION_TEXT, &form.rounding, "down (default) or nearest"},
        {"terms", "N", MP_OPTION_TEXT, &form.terms, "products a cycle: 1, 2, 4, 8 or 16"},
        {"alignment", "NAME", MP_OPTION_TEXT, &form.alignment, "each (default) or shared"},
        {"sign", "NAME", MP_OPTION_TEXT, &form.sign,
         "magnitude (default), negate-first or twos-complement: how a negative product is cut"},
        {"running", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"threads", "N", MP_OPTION_COUNT, &o.threads, "workers (default: all cores)"},
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
    };
    struct mp_experiment e = {0};
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_log *log = NULL;
    int rc;

    make_list(options, sizeof options / sizeof *options, &given_scopes);
    rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                          &arguments, &help, err);
    if (rc < 0 || help)
        return rc;
    if (arguments.count != (o.network == NULL))
        return mp_fail(
            err, MP_E_USAGE,
            "a config with a network is needed (macppa accuracy configs/quickstart.yaml), or "
            "--network FILE");
    if ((rc = check_options(&given, &o, err)) < 0)
        return rc;
    o.workload = o.network == NULL ? arguments.items[0] : NULL;
    log = mp_log_create(MP_LOG_INFO);
    mp_cli_catch_signals();
    if ((rc = mp_cli_check_format(format, err)) < 0 ||
        (rc = mp_experiment_from_options(&e, &o, err)) < 0 ||
        (rc = mp_store_open(&store, mp_cli_database(db), false, err)) < 0)
        goto out;
    add_float32(&e.weights, &e.weight_count);
    add_float32(&e.activations, &e.activation_count);
    struct scoring s = {.experiment = &e, .tools = &tools, .store = store, .log = log};
    if ((rc = make_unit(&form, &unit, &s.unit, err)) < 0)
        goto out;
    rc = work(&s, &e, &given, &given_scopes, format, err);
out:
    mp_store_close(store);
    mp_experiment_release(&e);
    mp_log_destroy(log);
    return rc;
}

const struct mp_command mp_command_accuracy = {
    "accuracy", "[CONFIG]", "accuracy of a network in pairs of formats, or the search for them",
    "Scores every test image of the config's network with weights and activations quantised after\n"
    "training, float32 first, and compares image by image. Scales of activations are chosen on\n"
    "calibration images alone; without any, every 6th image is set apart for this. Results are "
    "stored\n"
    "and reused.\n\n"
    "  macppa accuracy configs/quickstart.yaml --weight int6 --weight e3m2\n"
    "  macppa accuracy --network deploy.prototxt --weights net.caffemodel --images val/ \\\n"
    "      --weight float32 --activation float32 --format json\n"
    "  macppa accuracy configs/quickstart.yaml --search --weight-scope layer",
    run};
