#include "tests/network/caffe_build.h"

#include "estimator/cnn/infer.h"

#include <stdlib.h>
#include <string.h>

void caffe_build_varint(struct mp_text *t, uint64_t x)
{
    do {
        uint8_t byte = (uint8_t)((x & 127) | (x > 127 ? 128 : 0));
        mp_text_add_bytes(t, &byte, 1);
        x >>= 7;
    } while (x > 0);
}

void caffe_build_bytes(struct mp_text *t, unsigned field, const void *data, size_t size)
{
    caffe_build_varint(t, field << 3 | 2);
    caffe_build_varint(t, size);
    if (size > 0)
        mp_text_add_bytes(t, data, size);
}

static void add_number(struct mp_text *t, float value, bool is_double)
{
    double wide = (double)value;

    mp_text_add_bytes(t, is_double ? (const void *)&wide : (const void *)&value,
                      is_double ? sizeof wide : sizeof value);
}

void caffe_build_blob_of(struct caffe_build *b, const int64_t *dims, size_t rank,
                         const float *values, size_t count)
{
    struct mp_text blob = {0}, numbers = {0}, shape = {0};
    unsigned field = b->doubles ? 8 : 5;

    for (size_t i = 0; i < rank; i++) {
        if (b->old)
            caffe_build_varint(&blob, (i + 1) << 3);
        caffe_build_varint(b->old ? &blob : &shape, (uint64_t)dims[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (b->unpacked)
            caffe_build_varint(&blob, field << 3 | (b->doubles ? 1 : 5));
        add_number(b->unpacked ? &blob : &numbers, values[i], b->doubles);
    }
    if (!b->unpacked)
        caffe_build_bytes(&blob, field, numbers.data, numbers.size);
    if (!b->old) {
        struct mp_text message = {0};
        caffe_build_bytes(&message, 1, shape.data, shape.size);
        caffe_build_bytes(&blob, 7, message.data, message.size);
        mp_text_release(&message);
    }
    caffe_build_bytes(&b->blobs, b->old ? 6 : 7, blob.data, blob.size);
    mp_text_release(&blob);
    mp_text_release(&numbers);
    mp_text_release(&shape);
}

void caffe_build_blob(struct caffe_build *b, const int64_t *dims, size_t rank, const float *values)
{
    size_t count = 1;

    for (size_t i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    caffe_build_blob_of(b, dims, rank, values, count);
}

void caffe_build_layer(struct caffe_build *b, const char *name)
{
    struct mp_text layer = {0};

    caffe_build_bytes(&layer, b->old ? 4 : 1, name, strlen(name));
    if (b->blobs.size > 0)
        mp_text_add_bytes(&layer, b->blobs.data, b->blobs.size);
    caffe_build_bytes(&b->bytes, b->old ? 2 : 100, layer.data, layer.size);
    mp_text_release(&layer);
    mp_text_release(&b->blobs);
}

int caffe_build_read(struct caffe_build *b, const char *text, struct mp_network *n,
                     struct mp_error *err)
{
    struct mp_caffe_files files = {.text = text,
                                   .size = strlen(text),
                                   .path = "dir/net.prototxt",
                                   .weights = b->bytes.data,
                                   .weights_size = b->bytes.size,
                                   .weights_path = b->bytes.size > 0 ? "dir/net.caffemodel" : NULL};

    return mp_network_read_caffe(n, &files, NULL, err);
}

void caffe_build_release(struct caffe_build *b)
{
    mp_text_release(&b->blobs);
    mp_text_release(&b->bytes);
}

float *caffe_run(const struct mp_network *n, const float *images, uint32_t count, bool lean)
{
    size_t in = mp_shape_elements(&n->shapes[n->input_tensor]);
    size_t out = mp_shape_elements(&n->shapes[n->output_tensor]);
    float *output = mp_alloc(count * out, sizeof *output);
    struct mp_model model;
    struct mp_workspace w;
    int rc;

    mp_model_init(&model, n, NULL);
    rc = lean ? mp_workspace_init_lean(&w, &model, NULL) : mp_workspace_init(&w, &model, NULL);
    for (uint32_t first = 0; rc == MP_OK && first < count; first += w.batch) {
        uint32_t images_now = count - first < w.batch ? count - first : w.batch;
        memcpy(w.tensors[n->input_tensor], images + first * in, images_now * in * sizeof(float));
        mp_workspace_run(&w, images_now);
        memcpy(output + first * out, w.tensors[n->output_tensor], images_now * out * sizeof(float));
    }
    mp_workspace_release(&w);
    mp_model_release(&model);
    return output;
}
