/* Wire loads: the option, the choice, the capacitances, what OpenSTA is given. */
#include "estimator/timing/script.h"
#include "estimator/timing/wireload.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char library_text[] =
    "library (tiny) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); voltage_unit : \"1V\";\n"
    " nom_voltage : 1; pulling_resistance_unit : \"1kohm\"; default_wire_load : small;\n"
    "%s"
    " wire_load (small) { capacitance : 0.5; resistance : 0.25; slope : 2;\n"
    "  fanout_length (1, 4); fanout_length (3, 10); }\n"
    " wire_load (\"large one\") { capacitance : 2; fanout_length (1, 5); }\n"
    " wire_load (short) { capacitance : 2; }\n"
    " wire_load (light) { fanout_length (1, 5); }\n"
    " cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "  pin (Y) { direction : output; function : \"!A\"; } } }\n";
static const char selection_text[] =
    " default_wire_load_selection : s;\n wire_load_selection (s) {\n"
    "  wire_load_from_area (10, 100, \"small\"); wire_load_from_area (100, 500, \"large one\"); "
    "}\n";
static const char plain_text[] =
    "library (plain) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); nom_voltage : 1;\n"
    " cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "  pin (Y) { direction : output; function : \"!A\"; } } }\n";

static void read_library(struct mp_library *lib, const char *format, const char *more)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text text = {0};
    const char *at = strstr(format, "%s");
    mp_text_add_bytes(&text, format, at ? (size_t)(at - format) : strlen(format));
    if (at) {
        mp_text_add(&text, more);
        mp_text_add(&text, at + 2);
    }
    if (mp_library_read_text(lib, text.data, text.size, "wires.lib", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    mp_text_release(&text);
}

static void choose(struct mp_wire_model *m, const struct mp_library *lib, const char *text,
                   double area_um2)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_wire_option o;
    if (mp_wire_option_parse(&o, text, &err) < 0 ||
        mp_wire_model_choose(m, &o, lib, area_um2, &err) < 0)
        fail_msg("%s: %s", text, err.message);
}

static void refuse(const struct mp_library *lib, const char *text, const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_wire_option o;
    struct mp_wire_model m = {0};
    assert_int_equal(mp_wire_option_parse(&o, text, &err), MP_OK);
    assert_int_equal(mp_wire_model_choose(&m, &o, lib, 1, &err), MP_E_INPUT);
    if (!strstr(err.message, words))
        fail_msg("%s: %s", text, err.message);
}

static void options_are_parsed(void **state)
{
    (void)state;
    static const char *const texts[][2] = {{"none", "none"},
                                           {"library", "library"},
                                           {"model:5K_hvratio_1_1", "model:5K_hvratio_1_1"},
                                           {"constant:2fF", "constant:2e-15F"},
                                           {"constant:0.5 fF", "constant:5e-16F"},
                                           {"2fF/fanout", "constant:2e-15F"},
                                           {"constant:2e-15F", "constant:2e-15F"}};
    static const char *const wrong[] = {"",
                                        "None",
                                        "model:",
                                        "model",
                                        "constant:",
                                        "constant:2",
                                        "constant:0F",
                                        "constant:-1fF",
                                        "2fF",
                                        "2fF/fan",
                                        "/fanout",
                                        "constant:2ns",
                                        "constant:nanF",
                                        "constant:2fF/fanout",
                                        "constant:1111111111111111111111111111111111111111fF"};
    struct mp_wire_option o;
    struct mp_error err = MP_ERROR_INIT;
    char out[160];
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        if (mp_wire_option_parse(&o, texts[k][0], &err) < 0)
            fail_msg("%s: %s", texts[k][0], err.message);
        mp_wire_option_print(&o, out, sizeof out);
        assert_string_equal(out, texts[k][1]);
    }
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        if (mp_wire_option_parse(&o, wrong[k], &err) != MP_E_USAGE ||
            !strstr(err.message, "constant:2fF"))
            fail_msg("\"%s\" is taken", wrong[k]);
    char *longest = mp_asprintf("model:%0300d", 1);
    assert_int_equal(mp_wire_option_parse(&o, longest, &err), MP_E_USAGE);
    free(longest);
}

static void models_are_chosen(void **state)
{
    (void)state;
    struct mp_library lib, by_area, plain;
    struct mp_wire_model m = {0};
    read_library(&lib, library_text, "");
    read_library(&by_area, library_text, selection_text);
    read_library(&plain, plain_text, "");
    choose(&m, &lib, "none", 1);
    assert_true(m.is_none);
    assert_string_equal(m.name, "none");
    choose(&m, &lib, "library", 1000);
    assert_string_equal(m.name, "model:small");
    choose(&m, &by_area, "library", 1);
    assert_string_equal(m.name, "model:small"); /* below the ranges the first */
    choose(&m, &by_area, "library", 99);
    assert_string_equal(m.name, "model:small");
    choose(&m, &by_area, "library", 100);
    assert_string_equal(m.name, "model:large one");
    choose(&m, &by_area, "library", 1e6);
    assert_string_equal(m.name, "model:large one");
    choose(&m, &plain, "constant:2fF", 1);
    assert_string_equal(m.name, "constant:2e-15F");
    refuse(&lib, "model:medium", "it has small, large one, short, light");
    refuse(&lib, "model:short", "gives no lengths");
    refuse(&lib, "model:light", "gives no capacitance");
    refuse(&plain, "model:small", "has no wire-load models");
    refuse(&plain, "library", "has no wire-load models");
    choose(&m, &lib, "library-or-none", 1);
    assert_string_equal(m.name, "model:small");
    choose(&m, &plain, "library-or-none", 1);
    assert_true(m.is_none);
    assert_string_equal(m.name, "none");
    lib.default_wire_load = NULL;
    refuse(&lib, "library", "no default");
    mp_library_release(&plain);
    mp_library_release(&by_area);
    mp_library_release(&lib);
}

static const char netlist_text[] =
    "module m (a, y, z); input a; output y; output [1:0] z; wire n, dead;\n"
    " INV u1 (.A(a), .Y(n)); INV u2 (.A(n), .Y(y)); INV u3 (.A(n), .Y(dead));\n"
    " INV u4 (.A(n), .Y(z[0])); INV u5 (.A(y)); INV u6 (.A(1'b0), .Y(z[1])); endmodule\n";

static double cap_of(const struct mp_netlist *n, const double *caps, const char *net)
{
    for (uint32_t i = 0; i < n->net_count; i++)
        if (strcmp(n->net_name[i], net) == 0)
            return caps[i] * 1e15;
    fail_msg("no net %s", net);
    return 0;
}

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g instead of %.17g", got, expected);
}

