/*
 * Timed simulation against waveforms worked out by hand. Delays are in ps, a tick is 1 ps. A
 * waveform is written as "cycle:time net value".
 */
#include "estimator/activity/timed.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char library_text[] =
    "library (l) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); voltage_unit : \"1V\";\n"
    "current_unit : \"1mA\"; leakage_power_unit : \"1nW\";\n"
    "nom_voltage : 1; nom_temperature : 25; nom_process : 1;\n"
    "cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"!A\"; } }\n"
    "cell (AND) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (B) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"A B\"; } }\n"
    "cell (XOR) { area : 2; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (B) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"A ^ B\"; } }\n"
    "cell (MUX) { area : 2; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (B) { direction : input; capacitance : 1; }\n"
    "pin (S) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"(A !S) + (B S)\"; } }\n"
    "cell (DFF) { area : 4; ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"CK\"; }\n"
    "pin (CK) { direction : input; clock : true; capacitance : 1; }\n"
    "pin (D) { direction : input; capacitance : 1; }\n"
    "pin (Q) { direction : output; function : \"IQ\"; }\n"
    "pin (QN) { direction : output; function : \"IQN\"; } } }\n";

struct bench {
    struct mp_library library;
    struct mp_netlist n;
    struct mp_sdf sdf;
    struct mp_text seen;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* delays: CELL entries without the SDF's frame. */
static void open_bench(struct bench *b, const char *verilog, const char *delays)
{
    struct mp_error err = MP_ERROR_INIT;
    *b = (struct bench){0};
    check(mp_library_read_text(&b->library, library_text, strlen(library_text), "l.lib", &err),
          &err);
    check(mp_netlist_read_text(&b->n, &b->library, verilog, strlen(verilog), "n.v", NULL, &err),
          &err);
    check(mp_netlist_levelise(&b->n, &err), &err);
    char *sdf = mp_asprintf("(DELAYFILE (TIMESCALE 1ps) %s)", delays);
    check(mp_sdf_read_text(&b->sdf, &b->n, sdf, strlen(sdf), "d.sdf", &err), &err);
    free(sdf);
}

static void close_bench(struct bench *b)
{
    mp_text_release(&b->seen);
    mp_sdf_release(&b->sdf);
    mp_netlist_release(&b->n);
    mp_library_release(&b->library);
}

static void observe(void *context, size_t cycle, double time_s, uint32_t net, bool value)
{
    struct bench *b = context;
    mp_text_printf(&b->seen, "%s%zu:%.0f %s %d", b->seen.size ? ", " : "", cycle, time_s * 1e12,
                   b->n.net_name[net], value);
}

/* inputs: a character a bit, cycles apart by blanks; the first cycle is the warm-up. */
static int run(struct bench *b, const struct mp_timed_options *o, const char *inputs,
               struct mp_timed_result *r, struct mp_error *err)
{
    uint8_t bits[64];
    size_t cycles = 1, count = 0;
    for (const char *p = inputs; *p; p++) {
        if (*p == ' ')
            cycles++;
        else
            bits[count++] = *p == '1';
    }
    mp_text_release(&b->seen);
    return mp_timed_reference(r, &b->n, &b->sdf, o, cycles, 1, bits, observe, b, err);
}

static void expect_with(struct bench *b, const struct mp_timed_options *o, const char *inputs,
                        const char *waveform)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_result r;
    check(run(b, o, inputs, &r, &err), &err);
    assert_string_equal(b->seen.data ? b->seen.data : "", waveform);
    mp_timed_result_release(&r);
}

static void expect(struct bench *b, const char *inputs, const char *waveform)
{
    struct mp_timed_options o = {0};
    expect_with(b, &o, inputs, waveform);
}

#define INSTANCE(type, name, paths)                                                                \
    "(CELL (CELLTYPE \"" type "\") (INSTANCE " name ") (DELAY (ABSOLUTE " paths ")))"

static const char glitch_netlist[] = "module m(a, y); input a; output y; wire n;\n"
                                     "INV i (.A(a), .Y(n)); XOR x (.A(a), .B(n), .Y(y));\n"
                                     "endmodule\n";

