/* The worked examples of docs/power.md and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimator/power/power.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The circuit of docs/power.md. */
static const char tiny_netlist[] = "module example (clk, a, b, q);\n"
                                   "  input clk, a, b;\n"
                                   "  output q;\n"
                                   "  wire y, n;\n"
                                   "  AND2 u1 (.A(a), .B(b), .Y(y));\n"
                                   "  INV u2 (.A(y), .Y(n));\n"
                                   "  DFF r (.CK(clk), .D(n), .Q(q));\n"
                                   "endmodule\n";

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    double *transitions, *duty, *slew_rise, *slew_fall;
    struct mp_power_input in;
    struct mp_power power;
};

/* Read both texts; every net is unknown (NaN) and every pin without a slew. */
static void bench_create(struct bench *b, const char *netlist)
{
    struct mp_error err = MP_ERROR_INIT;
    *b = (struct bench){0};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root ? root : ".", "tests/power/golden/tiny.lib");
    const char *paths[] = {path};
    if (mp_library_read(&b->library, paths, 1, &err) < 0)
        fail_msg("%s", err.message);
    free(path);
    if (mp_netlist_read_text(&b->netlist, &b->library, netlist, strlen(netlist), "example.v", NULL,
                             &err) < 0 ||
        mp_netlist_levelise(&b->netlist, &err) < 0)
        fail_msg("%s", err.message);
    b->transitions = mp_alloc(b->netlist.net_count, sizeof(double));
    b->duty = mp_alloc(b->netlist.net_count, sizeof(double));
    b->slew_rise = mp_alloc(b->netlist.pin_count, sizeof(double));
    b->slew_fall = mp_alloc(b->netlist.pin_count, sizeof(double));
    for (uint32_t i = 0; i < b->netlist.net_count; i++)
        b->transitions[i] = b->duty[i] = NAN;
    for (uint32_t i = 0; i < b->netlist.pin_count; i++)
        b->slew_rise[i] = b->slew_fall[i] = NAN;
    b->in = (struct mp_power_input){.netlist = &b->netlist,
                                    .period_s = 10e-9,
                                    .transitions_per_cycle = b->transitions,
                                    .duty = b->duty,
                                    .slew_rise_s = b->slew_rise,
                                    .slew_fall_s = b->slew_fall};
}

static void bench_destroy(struct bench *b)
{
    mp_power_release(&b->power);
    free(b->transitions);
    free(b->duty);
    free(b->slew_rise);
    free(b->slew_fall);
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->library);
}

static void set_net(struct bench *b, const char *name, double transitions, double duty)
{
    for (uint32_t i = 2; i < b->netlist.net_count; i++) {
        if (strcmp(b->netlist.net_name[i], name) == 0) {
            b->transitions[i] = transitions;
            b->duty[i] = duty;
            return;
        }
    }
    fail_msg("no net %s", name);
}

static uint32_t find_cell(const struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->netlist.cell_count; i++)
        if (strcmp(b->netlist.cell_name[i], name) == 0)
            return i;
    fail_msg("no cell %s", name);
    return MP_NONE;
}

static void set_slew(struct bench *b, const char *cell, const char *pin, double rise_ns,
                     double fall_ns)
{
    uint32_t c = find_cell(b, cell);
    uint32_t local = mp_library_pin(&b->library, b->netlist.cell_type[c], pin);
    assert_true(local != MP_NONE);
    b->slew_rise[b->netlist.cell_first_pin[c] + local] = rise_ns * 1e-9;
    b->slew_fall[b->netlist.cell_first_pin[c] + local] = fall_ns * 1e-9;
}

/* The figures that all worked examples start from. */
static void bench_example(struct bench *b)
{
    bench_create(b, tiny_netlist);
    set_net(b, "a", 0.4, 0.25);
    set_net(b, "b", 0.2, 0.5);
    set_net(b, "y", 0.1, 0.125);
    set_net(b, "n", 0.1, 0.875);
    set_net(b, "q", 0.1, 0.875);
    set_slew(b, "u1", "A", 0.1, 0.3);
    set_slew(b, "u1", "B", 0.5, 0.5);
    set_slew(b, "u2", "A", 0.2, 0.6);
    set_slew(b, "r", "D", 0.4, 0.4);
}

