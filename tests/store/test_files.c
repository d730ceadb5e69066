/* What is opened: new, foreign, newer, older, damaged, truncated, read-only; full disks. */
#include "tests/store/fixture.h"

#include "estimator/util/random.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Raw SQL on a file that the store is to judge. */
static void raw_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void read_bytes(const char *path, struct mp_text *t)
{
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_file_read(t, path, 0, &err), MP_OK);
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_file_write(path, bytes, size, &err), MP_OK);
}

/* Opening fails for reading and for writing, says why, and does not change a byte. */
static void assert_left_alone(struct fixture *f, const char *message)
{
    struct mp_text before = {0}, after = {0};
    read_bytes(f->path, &before);
    for (int read_only = 0; read_only < 2; read_only++) {
        f->err.message[0] = '\0';
        assert_int_equal(mp_store_open(&f->store, f->path, read_only, &f->err), MP_E_DATABASE);
        assert_null(f->store);
        assert_message(f, message);
        assert_message(f, f->path);
    }
    read_bytes(f->path, &after);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
    mp_text_release(&before);
    mp_text_release(&after);
}

static void new_and_again(void **state)
{
    struct fixture *f = *state;
    struct sample s;
    sample_init(&s, "int8", 1);
    assert_int_equal(mp_store_open(&f->store, f->path, true, &f->err), MP_E_NOT_FOUND);
    assert_false(mp_file_exists(f->path));
    open_writer(f);
    assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
    close_store(f);
    open_writer(f);
    assert_sql(f, "SELECT count(*) FROM v_estimate", "1");
    assert_sql(f, "PRAGMA user_version", "4");
    close_store(f);
    mp_store_close(NULL);
    assert_int_equal(mp_store_open(&f->store, f->dir.path, false, &f->err), MP_E_DATABASE);
    assert_int_equal(mp_store_open(&f->store, "", false, &f->err), MP_E_USAGE);
    char *lost = mp_path_join(f->dir.path, "no/such/folder.db");
    assert_int_equal(mp_store_open(&f->store, lost, false, &f->err), MP_E_DATABASE);
    assert_message(f, "folder");
    free(lost);
}

static void foreign_files(void **state)
{
    struct fixture *f = *state;
    raw_sql(f->path, "CREATE TABLE estimate (x)");
    assert_left_alone(f, "another program");
    unlink(f->path);
    raw_sql(f->path, "PRAGMA application_id = 7; CREATE TABLE t (x)");
    assert_left_alone(f, "another program");
    unlink(f->path);
    raw_sql(f->path, "PRAGMA journal_mode = WAL; PRAGMA user_version = 1; CREATE TABLE t (x)");
    assert_left_alone(f, "another program");
    unlink(f->path);
    write_bytes(f->path, "Dear diary, this is not a database at all.\n", 43);
    assert_left_alone(f, "not a database");
}

/* What a process leaves that was killed while it made the file. */
static void empty_files_are_new(void **state)
{
    struct fixture *f = *state;
    write_bytes(f->path, "", 0);
    open_writer(f);
    close_store(f);
    unlink(f->path);
    raw_sql(f->path, "PRAGMA journal_mode = WAL; VACUUM");
    assert_int_equal(mp_store_open(&f->store, f->path, true, &f->err), MP_E_DATABASE);
    assert_message(f, "is empty");
    open_writer(f);
    assert_sql(f, "SELECT count(*) FROM estimate", "0");
}

static void newer_schema(void **state)
{
    struct fixture *f = *state;
    open_writer(f);
    close_store(f);
    raw_sql(f->path, "PRAGMA user_version = 99");
    assert_left_alone(f, "newer macppa (schema 99");
}

/* Ranks and layers for the accuracy, a network and a layer for the trace. */
static void add_layers(struct sample *s, struct mp_accuracy_layer layers[3], uint8_t ranks[300])
{
    struct mp_accuracy_record *a = &s->accuracy;
    for (uint32_t i = 0; i < 3; i++) {
        mp_accuracy_layer_init(&layers[i]);
        layers[i].index = i;
        layers[i].layer = i == 0 ? "conv1" : i == 1 ? "conv2" : "fc";
        layers[i].kind = "convolution";
        layers[i].weight_format = layers[i].activation_format = "int8";
        layers[i].weight_count = 100;
        layers[i].code_bits = 800;
        layers[i].zero_skipping_bits = 700;
        layers[i].skipping_index_bits = 2;
        layers[i].macs = 1000;
    }
    memset(ranks, 0, 300);
    a->images = a->planned_images = a->top1 = a->top5 = 300;
    a->ranks = ranks;
    a->layers = layers;
    a->layer_count = 3;
    s->trace.network = a->network;
    s->trace.network_hash = a->network_hash;
    s->trace.layer = "conv1";
    s->trace.macs = 1000;
    s->trace.mac_share = 0.25;
}

