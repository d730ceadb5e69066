/* A user's Verilog: what is read from it, mapped, and refused with its place. */
#include "estimator/synth/module.h"

#include "estimator/netlist/gates.h"
#include "estimator/netlist/netlist.h"
#include "estimator/synth/yosys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* Modules from memory, in a folder of their own. */
struct bench {
    struct mp_tempdir dir;
    struct mp_module_file files[2];
    struct mp_module_job job;
    struct mp_module m;
    struct mp_error err;
};

static void open_bench(struct bench *b, const char *path, const char *text)
{
    memset(b, 0, sizeof *b);
    assert_ok(mp_tempdir_create(&b->dir, &b->err), &b->err);
    b->files[0] = (struct mp_module_file){path, text};
    b->job = (struct mp_module_job){
        .program = "yosys", .files = b->files, .file_count = 1, .temp_dir = b->dir.path};
}

static void close_bench(struct bench *b)
{
    mp_module_release(&b->m);
    mp_tempdir_remove(&b->dir);
}

static void read_module(struct bench *b)
{
    assert_ok(mp_module_read(&b->m, &b->job, &b->err), &b->err);
}

static void check_port(const struct bench *b, const char *name, enum mp_direction direction,
                       uint32_t width, bool is_signed)
{
    const struct mp_module_port *p = mp_module_port(&b->m, name);
    assert_non_null(p);
    assert_int_equal(p->direction, direction);
    assert_int_equal(p->width, width);
    assert_int_equal(p->is_signed, is_signed);
}

/* The gates are readable and in order; as many registers as said. */
static void check_gates(const struct bench *b)
{
    struct mp_library gates = {0};
    struct mp_netlist n = {0};
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_gates_library(&gates, &err), &err);
    assert_ok(mp_netlist_read_text(&n, &gates, b->m.rtl_verilog, strlen(b->m.rtl_verilog),
                                   "elaborated.v", b->m.top, &err),
              &err);
    assert_ok(mp_netlist_levelise(&n, &err), &err);
    assert_int_equal(n.register_count, b->m.register_count);
    assert_int_equal(n.port_count, b->m.port_count);
    mp_netlist_release(&n);
    mp_library_release(&gates);
}

static void plain_product(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b, "mul.v",
               "module mul(input [7:0] x, input signed [6:0] y, output [14:0] z);\n"
               "assign z = x * y;\nendmodule\n");
    read_module(&b);
    assert_string_equal(b.m.top, "mul");
    assert_int_equal(b.m.port_count, 3);
    check_port(&b, "x", MP_DIR_INPUT, 8, false);
    check_port(&b, "y", MP_DIR_INPUT, 7, true);
    check_port(&b, "z", MP_DIR_OUTPUT, 15, false);
    assert_null(b.m.clock);
    assert_int_equal(b.m.register_count, 0);
    assert_int_equal(b.m.depth, 0);
    assert_int_equal(b.m.note_count, 0);
    assert_string_equal(b.m.ports[0].file, "mul.v");
    assert_int_equal(b.m.ports[0].line, 1);
    check_gates(&b);
    close_bench(&b);
}

/* Everything at once: two files, one of them SystemVerilog, parameters of top and child, a define,
 * an asynchronous reset, an enable, two levels of registers. */
