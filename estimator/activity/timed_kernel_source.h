/*
 * The timed kernels' common source: included once by each timed_kernel_*.c, which defines before
 *   VECTOR_BYTES   16, 32 or 64
 *   RUN            name of the function to define
 *   vector         a vector of 64-bit lanes of that size
 *   any_set(x)     is a bit of the vector set?
 *   lane_counts(x) bits set in each 64-bit lane
 * See timed_kernel.h for the method.
 */
#include "estimator/activity/timed_kernel.h"

#include <string.h>

#define PARTS  (64 / VECTOR_BYTES)
#define INLINE static inline __attribute__((always_inline))
#define NEVER  UINT32_MAX
/* As deep as the Liberty reader lets expressions nest, and more. */
#define STACK 64

struct row {
    vector part[PARTS];
};

#define ROW_OPERATION(name, expression)                                                            \
    INLINE struct row name(struct row a, struct row b)                                             \
    {                                                                                              \
        struct row x;                                                                              \
        for (int i = 0; i < PARTS; i++)                                                            \
            x.part[i] = (expression);                                                              \
        return x;                                                                                  \
    }
ROW_OPERATION(both, a.part[i] & b.part[i])
ROW_OPERATION(either, a.part[i] | b.part[i])
ROW_OPERATION(differ, a.part[i] ^ b.part[i])
ROW_OPERATION(without, a.part[i] & ~b.part[i])

INLINE bool any(struct row a)
{
    vector x = a.part[0];
    for (int i = 1; i < PARTS; i++)
        x |= a.part[i];
    return any_set(x);
}

/* Bits set, added up by 64-bit lane. */
INLINE vector counts(struct row a)
{
    vector x = lane_counts(a.part[0]);
    for (int i = 1; i < PARTS; i++)
        x += lane_counts(a.part[i]);
    return x;
}

INLINE uint64_t sum(vector x)
{
    uint64_t n = 0;
    for (int i = 0; i < VECTOR_BYTES / 8; i++)
        n += x[i];
    return n;
}

INLINE struct row all(uint64_t word)
{
    struct row x;
    for (int i = 0; i < PARTS; i++)
        x.part[i] = (vector){0} + word;
    return x;
}

INLINE const struct row *row_of(const uint64_t *rows, size_t index)
{
    return (const struct row *)(const void *)(rows + index * MP_TIMED_WORDS);
}

/* pins[local pin] */
static struct row evaluate(const struct mp_expr *e, const struct row *pins)
{
    struct row stack[STACK];
    int top = -1;
    for (uint32_t i = 0; i < e->length; i++) {
        int op = e->code[i];
        if (op >= 0)
            stack[++top] = pins[op];
        else if (op == MP_EXPR_ZERO || op == MP_EXPR_ONE)
            stack[++top] = all(op == MP_EXPR_ONE ? ~(uint64_t)0 : 0);
        else if (op == MP_EXPR_NOT)
            stack[top] = differ(stack[top], all(~(uint64_t)0));
        else {
            top--;
            stack[top] = op == MP_EXPR_AND  ? both(stack[top], stack[top + 1])
                         : op == MP_EXPR_OR ? either(stack[top], stack[top + 1])
                                            : differ(stack[top], stack[top + 1]);
        }
    }
    return stack[0];
}

/* What is going on at one output. */
struct work {
    const struct mp_timed_program *program;
    const struct mp_timed_gate *gate;
    struct mp_timed_scratch *s;
    struct row *ring;
    uint64_t *occupied;
    uint32_t ring_mask;
    struct row pending; /* lanes with a transition to come */
    uint32_t first;     /* none comes before */
    uint32_t *out_times;
    struct row *out_rows;
    uint32_t out_count;
    vector transitions; /* by 64-bit lane */
    bool failed;
};

/* The first occupied row at `from` or later, which exists within the ring. */
INLINE uint32_t next_occupied(const struct work *w, uint32_t from)
{
    uint32_t words = (w->ring_mask + 1) / 64, at = from & w->ring_mask, k = at / 64;
    uint64_t bits = w->occupied[k] >> (at % 64);
    if (bits)
        return from + (uint32_t)__builtin_ctzll(bits);
    uint32_t passed = 64 - at % 64;
    for (uint32_t i = 1; i <= words; i++, passed += 64) {
        bits = w->occupied[(k + i) & (words - 1)];
        if (bits)
            return from + passed + (uint32_t)__builtin_ctzll(bits);
    }
    return NEVER;
}

