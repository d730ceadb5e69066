/*
 * A tiny experiment end to end with the real tools: what is computed, what is reused, and that the
 * same comes out every time.
 */
#include "estimator/pipeline/pipeline.h"
#include "estimator/util/file.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

struct bench {
    struct mp_tempdir dir;
    struct mp_tools tools;
    struct mp_experiment e;
    struct mp_error err;
};

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static int setup(void **state)
{
    struct bench *b = mp_alloc(1, sizeof *b);

    assert_ok(mp_tempdir_create(&b->dir, &b->err), &b->err);
    assert_ok(mp_tools_find(&b->tools, NULL, NULL, &b->err), &b->err);
    mp_experiment_init(&b->e);
    mp_experiment_set_library(&b->e, "osu018");
    b->e.weights = mp_alloc(2, sizeof *b->e.weights);
    b->e.weight_count = 2;
    assert_ok(mp_format_parse(&b->e.weights[0], "int3", &b->err), &b->err);
    assert_ok(mp_format_parse(&b->e.weights[1], "e2m1", &b->err), &b->err);
    b->e.activations = mp_alloc(1, sizeof *b->e.activations);
    b->e.activation_count = 1;
    assert_ok(mp_format_parse(&b->e.activations[0], "uint3", &b->err), &b->err);
    b->e.synthesis_runs = 1;
    b->e.trace.stretches = 64;
    b->e.trace.length = 32;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    mp_experiment_release(&b->e);
    mp_tools_release(&b->tools);
    mp_tempdir_remove(&b->dir);
    free(b);
    return 0;
}

static struct mp_run_summary run(struct bench *b, const char *db)
{
    struct mp_store *store = NULL;
    struct mp_run_summary s;
    char *path = mp_path_join(b->dir.path, db);

    assert_ok(mp_store_open(&store, path, false, &b->err), &b->err);
    assert_ok(mp_pipeline_run(&b->e, &b->tools, store, NULL, &s, &b->err), &b->err);
    mp_store_close(store);
    free(path);
    return s;
}

/* Rows of a query as text, numbers with all their digits; or what a statement did. The caller
 * frees. */
static char *sql(struct bench *b, const char *db, const char *text)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    struct mp_text out = {0};
    char *path = mp_path_join(b->dir.path, db);
    const char *rest = text;

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    mp_text_add(&out, "");
    while (*rest != '\0') {
        if (sqlite3_prepare_v2(handle, rest, -1, &statement, &rest) != SQLITE_OK)
            fail_msg("%s", sqlite3_errmsg(handle));
        while (sqlite3_step(statement) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(statement); i++)
                if (sqlite3_column_type(statement, i) == SQLITE_FLOAT)
                    mp_text_printf(&out, "%.17g|", sqlite3_column_double(statement, i));
                else
                    mp_text_printf(&out, "%s|", (const char *)sqlite3_column_text(statement, i));
            mp_text_add(&out, "\n");
        }
        if (sqlite3_finalize(statement) != SQLITE_OK)
            fail_msg("%s", sqlite3_errmsg(handle));
    }
    sqlite3_close(handle);
    free(path);
    return out.data;
}

static void assert_sql(struct bench *b, const char *db, const char *text, const char *expected)
{
    char *got = sql(b, db, text);

    assert_string_equal(got, expected);
    free(got);
}

/* All that a result is, but when it was made. */
static const char results[] =
    "select design, library, clock_period_s, ppa_key, estimate_key, trace_hash, area_um2,"
    " critical_path_s, slack_s, cell_count, register_count, best_variant, proof_rtl,"
    " proof_netlist, proof_rtl_vectors, proof_netlist_vectors, equivalence, cycles,"
    " annotated_share, e.internal_w, e.switching_w, e.leakage_w, e.glitch_w, energy_per_mac_j,"
    " hex(verilog_zlib), hex(netlist_zlib) from estimate e join ppa_point using (ppa_id)"
    " join ppa_text using (ppa_id) join design using (design_id) join library using (library_id)"
    " join trace using (trace_id) order by design, clock_period_s, trace_hash;"
    "select estimate_key, scope, part, p.internal_w, p.switching_w, p.leakage_w, p.glitch_w from "
    "power_row p"
    " join part using (part_id) join estimate using (estimate_id)"
    " order by estimate_key, scope, part";

