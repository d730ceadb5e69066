/*
 * A small builder of ONNX files for tests: calls add to one model in memory, pack gives the bytes.
 * Everything is copied and freed by release.
 *
 *     struct onnx_build b;
 *     onnx_build_begin(&b, 13);
 *     onnx_build_input(&b, "x", (int64_t[]){0, 1, 4, 4}, 4);         (0: dynamic)
 *     onnx_build_floats(&b, "w", (int64_t[]){2, 1, 3, 3}, 4, values);
 *     onnx_node *n = onnx_build_node(&b, "Conv", "x w", "y");
 *     onnx_build_ints(n, "pads", (int64_t[]){1, 1, 1, 1}, 4);
 *     onnx_build_output(&b, "y");
 *     size = onnx_build_pack(&b, &bytes);                            (free bytes)
 *     onnx_build_release(&b);
 */
#ifndef MP_TESTS_CNN_ONNX_BUILD_H
#define MP_TESTS_CNN_ONNX_BUILD_H

#include "estimator/network/network.h"
#include "estimator/network/onnx.pb-c.h"

#include <stddef.h>
#include <stdint.h>

struct onnx_build {
    Onnx__Model *model;
};
typedef Onnx__Node onnx_node;

/* Numbers and their count, as two arguments. */
#define DIMS(...) (const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
#define INTS(...) DIMS(__VA_ARGS__)

void onnx_build_begin(struct onnx_build *b, int64_t opset);
void onnx_build_input(struct onnx_build *b, const char *name, const int64_t *dims, size_t rank);
void onnx_build_output(struct onnx_build *b, const char *name);
/* Initialisers: typed data, or the same as raw bytes. */
Onnx__Tensor *onnx_build_floats(struct onnx_build *b, const char *name, const int64_t *dims,
                                size_t rank, const float *values);
Onnx__Tensor *onnx_build_raw(struct onnx_build *b, const char *name, const int64_t *dims,
                             size_t rank, const float *values);
Onnx__Tensor *onnx_build_integers(struct onnx_build *b, const char *name, const int64_t *values,
                                  size_t count);
/* Inputs and outputs: names with blanks between; "-" is an empty name. Named after its output. */
onnx_node *onnx_build_node(struct onnx_build *b, const char *op, const char *inputs,
                           const char *outputs);
void onnx_build_ints(onnx_node *n, const char *name, const int64_t *values, size_t count);
void onnx_build_int(onnx_node *n, const char *name, int64_t value);
void onnx_build_float(onnx_node *n, const char *name, float value);
void onnx_build_string(onnx_node *n, const char *name, const char *value);
/* A Constant node with a tensor attribute. */
void onnx_build_constant(struct onnx_build *b, const char *output, const int64_t *dims, size_t rank,
                         const float *values);
size_t onnx_build_pack(const struct onnx_build *b, uint8_t **bytes);
/* Pack and release it, and read the bytes as "dir/test.onnx". */
int onnx_build_read(struct onnx_build *b, struct mp_network *n, struct mp_error *err);
void onnx_build_release(struct onnx_build *b);

#endif
