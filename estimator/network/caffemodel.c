#include "estimator/network/caffemodel.h"
#include "estimator/network/caffe.pb-c.h"
#include "estimator/util/file.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)2 << 30)

#define MAX_RANK 8

struct mp_caffemodel_layer {
    const char *name;
    Caffe__Blob **blobs; /* of the file */
    uint32_t blob_count;
};

static int add_layer(struct mp_caffemodel *m, const char *name, Caffe__Blob **blobs, size_t count,
                     struct mp_error *err)
{
    if (count == 0)
        return MP_OK;
    if (name == NULL || name[0] == '\0')
        return mp_fail_at(err, MP_E_INPUT, m->path, 0, "a layer with weights has no name");
    if (mp_map_put(&m->names, name, m->layer_count) != m->layer_count)
        return mp_fail_at(err, MP_E_INPUT, m->path, 0,
                          "there are two layers with weights called \"%s\"", name);
    m->layers[m->layer_count++] = (struct mp_caffemodel_layer){name, blobs, (uint32_t)count};
    return MP_OK;
}

static int find_layers(struct mp_caffemodel *m, struct mp_error *err)
{
    Caffe__Network *file = m->file;
    int rc = MP_OK;

    m->layers = mp_alloc(file->n_layers + file->n_layer + 1, sizeof *m->layers);
    for (size_t i = 0; i < file->n_layers && rc == MP_OK; i++)
        rc = add_layer(m, file->layers[i]->name, file->layers[i]->blobs, file->layers[i]->n_blobs,
                       err);
    for (size_t i = 0; i < file->n_layer && rc == MP_OK; i++)
        rc =
            add_layer(m, file->layer[i]->name, file->layer[i]->blobs, file->layer[i]->n_blobs, err);
    if (rc == MP_OK && m->layer_count == 0)
        rc = mp_fail_at(err, MP_E_INPUT, m->path, 0,
                        "there is no layer with weights inside; is it a caffemodel?");
    return rc;
}

/* Frees *data, whose contents are not needed any more once they are unpacked. */
static int unpack(struct mp_caffemodel *m, const void *data, size_t size, struct mp_text *owner,
                  const char *path, struct mp_error *err)
{
    struct mp_hash *hash = mp_hash_create();
    int rc;

    *m = (struct mp_caffemodel){0};
    m->path = mp_arena_strdup(&m->arena, path);
    mp_hash_bytes(hash, data, size);
    mp_hash_digest(hash, m->hash);
    mp_hash_destroy(hash);
    m->file = caffe__network__unpack(NULL, size, data);
    mp_text_release(owner);
    if (m->file == NULL)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "it is no caffemodel, or it is damaged or cut off (%zu bytes)", size);
    else
        rc = find_layers(m, err);
    if (rc < 0)
        mp_caffemodel_release(m);
    return rc;
}

int mp_caffemodel_read_bytes(struct mp_caffemodel *m, const void *data, size_t size,
                             const char *path, struct mp_error *err)
{
    struct mp_text none = {0};

    return unpack(m, data, size, &none, path, err);
}

int mp_caffemodel_read(struct mp_caffemodel *m, const char *path, struct mp_error *err)
{
    struct mp_text file = {0};
    int rc;

    *m = (struct mp_caffemodel){0};
    rc = mp_file_read(&file, path, MAX_BYTES, err);
    return rc < 0 ? rc : unpack(m, file.data != NULL ? file.data : "", file.size, &file, path, err);
}

void mp_caffemodel_release(struct mp_caffemodel *m)
{
    if (m == NULL)
        return;
    if (m->file != NULL)
        caffe__network__free_unpacked(m->file, NULL);
    free(m->layers);
    mp_map_release(&m->names);
    mp_arena_release(&m->arena);
    *m = (struct mp_caffemodel){0};
}

uint32_t mp_caffemodel_find(const struct mp_caffemodel *m, const char *name)
{
    return mp_map_get(&m->names, name);
}

uint32_t mp_caffemodel_blob_count(const struct mp_caffemodel *m, uint32_t layer)
{
    return m->layers[layer].blob_count;
}

