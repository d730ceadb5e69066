/* wire_load and wire_load_selection groups. */
#include "estimator/liberty/library.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char head[] =
    "library (l) {\n time_unit : \"1ns\"; capacitive_load_unit (10, ff); voltage_unit : \"1V\";\n"
    " nom_voltage : 1; pulling_resistance_unit : \"10ohm\";\n";
static const char tail[] =
    " cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    " pin (Y) { direction : output; function : \"!A\"; } } }\n";

static int read_groups(struct mp_library *lib, const char *groups, struct mp_error *err)
{
    char *text = mp_asprintf("%s%s%s", head, groups, tail);
    int rc = mp_library_read_text(lib, text, strlen(text), "wires.lib", err);
    free(text);
    return rc;
}

static void accept(struct mp_library *lib, const char *groups)
{
    struct mp_error err = MP_ERROR_INIT;
    if (read_groups(lib, groups, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
}

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g instead of %.17g", got, expected);
}

static void values_are_si_and_sorted(void **state)
{
    (void)state;
    struct mp_library lib;
    accept(&lib, " default_wire_load : \"b\";\n"
                 " wire_load (\"a\") { capacitance : 0.2; resistance : 3; area : 0.5; slope : 7;\n"
                 "  fanout_length (4, 40, 1.5, 2); fanout_length (1, 10); fanout_length (2, 13);\n"
                 "  fanout_length (2, 99); }\n"
                 " wire_load (b) { fanout_length (1, 1); }\n wire_load (a) { slope : 1; }\n");
    assert_int_equal(lib.wire_load_count, 2);
    assert_string_equal(lib.default_wire_load, "b");
    const struct mp_wire_load *w = mp_library_wire_load(&lib, "a");
    assert_non_null(w);
    assert_near(w->capacitance_f, 2e-15);
    assert_near(w->resistance_ohm, 30);
    assert_near(w->area_um2, 0.5);
    assert_near(w->slope, 7);
    assert_int_equal(w->line, 5);
    assert_int_equal(w->count, 3);
    assert_near(w->fan_out[1], 2);
    assert_near(w->length[1], 13);
    assert_null(mp_library_wire_load(&lib, "c"));
    assert_int_equal(lib.wire_load_range_count, 0);
    mp_library_release(&lib);
}

static void lengths_between_and_beyond(void **state)
{
    (void)state;
    static const double fan_out[] = {2, 4, 5}, length[] = {3, 10, 9};
    struct mp_wire_load w = {.slope = 2, .count = 3, .fan_out = fan_out, .length = length};
    static const double expected[][2] = {{0.25, 0}, {1, 1}, {2, 3},  {3, 6.5},
                                         {4, 10},   {5, 9}, {6, 11}, {105, 209}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        assert_near(mp_wire_load_length(&w, expected[k][0]), expected[k][1]);
    w.count = 1;
    w.slope = 0;
    assert_near(mp_wire_load_length(&w, 1), 3);
    assert_near(mp_wire_load_length(&w, 9), 3);
    w.count = 0;
    assert_near(mp_wire_load_length(&w, 9), 0);
}

static void the_default_selection_counts(void **state)
{
    (void)state;
    struct mp_library lib;
    static const char two[] = " wire_load_selection (x) { wire_load_from_area (0, 10, \"x\"); }\n"
                              " wire_load_selection (y) { wire_load_from_area (0, 100, \"s\");\n"
                              "  wire_load_from_area (100, 200, m); }\n";
    accept(&lib, two);
    assert_int_equal(lib.wire_load_range_count, 0);
    mp_library_release(&lib);
    char *named = mp_asprintf(" default_wire_load_selection : y;\n%s", two);
    accept(&lib, named);
    assert_int_equal(lib.wire_load_range_count, 2);
    assert_string_equal(lib.wire_load_ranges[1].model, "m");
    assert_near(lib.wire_load_ranges[1].to_um2, 200);
    mp_library_release(&lib);
    free(named);
    accept(&lib, " wire_load_selection () { wire_load_from_area (0, 10, \"x\"); }\n");
    assert_int_equal(lib.wire_load_range_count, 1);
    mp_library_release(&lib);
}

static void what_is_wrong_is_located(void **state)
{
    (void)state;
    static const struct {
        const char *groups, *words;
    } cases[] = {
        {" wire_load (a) { capacitance : many; }", "not a number"},
        {" wire_load (a) { capacitance : -1; }", "negative"},
        {" wire_load (a) { slope : -1; }", "negative"},
        {" wire_load () { slope : 1; }", "no name"},
        {" wire_load (a) { fanout_length (1); }", "missing"},
        {" wire_load (a) { fanout_length (x, 1); }", "not a number"},
        {" wire_load_selection (a) { wire_load_from_area (1, 2); }", "a model"},
        {" wire_load_selection (a) { wire_load_from_area (1, z, \"m\"); }", "not a number"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct mp_library lib;
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(read_groups(&lib, cases[k].groups, &err), MP_E_INPUT);
        assert_int_equal(err.line, 4);
        if (!strstr(err.message, cases[k].words))
            fail_msg("%s: %s", cases[k].groups, err.message);
    }
    struct mp_library lib;
    struct mp_error err = MP_ERROR_INIT;
    static const char bad_unit[] = "library (l) { capacitive_load_unit (1, ff); nom_voltage : 1;\n"
                                   "pulling_resistance_unit : \"1 mile\";\n";
    char *text = mp_asprintf("%s%s", bad_unit, tail);
    assert_int_equal(mp_library_read_text(&lib, text, strlen(text), "w.lib", &err), MP_OK);
    mp_library_release(&lib);
    free(text);
    text = mp_asprintf("%s wire_load (a) { slope : 1; }\n%s", bad_unit, tail);
    assert_int_equal(mp_library_read_text(&lib, text, strlen(text), "w.lib", &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "pulling_resistance_unit"));
    free(text);
}

/* Every beginning of a library with wire loads is refused or read, never more than it holds. */
static void cut_off(void **state)
{
    (void)state;
    char *text =
        mp_asprintf("%s default_wire_load : a;\n wire_load (\"a\") { capacitance : 0.2; slope :"
                    " 7;\n  fanout_length (4, 40, 1.5); fanout_length (1, 10); }\n"
                    " default_wire_load_selection : s;\n wire_load_selection (s) {\n"
                    "  wire_load_from_area (0, 1e3, \"a\"); }\n%s",
                    head, tail);
    size_t size = strlen(text), whole = 0;
    for (size_t n = 0; n <= size; n++) {
        struct mp_library lib;
        struct mp_error err = MP_ERROR_INIT;
        char *copy = mp_strndup(text, n); /* its own memory, for sanitizers */
        int rc = mp_library_read_text(&lib, copy, n, "cut.lib", &err);
        free(copy);
        assert_true(rc == MP_OK || err.message[0] != '\0');
        if (rc == MP_OK) {
            whole++;
            assert_int_equal(lib.wire_load_count, 1);
            mp_library_release(&lib);
        }
    }
    assert_true(whole >= 1 && whole < 5);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_si_and_sorted),
        cmocka_unit_test(lengths_between_and_beyond),
        cmocka_unit_test(the_default_selection_counts),
        cmocka_unit_test(what_is_wrong_is_located),
        cmocka_unit_test(cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