static void make_filled(struct fixture *f, unsigned count)
{
    struct mp_accuracy_layer layers[3];
    uint8_t ranks[300];
    struct sample s;
    int64_t run;
    open_writer(f);
    for (unsigned n = 0; n < count; n++) {
        sample_init(&s, n % 2 ? "int11" : "e4m2", n);
        if (n % 2)
            add_layers(&s, layers, ranks);
        assert_int_equal(sample_put(f->store, &s, &f->err), MP_OK);
        if (n == 0)
            assert_int_equal(mp_store_run_begin(f->store, "c", "", &s.context, &run, &f->err),
                             MP_OK);
        assert_int_equal(mp_store_run_add(f->store, run, s.estimate.key, &f->err), MP_OK);
    }
    close_store(f);
}

static void truncated(void **state)
{
    struct fixture *f = *state;
    struct mp_text whole = {0};
    make_filled(f, 20);
    read_bytes(f->path, &whole);
    const size_t sizes[] = {1, 16, 99, 100, 512, 4095, 4096, 8192, whole.size / 2, whole.size - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_bytes(f->path, whole.data, sizes[i]);
        assert_left_alone(f, "");
    }
    assert_message(f, "recover");
    mp_text_release(&whole);
}

static int count_rows(void *context, int count, const char *const *names, const char *const *values,
                      const char *types)
{
    (void)count;
    (void)names;
    (void)values;
    (void)types;
    ++*(int *)context;
    return 0;
}

/* Random bytes changed: an error or odd values, never a crash or a hang. */
static void damaged(void **state)
{
    struct fixture *f = *state;
    struct mp_text whole = {0};
    struct mp_random random;
    int opened = 0, rows = 0;
    make_filled(f, 20);
    read_bytes(f->path, &whole);
    mp_random_seed(&random, 1);
    for (int round = 0; round < 100; round++) {
        struct mp_text copy = {0};
        mp_text_add_bytes(&copy, whole.data, whole.size);
        /* Half of them only where tables and indexes begin: the schema stands elsewhere, and
         * opening finds it broken. */
        size_t low = round % 2 ? 8192 : 100, high = round % 2 ? whole.size / 2 : whole.size;
        for (int i = 0; i < 1 + round; i++)
            copy.data[low + mp_random_below(&random, high - low)] =
                (char)mp_random_below(&random, 256);
        FILE *out = fopen(f->path, "wb");
        assert_int_equal(fwrite(copy.data, 1, copy.size, out), copy.size);
        fclose(out);
        mp_text_release(&copy);
        if (mp_store_open(&f->store, f->path, false, &f->err) != MP_OK)
            continue;
        opened++;
        mp_store_set_time_limit(f->store, 1);
        struct sample s;
        struct mp_ppa_record r;
        bool found;
        sample_init(&s, "int8", 5);
        for (size_t q = 0; q < mp_store_query_count(); q++)
            (void)mp_store_query(f->store, mp_store_query_name(q), NULL, 0, count_rows, &rows,
                                 &f->err);
        (void)mp_store_get_ppa(f->store, s.ppa.key, &r, &found, &f->err);
        mp_ppa_record_release(&r);
        for (unsigned n = 0; n < 20; n++) {
            struct mp_accuracy_record a;
            sample_init(&s, "int8", n);
            (void)mp_store_get_accuracy(f->store, s.accuracy.key, &a, &found, &f->err);
            mp_accuracy_record_release(&a);
        }
        struct mp_accuracy_layer layers[3];
        uint8_t ranks[300];
        sample_init(&s, "int8", (unsigned)round % 20);
        add_layers(&s, layers, ranks);
        (void)mp_store_put_accuracy(f->store, &s.accuracy, &s.context, &f->err);
        sample_init(&s, "int8", 1000 + (unsigned)round);
        (void)sample_put(f->store, &s, &f->err);
        close_store(f);
    }
    print_message("%d of 100 damaged files opened\n", opened);
    mp_text_release(&whole);
}

