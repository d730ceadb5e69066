/*
 * Caffe's binary weights, written byte by byte as the format's documentation says, so that the
 * reader is tested against something that is not its own library.
 *
 *     struct caffe_build b = {.old = true};
 *     caffe_build_blob(&b, (int64_t[]){2, 1, 3, 3}, 4, values);   (blobs of the next layer)
 *     caffe_build_layer(&b, "conv1");
 *     rc = caffe_build_read(&b, text, &n, &err);
 *     caffe_build_release(&b);
 */
#ifndef MP_TESTS_CNN_CAFFE_BUILD_H
#define MP_TESTS_CNN_CAFFE_BUILD_H

#include "estimator/network/network.h"

struct caffe_build {
    bool old;      /* `layers`, num x channels x height x width; rank must be 4 */
    bool unpacked; /* a tag before every number */
    bool doubles;
    struct mp_text blobs, bytes; /* of the next layer; of the file */
};

void caffe_build_varint(struct mp_text *t, uint64_t x);
/* A field of bytes: tag, length, contents. */
void caffe_build_bytes(struct mp_text *t, unsigned field, const void *data, size_t size);
/* Numbers of a blob, all of dims[rank] unless count says otherwise (0: all). */
void caffe_build_blob(struct caffe_build *b, const int64_t *dims, size_t rank, const float *values);
void caffe_build_blob_of(struct caffe_build *b, const int64_t *dims, size_t rank,
                         const float *values, size_t count);
void caffe_build_layer(struct caffe_build *b, const char *name);
/* Read text as "dir/net.prototxt" with the weights as "dir/net.caffemodel" (none: no layers). */
int caffe_build_read(struct caffe_build *b, const char *text, struct mp_network *n,
                     struct mp_error *err);
void caffe_build_release(struct caffe_build *b);

/* Run a network on images[count][elements]; the caller frees what is given back. lean: as the
 * scoring does it. */
float *caffe_run(const struct mp_network *n, const float *images, uint32_t count, bool lean);

#endif
