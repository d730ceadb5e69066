/*
 * The exact mode: the worked examples of docs/power.md ("Exact mode"), where a case is described by
 * no group, equality with the compatible mode where inputs are independent, and what is refused.
 */
#include "estimator/activity/timed.h"
#include "estimator/power/exact.h"
#include "estimator/util/file.h"
#include "estimator/util/random.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_S 10e-9

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    struct mp_sdf sdf;
    struct mp_timed_result result;
    double *transitions, *duty, *slew_rise, *slew_fall;
    struct mp_power_input in;
    struct mp_power power;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* Every arc that a function needs takes 10 ps. */
static void make_delays(struct bench *b)
{
    size_t capacity = 0;
    for (uint32_t c = 0; c < b->netlist.cell_count; c++) {
        const struct mp_lib_cell *type = &b->library.cells[b->netlist.cell_type[c]];
        for (uint32_t o = 0; o < type->pin_count; o++) {
            const struct mp_expr *f = &b->library.pins[type->first_pin + o].function;
            uint64_t from = f->code == NULL                    ? 0
                            : type->sequential == MP_FLIP_FLOP ? mp_expr_support(&type->clocked_on)
                                                               : mp_expr_support(f);
            for (uint32_t k = 0; k < type->pin_count; k++) {
                struct mp_sdf_arc arc = {
                    .cell = c, .from_pin = k, .to_pin = o, .rise_s = 10e-12, .fall_s = 10e-12};
                if (!(from >> k & 1))
                    continue;
                mp_grow(&b->sdf.arcs, b->sdf.arc_count, &capacity, sizeof arc);
                b->sdf.arcs[b->sdf.arc_count++] = arc;
            }
        }
    }
}

/* liberty NULL: the library of the worked examples. Slews of all pins: 0.1 ns. */
static void bench_create(struct bench *b, const char *liberty, const char *netlist)
{
    struct mp_error err = MP_ERROR_INIT;
    *b = (struct bench){0};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root ? root : ".", "tests/power/golden/tiny.lib");
    const char *paths[] = {path};
    check(liberty ? mp_library_read_text(&b->library, liberty, strlen(liberty), "test.lib", &err)
                  : mp_library_read(&b->library, paths, 1, &err),
          &err);
    free(path);
    check(mp_netlist_read_text(&b->netlist, &b->library, netlist, strlen(netlist), "example.v",
                               NULL, &err),
          &err);
    check(mp_netlist_levelise(&b->netlist, &err), &err);
    make_delays(b);
    b->transitions = mp_alloc(b->netlist.net_count, sizeof(double));
    b->duty = mp_alloc(b->netlist.net_count, sizeof(double));
    b->slew_rise = mp_alloc(b->netlist.pin_count, sizeof(double));
    b->slew_fall = mp_alloc(b->netlist.pin_count, sizeof(double));
    for (uint32_t i = 0; i < b->netlist.pin_count; i++)
        b->slew_rise[i] = b->slew_fall[i] = 0.1e-9;
    b->in = (struct mp_power_input){.netlist = &b->netlist,
                                    .period_s = PERIOD_S,
                                    .transitions_per_cycle = b->transitions,
                                    .duty = b->duty,
                                    .slew_rise_s = b->slew_rise,
                                    .slew_fall_s = b->slew_fall};
}

static void bench_destroy(struct bench *b)
{
    mp_power_release(&b->power);
    mp_timed_result_release(&b->result);
    free(b->transitions);
    free(b->duty);
    free(b->slew_rise);
    free(b->slew_fall);
    mp_sdf_release(&b->sdf);
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->library);
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

/* Lanes of cycles; inputs[cycle][input][words]; the first cycle is not counted. */
static void simulate(struct bench *b, const uint64_t *inputs, size_t cycles, unsigned words,
                     const uint64_t *mask)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.period_s = PERIOD_S, .threads = 1, .cases = true};
    struct mp_timed *t;
    mp_timed_result_release(&b->result);
    check(mp_timed_create(&t, &b->netlist, &b->sdf, words, &o, &err), &err);
    size_t row = (size_t)mp_simulator_input_count(mp_timed_simulator(t)) * words;
    for (size_t c = 0; c < cycles; c++)
        check(mp_timed_step(t, inputs + c * row, c == 0 ? NULL : mask, &err), &err);
    check(mp_timed_finish(t, &b->result, &err), &err);
    mp_timed_destroy(t);
}

