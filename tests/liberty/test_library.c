/* Meaning: units, defaults, tables, registers, several files, and errors at their lines. */
#include "estimator/liberty/library.h"

#include "estimator/util/file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define HEAD                                                                                       \
    "library (l) {\n time_unit : \"1ps\"; leakage_power_unit : 1uW; voltage_unit : \"100mV\";\n"   \
    " capacitive_load_unit (10, ff); nom_voltage : 12; default_cell_leakage_power : 4;\n"          \
    " lu_table_template (d) { variable_1 : total_output_net_capacitance; variable_2 : "            \
    "input_net_transition; index_1 (\"1, 2\"); index_2 (\"10, 20, 40\"); }\n"                      \
    " power_lut_template (p) { variable_1 : input_transition_time; index_1 (\"1, 3\"); }\n"
#define AREA " cell (X) { area : 2;\n"
#define PINS " pin (A) { direction : input; capacitance : 3; }\n"

static void read_text(struct mp_library *lib, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    mp_library_read_text(lib, text, strlen(text), "t.lib", &err);
    assert_string_equal(err.message, "");
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static void test_units_and_lookup(void **state)
{
    (void)state;
    struct mp_library lib;
    read_text(&lib, HEAD AREA PINS
              " pin (Y) { direction : output; function : \"A\"; max_capacitance : 7;\n"
              "  timing () { related_pin : A; cell_rise (d) { values (\"1, 2, 3\", \\\n \"5, 8, "
              "10\"); } cell_fall (scalar) { values (\"9\"); } }\n"
              "  internal_power () { related_pin : \"A\"; rise_power (p) { values (\"6, 10\"); } } "
              "} } }");
    assert_true(near(lib.voltage_v, 1.2));
    assert_true(near(lib.energy_unit_j, 1e-14 * 0.01));
    assert_true(near(lib.pins[0].capacitance_f, 3e-14));
    assert_true(near(lib.pins[1].max_capacitance_f, 7e-14));
    assert_true(near(lib.cells[0].cell_leakage_power_w, 4e-6));
    assert_int_equal(lib.arcs[0].sense, MP_UNATE_POSITIVE); /* from the function */
    assert_string_equal(lib.arcs[0].type, "combinational");

    /* Load 1.5 units, slew 15 units: between 1, 2 (rows) and 5, 8 (columns 10, 20):
     * row 1: 1.5, row 2: 6.5, half way: 4 ps. */
    const struct mp_table *t = &lib.tables[lib.arcs[0].cell_rise];
    assert_int_equal(t->axis1, MP_AXIS_LOAD);
    assert_true(near(mp_table_lookup(t, 15e-12, 15e-15), 4e-12));
    /* At a corner, and beyond both: slew 60 = 40 + one segment, load 3 = 2 + one row:
     * row 1: 4, row 2: 12, extrapolated by one row: 20. */
    assert_true(near(mp_table_lookup(t, 40e-12, 20e-15), 10e-12));
    assert_true(near(mp_table_lookup(t, 60e-12, 30e-15), 20e-12));
    /* Below both: slew 0: rows 0 and 2, load 0: 0 - (2 - 0) = -2. */
    assert_true(near(mp_table_lookup(t, 0, 0), -2e-12));
    assert_true(near(mp_table_lookup(&lib.tables[lib.arcs[0].cell_fall], 1, 1), 9e-12));
    const struct mp_table *power = &lib.tables[lib.internal_powers[0].rise];
    assert_true(near(mp_table_lookup(power, 2e-12, 5), 8 * 1e-16));
    assert_int_equal(lib.internal_powers[0].fall, MP_NONE);
    mp_library_release(&lib);
    mp_library_release(&lib);
}

static void test_unit_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double cap_f;
    } cases[] = {{"(1,ff)", 1e-15},      {"(1.0000000000, \"pf\")", 1e-12},
                 {"(0.1 , pF)", 1e-13},  {"(1,fF)", 1e-15},
                 {"(20,\"FF\")", 2e-14}, {"(1, f)", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_library lib;
        char *text = mp_asprintf("library (l) { capacitive_load_unit %s; nom_voltage : \"1.1\";"
                                 " cell (X) { } }",
                                 cases[i].text);
        read_text(&lib, text);
        assert_true(near(lib.capacitance_unit_f, cases[i].cap_f));
        assert_true(lib.time_unit_s == 1e-9);
        assert_true(isnan(lib.cells[0].area_um2));
        assert_true(lib.cells[0].is_pad_or_macro);
        mp_library_release(&lib);
        free(text);
    }
}

