/* A private folder and a database in it, for each test. */
#ifndef MP_TESTS_STORE_FIXTURE_H
#define MP_TESTS_STORE_FIXTURE_H

#include "estimator/store/internal.h"
#include "estimator/util/file.h"
#include "tests/store/sample.h"
#include <stdlib.h>

#include "tests/util/cmocka_all.h"

struct fixture {
    struct mp_tempdir dir;
    char *path;
    struct mp_store *store; /* NULL: not open */
    struct mp_error err;
};

static inline int setup(void **state)
{
    struct fixture *f = mp_alloc(1, sizeof *f);
    if (mp_tempdir_create(&f->dir, &f->err) < 0)
        return -1;
    f->path = mp_path_join(f->dir.path, "it's 100% a test?.db");
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    mp_store_close(f->store);
    mp_tempdir_remove(&f->dir);
    free(f->path);
    free(f);
    return 0;
}

/* Open for writing; a failure prints its message. */
static inline void open_writer(struct fixture *f)
{
    int rc = mp_store_open(&f->store, f->path, false, &f->err);
    if (rc != MP_OK)
        print_error("%s\n", f->err.message);
    assert_int_equal(rc, MP_OK);
}

static inline void close_store(struct fixture *f)
{
    mp_store_close(f->store);
    f->store = NULL;
}

static inline int keep_first(void *context, int count, const char *const *names,
                             const char *const *values, const char *types)
{
    (void)count;
    (void)names;
    (void)types;
    snprintf(context, 256, "%s", values[0] ? values[0] : "NULL");
    return 1;
}

/* First value of the first row, as text; a failure prints its message. */
static inline void assert_sql(struct fixture *f, const char *sql, const char *expected)
{
    char first[256] = "no row";
    int rc = mp_store_query_sql(f->store, sql, keep_first, first, &f->err);
    if (rc != MP_OK)
        print_error("%s\n", f->err.message);
    assert_int_equal(rc, MP_OK);
    assert_string_equal(first, expected);
}

static inline void assert_message(const struct fixture *f, const char *part)
{
    const char *found = strstr(f->err.message, part);
    if (!found)
        print_error("\"%s\" lacks \"%s\"\n", f->err.message, part);
    assert_non_null(found);
}

#endif
