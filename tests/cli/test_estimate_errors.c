/*
 * `macppa estimate` on designs and files that are wrong: a located message with the exit code of a
 * wrong command line (2) or a wrong matter (1), and no estimate stored.
 */
#include "tests/cli/design.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

struct design {
    const char *name, *text, *says;
};

static void unsupported_designs(void **state)
{
    static const struct design designs[] = {
        {"latch.v",
         "module m(input [3:0] x, input en, output reg [3:0] z);\n"
         "  always @* if (en) z = x;\nendmodule\n",
         "latch.v:2: z[0] is a latch"},
        {"tristate.v",
         "module m(input [3:0] x, input en, output [3:0] z);\n"
         "  assign z = en ? x : 4'bz;\nendmodule\n",
         "tristate.v:2: z is set to z here"},
        {"inout.v",
         "module m(input [3:0] x,\n  inout [3:0] b, output [3:0] z);\n"
         "  assign z = x & b;\nendmodule\n",
         "inout.v:2: port b is an inout"},
        {"loop.v",
         "module m(input x, input y, output z);\n  wire q;\n"
         "  assign q = ~(x & ~(y & q));\n  assign z = q;\nendmodule\n",
         "loop.v:3: a loop of"},
        {"clocks.v",
         "module m(input c1, input c2, input [3:0] x, output reg [3:0] z);\n  reg [3:0] r;\n"
         "  always @(posedge c1) r <= x;\n  always @(posedge c2) z <= r;\nendmodule\n",
         "clocks.v:4: two clocks: register r[0] (clocks.v:3) is clocked by c1"},
        {"syntax.v", "module m(input [3:0] x, output [3:0] z);\n  assign z = x +* 3;\nendmodule\n",
         "syntax.v:2: syntax error"},
        {"missing.v",
         "module m(input [3:0] x, output [3:0] z);\n  other u(.x(x), .z(z));\nendmodule\n",
         "missing.v:2: module other (instance u) is in none of the files"},
        {"constant.v", "module m(input [3:0] x, output z);\n  assign z = 1'b1;\nendmodule\n",
         "constant"},
        {"empty.v", "", "empty.v"},
        {"text.v", "this is no Verilog\n", "text.v:1"},
    };
    struct session *s = *state;

    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
        free(session_file(s, designs[i].name, designs[i].text));
        FAILS(s, 1, designs[i].says, "--verilog", designs[i].name, "--operands", "uniform");
        assert_no_estimate(s, false);
    }
    /* Two files that are one design, one of them missing. */
    FAILS(s, 1, "nowhere.v: No such file", "--verilog", "mul.v", "--verilog", "nowhere.v");
    FAILS(s, 1, "sum.vh", "--verilog", "product.v", "--define", "SUM");
    assert_no_estimate(s, false);
}

struct call {
    const char *arguments[8];
    int status;
    const char *says;
};

