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
 *   less(a, b)
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
#define LANES_MASK ((uint32_t)(((uint64_t)1 << LANES) - 1))

struct context {
    const struct mp_lanes_program *p;
    struct mp_lanes_scratch *s;
    size_t used; /* vectors of the memory for rows */
};

INLINE vector *rows_end(const struct mp_lanes_scratch *s)
{
    return (vector *)(void *)s->rows + s->capacity;
}

INLINE const vector *list_rows(const struct mp_lanes_scratch *s, const struct mp_lanes_list *l)
{
    return rows_end(s) - l->end - l->count;
}

/* A list's row as keys of an input; what is no event stays 0. */
INLINE vector tagged(vector row, vector code)
{
    return bit_or(row, smaller(row, code));
}

/* --- merging --- */

/* a[a_count] and b[b_count], tagged, into out[a_count + b_count]. A window of the a_count smallest
 * so far stays in registers: each row of b, from the last one down, goes through it and pushes the
 * largest out. */
INLINE void merge_window(const vector *a, unsigned a_count, vector a_code, const vector *b,
                         unsigned b_count, vector b_code, vector *out)
{
    vector window[4];
    for (unsigned i = 0; i < a_count; i++)
        window[i] = tagged(a[i], a_code);
    for (unsigned j = b_count; j-- > 0;) {
        vector x = tagged(b[j], b_code);
        for (unsigned i = 0; i < a_count; i++) {
            vector y = window[i];
            window[i] = smaller(x, y);
            x = larger(x, y);
        }
        out[j + a_count] = x;
    }
    for (unsigned i = 0; i < a_count; i++)
        out[i] = window[i];
}

/* The same for any length, in memory. */
static void merge_long(const vector *a, unsigned a_count, vector a_code, const vector *b,
                       unsigned b_count, vector b_code, vector *out)
{
    for (unsigned i = 0; i < a_count; i++)
        out[b_count + i] = tagged(a[i], a_code);
    for (unsigned j = b_count; j-- > 0;) {
        vector x = tagged(b[j], b_code);
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
        merge_window(a, 0, a_code, b, b_count, b_code, out);
        break;
    case 1:
        merge_window(a, 1, a_code, b, b_count, b_code, out);
        break;
    case 2:
        merge_window(a, 2, a_code, b, b_count, b_code, out);
        break;
    case 3:
        merge_window(a, 3, a_code, b, b_count, b_code, out);
        break;
    case 4:
        merge_window(a, 4, a_code, b, b_count, b_code, out);
        break;
    default:
        merge_long(a, a_count, a_code, b, b_count, b_code, out);
    }
}

/* The events of a gate in one vector, in scratch memory. */
INLINE void merge_inputs(const struct context *c, const struct mp_lanes_gate *g, unsigned inputs,
                         unsigned v, const vector **events)
{
    const struct mp_lanes_scratch *s = c->s;
    vector *to = (vector *)(void *)s->merged, *other = to + s->capacity;
    const struct mp_lanes_list *l = &s->lists[(size_t)g->input[0] * VECTORS + v], *second;
    unsigned count = l->count, more;
    if (inputs == 1) {
        merge(NULL, 0, zero(), list_rows(s, l), count, splat(1), to);
        *events = to;
        return;
    }
    second = &s->lists[(size_t)g->input[1] * VECTORS + v];
    merge(list_rows(s, l), count, splat(1), list_rows(s, second), second->count, splat(2), to);
    count += second->count;
    for (unsigned i = 2; i < inputs; i++) {
        l = &s->lists[(size_t)g->input[i] * VECTORS + v];
        more = l->count;
        if (more == 0)
            continue;
        merge(to, count, zero(), list_rows(s, l), more, splat((uint16_t)(i + 1)), other);
        count += more;
        vector *swap = to;
        to = other;
        other = swap;
    }
    *events = to;
}

/* --- the new list --- */

struct closing {
    uint32_t depth, moves, odd;
};

/* Row k of the stacks, 0 the last transitions. */
INLINE void keep_row(struct closing *x, vector *end, unsigned k, vector row)
{
    uint32_t bits = bits_of(nonzero(row));
    end[-1 - (ptrdiff_t)k] = row;
    x->depth += bits != 0;
    x->moves += (uint32_t)__builtin_popcount(bits);
    x->odd ^= bits;
}

INLINE void close_list(struct context *c, uint32_t net, unsigned v, struct closing x, vector last)
{
    struct mp_lanes_scratch *s = c->s;
    vector *latest = (vector *)(void *)s->last + v;
    *latest = larger(*latest, last);
    s->lists[(size_t)net * VECTORS + v] = (struct mp_lanes_list){(uint32_t)c->used, x.depth};
    s->transitions[net] += x.moves;
    s->odd[net] += (uint32_t)__builtin_popcount(x.odd);
    c->used += x.depth;
}

/* --- events without ties or rare cases, few enough for stacks in registers --- */

#define FAST_ROWS 12
#define UNROLL    _Pragma("GCC unroll 12")

