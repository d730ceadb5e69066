/* Yosys reads generated designs, finds nothing wrong, and proves two of them equal to their
 * behavioural references. */
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include "tests/netlists/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void run_yosys(const struct mp_tempdir *dir, const char *script)
{
    const char *const argv[] = {"yosys", "-q", "-p", script, NULL};
    struct mp_process_options o = {.argv = argv, .cwd = dir->path, .timeout_s = 120};
    struct mp_process_result r = {0};

    assert_int_equal(mp_process_run(&r, &o, NULL), MP_OK);
    if (r.how != MP_EXITED || r.status != 0)
        fail_msg("%s%s", r.out.size ? r.out.data : "", r.err.size ? r.err.data : "");
    if (r.err.size > 0)
        assert_null(strstr(r.err.data, "Warning"));
    mp_process_result_release(&r);
}

static void write_design(const struct mp_tempdir *dir, const struct mp_design *d, bool reference)
{
    struct mp_text t = {0};
    char *path = mp_path_join(dir->path, reference ? "reference.v" : "design.v");

    if (reference)
        assert_int_equal(mp_design_reference(d, &t, NULL), MP_OK);
    else
        assert_int_equal(mp_design_generate(d, &t, NULL), MP_OK);
    assert_int_equal(mp_file_write(path, t.data, t.size, NULL), MP_OK);
    mp_text_release(&t);
    free(path);
}

static void check_design(const struct mp_tempdir *dir, const struct mp_design *d)
{
    char name[MP_DESIGN_NAME_SIZE], script[512];

    mp_design_name(d, name);
    write_design(dir, d, false);
    write_design(dir, d, true);
    snprintf(script, sizeof script,
             "read_verilog design.v; hierarchy -check -top %s; proc; check -assert", name);
    run_yosys(dir, script);
    snprintf(script, sizeof script,
             "read_verilog reference.v; hierarchy -check -top %s; proc; check -assert", name);
    run_yosys(dir, script);
}

static void prove(const struct mp_tempdir *dir, const struct mp_design *d)
{
    char name[MP_DESIGN_NAME_SIZE], script[1536];

    mp_design_name(d, name);
    snprintf(script, sizeof script,
             "read_verilog reference.v; prep -flatten -top %s; splitnets -ports; design -stash "
             "gold; read_verilog design.v; prep -flatten -top %s; splitnets -ports; design -stash "
             "gate; design -copy-from gold -as gold %s; design -copy-from gate -as gate %s; "
             "equiv_make gold gate equiv; prep -flatten -top equiv; equiv_simple; equiv_induct; "
             "equiv_status -assert",
             name, name, name, name);
    run_yosys(dir, script);
}

static void reads_and_proves(void **state)
{
    static const struct {
        size_t row;
        enum mp_unit unit;
        bool proved;
    } picked[] = {
        {0, MP_UNIT_MAC, true},          {8, MP_UNIT_MAC, false},
        {14, MP_UNIT_MULTIPLIER, true},  {15, MP_UNIT_MAC, false},
        {19, MP_UNIT_MULTIPLIER, false}, {23, MP_UNIT_MAC, false},
        {26, MP_UNIT_MULTIPLIER, false},
    };
    struct mp_tempdir dir = {0};
    char *path = mp_process_find("yosys", NULL);

    (void)state;
    if (path == NULL) {
        print_message("yosys is not installed: skipped\n");
        skip();
    }
    free(path);
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    for (size_t i = 0; i < sizeof picked / sizeof *picked; i++) {
        struct mp_design d;
        assert_true(grid_design(&d, picked[i].row, picked[i].unit, NULL, 0));
        check_design(&dir, &d);
        if (picked[i].proved)
            prove(&dir, &d);
    }
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_proves),
    };

    return cmocka_run_group_tests_name("yosys", tests, NULL, NULL);
}