static void compute(struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    if (mp_power_compute(&b->power, &b->in, &err) < 0)
        fail_msg("%s", err.message);
}

static void assert_w(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-9 * fabs(expected) + 1e-24))
        fail_msg("got %.12g W, expected %.12g W", got, expected);
}

static void assert_fails(struct bench *b, enum mp_code code, const char *part1, const char *part2)
{
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_power_compute(&b->power, &b->in, &err), code);
    if (!strstr(err.message, part1) || !strstr(err.message, part2))
        fail_msg("message without '%s' and '%s': %s", part1, part2, err.message);
    assert_null(b->power.cells);
}

static struct mp_power_parts part_of(const struct bench *b, const char *cell)
{
    return b->power.cells[find_cell(b, cell)];
}

static void switching_is_half_c_v2_d(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    compute(&b);
    assert_w(part_of(&b, "u1").switching_w, 1.0e-6); /* 1/2 * 0.05 pF * 4 V^2 * 1e7/s */
    assert_w(part_of(&b, "u2").switching_w, 0.4e-6);
    assert_w(part_of(&b, "r").switching_w, 0.0);
    bench_destroy(&b);
}

static void wire_load_adds_to_the_pins(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    double *wire = mp_alloc(b.netlist.net_count, sizeof *wire);
    for (uint32_t i = 0; i < b.netlist.net_count; i++)
        wire[i] = strcmp(b.netlist.net_name[i], "q") == 0 ? 0.02e-12 : 0.0;
    b.in.wire_cap_f = wire;
    compute(&b);
    assert_w(part_of(&b, "r").switching_w, 0.4e-6);
    free(wire);
    bench_destroy(&b);
}

static void internal_of_gates(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    compute(&b);
    /* Y: 0.8 * 0.045 pJ + 0.2 * 0.03 pJ at 1e7/s; A: 0.003 pJ at 4e7/s; B: 0.25 * 0.004 pJ and
     * 0.75 * 0.002 pJ at 2e7/s */
    assert_w(part_of(&b, "u1").internal_w, 0.42e-6 + 0.12e-6 + 0.02e-6 + 0.03e-6);
    /* rising output from the falling input: (0.1 * 0.6 + 0.05 * 0.2) / 2 pJ at 1e7/s */
    assert_w(part_of(&b, "u2").internal_w, 0.35e-6);
    bench_destroy(&b);
}

static void internal_of_flop_and_clock_pin(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    compute(&b);
    /* Q: 0.06 pJ, QN (unconnected, moves with Q): 0.02 pJ, D: 0.001 pJ, each at 1e7/s; CK at slew
     * 0: (0.875 * 0.01 + 0.125 * 0.02) pJ at 2e8/s */
    assert_w(part_of(&b, "r").internal_w, 0.6e-6 + 0.2e-6 + 0.01e-6 + 2.25e-6);
    assert_w(b.power.group[MP_GROUP_CLOCK_PINS].internal_w, 2.25e-6);
    assert_w(b.power.group[MP_GROUP_SEQUENTIAL].internal_w, 0.81e-6);
    bench_destroy(&b);
}

static void leakage_by_condition(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    compute(&b);
    /* 8 * 0.125 + 6 * 0.5, and the cell's 4 for the remaining 0.375 */
    assert_w(part_of(&b, "u1").leakage_w, 5.5e-9);
    assert_w(part_of(&b, "u2").leakage_w, 5e-9);
    assert_w(part_of(&b, "r").leakage_w, 3e-9);
    bench_destroy(&b);
}

static void sums_split_the_total_once(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    struct mp_blocks found;
    mp_blocks_find(&found, &b.netlist);
    b.in.blocks = &found;
    compute(&b);
    double cells = 0.0, groups = 0.0, blocks = 0.0;
    for (uint32_t i = 0; i < b.power.cell_count; i++)
        cells += mp_power_total(&b.power.cells[i]);
    for (int g = 0; g < MP_GROUP_COUNT; g++)
        groups += mp_power_total(&b.power.group[g]);
    assert_int_equal(b.power.block_count, found.count);
    for (uint32_t k = 0; k < b.power.block_count; k++)
        blocks += mp_power_total(&b.power.block[k]);
    assert_w(mp_power_total(&b.power.total), 0.59e-6 + 0.35e-6 + 3.06e-6 + 1.4e-6 + 13.5e-9);
    assert_w(cells, mp_power_total(&b.power.total));
    assert_w(groups, cells);
    assert_w(blocks, cells);
    assert_string_equal(mp_power_group_name(MP_GROUP_CLOCK_PINS), "clock pins");
    mp_blocks_release(&found);
    bench_destroy(&b);
}

