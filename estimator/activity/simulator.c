#include "estimator/activity/simulator.h"
#include "estimator/activity/kernel.h"
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 64

struct mp_simulator {
    const struct mp_netlist *n;
    const struct mp_kernel_code *code;
    struct mp_program program;
    unsigned words, stride, vectors;
    uint64_t *rows;         /* [row_count][stride] */
    uint64_t *mask;         /* [stride]; beyond words always 0 */
    uint64_t *accumulators; /* [counted_rows][code->accumulator_words] */
    uint64_t *totals;       /* [counted_rows][2] */
    unsigned flush_after, unflushed;
    uint64_t cycles;
};

unsigned mp_kernel_available(const struct mp_kernel_code *out[MP_KERNEL_CODE_COUNT])
{
    unsigned count = 0;
    out[count++] = &mp_kernel_plain;
#ifdef MP_SIMD
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        out[count++] = &mp_kernel_avx2;
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl");
    if (wide)
        out[count++] = &mp_kernel_avx512;
    if (wide && __builtin_cpu_supports("avx512vpopcntdq"))
        out[count++] = &mp_kernel_avx512_popcnt;
#endif
    return count;
}

static const struct mp_kernel_code *choose(enum mp_kernel kernel)
{
    static const char *const prefixes[] = {"", "plain", "avx2", "avx512"};
    const struct mp_kernel_code *codes[MP_KERNEL_CODE_COUNT];
    unsigned count = mp_kernel_available(codes);
    if ((unsigned)kernel >= sizeof prefixes / sizeof *prefixes)
        return NULL;
    while (count-- > 0)
        if (strncmp(codes[count]->name, prefixes[kernel], strlen(prefixes[kernel])) == 0)
            return codes[count];
    return NULL;
}

int mp_simulator_create_with(struct mp_simulator **out, const struct mp_netlist *n, unsigned words,
                             const struct mp_kernel_code *code, struct mp_error *err)
{
    *out = NULL;
    if (words < 1 || words > MAX_WORDS)
        return mp_fail(err, MP_E_USAGE, "a simulator of %u words; 1 to %d are possible", words,
                       MAX_WORDS);
    struct mp_simulator *s = mp_alloc(1, sizeof *s);
    int rc = mp_program_compile(&s->program, n, err);
    if (rc < 0) {
        free(s);
        return rc;
    }
    s->n = n;
    s->code = code;
    s->words = words;
    s->stride = (words + 7) / 8 * 8;
    s->vectors = (words + code->vector_words - 1) / code->vector_words;
    s->rows = mp_alloc_aligned((size_t)s->program.row_count * s->stride, sizeof *s->rows);
    s->mask = mp_alloc_aligned(s->stride, sizeof *s->mask);
    s->accumulators = mp_alloc_aligned((size_t)s->program.counted_rows * code->accumulator_words,
                                       sizeof *s->accumulators);
    s->totals = mp_alloc((size_t)s->program.counted_rows * 2, sizeof *s->totals);
    s->flush_after = code->flush_after(s->vectors);
    mp_simulator_reset(s);
    *out = s;
    return MP_OK;
}

int mp_simulator_create(struct mp_simulator **out, const struct mp_netlist *n, unsigned words,
                        enum mp_kernel kernel, struct mp_error *err)
{
    const struct mp_kernel_code *code = choose(kernel);
    *out = NULL;
    if (code == NULL)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "this CPU (or this build) cannot run the simulator kernel that was asked "
                       "for; leave the choice to the program");
    return mp_simulator_create_with(out, n, words, code, err);
}

void mp_simulator_destroy(struct mp_simulator *s)
{
    if (s == NULL)
        return;
    mp_program_release(&s->program);
    free(s->rows);
    free(s->mask);
    free(s->accumulators);
    free(s->totals);
    free(s);
}

const char *mp_simulator_kernel_name(const struct mp_simulator *s)
{
    return s->code->name;
}

uint32_t mp_simulator_input_count(const struct mp_simulator *s)
{
    return s->program.input_count;
}

uint32_t mp_simulator_input(const struct mp_simulator *s, const char *port)
{
    uint32_t p = mp_netlist_port(s->n, port);
    if (p == MP_NONE || s->n->ports[p].direction != MP_DIR_INPUT)
        return MP_NONE;
    for (uint32_t i = 0; i < s->program.input_count; i++)
        for (uint32_t k = 0; k < s->n->ports[p].width; k++)
            if (s->program.input_net[i] == s->n->ports[p].nets[k])
                return i;
    return MP_NONE;
}

