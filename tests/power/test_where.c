/* Where the power goes: the example of docs/power.md by hand, and sums that must hold. */
#include "estimator/power/where.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    struct mp_blocks blocks;
    double *transitions, *timed_transitions, *duty, *slew;
    struct mp_power functional, timed, exact;
    struct mp_where_input in;
    struct mp_where where;
};

/* Every net moves by a number of its own, more with delays; every slew is 0.2 ns. */
static void open_netlist(struct bench *b, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root ? root : ".", "tests/power/golden/tiny.lib");
    const char *paths[] = {path};
    memset(b, 0, sizeof *b);
    if (mp_library_read(&b->library, paths, 1, &err) < 0 ||
        mp_netlist_read_text(&b->netlist, &b->library, text, strlen(text), "t.v", NULL, &err) < 0 ||
        mp_netlist_levelise(&b->netlist, &err) < 0)
        fail_msg("%s", err.message);
    free(path);
    uint32_t nets = b->netlist.net_count, pins = b->netlist.pin_count;
    b->transitions = mp_alloc(nets, sizeof(double));
    b->timed_transitions = mp_alloc(nets, sizeof(double));
    b->duty = mp_alloc(nets, sizeof(double));
    b->slew = mp_alloc(pins, sizeof(double));
    for (uint32_t i = 0; i < nets; i++) {
        b->transitions[i] = 0.01 * (i * 7 % 23 + 1);
        b->timed_transitions[i] = b->transitions[i] + 0.01 * (i * 5 % 11);
        b->duty[i] = 0.05 * (i * 3 % 19 + 1);
    }
    for (uint32_t i = 0; i < pins; i++)
        b->slew[i] = 0.2e-9;
    mp_blocks_find(&b->blocks, &b->netlist);
}

static void compute(struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_power_input in = {.netlist = &b->netlist,
                                .period_s = 10e-9,
                                .transitions_per_cycle = b->transitions,
                                .duty = b->duty,
                                .slew_rise_s = b->slew,
                                .slew_fall_s = b->slew,
                                .blocks = &b->blocks};
    if (mp_power_compute(&b->functional, &in, &err) < 0)
        fail_msg("%s", err.message);
    in.transitions_per_cycle = b->timed_transitions;
    if (mp_power_compute(&b->timed, &in, &err) < 0 || mp_power_compute(&b->exact, &in, &err) < 0)
        fail_msg("%s", err.message);
    b->in = (struct mp_where_input){.netlist = &b->netlist,
                                    .blocks = &b->blocks,
                                    .functional = &b->functional,
                                    .timed = &b->timed,
                                    .exact_timed = &b->exact,
                                    .transitions = b->transitions,
                                    .timed_transitions = b->timed_transitions};
}

static void make(struct bench *b, enum mp_where_by by, uint32_t top)
{
    struct mp_error err = MP_ERROR_INIT;
    mp_where_release(&b->where);
    if (mp_where_make(&b->where, by, &b->in, top, &err) < 0)
        fail_msg("%s", err.message);
}

static void close_bench(struct bench *b)
{
    mp_where_release(&b->where);
    mp_power_release(&b->functional);
    mp_power_release(&b->timed);
    mp_power_release(&b->exact);
    mp_blocks_release(&b->blocks);
    free(b->transitions);
    free(b->timed_transitions);
    free(b->duty);
    free(b->slew);
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->library);
}

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-9 * fabs(expected) + 1e-27))
        fail_msg("%.17g instead of %.17g", got, expected);
}

static const struct mp_where_row *row(const struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->where.count; i++)
        if (strcmp(b->where.rows[i].name, name) == 0)
            return &b->where.rows[i];
    fail_msg("no row %s", name);
    return NULL;
}

