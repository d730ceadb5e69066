/*
 * kill -9 at any moment: the database is whole, holds no half result, and the next run finishes
 * with the results that an undisturbed run has. The moments are spread over the time that such a
 * run takes here; whatever they meet, the same must hold.
 */
#include "tests/cli/harness.h"

#include "estimator/util/log.h"
#include "estimator/util/random.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/util/cmocka_all.h"

enum { KILLS = 10 };

static const char config[] = "name: killed\nlibraries: [osu018]\nweights: [int3, e2m1, e2m0]\n"
                             "activations: [uint3]\ntrace:\n  stretches: 64\n  length: 32\n"
                             "synthesis:\n  runs: 1\n";

static const char *const arguments[] = {"run", "x.yaml", "--quiet", NULL};

/* Every row that belongs to a result is there, or none. */
static void assert_whole(const char *db)
{
    assert_database(
        db,
        "pragma integrity_check; pragma foreign_key_check;"
        "select count(*) from ppa_point left join ppa_text using (ppa_id)"
        " where netlist_bytes is null or netlist_bytes = 0;"
        "select count(*) from estimate e where (select count(distinct scope) from power_row"
        " join part using (part_id) where estimate_id = e.estimate_id) < 2;"
        "select count(*) from estimate left join trace using (trace_id) where source is null;",
        "ok|\n0|\n0|\n0|\n");
}

static void kill_after(struct session *s, double seconds)
{
    pid_t pid = session_start(s, NULL, arguments);

    nanosleep(&(struct timespec){.tv_sec = (time_t)seconds,
                                 .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)},
              NULL);
    kill(pid, SIGKILL); /* it may be over already */
    session_end(s, pid);
}

/* One fresh database a kill, then a run to the end. Returns how many results the killed run left.
 */
static int try_kill(struct session *s, const char *expected, double seconds)
{
    char *db = mp_asprintf("%s.%u", s->db, (unsigned)(seconds * 1e6));
    char *own = s->db, *got, *count;
    int stored = 0;

    s->db = db;
    kill_after(s, seconds);
    if (mp_file_exists(db)) {
        /* A killed run may not even have made its tables. */
        count = database_text(db, "select count(*) from sqlite_schema where name = 'estimate'");
        if (count[0] == '1') {
            assert_whole(db);
            free(count);
            count = database_text(db, "select count(*) from estimate");
            stored = count[0] - '0';
        }
        free(count);
    }
    session_run(s, NULL, arguments);
    assert_status(s, 0);
    assert_whole(db);
    got = database_text(db, database_results);
    assert_string_equal(got, expected);
    assert_database(db, "select wall_s is not null from run order by run_id desc limit 1", "1|\n");
    /* What the dead one left was swept. */
    assert_int_equal(session_processes(s, 10), 0);
    assert_int_equal(session_leftovers(s), 0);
    free(got);
    s->db = own;
    free(db);
    return stored;
}

static void killed(void **state)
{
    struct session *s = *state;
    struct mp_random r;
    double start, full;
    char *expected;
    int partial = 0;

    free(session_file(s, "x.yaml", config));
    start = mp_clock_s();
    session_run(s, NULL, arguments);
    full = mp_clock_s() - start;
    assert_status(s, 0);
    assert_whole(s->db);
    expected = database_text(s->db, database_results);
    mp_random_seed(&r, 5);
    for (int i = 0; i < KILLS; i++) {
        int stored = try_kill(s, expected, full * (i + mp_random_unit(&r)) / KILLS);
        partial += stored > 0 && stored < 3;
    }
    print_message("%d kills over %.2f s: %d left some of the results\n", KILLS, full, partial);
    free(expected);
}

/* Killed again and again on the same database, each time a little later: it gets there. */
static void killed_repeatedly(void **state)
{
    struct session *s = *state;

    free(session_file(s, "x.yaml", config));
    for (int i = 0; i < 8; i++) {
        kill_after(s, 0.05 * i);
        if (mp_file_exists(s->db))
            assert_database(s->db, "pragma integrity_check", "ok|\n");
    }
    session_run(s, NULL, arguments);
    assert_status(s, 0);
    assert_whole(s->db);
    assert_database(s->db, "select count(*) from estimate", "3|\n");
    assert_int_equal(session_processes(s, 10), 0);
    assert_int_equal(session_leftovers(s), 0);
}

/* Two runs of the same experiment into one database at once. */
static void two_at_once(void **state)
{
    struct session *s = *state;
    pid_t first;
    int status = 0;

    free(session_file(s, "x.yaml", config));
    first = session_start(s, NULL, arguments);
    session_run(s, NULL, arguments);
    assert_status(s, 0);
    assert_int_equal(waitpid(first, &status, 0), first);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_whole(s->db);
    assert_database(s->db,
                    "select count(*) from estimate; select count(*) from run;"
                    "select count(*) from run_estimate",
                    "3|\n2|\n6|\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(killed_repeatedly, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(two_at_once, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("killed", tests, NULL, NULL);
}
