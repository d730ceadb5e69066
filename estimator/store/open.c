#include "estimator/store/embedded.h"
#include "estimator/store/internal.h"
#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include "estimator/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TIME_LIMIT_S 30.0

/* Switching an empty file to WAL returns busy at once while another process does the same. */
static int execute_patiently(const struct mp_store *s, const char *sql)
{
    double end = mp_clock_s() + MP_BUSY_TIMEOUT_MS / 1e3;
    int rc;
    while ((rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL)) == SQLITE_BUSY && mp_clock_s() < end)
        sqlite3_sleep(10);
    return rc;
}

static int connect_file(struct mp_store *s, const char *name, int flags, struct mp_error *err)
{
    int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(s->db, MP_BUSY_TIMEOUT_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (rc == SQLITE_OK)
        rc = mp_blob_register(s->db);
    if (rc == SQLITE_OK)
        return MP_OK;
    if (!s->db)
        return mp_fail(err, MP_E_MEMORY, "%s: no memory for SQLite", s->path);
    return mp_store_fail(s, rc, "opening; are the folder and the file there, with permission?",
                         err);
}

static void disconnect(struct mp_store *s)
{
    sqlite3_close(s->db);
    s->db = NULL;
}

/* file:PATH?immutable=1 with everything escaped that a URI gives a meaning. */
static char *immutable_uri(const char *path)
{
    struct mp_text uri = {0};
    mp_text_add(&uri, path[0] == '/' ? "file://" : "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p))
            mp_text_printf(&uri, "%%%02X", (unsigned)*p);
        else
            mp_text_add_bytes(&uri, p, 1);
    }
    mp_text_add(&uri, "?immutable=1");
    return uri.data;
}

static bool has_unmerged_log(const char *path)
{
    char *log = mp_asprintf("%s-wal", path);
    struct stat st;
    bool has = stat(log, &st) == 0 && st.st_size > 0;
    free(log);
    return has;
}

static uint32_t big_endian(const unsigned char *p, int bytes)
{
    uint32_t x = 0;
    for (int i = 0; i < bytes; i++)
        x = x << 8 | p[i];
    return x;
}

/* What SQLite lets pass: a file shorter than one page counts as empty (and would be filled), a cut
 * last page as zeros. Places in the header: SQLite file format, 1.3. The write-ahead log is looked
 * for before the size is taken: without it, nobody is about to extend the file. */
static int check_size(const struct mp_store *s, const unsigned char header[100],
                      struct mp_error *err)
{
    struct stat st;
    int64_t page = big_endian(header + 16, 2), pages = 1;
    page = page == 1 ? 65536 : page > 0 ? page : 512; /* a cut header reads as 0 */
    if (memcmp(header + 24, header + 92, 4) == 0 && !has_unmerged_log(s->path))
        pages = big_endian(header + 28, 4);
    int64_t size = page * pages;
    if (stat(s->path, &st) == 0 && st.st_size >= size)
        return MP_OK;
    return mp_fail(err, MP_E_DATABASE,
                   "%s: is the beginning of a database only (%lld of %lld bytes); restore a copy, "
                   "or save what can be read: sqlite3 FILE .recover | sqlite3 NEW",
                   s->path, (long long)st.st_size, (long long)size);
}

static int check_header(const struct mp_store *s, struct mp_error *err)
{
    static const char magic[16] = "SQLite format 3";
    unsigned char header[100] = {0};
    FILE *in = fopen(s->path, "rb");
    if (!in)
        return mp_fail_errno(err, "%s: the database cannot be read", s->path);
    size_t n = fread(header, 1, sizeof header, in);
    fclose(in);
    if (n >= sizeof magic && memcmp(header, magic, sizeof magic) == 0)
        return check_size(s, header, err);
    return mp_fail(err, MP_E_DATABASE,
                   "%s: is not a database, and is left as it is; name a database of macppa, or a "
                   "new file",
                   s->path);
}

/* Look without being able to change anything. A database in a folder where SQLite cannot make its
 * lock file is read as immutable: nobody else can write there either. */
static int connect_reader(struct mp_store *s, int newest, int *version, struct mp_error *err)
{
    int rc = check_header(s, err);
    if (rc == MP_OK)
        rc = connect_file(s, s->path, SQLITE_OPEN_READONLY, err);
    if (rc != MP_OK)
        return rc;
    rc = mp_store_check_version(s, newest, version, err);
    int why = sqlite3_errcode(s->db) & 0xff;
    if (rc == MP_OK || (why != SQLITE_CANTOPEN && why != SQLITE_READONLY) ||
        has_unmerged_log(s->path))
        return rc;
    disconnect(s);
    char *uri = immutable_uri(s->path);
    rc = connect_file(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
    free(uri);
    return rc == MP_OK ? mp_store_check_version(s, newest, version, err) : rc;
}

static int connect_writer(struct mp_store *s, struct mp_error *err)
{
    int rc = connect_file(s, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (rc != MP_OK)
        return rc;
    if (sqlite3_db_readonly(s->db, "main") == 1)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: may only be read; give write permission, or use another --db", s->path);
    /* NORMAL: a killed process loses nothing, a power cut at most the last commits, whole. 64 MiB
     * of cache hold the indexes of a million estimates, which keys fall into at random; checkpoints
     * every 16 MiB instead of 4 write their pages more seldom. */
    int sqlite_rc =
        execute_patiently(s, "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;"
                             "PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON;"
                             "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000");
    return sqlite_rc == SQLITE_OK
               ? MP_OK
               : mp_store_fail(s, sqlite_rc, "preparing to write; is its folder writable?", err);
}

static int open_reader(struct mp_store *s, bool exists, int newest, struct mp_error *err)
{
    int version = 0;
    if (!exists)
        return mp_fail(err, MP_E_NOT_FOUND,
                       "%s: no such database, or nothing in it; `macppa run` makes one, "
                       "--db or MACPPA_DB names another",
                       s->path);
    int rc = connect_reader(s, newest, &version, err);
    if (rc != MP_OK)
        return rc;
    if (version == 0)
        return mp_fail(err, MP_E_DATABASE, "%s: is empty; `macppa run` fills it", s->path);
    if (version < newest)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: has schema %d and this program reads %d; any command that writes, such "
                       "as `macppa run`, brings it up to date",
                       s->path, version, newest);
    return MP_OK;
}

static int open_writer(struct mp_store *s, bool exists, const char *const *steps, int count,
                       const char *views, struct mp_error *err)
{
    int version, rc = MP_OK;
    if (exists) {
        rc = connect_reader(s, count, &version, err);
        disconnect(s);
    }
    if (rc == MP_OK)
        rc = connect_writer(s, err);
    if (rc == MP_OK)
        rc = mp_store_migrate(s, steps, count, views, err);
    return rc;
}

int mp_store_open_steps(struct mp_store **out, const char *path, bool read_only,
                        const char *const *steps, int count, const char *views,
                        struct mp_error *err)
{
    struct stat st;
    *out = NULL;
    if (!path || !*path)
        return mp_fail(err, MP_E_USAGE, "the database has no name; give --db FILE");
    bool exists = stat(path, &st) == 0 && st.st_size > 0;
    if (exists && !S_ISREG(st.st_mode))
        return mp_fail(err, MP_E_DATABASE, "%s: is not a file; give --db FILE", path);
    struct mp_store *s = mp_alloc(1, sizeof *s);
    s->path = mp_strdup(path);
    s->read_only = read_only;
    s->time_limit_s = TIME_LIMIT_S;
    pthread_mutex_init(&s->mutex, NULL);
    int rc = read_only ? open_reader(s, exists, count, err)
                       : open_writer(s, exists, steps, count, views, err);
    if (rc == MP_OK)
        *out = s;
    else
        mp_store_close(s);
    return rc;
}

int mp_store_open(struct mp_store **out, const char *path, bool read_only, struct mp_error *err)
{
    const char *steps[MP_SCHEMA_VERSION] = {mp_store_embedded[MP_EMBEDDED_SCHEMA].text,
                                            mp_store_embedded[MP_EMBEDDED_MIGRATION_2].text,
                                            mp_store_embedded[MP_EMBEDDED_MIGRATION_3].text,
                                            mp_store_embedded[MP_EMBEDDED_MIGRATION_4].text};
    return mp_store_open_steps(out, path, read_only, steps, MP_SCHEMA_VERSION,
                               mp_store_embedded[MP_EMBEDDED_VIEWS].text, err);
}

void mp_store_close(struct mp_store *s)
{
    if (!s)
        return;
    for (int i = 0; i < MP_SQL_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    disconnect(s);
    pthread_mutex_destroy(&s->mutex);
    free(s->path);
    free(s);
}