static void assert_same_results(struct bench *b, const char *db, const char *other)
{
    char *x = sql(b, db, results), *y = sql(b, other, results);

    assert_true(strlen(x) > 500);
    assert_string_equal(x, y);
    free(x);
    free(y);
}

static void check_values(struct bench *b, const char *db)
{
    /* Glitches: some in every multiplier, and blocks and groups add up to them. */
    assert_sql(b, db,
               "select min(e.glitch_w > 0), max(abs(e.glitch_w - (select sum(r.glitch_w)"
               " from power_row r join part using (part_id) where scope = 'block'"
               " and r.estimate_id = e.estimate_id)) < 1e-9 * e.power_w),"
               " max(abs(e.glitch_w - (select sum(r.glitch_w) from power_row r"
               " join part using (part_id) where scope = 'group'"
               " and r.estimate_id = e.estimate_id)) < 1e-9 * e.power_w) from estimate e",
               "1|1|1|\n");
    assert_sql(b, db,
               "select count(*), min(area_um2 > 100), min(critical_path_s > 1e-11),"
               " min(slack_s > 0), min(proof_rtl = 'exhaustive'),"
               " min(proof_netlist = 'exhaustive'), min(register_count >= 12) from ppa_point",
               "2|1|1|1|1|1|1|\n");
    assert_sql(b, db,
               "select count(*), min(internal_w > 1e-7), min(switching_w > 1e-7),"
               " min(leakage_w > 1e-12), min(cycles), min(annotated_share),"
               " min(abs(energy_per_mac_j - power_w * clock_period_s) < 1e-6 * energy_per_mac_j)"
               " from estimate join ppa_point using (ppa_id)",
               "2|1|1|1|1856|1|1|\n");
    /* Groups, blocks and kinds of cells add up to the whole. */
    assert_sql(b, db,
               "select min(abs(s - power_w) < 1e-9 * power_w), count(*) from (select estimate_id,"
               " sum(internal_w + switching_w + leakage_w) s from power_row join part"
               " using (part_id) group by estimate_id, scope) join estimate using (estimate_id)",
               "1|6|\n");
    /* The exact mode is beside, close and not the same; intervals are there, and narrow. */
    assert_sql(b, db,
               "select count(*), min(abs(exact_internal_w / internal_w - 1) between 1e-9 and 0.1),"
               " min(abs(exact_glitch_w / glitch_w - 1) < 0.1), min(batches),"
               " min(power_half_width_w / power_w between 1e-4 and 0.1),"
               " min(total_half_width_w > 0), sum(unsettled_cycles) from estimate",
               "2|1|1|16|1|1|0|\n");
    assert_sql(b, db, "pragma integrity_check; pragma foreign_key_check", "ok|\n");
}

static void runs_and_reuses(void **state)
{
    struct bench *b = *state;
    struct mp_run_summary s = run(b, "a.db");

    assert_int_equal(s.points, 2);
    assert_int_equal(s.points_reused, 0);
    assert_int_equal(s.estimates, 2);
    assert_int_equal(s.estimates_reused, 0);
    assert_true(s.tool_wall_s > 0 && s.worker_s >= s.tool_wall_s && s.wall_s > 0);
    check_values(b, "a.db");

    char *before = sql(b, "a.db", results);
    s = run(b, "a.db");
    assert_int_equal(s.points_reused, 2);
    assert_int_equal(s.estimates_reused, 2);
    assert_true(s.tool_wall_s == 0);
    assert_sql(b, "a.db", results, before);
    assert_sql(b, "a.db", "select count(*), min(wall_s >= 0) from run", "2|1|\n");
    assert_sql(b, "a.db", "select run_id, count(*) from run_estimate group by run_id",
               "1|2|\n2|2|\n");
    free(before);
}

