#include "estimator/cnn/onnx.h"

#include <stdlib.h>
#include <string.h>

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

int mp_onnx_constant(const struct mp_onnx_importer *im, const Onnx__Tensor *t,
                     struct mp_onnx_value *v, struct mp_error *err)
{
    uint64_t count, stored = 0;
    int rc;

    if (t->data_location == 1 || t->n_external_data > 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "constant \"%s\" is kept in another file; save the network as one file "
                          "(no external data)",
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
