/*
 * Tools that crash, hang, lie or are missing: an error that names the tool, its output kept where
 * the message says, nothing stored, nothing left behind.
 */
#include "tests/cli/harness.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/util/cmocka_all.h"

static const char config[] = "name: faults\nlibraries: [osu018]\nweights: [e2m1]\n"
                             "activations: [uint3]\ntrace:\n  stretches: 64\n  length: 32\n"
                             "synthesis:\n  runs: 1\n";

static char *fake(const char *name)
{
    char *inside = mp_asprintf("tests/fake_tools/%s", name), *path = source_path(inside);

    free(inside);
    return path;
}

/* The file that the message names as kept. */
static void assert_kept(const struct session *s)
{
    static const char before[] = "whole output in ";
    const char *from = strstr(s->err.data, before);

    if (from == NULL) {
        fail_msg("no kept output in: %s", s->err.data);
        return;
    }
    from += sizeof before - 1;
    char *path = mp_strndup(from, strcspn(from, " ;,\"\n"));
    if (!mp_file_exists(path))
        fail_msg("%s is not there: %s", path, s->err.data);
    free(path);
}

static void assert_nothing_stored(struct session *s)
{
    if (mp_file_exists(s->db))
        assert_database(s->db,
                        "select (select count(*) from ppa_point), (select count(*) from estimate),"
                        " (select count(*) from ppa_text), (select count(*) from power_row),"
                        " (select count(*) from run where wall_s is not null);"
                        "pragma integrity_check",
                        "0|0|0|0|0|\nok|\n");
    assert_int_equal(session_leftovers(s), 0);
    assert_int_equal(session_processes(s, 5), 0);
}

struct fault {
    const char *mode, *late; /* late: see tests/fake_tools */
    const char *says;
};

static void try_fault(struct session *s, const char *tool, const struct fault *f)
{
    char *option = mp_asprintf("--%s", tool), *program = fake(tool);
    char *mode =
        mp_asprintf("%s=%s", tool[0] == 'y' ? "MACPPA_FAKE_YOSYS" : "MACPPA_FAKE_STA", f->mode);
    char *late = mp_asprintf("MACPPA_FAKE_LATE=%s", f->late);
    const char *const env[] = {mode, late, NULL};

    RUN_ENV(s, env, "run", "x.yaml", option, program);
    if (s->status != 1 || strstr(s->err.data, tool) == NULL ||
        strstr(s->err.data, f->says) == NULL || strstr(s->out.data, "uint3") != NULL)
        fail_msg("%s %s (%s): exit code %d, wanted `%s`\n%s%s", tool, f->mode, f->late, s->status,
                 f->says, s->out.data, s->err.data);
    assert_kept(s);
    assert_nothing_stored(s);
    free(option);
    free(program);
    free(mode);
    free(late);
}

static void faulty_yosys(void **state)
{
    static const struct fault faults[] = {
        {"crash", "", "signal 11"},
        {"exit", "", "out of ideas"},
        {"nonsense", "", "lorem ipsum"},
        {"crash", "version", "signal 11"},
        {"exit", "version", "exit code 3"},
        {"nonsense", "version", "lorem ipsum"},
        {"error", "version", "but exit code 0"},
        {"flood", "version", "printed too much"},
        {"no-netlist", "version", "elaborated.v"},
        {"crash", "synthesis", "signal 11"},
        {"nonsense", "synthesis", "lorem ipsum"},
        {"error", "synthesis", "but exit code 0"},
        {"truncated", "synthesis", "log"},
        {"no-netlist", "synthesis", "candidate"},
        {"half-netlist", "synthesis", ""},
        {"unmapped", "synthesis", "$_DLATCH_P_"},
        {"black-box", "synthesis", "MYSTERY"},
    };
    struct session *s = *state;

    free(session_file(s, "x.yaml", config));
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        try_fault(s, "yosys", &faults[i]);
}

static void faulty_sta(void **state)
{
    static const struct fault faults[] = {
        {"crash", "", "signal 6"},
        {"exit", "", "no licence"},
        {"crash", "1", "signal 6"},
        {"exit", "1", "exit code 3"},
        {"nonsense", "1", "lorem ipsum"},
        {"error", "1", "something is missing"},
        {"truncated", "1", ""},
        {"black-box", "1", "MYSTERY"},
        {"no-pin", "1", "Y"},
        {"no-slew", "1", "slews"},
    };
    struct session *s = *state;

    free(session_file(s, "x.yaml", config));
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        try_fault(s, "sta", &faults[i]);
}

static void missing_tools(void **state)
{
    static const char *const env[] = {"PATH=/nowhere", NULL};
    static const char *const sta_only[] = {"MACPPA_STA=/nowhere/sta", NULL};
    struct session *s = *state;

    free(session_file(s, "x.yaml", config));
    RUN_ENV(s, env, "run", "x.yaml");
    assert_status(s, 1);
    assert_err(s, "Debian's package yosys");
    RUN_ENV(s, sta_only, "run", "x.yaml");
    assert_status(s, 1);
    assert_err(s, "Debian's package opensta");
    RUN(s, "run", "x.yaml", "--yosys", "x.yaml");
    assert_status(s, 1);
    assert_err(s, "x.yaml");
    assert_nothing_stored(s);
}

/* A tool that behaves is the same through the fake, by a path relative to here. */
static void honest_tools(void **state)
{
    struct session *s = *state;
    char *yosys = fake("yosys"), *sta = fake("sta");

    free(session_file(s, "x.yaml", config));
    RUN(s, "run", "x.yaml", "--yosys", yosys, "--sta", sta);
    assert_status(s, 0);
    assert_database(s->db, "select count(*) from estimate", "1|\n");
    assert_int_equal(session_leftovers(s), 0);
    free(yosys);
    free(sta);
}

/* Ctrl-C while a tool hangs: soon over, says so, and takes the tool along. */
static void interrupted(void **state)
{
    struct session *s = *state;
    char *program = fake("yosys");
    const char *const env[] = {"MACPPA_FAKE_YOSYS=hang", "MACPPA_FAKE_LATE=synthesis", NULL};
    const char *const arguments[] = {"run", "x.yaml", "--yosys", program, NULL};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    free(session_file(s, "x.yaml", config));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        pid_t pid = session_start(s, env, arguments);
        /* Until the hanging tool is there: the program and its child, in the session's folders. */
        for (int tries = 0; tries < 1000 && session_processes(s, 0) < 2; tries++)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        assert_int_equal(kill(pid, signals[i]), 0);
        session_end(s, pid);
        assert_status(s, 1);
        assert_err(s, "cancelled");
        assert_nothing_stored(s);
    }
    free(program);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(faulty_yosys, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(faulty_sta, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(missing_tools, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(honest_tools, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(interrupted, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
