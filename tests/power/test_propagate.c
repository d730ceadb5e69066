#include "estimator/interchange/annotation.h"
#include "estimator/power/propagate.h"
#include "tests/netlist/golden_files.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <string.h>

struct bench {
    struct mp_library library;
    struct mp_netlist n;
    bool known[64];
    double density[64], duty[64];
    struct mp_propagation p;
    struct mp_error err;
};

static void begin(struct bench *b, const char *verilog)
{
    *b = (struct bench){0};
    assert_int_equal(
        mp_library_read_text(&b->library, small_library, strlen(small_library), "s", NULL), MP_OK);
    if (mp_netlist_read_text(&b->n, &b->library, verilog, strlen(verilog), "t.v", NULL, &b->err) <
            0 ||
        mp_netlist_levelise(&b->n, &b->err) < 0)
        fail_msg("%s", b->err.message);
    assert_true(b->n.net_count <= 64);
}

static void end(struct bench *b)
{
    mp_propagation_release(&b->p);
    mp_netlist_release(&b->n);
    mp_library_release(&b->library);
}

static uint32_t net_named(const struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->n.net_count; i++)
        if (strcmp(b->n.net_name[i], name) == 0)
            return i;
    fail_msg("no net %s", name);
    return 0;
}

static void give(struct bench *b, const char *name, double duty, double density)
{
    uint32_t net = net_named(b, name);
    b->known[net] = true;
    b->duty[net] = duty;
    b->density[net] = density;
}

static int propagate(struct bench *b, enum mp_propagate_rule rule)
{
    mp_propagation_release(&b->p);
    return mp_power_propagate(&b->p, &b->n, b->known, MP_ORIGIN_FILE, rule, b->density, b->duty,
                              &b->err);
}

static void must(struct bench *b, enum mp_propagate_rule rule)
{
    if (propagate(b, rule) < 0)
        fail_msg("%s", b->err.message);
}

static void expect(const struct bench *b, const char *name, double duty, double density)
{
    uint32_t net = net_named(b, name);
    if (fabs(b->duty[net] - duty) > 1e-6 || fabs(b->density[net] - density) > 1e-6)
        fail_msg("%s: duty %g, density %g; expected %g, %g", name, b->duty[net], b->density[net],
                 duty, density);
}

/* u: !(a b); P(u) = 1 - 1/2 * 1/4; D(u) = P(b) D(a) + P(a) D(b) = 1/4 * 0.4 + 1/2 * 0.2. q: the
 * data rate 0.2 is below 2 * 7/8 * 1/8 = 0.21875; r: its data are v = !q. */
static void by_hand(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, "module d(input clk, input a, b, output q, qn, r);\n wire u, v;\n"
              " NAND2 g(.A(a), .B(b), .Y(u)); DFF f(.CK(clk), .D(u), .Q(q), .QN(qn));\n"
              " INV i(.A(q), .Y(v)); DFF h(.CK(clk), .D(v), .Q(r));\nendmodule\n");
    give(&b, "a", 0.5, 0.4);
    give(&b, "b", 0.25, 0.2);
    must(&b, MP_PROPAGATE_DENSITY);
    expect(&b, "u", 0.875, 0.2);
    expect(&b, "q", 0.875, 0.2);
    expect(&b, "qn", 0.125, 0.2);
    expect(&b, "v", 0.125, 0.2);
    expect(&b, "r", 0.125, 0.2);
    expect(&b, "clk", 0.5, 2);
    /* Both 1 before and after: (1/2 - 0.2) (1/4 - 0.1) = 0.045, so a b falls with 1/8 - 0.045. */
    must(&b, MP_PROPAGATE_FUNCTIONAL);
    expect(&b, "u", 0.875, 0.16);
    expect(&b, "q", 0.875, 0.16);
    expect(&b, "v", 0.125, 0.16);
    expect(&b, "clk", 0.5, 2);
    /* a and b are on one pin each; u 2, q 2, qn 1, v 2, r 1, clk 2. */
    assert_int_equal(b.p.pins[MP_ORIGIN_FILE], 2);
    assert_int_equal(b.p.pins[MP_ORIGIN_PROPAGATED], 10);
    assert_int_equal(b.p.pins[MP_ORIGIN_SIMULATED], 0);
    assert_int_equal(b.p.nets[MP_ORIGIN_FILE], 2);
    assert_int_equal(b.p.nets[MP_ORIGIN_PROPAGATED], 6);
    assert_int_equal(b.p.origin[net_named(&b, "u")], MP_ORIGIN_PROPAGATED);
    assert_int_equal(b.p.origin[net_named(&b, "a")], MP_ORIGIN_FILE);
    end(&b);
}

