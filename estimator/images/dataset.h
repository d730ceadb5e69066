/*
 * Labelled images: IDX files in memory, as bytes, or a collection of JPEG files (image_set.h), in
 * memory where they fit and else decoded on demand. Whoever reads images asks mp_dataset_load() for
 * a few at a time, from any thread.
 */
#ifndef MP_IMAGES_DATASET_H
#define MP_IMAGES_DATASET_H

#include "estimator/images/image_set.h"
#include "estimator/network/network.h"

struct mp_dataset {
    struct mp_shape shape;
    uint32_t count;
    uint8_t *pixels;  /* [count][channels][height][width]; NULL: files, decoded on demand */
    uint32_t *labels; /* [count] */
    struct mp_image_set *images; /* owned; NULL: not made of JPEG files */
    struct mp_preprocess *how;   /* owned; what mean and scale do to the bytes of IDX files; NULL:
                                    pixel / 255 */
    char hash[MP_HASH_SIZE];     /* of pixels or files, labels, and how they are prepared */
};

/* IDX pairs (images, labels), gzip or not; limit 0: all. Wrong magic, sizes that do not match, a
 * cut-off file: located errors. */
int mp_dataset_read_idx(struct mp_dataset *d, const char *images_path, const char *labels_path,
                        uint32_t limit, struct mp_error *err);
/* A part of them (split.h), of which limit is the largest number. */
int mp_dataset_read_idx_part(struct mp_dataset *d, const char *images_path, const char *labels_path,
                             const struct mp_split *split, uint32_t limit, struct mp_error *err);
/* Mean and scale of p for the pixels of IDX files, whose size is the network's already: a resize,
 * or a crop or mean image that does not fit, is an error. Changes the hash. */
int mp_dataset_set_values(struct mp_dataset *d, const struct mp_preprocess *p,
                          struct mp_error *err);
/* Images first .. first + count - 1, as the network sees them, to values[count][channels][height]
 * [width]. Fails only when a file has changed or gone since it was opened. Thread-safe. */
int mp_dataset_load(const struct mp_dataset *d, uint32_t first, uint32_t count, float *values,
                    struct mp_error *err);
void mp_dataset_release(struct mp_dataset *d);

#endif