/* One lane: bit i of inputs[cycle] is input i. */
static void simulate_lane(struct bench *b, const unsigned *inputs, size_t cycles, unsigned count)
{
    uint64_t *planes = mp_alloc(cycles * count, sizeof *planes), mask = 1;
    for (size_t i = 0; i < cycles * count; i++)
        planes[i] = inputs[i / count] >> (i % count) & 1;
    simulate(b, planes, cycles, 1, &mask);
    free(planes);
}

static void use_activity(struct bench *b, const struct mp_activity *a)
{
    for (uint32_t i = 0; i < a->net_count; i++) {
        b->transitions[i] = (double)a->transitions[i] / (double)a->cycles;
        b->duty[i] = (double)a->ones[i] / (double)a->cycles;
    }
}

static void compute(struct bench *b, bool timed)
{
    struct mp_error err = MP_ERROR_INIT;
    use_activity(b, timed ? &b->result.timed : &b->result.functional);
    mp_power_release(&b->power);
    check(mp_power_compute_exact(&b->power, &b->in,
                                 timed ? b->result.timed_cases : b->result.functional_cases, &err),
          &err);
}

static void assert_w(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-9 * fabs(expected) + 1e-24))
        fail_msg("got %.12g W, expected %.12g W", got, expected);
}

static struct mp_power_parts part_of(const struct bench *b, const char *cell)
{
    return b->power.cells[find_cell(b, cell)];
}

/* One transition in the four cycles of an example, a second. */
#define EACH (1 / (4 * PERIOD_S))

/* The example of docs/power.md: a and b never move in the same cycle. */
static void example(struct bench *b)
{
    static const unsigned inputs[] = {0, 1, 3, 2, 0};
    bench_create(b, NULL,
                 "module example (clk, a, b, q);\n"
                 "  input clk, a, b; output q; wire y, n;\n"
                 "  AND2 u1 (.A(a), .B(b), .Y(y)); INV u2 (.A(y), .Y(n));\n"
                 "  DFF r (.CK(clk), .D(n), .Q(q));\n"
                 "endmodule\n");
    set_slew(b, "u1", "A", 0.1, 0.3);
    set_slew(b, "u1", "B", 0.5, 0.5);
    set_slew(b, "u2", "A", 0.2, 0.6);
    set_slew(b, "r", "D", 0.4, 0.4);
    simulate_lane(b, inputs, 5, 2);
}

static void check_example(const struct bench *b)
{
    assert_w(part_of(b, "u1").switching_w, 5e-6);
    assert_w(part_of(b, "u2").switching_w, 2e-6);
    /* Y: rise 0.02 pJ by B, fall 0.02 + 0.1 * 0.3 + 0.2 * 0.05 pJ by A; A: 0.002 + 0.004 pJ; B:
     * half of 0.004 pJ as Y rises with it, then 0.004 + 0.003 pJ */
    assert_w(part_of(b, "u1").internal_w,
             (0.02e-12 + 0.06e-12 + 0.006e-12 + 0.002e-12 + 0.007e-12) * EACH);
    /* rise by the falling input 0.1 * 0.6, fall by the rising one 0.05 * 0.2 */
    assert_w(part_of(b, "u2").internal_w, (0.06e-12 + 0.01e-12) * EACH);
    /* Q 0.05 + 0.07, QN 0.03 + 0.01, D falls once: 0.002; CK: rises with D 1 1 0 1, falls with D 1
     * 0 1 1 */
    assert_w(b->power.group[MP_GROUP_CLOCK_PINS].internal_w,
             (3 * 0.008e-12 + 0.02e-12 + 3 * 0.012e-12 + 0.02e-12) * EACH);
    assert_w(b->power.group[MP_GROUP_SEQUENTIAL].internal_w,
             (0.12e-12 + 0.04e-12 + 0.002e-12) * EACH);
    /* settled 10 11 01 00: 6, 8, 4 (the cell's), 6 nW */
    assert_w(part_of(b, "u1").leakage_w, 6e-9);
    assert_w(part_of(b, "u2").leakage_w, 5e-9);
    assert_w(part_of(b, "r").leakage_w, 3e-9);
    assert_w(b->power.unmatched_w, 0);
}

static void worked_example(void **state)
{
    (void)state;
    struct bench b;
    example(&b);
    compute(&b, false);
    check_example(&b);
    compute(&b, true); /* nothing moves with anything else: the same */
    check_example(&b);
    bench_destroy(&b);
}

static void compatible_differs_from_it(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct bench b;
    example(&b);
    use_activity(&b, &b.result.functional);
    check(mp_power_compute(&b.power, &b.in, &err), &err);
    /* what docs/power.md says of Y: (0.5 * 0.045 + 0.5 * 0.03) pJ, two transitions; A 0.003 pJ
     * twice, B 0.5 * (0.004 + 0.002) pJ twice */
    assert_w(part_of(&b, "u1").internal_w, (0.0375e-12 + 0.003e-12 + 0.003e-12) * 2 * EACH);
    bench_destroy(&b);
}

