#include "estimator/store/embedded.h"
#include "estimator/store/internal.h"
#include "estimator/util/log.h"
#include "estimator/util/memory.h"
#include "estimator/util/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often the clock is looked at, in instructions of SQLite's machine (some 100 us). */
#define STEPS_BETWEEN_CHECKS 10000
/* The largest value that a user's own SQL may build. */
#define VALUE_LIMIT_BYTES (64 << 20)
#define NUMBER_SIZE       40

size_t mp_store_query_count(void)
{
    return mp_store_embedded_count - MP_EMBEDDED_FIRST_QUERY;
}

const char *mp_store_query_name(size_t index)
{
    return mp_store_embedded[MP_EMBEDDED_FIRST_QUERY + index].name;
}

const char *mp_store_query_text(size_t index)
{
    return mp_store_embedded[MP_EMBEDDED_FIRST_QUERY + index].text;
}

const char *mp_store_query_summary(size_t index)
{
    return mp_store_embedded[MP_EMBEDDED_FIRST_QUERY + index].summary;
}

static int past_deadline(void *context)
{
    const double *deadline_s = context;
    return mp_clock_s() > *deadline_s;
}

static char type_letter(int type)
{
    switch (type) {
    case SQLITE_INTEGER:
        return 'i';
    case SQLITE_FLOAT:
        return 'r';
    case SQLITE_NULL:
        return 'n';
    default:
        return 't';
    }
}

/* Scratch for one row of `count` columns; one block of each, freed together. */
struct row {
    int count;
    const char **names, **values;
    char *types;
    char (*numbers)[NUMBER_SIZE];
};

static void row_init(struct row *r, sqlite3_stmt *statement)
{
    r->count = sqlite3_column_count(statement);
    size_t n = (size_t)r->count + 1;
    r->names = mp_alloc(n, sizeof *r->names);
    r->values = mp_alloc(n, sizeof *r->values);
    r->types = mp_alloc(n, 1);
    r->numbers = mp_alloc(n, sizeof *r->numbers);
    for (int i = 0; i < r->count; i++)
        r->names[i] = sqlite3_column_name(statement, i);
}

static void row_release(struct row *r)
{
    free(r->names);
    free(r->values);
    free(r->types);
    free(r->numbers);
}

static void row_read(struct row *r, sqlite3_stmt *statement)
{
    for (int i = 0; i < r->count; i++) {
        int type = sqlite3_column_type(statement, i);
        r->types[i] = type_letter(type);
        if (type == SQLITE_FLOAT) {
            r->values[i] = mp_print_double(sqlite3_column_double(statement, i), r->numbers[i],
                                           sizeof r->numbers[i]);
        } else if (type == SQLITE_BLOB) {
            snprintf(r->numbers[i], sizeof r->numbers[i], "(%d bytes)",
                     sqlite3_column_bytes(statement, i));
            r->values[i] = r->numbers[i];
        } else {
            r->values[i] = (const char *)sqlite3_column_text(statement, i);
        }
    }
}

static int refused(const struct mp_store *s, struct mp_error *err)
{
    return mp_fail(err, MP_E_USAGE, "the query would do more than read, which is refused: %s",
                   sqlite3_errmsg(s->db));
}

/* Hand out all rows of a prepared statement within the time limit. */
static int each_row(struct mp_store *s, sqlite3_stmt *statement, const char *what,
                    mp_store_row *row, void *context, struct mp_error *err)
{
    struct row r = {0};
    int sqlite_rc, rc = MP_OK;
    double deadline_s = mp_clock_s() + s->time_limit_s;
    sqlite3_progress_handler(s->db, STEPS_BETWEEN_CHECKS, past_deadline, &deadline_s);
    row_init(&r, statement);
    while ((sqlite_rc = sqlite3_step(statement)) == SQLITE_ROW) {
        row_read(&r, statement);
        if (row(context, r.count, r.names, r.values, r.types) != 0)
            break;
    }
    if (sqlite_rc == SQLITE_INTERRUPT)
        rc = mp_fail(err, MP_E_TIMEOUT,
                     "%s: %s: no end after %g s; narrow it down, or ask for fewer rows", s->path,
                     what, s->time_limit_s);
    else if (sqlite_rc == SQLITE_AUTH)
        rc = refused(s, err);
    else if (sqlite_rc != SQLITE_ROW && sqlite_rc != SQLITE_DONE)
        rc = mp_store_fail(s, sqlite_rc, what, err);
    row_release(&r);
    sqlite3_progress_handler(s->db, 0, NULL, NULL);
    return rc;
}

