/*
 * Caffe's weights: a caffemodel is a protocol buffer with the blobs of every layer by name, in the
 * form of Caffe 1 (`layer`, blobs with a shape) or in that of the first published networks
 * (`layers`, blobs of num x channels x height x width). Both are read; numbers may be float or
 * double, packed or not. Only names and blobs are taken: the architecture is the prototxt's.
 *
 *     mp_caffemodel_read(&m, path, err)
 *     layer = mp_caffemodel_find(&m, "conv1");            (MP_CAFFEMODEL_NONE: not there)
 *     mp_caffemodel_take(&m, layer, 0, dims, 4, &weights, err)     ([out][in][height][width])
 *     mp_caffemodel_release(&m)
 *
 * A file can be as large as 2 GiB (VGG-16 has 553 MB); it is in memory once while it is read, and
 * the numbers once. What a blob claims is compared with what the file holds before anything of
 * that size is allocated.
 */
#ifndef MP_NETWORK_CAFFEMODEL_H
#define MP_NETWORK_CAFFEMODEL_H

#include "estimator/util/hash.h"
#include "estimator/util/memory.h"
#include <stdbool.h>

#define MP_CAFFEMODEL_NONE UINT32_MAX

struct mp_caffemodel {
    const char *path; /* for messages; of the arena */
    char hash[MP_HASH_SIZE];
    struct mp_caffemodel_layer *layers; /* [layer_count], in the file's order */
    uint32_t layer_count;
    struct mp_map names;
    struct mp_arena arena;
    struct Caffe__Network *file; /* owner of the numbers that were not taken */
};

/* MP_E_INPUT when it is no caffemodel, is damaged or cut off, or has two layers with blobs of one
 * name. */
int mp_caffemodel_read(struct mp_caffemodel *m, const char *path, struct mp_error *err);
int mp_caffemodel_read_bytes(struct mp_caffemodel *m, const void *data, size_t size,
                             const char *path, struct mp_error *err);
/* Accepts NULL and a zeroed struct. */
void mp_caffemodel_release(struct mp_caffemodel *m);

/* A layer that has blobs. */
uint32_t mp_caffemodel_find(const struct mp_caffemodel *m, const char *name);
uint32_t mp_caffemodel_blob_count(const struct mp_caffemodel *m, uint32_t layer);

/* Blob i of a layer as float32, whose shape must be dims[rank]; leading dimensions of 1 do not
 * count, because the old form fills its four up with them. The caller owns *out; a second take of
 * the same blob is MP_E_INPUT, as is a missing blob or another number of elements. */
int mp_caffemodel_take(struct mp_caffemodel *m, uint32_t layer, uint32_t i, const int64_t *dims,
                       uint32_t rank, float **out, struct mp_error *err);

#endif
