#include "estimator/cli/experiment_options.h"
#include "estimator/pipeline/search.h"

#include <stdlib.h>
#include <string.h>

static void set_text(char **to, const char *value)
{
    free(*to);
    *to = mp_strdup(value);
}

static char **copy_list(const struct mp_option_list *list)
{
    char **out = mp_alloc(list->count + 1, sizeof *out);

    for (size_t i = 0; i < list->count; i++)
        out[i] = mp_strdup(list->items[i]);
    return out;
}

static int set_formats(struct mp_format **out, size_t *count, const struct mp_option_list *list,
                       struct mp_error *err)
{
    int rc = MP_OK;

    if (list->count == 0)
        return MP_OK;
    free(*out);
    *out = mp_alloc(list->count, sizeof **out);
    *count = list->count;
    for (size_t i = 0; i < list->count && rc == MP_OK; i++)
        rc = mp_format_parse(&(*out)[i], list->items[i], err);
    return rc;
}

static int set_units(struct mp_experiment *e, const struct mp_option_list *list,
                     struct mp_error *err)
{
    int rc = MP_OK;

    if (list->count == 0)
        return MP_OK;
    free(e->units);
    e->units = mp_alloc(list->count, sizeof *e->units);
    e->unit_count = list->count;
    for (size_t i = 0; i < list->count && rc == MP_OK; i++)
        rc = mp_unit_parse(&e->units[i], list->items[i], err);
    return rc;
}

static void set_libraries(struct mp_experiment *e, const struct mp_experiment_options *o)
{
    if (o->libraries.count > 0 || o->liberty.count > 0) {
        mp_experiment_set_library(e, "");
        free(e->libraries[0]);
        free(e->libraries);
        e->libraries = copy_list(&o->libraries);
        e->library_count = o->libraries.count;
        e->liberty = copy_list(&o->liberty);
        e->liberty_count = o->liberty.count;
    } else if (e->library_count == 0 && e->liberty_count == 0) {
        mp_experiment_set_library(e, "osu018");
    }
}

static void drop_network(struct mp_experiment *e)
{
    free(e->network);
    free(e->preset);
    e->network = e->preset = NULL;
}

/* uniform, normal, trace:FILE, network or network:LAYER. */
static int set_source(struct mp_experiment *e, const char *operands, struct mp_error *err)
{
    if (strcmp(operands, "uniform") == 0 || strcmp(operands, "normal") == 0) {
        e->operands = operands[0] == 'u' ? MP_OPERANDS_UNIFORM : MP_OPERANDS_NORMAL;
        drop_network(e);
        return MP_OK;
    }
    if (strncmp(operands, "trace:", 6) == 0 && operands[6] != '\0') {
        set_text(&e->trace_file, operands + 6);
        return MP_OK;
    }
    if (strcmp(operands, "network") != 0 &&
        (strncmp(operands, "network:", 8) != 0 || operands[8] == '\0'))
        return mp_fail(err, MP_E_USAGE,
                       "--operands: `%s` is none of uniform, normal, trace:FILE, network, "
                       "network:LAYER",
                       operands);
    if (e->network == NULL)
        return mp_fail(err, MP_E_USAGE,
                       "--operands %s: which network is said by a config file that has one, e.g. "
                       "--workload configs/quickstart.yaml",
                       operands);
    if (operands[7] == ':')
        mp_experiment_set_layer(e, operands + 8);
    return MP_OK;
}

static int set_operands(struct mp_experiment *e, const struct mp_experiment_options *o,
                        struct mp_error *err)
{
    int rc;

    if (o->operands != NULL && (rc = set_source(e, o->operands, err)) < 0)
        return rc;
    if (o->trace_file != NULL)
        set_text(&e->trace_file, o->trace_file);
    return o->dataflow != NULL ? mp_dataflow_parse(&e->trace.dataflow, o->dataflow, err) : MP_OK;
}

/* A count that was given, within its range. */
static int set_count(uint32_t *out, uint64_t value, uint32_t low, uint32_t high, const char *name,
                     struct mp_error *err)
{
    if (value == MP_OPTION_NOT_GIVEN)
        return MP_OK;
    if (value < low || value > high)
        return mp_fail(err, MP_E_USAGE, "--%s: %llu is outside %u..%u", name,
                       (unsigned long long)value, low, high);
    *out = (uint32_t)value;
    return MP_OK;
}