/* Rows up to `now` are final. */
INLINE void pass_time(struct work *w, uint32_t now)
{
    while (w->first <= now) {
        uint32_t at = w->first & w->ring_mask;
        struct row x = w->ring[at];
        w->ring[at] = all(0);
        w->occupied[at / 64] &= ~((uint64_t)1 << (at % 64));
        w->pending = without(w->pending, x);
        w->out_times[w->out_count] = w->first;
        w->out_rows[w->out_count] = x;
        w->transitions += counts(x);
        w->out_count += any(x); /* all of it may have been cancelled */
        w->first = next_occupied(w, w->first + 1);
    }
}

INLINE void insert(struct work *w, uint32_t time, struct row lanes)
{
    uint32_t at = time & w->ring_mask;
    bool some = any(lanes);
    w->ring[at] = either(w->ring[at], lanes);
    w->occupied[at / 64] |= (uint64_t)some << (at % 64);
    w->pending = either(w->pending, lanes);
    uint32_t when = some ? time : NEVER;
    w->first = when < w->first ? when : w->first;
}

static void cancel(struct work *w, struct row lanes)
{
    w->pending = without(w->pending, lanes);
    for (uint32_t t = w->first; t != NEVER; t = next_occupied(w, t + 1)) {
        struct row *x = &w->ring[t & w->ring_mask];
        struct row hit = both(*x, lanes);
        *x = differ(*x, hit);
        lanes = differ(lanes, hit);
        if (!any(lanes))
            return;
    }
}

/* Lanes whose transition to `rises` no arc covers. */
static void insert_uncovered(struct work *w, uint32_t now, struct row rest, int rises,
                             const struct row *moved)
{
    const struct mp_timed_gate *g = w->gate;
    const struct mp_timed_choice *c = w->program->choices + g->first_choice[rises];
    w->s->uncovered += sum(counts(rest));
    for (uint32_t k = 0; k < g->choice_count[rises]; k++) {
        struct row lanes = both(rest, moved[c[k].from]);
        insert(w, now + c[k].delay, lanes);
        rest = without(rest, lanes);
    }
    if (!any(rest))
        return;
    if (g->any[rises] == MP_NONE) {
        w->failed = true;
        w->s->failed_output = g->output;
        w->s->failed_edge = rises;
        return;
    }
    insert(w, now + g->any[rises], rest);
}

/* Lanes whose output will move to `rises`: each by the smallest delay that applies to it. */
static void insert_chosen(struct work *w, uint32_t now, struct row rest, int rises,
                          const struct row *pins, const struct row *moved)
{
    const struct mp_timed_gate *g = w->gate;
    const struct mp_timed_choice *c = w->program->choices + g->first_choice[rises];
    for (uint32_t k = 0; k < g->choice_count[rises]; k++) {
        struct row lanes = both(rest, moved[c[k].from]);
        if (!any(lanes))
            continue;
        if (c[k].when.code)
            lanes = both(lanes, evaluate(&c[k].when, pins));
        if (c[k].edge == 'r')
            lanes = both(lanes, pins[c[k].from]);
        else if (c[k].edge == 'f')
            lanes = without(lanes, pins[c[k].from]);
        insert(w, now + c[k].delay, lanes);
        rest = without(rest, lanes);
        if (!any(rest))
            return;
    }
    insert_uncovered(w, now, rest, rises, moved);
}

/* The function changed in these lanes: those with something pending lose it, the others are
 * returned. */
INLINE struct row take_pending(struct work *w, struct row changed)
{
    struct row lost = both(changed, w->pending);
    if (__builtin_expect(any(lost), 0)) {
        cancel(w, lost);
        changed = without(changed, lost);
    }
    return changed;
}

INLINE struct row normal_form(const struct mp_timed_gate *g, unsigned inputs, const struct row *a)
{
    struct row x = differ(all(g->normal_form[0]), both(all(g->normal_form[1]), a[0]));
    if (inputs >= 2) {
        struct row y = differ(all(g->normal_form[2]), both(all(g->normal_form[3]), a[0]));
        x = differ(x, both(y, a[1]));
    }
    if (inputs >= 3) {
        struct row y = differ(all(g->normal_form[4]), both(all(g->normal_form[5]), a[0]));
        struct row z = differ(all(g->normal_form[6]), both(all(g->normal_form[7]), a[0]));
        x = differ(x, both(differ(y, both(z, a[1])), a[2]));
    }
    return x;
}

