/* Designs of a user's, from Verilog to a proven netlist with bound ports. */
#include "estimator/module/module.h"

#include "estimator/pipeline/operands.h"
#include "estimator/pipeline/pipeline.h"
#include <math.h>
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

struct bench {
    struct fixture f;
    struct mp_target target;
    struct mp_module_file file;
    struct mp_user_job job;
    struct mp_user_design d;
    struct mp_user_netlist n;
    struct mp_error err;
};

/* One file from memory, random operands, on a library of the fixture. */
static void open_bench(struct bench *b, size_t library, const char *path, const char *text)
{
    memset(b, 0, sizeof *b);
    fixture_open(&b->f, library);
    b->target.name = mp_strdup(fixture_library_name(library));
    b->target.library = b->f.library;
    b->target.roles = b->f.roles;
    b->target.prepared_path = b->f.prepared;
    b->file = (struct mp_module_file){path, text};
    b->job = (struct mp_user_job){.program = "yosys",
                                  .target = &b->target,
                                  .source = {.files = &b->file, .file_count = 1},
                                  .bindings = {.random_operands = true},
                                  .golden_latency = -1,
                                  .clock_period_s = 50e-9,
                                  .temp_dir = b->f.dir.path,
                                  .keep_dir = b->f.kept.path};
}

static void close_bench(struct bench *b)
{
    mp_user_netlist_release(&b->n);
    mp_user_design_release(&b->d);
    free(b->target.name);
    fixture_close(&b->f);
}

static void make(struct bench *b)
{
    assert_ok(mp_user_design_read(&b->d, &b->job, &b->err), &b->err);
    assert_ok(mp_user_design_map(&b->n, &b->d, &b->job, 0, &b->err), &b->err);
    assert_ok(mp_user_design_prove(&b->d, &b->n.netlist, &b->err), &b->err);
}

static bool has_note(const struct bench *b, const char *words)
{
    for (size_t i = 0; i < b->d.note_count; i++)
        if (strstr(b->d.notes[i], words) != NULL)
            return true;
    return false;
}

/* Styles of Verilog that people write: clock, latency found, methods of both proofs. */
static const struct style {
    const char *name, *text, *golden;
    const char *clock;
    uint32_t latency;
    const char *method, *same;
} styles[] = {
    {"plain.v", "module plain(input [5:0] x, y, output [11:0] z); assign z = x*y; endmodule\n",
     "x*y", NULL, 0, "exhaustive", "exhaustive"},
    {"signed.v",
     "module s(input signed [5:0] x, y, output signed [11:0] z); assign z = x*y; endmodule\n",
     "z = x*y", NULL, 0, "exhaustive", "exhaustive"},
    {"registered.v",
     "module r(input clk, input [5:0] x, y, output reg [11:0] z);\n"
     "reg [5:0] x_q, y_q;\n"
     "always @(posedge clk) begin x_q <= x; y_q <= y; z <= x_q * y_q; end\nendmodule\n",
     "x*y", "clk", 2, "exhaustive", "exhaustive"},
    {"pipelined.sv",
     "module p #(parameter int W = 5)(input logic ck, rst_n, input logic signed [W-1:0] a, w,\n"
     "  output logic signed [2*W-1:0] product);\n"
     "logic signed [2*W-1:0] stage [0:2];\n"
     "always_ff @(posedge ck or negedge rst_n)\n"
     "  if (!rst_n) begin stage[0] <= '0; stage[1] <= '0; stage[2] <= '0; product <= '0; end\n"
     "  else begin stage[0] <= a * w; stage[1] <= stage[0]; stage[2] <= stage[1];\n"
     "    product <= stage[2]; end\nendmodule\n",
     "a*w", "ck", 4, "exhaustive", "exhaustive"},
    {"enabled.v",
     "module e(input clk, reset, en, input [3:0] act_in, wt, output reg [7:0] z);\n"
     "always @(posedge clk) if (reset) z <= 0; else if (en) z <= act_in * wt;\nendmodule\n",
     "act_in * wt", "clk", 1, "exhaustive", "random sequences"},
    {"falling.v",
     "module f(input clk, input [3:0] x, y, output reg [7:0] z);\n"
     "always @(negedge clk) z <= x * y;\nendmodule\n",
     "x * y", "clk", 1, "exhaustive", "exhaustive"},
    {"wide.v",
     "module wide(input [15:0] x, y, output [31:0] z, output [15:0] u);\n"
     "assign z = x * y; assign u = ~x;\nendmodule\n",
     "z = x*y", NULL, 0, "corners and random", "corners and random"},
    {"mac.v",
     "module mac(input clk, clear, input signed [3:0] a, b, output reg signed [11:0] acc);\n"
     "always @(posedge clk) acc <= (clear ? 12'sd0 : acc) + a * b;\nendmodule\n",
     "a * b", "clk", 1, "exhaustive", "random sequences"},
    {"hierarchy.v",
     "module half(input [3:0] a, b, output [7:0] p); assign p = a * b; endmodule\n"
     "module h(input [3:0] a0, a1, w0, w1, output [8:0] s);\n"
     "wire [7:0] p, q; half u0(a0, w0, p); half u1(a1, w1, q); assign s = p + q;\nendmodule\n",
     "a0*w0 + a1*w1", NULL, 0, "exhaustive", "exhaustive"},
    {"initial.v",
     "module i(input clk, input [3:0] a, b, output reg [7:0] z = 8'd9, output reg [3:0] u);\n"
     "reg k = 1; reg [1:0] n = 2; reg [3:0] one; initial one = 1;\n"
     "always @(posedge clk) begin z <= a * b * one; k <= k; n <= n + 1; u <= {n, k, a[0]}; end\n"
     "endmodule\n",
     "z = a * b", "clk", 1, "exhaustive", "random sequences"},
};