/* y = a ^ !a: the pulse is as long as the inverter's delay. */
static void glitch(void **state)
{
    (void)state;
    struct bench b;
    struct mp_timed_result r;
    struct mp_timed_options o = {.period_s = 15e-12};
    open_bench(&b, glitch_netlist,
               INSTANCE("INV", "i", "(IOPATH A Y (7) (5))")
                   INSTANCE("XOR", "x", "(IOPATH A Y (10) (4)) (IOPATH B Y (9) (11))"));
    expect(&b, "0 1 0", "1:0 a 1, 1:4 y 0, 1:5 n 0, 1:14 y 1, 2:0 a 0, 2:4 y 0, 2:7 n 1, 2:16 y 1");
    check(run(&b, &o, "0 1 0 0", &r, NULL), NULL);
    uint32_t y = b.n.ports[mp_netlist_port(&b.n, "y")].nets[0];
    assert_int_equal(r.timed.cycles, 3);
    assert_int_equal(r.timed.transitions[y], 4);
    assert_int_equal(r.functional.transitions[y], 0);
    assert_int_equal(r.timed.ones[y], 3);
    assert_int_equal(r.unsettled_cycles, 1);
    assert_true(fabs(r.latest_s - 16e-12) < 1e-18);
    assert_int_equal(r.uncovered, 0);
    mp_timed_result_release(&r);
    close_bench(&b);
}

static void swallowed(void **state)
{
    (void)state;
    struct bench b;
    /* The pulse of 5 is shorter than the fall's 6, as long as the fall's 5. */
    open_bench(&b, glitch_netlist,
               INSTANCE("INV", "i", "(IOPATH A Y (7) (5))")
                   INSTANCE("XOR", "x", "(IOPATH A Y (10) (6)) (IOPATH B Y (9) (11))"));
    expect(&b, "0 1", "1:0 a 1, 1:5 n 0");
    /* Icarus: the event of 6 finds the function back at 1, that of 14 changes nothing. */
    struct mp_timed_options icarus = {.pending = MP_PENDING_ICARUS};
    expect_with(&b, &icarus, "0 1", "1:0 a 1, 1:5 n 0");
    close_bench(&b);
    open_bench(&b, glitch_netlist,
               INSTANCE("INV", "i", "(IOPATH A Y (7) (5))")
                   INSTANCE("XOR", "x", "(IOPATH A Y (10) (5)) (IOPATH B Y (9) (11))"));
    expect(&b, "0 1", "1:0 a 1, 1:5 n 0, 1:5 y 0, 1:14 y 1");
    close_bench(&b);
}

/* Under Icarus's rule the event of a swallowed pulse stays and sends a later value early. */
static void stale_event(void **state)
{
    (void)state;
    struct bench b;
    struct mp_timed_options icarus = {.pending = MP_PENDING_ICARUS};
    open_bench(&b,
               "module m(a, b, c, y); input a, b, c; output y; wire n, p, q;\n"
               "INV i (.A(b), .Y(n)); INV j (.A(c), .Y(p)); XOR w (.A(a), .B(n), .Y(q));\n"
               "XOR x (.A(q), .B(p), .Y(y)); endmodule\n",
               INSTANCE("INV", "i", "(IOPATH A Y (3) (3))")
                   INSTANCE("INV", "j", "(IOPATH A Y (8) (8))")
                       INSTANCE("XOR", "w", "(IOPATH A Y (1) (1)) (IOPATH B Y (1) (1))")
                           INSTANCE("XOR", "x", "(IOPATH A Y (10) (10)) (IOPATH B Y (10) (10))"));
    /* q moves at 1 and 4, p at 8: y's function at 1, 4, 8; its events at 11, 14, 18. */
    expect(&b, "000 111",
           "1:0 a 1, 1:0 b 1, 1:0 c 1, 1:1 q 0, 1:3 n 0, 1:4 q 1, 1:8 p 0, 1:18 y 1");
    expect_with(&b, &icarus, "000 111",
                "1:0 a 1, 1:0 b 1, 1:0 c 1, 1:1 q 0, 1:3 n 0, 1:4 q 1, 1:8 p 0, 1:11 y 1");
    close_bench(&b);
}

static void conditions(void **state)
{
    (void)state;
    struct bench b;
    struct mp_timed_options late = {.input_delay_s = 20e-12};
    open_bench(&b,
               "module m(a, b, y); input a, b; output y; XOR x (.A(a), .B(b), .Y(y));\n"
               "endmodule\n",
               INSTANCE("XOR", "x",
                        "(COND (B == 1'b0) (IOPATH A Y (1) (2)))"
                        "(COND (B == 1'b1) (IOPATH A Y (3) (4)))"
                        "(COND (A == 1'b0) (IOPATH B Y (5) (6)))"
                        "(COND (A == 1'b1) (IOPATH B Y (7) (8)))"));
    expect(&b, "00 10 00", "1:0 a 1, 1:1 y 1, 2:0 a 0, 2:2 y 0");
    expect(&b, "01 11 01", "1:0 a 1, 1:4 y 0, 2:0 a 0, 2:3 y 1");
    expect(&b, "00 01 00", "1:0 b 1, 1:5 y 1, 2:0 b 0, 2:6 y 0");
    expect(&b, "10 11 10", "1:0 b 1, 1:8 y 0, 2:0 b 0, 2:7 y 1");
    expect(&b, "00 11", "1:0 a 1, 1:0 b 1");
    expect_with(&b, &late, "00 10", "1:20 a 1, 1:21 y 1");
    close_bench(&b);
}

