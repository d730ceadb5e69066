#include "estimator/activity/lanes.h"
#include "estimator/util/parallel.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* So that threads are not started for every chunk, and none waits long for the last. */
#define CHUNKS_A_THREAD 4

enum { CHUNK_LANES = 64 * MP_LANES_CHUNK_WORDS, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* On cache lines of its own: threads that share one are no faster than a single one. */
struct worker {
    _Alignas(64) struct mp_lanes_scratch scratch;

    atomic_flag busy;
};

struct mp_lanes {
    struct mp_lanes_program program;
    const struct mp_lanes_code *code;
    unsigned words, threads, blocks; /* blocks of 64 active sources */
    struct worker *workers;          /* [threads] */
    uint64_t *was;                   /* [source][words] before the step */
    uint64_t *before, *moved;        /* [active source][slots] */
    unsigned slots, filled;          /* words */
    uint8_t *edges; /* [source] of those that no gate reads: bit 0 it fell, bit 1 it rose */
    uint64_t cycles;
};

void mp_lanes_reserve(struct mp_lanes_scratch *s, size_t used, size_t more)
{
    if (used + more <= s->capacity)
        return;
    size_t capacity = 2 * (used + more), size = s->vector_bytes;
    char *rows = mp_alloc_aligned(capacity, size);
    if (used > 0)
        memcpy(rows + (capacity - used) * size, s->rows + (s->capacity - used) * size, used * size);
    free(s->rows);
    free(s->merged);
    s->rows = rows;
    s->merged = mp_alloc_aligned(3 * capacity, size);
    s->capacity = capacity;
}

static void make_scratch(struct mp_lanes_scratch *s, const struct mp_lanes *l)
{
    uint32_t nets = l->program.model->n->net_count;
    *s = (struct mp_lanes_scratch){.vector_bytes = l->code->vector_bytes};
    unsigned vectors = MP_LANES_GROUP / (s->vector_bytes / 2);
    s->nets = mp_alloc_aligned((size_t)nets * vectors, sizeof *s->nets);
    s->last = mp_alloc_aligned(MP_LANES_GROUP, sizeof *s->last);
    s->transitions = mp_alloc_aligned(nets, sizeof *s->transitions);
    s->odd = mp_alloc_aligned(nets, sizeof *s->odd);
    s->records = mp_alloc_aligned((size_t)CHUNK_LANES * 2 * l->blocks, sizeof *s->records);
    s->order = mp_alloc_aligned(2 * (size_t)CHUNK_LANES, sizeof *s->order);
    s->keys = mp_alloc_aligned(CHUNK_LANES, sizeof *s->keys);
    s->group =
        mp_alloc_aligned((size_t)2 * 64 * l->blocks * MP_LANES_GROUP_WORDS, sizeof *s->group);
    mp_lanes_reserve(s, 0, 1024);
    for (uint32_t net = 0; net < nets; net++)
        for (unsigned v = 0; v < vectors && l->program.rest[net]; v++)
            s->nets[(size_t)net * vectors + v].before = UINT64_MAX;
}

static void release_scratch(struct mp_lanes_scratch *s)
{
    free(s->nets);
    free(s->rows);
    free(s->merged);
    free(s->last);
    free(s->transitions);
    free(s->odd);
    free(s->records);
    free(s->order);
    free(s->keys);
    free(s->group);
}

struct mp_lanes *mp_lanes_create(const struct mp_timed_program *t, const struct mp_lanes_code *code,
                                 unsigned words, unsigned threads)
{
    struct mp_lanes *l = mp_alloc(1, sizeof *l);
    if (!mp_lanes_program_make(&l->program, t)) {
        free(l);
        return NULL;
    }
    l->code = code;
    l->words = words;
    l->threads = threads;
    l->blocks = (l->program.active_count + 63) / 64;
    l->workers = mp_alloc_aligned(threads, sizeof *l->workers);
    for (unsigned i = 0; i < threads; i++) {
        make_scratch(&l->workers[i].scratch, l);
        atomic_flag_clear(&l->workers[i].busy);
    }
    l->slots = CHUNKS_A_THREAD * threads * MP_LANES_CHUNK_WORDS;
    l->was = mp_alloc((size_t)l->program.source_count * words + 1, sizeof *l->was);
    size_t rows = (size_t)l->program.active_count * l->slots + 1;
    l->before = mp_alloc_aligned(rows, sizeof *l->before);
    l->moved = mp_alloc_aligned(rows, sizeof *l->moved);
    l->edges = mp_alloc((size_t)l->program.source_count + 1, sizeof *l->edges);
    return l;
}

void mp_lanes_destroy(struct mp_lanes *l)
{
    if (l == NULL)
        return;
    for (unsigned i = 0; i < l->threads; i++)
        release_scratch(&l->workers[i].scratch);
    mp_lanes_program_release(&l->program);
    free(l->workers);
    free(l->was);
    free(l->before);
    free(l->moved);
    free(l->edges);
    free(l);
}

/* --- sorting --- */

/* Bit c of word r becomes bit r of word c (Hacker's Delight, 7-3). */
static void transpose(uint64_t x[64])
{
    uint64_t mask = UINT32_MAX;
    for (unsigned j = 32; j > 0; j /= 2, mask ^= mask << j)
        for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
            uint64_t swap = (x[k] >> j ^ x[k + j]) & mask;
            x[k] ^= swap << j;
            x[k + j] ^= swap;
        }
}

