/*
 * The lanes engine's inner loops: included once by each lanes_*.c, which defines before
 *   VECTOR_BYTES          16, 32 or 64
 *   CODE                  name of the struct mp_lanes_code to define
 *   vector, lane_mask     a vector of 16-bit lanes of that size; which of its lanes
 * and over them (unsigned where it matters)
 *   splat(x), zero()
 *   smaller(a, b), larger(a, b), add(a, b), subtract(a, b), bit_xor(a, b), bit_and(a, b), bit_or(a,
 * b), and_not(a, b)         a & ~b shift_right(a, bits), shift_left(a, bits) xor_part(a, b, m) a ^
 * (b & m) or_part(a, b, m)      a | (b & m) nonzero(a), nonzero_in(mask, a), zero_in(mask, a)
 *   not_above_in(mask, a, b)  a <= b
 *   not_below(a, b)       a >= b
 *   less_in(mask, a, b)   a < b
 *   mask_without(a, b), mask_or(a, b)
 *   choose(mask, a, b), where(mask, a)
 *   mask_of(bits), bits_of(mask)
 *   lookup(table, bits, index)  table[index], index < 1 << bits, bits a constant where inlined
 *   lookup_code(table, shift, key)   table[low `shift` bits of the key]
 * See lanes.h for the method.
 */
#include "estimator/activity/lanes.h"

#include <string.h>

#define LANES      (VECTOR_BYTES / 2)
#define VECTORS    (MP_LANES_GROUP / LANES)
#define LANES_MASK (LANES == 64 ? UINT64_MAX : ((uint64_t)1 << LANES % 64) - 1)

struct context {
    const struct mp_lanes_program *p;
    struct mp_lanes_scratch *s;
    vector *end; /* of the memory for rows */
    vector *top; /* rows from here on are in use */
    /* Constants: keys below `timed` are no events, those that differ by less are of one time; by
     * inputs, the state in a code. */
    vector timed, states[MP_LANES_INPUTS + 1];
};

/* A gate on its way through the vectors of a group. */
struct task {
    const struct mp_lanes_gate *g;
    const struct mp_lanes_net *in[MP_LANES_INPUTS]; /* [vector] */
    struct mp_lanes_net *out;
    uint64_t moves, odd;
};

INLINE const vector *rows_of(const struct context *c, const struct mp_lanes_net *n)
{
    return (const vector *)(const void *)((const char *)c->end - n->first);
}

/* Room for `more` rows before the top. */
static void reserve(struct context *c, size_t more)
{
    struct mp_lanes_scratch *s = c->s;
    size_t used = (size_t)(c->end - c->top);
    mp_lanes_reserve(s, used, more);
    c->end = (vector *)(void *)s->rows + s->capacity;
    c->top = c->end - used;
}

/* --- merging --- */

/* The smaller one stays in the window. */
INLINE void exchange(vector *window, vector *x)
{
    vector low = smaller(*x, *window);
    *x = larger(*x, *window);
    *window = low;
}

/* a[width] and b[b_count] into out[width + b_count], each with its code in the low bits. A window
 * of the smallest keys so far stays in registers: each row of b, from the last one down, goes
 * through it and pushes the largest out. */
INLINE void merge_window(unsigned width, const vector *a, vector a_code, const vector *b,
                         unsigned b_count, vector b_code, vector *out)
{
    vector w0 = bit_or(a[0], a_code), w1 = w0, w2 = w0, w3 = w0;
    if (width > 1)
        w1 = bit_or(a[1], a_code);
    if (width > 2)
        w2 = bit_or(a[2], a_code);
    if (width > 3)
        w3 = bit_or(a[3], a_code);
    for (unsigned j = b_count; j-- > 0;) {
        vector x = bit_or(b[j], b_code);
        exchange(&w0, &x);
        if (width > 1)
            exchange(&w1, &x);
        if (width > 2)
            exchange(&w2, &x);
        if (width > 3)
            exchange(&w3, &x);
        out[j + width] = x;
    }
    out[0] = w0;
    if (width > 1)
        out[1] = w1;
    if (width > 2)
        out[2] = w2;
    if (width > 3)
        out[3] = w3;
}