static void falling_edge_flop_with_inverted_output(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (clk, d, q, z); input clk, d; output q, z;\n"
                     "DFFN r (.CN(clk), .D(d), .QN(q)); INV i (.A(q), .Y(z)); endmodule\n");
    set_net(&b, "d", 0.5, 0.75);
    set_net(&b, "q", 0.4, 0.5);
    set_net(&b, "z", 0.4, 0.5);
    set_slew(&b, "i", "A", 0, 0);
    compute(&b);
    /* weights P(D & QN) = 0.375 and P(!D) = 0.25: (0.6 * 0.02 + 0.4 * 0.05) pJ at 4e7/s */
    assert_w(part_of(&b, "r").internal_w, 1.28e-6);
    assert_w(part_of(&b, "r").leakage_w, 9e-9);
    bench_destroy(&b);
}

static void rails_are_weighted_apart(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (a, z); input a; output z; wire y;\n"
                     "BUF u (.A(a), .Y(y)); BUF v (.A(y), .Y(z)); endmodule\n");
    set_net(&b, "a", 0.1, 0.5);
    set_net(&b, "y", 0.1, 0.5);
    set_net(&b, "z", 0.1, 0.5);
    set_slew(&b, "u", "A", 0.1, 0.1);
    set_slew(&b, "v", "A", 0.1, 0.1);
    compute(&b);
    assert_w(part_of(&b, "u").internal_w, 0.03e-12 * 1e7);
    bench_destroy(&b);
}

static void first_named_output_decides(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (a, b, z); input a, b; output z; wire s;\n"
                     "HA u (.A(a), .B(b), .CO(), .S(s)); BUF v (.A(s), .Y(z)); endmodule\n");
    set_net(&b, "a", 0.4, 0.25);
    set_net(&b, "b", 0.2, 0.5);
    set_net(&b, "s", 0.6, 0.5);
    set_net(&b, "z", 0.6, 0.5);
    set_slew(&b, "u", "A", 0.1, 0.1);
    set_slew(&b, "v", "A", 0.1, 0.1);
    compute(&b);
    assert_w(part_of(&b, "u").internal_w, 0.01e-12 * 4e7); /* P(dS/dA) = 1, not P(dCO/dA) */
    bench_destroy(&b);
}

static void constant_condition_counts_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (a, z, x); input a; output z, x; wire k;\n"
                     "INV i (.A(1'b1), .Y(k)); AND2C u (.A(a), .B(k), .Y(z));\n"
                     "AND2C v (.A(a), .B(a), .Y(x)); BUF w (.A(x)); endmodule\n");
    set_net(&b, "a", 0.1, 0.25);
    set_net(&b, "k", 0.0, 0.0);
    set_net(&b, "z", 0.0, 0.0);
    set_net(&b, "x", 0.1, 0.25);
    set_slew(&b, "w", "A", 0.1, 0.1);
    compute(&b);
    assert_w(part_of(&b, "u").leakage_w, 6e-9);
    assert_w(part_of(&b, "v").leakage_w, 0.75 * 2e-9 + 0.75 * 6e-9);
    /* an unconnected output moves by the function of its inputs */
    assert_w(part_of(&b, "w").internal_w, 0.03e-12 * 1e7);
    bench_destroy(&b);
}

static void one_missing_edge_leaves_the_other(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    set_slew(&b, "u2", "A", 1e39, 0.6);
    compute(&b);
    assert_w(part_of(&b, "u2").internal_w, 0.06e-12 * 1e7);
    mp_power_release(&b.power);
    set_slew(&b, "u2", "A", NAN, 0.6);
    compute(&b);
    assert_w(part_of(&b, "u2").internal_w, 0.06e-12 * 1e7);
    bench_destroy(&b);
}

