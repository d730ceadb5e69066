#include "estimator/util/hash.h"

#include "estimator/util/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

struct mp_hash {
    XXH3_state_t *state; /* made by the library: it wants an alignment of 64 bytes */
};

static void add_raw(struct mp_hash *h, const void *p, size_t n)
{
    XXH3_128bits_update(h->state, p, n);
}

static void add_raw_u64(struct mp_hash *h, uint64_t x)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(x >> (8 * i));
    add_raw(h, bytes, sizeof bytes);
}

struct mp_hash *mp_hash_create(void)
{
    struct mp_hash *h = mp_alloc(1, sizeof *h);
    h->state = XXH3_createState();
    if (!h->state)
        abort();
    XXH3_128bits_reset(h->state);
    return h;
}

void mp_hash_bytes(struct mp_hash *h, const void *p, size_t n)
{
    add_raw_u64(h, n);
    if (n > 0)
        add_raw(h, p, n);
}

void mp_hash_string(struct mp_hash *h, const char *s)
{
    mp_hash_bytes(h, s, s ? strlen(s) : 0);
}

void mp_hash_u64(struct mp_hash *h, uint64_t x)
{
    add_raw_u64(h, sizeof x);
    add_raw_u64(h, x);
}

void mp_hash_double(struct mp_hash *h, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    mp_hash_u64(h, bits);
}

void mp_hash_digest(const struct mp_hash *h, char out[MP_HASH_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(h->state));
    for (size_t i = 0; i < sizeof canonical.digest; i++) {
        out[2 * i] = digits[canonical.digest[i] >> 4];
        out[2 * i + 1] = digits[canonical.digest[i] & 15];
    }
    out[MP_HASH_SIZE - 1] = '\0';
}

void mp_hash_destroy(struct mp_hash *h)
{
    if (!h)
        return;
    XXH3_freeState(h->state);
    free(h);
}

int mp_hash_file(const char *path, char out[MP_HASH_SIZE], struct mp_error *err)
{
    enum { CHUNK = 65536 };
    int result = MP_OK;
    struct mp_hash *h = mp_hash_create();
    unsigned char *buffer = mp_alloc(CHUNK, 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        result = mp_fail_errno(err, "cannot open %s", path);
        goto cleanup;
    }
    for (;;) {
        ssize_t n = read(fd, buffer, CHUNK);
        if (n == 0)
            break;
        if (n > 0) {
            add_raw(h, buffer, (size_t)n);
        } else if (errno != EINTR) {
            result = mp_fail_errno(err, "cannot read %s", path);
            goto cleanup;
        }
    }
    mp_hash_digest(h, out);

cleanup:
    if (fd >= 0)
        close(fd);
    free(buffer);
    mp_hash_destroy(h);
    return result;
}