/* a rises as b falls; b comes 10 ps later, so y has a pulse: up by A with B 1, down by B with A 1.
 * Without delays nothing happens at y. */
static void worked_glitch(void **state)
{
    (void)state;
    static const unsigned inputs[] = {2, 1, 1, 1, 1};
    struct bench b;
    bench_create(&b, NULL,
                 "module m (a, b, y, z); input a, b; output y, z; wire late;\n"
                 "BUF u0 (.A(b), .Y(late)); AND2 u1 (.A(a), .B(late), .Y(y)); INV u2 (.A(y), "
                 ".Y(z)); endmodule\n");
    set_slew(&b, "u1", "A", 0.1, 0.3);
    simulate_lane(&b, inputs, 5, 2);
    compute(&b, true);
    /* Y: A rise 0.01 + 0.1 * 0.1 + 0.2 * 0.05, B fall 0.04; A: 0.002; B falls with A 1, Y falls
     * with it: half of 0.004 */
    assert_w(part_of(&b, "u1").internal_w, (0.03e-12 + 0.04e-12 + 0.002e-12 + 0.002e-12) * EACH);
    assert_w(part_of(&b, "u1").switching_w, 0.5 * 0.05e-12 * 4 * 2 * EACH);
    compute(&b, false);
    /* A: 0.002; B: others as they were (A 0: 0.004 + 0.003) by half, as they are (A 1, Y falls with
     * B: half of 0.004) by half */
    assert_w(part_of(&b, "u1").internal_w, (0.002e-12 + 0.0035e-12 + 0.001e-12) * EACH);
    assert_w(part_of(&b, "u1").switching_w, 0);
    bench_destroy(&b);
}

/* DFFN stores !D on the falling edge; groups of QN: D & QN, !D. It starts with IQ 0. */
static void unmatched_cases_are_counted(void **state)
{
    (void)state;
    static const unsigned inputs[] = {0, 1, 1, 1, 1};
    struct bench b;
    bench_create(&b, NULL,
                 "module m (clk, d, q, z); input clk, d; output q, z;\n"
                 "DFFN r (.CN(clk), .D(d), .QN(q)); INV i (.A(q), .Y(z)); endmodule\n");
    simulate_lane(&b, inputs, 5, 1);
    compute(&b, false);
    /* cycle 2 finds D 1 and IQ 1, QN 0: it rises, and neither condition holds: the mean of both */
    assert_w(part_of(&b, "r").internal_w, 0.03e-12 * EACH);
    assert_w(b.power.unmatched_w, 0.03e-12 * EACH);
    bench_destroy(&b);
}

static void edges_that_never_arrive(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct bench b;
    example(&b);
    set_slew(&b, "u2", "A", 0.2, NAN); /* the rise of Y is read at the slew that there is */
    compute(&b, false);
    assert_w(part_of(&b, "u2").internal_w, (0.02e-12 + 0.01e-12) * EACH);
    mp_power_release(&b.power);
    set_slew(&b, "u2", "A", 1e39, NAN);
    assert_int_equal(mp_power_compute_exact(&b.power, &b.in, b.result.functional_cases, &err),
                     MP_E_INPUT);
    assert_non_null(strstr(err.message, "u2"));
    assert_non_null(strstr(err.message, "pin A"));
    assert_null(b.power.cells);
    bench_destroy(&b);
}