static void wrong_calls(void **state)
{
    static const struct call calls[] = {
        {{"--top", "mull"}, 1, "no module mull in the files; there is mul"},
        {{"--param", "M=3"}, 2, "no parameter M"},
        {{"--param", "M"}, 2, "`M` is not NAME=VALUE"},
        {{"--param", "M=-3"}, 2, "not below 0"},
        {{"--param", "M=4'hz"}, 2, "sized constant"},
        {{"--param", "M=abc"}, 2, "parameter M=abc"},
        {{"--activity", "x.vcd", "--precision", "1%"}, 2, "nothing is simulated"},
        {{"--activity", "x.vcd", "--dump-saif", "y.saif"}, 2, "nothing is simulated"},
        {{"--activity", "x.vcd", "--operands", "uniform"}, 2, "nothing is simulated"},
        {{"--define", "=3"}, 2, "`=3` is not NAME=VALUE"},
        {{"--verilog", "tmp"}, 1, "tmp is a folder; a Verilog file"},
        {{"--include", "mul.v"}, 1, "mul.v is no folder"},
        {{"--include", "nowhere"}, 1, "nowhere: No such file"},
        {{"--clock-port", "ck"}, 2, "no one-bit input ck"},
        {{"--clock-port", "x"}, 2, "no one-bit input x"},
        {{"--port", "q=weight"}, 2, "no input q; its inputs are x, y"},
        {{"--port", "z=weight"}, 2, "no input z; its inputs are x, y"},
        {{"--port", "x=wait"}, 2, "mul.v:1: port x of module mul"},
        {{"--port", "x=wait"}, 2, "`wait`"},
        {{"--port", "x=16"}, 2, "`16`"},
        {{"--port", "x"}, 2, "NAME=ROLE"},
        {{"--port", "x=weight", "--port", "x=activation"}, 2, "x"},
        {{"--weight", "int9"}, 2, "port and format must agree"},
        {{"--golden", "x + y"}, 1, "z is not x + y: x = 0x"},
        {{"--golden", "x +"}, 2, "golden expression \"x +\": syntax error"},
        {{"--golden", "x * b"}, 2, "z is an expression of its inputs x, y"},
        {{"--golden", "q = x * y"}, 2, "the outputs of mul are z"},
        {{"--golden", ""}, 2, "golden expression"},
        {{"--scope", "tb.dut"}, 2, "--activity"},
        {{"--unit", "mac"}, 2, "not about --verilog"},
        {{"--by", "colour"}, 2, "block, group, kind, cell or net"},
        {{"--by", "cell", "--rows", "few"}, 2, "no whole number"},
        {{"--rows", "5"}, 2, "--by"},
        {{"--dump-cycles", "5"}, 2, "--dump-vcd"},
        {{"--dump-cycles", "0", "--dump-vcd", "x.vcd"}, 2, "--dump-cycles"},
        {{"--dump-vcd", "nowhere/x.vcd"}, 1, "nowhere/x.vcd"},
        {{"--dump-saif", "nowhere/x.saif"}, 1, "nowhere/x.saif"},
        {{"--precision", "nonsense"}, 2, "`nonsense` is no share such as 1%"},
        {{"--precision", "0"}, 2, "no share"},
        {{"--precision", "-1%"}, 2, "no share"},
        {{"--precision", "200%"}, 2, "no share"},
        {{"--precision", "nan"}, 2, "no share"},
        {{"--wire-load", "model"}, 2, "constant:2fF"},
        {{"--wire-load", "constant:-2fF"}, 2, "constant:2fF"},
        {{"--wire-load", "model:small"}, 1, "no wire-load models"},
        {{"--wire-load", "library"}, 1, "no wire-load models"},
        {{"--power-engine", "primetime"}, 2, "none of macppa, opensta"},
        {{"--operands", "gaussian"}, 2, "none of uniform, normal"},
        {{"--operands", "network"}, 2, "--workload"},
        {{"--operands", "trace:nowhere"}, 1, "nowhere: No such file"},
        {{"--operands", "trace:mul.v"}, 1, "mul.v: it is no trace file"},
        {{"--mapped"}, 1, "mul.v:2: operator '*': not a structural netlist"},
        {{"--clock", "10ps", "--format", "xml"}, 2, "markdown"},
        {{"--activity", "nowhere.vcd"}, 1, "nowhere.vcd: No such file"},
        {{"--activity", "mul.v"}, 1, "mul.v:1: neither a VCD"},
        {{"--library", "osu999"}, 1, "osu018"},
    };
    struct session *s = *state;

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const char *arguments[12] = {"--verilog", "mul.v"};
        for (size_t k = 0; calls[i].arguments[k] != NULL; k++)
            arguments[2 + k] = calls[i].arguments[k];
        design_fails(s, calls[i].status, calls[i].says, arguments);
    }
    assert_no_estimate(s, true);
    FAILS(s, 2, "--verilog", "--weight", "int3", "--activation", "uint3", "--golden", "x*y");
    FAILS(s, 2, "one design, and these options make 2", "--weight", "int3", "--weight", "int4",
          "--activation", "uint3", "--dump-saif", "x.saif");
    assert_no_estimate(s, true);
    RUN(s, "query", "--sql", "select count(*) as n from estimate", "--format", "csv");
    assert_out(s, "n\r\n0\r\n");
}

