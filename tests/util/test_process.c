#include "estimator/util/process.h"

#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include "estimator/util/number.h"
#include "estimator/util/parallel.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

/* Runs sh -c script; the result is the caller's to release. */
static int run_shell(struct mp_process_result *r, const char *script, double timeout_s,
                     size_t limit, struct mp_error *err)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct mp_process_options o = {.argv = argv, .timeout_s = timeout_s, .output_limit = limit};
    return mp_process_run(r, &o, err);
}

/* Gone, or a zombie that whoever adopted it has not yet reaped. */
static bool is_gone(pid_t pid)
{
    char path[64], stat[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    ssize_t n = read(fd, stat, sizeof stat - 1);
    close(fd);
    const char *p = strrchr(stat, ')');
    return n <= 0 || (p && (p[2] == 'Z' || p[2] == 'X'));
}

static void assert_goes(pid_t pid)
{
    double until = mp_clock_s() + 10;
    while (!is_gone(pid) && mp_clock_s() < until)
        usleep(10000);
    assert_true(is_gone(pid));
}

static pid_t printed_pid(const struct mp_process_result *r)
{
    char line[32];
    int64_t pid = 0;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(r->out.data, "\n"), r->out.data);
    assert_true(mp_parse_i64(line, &pid));
    assert_true(pid > 1);
    return (pid_t)pid;
}

static void exit_code_and_streams(void **state)
{
    (void)state;
    struct mp_process_result r;
    char text[128];
    assert_int_equal(run_shell(&r, "echo out; echo err >&2; exit 3", 60, 0, NULL), MP_OK);
    assert_int_equal(r.how, MP_EXITED);
    assert_int_equal(r.status, 3);
    assert_string_equal(r.out.data, "out\n");
    assert_string_equal(r.err.data, "err\n");
    assert_string_equal(mp_process_describe(&r, text, sizeof text), "exit code 3");
    assert_true(r.wall_s > 0 && r.cpu_s >= 0);
    mp_process_result_release(&r);
    assert_int_equal(run_shell(&r, ":", 60, 0, NULL), MP_OK);
    assert_string_equal(r.out.data, "");
    assert_string_equal(r.err.data, "");
    mp_process_result_release(&r);
}

static void killed_by_a_signal(void **state)
{
    (void)state;
    struct mp_process_result r;
    char text[128];
    assert_int_equal(run_shell(&r, "kill -SEGV $$", 60, 0, NULL), MP_OK);
    assert_int_equal(r.how, MP_SIGNALLED);
    assert_int_equal(r.status, SIGSEGV);
    assert_string_equal(mp_process_describe(&r, text, sizeof text),
                        "killed by signal 11 (Segmentation fault)");
    mp_process_result_release(&r);
}

static void exit_code_with_sigchld_ignored(void **state)
{
    (void)state;
    struct mp_process_result r;
    signal(SIGCHLD, SIG_IGN);
    int code = run_shell(&r, "exit 3", 60, 0, NULL);
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(code, MP_OK);
    assert_int_equal(r.status, 3);
    mp_process_result_release(&r);
}

