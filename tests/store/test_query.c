/* Named questions, views, and what the user's own SQL may not do. */
#include "tests/store/ask.h"

#include "estimator/util/log.h"
#include <sys/stat.h>
#include <unistd.h>

/* Two formats, one run, in an open store. */
static int setup_filled(void **state)
{
    struct sample s;
    int64_t run = -1;
    if (setup(state) != 0)
        return -1;
    struct fixture *f = *state;
    open_writer(f);
    for (unsigned n = 0; n < 6; n++) {
        sample_init(&s, n < 3 ? "int11" : "e4m2", n);
        if (n % 3 == 0)
            sample_complete(&s);
        struct mp_ppa_run runs[1];
        mp_ppa_run_init(runs);
        runs[0].area_um2 = s.ppa.area_um2;
        runs[0].critical_path_s = s.ppa.critical_path_s;
        s.ppa.runs = runs;
        s.ppa.run_count = 1;
        if (n >= 3) {
            s.ppa.area_um2 = 1234.5 / 2;
            s.estimate.switching_w = 5e-6;
            s.accuracy.top1 = 9140;
            s.accuracy.weight_bits = 61706 * 7;
        }
        if (n == 5)
            s.ppa.clock_period_s = 3e-9;
        assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
        if (run < 0)
            assert_int_equal(mp_store_run_begin(f->store, "quick", "x", &s.context, &run, &f->err),
                             MP_OK);
        if (n < 5)
            assert_int_equal(mp_store_run_add(f->store, run, s.estimate.key, &f->err), MP_OK);
    }
    return 0;
}

static void every_query_answers(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    assert_true(mp_store_query_count() >= 11);
    for (size_t i = 0; i < mp_store_query_count(); i++) {
        const char *name = mp_store_query_name(i);
        ask(f, &seen, name, NULL);
        /* No modules of the user's (test_answers.c), nothing flat, no layers (test_networks.c). */
        static const char *const empty[] = {"modules", "flattening", "precision",      "narrowest",
                                            "layers",  "inference",  "storage_layers", "front"};
        bool expected = true;
        for (size_t k = 0; k < sizeof empty / sizeof *empty; k++)
            expected = expected && strcmp(name, empty[k]) != 0;
        if ((seen.rows > 0) != expected)
            print_error("%s: %u rows\n", name, (unsigned)seen.rows);
        assert_true((seen.rows > 0) == expected);
        assert_true(strlen(mp_store_query_summary(i)) > 20);
        assert_null(strchr(mp_store_query_summary(i), '\n'));
        assert_non_null(strstr(mp_store_query_text(i), mp_store_query_summary(i)));
    }
}

/* Each parameter of each query is described, and can be given. */
static void every_parameter_is_described(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < mp_store_query_count(); i++) {
        sqlite3_stmt *statement;
        const char *text = mp_store_query_text(i);
        assert_int_equal(sqlite3_prepare_v2(f->store->db, text, -1, &statement, NULL), SQLITE_OK);
        for (int p = 1; p <= sqlite3_bind_parameter_count(statement); p++) {
            struct seen seen;
            const char *name = sqlite3_bind_parameter_name(statement, p);
            char *line = mp_asprintf("\n-- %s=", name);
            char *given = mp_asprintf("%s=1", name + 1);
            if (!strstr(text, line))
                print_error("%s: %s has no description\n", mp_store_query_name(i), name);
            assert_non_null(strstr(text, line));
            ask(f, &seen, mp_store_query_name(i), given);
            free(line);
            free(given);
        }
        sqlite3_finalize(statement);
    }
}

static void every_view_answers(void **state)
{
    struct fixture *f = *state;
    const char *const views[] = {"v_estimate_si",    "v_estimate",      "v_power_by_block",
                                 "v_power_by_group", "v_power_by_kind", "v_run",
                                 "v_reduction",      "v_accuracy"};
    assert_sql(f, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'", "10");
    assert_sql(f, "SELECT count(*) FROM (SELECT * FROM v_layer)", "0");
    assert_sql(f, "SELECT count(*) FROM (SELECT * FROM v_accuracy_layer)", "0");
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char *sql = mp_asprintf("SELECT count(*) > 0 FROM (SELECT * FROM %s)", views[i]);
        assert_sql(f, sql, "1");
        free(sql);
    }
}