static void run(struct mp_simulator *s, unsigned section, const uint64_t *mask)
{
    s->code->run(&s->program.sections[section], s->rows, s->stride, s->vectors, mask,
                 s->accumulators);
}

void mp_simulator_reset(struct mp_simulator *s)
{
    memset(s->rows, 0, (size_t)s->program.row_count * s->stride * sizeof *s->rows);
    memset(s->rows + s->stride, 0xff, s->stride * sizeof *s->rows);
    run(s, MP_SECTION_COMMIT, NULL);
    run(s, MP_SECTION_SETTLE, NULL);
}

/* values[count][words] into the rows from `first` on. */
static void copy_in(struct mp_simulator *s, uint32_t first, uint32_t count, const uint64_t *values)
{
    uint64_t *row = s->rows + (size_t)first * s->stride;
    for (uint32_t i = 0; i < count; i++)
        memcpy(row + (size_t)i * s->stride, values + (size_t)i * s->words,
               s->words * sizeof *values);
}

void mp_simulator_load(struct mp_simulator *s, const uint64_t *state, const uint64_t *inputs)
{
    copy_in(s, s->program.first_state_row, s->n->register_count, state);
    copy_in(s, s->program.first_input_row, s->program.input_count, inputs);
    run(s, MP_SECTION_COMMIT, NULL);
    run(s, MP_SECTION_SETTLE, NULL);
}

static void flush(struct mp_simulator *s)
{
    s->code->flush(s->accumulators, s->program.counted_rows, s->totals);
    s->unflushed = 0;
}

void mp_simulator_step(struct mp_simulator *s, const uint64_t *inputs, const uint64_t *count_mask)
{
    const uint64_t *mask = NULL;
    run(s, MP_SECTION_NEXT, NULL);
    copy_in(s, s->program.first_input_row, s->program.input_count, inputs);
    if (count_mask) {
        memcpy(s->mask, count_mask, s->words * sizeof *s->mask);
        mask = s->mask;
        for (unsigned w = 0; w < s->words; w++)
            s->cycles += (uint64_t)__builtin_popcountll(mask[w]);
        if (s->unflushed++ == s->flush_after) {
            flush(s);
            s->unflushed = 1;
        }
    }
    run(s, MP_SECTION_COMMIT, mask);
    run(s, MP_SECTION_SETTLE, mask);
}

const uint64_t *mp_simulator_net(const struct mp_simulator *s, uint32_t net)
{
    return s->rows + (size_t)s->program.net_row[net] * s->stride;
}

const uint64_t *mp_simulator_state(const struct mp_simulator *s, uint32_t i)
{
    return s->rows + (size_t)(s->program.first_state_row + i) * s->stride;
}

/* The clock: two transitions a cycle, high half of it. */
static void set_clock(const struct mp_netlist *n, struct mp_activity *a)
{
    if (n->clock_net == MP_NONE)
        return;
    a->transitions[n->clock_net] = 2 * a->cycles;
    a->ones[n->clock_net] = a->cycles / 2;
}

void mp_simulator_activity(const struct mp_simulator *s, struct mp_activity *out)
{
    /* Reading is const to the caller: what is still in the accumulators is added up in copies. */
    size_t words = (size_t)s->program.counted_rows * s->code->accumulator_words;
    uint64_t *accumulators = mp_alloc_aligned(words, sizeof *accumulators);
    uint64_t *totals = mp_alloc((size_t)s->program.counted_rows * 2, sizeof *totals);
    memcpy(accumulators, s->accumulators, words * sizeof *accumulators);
    memcpy(totals, s->totals, (size_t)s->program.counted_rows * 2 * sizeof *totals);
    s->code->flush(accumulators, s->program.counted_rows, totals);
    *out = (struct mp_activity){.net_count = s->n->net_count, .cycles = s->cycles};
    out->transitions = mp_alloc(s->n->net_count, sizeof *out->transitions);
    out->ones = mp_alloc(s->n->net_count, sizeof *out->ones);
    for (uint32_t net = 0; net < s->n->net_count; net++) {
        out->transitions[net] = totals[(size_t)s->program.net_row[net] * 2];
        out->ones[net] = totals[(size_t)s->program.net_row[net] * 2 + 1];
    }
    out->ones[1] = s->cycles;
    set_clock(s->n, out);
    free(totals);
    free(accumulators);
}

void mp_activity_release(struct mp_activity *a)
{
    free(a->transitions);
    free(a->ones);
    *a = (struct mp_activity){0};
}