/* Up to 64 sources from `first` on of one word of lanes, a word a lane. */
static void take_block(const struct mp_lanes *l, const uint64_t *planes, unsigned slot,
                       uint32_t first, uint64_t x[64])
{
    uint32_t count = l->program.active_count - first;
    for (uint32_t i = 0; i < 64; i++)
        x[i] = i < count ? planes[(size_t)(first + i) * l->slots + slot] : 0;
    transpose(x);
}

/* Records of the lanes in which anything moves; returns how many there are. */
static uint32_t make_records(const struct mp_lanes *l, struct mp_lanes_scratch *s, unsigned chunk)
{
    uint32_t count = 0;
    unsigned width = 2 * l->blocks, end = (chunk + 1) * MP_LANES_CHUNK_WORDS;
    for (unsigned slot = chunk * MP_LANES_CHUNK_WORDS; slot < end && slot < l->filled; slot++) {
        uint64_t any = 0, x[2][64];
        for (uint32_t i = 0; i < l->program.active_count; i++)
            any |= l->moved[(size_t)i * l->slots + slot];
        for (unsigned b = 0; b < l->blocks && any; b++) {
            uint32_t at = count;
            take_block(l, l->before, slot, 64 * b, x[0]);
            take_block(l, l->moved, slot, 64 * b, x[1]);
            for (uint64_t lanes = any; lanes; lanes &= lanes - 1, at++) {
                unsigned lane = (unsigned)__builtin_ctzll(lanes);
                s->records[(size_t)at * width + b] = x[0][lane];
                s->records[(size_t)at * width + l->blocks + b] = x[1][lane];
            }
        }
        count += (uint32_t)__builtin_popcountll(any);
    }
    return count;
}

