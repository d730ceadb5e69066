/*
 * How far a quantised network's output is from float32's: the squared error over a few calibration
 * images, which sorts layers by how much they mind losing a bit. Used by search.c.
 */
#ifndef MP_PIPELINE_SEARCH_ERROR_H
#define MP_PIPELINE_SEARCH_ERROR_H

#include "estimator/cnn/infer.h"

struct mp_output_error {
    const struct mp_network *network;
    const struct mp_dataset *images; /* the first `count` are taken */
    uint32_t count, classes;
    unsigned threads;
    float *reference; /* [count][classes] float32's output */
};

/* Up to 16 of the images; MP_E_USAGE where there is none. Zero-initialise; release frees. */
int mp_output_error_init(struct mp_output_error *o, const struct mp_network *n,
                         const struct mp_dataset *images, unsigned threads, struct mp_error *err);
void mp_output_error_release(struct mp_output_error *o);

/* Sum over images and classes of (output - reference)^2. */
int mp_output_error_of(const struct mp_output_error *o, const struct mp_model *m, double *error,
                       struct mp_error *err);

#endif
