/* Compiled libraries: hand-worked lookups, merged conditions, families, setup, what is left out. */
#include "estimator/timing/nldm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

/* Slews 1 and 3 ns, loads 10 and 20 fF. */
#define HEAD                                                                                       \
    "library (hand) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); nom_voltage : 1;\n"       \
    " lu_table_template (t) { variable_1 : input_net_transition;\n"                                \
    "  variable_2 : total_output_net_capacitance; index_1 (\"1, 3\"); index_2 (\"10, 20\"); }\n"   \
    " lu_table_template (u) { variable_1 : total_output_net_capacitance;\n"                        \
    "  variable_2 : input_net_transition; index_1 (\"10, 15, 20\"); index_2 (\"1, 3\"); }\n"       \
    " lu_table_template (c) { variable_1 : related_pin_transition;\n"                              \
    "  variable_2 : constrained_pin_transition; index_1 (\"1, 2\"); index_2 (\"1, 2\"); }\n"
#define TABLES(a, b, c, d)                                                                         \
    "   cell_rise (t) { values (" a "); } rise_transition (t) { values (" b "); }\n"               \
    "   cell_fall (t) { values (" c "); } fall_transition (t) { values (" d "); }\n"
#define PLAIN(a)         TABLES(a, a, a, a)
#define INPUT(name, cap) "  pin (" name ") { direction : input; capacitance : " cap "; }\n"

static const char inverter[] =
    " cell (INV1) { area : 2; pin (A) { direction : input; capacitance : 1;\n"
    "    rise_capacitance : 1.25; fall_capacitance : 0.75; }\n"
    "  pin (Y) { direction : output; function : \"!A\"; max_capacitance : 40;\n"
    "   timing () { related_pin : \"A\"; timing_sense : negative_unate;\n" TABLES(
        "\"1, 2\", \"3, 6\"", "\"0.5, 0.6\", \"0.7, 0.9\"", "\"2, 3\", \"4, 5\"",
        "\"1, 1\", \"1, 1\"") "   } } }\n"
                              " cell (INV4) { area : 3; dont_use : true;" INPUT(
                                  "A",
                                  "4") "  pin (Y) { direction : output; function : \"!A\"; "
                                       "max_capacitance : 160;\n"
                                       "   timing () { related_pin : \"A\"; timing_sense : "
                                       "negative_unate;\n" PLAIN(
                                           "\"1, 1\", \"1, 1\"") "   } } }\n"
                                                                 " cell (INV2) { area : 3;" INPUT(
                                                                     "A",
                                                                     "2") "  pin (Y) { direction : "
                                                                          "output; function : "
                                                                          "\"!A\"; max_capacitance "
                                                                          ": 80;\n"
                                                                          "   timing () { "
                                                                          "related_pin : \"A\"; "
                                                                          "timing_sense : "
                                                                          "negative_unate;\n"
                                                                          "    cell_rise (u) { "
                                                                          "values (\"1, 3\", \"9, "
                                                                          "9\", \"2, 6\"); }\n"
                                                                          "    rise_transition (t) "
                                                                          "{ values (\"1, 2\", "
                                                                          "\"3, 4\"); }\n"
                                                                          "    cell_fall (scalar) "
                                                                          "{ values (\"7\"); } "
                                                                          "fall_transition "
                                                                          "(scalar) { values "
                                                                          "(\"8\"); }\n"
                                                                          "   } } }\n";