static void full_design(void **state)
{
    struct bench b;
    const struct mp_module_setting n = {"N", "6"}, width = {"EXTRA", "1"};
    (void)state;
    open_bench(&b, "part.v",
               "module part #(parameter W = 3)(input [W-1:0] a, b, output [2*W-1:0] p);\n"
               "assign p = a * b;\nendmodule\n");
    b.files[1] = (struct mp_module_file){
        "top.sv",
        "module top #(parameter N = 4, M = 2)(input logic clk, rst_n, en, input logic [N-1:0] a, "
        "w,\n"
        " output logic [2*N+`EXTRA-1:0] z);\n"
        "logic [2*N-1:0] p, q;\n"
        "part #(.W(N)) u(.a(a), .b(w), .p(p));\n"
        "always_ff @(posedge clk or negedge rst_n)\n"
        "  if (!rst_n) q <= 0; else if (en) q <= p;\n"
        "always_ff @(posedge clk) z <= q;\n"
        "endmodule\n"};
    b.job.file_count = 2;
    b.job.parameters = &n;
    b.job.parameter_count = 1;
    b.job.defines = &width;
    b.job.define_count = 1;
    b.job.keep_blocks = true;
    read_module(&b);
    assert_string_equal(b.m.top, "top");
    check_port(&b, "a", MP_DIR_INPUT, 6, false);
    check_port(&b, "z", MP_DIR_OUTPUT, 13, false);
    assert_string_equal(b.m.clock, "clk");
    assert_false(b.m.clock_falls);
    assert_int_equal(mp_module_port(&b.m, "rst_n")->reset_active, -1);
    assert_int_equal(b.m.register_count, 12 + 13);
    assert_int_equal(b.m.depth, 2);
    assert_true(b.m.has_feedback); /* the enable */
    assert_true(b.m.keeps_blocks);
    assert_int_equal(b.m.parameter_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(b.m.parameters[i].value, b.m.parameters[i].name[0] == 'N' ? "6" : "2");
    assert_non_null(b.m.needs[MP_NEED_ASYNC_VALUE].name);
    assert_string_equal(b.m.needs[MP_NEED_ASYNC_VALUE].file, "top.sv");
    assert_int_equal(b.m.needs[MP_NEED_ASYNC_VALUE].line, 5);
    assert_null(strstr(b.m.rtlil, "$paramod\\part"));
    check_gates(&b);
    close_bench(&b);
}

static const char dot_product[] =
    "module mul(input signed [4:0] a, w, output signed [9:0] p); assign p = a * w; endmodule\n"
    "module dot(input clk, clear, input signed [4:0] a0, a1, a2, a3, w0, w1, w2, w3,\n"
    "           output reg signed [15:0] acc);\n"
    "wire signed [9:0] p0, p1, p2, p3;\n"
    "mul m0(a0, w0, p0); mul m1(a1, w1, p1); mul m2(a2, w2, p2); mul m3(a3, w3, p3);\n"
    "always @(posedge clk) acc <= (clear ? 16'sd0 : acc) + p0 + p1 + p2 + p3;\n"
    "endmodule\n";

static const char with_reset[] =
    "module r(input clk, input arst, input en, input [3:0] a, b, output reg [7:0] z, q);\n"
    "always @(posedge clk or posedge arst) if (arst) z <= 8'h5; else if (en) z <= a * b;\n"
    "always @(posedge clk) q <= z + 8'd1;\n"
    "endmodule\n";

static void map_module(struct bench *b, const struct fixture *f, struct mp_netlist *n)
{
    struct mp_yosys_result r;
    assert_ok(mp_module_check_library(&b->m, &f->library, &b->err), &b->err);
    struct mp_yosys_job map = {.program = "yosys",
                               .rtlil = b->m.rtlil,
                               .top = b->m.top,
                               .keep_blocks = b->m.keeps_blocks,
                               .liberty_path = f->prepared,
                               .library = &f->library,
                               .roles = &f->roles,
                               .clock_period_s = 100e-9,
                               .temp_dir = f->dir.path,
                               .keep_dir = f->kept.path};
    assert_ok(mp_yosys_synthesise(&r, &map, &b->err), &b->err);
    assert_ok(mp_netlist_read_text(n, &f->library, r.netlist_verilog, strlen(r.netlist_verilog),
                                   "mapped.v", b->m.top, &b->err),
              &b->err);
    assert_ok(mp_netlist_levelise(n, &b->err), &b->err);
    assert_int_equal(n->port_count, b->m.port_count);
    mp_yosys_result_release(&r);
}

static void map_on(size_t library)
{
    struct fixture f;
    struct bench b;
    struct mp_netlist n = {0};
    unsigned in_block = 0;
    fixture_open(&f, library);
    open_bench(&b, "dot.v", dot_product);
    b.job.keep_blocks = true;
    read_module(&b);
    assert_string_equal(b.m.top, "dot");
    map_module(&b, &f, &n);
    assert_int_equal(n.register_count, 16);
    for (uint32_t c = 0; c < n.cell_count; c++)
        in_block += strncmp(n.cell_name[c], "m2.", 3) == 0;
    assert_true(in_block > 20);
    mp_netlist_release(&n);
    close_bench(&b);

    open_bench(&b, "r.v", with_reset);
    b.job.registered = true;
    read_module(&b);
    assert_string_equal(b.m.top, "r_registered");
    assert_int_equal(b.m.register_count, 16 + 9 + 16);
    assert_int_equal(b.m.depth, 4);
    n = (struct mp_netlist){0};
    map_module(&b, &f, &n);
    assert_int_equal(n.register_count, 16 + 9 + 16);
    mp_netlist_release(&n);
    close_bench(&b);
    fixture_close(&f);
}

static void maps_osu018(void **state)
{
    (void)state;
    map_on(0);
}
static void maps_nangate45(void **state)
{
    (void)state;
    map_on(1);
}
static void maps_sky130hd(void **state)
{
    (void)state;
    map_on(2);
}

/* Everything that is refused: code, line, and what the message must name. */
static const struct refusal {
    const char *name, *text;
    int code, line;
    const char *words[3];
} refusals[] = {
    {"latch.v",
     "module t(input e, input [3:0] d, output reg [3:0] q);\n\nalways @*\n if (e) q = "
     "d;\nendmodule\n",
     MP_E_UNSUPPORTED,
     3,
     {"latch", "q[", NULL}},
    {"comb.sv",
     "module t(input e, d, output logic q);\nlogic u;\nalways_comb if (e) q = d;\nendmodule\n",
     MP_E_INPUT,
     1,
     {"Latch", "q", NULL}},
    {"tristate.v",
     "module t(input e, d, output z);\nassign z = e ? d : 1'bz;\nendmodule\n",
     MP_E_UNSUPPORTED,
     2,
     {"three-state", "z", NULL}},
    {"inout.v",
     "module t(input e,\n inout d, output z);\nassign z = e & d;\nendmodule\n",
     MP_E_UNSUPPORTED,
     2,
     {"inout", "d", NULL}},
    {"loop.v",
     "module t(input a, b, output z);\nwire u, v;\nassign u = a & v;\nassign v = b | u;\nassign z "
     "= v;\nendmodule\n",
     MP_E_UNSUPPORTED,
     0,
     {"loop of 2 gates", "u", "register"}},
    {"clocks.v",
     "module t(input c, d, x, output reg p, q);\nalways @(posedge c) p <= x;\n"
     "always @(posedge d) q <= p;\nendmodule\n",
     MP_E_UNSUPPORTED,
     3,
     {"two clocks", "p (clocks.v:2) is clocked by c", "q (clocks.v:3) by d"}},
    {"edges.v",
     "module t(input c, x, output reg p, q);\nalways @(posedge c) p <= x;\n"
     "always @(negedge c) q <= p;\nendmodule\n",
     MP_E_UNSUPPORTED,
     3,
     {"both edges of clock c", "edges.v:2", "edges.v:3"}},
    {"gated.v",
     "module t(input c, e, x, output reg p);\nwire g;\nassign g = c & e;\n"
     "always @(posedge g) p <= x;\nendmodule\n",
     MP_E_UNSUPPORTED,
     3,
     {"clock g of register p (gated.v:4)", "gated", NULL}},
    {"divided.v",
     "module t(input c, x, output reg p);\nreg h;\nalways @(posedge c) h <= ~h;\n"
     "always @(posedge h) p <= x;\nendmodule\n",
     MP_E_UNSUPPORTED,
     4,
     {"two clocks", "h", "p (divided.v:4)"}},
    {"data.v",
     "module t(input c, x, output reg p, output z);\nalways @(posedge c) p <= x;\n"
     "assign z = c & p;\nendmodule\n",
     MP_E_UNSUPPORTED,
     3,
     {"clock c is read as data", "z", NULL}},
    {"memory.v",
     "module t(input c, we, input [11:0] a, input [7:0] d, output reg [7:0] q);\n"
     "reg [7:0] m[0:4095];\nalways @(posedge c) begin if (we) m[a] <= d; q <= m[a]; "
     "end\nendmodule\n",
     MP_E_UNSUPPORTED,
     2,
     {"memory m", "4096 x 8", NULL}},
    {"box.v",
     "module t(input a, output z);\n\nfoo u1(.a(a), .z(z));\nendmodule\n",
     MP_E_NOT_FOUND,
     3,
     {"module foo (instance u1)", NULL, NULL}},
    {"undriven.v",
     "module t(input a, output z);\nwire [1:0] lost;\nassign z = a & lost[1];\nendmodule\n",
     MP_E_INPUT,
     2,
     {"lost[1] has no driver", NULL, NULL}},
    {"open.v",
     "module t(input a,\n output [1:0] z);\nassign z[0] = ~a;\nendmodule\n",
     MP_E_INPUT,
     2,
     {"output z[1] has no driver", NULL, NULL}},
    {"twice.v",
     "module t(input a, b, output z);\nassign z = a & b;\nassign z = a | b;\nendmodule\n",
     MP_E_INPUT,
     3,
     {"net z is driven", "twice.v:2", NULL}},
    {"joined.v",
     "module t(input a, b, output z);\nassign z = a;\nassign z = b;\nendmodule\n",
     MP_E_INPUT,
     1,
     {"joined", NULL, NULL}},
    {"syntax.v",
     "module t(input a, output z);\nassign z = a +;\nendmodule\n",
     MP_E_INPUT,
     2,
     {"syntax error", NULL, NULL}},
    {"port.v",
     "module s(input a, output z); assign z = ~a; endmodule\nmodule t(input a, output z);\n"
     "s u1(.b(a), .z(z));\nendmodule\n",
     MP_E_INPUT,
     3,
     {"does not have a port named 'b'", NULL, NULL}},
    {"events.v",
     "module t(input a, b, c, output reg z);\nalways @(posedge a or posedge b or posedge c) z <= "
     "~z;\nendmodule\n",
     MP_E_INPUT,
     2,
     {"edge sensitive", NULL, NULL}},
    {"constant.v",
     "module t(input a, output [3:0] z);\nassign z = 4'd9;\nendmodule\n",
     MP_E_UNSUPPORTED,
     0,
     {"no output that depends", NULL, NULL}},
    {"tops.v",
     "module s(input a, output z); assign z = ~a; endmodule\nmodule t(input a, output z);\n"
     "assign z = ~a;\nendmodule\n",
     MP_E_USAGE,
     0,
     {"s, t", "name one", NULL}},
    {"load.v",
     "module t(input c, l, input [3:0] a, b, output reg [3:0] z);\n"
     "always @(posedge c or posedge l) if (l) z <= b; else z <= a;\nendmodule\n",
     MP_E_UNSUPPORTED,
     2,
     {"z[0] (load.v:2) is loaded asynchronously", NULL, NULL}},
    {"bit.v",
     "module t(input [1:0] k, input x, output reg p);\nalways @(posedge k[1]) p <= x ^ "
     "k[0];\nendmodule\n",
     MP_E_UNSUPPORTED,
     1,
     {"k[1]", "port of its own", NULL}},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct bench b;
        char text[1400];
        open_bench(&b, r->name, r->text);
        int code = mp_module_read(&b.m, &b.job, &b.err);
        mp_error_text(&b.err, text, sizeof text);
        print_message("%s\n", text);
        if (code != r->code)
            fail_msg("%s: code %d instead of %d", r->name, code, r->code);
        if (strcmp(b.err.file, r->name) != 0 || (r->line > 0 && b.err.line != r->line))
            fail_msg("%s: %s", r->name, text);
        for (size_t k = 0; k < 3 && r->words[k] != NULL; k++)
            if (strstr(b.err.message, r->words[k]) == NULL)
                fail_msg("%s: \"%s\" without \"%s\"", r->name, text, r->words[k]);
        assert_null(strstr(text, "source0"));
        assert_null(strstr(text, b.dir.path));
        close_bench(&b);
    }
}