/* The same for any length, in memory. */
static void merge_long(const vector *a, unsigned a_count, vector a_code, const vector *b,
                       unsigned b_count, vector b_code, vector *out)
{
    for (unsigned i = 0; i < a_count; i++)
        out[b_count + i] = bit_or(a[i], a_code);
    for (unsigned j = b_count; j-- > 0;) {
        vector x = bit_or(b[j], b_code);
        for (unsigned i = j; i < j + a_count; i++) {
            vector y = out[i + 1];
            out[i] = smaller(x, y);
            x = larger(x, y);
        }
        out[j + a_count] = x;
    }
}

static void merge(const vector *a, unsigned a_count, vector a_code, const vector *b,
                  unsigned b_count, vector b_code, vector *out)
{
    if (a_count > b_count) {
        const vector *rows = a;
        vector code = a_code;
        unsigned count = a_count;
        a = b, a_count = b_count, a_code = b_code;
        b = rows, b_count = count, b_code = code;
    }
    switch (a_count) {
    case 0:
        for (unsigned j = 0; j < b_count; j++)
            out[j] = bit_or(b[j], b_code);
        break;
    case 1:
        merge_window(1, a, a_code, b, b_count, b_code, out);
        break;
    case 2:
        merge_window(2, a, a_code, b, b_count, b_code, out);
        break;
    case 3:
        merge_window(3, a, a_code, b, b_count, b_code, out);
        break;
    case 4:
        merge_window(4, a, a_code, b, b_count, b_code, out);
        break;
    default:
        merge_long(a, a_count, a_code, b, b_count, b_code, out);
    }
}

/* The events of a gate in one vector, in scratch memory. */
INLINE const vector *merge_inputs(const struct context *c, const struct task *t, unsigned inputs,
                                  unsigned v)
{
    vector *to = (vector *)(void *)c->s->merged, *other = to + c->s->capacity;
    const struct mp_lanes_net *a = &t->in[0][v];
    if (inputs == 1)
        return rows_of(c, a);
    const struct mp_lanes_net *b = &t->in[1][v];
    unsigned count = a->count + b->count;
    merge(rows_of(c, a), a->count, zero(), rows_of(c, b), b->count, splat(1), to);
    for (unsigned i = 2; i < inputs; i++) {
        b = &t->in[i][v];
        if (b->count == 0)
            continue;
        merge(to, count, zero(), rows_of(c, b), b->count, splat(i), other);
        count += b->count;
        vector *swap = to;
        to = other;
        other = swap;
    }
    return to;
}

/* --- the new list --- */

struct closing {
    uint32_t depth, moves;
    uint64_t odd; /* lanes */
};

/* Row k of the stacks, 0 the last transitions. */
INLINE void keep_row(struct closing *x, vector *top, unsigned k, vector row)
{
    uint64_t bits = bits_of(nonzero(row));
    top[-1 - (ptrdiff_t)k] = row;
    x->depth += bits != 0;
    x->moves += (uint32_t)__builtin_popcountll(bits);
    x->odd ^= bits;
}

INLINE void close_list(struct context *c, struct task *t, unsigned v, struct closing x, vector last)
{
    vector *latest = (vector *)(void *)c->s->last + v;
    *latest = larger(*latest, last);
    c->top -= x.depth;
    t->out[v].first = (uint32_t)((const char *)c->end - (const char *)c->top);
    t->out[v].count = x.depth;
    t->moves += x.moves;
    t->odd += (uint32_t)__builtin_popcountll(x.odd);
}

/* --- events of up to three inputs, or without ties; few enough for stacks in registers --- */

#define FAST_ROWS 12
/* X(k, k + 1): row k of the stacks is s<k>, a register as long as every index is a constant. */
#define LEVELS_UP(X)                                                                               \
    X(0, 1) X(1, 2) X(2, 3) X(3, 4) X(4, 5) X(5, 6) X(6, 7) X(7, 8) X(8, 9) X(9, 10) X(10, 11)
#define LEVELS_DOWN(X)                                                                             \
    X(10, 11) X(9, 10) X(8, 9) X(7, 8) X(6, 7) X(5, 6) X(4, 5) X(3, 4) X(2, 3) X(1, 2) X(0, 1)

#define PUSH(below, k)                                                                             \
    if (count > (k))                                                                               \
        s##k = choose(shift, s##below, s##k);
