#include "estimator/pipeline/experiment_parts.h"
#include "estimator/pipeline/operands.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include "libs/yaml_load.h"
#include <stdlib.h>
#include <string.h>

/*
 * The file as libcyaml fills it; checked and moved into the experiment afterwards. Numbers are text
 * here, because libcyaml takes `3x` for 3.
 */
struct raw_trace {
    char *dataflow, *stretches, *length, *images, *seed, *layer;
};
struct raw_synthesis {
    char *runs, *blocks, *equivalence;
};
struct raw_power {
    char *wire_load, *precision, *engine;
};
struct raw {
    char *name, *clock, *baseline, *operands, *accumulator_bits, *threads;
    char **libraries, **liberty, **weights, **activations, **units, **multipliers;
    unsigned libraries_count, liberty_count, weights_count, activations_count, units_count,
        multipliers_count;
    struct mp_raw_choices choices;
    struct mp_raw_ways ways;
    struct mp_raw_network *network;
    struct raw_trace *trace;
    struct raw_synthesis *synthesis;
    struct raw_power *power;
    struct mp_raw_study *study;
};

#define OPTIONAL        (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(type, key) CYAML_FIELD_STRING_PTR(#key, OPTIONAL, type, key, 1, CYAML_UNLIMITED)
#define LIST(key)                                                                                  \
    CYAML_FIELD_SEQUENCE(#key, OPTIONAL, struct raw, key, &text_schema, 1, CYAML_UNLIMITED)

#define WAY(key) CYAML_FIELD_STRING_PTR(#key, OPTIONAL, struct raw, ways.key, 1, CYAML_UNLIMITED)
#define CHOICES(key)                                                                               \
    CYAML_FIELD_SEQUENCE(#key, OPTIONAL, struct raw, choices.key, &text_schema, 1, CYAML_UNLIMITED)
#define WAY_LIST(key)                                                                              \
    CYAML_FIELD_SEQUENCE(#key, OPTIONAL, struct raw, ways.key, &text_schema, 1, CYAML_UNLIMITED)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_field_t trace_fields[] = {TEXT(struct raw_trace, dataflow),
                                                    TEXT(struct raw_trace, stretches),
                                                    TEXT(struct raw_trace, length),
                                                    TEXT(struct raw_trace, images),
                                                    TEXT(struct raw_trace, seed),
                                                    TEXT(struct raw_trace, layer),
                                                    CYAML_FIELD_END};
static const cyaml_schema_field_t synthesis_fields[] = {
    TEXT(struct raw_synthesis, runs), TEXT(struct raw_synthesis, blocks),
    TEXT(struct raw_synthesis, equivalence), CYAML_FIELD_END};
static const cyaml_schema_field_t power_fields[] = {
    TEXT(struct raw_power, wire_load), TEXT(struct raw_power, precision),
    TEXT(struct raw_power, engine), CYAML_FIELD_END};
static const cyaml_schema_field_t raw_fields[] = {
    TEXT(struct raw, name),
    TEXT(struct raw, clock),
    TEXT(struct raw, baseline),
    TEXT(struct raw, operands),
    LIST(libraries),
    LIST(liberty),
    LIST(weights),
    LIST(activations),
    LIST(units),
    LIST(multipliers),
    TEXT(struct raw, accumulator_bits),
    TEXT(struct raw, threads),
    CHOICES(designs),
    CHOICES(adders),
    CHOICES(forms),
    CHOICES(signs),
    CHOICES(shifts),
    CHOICES(shifters),
    CHOICES(terms),
    CHOICES(alignments),
    CHOICES(stages),
    CHOICES(drop_bits),
    CHOICES(guard_bits),
    CHOICES(roundings),
    CHOICES(low_power),
    CHOICES(registers),
    WAY_LIST(implementations),
    WAY_LIST(recipes),
    WAY_LIST(objectives),
    WAY(objective),
    WAY(max_delay),
    WAY(max_area),
    WAY(max_power),
    WAY(budget),
    WAY(evaluations),
    WAY(seeds),
    WAY(resize),
    WAY(driving_cell),
    WAY(output_load),
    WAY(peers),
    CYAML_FIELD_MAPPING_PTR("network", OPTIONAL, struct raw, network, mp_raw_network_fields),
    CYAML_FIELD_MAPPING_PTR("trace", OPTIONAL, struct raw, trace, trace_fields),
    CYAML_FIELD_MAPPING_PTR("synthesis", OPTIONAL, struct raw, synthesis, synthesis_fields),
    CYAML_FIELD_MAPPING_PTR("power", OPTIONAL, struct raw, power, power_fields),
    CYAML_FIELD_MAPPING_PTR("study", OPTIONAL, struct raw, study, mp_raw_study_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t raw_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, raw_fields)};

void mp_experiment_init(struct mp_experiment *e)
{
    memset(e, 0, sizeof *e);
    e->path = mp_strdup("");
    e->text = mp_strdup("");
    e->name = mp_strdup("command line");
    e->units = mp_alloc(1, sizeof *e->units);
    e->units[0] = MP_UNIT_MULTIPLIER;
    e->unit_count = 1;
    e->calibration_count = 1000;
    e->preprocess = (struct mp_preprocess)MP_PREPROCESS_INIT;
    e->scheme = (struct mp_scheme)MP_SCHEME_INIT;
    e->operands = MP_OPERANDS_NORMAL;
    e->trace = (struct mp_trace_options){
        .dataflow = MP_OUTPUT_STATIONARY, .stretches = 512, .length = 256, .images = 64, .seed = 1};
    mp_way_settings_init(&e->ways);
    e->synthesis_runs = 3;
    e->keep_blocks = true;
    e->equivalence = MP_EQUIVALENCE_AUTO;
}

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

void mp_experiment_release(struct mp_experiment *e)
{
    mp_study_settings_destroy(e->study);
    mp_way_settings_release(&e->ways);
    mp_design_choices_release(&e->choices);
    free(e->peers);
    free(e->path);
    free(e->text);
    free(e->name);
    free_list(e->libraries, e->library_count);
    free_list(e->liberty, e->liberty_count);
    free_list(e->multipliers, e->multiplier_count);
    free_list(e->designs, e->design_count);
    free(e->weights);
    free(e->activations);
    free(e->units);
    free(e->trace_file);
    free(e->layer);
    free(e->network);
    free(e->network_weights);
    for (size_t i = 0; i < e->override_count; i++)
        free(e->overrides[i].layer);
    free(e->overrides);
    free(e->preset);
    free(e->network_name);
    free(e->network_notes);
    free(e->image_folder);
    mp_preprocess_release(&e->preprocess);
    free(e->test_images);
    free(e->test_labels);
    free(e->calibration_images);
    free(e->calibration_labels);
    memset(e, 0, sizeof *e);
}

void mp_experiment_set_layer(struct mp_experiment *e, const char *name)
{
    free(e->layer);
    e->each_layer = strcmp(name, "each") == 0;
    e->trace.layer = e->layer = e->each_layer ? NULL : mp_strdup(name);
}

void mp_experiment_set_library(struct mp_experiment *e, const char *name)
{
    free_list(e->libraries, e->library_count);
    free_list(e->liberty, e->liberty_count);
    e->liberty = NULL;
    e->liberty_count = 0;
    e->libraries = mp_alloc(1, sizeof *e->libraries);
    e->libraries[0] = mp_strdup(name);
    e->library_count = 1;
}

int mp_experiment_located(int rc, const struct mp_place *at, const char *key, struct mp_error *err)
{
    struct mp_error cause;

    if (rc == MP_OK || err == NULL)
        return rc;
    cause = *err;
    return mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, key, at->from),
                      "%s: %s", key, cause.message);
}

