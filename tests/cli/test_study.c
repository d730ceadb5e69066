/* A study of one small network on one library, from start to its tables, and again from the
 * database. */
#include "tests/cli/harness.h"
#include "tests/util/cmocka_all.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FASHION "/usr/share/datasets/fashion-mnist/"
#define IMAGES  240

/* The first images of an IDX file: header with that count, then their bytes. */
static void write_part(const struct session *s, const char *name, const char *from, size_t header,
                       size_t bytes)
{
    struct mp_text all = {0}, part = {0};
    char *path = mp_asprintf("%s/%s", s->dir.path, name);

    assert_int_equal(mp_file_read(&all, from, (size_t)1 << 27, NULL), MP_OK);
    assert_true(all.size > header + bytes);
    mp_text_add_bytes(&part, all.data, header + bytes);
    part.data[6] = 0;
    part.data[7] = (char)IMAGES;
    assert_int_equal(mp_file_write(path, part.data, part.size, NULL), MP_OK);
    mp_text_release(&part);
    mp_text_release(&all);
    free(path);
}

static void make_files(const struct session *s)
{
    char *model = source_path("configs/networks/fashion_lenet.onnx");
    char *preset = mp_asprintf("title: a small one\n"
                               "notes: known for its trousers\n"
                               "model:\n  - files: [%s]\n"
                               "test_images:\n  - files: [%s/images]\n"
                               "test_labels:\n  - files: [%s/labels]\n",
                               model, s->dir.path, s->dir.path);

    write_part(s, "images", FASHION "t10k-images-idx3-ubyte.gz", 16, (size_t)IMAGES * 784);
    write_part(s, "labels", FASHION "t10k-labels-idx1-ubyte.gz", 8, IMAGES);
    free(session_file(s, "small.yaml", preset));
    free(session_file(s, "gone.yaml",
                      "title: one that is not here\n"
                      "model:\n  - files: [nowhere/gone.prototxt]\n"
                      "obtain:\n  model: ask the one who has it\n"));
    free(session_file(s, "study.yaml",
                      "name: a study\n"
                      "libraries: [osu018, nangate45]\n"
                      "study:\n"
                      "  networks: [small.yaml, gone.yaml]\n"
                      "  tolerance: 3%\n"
                      "  weight_scopes: [layer]\n"
                      "  formats: [e2m1]\n"
                      "  layers_on: osu018\n"
                      "trace:\n  stretches: 64\n  length: 32\n  images: 16\n"
                      "synthesis:\n  runs: 1\n"));
    free(preset);
    free(model);
}

static const json_t *row_with(const json_t *table, const char *key, const char *value)
{
    const json_t *rows = json_object_get(table, "rows");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *text = json_string_value(json_object_get(json_array_get(rows, i), key));
        if (text != NULL && strstr(text, value) != NULL)
            return json_array_get(rows, i);
    }
    fail_msg("no row with %s = %s", key, value);
    return NULL;
}

static double real(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* The tables agree with one another. */
static void check_tables(const struct session *s)
{
    json_t *all = json_loadb(s->out.data, s->out.size, 0, NULL);

    assert_true(json_is_array(all) && json_array_size(all) == 7);
    const json_t *networks = json_array_get(all, 1), *formats = json_array_get(all, 2);
    const json_t *power = json_array_get(all, 5), *claims = json_array_get(all, 6);
    const json_t *small = row_with(networks, "title", "a small one");
    assert_string_equal(json_string_value(json_object_get(small, "state")), "complete");
    assert_int_equal(real(small, "images"), IMAGES - IMAGES / 6);
    assert_string_equal(json_string_value(json_object_get(
                            row_with(networks, "title", "one that is not here"), "state")),
                        "missing");
    const json_t *row = row_with(formats, "network", "small.yaml");
    double saved = 1 - real(row, "float_weight_bits") / real(row, "fixed_weight_bits");
    assert_true(real(row, "storage_reduction") > saved - 1e-9 &&
                real(row, "storage_reduction") < saved + 1e-9);
    const json_t *table = row_with(json_array_get(all, 4), "weight", "lut");
    assert_string_equal(json_string_value(json_object_get(table, "keeps")), "yes");
    assert_true(real(table, "bits_per_weight") >
                real(table, "zero_skipping_bits_per_weight") - 1e-9);
    const json_t *given = row_with(power, "weight", "e2m1");
    assert_string_equal(json_string_value(json_object_get(given, "origin")), "given");
    assert_true(real(given, "total_w") > real(given, "power_w") * 0.9);
    assert_true(real(given, "mac_share") > 0.999);
    const json_t *verdict = row_with(json_array_get(all, 0), "claim", "36 % less storage");
    assert_int_equal(
        real(verdict, "holds") + real(verdict, "does_not_hold") + real(verdict, "undecided"), 1);
    row_with(claims, "claim", "36 % less storage");
    row_with(claims, "claim", "range matters more");
    row_with(claims, "claim", "E <= 4 is enough");
    row_with(claims, "claim", "50 % less power");
    json_decref(all);
}

static void small_study(void **state)
{
    struct session *s = *state;
    const char *const env[] = {"MACPPA_LIBS=", NULL};
    char *before, *after;

    make_files(s);
    RUN_ENV(s, env, "run", "study.yaml");
    assert_status(s, 0);
    assert_out(s, "the paper's claims");
    assert_out(s, "known for its trousers");
    assert_out(s, "ask the one who has it");
    assert_out(s, "nangate45");
    assert_out(s, "one whole inference on osu018");
    before = database_text(s->db, "SELECT count(*) FROM accuracy; SELECT count(*) FROM estimate");
    RUN_ENV(s, env, "run", "study.yaml", "--format", "json");
    assert_status(s, 0);
    check_tables(s);
    after = database_text(s->db, "SELECT count(*) FROM accuracy; SELECT count(*) FROM estimate");
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void wrong_settings(void **state)
{
    struct session *s = *state;

    free(session_file(s, "none.yaml", "libraries: [osu018]\nstudy:\n  tolerance: 1%\n"));
    RUN(s, "run", "none.yaml");
    assert_status(s, 1);
    assert_err(s, "none.yaml:2");
    assert_err(s, "networks");
    free(session_file(s, "scope.yaml",
                      "libraries: [osu018]\nstudy:\n  networks: [googlenet]\n"
                      "  weight_scopes: [tensor]\n"));
    RUN(s, "run", "scope.yaml");
    assert_status(s, 1);
    assert_err(s, "scope.yaml:4");
    free(session_file(s, "preset.yaml",
                      "libraries: [osu018]\nstudy:\n  networks: [inception_v9]\n"));
    RUN(s, "run", "preset.yaml");
    assert_status(s, 1);
    assert_err(s, "inception_v9");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_settings, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(small_study, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
