#include "estimator/network/onnx.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TYPE_FLOAT = 1, TYPE_INT32 = 6, TYPE_INT64 = 7, TYPE_DOUBLE = 11 };

bool mp_onnx_element_count(const int64_t *dims, uint32_t rank, uint64_t *count)
{
    *count = 1;
    for (uint32_t i = 0; i < rank; i++) {
        if (dims[i] < 0 || (dims[i] > 0 && *count > MP_ONNX_MAX_ELEMENTS * 4 / (uint64_t)dims[i]))
            return false;
        *count *= (uint64_t)dims[i];
    }
    return true;
}

static const char *tensor_name(const Onnx__Tensor *t)
{
    return t->name != NULL && t->name[0] != '\0' ? t->name : "(without a name)";
}

/* Elements that the tensor's data hold, raw or typed. */
static int stored_elements(const struct mp_onnx_importer *im, const Onnx__Tensor *t,
                           uint64_t *stored, struct mp_error *err)
{
    size_t size = 0, typed = 0;

    switch (t->data_type) {
    case TYPE_FLOAT:
        size = sizeof(float);
        typed = t->n_float_data;
        break;
    case TYPE_INT32:
        size = sizeof(int32_t);
        typed = t->n_int32_data;
        break;
    case TYPE_INT64:
        size = sizeof(int64_t);
        typed = t->n_int64_data;
        break;
    case TYPE_DOUBLE:
        size = sizeof(double);
        typed = t->n_double_data;
        break;
    default:
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "constant \"%s\" has ONNX data type %d: only float32, float64, int32 and "
                          "int64 are read; export the network in float32",
                          tensor_name(t), (int)t->data_type);
    }
    if (t->has_raw_data && t->raw_data.len % size != 0)
        return mp_fail_at(err, MP_E_INPUT, im->path, 0,
                          "constant \"%s\" has %zu bytes of data, no multiple of %zu",
                          tensor_name(t), t->raw_data.len, size);
    *stored = t->has_raw_data ? t->raw_data.len / size : typed;
    return MP_OK;
}

/* ---- data in other files */

static const char *external_value(const Onnx__Tensor *t, const char *key)
{
    for (size_t i = 0; i < t->n_external_data; i++)
        if (strcmp(mp_onnx_text(t->external_data[i]->key), key) == 0)
            return mp_onnx_text(t->external_data[i]->value);
    return "";
}

/* A file below the model's folder and nowhere else. */
static bool is_inside(const char *location)
{
    if (location[0] == '\0' || location[0] == '/')
        return false;
    for (const char *p = location; p != NULL; p = strchr(p, '/')) {
        p += *p == '/';
        if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0'))
            return false;
    }
    return true;
}

static int read_part(const char *path, uint64_t offset, void *data, size_t size,
                     struct mp_error *err)
{
    FILE *f = fopen(path, "rbe");
    int rc = MP_OK;

    if (f == NULL)
        return mp_fail_errno(err, "cannot open %s", path);
    if (fseeko(f, (off_t)offset, SEEK_SET) != 0 || fread(data, 1, size, f) != size)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0, "it has no %zu bytes from byte %llu on", size,
                        (unsigned long long)offset);
    fclose(f);
    return rc;
}

/* Bytes that the dimensions and the type ask for; false: too many, or of no known type. */
static bool wanted_bytes(const Onnx__Tensor *t, uint64_t *bytes)
{
    uint64_t count;
    size_t size = t->data_type == TYPE_FLOAT || t->data_type == TYPE_INT32    ? 4
                  : t->data_type == TYPE_INT64 || t->data_type == TYPE_DOUBLE ? 8
                                                                              : 0;

    if (size == 0 || t->n_dims > MP_ONNX_MAX_RANK ||
        !mp_onnx_element_count(t->dims, (uint32_t)t->n_dims, &count))
        return false;
    *bytes = count * size;
    return true;
}

static bool file_holds(const char *path, uint64_t offset, uint64_t bytes)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && s.st_size >= 0 &&
           offset <= (uint64_t)s.st_size && bytes <= (uint64_t)s.st_size - offset;
}

int mp_onnx_load_external(struct mp_onnx_importer *im, Onnx__Tensor *t, struct mp_error *err)
{
    const char *location = external_value(t, "location"), *number = external_value(t, "offset");
    const char *length = external_value(t, "length");
    uint64_t offset = 0, claimed = 0, bytes = 0;
    int rc = MP_OK;

    if (t->data_location != 1)
        return MP_OK;
    if (!is_inside(location) || (number[0] != '\0' && !mp_parse_u64(number, &offset)) ||
        offset > INT64_MAX || !wanted_bytes(t, &bytes) ||
        (length[0] != '\0' && (!mp_parse_u64(length, &claimed) || claimed != bytes)))
        return mp_fail_at(err, MP_E_INPUT, im->path, 0,
                          "constant \"%s\" is kept in another file (\"%s\", offset \"%s\", length "
                          "\"%s\"), but not in one beside the network, or not with its own size",
                          tensor_name(t), location, number, length);
    char *folder = mp_path_dir(im->path), *path = mp_path_join(folder, location);
    if (!mp_file_exists(path))
        rc = mp_fail_at(err, MP_E_NOT_FOUND, im->path, 0,
                        "constant \"%s\" is kept in %s, which is not there", tensor_name(t), path);
    else if (!file_holds(path, offset, bytes))
        rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                        "it does not hold the %llu bytes of constant \"%s\" from byte %llu on; is "
                        "it cut off?",
                        (unsigned long long)bytes, tensor_name(t), (unsigned long long)offset);
    if (rc == MP_OK) {
        /* The model owns it from here on, and frees it with the rest. */
        free(t->raw_data.data);
        t->raw_data.data = mp_alloc((size_t)bytes + 1, 1);
        t->raw_data.len = (size_t)bytes;
        t->has_raw_data = 1;
        rc = read_part(path, offset, t->raw_data.data, (size_t)bytes, err);
    }
    if (rc == MP_OK)
        mp_hash_bytes(im->hash, t->raw_data.data, t->raw_data.len);
    free(path);
    free(folder);
    return rc;
}

