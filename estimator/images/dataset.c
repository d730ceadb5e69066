#include "estimator/images/dataset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MAGIC_LABELS 0x00000801u
#define MAGIC_GREY   0x00000803u /* [count][height][width] */
#define MAGIC_COLOUR 0x00000804u /* [count][channels][height][width] */
#define READ_BYTES   ((size_t)1 << 20)
#define MAX_PIXELS   ((uint64_t)1 << 26) /* of one image */
#define MAX_BYTES    ((uint64_t)1 << 32) /* of all images read */

/* An IDX file, plain or gzip; only what is asked for is decompressed. */
struct idx {
    const char *path;
    gzFile file;
};

static int idx_open(struct idx *f, const char *path, struct mp_error *err)
{
    f->path = path;
    errno = 0;
    f->file = gzopen(path, "rb");
    if (f->file == NULL)
        return mp_fail_errno(err, "cannot read %s", path);
    gzbuffer(f->file, 1 << 17);
    return MP_OK;
}

static int idx_damaged(const struct idx *f, struct mp_error *err)
{
    int code = Z_OK;
    const char *text = gzerror(f->file, &code);

    if (code == Z_ERRNO)
        return mp_fail_errno(err, "cannot read %s", f->path);
    return mp_fail_at(err, MP_E_INPUT, f->path, 0, "the file is %s",
                      code == Z_OK || code == Z_BUF_ERROR ? "cut off" : text);
}

static int idx_read(struct idx *f, void *out, unsigned size, struct mp_error *err)
{
    return gzread(f->file, out, size) == (int)size ? MP_OK : idx_damaged(f, err);
}

static int idx_read_u32(struct idx *f, uint32_t *x, struct mp_error *err)
{
    uint8_t b[4];
    int rc = idx_read(f, b, sizeof b, err);

    if (rc == MP_OK)
        *x = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return rc;
}

/* Memory grows with what is really there, whatever the header claims. */
static int idx_read_bytes(struct idx *f, uint64_t size, uint8_t **out, struct mp_error *err)
{
    uint64_t have = 0, room = 0;

    while (have < size) {
        uint64_t part = size - have < READ_BYTES ? size - have : READ_BYTES;
        if (have + part > room) {
            room = 2 * (have + part) < size ? 2 * (have + part) : size;
            *out = mp_realloc(*out, (size_t)room, 1);
        }
        int rc = idx_read(f, *out + have, (unsigned)part, err);
        if (rc < 0)
            return rc;
        have += part;
    }
    return MP_OK;
}

static int idx_expect_end(struct idx *f, struct mp_error *err)
{
    uint8_t b;
    int got = gzread(f->file, &b, 1), code = Z_OK;

    gzerror(f->file, &code);
    if (got > 0)
        return mp_fail_at(err, MP_E_INPUT, f->path, 0, "there are more data than the header says");
    return got == 0 && code == Z_OK ? MP_OK : idx_damaged(f, err);
}

static int read_images(struct mp_dataset *d, const char *path, uint32_t limit, uint32_t *all,
                       struct mp_error *err)
{
    struct idx f = {NULL, NULL};
    uint32_t magic = 0;
    struct mp_shape s = {1, 0, 0};
    int rc = idx_open(&f, path, err);

    if (rc == MP_OK)
        rc = idx_read_u32(&f, &magic, err);
    if (rc == MP_OK && magic != MAGIC_GREY && magic != MAGIC_COLOUR)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "magic number 0x%08x is not that of images (IDX of bytes with 3 or 4 "
                        "dimensions)",
                        magic);
    if (rc == MP_OK)
        rc = idx_read_u32(&f, all, err);
    if (rc == MP_OK && magic == MAGIC_COLOUR)
        rc = idx_read_u32(&f, &s.channels, err);
    if (rc == MP_OK)
        rc = idx_read_u32(&f, &s.height, err);
    if (rc == MP_OK)
        rc = idx_read_u32(&f, &s.width, err);
    if (rc < 0)
        goto out;
    d->shape = s;
    d->count = limit != 0 && limit < *all ? limit : *all;
    if (d->count == 0 || s.channels == 0 || s.height == 0 || s.width == 0 ||
        (uint64_t)s.height * s.width > MAX_PIXELS ||
        (uint64_t)s.height * s.width * s.channels > MAX_PIXELS ||
        mp_shape_elements(&s) * d->count > MAX_BYTES) {
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "%u images of %u x %u x %u: none, or above the limit", *all, s.channels,
                        s.height, s.width);
        goto out;
    }
    rc = idx_read_bytes(&f, mp_shape_elements(&s) * d->count, &d->pixels, err);
    if (rc == MP_OK && d->count == *all)
        rc = idx_expect_end(&f, err);
out:
    if (f.file != NULL)
        gzclose(f.file);
    return rc;
}

