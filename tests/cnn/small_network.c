#include "tests/cnn/small_network.h"

#include "estimator/util/random.h"
#include "tests/network/onnx_build.h"

#include <stdlib.h>

static void add_weights(struct onnx_build *b, struct mp_random *r, const char *name,
                        const int64_t *dims, size_t rank)
{
    size_t count = 1;

    for (size_t i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    float *values = mp_alloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = 0.3f * (float)mp_random_normal(r);
    onnx_build_raw(b, name, dims, rank, values);
    free(values);
}

int small_network(struct mp_network *n)
{
    struct onnx_build b;
    struct mp_random r;
    uint8_t *bytes;

    mp_random_seed(&r, 11);
    onnx_build_begin(&b, 13);
    onnx_build_input(&b, "x", (int64_t[]){0, 1, 8, 7}, 4);
    add_weights(&b, &r, "w1", (int64_t[]){4, 1, 3, 3}, 4);
    add_weights(&b, &r, "b1", (int64_t[]){4}, 1);
    add_weights(&b, &r, "w2", (int64_t[]){6, 2, 3, 2}, 4);
    add_weights(&b, &r, "b2", (int64_t[]){6}, 1);
    add_weights(&b, &r, "w3", (int64_t[]){4, 96}, 2);
    onnx_build_ints(onnx_build_node(&b, "Conv", "x w1 b1", "c1"), "pads", (int64_t[]){1, 1, 1, 1},
                    4);
    onnx_build_node(&b, "Relu", "c1", "r1");
    onnx_node *second = onnx_build_node(&b, "Conv", "r1 w2 b2", "c2");
    onnx_build_ints(second, "strides", (int64_t[]){2, 2}, 2);
    onnx_build_ints(second, "pads", (int64_t[]){1, 1, 0, 0}, 4);
    onnx_build_int(second, "group", 2);
    onnx_build_node(&b, "Relu", "c2", "r2");
    onnx_build_node(&b, "Flatten", "r2", "f");
    onnx_build_int(onnx_build_node(&b, "Gemm", "f w3", "y"), "transB", 1);
    onnx_build_output(&b, "y");
    size_t size = onnx_build_pack(&b, &bytes);
    int rc = mp_network_read_onnx_bytes(n, bytes, size, "small.onnx", NULL);
    free(bytes);
    onnx_build_release(&b);
    return rc < 0 ? -1 : 0;
}

void small_dataset(struct mp_dataset *d)
{
    struct mp_random r;

    *d = (struct mp_dataset){.shape = {1, 8, 7}, .count = SMALL_IMAGES};
    d->pixels = mp_alloc(SMALL_IMAGES * 56, 1);
    d->labels = mp_alloc(SMALL_IMAGES, sizeof *d->labels);
    mp_random_seed(&r, 12);
    for (size_t i = 0; i < SMALL_IMAGES * 56; i++)
        d->pixels[i] = mp_random_below(&r, 3) == 0 ? 0 : (uint8_t)mp_random_below(&r, 256);
    for (size_t i = 0; i < SMALL_IMAGES; i++)
        d->labels[i] = (uint32_t)mp_random_below(&r, 4);
}
