/* OpenSTA itself on mapped designs and on awkward netlists, and stas that misbehave. */
#include "estimator/timing/opensta.h"

#include "estimator/synth/yosys.h"
#include "estimator/timing/sdf.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

struct design {
    struct fixture f;
    char *path;
    struct mp_netlist netlist;
};

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void use_netlist(struct design *d, const char *verilog)
{
    struct mp_error err = MP_ERROR_INIT;
    d->path = mp_path_join(d->f.dir.path, "netlist.v");
    assert_ok(mp_file_write(d->path, verilog, strlen(verilog), &err), &err);
    assert_ok(mp_netlist_read(&d->netlist, &d->f.library, d->path, NULL, &err), &err);
    assert_ok(mp_netlist_levelise(&d->netlist, &err), &err);
}

static void map_design(struct design *d, size_t library, const char *weight, enum mp_unit unit)
{
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    *d = (struct design){0};
    fixture_open(&d->f, library);
    char *verilog = fixture_design(weight, "uint5", unit, false, name);
    struct mp_yosys_job job = {.program = "yosys",
                               .verilog = verilog,
                               .top = name,
                               .liberty_path = d->f.prepared,
                               .library = &d->f.library,
                               .roles = &d->f.roles,
                               .keep_blocks = true,
                               .temp_dir = d->f.dir.path};
    struct mp_yosys_result mapped;
    assert_ok(mp_yosys_synthesise(&mapped, &job, &err), &err);
    use_netlist(d, mapped.netlist_verilog);
    mp_yosys_result_release(&mapped);
    free(verilog);
}

static void close_design(struct design *d)
{
    mp_netlist_release(&d->netlist);
    free(d->path);
    fixture_close(&d->f);
}

static struct mp_opensta_job job_of(const struct design *d)
{
    return (struct mp_opensta_job){.program = "sta",
                                   .netlist_path = d->path,
                                   .netlist = &d->netlist,
                                   .liberty_path = d->f.prepared,
                                   .period_s = 50e-9,
                                   .want_sdf = true,
                                   .temp_dir = d->f.dir.path,
                                   .keep_dir = d->f.kept.path};
}

/* Outputs of gates have slews of both edges, inputs those of their driver. */
static void check_slews(const struct mp_netlist *n, const struct mp_timing *t)
{
    assert_int_equal(t->pin_count, n->pin_count);
    for (uint32_t k = 0; k < n->order_count; k++) {
        uint32_t cell = n->order[k];
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[cell]];
        for (uint32_t p = 0; p < type->pin_count; p++) {
            uint32_t pin = n->cell_first_pin[cell] + p, net = n->pin_net[pin];
            if (net == MP_NONE || net < 2)
                continue;
            bool output = n->library->pins[type->first_pin + p].direction == MP_DIR_OUTPUT;
            double rise = t->slew_rise_s[pin], fall = t->slew_fall_s[pin];
            assert_true(rise >= 0 && rise < 1e-7 && fall >= 0 && fall < 1e-7);
            if (output && type->pin_count > 1)
                assert_true(rise > 0 && fall > 0);
            uint32_t driver = n->net_driver[net];
            if (!output && driver != MP_NONE)
                assert_true(fabs(rise - t->slew_rise_s[driver]) <= 0);
        }
    }
}

/* The largest delays summed along the longest path are the critical path but for setup and unate
 * arcs: a bound that a wrong unit, a wrong pin or a lost arc breaks. */
