#include "estimator/store/internal.h"
#include "estimator/util/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Far above any netlist; a size that a damaged file claims must not take all memory. */
#define TEXT_LIMIT_BYTES ((size_t)1 << 30)

int mp_blob_compress(const char *text, unsigned char **out, size_t *size, struct mp_error *err)
{
    size_t length = text ? strlen(text) : 0;
    uLongf bytes = compressBound(length);
    if (length > TEXT_LIMIT_BYTES)
        return mp_fail(err, MP_E_MEMORY, "a text of %zu bytes is too long to be stored", length);
    *out = mp_alloc(bytes, 1);
    int rc = compress2(*out, &bytes, (const Bytef *)(text ? text : ""), length, 6);
    *size = bytes;
    if (rc == Z_OK)
        return MP_OK;
    free(*out);
    *out = NULL;
    return mp_fail(err, MP_E_MEMORY, "zlib cannot compress a text: %s", zError(rc));
}

int mp_blob_expand(const void *blob, size_t blob_size, size_t size, char **out,
                   struct mp_error *err)
{
    *out = NULL;
    char *text = mp_alloc_limited(size + 1, 1, TEXT_LIMIT_BYTES + 1, "a stored text", err);
    if (!text)
        return MP_E_MEMORY;
    uLongf bytes = size;
    int rc = uncompress((Bytef *)text, &bytes, blob, blob_size);
    if (rc != Z_OK || bytes != size || memchr(text, '\0', size)) {
        free(text);
        return mp_fail(err, MP_E_DATABASE, "a stored text of %zu bytes is damaged", size);
    }
    *out = text;
    return MP_OK;
}

static void sql_uncompress(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    struct mp_error err = MP_ERROR_INIT;
    char *text;
    int64_t size = sqlite3_value_int64(argv[1]);
    const void *blob = sqlite3_value_blob(argv[0]);
    if (!blob || size < 0) {
        sqlite3_result_null(context);
    } else if (mp_blob_expand(blob, (size_t)sqlite3_value_bytes(argv[0]), (size_t)size, &text,
                              &err) < 0) {
        sqlite3_result_error(context, err.message, -1);
    } else {
        sqlite3_result_text64(context, text, (sqlite3_uint64)size, free, SQLITE_UTF8);
    }
}

int mp_blob_register(sqlite3 *db)
{
    return sqlite3_create_function_v2(db, "sqlar_uncompress", 2,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      sql_uncompress, NULL, NULL, NULL);
}