/* Pragmas that only tell; those with a value would set something. */
static bool pragma_is_harmless(const char *name, const char *value)
{
    static const char *const with_name[] = {"table_info",      "table_xinfo", "table_list",
                                            "index_list",      "index_info",  "index_xinfo",
                                            "foreign_key_list"};
    static const char *const plain[] = {"user_version", "application_id", "integrity_check",
                                        "quick_check", "foreign_key_check"};
    for (size_t i = 0; i < sizeof with_name / sizeof *with_name; i++)
        if (sqlite3_stricmp(name, with_name[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!value && sqlite3_stricmp(name, plain[i]) == 0)
            return true;
    return false;
}

static int allow_reading(void *context, int action, const char *first, const char *second,
                         const char *database, const char *trigger)
{
    (void)context;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_UPDATE:
        /* Asked when a table-valued function (json_each) is used for the first time; a real UPDATE
         * of the schema is refused by defensive mode. */
        return strcmp(first, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return pragma_is_harmless(first, second) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* One statement that only reads; *statement is NULL on failure. */
static int prepare_users(struct mp_store *s, const char *sql, sqlite3_stmt **statement,
                         struct mp_error *err)
{
    const char *tail = NULL;
    sqlite3_stmt *second = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, statement, &tail);
    if (rc == SQLITE_AUTH)
        return mp_fail(err, MP_E_USAGE, "the query would do more than read, which is refused: %s",
                       sqlite3_errmsg(s->db));
    if (rc != SQLITE_OK)
        return mp_fail(err, MP_E_USAGE, "the query is not right: %s", sqlite3_errmsg(s->db));
    if (!*statement)
        return mp_fail(err, MP_E_USAGE, "the query is empty; give one SELECT");
    rc = sqlite3_prepare_v2(s->db, tail, -1, &second, NULL);
    bool more = rc != SQLITE_OK || second;
    sqlite3_finalize(second);
    if (!more && sqlite3_stmt_readonly(*statement))
        return MP_OK;
    sqlite3_finalize(*statement);
    *statement = NULL;
    return mp_fail(err, MP_E_USAGE,
                   more ? "one statement at a time, please: there is more after ;"
                        : "the query would write, which is refused");
}

int mp_store_query_sql(struct mp_store *s, const char *sql, mp_store_row *row, void *context,
                       struct mp_error *err)
{
    sqlite3_stmt *statement = NULL;
    pthread_mutex_lock(&s->mutex);
    int limit = sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_LIMIT_BYTES);
    sqlite3_set_authorizer(s->db, allow_reading, NULL);
    int rc = prepare_users(s, sql, &statement, err);
    if (rc == MP_OK)
        rc = each_row(s, statement, "the query", row, context, err);
    sqlite3_finalize(statement);
    sqlite3_set_authorizer(s->db, NULL, NULL);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, limit);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

void mp_store_set_time_limit(struct mp_store *s, double seconds)
{
    pthread_mutex_lock(&s->mutex);
    s->time_limit_s = seconds;
    pthread_mutex_unlock(&s->mutex);
}

/* Numbers as numbers, so that `limit=10` works; what would not print back the same ("007") stays
 * text. Empty is NULL: no filter. */
static int bind_value(sqlite3_stmt *statement, int index, const char *value, int length)
{
    char text[NUMBER_SIZE], again[NUMBER_SIZE];
    int64_t whole;
    double real;
    if (length == 0)
        return sqlite3_bind_null(statement, index);
    snprintf(text, sizeof text, "%.*s", length, value);
    if (length < NUMBER_SIZE && mp_parse_i64(text, &whole)) {
        snprintf(again, sizeof again, "%lld", (long long)whole);
        if (strcmp(text, again) == 0)
            return sqlite3_bind_int64(statement, index, whole);
    } else if (length < NUMBER_SIZE && mp_parse_double(text, &real)) {
        return sqlite3_bind_double(statement, index, real);
    }
    return sqlite3_bind_text(statement, index, value, length, SQLITE_TRANSIENT);
}

/* Defaults stand in comment lines of the file: "-- :limit=200 at most so many rows". */
static int bind_default(sqlite3_stmt *statement, const char *line)
{
    const char *equals = strchr(line, '=');
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(equals - line), line);
    int index = sqlite3_bind_parameter_index(statement, name);
    return index == 0 ? SQLITE_ERROR
                      : bind_value(statement, index, equals + 1, (int)strcspn(equals + 1, " \n"));
}

static int bind_defaults(const struct mp_store *s, sqlite3_stmt *statement, const char *text,
                         struct mp_error *err)
{
    int rc = SQLITE_OK;
    for (const char *p = strstr(text, "\n-- :"); p && rc == SQLITE_OK; p = strstr(p + 1, "\n-- :"))
        rc = bind_default(statement, p + strlen("\n-- "));
    return rc == SQLITE_OK ? MP_OK : mp_store_fail(s, rc, "default of a parameter", err);
}

static int unknown_parameter(sqlite3_stmt *statement, const char *query, const char *parameter,
                             struct mp_error *err)
{
    struct mp_text known = {0};
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++)
        mp_text_printf(&known, "%s%s", i > 1 ? ", " : "",
                       sqlite3_bind_parameter_name(statement, i) + 1);
    int rc = mp_fail(err, MP_E_USAGE, "query %s has no parameter \"%s\"; give NAME=VALUE%s%s",
                     query, parameter, known.data ? " with one of: " : ", but this query has none",
                     known.data ? known.data : "");
    mp_text_release(&known);
    return rc;
}

