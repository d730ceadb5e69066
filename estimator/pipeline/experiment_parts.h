/*
 * Between the files that read an experiment: what libcyaml fills of `network:`, and how values are
 * checked and messages located.
 */
#ifndef MP_PIPELINE_EXPERIMENT_PARTS_H
#define MP_PIPELINE_EXPERIMENT_PARTS_H

#include "estimator/pipeline/pipeline.h"
#include "libs/yaml_load.h"

struct mp_raw_images {
    char *preset, *folder, *resize, *interpolation, *crop, *channels, *mean, *mean_file, *scale;
    char *allow_damaged;
};
struct mp_raw_override {
    char *layer, *weights, *activations;
};
struct mp_raw_network {
    char *preset, *model, *weights, *test_images, *test_labels, *calibration_images,
        *calibration_labels;
    char *weight_calibration, *activation_calibration, *calibration_count, *calibration_every;
    char *missing, *weight_scope, *activation_scope;
    struct mp_raw_override *layers;
    unsigned layers_count;
    struct mp_raw_images *images;
};

struct mp_raw_study {
    char **networks, **weight_scopes, **formats;
    unsigned networks_count, weight_scopes_count, formats_count;
    char *tolerance, *calibration_every, *by_layer, *synthetic, *layers_on;
};

/* Keys at the top of the file about fields of designs: lists. */
struct mp_raw_choices {
    char **adders, **forms, **signs, **shifts, **shifters, **terms, **alignments, **stages,
        **drop_bits, **guard_bits, **roundings, **low_power, **registers, **designs;
    unsigned adders_count, forms_count, signs_count, shifts_count, shifters_count, terms_count,
        alignments_count, stages_count, drop_bits_count, guard_bits_count, roundings_count,
        low_power_count, registers_count, designs_count;
};
/* Keys at the top of the file about ways to a netlist. */
struct mp_raw_ways {
    char **implementations, **recipes, **objectives;
    unsigned implementations_count, recipes_count, objectives_count;
    char *objective, *max_delay, *max_area, *max_power, *budget, *evaluations, *seeds, *resize,
        *driving_cell, *output_load, *peers;
};

/* Their keys. */
extern const cyaml_schema_field_t mp_raw_images_fields[], mp_raw_network_fields[],
    mp_raw_study_fields[];

/* What a value is checked with: where the message points to. */
struct mp_place {
    const char *path, *text;
    int from; /* line behind which the key stands */
};
/* Put file, line and key in front of a checker's message. */
int mp_experiment_located(int rc, const struct mp_place *at, const char *key, struct mp_error *err);
/* A whole number in min..max; text NULL: *out stays as it is. */
int mp_experiment_u32(uint32_t *out, const char *text, uint32_t min, uint32_t max,
                      const struct mp_place *at, const char *key, struct mp_error *err);
/* Index of a word in a NULL-terminated list of choices. */
int mp_experiment_choose(unsigned *out, const char *word, const char *const *choices,
                         const struct mp_place *at, const char *key, struct mp_error *err);
/* Relative to the folder of the config file; NULL stays NULL. The caller frees. */
char *mp_experiment_path(const struct mp_place *at, const char *path);

/* The keys of `images:` that say how an image becomes an input. */
int mp_experiment_read_preprocess(struct mp_preprocess *p, const struct mp_raw_images *i,
                                  const struct mp_place *at, struct mp_error *err);
/* How it is quantised: scopes, calibration, formats of single layers (experiment_scheme.c). */
int mp_experiment_read_scheme(struct mp_experiment *e, const struct mp_raw_network *n,
                              const struct mp_place *at, struct mp_error *err);
/* `network:`; NULL: none. */
int mp_experiment_read_network(struct mp_experiment *e, const struct mp_raw_network *n,
                               const struct mp_place *at, struct mp_error *err);

/* Further fields of designs. */
int mp_experiment_read_choices(struct mp_experiment *e, const struct mp_raw_choices *raw,
                               const struct mp_place *at, struct mp_error *err);
/* Ways to a netlist, and `peers:`. */
int mp_experiment_read_ways(struct mp_experiment *e, const struct mp_raw_ways *raw,
                            const struct mp_place *at, struct mp_error *err);

/* `study:`, see study_settings.h; NULL: none. */
int mp_experiment_read_study(struct mp_experiment *e, const struct mp_raw_study *raw,
                             const struct mp_place *at, struct mp_error *err);

#endif