static void check_sdf(const struct mp_netlist *n, const struct mp_timing *t)
{
    struct mp_sdf sdf;
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_sdf_read_text(&sdf, n, t->sdf, strlen(t->sdf), "delays.sdf", &err), &err);
    assert_true(sdf.arc_count >= n->cell_count);
    double *arrival = mp_alloc(n->net_count, sizeof *arrival), longest = 0;
    uint32_t *end = mp_alloc(n->cell_count + 1u, sizeof *end);
    for (uint32_t k = 0; k < sdf.arc_count; k++) {
        assert_true(k == 0 || sdf.arcs[k].cell >= sdf.arcs[k - 1].cell);
        end[sdf.arcs[k].cell + 1] = k + 1;
    }
    for (uint32_t c = 0; c < n->cell_count; c++)
        end[c + 1] = end[c + 1] > end[c] ? end[c + 1] : end[c];
    for (uint32_t i = 0; i < n->register_count + n->order_count; i++) {
        bool clocked = i < n->register_count;
        uint32_t c = clocked ? n->registers[i] : n->order[i - n->register_count];
        for (uint32_t k = end[c]; k < end[c + 1]; k++) {
            const struct mp_sdf_arc *a = &sdf.arcs[k];
            uint32_t from = n->pin_net[n->cell_first_pin[c] + a->from_pin];
            uint32_t to = n->pin_net[n->cell_first_pin[c] + a->to_pin];
            assert_true(a->rise_s >= 0 && a->fall_s >= 0 && a->rise_s < 1e-7);
            if (to == MP_NONE)
                continue;
            arrival[to] =
                fmax(arrival[to], (clocked ? 0 : arrival[from]) + fmax(a->rise_s, a->fall_s));
            longest = fmax(longest, arrival[to]);
        }
    }
    assert_true(longest > 0.8 * t->critical_path_s && longest < 1.6 * t->critical_path_s);
    free(end);
    free(arrival);
    mp_sdf_release(&sdf);
}

static void run_on(size_t library)
{
    struct design d;
    struct mp_timing t, other;
    struct mp_error err = MP_ERROR_INIT;
    map_design(&d, library, "e3m2", MP_UNIT_MAC);
    struct mp_opensta_job job = job_of(&d);
    assert_ok(mp_opensta_run(&t, &job, &err), &err);
    assert_true(t.critical_path_s > 0.1e-9 && t.critical_path_s < 200e-9);
    assert_true(fabs(t.critical_path_s + t.slack_s - job.period_s) < 1e-15);
    check_slews(&d.netlist, &t);
    check_sdf(&d.netlist, &t);
    print_message("%s: %u cells, %.3f ns, %.3f s\n", fixture_library_name(library),
                  d.netlist.cell_count, t.critical_path_s * 1e9, t.wall_s);
    /* Another period moves the slack, not the path. */
    job.period_s = 10e-9;
    job.want_sdf = false;
    assert_ok(mp_opensta_run(&other, &job, &err), &err);
    assert_true(fabs(other.critical_path_s - t.critical_path_s) < 1e-5 * t.critical_path_s);
    assert_null(other.sdf);
    mp_timing_release(&other);
    mp_timing_release(&t);
    close_design(&d);
}

static void test_osu018(void **state)
{
    (void)state;
    run_on(0);
}
static void test_nangate45(void **state)
{
    (void)state;
    run_on(1);
}
static void test_sky130hd(void **state)
{
    (void)state;
    run_on(2);
}
static void test_gf180(void **state)
{
    (void)state;
    run_on(3);
}

/* No clock: from port to port. INVX1 without load takes 0.021770 ns by report_checks. */
static void test_combinational(void **state)
{
    (void)state;
    struct design d = {0};
    struct mp_timing t;
    struct mp_error err = MP_ERROR_INIT;
    fixture_open(&d.f, 0);
    use_netlist(&d, "module al(a, b, y); input a; input [1:0] b; output [3:0] y;\n"
                    "INVX1 i0 (.A(a), .Y(y[0]));\n"
                    "assign y[1] = y[0]; assign y[2] = 1'h0; assign y[3] = b[1];\n"
                    "endmodule\n");
    struct mp_opensta_job job = job_of(&d);
    assert_ok(mp_opensta_run(&t, &job, &err), &err);
    assert_true(fabs(t.critical_path_s - 0.021770e-9) < 1e-14);
    mp_timing_release(&t);
    close_design(&d);
}

