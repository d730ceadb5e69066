/*
 * Our simulator against Icarus Verilog, an independent judge: from the state and the inputs that a
 * dump shows, every net has to have the dump's value after every clock edge and the same number of
 * transitions. The dumps: the shared golden ones, and one made here with Yosys and Icarus.
 */
#include "estimator/interchange/annotation.h"
#include "estimator/interchange/saif.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/process.h"
#include "tests/netlist/golden_files.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <string.h>

/* What a dump shows, by cycle. It begins at a falling edge; inputs change at falling, everything
 * else at rising edges. value[cycle][net]: inputs as the rising edge of the cycle sees them,
 * everything else after it. */
struct seen {
    uint32_t nets;
    size_t cycles;
    double begin_s, period_s;
    bool has_begun;
    uint8_t *value, *first;
    size_t *filled; /* [net] cycles that are known */
};

static void fill(struct seen *s, uint32_t net, size_t to)
{
    for (; s->filled[net] < to && s->filled[net] <= s->cycles; s->filled[net]++)
        s->value[s->filled[net] * s->nets + net] =
            s->filled[net] ? s->value[(s->filled[net] - 1) * s->nets + net] : s->first[net];
}

static void observe(void *context, double time_s, uint32_t net, int value)
{
    struct seen *s = context;
    if (!s->has_begun) {
        s->begin_s = time_s;
        s->has_begun = true;
    }
    if (time_s <= s->begin_s) {
        s->first[net] = (uint8_t)value;
        return;
    }
    size_t cycle = (size_t)floor((time_s - s->begin_s) / s->period_s + 0.25);
    fill(s, net, cycle);
    if (cycle <= s->cycles) {
        s->value[cycle * s->nets + net] = (uint8_t)value;
        s->filled[net] = cycle + 1;
    }
}

/* State of a register by what its output shows. */
static uint64_t state_of(const struct mp_netlist *n, uint32_t cell, const uint8_t *values)
{
    const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
    for (uint32_t k = 0; k < type->pin_count; k++) {
        const struct mp_lib_pin *pin = &n->library->pins[type->first_pin + k];
        uint32_t net = n->pin_net[n->cell_first_pin[cell] + k];
        if (pin->direction != MP_DIR_OUTPUT || net == MP_NONE)
            continue;
        uint64_t one = (uint64_t)1 << type->pin_count;
        return mp_expr_eval(&pin->function, one) == values[net];
    }
    fail_msg("register %s drives nothing", n->cell_name[cell]);
    return 0;
}

static void pack(const struct seen *s, const uint32_t *input_nets, uint32_t count, size_t cycle,
                 uint64_t *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = cycle <= s->cycles ? s->value[cycle * s->nets + input_nets[i]] : 0;
}

static uint32_t list_inputs(const struct mp_netlist *n, uint32_t *nets)
{
    uint32_t count = 0;
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            if (n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[b] != n->clock_net)
                nets[count++] = n->ports[p].nets[b];
    return count;
}

static void assert_nets(const struct mp_netlist *n, const struct mp_simulator *sim,
                        const uint8_t *values, const bool *skipped, const char *when, size_t cycle)
{
    for (uint32_t net = 2; net < n->net_count; net++)
        if (!skipped[net] && (mp_simulator_net(sim, net)[0] & 1) != values[net])
            fail_msg("%s: net %s is not %u %s cycle %zu", n->name, n->net_name[net], values[net],
                     when, cycle);
}

/* As SAIF, plain and with the pins of cells, and back: the same numbers. */
static void assert_saif(const struct mp_netlist *n, const struct mp_annotation *v, double period_s)
{
    struct mp_tempdir t = {0};
    struct mp_annotation back = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation_options o = {.period_s = period_s};
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    char *path = mp_path_join(t.path, "a.saif.gz");
    for (unsigned k = 0; k < 2; k++) {
        struct mp_saif_options w = {.period_s = period_s, .scope = "tb.dut", .with_pins = k};
        if (mp_saif_write(path, n, &v->activity, &w, &err) < 0 ||
            mp_annotation_read(&back, n, path, &o, &err) < 0)
            fail_msg("%s:%d: %s", err.file, err.line, err.message);
        assert_int_equal(back.activity.cycles, v->activity.cycles);
        assert_int_equal(back.annotated_pins, back.connected_pins);
        assert_memory_equal(back.activity.transitions, v->activity.transitions,
                            n->net_count * sizeof *back.activity.transitions);
        assert_memory_equal(back.activity.ones, v->activity.ones,
                            n->net_count * sizeof *back.activity.ones);
        mp_annotation_release(&back);
    }
    free(path);
    mp_tempdir_remove(&t);
}

