#include "estimator/util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/util/cmocka_all.h"

static int make_dir(void **state)
{
    static struct mp_tempdir t;
    *state = &t;
    return mp_tempdir_create(&t, NULL);
}

static int drop_dir(void **state)
{
    mp_tempdir_remove(*state);
    return 0;
}

static char *in_dir(void **state, const char *name)
{
    const struct mp_tempdir *t = *state;
    return mp_path_join(t->path, name);
}

static size_t count_entries(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void assert_holds(const char *path, const char *expected)
{
    struct mp_text t = {0};
    assert_int_equal(mp_file_read(&t, path, 0, NULL), MP_OK);
    assert_string_equal(t.data, expected);
    mp_text_release(&t);
}

static void plain(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text t = {0};
    char *path = in_dir(state, "f");
    assert_int_equal(mp_file_write(path, "hello", 5, &err), MP_OK);
    assert_holds(path, "hello");
    assert_int_equal(mp_file_write(path, "", 0, &err), MP_OK);
    assert_holds(path, "");
    assert_int_equal(mp_file_write(path, "x\0y", 3, &err), MP_OK);
    assert_int_equal(mp_file_read(&t, path, 3, &err), MP_OK);
    assert_int_equal(t.size, 3);
    mp_text_release(&t);
    assert_int_equal(mp_file_read(&t, path, 2, &err), MP_E_INPUT);
    assert_null(t.data);
    assert_string_equal(err.file, path);
    assert_int_equal(count_entries(((struct mp_tempdir *)*state)->path), 1);
    free(path);
}

static void missing_and_folder(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text t = {0};
    const struct mp_tempdir *dir = *state;
    char *path = in_dir(state, "none/f");
    assert_int_equal(mp_file_read(&t, path, 0, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(mp_file_write(path, "x", 1, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(mp_file_read(&t, dir->path, 0, &err), MP_E_INPUT);
    assert_int_equal(mp_file_write(dir->path, "x", 1, &err), MP_E_IO);
    assert_false(mp_file_exists(path));
    assert_true(mp_file_exists(dir->path));
    free(path);
}

/* 300 kB of text that does not compress to nothing, as a gzip file; returns its size. */
static size_t write_gzip(const char *path)
{
    struct stat info;
    gzFile f = gzopen(path, "wb");
    assert_non_null(f);
    for (unsigned i = 0; i < 50000; i++)
        gzprintf(f, "%05u\n", i * 2654435761u % 100000);
    assert_int_equal(gzclose(f), Z_OK);
    assert_int_equal(stat(path, &info), 0);
    return (size_t)info.st_size;
}

static void gzip_and_truncations(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text t = {0};
    char *path = in_dir(state, "f.gz");
    size_t size = write_gzip(path);
    assert_int_equal(mp_file_read(&t, path, 0, &err), MP_OK);
    assert_int_equal(t.size, 300000);
    assert_memory_equal(t.data, "00000\n35761\n", 12);
    mp_text_release(&t);
    assert_int_equal(mp_file_read(&t, path, 300000, &err), MP_OK);
    mp_text_release(&t);
    assert_int_equal(mp_file_read(&t, path, 299999, &err), MP_E_INPUT);

    const size_t cuts[] = {size - 1, size - 4, size - 8, size - 9, size / 2, 11, 10, 5, 2};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(path, (off_t)cuts[i]), 0);
        err = (struct mp_error)MP_ERROR_INIT;
        assert_int_equal(mp_file_read(&t, path, 0, &err), MP_E_INPUT);
        assert_null(t.data);
        assert_string_equal(err.file, path);
        assert_non_null(strstr(err.message, "truncated"));
    }
    free(path);
}

static void corrupt_gzip(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text t = {0};
    char *path = in_dir(state, "f.gz");
    size_t size = write_gzip(path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "\xff\x00\xff\x00", 4, (off_t)size / 2), 4);
    close(fd);
    assert_int_equal(mp_file_read(&t, path, 0, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "damaged"));
    free(path);
}

static void failed_write_leaves_the_old_file(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct rlimit old, small;
    static char data[100000];
    char *path = in_dir(state, "f");
    assert_int_equal(mp_file_write(path, "old", 3, &err), MP_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &small);
    int code = mp_file_write(path, data, sizeof data, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(code, MP_E_IO);
    assert_non_null(strstr(err.message, path));
    assert_holds(path, "old");
    assert_int_equal(count_entries(((struct mp_tempdir *)*state)->path), 1);
    free(path);
}

static void devices_are_written_and_not_replaced(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct stat info;
    assert_int_equal(mp_file_write("/dev/null", "x", 1, &err), MP_OK);
    assert_int_equal(mp_file_write("/dev/full", "x", 1, &err), MP_E_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void mode_and_link_survive(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct stat info;
    char *path = in_dir(state, "f"), *link = in_dir(state, "l");
    assert_int_equal(mp_file_write(path, "a", 1, &err), MP_OK);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("f", link), 0);
    assert_int_equal(mp_file_write(link, "b", 1, &err), MP_OK);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_holds(path, "b");
    free(path);
    free(link);
}

static void check_text(char *made, const char *expected)
{
    assert_string_equal(made, expected);
    free(made);
}

static void paths(void **state)
{
    (void)state;
    check_text(mp_path_join("a", "b"), "a/b");
    check_text(mp_path_join("a/", "b"), "a/b");
    check_text(mp_path_join("a", "/b"), "/b");
    check_text(mp_path_join("", "b"), "b");
    check_text(mp_path_dir("a"), ".");
    check_text(mp_path_dir("a/b"), "a");
    check_text(mp_path_dir("/a"), "/");
    check_text(mp_path_dir("a/b/"), "a");
    check_text(mp_path_dir("/"), "/");
    check_text(mp_path_dir("a//b"), "a");
}

static void folders(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    char *deep = in_dir(state, "a/b//c/"), *file = in_dir(state, "a/f"),
         *below = in_dir(state, "a/f/g");
    assert_int_equal(mp_mkdirs(deep, &err), MP_OK);
    assert_int_equal(mp_mkdirs(deep, &err), MP_OK);
    assert_true(mp_file_exists(deep));
    assert_int_equal(mp_file_write(file, "x", 1, &err), MP_OK);
    assert_int_equal(mp_mkdirs(below, &err), MP_E_IO);
    assert_non_null(strstr(err.message, file));
    free(deep);
    free(file);
    free(below);
}

#define test_in_dir(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_in_dir(plain),
        test_in_dir(missing_and_folder),
        test_in_dir(gzip_and_truncations),
        test_in_dir(corrupt_gzip),
        test_in_dir(failed_write_leaves_the_old_file),
        test_in_dir(devices_are_written_and_not_replaced),
        test_in_dir(mode_and_link_survive),
        test_in_dir(paths),
        test_in_dir(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