/* Inputs driven by a cell, loads on outputs. By the tables of INVX1 the load of 30 fF alone adds
 * more than the driver's slew. */
static void test_boundary(void **state)
{
    (void)state;
    struct design d = {0};
    struct mp_timing alone, driven, loaded;
    struct mp_error err = MP_ERROR_INIT;
    fixture_open(&d.f, 0);
    use_netlist(&d, "module b(clk, a, y, q); input clk, a; output y, q;\n"
                    "INVX1 i0 (.A(a), .Y(y));\n"
                    "DFFPOSX1 r (.CLK(clk), .D(y), .Q(q));\nendmodule\n");
    struct mp_opensta_job job = job_of(&d);
    job.want_sdf = false;
    assert_ok(mp_opensta_run(&alone, &job, &err), &err);
    job.driving_cell = "BUFX2";
    assert_ok(mp_opensta_run(&driven, &job, &err), &err);
    job.output_load_f = 30e-15;
    assert_ok(mp_opensta_run(&loaded, &job, &err), &err);
    for (uint32_t c = 0; c < d.netlist.cell_count; c++) {
        uint32_t pin = d.netlist.cell_first_pin[c];
        if (strcmp(d.netlist.cell_name[c], "i0") != 0)
            continue;
        for (uint32_t k = 0; k < 2; k++) {
            /* The input has the driver's slew, the output a slew and a delay that follow it. */
            assert_true(driven.slew_rise_s[pin + k] > alone.slew_rise_s[pin + k] + 1e-12);
            assert_true(loaded.slew_rise_s[pin + k] >= driven.slew_rise_s[pin + k]);
        }
    }
    assert_true(driven.critical_path_s > alone.critical_path_s + 1e-12);
    assert_true(loaded.critical_path_s > driven.critical_path_s + 20e-12);
    mp_timing_release(&alone);
    mp_timing_release(&driven);
    mp_timing_release(&loaded);
    close_design(&d);
}

/* Names with dots, slashes and brackets, constants, open outputs. */
static void test_names(void **state)
{
    (void)state;
    struct design d = {0};
    struct mp_timing t;
    struct mp_sdf sdf;
    struct mp_error err = MP_ERROR_INIT;
    fixture_open(&d.f, 0);
    use_netlist(&d, "module al(clk, b, y); input clk; input [1:0] b; output [3:0] y; wire q;\n"
                    "wire \\deep.n[1] ; INVX1 i0 (.A(1'h0), .Y(y[0]));\n"
                    "INVX1 \\a.b[3] (.A(q), .Y(\\deep.n[1] ));\n"
                    "INVX1 \\a/c (.A(\\deep.n[1] ), .Y(y[1]));\n"
                    "DFFPOSX1 \\r/x[1] (.CLK(clk), .D(b[0]), .Q(q));\n"
                    "INVX1 \\zz.i1 (.A(b[1]), .Y());\n"
                    "XOR2X1 \\zz.i2 (.A(q), .B(b[1]), .Y(y[2]));\n"
                    "assign y[3] = q;\nendmodule\n");
    struct mp_opensta_job job = job_of(&d);
    assert_ok(mp_opensta_run(&t, &job, &err), &err);
    assert_ok(mp_sdf_read_text(&sdf, &d.netlist, t.sdf, strlen(t.sdf), "x.sdf", &err), &err);
    assert_int_equal(sdf.arc_count, 7);
    mp_sdf_release(&sdf);
    for (uint32_t c = 0; c < d.netlist.cell_count; c++) {
        uint32_t pin = d.netlist.cell_first_pin[c];
        if (!strcmp(d.netlist.cell_name[c], "i0"))
            assert_true(t.slew_rise_s[pin] <= 0);
        if (!strcmp(d.netlist.cell_name[c], "a.b[3]"))
            assert_true(t.slew_rise_s[pin] > 1e-12);
    }
    mp_timing_release(&t);
    close_design(&d);
}