/* A whole number in min..max; no text: *out stays as it is. */
static int read_number(uint64_t *out, const char *text, uint64_t min, uint64_t max,
                       const struct mp_place *at, const char *key, struct mp_error *err)
{
    uint64_t value;

    if (text == NULL)
        return MP_OK;
    if (!mp_parse_u64(text, &value) || value < min || value > max)
        return mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, key, at->from),
                          "%s: `%s` is no whole number in %llu..%llu", key, text,
                          (unsigned long long)min, (unsigned long long)max);
    *out = value;
    return MP_OK;
}

int mp_experiment_u32(uint32_t *out, const char *text, uint32_t min, uint32_t max,
                      const struct mp_place *at, const char *key, struct mp_error *err)
{
    uint64_t value = *out;
    int rc = read_number(&value, text, min, max, at, key, err);

    *out = (uint32_t)value;
    return rc;
}

int mp_experiment_choose(unsigned *out, const char *word, const char *const *choices,
                         const struct mp_place *at, const char *key, struct mp_error *err)
{
    struct mp_text all = {0};
    int rc;

    for (unsigned i = 0; choices[i] != NULL; i++) {
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", choices[i]);
        if (strcmp(word, choices[i]) == 0) {
            *out = i;
            mp_text_release(&all);
            return MP_OK;
        }
    }
    rc = mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, key, at->from),
                    "%s: `%s` is none of %s", key, word, all.data);
    mp_text_release(&all);
    return rc;
}