static void answers_are_right(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    ask(f, &seen, "estimates", "limit=4");
    assert_int_equal(seen.rows, 4);
    ask(f, &seen, "estimates", "weight=e4m2");
    assert_int_equal(seen.rows, 3);
    ask(f, &seen, "estimates", "run=1");
    assert_int_equal(seen.rows, 5);
    ask(f, &seen, "best", "loss=0.0005");
    assert_int_equal(seen.rows, 3);
    ask(f, &seen, "best", "loss=0.01");
    assert_int_equal(seen.rows, 6);
    assert_non_null(
        strstr(seen.values, "mac_int11_uint8_dadda|nangate45|yosys default|2e-09|2e-13|"));
    ask(f, &seen, "blocks", "estimate=1");
    assert_int_equal(seen.rows, 3);
    ask(f, &seen, "groups", "estimate=1");
    assert_int_equal(seen.rows, 2);
    /* The best int11 is the baseline of the others at 2 ns; nothing compares with 3 ns. */
    ask(f, &seen, "reduction", NULL);
    assert_int_equal(seen.rows, 4);
    ask(f, &seen, "reduction", "weight=e4m2");
    assert_int_equal(seen.rows, 2);
    assert_non_null(strstr(seen.names, "|area_reduction|"));
    assert_non_null(strstr(seen.values, "mac_e4m2_uint8_dadda|mac_int11_uint8_dadda|nangate45|"));
    assert_non_null(strstr(seen.values, "|0.5|0|0.4988"));
    ask(f, &seen, "reduction", "baseline=mac_e4m2_uint8_dadda");
    assert_int_equal(seen.rows, 4);
    ask(f, &seen, "reduction", "baseline=none");
    assert_int_equal(seen.rows, 0);
    assert_sql(f,
               "SELECT round(power_reduction_percent, 6) FROM v_reduction"
               " WHERE baseline_weight_format = 'int11' AND weight_format = 'e4m2'",
               "49.884881");
    /* A name that looks like a number is a name. */
    ask(f, &seen, "estimates", "design=007");
    assert_int_equal(seen.rows, 0);
}

static void put_int11(struct fixture *f, unsigned n, bool keep_blocks, unsigned runs,
                      unsigned recipe_version)
{
    struct sample s;
    sample_init(&s, "int11", n);
    s.ppa.area_um2 = 1000;
    s.ppa.keep_blocks = keep_blocks;
    s.ppa.synthesis_runs = runs;
    s.context.recipe_version = recipe_version;
    s.estimate.energy_per_mac_j = 1e-13;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
}

/* A baseline that was synthesised in another way is none, however little energy it needs. */
static void other_synthesis_is_no_baseline(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    put_int11(f, 10, false, 5, 1);
    put_int11(f, 11, true, 1, 1);
    ask(f, &seen, "reduction", "weight=e4m2");
    assert_int_equal(seen.rows, 2);
    assert_non_null(strstr(seen.values, "|0.5|0|0.4988"));
    /* One a way of synthesis and clock. */
    ask(f, &seen, "comparison", "only=int11");
    assert_int_equal(seen.rows, 3);
    ask(f, &seen, "comparison", "only=e4m2");
    assert_int_equal(seen.rows, 2);
    assert_sql(f,
               "SELECT count(*) FROM v_reduction"
               " WHERE baseline_weight_format = 'int11' AND weight_format = 'e4m2'",
               "6");
    /* The newest of the same way, but by another recipe: shown, and no baseline. */
    put_int11(f, 12, true, 5, 2);
    ask(f, &seen, "reduction", "weight=e4m2");
    assert_non_null(strstr(seen.values, "|0.5|0|0.4988"));
    assert_sql(f,
               "SELECT count(*) FROM v_reduction"
               " WHERE baseline_weight_format = 'int11' AND weight_format = 'e4m2'",
               "6");
}