static void capacitances_follow_fan_out(void **state)
{
    (void)state;
    struct mp_library lib;
    struct mp_netlist n;
    struct mp_wire_model m = {0};
    struct mp_error err = MP_ERROR_INIT;
    read_library(&lib, library_text, "");
    if (mp_netlist_read_text(&n, &lib, netlist_text, strlen(netlist_text), "m.v", NULL, &err) < 0)
        fail_msg("%s", err.message);
    choose(&m, &lib, "none", 1);
    assert_null(mp_wire_caps(&m, &n));
    assert_null(mp_wire_caps(NULL, &n));
    choose(&m, &lib, "model:small", 1);
    double *caps = mp_wire_caps(&m, &n);
    assert_near(cap_of(&n, caps, "n"), 5);    /* 3: length 10 */
    assert_near(cap_of(&n, caps, "y"), 3.5);  /* a pin and a port: 7 */
    assert_near(cap_of(&n, caps, "z[0]"), 2); /* a port: 4 */
    assert_near(cap_of(&n, caps, "a"), 2);
    assert_near(cap_of(&n, caps, "dead"), 0);
    assert_near(caps[0], 0);
    free(caps);
    choose(&m, &lib, "constant:2fF", 1);
    caps = mp_wire_caps(&m, &n);
    assert_near(cap_of(&n, caps, "n"), 6);
    assert_near(cap_of(&n, caps, "z[0]"), 2);
    free(caps);
    mp_netlist_release(&n);
    mp_library_release(&lib);
}

/* What we write is what we read: units, table, slope. */
static void the_library_for_opensta(void **state)
{
    (void)state;
    struct mp_library lib, back = {0};
    struct mp_wire_model m = {0};
    struct mp_text text = {0}, whole = {0};
    struct mp_error err = MP_ERROR_INIT;
    read_library(&lib, library_text, "");
    choose(&m, &lib, "library", 1);
    mp_wire_load_liberty(&text, &m);
    assert_int_equal(text.data[text.size - 2], '}');
    /* our reader wants a cell and a voltage */
    mp_text_add_bytes(&whole, text.data, text.size - 2);
    mp_text_add(&whole, " nom_voltage : 1; cell (INV) { area : 1; } }\n");
    if (mp_library_read_text(&back, whole.data, whole.size, "back.lib", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    const struct mp_wire_load *w = mp_library_wire_load(&back, MP_WIRE_LOAD_NAME);
    assert_non_null(w);
    assert_near(w->capacitance_f, m.load.capacitance_f);
    assert_near(w->resistance_ohm, 250);
    for (int half = 0; half < 18; half++)
        assert_near(mp_wire_load_length(w, half / 2.0), mp_wire_load_length(&m.load, half / 2.0));
    mp_library_release(&back);
    mp_library_release(&lib);
    mp_text_release(&text);
    mp_text_release(&whole);
}

static void the_script_names_it(void **state)
{
    (void)state;
    struct mp_library lib;
    struct mp_netlist n;
    struct mp_wire_model m = {0};
    struct mp_text with = {0}, without = {0};
    struct mp_error err = MP_ERROR_INIT;
    read_library(&lib, library_text, "");
    if (mp_netlist_read_text(&n, &lib, netlist_text, strlen(netlist_text), "m.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s", err.message);
    struct mp_opensta_job job = {.netlist = &n, .wire_load = &m, .period_s = 1e-9};
    choose(&m, &lib, "2fF/fanout", 1);
    assert_int_equal(mp_opensta_script(&with, &job, "/c.lib", "/m.v", &err), MP_OK);
    assert_non_null(strstr(with.data, "read_liberty " MP_STA_WIRE_NAME "\n"));
    assert_non_null(strstr(with.data, "set_wire_load_model -name " MP_WIRE_LOAD_NAME "\n"));
    choose(&m, &lib, "none", 1);
    assert_int_equal(mp_opensta_script(&without, &job, "/c.lib", "/m.v", &err), MP_OK);
    assert_null(strstr(without.data, "wire_load"));
    mp_text_release(&with);
    mp_text_release(&without);
    mp_netlist_release(&n);
    mp_library_release(&lib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_parsed),          cmocka_unit_test(models_are_chosen),
        cmocka_unit_test(capacitances_follow_fan_out), cmocka_unit_test(the_library_for_opensta),
        cmocka_unit_test(the_script_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