static void make_style(size_t library, const struct style *s, bool keep_blocks)
{
    struct bench b;

    open_bench(&b, library, s->name, s->text);
    b.job.golden = s->golden;
    b.job.source.keep_blocks = keep_blocks;
    make(&b);
    if (s->clock == NULL)
        assert_null(b.d.clock);
    else
        assert_string_equal(b.d.clock, s->clock);
    assert_int_equal(b.d.golden.latency, s->latency);
    assert_string_equal(b.d.golden.method, s->method);
    assert_string_equal(b.d.same.method, s->same);
    assert_true(b.d.golden.vectors >= 256 && b.d.same.vectors >= 256);
    print_message("%-10s %-13s %4u cells, golden %s %llu, mapped %s %llu\n", b.target.name, s->name,
                  b.n.netlist.cell_count, b.d.golden.method, (unsigned long long)b.d.golden.vectors,
                  b.d.same.method, (unsigned long long)b.d.same.vectors);
    close_bench(&b);
}

static void styles_osu018(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        make_style(0, &styles[i], i % 2 == 0);
}

/* Nangate45 and sky130hd; the falling edge is in the first only. */
static void styles_elsewhere(void **state)
{
    (void)state;
    for (size_t library = 1; library < 3; library++)
        for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
            if (strcmp(styles[i].name, "falling.v") != 0 && i % 2 == 1)
                make_style(library, &styles[i], true);
}

static void registered_wrapper(void **state)
{
    struct bench b;

    (void)state;
    open_bench(&b, 0, "plain.v", styles[0].text);
    b.job.golden = "x*y";
    b.job.source.registered = true;
    make(&b);
    assert_string_equal(b.d.name, "plain_registered");
    assert_string_equal(b.d.clock, "registered_clk");
    assert_int_equal(b.d.golden.latency, 2);
    assert_int_equal(b.n.netlist.register_count, 6 + 6 + 12);
    close_bench(&b);
}

/* Sources are linked into the working folder: none is ever written to. */
static void sources_stay(void **state)
{
    struct bench b;
    struct mp_text text = {0};

    (void)state;
    open_bench(&b, 0, "", NULL);
    char *dir = mp_path_join(b.f.kept.path, "my files"), *path = mp_path_join(dir, "plain.v");
    assert_ok(mp_mkdirs(dir, &b.err), &b.err);
    assert_ok(mp_file_write(path, styles[0].text, strlen(styles[0].text), &b.err), &b.err);
    b.file.path = path;
    b.job.golden = "x*y";
    b.job.source.registered = true;
    make(&b);
    assert_ok(mp_file_read(&text, path, 0, &b.err), &b.err);
    assert_string_equal(text.data, styles[0].text);
    mp_text_release(&text);
    free(dir);
    free(path);
    close_bench(&b);
}