/* Several inputs at once: the smallest of their delays; edges of the input; edges without delay. */
static void smallest(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b,
               "module m(a, b, y); input a, b; output y; AND x (.A(a), .B(b), .Y(y));\n"
               "endmodule\n",
               INSTANCE("AND", "x",
                        "(IOPATH (posedge A) Y (9) (2)) (IOPATH (negedge A) Y () (8))"
                        "(IOPATH B Y (6) (7))"));
    expect(&b, "00 11 00", "1:0 a 1, 1:0 b 1, 1:6 y 1, 2:0 a 0, 2:0 b 0, 2:7 y 0");
    expect(&b, "01 11 01", "1:0 a 1, 1:9 y 1, 2:0 a 0, 2:8 y 0");
    close_bench(&b);
}

/* What no condition covers. */
static void uncovered(void **state)
{
    (void)state;
    struct bench b;
    struct mp_timed_result r;
    struct mp_timed_options o = {0};
    open_bench(&b,
               "module m(a, b, s, y); input a, b, s; output y;\n"
               "MUX x (.A(a), .B(b), .S(s), .Y(y)); endmodule\n",
               INSTANCE("MUX", "x",
                        "(COND (S == 1'b0) (IOPATH A Y (3) (4)))"
                        "(COND (S == 1'b1) (IOPATH B Y (5) (6)))"
                        "(COND (A == 1'b0 && B == 1'b1) (IOPATH S Y (7) (8)))"
                        "(COND (A == 1'b1 && B == 1'b0) (IOPATH S Y (9) (10)))"));
    /* a and s move, then 110: neither condition of s holds and A's is S == 0; of A's 3 and the
     * 7 and 9 of S the smallest. */
    check(run(&b, &o, "010 111", &r, NULL), NULL);
    assert_string_equal(b.seen.data, "1:0 a 1, 1:0 s 1, 1:3 y 1");
    assert_int_equal(r.uncovered, 1);
    mp_timed_result_release(&r);
    check(run(&b, &o, "010 011", &r, NULL), NULL);
    assert_string_equal(b.seen.data, "1:0 s 1, 1:7 y 1");
    assert_int_equal(r.uncovered, 0);
    mp_timed_result_release(&r);
    close_bench(&b);
}

static void registers(void **state)
{
    (void)state;
    struct bench b;
    open_bench(
        &b,
        "module m(clk, a, y); input clk, a; output y; wire q, n;\n"
        "DFF r (.CK(clk), .D(a), .Q(q), .QN(n)); AND x (.A(q), .B(n), .Y(y));\n"
        "endmodule\n",
        INSTANCE("DFF", "r", "(IOPATH (posedge CK) Q (30) (40)) (IOPATH (posedge CK) QN (50) (33))")
            INSTANCE("AND", "x", "(IOPATH A Y (2) (3)) (IOPATH B Y (2) (1))"));
    expect(&b, "0 1 0 0",
           "1:0 a 1, 2:0 a 0, 2:30 q 1, 2:32 y 1, 2:33 n 0, 2:34 y 0, 3:40 q 0, 3:50 n 1");
    close_bench(&b);
}

/* Delays are rounded to ticks; none is below one. */
static void ticks(void **state)
{
    (void)state;
    struct bench b;
    struct mp_timed_options fine = {.tick_s = 1e-13}, wrong = {.tick_s = 1};
    struct mp_timed_result r;
    open_bench(&b, glitch_netlist,
               INSTANCE("INV", "i", "(IOPATH A Y (7.6) (5.4))")
                   INSTANCE("XOR", "x", "(IOPATH A Y (10) (-3)) (IOPATH B Y (9) (11))"));
    expect(&b, "0 1", "1:0 a 1, 1:1 y 0, 1:5 n 0, 1:14 y 1");
    check(run(&b, &fine, "0 1", &r, NULL), NULL);
    assert_true(fabs(r.latest_s - 14.4e-12) < 1e-18);
    mp_timed_result_release(&r);
    assert_int_equal(run(&b, &wrong, "0 1", &r, NULL), MP_E_USAGE);
    close_bench(&b);
}

