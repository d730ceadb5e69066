#include "estimator/interchange/source.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define BUFFER_SIZE ((size_t)1 << 20)

int mp_source_open(struct mp_source *s, const char *path, struct mp_error *err)
{
    struct stat info;
    *s = (struct mp_source){.file = path, .err = err};
    if (stat(path, &info) < 0)
        return mp_fail_errno(err, "cannot open %s", path);
    if (S_ISDIR(info.st_mode))
        return mp_fail(err, MP_E_INPUT, "%s is a folder; a file is needed", path);
    errno = 0;
    s->in = gzopen(path, "rbe");
    if (s->in == NULL)
        return errno ? mp_fail_errno(err, "cannot open %s", path)
                     : mp_fail(err, MP_E_MEMORY, "cannot read %s: out of memory", path);
    gzbuffer(s->in, 1u << 17);
    s->buffer = mp_alloc(BUFFER_SIZE, 1);
    s->at = s->end = s->buffer;
    return MP_OK;
}

void mp_source_from_text(struct mp_source *s, const char *text, size_t size, const char *file,
                         struct mp_error *err)
{
    *s = (struct mp_source){
        .at = text, .end = text + size, .file = file, .at_end = true, .err = err};
}

void mp_source_close(struct mp_source *s)
{
    if (s->in)
        gzclose_r(s->in);
    free(s->buffer);
    mp_text_release(&s->copy);
    *s = (struct mp_source){0};
}

/* gzread gives what it could before a truncation and tells of it only afterwards. */
static bool read_failed(struct mp_source *s)
{
    int code = Z_OK;
    const char *text = gzerror(s->in, &code);
    if (code == Z_OK || code == Z_STREAM_END)
        return false;
    if (code == Z_ERRNO)
        s->failed = mp_fail_errno(s->err, "cannot read %s", s->file);
    else
        s->failed = mp_fail_at(s->err, MP_E_INPUT, s->file, 0,
                               "the gzip data are %s (%s); get the file again",
                               code == Z_BUF_ERROR ? "truncated" : "damaged", text);
    return true;
}

bool mp_source_refill(struct mp_source *s, const char *keep)
{
    if (s->at_end || s->failed < 0)
        return false;
    if (keep == NULL)
        keep = s->at;
    size_t kept = (size_t)(s->end - keep), before = (size_t)(s->at - keep);
    if (kept == BUFFER_SIZE)
        return false;
    memmove(s->buffer, keep, kept);
    s->at = s->buffer + before;
    s->end = s->buffer + kept;
    int n = gzread(s->in, s->buffer + kept, (unsigned)(BUFFER_SIZE - kept));
    if (n <= 0) {
        s->at_end = true;
        read_failed(s);
        return false;
    }
    s->end += n;
    return true;
}

bool mp_source_word(struct mp_source *s)
{
    const char *p;
    for (;;) {
        for (p = s->at; p < s->end && (unsigned char)*p <= ' '; p++)
            s->lines += *p == '\n';
        s->at = p;
        if (p < s->end)
            break;
        if (!mp_source_refill(s, NULL)) {
            s->length = 0;
            return false;
        }
    }
    for (;;) {
        while (p < s->end && (unsigned char)*p > ' ')
            p++;
        if (p < s->end)
            break;
        size_t length = (size_t)(p - s->at);
        if (!mp_source_refill(s, s->at)) {
            if (!s->at_end || s->failed < 0) {
                s->length = 0;
                return false;
            }
            s->is_cut = true;
            p = s->at + length;
            break;
        }
        p = s->at + length;
    }
    s->word = s->at;
    s->length = (size_t)(p - s->at);
    s->at = p;
    return true;
}

bool mp_source_is(const struct mp_source *s, const char *word)
{
    return s->length == strlen(word) && memcmp(s->word, word, s->length) == 0;
}

const char *mp_source_terminated(struct mp_source *s)
{
    s->copy.size = 0;
    mp_text_add_bytes(&s->copy, s->word, s->length);
    return s->copy.data;
}

int mp_source_line(const struct mp_source *s)
{
    return s->lines < INT_MAX ? (int)s->lines + 1 : INT_MAX;
}

char mp_source_peek(struct mp_source *s)
{
    for (;;) {
        while (s->at < s->end && (unsigned char)*s->at <= ' ')
            s->lines += *s->at++ == '\n';
        if (s->at < s->end)
            return *s->at;
        if (!mp_source_refill(s, NULL))
            return '\0';
    }
}

int mp_source_bad(struct mp_source *s, const char *format, ...)
{
    char text[512];
    va_list args;
    if (s->failed < 0)
        return s->failed;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return mp_fail_at(s->err, MP_E_INPUT, s->file, mp_source_line(s), "%s", text);
}