struct stack {
    vector row[FAST_ROWS]; /* 0 the last; 0 where there is none */
};

/* `rows` is a constant where this is inlined. */
INLINE void close_stack(struct context *c, const struct mp_lanes_gate *g, unsigned v,
                        struct stack *x, unsigned rows)
{
    struct closing closing = {0};
    vector *end = rows_end(c->s) - c->used;
    if (rows > 1) { /* where the last change was cancelled, the top is empty */
        lane_mask hole = zero_in(nonzero(x->row[1]), x->row[0]);
        UNROLL
        for (unsigned k = 0; k + 1 < rows; k++)
            x->row[k] = choose(hole, x->row[k + 1], x->row[k]);
        x->row[rows - 1] = choose(hole, zero(), x->row[rows - 1]);
    }
    UNROLL
    for (unsigned k = 0; k < rows; k++)
        keep_row(&closing, end, k, x->row[k]);
    close_list(c, g->net, v, closing, x->row[0]);
}

/* False: a tie, nothing has happened. A key is a time and the number of an input that the entry of
 * the table makes up for, so their sum is when the output moves. What is on a stack and later than
 * the key is pending. */
INLINE bool run_fast(struct context *c, const struct mp_lanes_gate *g, unsigned inputs, unsigned v,
                     vector state, const vector *events, unsigned rows)
{
    const unsigned id_bits = mp_lanes_id_bits(inputs), bits = inputs + id_bits;
    const vector toggles = splat((uint16_t)(((1u << inputs) - 1) << id_bits));
    const vector ids = splat((uint16_t)((1u << id_bits) - 1));
    const uint16_t *codes = c->p->codes + (size_t)inputs * 32;
    const vector tied = splat((uint16_t)((1u << c->p->shift) - 1));
    struct stack x;
    vector before = zero(), tie = splat(UINT16_MAX);
    UNROLL
    for (unsigned k = 0; k < FAST_ROWS; k++)
        x.row[k] = zero();
    UNROLL
    for (unsigned r = 0; r < FAST_ROWS; r++) {
        vector key = events[r], code = lookup_code(codes, c->p->shift, key);
        state = xor_part(state, code, toggles);
        vector entry = lookup(g->single, bits, or_part(state, code, ids));
        lane_mask changed = inputs == 4 ? nonzero_in(nonzero(key), entry) : nonzero(entry);
        lane_mask push = not_above_in(changed, x.row[0], key);
        lane_mask shift = nonzero_in(push, x.row[0]);
        UNROLL
        for (unsigned k = r; k > 0; k--)
            x.row[k] = choose(shift, x.row[k - 1], x.row[k]);
        x.row[0] = choose(changed, where(push, add(key, entry)), x.row[0]);
        if (inputs > 1) /* zero where there is no event becomes the largest number */
            tie = smaller(tie, subtract(bit_xor(key, before), splat(1)));
        before = key;
        if (rows == r + 1) {
            if (inputs > 1 && bits_of(less(tie, tied)))
                return false;
            close_stack(c, g, v, &x, r + 1);
            return true;
        }
    }
    return false;
}

/* --- any events --- */

/* Lanes whose output will move, by cases that are counted or that stop the simulation. */
static bool look_rare(struct context *c, const struct mp_lanes_gate *g, vector state, vector entry,
                      lane_mask push)
{
    uint32_t missing = bits_of(nonzero_in(push, bit_and(entry, splat(MP_LANES_MISSING))));
    uint32_t uncovered = bits_of(nonzero_in(push, bit_and(entry, splat(MP_LANES_UNCOVERED))));
    c->s->uncovered += (uint32_t)__builtin_popcount(uncovered);
    if (missing == 0)
        return true;
    uint16_t states[LANES];
    memcpy(states, &state, sizeof states);
    c->s->failed_output = g->output;
    c->s->failed_edge = g->value[states[__builtin_ctz(missing)]];
    return false;
}

/* Pushes new[lanes of push], takes the top off where changed and not pushed. */
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

/* False: a missing delay. The stacks are built in the memory behind the events' other buffer. */
static bool run_slow(struct context *c, const struct mp_lanes_gate *g, unsigned v, vector state,
                     const vector *events, unsigned rows)
{
    const unsigned inputs = g->input_count, id_bits = mp_lanes_id_bits(inputs);
    const uint16_t *codes = c->p->codes + (size_t)inputs * 32;
    const vector low = splat((uint16_t)((1u << c->p->shift) - 1));
    const vector state_bits = splat((uint16_t)((1u << inputs) - 1));
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
        vector toggles =
            bit_and(shift_right(lookup_code(codes, c->p->shift, key), id_bits), state_bits);
        toggles = where(nonzero(key), toggles);
        state = bit_xor(state, toggles);
        moved = bit_or(moved, toggles);
        lane_mask ends = nonzero_in(nonzero(key), and_not(bit_xor(key, next), low));
        vector entry = lookup(g->several, 2 * inputs, bit_or(state, shift_left(moved, inputs)));
        lane_mask changed = nonzero_in(ends, entry);
        lane_mask push = not_above_in(changed, stack[0], key);
        ok = look_rare(c, g, state, entry, push);
        change_stack(stack, &depth, changed, push, add(and_not(key, low), and_not(entry, low)));
        moved = choose(ends, zero(), moved);
    }
    struct closing closing = {0};
    vector *end = rows_end(c->s) - c->used;
    stack[depth] = zero();
    lane_mask hole = zero_in(nonzero(stack[1]), stack[0]);
    for (unsigned k = 0; k < depth; k++) {
        stack[k] = choose(hole, stack[k + 1], stack[k]);
        keep_row(&closing, end, k, stack[k]);
    }
    close_list(c, g->net, v, closing, stack[0]);
    return ok;
}