#define FILL_HOLE(k, above)                                                                        \
    if (count > (above))                                                                           \
        s##k = choose(hole, s##above, s##k);                                                       \
    else if (count == (above) && (k) > 0)                                                          \
        s##k = choose(hole, zero(), s##k);
#define KEEP(below, k)                                                                             \
    if (count > (k))                                                                               \
        keep_row(&closing, top, k, s##k);

/* Event `count` - 1, and the end if it was the last one. A key is a time and the number of an input
 * that the entry of the table makes up for, so their sum is when the output moves. What is on a
 * stack and later than the key is pending. Of several events of one time only the last counts, for
 * all of them. Where the last change of a lane was cancelled, the top of its stack is empty: a
 * hole. */
#define STEP(number)                                                                               \
    {                                                                                              \
        enum { count = (number) };                                                                 \
        vector key = next;                                                                         \
        lane_mask valid = not_below(key, timed), now = valid;                                      \
        state = bit_xor(choose(tied, state, bit_and(state, states)),                               \
                        where(valid, lookup_code(codes, shift_bits, key)));                        \
        if (inputs > 1 && rows != count) {                                                         \
            next = events[count];                                                                  \
            tied = less_in(valid, bit_xor(key, next), timed);                                      \
            now = mask_without(valid, tied);                                                       \
            ties = inputs > 3 ? mask_or(ties, tied) : ties;                                        \
        } else if (inputs == 1 && rows != count) {                                                 \
            next = events[count];                                                                  \
        }                                                                                          \
        vector entry = lookup(fast, bits, state);                                                  \
        lane_mask changed = nonzero_in(now, entry), push = not_above_in(changed, s0, key);         \
        lane_mask shift = nonzero_in(push, s0);                                                    \
        if (is_counting)                                                                           \
            uncovered += (uint32_t)__builtin_popcountll(                                           \
                bits_of(nonzero_in(push, lookup(g->uncovered, bits, state))));                     \
        LEVELS_DOWN(PUSH)                                                                          \
        s0 = choose(changed, where(push, add(key, entry)), s0);                                    \
        if (rows == count) {                                                                       \
            lane_mask hole = zero_in(nonzero(s1), s0);                                             \
            if (inputs > 3 && bits_of(ties))                                                       \
                return false;                                                                      \
            LEVELS_UP(FILL_HOLE)                                                                   \
            keep_row(&closing, top, 0, s0);                                                        \
            LEVELS_UP(KEEP)                                                                        \
            close_list(c, t, v, closing, s0);                                                      \
            c->s->uncovered += uncovered;                                                          \
            return true;                                                                           \
        }                                                                                          \
    }

/* False: a tie of a gate of more than three inputs, nothing has happened. */
INLINE bool run_fast(struct context *c, struct task *t, unsigned inputs, bool is_counting,
                     unsigned v, vector state, const vector *events, unsigned rows)
{
    const struct mp_lanes_gate *g = t->g;
    const unsigned bits = inputs + mp_lanes_id_bits(inputs), shift_bits = c->p->shift;
    const vector states = c->states[inputs], timed = c->timed;
    const uint16_t *codes = c->p->codes + (size_t)inputs * 32, *fast = g->fast;
    vector s0 = zero(), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0,
           s9 = s0, s10 = s0, s11 = s0;
    lane_mask tied = mask_of(0), ties = tied;
    vector *top = c->top, next = events[0];
    uint32_t uncovered = 0;
    struct closing closing = {0};
    STEP(1)
    STEP(2)
    STEP(3)
    STEP(4)
    STEP(5)
    STEP(6)
    STEP(7)
    STEP(8)
    STEP(9)
    STEP(10)
    STEP(11)
    STEP(12)
    return false;
}

/* --- any events --- */

/* Lanes whose output will move, by cases that are counted or that stop the simulation. */
static bool look_rare(struct context *c, const struct mp_lanes_gate *g, vector state, vector entry,
                      lane_mask push)
{
    uint64_t missing = bits_of(nonzero_in(push, bit_and(entry, splat(MP_LANES_MISSING))));
    uint64_t uncovered = bits_of(nonzero_in(push, bit_and(entry, splat(MP_LANES_UNCOVERED))));
    c->s->uncovered += (uint32_t)__builtin_popcountll(uncovered);
    if (missing == 0)
        return true;
    uint16_t states[LANES];
    memcpy(states, &state, sizeof states);
    c->s->failed_output = g->output;
    c->s->failed_edge = g->value[states[__builtin_ctzll(missing)]];
    return false;
}

/* Pushes `time` where `push`, takes the top off where changed and not pushed. */
INLINE void change_stack(vector *stack, unsigned *depth, lane_mask changed, lane_mask push,
                         vector time)
{
    lane_mask shift = nonzero_in(push, stack[0]);
    if (bits_of(nonzero_in(shift, stack[*depth - 1])))
        stack[(*depth)++] = zero();
    for (unsigned k = *depth - 1; k > 0; k--)
        stack[k] = choose(shift, stack[k - 1], stack[k]);
    stack[0] = choose(changed, where(push, time), stack[0]);
}

static void close_stack(struct context *c, struct task *t, unsigned v, vector *stack,
                        unsigned depth)
{
    struct closing closing = {0};
    stack[depth] = zero();
    lane_mask hole = zero_in(nonzero(stack[1]), stack[0]);
    for (unsigned k = 0; k < depth; k++) {
        stack[k] = choose(hole, stack[k + 1], stack[k]);
        keep_row(&closing, c->top, k, stack[k]);
    }
    close_list(c, t, v, closing, stack[0]);
}

/* False: a missing delay. The stacks are built in the memory behind that of merging. */
static bool run_slow(struct context *c, struct task *t, unsigned v, vector state,
                     const vector *events, unsigned rows)
{
    const struct mp_lanes_gate *g = t->g;
    const unsigned inputs = g->input_count, id_bits = mp_lanes_id_bits(inputs);
    const uint16_t *codes = c->p->codes + (size_t)inputs * 32;
    const vector low = splat((1u << c->p->shift) - 1);
    vector *stack = (vector *)(void *)c->s->merged + 2 * c->s->capacity;
    vector moved = zero();
    unsigned depth = 1;
    bool ok = true;
    stack[0] = zero();
    state = shift_right(state, id_bits);
    for (unsigned r = 0; r < rows && ok; r++) {
        vector key = events[r], next = splat(UINT16_MAX);
        if (r + 1 < rows)
            next = events[r + 1];
        lane_mask valid = not_below(key, c->timed);
        vector toggles = where(valid, shift_right(lookup_code(codes, c->p->shift, key), id_bits));
        state = bit_xor(state, toggles);
        moved = bit_or(moved, toggles);
        lane_mask now = nonzero_in(valid, and_not(bit_xor(key, next), low));
        vector entry = lookup(g->several, 2 * inputs, bit_or(shift_left(state, inputs), moved));
        lane_mask changed = nonzero_in(now, entry);
        lane_mask push = not_above_in(changed, stack[0], key);
        ok = look_rare(c, g, state, entry, push);
        change_stack(stack, &depth, changed, push, add(and_not(key, low), and_not(entry, low)));
        moved = choose(now, zero(), moved);
    }
    close_stack(c, t, v, stack, depth);
    return ok;
}

/* --- gates, sources, groups --- */

INLINE bool run_vector(struct context *c, struct task *t, unsigned inputs, bool is_counting,
                       unsigned v)
{
    const struct mp_lanes_gate *g = t->g;
    const unsigned id_bits = mp_lanes_id_bits(inputs);
    vector state = zero();
    unsigned rows = 0;
    for (unsigned i = 0; i < inputs; i++) {
        lane_mask ones = mask_of(t->in[i][v].before);
        state = bit_or(state, where(ones, splat(1u << (i + id_bits))));
        rows += t->in[i][v].count;
    }
    t->out[v].before = bits_of(nonzero(lookup(g->value, inputs, shift_right(state, id_bits))));
    if (rows == 0) {
        t->out[v].count = 0;
        return true;
    }
    if (c->top - (vector *)(void *)c->s->rows < (ptrdiff_t)rows + 2)
        reserve(c, rows + 2);
    const vector *events = merge_inputs(c, t, inputs, v);
    if (!g->is_slow && rows <= FAST_ROWS &&
        run_fast(c, t, inputs, is_counting, v, state, events, rows))
        return true;
    return run_slow(c, t, v, state, events, rows);
}

/* `inputs` and `is_counting` are constants where this is inlined. */
INLINE bool run_gate(struct context *c, const struct mp_lanes_gate *g, unsigned inputs,
                     bool is_counting, unsigned vectors)
{
    struct mp_lanes_scratch *s = c->s;
    struct task t = {.g = g, .out = s->nets + (size_t)g->net * VECTORS};
    bool ok = true;
    for (unsigned i = 0; i < inputs; i++)
        t.in[i] = s->nets + (size_t)g->input[i] * VECTORS;
    for (unsigned v = 0; v < vectors && ok; v++)
        ok = run_vector(c, &t, inputs, is_counting, v);
    s->transitions[g->net] += t.moves;
    s->odd[g->net] += t.odd;
    return ok;
}

static bool run_any_gate(struct context *c, const struct mp_lanes_gate *g, unsigned vectors)
{
    if (g->has_uncovered)
        return g->input_count == 3 ? run_gate(c, g, 3, true, vectors)
                                   : run_gate(c, g, g->input_count, true, vectors);
    switch (g->input_count) {
    case 1:
        return run_gate(c, g, 1, false, vectors);
    case 2:
        return run_gate(c, g, 2, false, vectors);
    case 3:
        return run_gate(c, g, 3, false, vectors);
    case 4:
        return run_gate(c, g, 4, false, vectors);
    default:
        return run_gate(c, g, g->input_count, false, vectors);
    }
}

static bool run_source(struct context *c, uint32_t i, unsigned vectors, const uint64_t *before,
                       const uint64_t *moved)
{
    const struct mp_lanes_source *o = &c->p->sources[i];
    struct task t = {.out = c->s->nets + (size_t)o->net * VECTORS};
    vector times[2];
    for (int rises = 0; rises < 2; rises++)
        times[rises] = splat((o->delay[rises] + 1) << c->p->shift);
    for (unsigned v = 0; v < vectors; v++) {
        size_t at = (size_t)i * MP_LANES_GROUP_WORDS + v * LANES / 64;
        uint64_t was = before[at] >> v * LANES % 64 & LANES_MASK;
        uint64_t moves = moved[at] >> v * LANES % 64 & LANES_MASK;
        struct closing closing = {0};
        t.out[v].before = was;
        t.out[v].count = 0;
        if (moves == 0)
            continue;
        for (int rises = 0; rises < 2; rises++)
            if (o->delay[rises] == MP_NONE && moves & (rises ? ~was : was)) {
                c->s->failed_output = o->output;
                c->s->failed_edge = rises;
                return false;
            }
        if (c->top - (vector *)(void *)c->s->rows < 2)
            reserve(c, 2);
        vector row = where(mask_of(moves), choose(mask_of(was), times[0], times[1]));
        keep_row(&closing, c->top, 0, row);
        close_list(c, &t, v, closing, row);
    }
    c->s->transitions[o->net] += t.moves;
    c->s->odd[o->net] += t.odd;
    return true;
}

static void look_late(struct context *c, unsigned lanes)
{
    struct mp_lanes_scratch *s = c->s;
    for (unsigned i = 0; i < lanes; i++) {
        uint32_t ticks = (uint32_t)s->last[i] >> c->p->shift;
        ticks -= ticks > 0;
        s->unsettled += ticks > c->p->model->period;
        s->latest = ticks > s->latest ? ticks : s->latest;
    }
}

static bool run(const struct mp_lanes_program *p, struct mp_lanes_scratch *s, unsigned lanes,
                const uint64_t *before, const uint64_t *moved)
{
    struct context c = {.p = p, .s = s};
    unsigned vectors = (lanes + LANES - 1) / LANES;
    c.top = c.end = (vector *)(void *)s->rows + s->capacity;
    c.timed = splat(1u << p->shift);
    for (unsigned n = 1; n <= MP_LANES_INPUTS; n++)
        c.states[n] = splat(((1u << n) - 1) << mp_lanes_id_bits(n));
    memset(s->last, 0, MP_LANES_GROUP * sizeof *s->last);
    bool ok = true;
    for (uint32_t i = 0; i < p->active_count && ok; i++)
        ok = run_source(&c, i, vectors, before, moved);
    for (uint32_t i = 0; i < p->gate_count && ok; i++)
        ok = run_any_gate(&c, &p->gates[i], vectors);
    look_late(&c, lanes);
    return ok;
}

const struct mp_lanes_code CODE = {.vector_bytes = VECTOR_BYTES, .run = run};