/* The circuit of docs/power.md: u1 drives y, u2 n, r q. */
static void open_example(struct bench *b)
{
    static const struct {
        const char *net;
        double transitions, timed, duty;
    } nets[] = {{"a", 0.4, 0.4, 0.25},
                {"b", 0.2, 0.2, 0.5},
                {"y", 0.1, 0.3, 0.125},
                {"n", 0.1, 0.3, 0.875},
                {"q", 0.1, 0.1, 0.875}};
    static const struct {
        const char *cell;
        uint32_t pin;
        double slew_ns;
    } slews[] = {{"u1", 0, 0.2}, {"u1", 1, 0.5}, {"u2", 0, 0.4}, {"r", 1, 0.4}};
    open_netlist(b, "module example (clk, a, b, q); input clk, a, b; output q; wire y, n;\n"
                    "AND2 u1 (.A(a), .B(b), .Y(y)); INV u2 (.A(y), .Y(n));\n"
                    "DFF r (.CK(clk), .D(n), .Q(q));\nendmodule\n");
    for (uint32_t i = 2; i < b->netlist.net_count; i++)
        for (size_t k = 0; k < sizeof nets / sizeof *nets; k++)
            if (strcmp(b->netlist.net_name[i], nets[k].net) == 0) {
                b->transitions[i] = nets[k].transitions;
                b->timed_transitions[i] = nets[k].timed;
                b->duty[i] = nets[k].duty;
            }
    for (uint32_t c = 0; c < b->netlist.cell_count; c++)
        for (size_t k = 0; k < sizeof slews / sizeof *slews; k++)
            if (strcmp(b->netlist.cell_name[c], slews[k].cell) == 0)
                b->slew[b->netlist.cell_first_pin[c] + slews[k].pin] = slews[k].slew_ns * 1e-9;
    compute(b);
}

static void the_example_by_net(void **state)
{
    (void)state;
    struct bench b;
    open_example(&b);
    make(&b, MP_WHERE_NET, 0);
    assert_int_equal(b.where.count, 6);
    /* switching, the output's own, pins A (0.12) and B (0.02 + 0.03), leakage; see docs/power.md */
    const struct mp_where_row *y = row(&b, "y");
    assert_near(y->functional.switching_w, 1e-6);
    assert_near(y->functional.internal_w, 0.42e-6 + 0.12e-6 + 0.05e-6);
    assert_near(y->functional.leakage_w, 5.5e-9);
    assert_near(y->glitch_w, 2 * (1e-6 + 0.42e-6));
    assert_near(y->load_f, 0.05e-12);
    assert_near(y->transitions, 0.1);
    assert_near(y->timed_transitions, 0.3);
    assert_string_equal(y->kind, "AND2");
    assert_string_equal(y->driver, "u1");
    assert_int_equal(y->loads, 1);
    assert_string_equal(row(&b, "clk")->kind, "clock");
    assert_near(row(&b, "clk")->total_w, 2.25e-6);
    assert_near(row(&b, "clk")->transitions, 2);
    assert_near(row(&b, "q")->functional.internal_w, 0.6e-6 + 0.2e-6 + 0.01e-6);
    assert_near(row(&b, "q")->functional.leakage_w, 3e-9);
    assert_string_equal(row(&b, "a")->kind, "input port");
    assert_near(row(&b, "a")->total_w, 0);
    assert_string_equal(b.where.rows[0].name, "y"); /* 4.4 uW */
    assert_string_equal(b.where.rows[1].name, "clk");
    close_bench(&b);
}

