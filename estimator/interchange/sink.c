#include "estimator/interchange/sink.h"
#include "estimator/util/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_SIZE ((size_t)1 << 18)

struct mp_sink {
    char *target, *temporary; /* temporary NULL: written in place */
    int fd;                   /* of our own, for fsync */
    gzFile out;
    char *buffer;
    size_t used;
    int failed; /* errno of the first failure, 0: none */
};

static void flush(struct mp_sink *s)
{
    if (s->used > 0 && s->failed == 0) {
        errno = 0;
        if (gzwrite(s->out, s->buffer, (unsigned)s->used) != (int)s->used)
            s->failed = errno ? errno : EIO;
    }
    s->used = 0;
}

/* As mp_file_write() names its own: beside the target, with the mode that the umask gives. */
static int create(struct mp_sink *s)
{
    for (unsigned i = 0; i < 10000; i++) {
        s->temporary =
            mp_asprintf("%s.%ld-%ld-%u.new", s->target, (long)getpid(), (long)gettid(), i);
        int fd = open(s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        int number = errno;
        free(s->temporary);
        s->temporary = NULL;
        errno = number;
        if (number != EEXIST)
            return -1;
    }
    return -1;
}

static int open_target(struct mp_sink *s)
{
    struct stat info;
    if (stat(s->target, &info) < 0)
        return create(s);
    if (!S_ISREG(info.st_mode))
        return open(s->target, O_WRONLY | O_CLOEXEC);
    char *real = realpath(s->target, NULL); /* a link stays a link */
    if (real) {
        free(s->target);
        s->target = real;
    }
    int fd = create(s);
    if (fd >= 0 && fchmod(fd, info.st_mode & 07777) < 0)
        s->failed = errno;
    return fd;
}

int mp_sink_open(struct mp_sink **out, const char *path, struct mp_error *err)
{
    size_t length = strlen(path);
    bool is_gzip = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    struct mp_sink *s = mp_alloc(1, sizeof *s);
    int rc = MP_OK;
    *out = NULL;
    s->target = mp_strdup(path);
    s->fd = open_target(s);
    if (s->fd < 0) {
        rc = mp_fail_errno(err, "cannot open %s for writing", path);
        goto failed;
    }
    int copy = fcntl(s->fd, F_DUPFD_CLOEXEC, 0); /* gzclose() closes it */
    s->out = copy >= 0 ? gzdopen(copy, is_gzip ? "wb1" : "wbT") : NULL;
    if (s->out == NULL) {
        rc = mp_fail(err, MP_E_MEMORY, "cannot write %s: out of memory", path);
        if (copy >= 0)
            close(copy);
        goto failed;
    }
    s->buffer = mp_alloc(BUFFER_SIZE, 1);
    *out = s;
    return MP_OK;
failed:
    mp_sink_close(s, false, NULL);
    return rc;
}

void mp_sink_bytes(struct mp_sink *s, const void *data, size_t size)
{
    const char *p = data;
    while (size > 0) {
        size_t part = BUFFER_SIZE - s->used < size ? BUFFER_SIZE - s->used : size;
        memcpy(s->buffer + s->used, p, part);
        s->used += part;
        p += part;
        size -= part;
        if (s->used == BUFFER_SIZE)
            flush(s);
    }
}

void mp_sink_text(struct mp_sink *s, const char *text)
{
    mp_sink_bytes(s, text, strlen(text));
}

void mp_sink_printf(struct mp_sink *s, const char *format, ...)
{
    va_list args;
    char text[512];
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        s->failed = EOVERFLOW;
    else
        mp_sink_bytes(s, text, (size_t)n);
}

int mp_sink_close(struct mp_sink *s, bool keep, struct mp_error *err)
{
    if (s == NULL)
        return MP_OK;
    int rc = MP_OK;
    if (s->out) {
        if (keep)
            flush(s);
        errno = 0;
        if (gzclose_w(s->out) != Z_OK && s->failed == 0)
            s->failed = errno ? errno : EIO;
    }
    if (keep && s->temporary && s->failed == 0 && fsync(s->fd) < 0 && errno != EINVAL)
        s->failed = errno;
    if (s->fd >= 0)
        close(s->fd);
    if (keep && s->temporary && s->failed == 0 && rename(s->temporary, s->target) < 0)
        s->failed = errno;
    if (s->temporary && (!keep || s->failed))
        unlink(s->temporary);
    if (keep && s->failed) {
        errno = s->failed;
        rc = mp_fail_errno(err, "cannot write %s", s->target);
    }
    free(s->buffer);
    free(s->temporary);
    free(s->target);
    free(s);
    return rc;
}
