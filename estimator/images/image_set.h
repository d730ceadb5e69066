/*
 * A labelled collection of JPEG files behind a data set: read, checked and named once when it is
 * opened, decoded again in batches when its pixels do not fit in memory.
 *
 * A list names a file and its class (0-based) a line: `n01440764/tench.JPEG 0`; the class is what
 * stands behind the last blank, so names may hold blanks. Files are relative to the list's folder,
 * or to `folder`. A folder alone has such a list in `labels.txt`.
 *
 * Every file is decoded when the set is opened, on all threads: what is missing, damaged, no JPEG
 * or too small is found before anything is scored. Such files are left out and named in `damaged`
 * in the order of the list; more of them than `allow_damaged` is an error that names them.
 */
#ifndef MP_IMAGES_IMAGE_SET_H
#define MP_IMAGES_IMAGE_SET_H

#include "estimator/images/preprocess.h"
#include "estimator/images/split.h"

struct mp_dataset;

struct mp_image_options {
    const char *path;       /* a list, or a folder with labels.txt */
    const char *folder;     /* what files are relative to; NULL: the folder of the list */
    struct mp_split split;  /* by the place in the list; zeroed: all of it */
    uint32_t limit;         /* the first so many files of the part; 0: all */
    uint32_t allow_damaged; /* files that may be left out; 0: none */
    unsigned threads;       /* 0: all cores; results do not depend on it */
    size_t memory_bytes;    /* pixels are kept when they fit; 0: 512 MiB */
};

struct mp_image_damage {
    char *name;   /* as in the list */
    char *reason; /* one line */
};

struct mp_image_set {
    struct mp_preprocess how;
    bool prepared;          /* see resize_unless_prepared */
    char **paths;           /* [count of the data set] */
    uint32_t damaged_count; /* files left out */
    struct mp_image_damage *damaged;
    struct mp_arena arena; /* owns names and paths */
};

/* Fills d (dataset.h), which owns the set; input: what the network takes. The data set's hash is of
 * pixels' sources (the files' bytes), labels, and how they are prepared, not of names. A list with
 * an unreadable line, no image at all, a class that is no number: located errors. */
int mp_dataset_open_images(struct mp_dataset *d, const struct mp_image_options *o,
                           const struct mp_preprocess *how, const struct mp_shape *input,
                           struct mp_error *err);
/* Bytes [channels][height][width] of image `index`, decoded now. Files that changed since they were
 * opened are errors. Thread-safe. */
int mp_image_set_bytes(const struct mp_image_set *s, const struct mp_shape *shape, uint32_t index,
                       uint8_t *bytes, struct mp_error *err);
void mp_image_set_destroy(struct mp_image_set *s);

#endif