static void expect_error(const char *netlist, const char *delays, const char *inputs, int code,
                         const char *words)
{
    struct bench b;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {0};
    struct mp_timed_result r;
    open_bench(&b, netlist, delays);
    assert_int_equal(run(&b, &o, inputs, &r, &err), code);
    if (strstr(err.message, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, err.message);
    assert_null(r.timed.transitions);
    close_bench(&b);
}

#define INV_OK INSTANCE("INV", "i", "(IOPATH A Y (7) (5))")

static void missing(void **state)
{
    (void)state;
    expect_error(glitch_netlist, INV_OK INSTANCE("XOR", "x", "(IOPATH A Y (1) (2))"), "0 1",
                 MP_E_INPUT, "cell x (XOR) has no delay from pin B");
    expect_error(glitch_netlist,
                 INV_OK INSTANCE("XOR", "x", "(IOPATH A Y (1) ()) (IOPATH B Y (1) ())"), "0 1",
                 MP_E_INPUT, "cell x (XOR) has no fall delay to pin Y (net y)");
    expect_error(glitch_netlist,
                 INV_OK INSTANCE("XOR", "x", "(IOPATH A Y (1) (9e9)) (IOPATH B Y (1) (1))"), "0 1",
                 MP_E_INPUT, "TIMESCALE");
    expect_error("module m(clk, a, q); input clk, a; output q;\n"
                 "DFF r (.CK(clk), .D(a), .Q(q)); endmodule\n",
                 INSTANCE("DFF", "r", "(IOPATH (posedge CK) QN (1) (1))"), "0 1", MP_E_INPUT,
                 "cell r (DFF) has no fall delay to pin Q");
    /* Behind a constant OpenSTA leaves arcs out; it matters once the output moves. */
    const char *constant = "module m(a, y); input a; output y;\n"
                           "AND x (.A(a), .B(1'b1), .Y(y)); endmodule\n";
    const char *no_fall = INSTANCE("AND", "x", "(IOPATH A Y (3) ())");
    struct bench b;
    open_bench(&b, constant, no_fall);
    expect(&b, "0 1", "1:0 a 1, 1:3 y 1");
    close_bench(&b);
    expect_error(constant, no_fall, "0 1 0", MP_E_INPUT, "no fall delay");
}

/* The fast simulation tells the same, also after it was given steps to gather. */
static void fast_errors(void **state)
{
    (void)state;
    struct bench b;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {0}, icarus = {.pending = MP_PENDING_ICARUS};
    struct mp_timed_result r;
    struct mp_timed *t;
    const uint64_t zero = 0, one = 1, mask = 1;
    open_bench(&b,
               "module m(a, y); input a; output y;\n"
               "AND x (.A(a), .B(1'b1), .Y(y)); endmodule\n",
               INSTANCE("AND", "x", "(IOPATH A Y (3) ())"));
    assert_int_equal(mp_timed_create(&t, &b.n, &b.sdf, 1, &icarus, &err), MP_E_USAGE);
    assert_null(t);
    assert_int_equal(mp_timed_create(&t, &b.n, &b.sdf, 0, &o, &err), MP_E_USAGE);
    check(mp_timed_create(&t, &b.n, &b.sdf, 1, &o, &err), &err);
    check(mp_timed_step(t, &one, &mask, &err), &err);
    check(mp_timed_finish(t, &r, &err), &err);
    assert_int_equal(r.timed.transitions[b.n.ports[1].nets[0]], 1);
    mp_timed_result_release(&r);
    check(mp_timed_step(t, &zero, &mask, &err), &err);
    assert_int_equal(mp_timed_finish(t, &r, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "cell x (AND) has no fall delay to pin Y (net y)"));
    assert_int_equal(mp_timed_step(t, &one, &mask, &err), MP_E_USAGE);
    assert_int_equal(mp_timed_finish(t, &r, &err), MP_E_USAGE);
    mp_timed_destroy(t);
    mp_timed_destroy(NULL);
    close_bench(&b);
    open_bench(&b, glitch_netlist, INV_OK INSTANCE("XOR", "x", "(IOPATH A Y (1) (2))"));
    assert_int_equal(mp_timed_create(&t, &b.n, &b.sdf, 1, &o, &err), MP_E_INPUT);
    assert_null(t);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glitch),      cmocka_unit_test(swallowed), cmocka_unit_test(stale_event),
        cmocka_unit_test(conditions),  cmocka_unit_test(smallest),  cmocka_unit_test(uncovered),
        cmocka_unit_test(registers),   cmocka_unit_test(ticks),     cmocka_unit_test(missing),
        cmocka_unit_test(fast_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
