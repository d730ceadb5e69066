/*
 * Files: whole-file reading (gzip recognised by content), write-beside-and-rename, private
 * temporary folders, and searching. Every error names the path.
 */
#ifndef MP_UTIL_FILE_H
#define MP_UTIL_FILE_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"
#include <stdbool.h>

/* Read all of path, decompressed when it is gzip, NUL-terminated. limit_bytes is the largest
 * size (after decompression) accepted, 0: 1 GiB. The caller releases *out. A truncated gzip
 * stream is MP_E_INPUT. */
int mp_file_read(struct mp_text *out, const char *path, size_t limit_bytes, struct mp_error *err);

/* Write beside path (same folder, private name), fsync, rename over path. On failure path is
 * as it was. "-" writes to stdout; a device or pipe is written in place; a link is followed; the
 * mode of an existing file is kept. */
int mp_file_write(const char *path, const void *data, size_t size, struct mp_error *err);

bool mp_file_exists(const char *path);
/* a/b; the caller frees. An absolute b is returned as it is. */
char *mp_path_join(const char *a, const char *b);
/* Folder part of path ("." if none); the caller frees. */
char *mp_path_dir(const char *path);
/* mkdir -p. */
int mp_mkdirs(const char *path, struct mp_error *err);

/* A private folder (mode 0700, absolute path) under $TMPDIR or /tmp, named macppa-<pid>-XXXXXX.
 * remove deletes it with all it holds; keep, in its place, leaves it, marks it so that no sweep
 * takes it, and logs its path. mp_tempdir_sweep removes our own user's folders of macppa processes
 * that no longer exist (kill -9). */
struct mp_tempdir {
    char *path; /* owned; NULL before create and after remove */
};
int mp_tempdir_create(struct mp_tempdir *t, struct mp_error *err);
void mp_tempdir_remove(struct mp_tempdir *t);
struct mp_log;
void mp_tempdir_keep(struct mp_tempdir *t, struct mp_log *log);
void mp_tempdir_sweep(void);

#endif
