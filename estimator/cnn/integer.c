#include "estimator/cnn/integer_parts.h"

#include <stdlib.h>

#define TILE_WORDS   ((uint64_t)1 << 16) /* of the columns at hand: 256 KiB */
#define MEMORY_LIMIT ((size_t)4 << 30)
#define SPARE_WORDS  64 /* a vector may read so far behind the last position */

/* ---- kernels */

const struct mp_integer_kernel *mp_integer_kernel_at(uint32_t i)
{
    const struct mp_integer_kernel *known[5] = {NULL};
    uint32_t count = 0;

#if defined(MP_SIMD)
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (wide && __builtin_cpu_supports("avx512vnni"))
        known[count++] = &mp_integer_vnni;
    if (wide)
        known[count++] = &mp_integer_avx512;
    if (__builtin_cpu_supports("avx2"))
        known[count++] = &mp_integer_avx2;
#endif
    known[count++] = &mp_integer_plain;
    return i < count ? known[i] : NULL;
}

/* ---- the engine */

/* The engine's sums are those of one accumulator over all terms of an output, of activations that
 * are integers of 16 bits. */
static int check_formats(const struct mp_integer_codes *codes, struct mp_error *err)
{
    char name[MP_FORMAT_NAME_SIZE];
    int rc = mp_golden_check(&codes->weight, &codes->activation, err);

    if (rc == MP_OK && codes->weight.block > 0)
        rc = mp_fail(err, MP_E_UNSUPPORTED,
                     "the integer engine has no %s weights: what sums up the blocks, each with a "
                     "scale of its own, is outside of the unit; use the fake engine",
                     mp_format_name(&codes->weight, name));
    if (rc == MP_OK && codes->activation.kind == MP_FORMAT_FLOAT)
        rc = mp_fail(err, MP_E_UNSUPPORTED,
                     "the integer engine has no %s activations: they are int or uint; use the fake "
                     "engine",
                     mp_format_name(&codes->activation, name));
    return rc;
}

/* The largest need of any layer; formats that no netlist can be made of are refused. */
static int needed_bits(const struct mp_network *n, const struct mp_integer_codes *codes,
                       unsigned *bits, struct mp_error *err)
{
    *bits = 1;
    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (n->layers[l].weights == NULL)
            continue;
        int rc = check_formats(&codes[l], err);
        if (rc < 0) {
            mp_error_context(err, "layer %s", n->layers[l].name);
            return rc;
        }
        unsigned needed = mp_integer_needed_bits(&n->layers[l], &codes[l]);
        *bits = needed > *bits ? needed : *bits;
    }
    return MP_OK;
}

int mp_integer_create_layers(struct mp_integer **out, const struct mp_network *n,
                             const struct mp_integer_codes *codes, unsigned accumulator_bits,
                             const struct mp_integer_kernel *kernel, struct mp_error *err)
{
    struct mp_integer *m;
    unsigned needed;
    int rc = needed_bits(n, codes, &needed, err);

    *out = NULL;
    if (rc < 0)
        return rc;
    accumulator_bits = accumulator_bits > 0 ? accumulator_bits : needed;
    if (accumulator_bits > 128)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "an accumulator of %u bits: the integer engine has up to 128",
                       accumulator_bits);
    m = mp_alloc(1, sizeof *m);
    m->network = n;
    m->kernel = kernel != NULL ? kernel : mp_integer_kernel_at(0);
    m->accumulator_bits = accumulator_bits;
    m->layers = mp_alloc(n->layer_count + 1, sizeof *m->layers);
    for (uint32_t l = 0; l < n->layer_count; l++)
        if (n->layers[l].weights != NULL)
            mp_integer_pack(&m->layers[l], m, &n->layers[l], &codes[l]);
    *out = m;
    return MP_OK;
}

int mp_integer_create(struct mp_integer **out, const struct mp_network *n,
                      const struct mp_quantisation *q, unsigned accumulator_bits,
                      const struct mp_integer_kernel *kernel, struct mp_error *err)
{
    return mp_integer_create_layers(out, n, q->layers, accumulator_bits, kernel, err);
}

void mp_integer_destroy(struct mp_integer *m)
{
    if (m == NULL)
        return;
    for (uint32_t l = 0; l < m->network->layer_count; l++)
        mp_integer_layer_release(&m->layers[l]);
    free(m->layers);
    free(m);
}

unsigned mp_integer_accumulator_bits(const struct mp_integer *m)
{
    return m->accumulator_bits;
}

/* ---- memory of a thread */

static uint64_t round_up(uint64_t x, uint64_t to)
{
    return (x + to - 1) / to * to;
}

bool mp_integer_is_direct(const struct mp_integer_layer *p)
{
    const struct mp_layer *l = p->layer;

    return p->is_dense ||
           (p->words == p->planes && l->stride_h == 1 && l->stride_w == 1 && l->pad_top == 0 &&
            l->pad_left == 0 && p->in.width == p->out.width && p->in.height == p->out.height);
}

uint32_t mp_integer_tile_rows(const struct mp_integer_layer *p)
{
    uint64_t rows = TILE_WORDS / ((uint64_t)p->words * p->out.width);

    return (uint32_t)(rows < 1 ? 1 : rows > p->out.height ? p->out.height : rows);
}

uint64_t mp_integer_plane_positions(const struct mp_integer *m, const struct mp_integer_layer *p,
                                    uint32_t images)
{
    return p->is_dense ? round_up(images, m->kernel->lanes) : (uint64_t)p->in.height * p->in.width;
}

static uint32_t *allocate(uint64_t count, struct mp_error *err)
{
    return mp_alloc_limited((size_t)count + SPARE_WORDS, sizeof(uint32_t), MEMORY_LIMIT,
                            "tensors of the network", err);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

int mp_integer_scratch_create(struct mp_integer_scratch **out, const struct mp_integer *m,
                              uint32_t images, struct mp_error *err)
{
    struct mp_integer_scratch *s = mp_alloc(1, sizeof *s);
    uint64_t codes = 0, words = 0, columns = 0;

    s->images = images;
    for (uint32_t l = 0; l < m->network->layer_count; l++) {
        const struct mp_integer_layer *p = &m->layers[l];
        if (p->layer == NULL)
            continue;
        uint64_t map = mp_integer_plane_positions(m, p, images);
        uint64_t groups = p->is_dense ? 1 : p->layer->groups, digits = p->activation_digits;
        uint64_t tile = (uint64_t)mp_integer_tile_rows(p) * p->out.width;
        codes = larger(codes, p->is_dense ? p->layer->terms : m->kernel->group * map);
        words = larger(words, digits * groups * p->planes * map);
        if (!mp_integer_is_direct(p))
            columns = larger(columns, digits * p->words * round_up(tile, m->kernel->lanes));
    }
    s->codes = allocate(codes, err);
    s->words = s->codes != NULL ? allocate(words, err) : NULL;
    s->columns = s->words != NULL ? allocate(columns, err) : NULL;
    if (s->columns == NULL) {
        mp_integer_scratch_destroy(s);
        *out = NULL;
        return MP_E_MEMORY;
    }
    *out = s;
    return MP_OK;
}

void mp_integer_scratch_destroy(struct mp_integer_scratch *s)
{
    if (s == NULL)
        return;
    free(s->codes);
    free(s->words);
    free(s->columns);
    free(s);
}