/* `inputs` is a constant where this is inlined: 1 to 3, every arc without condition. */
INLINE struct row run_simple(struct work *w, const struct mp_timed_block *b, unsigned inputs)
{
    const struct mp_timed_gate *g = w->gate;
    const struct mp_timed_input *in = w->program->inputs + g->first_input;
    const uint32_t *times[3];
    const struct row *rows[3];
    struct row a[3], zero = all(0), value = *row_of(b->before, g->net);
    for (unsigned i = 0; i < inputs; i++) {
        times[i] = w->s->times + w->s->lists[in[i].net].first;
        rows[i] = row_of(w->s->rows, w->s->lists[in[i].net].first);
        a[i] = *row_of(b->before, in[i].net);
    }
    for (;;) {
        struct row moved[3];
        uint32_t now = *times[0];
        for (unsigned i = 1; i < inputs; i++)
            now = *times[i] < now ? *times[i] : now;
        if (now == NEVER)
            return value;
        for (unsigned i = 0; i < inputs; i++) {
            bool here = *times[i] == now;
            moved[i] = *(here ? rows[i] : &zero);
            times[i] += here;
            rows[i] += here;
            a[i] = differ(a[i], moved[i]);
        }
        pass_time(w, now);
        struct row next = normal_form(g, inputs, a), rest = differ(next, value);
        value = next;
        rest = take_pending(w, rest);
        struct row rise = both(rest, value), fall = without(rest, value);
        /* Where several inputs move, the smallest delay first. */
        for (unsigned k = 0; k < inputs; k++) {
            const struct mp_timed_choice *r = w->program->choices + g->first_choice[1] + k;
            const struct mp_timed_choice *f = w->program->choices + g->first_choice[0] + k;
            struct row x = both(rise, moved[r->from]), y = both(fall, moved[f->from]);
            insert(w, now + r->delay, x);
            insert(w, now + f->delay, y);
            rise = differ(rise, x);
            fall = differ(fall, y);
        }
    }
}

static struct row run_general(struct work *w, const struct mp_timed_block *b)
{
    const struct mp_timed_gate *g = w->gate;
    const struct mp_timed_input *in = w->program->inputs + g->first_input;
    struct row pins[64], moved[64], value = *row_of(b->before, g->net), a[3];
    uint32_t at[64];
    for (unsigned i = 0; i < g->input_count; i++) {
        at[i] = 0;
        pins[in[i].pin] = *row_of(b->before, in[i].net);
    }
    for (;;) {
        uint32_t now = NEVER;
        for (unsigned i = 0; i < g->input_count; i++) {
            uint32_t t = w->s->times[w->s->lists[in[i].net].first + at[i]];
            now = t < now ? t : now;
        }
        if (now == NEVER)
            return value;
        for (unsigned i = 0; i < g->input_count; i++) {
            size_t k = w->s->lists[in[i].net].first + at[i];
            bool here = w->s->times[k] == now;
            moved[in[i].pin] = here ? *row_of(w->s->rows, k) : all(0);
            at[i] += here;
            pins[in[i].pin] = differ(pins[in[i].pin], moved[in[i].pin]);
        }
        pass_time(w, now);
        struct row next;
        if (g->input_count <= 3) {
            for (unsigned i = 0; i < 3; i++)
                a[i] = i < g->input_count ? pins[in[i].pin] : all(0);
            next = normal_form(g, 3, a);
        } else {
            next = evaluate(&g->function, pins);
        }
        struct row rest = differ(next, value);
        value = next;
        if (!any(rest))
            continue;
        rest = take_pending(w, rest);
        struct row rise = both(rest, value), fall = without(rest, value);
        if (any(rise))
            insert_chosen(w, now, rise, 1, pins, moved);
        if (any(fall))
            insert_chosen(w, now, fall, 0, pins, moved);
    }
}