static const char gates_library[] =
    "library (gates) { delay_model : table_lookup; time_unit : \"1ns\"; voltage_unit : \"1V\";\n"
    " current_unit : \"1mA\"; capacitive_load_unit (1, pf); leakage_power_unit : \"1nW\";\n"
    " nom_voltage : 1; default_input_pin_cap : 0.01;\n"
    " power_lut_template (slew) { variable_1 : input_transition_time; index_1 (\"0, 1\"); }\n"
    " cell (AND2) { area : 1;\n"
    "  leakage_power () { when : \"A & B\"; value : 8; }\n"
    "  leakage_power () { when : \"A & !B\"; value : 4; }\n"
    "  leakage_power () { when : \"!A & B\"; value : 3; }\n"
    "  leakage_power () { when : \"!A & !B\"; value : 1; }\n"
    "  pin (A) { direction : input;\n"
    "   internal_power () { when : \"!B\"; rise_power (scalar) { values (\"0.003\"); }\n"
    "    fall_power (scalar) { values (\"0.001\"); } } }\n"
    "  pin (B) { direction : input; }\n"
    "  pin (Y) { direction : output; function : \"A & B\";\n"
    "   timing () { related_pin : \"A\"; timing_sense : positive_unate; }\n"
    "   timing () { related_pin : \"B\"; timing_sense : positive_unate; }\n"
    "   internal_power () { related_pin : \"A\"; when : \"B\";\n"
    "    rise_power (slew) { values (\"0.01, 0.03\"); } fall_power (slew) { values (\"0.02, "
    "0.06\"); } "
    "}\n"
    "   internal_power () { related_pin : \"B\"; rise_power (scalar) { values (\"0.05\"); }\n"
    "    fall_power (scalar) { values (\"0.07\"); } } } }\n"
    " cell (XOR2) { area : 1; cell_leakage_power : 2;\n"
    "  pin (A) { direction : input; } pin (B) { direction : input; }\n"
    "  pin (Y) { direction : output; function : \"A ^ B\";\n"
    "   timing () { related_pin : \"A\"; } timing () { related_pin : \"B\"; }\n"
    "   internal_power () { related_pin : \"A\"; when : \"B\"; power (scalar) { values (\"0.01\"); "
    "} }\n"
    "   internal_power () { related_pin : \"A\"; when : \"!B\"; power (scalar) { values "
    "(\"0.02\"); } }\n"
    "   internal_power () { related_pin : \"B\"; when : \"A\"; power (scalar) { values (\"0.04\"); "
    "} }\n"
    "   internal_power () { related_pin : \"B\"; when : \"!A\"; power (scalar) { values "
    "(\"0.09\"); } } "
    "} }\n"
    " cell (DFFQ) { area : 1; cell_leakage_power : 2;\n"
    "  leakage_power () { when : \"CK & Q & !QN\"; value : 8; }\n"
    "  ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"CK\"; }\n"
    "  pin (CK) { direction : input; clock : true;\n"
    "   internal_power () { when : \"!D & !Q & QN\"; power (scalar) { values (\"0.001\"); } }\n"
    "   internal_power () { when : \"D & Q & !QN\"; power (scalar) { values (\"0.010\"); } }\n"
    "   internal_power () { when : \"!D & Q & !QN\";\n"
    "    fall_power (scalar) { values (\"0.100\"); } }\n"
    "   internal_power () { when : \"D & !Q & QN\";\n"
    "    fall_power (scalar) { values (\"1.000\"); } } }\n"
    "  pin (D) { direction : input;\n"
    "   internal_power () { when : \"CK & !Q & QN\"; power (scalar) { values (\"0.003\"); } }\n"
    "   internal_power () { when : \"!CK & Q & !QN\"; power (scalar) { values (\"0.005\"); } } }\n"
    "  pin (Q) { direction : output; function : \"IQ\"; }\n"
    "  pin (QN) { direction : output; function : \"IQN\"; } }\n"
    " cell (ODD) { area : 1; cell_leakage_power : 2;\n"
    "  pin (A) { direction : input;\n"
    "   internal_power () { when : \"Z\"; power (scalar) { values (\"0.01\"); } } }\n"
    "  pin (Z) { direction : output; }\n"
    "  pin (Y) { direction : output; function : \"A\";\n"
    "   timing () { related_pin : \"A\"; timing_sense : positive_unate; } } } }\n";

static void same_for_independent_inputs(void **state)
{
    (void)state;
    enum { CYCLES = 2000, WORDS = 8 };
    struct mp_error err = MP_ERROR_INIT;
    struct mp_random random;
    struct bench b;
    struct mp_power compatible;
    uint64_t *inputs = mp_alloc((size_t)CYCLES * 2 * WORDS, sizeof *inputs), mask[WORDS];
    bench_create(&b, gates_library,
                 "module m (a, b, y, x, v, w); input a, b; output y, x, v, w;\n"
                 "AND2 u (.A(a), .B(b), .Y(y)); XOR2 t (.A(a), .B(b), .Y(x));\n"
                 "XOR2 s (.A(y), .B(y), .Y(v)); XOR2 r (.A(x), .B(x), .Y(w)); endmodule\n");
    mp_random_seed(&random, 7);
    for (size_t i = 0; i < (size_t)CYCLES * 2 * WORDS; i++)
        inputs[i] = mp_random_u64(&random);
    memset(mask, 0xff, sizeof mask);
    set_slew(&b, "u", "A", 0.1, 0.3);
    simulate(&b, inputs, CYCLES, WORDS, mask);
    compute(&b, false);
    check(mp_power_compute(&compatible, &b.in, &err), &err);
    static const char *const names[] = {"u", "t"};
    for (int i = 0; i < 2; i++) {
        struct mp_power_parts e = part_of(&b, names[i]);
        struct mp_power_parts c = compatible.cells[find_cell(&b, names[i])];
        print_message("%s: internal %+.4f %%, leakage %+.4f %%\n", names[i],
                      100 * (e.internal_w / c.internal_w - 1),
                      100 * (e.leakage_w / c.leakage_w - 1));
        assert_w(e.switching_w, c.switching_w);
        assert_true(fabs(e.internal_w / c.internal_w - 1) < 0.003);
        assert_true(fabs(e.leakage_w / c.leakage_w - 1) < 0.003);
    }
    /* what it is for: s sees the same at both pins and does nothing, where independent pins would
     */
    assert_w(part_of(&b, "s").internal_w, 0);
    assert_w(b.power.unmatched_w, 0);
    mp_power_release(&compatible);
    free(inputs);
    bench_destroy(&b);
}

