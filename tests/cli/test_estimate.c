/*
 * `macppa estimate` on a user's own Verilog: figures that must hold together, however they are
 * asked for.
 */
#include "tests/cli/design.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char counts[] = "select (select count(*) from ppa_point), count(*) from estimate";

/* What every result of simulated operands must be. */
static void check_figures(const json_t *j)
{
    static const char *const positive[] = {
        "clock_s",     "area_um2", "critical_path_s",    "cell_count",          "internal_w",
        "switching_w", "power_w",  "total_half_width_w", "glitch_half_width_w", "leakage_w",
        "glitch_w"};
    double power = figure(j, "power_w"), total = figure(j, "total_w");

    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
        if (!(figure(j, positive[i]) > 0))
            fail_msg("%s is %g", positive[i], figure(j, positive[i]));
    assert_close(power, figure(j, "internal_w") + figure(j, "switching_w") + figure(j, "leakage_w"),
                 1e-12);
    assert_close(total, power + figure(j, "glitch_w"), 1e-12);
    assert_close(figure(j, "exact_total_w"), total, 0.1);
    assert_close(figure(j, "energy_per_cycle_j"), total * figure(j, "clock_s"), 1e-12);
    assert_true(figure(j, "total_half_width_w") < 0.05 * total);
    assert_true(figure(j, "glitch_half_width_w") < 0.05 * total);
    assert_string_equal(word(j, "activity_source"), "simulated");
    assert_true(figure(j, "annotated_share") == 1);
    assert_true(figure(j, "unsettled_share") == 0);
}

static void strangers_product(void **state)
{
    struct session *s = *state;
    json_t *j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--golden", "x * y");
    char *first, *second;

    check_figures(j);
    assert_string_equal(word(j, "design"), "mul");
    assert_string_equal(word(j, "library"), "osu018");
    assert_string_equal(word(j, "proof_rtl"), "exhaustive");
    assert_string_equal(word(j, "proof_netlist"), "exhaustive");
    assert_true(figure(j, "register_count") == 0);
    assert_true(has_note(j, "proven: x * y, latency 0, exhaustive, 256 vectors"));
    assert_true(has_note(j, "(0 reused)"));
    assert_true(has_note(j, "no wires"));
    json_decref(j);
    first = database_text(s->db, database_results);

    /* Again: found, to the last digit. */
    j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--golden", "x * y");
    assert_true(has_note(j, "1 estimate (1 reused)"));
    json_decref(j);
    second = database_text(s->db, database_results);
    assert_string_equal(first, second);
    assert_database(s->db, counts, "1|1|\n");
    free(first);
    free(second);

    RUN(s, "estimate", "--verilog", "mul.v", "--operands", "uniform", "--golden", "x * y", "--runs",
        "1");
    assert_status(s, 0);
    assert_out(s, "mul     osu018");
    assert_out(s, "(1 reused)");
    RUN(s, "estimate", "--verilog", "mul.v", "--operands", "uniform", "--golden", "x * y", "--runs",
        "1", "--format", "csv");
    assert_status(s, 0);
    assert_int_equal(strncmp(s->out.data, "design,library,clock_s,", 23), 0);
    RUN(s, "query", "--sql", "select design, unit, glitch_uw > 0, batches > 1 from v_estimate",
        "--format", "csv");
    assert_status(s, 0);
    assert_out(s, "\nmul,module,1,1\r\n");
}

/* Both numbers of threads, each with a database of its own. */
static void same_digits(void **state)
{
    struct session *s = *state;
    char *results[2], *own = s->db;
    static const char *const threads[] = {"1", "2"};

    for (size_t i = 0; i < 2; i++) {
        s->db = mp_asprintf("%s.%zu", own, i);
        json_decref(ESTIMATE(s, "--verilog", "product.v", "--threads", threads[i], "--precision",
                             "0.9%", "--operands", "normal"));
        results[i] = database_text(s->db, database_results);
        free(s->db);
    }
    s->db = own;
    assert_string_equal(results[0], results[1]);
    free(results[0]);
    free(results[1]);
}