/* The list of a register output or a port. Returns the rows used. */
static uint32_t run_source(const struct mp_timed_source *o, const struct mp_timed_block *b,
                           struct mp_timed_scratch *s, size_t used)
{
    struct row before = *row_of(b->before, o->net), after = *row_of(b->after, o->net), mask;
    memcpy(&mask, b->mask, sizeof mask);
    struct row moved = both(differ(before, after), mask);
    struct row lanes[2] = {without(moved, after), both(moved, after)};
    uint32_t count_rows = 0;
    int first = o->delay[1] < o->delay[0];
    for (int i = 0; i < 2; i++) {
        int rises = first ^ i;
        uint64_t n = sum(counts(lanes[rises]));
        if (n == 0)
            continue;
        if (o->delay[rises] == MP_NONE) {
            s->failed_output = o->output;
            s->failed_edge = rises;
            return MP_NONE;
        }
        s->transitions[o->net] += n;
        if (count_rows && o->delay[0] == o->delay[1]) {
            lanes[rises] = either(lanes[0], lanes[1]);
            count_rows--;
        }
        s->times[used + count_rows] = o->delay[rises];
        memcpy(s->rows + (used + count_rows) * MP_TIMED_WORDS, &lanes[rises], sizeof lanes[0]);
        count_rows++;
    }
    return count_rows;
}

static void close_list(struct mp_timed_scratch *s, uint32_t net, size_t *used, uint32_t rows)
{
    s->lists[net] = (struct mp_timed_list){*used, rows};
    *used += rows;
    s->times[*used] = NEVER;
    (*used)++;
}

/* Late lanes are those that still move after the period. */
static struct row look_late(const struct mp_timed_program *p, struct mp_timed_scratch *s,
                            uint32_t net, struct row late)
{
    const struct mp_timed_list *l = &s->lists[net];
    if (l->count && s->times[l->first + l->count - 1] > s->latest)
        s->latest = s->times[l->first + l->count - 1];
    for (uint32_t k = l->count; k-- > 0 && s->times[l->first + k] > p->model->period;)
        late = either(late, *row_of(s->rows, l->first + k));
    return late;
}

static bool run_gate(const struct mp_timed_program *p, const struct mp_timed_gate *g,
                     const struct mp_timed_block *b, struct mp_timed_scratch *s, size_t *used)
{
    const struct mp_timed_input *in = p->inputs + g->first_input;
    size_t bound = 0;
    for (uint32_t i = 0; i < g->input_count; i++)
        bound += s->lists[in[i].net].count;
    bound *= (size_t)g->choice_count[0] + g->choice_count[1] + 2;
    if (bound > p->model->net_latest[g->net] + (size_t)1)
        bound = p->model->net_latest[g->net] + (size_t)1;
    mp_timed_scratch_reserve(s, *used, bound + 2);
    struct work w = {.program = p,
                     .gate = g,
                     .s = s,
                     .ring = (struct row *)(void *)s->ring,
                     .occupied = s->occupied,
                     .ring_mask = g->ring - 1,
                     .pending = all(0),
                     .first = NEVER,
                     .out_times = s->times + *used,
                     .out_rows = (struct row *)(void *)(s->rows + *used * MP_TIMED_WORDS)};
    struct row value, mask;
    if (g->is_simple && g->input_count == 1)
        value = run_simple(&w, b, 1);
    else if (g->is_simple && g->input_count == 2)
        value = run_simple(&w, b, 2);
    else if (g->is_simple && g->input_count == 3)
        value = run_simple(&w, b, 3);
    else
        value = run_general(&w, b);
    pass_time(&w, NEVER - 1);
    s->transitions[g->net] += sum(w.transitions);
    close_list(s, g->net, used, w.out_count);
    memcpy(&mask, b->mask, sizeof mask);
    if (!w.failed && any(both(differ(value, *row_of(b->after, g->net)), mask))) {
        w.failed = true;
        s->failed_output = g->output;
        s->failed_edge = 2;
    }
    return !w.failed;
}

bool RUN(const struct mp_timed_program *p, const struct mp_timed_block *b,
         struct mp_timed_scratch *s)
{
    size_t used = 1; /* row 0 is the end of the empty list of what never moves */
    struct row late = all(0);
    for (uint32_t i = 0; i < p->source_count; i++) {
        mp_timed_scratch_reserve(s, used, 4);
        uint32_t rows = run_source(&p->sources[i], b, s, used);
        if (rows == MP_NONE)
            return false;
        close_list(s, p->sources[i].net, &used, rows);
        late = look_late(p, s, p->sources[i].net, late);
    }
    for (uint32_t i = 0; i < p->gate_count; i++) {
        if (!run_gate(p, &p->gates[i], b, s, &used))
            return false;
        late = look_late(p, s, p->gates[i].net, late);
    }
    s->unsettled += sum(counts(late));
    return true;
}
