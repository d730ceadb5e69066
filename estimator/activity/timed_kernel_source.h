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

#define PARTS  (MP_TIMED_WORDS * 8 / VECTOR_BYTES)
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
    stack[0] = all(0);
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

/* Each lane has one pending transition, somewhere in the ring. A part at a time: most often few
 * lanes lose theirs. */
static void cancel_part(struct row *ring, const uint64_t *occupied, uint32_t words, unsigned part,
                        vector lanes)
{
    for (uint32_t k = 0; k < words; k++)
        for (uint64_t bits = occupied[k]; bits; bits &= bits - 1) {
            vector *x = &ring[64 * k + (unsigned)__builtin_ctzll(bits)].part[part];
            vector hit = *x & lanes;
            *x ^= hit;
            lanes ^= hit;
            if (!any_set(lanes))
                return;
        }
}

INLINE void cancel(struct work *w, struct row lanes)
{
    w->pending = without(w->pending, lanes);
    for (unsigned i = 0; i < PARTS; i++)
        if (any_set(lanes.part[i]))
            cancel_part(w->ring, w->occupied, (w->ring_mask + 1) / 64, i, lanes.part[i]);
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

#define NORMAL_FORM(inputs, fewer)                                                                 \
    INLINE struct row normal_form_##inputs(const uint64_t *terms, const struct row *a)             \
    {                                                                                              \
        return differ(normal_form_##fewer(terms, a),                                               \
                      both(normal_form_##fewer(terms + (1 << (fewer)), a), a[fewer]));             \
    }
INLINE struct row normal_form_0(const uint64_t *terms, const struct row *a)
{
    (void)a;
    return all(terms[0]);
}
NORMAL_FORM(1, 0)
NORMAL_FORM(2, 1)
NORMAL_FORM(3, 2)
NORMAL_FORM(4, 3)

/* `inputs` is a constant where this is inlined. */
INLINE struct row value_of(const struct mp_timed_gate *g, const struct mp_timed_input *in,
                           unsigned inputs, const struct row *a)
{
    struct row pins[64];
    switch (inputs) {
    case 1:
        return normal_form_1(g->normal_form, a);
    case 2:
        return normal_form_2(g->normal_form, a);
    case 3:
        return normal_form_3(g->normal_form, a);
    case 4:
        return normal_form_4(g->normal_form, a);
    }
    for (unsigned i = 0; i < inputs; i++)
        pins[in[i].pin] = a[i];
    return evaluate(&g->function, pins);
}

INLINE struct row cube(const struct mp_timed_cube *c, const struct row *a)
{
    struct row x = all(~(uint64_t)0);
    for (uint32_t k = 0; k < c->count; k++)
        x = both(x, differ(a[c->input[k]], all(c->invert[k])));
    return x;
}

static void insert_rare(struct work *w, uint32_t now, struct row lanes,
                        const struct mp_timed_group *group, int rises)
{
    if (!any(lanes))
        return;
    if (group->delay == MP_NONE) {
        w->failed = true;
        w->s->failed_output = w->gate->output;
        w->s->failed_edge = rises;
        return;
    }
    w->s->uncovered += sum(counts(lanes));
    insert(w, now + group->delay, lanes);
}

/* Lanes in which one input alone moved. */
INLINE void insert_by_table(struct work *w, uint32_t now, struct row rest, unsigned input,
                            int rises, const struct row *a)
{
    const struct mp_timed_program *p = w->program;
    const struct mp_timed_table *t = &p->tables[w->gate->first_table + 2 * input + (unsigned)rises];
    const struct mp_timed_group *g = p->groups + t->first_group;
    for (uint32_t i = 0; i < t->group_count; i++, g++) {
        struct row lanes = rest;
        if (i + 1 < t->group_count) {
            struct row x = cube(&p->cubes[g->first_cube], a);
            for (uint32_t k = 1; k < g->cube_count; k++)
                x = either(x, cube(&p->cubes[g->first_cube + k], a));
            lanes = both(lanes, x);
            rest = without(rest, lanes);
        }
        if (__builtin_expect(g->is_uncovered, 0))
            insert_rare(w, now, lanes, g, rises);
        else
            insert(w, now + g->delay, lanes);
    }
}

/* The same for choices, which name pins. */
static void insert_several(struct work *w, uint32_t now, struct row lanes, struct row value,
                           const struct row *a, const struct row *moved)
{
    const struct mp_timed_input *in = w->program->inputs + w->gate->first_input;
    struct row pins[64], moved_pins[64];
    for (uint32_t i = 0; i < w->gate->input_count; i++) {
        pins[in[i].pin] = a[i];
        moved_pins[in[i].pin] = moved[i];
    }
    struct row rise = both(lanes, value), fall = without(lanes, value);
    if (any(rise))
        insert_chosen(w, now, rise, 1, pins, moved_pins);
    if (any(fall))
        insert_chosen(w, now, fall, 0, pins, moved_pins);
}

/* `inputs` is a constant where this is inlined for few inputs. */
INLINE struct row run_inputs(struct work *w, const struct mp_timed_block *b, unsigned inputs)
{
    const struct mp_timed_gate *g = w->gate;
    const struct mp_timed_input *in = w->program->inputs + g->first_input;
    const uint32_t *times[64];
    const struct row *rows[64];
    struct row a[64], moved[64], zero = all(0), value = *row_of(b->before, g->net);
    for (unsigned i = 0; i < inputs; i++) {
        times[i] = w->s->times + w->s->lists[in[i].net].first;
        rows[i] = row_of(w->s->rows, w->s->lists[in[i].net].first);
        a[i] = *row_of(b->before, in[i].net);
    }
    for (;;) {
        struct row seen = zero, several = zero;
        uint32_t now = NEVER;
        for (unsigned i = 0; i < inputs; i++)
            now = *times[i] < now ? *times[i] : now;
        if (now == NEVER)
            return value;
        for (unsigned i = 0; i < inputs; i++) {
            bool here = *times[i] == now;
            moved[i] = *(here ? rows[i] : &zero);
            times[i] += here;
            rows[i] += here;
            a[i] = differ(a[i], moved[i]);
            several = either(several, both(seen, moved[i]));
            seen = either(seen, moved[i]);
        }
        pass_time(w, now);
        struct row next = value_of(g, in, inputs, a);
        struct row rest = differ(next, value);
        value = next;
        if (!any(rest))
            continue;
        rest = take_pending(w, rest);
        several = inputs > MP_TIMED_TABLE_INPUTS ? rest : both(several, rest);
        if (inputs > 1 && __builtin_expect(any(several), 0)) {
            insert_several(w, now, several, value, a, moved);
            rest = without(rest, several);
        }
        for (unsigned i = 0; i < inputs && inputs <= MP_TIMED_TABLE_INPUTS; i++) {
            struct row lanes = both(rest, moved[i]);
            if (inputs > 1 && !any(lanes))
                continue;
            insert_by_table(w, now, both(lanes, value), i, 1, a);
            insert_by_table(w, now, without(lanes, value), i, 0, a);
        }
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
    switch (g->input_count) {
    case 0: /* a constant */
        value = *row_of(b->before, g->net);
        break;
    case 1:
        value = run_inputs(&w, b, 1);
        break;
    case 2:
        value = run_inputs(&w, b, 2);
        break;
    case 3:
        value = run_inputs(&w, b, 3);
        break;
    case 4:
        value = run_inputs(&w, b, 4);
        break;
    default:
        value = run_inputs(&w, b, g->input_count);
        break;
    }
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