static void sort_digit(const uint32_t *keys, unsigned shift, const uint32_t *from, uint32_t *to,
                       uint32_t count)
{
    uint32_t first[DIGITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++)
        first[keys[i] >> shift & (DIGITS - 1)]++;
    for (unsigned d = 0; d < DIGITS; d++) {
        uint32_t here = first[d];
        first[d] = sum;
        sum += here;
    }
    for (uint32_t i = 0; i < count; i++)
        to[first[keys[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
}

/* s->order[0..count): cycles in which the same sources move are neighbours. */
static void sort_records(const struct mp_lanes *l, struct mp_lanes_scratch *s, uint32_t count)
{
    uint32_t *order = s->order, *other = order + CHUNK_LANES;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *moved = s->records + (size_t)i * 2 * l->blocks + l->blocks;
        s->keys[i] = (uint32_t)(moved[0] & ((1u << 22) - 1));
        order[i] = i;
    }
    sort_digit(s->keys, 0, order, other, count);
    sort_digit(s->keys, DIGIT_BITS, other, order, count);
}

/* s->group from the records of the lanes in order[0..lanes). */
static void make_group(const struct mp_lanes *l, struct mp_lanes_scratch *s, const uint32_t *order,
                       uint32_t lanes)
{
    uint64_t x[64];
    for (unsigned word = 0; word < MP_LANES_GROUP_WORDS; word++)
        for (unsigned b = 0; b < 2 * l->blocks; b++) {
            for (uint32_t i = 0; i < 64; i++)
                x[i] = 64 * word + i < lanes
                           ? s->records[(size_t)order[64 * word + i] * 2 * l->blocks + b]
                           : 0;
            transpose(x);
            for (unsigned i = 0; i < 64; i++)
                s->group[((size_t)64 * b + i) * MP_LANES_GROUP_WORDS + word] = x[i];
        }
}

/* --- running --- */

static int fail(const struct mp_lanes *l, const struct mp_lanes_scratch *s, struct mp_error *err)
{
    const struct mp_timed_model *m = l->program.model;
    return mp_timed_fail_missing(m, &m->outputs[s->failed_output], s->failed_edge, err);
}

static int run_chunk(void *context, size_t index, struct mp_error *err)
{
    struct mp_lanes *l = context;
    unsigned i = 0;
    int rc = MP_OK;
    /* There are no more jobs at a time than workers. */
    while (atomic_flag_test_and_set(&l->workers[i].busy))
        i = (i + 1) % l->threads;
    struct mp_lanes_scratch *s = &l->workers[i].scratch;
    uint32_t count = make_records(l, s, (unsigned)index);
    sort_records(l, s, count);
    const uint64_t *moved = s->group + (size_t)64 * l->blocks * MP_LANES_GROUP_WORDS;
    for (uint32_t at = 0; at < count && rc == MP_OK; at += MP_LANES_GROUP) {
        uint32_t lanes = count - at < MP_LANES_GROUP ? count - at : MP_LANES_GROUP;
        make_group(l, s, s->order + at, lanes);
        if (!l->code->run(&l->program, s, lanes, s->group, moved))
            rc = fail(l, s, err);
    }
    atomic_flag_clear(&l->workers[i].busy);
    return rc;
}

static int run_all(struct mp_lanes *l, struct mp_error *err)
{
    unsigned chunks = (l->filled + MP_LANES_CHUNK_WORDS - 1) / MP_LANES_CHUNK_WORDS;
    int rc = mp_parallel_for(chunks, l->threads, run_chunk, l, err);
    l->filled = 0;
    return rc;
}

void mp_lanes_before(struct mp_lanes *l, const struct mp_simulator *s)
{
    for (uint32_t i = 0; i < l->program.source_count; i++)
        memcpy(l->was + (size_t)i * l->words, mp_simulator_net(s, l->program.sources[i].net),
               l->words * sizeof *l->was);
}

/* Sources that no gate reads: only which edges there were matters. */
static void look_at_edges(struct mp_lanes *l, const struct mp_simulator *s, const uint64_t *mask)
{
    for (uint32_t i = l->program.active_count; i < l->program.source_count; i++) {
        const uint64_t *now = mp_simulator_net(s, l->program.sources[i].net);
        const uint64_t *was = l->was + (size_t)i * l->words;
        uint64_t falls = 0, rises = 0;
        for (unsigned w = 0; w < l->words && l->edges[i] != 3; w++) {
            falls |= was[w] & ~now[w] & mask[w];
            rises |= ~was[w] & now[w] & mask[w];
        }
        l->edges[i] = (uint8_t)(l->edges[i] | (falls ? 1 : 0) | (rises ? 2 : 0));
    }
}

int mp_lanes_after(struct mp_lanes *l, const struct mp_simulator *s, const uint64_t *mask,
                   struct mp_error *err)
{
    unsigned taken[64], count = 0;
    int rc = MP_OK;
    for (unsigned w = 0; w < l->words; w++) {
        l->cycles += (uint64_t)__builtin_popcountll(mask[w]);
        if (mask[w])
            taken[count++] = w;
    }
    look_at_edges(l, s, mask);
    for (uint32_t i = 0; i < l->program.active_count; i++) {
        const uint64_t *now = mp_simulator_net(s, l->program.sources[i].net);
        const uint64_t *was = l->was + (size_t)i * l->words;
        size_t to = (size_t)i * l->slots + l->filled;
        for (unsigned k = 0; k < count; k++) {
            unsigned w = taken[k];
            l->before[to + k] = was[w];
            l->moved[to + k] = (was[w] ^ now[w]) & mask[w];
        }
    }
    l->filled += count;
    if (l->filled + l->words > l->slots)
        rc = run_all(l, err);
    return rc;
}

static void add_sources(const struct mp_lanes *l, struct mp_timed_result *out, uint32_t *latest)
{
    for (uint32_t i = l->program.active_count; i < l->program.source_count; i++) {
        const struct mp_lanes_source *s = &l->program.sources[i];
        out->timed.transitions[s->net] = out->functional.transitions[s->net];
        for (int edge = 0; edge < 2; edge++)
            if (l->edges[i] >> edge & 1 && s->delay[edge] > *latest)
                *latest = s->delay[edge];
    }
}

/* An odd number of transitions in as many cycles as the functional simulation has transitions:
 * what cycles end with is its value. */
static int check_ends(const struct mp_lanes *l, const struct mp_activity *functional,
                      struct mp_error *err)
{
    for (uint32_t net = 2; net < functional->net_count; net++) {
        uint64_t odd = 0;
        for (unsigned i = 0; i < l->threads; i++)
            odd += l->workers[i].scratch.odd[net];
        if (l->program.is_simulated[net] && odd != functional->transitions[net])
            return mp_fail(err, MP_E_INPUT,
                           "net %s ends a cycle of the timed simulation with another value than "
                           "its function's",
                           l->program.model->n->net_name[net]);
    }
    return MP_OK;
}

int mp_lanes_finish(struct mp_lanes *l, struct mp_timed_result *out, struct mp_error *err)
{
    uint32_t latest = 0;
    int rc = run_all(l, err);
    if (rc == MP_OK && l->cycles == out->functional.cycles)
        rc = check_ends(l, &out->functional, err);
    if (rc < 0)
        return rc;
    add_sources(l, out, &latest);
    for (unsigned i = 0; i < l->threads; i++) {
        const struct mp_lanes_scratch *s = &l->workers[i].scratch;
        for (uint32_t net = 0; net < out->timed.net_count; net++)
            out->timed.transitions[net] += s->transitions[net];
        out->uncovered += s->uncovered;
        out->unsettled_cycles += s->unsettled;
        latest = s->latest > latest ? s->latest : latest;
    }
    out->latest_s = (double)latest * l->program.model->options.tick_s;
    return MP_OK;
}