static void the_example_by_the_rest(void **state)
{
    (void)state;
    struct bench b;
    open_example(&b);
    make(&b, MP_WHERE_GROUP, 0);
    assert_near(row(&b, "clock pins")->total_w, 2.25e-6);
    assert_int_equal(row(&b, "clock pins")->cells, 0);
    assert_int_equal(row(&b, "combinational")->cells, 2);
    assert_near(row(&b, "combinational")->transitions, 0.2);
    assert_near(row(&b, "combinational")->timed_transitions, 0.6);
    make(&b, MP_WHERE_KIND, 0);
    assert_near(row(&b, "DFF")->area_um2, 5);
    assert_near(row(&b, "DFF")->functional.internal_w, 3.06e-6);
    make(&b, MP_WHERE_CELL, 0);
    assert_near(row(&b, "u1")->functional.internal_w, 0.59e-6);
    assert_string_equal(row(&b, "u2")->kind, "INV");
    assert_string_equal(row(&b, "u2")->block, "q logic");
    make(&b, MP_WHERE_BLOCK, 0);
    assert_int_equal(b.where.count, 2);
    assert_int_equal(row(&b, "q logic")->cells, 2);
    assert_near(row(&b, "q logic")->load_f, 0.05e-12 + 0.02e-12);
    close_bench(&b);
}

static const char wide_netlist[] =
    "module wide (clk, a, b, s, z); input clk; input [3:0] a, b; output [4:0] s; output z;\n"
    " wire [3:0] p, c, d; wire e, f;\n"
    " HA h0 (.A(a[0]), .B(b[0]), .S(p[0]), .CO(c[0])); HA h1 (.A(a[1]), .B(b[1]), .S(p[1]),\n"
    " .CO(c[1])); HA h2 (.A(a[2]), .B(b[2]), .S(p[2])); HA h3 (.A(a[3]), .B(b[3]), .CO(c[3]));\n"
    " AND2 g0 (.A(p[0]), .B(c[1]), .Y(d[0])); AND2 g1 (.A(p[1]), .B(c[0]), .Y(d[1]));\n"
    " INV i0 (.A(p[2]), .Y(d[2])); BUF i1 (.A(c[3]), .Y(d[3])); INV i2 (.A(d[0]), .Y(e));\n"
    " INV dead (.A(e)); AND2 g2 (.A(1'b1), .B(e), .Y(z));\n"
    " DFF r0 (.CK(clk), .D(d[0]), .Q(s[0])); DFF r1 (.CK(clk), .D(d[1]), .QN(s[1]));\n"
    " DFF r2 (.CK(clk), .D(d[2]), .Q(s[2]), .QN(s[4])); DFF r3 (.CK(clk), .D(d[3]), .Q(s[3]));\n"
    " DFF lone (.CK(clk), .D(e)); endmodule\n";

static void assert_sums(const struct mp_where *w, const struct bench *b)
{
    struct mp_where_row sum = {0};
    double last = INFINITY;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct mp_where_row *r = &w->rows[i];
        sum.functional.internal_w += r->functional.internal_w;
        sum.functional.switching_w += r->functional.switching_w;
        sum.functional.leakage_w += r->functional.leakage_w;
        sum.glitch_w += r->glitch_w;
        sum.total_w += r->total_w;
        sum.share += r->share;
        sum.exact_w += r->exact_w;
        sum.cells += r->cells;
        sum.area_um2 += r->area_um2;
        if (i + 1 < w->count || w->others == 0) {
            assert_true(r->total_w <= last);
            last = r->total_w;
        }
    }
    assert_near(sum.functional.internal_w, b->functional.total.internal_w);
    assert_near(sum.functional.switching_w, b->functional.total.switching_w);
    assert_near(sum.functional.leakage_w, b->functional.total.leakage_w);
    assert_near(sum.total_w, mp_power_total(&b->timed.total));
    assert_near(sum.glitch_w,
                mp_power_total(&b->timed.total) - mp_power_total(&b->functional.total));
    assert_near(sum.exact_w, mp_power_total(&b->exact.total));
    assert_near(sum.share, 1);
    assert_int_equal(sum.cells, b->netlist.cell_count);
    assert_near(sum.area_um2, mp_netlist_area_um2(&b->netlist));
    assert_near(w->total.total_w, sum.total_w);
}