/* Errors of what was asked for. */
static void refuses_requests(void **state)
{
    static const char text[] = "module s(input a, output z); assign z = ~a; endmodule\n"
                               "module t #(parameter N = 2)(input [N-1:0] a, output [N-1:0] z);\n"
                               "assign z = ~a;\nendmodule\n";
    static const struct {
        const char *top, *parameter, *value, *clock, *words;
        int code;
    } rows[] = {{"u", NULL, NULL, NULL, "no module u in the files; there is s, t", MP_E_NOT_FOUND},
                {"t", "M", "3", NULL, "module t has no parameter M", MP_E_USAGE},
                {"t", "N", "3; !ls", NULL, "integer or a sized constant", MP_E_USAGE},
                {"t;s", NULL, NULL, NULL, "cannot be the name of the top", MP_E_USAGE},
                {"t", NULL, NULL, "a", "no one-bit input a to be its clock", MP_E_USAGE},
                {"s", NULL, NULL, "clk", "no one-bit input clk", MP_E_USAGE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        struct mp_module_setting parameter = {rows[i].parameter, rows[i].value};
        open_bench(&b, "t.v", text);
        b.job.top = rows[i].top;
        b.job.clock = rows[i].clock;
        b.job.parameters = &parameter;
        b.job.parameter_count = rows[i].parameter != NULL;
        assert_int_equal(mp_module_read(&b.m, &b.job, &b.err), rows[i].code);
        if (strstr(b.err.message, rows[i].words) == NULL)
            fail_msg("\"%s\" without \"%s\"", b.err.message, rows[i].words);
        close_bench(&b);
    }
}

/* Files on disk, one including another, in folders whose names have blanks. */
static void reads_files(void **state)
{
    static const char top[] = "`include \"widths.vh\"\n"
                              "module t(input [`W-1:0] a, output [`W-1:0] z);\n"
                              "assign z = ~a;\n`include \"more.vh\"\nendmodule\n";
    struct bench b;
    (void)state;
    open_bench(&b, "", NULL);
    char *dir = mp_path_join(b.dir.path, "of mine"),
         *other = mp_path_join(b.dir.path, "else where");
    char *path = mp_path_join(dir, "t.v"), *widths = mp_path_join(dir, "widths.vh");
    char *more = mp_path_join(other, "more.vh");
    const char *const include[] = {other};
    assert_ok(mp_mkdirs(dir, &b.err), &b.err);
    assert_ok(mp_mkdirs(other, &b.err), &b.err);
    assert_ok(mp_file_write(path, top, strlen(top), &b.err), &b.err);
    assert_ok(mp_file_write(widths, "`define W 5\n", 12, &b.err), &b.err);
    b.files[0].path = path;
    assert_int_equal(mp_module_read(&b.m, &b.job, &b.err), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "include file 'more.vh'"));
    assert_string_equal(b.err.file, path);
    assert_int_equal(b.err.line, 4);
    mp_module_release(&b.m);
    b.job.include_dirs = include;
    b.job.include_dir_count = 1;
    assert_ok(mp_file_write(more, "\nwire u = ;\n", 12, &b.err), &b.err);
    assert_int_equal(mp_module_read(&b.m, &b.job, &b.err), MP_E_INPUT);
    assert_string_equal(b.err.file, more);
    assert_int_equal(b.err.line, 2);
    mp_module_release(&b.m);
    assert_ok(mp_file_write(more, "wire u;\n", 8, &b.err), &b.err);
    read_module(&b);
    check_port(&b, "z", MP_DIR_OUTPUT, 5, false);
    mp_module_release(&b.m);
    b.files[0].path = "/nowhere/t.v";
    assert_int_equal(mp_module_read(&b.m, &b.job, &b.err), MP_E_NOT_FOUND);
    free(dir);
    free(other);
    free(path);
    free(widths);
    free(more);
    close_bench(&b);
}