/* --- gates, sources, groups --- */

INLINE bool run_vector(struct context *c, const struct mp_lanes_gate *g, unsigned inputs,
                       unsigned v)
{
    struct mp_lanes_scratch *s = c->s;
    const unsigned id_bits = mp_lanes_id_bits(inputs);
    const vector *events;
    vector state = zero();
    unsigned rows = 0;
    for (unsigned i = 0; i < inputs; i++) {
        lane_mask ones = mask_of(s->before[(size_t)g->input[i] * VECTORS + v]);
        state = bit_or(state, where(ones, splat((uint16_t)(1u << (i + id_bits)))));
        rows += s->lists[(size_t)g->input[i] * VECTORS + v].count;
    }
    s->before[(size_t)g->net * VECTORS + v] =
        bits_of(nonzero(lookup(g->value, inputs, shift_right(state, id_bits))));
    if (rows == 0) {
        s->lists[(size_t)g->net * VECTORS + v].count = 0;
        return true;
    }
    if (c->used + rows + 2 > s->capacity)
        mp_lanes_reserve(s, c->used, rows + 2);
    merge_inputs(c, g, inputs, v, &events);
    if (!g->is_slow && rows <= FAST_ROWS && run_fast(c, g, inputs, v, state, events, rows))
        return true;
    return run_slow(c, g, v, state, events, rows);
}

/* `inputs` is a constant where this is inlined. */
INLINE bool run_gate(struct context *c, const struct mp_lanes_gate *g, unsigned inputs,
                     unsigned vectors)
{
    for (unsigned v = 0; v < vectors; v++)
        if (!run_vector(c, g, inputs, v))
            return false;
    return true;
}

static bool run_source(struct context *c, uint32_t i, unsigned vectors, const uint64_t *before,
                       const uint64_t *moved)
{
    const struct mp_lanes_source *o = &c->p->sources[i];
    vector times[2];
    for (int rises = 0; rises < 2; rises++)
        times[rises] = splat((uint16_t)((o->delay[rises] + 1) << c->p->shift));
    for (unsigned v = 0; v < vectors; v++) {
        size_t at = (size_t)i * MP_LANES_GROUP_WORDS + v * LANES / 64;
        uint32_t was = (uint32_t)(before[at] >> v * LANES % 64) & LANES_MASK;
        uint32_t moves = (uint32_t)(moved[at] >> v * LANES % 64) & LANES_MASK;
        struct closing closing = {0};
        c->s->before[(size_t)o->net * VECTORS + v] = was;
        if (moves == 0) {
            c->s->lists[(size_t)o->net * VECTORS + v].count = 0;
            continue;
        }
        for (int rises = 0; rises < 2; rises++)
            if (o->delay[rises] == MP_NONE && moves & (rises ? ~was : was)) {
                c->s->failed_output = o->output;
                c->s->failed_edge = rises;
                return false;
            }
        if (c->used + 2 > c->s->capacity)
            mp_lanes_reserve(c->s, c->used, 2);
        vector row = where(mask_of(moves), choose(mask_of(was), times[0], times[1]));
        keep_row(&closing, rows_end(c->s) - c->used, 0, row);
        close_list(c, o->net, v, closing, row);
    }
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
    memset(s->last, 0, MP_LANES_GROUP * sizeof *s->last);
    bool ok = true;
    for (uint32_t i = 0; i < p->active_count && ok; i++)
        ok = run_source(&c, i, vectors, before, moved);
    for (uint32_t i = 0; i < p->gate_count && ok; i++) {
        const struct mp_lanes_gate *g = &p->gates[i];
        switch (g->input_count) {
        case 1:
            ok = run_gate(&c, g, 1, vectors);
            break;
        case 2:
            ok = run_gate(&c, g, 2, vectors);
            break;
        case 3:
            ok = run_gate(&c, g, 3, vectors);
            break;
        case 4:
            ok = run_gate(&c, g, 4, vectors);
            break;
        case 5:
            ok = run_gate(&c, g, 5, vectors);
            break;
        default:
            ok = run_gate(&c, g, 6, vectors);
            break;
        }
    }
    look_late(&c, lanes);
    return ok;
}

const struct mp_lanes_code CODE = {.vector_bytes = VECTOR_BYTES, .run = run};
