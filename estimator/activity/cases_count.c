#include "estimator/activity/cases_plan.h"
#include <stdlib.h>
#include <string.h>

#define NEVER UINT32_MAX

/* One cell in one block. */
struct walk {
    const struct mp_cases_plan *plan;
    const struct mp_cases_place *place;
    const struct mp_timed_block *block;
    const struct mp_timed_scratch *s;
    struct mp_cases_counter *c;
    bool is_full;                                     /* every lane holds a cycle */
    bool has_unconnected;                             /* an output of this cell is */
    unsigned bits;                                    /* variables */
    uint64_t *ticks, *caused;                         /* pairs of this cell */
    uint32_t row[MP_CASES_VARIABLES];                 /* of each input: the next of its list */
    uint32_t output_row[MP_CASES_OUTPUTS];            /* of each output */
    uint8_t before[MP_TIMED_LANES];                   /* states, then those of now */
    uint8_t after[MP_TIMED_LANES];                    /* settled */
    uint8_t moved[MP_TIMED_LANES];                    /* zero between ticks */
    uint16_t cause[MP_CASES_OUTPUTS][MP_TIMED_LANES]; /* pair of the last change */
};

/* A bit of each byte of the lanes' states from a row: eight lanes at a time. */
static void spread(uint8_t *states, const uint64_t *row, unsigned bit, bool inverted)
{
    for (unsigned w = 0; w < MP_TIMED_WORDS; w++) {
        uint64_t word = inverted ? ~row[w] : row[w];
        for (unsigned i = 0; i < 8; i++) {
            uint64_t x = (word >> 8 * i & 0xff) * 0x0101010101010101u & 0x8040201008040201u, lanes;
            uint8_t *to = states + 64 * w + 8 * i;
            x = (x + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
            memcpy(&lanes, to, sizeof lanes);
            lanes |= x << bit;
            memcpy(to, &lanes, sizeof lanes);
        }
    }
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "spread() puts lane 0 into the low byte");

static void load_states(struct walk *w)
{
    const struct mp_cases_place *p = w->place;
    const struct mp_cases_type *t = p->type;
    memset(w->before, 0, sizeof w->before);
    memset(w->after, 0, sizeof w->after);
    for (unsigned k = 0; k < w->bits; k++) {
        bool inverted = k >= t->form.input_count && p->iq_inverted;
        if (t->is_register && k == t->clock_input)
            continue; /* low */
        spread(w->before, w->block->before + (size_t)p->net[k] * MP_TIMED_WORDS, k, inverted);
        spread(w->after, w->block->after + (size_t)p->net[k] * MP_TIMED_WORDS, k, inverted);
    }
}

/* Of neighbouring lanes most are in one of few pairs, and a processor adds to one place every few
 * cycles only: so four places each, where that is small. */
enum { PLACES = 4, PLACED_BITS = 4 };

static void count_all(uint64_t *pairs, unsigned bits, const uint8_t *before, const uint8_t *after)
{
    uint16_t places[PLACES << 2 * PLACED_BITS] = {0}; /* [pair][place] */
    for (unsigned l = 0; l < MP_TIMED_LANES; l += PLACES)
        for (unsigned i = 0; i < PLACES; i++)
            places[(((unsigned)before[l + i] << bits | after[l + i]) * PLACES) + i]++;
    for (unsigned p = 0; p < 1u << 2 * bits; p++)
        for (unsigned i = 0; i < PLACES; i++)
            pairs[p] += places[p * PLACES + i];
}

static void count_settled(struct walk *w)
{
    uint64_t *pairs = w->c->pairs + w->place->settled;
    if (w->is_full && w->bits <= PLACED_BITS) {
        count_all(pairs, w->bits, w->before, w->after);
        return;
    }
    for (unsigned i = 0; i < MP_TIMED_WORDS; i++)
        for (uint64_t mask = w->block->mask[i]; mask; mask &= mask - 1) {
            unsigned l = 64 * i + (unsigned)__builtin_ctzll(mask);
            pairs[(unsigned)w->before[l] << w->bits | w->after[l]]++;
        }
}

/* Inputs of some lanes move: of lanes[i] those in moved[i], or, without that, in `input`. level:
 * what a register's clock adds to its states. No jump depends on the values of a lane: none could
 * be told before. */
static inline __attribute__((always_inline)) void
move(struct walk *w, const uint16_t *restrict lanes, size_t count, const uint8_t *restrict moved,
     unsigned input, unsigned level, unsigned outputs)
{
    const uint8_t *restrict values = w->place->type->values;
    uint8_t *restrict states = w->before;
    uint64_t *restrict ticks = w->ticks;
    unsigned bits = w->bits;
    for (size_t i = 0; i < count; i++) {
        unsigned lane = lanes[i], before = states[lane];
        unsigned after = before ^ (moved ? moved[i] : input);
        unsigned pair = (before | level) << bits | after | level;
        unsigned changed = values[before] ^ values[after];
        states[lane] = (uint8_t)after;
        ticks[pair]++;
        for (unsigned o = 0; o < outputs; o++) {
            uint16_t *cause = &w->cause[o][lane];
            *cause ^= (uint16_t)((*cause ^ pair) & (0u - (changed >> o & 1)));
        }
    }
}

/* An output that drives no net has no transitions in the lists. */
static void count_unconnected(struct walk *w, const uint16_t *lanes, size_t count,
                              const uint8_t *moved, unsigned input)
{
    const struct mp_cases_place *p = w->place;
    for (unsigned o = 0; o < p->type->form.output_count; o++)
        for (size_t i = 0; i < count && p->output_net[o] == MP_NONE; i++) {
            unsigned before = w->before[lanes[i]], after = before ^ (moved ? moved[i] : input);
            unsigned changed = p->type->values[before] ^ p->type->values[after];
            w->caused[((size_t)o << 2 * w->bits) + (before << w->bits | after)] += changed >> o & 1;
        }
}

static void move_lanes(struct walk *w, const uint16_t *lanes, size_t count, const uint8_t *moved,
                       unsigned input, unsigned level)
{
    const struct mp_cases_type *t = w->place->type;
    if (t->is_register) {
        move(w, lanes, count, moved, input, level, 0);
        return;
    }
    if (w->has_unconnected)
        count_unconnected(w, lanes, count, moved, input);
    if (t->form.output_count == 1 && !moved)
        move(w, lanes, count, NULL, input, 0, 1);
    else
        move(w, lanes, count, moved, input, 0, t->form.output_count);
}

/* Outputs that moved up to `now`: before the inputs do, as a delay is a tick at least. */
static void pass_outputs(struct walk *w, unsigned outputs, uint32_t now)
{
    for (unsigned o = 0; o < outputs; o++) {
        uint64_t *caused = w->caused + ((size_t)o << 2 * w->bits);
        const uint16_t *cause = w->cause[o];
        uint32_t row = w->output_row[o];
        for (; w->s->times[row] <= now && w->s->times[row] != NEVER; row++)
            for (uint32_t i = w->c->first[row]; i < w->c->first[row + 1]; i++)
                caused[cause[w->c->lanes[i]]]++;
        w->output_row[o] = row;
    }
}

static void move_one(struct walk *w, unsigned input, unsigned level)
{
    uint32_t row = w->row[input]++, first = w->c->first[row];
    move_lanes(w, w->c->lanes + first, w->c->first[row + 1] - first, NULL, 1u << input, level);
}

/* Lists of several inputs have a row of this time. */
static void move_several(struct walk *w, unsigned inputs, unsigned level)
{
    uint16_t lanes[MP_TIMED_LANES];
    uint8_t moved[MP_TIMED_LANES];
    unsigned count = 0;
    for (unsigned k = 0; inputs >> k; k++) {
        if (!(inputs >> k & 1))
            continue;
        uint32_t row = w->row[k]++;
        for (uint32_t i = w->c->first[row]; i < w->c->first[row + 1]; i++) {
            uint16_t lane = w->c->lanes[i];
            if (w->moved[lane] == 0)
                lanes[count++] = lane;
            w->moved[lane] |= (uint8_t)(1u << k);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        moved[i] = w->moved[lanes[i]];
        w->moved[lanes[i]] = 0;
    }
    move_lanes(w, lanes, count, moved, 0, level);
}

static void walk_time(struct walk *w)
{
    const struct mp_cases_type *t = w->place->type;
    unsigned outputs = t->is_register ? 0 : t->form.output_count, inputs = t->form.input_count;
    for (;;) {
        uint32_t now = NEVER;
        unsigned here = 0;
        for (unsigned k = 0; k < inputs; k++) {
            uint32_t time = w->s->times[w->row[k]];
            here = time < now ? 0 : here;
            now = time < now ? time : now;
            here |= (unsigned)(time == now) << k;
        }
        pass_outputs(w, outputs, now);
        if (now == NEVER)
            return;
        bool stored = now < w->plan->half_period;
        unsigned level = t->is_register && stored == t->stores_on_rise ? 1u << t->clock_input : 0;
        if (here & (here - 1))
            move_several(w, here, level);
        else
            move_one(w, (unsigned)__builtin_ctz(here), level);
    }
}

static uint32_t first_row(const struct walk *w, uint32_t net)
{
    return net == MP_NONE ? 0 : (uint32_t)w->s->lists[net].first;
}

static void walk_cell(struct walk *w, uint32_t cell)
{
    const struct mp_cases_place *p = w->place = &w->plan->places[cell];
    const struct mp_cases_type *t = p->type;
    w->bits = t->form.variable_count;
    w->ticks = w->c->pairs + p->ticks;
    w->caused = w->c->pairs + p->caused;
    load_states(w);
    count_settled(w);
    unsigned iq = t->is_register ? 1u << t->form.input_count : 0;
    for (unsigned l = 0; l < MP_TIMED_LANES && t->is_register; l++)
        w->before[l] = (uint8_t)((w->before[l] & ~iq) | (w->after[l] & iq));
    for (unsigned k = 0; k < t->form.input_count; k++)
        w->row[k] = first_row(w, p->net[k]);
    w->has_unconnected = false;
    for (unsigned o = 0; o < t->form.output_count; o++) {
        w->output_row[o] = first_row(w, p->output_net[o]);
        w->has_unconnected = w->has_unconnected || p->output_net[o] == MP_NONE;
    }
    walk_time(w);
}

static void reserve(struct mp_cases_counter *c, size_t rows, size_t lanes)
{
    if (rows > c->row_capacity) {
        c->row_capacity = 2 * rows;
        c->first = mp_realloc(c->first, c->row_capacity, sizeof *c->first);
    }
    if (lanes > c->lane_capacity) {
        c->lane_capacity = 2 * lanes;
        c->lanes = mp_realloc(c->lanes, c->lane_capacity, sizeof *c->lanes);
    }
}

/* Few of a row's bits are set: first find the fours of words that have any. */
static size_t list_row(const uint64_t *bits, uint16_t *lanes)
{
    unsigned fours = 0;
    size_t count = 0;
    for (unsigned i = 0; i < MP_TIMED_WORDS / 4; i++) {
        const uint64_t *x = bits + (size_t)4 * i;
        fours |= (unsigned)((x[0] | x[1] | x[2] | x[3]) != 0) << i;
    }
    for (; fours; fours &= fours - 1) {
        unsigned first = 4 * (unsigned)__builtin_ctz(fours);
        const uint64_t *four = bits + first;
        unsigned words = (unsigned)(four[0] != 0) | (unsigned)(four[1] != 0) << 1 |
                         (unsigned)(four[2] != 0) << 2 | (unsigned)(four[3] != 0) << 3;
        for (; words; words &= words - 1) {
            unsigned w = (unsigned)__builtin_ctz(words);
            uint64_t x = four[w];
            do
                lanes[count++] = (uint16_t)(64 * (first + w) + (unsigned)__builtin_ctzll(x));
            while (x &= x - 1);
        }
    }
    return count;
}

/* Rows of bits into lists of lanes. */
static void list_lanes(const struct mp_cases_plan *p, struct mp_cases_counter *c,
                       const struct mp_timed_scratch *s)
{
    size_t lanes = 0;
    reserve(c, 2, MP_TIMED_LANES);
    for (uint32_t net = 0; net < p->n->net_count; net++) {
        size_t first = s->lists[net].first, end = first + s->lists[net].count;
        for (size_t row = first; row < end; row++) {
            const uint64_t *bits = s->rows + row * MP_TIMED_WORDS;
            reserve(c, end + 2, lanes + MP_TIMED_LANES);
            c->first[row] = (uint32_t)lanes;
            lanes += list_row(bits, c->lanes + lanes);
            c->first[row + 1] = (uint32_t)lanes;
        }
    }
}

void mp_cases_count(const struct mp_cases_plan *p, struct mp_cases_counter *c,
                    const struct mp_timed_block *b, const struct mp_timed_scratch *s)
{
    struct walk w = {.plan = p, .block = b, .s = s, .c = c};
    w.is_full = true;
    for (unsigned i = 0; i < MP_TIMED_WORDS; i++)
        w.is_full = w.is_full && b->mask[i] == UINT64_MAX;
    list_lanes(p, c, s);
    for (uint32_t cell = 0; cell < p->n->cell_count; cell++)
        walk_cell(&w, cell);
}