/* Returns how many nets agree in value and transitions over how many cycles. */
static void compare(const struct mp_netlist *n, const char *path, double period_s, size_t cycles)
{
    struct mp_error err = MP_ERROR_INIT;
    struct seen s = {.nets = n->net_count, .cycles = cycles, .period_s = period_s};
    struct mp_annotation_options o = {.period_s = period_s, .observer = observe, .context = &s};
    struct mp_annotation v;
    struct mp_activity a;
    struct mp_simulator *sim;
    const uint64_t mask = 1;
    s.value = mp_alloc((cycles + 1) * n->net_count, 1);
    s.first = mp_alloc(n->net_count, 1);
    s.filled = mp_alloc(n->net_count, sizeof *s.filled);
    if (mp_annotation_read(&v, n, path, &o, &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    assert_int_equal(v.activity.cycles, cycles);
    assert_saif(n, &v, period_s);
    assert_int_equal(mp_simulator_create(&sim, n, 1, MP_KERNEL_AUTO, &err), MP_OK);
    uint32_t *inputs = mp_alloc(n->net_count, sizeof *inputs), count = list_inputs(n, inputs);
    uint64_t *in = mp_alloc((size_t)count + 1, sizeof *in);
    uint64_t *state = mp_alloc((size_t)n->register_count + 1, sizeof *state);
    bool *skipped = mp_alloc(n->net_count, sizeof *skipped);
    for (uint32_t net = 2; net < n->net_count; net++)
        fill(&s, net, cycles + 1);
    for (uint32_t i = 0; i < n->register_count; i++)
        state[i] = state_of(n, n->registers[i], s.first);
    skipped[n->clock_net] = true;
    for (uint32_t i = 0; i < count; i++)
        in[i] = s.first[inputs[i]];
    mp_simulator_load(sim, state, in);
    assert_nets(n, sim, s.first, skipped, "before", 0);
    for (uint32_t i = 0; i < count; i++)
        skipped[inputs[i]] = true;
    for (size_t c = 0; c < cycles; c++) {
        pack(&s, inputs, count, c + 1, in);
        mp_simulator_step(sim, in, &mask);
        assert_nets(n, sim, s.value + c * n->net_count, skipped, "after", c);
    }
    mp_simulator_activity(sim, &a);
    for (uint32_t net = 2; net < n->net_count; net++)
        if (a.transitions[net] != v.activity.transitions[net])
            fail_msg("%s: net %s moved %lu times, %lu in the dump", n->name, n->net_name[net],
                     (unsigned long)a.transitions[net], (unsigned long)v.activity.transitions[net]);
    print_message("%s: all %u nets equal in value and transitions over %zu cycles\n", path,
                  n->net_count - 2, cycles);
    mp_activity_release(&a);
    mp_annotation_release(&v);
    mp_simulator_destroy(sim);
    free(skipped);
    free(state);
    free(in);
    free(inputs);
    free(s.filled);
    free(s.first);
    free(s.value);
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
            char netlist[64], dump[64];
            struct mp_netlist n;
            snprintf(netlist, sizeof netlist, "golden/%s.%s.v", golden_libraries[l].name,
                     golden_designs[d]);
            snprintf(dump, sizeof dump, "golden/%s.%s.vcd.gz", golden_libraries[l].name,
                     golden_designs[d]);
            char *path = golden_path(netlist), *vcd = golden_path(dump);
            if (path && vcd) {
                assert_int_equal(mp_netlist_read(&n, &lib, path, NULL, NULL), MP_OK);
                assert_int_equal(mp_netlist_levelise(&n, NULL), MP_OK);
                compare(&n, vcd, golden_libraries[l].period_s, 600);
                mp_netlist_release(&n);
                done++;
            }
            free(vcd);
            free(path);
        }
        mp_library_release(&lib);
    }
    if (done == 0)
        skip();
}

static const char design[] =
    "module mac(input clk, input first, input signed [4:0] x, input [3:0] y,\n"
    "           output reg signed [11:0] z, output reg p);\n"
    " reg f; reg signed [4:0] a; reg [3:0] b;\n"
    " always @(posedge clk) begin\n  f <= first; a <= x; b <= y;\n"
    "  z <= (f ? 12'sd0 : z) + a * $signed({1'b0, b});\n"
    "  if (b[0]) p <= ^z | (a < 0 & p);\n  if (f) p <= 1;\n end\nendmodule\n";

