#include "estimator/images/mean.pb-c.h"
#include "estimator/images/preprocess.h"
#include "estimator/util/file.h"

#include <math.h>
#include <stdlib.h>

#define MAX_FILE_BYTES ((size_t)256 << 20)
#define MAX_SIDE       65535

/* Channels, height and width of 1 x C x H x W, or of C x H x W. */
static bool read_shape(const Mean__BlobProto *blob, int64_t shape[3])
{
    const Mean__BlobShape *s = blob->shape;

    if (s != NULL) {
        if (s->n_dim != 3 && !(s->n_dim == 4 && s->dim[0] == 1))
            return false;
        for (size_t i = 0; i < 3; i++)
            shape[i] = s->dim[s->n_dim - 3 + i];
    } else {
        if (blob->num != 1)
            return false;
        shape[0] = blob->channels;
        shape[1] = blob->height;
        shape[2] = blob->width;
    }
    for (size_t i = 0; i < 3; i++)
        if (shape[i] < 1 || shape[i] > MAX_SIDE)
            return false;
    return shape[0] == 1 || shape[0] == 3;
}

static int take_blob(struct mp_preprocess *p, const Mean__BlobProto *blob, const char *path,
                     struct mp_error *err)
{
    int64_t shape[3];
    bool is_double = blob->n_double_data > 0;
    size_t count = is_double ? blob->n_double_data : blob->n_data;

    if (!read_shape(blob, shape))
        return mp_fail_at(err, MP_E_INPUT, path, 0,
                          "not a mean image: its shape must be 1 x 1 or 3 channels x height x "
                          "width");
    if (count != (uint64_t)shape[0] * (uint64_t)shape[1] * (uint64_t)shape[2])
        return mp_fail_at(err, MP_E_INPUT, path, 0,
                          "the mean image has %zu values where its shape %lld x %lld x %lld needs "
                          "another number",
                          count, (long long)shape[0], (long long)shape[1], (long long)shape[2]);
    float *values = mp_alloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        values[i] = is_double ? (float)blob->double_data[i] : blob->data[i];
        if (!isfinite(values[i])) {
            free(values);
            return mp_fail_at(err, MP_E_INPUT, path, 0, "value %zu of the mean image is no number",
                              i);
        }
    }
    free(p->mean_image);
    p->mean_image = values;
    p->mean_channels = (uint32_t)shape[0];
    p->mean_height = (uint32_t)shape[1];
    p->mean_width = (uint32_t)shape[2];
    return MP_OK;
}

int mp_preprocess_parse_mean(struct mp_preprocess *p, const void *data, size_t size,
                             const char *path, struct mp_error *err)
{
    Mean__BlobProto *blob = mean__blob_proto__unpack(NULL, size, data);

    if (blob == NULL)
        return mp_fail_at(err, MP_E_INPUT, path, 0,
                          "not a mean image (Caffe's binaryproto), or cut off");
    int rc = take_blob(p, blob, path, err);
    mean__blob_proto__free_unpacked(blob, NULL);
    return rc;
}

int mp_preprocess_read_mean(struct mp_preprocess *p, const char *path, struct mp_error *err)
{
    struct mp_text text = {0};
    int rc = mp_file_read(&text, path, MAX_FILE_BYTES, err);

    if (rc == MP_OK)
        rc = mp_preprocess_parse_mean(p, text.data, text.size, path, err);
    mp_text_release(&text);
    return rc;
}