/* One condition above the other everywhere from A; crossing ones from B. */
static const char exclusive[] = " cell (XOR) { area : 5;" INPUT("A", "1") INPUT(
    "B",
    "1") "  pin (Y) { direction : output; function : \"A ^ B\";\n"
         "   timing () { related_pin : \"A\"; timing_sense : positive_unate; when : "
         "\"!B\";\n" PLAIN(
             "\"1, 2\", \"3, 6\"") "   }\n   timing () { related_pin : "
                                   "\"A\"; timing_sense : "
                                   "positive_unate; when : "
                                   "\"B\";\n" PLAIN(
                                       "\"2, 3\", \"4, "
                                       "7\"") "   }\n   "
                                              "timing () "
                                              "{ "
                                              "related_"
                                              "pin : "
                                              "\"A\"; "
                                              "timing_"
                                              "sense : "
                                              "negative_"
                                              "unate; "
                                              "when : "
                                              "\"B\";"
                                              "\n" PLAIN(
                                                  "\"1, 2\", \"3, 6\"") "   }\n   timing () "
                                                                        "{ related_pin : "
                                                                        "\"B\"; "
                                                                        "timing_sense : "
                                                                        "non_unate; when : "
                                                                        "\"A\";\n" PLAIN(
                                                                            "\"1, "
                                                                            "2\", "
                                                                            "\"3, "
                                                                            "6\"") "   }\n  "
                                                                                   " timing "
                                                                                   "() { "
                                                                                   "related_"
                                                                                   "pin : "
                                                                                   "\"B\"; "
                                                                                   "timing_"
                                                                                   "sense : "
                                                                                   "non_"
                                                                                   "unate; "
                                                                                   "when : "
                                                                                   "\"!A\";"
                                                                                   "\n" PLAIN(
                                                                                       "\"4, "
                                                                                       "4\", "
                                                                                       "\"4, "
                                                                                       "4\"") "   "
                                                                                              "} } "
                                                                                              "}\n";

static const char flip_flop[] =
    " cell (DFF) { area : 9; ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"!C\"; }\n"
    "  pin (D) { direction : input; capacitance : 1;\n"
    "   timing () { related_pin : \"C\"; timing_type : setup_falling;\n"
    "    rise_constraint (c) { values (\"1, 3\", \"5, 9\"); }\n"
    "    fall_constraint (c) { values (\"0.25, 0.5\", \"0.25, 0.5\"); } }\n"
    "   timing () { related_pin : \"C\"; timing_type : hold_falling;\n"
    "    rise_constraint (c) { values (\"90, 90\", \"90, 90\"); } } }\n"
    "  pin (C) { direction : input; clock : true; capacitance : 1; }\n"
    "  pin (QN) { direction : output; function : \"IQN\";\n"
    "   timing () { related_pin : \"C\"; timing_type : falling_edge;\n" PLAIN(
        "\"1, 2\", \"3, 6\"") "   } } }\n"
                              " cell (TIE) { area : 1; pin (Z) { direction : output; function : "
                              "\"1\"; } }\n"
                              " cell (LATCH) { area : 9; latch (IQ, IQN) { data_in : \"D\"; enable "
                              ": \"C\"; }" INPUT("D", "1") INPUT(
                                  "C",
                                  "1") "  pin (Q) { direction : output; function : \"IQ\"; } }\n"
                                       " cell (NO_TABLE) { area : 1;" INPUT(
                                           "A",
                                           "1") "  pin (Y) { direction : output; function : \"A\"; "
                                                "} }\n"
                                                " cell (WIDE) { area : 1;" INPUT("A", "1") INPUT(
                                                    "B", "1") INPUT("C", "1") INPUT("D", "1")
                                                    INPUT("E", "1") INPUT("F", "1") INPUT(
                                                        "G",
                                                        "1") "  pin (Y) { direction : output; "
                                                             "function : \"A B C D E F G\"; } }\n";

struct made {
    struct mp_library lib;
    struct mp_nldm n;
};

