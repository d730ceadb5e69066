/* Yosys itself, and yosyses that misbehave. */
#include "estimator/synth/yosys.h"

#include "estimator/netlist/cones.h"
#include "estimator/netlist/gates.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

static struct mp_yosys_job job_of(const struct fixture *f, const char *verilog, const char *top)
{
    return (struct mp_yosys_job){.program = "yosys",
                                 .verilog = verilog,
                                 .top = top,
                                 .liberty_path = f->prepared,
                                 .library = &f->library,
                                 .roles = &f->roles,
                                 .clock_period_s = 60e-9,
                                 .keep_blocks = true,
                                 .temp_dir = f->dir.path,
                                 .keep_dir = f->kept.path};
}

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void read_back(struct mp_netlist *n, const struct fixture *f,
                      const struct mp_yosys_result *r)
{
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_netlist_read_text(n, &f->library, r->netlist_verilog, strlen(r->netlist_verilog),
                                   "mapped.v", NULL, &err),
              &err);
    assert_ok(mp_netlist_levelise(n, &err), &err);
    assert_int_equal(n->cell_count, r->cell_count);
}

/* Every block has cells, registers drive the nets that carry their names. */
static void check_names(const struct mp_netlist *n)
{
    static const struct {
        const char *name;
        uint32_t least;
    } expected[] = {{"input_registers", 4 + 4 + 1},
                    {"multiplier", 10},
                    {"shifter", 10},
                    {"accumulator", 20},
                    {"output_registers", 8}};
    struct mp_blocks blocks;
    mp_blocks_find(&blocks, n);
    assert_int_equal(blocks.origin, MP_BLOCKS_APART);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        uint32_t cells = 0;
        for (uint32_t c = 0; c < n->cell_count; c++)
            cells += strcmp(blocks.names[blocks.of_cell[c]], expected[k].name) == 0;
        assert_true(cells >= expected[k].least);
    }
    mp_blocks_release(&blocks);
    assert_true(n->register_count > 15);
}

static void map_on(size_t library)
{
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, library);
    char *verilog = fixture_design("e2m1", "uint4", MP_UNIT_MAC, false, name);
    char *reference = fixture_design("e2m1", "uint4", MP_UNIT_MAC, true, name);
    struct mp_yosys_job job = job_of(&f, verilog, name);
    struct mp_yosys_result r;
    struct mp_netlist n = {0};
    assert_ok(mp_yosys_synthesise(&r, &job, &err), &err);
    read_back(&n, &f, &r);
    check_names(&n);
    print_message("%s: %u cells, %.1f um2, %.2f s\n", fixture_library_name(library), n.cell_count,
                  mp_netlist_area_um2(&n), r.wall_s);
    assert_true(mp_netlist_area_um2(&n) > 0 && r.wall_s > 0 && r.cpu_s > 0);
    enum mp_equivalence verdict;
    assert_ok(mp_yosys_equivalence(&verdict, &job, r.netlist_verilog, reference, 60, &err), &err);
    assert_int_equal(verdict, MP_EQUIVALENT);
    mp_netlist_release(&n);
    mp_yosys_result_release(&r);
    free(verilog);
    free(reference);
    fixture_close(&f);
}

static void test_osu018(void **state)
{
    (void)state;
    map_on(0);
}
static void test_nangate45(void **state)
{
    (void)state;
    map_on(1);
}
static void test_sky130hd(void **state)
{
    (void)state;
    map_on(2);
}
static void test_gf180(void **state)
{
    (void)state;
    map_on(3);
}

static double area_of(const struct fixture *f, const struct mp_yosys_job *job, char **text)
{
    struct mp_yosys_result r;
    struct mp_netlist n = {0};
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_yosys_synthesise(&r, job, &err), &err);
    read_back(&n, f, &r);
    double area = mp_netlist_area_um2(&n);
    mp_netlist_release(&n);
    *text = r.netlist_verilog;
    return area;
}

/* The same job gives the same netlist; a variant another one of about the same area; an impossible
 * clock a larger one; flattened logic has no block names. */