static void refuse_golden(const char *text, const char *golden, int latency, int code,
                          const char *words)
{
    struct bench b;

    open_bench(&b, 0, "g.v", text);
    b.job.golden = golden;
    b.job.golden_latency = latency;
    int rc = mp_user_design_read(&b.d, &b.job, &b.err);
    print_message("%s\n", b.err.message);
    if (rc != code || strstr(b.err.message, words) == NULL)
        fail_msg("%s: code %d, \"%s\" without \"%s\"", golden, rc, b.err.message, words);
    close_bench(&b);
}

static void golden_differs(void **state)
{
    static const char wrong[] =
        "module m(input [7:0] x, y, output [15:0] z);\n"
        "assign z = (x == 8'hb7 && y == 8'h2d) ? 16'h1 : x * y;\nendmodule\n";

    (void)state;
    refuse_golden(wrong, "x*y", -1, MP_E_PROOF,
                  "x = 0xb7, y = 0x2d: expected 0x202b, found 0x0001");
    refuse_golden(styles[2].text, "x*y", 1, MP_E_PROOF, "after the cycles that were given");
    refuse_golden(styles[2].text, "x+y", -1, MP_E_PROOF, "after any number of cycles");
    refuse_golden(styles[0].text, "x*", -1, MP_E_USAGE, "syntax error");
    refuse_golden(styles[0].text, "x*q", -1, MP_E_USAGE, "q");
    refuse_golden(styles[0].text, "u = x*y", -1, MP_E_USAGE, "the outputs of plain are z");
    refuse_golden(styles[6].text, "x*y", -1, MP_E_USAGE, "z = x * y");
    refuse_golden(styles[0].text, "x; endmodule", -1, MP_E_USAGE, "no Verilog expression");
    refuse_golden(styles[0].text, "x*y", 65, MP_E_USAGE, "up to 64");
}

/* A fault in the mapped netlist is seen: one gate becomes another. */
static void mapped_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct bench b;
        struct mp_netlist n = {0};
        open_bench(&b, 0, styles[i].name, styles[i].text);
        make(&b);
        char *cell = strstr(b.n.verilog, "NAND2X1");
        assert_non_null(cell);
        memcpy(cell, "NOR2X1 ", 7);
        assert_ok(mp_netlist_read_text(&n, &b.target.library, b.n.verilog, strlen(b.n.verilog),
                                       "mapped.v", NULL, &b.err),
                  &b.err);
        assert_ok(mp_netlist_levelise(&n, &b.err), &b.err);
        assert_int_equal(mp_user_design_prove(&b.d, &n, &b.err), MP_E_PROOF);
        assert_non_null(strstr(b.err.message, "differs from the Verilog"));
        mp_netlist_release(&n);
        close_bench(&b);
    }
}