static void a_missed_clock_is_shown(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    struct sample s;
    sample_init(&s, "e2m1", 10);
    s.ppa.slack_s = -0.25e-9;
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    ask(f, &seen, "comparison", "only=e2m1");
    assert_non_null(strstr(seen.names, "|clock_missed_s|"));
    assert_non_null(strstr(seen.values, "|2.5e-10|"));
}

/* Every statement of the ```sql block in docs/database.md, run as a user's own. */
static void documented_sql_works(void **state)
{
    struct fixture *f = *state;
    struct mp_text page = {0};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_asprintf("%s/docs/database.md", root ? root : ".");
    assert_int_equal(mp_file_read(&page, path, 0, &f->err), MP_OK);
    char *block = strstr(page.data, "```sql\n") + strlen("```sql\n");
    *strstr(block, "```") = '\0';
    int statements = 0;
    for (char *end; (end = strstr(block, ";\n")); block = end + 2) {
        struct seen seen = {0};
        *end = '\0';
        int rc = mp_store_query_sql(f->store, block, see, &seen, &f->err);
        if (rc != MP_OK || seen.rows == 0)
            print_error("%s: %s\n", block, f->err.message);
        assert_int_equal(rc, MP_OK);
        assert_true(seen.rows > 0);
        statements++;
    }
    assert_true(statements >= 6);
    mp_text_release(&page);
    free(path);
}

static void wrong_names(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    const char *const wrong[] = {"colour=red"}, *const bare[] = {"limit"};
    const char *const percent[] = {"tolerance=1%"};
    const char *const injected[] = {"design=x'; DROP TABLE estimate; --"};
    assert_int_equal(mp_store_query(f->store, "worst", NULL, 0, see, &seen, &f->err),
                     MP_E_NOT_FOUND);
    assert_message(f, "estimates, best, reduction");
    assert_int_equal(mp_store_query(f->store, "estimates", wrong, 1, see, &seen, &f->err),
                     MP_E_USAGE);
    assert_message(f, "design, weight, unit, library, run, limit");
    assert_int_equal(mp_store_query(f->store, "estimates", bare, 1, see, &seen, &f->err),
                     MP_E_USAGE);
    assert_int_equal(mp_store_query(f->store, "libraries", wrong, 1, see, &seen, &f->err),
                     MP_E_USAGE);
    assert_message(f, "has none");
    assert_int_equal(mp_store_query(f->store, "narrowest", percent, 1, see, &seen, &f->err),
                     MP_E_USAGE);
    assert_message(f, "tolerance=1% is no number such as 0.01");
    assert_int_equal(mp_store_query(f->store, "estimates", injected, 1, see, &seen, &f->err),
                     MP_OK);
    assert_int_equal(seen.rows, 0);
    assert_sql(f, "SELECT count(*) FROM estimate", "6");
}

static void own_sql_reads(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    const char *sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)"
                      " SELECT i, i / 10.0 AS tenth, 'a' AS letter, NULL AS none, x'00ff' AS b,"
                      " 9223372036854775807 AS big FROM n; -- the end\n";
    if (mp_store_query_sql(f->store, sql, see, &seen, &f->err) != MP_OK)
        print_error("%s\n", f->err.message);
    assert_int_equal(seen.rows, 3);
    assert_string_equal(seen.names, "i|tenth|letter|none|b|big|");
    assert_string_equal(seen.values, "1|0.1|a|NULL|(2 bytes)|9223372036854775807|");
    assert_string_equal(seen.types, "irtnti");
    seen = (struct seen){.stop_after = 2};
    assert_int_equal(mp_store_query_sql(f->store, sql, see, &seen, &f->err), MP_OK);
    assert_int_equal(seen.rows, 2);
    assert_sql(f, "SELECT count(*) FROM json_each('[1,2]')", "2");
    assert_sql(f, "SELECT name FROM pragma_table_info('run') WHERE pk = 1", "run_id");
    assert_sql(f, "EXPLAIN QUERY PLAN SELECT * FROM run", "2");
}

