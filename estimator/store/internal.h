/*
 * Shared by the files of the store and its tests: the handle, cached statements, binding that
 * refuses what SQLite would silently turn into NULL, transactions, migrations.
 */
#ifndef MP_STORE_INTERNAL_H
#define MP_STORE_INTERNAL_H

#include "estimator/store/store.h"
#include <pthread.h>
#include <sqlite3.h>

/* "MPPA", in the header of every database of ours. */
#define MP_APPLICATION_ID  0x4d505041
#define MP_BUSY_TIMEOUT_MS 10000

/* Every statement that records are written and read with; texts in statement.c. */
enum mp_statement {
    MP_SQL_BEGIN,
    MP_SQL_COMMIT,
    MP_SQL_ROLLBACK,
    MP_SQL_INSERT_CONTEXT,
    MP_SQL_FIND_CONTEXT,
    MP_SQL_INSERT_LIBRARY,
    MP_SQL_FIND_LIBRARY,
    MP_SQL_INSERT_DESIGN,
    MP_SQL_FIND_DESIGN,
    MP_SQL_INSERT_NETWORK,
    MP_SQL_FIND_NETWORK,
    MP_SQL_PUT_NETWORK,
    MP_SQL_INSERT_PART,
    MP_SQL_FIND_PART,
    MP_SQL_FIND_PPA,
    MP_SQL_FIND_TRACE,
    MP_SQL_FIND_ACCURACY,
    MP_SQL_FIND_ESTIMATE,
    MP_SQL_INSERT_PPA,
    MP_SQL_INSERT_PPA_TEXT,
    MP_SQL_INSERT_PPA_RUN,
    MP_SQL_INSERT_FRONT,
    MP_SQL_PUT_PEER,
    MP_SQL_INSERT_TRACE,
    MP_SQL_COMPLETE_TRACE,
    MP_SQL_KNOWN_ACCURACY,
    MP_SQL_INSERT_ACCURACY,
    MP_SQL_UPDATE_ACCURACY,
    MP_SQL_DELETE_LAYERS,
    MP_SQL_INSERT_LAYER,
    MP_SQL_INSERT_ESTIMATE,
    MP_SQL_INSERT_POWER_ROW,
    MP_SQL_INSERT_RUN,
    MP_SQL_END_RUN,
    MP_SQL_INSERT_RUN_ESTIMATE,
    MP_SQL_GET_PPA,
    MP_SQL_GET_ACCURACY,
    MP_SQL_GET_LAYERS,
    MP_SQL_STATEMENTS
};

struct mp_store {
    sqlite3 *db;
    char *path;                                  /* for messages */
    bool read_only;                              /* as asked at opening */
    double time_limit_s;                         /* of a query */
    pthread_mutex_t mutex;                       /* held during every public call */
    sqlite3_stmt *statements[MP_SQL_STATEMENTS]; /* prepared at first use */
};

/* One statement being bound and stepped. Binding remembers the first failure, so that a record is
 * bound field by field without a check after each; mp_row_* report it. */
struct mp_bound {
    struct mp_store *store;
    sqlite3_stmt *statement;
    const char *what; /* "estimate", for messages */
    int index;        /* of the parameter bound last */
    int rc;           /* MP_OK or the first failure, which is in err */
    struct mp_error *err;
};

/* Begin with a cached statement; a failure is kept in b->rc. */
void mp_bound_init(struct mp_bound *b, struct mp_store *s, enum mp_statement id, const char *what,
                   struct mp_error *err);
/* The next parameter. NULL text, NaN, infinity, and counts above 2^63-1 are MP_E_DATABASE, naming
 * the field. */