/* Templates of both kinds under one name; a table over a variable that is not modelled. */
static void test_templates(void **state)
{
    (void)state;
    struct mp_library lib;
    read_text(&lib,
              HEAD " power_lut_template (d) { variable_1 : input_transition_time; index_1 (\"1, 2, "
                   "3, 4\"); }\n lu_table_template (v) { variable_1 : normalized_voltage; index_1 "
                   "(\"1\"); }\n lu_table_template (w) { variable_1 : input_net_transition; "
                   "variable_2 : total_output_net_capacitance; variable_3 : "
                   "related_out_total_output_net_capacitance; }\n" AREA PINS
                   " pin (Y) { direction : output; function : A; internal_power () { related_pin : "
                   "A; power (d) { values (\"1, 2, 3, 4\"); } } } }\n"
                   " cell (V) { area : 1; pin (Y) { direction : output; function : 1; timing () { "
                   "related_pin : Y; cell_rise (v) { values (\"1\"); } } } }\n"
                   " cell (W) { area : 1; pin (Y) { direction : output; function : 1; timing () { "
                   "related_pin : Y; cell_rise (w) { values (\"1\"); } } } } }");
    const struct mp_internal_power *power = &lib.internal_powers[0];
    assert_int_equal(lib.tables[power->rise].index1_count, 4);
    assert_int_equal(power->fall, power->rise);
    assert_false(lib.cells[0].is_pad_or_macro);
    assert_true(lib.cells[1].is_pad_or_macro && lib.cells[2].is_pad_or_macro);
    assert_null(lib.pins[2].function.code);
    mp_library_release(&lib);
}