static void missing_values_are_errors(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    set_net(&b, "y", NAN, 0.125);
    assert_fails(&b, MP_E_INPUT, "u1", "net y");
    set_net(&b, "y", 0.1, 1.5);
    assert_fails(&b, MP_E_INPUT, "u1", "duty");
    set_net(&b, "y", -0.1, 0.5);
    assert_fails(&b, MP_E_INPUT, "u1", "transitions");
    set_net(&b, "y", 0.1, 0.125);
    set_slew(&b, "u2", "A", NAN, NAN);
    assert_fails(&b, MP_E_INPUT, "u2", "pin A");
    set_slew(&b, "u2", "A", 0.1, 0.1);
    b.in.period_s = 0.0;
    assert_fails(&b, MP_E_INPUT, "period", "");
    b.in.period_s = 10e-9;
    b.library.voltage_v = NAN;
    assert_fails(&b, MP_E_INPUT, "voltage", "tiny");
    bench_destroy(&b);
}

static void no_switching_is_an_error(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    const char *const nets[] = {"a", "b", "y", "n", "q"};
    for (size_t i = 0; i < 5; i++)
        set_net(&b, nets[i], 0.0, 0.5);
    assert_fails(&b, MP_E_INPUT, "nothing switches", "example");
    bench_destroy(&b);
}

/* A gate that drives nothing but an output port has no load to switch, and yet its own power. */
static void without_load_there_is_internal_power(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (a, z); input a; output z; INV u (.A(a), .Y(z)); endmodule\n");
    set_net(&b, "a", 0.1, 0.5);
    set_net(&b, "z", 0.1, 0.5);
    set_slew(&b, "u", "A", 0.2, 0.6);
    compute(&b);
    assert_true(b.power.total.switching_w == 0.0);
    assert_w(b.power.total.internal_w, 0.35e-6); /* as in the example of docs/power.md */
    bench_destroy(&b);
}

/* Each output charges its load to its own supply. */
static void supplies_may_differ(void **state)
{
    (void)state;
    struct bench b;
    bench_example(&b);
    uint32_t gate = find_cell(&b, "u1"), type = b.netlist.cell_type[gate];
    uint32_t y = mp_library_pin(&b.library, type, "Y");
    assert_true(b.library.pins[b.library.cells[type].first_pin + y].supply_v == 2.0);
    b.library.pins[b.library.cells[type].first_pin + y].supply_v = 1.0;
    compute(&b);
    assert_w(part_of(&b, "u1").switching_w, 0.25e-6); /* 1 uW at 2 V */
    assert_w(part_of(&b, "u2").switching_w, 0.4e-6);
    bench_destroy(&b);
}

static void cell_without_leakage_is_an_error(void **state)
{
    (void)state;
    struct bench b;
    bench_create(&b, "module m (a, z); input a; output z; NOLEAK u (.A(a), .Y(z)); endmodule\n");
    set_net(&b, "a", 0.1, 0.5);
    set_net(&b, "z", 0.1, 0.5);
    assert_fails(&b, MP_E_INPUT, "NOLEAK", "leakage");
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(switching_is_half_c_v2_d),
        cmocka_unit_test(wire_load_adds_to_the_pins),
        cmocka_unit_test(internal_of_gates),
        cmocka_unit_test(internal_of_flop_and_clock_pin),
        cmocka_unit_test(leakage_by_condition),
        cmocka_unit_test(sums_split_the_total_once),
        cmocka_unit_test(falling_edge_flop_with_inverted_output),
        cmocka_unit_test(rails_are_weighted_apart),
        cmocka_unit_test(first_named_output_decides),
        cmocka_unit_test(constant_condition_counts_alone),
        cmocka_unit_test(one_missing_edge_leaves_the_other),
        cmocka_unit_test(missing_values_are_errors),
        cmocka_unit_test(no_switching_is_an_error),
        cmocka_unit_test(without_load_there_is_internal_power),
        cmocka_unit_test(supplies_may_differ),
        cmocka_unit_test(cell_without_leakage_is_an_error),
    };
    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