static void surroundings(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    const char *env[] = {"MACPPA_TEST=a b", "HOME=/nowhere", NULL};
    const char *argv[] = {
        "sh", "-c", "pwd; echo \"$LC_ALL $LANG|$MACPPA_TEST|$HOME\"; cat; ls /proc/self/fd", NULL};
    assert_int_equal(mp_tempdir_create(&t, &err), MP_OK);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    setenv("LANG", "de_DE.UTF-8", 1);
    struct mp_process_options o = {.argv = argv, .cwd = t.path, .env = env, .timeout_s = 60};
    /* One descriptor without CLOEXEC, as a library might leave it. */
    int leak = open("/dev/null", O_RDONLY);
    int code = mp_process_run(&r, &o, &err);
    close(leak);
    unsetenv("LC_ALL");
    unsetenv("LANG");
    assert_int_equal(code, MP_OK);
    /* 3 is the folder that ls reads. */
    char *expected = mp_asprintf("%s\nC |a b|/nowhere\n0\n1\n2\n3\n", t.path);
    assert_string_equal(r.out.data, expected);
    free(expected);
    mp_process_result_release(&r);
    o.cwd = "/nonexistent/folder";
    assert_int_equal(mp_process_run(&r, &o, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent/folder"));
    mp_tempdir_remove(&t);
}

static void signals_are_default_in_the_child(void **state)
{
    (void)state;
    struct mp_process_result r;
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    signal(SIGPIPE, SIG_IGN);
    int code = run_shell(&r, "grep -E 'Sig(Blk|Ign)' /proc/self/status", 60, 0, NULL);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert_int_equal(code, MP_OK);
    assert_string_equal(r.out.data, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    mp_process_result_release(&r);
}

static void missing_program(void **state)
{
    (void)state;
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    const char *argv[] = {"macppa-no-such-program", NULL};
    struct mp_process_options o = {.argv = argv};
    assert_int_equal(mp_process_run(&r, &o, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "macppa-no-such-program"));
    assert_non_null(strstr(err.message, "install it or put it on PATH"));
    assert_null(mp_process_find("", NULL));
    assert_null(mp_process_find("/tmp", NULL));
    char *sh = mp_process_find("sh", &err);
    assert_non_null(sh);
    assert_int_equal(sh[0], '/');
    free(sh);
}

/* The file is there and executable, so that only the exec itself can tell. */
static void missing_interpreter(void **state)
{
    (void)state;
    const char *preload = getenv("LD_PRELOAD");
    if (preload && strstr(preload, "vgpreload")) {
        print_message("skipped: valgrind ends a process whose exec fails\n");
        skip();
    }
    static const char script[] = "#!/nonexistent/interpreter\n";
    struct mp_tempdir t = {0};
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_tempdir_create(&t, &err), MP_OK);
    char *path = mp_path_join(t.path, "tool");
    assert_int_equal(mp_file_write(path, script, sizeof script - 1, &err), MP_OK);
    assert_int_equal(chmod(path, 0700), 0);
    const char *argv[] = {path, NULL};
    struct mp_process_options o = {.argv = argv};
    assert_int_equal(mp_process_run(&r, &o, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "install it or put it on PATH"));
    assert_int_equal(mp_file_write(path,
                                   "\x7f"
                                   "ELF",
                                   4, &err),
                     MP_OK);
    assert_int_equal(mp_process_run(&r, &o, &err), MP_E_IO);
    free(path);
    mp_tempdir_remove(&t);
}

static void a_megabyte_on_both_streams(void **state)
{
    (void)state;
    struct mp_process_result r;
    assert_int_equal(run_shell(&r,
                               "head -c 1048576 /dev/zero >&2 & head -c 1048576 /dev/zero; wait",
                               60, 0, NULL),
                     MP_OK);
    assert_int_equal(r.how, MP_EXITED);
    assert_int_equal(r.out.size, 1048576);
    assert_int_equal(r.err.size, 1048576);
    mp_process_result_release(&r);
}

static void too_much_output(void **state)
{
    (void)state;
    struct mp_process_result r;
    char text[128];
    assert_int_equal(run_shell(&r, "yes", 60, 10000, NULL), MP_OK);
    assert_int_equal(r.how, MP_OVERFLOWED);
    assert_int_equal(r.out.size, 10000);
    assert_non_null(strstr(mp_process_describe(&r, text, sizeof text), "too much"));
    mp_process_result_release(&r);
    assert_int_equal(run_shell(&r, "printf 1234", 60, 4, NULL), MP_OK);
    assert_int_equal(r.how, MP_EXITED);
    mp_process_result_release(&r);
    /* On stderr, the rest of it only found after the end. */
    assert_int_equal(run_shell(&r, "printf 12345 >&2", 60, 4, NULL), MP_OK);
    assert_int_equal(r.how, MP_OVERFLOWED);
    assert_string_equal(r.err.data, "1234");
    mp_process_result_release(&r);
}

static void timeout_ends_the_group(void **state)
{
    (void)state;
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    double begun_s = mp_clock_s();
    assert_int_equal(run_shell(&r, "sleep 300 & echo $!; wait", 0.5, 0, NULL), MP_OK);
    assert_int_equal(r.how, MP_TIMED_OUT);
    assert_true(mp_clock_s() - begun_s < 60);
    assert_goes(printed_pid(&r));
    struct mp_tempdir t = {0};
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    assert_int_equal(mp_process_fail(&r, "yosys", t.path, &err), MP_E_TIMEOUT);
    assert_non_null(strstr(err.message, "no end after"));
    mp_tempdir_remove(&t);
    mp_process_result_release(&r);
}

static void timeout_kills_what_ignores_term(void **state)
{
    (void)state;
    struct mp_process_result r;
    assert_int_equal(run_shell(&r,
                               "trap '' TERM; (while :; do sleep 1; done) & echo $!; "
                               "while :; do sleep 1; done",
                               0.5, 0, NULL),
                     MP_OK);
    assert_int_equal(r.how, MP_TIMED_OUT);
    assert_int_equal(r.status, SIGKILL);
    assert_true(r.wall_s >= 2.4);
    assert_goes(printed_pid(&r));
    mp_process_result_release(&r);
}

static void closed_streams_still_time_out(void **state)
{
    (void)state;
    struct mp_process_result r;
    assert_int_equal(run_shell(&r, "exec >&- 2>&-; sleep 300", 0.3, 0, NULL), MP_OK);
    assert_int_equal(r.how, MP_TIMED_OUT);
    mp_process_result_release(&r);
}

static void grandchild_with_the_pipe_is_not_waited_for(void **state)
{
    (void)state;
    struct mp_process_result r;
    assert_int_equal(run_shell(&r, "sleep 300 & echo $!; exit 7", 100, 0, NULL), MP_OK);
    assert_int_equal(r.how, MP_EXITED);
    assert_int_equal(r.status, 7);
    assert_true(r.wall_s < 50);
    assert_goes(printed_pid(&r));
    mp_process_result_release(&r);
}

static void failure_quotes_and_keeps(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_text log = {0};
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_tempdir_create(&t, &err), MP_OK);
    assert_int_equal(
        run_shell(&r, "echo first; printf 'ERROR: no cell\n\n' >&2; exit 1", 60, 0, NULL), MP_OK);
    char *dir = mp_path_join(t.path, "keep"), *path = mp_path_join(dir, "yosys.log");
    assert_int_equal(mp_process_fail(&r, "/opt/yosys", dir, &err), MP_E_TOOL);
    char *expected = mp_asprintf(
        "/opt/yosys: exit code 1; last line: \"ERROR: no cell\"; whole output in %s", path);
    assert_string_equal(err.message, expected);
    free(expected);
    assert_int_equal(mp_file_read(&log, path, 0, &err), MP_OK);
    assert_non_null(strstr(log.data, "first\n"));
    assert_non_null(strstr(log.data, "ERROR: no cell\n"));
    mp_text_release(&log);
    assert_int_equal(mp_process_fail_output(&r, "sta", dir, "no slack in it", &err), MP_E_TOOL);
    assert_non_null(strstr(err.message, "sta: no slack in it"));

    setenv("TMPDIR", t.path, 1);
    assert_int_equal(mp_process_fail(&r, "sta", NULL, &err), MP_E_TOOL);
    unsetenv("TMPDIR");
    assert_non_null(strstr(err.message, "/macppa-sta-"));
    mp_process_result_release(&r);
    free(dir);
    free(path);
    mp_tempdir_remove(&t);
}

static int numbered_exit(void *context, size_t index, struct mp_error *err)
{
    (void)context;
    char script[64];
    struct mp_process_result r;
    snprintf(script, sizeof script, "echo %zu; exit %zu", index, index);
    int code = run_shell(&r, script, 60, 0, err);
    if (code < 0)
        return code;
    snprintf(script, sizeof script, "%zu\n", index);
    if (r.how != MP_EXITED || r.status != (int)index || strcmp(r.out.data, script) != 0)
        code = mp_fail(err, MP_E_TOOL, "run %zu ended with %d", index, r.status);
    mp_process_result_release(&r);
    return code;
}

static void many_threads(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    int code = mp_parallel_for(100, 8, numbered_exit, NULL, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, MP_OK);
}

/* Our own sudden end takes the child with it. */
static void child_dies_with_us(void **state)
{
    (void)state;
    int ends[2];
    char text[32] = "";
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char path[64], script[128];
        struct mp_process_result r;
        snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), ends[1]);
        snprintf(script, sizeof script, "echo $$ >%s; exec sleep 300", path);
        run_shell(&r, script, 100, 0, NULL);
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(n > 1);
    text[n - 1] = '\0';
    int64_t child = 0;
    assert_true(mp_parse_i64(text, &child));
    assert_goes((pid_t)child);
}