static void test_registers(void **state)
{
    (void)state;
    struct mp_library lib;
    read_text(&lib, HEAD
              " cell (F) { area : 9; test_cell () { pin (D) { direction : input; } }\n"
              "  ff (Q1, \"Q2\") { next_state : !D ; clocked_on : (C'); clear : \"!R\"; preset "
              ": S; clear_preset_var1 : L; clear_preset_var2 : \"H\"; }\n"
              "  pin (C, D R S) { direction : input; capacitance : 1; }\n"
              "  pin (Q) { direction : output; function : Q1; }\n"
              "  pin (QN) { direction : output; function : \"Q2\"; } }\n"
              " cell (B) { area : 9; ff_bank (Q1, Q2, 4) { } pin (Q) { direction : output; "
              "function : \"nonsense\"; } }\n"
              " cell (M) { area : 1; bus (A) { bus_type : x; } pin (Y) { direction : output; "
              "function : \"A[0]\"; } } }");
    const struct mp_lib_cell *f = &lib.cells[mp_library_cell(&lib, "F")];
    assert_int_equal(f->sequential, MP_FLIP_FLOP);
    assert_int_equal(f->pin_count, 6);
    assert_true(f->is_scan);
    assert_true(lib.pins[f->first_pin].is_clock);
    assert_false(lib.pins[f->first_pin + 1].is_clock);
    assert_true(mp_expr_eval(&f->next_state, 0));
    assert_true(mp_expr_support(&f->clocked_on) == 1);
    assert_true(mp_expr_eval(&f->clear, 0) && mp_expr_eval(&f->preset, 8));
    assert_true(f->clear_preset_iq == 'L' && f->clear_preset_iqn == 'H');
    assert_true(mp_expr_support(&lib.pins[f->first_pin + 4].function) == 1u << 6);
    assert_true(mp_expr_support(&lib.pins[f->first_pin + 5].function) == 1u << 7);
    assert_true(lib.cells[mp_library_cell(&lib, "B")].is_pad_or_macro);
    assert_true(lib.cells[mp_library_cell(&lib, "M")].is_pad_or_macro);
    assert_int_equal(mp_library_cell(&lib, "Z"), MP_NONE);
    assert_int_equal(mp_library_pin(&lib, 0, "S"), 3);
    assert_int_equal(mp_library_pin(&lib, 0, "T"), MP_NONE);
    static const char *const patterns[] = {"[BM]", "F?"};
    assert_int_equal(mp_library_mark_dont_use(&lib, patterns, 2), 2);
    assert_false(f->dont_use);
    mp_library_release(&lib);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *part;
    } cases[] = {
        {"", 1, "no library"},
        {"cell (X) { }", 1, "no library"},
        {"library (l) { nom_voltage : 1; cell (X) { } }", 1, "capacitive_load_unit"},
        {"library (l) {\n capacitive_load_unit (1, pf); cell (X) { } }", 1, "voltage"},
        {HEAD "}", 1, "no cells"},
        {"library (l) {\n time_unit : \"1 parsec\"; }", 2, "time_unit"},
        {HEAD AREA "} cell (X) { } }", 7, "t.lib:6"},
        {HEAD AREA " pin (A) { capacitance : 1; } } }", 7, "direction"},
        {HEAD AREA " pin (A) { direction : sideways; } } }", 7, "sideways"},
        {HEAD AREA " pin (A) { direction : input; capacitance : x; } } }", 7,
         "'x' is not a number"},
        {HEAD AREA PINS PINS "} }", 8, "twice"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : \"A B\"; } } }", 8, "'B'"},
        {HEAD AREA " pin (A) { direction : input; } pin (Y) { direction : output; function : A; } "
                   "} }",
         6, "no capacitance"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : A;\n timing () { related_pin : "
                        "B; } } } }",
         9, "'B'"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : A;\n timing () { related_pin : "
                        "A;\n cell_rise (e) { values (\"1\"); } } } } }",
         10, "template 'e'"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : A;\n timing () { related_pin : "
                        "A;\n cell_rise (d) { values (\"1, 2, 3\", \"4, 5\"); } } } } }",
         10, "has 5 values, its indices ask for 6"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : A;\n timing () { related_pin : "
                        "A;\n cell_rise (d) { index_1 (\"2, 1\"); values (\"1\"); } } } } }",
         10, "increase"},
        {HEAD AREA PINS " pin (Y) { direction : output; function : A;\n timing () { related_pin : "
                        "A;\n cell_rise (d) { values (\"1, 2 x\"); } } } } }",
         10, "not a list"},
        {HEAD AREA " leakage_power () {\n } } }", 7, "no value"},
        {HEAD AREA " ff (IQ, IQN) {\n next_state : D; } } }", 8, "'D'"},
        {HEAD AREA PINS " ff (IQ, IQN) {\n next_state : A; } } }", 8, "no clocked_on"},
        {"library (l) { capacitive_load_unit (1, pf); nom_voltage : 1;\n cell (X) { "
         "cell_leakage_power : 3; } }",
         2, "leakage_power_unit"},
        {HEAD AREA " pin (A) { direction : input;\n rise_capacitance_range (1); } } }", 8,
         "two numbers"},
        {HEAD "include_file (x.lib) ;\n" AREA "} }", 6, "include_file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_library lib;
        struct mp_error err = MP_ERROR_INIT;
        int rc = mp_library_read_text(&lib, cases[i].text, strlen(cases[i].text), "t.lib", &err);
        print_message("%d: %s\n", err.line, err.message);
        assert_true(rc == MP_E_INPUT || rc == MP_E_UNSUPPORTED);
        assert_int_equal(err.line, cases[i].line);
        assert_non_null(strstr(err.message, cases[i].part));
        assert_null(lib.cells);
    }
}

static const char file_a[] = HEAD AREA PINS " pin (Y) { direction : output; function : \"!A\"; "
                                            "timing () { related_pin : A; cell_rise (d) { "
                                            "values (\"1, 2, 3\", \"4, 5, 6\"); } cell_fall (d) { "
                                            "values (\"1, 2, 3\", \"4, 5, 6\"); } } } } "
                                            "}\n";
/* The same cell in ns and pF. */
static const char file_b[] =
    "library (m) { time_unit : \"1ns\"; capacitive_load_unit (1, pf);\n"
    " lu_table_template (d) { variable_1 : input_net_transition; index_1 (\"0.01, 0.02\"); }\n"
    " cell (Z) { area : 3; pin (A) { direction : input; capacitance : 0.03; }\n"
    "  pin (Y) { direction : output; function : \"!A\"; timing () { related_pin : A; cell_rise (d) "
    "{ values (\"0.25, 0.5\"); } cell_fall (d) { values (\"0.25, 0.5\"); } } } } }\n";

static void test_several_files(void **state)
{
    (void)state;
    struct mp_tempdir dir = {NULL};
    struct mp_library lib, prepared;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *a = mp_path_join(dir.path, "a.lib"), *b = mp_path_join(dir.path, "b.lib");
    char *out = mp_path_join(dir.path, "out.lib");
    const char *paths[] = {a, b}, *written = out, *twice[] = {a, a};
    assert_int_equal(mp_file_write(a, file_a, sizeof file_a - 1, &err), MP_OK);
    assert_int_equal(mp_file_write(b, file_b, sizeof file_b - 1, &err), MP_OK);
    assert_int_equal(mp_library_read(&lib, paths, 2, &err), MP_OK);
    assert_int_equal(lib.cell_count, 2);
    assert_int_equal(lib.cells[1].file, 1);
    assert_true(near(lib.pins[0].capacitance_f, lib.pins[2].capacitance_f));
    assert_true(near(lib.tables[lib.arcs[1].cell_rise].values[1], 0.5e-9));

    /* One file in the first one's units, with the two templates of one name kept apart. */
    assert_int_equal(mp_library_write_prepared(&lib, paths, 2, out, NULL, 0, &err), MP_OK);
    assert_int_equal(mp_library_read(&prepared, &written, 1, &err), MP_OK);
    assert_int_equal(prepared.cell_count, 2);
    assert_true(near(prepared.pins[2].capacitance_f, 3e-14));
    for (uint32_t t = 0; t < lib.table_count; t++) {
        const struct mp_table *x = &lib.tables[t], *y = &prepared.tables[t];
        assert_int_equal(x->axis1, y->axis1);
        for (uint32_t k = 0; k < x->index1_count; k++)
            assert_true(near(x->index1[k], y->index1[k]));
        for (uint32_t k = 0; k < x->index1_count * x->index2_count; k++)
            assert_true(near(x->values[k], y->values[k]));
    }
    mp_library_release(&prepared);

    static const char *const dont[] = {"*"}, *const keep[] = {"Z"};
    mp_library_mark_dont_use(&lib, dont, 1);
    assert_int_equal(mp_library_write_prepared(&lib, paths, 2, out, NULL, 0, &err), MP_E_INPUT);
    assert_int_equal(mp_library_write_prepared(&lib, paths, 2, out, keep, 1, &err), MP_OK);
    mp_library_release(&lib);

    assert_int_equal(mp_library_read(&lib, twice, 2, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "there already"));
    assert_int_equal(mp_library_read(&lib, twice, 0, &err), MP_E_USAGE);
    mp_tempdir_remove(&dir);
    assert_int_equal(mp_library_read(&lib, paths, 1, &err), MP_E_NOT_FOUND);
    free(a);
    free(b);
    free(out);
}

/* The supply of a pin: voltage_map by its related_power_pin, else its file's, else the first's. */
static void test_supplies(void **state)
{
    (void)state;
    static const char first[] =
        "library (m) { capacitive_load_unit (1, pf); nom_voltage : 1.1; voltage_unit : \"100mV\";\n"
        " voltage_map (LOW, 8); voltage_map (GND, 0); operating_conditions (t) { voltage : 12; }\n"
        " cell (A) { area : 3; pg_pin (VDD) { pg_type : primary_power; voltage_name : LOW; }\n"
        "  pg_pin (VX) { pg_type : primary_power; voltage_name : NONE; }\n"
        "  pin (P) { direction : output; function : 1; related_power_pin : VDD; }\n"
        "  pin (Q) { direction : output; function : 1; related_power_pin : VX; }\n"
        "  pin (R) { direction : output; function : 1; related_power_pin : VY; } } }\n";
    static const char *const later[] = {
        "library (n) { capacitive_load_unit (1, pf); cell (B) { area : 3;\n"
        "  pin (P) { direction : output; function : 1; } } }\n",
        "library (n) { capacitive_load_unit (1, pf); nom_voltage : 0.9; cell (B) { area : 3;\n"
        "  pin (P) { direction : output; function : 1; } } }\n"};
    struct mp_tempdir dir = {NULL};
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *a = mp_path_join(dir.path, "a.lib"), *b = mp_path_join(dir.path, "b.lib");
    const char *paths[] = {a, b};
    assert_int_equal(mp_file_write(a, first, sizeof first - 1, &err), MP_OK);
    for (size_t i = 0; i < 2; i++) {
        struct mp_library lib;
        assert_int_equal(mp_file_write(b, later[i], strlen(later[i]), &err), MP_OK);
        assert_int_equal(mp_library_read(&lib, paths, 2, &err), MP_OK);
        assert_true(near(lib.voltage_v, 1.2));
        assert_true(near(lib.pins[0].supply_v, 0.8) && near(lib.pins[1].supply_v, 1.2));
        assert_true(near(lib.pins[2].supply_v, 1.2));
        assert_true(near(lib.pins[3].supply_v, i ? 0.9 : 1.2));
        mp_library_release(&lib);
    }
    mp_tempdir_remove(&dir);
    free(a);
    free(b);
}

/* Of a capacitance range the upper end counts, wherever the range stands; the copy for OpenSTA has
 * it as plain numbers, in the first file's units. */
static void test_capacitance_ranges(void **state)
{
    (void)state;
    static const char ranges[] =
        "library (m) { time_unit : \"1ns\"; capacitive_load_unit (1, pf);\n"
        " lu_table_template (d) { variable_1 : input_net_transition; index_1 (\"0.01, 0.02\"); }\n"
        " cell (Z) { area : 3; pin (A) { direction : input; rise_capacitance_range (0.01, 0.05);\n"
        "  capacitance : 0.03; rise_capacitance : 0.02; fall_capacitance : 0.04; }\n"
        "  pin (B) { direction : input; rise_capacitance_range (0.01, 0.06);\n"
        "   fall_capacitance_range (\"0.01\", \"0.02\"); }\n"
        "  pin (Y) { direction : output; function : \"!(A B)\"; timing () { related_pin : A; "
        "cell_rise (d) { values (\"0.25, 0.5\"); } } } } }\n";
    struct mp_tempdir dir = {NULL};
    struct mp_library lib, prepared;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *a = mp_path_join(dir.path, "a.lib"), *b = mp_path_join(dir.path, "b.lib");
    char *out = mp_path_join(dir.path, "out.lib");
    const char *paths[] = {a, b}, *written = out;
    assert_int_equal(mp_file_write(a, file_a, sizeof file_a - 1, &err), MP_OK);
    assert_int_equal(mp_file_write(b, ranges, sizeof ranges - 1, &err), MP_OK);
    assert_int_equal(mp_library_read(&lib, paths, 2, &err), MP_OK);
    assert_int_equal(mp_library_write_prepared(&lib, paths, 2, out, NULL, 0, &err), MP_OK);
    assert_int_equal(mp_library_read(&prepared, &written, 1, &err), MP_OK);
    const struct mp_library *both[] = {&lib, &prepared};
    for (size_t i = 0; i < 2; i++) {
        const struct mp_lib_pin *p = both[i]->pins + both[i]->cells[1].first_pin;
        assert_true(near(p[0].capacitance_f, 3e-14) && near(p[1].capacitance_f, 4e-14));
        assert_true(near(p[0].rise_capacitance_f, 5e-14) && near(p[0].fall_capacitance_f, 4e-14));
        assert_true(near(p[1].rise_capacitance_f, 6e-14) && near(p[1].fall_capacitance_f, 2e-14));
    }
    mp_library_release(&prepared);
    mp_library_release(&lib);
    mp_tempdir_remove(&dir);
    free(a);
    free(b);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_and_lookup), cmocka_unit_test(test_unit_spellings),
        cmocka_unit_test(test_templates),        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_errors),           cmocka_unit_test(test_several_files),
        cmocka_unit_test(test_supplies),         cmocka_unit_test(test_capacitance_ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
