/* Named queries asked by tests: how many rows, and the first one as text. */
#ifndef MP_TESTS_STORE_ASK_H
#define MP_TESTS_STORE_ASK_H

#include "tests/store/fixture.h"

struct seen {
    int rows, stop_after, skip; /* skip: keep the row behind so many */
    char names[4096], values[4096], types[256];
};

static inline int see(void *context, int count, const char *const *names, const char *const *values,
                      const char *types)
{
    struct seen *s = context;
    struct mp_text line = {0}, heading = {0};
    for (int i = 0; i < count; i++) {
        mp_text_printf(&heading, "%s|", names[i]);
        mp_text_printf(&line, "%s|", values[i] ? values[i] : "NULL");
    }
    if (s->rows++ == s->skip) {
        snprintf(s->names, sizeof s->names, "%s", heading.data);
        snprintf(s->values, sizeof s->values, "%s", line.data);
        snprintf(s->types, sizeof s->types, "%.*s", count, types);
    }
    mp_text_release(&line);
    mp_text_release(&heading);
    return s->rows == s->stop_after;
}

static inline void ask(struct fixture *f, struct seen *seen, const char *name,
                       const char *parameter)
{
    memset(seen, 0, sizeof *seen);
    int rc = mp_store_query(f->store, name, &parameter, parameter ? 1 : 0, see, seen, &f->err);
    if (rc != MP_OK)
        print_error("%s: %s\n", name, f->err.message);
    assert_int_equal(rc, MP_OK);
}

/* "|name=value|" of the first row; numbers rounded to 9 digits. */
static inline void assert_value(const struct seen *seen, const char *name, const char *expected)
{
    const char *n = seen->names, *v = seen->values;
    while (*n && strncmp(n, name, strlen(name)) != 0) {
        n += strcspn(n, "|") + 1;
        v += strcspn(v, "|") + 1;
    }
    if (!*n || n[strlen(name)] != '|')
        fail_msg("there is no column %s in %s", name, seen->names);
    char got[256], *end;
    snprintf(got, sizeof got, "%.*s", (int)strcspn(v, "|"), v);
    double x = strtod(got, &end);
    if (end != got && *end == '\0')
        snprintf(got, sizeof got, "%.9g", x);
    if (strcmp(got, expected) != 0)
        fail_msg("%s is %s, not %s", name, got, expected);
}

#endif
