/* From version 1 of the schema to the present one: nothing lost, all or nothing, by one of many. */
#include "tests/store/fixture.h"

#include "estimator/store/embedded.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void raw_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static int add_row(void *context, int count, char **values, char **names)
{
    (void)names;
    for (int i = 0; i < count; i++)
        mp_text_printf(context, "%s|", values[i] ? values[i] : "NULL");
    mp_text_add(context, "\n");
    return 0;
}

/* All rows of some SELECTs as text, read with no help of the store. */
static void raw_text(const char *path, const char *sql, struct mp_text *out)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, add_row, out, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

static void assert_raw(const char *path, const char *sql, const char *expected)
{
    struct mp_text out = {0};
    raw_text(path, sql, &out);
    assert_string_equal(out.data, expected);
    mp_text_release(&out);
}

/* A file that the program with that version wrote. */
static void make_version(struct fixture *f, int version)
{
    struct mp_text dump = {0};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_asprintf("%s/tests/store/golden/version_%d.sql", root ? root : ".", version);
    unlink(f->path);
    assert_int_equal(mp_file_read(&dump, path, 0, &f->err), MP_OK);
    raw_sql(f->path, dump.data);
    mp_text_release(&dump);
    free(path);
}

static void make_version_1(struct fixture *f)
{
    make_version(f, 1);
}

/* ... with many more results than the four, so that a migration takes a while. */
static void make_large_version_1(struct fixture *f)
{
    make_version_1(f);
    raw_sql(
        f->path,
        "BEGIN; WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 20009)"
        " INSERT INTO estimate (estimate_key, ppa_id, trace_id, accuracy_id, context_id, cycles,"
        " annotated_share, internal_w, switching_w, leakage_w, glitch_w, energy_per_mac_j,"
        " power_mode)"
        " SELECT printf('e%031d', i), i % 4 + 1, i % 4 + 1, 1, 1, i, 1, 1e-6 * i, 1e-7 * i,"
        " 1e-9, 0, 1e-15 * i, 'compatible' FROM n;"
        "INSERT INTO power_row SELECT e.estimate_id, q.part_id, 1e-6, 2e-6, 3e-9, 0"
        " FROM estimate e, part q WHERE e.estimate_id > 4; COMMIT");
}

/* SELECTs of everything in the tables by the columns that they have now. */
static void select_everything(const char *path, struct mp_text *sql)
{
    raw_text(path,
             "SELECT 'SELECT ' || (SELECT group_concat('quote(\"' || c.name || '\")', ', ')"
             " FROM pragma_table_info(t.name) c) || ' FROM ' || t.name || ' ORDER BY 1, 2;'"
             " FROM sqlite_schema t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
             sql);
    for (char *p = sql->data; *p; p++)
        if (*p == '|' && p[1] == '\n')
            *p = ' ';
}

static void nothing_is_lost_from(struct fixture *f, int version)
{
    struct mp_text sql = {0}, before = {0}, after = {0}, migrated = {0}, fresh = {0};
    const char *schema = "SELECT type, name, replace(sql, '\"', '') FROM sqlite_schema"
                         " ORDER BY type, name";
    make_version(f, version);
    select_everything(f->path, &sql);
    assert_non_null(strstr(sql.data, "\"energy_per_mac_j\""));
    raw_text(f->path, sql.data, &before);
    assert_true(before.size > 3900);
    open_writer(f);
    assert_sql(f, "PRAGMA user_version", "4");
    assert_sql(f, "PRAGMA integrity_check", "ok");
    assert_sql(f, "SELECT count(*) FROM pragma_foreign_key_check", "0");
    close_store(f);
    raw_text(f->path, sql.data, &after);
    assert_string_equal(after.data, before.data);
    raw_text(f->path, schema, &migrated);
    unlink(f->path);
    open_writer(f);
    close_store(f);
    raw_text(f->path, schema, &fresh);
    assert_string_equal(migrated.data, fresh.data);
    mp_text_release(&sql);
    mp_text_release(&before);
    mp_text_release(&after);
    mp_text_release(&migrated);
    mp_text_release(&fresh);
}

static void nothing_is_lost(void **state)
{
    nothing_is_lost_from(*state, 1);
}

