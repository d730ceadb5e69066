#include "estimator/util/log.h"

#include "estimator/util/file.h"
#include "estimator/util/memory.h"
#include "estimator/util/parallel.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

/* stderr goes to fd until restore_stderr(). */
static int replace_stderr(int fd)
{
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    return saved;
}

static void restore_stderr(int saved)
{
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

static int log_job(void *context, size_t index, struct mp_error *err)
{
    (void)err;
    mp_log_write(context, MP_LOG_INFO, "line %03zu", index);
    mp_progress_add(context, 1, "job");
    return MP_OK;
}

static void lines_to_a_file(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_text text = {0};
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    char *path = mp_path_join(t.path, "log");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int saved = replace_stderr(fd);
    struct mp_log *log = mp_log_create(MP_LOG_INFO);
    mp_log_write(log, MP_LOG_DEBUG, "hidden");
    mp_log_write(log, MP_LOG_WARNING, "w %d", 1);
    mp_log_write(log, MP_LOG_ERROR, "e");
    mp_progress_begin(log, "work", 200);
    mp_parallel_for(200, 8, log_job, log, NULL);
    mp_progress_end(log);
    mp_log_destroy(log);
    restore_stderr(saved);
    close(fd);
    assert_int_equal(mp_file_read(&text, path, 0, NULL), MP_OK);
    assert_memory_equal(text.data, "warning: w 1\nerror: e\nline ", 27);
    /* Whole lines only, and nothing of the bar. */
    assert_int_equal(text.size, 22 + 200 * 9);
    assert_null(strchr(text.data, '\r'));
    assert_null(strchr(text.data, '\033'));
    mp_text_release(&text);
    free(path);
    mp_tempdir_remove(&t);
}

static void null_is_silent(void **state)
{
    (void)state;
    mp_log_write(NULL, MP_LOG_ERROR, "x");
    mp_progress_begin(NULL, "x", 1);
    mp_progress_add(NULL, 1, "x");
    mp_progress_end(NULL);
    mp_log_destroy(NULL);
}

static void bar_on_a_terminal(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
        print_message("skipped: no pseudo-terminal\n");
        skip();
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    int saved = replace_stderr(slave);
    struct mp_log *log = mp_log_create(MP_LOG_INFO);
    mp_progress_begin(log, "synthesis", 4);
    mp_progress_add(log, 4, "int8");
    mp_progress_add(log, 4, "beyond the end");
    mp_log_write(log, MP_LOG_ERROR, "broken");
    mp_progress_end(log);
    mp_log_destroy(log);
    restore_stderr(saved);
    close(slave);
    /* A terminal hands over what was written in pieces; with the last writer gone it ends. */
    char out[4096] = "";
    size_t size = 0;
    for (ssize_t n; size < sizeof out - 1; size += (size_t)n) {
        n = read(master, out + size, sizeof out - 1 - size);
        if (n <= 0)
            break;
    }
    assert_non_null(strstr(out, "synthesis   0 % (0/4)"));
    assert_non_null(strstr(out, "100 % (4/4) int8"));
    assert_non_null(strstr(out, "\033[1;31merror: \033[0mbroken"));
    close(master);
}

static void clock_does_not_go_back(void **state)
{
    (void)state;
    double before = mp_clock_s();
    assert_true(mp_clock_s() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_to_a_file),
        cmocka_unit_test(null_is_silent),
        cmocka_unit_test(bar_on_a_terminal),
        cmocka_unit_test(clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