static int set_counts(struct mp_experiment *e, const struct mp_experiment_options *o,
                      struct mp_error *err)
{
    int rc;

    if ((rc = set_count(&e->synthesis_runs, o->runs, 1, 1000, "runs", err)) < 0 ||
        (rc = set_count(&e->accumulator_bits, o->accumulator_bits, 0, 128, "accumulator-bits",
                        err)) < 0 ||
        (rc = set_count(&e->trace.stretches, o->stretches, 64, 1u << 20, "stretches", err)) < 0 ||
        (rc = set_count(&e->trace.length, o->length, 4, 1u << 24, "length", err)) < 0 ||
        (rc = set_count(&e->trace.images, o->trace_images, 1, 1000000, "trace-images", err)) < 0 ||
        (rc = set_count(&e->threads, o->threads, 0, 1024, "threads", err)) < 0)
        return rc;
    if (o->seed != MP_OPTION_NOT_GIVEN)
        e->trace.seed = o->seed;
    if (o->clock_s > 0)
        e->clock_period_s = o->clock_s;
    return MP_OK;
}

static int set_power(struct mp_power_settings *p, const struct mp_experiment_options *o,
                     struct mp_error *err)
{
    int rc;

    if (o->wire_load != NULL && (rc = mp_wire_option_parse(&p->wire_load, o->wire_load, err)) < 0) {
        mp_error_context(err, "--wire-load");
        return rc;
    }
    if (o->precision != NULL && !mp_precision_parse(o->precision, &p->precision))
        return mp_fail(err, MP_E_USAGE, "--precision: `%s` is no share such as 1%%", o->precision);
    if (o->power_engine == NULL)
        return MP_OK;
    p->use_opensta = strcmp(o->power_engine, "opensta") == 0;
    if (!p->use_opensta && strcmp(o->power_engine, "macppa") != 0)
        return mp_fail(err, MP_E_USAGE, "--power-engine: `%s` is none of macppa, opensta",
                       o->power_engine);
    return MP_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static void set_optional(char **to, const char *value)
{
    if (value != NULL)
        set_text(to, value);
}

static void forget(char **text)
{
    free(*text);
    *text = NULL;
}

/* What a network's images become where nobody says: Caffe's networks take BGR less the mean of
 * ImageNet, others what torchvision does; IDX files are bytes to 0..1. */
static const char *default_preset(const struct mp_experiment *e)
{
    if (e->test_labels != NULL)
        return NULL;
    return ends_with(e->network, ".onnx") ? "torchvision-224" : "caffe";
}

/* Labels go with their images. */
static void set_pair(char **images, char **labels, const char *new_images, const char *new_labels)
{
    if (new_images != NULL)
        forget(labels);
    set_optional(images, new_images);
    set_optional(labels, new_labels);
}

static int set_calibration(struct mp_experiment *e, const struct mp_experiment_options *o,
                           struct mp_error *err)
{
    int rc;

    if ((rc = set_count(&e->calibration_every, o->calibration_every, 2, 1000000,
                        "calibration-every", err)) < 0)
        return rc;
    if (o->calibration_every != MP_OPTION_NOT_GIVEN && o->calibration_images != NULL)
        return mp_fail(err, MP_E_USAGE,
                       "calibration images are those of --calibration-images or a part of the "
                       "test images (--calibration-every), not both");
    if (o->calibration_every != MP_OPTION_NOT_GIVEN) {
        forget(&e->calibration_images);
        forget(&e->calibration_labels);
    } else if (o->calibration_images != NULL) {
        e->calibration_every = 0;
    }
    if (o->weight_calibration != NULL &&
        (rc = mp_calibration_parse(&e->scheme.weight_calibration, o->weight_calibration, err)) <
            0) {
        mp_error_context(err, "--weight-calibration");
        return rc;
    }
    if (o->activation_calibration != NULL &&
        (rc = mp_calibration_parse(&e->scheme.activation_calibration, o->activation_calibration,
                                   err)) < 0) {
        mp_error_context(err, "--activation-calibration");
        return rc;
    }
    if ((rc = mp_experiment_set_scopes(e, o->weight_scope, NULL, err)) < 0)
        mp_error_context(err, "--weight-scope");
    else if ((rc = mp_experiment_set_scopes(e, NULL, o->activation_scope, err)) < 0)
        mp_error_context(err, "--activation-scope");
    return rc;
}

static int set_missing(struct mp_experiment *e, const char *word, struct mp_error *err)
{
    int rc = word != NULL ? mp_missing_weights_parse(&e->missing, word, err) : MP_OK;

    if (rc < 0)
        mp_error_context(err, "--missing");
    return rc;
}

static int set_network(struct mp_experiment *e, const struct mp_experiment_options *o,
                       struct mp_error *err)
{
    const char *preset = o->preset;
    int rc = o->network != NULL ? mp_experiment_set_network(e, o->network, err) : MP_OK;

