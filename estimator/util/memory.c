#include "estimator/util/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { ALIGNMENT = 64, ARENA_FIRST = 1024, ARENA_LARGEST = 65536, MAP_FIRST = 16 };

static void die(size_t count, size_t size) __attribute__((noreturn));
static void die(size_t count, size_t size)
{
    fprintf(stderr,
            "macppa: out of memory (asked for %zu x %zu bytes); close other programs or "
            "lower the number of jobs\n",
            count, size);
    abort();
}

static size_t total_size(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        die(count, size);
    return bytes ? bytes : 1;
}

void *mp_alloc(size_t count, size_t size)
{
    void *p = calloc(1, total_size(count, size));
    if (!p)
        die(count, size);
    return p;
}

void *mp_realloc(void *p, size_t count, size_t size)
{
    void *q = realloc(p, total_size(count, size));
    if (!q)
        die(count, size);
    return q;
}

char *mp_strdup(const char *s)
{
    return mp_strndup(s, strlen(s));
}

char *mp_strndup(const char *s, size_t n)
{
    size_t length = strnlen(s, n);
    char *copy = mp_alloc(length + 1, 1);
    memcpy(copy, s, length);
    return copy;
}

char *mp_vasprintf(const char *format, va_list args)
{
    char *text = NULL;
    int n = vasprintf(&text, format, args);
    if (n < 0 || !text)
        die(1, 1);
    return text;
}

char *mp_asprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mp_vasprintf(format, args);
    va_end(args);
    return text;
}

void *mp_alloc_aligned(size_t count, size_t size)
{
    size_t bytes = total_size(count, size);
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *p = aligned_alloc(ALIGNMENT, bytes);
    if (!p)
        die(count, size);
    memset(p, 0, bytes);
    return p;
}

void *mp_alloc_limited(size_t count, size_t size, size_t limit_bytes, const char *what,
                       struct mp_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > limit_bytes) {
        mp_fail(err, MP_E_MEMORY,
                "%s: %zu x %zu bytes are above the limit of %zu bytes; is the file damaged?", what,
                count, size, limit_bytes);
        return NULL;
    }
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p)
        mp_fail(err, MP_E_MEMORY, "%s: no memory for %zu bytes", what, bytes);
    return p;
}

void mp_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return;
    size_t wanted = *capacity;
    do {
        if (wanted > SIZE_MAX / 2)
            die(wanted, size);
        wanted = wanted ? wanted * 2 : 8;
    } while (wanted <= count);
    /* items points to a pointer of some other type: it is read and written as bytes. */
    void *p;
    memcpy(&p, items, sizeof p);
    p = mp_realloc(p, wanted, size);
    memcpy(items, &p, sizeof p);
    *capacity = wanted;
}

struct mp_arena_block {
    struct mp_arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

void *mp_arena_alloc(struct mp_arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > PTRDIFF_MAX - 2 * sizeof(struct mp_arena_block) - align)
        die(1, bytes);
    size_t rounded = (bytes + align - 1) / align * align;
    struct mp_arena_block *b = a->blocks;
    if (!b || b->size - b->used < rounded) {
        size_t size = b ? b->size * 2 : ARENA_FIRST;
        if (size > ARENA_LARGEST)
            size = ARENA_LARGEST;
        if (size < rounded)
            size = rounded;
        b = mp_alloc(1, sizeof *b + size);
        b->size = size;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = b->data + b->used;
    b->used += rounded;
    return p;
}

char *mp_arena_strdup(struct mp_arena *a, const char *s)
{
    return mp_arena_strndup(a, s, strlen(s));
}

char *mp_arena_strndup(struct mp_arena *a, const char *s, size_t n)
{
    size_t length = strnlen(s, n);
    char *copy = mp_arena_alloc(a, length + 1);
    memcpy(copy, s, length);
    copy[length] = '\0';
    return copy;
}

void mp_arena_release(struct mp_arena *a)
{
    struct mp_arena_block *b = a->blocks;
    while (b) {
        struct mp_arena_block *next = b->next;
        free(b);
        b = next;
    }
    a->blocks = NULL;
}

/* Room for n more bytes and the NUL. */
static void text_reserve(struct mp_text *t, size_t n)
{
    size_t needed;
    if (__builtin_add_overflow(t->size, n, &needed) || needed == SIZE_MAX)
        die(1, n);
    mp_grow(&t->data, needed, &t->capacity, 1);
}

void mp_text_add(struct mp_text *t, const char *s)
{
    mp_text_add_bytes(t, s, strlen(s));
}

void mp_text_add_bytes(struct mp_text *t, const void *p, size_t n)
{
    text_reserve(t, n);
    if (n > 0)
        memcpy(t->data + t->size, p, n);
    t->size += n;
    t->data[t->size] = '\0';
}

void mp_text_printf(struct mp_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        die(1, 1);
    text_reserve(t, (size_t)n);
    va_start(args, format);
    vsnprintf(t->data + t->size, (size_t)n + 1, format, args);
    va_end(args);
    t->size += (size_t)n;
}

void mp_text_release(struct mp_text *t)
{
    free(t->data);
    *t = (struct mp_text){0};
}

struct mp_map_slot {
    const char *key; /* in the map's arena; NULL: free */
    uint32_t hash, value;
};

static uint32_t hash_key(const char *key)
{
    return (uint32_t)XXH3_64bits(key, strlen(key));
}

/* The slot that holds key, or the free one where it belongs. At least one slot is free. */
static struct mp_map_slot *find_slot(struct mp_map_slot *slots, uint32_t capacity, uint32_t hash,
                                     const char *key)
{
    uint32_t i = hash & (capacity - 1);
    while (slots[i].key && (slots[i].hash != hash || strcmp(slots[i].key, key) != 0))
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

static void grow_map(struct mp_map *m)
{
    if (m->capacity > UINT32_MAX / 2)
        die(m->capacity, sizeof *m->slots);
    uint32_t capacity = m->capacity ? m->capacity * 2 : MAP_FIRST;
    struct mp_map_slot *slots = mp_alloc(capacity, sizeof *slots);
    for (uint32_t i = 0; i < m->capacity; i++) {
        const struct mp_map_slot *old = &m->slots[i];
        if (old->key)
            *find_slot(slots, capacity, old->hash, old->key) = *old;
    }
    free(m->slots);
    m->slots = slots;
    m->capacity = capacity;
}

uint32_t mp_map_get(const struct mp_map *m, const char *key)
{
    if (m->count == 0)
        return MP_MAP_NONE;
    const struct mp_map_slot *s = find_slot(m->slots, m->capacity, hash_key(key), key);
    return s->key ? s->value : MP_MAP_NONE;
}

uint32_t mp_map_put(struct mp_map *m, const char *key, uint32_t value)
{
    if (m->count >= m->capacity / 2)
        grow_map(m);
    uint32_t hash = hash_key(key);
    struct mp_map_slot *s = find_slot(m->slots, m->capacity, hash, key);
    if (!s->key) {
        *s = (struct mp_map_slot){mp_arena_strdup(&m->keys, key), hash, value};
        m->count++;
    }
    return s->value;
}

void mp_map_release(struct mp_map *m)
{
    free(m->slots);
    mp_arena_release(&m->keys);
    *m = (struct mp_map){0};
}
