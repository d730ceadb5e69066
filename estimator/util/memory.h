/*
 * Memory: allocation that ends the process with a clear message instead of returning NULL (a
 * few megabytes are all this program needs), an allocation with a limit for sizes that come
 * from input, growing vectors, and an arena for the many small strings of one netlist or library.
 */
#ifndef MP_UTIL_MEMORY_H
#define MP_UTIL_MEMORY_H

#include "estimator/util/error.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* count * size bytes, zeroed; never NULL (aborts the process with a message, overflow too). */
void *mp_alloc(size_t count, size_t size) __attribute__((returns_nonnull));
/* Grow or shrink; new bytes are not zeroed; never NULL. */
void *mp_realloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
char *mp_strdup(const char *s) __attribute__((returns_nonnull));
char *mp_strndup(const char *s, size_t n) __attribute__((returns_nonnull));
/* printf into fresh memory; the caller frees it. */
char *mp_asprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *mp_vasprintf(const char *format, va_list args)
    __attribute__((format(printf, 1, 0), returns_nonnull));

/* Aligned to 64 bytes and zeroed, for vector kernels; free() it. */
void *mp_alloc_aligned(size_t count, size_t size) __attribute__((returns_nonnull));

/* Sizes that an input file claims: NULL and MP_E_MEMORY above limit_bytes or on failure. */
void *mp_alloc_limited(size_t count, size_t size, size_t limit_bytes, const char *what,
                       struct mp_error *err);

/* Make room for one more element in a vector: `mp_grow(&v.items, v.count, &v.capacity, sizeof
 * *v.items)` before `v.items[v.count++] = x`. items is the address of the pointer. */
void mp_grow(void *items, size_t count, size_t *capacity, size_t size);

/* Strings and small arrays that live and die together. Zero-initialise; release frees all. What
 * alloc gives is zeroed and aligned for any type. */
struct mp_arena {
    struct mp_arena_block *blocks;
};
void *mp_arena_alloc(struct mp_arena *a, size_t bytes) __attribute__((returns_nonnull));
char *mp_arena_strdup(struct mp_arena *a, const char *s) __attribute__((returns_nonnull));
char *mp_arena_strndup(struct mp_arena *a, const char *s, size_t n)
    __attribute__((returns_nonnull));
void mp_arena_release(struct mp_arena *a);

/* Growing text. Zero-initialise; data is always NUL-terminated once anything was added. */
struct mp_text {
    char *data;  /* owned; NULL while empty */
    size_t size; /* bytes without the NUL */
    size_t capacity;
};
void mp_text_add(struct mp_text *t, const char *s);
void mp_text_add_bytes(struct mp_text *t, const void *p, size_t n);
void mp_text_printf(struct mp_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mp_text_release(struct mp_text *t);

/* String -> 32-bit id. Keys are copied. Zero-initialise; release frees all. Used wherever names
 * are looked up: cells, pins, nets. Not thread-safe while it is written to. */
struct mp_map {
    struct mp_map_slot *slots;
    uint32_t count, capacity;
    struct mp_arena keys;
};
#define MP_MAP_NONE UINT32_MAX
/* Returns the stored value, MP_MAP_NONE when the key is not there. */
uint32_t mp_map_get(const struct mp_map *m, const char *key);
/* Stores value unless the key is there already; returns the value that is stored afterwards. */
uint32_t mp_map_put(struct mp_map *m, const char *key, uint32_t value);
void mp_map_release(struct mp_map *m);

#endif