static void unknown_cell(void **state)
{
    struct session *s = *state;

    free(session_file(s, "cells.v",
                      "module m(input x, input y, output z);\n"
                      "  NAND2X1 u1(.A(x), .B(y), .Y(n));\n"
                      "  STRANGE9 u2(.A(n), .Y(z));\nendmodule\n"));
    FAILS(s, 1, "cells.v:3: cell STRANGE9 (instance u2)", "--mapped", "--verilog", "cells.v",
          "--operands", "uniform");
    free(session_file(s, "pins.v",
                      "module m(input x, input y, output z);\n"
                      "  NAND2X1 u1(.A(x), .C(y), .Y(z));\nendmodule\n"));
    FAILS(s, 1, "pins.v:2", "--mapped", "--verilog", "pins.v", "--operands", "uniform");
    assert_no_estimate(s, false);
}

/* ---- files of activity */

static char *text_of(const struct session *s, const char *name)
{
    struct mp_text text = {0};
    char *path = mp_path_join(s->dir.path, name);

    assert_int_equal(mp_file_read(&text, path, 0, NULL), MP_OK);
    free(path);
    return text.data;
}

/* text with the first `from` as `to`. */
static void save_changed(struct session *s, const char *name, const char *text, const char *from,
                         const char *to)
{
    const char *at = strstr(text, from);
    struct mp_text out = {0};

    assert_non_null(at);
    mp_text_printf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(session_file(s, name, out.data));
    mp_text_release(&out);
}

static void save_start(struct session *s, const char *name, const char *text, size_t size)
{
    char *start = mp_strndup(text, size);

    free(session_file(s, name, start));
    free(start);
}

static void cut_in_half(const struct session *s, const char *name)
{
    char *path = mp_path_join(s->dir.path, name);
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size / 2), 0);
    free(path);
}

static void try_activity(struct session *s, const char *file, const char *says)
{
    char *located = mp_asprintf("%s:", file);

    FAILS(s, 1, says, "--mapped", "--verilog", "mapped.v", "--activity", file);
    assert_err(s, located);
    assert_null(strstr(s->err.data, "elaborated"));
    free(located);
}

static void wrong_activity(void **state)
{
    struct session *s = *state;
    char *vcd, *saif;

    json_decref(ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform", "--dump-vcd",
                         "x.vcd", "--dump-cycles", "300", "--dump-saif", "x.saif", "--db", "own"));
    json_decref(ESTIMATE(s, "--verilog", "product.v", "--operands", "uniform", "--dump-vcd",
                         "half.vcd.gz", "--dump-saif", "half.saif.gz", "--param", "N=4"));
    design_save_netlist(s, "mapped.v");
    remove(s->db);
    vcd = text_of(s, "x.vcd");
    saif = text_of(s, "x.saif");

    save_start(s, "cut.vcd", vcd, strlen(vcd) - 2);
    try_activity(s, "cut.vcd", "cut off");
    save_start(s, "header.vcd", vcd, (size_t)(strstr(vcd, "$enddefinitions") - vcd) / 2);
    try_activity(s, "header.vcd", "cut off");
    save_start(s, "none.vcd", vcd, (size_t)(strstr(vcd, "$enddefinitions $end") - vcd) + 21);
    try_activity(s, "none.vcd", "no time passes");
    cut_in_half(s, "half.vcd.gz");
    try_activity(s, "half.vcd.gz", "truncated");
    save_changed(s, "scale.vcd", vcd, "1ps", "1ns");
    try_activity(s, "scale.vcd", "period of 5.000 us in the file");
    save_changed(s, "unit.vcd", vcd, "1ps", "1xs");
    try_activity(s, "unit.vcd", "$timescale");
    free(session_file(s, "other.vcd",
                      "$timescale 1ps $end\n$scope module tb $end\n$var wire 1 ! ck $end\n"
                      "$upscope $end\n$enddefinitions $end\n#0\n0!\n#2500\n1!\n#5000\n0!\n"));
    try_activity(s, "other.vcd", "no scope with names of module product; the file has tb");
    free(session_file(s, "empty.vcd", ""));
    try_activity(s, "empty.vcd", "the file is empty");

    save_start(s, "cut.saif", saif, strlen(saif) * 2 / 3);
    try_activity(s, "cut.saif", "it is cut off");
    save_start(s, "end.saif", saif, strlen(saif) - 2);
    try_activity(s, "end.saif", "it is cut off");
    cut_in_half(s, "half.saif.gz");
    try_activity(s, "half.saif.gz", "truncated");
    save_changed(s, "scale.saif", saif, "TIMESCALE 1 ps", "TIMESCALE 1 ns");
    try_activity(s, "scale.saif", "period of 5.000 us in the file");
    save_changed(s, "none.saif", saif, "DURATION ", "DURATION 0) (VENDOR ");
    try_activity(s, "none.saif", "DURATION is 0");
    save_changed(s, "long.saif", saif, "DURATION ", "DURATION 1");
    try_activity(s, "long.saif", "");
    save_changed(s, "still.saif", saif, "(clk ", "(clk (T0 1) (T1 2) (TC 0)) (gone ");
    try_activity(s, "still.saif", "clk");
    assert_no_estimate(s, true);
    FAILS(s, 1, "no scope tb.dut with names of module product; the file has product", "--mapped",
          "--verilog", "mapped.v", "--activity", "x.vcd", "--scope", "tb.dut");
    FAILS(s, 1, "no scope tb.dut with names of module product; the file has product", "--mapped",
          "--verilog", "mapped.v", "--activity", "x.saif", "--scope", "tb.dut");
    FAILS(s, 1, "not 4.000 ns", "--mapped", "--verilog", "mapped.v", "--activity", "x.vcd",
          "--clock", "4ns");
    assert_no_estimate(s, true);
    free(vcd);
    free(saif);
}