static void *cancel_soon(void *argument)
{
    (void)argument;
    usleep(200000);
    mp_process_cancel_all();
    return NULL;
}

/* The last one: there is no way back from it. */
static void cancelling(void **state)
{
    (void)state;
    struct mp_process_result r;
    struct mp_error err = MP_ERROR_INIT;
    pthread_t thread;
    double begun_s = mp_clock_s();
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    assert_int_equal(run_shell(&r, "sleep 300", 100, 0, &err), MP_E_CANCELLED);
    pthread_join(thread, NULL);
    assert_true(mp_clock_s() - begun_s < 50);
    assert_int_equal(run_shell(&r, ":", 100, 0, &err), MP_E_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_code_and_streams),
        cmocka_unit_test(killed_by_a_signal),
        cmocka_unit_test(exit_code_with_sigchld_ignored),
        cmocka_unit_test(surroundings),
        cmocka_unit_test(signals_are_default_in_the_child),
        cmocka_unit_test(missing_program),
        cmocka_unit_test(missing_interpreter),
        cmocka_unit_test(a_megabyte_on_both_streams),
        cmocka_unit_test(too_much_output),
        cmocka_unit_test(timeout_ends_the_group),
        cmocka_unit_test(timeout_kills_what_ignores_term),
        cmocka_unit_test(closed_streams_still_time_out),
        cmocka_unit_test(grandchild_with_the_pipe_is_not_waited_for),
        cmocka_unit_test(failure_quotes_and_keeps),
        cmocka_unit_test(many_threads),
        cmocka_unit_test(child_dies_with_us),
        cmocka_unit_test(cancelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