static int read_formats(struct mp_format **out, size_t *count, char **names, unsigned n,
                        const struct mp_place *at, const char *key, struct mp_error *err)
{
    int rc = MP_OK;

    *out = mp_alloc(n + 1, sizeof **out);
    *count = n;
    for (unsigned i = 0; i < n && rc == MP_OK; i++)
        rc = mp_experiment_located(mp_format_parse(&(*out)[i], names[i], err), at, key, err);
    return rc;
}

static void move_list(char ***to, size_t *to_count, char ***from, unsigned *from_count)
{
    *to = *from;
    *to_count = *from_count;
    *from = NULL;
    *from_count = 0;
}

static int missing(const struct mp_place *at, const char *key, const char *example,
                   struct mp_error *err)
{
    return mp_fail_at(err, MP_E_INPUT, at->path, 0, "the key `%s` is missing, e.g. `%s: %s`", key,
                      key, example);
}

static int check_architecture(const char *name, const struct mp_place *at, struct mp_error *err)
{
    struct mp_text all = {0};
    int rc;

    for (size_t i = 0; i < mp_architecture_count(); i++) {
        const char *known = mp_architecture_at(i)->name;
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", known);
        if (strcmp(name, known) == 0 || strcmp(name, "any") == 0) {
            mp_text_release(&all);
            return MP_OK;
        }
    }
    rc = mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, "multipliers", at->from),
                    "multipliers: `%s` is none of any, %s", name, all.data);
    mp_text_release(&all);
    return rc;
}

static int read_designs(struct mp_experiment *e, struct raw *raw, const struct mp_place *at,
                        struct mp_error *err)
{
    int rc;

    if (raw->weights_count == 0 && raw->study == NULL)
        return missing(at, "weights", "[int8, e4m3]", err);
    if (raw->activations_count == 0 && raw->study == NULL)
        return missing(at, "activations", "[uint8]", err);
    if ((rc = read_formats(&e->weights, &e->weight_count, raw->weights, raw->weights_count, at,
                           "weights", err)) < 0 ||
        (rc = read_formats(&e->activations, &e->activation_count, raw->activations,
                           raw->activations_count, at, "activations", err)) < 0)
        return rc;
    if (raw->baseline != NULL) {
        e->has_baseline = true;
        if ((rc = mp_experiment_located(mp_format_parse(&e->baseline, raw->baseline, err), at,
                                        "baseline", err)) < 0)
            return rc;
    }
    if (raw->units_count > 0) {
        free(e->units);
        e->units = mp_alloc(raw->units_count, sizeof *e->units);
        e->unit_count = raw->units_count;
    }
    for (unsigned i = 0; i < raw->units_count; i++)
        if ((rc = mp_experiment_located(mp_unit_parse(&e->units[i], raw->units[i], err), at,
                                        "units", err)) < 0)
            return rc;
    move_list(&e->multipliers, &e->multiplier_count, &raw->multipliers, &raw->multipliers_count);
    for (size_t i = 0; i < e->multiplier_count; i++)
        if ((rc = check_architecture(e->multipliers[i], at, err)) < 0)
            return rc;
    return mp_experiment_u32(&e->accumulator_bits, raw->accumulator_bits, 0, 128, at,
                             "accumulator_bits", err);
}