static void only_what_changed(void **state)
{
    struct bench *b = *state;
    struct mp_run_summary s;

    run(b, "a.db");
    /* Another trace: other estimates of the same points. */
    b->e.trace.seed = 2;
    s = run(b, "a.db");
    assert_int_equal(s.points_reused, 2);
    assert_int_equal(s.estimates_reused, 0);
    assert_sql(b, "a.db", "select count(*), (select count(*) from ppa_point) from estimate",
               "4|2|\n");
    b->e.trace.seed = 1;
    /* Another clock: new points beside the old ones. */
    b->e.clock_period_s = 9e-9;
    s = run(b, "a.db");
    assert_int_equal(s.points_reused, 0);
    assert_sql(b, "a.db",
               "select clock_period_s = 9e-9, count(*) from ppa_point group by 1 order by 1",
               "0|2|\n1|2|\n");
    /* One design more: that one alone. */
    b->e.clock_period_s = 0;
    b->e.weights = mp_realloc(b->e.weights, 3, sizeof *b->e.weights);
    assert_ok(mp_format_parse(&b->e.weights[2], "uint2", &b->err), &b->err);
    b->e.weight_count = 3;
    s = run(b, "a.db");
    assert_int_equal(s.points, 3);
    assert_int_equal(s.points_reused, 2);
    assert_int_equal(s.estimates_reused, 2);
}

static void same_everywhere(void **state)
{
    struct bench *b = *state;

    b->e.threads = 1;
    run(b, "one.db");
    b->e.threads = 2;
    run(b, "two.db");
    assert_same_results(b, "one.db", "two.db");
}

/* Estimates that are gone are made again from the stored netlists: the same numbers. */
static void restores(void **state)
{
    struct bench *b = *state;
    char *before;
    struct mp_run_summary s;

    run(b, "a.db");
    before = sql(b, "a.db", results);
    free(sql(b, "a.db",
             "pragma foreign_keys = on; delete from run_estimate; delete from estimate;"));
    assert_sql(b, "a.db", "select count(*) from power_row", "0|\n");
    s = run(b, "a.db");
    assert_int_equal(s.points_reused, 2);
    assert_int_equal(s.estimates_reused, 0);
    assert_true(s.tool_wall_s > 0);
    assert_sql(b, "a.db", results, before);
    free(before);
}

/* One design that cannot be made does not keep the others from being stored. */
static void keeps_what_worked(void **state)
{
    struct bench *b = *state;
    struct mp_store *store = NULL;
    struct mp_run_summary s;
    char *path = mp_path_join(b->dir.path, "a.db");

    b->e.trace_file = mp_path_join(b->dir.path, "int3.trace");
    struct mp_trace t = {0};
    assert_ok(mp_trace_random(&t, &b->e.weights[0], &b->e.activations[0], MP_OPERANDS_UNIFORM,
                              &b->e.trace, &b->err),
              &b->err);
    assert_ok(mp_trace_write(&t, b->e.trace_file, &b->err), &b->err);
    mp_trace_release(&t);
    assert_ok(mp_store_open(&store, path, false, &b->err), &b->err);
    assert_int_equal(mp_pipeline_run(&b->e, &b->tools, store, NULL, &s, &b->err), MP_E_INPUT);
    assert_non_null(strstr(b->err.message, "1 of 2 designs failed"));
    assert_non_null(strstr(b->err.message, "int3 x uint3"));
    mp_store_close(store);
    assert_sql(b, "a.db",
               "select design from estimate join ppa_point using (ppa_id) join design"
               " using (design_id)",
               "multiplier_int3_uint3_dadda|\n");
    assert_sql(b, "a.db", "select wall_s is null from run", "1|\n");
    /* What a trace of our own would be made from does not matter to that of a file. */
    b->e.weight_count = 1;
    b->e.trace.seed++;
    s = run(b, "a.db");
    assert_int_equal(s.estimates_reused, 1);
    free(path);
}

static void wrong_experiments(void **state)
{
    struct bench *b = *state;
    struct mp_store *store = NULL;
    struct mp_run_summary s;
    char *path = mp_path_join(b->dir.path, "a.db");

    assert_ok(mp_store_open(&store, path, false, &b->err), &b->err);
    mp_experiment_set_library(&b->e, "osu999");
    assert_int_equal(mp_pipeline_run(&b->e, &b->tools, store, NULL, &s, &b->err), MP_E_NOT_FOUND);
    assert_non_null(strstr(b->err.message, "osu018"));
    mp_experiment_set_library(&b->e, "osu018");
    assert_ok(mp_format_parse(&b->e.weights[1], "float32", &b->err), &b->err);
    assert_true(mp_pipeline_run(&b->e, &b->tools, store, NULL, &s, &b->err) < 0);
    assert_non_null(strstr(b->err.message, "float32"));
    assert_sql(b, "a.db", "select count(*) from ppa_point", "0|\n");
    mp_store_close(store);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_and_reuses, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(same_everywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(restores, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_what_worked, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_experiments, setup, teardown),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
