/* The six libraries: counts against a plain search of the text, roles, and the prepared file
 * through Yosys and OpenSTA. */
#include "estimator/liberty/library.h"

#include "estimator/util/log.h"
#include "estimator/util/process.h"
#include <math.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#include "tests/liberty/libraries.h"

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* Lines that begin with `word (`. */
static uint32_t count_groups(const char *text, const char *word)
{
    uint32_t count = 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *p = skip_blanks(line);
        if (strncmp(p, word, strlen(word)) == 0)
            count += *skip_blanks(p + strlen(word)) == '(';
    }
    return count;
}

static void read_one(const struct test_library *t, const char *path, struct mp_library *lib)
{
    struct mp_error err = MP_ERROR_INIT;
    (void)t;
    mp_library_read(lib, &path, 1, &err);
    assert_string_equal(err.message, "");
}

static void check_finite(const struct mp_library *lib)
{
    for (uint32_t i = 0; i < lib->table_count; i++) {
        const struct mp_table *t = &lib->tables[i];
        for (uint32_t k = 0; k < t->index1_count * t->index2_count; k++)
            assert_true(isfinite(t->values[k]) && fabs(t->values[k]) < 1e-3);
        assert_true(isfinite(mp_table_lookup(t, 1e-10, 1e-14)));
    }
    for (uint32_t c = 0; c < lib->cell_count; c++) {
        const struct mp_lib_cell *cell = &lib->cells[c];
        for (uint32_t k = 0; k < cell->pin_count && !cell->is_pad_or_macro; k++) {
            const struct mp_lib_pin *pin = &lib->pins[cell->first_pin + k];
            assert_true(pin->capacitance_f >= 0 && pin->capacitance_f < 1e-9);
            if (pin->direction == MP_DIR_OUTPUT && cell->sequential != MP_STATE_TABLE)
                assert_non_null(pin->function.code);
        }
    }
}

static void test_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_LIBRARY_COUNT; i++) {
        struct mp_error err = MP_ERROR_INIT;
        struct mp_text text = {0};
        struct mp_library lib;
        char *path = test_library_path(&test_libraries[i]);
        if (!path)
            continue;
        double start = mp_clock_s();
        read_one(&test_libraries[i], path, &lib);
        print_message("%s: %.0f ms\n", test_libraries[i].name, (mp_clock_s() - start) * 1e3);
        assert_int_equal(mp_file_read(&text, path, 0, &err), MP_OK);
        assert_int_equal(lib.cell_count, test_libraries[i].cells);
        assert_int_equal(lib.cell_count, count_groups(text.data, "cell"));
        assert_true(lib.voltage_v > 1 && lib.voltage_v < 5.5);
        check_finite(&lib);
        mp_text_release(&text);
        mp_library_release(&lib);
        free(path);
    }
}

static void check_role(const struct mp_library *lib, uint32_t found, const char *wanted)
{
    if (!wanted)
        assert_int_equal(found, MP_NONE);
    else
        assert_string_equal(lib->cells[found].name, wanted);
}

static void test_roles(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_LIBRARY_COUNT; i++) {
        struct mp_library lib;
        struct mp_library_roles r;
        char *path = test_library_path(&test_libraries[i]);
        if (!path)
            continue;
        read_one(&test_libraries[i], path, &lib);
        mp_library_roles_find(&lib, &r);
        const uint32_t found[] = {r.flip_flop,  r.inverter,   r.buffer,        r.nand2,
                                  r.full_adder, r.half_adder, r.constant_zero, r.constant_one};
        for (size_t k = 0; k < 8; k++)
            check_role(&lib, found[k], test_libraries[i].roles[k]);
        assert_true(r.buffer_strong != MP_NONE);
        mp_library_release(&lib);
        free(path);
    }
}

/* NAND2_X1 of nangate45, from the file: 1.599032 fF, DFF_X1 4.522 um2, 79.112308 nW. */
static void test_known_values(void **state)
{
    (void)state;
    struct mp_library lib;
    char *path = test_library_path(&test_libraries[3]);
    if (!path)
        skip();
    read_one(&test_libraries[3], path, &lib);
    const struct mp_lib_cell *nand = &lib.cells[mp_library_cell(&lib, "NAND2_X1")];
    const struct mp_lib_cell *dff = &lib.cells[mp_library_cell(&lib, "DFF_X1")];
    assert_true(fabs(lib.pins[nand->first_pin].capacitance_f - 1.599032e-15) < 1e-24);
    assert_true(fabs(dff->area_um2 - 4.522) < 1e-12);
    assert_true(fabs(dff->cell_leakage_power_w - 79.112308e-9) < 1e-18);
    assert_int_equal(nand->leakage_count, 4);
    assert_string_equal(lib.default_wire_load, "5K_hvratio_1_1");
    assert_int_equal(lib.wire_load_count, 9);
    const struct mp_wire_load *wires = mp_library_wire_load(&lib, "5K_hvratio_1_1");
    assert_true(fabs(wires->capacitance_f - 0.1774e-15) < 1e-24); /* a unit of length, 1 um */
    assert_true(fabs(wires->resistance_ohm - 3.571429) < 1e-9);
    assert_true(fabs(mp_wire_load_length(wires, 3) - 6.4626) < 1e-12);
    assert_true(
        lib.pins[dff->first_pin + mp_library_pin(&lib, mp_library_cell(&lib, "DFF_X1"), "CK")]
            .is_clock);
    mp_library_release(&lib);
    free(path);
}

