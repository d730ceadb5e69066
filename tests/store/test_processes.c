/* Batches, several processes and threads on one file, and kill -9 at any moment. */
#include "tests/store/fixture.h"

#include "estimator/util/parallel.h"
#include "estimator/util/random.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Child: open the file itself (connections do not survive fork) and store `count` results. */
static void write_and_exit(const char *path, unsigned first, unsigned count)
{
    struct mp_store *store = NULL;
    struct mp_error err = MP_ERROR_INIT;
    struct sample s;
    int rc = mp_store_open(&store, path, false, &err);
    for (unsigned n = first; rc == MP_OK && n < first + count; n++) {
        sample_init(&s, n % 2 ? "int11" : "e4m2", n);
        rc = sample_put(store, &s, &err);
    }
    mp_store_close(store);
    if (rc != MP_OK)
        fprintf(stderr, "writer: %s\n", err.message);
    _exit(rc == MP_OK ? 0 : 1);
}

static pid_t start_writer(const char *path, unsigned first, unsigned count)
{
    pid_t child = fork();
    if (child == 0)
        write_and_exit(path, first, count);
    return child;
}

static void assert_whole(struct fixture *f)
{
    assert_sql(f, "PRAGMA integrity_check", "ok");
    assert_sql(f, "SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_sql(f,
               "SELECT (SELECT count(*) FROM power_row) = 5 * (SELECT count(*) FROM estimate)"
               " AND (SELECT count(*) FROM ppa_text) = (SELECT count(*) FROM ppa_point)",
               "1");
}

static void two_writers(void **state)
{
    struct fixture *f = *state;
    pid_t children[2];
    for (unsigned i = 0; i < 2; i++)
        children[i] = start_writer(f->path, 1000 * i, 200);
    for (unsigned i = 0; i < 2; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    open_writer(f);
    assert_sql(f, "SELECT count(*) FROM v_estimate", "400");
    assert_sql(f, "SELECT count(*) FROM context", "1");
    assert_whole(f);
}

/* The file is made by whoever comes first; nobody fails. */
static void many_creators(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 5; round++) {
        pid_t children[6];
        unlink(f->path);
        for (unsigned i = 0; i < 6; i++)
            children[i] = start_writer(f->path, i, 1);
        for (unsigned i = 0; i < 6; i++) {
            int status = -1;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        open_writer(f);
        assert_sql(f, "SELECT count(*) FROM v_estimate", "6");
        close_store(f);
    }
}

/* Kill a writer after a while, look at what it left; true once a result is in the file. */
static bool kill_writer(struct fixture *f, unsigned first, uint64_t after_us)
{
    pid_t child = start_writer(f->path, first, 90000);
    usleep((useconds_t)after_us);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    open_writer(f);
    assert_whole(f);
    char count[256] = "0";
    mp_store_query_sql(f->store, "SELECT count(*) FROM estimate", keep_first, count, &f->err);
    close_store(f);
    return strcmp(count, "0") != 0;
}

static void killed(void **state)
{
    struct fixture *f = *state;
    struct mp_random random;
    bool is_written = false;
    mp_random_seed(&random, 7);
    for (unsigned round = 0; round < 20; round++)
        is_written = kill_writer(f, 100000 * round,
                                 1000 + mp_random_below(&random, round < 10 ? 20000 : 80000));
    /* A slow machine, or valgrind, may need longer for its first result. */
    for (unsigned round = 20; !is_written && round < 26; round++)
        is_written = kill_writer(f, 100000 * round, UINT64_C(100000) << (round - 20));
    assert_true(is_written);
}

static int store_one(void *context, size_t index, struct mp_error *err)
{
    struct sample s;
    struct mp_ppa_record r;
    bool found = false;
    sample_init(&s, "int8", (unsigned)(index / 2)); /* each by two threads */
    int rc = sample_put(context, &s, err);
    if (rc == MP_OK)
        rc = mp_store_get_ppa(context, s.ppa.key, &r, &found, err);
    mp_ppa_record_release(&r);
    return rc == MP_OK && !found ? MP_E_DATABASE : rc;
}

static void threads(void **state)
{
    struct fixture *f = *state;
    open_writer(f);
    assert_int_equal(mp_parallel_for(200, 4, store_one, f->store, &f->err), MP_OK);
    assert_sql(f, "SELECT count(*) FROM estimate", "100");
    assert_whole(f);
}

static void batches_are_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct sample s[3];
    struct mp_estimate_record records[3];
    open_writer(f);
    for (unsigned n = 0; n < 3; n++) {
        sample_init(&s[n], "int8", n);
        sample_complete(&s[n]);
        assert_int_equal(mp_store_put_ppa(f->store, &s[n].ppa, &s[n].context, &f->err), MP_OK);
        assert_int_equal(mp_store_put_trace(f->store, &s[n].trace, &f->err), MP_OK);
        s[n].estimate.accuracy_key[0] = '\0';
        records[n] = s[n].estimate;
    }
    records[2].leakage_w = NAN;
    assert_int_equal(mp_store_put_estimates(f->store, records, 3, &s->context, &f->err),
                     MP_E_DATABASE);
    assert_sql(f, "SELECT (SELECT count(*) FROM estimate) + (SELECT count(*) FROM part)", "0");
    records[2].leakage_w = 1e-7;
    assert_int_equal(mp_store_put_estimates(f->store, records, 3, &s->context, &f->err), MP_OK);
    assert_int_equal(mp_store_put_estimates(f->store, records, 3, &s->context, &f->err), MP_OK);
    assert_int_equal(mp_store_put_estimates(f->store, NULL, 0, &s->context, &f->err), MP_OK);
    assert_sql(f,
               "SELECT (SELECT count(*) FROM estimate) || ' ' || (SELECT count(*) FROM power_row)",
               "3 21");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_are_all_or_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(two_writers, setup, teardown),
        cmocka_unit_test_setup_teardown(many_creators, setup, teardown),
        cmocka_unit_test_setup_teardown(killed, setup, teardown),
        cmocka_unit_test_setup_teardown(threads, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
