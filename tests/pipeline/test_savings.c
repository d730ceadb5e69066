/*
 * What the project is about, as figures: e4m2 against int11 multipliers on nangate45 at 2 ns, and
 * one experiment on all libraries with nothing but the library's name changed. Needs the shared
 * libraries.
 */
#include "estimator/pipeline/pipeline.h"
#include "estimator/util/file.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

/* Name the shared folder in MACPPA_LIBS; false, said so, without it. */
static bool use_shared_libraries(void)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = shared != NULL ? mp_path_join(shared, "libs")
                                : mp_asprintf("%s/../shared/libs", root != NULL ? root : ".");
    bool there = mp_file_exists(path);

    if (there)
        setenv("MACPPA_LIBS", path, 1);
    else
        print_message("skipped: no folder %s\n", path);
    free(path);
    return there;
}

/* int11 and e4m2 x uint8 multipliers on one library into path; 0: the library's clock. */
static void run(const char *library, double clock_s, const char *path)
{
    struct mp_experiment e;
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_run_summary summary;
    struct mp_error err = MP_ERROR_INIT;

    mp_experiment_init(&e);
    mp_experiment_set_library(&e, library);
    e.clock_period_s = clock_s;
    e.weights = mp_alloc(2, sizeof *e.weights);
    e.weight_count = 2;
    assert_ok(mp_format_parse(&e.weights[0], "int11", &err), &err);
    assert_ok(mp_format_parse(&e.weights[1], "e4m2", &err), &err);
    e.activations = mp_alloc(1, sizeof *e.activations);
    e.activation_count = 1;
    assert_ok(mp_format_parse(&e.activations[0], "uint8", &err), &err);
    /* Both sides at their smallest, several runs a side: one run is off by as much as is asked. */
    e.synthesis_runs = 3;
    assert_ok(mp_way_settings_set(&e.ways, "recipe", "area", &err), &err);
    assert_ok(mp_tools_find(&tools, NULL, NULL, &err), &err);
    assert_ok(mp_store_open(&store, path, false, &err), &err);
    assert_ok(mp_pipeline_run(&e, &tools, store, NULL, &summary, &err), &err);
    assert_int_equal(summary.estimates, 2);
    mp_store_close(store);
    mp_tools_release(&tools);
    mp_experiment_release(&e);
}

/* One number from the database. */
static double ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    double x = 0;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    x = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return x;
}

/* Half of the activations 0, weights normal: as far as random operands are like a CNN's. */
static void saves_on_nangate45(void **state)
{
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    if (!use_shared_libraries()) {
        skip();
        return;
    }
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    char *path = mp_path_join(dir.path, "savings.db");
    run("nangate45", 2e-9, path);
    double area = ask(path, "SELECT area_reduction_percent FROM v_reduction"
                            " WHERE weight_format = 'e4m2'");
    double power = ask(path, "SELECT power_reduction_percent FROM v_reduction"
                             " WHERE weight_format = 'e4m2'");
    print_message("e4m2 against int11: %.1f %% less area, %.1f %% less power\n", area, power);
    assert_true(area >= 40);
    assert_true(power >= 30);
    assert_int_equal(ask(path, "SELECT count(*) FROM ppa_point WHERE proof_rtl = 'exhaustive'"
                               " AND proof_netlist = 'exhaustive' AND slack_s >= 0"),
                     2);
    free(path);
    mp_tempdir_remove(&dir);
}

static void runs_on_every_library(void **state)
{
    static const char *const libraries[] = {"osu018", "nangate45", "sky130hd", "gf180"};
    struct mp_tempdir dir = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    if (!use_shared_libraries()) {
        skip();
        return;
    }
    assert_ok(mp_tempdir_create(&dir, &err), &err);
    char *path = mp_path_join(dir.path, "libraries.db");
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        run(libraries[i], 0, path);
    /* On each of them the clock is met, all pins are simulated, and the float multiplier is
     * smaller. */
    assert_int_equal(ask(path, "SELECT count(*) FROM v_estimate_si WHERE slack_s >= 0"
                               " AND annotated_share = 1"),
                     8);
    assert_int_equal(ask(path, "SELECT count(DISTINCT library) FROM v_reduction"
                               " WHERE weight_format = 'e4m2' AND area_reduction_percent > 30"
                               " AND power_reduction_percent > 15"),
                     4);
    free(path);
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saves_on_nangate45),
        cmocka_unit_test(runs_on_every_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