/* Data that move often: 2 d (1 - d) counts. What is known stays, QN follows a known Q at once. */
static void registers(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, "module d(input clk, input a, e, rn, sn, output q, qn, k, kn, m, mn);\n wire w;\n"
              " DFF f(.CK(clk), .D(a), .Q(q), .QN(qn)); DFF g(.CK(clk), .D(a), .Q(k), .QN(kn));\n"
              " INV i(.A(kn), .Y(w));\n DFFE h(.CK(clk), .D(w), .E(e), .Q(m));\n"
              " DFFRS j(.CK(clk), .D(a), .RN(rn), .SN(sn), .Q(mn));\nendmodule\n");
    give(&b, "a", 0.2, 0.9);
    give(&b, "e", 0.25, 0.1);
    give(&b, "k", 0.7, 0.05);
    give(&b, "rn", 0.9, 0);
    give(&b, "sn", 1, 0);
    must(&b, MP_PROPAGATE_DENSITY);
    expect(&b, "q", 0.2, 0.32);
    expect(&b, "qn", 0.8, 0.32);
    expect(&b, "k", 0.7, 0.05);
    expect(&b, "kn", 0.3, 0.05);
    expect(&b, "w", 0.7, 0.05);
    expect(&b, "m", 0.7, 0.25 * 2 * 0.7 * 0.3); /* changes only if enabled */
    expect(&b, "mn", 0.9 * 0.2, 0.9 * (0.2 * (1 - 0.18) + 0.8 * 0.18));
    must(&b, MP_PROPAGATE_FUNCTIONAL); /* settled data of duty 0.2 move 0.4 times at most */
    expect(&b, "q", 0.2, 0.4);
    expect(&b, "qn", 0.8, 0.4);
    expect(&b, "w", 0.7, 0.05);
    expect(&b, "m", 0.7, 0.25 * 2 * 0.7 * 0.3);
    end(&b);
}

/* A full adder's sum (an xor: every change passes), and a divider by two, whose state is its own
 * data. */
static void xor_and_feedback(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, "module d(input clk, input a, b, c, output s, co, t);\n wire tn;\n"
              " FA x(.A(a), .B(b), .C(c), .S(s), .CO(co)); DFF f(.CK(clk), .D(tn), .Q(t));\n"
              " INV i(.A(t), .Y(tn));\nendmodule\n");
    give(&b, "a", 0.5, 0.1);
    give(&b, "b", 0.5, 0.2);
    give(&b, "c", 0.25, 0.3);
    must(&b, MP_PROPAGATE_DENSITY);
    expect(&b, "s", 0.5, 0.6);
    /* majority: 1/4 + 1/4 * 1/2; a matters if b != c, 1/2; c if a != b, 1/2 */
    expect(&b, "co", 0.375, 0.1 * 0.5 + 0.2 * 0.5 + 0.3 * 0.5);
    expect(&b, "t", 0.5, 0.5);
    must(&b, MP_PROPAGATE_FUNCTIONAL);
    /* an odd number of inputs moves: (1 - (1 - 2a)(1 - 2b)(1 - 2c)) / 2 */
    expect(&b, "s", 0.5, (1 - 0.8 * 0.6 * 0.4) / 2);
    expect(&b, "t", 0.5, 0.5);
    end(&b);
}

static void refusals(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, "module d(input clk, input a, b, z, output u);\n NAND2 g(.A(a), .B(b), .Y(u));\n"
              "endmodule\n");
    give(&b, "a", 0.5, 0.1);
    assert_int_equal(propagate(&b, MP_PROPAGATE_FUNCTIONAL), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "1 bits of input ports have no activity (b);"));
    give(&b, "b", 1.5, 0.1);
    assert_int_equal(propagate(&b, MP_PROPAGATE_FUNCTIONAL), MP_E_INPUT);
    assert_non_null(strstr(b.err.message, "net b has a duty of 1.5"));
    give(&b, "b", 0.5, NAN);
    assert_int_equal(propagate(&b, MP_PROPAGATE_FUNCTIONAL), MP_E_INPUT);
    give(&b, "b", 0.5, 0.1);
    assert_int_equal(propagate(&b, MP_PROPAGATE_FUNCTIONAL), MP_OK);
    assert_string_equal(mp_origin_name(b.p.origin[net_named(&b, "u")]), "propagated");
    end(&b);
}

