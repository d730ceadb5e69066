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

static void count_settled(struct walk *w)
{
    uint64_t *pairs = w->c->pairs + w->place->settled;
    for (unsigned i = 0; i < MP_TIMED_WORDS; i++) {
        uint64_t mask = w->block->mask[i];
        const uint8_t *before = w->before + 64 * i, *after = w->after + 64 * i;
        if (mask == UINT64_MAX) {
            for (unsigned l = 0; l < 64; l++)
                pairs[(unsigned)before[l] << w->bits | after[l]]++;
            continue;
        }
        for (; mask; mask &= mask - 1) {
            unsigned l = (unsigned)__builtin_ctzll(mask);
            pairs[(unsigned)before[l] << w->bits | after[l]]++;
        }
    }
}

/* The inputs of a lane move. level: what a register's clock adds to its states. */
static inline void move(struct walk *w, unsigned lane, unsigned moved, unsigned level)
{
    const struct mp_cases_type *t = w->place->type;
    unsigned before = w->before[lane], after = before ^ moved;
    unsigned pair = (before | level) << w->bits | after | level;
    unsigned changed = t->values[before] ^ t->values[after];
    w->before[lane] = (uint8_t)after;
    w->ticks[pair]++;
    for (unsigned o = 0; changed; o++, changed >>= 1)
        if (changed & 1) {
            w->cause[o][lane] = (uint16_t)pair;
            if (w->place->output_net[o] == MP_NONE)
                w->caused[((size_t)o << 2 * w->bits) + pair]++;
        }
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
    uint32_t row = w->row[input]++;
    for (uint32_t i = w->c->first[row]; i < w->c->first[row + 1]; i++)
        move(w, w->c->lanes[i], 1u << input, level);
}

/* Lists of several inputs have a row of this time. */
static void move_several(struct walk *w, unsigned inputs, unsigned level)
{
    uint16_t lanes[MP_TIMED_LANES];
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
        unsigned moved = w->moved[lanes[i]];
        w->moved[lanes[i]] = 0;
        move(w, lanes[i], moved, level);
    }
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
    for (unsigned o = 0; o < t->form.output_count; o++)
        w->output_row[o] = first_row(w, p->output_net[o]);
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
            for (unsigned w = 0; w < MP_TIMED_WORDS; w++)
                for (uint64_t x = bits[w]; x; x &= x - 1)
                    c->lanes[lanes++] = (uint16_t)(64 * w + (unsigned)__builtin_ctzll(x));
            c->first[row + 1] = (uint32_t)lanes;
        }
    }
}

void mp_cases_count(const struct mp_cases_plan *p, struct mp_cases_counter *c,
                    const struct mp_timed_block *b, const struct mp_timed_scratch *s)
{
    struct walk w = {.plan = p, .block = b, .s = s, .c = c};
    list_lanes(p, c, s);
    for (uint32_t cell = 0; cell < p->n->cell_count; cell++)
        walk_cell(&w, cell);
}