static void make(struct made *m)
{
    struct mp_error err = MP_ERROR_INIT;
    char *text = mp_asprintf("%s%s%s%s}\n", HEAD, inverter, exclusive, flip_flop);
    if (mp_library_read_text(&m->lib, text, strlen(text), "hand.lib", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    if (mp_nldm_compile(&m->n, &m->lib, &err) < 0)
        fail_msg("%s", err.message);
    free(text);
}

static void drop(struct made *m)
{
    mp_nldm_release(&m->n);
    mp_library_release(&m->lib);
}

static uint32_t id_of(const struct made *m, const char *name)
{
    uint32_t cell = mp_library_cell(&m->lib, name);
    assert_int_not_equal(cell, MP_NONE);
    return m->n.of_library_cell[cell];
}

/* Worst over the arcs of one pin and edge pair, in ns. */
static void assert_value(const struct made *m, const char *name, uint32_t input, enum mp_edge from,
                         enum mp_edge to, double slew_ns, double load_ff, double delay_ns,
                         double out_ns)
{
    const struct mp_nldm_output *out = &m->n.cells[id_of(m, name)].outputs[0];
    uint32_t first = to == MP_RISE ? out->first_arc : out->fall_arc;
    uint32_t end = to == MP_RISE ? out->fall_arc : out->end_arc;
    float worst[2] = {-INFINITY, -INFINITY}, delay, slew;
    for (uint32_t k = first; k < end; k++) {
        if (m->n.arcs[k].input != input || m->n.arcs[k].from != from)
            continue;
        mp_nldm_arc_value(&m->n, out, &m->n.arcs[k], (float)(slew_ns * 1e-9),
                          (float)mp_nldm_cap(load_ff * 1e-15), &delay, &slew);
        worst[0] = fmaxf(worst[0], delay);
        worst[1] = fmaxf(worst[1], slew);
    }
    if (!(fabs((double)worst[0] * 1e9 - delay_ns) < 1e-5) ||
        !(fabs((double)worst[1] * 1e9 - out_ns) < 1e-5))
        fail_msg("%s: %g and %g instead of %g and %g", name, (double)worst[0] * 1e9,
                 (double)worst[1] * 1e9, delay_ns, out_ns);
}

static void lookups(void **state)
{
    (void)state;
    struct made m = {0};
    make(&m);
    assert_value(&m, "INV1", 0, MP_FALL, MP_RISE, 1, 10, 1, 0.5);
    assert_value(&m, "INV1", 0, MP_FALL, MP_RISE, 2, 15, 3, 0.675);
    assert_value(&m, "INV1", 0, MP_RISE, MP_FALL, 2, 15, 3.5, 1);
    /* Beyond the ends: 1 + 2u + v + 2uv with u = (slew - 1) / 2, v = (load - 10) / 10. */
    assert_value(&m, "INV1", 0, MP_FALL, MP_RISE, 5, 30, 1 + 4 + 2 + 8, 0.5 + 0.4 + 0.2 + 0.4);
    assert_value(&m, "INV1", 0, MP_FALL, MP_RISE, 0, 0, 1 - 1 - 1 + 1, 0.5 - 0.1 - 0.1 + 0.05);
    /* Axes the other way round, of another number of points, scalars. */
    assert_value(&m, "INV2", 0, MP_FALL, MP_RISE, 2, 12.5, 5.5, 2 + 0.25);
    assert_value(&m, "INV2", 0, MP_FALL, MP_RISE, 3, 20, 6, 4);
    assert_value(&m, "INV2", 0, MP_RISE, MP_FALL, 9, 99, 7, 8);
    drop(&m);
}

static void conditions(void **state)
{
    (void)state;
    struct made m = {0};
    make(&m);
    const struct mp_nldm_output *out = &m.n.cells[id_of(&m, "XOR")].outputs[0];
    /* To rise: A up (two in one), A down, B up and down (two each). */
    assert_int_equal(out->fall_arc - out->first_arc, 6);
    assert_int_equal(m.n.merged_count, 2);
    assert_int_equal(m.n.kept_count, 4);
    assert_value(&m, "XOR", 0, MP_RISE, MP_RISE, 2, 15, 4, 4);
    assert_value(&m, "XOR", 0, MP_FALL, MP_RISE, 2, 15, 3, 3);
    assert_value(&m, "XOR", 1, MP_RISE, MP_RISE, 2, 15, 4, 4);
    assert_value(&m, "XOR", 1, MP_RISE, MP_RISE, 3, 20, 6, 6);
    assert_value(&m, "XOR", 1, MP_RISE, MP_RISE, 3, 15, 4.5, 4.5);
    drop(&m);
}

static void cells(void **state)
{
    (void)state;
    struct made m = {0};
    make(&m);
    assert_int_equal(m.n.cell_count, 6);
    assert_int_equal(id_of(&m, "LATCH"), MP_NONE);
    assert_int_equal(id_of(&m, "NO_TABLE"), MP_NONE);
    assert_int_equal(id_of(&m, "WIDE"), MP_NONE);
    const struct mp_nldm_cell *inv = &m.n.cells[id_of(&m, "INV1")];
    assert_int_equal(inv->cap[0][MP_RISE], 1250000);
    assert_int_equal(inv->cap[0][MP_FALL], 750000);
    assert_int_equal(inv->outputs[0].truth, 1);
    assert_true(fabsf(inv->outputs[0].max_load - 40e6f) < 1);
    /* By area, what is not to be used last. */
    uint32_t first = m.n.family_first[inv->family];
    assert_int_equal(m.n.family_first[inv->family + 1] - first, 3);
    assert_int_equal(m.n.family_cells[first], id_of(&m, "INV1"));
    assert_int_equal(m.n.family_cells[first + 1], id_of(&m, "INV2"));
    assert_int_equal(m.n.family_cells[first + 2], id_of(&m, "INV4"));
    assert_true(m.n.cells[id_of(&m, "INV4")].dont_use);
    const struct mp_nldm_cell * xor = &m.n.cells[id_of(&m, "XOR")];
    assert_int_equal(xor->outputs[0].truth, 6);
    assert_int_equal(xor->symmetric[0], 3);
    assert_int_equal(xor->symmetric[1], 3);
    assert_int_equal(m.n.cells[id_of(&m, "TIE")].kind, MP_NLDM_TIE);
    assert_int_equal(m.n.cells[id_of(&m, "TIE")].outputs[0].truth, 1);
    drop(&m);
}

static void flip_flops(void **state)
{
    (void)state;
    struct made m = {0};
    make(&m);
    const struct mp_nldm_cell *c = &m.n.cells[id_of(&m, "DFF")];
    assert_int_equal(c->kind, MP_NLDM_FLIP_FLOP);
    assert_int_equal(c->clock, 1);
    assert_int_equal(c->clock_edge, MP_FALL);
    assert_int_equal(c->outputs[0].truth, 5); /* not D, whatever the clock */
    assert_value(&m, "DFF", 1, MP_FALL, MP_RISE, 1, 20, 2, 2);
    /* At clock slew 0: 2 x - 4 beyond the first row by one step back: (1, 3) - (4, 6). */
    assert_true(fabs((double)mp_nldm_setup(&m.n, c, 0, MP_RISE, 1e-9f) * 1e9 - -3) < 1e-5);
    assert_true(fabs((double)mp_nldm_setup(&m.n, c, 0, MP_RISE, 2e-9f) * 1e9 - -3) < 1e-5);
    assert_true(fabs((double)mp_nldm_setup(&m.n, c, 0, MP_FALL, 3e-9f) * 1e9 - 0.75) < 1e-5);
    assert_true(fabs((double)mp_nldm_setup(&m.n, c, 1, MP_RISE, 3e-9f)) <= 0);
    drop(&m);
}

static void nothing_left(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    struct mp_nldm n;
    struct mp_error err = MP_ERROR_INIT;
    static const char text[] = HEAD " cell (X) { area : 1;" INPUT("A", "1") " } }\n";
    assert_int_equal(mp_library_read_text(&lib, text, strlen(text), "none.lib", &err), MP_OK);
    assert_int_equal(mp_nldm_compile(&n, &lib, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "no cell"));
    assert_null(n.cells);
    mp_library_release(&lib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lookups), cmocka_unit_test(conditions),
                                       cmocka_unit_test(cells), cmocka_unit_test(flip_flops),
                                       cmocka_unit_test(nothing_left)};
    return cmocka_run_group_tests_name("nldm", tests, NULL, NULL);
}