static void refuse(const struct design *d, const char *mode, int code, const char *why)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timing t;
    char *tool = fixture_tool("sta");
    struct mp_opensta_job job = job_of(d);
    job.program = tool;
    job.timeout_s = strcmp(mode, "hang") ? 60 : 0.3;
    setenv("MACPPA_FAKE_STA", mode, 1);
    assert_int_equal(mp_opensta_run(&t, &job, &err), code);
    unsetenv("MACPPA_FAKE_STA");
    assert_null(t.slew_rise_s);
    assert_null(t.sdf);
    if (!strstr(err.message, why))
        fail_msg("%s: \"%s\" without \"%s\"", mode, err.message, why);
    fixture_assert_kept(&d->f, &err, "sta");
    free(tool);
}

static void test_fake_tools(void **state)
{
    (void)state;
    struct design d;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timing t;
    map_design(&d, 0, "int4", MP_UNIT_MULTIPLIER);
    refuse(&d, "crash", MP_E_TOOL, "signal");
    refuse(&d, "hang", MP_E_TIMEOUT, "0.3 s");
    refuse(&d, "exit", MP_E_TOOL, "exit code 3");
    refuse(&d, "nonsense", MP_E_TOOL, "cut off");
    refuse(&d, "error", MP_E_TOOL, "something is missing");
    refuse(&d, "truncated", MP_E_TOOL, "cut off");
    refuse(&d, "black-box", MP_E_TOOL, "black box");
    refuse(&d, "no-pin", MP_E_TOOL, "no slew for pin Y");
    refuse(&d, "no-slew", MP_E_TOOL, "unreadable");
    refuse(&d, "no-sdf", MP_E_TOOL, "no SDF");
    struct mp_opensta_job job = job_of(&d);
    job.program = "/nowhere/sta";
    assert_int_equal(mp_opensta_run(&t, &job, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/sta"));
    job = job_of(&d);
    job.liberty_path = "/nowhere/cells.lib";
    assert_int_equal(mp_opensta_run(&t, &job, &err), MP_E_NOT_FOUND);
    close_design(&d);
}

/* The real sta on a netlist that is not the one it was told: a missing cell is only a warning to
 * it, a syntax error does not change its exit code. */
static void test_wrong_netlists(void **state)
{
    (void)state;
    static const char good[] = "module w(a, y); input a; output y;\n"
                               "INVX1 i0 (.A(a), .Y(y));\nendmodule\n";
    static const char *const bad[] = {
        "module w(a, y); input a; output y;\nMYSTERY i0 (.A(a), .Y(y));\nendmodule\n",
        "module w(a, y); input a; output y;\nINVX1 i1 (.A(a), .Y(y));\nendmodule\n",
        "module w(a, y); input a; output y;\nINVX1 i0 (.A(a), .Y(\n",
        "module other(a, y); input a; output y;\nINVX1 i0 (.A(a), .Y(y));\nendmodule\n", ""};
    struct design d = {0};
    struct mp_timing t;
    fixture_open(&d.f, 0);
    use_netlist(&d, good);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct mp_error err = MP_ERROR_INIT;
        struct mp_opensta_job job = job_of(&d);
        assert_int_equal(mp_file_write(d.path, bad[k], strlen(bad[k]), &err), MP_OK);
        assert_int_equal(mp_opensta_run(&t, &job, &err), MP_E_TOOL);
        fixture_assert_kept(&d.f, &err, "sta");
    }
    close_design(&d);
}

static void test_version(void **state)
{
    (void)state;
    char version[32];
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_opensta_version("sta", version, sizeof version, &err), &err);
    assert_true(version[0] >= '0' && version[0] <= '9');
    assert_int_equal(mp_opensta_version("true", version, sizeof version, &err), MP_E_TOOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_osu018),         cmocka_unit_test(test_nangate45),
        cmocka_unit_test(test_sky130hd),       cmocka_unit_test(test_gf180),
        cmocka_unit_test(test_combinational),  cmocka_unit_test(test_boundary),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_fake_tools),
        cmocka_unit_test(test_wrong_netlists), cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