/* A parameter whose default is a number is compared with numbers: SQL would take "1%" for 1. */
static int check_number(const char *text, const char *query, const char *name, const char *value,
                        struct mp_error *err)
{
    char line[80], fallback[NUMBER_SIZE];
    double x;
    int length = snprintf(line, sizeof line, "\n-- %s=", name);
    const char *found = strstr(text, line);
    if (!found)
        return MP_OK;
    found += length;
    snprintf(fallback, sizeof fallback, "%.*s", (int)strcspn(found, " \n"), found);
    return mp_parse_double(fallback, &x) && !mp_parse_double(value, &x)
               ? mp_fail(err, MP_E_USAGE, "query %s: %s=%s is no number such as %s", query,
                         name + 1, value, fallback)
               : MP_OK;
}

static int bind_given(sqlite3_stmt *statement, const char *query, const char *text,
                      const char *parameter, struct mp_error *err)
{
    char name[64] = "";
    int rc;
    const char *equals = strchr(parameter, '=');
    if (equals && equals - parameter < 60)
        snprintf(name, sizeof name, ":%.*s", (int)(equals - parameter), parameter);
    int index = *name ? sqlite3_bind_parameter_index(statement, name) : 0;
    if (index == 0)
        return unknown_parameter(statement, query, parameter, err);
    if ((rc = check_number(text, query, name, equals + 1, err)) < 0)
        return rc;
    if (bind_value(statement, index, equals + 1, (int)strlen(equals + 1)) != SQLITE_OK)
        return mp_fail(err, MP_E_USAGE, "query %s: the value of %s cannot be used", query, name);
    return MP_OK;
}

static int no_such_query(const char *name, struct mp_error *err)
{
    struct mp_text known = {0};
    for (size_t i = 0; i < mp_store_query_count(); i++)
        mp_text_printf(&known, "%s%s", i > 0 ? ", " : "", mp_store_query_name(i));
    int rc =
        mp_fail(err, MP_E_NOT_FOUND, "there is no query \"%s\"; there are: %s", name, known.data);
    mp_text_release(&known);
    return rc;
}

static int run_named(struct mp_store *s, size_t index, const char *const *parameters,
                     size_t parameter_count, mp_store_row *row, void *context, struct mp_error *err)
{
    const char *name = mp_store_query_name(index), *text = mp_store_query_text(index);
    sqlite3_stmt *statement = NULL;
    int sqlite_rc = sqlite3_prepare_v2(s->db, text, -1, &statement, NULL), rc = MP_OK;
    if (sqlite_rc != SQLITE_OK)
        return mp_store_fail(s, sqlite_rc, name, err);
    rc = bind_defaults(s, statement, text, err);
    for (size_t i = 0; rc == MP_OK && i < parameter_count; i++)
        rc = bind_given(statement, name, text, parameters[i], err);
    if (rc == MP_OK)
        rc = each_row(s, statement, name, row, context, err);
    sqlite3_finalize(statement);
    return rc;
}

int mp_store_query(struct mp_store *s, const char *name, const char *const *parameters,
                   size_t parameter_count, mp_store_row *row, void *context, struct mp_error *err)
{
    size_t index = 0;
    while (index < mp_store_query_count() && strcmp(mp_store_query_name(index), name) != 0)
        index++;
    if (index == mp_store_query_count())
        return no_such_query(name, err);
    pthread_mutex_lock(&s->mutex);
    int rc = run_named(s, index, parameters, parameter_count, row, context, err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}