static void parameters_and_ports(void **state)
{
    struct session *s = *state;
    double both, held;
    char *headers = mp_path_join(s->dir.path, "headers");
    json_t *j = ESTIMATE(s, "--verilog", "product.v", "--top", "product", "--clock-port", "clk",
                         "--golden", "z = x * y", "--operands", "uniform");

    check_figures(j);
    assert_true(figure(j, "register_count") == 16);
    assert_true(has_note(j, "latency 2, exhaustive"));
    both = figure(j, "power_w");
    json_decref(j);

    j = ESTIMATE(s, "--verilog", "product.v", "--param", "N=3", "--operands", "uniform", "--golden",
                 "x*y");
    check_figures(j);
    assert_string_equal(word(j, "design"), "product(N=3)");
    assert_true(figure(j, "register_count") == 12);
    json_decref(j);

    assert_int_equal(mp_mkdirs(headers, NULL), MP_OK);
    free(session_file(s, "headers/sum.vh", "`define OPERATOR +\n"));
    free(headers);
    j = ESTIMATE(s, "--verilog", "product.v", "--include", "headers", "--define", "SUM", "--golden",
                 "x + y", "--operands", "uniform");
    check_figures(j);
    assert_true(figure(j, "power_w") < both);
    json_decref(j);

    /* An operand that never moves. */
    j = ESTIMATE(s, "--verilog", "product.v", "--port", "x=weight", "--port", "y=1", "--operands",
                 "uniform");
    held = figure(j, "total_w");
    assert_true(held > 0 && held < 0.9 * both);
    json_decref(j);
    assert_database(s->db, counts, "4|4|\n");
}

static void registered(void **state)
{
    struct session *s = *state;
    json_t *bare = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform");
    json_t *j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--registered",
                         "--golden", "x*y", "--power-engine", "opensta");
    char *engine;

    check_figures(j);
    assert_true(figure(j, "register_count") == 16);
    assert_true(figure(j, "area_um2") > figure(bare, "area_um2"));
    assert_true(figure(j, "power_w") > figure(bare, "power_w"));
    /* Debian's OpenSTA is to be believed in switching power only. */
    engine = database_text(s->db, "select abs(engine_switching_w / switching_w - 1) < 1e-5,"
                                  " engine_internal_w > 0, engine like 'OpenSTA%' from estimate"
                                  " where engine is not null");
    assert_string_equal(engine, "1|1|1|\n");
    json_decref(j);
    json_decref(bare);
    free(engine);
    RUN(s, "query", "engines");
    assert_status(s, 0);
    assert_out(s, "switching");
}

/* Every table of parts sums to the design, whole and cut short. */
static void where_it_goes(void **state)
{
    static const char *const by[] = {"block", "group", "kind", "cell", "net"};
    static const char *const sums[] = {"internal_w", "switching_w", "leakage_w", "glitch_w",
                                       "total_w"};
    struct session *s = *state;
    json_t *whole = ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform");

    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        json_t *all = ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform", "--by", by[i],
                               "--rows", "0");
        json_t *cut = ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform", "--by", by[i],
                               "--rows", "2");
        size_t rows = json_array_size(json_object_get(all, "rows"));
        for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) {
            assert_close(column_sum(all, sums[k]), figure(whole, sums[k]), 1e-9);
            assert_close(column_sum(cut, sums[k]), figure(whole, sums[k]), 1e-9);
        }
        assert_close(column_sum(all, "power_share"), 1, 1e-9);
        assert_close(column_sum(all, "exact_w"), figure(whole, "exact_total_w"), 1e-9);
        assert_int_equal(json_array_size(json_object_get(cut, "rows")), rows > 2 ? 3 : rows);
        assert_non_null(word(all, by[i]));
        if (strcmp(by[i], "cell") == 0)
            assert_true((double)rows == figure(whole, "cell_count"));
        json_decref(all);
        json_decref(cut);
    }
    json_decref(whole);
    assert_database(s->db, counts, "1|1|\n");
}