void mp_bind_text(struct mp_bound *b, const char *field, const char *text);
void mp_bind_real(struct mp_bound *b, const char *field, double x);
void mp_bind_count(struct mp_bound *b, const char *field, uint64_t x);
/* The same where the value may be unknown, stored as NULL: NaN; MP_UNKNOWN_COUNT; NULL text. */
void mp_bind_known_text(struct mp_bound *b, const char *field, const char *text);
/* NULL is the empty text. */
void mp_bind_plain_text(struct mp_bound *b, const char *field, const char *text);
void mp_bind_known_real(struct mp_bound *b, const char *field, double x);
void mp_bind_known_count(struct mp_bound *b, const char *field, uint64_t x);
/* A number of either sign; MP_UNKNOWN_EXPONENT is NULL. */
void mp_bind_known_exponent(struct mp_bound *b, int x);
void mp_bind_bits(struct mp_bound *b, uint64_t x); /* all 64, read back as a signed number */
void mp_bind_id(struct mp_bound *b, int64_t id);   /* negative: NULL */
void mp_bind_blob(struct mp_bound *b, const void *p, size_t n);
/* Run a statement without rows; resets it. */
int mp_bound_run(struct mp_bound *b);
/* Step to the only row: *found; the row stays current until mp_bound_reset. */
int mp_bound_step(struct mp_bound *b, bool *found);
void mp_bound_reset(struct mp_bound *b);
/* First column of the only row as an id and reset; -1: no row. */
int mp_bound_find(struct mp_bound *b, int64_t *id);

/* MP_E_DATABASE with what SQLite said about the last call, what was being done, and advice. */
int mp_store_fail(const struct mp_store *s, int sqlite_rc, const char *what, struct mp_error *err);

/* BEGIN IMMEDIATE; end commits where rc is MP_OK and rolls back otherwise; returns rc or the
 * failure of the commit. */
int mp_store_begin(struct mp_store *s, struct mp_error *err);
int mp_store_end(struct mp_store *s, int rc, struct mp_error *err);

/* Ids of shared rows, inserted where new. Inside a transaction. */
int mp_intern_context(struct mp_store *s, const struct mp_store_context *c, int64_t *id,
                      struct mp_error *err);
int mp_intern_library(struct mp_store *s, const struct mp_ppa_record *r, int64_t *id,
                      struct mp_error *err);
int mp_intern_design(struct mp_store *s, const struct mp_ppa_record *r, int64_t *id,
                     struct mp_error *err);
int mp_intern_network(struct mp_store *s, const char *network, const char *network_hash,
                      int64_t *id, struct mp_error *err);
int mp_intern_part(struct mp_store *s, const struct mp_power_row *r, int64_t *id,
                   struct mp_error *err);
/* Runs and front of a new PPA point. Inside a transaction. */
int mp_store_put_runs(struct mp_store *s, int64_t ppa, const struct mp_ppa_record *r,
                      struct mp_error *err);
/* Id of a row by its key with one of MP_SQL_FIND_PPA .. MP_SQL_FIND_ESTIMATE; -1: not there. */
int mp_find_key(struct mp_store *s, enum mp_statement id, const char *what, const char *key,
                int64_t *row, struct mp_error *err);

/* zlib streams of text; the caller frees. expand refuses what is not `size` bytes of text. */
int mp_blob_compress(const char *text, unsigned char **out, size_t *size, struct mp_error *err);
int mp_blob_expand(const void *blob, size_t blob_size, size_t size, char **out,
                   struct mp_error *err);
/* SQL function sqlar_uncompress(blob, bytes), as in the sqlite3 shell. */
int mp_blob_register(sqlite3 *db);

/* Bring a database of ours, or an empty one, to version `count`: steps[i] is the SQL that leads
 * from version i to i + 1; views are made anew. One transaction: all or nothing. Foreign keys are
 * off during the steps and all checked before the commit. Refuses a foreign or newer database
 * untouched. */
int mp_store_migrate(struct mp_store *s, const char *const *steps, int count, const char *views,
                     struct mp_error *err);
/* What migrate would refuse, without changing anything; *version 0 for an empty database. */
int mp_store_check_version(const struct mp_store *s, int newest, int *version,
                           struct mp_error *err);
/* Open with other steps than the program's own; mp_store_open without. */
int mp_store_open_steps(struct mp_store **out, const char *path, bool read_only,
                        const char *const *steps, int count, const char *views,
                        struct mp_error *err);

#endif
