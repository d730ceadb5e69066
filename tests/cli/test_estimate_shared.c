/*
 * `macppa estimate` with what is not on every machine: other libraries, reference netlists with
 * their activity and power, a network's operands. Skips where it is missing.
 */
#include "tests/cli/design.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

/* MACPPA_LIBS for libraries of the shared folder; NULL: skip. */
static char *library_folder(const char *file)
{
    char *path = shared_path(file), *folder = path != NULL ? mp_path_dir(path) : NULL;

    free(path);
    if (folder != NULL)
        setenv("MACPPA_LIBS", folder, 1);
    return folder;
}

static double csv_number(const char *line, unsigned column)
{
    for (; column > 0; column--)
        line = strchr(line, ',') + 1;
    return strtod(line, NULL);
}

/* Power by instance against the reference: 2 % or 1 nW, and the sum within 0.5 %. */
static void compare_cells(const json_t *cells, const char *csv)
{
    const json_t *rows = json_object_get(cells, "rows");
    double reference = 0;
    size_t lines = 0;

    for (const char *line = strchr(csv, '\n') + 1; line != NULL && *line != '\0';) {
        size_t name = strcspn(line, ","), k = 0;
        double wanted = csv_number(line, 4), found = NAN;
        for (; k < json_array_size(rows) && isnan(found); k++) {
            const json_t *row = json_array_get(rows, k);
            const char *cell = json_string_value(json_object_get(row, "cell"));
            if (strlen(cell) == name && strncmp(cell, line, name) == 0)
                found = json_number_value(json_object_get(row, "internal_w")) +
                        json_number_value(json_object_get(row, "switching_w")) +
                        json_number_value(json_object_get(row, "leakage_w"));
        }
        if (!(fabs(found - wanted) <= fmax(0.02 * wanted, 1e-9)))
            fail_msg("%.*s: %g W, not %g", (int)name, line, found, wanted);
        reference += wanted;
        lines++;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    assert_int_equal(lines, json_array_size(rows));
    assert_close(column_sum(cells, "total_w"), reference, 5e-3);
}

static void reference_power(void **state)
{
    static const struct {
        const char *library, *design, *clock;
    } rows[] = {{"osu018", "mul_u8x8", "5ns"}, {"nangate45", "mac_s8x8_24", "2ns"}};
    struct session *s = *state;
    char *libs = library_folder("libs/nangate45_typ.lib.gz");

    if (libs == NULL) {
        skip();
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[3][80], *path[3];
        static const char *const ends[] = {"v", "vcd.gz", "power.csv"};
        struct mp_text csv = {0};
        for (size_t k = 0; k < 3; k++) {
            snprintf(name[k], sizeof name[k], "golden/%s.%s.%s", rows[i].library, rows[i].design,
                     ends[k]);
            path[k] = shared_path(name[k]);
            assert_non_null(path[k]);
        }
        json_t *j =
            ESTIMATE(s, "--mapped", "--verilog", path[0], "--activity", path[1], "--library",
                     rows[i].library, "--clock", rows[i].clock, "--by", "cell", "--rows", "0");
        assert_int_equal(mp_file_read(&csv, path[2], 0, NULL), MP_OK);
        compare_cells(j, csv.data);
        json_decref(j);
        /* The tool that read the file cannot be given another period. */
        FAILS(s, 1, "give that clock period", "--mapped", "--verilog", path[0], "--activity",
              path[1], "--library", rows[i].library, "--clock", "3ns");
        mp_text_release(&csv);
        for (size_t k = 0; k < 3; k++)
            free(path[k]);
    }
    assert_database(s->db, "select count(*) from estimate", "2|\n");
    free(libs);
}

static void two_libraries(void **state)
{
    struct session *s = *state;
    char *libs = library_folder("libs/nangate45_typ.lib.gz");
    json_t *j, *row;

    if (libs == NULL) {
        skip();
        return;
    }
    j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--library", "osu018",
                 "--library", "nangate45", "--golden", "x*y");
    assert_int_equal(json_array_size(json_object_get(j, "rows")), 2);
    for (size_t i = 0; i < 2; i++) {
        row = json_array_get(json_object_get(j, "rows"), i);
        assert_true(json_number_value(json_object_get(row, "glitch_w")) > 0);
        assert_true(json_number_value(json_object_get(row, "power_w")) > 0);
    }
    json_decref(j);
    FAILS(s, 2, "one library", "--verilog", "mul.v", "--library", "osu018", "--library",
          "nangate45", "--dump-saif", "x.saif");
    FAILS(s, 1, "wire-load model", "--verilog", "mul.v", "--library", "nangate45", "--wire-load",
          "model:no_such");
    assert_database(s->db, "select count(*) from estimate", "2|\n");
    j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--library", "nangate45",
                 "--wire-load", "library");
    assert_true(strncmp(word(j, "wire_load"), "model:", 6) == 0);
    json_decref(j);
    /* The netlist is of one of them. */
    design_save_netlist(s, "mapped.v");
    FAILS(s, 1, "mapped.v:", "--mapped", "--verilog", "mapped.v", "--library", "nangate45",
          "--library", "osu018", "--operands", "normal");
    free(libs);
}

static void network_operands(void **state)
{
    struct session *s = *state;
    char *config = source_path("configs/quickstart.yaml");
    json_t *all, *layer;

    if (!mp_file_exists("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")) {
        print_message("dataset-fashion-mnist is not installed: skipped\n");
        free(config);
        skip();
        return;
    }
    all = ESTIMATE(s, "--verilog", "product.v", "--workload", config, "--operands", "network");
    layer =
        ESTIMATE(s, "--verilog", "product.v", "--workload", config, "--operands", "network:conv1");
    assert_true(figure(all, "glitch_w") > 0 && figure(layer, "glitch_w") > 0);
    assert_true(fabs(figure(all, "power_w") - figure(layer, "power_w")) >
                figure(all, "total_half_width_w"));
    json_decref(all);
    json_decref(layer);
    FAILS(s, 2, "conv1", "--verilog", "product.v", "--workload", config, "--operands",
          "network:no_such_layer");
    free(config);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reference_power, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(two_libraries, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(network_operands, design_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("estimate_shared", tests, NULL, NULL);
}