/* Four products a cycle, packed on one side: the sums that come out are those of the trace. */
static void dot_product(void **state)
{
    static const char text[] =
        "module dot(input clk, rst, first, input signed [3:0] w0, w1, w2, w3, input [15:0] xs,\n"
        "           output reg signed [19:0] acc);\n"
        "wire signed [9:0] s = w0 * $signed({1'b0, xs[3:0]}) + w1 * $signed({1'b0, xs[7:4]}) +\n"
        "                      w2 * $signed({1'b0, xs[11:8]}) + w3 * $signed({1'b0, xs[15:12]});\n"
        "always @(posedge clk) if (rst) acc <= 0; else acc <= (first ? 20'sd0 : acc) + s;\n"
        "endmodule\n";
    static const char *const ports[] = {"xs=activation*4"};
    struct mp_trace_options o = {.stretches = 64, .length = 80, .seed = 3};
    struct mp_trace t = {0};
    struct mp_simulator *simulator = NULL;
    struct mp_driver *driver = NULL;
    struct bench b;
    uint32_t stretch[64], cycle[64];
    int32_t sum[64] = {0};

    (void)state;
    open_bench(&b, 0, "dot.v", text);
    b.job.bindings.ports = ports;
    b.job.bindings.port_count = 1;
    b.job.bindings.random_operands = false;
    make(&b);
    assert_int_equal(b.d.bindings.terms, 4);
    assert_int_equal(b.d.bindings.weight.kind, MP_FORMAT_INT);
    assert_int_equal(b.d.bindings.activation.kind, MP_FORMAT_UINT);
    assert_int_equal(b.d.bindings.activation.bits, 4);
    assert_int_equal(b.d.bindings.reset_cycles, 2);
    assert_true(has_note(&b, "port rst is a reset"));
    assert_ok(mp_trace_random(&t, &b.d.bindings.weight, &b.d.bindings.activation,
                              MP_OPERANDS_UNIFORM, &o, &b.err),
              &b.err);
    for (uint32_t s = 0; s < 64; s++)
        for (uint32_t c = 0; c < 80; c++) /* outputs of 10 terms: groups of 4, 4 and 2 */
            t.firsts[s * 80 + c] = c % 10 == 0;
    assert_ok(mp_simulator_create(&simulator, &b.n.netlist, 8, MP_KERNEL_AUTO, &b.err), &b.err);
    assert_ok(mp_driver_create(&driver, &b.n.netlist, simulator, &b.d.bindings, &t, &b.err),
              &b.err);
    assert_int_equal(mp_driver_cycles(driver), 2 + 24);
    assert_int_equal(mp_driver_uncounted(driver), 2 + 3);
    const struct mp_port *acc = &b.n.netlist.ports[mp_netlist_port(&b.n.netlist, "acc")];
    for (uint32_t c = 0; c <= 26; c++) {
        for (uint32_t s = 0; s < 64; s++) {
            stretch[s] = s;
            cycle[s] = c;
        }
        mp_simulator_step(simulator, mp_driver_inputs(driver, 64, stretch, cycle), NULL);
        for (uint32_t s = 0; s < 64 && c >= 3; s++) {
            uint32_t group = c - 3, at = group / 3 * 10 + group % 3 * 4, got = 0;
            sum[s] = group % 3 == 0 ? 0 : sum[s];
            for (uint32_t k = 0; k < (group % 3 == 2 ? 2u : 4u); k++) {
                int32_t w = (int32_t)t.weights[s * 80 + at + k];
                sum[s] += (w >= 8 ? w - 16 : w) * (int32_t)t.activations[s * 80 + at + k];
            }
            for (uint32_t bit = 0; bit < 20; bit++)
                got |= (uint32_t)(mp_simulator_net(simulator, acc->nets[bit])[0] >> s & 1) << bit;
            assert_int_equal(got, (uint32_t)sum[s] & 0xfffff);
        }
    }
    mp_driver_destroy(driver);
    mp_simulator_destroy(simulator);
    mp_trace_release(&t);
    close_bench(&b);
}

static enum mp_role role_of(const struct bench *b, const char *port)
{
    for (uint32_t i = 0; i < b->d.bindings.count; i++)
        if (strcmp(b->d.bindings.ports[i].port, port) == 0)
            return b->d.bindings.ports[i].role;
    fail_msg("no port %s", port);
    return MP_ROLE_NONE;
}

