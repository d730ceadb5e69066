#include "estimator/pipeline/experiment_parts.h"
#include "estimator/pipeline/network_preset.h"
#include <stdlib.h>
#include <string.h>

#define TEXT(type, key)                                                                            \
    CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, key, 1,           \
                           CYAML_UNLIMITED)

const cyaml_schema_field_t mp_raw_images_fields[] = {TEXT(struct mp_raw_images, preset),
                                                     TEXT(struct mp_raw_images, folder),
                                                     TEXT(struct mp_raw_images, resize),
                                                     TEXT(struct mp_raw_images, interpolation),
                                                     TEXT(struct mp_raw_images, crop),
                                                     TEXT(struct mp_raw_images, channels),
                                                     TEXT(struct mp_raw_images, mean),
                                                     TEXT(struct mp_raw_images, mean_file),
                                                     TEXT(struct mp_raw_images, scale),
                                                     TEXT(struct mp_raw_images, allow_damaged),
                                                     CYAML_FIELD_END};
static const cyaml_schema_field_t override_fields[] = {
    CYAML_FIELD_STRING_PTR("layer", CYAML_FLAG_POINTER, struct mp_raw_override, layer, 1,
                           CYAML_UNLIMITED),
    TEXT(struct mp_raw_override, weights), TEXT(struct mp_raw_override, activations),
    CYAML_FIELD_END};
static const cyaml_schema_value_t override_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mp_raw_override, override_fields)};
const cyaml_schema_field_t mp_raw_network_fields[] = {
    TEXT(struct mp_raw_network, preset),
    TEXT(struct mp_raw_network, model),
    TEXT(struct mp_raw_network, weights),
    TEXT(struct mp_raw_network, missing),
    TEXT(struct mp_raw_network, test_images),
    TEXT(struct mp_raw_network, test_labels),
    TEXT(struct mp_raw_network, calibration_images),
    TEXT(struct mp_raw_network, calibration_labels),
    TEXT(struct mp_raw_network, calibration_count),
    TEXT(struct mp_raw_network, calibration_every),
    TEXT(struct mp_raw_network, weight_calibration),
    TEXT(struct mp_raw_network, activation_calibration),
    TEXT(struct mp_raw_network, weight_scope),
    TEXT(struct mp_raw_network, activation_scope),
    CYAML_FIELD_SEQUENCE("layers", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct mp_raw_network,
                         layers, &override_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_MAPPING_PTR("images", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct mp_raw_network, images, mp_raw_images_fields),
    CYAML_FIELD_END};

int mp_experiment_read_preprocess(struct mp_preprocess *p, const struct mp_raw_images *i,
                                  const struct mp_place *at, struct mp_error *err)
{
    char *mean_file = mp_experiment_path(at, i->mean_file);
    /* A preset replaces what was set before it. */
    const struct {
        const char *key, *value;
    } keys[] = {
        {"preset", i->preset},    {"resize", i->resize},     {"interpolation", i->interpolation},
        {"crop", i->crop},        {"channels", i->channels}, {"mean", i->mean},
        {"mean_file", mean_file}, {"scale", i->scale}};
    int rc = MP_OK;

    for (size_t k = 0; k < sizeof keys / sizeof *keys && rc == MP_OK; k++)
        if (keys[k].value != NULL)
            rc = mp_experiment_located(mp_preprocess_set(p, keys[k].key, keys[k].value, err), at,
                                       keys[k].key, err);
    free(mean_file);
    return rc;
}

static int read_images(struct mp_experiment *e, const struct mp_raw_images *i,
                       const struct mp_place *at, struct mp_error *err)
{
    int rc;

    e->has_preprocess = true;
    e->image_folder = mp_experiment_path(at, i->folder);
    if ((rc = mp_experiment_read_preprocess(&e->preprocess, i, at, err)) < 0)
        return rc;
    return mp_experiment_u32(&e->allow_damaged, i->allow_damaged, 0, UINT32_MAX, at,
                             "allow_damaged", err);
}

int mp_missing_weights_parse(enum mp_missing_weights *m, const char *word, struct mp_error *err)
{
    static const char *const words[] = {"refuse", "cut", "synthetic"};

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            *m = (enum mp_missing_weights)i;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE, "`%s` is none of refuse, cut, synthetic", word);
}

