/* Operators of what PyTorch exports, against numbers worked out by hand; data in other files. */
#include "estimator/util/file.h"
#include "tests/network/caffe_build.h"
#include "tests/network/onnx_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const float image[] = {1, -2, 3, -4, 10, 20, 30, 40};

/* x of 2 x 2 x 2, and the constants that nodes use. */
static void begin(struct onnx_build *b, int64_t opset)
{
    onnx_build_begin(b, opset);
    onnx_build_input(b, "x", DIMS(0, 2, 2, 2));
    onnx_build_floats(b, "two", DIMS(1), (const float[]){2});
    onnx_build_floats(b, "pair", DIMS(2, 1, 1), (const float[]){2, -1});
    onnx_build_floats(b, "zero", DIMS(1), (const float[]){0});
    onnx_build_floats(b, "six", DIMS(1), (const float[]){6});
    onnx_build_integers(b, "none", INTS(1));
    onnx_build_integers(b, "map", INTS(2, 3));
    onnx_build_integers(b, "pads", INTS(0, 0, 1, 0, 0, 0, 0, 1));
}

static void check(struct onnx_build *b, const double *want, size_t count)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;

    onnx_build_output(b, "y");
    if (onnx_build_read(b, &n, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(mp_shape_elements(&n.shapes[n.output_tensor]), count);
    for (int lean = 0; lean < 2; lean++) {
        float *out = caffe_run(&n, image, 1, lean != 0);
        for (size_t i = 0; i < count; i++)
            if (!(fabs((double)out[i] - want[i]) <= 1e-6 * (1 + fabs(want[i]))))
                fail_msg("element %zu is %.9g, not %.9g", i, (double)out[i], want[i]);
        free(out);
    }
    mp_network_release(&n);
}

#define CHECK(b, ...)                                                                              \
    check(b, (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void check_node(const char *op, const char *inputs, const double want[8])
{
    struct onnx_build b;

    begin(&b, 13);
    onnx_build_node(&b, op, inputs, "y");
    check(&b, want, 8);
}

#define NODE(op, inputs, ...) check_node(op, inputs, (const double[8]){__VA_ARGS__})

static void arithmetic(void **state)
{
    (void)state;
    NODE("Add", "x two", 3, 0, 5, -2, 12, 22, 32, 42);
    NODE("Add", "x pair", 3, 0, 5, -2, 9, 19, 29, 39);
    NODE("Sub", "x two", -1, -4, 1, -6, 8, 18, 28, 38);
    NODE("Sub", "two x", 1, 4, -1, 6, -8, -18, -28, -38);
    NODE("Mul", "pair x", 2, -4, 6, -8, -10, -20, -30, -40);
    NODE("Div", "x two", 0.5, -1, 1.5, -2, 5, 10, 15, 20);
    NODE("Add", "x x", 2, -4, 6, -8, 20, 40, 60, 80);
    NODE("Sub", "x x", 0, 0, 0, 0, 0, 0, 0, 0);
    NODE("Mul", "x x", 1, 4, 9, 16, 100, 400, 900, 1600);
    NODE("Sum", "x x x", 3, -6, 9, -12, 30, 60, 90, 120);
    NODE("Max", "x x", 1, -2, 3, -4, 10, 20, 30, 40);
    NODE("Clip", "x zero six", 1, 0, 3, 0, 6, 6, 6, 6);
    NODE("Clip", "x - six", 1, -2, 3, -4, 6, 6, 6, 6);
}

static void windows(void **state)
{
    (void)state;
    struct onnx_build b;

    begin(&b, 13);
    onnx_build_node(&b, "GlobalMaxPool", "x", "y");
    CHECK(&b, 3, 40);
    begin(&b, 13);
    onnx_build_int(onnx_build_node(&b, "ReduceMean", "x", "y"), "keepdims", 0);
    onnx_build_ints(b.model->graph->node[0], "axes", INTS(-1, 2));
    CHECK(&b, -0.5, 25);
    begin(&b, 18);
    onnx_build_node(&b, "ReduceMean", "x map", "y");
    CHECK(&b, -0.5, 25);
    begin(&b, 13);
    onnx_build_node(&b, "Pad", "x pads two", "y");
    CHECK(&b, 2, 2, 2, 1, -2, 2, 3, -4, 2, 2, 2, 2, 10, 20, 2, 30, 40, 2);
    /* alpha 2 of size 2 over this channel and the next: 1 + 1 + 100 and 1 + 100 at the first place,
     * where the largest values come out. */
    begin(&b, 13);
    onnx_node *node = onnx_build_node(&b, "LRN", "x", "l");
    onnx_build_int(node, "size", 2);
    onnx_build_float(node, "alpha", 2);
    onnx_build_float(node, "beta", 1);
    onnx_build_node(&b, "GlobalMaxPool", "l", "y");
    CHECK(&b, 1.0 / 102, 10.0 / 101);
    begin(&b, 13);
    onnx_build_float(onnx_build_node(&b, "LeakyRelu", "x", "y"), "alpha", 0.5f);
    CHECK(&b, 1, -1, 3, -2, 10, 20, 30, 40);
    begin(&b, 7);
    onnx_build_float(onnx_build_node(&b, "Clip", "x", "y"), "max", 6);
    CHECK(&b, 1, -2, 3, -4, 6, 6, 6, 6);
    begin(&b, 13);
    onnx_build_int(onnx_build_node(&b, "Concat", "x x", "y"), "axis", -1);
    CHECK(&b, 1, -2, 1, -2, 3, -4, 3, -4, 10, 20, 10, 20, 30, 40, 30, 40);
}

/* A BatchNormalization that cannot be folded: its input is read twice. (x - 1) / 2, (x - 2) / 4. */
static void free_norm(void **state)
{
    (void)state;
    struct onnx_build b;

    begin(&b, 13);
    onnx_build_floats(&b, "one", DIMS(2), (const float[]){1, 1});
    onnx_build_floats(&b, "mean", DIMS(2), (const float[]){1, 2});
    onnx_build_floats(&b, "none2", DIMS(2), (const float[]){0, 0});
    onnx_build_floats(&b, "variance", DIMS(2), (const float[]){4, 16});
    onnx_build_floats(&b, "w", DIMS(2, 2, 1, 1), (const float[]){1, 0, 0, 1});
    onnx_build_node(&b, "Conv", "x w", "c");
    onnx_build_float(onnx_build_node(&b, "BatchNormalization", "c one none2 mean variance", "n"),
                     "epsilon", 0);
    onnx_build_node(&b, "Add", "n c", "y");
    CHECK(&b, 1, -3.5, 4, -6.5, 12, 24.5, 37, 49.5);
}

/* view(size(0), -1), and channels taken apart and put together the other way round. */
static void shapes(void **state)
{
    (void)state;
    struct onnx_build b;

    begin(&b, 11);
    onnx_build_integers(&b, "rest", INTS(-1));
    Onnx__Tensor *first = onnx_build_integers(&b, "first", INTS(0));
    first->n_dims = 0; /* a scalar */
    onnx_build_node(&b, "Shape", "x", "s");
    onnx_build_node(&b, "Gather", "s first", "batch");
    onnx_build_ints(onnx_build_node(&b, "Unsqueeze", "batch", "u"), "axes", INTS(0));
    onnx_build_int(onnx_build_node(&b, "Concat", "u rest", "shape"), "axis", 0);
    onnx_build_node(&b, "Reshape", "x shape", "v");
    onnx_build_int(onnx_build_node(&b, "Softmax", "v", "y"), "axis", 1);
    double sum = 0, want[8];
    for (int i = 0; i < 8; i++)
        sum += exp((double)image[i] - 40);
    for (int i = 0; i < 8; i++)
        want[i] = exp((double)image[i] - 40) / sum;
    check(&b, want, 8);

    begin(&b, 13);
    Onnx__Tensor *a = onnx_build_integers(&b, "a", INTS(1));
    Onnx__Tensor *c = onnx_build_integers(&b, "c", INTS(-2));
    a->n_dims = c->n_dims = 0;
    onnx_build_int(onnx_build_node(&b, "Gather", "x a", "m1"), "axis", 1);
    onnx_build_int(onnx_build_node(&b, "Gather", "x c", "m0"), "axis", 1);
    onnx_build_node(&b, "Unsqueeze", "m1 none", "u1");
    onnx_build_node(&b, "Unsqueeze", "m0 none", "u0");
    onnx_build_node(&b, "Mul", "u1 two", "d1");
    onnx_build_int(onnx_build_node(&b, "Concat", "d1 u0", "y"), "axis", 1);
    CHECK(&b, 20, 40, 60, 80, 1, -2, 3, -4);
}

/* ---- data in another file */

static void set_external(Onnx__Tensor *t, size_t i, const char *key, const char *value)
{
    Onnx__StringPair *pair = mp_alloc(1, sizeof *pair);

    onnx__string_pair__init(pair);
    pair->key = mp_strdup(key);
    pair->value = mp_strdup(value);
    t->external_data = mp_realloc(t->external_data, i + 1, sizeof *t->external_data);
    t->external_data[i] = pair;
    t->n_external_data = i + 1;
}

/* A 1 x 1 convolution whose two weights are in `location`, from byte 4 on. */
static int read_external(const struct mp_tempdir *dir, const char *location, const char *offset,
                         struct mp_network *n, struct mp_error *err)
{
    struct onnx_build b;
    uint8_t *bytes;
    char *path = mp_path_join(dir->path, "net.onnx");

    begin(&b, 13);
    Onnx__Tensor *w = onnx_build_floats(&b, "w", DIMS(1, 2, 1, 1), (const float[]){0, 0});
    w->n_float_data = 0;
    w->has_data_location = 1;
    w->data_location = 1;
    set_external(w, 0, "location", location);
    set_external(w, 1, "offset", offset);
    set_external(w, 2, "length", "8");
    onnx_build_node(&b, "Conv", "x w", "y");
    onnx_build_output(&b, "y");
    size_t size = onnx_build_pack(&b, &bytes);
    assert_int_equal(mp_file_write(path, bytes, size, NULL), MP_OK);
    int rc = mp_network_read(n, path, NULL, err);
    free(bytes);
    free(path);
    onnx_build_release(&b);
    return rc;
}

static void external_data(void **state)
{
    (void)state;
    struct mp_tempdir dir;
    struct mp_network n;
    struct mp_error err = MP_ERROR_INIT;
    const float data[] = {9, 1, 100};
    char first[MP_HASH_SIZE];

    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    char *path = mp_path_join(dir.path, "net.data");
    assert_int_equal(mp_file_write(path, data, sizeof data, NULL), MP_OK);
    if (read_external(&dir, "net.data", "4", &n, &err) < 0)
        fail_msg("%s", err.message);
    float *out = caffe_run(&n, image, 1, true);
    assert_float_equal(out[0], 1001, 0);
    assert_float_equal(out[3], 3996, 0);
    free(out);
    memcpy(first, n.hash, sizeof first);
    mp_network_release(&n);
    /* Other weights in the other file: another network. */
    assert_int_equal(mp_file_write(path, (const float[]){9, 2, 100}, sizeof data, NULL), MP_OK);
    assert_int_equal(read_external(&dir, "net.data", "4", &n, &err), MP_OK);
    assert_string_not_equal(n.hash, first);
    mp_network_release(&n);

    assert_int_equal(read_external(&dir, "net.data", "8", &n, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "does not hold the 8 bytes of constant \"w\" from byte 8"));
    assert_int_equal(read_external(&dir, "absent.data", "0", &n, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "absent.data, which is not there"));
    static const char *const outside[] = {"/etc/passwd", "../net.data", "a/../../net.data", "",
                                          ".."};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_int_equal(read_external(&dir, outside[i], "0", &n, &err), MP_E_INPUT);
        assert_non_null(strstr(err.message, "not in one beside the network"));
    }
    assert_int_equal(read_external(&dir, "net.data", "-1", &n, &err), MP_E_INPUT);
    free(path);
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic), cmocka_unit_test(windows),       cmocka_unit_test(free_norm),
        cmocka_unit_test(shapes),     cmocka_unit_test(external_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
