#include "estimator/pipeline/experiment_parts.h"
#include "libs/yaml_load.h"
#include <stdlib.h>
#include <string.h>

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key)                                                                                  \
    CYAML_FIELD_STRING_PTR(#key, OPTIONAL, struct mp_raw_study, key, 1, CYAML_UNLIMITED)
#define LIST(key)                                                                                  \
    CYAML_FIELD_SEQUENCE(#key, OPTIONAL, struct mp_raw_study, key, &text_schema, 1, CYAML_UNLIMITED)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
const cyaml_schema_field_t mp_raw_study_fields[] = {
    LIST(networks), LIST(weight_scopes), LIST(formats),   TEXT(tolerance), TEXT(calibration_every),
    TEXT(by_layer), TEXT(synthetic),     TEXT(layers_on), CYAML_FIELD_END};

void mp_study_settings_destroy(struct mp_study_settings *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->network_count; i++)
        free(s->networks[i]);
    free(s->networks);
    free(s->formats);
    free(s->layers_on);
    free(s);
}

static int read_scopes(struct mp_study_settings *s, const struct mp_raw_study *raw,
                       const struct mp_place *at, struct mp_error *err)
{
    int rc = MP_OK;

    if (raw->weight_scopes_count > 3)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT, "at most three: network, layer, channel"), at, "weight_scopes",
            err);
    if (raw->weight_scopes_count > 0)
        s->scope_count = raw->weight_scopes_count;
    for (unsigned i = 0; i < raw->weight_scopes_count && rc == MP_OK; i++)
        rc = mp_experiment_located(mp_scope_parse(&s->scopes[i], raw->weight_scopes[i], err), at,
                                   "weight_scopes", err);
    return rc;
}

static int read_flag(bool *out, const char *text, const struct mp_place *at, const char *key,
                     struct mp_error *err)
{
    static const char *const words[] = {"false", "true", NULL};
    unsigned choice = *out;
    int rc = text != NULL ? mp_experiment_choose(&choice, text, words, at, key, err) : MP_OK;

    *out = choice == 1;
    return rc;
}

static int read_values(struct mp_study_settings *s, const struct mp_raw_study *raw,
                       const struct mp_place *at, struct mp_error *err)
{
    int rc = MP_OK;

    if (raw->tolerance != NULL && !mp_precision_parse(raw->tolerance, &s->tolerance))
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT, "`%s` is no share such as 1%%", raw->tolerance), at,
            "tolerance", err);
    s->formats = mp_alloc(raw->formats_count + 1, sizeof *s->formats);
    s->format_count = raw->formats_count;
    for (unsigned i = 0; i < raw->formats_count && rc == MP_OK; i++)
        rc = mp_experiment_located(mp_format_parse(&s->formats[i], raw->formats[i], err), at,
                                   "formats", err);
    if (rc < 0 || (rc = read_flag(&s->by_layer, raw->by_layer, at, "by_layer", err)) < 0 ||
        (rc = read_flag(&s->synthetic, raw->synthetic, at, "synthetic", err)) < 0)
        return rc;
    return mp_experiment_u32(&s->calibration_every, raw->calibration_every, 2, 1000000, at,
                             "calibration_every", err);
}

int mp_experiment_read_study(struct mp_experiment *e, const struct mp_raw_study *raw,
                             const struct mp_place *at, struct mp_error *err)
{
    struct mp_study_settings *s;
    int rc;

    if (raw == NULL)
        return MP_OK;
    if (mp_way_settings_count(&e->ways) > 1 || mp_design_choices_count(&e->choices) > 1 ||
        e->multiplier_count > 1)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT,
                    "a study compares formats by one way to a netlist and one structure: several "
                    "implementations, recipes, objectives, multipliers or fields of designs are "
                    "asked for"),
            at, "study", err);
    s = e->study = mp_alloc(1, sizeof *s);
    *s = (struct mp_study_settings){.tolerance = 0.01, .scope_count = 3, .calibration_every = 6};
    for (unsigned i = 0; i < 3; i++)
        s->scopes[i] = (enum mp_scope)i;
    if (raw->networks_count == 0)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT, "the key `networks` is missing, e.g. `networks: [googlenet]`"),
            at, "study", err);
    s->networks = mp_alloc(raw->networks_count, sizeof *s->networks);
    for (unsigned i = 0; i < raw->networks_count; i++)
        s->networks[s->network_count++] = mp_strdup(raw->networks[i]);
    if ((rc = read_scopes(s, raw, at, err)) < 0 || (rc = read_values(s, raw, at, err)) < 0)
        return rc;
    if (raw->layers_on != NULL)
        s->layers_on = mp_strdup(raw->layers_on);
    return MP_OK;
}