/* The whole file of operands, with its glitches, through files and back. */
static void dumps_and_back(void **state)
{
    struct session *s = *state;
    json_t *own, *saif, *vcd, *mapped;

    RUN(s, "trace", "--weight", "uint4", "--activation", "uint4", "--stretches", "64", "--length",
        "32", "-o", "x.trace");
    assert_status(s, 0);
    own = ESTIMATE(s, "--verilog", "product.v", "--operands", "trace:x.trace", "--dump-saif",
                   "x.saif", "--dump-vcd", "x.vcd.gz");
    check_figures(own);
    design_save_netlist(s, "mapped.v");

    saif = ESTIMATE(s, "--verilog", "product.v", "--activity", "x.saif");
    assert_close(figure(saif, "power_w"), figure(own, "total_w"), 1e-9);
    assert_true(figure(saif, "annotated_share") == 1);
    assert_true(figure(saif, "cycles") == figure(own, "cycles"));
    assert_true(is_null(saif, "glitch_w") && is_null(saif, "total_half_width_w"));
    assert_true(has_note(saif, "x.saif annotates 100 % of the pins"));
    assert_true(has_note(saif, "does not tell glitches from functional"));
    assert_string_equal(word(saif, "activity_source"), "saif");

    /* Duty differs by what the delays move. */
    vcd = ESTIMATE(s, "--verilog", "product.v", "--activity", "x.vcd.gz", "--scope", "product");
    assert_close(figure(vcd, "total_w"), figure(own, "total_w"), 1e-4);
    assert_close(figure(vcd, "power_w"), figure(own, "power_w"), 1e-4);
    assert_true(figure(vcd, "cycles") == figure(own, "cycles"));
    assert_string_equal(word(vcd, "activity_source"), "vcd");

    mapped = ESTIMATE(s, "--mapped", "--verilog", "mapped.v", "--activity", "x.saif");
    assert_close(figure(mapped, "power_w"), figure(saif, "power_w"), 1e-12);
    json_decref(mapped);
    mapped = ESTIMATE(s, "--mapped", "--verilog", "mapped.v", "--operands", "trace:x.trace");
    assert_close(figure(mapped, "power_w"), figure(own, "power_w"), 1e-12);
    assert_close(figure(mapped, "glitch_w"), figure(own, "glitch_w"), 1e-12);
    assert_close(figure(mapped, "area_um2"), figure(own, "area_um2"), 1e-12);
    json_decref(mapped);
    json_decref(vcd);
    json_decref(saif);
    json_decref(own);
}

/* A SAIF of the ports only: nothing, or an estimate that says so. */
static void missing_nets(void **state)
{
    struct session *s = *state;
    struct mp_text text = {0};
    char *path = mp_path_join(s->dir.path, "x.saif"), *nets;
    json_t *own =
        ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform", "--dump-saif", "x.saif");
    json_t *j;

    assert_int_equal(mp_file_read(&text, path, 0, NULL), MP_OK);
    nets = strstr(text.data, "  (NET");
    assert_non_null(nets);
    memcpy(nets, ")\n)\n", 5); /* terminated */
    free(session_file(s, "ports.saif", text.data));
    FAILS(s, 1, "--allow-missing", "--verilog", "product.v", "--activity", "ports.saif");
    assert_database(s->db, counts, "1|1|\n");
    j = ESTIMATE(s, "--verilog", "product.v", "--activity", "ports.saif", "--allow-missing");
    assert_true(figure(j, "annotated_share") > 0.02 && figure(j, "annotated_share") < 0.6);
    assert_close(figure(j, "power_w"), figure(own, "power_w"), 0.25);
    assert_true(has_note(j, "the others are propagated"));
    json_decref(j);
    json_decref(own);
    mp_text_release(&text);
    free(path);
}

static void precision(void **state)
{
    struct session *s = *state;
    json_t *one = ESTIMATE(s, "--verilog", "mul.v", "--operands", "normal"), *j;
    double share = figure(one, "total_half_width_w") / figure(one, "total_w");

    j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "normal", "--precision", "0.6%");
    assert_true(share > 0.006);
    assert_true(figure(j, "total_half_width_w") <= 0.006 * figure(j, "total_w"));
    assert_true(figure(j, "cycles") > figure(one, "cycles"));
    assert_true(fabs(figure(j, "total_w") - figure(one, "total_w")) <
                2 * figure(one, "total_half_width_w"));
    assert_false(has_note(j, "asked for"));
    json_decref(j);
    json_decref(one);
    assert_database(s->db, counts, "1|2|\n");

    /* A file cannot grow. */
    RUN(s, "trace", "--weight", "uint4", "--activation", "uint4", "--stretches", "64", "--length",
        "32", "-o", "x.trace");
    assert_status(s, 0);
    j = ESTIMATE(s, "--verilog", "mul.v", "--operands", "trace:x.trace", "--precision", "0.5%");
    assert_true(figure(j, "total_half_width_w") > 0.005 * figure(j, "total_w"));
    assert_true(has_note(j, "not to the 0.5 % asked for"));
    json_decref(j);
}

