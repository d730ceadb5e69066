/* `macppa accuracy --search` on the default network, with the first 300 of its images. */
#include "tests/cli/harness.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/util/cmocka_all.h"

#define FASHION "/usr/share/datasets/fashion-mnist/t10k-"
enum { IMAGES = 300, SCORED = 250 };

/* The first IMAGES of an IDX file: header bytes, bytes an image. */
static void cut_file(const struct session *s, const char *from, const char *to, size_t header,
                     size_t each)
{
    size_t size = header + IMAGES * each;
    unsigned char *bytes = malloc(size);
    char *path = mp_path_join(s->dir.path, to);
    gzFile in = gzopen(from, "rb");
    FILE *out = fopen(path, "wb");

    assert_non_null(in);
    assert_non_null(out);
    assert_non_null(bytes);
    assert_int_equal(gzread(in, bytes, (unsigned)size), size);
    bytes[6] = IMAGES >> 8;
    bytes[7] = IMAGES & 255;
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
    gzclose(in);
    free(bytes);
    free(path);
}

static bool prepare(const struct session *s)
{
    if (!mp_file_exists(FASHION "images-idx3-ubyte.gz")) {
        print_message("dataset-fashion-mnist is not installed: skipped\n");
        return false;
    }
    cut_file(s, FASHION "images-idx3-ubyte.gz", "images", 16, 28 * 28);
    cut_file(s, FASHION "labels-idx1-ubyte.gz", "labels", 8, 1);
    return true;
}

/* accuracy on those images, with up to six more arguments. */
static void accuracy(struct session *s, const char *const extra[])
{
    char *network = source_path("configs/networks/fashion_lenet.onnx");
    const char *arguments[40] = {"accuracy", "--network", network,    "--images", "images",
                                 "--labels", "labels",    "--preset", "unit"};
    size_t count = 9;

    for (size_t i = 0; extra[i] != NULL; i++)
        arguments[count++] = extra[i];
    session_run(s, NULL, arguments);
    free(network);
}
#define ACCURACY(s, ...) accuracy((s), (const char *const[]){__VA_ARGS__, NULL})
#define SMALL                                                                                      \
    "--search", "--weight-scope", "layer", "--weight-bits", "3..8", "--exponent-bits", "2..4",     \
        "--mantissa-bits", "0..3", "--activation-bits", "3..8"

static json_t *parse(const struct session *s)
{
    json_error_t error;
    json_t *root = json_loads(s->out.data, 0, &error);

    if (root == NULL)
        fail_msg("line %d: %s\n%s", error.line, error.text, s->out.data);
    return root;
}

static json_int_t integer(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return (json_int_t)json_number_value(value);
}

static const char *text(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));

    return value != NULL ? value : "";
}

/* The row found to be so; NULL without one. */
static const json_t *found(const json_t *rows, const char *what)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(text(json_array_get(rows, i), "found"), what) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static void check_rows(const json_t *rows)
{
    const json_t *reference = found(rows, "float32"), *fixed = found(rows, "fixed");
    const json_t *floating = found(rows, "float");
    json_int_t right = integer(reference, "top1");

    assert_int_equal(integer(reference, "scored"), SCORED);
    assert_non_null(fixed);
    assert_non_null(floating);
    assert_string_equal(text(fixed, "activation"), text(floating, "activation"));
    assert_int_equal(strncmp(text(fixed, "activation"), "fixed", 5), 0);
    for (size_t i = 1; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *keeps = text(row, "keeps");
        json_int_t lost = integer(row, "lost"), won = integer(row, "won");
        assert_true(integer(row, "top1") <= integer(row, "scored"));
        if (strcmp(keeps, "stopped") == 0)
            assert_true(integer(row, "scored") < SCORED);
        else {
            assert_int_equal(integer(row, "scored"), SCORED);
            assert_int_equal(integer(row, "top1"), right + won - lost);
            assert_int_equal(strcmp(keeps, "yes") == 0,
                             (double)(lost - won) <= 0.01 * (double)right);
        }
        /* Narrower ones were looked at and do not keep it. */
        if (strncmp(text(row, "weight"), "int", 3) == 0 &&
            strcmp(text(row, "activation"), "float32") == 0 &&
            integer(row, "weight_width") < integer(found(rows, "fixed alone"), "weight_width"))
            assert_string_not_equal(keeps, "yes");
    }
}