static int read_labels(struct mp_dataset *d, const char *path, uint32_t all, struct mp_error *err)
{
    struct idx f = {NULL, NULL};
    uint32_t magic = 0, count = 0;
    uint8_t *bytes = NULL;
    int rc = idx_open(&f, path, err);

    if (rc == MP_OK)
        rc = idx_read_u32(&f, &magic, err);
    if (rc == MP_OK && magic != MAGIC_LABELS)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "magic number 0x%08x is not that of labels (IDX of bytes, 1 dimension)",
                        magic);
    if (rc == MP_OK)
        rc = idx_read_u32(&f, &count, err);
    if (rc == MP_OK && count != all)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0, "%u labels for %u images", count, all);
    if (rc == MP_OK)
        rc = idx_read_bytes(&f, d->count, &bytes, err);
    if (rc == MP_OK && d->count == count)
        rc = idx_expect_end(&f, err);
    if (rc == MP_OK) {
        d->labels = mp_alloc(d->count, sizeof *d->labels);
        for (uint32_t i = 0; i < d->count; i++)
            d->labels[i] = bytes[i];
    }
    free(bytes);
    if (f.file != NULL)
        gzclose(f.file);
    return rc;
}

static int take_part(struct mp_dataset *d, const char *path, const struct mp_split *split,
                     uint32_t limit, struct mp_error *err)
{
    size_t elements = mp_shape_elements(&d->shape);
    uint32_t count = 0, all = d->count;

    for (uint32_t i = 0; i < all && (limit == 0 || count < limit); i++) {
        if (!mp_split_has(split, i))
            continue;
        memmove(d->pixels + count * elements, d->pixels + i * elements, elements);
        d->labels[count++] = d->labels[i];
    }
    d->count = count;
    return count > 0 ? MP_OK
                     : mp_fail_at(
                           err, MP_E_INPUT, path, 0,
                           "of %u images none is left when one in %u is set apart for calibration: "
                           "choose a smaller `calibration_every`, or `calibration_images` of "
                           "their own",
                           all, split->every);
}

int mp_dataset_read_idx(struct mp_dataset *d, const char *images_path, const char *labels_path,
                        uint32_t limit, struct mp_error *err)
{
    return mp_dataset_read_idx_part(d, images_path, labels_path, &(struct mp_split){0}, limit, err);
}

int mp_dataset_read_idx_part(struct mp_dataset *d, const char *images_path, const char *labels_path,
                             const struct mp_split *split, uint32_t limit, struct mp_error *err)
{
    uint32_t all = 0;
    int rc;

    *d = (struct mp_dataset){0};
    rc = read_images(d, images_path, split->every == 0 ? limit : 0, &all, err);
    if (rc == MP_OK)
        rc = read_labels(d, labels_path, all, err);
    if (rc == MP_OK)
        rc = take_part(d, images_path, split, limit, err);
    if (rc < 0) {
        mp_dataset_release(d);
        return rc;
    }
    struct mp_hash *h = mp_hash_create();
    mp_hash_u64(h, d->shape.channels);
    mp_hash_u64(h, d->shape.height);
    mp_hash_u64(h, d->shape.width);
    mp_hash_u64(h, d->count);
    mp_hash_bytes(h, d->pixels, (size_t)mp_shape_elements(&d->shape) * d->count);
    for (uint32_t i = 0; i < d->count; i++)
        mp_hash_u64(h, d->labels[i]);
    mp_split_hash(split, h);
    mp_hash_digest(h, d->hash);
    mp_hash_destroy(h);
    return MP_OK;
}

int mp_dataset_set_values(struct mp_dataset *d, const struct mp_preprocess *p, struct mp_error *err)
{
    struct mp_preprocess *copy;

    if (p->resize != MP_RESIZE_NONE && !p->resize_unless_prepared)
        return mp_fail(
            err, MP_E_UNSUPPORTED,
            "images of IDX files are not resized: leave out resize, or bring JPEG files");
    copy = mp_alloc(1, sizeof *copy);
    mp_preprocess_copy(copy, p);
    int rc = mp_preprocess_fit(copy, &d->shape, err);
    if (rc < 0) {
        mp_preprocess_release(copy);
        free(copy);
        return rc;
    }
    struct mp_hash *h = mp_hash_create();
    mp_hash_string(h, d->hash);
    mp_preprocess_hash(copy, h);
    mp_hash_digest(h, d->hash);
    mp_hash_destroy(h);
    mp_preprocess_release(d->how);
    free(d->how);
    d->how = copy;
    return MP_OK;
}

int mp_dataset_load(const struct mp_dataset *d, uint32_t first, uint32_t count, float *values,
                    struct mp_error *err)
{
    const struct mp_preprocess unit = MP_PREPROCESS_INIT;
    const struct mp_preprocess *how = d->images != NULL ? &d->images->how
                                      : d->how != NULL  ? d->how
                                                        : &unit;
    size_t elements = mp_shape_elements(&d->shape);
    uint8_t *scratch = d->pixels == NULL ? mp_alloc(elements, 1) : NULL;
    int rc = MP_OK;

    for (uint32_t i = 0; i < count && rc == MP_OK; i++) {
        const uint8_t *bytes = scratch;
        if (scratch == NULL)
            bytes = d->pixels + (size_t)(first + i) * elements;
        else
            rc = mp_image_set_bytes(d->images, &d->shape, first + i, scratch, err);
        if (rc == MP_OK)
            mp_preprocess_values(how, &d->shape, bytes, values + i * elements);
    }
    free(scratch);
    return rc;
}

void mp_dataset_release(struct mp_dataset *d)
{
    if (d == NULL)
        return;
    free(d->pixels);
    free(d->labels);
    mp_image_set_destroy(d->images);
    mp_preprocess_release(d->how);
    free(d->how);
    *d = (struct mp_dataset){0};
}
