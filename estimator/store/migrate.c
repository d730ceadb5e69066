#include "estimator/store/internal.h"

#include <stdio.h>

/* Another process may be at it: some 20 s for a million estimates, on a slow disk more. */
#define MIGRATION_TIMEOUT_MS 300000

static int one_number(const struct mp_store *s, const char *sql, int64_t *out, struct mp_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    rc = rc == SQLITE_ROW ? MP_OK : mp_store_fail(s, rc, "opening the database", err);
    sqlite3_finalize(statement);
    return rc;
}

static int execute(const struct mp_store *s, const char *sql, const char *what,
                   struct mp_error *err)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? MP_OK : mp_store_fail(s, rc, what, err);
}

static int read_marks(const struct mp_store *s, int64_t *application, int64_t *version,
                      int64_t *objects, struct mp_error *err)
{
    int rc = one_number(s, "PRAGMA application_id", application, err);
    if (rc == MP_OK)
        rc = one_number(s, "PRAGMA user_version", version, err);
    if (rc == MP_OK)
        rc = one_number(s, "SELECT count(*) FROM sqlite_schema", objects, err);
    return rc;
}

int mp_store_check_version(const struct mp_store *s, int newest, int *version, struct mp_error *err)
{
    int64_t application = 0, user_version = 0, objects = 0;
    /* One snapshot: another process may be making the schema right now. */
    bool outside = sqlite3_get_autocommit(s->db);
    int rc = outside ? execute(s, "BEGIN", "opening the database", err) : MP_OK;
    if (rc == MP_OK)
        rc = read_marks(s, &application, &user_version, &objects, err);
    /* A connection that failed is closed by its opener, who still asks it for the reason. */
    if (outside && rc == MP_OK)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    if (rc != MP_OK)
        return rc;
    *version = (int)user_version;
    if (application == 0 && user_version == 0 && objects == 0)
        return MP_OK;
    if (application != MP_APPLICATION_ID || user_version < 1)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: is a SQLite database of another program, and is left as it is; name a "
                       "database of macppa, or a new file",
                       s->path);
    if (user_version > newest)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: was written by a newer macppa (schema %d, this program knows up to "
                       "%d), and is left as it is; update macppa, or use another --db",
                       s->path, (int)user_version, newest);
    return MP_OK;
}

static int apply(struct mp_store *s, const char *const *steps, int from, int count,
                 const char *views, struct mp_error *err)
{
    char what[64], stamp[128];
    int rc = MP_OK;
    for (int i = from; rc == MP_OK && i < count; i++) {
        snprintf(what, sizeof what, "bringing the schema from version %d to %d", i, i + 1);
        rc = execute(s, steps[i], what, err);
    }
    if (rc == MP_OK)
        rc = execute(s, views, "making the views", err);
    snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             MP_APPLICATION_ID, count);
    if (rc == MP_OK)
        rc = execute(s, stamp, "setting the schema version", err);
    return rc;
}

/* Rows whose reference leads nowhere: by a faulty step, or in the file before. */
static int check_references(const struct mp_store *s, struct mp_error *err)
{
    int64_t lost = 0;
    int rc = one_number(s, "SELECT count(*) FROM pragma_foreign_key_check", &lost, err);
    if (rc != MP_OK || lost == 0)
        return rc;
    return mp_fail(err, MP_E_DATABASE,
                   "%s: %lld rows refer to rows that are not there, and it is left in its old "
                   "schema; restore a copy, or save what can be read: sqlite3 FILE .recover | "
                   "sqlite3 NEW",
                   s->path, (long long)lost);
}

static int migrate(struct mp_store *s, const char *const *steps, int count, const char *views,
                   struct mp_error *err)
{
    int version;
    int rc = mp_store_begin(s, err);
    if (rc != MP_OK)
        return rc;
    /* Another process may have been faster. */
    rc = mp_store_check_version(s, count, &version, err);
    if (rc == MP_OK && version < count) {
        rc = apply(s, steps, version, count, views, err);
        if (rc == MP_OK)
            rc = check_references(s, err);
    }
    return mp_store_end(s, rc, err);
}

int mp_store_migrate(struct mp_store *s, const char *const *steps, int count, const char *views,
                     struct mp_error *err)
{
    int version;
    int rc = mp_store_check_version(s, count, &version, err);
    if (rc != MP_OK || version == count)
        return rc;
    /* Dropping a table that is built anew must not delete what refers to it. SQLite takes the
     * pragma only outside a transaction. */
    rc = execute(s, "PRAGMA foreign_keys = OFF", "preparing a new schema", err);
    sqlite3_busy_timeout(s->db, MIGRATION_TIMEOUT_MS);
    if (rc == MP_OK)
        rc = migrate(s, steps, count, views, err);
    sqlite3_busy_timeout(s->db, MP_BUSY_TIMEOUT_MS);
    if (rc == MP_OK)
        rc = execute(s, "PRAGMA foreign_keys = ON", "checking references from now on", err);
    return rc;
}