/* Run in a child that is not root, as root may write everywhere. The exit code is the line that
 * failed. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #condition, f->err.message);           \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void become_nobody(struct fixture *f)
{
    if (geteuid() == 0)
        CHECK(setgid(65534) == 0 && setuid(65534) == 0);
}

static void assert_child(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void read_only_file(void **state)
{
    struct fixture *f = *state;
    make_filled(f, 3);
    assert_int_equal(chmod(f->path, 0444), 0);
    assert_int_equal(chmod(f->dir.path, 0777), 0);
    pid_t child = fork();
    if (child == 0) {
        become_nobody(f);
        CHECK(mp_store_open(&f->store, f->path, false, &f->err) == MP_E_DATABASE);
        CHECK(strstr(f->err.message, "may only be read"));
        CHECK(mp_store_open(&f->store, f->path, true, &f->err) == MP_OK);
        int rows = 0;
        CHECK(mp_store_query(f->store, "estimates", NULL, 0, count_rows, &rows, &f->err) == MP_OK);
        CHECK(rows == 3);
        mp_store_close(f->store);
        _exit(0);
    }
    assert_child(child);
}

static void read_only_folder(void **state)
{
    struct fixture *f = *state;
    make_filled(f, 3);
    assert_int_equal(chmod(f->path, 0644), 0);
    assert_int_equal(chmod(f->dir.path, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        become_nobody(f);
        CHECK(mp_store_open(&f->store, f->path, false, &f->err) == MP_E_DATABASE);
        CHECK(mp_store_open(&f->store, f->path, true, &f->err) == MP_OK);
        int rows = 0;
        CHECK(mp_store_query(f->store, "estimates", NULL, 0, count_rows, &rows, &f->err) == MP_OK);
        CHECK(rows == 3);
        mp_store_close(f->store);
        _exit(0);
    }
    assert_child(child);
    assert_int_equal(chmod(f->dir.path, 0755), 0);
}

/* Whole results only, and a file that SQLite finds in order. */
static void assert_whole(struct fixture *f)
{
    open_writer(f);
    assert_sql(f, "PRAGMA integrity_check", "ok");
    assert_sql(f, "SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_sql(f,
               "SELECT (SELECT count(*) FROM power_row) = 5 * (SELECT count(*) FROM estimate)"
               " AND (SELECT count(*) FROM ppa_text) = (SELECT count(*) FROM ppa_point)",
               "1");
}

static int fill_until_refused(struct fixture *f)
{
    struct sample s;
    int rc = MP_OK;
    for (unsigned n = 100; rc == MP_OK && n < 20000; n++) {
        sample_init(&s, "int8", n);
        rc = sample_put(f->store, &s, &f->err);
    }
    return rc;
}

static void full_disk(void **state)
{
    struct fixture *f = *state;
    make_filled(f, 3);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        CHECK(mp_store_open(&f->store, f->path, false, &f->err) == MP_OK);
        CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){400000, 400000}) == 0);
        CHECK(fill_until_refused(f) == MP_E_DATABASE);
        CHECK(strstr(f->err.message, "nothing of this result was stored"));
        /* Still refused, and still without harm. */
        CHECK(fill_until_refused(f) == MP_E_DATABASE);
        mp_store_close(f->store);
        _exit(0);
    }
    assert_child(child);
    assert_whole(f);
    assert_sql(f, "SELECT count(*) > 3 FROM estimate", "1");
}

static void full_database(void **state)
{
    struct fixture *f = *state;
    make_filled(f, 3);
    open_writer(f);
    sqlite3_exec(f->store->db, "PRAGMA max_page_count = 80", NULL, NULL, NULL);
    assert_int_equal(fill_until_refused(f), MP_E_DATABASE);
    assert_message(f, "make room");
    close_store(f);
    assert_whole(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(new_and_again, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_files, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_files_are_new, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(truncated, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(read_only_file, setup, teardown),
        cmocka_unit_test_setup_teardown(read_only_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(full_database, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