static const char testbench[] =
    "`timescale 1ns/1ps\nmodule tb;\n reg clk = 0, first = 1; reg [4:0] x = 0; reg [3:0] y = 0;\n"
    " wire [11:0] z; wire p; integer i;\n"
    " mac dut(.clk(clk), .first(first), .x(x), .y(y), .z(z), .p(p));\n"
    " initial begin\n  $dumpfile(\"out.vcd\");\n"
    "  for (i = 0; i < 508; i = i + 1) begin\n"
    "   if (i == 8) $dumpvars(0, dut);\n"
    "   first = i < 5 | $random % 7 == 0; x = i < 4 ? 0 : $random; y = $random;\n"
    "   #1 clk = 1; #1 clk = 0;\n  end\n  #0 $finish;\n end\nendmodule\n";

static bool run_tool(const char *cwd, const char *const *argv)
{
    struct mp_process_options o = {.argv = argv, .cwd = cwd, .timeout_s = 60};
    struct mp_process_result r = {0};
    struct mp_error err = MP_ERROR_INIT;
    int rc = mp_process_run(&r, &o, &err);
    if (rc == MP_E_NOT_FOUND) {
        printf("skipped: %s is not installed\n", argv[0]);
        return false;
    }
    if (rc < 0 || r.how != MP_EXITED || r.status != 0)
        fail_msg("%s: %s %s", argv[0], err.message, r.err.data ? r.err.data : "");
    mp_process_result_release(&r);
    return true;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char *path = mp_path_join(folder, name);
    assert_int_equal(mp_file_write(path, text, strlen(text), NULL), MP_OK);
    free(path);
}

static bool make_dump(const char *folder, const char *yosys_script, const char *models)
{
    const char *const yosys[] = {"yosys", "-q", "-s", "script.ys", NULL};
    const char *const iverilog[] = {"iverilog", "-o",   "sim", "testbench.v",
                                    "mapped.v", models, NULL};
    const char *const vvp[] = {"vvp", "sim", NULL};
    write_file(folder, "script.ys", yosys_script);
    write_file(folder, "design.v", design);
    write_file(folder, "testbench.v", testbench);
    return run_tool(folder, yosys) && run_tool(folder, iverilog) && run_tool(folder, vvp);
}

static void compare_in(const char *folder, const struct mp_library *lib)
{
    struct mp_netlist n;
    struct mp_error err = MP_ERROR_INIT;
    char *mapped = mp_path_join(folder, "mapped.v"), *vcd = mp_path_join(folder, "out.vcd");
    if (mp_netlist_read(&n, lib, mapped, NULL, &err) < 0 || mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    compare(&n, vcd, 2e-9, 500);
    free(vcd);
    free(mapped);
    mp_netlist_release(&n);
}

#define OSU018   "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define SIMCELLS "/usr/share/yosys/simcells.v"

static void fresh_osu018(void **state)
{
    (void)state;
    static const char script[] =
        "read_verilog design.v\nsynth -flatten -top mac\ndfflibmap -liberty " OSU018
        "\nabc -liberty " OSU018 "\nopt_clean -purge\nwrite_verilog -noattr -noexpr mapped.v\n"
        "design -reset\nread_liberty -ignore_miss_func " OSU018 "\nwrite_verilog models.v\n";
    static const char *const paths[] = {OSU018};
    struct mp_tempdir t = {0};
    struct mp_library lib = {0};
    if (!mp_file_exists(OSU018)) {
        printf("skipped: " OSU018 " is not there\n");
        skip();
    }
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    bool made = make_dump(t.path, script, "models.v");
    if (made) {
        assert_int_equal(mp_library_read(&lib, paths, 1, NULL), MP_OK);
        compare_in(t.path, &lib);
    }
    mp_library_release(&lib);
    mp_tempdir_remove(&t);
    if (!made)
        skip();
}

/* Elaborated, not mapped: with the enable of `p` kept as $_SDFFE_ or $_DFFE_ cells and every kind
 * of gate that ABC picks. */
static void fresh_yosys_gates(void **state)
{
    (void)state;
    static const char script[] =
        "read_verilog design.v\nsynth -flatten -top mac\n"
        "abc -g AND,NAND,OR,NOR,XOR,XNOR,ANDNOT,ORNOT,MUX,NMUX,AOI3,OAI3,AOI4,OAI4\n"
        "opt_clean -purge\nwrite_verilog -noattr -noexpr mapped.v\n";
    struct mp_tempdir t = {0};
    struct mp_library lib = {0};
    if (!mp_file_exists(SIMCELLS)) {
        printf("skipped: " SIMCELLS " is not there\n");
        skip();
    }
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    bool made = make_dump(t.path, script, SIMCELLS);
    if (made) {
        assert_int_equal(mp_gates_library(&lib, NULL), MP_OK);
        compare_in(t.path, &lib);
    }
    mp_library_release(&lib);
    mp_tempdir_remove(&t);
    if (!made)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(fresh_osu018),
        cmocka_unit_test(fresh_yosys_gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
