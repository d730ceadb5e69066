#include "estimator/cnn/trace_parts.h"
#include "estimator/util/file.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char magic[8] = {'M', 'A', 'C', 'T', 'R', 'A', 'C', 'E'};

#define VERSION         2
#define HEADER_BYTES    (sizeof magic + 5 * 4 + 8 + 2 * MP_FORMAT_NAME_SIZE + 128)
#define LAYER_BYTES     (64 + 4 + 8)
#define MORE_HEADER     8 /* from version 2 on: MACs of the network */
#define MORE_LAYER      4 /* flags */
#define SYNTHETIC       1u
#define READS_SYNTHETIC 2u

static unsigned code_bytes(const struct mp_format *f)
{
    return (f->bits + 7u) / 8u;
}

/* ---- writing */

static void put(struct mp_text *out, uint64_t x, unsigned bytes)
{
    uint8_t b[8];

    for (unsigned i = 0; i < bytes; i++)
        b[i] = (uint8_t)(x >> (8 * i));
    mp_text_add_bytes(out, b, bytes);
}

/* s in `size` bytes, filled up with zeros. */
static void put_name(struct mp_text *out, const char *s, size_t size)
{
    char field[128] = {0};

    memcpy(field, s, strnlen(s, size - 1));
    mp_text_add_bytes(out, field, size);
}

static void put_format(struct mp_text *out, const struct mp_format *f)
{
    char name[MP_FORMAT_NAME_SIZE];

    put_name(out, mp_format_name(f, name), MP_FORMAT_NAME_SIZE);
}

int mp_trace_write(const struct mp_trace *t, const char *path, struct mp_error *err)
{
    size_t cycles = (size_t)t->stretches * t->length;
    struct mp_text out = {0};

    mp_text_add_bytes(&out, magic, sizeof magic);
    put(&out, VERSION, 4);
    put(&out, t->dataflow, 4);
    put(&out, t->stretches, 4);
    put(&out, t->length, 4);
    put(&out, t->layer_count, 4);
    put(&out, t->seed, 8);
    put_format(&out, &t->weight);
    put_format(&out, &t->activation);
    put_name(&out, t->source, sizeof t->source);
    put(&out, t->network_macs, MORE_HEADER);
    for (uint32_t l = 0; l < t->layer_count; l++) {
        put_name(&out, t->layers[l].name, sizeof t->layers[l].name);
        put(&out, t->layers[l].stretches, 4);
        put(&out, t->layers[l].macs, 8);
        put(&out,
            (t->layers[l].synthetic ? SYNTHETIC : 0) |
                (t->layers[l].reads_synthetic ? READS_SYNTHETIC : 0),
            MORE_LAYER);
    }
    for (uint32_t s = 0; s < t->stretches; s++)
        put(&out, t->layer[s], 4);
    for (size_t i = 0; i < cycles; i++)
        put(&out, t->weights[i], code_bytes(&t->weight));
    for (size_t i = 0; i < cycles; i++)
        put(&out, t->activations[i], code_bytes(&t->activation));
    mp_text_add_bytes(&out, t->firsts, cycles);
    put(&out, crc32_z(0, (const Bytef *)out.data, out.size), 4);

    int rc = mp_file_write(path, out.data, out.size, err);
    mp_text_release(&out);
    return rc;
}

/* A CSV field in quotes, quotes inside doubled. */
static void put_quoted(struct mp_text *out, const char *s)
{
    mp_text_add(out, "\"");
    for (; *s != '\0'; s++) {
        if (*s == '"')
            mp_text_add(out, "\"");
        mp_text_add_bytes(out, s, 1);
    }
    mp_text_add(out, "\"");
}

int mp_trace_write_csv(const struct mp_trace *t, const char *path, struct mp_error *err)
{
    struct mp_text out = {0}, name = {0};

    mp_text_add(&out, "stretch,layer,cycle,weight,activation,first\n");
    for (uint32_t s = 0; s < t->stretches; s++) {
        name.size = 0;
        put_quoted(&name, t->layers[t->layer[s]].name);
        for (uint32_t c = 0; c < t->length; c++) {
            size_t i = (size_t)s * t->length + c;
            mp_text_printf(&out, "%u,%s,%u,%u,%u,%u\n", s, name.data, c, t->weights[i],
                           t->activations[i], t->firsts[i]);
        }
    }
    int rc = mp_file_write(path, out.data, out.size, err);
    mp_text_release(&out);
    mp_text_release(&name);
    return rc;
}

/* ---- reading */

/* Sizes are checked against the file's before anything is taken, so take cannot run over. */
struct cursor {
    const uint8_t *at;
    uint32_t version;
};

static uint64_t take(struct cursor *c, unsigned bytes)
{
    uint64_t x = 0;

    for (unsigned i = 0; i < bytes; i++)
        x |= (uint64_t)c->at[i] << (8 * i);
    c->at += bytes;
    return x;
}

/* false: no NUL at the end. */
static bool take_name(struct cursor *c, char *out, size_t size)
{
    memcpy(out, c->at, size);
    c->at += size;
    return out[size - 1] == '\0';
}

static int damaged(const char *path, const char *what, struct mp_error *err)
{
    return mp_fail_at(err, MP_E_INPUT, path, 0, "the trace is damaged or cut off: %s", what);
}

static int take_format(struct cursor *c, struct mp_format *f, const char *path,
                       struct mp_error *err)
{
    char name[MP_FORMAT_NAME_SIZE];

    if (!take_name(c, name, sizeof name) || mp_format_parse(f, name, NULL) < 0 ||
        !mp_format_has_codes(f))
        return damaged(path, "unknown number format", err);
    return MP_OK;
}