static void own_sql_does_not_write(void **state)
{
    struct fixture *f = *state;
    char *attach = mp_asprintf("ATTACH '%s/other.db' AS o", f->dir.path);
    char *vacuum = mp_asprintf("VACUUM INTO '%s/other.db'", f->dir.path);
    const char *const refused[] = {"INSERT INTO part (scope, part) VALUES ('block', 'x')",
                                   "DELETE FROM estimate",
                                   "UPDATE estimate SET cycles = 1 RETURNING cycles",
                                   "WITH a AS (SELECT 1) DELETE FROM run",
                                   "EXPLAIN DELETE FROM estimate",
                                   "DROP TABLE estimate",
                                   "CREATE TABLE t (x)",
                                   "CREATE TEMP TABLE t (x)",
                                   "CREATE TEMP VIEW t AS SELECT 1",
                                   "ALTER TABLE run ADD COLUMN x",
                                   "REINDEX",
                                   "ANALYZE",
                                   "VACUUM",
                                   "BEGIN",
                                   "SAVEPOINT s",
                                   "ROLLBACK",
                                   "DETACH main",
                                   "PRAGMA writable_schema = ON",
                                   "PRAGMA writable_schema",
                                   "PRAGMA user_version = 5",
                                   "SELECT * FROM pragma_user_version(5)",
                                   "PRAGMA journal_mode = DELETE",
                                   "PRAGMA journal_mode",
                                   "PRAGMA foreign_keys = OFF",
                                   "PRAGMA wal_checkpoint(TRUNCATE)",
                                   "PRAGMA temp_store_directory = '/tmp'",
                                   "SELECT load_extension('x.so')",
                                   "UPDATE sqlite_schema SET sql = ''",
                                   "SELECT 1; SELECT 2",
                                   "SELECT 1; DELETE FROM run",
                                   "SELECT 1; nonsense",
                                   "SELECT nonsense",
                                   "SELECT writefile('/tmp/x', 'y')",
                                   "SELECT",
                                   "",
                                   " -- nothing",
                                   ";",
                                   attach,
                                   vacuum};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct seen seen = {0};
        int rc = mp_store_query_sql(f->store, refused[i], see, &seen, &f->err);
        if (rc != MP_E_USAGE)
            print_error("%s: %d\n", refused[i], rc);
        assert_int_equal(rc, MP_E_USAGE);
        assert_int_equal(seen.rows, 0);
    }
    free(attach);
    free(vacuum);
    char *other = mp_path_join(f->dir.path, "other.db");
    assert_false(mp_file_exists(other));
    free(other);
    assert_sql(f, "SELECT count(*) FROM estimate", "6");
    assert_sql(f, "PRAGMA user_version", "4");
    /* The store itself may write afterwards. */
    struct sample s;
    sample_init(&s, "int8", 50);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
}

static void endless_queries_end(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    const char *endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                          " SELECT sum(i) FROM n";
    mp_store_set_time_limit(f->store, 0.2);
    double start_s = mp_clock_s();
    assert_int_equal(mp_store_query_sql(f->store, endless, see, &seen, &f->err), MP_E_TIMEOUT);
    assert_true(mp_clock_s() - start_s < 10);
    assert_message(f, "no end after 0.2 s");
    assert_sql(f, "SELECT 1", "1");
    assert_int_equal(
        mp_store_query_sql(f->store, "SELECT zeroblob(900000000)", see, &seen, &f->err),
        MP_E_DATABASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_query_answers, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(every_parameter_is_described, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(every_view_answers, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(answers_are_right, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(other_synthesis_is_no_baseline, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(a_missed_clock_is_shown, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(documented_sql_works, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(wrong_names, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(own_sql_reads, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(own_sql_does_not_write, setup_filled, teardown),
        cmocka_unit_test_setup_teardown(endless_queries_end, setup_filled, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
