#include "netlists/shift.h"

#include <assert.h>

#define WIDTH_MAX 256

struct stage_word {
    unsigned width, most; /* bits there are now, and that are wanted at all */
    uint32_t bits[WIDTH_MAX];
    uint32_t fill;
    bool is_signed;
};

/* Bit i of the word moved up by distance. */
static uint32_t source(const struct stage_word *w, unsigned i, unsigned distance)
{
    if (i < distance)
        return w->fill;
    i -= distance;
    if (i < w->width)
        return w->bits[i];
    return w->is_signed ? w->bits[w->width - 1] : MP_LIT_FALSE;
}

static void grow(struct stage_word *out, unsigned by)
{
    out->width = out->width + by < out->most ? out->width + by : out->most;
}

static void stage_of_two(struct mp_graph *g, struct stage_word *w, unsigned distance,
                         uint32_t select)
{
    struct stage_word in = *w;

    grow(w, distance);
    for (unsigned i = 0; i < w->width; i++) {
        w->bits[i] = mp_graph_mux(g, select, source(&in, i, distance), source(&in, i, 0));
        mp_graph_name(g, w->bits[i], "s%u_%u", distance, i);
    }
}

/* Selects of a stage of four, made where they are needed. sets[m]: OR of one-hot selects k in m. */
struct selects {
    uint32_t high, low;
    uint32_t sets[16];
};

static uint32_t select_of(struct mp_graph *g, struct selects *s, unsigned set)
{
    uint32_t h = s->high, l = s->low, made;

    if (s->sets[set] != MP_GRAPH_NONE)
        return s->sets[set];
    switch (set) {
    case 1:
    case 2:
    case 4:
    case 8:
        made = mp_graph_and(g, mp_lit_not_if(h, set < 4), mp_lit_not_if(l, set == 1 || set == 4));
        break;
    case 3:
    case 12:
        made = mp_lit_not_if(h, set == 3);
        break;
    case 5:
    case 10:
        made = mp_lit_not_if(l, set == 5);
        break;
    case 6:
    case 9:
        made = mp_lit_not_if(mp_graph_xor(g, h, l), set == 9);
        break;
    case 15:
        made = MP_LIT_TRUE;
        break;
    default: /* three of four */
        made = mp_lit_not(select_of(g, s, 15 ^ set));
        break;
    }
    s->sets[set] = made;
    return made;
}

/* Shift by 0, 1, 2 or 3 distances. Equal sources share a select. */
static void stage_of_four(struct mp_graph *g, struct stage_word *w, unsigned distance,
                          uint32_t high, uint32_t low)
{
    struct stage_word in = *w;
    struct selects s = {.high = high, .low = low};

    for (unsigned m = 0; m < 16; m++)
        s.sets[m] = MP_GRAPH_NONE;
    grow(w, 3 * distance);
    for (unsigned i = 0; i < w->width; i++) {
        uint32_t select[4], data[4], count = 0;
        unsigned done = 0;

        for (unsigned k = 0; k < 4; k++) {
            uint32_t from = source(&in, i, k * distance);
            unsigned set = 0;
            if (done >> k & 1)
                continue;
            for (unsigned j = k; j < 4; j++)
                if (source(&in, i, j * distance) == from)
                    set |= 1u << j;
            done |= set;
            if (from == MP_LIT_FALSE)
                continue;
            select[count] = select_of(g, &s, set);
            data[count++] = from;
        }
        w->bits[i] = count > 0 ? mp_graph_and_or(g, count, select, data) : MP_LIT_FALSE;
        mp_graph_name(g, w->bits[i], "s%u_%u", distance, i);
    }
}

void mp_shift_left_make(struct mp_graph *g, const struct mp_shift_left *s, uint32_t *out)
{
    struct stage_word w = {.width = s->in_bits,
                           .most = s->drop + s->out_bits,
                           .fill = s->fill,
                           .is_signed = s->is_signed};
    const uint32_t *e = s->exponent;
    unsigned n = s->exponent_bits, twos = 0, k = 0;

    assert(w.most <= WIDTH_MAX && s->in_bits <= WIDTH_MAX && s->in_bits > 0);
    for (unsigned i = 0; i < s->in_bits; i++)
        w.bits[i] = s->in[i];
    if (w.width > w.most && s->kind != MP_SHIFTER_LOG_COARSE)
        w.width = w.most;
    switch (s->kind) {
    case MP_SHIFTER_LOG_COARSE:
        for (k = n; k-- > 0;)
            stage_of_two(g, &w, 1u << k, e[k]);
        n = 0;
        break;
    case MP_SHIFTER_LOG_FINE:
        twos = n;
        break;
    case MP_SHIFTER_MIXED:
        twos = n < 2 ? n : n - 2;
        break;
    case MP_SHIFTER_ONE_HOT:
        twos = n % 2;
        break;
    }
    for (k = 0; k < twos && k < n; k++)
        stage_of_two(g, &w, 1u << k, e[k]);
    for (; k + 1 < n; k += 2)
        stage_of_four(g, &w, 1u << k, e[k + 1], e[k]);
    for (unsigned i = 0; i < s->out_bits; i++)
        out[i] = source(&w, i + s->drop, 0);
}