/* Names that a script would read as more than names: of the top refused, of others replaced. */
static void strange_names(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b, "t.v", "module \\a;!ls (input a, output z); assign z = ~a; endmodule\n");
    assert_int_equal(mp_module_read(&b.m, &b.job, &b.err), MP_E_UNSUPPORTED);
    close_bench(&b);
    open_bench(&b, "t.v",
               "module \\a;!ls (input a, output z); assign z = ~a; endmodule\n"
               "module t(input a, output z); \\a;!ls u(a, z); endmodule\n");
    b.job.keep_blocks = true;
    read_module(&b);
    assert_true(b.m.keeps_blocks);
    assert_null(strstr(b.m.rtlil, "!ls \\u"));
    assert_non_null(strstr(b.m.rtlil, "cell \\t__"));
    close_bench(&b);
}

static void says_what_is_ignored(void **state)
{
    struct bench b;
    bool initial = false, undefined = false, unused = false;
    (void)state;
    open_bench(&b, "t.v",
               "module t(input c, u, input [1:0] s, output reg [1:0] z = 2);\n"
               "reg [1:0] d;\n"
               "always @* case (s) 0: d = 1; 1: d = 3; 2: d = 2; default: d = 2'bx; endcase\n"
               "always @(posedge c) z <= d;\nendmodule\n");
    read_module(&b);
    for (size_t i = 0; i < b.m.note_count; i++) {
        initial = initial || strstr(b.m.notes[i], "initial values of registers (z") != NULL;
        undefined = undefined || strstr(b.m.notes[i], "undefined values (x, as at t.v:3)") != NULL;
        unused = unused || strcmp(b.m.notes[i], "input u has no effect") == 0;
    }
    assert_true(initial && undefined && unused);
    check_gates(&b);
    close_bench(&b);
}