/* Every fan-out adds its capacitance, and nothing else changes. */
static void wire_load(void **state)
{
    struct session *s = *state;
    char *voltage;
    json_t *none =
        ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--by", "net", "--rows", "0");
    json_t *wires = ESTIMATE(s, "--verilog", "mul.v", "--operands", "uniform", "--by", "net",
                             "--rows", "0", "--wire-load", "constant:5fF");
    const json_t *rows = json_object_get(wires, "rows");
    double switching = 0;

    /* Fan-out in the table is pins; an output port is one more end of its wire. */
    assert_close(column_sum(wires, "load_f"),
                 column_sum(none, "load_f") + 5e-15 * (column_sum(none, "fan_out") + 8), 1e-9);
    voltage = database_text(s->db, "select voltage_v from library");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!json_is_null(json_object_get(row, "driver")))
            switching += 0.5 * pow(strtod(voltage, NULL), 2) / 5e-9 *
                         json_number_value(json_object_get(row, "load_f")) *
                         json_number_value(json_object_get(row, "transitions_per_cycle"));
    }
    assert_close(column_sum(wires, "switching_w"), switching, 1e-9);
    assert_true(switching > 1.1 * column_sum(none, "switching_w"));
    assert_close(column_sum(wires, "transitions_per_cycle"),
                 column_sum(none, "transitions_per_cycle"), 1e-12);
    RUN(s, "estimate", "--verilog", "mul.v", "--operands", "uniform", "--runs", "1", "--wire-load",
        "constant:5fF");
    assert_status(s, 0);
    assert_out(s, "wire load constant:5e-15F");
    assert_null(strstr(s->out.data, "no wires"));
    assert_database(s->db,
                    "select wire_load from v_estimate order by switching_uw;"
                    "select count(distinct ppa_key) from ppa_point",
                    "none|\nconstant:5e-15F|\n2|\n");
    json_decref(none);
    json_decref(wires);
    free(voltage);
}

/* Two scopes of one file are two activities: what is stored of one is not shown for the other. */
static void every_scope_is_its_own(void **state)
{
    static const char head[] =
        "$timescale 1ns $end\n$scope module p $end\n$var wire 1 ! a $end\n$var wire 1 % n $end\n"
        "$var wire 1 # y $end\n$upscope $end\n$scope module q $end\n$var wire 1 ( a $end\n"
        "$var wire 1 ) n $end\n$var wire 1 * y $end\n$upscope $end\n$enddefinitions $end\n"
        "#0\n0!\n1%\n0#\n0(\n1)\n0*\n";
    struct session *s = *state;
    struct mp_text vcd = {0};
    char *design = session_file(s, "two.v",
                                "module m(a, y);\n input a; output y; wire n;\n"
                                " INVX1 g(.A(a), .Y(n));\n INVX1 h(.A(n), .Y(y));\nendmodule\n");

    mp_text_add(&vcd, head);
    for (unsigned t = 1; t <= 20; t++) {
        mp_text_printf(&vcd, "#%u\n%u!\n%u%%\n%u#\n", 5 * t, t % 2, 1 - t % 2, t % 2);
        if (t % 4 == 0)
            mp_text_printf(&vcd, "%u(\n%u)\n%u*\n", t / 4 % 2, 1 - t / 4 % 2, t / 4 % 2);
    }
    char *file = session_file(s, "two.vcd", vcd.data);
    static const char *const scopes[] = {"p", "q", "p"};
    for (size_t i = 0; i < 3; i++) {
        RUN(s, "estimate", "--mapped", "--verilog", design, "--activity", file, "--scope",
            scopes[i], "--clock", "5ns", "--quiet");
        assert_status(s, 0);
    }
    assert_database(s->db,
                    "select count(*), max(switching_w) between 3.99 * min(switching_w) and 4.01 *"
                    " min(switching_w) from estimate",
                    "2|1|\n");
    mp_text_release(&vcd);
    free(file);
    free(design);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_product, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(every_scope_is_its_own, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(same_digits, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(parameters_and_ports, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(registered, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(where_it_goes, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(dumps_and_back, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(missing_nets, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(precision, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wire_load, design_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
