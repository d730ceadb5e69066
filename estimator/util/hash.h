/*
 * Content hashes (XXH3, 128 bits) that name inputs: libraries, traces, designs, whole experiments.
 * Fields are added with their length, so that ("ab","c") and ("a","bc") differ. The digest is
 * 32 lower-case hexadecimal digits.
 */
#ifndef MP_UTIL_HASH_H
#define MP_UTIL_HASH_H

#include "estimator/util/error.h"
#include <stddef.h>
#include <stdint.h>

#define MP_HASH_SIZE 33 /* digits and the NUL */

struct mp_hash; /* opaque */
struct mp_hash *mp_hash_create(void);
void mp_hash_bytes(struct mp_hash *h, const void *p, size_t n);
void mp_hash_string(struct mp_hash *h, const char *s); /* NULL counts as "" */
void mp_hash_u64(struct mp_hash *h, uint64_t x);
void mp_hash_double(struct mp_hash *h, double x);
void mp_hash_digest(const struct mp_hash *h, char out[MP_HASH_SIZE]);
void mp_hash_destroy(struct mp_hash *h);

/* Hash of a file's bytes as they are on disk. */
int mp_hash_file(const char *path, char out[MP_HASH_SIZE], struct mp_error *err);

#endif
