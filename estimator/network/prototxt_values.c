/* Asking a parsed text file for values of a type. */
#include "estimator/network/prototxt.h"
#include "estimator/util/number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mp_prototxt_fail(const struct mp_prototxt *p, uint32_t field, enum mp_code code,
                     struct mp_error *err, const char *format, ...)
{
    char *message;
    va_list args;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    mp_fail_at(err, code, p->path, p->fields[field].line, "%s", message != NULL ? message : "");
    free(message);
    return code;
}

static uint32_t find_from(const struct mp_prototxt *p, uint32_t field, const char *name)
{
    while (field != MP_PROTOTXT_NONE && strcmp(p->fields[field].name, name) != 0)
        field = p->fields[field].next;
    return field;
}

uint32_t mp_prototxt_first(const struct mp_prototxt *p, uint32_t message, const char *name)
{
    return message == MP_PROTOTXT_NONE ? message : find_from(p, p->fields[message].child, name);
}

uint32_t mp_prototxt_next(const struct mp_prototxt *p, uint32_t field)
{
    return find_from(p, p->fields[field].next, p->fields[field].name);
}

uint32_t mp_prototxt_count(const struct mp_prototxt *p, uint32_t message, const char *name)
{
    uint32_t count = 0, field = mp_prototxt_first(p, message, name);

    for (; field != MP_PROTOTXT_NONE; field = mp_prototxt_next(p, field))
        count++;
    return count;
}

static uint32_t find_last(const struct mp_prototxt *p, uint32_t message, const char *name)
{
    uint32_t last = MP_PROTOTXT_NONE, field = mp_prototxt_first(p, message, name);

    for (; field != MP_PROTOTXT_NONE; field = mp_prototxt_next(p, field))
        last = field;
    return last;
}

static int wrong_value(const struct mp_prototxt *p, uint32_t field, const char *wanted,
                       struct mp_error *err)
{
    const struct mp_prototxt_field *f = &p->fields[field];

    return mp_prototxt_fail(p, field, MP_E_INPUT, err, "`%s` is %s%s%s, but must be %s", f->name,
                            f->text != NULL ? "`" : "", f->text != NULL ? f->text : "a message",
                            f->text != NULL ? "`" : "", wanted);
}

int mp_prototxt_text_of(const struct mp_prototxt *p, uint32_t field, const char **out,
                        struct mp_error *err)
{
    if (p->fields[field].kind != MP_PROTOTXT_STRING)
        return wrong_value(p, field, "a string in quotes", err);
    *out = p->fields[field].text;
    return MP_OK;
}

/* Decimal, 0x, or octal with a leading 0. */
static bool parse_integer(const char *s, int64_t *out)
{
    const char *digits = s[0] == '-' ? s + 1 : s;
    char *end;

    if (digits[0] < '0' || digits[0] > '9')
        return false;
    errno = 0;
    *out = strtoll(s, &end, 0);
    return errno == 0 && *end == '\0';
}

int mp_prototxt_integer_of(const struct mp_prototxt *p, uint32_t field, int64_t low, int64_t high,
                           int64_t *out, struct mp_error *err)
{
    char wanted[80];

    if (p->fields[field].kind == MP_PROTOTXT_SCALAR && parse_integer(p->fields[field].text, out) &&
        *out >= low && *out <= high)
        return MP_OK;
    snprintf(wanted, sizeof wanted, "a whole number of %" PRId64 " to %" PRId64, low, high);
    return wrong_value(p, field, wanted, err);
}

int mp_prototxt_message(const struct mp_prototxt *p, uint32_t message, const char *name,
                        uint32_t *out, struct mp_error *err)
{
    *out = mp_prototxt_first(p, message, name);
    if (*out == MP_PROTOTXT_NONE)
        return MP_OK;
    if (p->fields[*out].kind != MP_PROTOTXT_MESSAGE)
        return wrong_value(p, *out, "a message in { }", err);
    uint32_t second = mp_prototxt_next(p, *out);
    if (second != MP_PROTOTXT_NONE)
        return mp_prototxt_fail(p, second, MP_E_UNSUPPORTED, err,
                                "there is a second `%s` (first in line %d)", name,
                                p->fields[*out].line);
    return MP_OK;
}