static void nothing_is_lost_from_version_2(void **state)
{
    struct fixture *f = *state;
    struct mp_accuracy_record r;
    struct sample s;
    bool found;
    nothing_is_lost_from(f, 2);
    make_version(f, 2);
    open_writer(f);
    assert_sql(f,
               "SELECT group_concat(weight_calibration || '/' || activation_calibration)"
               " FROM accuracy",
               "mse/max,/,/,/");
    assert_sql(f, "SELECT group_concat(engine) FROM accuracy", "fake,fake,fake,float32");
    assert_sql(f,
               "SELECT count(*) FROM accuracy WHERE is_complete AND ranks IS NULL"
               " AND planned_images = 10000 AND weight_scope = 'layer'"
               " AND activation_scope = 'layer' AND overrides = ''",
               "4");
    assert_sql(f,
               "SELECT count(*) FROM trace WHERE network_id IS NULL AND layer = ''"
               " AND macs IS NULL AND synthetic = 0 AND weight_scope IS NULL",
               "4");
    assert_sql(f, "SELECT count(*) FROM network WHERE whole_macs IS NULL AND note = ''", "1");
    assert_sql(f, "SELECT count(*) FROM v_estimate WHERE exact_power_uw > 0", "2");
    /* A row without layers and ranks reads as such, and gives way to what has them. */
    sample_init(&s, "e4m2", 0);
    assert_int_equal(mp_store_get_accuracy(f->store, s.accuracy.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_null(r.ranks);
    assert_int_equal(r.layer_count, 0);
    assert_string_equal(r.weight_calibration, "mse");
    mp_accuracy_record_release(&r);
    assert_int_equal(sqlite3_exec(f->store->db, "DELETE FROM accuracy", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
}

static void nothing_is_lost_from_version_3(void **state)
{
    struct fixture *f = *state;
    struct mp_ppa_record r;
    struct sample s;
    bool found;
    nothing_is_lost_from(f, 3);
    make_version(f, 3);
    open_writer(f);
    assert_sql(f, "SELECT group_concat(DISTINCT way) FROM ppa_point", "yosys default,given");
    assert_sql(f, "SELECT way FROM v_estimate WHERE unit = 'module'", "given");
    assert_sql(f,
               "SELECT count(*) FROM ppa_point WHERE objective = '' AND resized = 0"
               " AND max_delay_s IS NULL AND max_area_um2 IS NULL AND max_power_w IS NULL"
               " AND budget_s IS NULL AND evaluations IS NULL AND driving_cell = ''"
               " AND output_load_f = 0",
               "6");
    assert_sql(f,
               "SELECT count(*) FROM design WHERE adder = '' AND form = '' AND sign = ''"
               " AND shift = '' AND shifter = '' AND alignment = '' AND rounding = ''"
               " AND low_power = '' AND terms = 1 AND drop_bits = 0 AND guard_bits = 0"
               " AND stages = 0 AND registers = 1",
               "4");
    assert_sql(f,
               "SELECT (SELECT count(*) FROM ppa_run) + (SELECT count(*) FROM front)"
               " + (SELECT count(*) FROM peer)",
               "0");
    /* The same design is found, not made again; its points are read as what they are. */
    sample_init(&s, "e3m3", 20);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    sample_init(&s, "e3m3", 30);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT count(*) FROM design", "4");
    assert_sql(f, "SELECT count(*) FROM ppa_point", "7");
    assert_int_equal(mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_string_equal(r.implementation, "yosys");
    assert_int_equal(r.terms, 1);
    assert_false(r.is_combinational || r.is_resized);
    mp_ppa_record_release(&r);
    assert_int_equal(sqlite3_exec(f->store->db, "DELETE FROM design", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
}

static void old_rows_are_told_from_new(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    struct mp_ppa_record r;
    bool found;
    make_version_1(f);
    open_writer(f);
    assert_sql(f, "SELECT group_concat(block_origin) FROM ppa_point", "apart,apart,none,none");
    assert_sql(
        f,
        "SELECT count(*) FROM estimate WHERE unsettled_cycles IS NULL"
        " AND propagated_share IS NULL AND exact_internal_w IS NULL AND exact_power_w IS NULL"
        " AND exact_leakage_w IS NULL AND exact_glitch_w IS NULL AND batches IS NULL"
        " AND power_half_width_w IS NULL AND glitch_half_width_w IS NULL"
        " AND energy_half_width_j IS NULL AND total_half_width_w IS NULL AND engine IS NULL"
        " AND engine_internal_w IS NULL AND engine_switching_w IS NULL"
        " AND engine_leakage_w IS NULL AND activity_source = 'simulated'",
        "4");
    assert_sql(
        f,
        "SELECT count(*) FROM power_row WHERE exact_internal_w IS NULL AND cell_count IS NULL"
        " AND exact_leakage_w IS NULL AND exact_glitch_w IS NULL AND half_width_w IS NULL",
        "20");
    assert_sql(f, "SELECT count(*) FROM v_estimate WHERE exact_power_uw IS NULL AND power_uw > 0",
               "4");
    assert_sql(f, "SELECT count(*) FROM v_power_by_block", "12");
    sample_init(&s, "e4m2", 0);
    assert_int_equal(mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err), MP_OK);
    assert_true(found);
    assert_string_equal(r.block_origin, "apart");
    mp_ppa_record_release(&r);
    /* Keys are found, references hold, cascades work: as in a new file. */
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT count(*) FROM estimate", "4");
    sample_init(&s, "int9", 50);
    sample_complete(&s);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT max(estimate_id) FROM v_estimate WHERE exact_power_uw > 0", "5");
    assert_int_equal(sqlite3_exec(f->store->db, "DELETE FROM trace", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(f->store->db, "DELETE FROM design", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(
        sqlite3_exec(f->store->db, "DELETE FROM run; DELETE FROM estimate", NULL, NULL, NULL),
        SQLITE_OK);
    assert_sql(f, "SELECT count(*) FROM power_row", "0");
}

static void without_rows(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    const char *const steps[] = {mp_store_embedded[MP_EMBEDDED_SCHEMA].text};
    assert_int_equal(mp_store_open_steps(&f->store, f->path, false, steps, 1, "", &f->err), MP_OK);
    close_store(f);
    assert_raw(f->path, "PRAGMA user_version", "1|\n");
    open_writer(f);
    assert_sql(f, "PRAGMA user_version", "4");
    sample_init(&s, "int8", 1);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    assert_sql(f, "SELECT count(*) FROM v_estimate", "1");
}

/* What people have added themselves. */
static void own_views_survive(void **state)
{
    struct fixture *f = *state;
    make_version_1(f);
    raw_sql(f->path, "CREATE VIEW mine AS SELECT e.design, v.power_uw FROM design e"
                     " JOIN v_estimate v ON v.design = e.design;"
                     "CREATE TABLE notes (estimate_id REFERENCES estimate, note TEXT);"
                     "INSERT INTO notes VALUES (2, 'odd')");
    open_writer(f);
    assert_sql(f, "SELECT count(*) FROM mine", "4");
    assert_sql(f, "SELECT design FROM notes JOIN v_estimate USING (estimate_id)",
               "mac_int11_uint8_dadda");
    assert_sql(f, "SELECT \"table\" FROM pragma_foreign_key_list('notes')", "estimate");
}

static void reading_says_what_to_do(void **state)
{
    struct fixture *f = *state;
    struct mp_text before = {0}, after = {0};
    make_version_1(f);
    assert_int_equal(mp_file_read(&before, f->path, 0, &f->err), MP_OK);
    assert_int_equal(mp_store_open(&f->store, f->path, true, &f->err), MP_E_DATABASE);
    assert_message(f, "has schema 1 and this program reads 4");
    assert_message(f, "`macppa run`, brings it up to date");
    assert_int_equal(mp_file_read(&after, f->path, 0, &f->err), MP_OK);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
    mp_text_release(&before);
    mp_text_release(&after);
}

static const char version_and_rows[] =
    "PRAGMA user_version; SELECT count(*) FROM estimate; SELECT count(*) FROM power_row;"
    "SELECT count(*) FROM sqlite_schema WHERE name GLOB '*_[234]'; PRAGMA "
    "integrity_check;"
    "PRAGMA foreign_key_check; SELECT count(*) FROM v_estimate";

/* The program's own steps, and then `step` as version 5. */
static int open_version_5(struct fixture *f, bool read_only, const char *step)
{
    const char *const steps[] = {mp_store_embedded[MP_EMBEDDED_SCHEMA].text,
                                 mp_store_embedded[MP_EMBEDDED_MIGRATION_2].text,
                                 mp_store_embedded[MP_EMBEDDED_MIGRATION_3].text,
                                 mp_store_embedded[MP_EMBEDDED_MIGRATION_4].text, step};
    return mp_store_open_steps(&f->store, f->path, read_only, steps, 5,
                               mp_store_embedded[MP_EMBEDDED_VIEWS].text, &f->err);
}

static void a_step_that_fails_changes_nothing(void **state)
{
    struct fixture *f = *state;
    const char *good = "ALTER TABLE run ADD COLUMN label TEXT NOT NULL DEFAULT '';"
                       "CREATE INDEX run_by_label ON run (label)";
    make_version_1(f);
    assert_int_equal(open_version_5(f, false, "CREATE TABLE half (x); SELECT nonsense"),
                     MP_E_DATABASE);
    assert_message(f, "from version 4 to 5");
    assert_raw(f->path, version_and_rows, "1|\n4|\n20|\n0|\nok|\n4|\n");
    assert_int_equal(open_version_5(f, false, "DELETE FROM design WHERE design_id = 1"),
                     MP_E_DATABASE);
    assert_message(f, "1 rows refer to rows that are not there");
    assert_raw(f->path, version_and_rows, "1|\n4|\n20|\n0|\nok|\n4|\n");
    /* A later schema, as a test's own build of the program would have it. */
    open_writer(f);
    close_store(f);
    assert_int_equal(open_version_5(f, true, good), MP_E_DATABASE);
    assert_message(f, "brings it up to date");
    assert_int_equal(open_version_5(f, false, good), MP_OK);
    assert_sql(f, "PRAGMA user_version", "5");
    assert_sql(f, "SELECT count(*) FROM run WHERE label = ''", "1");
    assert_sql(f, "SELECT count(*) FROM v_estimate", "4");
    close_store(f);
    assert_int_equal(open_version_5(f, true, good), MP_OK);
    close_store(f);
    assert_int_equal(mp_store_open(&f->store, f->path, false, &f->err), MP_E_DATABASE);
    assert_message(f, "newer macppa (schema 5");
    /* A new file goes through the same steps. */
    unlink(f->path);
    assert_int_equal(open_version_5(f, false, good), MP_OK);
    assert_sql(f, "SELECT count(*) FROM pragma_table_info('run') WHERE name = 'label'", "1");
}

/* A file that is broken already is not made worse. */
static void lost_references_are_refused(void **state)
{
    struct fixture *f = *state;
    make_version_1(f);
    raw_sql(f->path, "PRAGMA foreign_keys = OFF; DELETE FROM trace WHERE trace_id = 3");
    assert_int_equal(mp_store_open(&f->store, f->path, false, &f->err), MP_E_DATABASE);
    assert_message(f, "1 rows refer to rows that are not there");
    assert_message(f, "left in its old schema");
    assert_raw(f->path, "PRAGMA user_version; SELECT count(*) FROM estimate", "1|\n4|\n");
}

static pid_t start_opener(const struct fixture *f, unsigned n)
{
    pid_t child = fork();
    if (child == 0) {
        struct mp_store *store = NULL;
        struct mp_error err = MP_ERROR_INIT;
        struct sample s;
        int rc = mp_store_open(&store, f->path, false, &err);
        sample_init(&s, "int8", n);
        if (rc == MP_OK)
            rc = sample_put(store, &s, &err);
        mp_store_close(store);
        if (rc != MP_OK)
            fprintf(stderr, "opener: %s\n", err.message);
        _exit(rc == MP_OK ? 0 : 1);
    }
    return child;
}

static void killed_in_the_middle(void **state)
{
    struct fixture *f = *state;
    int status = 0;
    make_version_1(f);
    pid_t child = fork();
    if (child == 0) {
        /* All of the step is done, and then never an end. */
        (void)open_version_5(f, false,
                             "CREATE TABLE reached (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                             " SELECT i + 1 FROM n) SELECT sum(i) FROM n");
        _exit(0);
    }
    usleep(300000);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_raw(f->path, version_and_rows, "1|\n4|\n20|\n0|\nok|\n4|\n");
    /* At any moment of a long one. */
    make_large_version_1(f);
    int interrupted = 0;
    for (useconds_t after_us = 2000; after_us < 5000000; after_us += after_us / 2) {
        struct mp_text now = {0};
        child = start_opener(f, 100);
        usleep(after_us);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        raw_text(f->path, "PRAGMA user_version", &now);
        bool is_old = now.data[0] == '1';
        mp_text_release(&now);
        if (!is_old)
            break;
        interrupted++;
        assert_raw(f->path, version_and_rows, "1|\n20004|\n100020|\n0|\nok|\n20004|\n");
    }
    assert_true(interrupted > 0);
    open_writer(f);
    assert_sql(f, "PRAGMA user_version", "4");
    assert_sql(f, "SELECT count(*) FROM estimate WHERE estimate_key NOT LIKE '%64'", "19804");
    assert_sql(f, "PRAGMA integrity_check", "ok");
}

static void several_at_once(void **state)
{
    struct fixture *f = *state;
    pid_t children[4];
    make_large_version_1(f);
    for (unsigned i = 0; i < 4; i++)
        children[i] = start_opener(f, 100 + i);
    for (unsigned i = 0; i < 4; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_raw(f->path, version_and_rows, "4|\n20008|\n100040|\n0|\nok|\n20008|\n");
}

static void full_disk(void **state)
{
    struct fixture *f = *state;
    int status = -1;
    make_large_version_1(f);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){4000000, 4000000});
        _exit(mp_store_open(&f->store, f->path, false, &f->err) == MP_E_DATABASE &&
                      strstr(f->err.message, "disk")
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_raw(f->path, version_and_rows, "1|\n20004|\n100020|\n0|\nok|\n20004|\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_lost_from_version_2, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_lost_from_version_3, setup, teardown),
        cmocka_unit_test_setup_teardown(old_rows_are_told_from_new, setup, teardown),
        cmocka_unit_test_setup_teardown(without_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(own_views_survive, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_says_what_to_do, setup, teardown),
        cmocka_unit_test_setup_teardown(a_step_that_fails_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_references_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(several_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(full_disk, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
