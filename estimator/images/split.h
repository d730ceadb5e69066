/*
 * One set of images in two parts, where there are no others to choose scales on: images N - 1,
 * 2 N - 1, 3 N - 1, ... (counted from 0, as the files list them) are set apart and never scored,
 * the others are kept. Both parts are opened from the same files, each as a data set of its own:
 *
 *     options.split = (struct mp_split){6, MP_PART_KEPT};        scored
 *     options.split = (struct mp_split){6, MP_PART_SET_APART};   calibration
 */
#ifndef MP_IMAGES_SPLIT_H
#define MP_IMAGES_SPLIT_H

#include "estimator/util/hash.h"
#include <stdbool.h>
#include <stdint.h>

enum mp_part { MP_PART_ALL, MP_PART_KEPT, MP_PART_SET_APART };

struct mp_split {
    uint32_t every; /* N, at least 2; 0: not split, whatever the part */
    enum mp_part part;
};

/* Whether the image of that index is in the part. */
bool mp_split_has(const struct mp_split *s, uint32_t index);
/* Nothing where nothing is split, so that hashes of whole sets stay as they are. */
void mp_split_hash(const struct mp_split *s, struct mp_hash *h);

#endif
