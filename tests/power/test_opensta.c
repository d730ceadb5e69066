/*
 * Switching power against Debian's OpenSTA, the only part of its report_power that is right. Every
 * pin is annotated (its propagation would overwrite what is not), every input port goes straight
 * into a register. The activity is made up: each net has figures of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimator/power/power.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBERTY   "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define PERIOD_NS 5.0

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    double *transitions, *duty, *slew;
    struct mp_power power;
    char *netlist_path;
};

static void made_up_activity(struct bench *b)
{
    for (uint32_t i = 0; i < b->netlist.net_count; i++) {
        b->transitions[i] = 0.03 + (double)(i * 37 % 101) / 112.0;
        b->duty[i] = 0.05 + (double)(i * 53 % 97) / 110.0;
    }
    for (uint32_t i = 0; i < b->netlist.pin_count; i++)
        b->slew[i] = 50e-12;
}

static void bench_create(struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    const char *paths[] = {LIBERTY};
    *b = (struct bench){0};
    b->netlist_path = mp_path_join(root ? root : ".", "tests/power/golden/mul3.osu018.v");
    if (mp_library_read(&b->library, paths, 1, &err) < 0 ||
        mp_netlist_read(&b->netlist, &b->library, b->netlist_path, NULL, &err) < 0 ||
        mp_netlist_levelise(&b->netlist, &err) < 0)
        fail_msg("%s", err.message);
    b->transitions = mp_alloc(b->netlist.net_count, sizeof(double));
    b->duty = mp_alloc(b->netlist.net_count, sizeof(double));
    b->slew = mp_alloc(b->netlist.pin_count, sizeof(double));
    made_up_activity(b);
    struct mp_power_input in = {.netlist = &b->netlist,
                                .period_s = PERIOD_NS * 1e-9,
                                .transitions_per_cycle = b->transitions,
                                .duty = b->duty,
                                .slew_rise_s = b->slew,
                                .slew_fall_s = b->slew};
    if (mp_power_compute(&b->power, &in, &err) < 0)
        fail_msg("%s", err.message);
}

static void bench_destroy(struct bench *b)
{
    mp_power_release(&b->power);
    free(b->netlist_path);
    free(b->slew);
    free(b->duty);
    free(b->transitions);
    mp_netlist_release(&b->netlist);
    mp_library_release(&b->library);
}

static void write_script(const struct bench *b, struct mp_text *t)
{
    const struct mp_netlist *n = &b->netlist;
    mp_text_printf(t, "read_liberty %s\nread_verilog %s\nlink_design %s\n", LIBERTY,
                   b->netlist_path, n->name);
    mp_text_printf(t, "create_clock -name clk -period %g [get_ports clk]\n", PERIOD_NS);
    for (uint32_t pin = 0; pin < n->pin_count; pin++) {
        uint32_t cell = n->pin_cell[pin], net = n->pin_net[pin];
        const struct mp_lib_cell *type = &b->library.cells[n->cell_type[cell]];
        if (net == MP_NONE || net == n->clock_net)
            continue;
        mp_text_printf(t, "::sta::set_power_pin_activity [get_pins {%s/%s}] %.17g %.17g\n",
                       n->cell_name[cell],
                       b->library.pins[type->first_pin + pin - n->cell_first_pin[cell]].name,
                       b->transitions[net], b->duty[net]);
    }
    for (uint32_t cell = 0; cell < n->cell_count; cell++)
        mp_text_printf(t,
                       "puts \"power [lindex [::sta::instance_power [get_cells {%s}] "
                       "[::sta::cmd_corner]] 1]\"\n",
                       n->cell_name[cell]);
    mp_text_add(t, "puts complete\nexit\n");
}

/* stdout of sta; false (and a printed line) when there is none. */
static bool run_sta(const struct bench *b, struct mp_text *out)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {0};
    struct mp_text script = {0};
    struct mp_process_result r = {0};
    char *program = mp_process_find("sta", &err);
    if (!program) {
        print_message("skipped: OpenSTA is not installed\n");
        return false;
    }
    write_script(b, &script);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *path = mp_path_join(dir.path, "power.tcl");
    assert_int_equal(mp_file_write(path, script.data, script.size, &err), MP_OK);
    const char *argv[] = {program, "-no_init", "-no_splash", "-exit", path, NULL};
    struct mp_process_options o = {.argv = argv, .timeout_s = 60};
    if (mp_process_run(&r, &o, &err) < 0)
        fail_msg("%s", err.message);
    mp_text_add_bytes(out, r.out.data ? r.out.data : "", r.out.size);
    if (r.err.size)
        print_message("%s", r.err.data);
    mp_process_result_release(&r);
    mp_text_release(&script);
    mp_tempdir_remove(&dir);
    free(path);
    free(program);
    return true;
}

static void switching_agrees_cell_by_cell(void **state)
{
    (void)state;
    if (!mp_file_exists(LIBERTY)) {
        print_message("skipped: %s is not there\n", LIBERTY);
        skip();
    }
    struct bench b;
    struct mp_text out = {0};
    bench_create(&b);
    if (!run_sta(&b, &out)) {
        bench_destroy(&b);
        skip();
        return;
    }
    const char *p = out.data;
    assert_true(out.size > 0);
    double sum_w = 0.0, worst = 0.0;
    for (uint32_t cell = 0; cell < b.netlist.cell_count; cell++) {
        const char *line = strstr(p, "power "), *end = NULL;
        if (!line) {
            fail_msg("OpenSTA printed nothing for cell %s:\n%s", b.netlist.cell_name[cell],
                     out.data);
            return;
        }
        double expected_w = mp_parse_double_prefix(line + 6, &end);
        double got_w = b.power.cells[cell].switching_w;
        assert_true(end > line + 6);
        p = end;
        sum_w += expected_w;
        if (expected_w > 0.0)
            worst = fmax(worst, fabs(got_w / expected_w - 1.0));
        if (fabs(got_w - expected_w) > 1e-3 * expected_w + 1e-15)
            fail_msg("cell %s: %g W, OpenSTA says %g W", b.netlist.cell_name[cell], got_w,
                     expected_w);
    }
    assert_non_null(strstr(p, "complete"));
    assert_true(sum_w > 0.0);
    assert_true(fabs(b.power.total.switching_w - sum_w) <= 1e-3 * sum_w);
    print_message("%u cells, worst deviation of switching power %.2g\n", b.netlist.cell_count,
                  worst);
    mp_text_release(&out);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(switching_agrees_cell_by_cell)};
    return cmocka_run_group_tests_name("power_opensta", tests, NULL, NULL);
}
