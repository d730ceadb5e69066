/* The estimate of energy that chooses between candidates: what must cost more does. */
#include "estimator/synth/energy.h"
#include <math.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

static double energy_of(const struct fixture *f, const char *verilog,
                        const struct mp_synth_boundary *boundary, double period_s)
{
    struct mp_netlist n = {0};
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];
    if (mp_netlist_read_text(&n, &f->library, verilog, strlen(verilog), "x.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0)
        fail_msg("%s", mp_error_text(&err, text, sizeof text));
    double energy = mp_synth_energy_j(&n, boundary, period_s);
    assert_true(energy == mp_synth_energy_j(&n, boundary, period_s));
    mp_netlist_release(&n);
    return energy;
}

#define HEAD "module m(a, y); input [3:0] a; output [1:0] y; wire p, q, r;\n"

/* y[0] never changes where the copies of a[0] arrive together, and has a pulse at every edge of
 * a[0] where one of them is late. */
static void test_glitches(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 0);
    static const char still[] =
        HEAD "INVX1 i0 (.A(a[0]), .Y(p));\nINVX1 i1 (.A(a[0]), .Y(q));\n"
             "XOR2X1 x (.A(p), .B(q), .Y(y[0]));\nassign y[1] = 1'h0;\nendmodule\n";
    static const char late[] = HEAD "INVX1 i0 (.A(a[0]), .Y(p));\nBUFX2 i1 (.A(p), .Y(r));\n"
                                    "INVX1 i2 (.A(a[0]), .Y(q));\n"
                                    "BUFX2 i3 (.A(r), .Y(y[1]));\n"
                                    "XOR2X1 x (.A(y[1]), .B(q), .Y(y[0]));\nendmodule\n";
    static const char buffers[] =
        HEAD "INVX1 i0 (.A(a[0]), .Y(p));\nBUFX2 i1 (.A(p), .Y(r));\n"
             "INVX1 i2 (.A(a[0]), .Y(q));\n"
             "BUFX2 i3 (.A(r), .Y(y[1]));\nassign y[0] = 1'h0;\nendmodule\n";
    double quiet = energy_of(&f, still, NULL, 0), glitching = energy_of(&f, late, NULL, 0);
    double rest = energy_of(&f, buffers, NULL, 0);
    assert_true(quiet > 0 && rest > quiet);
    /* The pulses alone cost more than both inverters. */
    assert_true(glitching - rest > quiet);
    fixture_close(&f);
}

/* Loads cost energy: half of C V^2 an edge, two edges a period of a[0]; leakage what the library
 * says. */
static void test_loads(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 0);
    static const char wire[] =
        HEAD "INVX1 i0 (.A(a[0]), .Y(y[0]));\nassign y[1] = 1'h0;\nendmodule\n";
    struct mp_synth_boundary none = {MP_NONE, 0}, some = {MP_NONE, 100e-15},
                             more = {MP_NONE, 200e-15};
    double e0 = energy_of(&f, wire, &none, 0), e1 = energy_of(&f, wire, &some, 0);
    double e2 = energy_of(&f, wire, &more, 0);
    double charge = 0.5 * 100e-15 * f.library.voltage_v * f.library.voltage_v;
    /* a[0] changes in a quarter to a half of the cycles. */
    assert_true(e1 - e0 > 0.2 * charge && e1 - e0 < 0.7 * charge);
    assert_true(fabs((e2 - e1) - (e1 - e0)) < 0.2 * (e1 - e0));
    double leakage = f.library.cells[mp_library_cell(&f.library, "INVX1")].cell_leakage_power_w;
    assert_true(fabs(energy_of(&f, wire, &none, 1) - e0 - leakage) < 1e-6 * leakage);
    fixture_close(&f);
}

/* A register holds its value between edges; a toggle flip-flop changes in every cycle. */
static void test_registers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 0);
    static const char toggle[] = "module m(clk, y); input clk; output y; wire d;\n"
                                 "INVX1 i (.A(y), .Y(d));\n"
                                 "DFFPOSX1 r (.CLK(clk), .D(d), .Q(y));\nendmodule\n";
    static const char still[] = "module m(clk, y); input clk; output y; wire d;\n"
                                "BUFX2 i (.A(y), .Y(d));\n"
                                "DFFPOSX1 r (.CLK(clk), .D(d), .Q(y));\nendmodule\n";
    struct mp_synth_boundary load = {MP_NONE, 100e-15};
    double charge = 0.5 * 100e-15 * f.library.voltage_v * f.library.voltage_v;
    assert_true(energy_of(&f, toggle, &load, 0) > charge);
    assert_true(energy_of(&f, still, &load, 0) <= 0);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_glitches),
                                       cmocka_unit_test(test_loads),
                                       cmocka_unit_test(test_registers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
