/*
 * OpenSTA as a second power engine. Debian's is right about switching power, which must agree cell
 * by cell; the activity is made up, each net has figures of its own. A current one is not at hand:
 * what is sent to it is checked here, and that its report is read or refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimator/power/opensta_power.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBERTY   "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define PERIOD_NS 5.0
static const char *const paths[] = {LIBERTY};

struct bench {
    struct mp_library library;
    struct mp_netlist netlist;
    double *transitions, *duty, *slew;
    struct mp_power_input in;
    struct mp_power power;
    char *netlist_path; /* NULL: from a text */
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

static void bench_create_text(struct bench *b, const char *text)
{
    struct mp_error err = MP_ERROR_INIT;
    *b = (struct bench){0};
    if (mp_library_read(&b->library, paths, 1, &err) < 0 ||
        mp_netlist_read_text(&b->netlist, &b->library, text, strlen(text), "test.v", NULL, &err) <
            0 ||
        mp_netlist_levelise(&b->netlist, &err) < 0)
        fail_msg("%s", err.message);
    b->transitions = mp_alloc(b->netlist.net_count, sizeof(double));
    b->duty = mp_alloc(b->netlist.net_count, sizeof(double));
    b->slew = mp_alloc(b->netlist.pin_count, sizeof(double));
    made_up_activity(b);
    b->in = (struct mp_power_input){.netlist = &b->netlist,
                                    .period_s = PERIOD_NS * 1e-9,
                                    .transitions_per_cycle = b->transitions,
                                    .duty = b->duty,
                                    .slew_rise_s = b->slew,
                                    .slew_fall_s = b->slew};
    if (mp_power_compute(&b->power, &b->in, &err) < 0)
        fail_msg("%s", err.message);
}

static void bench_create(struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    struct mp_text text = {0};
    char *path = mp_path_join(root ? root : ".", "tests/power/golden/mul3.osu018.v");
    if (mp_file_read(&text, path, 0, &err) < 0)
        fail_msg("%s", err.message);
    bench_create_text(b, text.data);
    b->netlist_path = path;
    mp_text_release(&text);
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

/* false (and a printed line) when there is no sta or no library. */
static bool can_run(void)
{
    struct mp_error err = MP_ERROR_INIT;
    char *program = mp_process_find("sta", &err);
    bool ok = program != NULL && mp_file_exists(LIBERTY);
    if (!ok)
        print_message("skipped: no OpenSTA or no %s\n", LIBERTY);
    free(program);
    return ok;
}

static void switching_agrees_cell_by_cell(void **state)
{
    (void)state;
    if (!can_run())
        skip();
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {0};
    struct mp_opensta_power p = {0};
    struct bench b;
    double worst = 0.0;
    bench_create(&b);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    const struct mp_opensta_power_job job = {.program = "sta",
                                             .netlist_path = b.netlist_path,
                                             .liberty_paths = paths,
                                             .liberty_count = 1,
                                             .in = &b.in,
                                             .temp_dir = dir.path};
    if (mp_opensta_power_run(&p, &job, &err) < 0)
        fail_msg("%s", err.message);
    for (uint32_t cell = 0; cell < b.netlist.cell_count; cell++) {
        double expected_w = p.cells[cell].switching_w, got_w = b.power.cells[cell].switching_w;
        if (expected_w > 0.0)
            worst = fmax(worst, fabs(got_w / expected_w - 1.0));
        if (fabs(got_w - expected_w) > 1e-3 * expected_w + 1e-15)
            fail_msg("cell %s: %g W, OpenSTA says %g W", b.netlist.cell_name[cell], got_w,
                     expected_w);
    }
    assert_true(p.total.switching_w > 0.0);
    assert_true(fabs(b.power.total.switching_w - p.total.switching_w) <=
                1e-3 * p.total.switching_w);
    print_message("%u cells, worst deviation of switching power %.2g\n", b.netlist.cell_count,
                  worst);
    mp_opensta_power_release(&p);
    mp_tempdir_remove(&dir);
    bench_destroy(&b);
}

/* Powers of a whole report, cell k: 1, 2, 3 W times k + 1. */
static char *made_up_report(const struct mp_netlist *n, const char *method)
{
    struct mp_text t = {0};
    mp_text_printf(&t, "macppa-begin %s\n", method);
    for (uint32_t c = 0; c < n->cell_count; c++)
        mp_text_printf(&t, "power %s %u %u %u\n", n->cell_name[c], c + 1, 2 * (c + 1), 3 * (c + 1));
    mp_text_printf(&t, "macppa-end %u\n", n->cell_count);
    return t.data;
}

static void expect_refused(const struct mp_netlist *n, const char *text, const char *why)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_opensta_power p = {0};
    assert_int_equal(mp_opensta_power_parse(&p, n, text, strlen(text), &err), MP_E_INPUT);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
    mp_opensta_power_release(&p);
}