/* A yosys that crashes, hangs, stops half-way, ... */
static void fake_tools(void **state)
{
    static const struct {
        const char *mode, *words;
        int code;
    } rows[] = {{"crash", "signal", MP_E_TOOL},           {"hang", "0.5 s", MP_E_TIMEOUT},
                {"nonsense", "lorem ipsum", MP_E_TOOL},   {"flood", "printed", MP_E_TOOL},
                {"truncated", "stops before", MP_E_TOOL}, {"exit", "out of ideas", MP_E_INPUT},
                {"no-netlist", "elaborat", MP_E_TOOL}};
    char *tool = fixture_tool("yosys");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        open_bench(&b, "t.v", "module t(input a, b, output z); assign z = a & b; endmodule\n");
        b.job.program = tool;
        b.job.top = "t";
        b.job.keep_dir = b.dir.path;
        b.job.timeout_s = rows[i].code == MP_E_TIMEOUT ? 0.5 : 60;
        setenv("MACPPA_FAKE_YOSYS", rows[i].mode, 1);
        int code = mp_module_read(&b.m, &b.job, &b.err);
        unsetenv("MACPPA_FAKE_YOSYS");
        if (code != rows[i].code || strstr(b.err.message, rows[i].words) == NULL)
            fail_msg("%s: code %d, %s", rows[i].mode, code, b.err.message);
        close_bench(&b);
    }
    free(tool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_product),
                                       cmocka_unit_test(full_design),
                                       cmocka_unit_test(reads_files),
                                       cmocka_unit_test(strange_names),
                                       cmocka_unit_test(says_what_is_ignored),
                                       cmocka_unit_test(maps_osu018),
                                       cmocka_unit_test(maps_nangate45),
                                       cmocka_unit_test(maps_sky130hd),
                                       cmocka_unit_test(refuses),
                                       cmocka_unit_test(refuses_requests),
                                       cmocka_unit_test(fake_tools)};
    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