char *mp_experiment_path(const struct mp_place *at, const char *path)
{
    char *dir, *joined;

    if (path == NULL)
        return NULL;
    dir = mp_path_dir(at->path);
    joined = mp_path_join(dir, path);
    free(dir);
    return joined;
}

static int read_trace(struct mp_experiment *e, const struct raw_trace *t, const struct mp_place *at,
                      struct mp_error *err)
{
    struct mp_trace_options *o = &e->trace;
    int rc;

    if (t == NULL)
        return MP_OK;
    if ((rc = mp_experiment_u32(&o->stretches, t->stretches, 64, 1u << 20, at, "stretches", err)) <
            0 ||
        (rc = mp_experiment_u32(&o->length, t->length, MP_WARMUP_CYCLES + 1, 1u << 24, at, "length",
                                err)) < 0 ||
        (rc = mp_experiment_u32(&o->images, t->images, 1, 1000000, at, "images", err)) < 0 ||
        (rc = read_number(&o->seed, t->seed, 0, UINT64_MAX, at, "seed", err)) < 0)
        return rc;
    if (o->stretches % 64 != 0)
        return mp_fail_at(err, MP_E_INPUT, at->path,
                          mp_yaml_key_line(at->text, "stretches", at->from),
                          "stretches: %u is no multiple of 64", o->stretches);
    if (t->layer != NULL)
        mp_experiment_set_layer(e, t->layer);
    if (t->dataflow != NULL)
        return mp_experiment_located(mp_dataflow_parse(&o->dataflow, t->dataflow, err), at,
                                     "dataflow", err);
    return MP_OK;
}

static int read_synthesis(struct mp_experiment *e, const struct raw_synthesis *s,
                          const struct mp_place *at, struct mp_error *err)
{
    static const char *const blocks[] = {"flat", "apart", NULL};
    static const char *const policies[] = {"never", "auto", "always", NULL};
    unsigned choice = 0;
    int rc;

    if (s == NULL)
        return MP_OK;
    if ((rc = mp_experiment_u32(&e->synthesis_runs, s->runs, 1, 1000, at, "runs", err)) < 0)
        return rc;
    if (s->blocks != NULL) {
        if ((rc = mp_experiment_choose(&choice, s->blocks, blocks, at, "blocks", err)) < 0)
            return rc;
        e->keep_blocks = choice == 1;
    }
    if (s->equivalence != NULL) {
        if ((rc = mp_experiment_choose(&choice, s->equivalence, policies, at, "equivalence", err)) <
            0)
            return rc;
        e->equivalence = (enum mp_equivalence_policy)choice;
    }
    return MP_OK;
}

bool mp_precision_parse(const char *text, double *out)
{
    size_t length = strlen(text);
    bool is_percent = length > 0 && text[length - 1] == '%';
    char *number = mp_strndup(text, length - is_percent);
    double value = 0;
    bool ok = mp_parse_double(number, &value);

    free(number);
    value = is_percent ? value / 100 : value;
    if (!ok || value <= 0 || value >= 1)
        return false;
    *out = value;
    return true;
}

static int read_power(struct mp_experiment *e, const struct raw_power *p, const struct mp_place *at,
                      struct mp_error *err)
{
    static const char *const engines[] = {"macppa", "opensta", NULL};
    unsigned choice = 0;
    int rc;