static void roles(void **state)
{
    static const char text[] =
        "module t(input clk, aresetn, en, spare, input [3:0] i_x, input signed [5:0] coef,\n"
        "         input [69:0] c, input [2:0] k, h, output reg [9:0] z, output reg [69:0] q);\n"
        "always @(posedge clk or posedge aresetn) if (aresetn) z <= 0;\n"
        "  else if (en) z <= i_x * $unsigned(coef) + k + h;\n"
        "always @(posedge clk) q <= c;\nendmodule\n";
    static const char *const ports[] = {"k=-3", "h=hold"};
    struct mp_trace_options o = {.stretches = 64, .length = 30, .seed = 3};
    struct mp_trace trace = {0};
    struct mp_activity activity = {0};
    struct bench b;

    (void)state;
    open_bench(&b, 0, "t.v", text);
    b.job.bindings.ports = ports;
    b.job.bindings.port_count = 2;
    make(&b);
    assert_int_equal(role_of(&b, "clk"), MP_ROLE_CLOCK);
    assert_int_equal(role_of(&b, "aresetn"), MP_ROLE_RESET);
    assert_int_equal(role_of(&b, "en"), MP_ROLE_CONSTANT);
    assert_int_equal(role_of(&b, "spare"), MP_ROLE_CONSTANT);
    assert_int_equal(role_of(&b, "i_x"), MP_ROLE_ACTIVATION);
    assert_int_equal(role_of(&b, "coef"), MP_ROLE_WEIGHT);
    assert_int_equal(role_of(&b, "c"), MP_ROLE_RANDOM);
    assert_int_equal(role_of(&b, "k"), MP_ROLE_CONSTANT);
    assert_int_equal(role_of(&b, "h"), MP_ROLE_HOLD);
    assert_true(has_note(&b, "port c has no role: random"));
    assert_true(has_note(&b, "port aresetn is active high, whatever its name says"));
    assert_true(has_note(&b, "port en is held at 1"));
    assert_true(has_note(&b, "input spare has no effect"));
    assert_ok(mp_trace_random(&trace, &b.d.bindings.weight, &b.d.bindings.activation,
                              MP_OPERANDS_UNIFORM, &o, &b.err),
              &b.err);
    assert_ok(mp_operands_activity_bound(&activity, &b.n.netlist, &b.d.bindings, &trace, &b.err),
              &b.err);
    assert_int_equal(activity.cycles, 64 * 27);
    /* Random bits move half of the time, each for itself; the held and constant ones do not. */
    const struct mp_netlist *n = &b.n.netlist;
    const struct mp_port *c = &n->ports[mp_netlist_port(n, "c")];
    for (uint32_t bit = 0; bit < 70; bit++) {
        assert_in_range(activity.transitions[c->nets[bit]], 64 * 27 * 4 / 10, 64 * 27 * 6 / 10);
        assert_in_range(activity.ones[c->nets[bit]], 64 * 27 * 4 / 10, 64 * 27 * 6 / 10);
    }
    const struct mp_port *k = &n->ports[mp_netlist_port(n, "k")];
    const struct mp_port *h = &n->ports[mp_netlist_port(n, "h")];
    for (uint32_t bit = 0; bit < 3; bit++) {
        assert_int_equal(activity.transitions[k->nets[bit]], 0);
        assert_int_equal(activity.ones[k->nets[bit]], bit != 1 ? 64 * 27 : 0);
        assert_int_equal(activity.transitions[h->nets[bit]], 0);
        assert_in_range(activity.ones[h->nets[bit]], 64 * 27 * 2 / 10, 64 * 27 * 8 / 10);
    }
    mp_activity_release(&activity);
    mp_trace_release(&trace);
    close_bench(&b);
}

