/*
 * The blocks that cones find in flat designs of ours against the same designs with blocks kept
 * apart: int8 and e4m2 MACs, area by block.
 */
#include "estimator/netlist/cones.h"
#include "estimator/synth/yosys.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

struct shares {
    double multiplier, accumulator, registers, other; /* of the area */
    double area_um2;
};

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static double *share_named(struct shares *s, const char *block)
{
    if (strcmp(block, "multiplier") == 0 || strcmp(block, "shifter") == 0)
        return &s->multiplier;
    if (strcmp(block, "accumulator") == 0)
        return &s->accumulator;
    return strstr(block, "_registers") ? &s->registers : &s->other;
}

static void map(struct shares *s, const struct fixture *f, const char *verilog, const char *name,
                bool apart)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_yosys_job job = {.program = "yosys",
                               .verilog = verilog,
                               .top = name,
                               .liberty_path = f->prepared,
                               .library = &f->library,
                               .roles = &f->roles,
                               .clock_period_s = 60e-9,
                               .keep_blocks = apart,
                               .temp_dir = f->dir.path,
                               .keep_dir = f->kept.path};
    struct mp_yosys_result r;
    struct mp_netlist n = {0};
    struct mp_blocks blocks;
    memset(s, 0, sizeof *s);
    assert_ok(mp_yosys_synthesise(&r, &job, &err), &err);
    assert_ok(mp_netlist_read_text(&n, &f->library, r.netlist_verilog, strlen(r.netlist_verilog),
                                   "mapped.v", NULL, &err),
              &err);
    assert_ok(mp_netlist_levelise(&n, &err), &err);
    mp_blocks_find(&blocks, &n);
    assert_int_equal(blocks.origin, apart ? MP_BLOCKS_APART : MP_BLOCKS_CONES);
    s->area_um2 = mp_netlist_area_um2(&n);
    for (uint32_t c = 0; c < n.cell_count; c++)
        *share_named(s, blocks.names[blocks.of_cell[c]]) +=
            f->library.cells[n.cell_type[c]].area_um2 / s->area_um2;
    mp_blocks_release(&blocks);
    mp_netlist_release(&n);
    mp_yosys_result_release(&r);
}

static void compare(const char *weight)
{
    struct fixture f;
    struct shares apart, flat;
    char name[MP_DESIGN_NAME_SIZE];
    fixture_open(&f, 0);
    char *verilog = fixture_design(weight, "uint8", MP_UNIT_MAC, false, name);
    map(&apart, &f, verilog, name, true);
    map(&flat, &f, verilog, name, false);
    print_message(
        "%s: apart %.0f um2, multiplier %.1f %%, accumulator %.1f %%, other %.1f %%; flat "
        "%.0f um2, %.1f %%, %.1f %%, %.1f %%\n",
        name, apart.area_um2, 100 * apart.multiplier, 100 * apart.accumulator, 100 * apart.other,
        flat.area_um2, 100 * flat.multiplier, 100 * flat.accumulator, 100 * flat.other);
    assert_true(apart.other < 0.03);
    assert_true(flat.other == 0);
    assert_true(fabs(flat.registers * flat.area_um2 / (apart.registers * apart.area_um2) - 1) <
                0.01);
    assert_true(fabs(flat.accumulator - apart.accumulator) < 0.08);
    assert_true(fabs(flat.multiplier - apart.multiplier) < 0.08);
    free(verilog);
    fixture_close(&f);
}

static void an_integer(void **state)
{
    (void)state;
    compare("int8");
}

static void a_float_with_a_shifter(void **state)
{
    (void)state;
    compare("e4m2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_integer),
        cmocka_unit_test(a_float_with_a_shifter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