static void test_options(void **state)
{
    (void)state;
    struct fixture f;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, 0);
    char *verilog = fixture_design("int5", "uint5", MP_UNIT_MULTIPLIER, false, name);
    struct mp_yosys_job job = job_of(&f, verilog, name);
    char *first, *again, *variant, *fast, *flat;
    double area = area_of(&f, &job, &first);
    assert_true(fabs(area_of(&f, &job, &again) - (area)) <= 0);
    assert_string_equal(first, again);
    job.variant = 3;
    double area_variant = area_of(&f, &job, &variant);
    assert_string_not_equal(first, variant);
    assert_true(area_variant > 0.8 * area && area_variant < 1.2 * area);
    job.variant = 0;
    job.clock_period_s = 0.5e-9;
    assert_true(area_of(&f, &job, &fast) > 1.05 * area);
    job.clock_period_s = 0;
    job.keep_blocks = false;
    assert_true(area_of(&f, &job, &flat) > 0);
    assert_null(strstr(flat, "\\multiplier."));
    free(first);
    free(again);
    free(variant);
    free(fast);
    free(flat);
    free(verilog);
    fixture_close(&f);
}

/* Constants, feed-through and shared outputs: what a designer's own Verilog may have. */
static void test_odd_design(void **state)
{
    (void)state;
    struct fixture f;
    static const char verilog[] =
        "module odd(input wire clk, input wire [1:0] a, output reg [3:0] y, output wire [4:0] z);\n"
        "always @(posedge clk) y <= {a[1], a[1], a[0] & a[1], 1'b0};\n"
        "assign z = {a[0], y[1], 1'b1, 1'b0, y[1]};\n"
        "endmodule\n";
    for (size_t k = 0; k < 2; k++) {
        fixture_open(&f, k);
        struct mp_yosys_job job = job_of(&f, verilog, "odd");
        char *text;
        assert_true(area_of(&f, &job, &text) > 0);
        assert_null(strstr(text, "assign {"));
        enum mp_equivalence verdict;
        struct mp_error err = MP_ERROR_INIT;
        assert_ok(mp_yosys_equivalence(&verdict, &job, text, verilog, 60, &err), &err);
        assert_int_not_equal(verdict, MP_DIFFERENT);
        free(text);
        fixture_close(&f);
    }
}

static void test_difference_is_found(void **state)
{
    (void)state;
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, 0);
    char *verilog = fixture_design("int4", "uint4", MP_UNIT_MULTIPLIER, false, name);
    char *reference = fixture_design("int4", "uint4", MP_UNIT_MULTIPLIER, true, name);
    struct mp_yosys_job job = job_of(&f, verilog, name);
    char *text;
    area_of(&f, &job, &text);
    /* One NAND becomes a NOR: same pins, other function. */
    char *cell = strstr(text, "NAND2X1");
    if (!cell)
        cell = strstr(text, "NOR2X1");
    assert_non_null(cell);
    if (cell[1] == 'A')
        memcpy(cell, "NOR2X1 ", 7);
    else
        memcpy(cell, "AND2X2", 6);
    enum mp_equivalence verdict;
    assert_ok(mp_yosys_equivalence(&verdict, &job, text, reference, 60, &err), &err);
    assert_int_equal(verdict, MP_DIFFERENT);
    free(text);
    free(verilog);
    free(reference);
    fixture_close(&f);
}

static void test_elaborate(void **state)
{
    (void)state;
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, 0);
    char *verilog = fixture_design("e3m2", "int6", MP_UNIT_MAC, false, name);
    struct mp_yosys_result r;
    struct mp_library gates = {0};
    struct mp_netlist n = {0};
    assert_ok(mp_yosys_elaborate(&r, "yosys", verilog, name, f.dir.path, f.kept.path, &err), &err);
    assert_ok(mp_gates_library(&gates, &err), &err);
    assert_ok(mp_netlist_read_text(&n, &gates, r.netlist_verilog, strlen(r.netlist_verilog),
                                   "elaborated.v", NULL, &err),
              &err);
    assert_ok(mp_netlist_levelise(&n, &err), &err);
    assert_int_equal(n.cell_count, r.cell_count);
    assert_true(n.register_count > 20);
    mp_netlist_release(&n);
    mp_library_release(&gates);
    mp_yosys_result_release(&r);
    free(verilog);
    fixture_close(&f);
}

