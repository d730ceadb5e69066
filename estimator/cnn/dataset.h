/*
 * Labelled images in memory, as bytes; the network sees pixel / 255.
 */
#ifndef MP_CNN_DATASET_H
#define MP_CNN_DATASET_H

#include "estimator/cnn/network.h"

struct mp_dataset {
    struct mp_shape shape;
    uint32_t count;
    uint8_t *pixels;  /* [count][channels][height][width] */
    uint32_t *labels; /* [count] */
    char hash[MP_HASH_SIZE];
};

/* IDX pairs (images, labels), gzip or not; limit 0: all. Wrong magic, sizes that do not match, a
 * cut-off file: located errors. */
int mp_dataset_read_idx(struct mp_dataset *d, const char *images_path, const char *labels_path,
                        uint32_t limit, struct mp_error *err);
void mp_dataset_release(struct mp_dataset *d);

#endif