/* ---- constants */

int mp_onnx_constant(const struct mp_onnx_importer *im, const Onnx__Tensor *t,
                     struct mp_onnx_value *v, struct mp_error *err)
{
    uint64_t count, stored = 0;
    int rc;

    if (t->data_location == 1 && !t->has_raw_data)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "constant \"%s\" of a node is kept in another file; only initialisers "
                          "may be",
                          tensor_name(t));
    if (t->n_dims > MP_ONNX_MAX_RANK)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "constant \"%s\" has %zu dimensions, more than %d", tensor_name(t),
                          t->n_dims, MP_ONNX_MAX_RANK);
    if (!mp_onnx_element_count(t->dims, (uint32_t)t->n_dims, &count))
        return mp_fail_at(err, MP_E_INPUT, im->path, 0,
                          "constant \"%s\" has a negative dimension or too many elements",
                          tensor_name(t));
    rc = stored_elements(im, t, &stored, err);
    if (rc < 0)
        return rc;
    if (stored != count)
        return mp_fail_at(
            err, MP_E_INPUT, im->path, 0,
            "constant \"%s\" claims %llu elements but holds %llu: the file is damaged",
            tensor_name(t), (unsigned long long)count, (unsigned long long)stored);
    *v = (struct mp_onnx_value){
        .constant = t, .rank = (uint32_t)t->n_dims, .layer = MP_ONNX_NO_LAYER};
    if (t->n_dims > 0)
        memcpy(v->dims, t->dims, t->n_dims * sizeof *t->dims);
    return MP_OK;
}

static uint64_t little_endian(const uint8_t *p, unsigned bytes)
{
    uint64_t x = 0;

    for (unsigned i = 0; i < bytes; i++)
        x |= (uint64_t)p[i] << (8 * i);
    return x;
}

static float float_at(const Onnx__Tensor *t, size_t i)
{
    float f;
    double d;

    if (t->data_type == TYPE_FLOAT) {
        if (!t->has_raw_data)
            return t->float_data[i];
        uint32_t bits = (uint32_t)little_endian(t->raw_data.data + 4 * i, 4);
        memcpy(&f, &bits, sizeof f);
        return f;
    }
    if (!t->has_raw_data)
        return (float)t->double_data[i];
    uint64_t bits = little_endian(t->raw_data.data + 8 * i, 8);
    memcpy(&d, &bits, sizeof d);
    return (float)d;
}

static int64_t integer_at(const Onnx__Tensor *t, size_t i)
{
    if (t->data_type == TYPE_INT64)
        return t->has_raw_data ? (int64_t)little_endian(t->raw_data.data + 8 * i, 8)
                               : t->int64_data[i];
    return t->has_raw_data ? (int32_t)(uint32_t)little_endian(t->raw_data.data + 4 * i, 4)
                           : t->int32_data[i];
}

int mp_onnx_floats(const struct mp_onnx_importer *im, const Onnx__Node *node,
                   const struct mp_onnx_value *v, float **out, uint64_t *count,
                   struct mp_error *err)
{
    const Onnx__Tensor *t = v->constant;

    *out = NULL;
    if (t->data_type != TYPE_FLOAT && t->data_type != TYPE_DOUBLE)
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "constant \"%s\" is not of type float",
                            tensor_name(t));
    mp_onnx_element_count(v->dims, v->rank, count);
    *out = mp_alloc(*count == 0 ? 1 : (size_t)*count, sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = float_at(t, i);
    return MP_OK;
}

int mp_onnx_integers(const struct mp_onnx_importer *im, const Onnx__Node *node,
                     const struct mp_onnx_value *v, int64_t **out, uint64_t *count,
                     struct mp_error *err)
{
    const Onnx__Tensor *t = v->constant;

    *out = NULL;
    if (t->data_type != TYPE_INT64 && t->data_type != TYPE_INT32)
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "constant \"%s\" is not of type integer",
                            tensor_name(t));
    mp_onnx_element_count(v->dims, v->rank, count);
    *out = mp_alloc(*count == 0 ? 1 : (size_t)*count, sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = integer_at(t, i);
    return MP_OK;
}
