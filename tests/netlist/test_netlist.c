#include "estimator/netlist/gates.h"
#include "estimator/netlist/netlist.h"
#include "estimator/util/log.h"
#include "tests/netlist/golden_files.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct mp_library library;

static int read_library(void **state)
{
    (void)state;
    return mp_library_read_text(&library, small_library, strlen(small_library), "small.lib", NULL);
}

static int drop_library(void **state)
{
    (void)state;
    mp_library_release(&library);
    return 0;
}

static int read_netlist(struct mp_netlist *n, const char *text, struct mp_error *err)
{
    return mp_netlist_read_text(n, &library, text, strlen(text), "t.v", NULL, err);
}

static void accept(struct mp_netlist *n, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    if (read_netlist(n, text, &err) < 0 || mp_netlist_levelise(n, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
}

/* Reading or levelising ends with this code and a message at this line that has these words. */
static void refuse(const char *text, enum mp_code code, int line, const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n;
    int rc = read_netlist(&n, text, &err);
    if (rc == MP_OK)
        rc = mp_netlist_levelise(&n, &err);
    if (rc != (int)code || err.line != line || strstr(err.message, words) == NULL)
        fail_msg("%s\ngave %d at line %d: %s", text, rc, err.line, err.message);
    mp_netlist_release(&n);
}

static const char *port_net(const struct mp_netlist *n, const char *port, uint32_t bit)
{
    uint32_t p = mp_netlist_port(n, port);
    assert_int_not_equal(p, MP_NONE);
    return n->net_name[n->ports[p].nets[bit]];
}

static void flat(void **state)
{
    (void)state;
    struct mp_netlist n;
    accept(&n, "/* c */ (* top = 1, src = \"a.v:1\" *)\n"
               "module m(clk, a, y);\n  input clk; wire clk;\n  input [1:0] a;\n"
               "  output [2:0] y; wire [2:0] y; wire \\p[0] ; // escaped\n"
               "  NAND2 _1_ ( .A(a[0]), .B(a[1]), .Y(\\p[0] ) );\n"
               "  DFF #(.X(1)) \\q[0]$r  ( .CK(clk), .D(\\p[0] ), .Q(y[0]), .QN() );\n"
               "  assign y[2:1] = { 1'h1, a[0] };\nendmodule\n");
    assert_int_equal(n.cell_count, 2);
    assert_int_equal(n.port_count, 3);
    assert_string_equal(n.cell_name[1], "q[0]$r");
    assert_string_equal(port_net(&n, "y", 0), "y[0]");
    assert_int_equal(n.ports[2].nets[2], 1);
    assert_int_equal(n.ports[2].nets[1], n.ports[1].nets[0]);
    assert_int_equal(n.register_count, 1);
    assert_int_equal(n.order_count, 1);
    assert_string_equal(n.net_name[n.clock_net], "clk");
    assert_true(fabs(mp_netlist_area_um2(&n) - 8) < 1e-12);
    assert_true(fabs(mp_netlist_load_f(&n, n.ports[1].nets[0], NULL) - 1e-15) < 1e-24);
    mp_netlist_release(&n);
}

static void hierarchy(void **state)
{
    (void)state;
    struct mp_netlist n;
    accept(&n, "module leaf(input [1:0] i, output o);\n wire t;\n"
               " NAND2 g(.A(i[1]), .B(i[0]), .Y(t));\n INV h(.A(t), .Y(o));\nendmodule\n"
               "module top(input wire [0:1] a, input b, output [1:0] y);\n"
               " leaf multiplier(.i(a), .o(y[0]));\n leaf l2({b, a[1]}, y[1]);\nendmodule\n");
    assert_int_equal(n.cell_count, 4);
    assert_string_equal(n.cell_name[0], "multiplier.g");
    assert_string_equal(n.cell_name[3], "l2.h");
    /* a[0:1]: a[1] is the least significant bit */
    assert_string_equal(port_net(&n, "a", 0), "a[1]");
    assert_int_equal(n.pin_net[n.cell_first_pin[0]], n.ports[0].nets[1]);
    assert_string_equal(n.net_name[n.pin_net[n.cell_first_pin[0] + 2]], "multiplier.t");
    assert_string_equal(n.net_name[n.pin_net[n.cell_first_pin[3] + 1]], "y[1]");
    mp_netlist_release(&n);
}

static void constant_values(void **state)
{
    (void)state;
    struct mp_netlist n;
    accept(&n, "module m(output [11:0] y, output [3:0] z, output [2:0] w, output [7:0] v);\n"
               " assign y = 12'hA_53, z = {2{2'b10}}, w = 5;\n assign v = 8'o17;\nendmodule\n");
    const unsigned want[] = {0xa53, 0xa, 5, 017};
    for (uint32_t p = 0; p < 4; p++) {
        unsigned got = 0;
        for (uint32_t i = 0; i < n.ports[p].width; i++)
            got |= n.ports[p].nets[i] << i;
        assert_int_equal(got, want[p]);
    }
    mp_netlist_release(&n);
}

/* As of fixed-point designs: [1:-2] has two bits behind the point. */
static void ranges_below_0(void **state)
{
    (void)state;
    struct mp_netlist n;
    accept(&n, "module m(input [1:-2] a, output [-3:0] y, output z);\n"
               " assign y = {a[-2], a[1:0], a[-1]};\n INV i(.A(a[-2]), .Y(z));\nendmodule\n");
    assert_int_equal(n.ports[0].width, 4);
    assert_string_equal(port_net(&n, "a", 0), "a[-2]");
    assert_string_equal(port_net(&n, "a", 3), "a[1]");
    assert_string_equal(port_net(&n, "y", 3), "a[-2]");
    assert_string_equal(port_net(&n, "y", 2), "a[1]");
    assert_string_equal(port_net(&n, "y", 0), "a[-1]");
    mp_netlist_release(&n);
    refuse("module m(input [1:-2] a, output y);\n assign y = a[-3];\nendmodule\n", MP_E_INPUT, 2,
           "a[-3]: a is declared with another range");
    refuse("module m(input [-:0] a);\nendmodule\n", MP_E_INPUT, 1, "plain number");
    refuse("module m(output y);\n assign y = {-1{1'b0}};\nendmodule\n", MP_E_INPUT, 2, "");
    refuse("module m(); wire [1073741823:-1073741823] w; endmodule\n", MP_E_INPUT, 1, "wide");
}

#define M "module m(input clk, input a, input b, output y);\n"

static void syntax_errors(void **state)
{
    (void)state;
    refuse("", MP_E_INPUT, 1, "no module");
    refuse("#!/bin/sh\n", MP_E_INPUT, 1, "expected 'module'");
    refuse(M " INV i(.A(a), .Y(y)\n", MP_E_INPUT, 3, "cut off");
    refuse(M " /* \n", MP_E_INPUT, 2, "comment");
    refuse(M " assign y = a & b;\nendmodule\n", MP_E_INPUT, 2, "write_verilog -noexpr");
    refuse(M " assign y = ~a;\nendmodule\n", MP_E_INPUT, 2, "expected a net");
    refuse(M "\n always @(posedge clk) y <= a;\nendmodule\n", MP_E_INPUT, 3, "synthesise");
    refuse(M " reg r;\nendmodule\n", MP_E_INPUT, 2, "'reg'");
    refuse(M " inout z;\nendmodule\n", MP_E_INPUT, 2, "'inout'");
    refuse("module m(inout z);\nendmodule\n", MP_E_UNSUPPORTED, 1, "inout");
    refuse("`define X 1\n" M "endmodule\n", MP_E_UNSUPPORTED, 1, "preprocessor");
    refuse("module m(a);\nendmodule\n", MP_E_INPUT, 1, "not declared as input or output");
    refuse("module m(); endmodule module m(); endmodule\n", MP_E_INPUT, 1, "twice");
    refuse("module m(input a);\n input a;\nendmodule\n", MP_E_INPUT, 2, "declared twice");
    refuse("module m(output [3:0] y);\n wire [4:0] y;\nendmodule\n", MP_E_INPUT, 2, "two ranges");
    refuse("module m(); wire [999999999:0] w; endmodule\n", MP_E_INPUT, 1, "wide");
    refuse("module m(output y); assign y = 99999'b0; endmodule\n", MP_E_INPUT, 1, "65536");
    refuse("module m(output y);\n assign y = {60000{60000{1'b0}}}; endmodule\n", MP_E_INPUT, 2,
           "expected");
    refuse("module m(output [1:0] y);\n assign y = 1'b0; endmodule\n", MP_E_INPUT, 2, "widths");
    refuse("module m(output [1:0] y);\n assign y[2] = 1'b0; endmodule\n", MP_E_INPUT, 2, "range");
    refuse(M " assign y = 2'b02;\nendmodule\n", MP_E_INPUT, 2, "digits");
    refuse("module m(\\ );\n", MP_E_INPUT, 1, "escaped");
}

static void graph_errors(void **state)
{
    (void)state;
    refuse(M " FOO f(.A(a), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "FOO");
    refuse(M " INV f(.X(a), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "no pin X");
    refuse(M " INV f(a, y);\nendmodule\n", MP_E_UNSUPPORTED, 2, "by order");
    refuse(M " INV f(.A(a), .A(b), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "twice");
    refuse(M " INV f(.A({a, b}), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "2 bits");
    refuse(M " NAND2 f(.A(a), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "pin B");
    refuse(M " NAND2 f(.A(a), .B(1'hx), .Y(y));\nendmodule\n", MP_E_INPUT, 2, "pin B");
    refuse(M " wire w;\n assign w = 1'bz;\n INV f(.A(w), .Y(y));\nendmodule\n", MP_E_INPUT, 4,
           "pin A");
    refuse(M " assign y = 1'hx;\nendmodule\n", MP_E_INPUT, 1, "output port y");
    refuse(M " INV f(.A(a), .Y(y));\n INV g(.A(b), .Y(y));\nendmodule\n", MP_E_INPUT, 3,
           "more than one driver");
    refuse(M " INV f(.A(a), .Y(y));\n assign y = b;\nendmodule\n", MP_E_INPUT, 2,
           "more than one driver");
    refuse(M " INV f(.A(a), .Y(1'b0));\nendmodule\n", MP_E_INPUT, 2, "constant 0");
    refuse(M " INV f(.A(a), .Y(b));\n assign y = a;\nendmodule\n", MP_E_INPUT, 2, "driver");
    refuse(M " assign a = b;\n assign y = a;\nendmodule\n", MP_E_INPUT, 2, "driver");
    refuse(M " wire w;\n INV f(.A(w), .Y(y));\nendmodule\n", MP_E_INPUT, 3, "no driver");
    refuse(M " wire w;\n assign w = y;\n INV f(.A(a), .Y(w));\nendmodule\n", MP_E_INPUT, 4,
           "driver");
    refuse(M "endmodule\n", MP_E_INPUT, 1, "output y has no driver");
    refuse("module a(); endmodule\nmodule b(); endmodule\n", MP_E_INPUT, 2, "top");
    refuse("module a(); a x(); endmodule\n", MP_E_INPUT, 0, "every module");
    refuse("module a(); b x(); endmodule\nmodule b(); b x(); endmodule\n", MP_E_INPUT, 2, "levels");
    refuse("module b(input [1:0] i, output o); assign o = i[0]; endmodule\n"
           "module a(input i, output o);\n b x(.i(i), .o(o)); endmodule\n",
           MP_E_INPUT, 3, "2-bit port i");
}

static void level_errors(void **state)
{
    (void)state;
    refuse(M " LATCH f(.D(a), .G(clk), .Q(y));\nendmodule\n", MP_E_UNSUPPORTED, 0, "latch");
    refuse(M " TRI f(.A(a), .E(b), .Y(y));\nendmodule\n", MP_E_UNSUPPORTED, 0, "three-state");
    refuse(M " wire w;\n NAND2 f(.A(a), .B(y), .Y(w));\n INV g(.A(w), .Y(y));\nendmodule\n",
           MP_E_UNSUPPORTED, 0, "loop");
    refuse(M " DFFRS f(.CK(clk), .D(a), .RN(w), .SN(b), .Q(y));\n INV g(.A(y), .Y(w));\n"
             "endmodule\n",
           MP_E_UNSUPPORTED, 0, "loop");
    refuse(M " wire w; DFF f(.CK(clk), .D(a), .Q(w));\n DFF g(.CK(b), .D(w), .Q(y));\nendmodule\n",
           MP_E_UNSUPPORTED, 0, "two clocks");
    refuse(M " wire w; DFF f(.CK(clk), .D(a), .Q(w));\n DFFN g(.CK(clk), .D(w), .Q(y));\n"
             "endmodule\n",
           MP_E_UNSUPPORTED, 0, "edge");
    refuse(M " wire w; NAND2 f(.A(clk), .B(b), .Y(w));\n DFF g(.CK(w), .D(a), .Q(y));\n"
             "endmodule\n",
           MP_E_UNSUPPORTED, 0, "gated");
    refuse(M " wire w; NAND2 f(.A(clk), .B(b), .Y(w));\n DFF g(.CK(clk), .D(w), .Q(y));\n"
             "endmodule\n",
           MP_E_UNSUPPORTED, 0, "clock pin");
    struct mp_netlist n; /* negative edges alone are one clock */
    accept(&n, M " DFFN g(.CK(clk), .D(a), .Q(y));\nendmodule\n");
    mp_netlist_release(&n);
}

/* Every prefix of a good file, and every byte of it changed: no crash, no leak. */
static void truncated_and_corrupt(void **state)
{
    (void)state;
    static const char good[] =
        "module leaf(input [1:0] i, output o);\n (* a *) INV h(.A(i[1]), .Y(o));\nendmodule\n"
        "module t(clk, a, y); input clk; input [3:0] a; output [1:0] y; wire \\w[0] ;\n"
        " leaf l({a[2:1]}, \\w[0] );\n DFF f(.CK(clk), .D(\\w[0] ), .Q(y[0]), .QN());\n"
        " assign y[1:1] = {1{1'h1}};\nendmodule\n";
    struct mp_netlist n;
    accept(&n, good);
    mp_netlist_release(&n);
    char *text = mp_strdup(good);
    for (size_t i = 0; i < sizeof good; i++) {
        if (mp_netlist_read_text(&n, &library, good, i, "t.v", NULL, NULL) == MP_OK)
            mp_netlist_release(&n);
        for (const char *c = "\0([{}])'\"\\;.,:9x/*"; c[0] != '*'; c++) {
            text[i] = *c;
            if (mp_netlist_read_text(&n, &library, text, sizeof good - 1, "t.v", NULL, NULL) ==
                MP_OK) {
                mp_netlist_levelise(&n, NULL);
                mp_netlist_release(&n);
            }
        }
        text[i] = good[i];
    }
    free(text);
}

/* Thirty levels of two instances each are 2^30 cells. */
static void exploding_hierarchy(void **state)
{
    (void)state;
    struct mp_text t = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n;
    mp_text_add(&t, "module m0(input i); wire a, b; INV x(.A(i), .Y(a)); endmodule\n");
    for (int i = 1; i < 30; i++)
        mp_text_printf(&t, "module m%d(input i); wire [999:0] w; m%d x(i); m%d y(i); endmodule\n",
                       i, i - 1, i - 1);
    assert_int_equal(mp_netlist_read_text(&n, &library, t.data, t.size, "t.v", NULL, &err),
                     MP_E_MEMORY);
    assert_non_null(strstr(err.message, "more than"));
    mp_text_release(&t);
}

static void yosys_gates(void **state)
{
    (void)state;
    struct mp_library gates = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_netlist n;
    static const char text[] =
        "module t(clk, a, b, y);\n input clk, a, b;\n output y;\n wire p, q;\n"
        " \\$_NAND_  _0_ ( .A(a), .B(b), .Y(p) );\n"
        " \\$_MUX_  _1_ ( .A(p), .B(b), .S(a), .Y(q) );\n"
        " \\$_SDFFE_PP0P_  \\r[0]  ( .C(clk), .D(q), .E(a), .R(b), .Q(y) );\nendmodule\n";
    if (mp_gates_library(&gates, &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    assert_int_equal(mp_netlist_read_text(&n, &gates, text, strlen(text), "t.v", NULL, &err),
                     MP_OK);
    assert_int_equal(mp_netlist_levelise(&n, &err), MP_OK);
    uint32_t ff = n.cell_type[2];
    const struct mp_lib_cell *cell = &gates.cells[ff];
    uint64_t d = (uint64_t)1 << mp_library_pin(&gates, ff, "D");
    uint64_t e = (uint64_t)1 << mp_library_pin(&gates, ff, "E");
    uint64_t r = (uint64_t)1 << mp_library_pin(&gates, ff, "R");
    uint64_t iq = (uint64_t)1 << cell->pin_count;
    assert_true(mp_expr_eval(&cell->next_state, d | e));
    assert_true(mp_expr_eval(&cell->next_state, iq));
    assert_false(mp_expr_eval(&cell->next_state, iq | e));
    assert_false(mp_expr_eval(&cell->next_state, d | e | r));
    mp_netlist_release(&n);
    mp_library_release(&gates);
}

static void golden(void **state)
{
    (void)state;
    unsigned done = 0;
    for (size_t l = 0; l < GOLDEN_LIBRARIES; l++) {
        struct mp_library lib = {0};
        if (!golden_read_library(&lib, &golden_libraries[l]))
            continue;
        for (size_t d = 0; d < GOLDEN_DESIGNS; d++) {
            char name[64];
            struct mp_error err = MP_ERROR_INIT;
            struct mp_netlist n;
            snprintf(name, sizeof name, "golden/%s.%s.v", golden_libraries[l].name,
                     golden_designs[d]);
            char *path = golden_path(name);
            if (path == NULL)
                continue;
            double start = mp_clock_s();
            if (mp_netlist_read(&n, &lib, path, NULL, &err) < 0 ||
                mp_netlist_levelise(&n, &err) < 0)
                fail_msg("%s:%d: %s", err.file, err.line, err.message);
            print_message("%s: %u cells, %u nets, %u registers, %.1f ms\n", name, n.cell_count,
                          n.net_count, n.register_count, (mp_clock_s() - start) * 1e3);
            assert_string_equal(n.name, golden_designs[d]);
            assert_int_equal(n.order_count + n.register_count, n.cell_count);
            mp_netlist_release(&n);
            free(path);
            done++;
        }
        mp_library_release(&lib);
    }
    if (done == 0)
        skip();
}

/* What is written reads as the same circuit, cell by cell and pin by pin. */
static void written_and_read_again(void **state)
{
    (void)state;
    struct mp_netlist n, again;
    struct mp_text text = {0};
    accept(&n, "module m(clk, a, y, z, \\reg );\n  input clk, \\reg ; input [1:0] a;\n"
               "  output [3:0] y; output z; wire \\p[0] , inner;\n"
               "  NAND2 wire_1 (.A(a[0]), .B(\\reg ), .Y(\\p[0] ));\n"
               "  sub s (.i(\\p[0] ), .o(inner));\n"
               "  DFF \\always (.CK(clk), .D(inner), .Q(y[0]), .QN());\n"
               "  assign y[3:1] = {1'h1, a[0], y[0]};\n  assign z = y[0];\nendmodule\n"
               "module sub(i, o); input i; output o; INV x(.A(i), .Y(o)); endmodule\n");
    mp_netlist_write(&text, &n);
    accept(&again, text.data);
    assert_int_equal(again.cell_count, n.cell_count);
    assert_int_equal(again.net_count, n.net_count);
    assert_int_equal(again.port_count, n.port_count);
    for (uint32_t c = 0; c < n.cell_count; c++) {
        assert_string_equal(again.cell_name[c], n.cell_name[c]);
        assert_int_equal(again.cell_type[c], n.cell_type[c]);
        for (uint32_t p = n.cell_first_pin[c]; p < n.cell_first_pin[c + 1]; p++)
            assert_int_equal(again.pin_net[p] == MP_NONE, n.pin_net[p] == MP_NONE);
    }
    for (uint32_t p = 0; p < n.pin_count; p++)
        for (uint32_t q = 0; q < p; q++)
            assert_int_equal(n.pin_net[p] == n.pin_net[q], again.pin_net[p] == again.pin_net[q]);
    assert_string_equal(port_net(&again, "y", 1), port_net(&again, "z", 0));
    assert_string_equal(port_net(&again, "y", 2), "a[0]");
    assert_int_equal(again.ports[2].nets[3], 1);
    mp_text_release(&text);
    mp_netlist_release(&again);
    mp_netlist_release(&n);
}

/* A cell that the library reader does not model is refused where it is used, with the reason, even
 * with its outputs open; elsewhere in the library it does no harm. */
static void refused_cells(void **state)
{
    (void)state;
    static const char text[] =
        "library(l) { nom_voltage : 1; capacitive_load_unit (1, ff);\n"
        "power_lut_template (t) { variable_1 : input_transition_time; variable_2 : "
        "total_output_net_capacitance; variable_3 : equal_or_opposite_output_net_capacitance; }\n"
        "cell(INV) {" SMALL_PIN("A") SMALL_OUT(
            "Y",
            "!A") "}\n"
                  "cell(BUS) {\n bus(A) { bus_type : b; direction : input; } " SMALL_OUT(
                      "Y",
                      "A[0]") "}\n"
                              "cell(BANK) {\n ff_bank(Q1, Q2, 2) { } " SMALL_PIN("A") SMALL_OUT(
                                  "Y",
                                  "A") "}\n"
                                       "cell(TWO) {" SMALL_PIN(
                                           "A") " ff(P, PN) { next_state : A; clocked_on : A; }\n"
                                                " ff(Q, QN) { next_state : A; clocked_on : A; "
                                                "} " SMALL_OUT(
                                                    "Y", "P") "}\n"
                                                              "cell(CUBE) {" SMALL_PIN(
                                                                  "A") "pin(Y) { direction : "
                                                                       "output; function : A;\n"
                                                                       "internal_power() { "
                                                                       "rise_power(t) { "
                                                                       "values(\"1\"); } } } } }\n";
    static const struct {
        const char *cell, *why;
    } rows[] = {{"BUS", "has a bus or a bundle"},
                {"BANK", "has a bank of registers"},
                {"TWO", "has several registers"},
                {"CUBE", "has a table of three dimensions"}};
    struct mp_library lib;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_library_read_text(&lib, text, sizeof text - 1, "l.lib", &err), MP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char verilog[200], place[40];
        struct mp_netlist n;
        snprintf(
            verilog, sizeof verilog,
            "module m(input a, output y);\nINV u(.A(a), .Y(y));\n%s v(.A(a), .Y());\nendmodule\n",
            rows[i].cell);
        int rc = mp_netlist_read_text(&n, &lib, verilog, strlen(verilog), "m.v", NULL, &err);
        print_message("%s:%d: %s\n", err.file, err.line, err.message);
        assert_int_equal(rc, MP_E_UNSUPPORTED);
        assert_int_equal(err.line, 3);
        assert_non_null(strstr(err.message, rows[i].why));
        snprintf(place, sizeof place, "(l.lib:%d)",
                 lib.cells[mp_library_cell(&lib, rows[i].cell)].refused_line);
        assert_non_null(strstr(err.message, place));
        err = (struct mp_error)MP_ERROR_INIT;
    }
    mp_library_release(&lib);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat),
        cmocka_unit_test(written_and_read_again),
        cmocka_unit_test(hierarchy),
        cmocka_unit_test(constant_values),
        cmocka_unit_test(ranges_below_0),
        cmocka_unit_test(syntax_errors),
        cmocka_unit_test(graph_errors),
        cmocka_unit_test(refused_cells),
        cmocka_unit_test(level_errors),
        cmocka_unit_test(truncated_and_corrupt),
        cmocka_unit_test(exploding_hierarchy),
        cmocka_unit_test(yosys_gates),
        cmocka_unit_test(golden),
    };
    return cmocka_run_group_tests(tests, read_library, drop_library);
}