static void searches(void **state)
{
    struct session *s = *state;
    json_t *root;
    char *first, *count;

    if (!prepare(s)) {
        skip();
        return;
    }
    ACCURACY(s, SMALL, "--format", "json");
    assert_status(s, 0);
    assert_out(s, "one image in 6 is set apart");
    root = parse(s);
    check_rows(json_object_get(root, "rows"));
    count = mp_asprintf("%zu|\n", json_array_size(json_object_get(root, "rows")));
    assert_database(s->db, "select count(*) from accuracy", count);
    json_decref(root);
    first = mp_strdup(s->out.data);

    /* Again: from the database. */
    ACCURACY(s, SMALL, "--format", "json");
    assert_status(s, 0);
    assert_err(s, "search: 0 schemes scored");
    assert_string_equal(s->out.data, first);
    assert_database(s->db, "select count(*) from accuracy", count);

    /* A part of it is there, as after an interruption: the rest is made, the result is the same. */
    free(database_text(s->db, "delete from accuracy_layer; "
                              "delete from accuracy where accuracy_id % 3 <> 0"));
    ACCURACY(s, SMALL, "--format", "json");
    assert_status(s, 0);
    assert_string_equal(s->out.data, first);
    assert_database(s->db, "select count(*) from accuracy", count);

    /* A stopped point is no accuracy: plain scoring makes it whole. */
    ACCURACY(s, "--weight", "int3", "--activation", "float32", "--calibration-every", "6",
             "--format", "json");
    assert_status(s, 0);
    root = parse(s);
    const json_t *row = json_array_get(json_object_get(root, "rows"), 1);
    assert_int_equal(integer(row, "images"), SCORED);
    assert_true(integer(row, "lost") > integer(row, "won"));
    json_decref(root);

    /* For people. */
    ACCURACY(s, SMALL, "--tolerance", "2%");
    assert_status(s, 0);
    assert_out(s, "range (E) against precision (M), a scale by layer");
    assert_out(s, "weights with activations");
    assert_out(s, "at most 2 %");
    ACCURACY(s, SMALL, "--format", "markdown");
    assert_status(s, 0);
    assert_out(s, "| M=1 |");
    free(first);
    free(count);
}

static void by_layer(void **state)
{
    struct session *s = *state;
    json_t *root;

    if (!prepare(s)) {
        skip();
        return;
    }
    ACCURACY(s, SMALL, "--by-layer", "--format", "json");
    assert_status(s, 0);
    root = parse(s);
    const json_t *rows = json_object_get(root, "rows");
    const json_t *uniform = found(rows, "fixed"), *layers = found(rows, "fixed by layer");
    assert_non_null(uniform);
    if (layers != NULL) {
        assert_string_equal(text(layers, "keeps"), "yes");
        assert_true(strlen(text(layers, "overrides")) > 0);
        assert_true(integer(layers, "weight_bits") < integer(uniform, "weight_bits"));
    }
    json_decref(root);
}

/* Weights alone need no calibration images, so all images are scored. */
static void weights_alone(void **state)
{
    struct session *s = *state;
    json_t *root;

    if (!prepare(s)) {
        skip();
        return;
    }
    ACCURACY(s, "--weight", "e3m3", "--weight", "int4", "--activation", "float32", "--weight-scope",
             "network", "--weight-scope", "channel", "--format", "json");
    assert_status(s, 0);
    root = parse(s);
    const json_t *rows = json_object_get(root, "rows");
    assert_int_equal(json_array_size(rows), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(integer(json_array_get(rows, i), "images"), IMAGES);
    assert_string_equal(text(json_array_get(rows, 1), "weight_scope"), "network");
    assert_string_equal(text(json_array_get(rows, 2), "weight_scope"), "channel");
    json_decref(root);
    /* Nothing that is named is left out. */
    ACCURACY(s, "--weight", "int4");
    assert_status(s, 0);
    assert_out(s, "int4");
    /* Activations do; a sixth of the images is set apart. */
    ACCURACY(s, "--weight", "int8", "--activation", "fixed8");
    assert_status(s, 0);
    assert_out(s, "one image in 6");
    assert_out(s, "250");
}

static void wrong_usage(void **state)
{
    static const struct {
        const char *option, *value, *says;
    } rows[] = {
        {"--tolerance", "100%", "no share"},     {"--tolerance", "-1", "no share"},
        {"--weight-bits", "9..3", "no range"},   {"--weight-bits", "3..", "no range"},
        {"--weight-bits", "1..3", "2..24"},      {"--exponent-bits", "1..9", "1..8"},
        {"--mantissa-bits", "x", "no range"},    {"--activation-bits", "0..3", "2..24"},
        {"--weight-scope", "tensor", "channel"},
    };
    struct session *s = *state;

    if (!prepare(s)) {
        skip();
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ACCURACY(s, "--search", rows[i].option, rows[i].value);
        assert_status(s, 2);
        assert_err(s, rows[i].says);
    }
    ACCURACY(s, "--search", "--weight", "int8");
    assert_status(s, 2);
    assert_err(s, "--weight-bits");
    ACCURACY(s, "--weight", "int8", "--activation", "fixed8", "--by-layer");
    assert_status(s, 2);
    assert_err(s, "--search");
    ACCURACY(s, "--search", "--weight-scope", "layer", "--weight-scope", "layer");
    assert_status(s, 2);
    assert_err(s, "twice");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(searches, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(by_layer, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(weights_alone, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wrong_usage, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