static void port_names(void **state)
{
    static const struct {
        const char *name;
        enum mp_role role;
        bool low;
        uint32_t number;
    } rows[] = {{"x", MP_ROLE_ACTIVATION, false, 0},
                {"A_12", MP_ROLE_ACTIVATION, false, 12},
                {"act3", MP_ROLE_ACTIVATION, false, 3},
                {"i_w7", MP_ROLE_WEIGHT, false, 7},
                {"weight_i", MP_ROLE_WEIGHT, false, 0},
                {"in_valid", MP_ROLE_CONSTANT, false, 0},
                {"rst_n", MP_ROLE_RESET, true, 0},
                {"nreset", MP_ROLE_RESET, true, 0},
                {"aresetn", MP_ROLE_RESET, true, 0},
                {"arst", MP_ROLE_RESET, false, 0},
                {"reset_i", MP_ROLE_RESET, false, 0},
                {"rst_ni", MP_ROLE_RESET, true, 0},
                {"axis", MP_ROLE_NONE, false, 0},
                {"result", MP_ROLE_NONE, false, 0},
                {"n", MP_ROLE_NONE, false, 0},
                {"7", MP_ROLE_NONE, false, 0},
                {"first", MP_ROLE_FIRST, false, 0},
                {"burst", MP_ROLE_NONE, false, 0},
                {"", MP_ROLE_NONE, false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mp_port_name n;
        mp_port_name_read(&n, rows[i].name);
        if (n.role != rows[i].role || n.active_low != rows[i].low ||
            (n.role != MP_ROLE_NONE && n.number != rows[i].number))
            fail_msg("%s: role %s, %s, number %u", rows[i].name, mp_role_name(n.role),
                     n.active_low ? "low" : "high", n.number);
    }
}

static void refuse_ports(const char *text, const char *port, bool random, const char *words)
{
    struct bench b;

    open_bench(&b, 0, "p.v", text);
    b.job.bindings.ports = &port;
    b.job.bindings.port_count = port != NULL;
    b.job.bindings.random_operands = random;
    assert_int_equal(mp_user_design_read(&b.d, &b.job, &b.err), MP_E_USAGE);
    print_message("%s\n", b.err.message);
    if (strstr(b.err.message, words) == NULL)
        fail_msg("\"%s\" without \"%s\"", b.err.message, words);
    close_bench(&b);
}

static void refuses_ports(void **state)
{
    static const char more[] = "module p(input clk, input [3:0] x, y, c, d, output reg [9:0] z);\n"
                               "always @(posedge clk) z <= x * y + c + d;\nendmodule\n";
    static const char both[] =
        "module p(input [3:0] x, a, w, output [9:0] z);\nassign z = x * w + a;\nendmodule\n";
    static const char wide[] =
        "module p(input [39:0] x, w, output [79:0] z);\nassign z = x * w;\nendmodule\n";
    struct bench b;
    struct mp_format int8;

    (void)state;
    refuse_ports(more, NULL, false, "does not say what drives c, d");
    refuse_ports(more, "e=0", true, "no input e; its inputs are clk, x, y, c, d");
    refuse_ports(more, "clk=activation", true, "clocks the registers");
    refuse_ports(more, "c=clock", true, "not what clocks");
    refuse_ports(more, "c=16", true, "or a number of 4 bits");
    refuse_ports(more, "c=-9", true, "or a number of 4 bits");
    refuse_ports(more, "c=wieght", true, "or a number of 4 bits");
    refuse_ports(more, "c", true, "no NAME=ROLE");
    refuse_ports(more, "x=activation*3", true, "no whole number");
    refuse_ports(more, "c=first*2", true, "cannot be packed");
    refuse_ports(both, NULL, false, "x and a could both be the activation");
    refuse_ports(wide, NULL, true, "operands of 40 bits");
    open_bench(&b, 0, "p.v", more);
    assert_ok(mp_format_parse(&int8, "int8", &b.err), &b.err);
    b.job.bindings.weight = &int8;
    assert_int_equal(mp_user_design_read(&b.d, &b.job, &b.err), MP_E_USAGE);
    assert_non_null(strstr(b.err.message, "4 bits for each weight, not the 8 of int8"));
    assert_string_equal(b.err.file, "p.v");
    assert_int_equal(b.err.line, 1);
    close_bench(&b);
}

static void nothing_left(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"module t(input [3:0] a, output [3:0] z); assign z = a & ~a; endmodule\n", "constant"},
        {"module t(input clk, input [3:0] a, output reg [3:0] z);\n"
         "always @(posedge clk) z <= 4'd5; endmodule\n",
         "constant"},
        {"module t(input clk, input a, output z); assign z = 1'b0; endmodule\n",
         "no output that depends"},
    };
    struct bench b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_bench(&b, 0, "t.v", rows[i].text);
        int rc = mp_user_design_read(&b.d, &b.job, &b.err);
        if (rc == MP_OK)
            rc = mp_user_design_map(&b.n, &b.d, &b.job, 0, &b.err);
        print_message("%s\n", b.err.message);
        assert_int_equal(rc, MP_E_UNSUPPORTED);
        assert_non_null(strstr(b.err.message, rows[i].words));
        assert_string_equal(b.err.file, "t.v");
        close_bench(&b);
    }
}