/* ---- outside troubles */

static void full_disk(void **state)
{
    static const char *const dumps[] = {"--dump-vcd", "--dump-saif"};
    struct session *s = *state;

    for (size_t i = 0; i < 2; i++)
        FAILS(s, 1, "cannot write /dev/full: No space left", "--verilog", "mul.v", "--operands",
              "uniform", dumps[i], "/dev/full");
    assert_no_estimate(s, true);
}

/* The engine dies when all else is done. */
static void killed_engine(void **state)
{
    static const struct {
        const char *mode, *says;
    } faults[] = {{"crash", "signal 6"},
                  {"exit", "exit code 3"},
                  {"nonsense", "lorem ipsum"},
                  {"truncated", ""}};
    struct session *s = *state;
    char *sta = source_path("tests/fake_tools/sta");

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char *mode = mp_asprintf("MACPPA_FAKE_STA=%s", faults[i].mode);
        const char *const env[] = {mode, "MACPPA_FAKE_LATE=power", NULL};
        RUN_ENV(s, env, "estimate", "--verilog", "mul.v", "--registered", "--power-engine",
                "opensta", "--sta", sta, "--runs", "1");
        assert_status(s, 1);
        assert_err(s, faults[i].says);
        assert_err(s, "sta");
        assert_string_equal(s->out.data, "");
        assert_no_estimate(s, true);
        assert_int_equal(session_leftovers(s), 0);
        assert_int_equal(session_processes(s, 5), 0);
        free(mode);
    }
    free(sta);
}

static bool has_point(const struct session *s)
{
    char *text = NULL;
    bool found = false;

    if (!mp_file_exists(s->db))
        return false;
    text = database_text(s->db, "select count(*) from sqlite_schema where name = 'ppa_text'");
    if (text[0] == '1') {
        free(text);
        text = database_text(s->db, "select count(*) from ppa_text");
        found = text[0] == '1';
    }
    free(text);
    return found;
}

/* Ctrl-C while the sample grows: soon over; the netlist is kept, the next run uses it. */
static void interrupted(void **state)
{
    static const char *const arguments[] = {"estimate", "--verilog",   "mul.v",  "--operands",
                                            "normal",   "--precision", "0.001%", "--runs",
                                            "1",        NULL};
    struct session *s = *state;
    pid_t pid = session_start(s, NULL, arguments);

    for (int tries = 0; tries < 3000 && !has_point(s); tries++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    assert_int_equal(kill(pid, SIGINT), 0);
    session_end(s, pid);
    assert_status(s, 1);
    assert_err(s, "cancelled");
    assert_string_equal(s->out.data, "");
    assert_no_estimate(s, true);
    assert_int_equal(session_leftovers(s), 0);
    json_decref(ESTIMATE(s, "--verilog", "mul.v", "--operands", "normal"));
    assert_database(s->db, "select count(*) from estimate; select count(*) from ppa_point",
                    "1|\n1|\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unsupported_designs, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wrong_calls, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(unknown_cell, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wrong_activity, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(full_disk, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(killed_engine, design_setup, session_teardown),
        cmocka_unit_test_setup_teardown(interrupted, design_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("estimate_errors", tests, NULL, NULL);
}
