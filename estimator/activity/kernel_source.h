/*
 * The kernels' common source: included once by each kernel_*.c, which defines before
 *   VECTOR_BYTES     16, 32 or 64
 *   KERNEL           name of the struct mp_kernel_code to define
 *   KERNEL_NAME      what the user sees
 *   COUNT_BYTES      count in byte accumulators with byte_counts(x) and sum_bytes(x), else
 *   COUNT_PACKED     in 64-bit lanes with lane_counts(x)
 * and these helper functions over `vector`.
 */
#include "estimator/activity/kernel.h"

#define VECTOR_WORDS (VECTOR_BYTES / 8)
#ifdef COUNT_BYTES
#define ACCUMULATORS 2
#else
#define ACCUMULATORS 1
#endif

/* Adds what happened in one row of a net; x is new, old what was there. */
static inline __attribute__((always_inline)) void count(vector *acc, vector old, vector x,
                                                        vector mask)
{
    vector moved = (old ^ x) & mask, ones = x & mask;
#ifdef COUNT_BYTES
    acc[0] = add_bytes(acc[0], byte_counts(moved));
    acc[1] = add_bytes(acc[1], byte_counts(ones));
#else
    acc[0] += lane_counts(moved) + (lane_counts(ones) << 32);
#endif
}

/* `vectors` and `counting` are constants where this is inlined, so that each use is a loop of its
 * own without a branch inside. */
static inline __attribute__((always_inline)) void
run_operations(enum mp_opcode opcode, const struct mp_operation *o, const struct mp_operation *end,
               vector *rows, unsigned stride, unsigned vectors, bool counting, const vector *mask,
               vector *accumulators)
{
    switch (opcode) {
#define X(name, arity, expression)                                                                 \
    case MP_OP_##name:                                                                             \
        for (; o < end; o++) {                                                                     \
            vector *out = rows + (size_t)o->out * stride;                                          \
            const vector *in_a = rows + (size_t)o->a * stride;                                     \
            const vector *in_b = rows + (size_t)o->b * stride;                                     \
            const vector *in_c = rows + (size_t)o->c * stride;                                     \
            for (unsigned v = 0; v < vectors; v++) {                                               \
                vector a = in_a[v], b = in_b[v], c = in_c[v];                                      \
                vector x = (expression);                                                           \
                (void)b;                                                                           \
                (void)c;                                                                           \
                if (counting)                                                                      \
                    count(accumulators + (size_t)o->out * ACCUMULATORS, out[v], x, mask[v]);       \
                out[v] = x;                                                                        \
            }                                                                                      \
        }                                                                                          \
        break;
        MP_OPCODES(X)
#undef X
    case MP_OP_COUNT:
        break;
    }
}

static inline __attribute__((always_inline)) void run_section(const struct mp_section *s,
                                                              vector *rows, unsigned stride,
                                                              unsigned vectors, const vector *mask,
                                                              vector *accumulators)
{
    const struct mp_operation *o = s->operations;
    for (uint32_t r = 0; r < s->run_count; r++) {
        const struct mp_run *run = &s->runs[r];
        const struct mp_operation *end = o + run->count;
        if (mask && run->is_counted)
            run_operations(run->opcode, o, end, rows, stride, vectors, true, mask, accumulators);
        else
            run_operations(run->opcode, o, end, rows, stride, vectors, false, NULL, NULL);
        o = end;
    }
}

#define FAST_VECTORS (8 / VECTOR_WORDS)

/* Rows of 512 lanes get loops of constant length. */
static void run(const struct mp_section *s, uint64_t *rows, unsigned stride, unsigned vectors,
                const uint64_t *mask, uint64_t *accumulators)
{
    vector *r = (vector *)(void *)rows, *acc = (vector *)(void *)accumulators;
    const vector *m = (const vector *)(const void *)mask;
    if (vectors == FAST_VECTORS && stride == 8)
        run_section(s, r, FAST_VECTORS, FAST_VECTORS, m, acc);
    else
        run_section(s, r, stride / VECTOR_WORDS, vectors, m, acc);
}

#ifdef COUNT_BYTES
static unsigned flush_after(unsigned vectors)
{
    return 255 / (8 * vectors); /* a byte counts up to 8 bits a vector */
}

static void flush(uint64_t *accumulators, uint32_t row_count, uint64_t *totals)
{
    vector *acc = (vector *)(void *)accumulators, zero = {0};
    for (size_t i = 0; i < (size_t)row_count * 2; i++) {
        totals[i] += sum_bytes(acc[i]);
        acc[i] = zero;
    }
}
#else
static unsigned flush_after(unsigned vectors)
{
    return (1u << 25) / vectors; /* a half lane counts up to 64 bits a vector */
}

static void flush(uint64_t *accumulators, uint32_t row_count, uint64_t *totals)
{
    for (size_t i = 0; i < row_count; i++)
        for (size_t k = 0; k < VECTOR_WORDS; k++) {
            uint64_t *lane = &accumulators[i * VECTOR_WORDS + k];
            totals[i * 2] += *lane & UINT32_MAX;
            totals[i * 2 + 1] += *lane >> 32;
            *lane = 0;
        }
}
#endif

const struct mp_kernel_code KERNEL = {.name = KERNEL_NAME,
                                      .accumulator_words = ACCUMULATORS * VECTOR_WORDS,
                                      .vector_words = VECTOR_WORDS,
                                      .flush_after = flush_after,
                                      .run = run,
                                      .flush = flush};
