/*
 * `study:` of a config file: the paper's experiment over several networks (study.h).
 */
#ifndef MP_PIPELINE_STUDY_SETTINGS_H
#define MP_PIPELINE_STUDY_SETTINGS_H

#include "estimator/search/search.h"

struct mp_study_settings {
    char **networks; /* presets */
    size_t network_count;
    double tolerance; /* of top-1, relative */
    enum mp_scope scopes[3];
    size_t scope_count;
    struct mp_format *formats; /* weight formats that are estimated beside those found */
    size_t format_count;
    uint32_t calibration_every; /* where a network has no calibration images of its own */
    bool by_layer;              /* formats of single layers too */
    bool synthetic;             /* also stand-ins for networks that lack weights */
    char *layers_on;            /* library on which every layer is estimated; NULL: on none */
};

/* Release accepts NULL. */
void mp_study_settings_destroy(struct mp_study_settings *s);

#endif