static void run(const char *const *argv, const char *folder, struct mp_text *out)
{
    struct mp_process_options o = {.argv = argv, .cwd = folder, .timeout_s = 60};
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    memset(&r, 0, sizeof r);
    assert_int_equal(mp_process_run(&r, &o, &err), MP_OK);
    mp_text_add(out, r.out.data ? r.out.data : "");
    mp_text_add(out, r.err.data ? r.err.data : "");
    if (r.how != MP_EXITED || r.status != 0 || strstr(out->data, "rror") ||
        strstr(out->data, "arning"))
        fail_msg("%s: %s", argv[0], out->data);
    mp_process_result_release(&r);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = mp_path_join(folder, name);
    assert_int_equal(mp_file_write(path, text, strlen(text), &err), MP_OK);
    free(path);
}

/* Arrival time of a netlist with a library, as OpenSTA prints it. */
static char *arrival(const char *folder, const char *library)
{
    struct mp_text out = {0};
    char *script = mp_asprintf("read_liberty %s\nread_verilog out.v\nlink_design m\n"
                               "create_clock -name clk -period 10 [get_ports clk]\n"
                               "report_checks -digits 6\n",
                               library);
    const char *const argv[] = {"sta", "-no_init", "-no_splash", "-exit", "run.tcl", NULL};
    write_file(folder, "run.tcl", script);
    run(argv, folder, &out);
    const char *end = strstr(out.data, "data arrival time");
    if (!end)
        fail_msg("no path in: %s", out.data);
    const char *line = end;
    while (line > out.data && line[-1] != '\n')
        line--;
    char *text = mp_strndup(line, (size_t)(end - line));
    mp_text_release(&out);
    free(script);
    return text;
}

static const char design[] = "module m(input clk, input [3:0] a, b, output reg [7:0] p);\n"
                             "  reg [3:0] x, y;\n"
                             "  always @(posedge clk) begin x <= a; y <= b; p <= x * y; end\n"
                             "endmodule\n";

static void check_prepared(const struct test_library *t, const char *path, const char *folder)
{
    struct mp_library lib, prepared;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text out = {0};
    char *file = mp_path_join(folder, "prepared.lib");
    const char *written = file;
    static const char script[] =
        "read_verilog in.v; synth -top m -flatten; dfflibmap -liberty prepared.lib; "
        "abc -liberty prepared.lib; splitnets -ports; opt_clean -purge; "
        "stat -liberty prepared.lib; write_verilog -noattr out.v";
    const char *const yosys[] = {"yosys", "-q", "-p", script, NULL};
    read_one(t, path, &lib);
    assert_int_equal(mp_library_write_prepared(&lib, &path, 1, file, NULL, 0, &err), MP_OK);
    read_one(t, file, &prepared);
    assert_true(prepared.cell_count > 25 && prepared.cell_count <= lib.cell_count);
    assert_int_equal(prepared.internal_power_count, 0);
    assert_true(prepared.time_unit_s == lib.time_unit_s);
    run(yosys, folder, &out);
    char *with_prepared = arrival(folder, written);
    print_message("%s: %u of %u cells, arrival %s\n", t->name, prepared.cell_count, lib.cell_count,
                  with_prepared);
    if (!lib.default_wire_load) {   /* which OpenSTA would add with the original */
        struct mp_text plain = {0}; /* Debian's OpenSTA reads no gzip */
        assert_int_equal(mp_file_read(&plain, path, 0, &err), MP_OK);
        write_file(folder, "original.lib", plain.data);
        mp_text_release(&plain);
        char *with_original = arrival(folder, "original.lib");
        assert_string_equal(with_prepared, with_original);
        free(with_original);
    }
    free(with_prepared);
    mp_text_release(&out);
    mp_library_release(&lib);
    mp_library_release(&prepared);
    free(file);
}

static void test_prepared(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    char *yosys = mp_process_find("yosys", NULL), *sta = mp_process_find("sta", NULL);
    bool here = yosys && sta;
    free(yosys);
    free(sta);
    if (!here) {
        print_message("skipped: yosys or sta is not here\n");
        skip();
    }
    struct mp_tempdir dir = {NULL};
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    write_file(dir.path, "in.v", design);
    for (size_t i = 0; i < TEST_LIBRARY_COUNT; i++) {
        char *path = test_library_path(&test_libraries[i]);
        if (path) {
            /* The tools run elsewhere. */
            char *full = realpath(path, NULL);
            check_prepared(&test_libraries[i], full, dir.path);
            free(full);
        }
        free(path);
    }
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_roles),
                                       cmocka_unit_test(test_known_values),
                                       cmocka_unit_test(test_prepared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
