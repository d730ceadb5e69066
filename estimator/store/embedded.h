/*
 * SQL files that are part of the program: schema.sql, migration_2.sql, ... migration_4.sql,
 * views.sql, then queries/NAME.sql in the order of meson.build. Written at build time by embed.c.
 */
#ifndef MP_STORE_EMBEDDED_H
#define MP_STORE_EMBEDDED_H

#include <stddef.h>

struct mp_embedded {
    const char *name;    /* file name without ".sql" */
    const char *summary; /* its first line without "-- " */
    const char *text;    /* the whole file, NUL-terminated */
};
extern const struct mp_embedded mp_store_embedded[];
extern const size_t mp_store_embedded_count;

/* Fixed places at the front. */
enum {
    MP_EMBEDDED_SCHEMA,
    MP_EMBEDDED_MIGRATION_2,
    MP_EMBEDDED_MIGRATION_3,
    MP_EMBEDDED_MIGRATION_4,
    MP_EMBEDDED_VIEWS,
    MP_EMBEDDED_FIRST_QUERY
};

#endif
