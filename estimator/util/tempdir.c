#include "estimator/util/file.h"

#include "estimator/util/log.h"
#include "estimator/util/number.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char keep_mark[] = ".macppa-keep";

static const char *base_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : "/tmp";
}

int mp_tempdir_create(struct mp_tempdir *t, struct mp_error *err)
{
    /* Absolute, because tools that are given the path run in folders of their own. */
    char *base = realpath(base_dir(), NULL);
    t->path = mp_asprintf("%s/macppa-%ld-XXXXXX", base ? base : base_dir(), (long)getpid());
    free(base);
    if (mkdtemp(t->path))
        return MP_OK;
    int result = mp_fail_errno(err,
                               "cannot make a temporary folder in %s (set TMPDIR to a folder "
                               "that can be written)",
                               base_dir());
    free(t->path);
    t->path = NULL;
    return result;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void mp_tempdir_remove(struct mp_tempdir *t)
{
    if (!t->path)
        return;
    remove_tree(t->path);
    free(t->path);
    t->path = NULL;
}

void mp_tempdir_keep(struct mp_tempdir *t, struct mp_log *log)
{
    if (!t->path)
        return;
    /* Marked, or a later sweep would take it for one that a killed process left. */
    char *mark = mp_path_join(t->path, keep_mark);
    int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    mp_log_write(log, MP_LOG_INFO, "temporary files are kept in %s", t->path);
    free(mark);
    free(t->path);
    t->path = NULL;
}

/* The pid in "macppa-<pid>-XXXXXX"; 0 for any other name. */
static pid_t pid_of_name(const char *name)
{
    static const char start[] = "macppa-";
    const size_t random_part = 7;
    char digits[24];
    size_t n = strlen(name), first = sizeof start - 1;
    if (n <= first + random_part || strncmp(name, start, first) != 0 ||
        name[n - random_part] != '-' || n - first - random_part >= sizeof digits)
        return 0;
    snprintf(digits, sizeof digits, "%.*s", (int)(n - first - random_part), name + first);
    uint64_t pid;
    if (digits[0] == '+' || !mp_parse_u64(digits, &pid) || pid > INT32_MAX)
        return 0;
    return (pid_t)pid;
}

void mp_tempdir_sweep(void)
{
    DIR *dir = opendir(base_dir());
    if (!dir)
        return;
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        pid_t pid = pid_of_name(entry->d_name);
        if (pid <= 0 || kill(pid, 0) == 0 || errno != ESRCH)
            continue;
        struct stat info;
        char *path = mp_path_join(base_dir(), entry->d_name);
        char *mark = mp_path_join(path, keep_mark);
        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
            !mp_file_exists(mark))
            remove_tree(path);
        free(mark);
        free(path);
    }
    closedir(dir);
}