static void give_registers(const struct mp_netlist *n, struct mp_annotation *a, double *density,
                           double *duty)
{
    for (uint32_t net = 0; net < n->net_count; net++) {
        uint32_t pin = n->net_driver[net], cell = pin == MP_NONE ? 0 : n->pin_cell[pin];
        bool is_logic =
            pin != MP_NONE && n->library->cells[n->cell_type[cell]].sequential == MP_COMBINATIONAL;
        a->net_annotated[net] = !is_logic;
        density[net] = is_logic ? NAN : a->transitions_per_cycle[net];
        duty[net] = is_logic ? NAN : a->duty[net];
    }
}

/* How far it is from the truth on real designs, known by ports and registers only as after an RTL
 * simulation: an estimate with a known weakness, so only its order of magnitude is asserted. */
static void against_dumps(void **state)
{
    (void)state;
    struct mp_library library = {0};
    struct mp_error err = MP_ERROR_INIT;
    const struct golden_library *g = &golden_libraries[1];
    if (!golden_read_library(&library, g))
        skip();
    for (size_t d = 0; d < GOLDEN_DESIGNS; d++) {
        char verilog[64], dump[64];
        snprintf(verilog, sizeof verilog, "golden/%s.%s.v", g->name, golden_designs[d]);
        snprintf(dump, sizeof dump, "golden/%s.%s.vcd.gz", g->name, golden_designs[d]);
        char *verilog_path = golden_path(verilog), *dump_path = golden_path(dump);
        struct mp_netlist n;
        struct mp_annotation a;
        struct mp_propagation p;
        struct mp_annotation_options o = {.period_s = g->period_s};
        if (!verilog_path || !dump_path)
            skip();
        assert_int_equal(mp_netlist_read(&n, &library, verilog_path, NULL, &err), MP_OK);
        assert_int_equal(mp_netlist_levelise(&n, &err), MP_OK);
        assert_int_equal(mp_annotation_read(&a, &n, dump_path, &o, &err), MP_OK);
        double before = 0, after[2] = {0}, off = 0;
        unsigned unknown = 0;
        double *density = mp_alloc(n.net_count, sizeof *density);
        double *duty = mp_alloc(n.net_count, sizeof *duty);
        for (unsigned rule = 0; rule < 2; rule++) {
            give_registers(&n, &a, density, duty);
            if (mp_power_propagate(&p, &n, a.net_annotated, MP_ORIGIN_FILE,
                                   (enum mp_propagate_rule)rule, density, duty, &err) < 0)
                fail_msg("%s", err.message);
            assert_int_equal(p.rounds, 1);
            for (uint32_t net = 2; net < n.net_count; net++) {
                if (p.origin[net] != MP_ORIGIN_PROPAGATED)
                    continue;
                after[rule] += density[net];
                before += rule ? 0 : a.transitions_per_cycle[net];
                off += rule ? 0 : fabs(duty[net] - a.duty[net]);
                unknown += !rule;
            }
            if (rule == 0)
                mp_propagation_release(&p);
        }
        print_message("%s: %.0f %% of the pins propagated: %.2f times the transitions of the dump, "
                      "%.2f by density; mean error of the duty %.3f\n",
                      golden_designs[d],
                      100.0 * p.pins[MP_ORIGIN_PROPAGATED] /
                          (p.pins[MP_ORIGIN_PROPAGATED] + p.pins[MP_ORIGIN_FILE]),
                      after[0] / before, after[1] / before, off / unknown);
        assert_true(after[0] > 0.7 * before && after[0] < 2 * before && off < 0.1 * unknown);
        assert_true(after[1] > after[0] && after[1] < 12 * before);
        free(density);
        free(duty);
        mp_propagation_release(&p);
        mp_annotation_release(&a);
        mp_netlist_release(&n);
        free(verilog_path);
        free(dump_path);
    }
    mp_library_release(&library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),          cmocka_unit_test(registers),
        cmocka_unit_test(xor_and_feedback), cmocka_unit_test(refusals),
        cmocka_unit_test(against_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