    if (p == NULL)
        return MP_OK;
    if (p->wire_load != NULL &&
        (rc = mp_experiment_located(mp_wire_option_parse(&e->power.wire_load, p->wire_load, err),
                                    at, "wire_load", err)) < 0)
        return rc;
    if (p->precision != NULL && !mp_precision_parse(p->precision, &e->power.precision))
        return mp_fail_at(err, MP_E_INPUT, at->path,
                          mp_yaml_key_line(at->text, "precision", at->from),
                          "precision: `%s` is no share such as 1%%", p->precision);
    if (p->engine != NULL) {
        if ((rc = mp_experiment_choose(&choice, p->engine, engines, at, "engine", err)) < 0)
            return rc;
        e->power.use_opensta = choice == 1;
    }
    return MP_OK;
}

static int convert(struct mp_experiment *e, struct raw *raw, const struct mp_place *at,
                   struct mp_error *err)
{
    static const char *const operands[] = {"uniform", "normal", NULL};
    unsigned choice = 0;
    int rc;

    if (raw->name != NULL) {
        free(e->name);
        e->name = mp_strdup(raw->name);
    }
    move_list(&e->libraries, &e->library_count, &raw->libraries, &raw->libraries_count);
    move_list(&e->liberty, &e->liberty_count, &raw->liberty, &raw->liberty_count);
    for (size_t i = 0; i < e->liberty_count; i++) {
        char *path = mp_experiment_path(at, e->liberty[i]);
        free(e->liberty[i]);
        e->liberty[i] = path;
    }
    if (e->library_count == 0 && e->liberty_count == 0)
        return missing(at, "libraries", "[osu018]", err);
    if (raw->clock != NULL && (!mp_parse_quantity(raw->clock, "s", &e->clock_period_s) ||
                               e->clock_period_s < 1e-12 || e->clock_period_s > 1))
        return mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, "clock", 1),
                          "clock: `%s` is no period such as 2ns", raw->clock);
    if (raw->operands != NULL) {
        if ((rc = mp_experiment_choose(&choice, raw->operands, operands, at, "operands", err)) < 0)
            return rc;
        e->operands = choice == 0 ? MP_OPERANDS_UNIFORM : MP_OPERANDS_NORMAL;
    }
    if ((rc = mp_experiment_u32(&e->threads, raw->threads, 0, 1024, at, "threads", err)) < 0 ||
        (rc = read_designs(e, raw, at, err)) < 0 ||
        (rc = mp_experiment_read_choices(e, &raw->choices, at, err)) < 0 ||
        (rc = mp_experiment_read_ways(e, &raw->ways, at, err)) < 0 ||
        (rc = mp_experiment_read_network(e, raw->network, at, err)) < 0 ||
        (rc = read_trace(e, raw->trace, at, err)) < 0 ||
        (rc = read_power(e, raw->power, at, err)) < 0 ||
        (rc = mp_experiment_read_study(e, raw->study, at, err)) < 0)
        return rc;
    return read_synthesis(e, raw->synthesis, at, err);
}

int mp_experiment_read(struct mp_experiment *e, const char *path, struct mp_error *err)
{
    struct mp_text text = {0};
    struct raw *raw = NULL;
    int rc;

    mp_experiment_init(e);
    if ((rc = mp_file_read(&text, path, (size_t)1 << 20, err)) < 0 ||
        (rc = mp_yaml_load_text(text.data, text.size, path, &raw_schema, (void **)&raw, err)) < 0)
        goto out;
    free(e->path);
    free(e->text);
    e->path = mp_strdup(path);
    e->text = mp_strndup(text.data, text.size);
    const struct mp_place at = {path, e->text, 1};
    rc = convert(e, raw, &at, err);
out:
    mp_yaml_free(&raw_schema, raw);
    mp_text_release(&text);
    return rc;
}