/* A library without the flip-flop that a design needs. */
static void lacks_flip_flop(void **state)
{
    static const char *const set_reset[] = {"DFFSR"}, *const falling[] = {"DFFNEGX1"};
    struct bench b;

    (void)state;
    open_bench(&b, 0, "pipelined.sv", styles[3].text);
    mp_library_mark_dont_use(&b.target.library, set_reset, 1);
    assert_int_equal(mp_user_design_read(&b.d, &b.job, &b.err), MP_E_UNSUPPORTED);
    print_message("%s\n", b.err.message);
    assert_non_null(strstr(b.err.message, "rising-edge flip-flop with an asynchronous reset"));
    assert_string_equal(b.err.file, "pipelined.sv");
    assert_int_equal(b.err.line, 4);
    close_bench(&b);
    open_bench(&b, 0, "falling.v", styles[5].text);
    mp_library_mark_dont_use(&b.target.library, falling, 1);
    assert_int_equal(mp_user_design_read(&b.d, &b.job, &b.err), MP_E_UNSUPPORTED);
    print_message("%s\n", b.err.message);
    assert_non_null(strstr(b.err.message, "falling-edge"));
    assert_int_equal(b.err.line, 2);
    close_bench(&b);
}

static void refuse_mapped(const char *text, const char *clock, int code, int line,
                          const char *words)
{
    struct bench b;

    open_bench(&b, 0, "mapped.v", text);
    b.job.mapped = true;
    b.job.source.clock = clock;
    int rc = mp_user_design_read(&b.d, &b.job, &b.err);
    if (rc == MP_OK)
        rc = mp_user_design_map(&b.n, &b.d, &b.job, 0, &b.err);
    print_message("%s\n", b.err.message);
    if (rc != code || strstr(b.err.message, words) == NULL)
        fail_msg("code %d, \"%s\" without \"%s\"", rc, b.err.message, words);
    assert_string_equal(b.err.file, "mapped.v");
    if (line > 0)
        assert_int_equal(b.err.line, line);
    close_bench(&b);
}

static void mapped_netlist(void **state)
{
    static const char good[] = "module m(input ck, input [1:0] a, input w, output z);\n"
                               "wire n, p;\n"
                               "NAND2X1 g1 (.A(a[0]), .B(w), .Y(n));\n"
                               "AND2X2 g2 (.A(n), .B(a[1]), .Y(p));\n"
                               "DFFPOSX1 r (.D(p), .CLK(ck), .Q(z));\nendmodule\n";
    static const char *const ports[] = {"w=0b1"};
    struct bench b;

    (void)state;
    open_bench(&b, 0, "mapped.v", good);
    b.job.mapped = true;
    b.job.golden = "a[1] & ~(a[0] & w)";
    b.job.source.clock = "ck";
    b.job.bindings.ports = ports;
    b.job.bindings.port_count = 1;
    make(&b);
    assert_string_equal(b.d.clock, "ck");
    assert_int_equal(b.n.netlist.cell_count, 3);
    assert_int_equal(b.d.golden.latency, 1);
    assert_null(b.d.same.method);
    assert_int_equal(role_of(&b, "a"), MP_ROLE_ACTIVATION);
    assert_int_equal(role_of(&b, "w"), MP_ROLE_CONSTANT);
    close_bench(&b);
    refuse_mapped(good, "clk", MP_E_USAGE, 0, "no port clk");
    refuse_mapped(good, "w", MP_E_UNSUPPORTED, 0, "clocked by ck");
    refuse_mapped("module m(input a, output z);\n\nNOSUCHX1 g(.A(a), .Y(z));\nendmodule\n", NULL,
                  MP_E_INPUT, 3, "NOSUCHX1");
    refuse_mapped("module m(input a, output z);\nassign z = a;\nendmodule\n", NULL,
                  MP_E_UNSUPPORTED, 0, "no cells");
    refuse_mapped("module m(input a, output z);\nLATCH g(.D(a), .CLK(a), .Q(z));\nendmodule\n",
                  NULL, MP_E_UNSUPPORTED, 0, "latch");
}

