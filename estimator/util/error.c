#include "estimator/util/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);
    memmove(to, from, n);
    to[n] = '\0';
}

/* The arguments may point into err itself, so the text is made beside it and copied. */
static void set_message(struct mp_error *err, const char *text)
{
    copy_text(err->message, sizeof err->message, text);
    for (char *p = err->message; *p; p++) {
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    }
    size_t n = strlen(err->message);
    while (n > 0 && err->message[n - 1] == ' ')
        err->message[--n] = '\0';
}

static void set_error(struct mp_error *err, enum mp_code code, const char *file, int line,
                      const char *text)
{
    char name[sizeof err->file];
    copy_text(name, sizeof name, file ? file : "");
    set_message(err, text);
    memcpy(err->file, name, sizeof name);
    err->code = code;
    err->line = line;
}

int mp_fail(struct mp_error *err, enum mp_code code, const char *format, ...)
{
    if (err) {
        char text[sizeof err->message];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        set_error(err, code, NULL, 0, text);
    }
    return code;
}

int mp_fail_at(struct mp_error *err, enum mp_code code, const char *file, int line,
               const char *format, ...)
{
    if (err) {
        char text[sizeof err->message];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        set_error(err, code, file, line, text);
    }
    return code;
}

int mp_fail_errno(struct mp_error *err, const char *format, ...)
{
    int number = errno;
    enum mp_code code = number == ENOMEM   ? MP_E_MEMORY
                        : number == ENOENT ? MP_E_NOT_FOUND
                                           : MP_E_IO;
    if (err) {
        char text[sizeof err->message];
        char reason[128];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        /* A long path may fill the text; the reason matters more than the path's end. */
        int n = snprintf(reason, sizeof reason, ": %s",
                         strerrordesc_np(number) ? strerrordesc_np(number) : "unknown error");
        size_t length = strlen(text), room = sizeof text - 1 - (size_t)n;
        copy_text(text + (length < room ? length : room), (size_t)n + 1, reason);
        set_error(err, code, NULL, 0, text);
    }
    errno = number;
    return code;
}

void mp_error_context(struct mp_error *err, const char *format, ...)
{
    if (!err)
        return;
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof text) {
        size_t used = (size_t)n;
        copy_text(text + used, sizeof text - used, ": ");
        used = strlen(text);
        copy_text(text + used, sizeof text - used, err->message);
    }
    set_message(err, text);
}

const char *mp_error_text(const struct mp_error *err, char *out, size_t size)
{
    if (err->file[0] && err->line > 0)
        snprintf(out, size, "%s:%d: %s", err->file, err->line, err->message);
    else if (err->file[0])
        snprintf(out, size, "%s: %s", err->file, err->message);
    else
        snprintf(out, size, "%s", err->message);
    return out;
}