int mp_prototxt_string(const struct mp_prototxt *p, uint32_t message, const char *name,
                       const char *otherwise, const char **out, struct mp_error *err)
{
    uint32_t field = find_last(p, message, name);

    *out = otherwise;
    return field == MP_PROTOTXT_NONE ? MP_OK : mp_prototxt_text_of(p, field, out, err);
}

int mp_prototxt_word(const struct mp_prototxt *p, uint32_t message, const char *name,
                     const char *otherwise, const char **out, struct mp_error *err)
{
    uint32_t field = find_last(p, message, name);

    *out = otherwise;
    if (field == MP_PROTOTXT_NONE)
        return MP_OK;
    if (p->fields[field].kind != MP_PROTOTXT_SCALAR)
        return wrong_value(p, field, "a word without quotes", err);
    *out = p->fields[field].text;
    return MP_OK;
}

int mp_prototxt_integer(const struct mp_prototxt *p, uint32_t message, const char *name,
                        int64_t low, int64_t high, int64_t otherwise, int64_t *out,
                        struct mp_error *err)
{
    uint32_t field = find_last(p, message, name);

    *out = otherwise;
    return field == MP_PROTOTXT_NONE ? MP_OK
                                     : mp_prototxt_integer_of(p, field, low, high, out, err);
}

int mp_prototxt_number_of(const struct mp_prototxt *p, uint32_t field, double *out,
                          struct mp_error *err)
{
    const char *text = p->fields[field].text, *end;
    int64_t integer;

    if (p->fields[field].kind == MP_PROTOTXT_SCALAR) {
        if (parse_integer(text, &integer)) {
            *out = (double)integer;
            return MP_OK;
        }
        *out = mp_parse_double_prefix(text, &end);
        end += end > text && (*end == 'f' || *end == 'F') ? 1 : 0;
        if (end > text && *end == '\0' && isfinite(*out))
            return MP_OK;
    }
    return wrong_value(p, field, "a finite number", err);
}

int mp_prototxt_number(const struct mp_prototxt *p, uint32_t message, const char *name,
                       double otherwise, double *out, struct mp_error *err)
{
    uint32_t field = find_last(p, message, name);

    *out = otherwise;
    return field == MP_PROTOTXT_NONE ? MP_OK : mp_prototxt_number_of(p, field, out, err);
}

int mp_prototxt_bool(const struct mp_prototxt *p, uint32_t message, const char *name,
                     bool otherwise, bool *out, struct mp_error *err)
{
    static const char *const words[] = {"false", "true", "False", "True", "f", "t", "0", "1"};
    uint32_t field = find_last(p, message, name);

    *out = otherwise;
    if (field == MP_PROTOTXT_NONE)
        return MP_OK;
    for (size_t i = 0;
         p->fields[field].kind == MP_PROTOTXT_SCALAR && i < sizeof words / sizeof *words; i++)
        if (strcmp(p->fields[field].text, words[i]) == 0) {
            *out = i % 2 != 0;
            return MP_OK;
        }
    return wrong_value(p, field, "true or false", err);
}

int mp_prototxt_check_names(const struct mp_prototxt *p, uint32_t message, const char *const *names,
                            struct mp_error *err)
{
    if (message == MP_PROTOTXT_NONE)
        return MP_OK;
    for (uint32_t f = p->fields[message].child; f != MP_PROTOTXT_NONE; f = p->fields[f].next) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], p->fields[f].name) != 0)
            i++;
        if (names[i] == NULL)
            return mp_prototxt_fail(p, f, MP_E_UNSUPPORTED, err,
                                    "`%s` does not know the setting `%s`; is it misspelt?",
                                    p->fields[message].name, p->fields[f].name);
    }
    return MP_OK;
}