static void test_bad_verilog(void **state)
{
    (void)state;
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    fixture_open(&f, 0);
    struct mp_yosys_job job = job_of(&f, "module m(a; endmodule", "m");
    struct mp_yosys_result r;
    assert_int_equal(mp_yosys_synthesise(&r, &job, &err), MP_E_TOOL);
    assert_non_null(strstr(err.message, "design.v:1"));
    fixture_assert_kept(&f, &err, "yosys");
    fixture_close(&f);
}

static void refuse(const struct fixture *f, const char *verilog, const char *name, const char *mode,
                   int code, const char *why)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_yosys_result r;
    char *tool = fixture_tool("yosys");
    struct mp_yosys_job job = job_of(f, verilog, name);
    job.program = tool;
    job.timeout_s = strcmp(mode, "hang") ? 60 : 0.3;
    setenv("MACPPA_FAKE_YOSYS", mode, 1);
    assert_int_equal(mp_yosys_synthesise(&r, &job, &err), code);
    unsetenv("MACPPA_FAKE_YOSYS");
    assert_null(r.netlist_verilog);
    if (!strstr(err.message, why))
        fail_msg("%s: \"%s\" without \"%s\"", mode, err.message, why);
    fixture_assert_kept(f, &err, "yosys");
    free(tool);
}

static void test_fake_tools(void **state)
{
    (void)state;
    struct fixture f;
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, 0);
    char *verilog = fixture_design("int3", "uint3", MP_UNIT_MULTIPLIER, false, name);
    refuse(&f, verilog, name, "crash", MP_E_TOOL, "signal");
    refuse(&f, verilog, name, "hang", MP_E_TIMEOUT, "0.3 s");
    refuse(&f, verilog, name, "exit", MP_E_TOOL, "exit code 3");
    refuse(&f, verilog, name, "nonsense", MP_E_TOOL, "lorem ipsum");
    refuse(&f, verilog, name, "error", MP_E_TOOL, "but exit code 0");
    refuse(&f, verilog, name, "flood", MP_E_TOOL, "printed");
    refuse(&f, verilog, name, "truncated", MP_E_TOOL, "stops before");
    refuse(&f, verilog, name, "no-netlist", MP_E_TOOL, "no netlist");
    refuse(&f, verilog, name, "half-netlist", MP_E_TOOL, "cut off");
    refuse(&f, verilog, name, "unmapped", MP_E_TOOL, "$_DLATCH_P_");
    refuse(&f, verilog, name, "black-box", MP_E_TOOL, "MYSTERY");
    struct mp_yosys_job job = job_of(&f, verilog, name);
    struct mp_yosys_result r;
    job.program = "/nowhere/yosys";
    assert_int_equal(mp_yosys_synthesise(&r, &job, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/yosys"));
    free(verilog);
    fixture_close(&f);
}

static void test_version(void **state)
{
    (void)state;
    char version[32];
    struct mp_error err = MP_ERROR_INIT;
    assert_ok(mp_yosys_version("yosys", version, sizeof version, &err), &err);
    assert_true(version[0] >= '0' && version[0] <= '9');
    assert_int_equal(mp_yosys_version("true", version, sizeof version, &err), MP_E_TOOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_osu018),      cmocka_unit_test(test_nangate45),
        cmocka_unit_test(test_sky130hd),    cmocka_unit_test(test_gf180),
        cmocka_unit_test(test_options),     cmocka_unit_test(test_odd_design),
        cmocka_unit_test(test_elaborate),   cmocka_unit_test(test_difference_is_found),
        cmocka_unit_test(test_bad_verilog), cmocka_unit_test(test_fake_tools),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