/* What scales are chosen on: images of their own, or a part of the test images. */
static int read_calibration(struct mp_experiment *e, const struct mp_raw_network *n,
                            const struct mp_place *at, struct mp_error *err)
{
    int rc;

    if ((rc = mp_experiment_u32(&e->calibration_count, n->calibration_count, 1, 1000000, at,
                                "calibration_count", err)) < 0 ||
        (rc = mp_experiment_u32(&e->calibration_every, n->calibration_every, 2, 1000000, at,
                                "calibration_every", err)) < 0)
        return rc;
    if (n->calibration_every != NULL && n->calibration_images != NULL)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT,
                    "calibration images are `calibration_images` or a part of the test images, not "
                    "both"),
            at, "calibration_every", err);
    if (n->calibration_every != NULL) {
        free(e->calibration_images);
        free(e->calibration_labels);
        e->calibration_images = e->calibration_labels = NULL;
    }
    return mp_experiment_read_scheme(e, n, at, err);
}

/* What stands beside a preset takes the place of its own. */
static void override_path(char **to, const char *value, const struct mp_place *at)
{
    if (value == NULL)
        return;
    free(*to);
    *to = mp_experiment_path(at, value);
}

/* Labels go with their images. */
static void override_pair(char **images, char **labels, const char *new_images,
                          const char *new_labels, const struct mp_place *at)
{
    if (new_images != NULL) {
        free(*labels);
        *labels = NULL;
    }
    override_path(images, new_images, at);
    override_path(labels, new_labels, at);
}

static int missing_key(const struct mp_place *at, const char *key, struct mp_error *err)
{
    return mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, "network", at->from),
                      "network: the key `%s` is missing, or `preset` with the name of a known "
                      "network",
                      key);
}

static int read_files(struct mp_experiment *e, const struct mp_raw_network *n,
                      const struct mp_place *at, struct mp_error *err)
{
    int rc;

    if (n->preset == NULL && n->model == NULL)
        return missing_key(at, "model", err);
    if (n->preset == NULL && n->test_images == NULL)
        return missing_key(at, "test_images", err);
    if (n->calibration_images == NULL && n->calibration_labels != NULL)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT, "labels of which images? `calibration_images` is missing"), at,
            "calibration_labels", err);
    if (n->model != NULL) {
        free(e->network_weights);
        e->network_weights = NULL;
    }
    override_path(&e->network, n->model, at);
    override_path(&e->network_weights, n->weights, at);
    override_pair(&e->test_images, &e->test_labels, n->test_images, n->test_labels, at);
    override_pair(&e->calibration_images, &e->calibration_labels, n->calibration_images,
                  n->calibration_labels, at);
    if (n->images != NULL && (rc = read_images(e, n->images, at, err)) < 0)
        return rc;
    if (n->missing != NULL &&
        (rc = mp_experiment_located(mp_missing_weights_parse(&e->missing, n->missing, err), at,
                                    "missing", err)) < 0)
        return rc;
    return read_calibration(e, n, at, err);
}

/* A mistake in the preset keeps the preset's own file and line in the message. */
static int read_preset(struct mp_network_preset *p, const char *name, const struct mp_place *at,
                       struct mp_error *err)
{
    struct mp_error cause = MP_ERROR_INIT;
    char text[1400];
    char *path = strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL
                     ? mp_experiment_path(at, name)
                     : mp_strdup(name);
    int rc = mp_network_preset_read(p, path, &cause);

    free(path);
    return rc < 0 ? mp_fail_at(err, MP_E_INPUT, at->path,
                               mp_yaml_key_line(at->text, "preset", at->from), "preset: %s",
                               mp_error_text(&cause, text, sizeof text))
                  : MP_OK;
}

int mp_experiment_read_network(struct mp_experiment *e, const struct mp_raw_network *n,
                               const struct mp_place *at, struct mp_error *err)
{
    struct mp_network_preset preset = {0};
    int rc = MP_OK;

    if (n == NULL)
        return MP_OK;
    /* Keys of other sections have the same names. */
    const struct mp_place in = {at->path, at->text, mp_yaml_key_line(at->text, "network", 1)};
    if (n->preset != NULL) {
        if ((rc = read_preset(&preset, n->preset, &in, err)) < 0)
            return rc;
        mp_experiment_use_preset(e, &preset);
    }
    rc = read_files(e, n, &in, err);
    if (rc == MP_OK && n->preset != NULL)
        rc = mp_experiment_located(mp_network_preset_check(&preset, e, err), &in, "preset", err);
    mp_network_preset_release(&preset);
    return rc;
}
