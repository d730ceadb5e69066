/* Driving cells and output loads: what is taken, what is refused, what it is on a library. */
#include "estimator/timing/boundary.h"
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char library_text[] =
    "library (tiny) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); nom_voltage : 1;\n"
    " cell (BUF1) { area : 1; pin (A) { direction : input; capacitance : 0.9; }\n"
    "  pin (Y) { direction : output; function : \"A\"; } }\n"
    " cell (BUF4) { area : 3; pin (A) { direction : input; capacitance : 3; }\n"
    "  pin (Y) { direction : output; function : \"A\"; } }\n"
    " cell (AND) { area : 2; pin (A) { direction : input; capacitance : 1; }\n"
    "  pin (B) { direction : input; capacitance : 1; }\n"
    "  pin (Y) { direction : output; function : \"A & B\"; } } }\n";
static const char bare_text[] =
    "library (bare) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); nom_voltage : 1;\n"
    " cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "  pin (Y) { direction : output; function : \"!A\"; } } }\n";

static void read_library(struct mp_library *lib, struct mp_library_roles *roles, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    if (mp_library_read_text(lib, text, strlen(text), "tiny.lib", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    mp_library_roles_find(lib, roles);
}

static void parse(struct mp_boundary_option *o, const char *cell, const char *load)
{
    struct mp_error err = MP_ERROR_INIT;
    *o = (struct mp_boundary_option){0};
    if (mp_driving_cell_parse(o, cell, &err) < 0 || mp_output_load_parse(o, load, &err) < 0)
        fail_msg("%s", err.message);
}

static void choices(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    struct mp_library_roles roles;
    struct mp_boundary_option o;
    struct mp_boundary b;
    struct mp_error err = MP_ERROR_INIT;
    char text[200];

    read_library(&lib, &roles, library_text);
    assert_int_equal(mp_boundary_choose(&b, NULL, &lib, &roles, &err), MP_OK);
    assert_null(b.driving_cell);
    assert_true(b.output_load_f == 0);
    parse(&o, "none", "none");
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_OK);
    assert_null(b.driving_cell);
    parse(&o, "library", "library");
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_OK);
    assert_string_equal(b.driving_cell, "BUF1");
    assert_true(b.output_load_f > 3.599e-15 && b.output_load_f < 3.601e-15);
    mp_boundary_option_print(&o, text, sizeof text);
    assert_string_equal(text, "driven by library, load library");
    parse(&o, "BUF4", "3.9 fF");
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_OK);
    assert_string_equal(b.driving_cell, "BUF4");
    assert_true(b.output_load_f > 3.8999e-15 && b.output_load_f < 3.9001e-15);
    mp_boundary_option_print(&o, text, sizeof text);
    assert_non_null(strstr(text, "driven by BUF4, load 3.9"));
    /* The last one counts. */
    assert_int_equal(mp_output_load_parse(&o, "none", &err), MP_OK);
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_OK);
    assert_true(b.output_load_f == 0);
    mp_library_release(&lib);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cells[] = {"", "BUF 1", "a;exit", "[x]", "b\n"};
    static const char *const loads[] = {"", "3.9", "0fF", "-1fF", "1F", "3.9fs", "nanfF", "inffF"};
    struct mp_library lib = {0}, bare = {0};
    struct mp_library_roles roles, bare_roles;
    struct mp_boundary_option o = {0};
    struct mp_boundary b;
    struct mp_error err = MP_ERROR_INIT;

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_int_equal(mp_driving_cell_parse(&o, cells[i], &err), MP_E_USAGE);
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        if (mp_output_load_parse(&o, loads[i], &err) != MP_E_USAGE)
            fail_msg("taken: %s", loads[i]);
    assert_non_null(strstr(err.message, "3.9fF"));
    read_library(&lib, &roles, library_text);
    parse(&o, "BUF9", "none");
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "BUF9 is not in the library"));
    parse(&o, "AND", "none");
    assert_int_equal(mp_boundary_choose(&b, &o, &lib, &roles, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "AND is no buffer"));
    read_library(&bare, &bare_roles, bare_text);
    parse(&o, "none", "library");
    assert_int_equal(mp_boundary_choose(&b, &o, &bare, &bare_roles, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "has no buffer"));
    parse(&o, "INV", "2fF");
    assert_int_equal(mp_boundary_choose(&b, &o, &bare, &bare_roles, &err), MP_OK);
    mp_library_release(&lib);
    mp_library_release(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(choices), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("boundary", tests, NULL, NULL);
}