/* ---- blobs */

static void print_shape(struct mp_text *t, const int64_t *dims, size_t rank)
{
    for (size_t i = 0; i < rank; i++)
        mp_text_printf(t, "%s%lld", i > 0 ? " x " : "", (long long)dims[i]);
    if (rank == 0)
        mp_text_add(t, "no dimensions");
}

/* The blob's dimensions; false: more than MAX_RANK. */
static bool blob_shape(const Caffe__Blob *blob, int64_t dims[MAX_RANK], size_t *rank)
{
    if (blob->shape == NULL) {
        dims[0] = blob->num;
        dims[1] = blob->channels;
        dims[2] = blob->height;
        dims[3] = blob->width;
        *rank = 4;
        return true;
    }
    *rank = blob->shape->n_dim;
    if (*rank > MAX_RANK)
        return false;
    for (size_t i = 0; i < *rank; i++)
        dims[i] = blob->shape->dim[i];
    return true;
}

static bool same_shape(const int64_t *a, size_t a_rank, const int64_t *b, size_t b_rank)
{
    for (; a_rank > 0 && *a == 1; a_rank--)
        a++;
    for (; b_rank > 0 && *b == 1; b_rank--)
        b++;
    return a_rank == b_rank && (a_rank == 0 || memcmp(a, b, a_rank * sizeof *a) == 0);
}

static int check_blob(const struct mp_caffemodel *m, const struct mp_caffemodel_layer *layer,
                      uint32_t i, const int64_t *dims, uint32_t rank, uint64_t *count,
                      struct mp_error *err)
{
    const Caffe__Blob *blob = layer->blobs[i];
    struct mp_text have = {0}, want = {0};
    int64_t shape[MAX_RANK] = {0};
    size_t shape_rank = 0, stored = blob->n_data > 0 ? blob->n_data : blob->n_double_data;
    int rc = MP_OK;

    *count = 1;
    for (uint32_t d = 0; d < rank; d++)
        *count *= (uint64_t)dims[d];
    if (!blob_shape(blob, shape, &shape_rank) || !same_shape(shape, shape_rank, dims, rank)) {
        print_shape(&have, shape, shape_rank);
        print_shape(&want, dims, rank);
        rc = mp_fail_at(err, MP_E_INPUT, m->path, 0,
                        "layer \"%s\": blob %u is %s, the prototxt needs %s; do the two files "
                        "belong together?",
                        layer->name, i, have.data, want.data);
    } else if (stored != *count) {
        rc = mp_fail_at(err, MP_E_INPUT, m->path, 0,
                        "layer \"%s\": blob %u claims %llu numbers but holds %zu: the file is "
                        "damaged",
                        layer->name, i, (unsigned long long)*count, stored);
    }
    mp_text_release(&have);
    mp_text_release(&want);
    return rc;
}

int mp_caffemodel_take(struct mp_caffemodel *m, uint32_t l, uint32_t i, const int64_t *dims,
                       uint32_t rank, float **out, struct mp_error *err)
{
    struct mp_caffemodel_layer *layer = &m->layers[l];
    uint64_t count;
    int rc;

    *out = NULL;
    if (i >= layer->blob_count)
        return mp_fail_at(err, MP_E_INPUT, m->path, 0,
                          "layer \"%s\" has %u blobs, the prototxt needs blob %u", layer->name,
                          layer->blob_count, i);
    rc = check_blob(m, layer, i, dims, rank, &count, err);
    if (rc < 0)
        return rc;
    Caffe__Blob *blob = layer->blobs[i];
    if (blob->n_data > 0) {
        /* Unpacked with malloc, so that it can be handed on without a copy. */
        *out = blob->data;
        blob->data = NULL;
        blob->n_data = 0;
        return MP_OK;
    }
    *out = mp_alloc((size_t)count, sizeof **out);
    for (size_t k = 0; k < count; k++)
        (*out)[k] = (float)blob->double_data[k];
    free(blob->double_data);
    blob->double_data = NULL;
    blob->n_double_data = 0;
    return MP_OK;
}
