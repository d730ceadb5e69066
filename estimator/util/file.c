#include "estimator/util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static int read_failed(gzFile in, const char *path, struct mp_error *err)
{
    int code = Z_OK;
    const char *text = gzerror(in, &code);
    if (code == Z_ERRNO)
        return mp_fail_errno(err, "cannot read %s", path);
    if (code == Z_MEM_ERROR)
        return mp_fail(err, MP_E_MEMORY, "cannot read %s: out of memory", path);
    return mp_fail_at(err, MP_E_INPUT, path, 0, "the gzip data are %s (%s); get the file again",
                      code == Z_BUF_ERROR ? "truncated" : "damaged", text);
}

static int read_all(struct mp_text *out, gzFile in, const char *path, size_t limit,
                    struct mp_error *err)
{
    for (;;) {
        /* One byte above the limit is asked for, to tell a file of just that size. */
        size_t room = limit - out->size + 1;
        mp_grow(&out->data, out->size + (room < 65536 ? room : 65536), &out->capacity, 1);
        size_t space = out->capacity - out->size - 1;
        if (space > room)
            space = room;
        if (space > INT_MAX)
            space = INT_MAX;
        int n = gzread(in, out->data + out->size, (unsigned)space);
        if (n < 0)
            return read_failed(in, path, err);
        out->size += (size_t)n;
        out->data[out->size] = '\0';
        if (out->size > limit)
            return mp_fail_at(err, MP_E_INPUT, path, 0,
                              "larger than the limit of %zu bytes; is this the right file?", limit);
        if (n == 0)
            break;
    }
    /* gzread gives what it could before a truncation and tells of it only afterwards. */
    int code = Z_OK;
    gzerror(in, &code);
    return code == Z_OK || code == Z_STREAM_END ? MP_OK : read_failed(in, path, err);
}

int mp_file_read(struct mp_text *out, const char *path, size_t limit_bytes, struct mp_error *err)
{
    int result = MP_OK;
    gzFile in = NULL;
    struct stat info;
    *out = (struct mp_text){0};
    size_t limit = limit_bytes ? limit_bytes : (size_t)1 << 30;
    if (limit > SIZE_MAX / 4)
        limit = SIZE_MAX / 4;

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) < 0) {
        result = mp_fail_errno(err, "cannot open %s", path);
        goto cleanup;
    }
    if (S_ISDIR(info.st_mode)) {
        result = mp_fail(err, MP_E_INPUT, "%s is a folder; a file is needed", path);
        goto cleanup;
    }
    in = gzdopen(fd, "rb");
    if (!in) {
        result = mp_fail(err, MP_E_MEMORY, "cannot read %s: out of memory", path);
        goto cleanup;
    }
    fd = -1; /* gzclose_r closes it */
    gzbuffer(in, 65536);
    if (S_ISREG(info.st_mode) && info.st_size > 0 && (uintmax_t)info.st_size <= limit)
        mp_grow(&out->data, (size_t)info.st_size + 1, &out->capacity, 1);
    result = read_all(out, in, path, limit, err);

cleanup:
    if (in)
        gzclose_r(in);
    if (fd >= 0)
        close(fd);
    if (result < 0)
        mp_text_release(out);
    return result;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *p = data;
    while (size > 0) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}

/* What cannot be replaced by a rename without destroying it: a device, a pipe. */
static int write_in_place(const char *path, const void *data, size_t size, struct mp_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return mp_fail_errno(err, "cannot open %s for writing", path);
    int result = write_all(fd, data, size);
    if (result < 0)
        result = mp_fail_errno(err, "cannot write %s", path);
    if (close(fd) < 0 && result == MP_OK)
        result = mp_fail_errno(err, "cannot write %s", path);
    return result;
}

/* A new file beside target. open() and not mkstemp(), for the mode that the umask gives. */
static int create_beside(const char *target, char **name)
{
    for (unsigned i = 0; i < 10000; i++) {
        *name = mp_asprintf("%s.%ld-%ld-%u.new", target, (long)getpid(), (long)gettid(), i);
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        int number = errno;
        free(*name);
        *name = NULL;
        errno = number;
        if (number != EEXIST)
            return -1;
    }
    return -1;
}

static int replace(const char *path, const char *target, const struct stat *old, const void *data,
                   size_t size, struct mp_error *err)
{
    int result = MP_OK;
    char *name = NULL;
    int fd = create_beside(target, &name);
    if (fd < 0) {
        result = mp_fail_errno(err, "cannot create a file beside %s", path);
        goto cleanup;
    }
    if ((old && fchmod(fd, old->st_mode & 07777) < 0) || write_all(fd, data, size) < 0 ||
        fsync(fd) < 0) {
        result = mp_fail_errno(err, "cannot write %s", path);
        goto cleanup;
    }
    int closed = close(fd);
    fd = -1;
    if (closed < 0 || rename(name, target) < 0)
        result = mp_fail_errno(err, "cannot write %s", path);

cleanup:
    if (fd >= 0)
        close(fd);
    if (result < 0 && name)
        unlink(name);
    free(name);
    return result;
}

int mp_file_write(const char *path, const void *data, size_t size, struct mp_error *err)
{
    struct stat info;
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        if (write_all(STDOUT_FILENO, data, size) < 0)
            return mp_fail_errno(err, "cannot write to stdout");
        return MP_OK;
    }
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return mp_fail(err, MP_E_IO, "cannot write %s: it is a folder", path);
    if (exists && !S_ISREG(info.st_mode))
        return write_in_place(path, data, size, err);
    /* Through a symbolic link the file that it names is replaced, not the link. */
    char *real = exists ? realpath(path, NULL) : NULL;
    int result = replace(path, real ? real : path, exists ? &info : NULL, data, size, err);
    free(real);
    return result;
}

bool mp_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *mp_path_join(const char *a, const char *b)
{
    size_t n = strlen(a);
    if (n == 0 || *b == '/')
        return mp_strdup(b);
    return mp_asprintf("%s%s%s", a, a[n - 1] == '/' ? "" : "/", b);
}

char *mp_path_dir(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n == 0)
        return mp_strdup(".");
    while (n > 1 && path[n - 1] == '/')
        n--;
    return mp_strndup(path, n);
}

static int make_one(const char *path, struct mp_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return MP_OK;
    int number = errno;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return MP_OK;
        number = ENOTDIR;
    }
    errno = number;
    return mp_fail_errno(err, "cannot make the folder %s", path);
}

int mp_mkdirs(const char *path, struct mp_error *err)
{
    int result = MP_OK;
    char *copy = mp_strdup(path);
    for (char *p = copy; *p && result == MP_OK; p++) {
        if (*p != '/' || p == copy || p[-1] == '/')
            continue;
        *p = '\0';
        result = make_one(copy, err);
        *p = '/';
    }
    if (result == MP_OK)
        result = make_one(copy, err);
    free(copy);
    return result;
}