static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return mp_asprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void reports_are_read_or_refused(void **state)
{
    (void)state;
    if (!mp_file_exists(LIBERTY)) {
        print_message("skipped: %s is not there\n", LIBERTY);
        skip();
    }
    struct mp_error err = MP_ERROR_INIT;
    struct mp_opensta_power p = {0};
    struct bench b;
    bench_create(&b);
    const struct mp_netlist *n = &b.netlist;
    char *good = made_up_report(n, "saif");
    assert_int_equal(mp_opensta_power_parse(&p, n, good, strlen(good), &err), MP_OK);
    assert_int_equal(p.method, MP_OPENSTA_SAIF);
    assert_string_equal(mp_opensta_power_caveat(p.method), "");
    double cells = n->cell_count, sum = cells * (cells + 1) / 2;
    assert_true(p.total.internal_w == sum && p.total.switching_w == 2 * sum &&
                p.total.leakage_w == 3 * sum);
    assert_true(p.cells[4].switching_w == 10);
    mp_opensta_power_release(&p);

    const struct {
        const char *from, *to, *why;
    } spoiled[] = {
        {"macppa-end", "macppa-lost", "cut off"},
        {"power ", "powder ", "cells instead of"},
        {"macppa-begin saif\n", "macppa-begin saif\nunannotated 7\n",
         "7 pins are without activity"},
        {"macppa-begin", "Error: script.tcl line 3, no\nmacppa-begin", "line 3"},
        {" 1 2 3\n", " 1 nan 3\n", "is no number"},
        {" 1 2 3\n", " 1 2\n", "is no number"},
        {"power ", "power no_such_", "not in the netlist"},
        {"macppa-begin", "Warning: Creating black box for x7.\nmacppa-begin", "black box"},
    };
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        char *text = replaced(good, spoiled[i].from, spoiled[i].to);
        expect_refused(n, text, spoiled[i].why);
        free(text);
    }
    free(good);
    bench_destroy(&b);
}

/* A port that feeds logic: the old OpenSTA's numbers would be of its default activity. */
static void a_port_into_logic_is_refused(void **state)
{
    (void)state;
    if (!can_run())
        skip();
    static const char text[] = "module m(a, b, y);\n  input a, b;\n  output y;\n  wire n;\n"
                               "  AND2X1 g (.A(a), .B(b), .Y(n));\n"
                               "  INVX1 h (.A(n), .Y(y));\nendmodule\n";
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir = {0};
    struct mp_opensta_power p = {0};
    struct bench b;
    bench_create_text(&b, text);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *path = mp_path_join(dir.path, "m.v");
    assert_int_equal(mp_file_write(path, text, strlen(text), &err), MP_OK);
    const struct mp_opensta_power_job job = {.program = "sta",
                                             .netlist_path = path,
                                             .liberty_paths = paths,
                                             .liberty_count = 1,
                                             .in = &b.in,
                                             .temp_dir = dir.path};
    int rc = mp_opensta_power_run(&p, &job, &err);
    if (rc == MP_OK)
        assert_int_equal(p.method, MP_OPENSTA_SAIF);
    else
        assert_int_equal(rc, MP_E_UNSUPPORTED);
    mp_opensta_power_release(&p);
    mp_tempdir_remove(&dir);
    free(path);
    bench_destroy(&b);
}

static void default_wire_loads_are_hidden(void **state)
{
    (void)state;
    char text[] = "default_wire_load : \"big\";x : 1;\n default_wire_load_mode : top ;\n"
                  "wire_load(\"big\") {}";
    mp_opensta_power_hide_wire_load(text);
    assert_null(strstr(text, "default"));
    assert_null(strstr(text, "top"));
    assert_non_null(strstr(text, ";x : 1;\n"));
    assert_non_null(strstr(text, "wire_load(\"big\") {}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(switching_agrees_cell_by_cell),
                                       cmocka_unit_test(reports_are_read_or_refused),
                                       cmocka_unit_test(a_port_into_logic_is_refused),

                                       cmocka_unit_test(default_wire_loads_are_hidden)};
    return cmocka_run_group_tests_name("power_opensta", tests, NULL, NULL);
}
