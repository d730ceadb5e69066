#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

/* All folders of this test live in one of their own. */
static struct mp_tempdir outer;

static int set_up(void **state)
{
    (void)state;
    if (mp_tempdir_create(&outer, NULL) < 0)
        return -1;
    return setenv("TMPDIR", outer.path, 1);
}

static int tear_down(void **state)
{
    (void)state;
    mp_tempdir_remove(&outer);
    return 0;
}

static void create_and_remove(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct stat info;
    assert_int_equal(mp_tempdir_create(&t, &err), MP_OK);
    assert_int_equal(strncmp(t.path, outer.path, strlen(outer.path)), 0);
    assert_int_equal(stat(t.path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    char *path = mp_strdup(t.path), *deep = mp_path_join(path, "a/b"),
         *victim = mp_path_join(outer.path, "victim"), *link = mp_path_join(path, "a/link");
    assert_int_equal(mp_mkdirs(deep, &err), MP_OK);
    assert_int_equal(mp_file_write(victim, "x", 1, &err), MP_OK);
    assert_int_equal(symlink(outer.path, link), 0);
    mp_tempdir_remove(&t);
    assert_null(t.path);
    mp_tempdir_remove(&t);
    assert_false(mp_file_exists(path));
    /* Links are removed and not followed. */
    assert_true(mp_file_exists(victim));
    free(path);
    free(deep);
    free(victim);
    free(link);
}

static void relative_tmpdir_gives_an_absolute_path(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    setenv("TMPDIR", ".", 1);
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    setenv("TMPDIR", outer.path, 1);
    assert_int_equal(t.path[0], '/');
    mp_tempdir_remove(&t);
}

static void bad_tmpdir_is_named(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_error err = MP_ERROR_INIT;
    setenv("TMPDIR", "/nonexistent/folder", 1);
    assert_true(mp_tempdir_create(&t, &err) < 0);
    assert_null(t.path);
    assert_non_null(strstr(err.message, "/nonexistent/folder"));
    mp_tempdir_sweep();
    setenv("TMPDIR", outer.path, 1);
}

/* A pid that is certainly free: that of a child which was waited for. */
static pid_t dead_pid(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    return pid;
}

static char *make_folder(pid_t pid, const char *end)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = mp_asprintf("%s/macppa-%ld-%s", outer.path, (long)pid, end);
    char *file = mp_path_join(path, "f");
    assert_int_equal(mp_mkdirs(path, &err), MP_OK);
    assert_int_equal(mp_file_write(file, "x", 1, &err), MP_OK);
    free(file);
    return path;
}

static void sweep(void **state)
{
    (void)state;
    struct mp_tempdir kept = {0};
    pid_t pid = dead_pid();
    char *dead = make_folder(pid, "AbCdEf"), *living = make_folder(getpid(), "AbCdEf"),
         *other = make_folder(pid, "AbCdEfG"), *odd = make_folder(-pid, "AbCdEf");
    kept.path = make_folder(pid, "KeptOn");
    char *kept_path = mp_strdup(kept.path);
    mp_tempdir_keep(&kept, NULL);
    assert_null(kept.path);
    mp_tempdir_keep(&kept, NULL);
    mp_tempdir_sweep();
    assert_false(mp_file_exists(dead));
    assert_true(mp_file_exists(living));
    assert_true(mp_file_exists(kept_path));
    /* Not our names. */
    assert_true(mp_file_exists(other));
    assert_true(mp_file_exists(odd));
    free(dead);
    free(living);
    free(other);
    free(odd);
    free(kept_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_and_remove),
        cmocka_unit_test(relative_tmpdir_gives_an_absolute_path),
        cmocka_unit_test(bad_tmpdir_is_named),
        cmocka_unit_test(sweep),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
