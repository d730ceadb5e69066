/*
 * Network presets: configs/networks/NAME.yaml says which files make a known trained network, under
 * which names they are published, how its images are prepared, and how a user gets what is missing.
 * Files are looked for in the folders of $MACPPA_NETWORKS (colon-separated), in
 * ~/.local/share/macppa/networks, and beside the preset.
 *
 *     mp_network_preset_read(&p, "googlenet", err)          (found or not: p.items[...].found)
 *     mp_experiment_use_preset(&e, &p)                      (then keys that override)
 *     mp_network_preset_check(&p, &e, err)                  (what is still missing is an error)
 *     mp_network_preset_release(&p)
 *
 * The file's form: docs/config.md.
 */
#ifndef MP_PIPELINE_NETWORK_PRESET_H
#define MP_PIPELINE_NETWORK_PRESET_H

#include "estimator/pipeline/pipeline.h"

enum mp_preset_item {
    MP_PRESET_MODEL,
    MP_PRESET_WEIGHTS,
    MP_PRESET_TEST_IMAGES,
    MP_PRESET_TEST_LABELS,
    MP_PRESET_CALIBRATION_IMAGES,
    MP_PRESET_CALIBRATION_LABELS,
    MP_PRESET_ITEMS
};
/* "model", ..., "calibration_labels": the key in the preset and in `network:`. */
const char *mp_preset_item_name(enum mp_preset_item i);

/* Files that serve alike; the first that is there is taken. Every name is also tried with ".gz"
 * behind it. */
struct mp_preset_choice {
    char **files; /* below one of the folders, or absolute */
    unsigned files_count;
    char **contains; /* texts that must all be in the file, blanks and line ends alike: which of the
                        many deploy.prototxt it is */
    unsigned contains_count;
    char *layers; /* weights: those that they are for; NULL: all */
    char *notes;  /* what results from this file must say; NULL: nothing */
};

/* One file that is wanted. */
struct mp_preset_file {
    struct mp_preset_choice *choices; /* [choice_count] in order of preference; none: not wanted */
    unsigned choice_count;
    char *obtain; /* one line: which file, from where; NULL where not said */
    char *found;  /* NULL: on none of the folders */
    const struct mp_preset_choice *choice; /* that found is of */
};

struct mp_network_preset {
    char *name; /* "googlenet" */
    char *path; /* of the preset */
    char *title;
    char *notes; /* what results must say; NULL: nothing */
    struct mp_preset_file items[MP_PRESET_ITEMS];
    bool has_preprocess;
    struct mp_preprocess preprocess;
    enum mp_missing_weights missing; /* for weights of a part of the layers */
};

/* name: of a preset, or a path that ends in .yaml. A name that there is not: MP_E_NOT_FOUND with
 * those that there are. A bad preset: MP_E_INPUT with file and line. Files that are not there are
 * no error here. */
int mp_network_preset_read(struct mp_network_preset *p, const char *name, struct mp_error *err);
/* Accepts NULL and a zeroed struct. */
void mp_network_preset_release(struct mp_network_preset *p);
/* The folders that are searched, as one text for messages. The caller frees. */
char *mp_network_preset_folders(const struct mp_network_preset *p);

/* Names of all presets, in order: those of $MACPPA_PRESETS (folders, colon-separated) if set, else
 * the source tree's or the installed ones. Release as a list of strings. */
int mp_network_preset_names(char ***names, size_t *count, struct mp_error *err);

/* What was found becomes the experiment's network; all that was known of another one is
 * forgotten. */
void mp_experiment_use_preset(struct mp_experiment *e, const struct mp_network_preset *p);
/* What the experiment lacks still and the preset did not find: MP_E_NOT_FOUND naming the file that
 * is wanted, where it was looked for, and how to get it. */
int mp_network_preset_check(const struct mp_network_preset *p, const struct mp_experiment *e,
                            struct mp_error *err);
/* One item's part of that: "weights are missing: no A or B in FOLDERS; get ...". The caller frees.
 */
char *mp_network_preset_wanted(const struct mp_network_preset *p, enum mp_preset_item item);

#endif