/* A cell without area counts as 0, and the result says so; the rest of the area stays. */
static void mapped_without_area(void **state)
{
    static const char text[] = "module m(input ck, a, w, output z);\nwire n;\n"
                               "NAND2X1 g1 (.A(a), .B(w), .Y(n));\n"
                               "DFFPOSX1 r (.D(n), .CLK(ck), .Q(z));\nendmodule\n";
    struct bench b;

    (void)state;
    open_bench(&b, 0, "mapped.v", text);
    b.job.mapped = true;
    b.job.source.clock = "ck";
    uint32_t gate = mp_library_cell(&b.target.library, "NAND2X1");
    uint32_t flop = mp_library_cell(&b.target.library, "DFFPOSX1");
    b.target.library.cells[gate].area_um2 = NAN;
    make(&b);
    assert_true(has_note(&b, "1 cells NAND2X1 have no area in "));
    assert_true(mp_netlist_area_um2(&b.n.netlist) == b.target.library.cells[flop].area_um2);
    close_bench(&b);
}

/* Registers of both edges cannot be simulated, but a file has their activity. */
static void mapped_with_both_edges(void **state)
{
    static const char text[] = "module m(input ck, a, output y, z);\n"
                               "DFFNEGX1 s (.D(a), .CLK(ck), .Q(y));\n"
                               "DFFPOSX1 r (.D(y), .CLK(ck), .Q(z));\nendmodule\n";
    struct bench b;

    (void)state;
    refuse_mapped(text, "ck", MP_E_UNSUPPORTED, 0, "uses the other clock edge");
    open_bench(&b, 0, "mapped.v", text);
    b.job.mapped = b.job.activity_given = true;
    make(&b);
    assert_true(b.n.netlist.uses_both_edges);
    assert_string_equal(b.d.clock, "ck");
    close_bench(&b);
    open_bench(&b, 0, "mapped.v", text);
    b.job.mapped = b.job.activity_given = true;
    b.job.golden = "a"; /* simulates */
    assert_int_equal(mp_user_design_read(&b.d, &b.job, &b.err), MP_E_UNSUPPORTED);
    close_bench(&b);
}

/* Only what is mapped needs a library that can be mapped to. */
static void library_of_few_cells(void **state)
{
    static const char text[] = "library (few) { capacitive_load_unit (1, pf); nom_voltage : 1;\n"
                               " cell (INV) { pin (A) { direction : input; capacitance : 1; }\n"
                               " pin (Y) { direction : output; function : \"!A\"; } } }\n";
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {NULL};

    (void)state;
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    char *path = mp_path_join(dir.path, "few.lib");
    assert_ok(mp_file_write(path, text, sizeof text - 1, &err), &err);
    struct mp_experiment e = {.liberty = &path, .liberty_count = 1};
    struct mp_targets given = {.as_given = true}, mapped = {0};
    assert_ok(mp_targets_open(&given, &e, dir.path, &err), &err);
    assert_int_equal(given.count, 1);
    assert_null(given.items[0].prepared_path);
    assert_int_equal(mp_targets_open(&mapped, &e, dir.path, &err), MP_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "no usable rising-edge D flip-flop"));
    mp_targets_release(&given);
    mp_targets_release(&mapped);
    mp_tempdir_remove(&dir);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(styles_osu018),
                                       cmocka_unit_test(styles_elsewhere),
                                       cmocka_unit_test(registered_wrapper),
                                       cmocka_unit_test(sources_stay),
                                       cmocka_unit_test(golden_differs),
                                       cmocka_unit_test(mapped_differs),
                                       cmocka_unit_test(dot_product),
                                       cmocka_unit_test(roles),
                                       cmocka_unit_test(port_names),
                                       cmocka_unit_test(refuses_ports),
                                       cmocka_unit_test(nothing_left),
                                       cmocka_unit_test(lacks_flip_flop),
                                       cmocka_unit_test(mapped_netlist),
                                       cmocka_unit_test(mapped_without_area),
                                       cmocka_unit_test(mapped_with_both_edges),
                                       cmocka_unit_test(library_of_few_cells)};

    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
