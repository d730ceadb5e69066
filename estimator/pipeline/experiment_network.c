#include "estimator/pipeline/experiment_parts.h"
#include "libs/yaml_load.h"
#include <stdlib.h>
#include <string.h>

static int read_images(struct mp_experiment *e, const struct mp_raw_images *i,
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

    e->has_preprocess = true;
    e->image_folder = mp_experiment_path(at, i->folder);
    for (size_t k = 0; k < sizeof keys / sizeof *keys && rc == MP_OK; k++)
        if (keys[k].value != NULL)
            rc = mp_experiment_located(
                mp_preprocess_set(&e->preprocess, keys[k].key, keys[k].value, err), at, keys[k].key,
                err);
    free(mean_file);
    return rc < 0 ? rc
                  : mp_experiment_u32(&e->allow_damaged, i->allow_damaged, 0, UINT32_MAX, at,
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

/* What scales are chosen on: images of their own, or every so-manieth of the test images. */
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
                    "calibration images are `calibration_images` or every so-manieth of the test "
                    "images, not both"),
            at, "calibration_every", err);
    if (n->weight_calibration != NULL &&
        (rc = mp_experiment_located(
             mp_calibration_parse(&e->scheme.weight_calibration, n->weight_calibration, err), at,
             "weight_calibration", err)) < 0)
        return rc;
    return n->activation_calibration == NULL
               ? MP_OK
               : mp_experiment_located(mp_calibration_parse(&e->scheme.activation_calibration,
                                                            n->activation_calibration, err),
                                       at, "activation_calibration", err);
}

int mp_experiment_read_network(struct mp_experiment *e, const struct mp_raw_network *n,
                               const struct mp_place *at, struct mp_error *err)
{
    int rc;

    if (n == NULL)
        return MP_OK;
    if (n->calibration_images == NULL && n->calibration_labels != NULL)
        return mp_experiment_located(
            mp_fail(err, MP_E_INPUT, "labels of which images? `calibration_images` is missing"), at,
            "calibration_labels", err);
    e->network = mp_experiment_path(at, n->model);
    e->network_weights = mp_experiment_path(at, n->weights);
    e->test_images = mp_experiment_path(at, n->test_images);
    e->test_labels = mp_experiment_path(at, n->test_labels);
    e->calibration_images = mp_experiment_path(at, n->calibration_images);
    e->calibration_labels = mp_experiment_path(at, n->calibration_labels);
    if (n->images != NULL && (rc = read_images(e, n->images, at, err)) < 0)
        return rc;
    if (n->missing != NULL &&
        (rc = mp_experiment_located(mp_missing_weights_parse(&e->missing, n->missing, err), at,
                                    "missing", err)) < 0)
        return rc;
    return read_calibration(e, n, at, err);
}