/* As in Nangate45, conditions name Q and QN, which are never independent. D 0 1 1 0 0, so Q 0 0 1
 * 1 0; the first is the cycle before. D moves right after the edge, when CK is 1. */
static void conditions_on_both_outputs(void **state)
{
    (void)state;
    static const unsigned inputs[] = {0, 1, 1, 0, 0};
    struct bench b;
    bench_create(&b, gates_library,
                 "module m (clk, d, q, z); input clk, d; output q, z;\n"
                 "DFFQ r (.CK(clk), .D(d), .Q(q)); AND2 v (.A(q), .B(q), .Y(z)); endmodule\n");
    simulate_lane(&b, inputs, 5, 1);
    compute(&b, false);
    /* rises with D Q 00, 10, 11, 01, falls with 10, 11, 01, 00 */
    assert_w(b.power.group[MP_GROUP_CLOCK_PINS].internal_w,
             (0.001e-12 + 0.010e-12 + 1.0e-12 + 0.010e-12 + 0.1e-12 + 0.001e-12) * EACH);
    /* D rises while Q is 0, falls while Q is 1 */
    assert_w(b.power.group[MP_GROUP_SEQUENTIAL].internal_w, 0.003e-12 * EACH);
    /* Q is 1 half of the time, and CK half of that */
    assert_w(part_of(&b, "r").leakage_w, 0.25 * 8e-9 + 0.75 * 2e-9);
    bench_destroy(&b);
}

static void assert_refused(struct bench *b, const struct mp_cases *cases, enum mp_code code,
                           const char *part)
{
    struct mp_error err = MP_ERROR_INIT;
    mp_power_release(&b->power);
    assert_int_equal(mp_power_compute_exact(&b->power, &b->in, cases, &err), code);
    if (!strstr(err.message, part))
        fail_msg("message without '%s': %s", part, err.message);
    assert_null(b->power.cells);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct bench b, other;
    example(&b);
    compute(&b, false);
    struct mp_cases *cases = b.result.functional_cases;
    b.transitions[b.netlist.pin_net[0]] += 0.25; /* one more of a's */
    assert_refused(&b, cases, MP_E_INPUT, "u1 pin A");
    compute(&b, false);
    b.duty[b.netlist.pin_net[0]] = 0.25;
    assert_refused(&b, cases, MP_E_INPUT, "duty");
    compute(&b, false);
    b.duty[b.netlist.pin_net[0]] = NAN;
    assert_refused(&b, cases, MP_E_INPUT, "duty");
    compute(&b, false);
    cases->cycles = 0;
    assert_refused(&b, cases, MP_E_INPUT, "no cycle");
    bench_create(&other, gates_library,
                 "module m (a, y); input a; output y; ODD u (.A(a), .Y(y)); ODD v (.A(y)); "
                 "endmodule\n");
    static const unsigned inputs[] = {0, 1, 0};
    simulate_lane(&other, inputs, 3, 1);
    assert_refused(&b, other.result.functional_cases, MP_E_INPUT, "netlist example");
    use_activity(&other, &other.result.functional);
    assert_refused(&other, other.result.functional_cases, MP_E_UNSUPPORTED, "reads Z");
    bench_destroy(&other);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(compatible_differs_from_it),
        cmocka_unit_test(worked_glitch),
        cmocka_unit_test(unmatched_cases_are_counted),
        cmocka_unit_test(edges_that_never_arrive),
        cmocka_unit_test(same_for_independent_inputs),
        cmocka_unit_test(conditions_on_both_outputs),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests_name("power_exact", tests, NULL, NULL);
}