    if (rc < 0)
        return rc;
    set_optional(&e->network_weights, o->network_weights);
    set_pair(&e->test_images, &e->test_labels, o->images, o->labels);
    set_pair(&e->calibration_images, &e->calibration_labels, o->calibration_images,
             o->calibration_labels);
    if ((rc = set_calibration(e, o, err)) < 0 || (rc = set_missing(e, o->missing, err)) < 0)
        return rc;
    if ((rc = set_count(&e->allow_damaged, o->allow_damaged, 0, UINT32_MAX, "allow-damaged", err)) <
        0)
        return rc;
    if ((rc = mp_experiment_check_network(e, err)) < 0)
        return rc;
    if (o->network != NULL && e->test_images == NULL)
        return mp_fail(err, MP_E_USAGE,
                       "--network: which images? --images FOLDER, with a labels.txt of lines "
                       "`file class`, or --images FILE --labels FILE (IDX)");
    if (preset == NULL && o->network != NULL && e->preset == NULL)
        preset = default_preset(e);
    if (preset == NULL)
        return MP_OK;
    e->has_preprocess = true;
    return mp_preprocess_set(&e->preprocess, "preset", preset, err);
}

void mp_experiment_options_set_apart(struct mp_experiment *e, const struct mp_experiment_options *o,
                                     struct mp_log *log)
{
    if (o->network != NULL && e->trace_file == NULL && mp_experiment_set_apart(e))
        mp_log_write(log, MP_LOG_INFO, "one image in %u is set apart for calibration",
                     e->calibration_every);
}

int mp_experiment_from_options(struct mp_experiment *e, const struct mp_experiment_options *o,
                               struct mp_error *err)
{
    int rc = MP_OK;

    if (o->workload != NULL)
        rc = mp_experiment_read(e, o->workload, err);
    else
        mp_experiment_init(e);
    if (rc < 0 || (rc = set_formats(&e->weights, &e->weight_count, &o->weights, err)) < 0 ||
        (rc = set_formats(&e->activations, &e->activation_count, &o->activations, err)) < 0 ||
        (rc = set_network(e, o, err)) < 0 || (rc = set_units(e, &o->units, err)) < 0 ||
        (rc = set_operands(e, o, err)) < 0 || (rc = set_counts(e, o, err)) < 0 ||
        (rc = set_power(&e->power, o, err)) < 0 ||
        (rc = mp_way_options_apply(e, &o->ways, err)) < 0 ||
        (rc = mp_choice_options_apply(e, &o->choices, err)) < 0)
        return rc;
    set_libraries(e, o);
    if (o->multipliers.count > 0) {
        for (size_t i = 0; i < e->multiplier_count; i++)
            free(e->multipliers[i]);
        free(e->multipliers);
        e->multipliers = copy_list(&o->multipliers);
        e->multiplier_count = o->multipliers.count;
    }
    if (o->baseline != NULL) {
        e->has_baseline = true;
        if ((rc = mp_format_parse(&e->baseline, o->baseline, err)) < 0)
            return rc;
    }
    if (o->blocks != NULL) {
        if (strcmp(o->blocks, "apart") != 0 && strcmp(o->blocks, "flat") != 0)
            return mp_fail(err, MP_E_USAGE, "--blocks: `%s` is none of apart, flat", o->blocks);
        e->keep_blocks = strcmp(o->blocks, "apart") == 0;
    }
    return MP_OK;
}