static int read_header(struct mp_trace *t, struct cursor *c, const char *path, struct mp_error *err)
{
    c->at += sizeof magic;
    c->version = (uint32_t)take(c, 4);
    uint32_t dataflow = (uint32_t)take(c, 4);

    if (c->version < 1 || c->version > VERSION)
        return mp_fail_at(err, MP_E_UNSUPPORTED, path, 0,
                          "trace file of version %u, this program reads versions up to %d",
                          c->version, VERSION);
    t->dataflow = dataflow == MP_OUTPUT_STATIONARY ? MP_OUTPUT_STATIONARY : MP_WEIGHT_STATIONARY;
    t->stretches = (uint32_t)take(c, 4);
    t->length = (uint32_t)take(c, 4);
    t->layer_count = (uint32_t)take(c, 4);
    t->seed = take(c, 8);
    if (dataflow > MP_WEIGHT_STATIONARY || t->stretches == 0 || t->length == 0 ||
        t->layer_count == 0 || t->layer_count > MP_TRACE_MAX_LAYERS || t->stretches % 64 != 0 ||
        (uint64_t)t->stretches * t->length > MP_TRACE_MAX_CYCLES)
        return damaged(path, "sizes outside of the limits", err);
    int rc = take_format(c, &t->weight, path, err);
    if (rc == MP_OK)
        rc = take_format(c, &t->activation, path, err);
    if (rc == MP_OK && !take_name(c, t->source, sizeof t->source))
        rc = damaged(path, "source without an end", err);
    return rc;
}

static bool take_codes(struct cursor *c, const struct mp_format *f, size_t count, uint32_t *codes)
{
    uint64_t limit = (uint64_t)1 << f->bits;
    unsigned bytes = code_bytes(f);

    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint32_t)take(c, bytes);
        if (codes[i] >= limit)
            return false;
    }
    return true;
}

static int read_body(struct mp_trace *t, struct cursor *c, const char *path, struct mp_error *err)
{
    size_t cycles = (size_t)t->stretches * t->length;
    uint64_t given = 0;

    t->network_macs = c->version > 1 ? take(c, MORE_HEADER) : 0;
    mp_trace_allocate(t);
    for (uint32_t l = 0; l < t->layer_count; l++) {
        if (!take_name(c, t->layers[l].name, sizeof t->layers[l].name))
            return damaged(path, "layer name without an end", err);
        t->layers[l].stretches = (uint32_t)take(c, 4);
        t->layers[l].macs = take(c, 8);
        given += t->layers[l].stretches;
        uint32_t flags = c->version > 1 ? (uint32_t)take(c, MORE_LAYER) : 0;
        if (flags > (SYNTHETIC | READS_SYNTHETIC))
            return damaged(path, "unknown mark of a layer", err);
        t->layers[l].synthetic = (flags & SYNTHETIC) != 0;
        t->layers[l].reads_synthetic = (flags & READS_SYNTHETIC) != 0;
    }
    for (uint32_t s = 0; s < t->stretches; s++) {
        t->layer[s] = (uint32_t)take(c, 4);
        if (t->layer[s] >= t->layer_count)
            return damaged(path, "stretch of an unknown layer", err);
    }
    if (given != t->stretches)
        return damaged(path, "the layers' stretches do not add up", err);
    if (!take_codes(c, &t->weight, cycles, t->weights) ||
        !take_codes(c, &t->activation, cycles, t->activations))
        return damaged(path, "a code is wider than its format", err);
    memcpy(t->firsts, c->at, cycles);
    for (size_t i = 0; i < cycles; i++)
        if (t->firsts[i] > 1)
            return damaged(path, "first is neither 0 nor 1", err);
    return MP_OK;
}

static uint64_t file_bytes(const struct mp_trace *t, uint32_t version)
{
    uint64_t cycles = (uint64_t)t->stretches * t->length;
    uint64_t header = HEADER_BYTES + (version > 1 ? MORE_HEADER : 0);
    uint64_t layer = LAYER_BYTES + (version > 1 ? MORE_LAYER : 0);

    return header + (uint64_t)t->layer_count * layer + (uint64_t)t->stretches * 4 +
           cycles * (code_bytes(&t->weight) + code_bytes(&t->activation) + 1) + 4;
}

static int read_trace(struct mp_trace *t, const struct mp_text *file, const char *path,
                      struct mp_error *err)
{
    struct cursor c = {(const uint8_t *)file->data, 0}, end;
    int rc;

    if (file->size < sizeof magic || memcmp(file->data, magic, sizeof magic) != 0)
        return mp_fail_at(err, MP_E_INPUT, path, 0, "it is no trace file (see docs/trace.md)");
    if (file->size < HEADER_BYTES + MORE_HEADER + 4)
        return damaged(path, "no room for the header", err);
    rc = read_header(t, &c, path, err);
    if (rc < 0)
        return rc;
    if (file->size != file_bytes(t, c.version))
        return damaged(path, "its size is not the one that its header gives", err);
    end.at = (const uint8_t *)file->data + file->size - 4;
    if (take(&end, 4) != crc32_z(0, (const Bytef *)file->data, file->size - 4))
        return damaged(path, "wrong checksum", err);
    rc = read_body(t, &c, path, err);
    if (rc == MP_OK)
        mp_trace_seal(t);
    return rc;
}

int mp_trace_read(struct mp_trace *t, const char *path, struct mp_error *err)
{
    struct mp_text file = {0};
    int rc;

    *t = (struct mp_trace){0};
    rc = mp_file_read(&file, path, 0, err);
    if (rc == MP_OK)
        rc = read_trace(t, &file, path, err);
    if (rc < 0)
        mp_trace_release(t);
    mp_text_release(&file);
    return rc;
}