static void rows_sum_to_the_total(void **state)
{
    (void)state;
    struct bench b;
    open_netlist(&b, wide_netlist);
    compute(&b);
    for (enum mp_where_by by = MP_WHERE_BLOCK; by < MP_WHERE_COUNT; by++)
        for (uint32_t top = 0; top < 8; top++) {
            make(&b, by, top);
            assert_sums(&b.where, &b);
            uint32_t all = b.where.count - (b.where.others > 0) + b.where.others;
            assert_int_equal(b.where.count, top && top < all ? top + 1 : all);
        }
    make(&b, MP_WHERE_NET, 3);
    char name[32];
    snprintf(name, sizeof name, "others (%u)", b.where.others);
    assert_string_equal(b.where.rows[3].name, name);
    assert_true(b.where.others > 10);
    close_bench(&b);
}

/* A driver of two nets gives each its own pin's and half of the rest. */
static void outputs_share_the_rest(void **state)
{
    (void)state;
    struct bench b;
    open_netlist(&b, wide_netlist);
    compute(&b);
    make(&b, MP_WHERE_NET, 0);
    const struct mp_where_row *s = row(&b, "p[0]"), *co = row(&b, "c[0]");
    uint32_t first = b.netlist.cell_first_pin[0];
    assert_string_equal(b.netlist.cell_name[0], "h0");
    assert_near(s->functional.leakage_w, co->functional.leakage_w);
    assert_near(s->functional.leakage_w, b.functional.cells[0].leakage_w / 2);
    assert_int_equal(s->cells + co->cells, 1);
    double own = 0;
    for (uint32_t p = first; p < first + 4; p++)
        own += b.functional.pin_internal_w[p];
    assert_near(own, b.functional.cells[0].internal_w);
    assert_near(s->functional.internal_w + co->functional.internal_w, own);
    const struct mp_where_row *lone = row(&b, "(no net)");
    assert_int_equal(lone->cells, 2); /* dead and lone */
    assert_true(lone->functional.leakage_w > 0);
    close_bench(&b);
}

static void without_delays_and_exact_mode(void **state)
{
    (void)state;
    struct bench b;
    open_netlist(&b, wide_netlist);
    compute(&b);
    b.in.timed = b.in.exact_timed = NULL;
    b.in.timed_transitions = NULL;
    make(&b, MP_WHERE_CELL, 4);
    assert_false(b.where.has_timed);
    assert_false(b.where.has_exact);
    for (uint32_t i = 0; i < b.where.count; i++) {
        assert_true(isnan(b.where.rows[i].timed_transitions));
        assert_true(isnan(b.where.rows[i].exact_w));
        assert_true(b.where.rows[i].glitch_w == 0);
    }
    assert_near(b.where.total.total_w, mp_power_total(&b.functional.total));
    close_bench(&b);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct bench b, other;
    struct mp_error err = MP_ERROR_INIT;
    open_netlist(&b, wide_netlist);
    compute(&b);
    open_example(&other);
    b.in.timed = &other.timed;
    assert_int_equal(mp_where_make(&b.where, MP_WHERE_CELL, &b.in, 0, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "is not of netlist wide"));
    b.in.timed = NULL;
    b.in.blocks = NULL;
    assert_int_equal(mp_where_make(&b.where, MP_WHERE_BLOCK, &b.in, 0, &err), MP_E_USAGE);
    enum mp_where_by by = MP_WHERE_COUNT;
    assert_int_equal(mp_where_by_parse(&by, "kind", &err), MP_OK);
    assert_int_equal(by, MP_WHERE_KIND);
    assert_int_equal(mp_where_by_parse(&by, "pin", &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "net"));
    close_bench(&other);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_by_net),
        cmocka_unit_test(the_example_by_the_rest),
        cmocka_unit_test(rows_sum_to_the_total),
        cmocka_unit_test(outputs_share_the_rest),
        cmocka_unit_test(without_delays_and_exact_mode),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
