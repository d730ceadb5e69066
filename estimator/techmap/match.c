#include "estimator/techmap/match.h"

#include <stdlib.h>
#include <string.h>

static const struct mp_node_kind_info extra[MP_FUNCTION_COUNT - MP_NODE_KIND_COUNT] = {
    [MP_FUNCTION_AO221 - MP_NODE_KIND_COUNT] = {"ao221", 5, 1, {0xfffff888}},
    [MP_FUNCTION_AO31 - MP_NODE_KIND_COUNT] = {"ao31", 4, 1, {0xff80}},
};

const struct mp_node_kind_info *mp_function_info(unsigned function)
{
    return function < MP_NODE_KIND_COUNT ? mp_node_kind_info((enum mp_node_kind)function)
                                         : &extra[function - MP_NODE_KIND_COUNT];
}

static uint64_t truth_mask(unsigned inputs)
{
    return inputs == 6 ? UINT64_MAX : (UINT64_C(1) << (1u << inputs)) - 1;
}

/* The table t over inputs exchanged and inverted: bit i is t at the point that i means for the
 * cell's pins. */
static uint64_t rearrange(uint64_t t, unsigned inputs, const uint8_t *pin, unsigned inverted)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 1u << inputs; i++) {
        unsigned at = 0, value = i ^ inverted;

        for (unsigned k = 0; k < inputs; k++)
            at |= (value >> k & 1u) << pin[k];
        r |= (t >> at & 1u) << i;
    }
    return r;
}

/* The first cells of a family that may be used. */
static uint32_t usable(const struct mp_nldm *n, uint32_t family)
{
    uint32_t count = 0, first = n->family_first[family];

    while (first + count < n->family_first[family + 1] &&
           !n->cells[n->family_cells[first + count]].dont_use)
        count++;
    return count;
}

/* A match with one pinning; they are sorted into groups when all of a function are known. */
struct raw {
    struct mp_match match;
    struct mp_pinning pinning;
};
struct search {
    const struct mp_nldm_cell *cell;
    const struct mp_node_kind_info *function;
    uint32_t family;
    struct raw *found;
    size_t count, capacity;
};

/* Which of the cell's outputs give the function's outputs for these pins and inversions? */
static void try_pins(struct search *s, const uint8_t *pin, unsigned inverted)
{
    const struct mp_node_kind_info *f = s->function;
    const struct mp_nldm_cell *cell = s->cell;
    uint64_t mask = truth_mask(f->inputs), truth[MP_NLDM_OUTPUTS];

    for (unsigned o = 0; o < cell->output_count; o++)
        truth[o] = rearrange(cell->outputs[o].truth, f->inputs, pin, inverted);
    for (unsigned turned = 0; turned < cell->output_count; turned++) {
        struct raw r = {.match = {.family = s->family,
                                  .wants_inverted = (uint8_t)inverted,
                                  .cell_inputs = cell->input_count,
                                  .cell_outputs = cell->output_count,
                                  .area_um2 = cell->area_um2}};
        bool fits = true;

        for (unsigned o = 0; o < f->outputs && fits; o++) {
            uint64_t t = truth[o ^ turned], wanted = f->truth[o] & mask;

            fits = t == wanted || t == (~wanted & mask);
            r.match.output[o] = (uint8_t)(o ^ turned);
            r.match.gives_inverted |= (uint8_t)((unsigned)(t != wanted) << o);
        }
        if (fits) {
            memcpy(r.pinning.pin, pin, f->inputs);
            mp_grow(&s->found, s->count, &s->capacity, sizeof *s->found);
            s->found[s->count++] = r;
        }
    }
}

/* All orders of pin[at..], by exchange. */
static void try_orders(struct search *s, uint8_t *pin, unsigned at)
{
    unsigned count = s->function->inputs;

    if (at == count) {
        for (unsigned inverted = 0; inverted < 1u << count; inverted++)
            try_pins(s, pin, inverted);
        return;
    }
    for (unsigned k = at; k < count; k++) {
        uint8_t kept = pin[at];

        pin[at] = pin[k];
        pin[k] = kept;
        try_orders(s, pin, at + 1);
        pin[k] = pin[at];
        pin[at] = kept;
    }
}

/* Inversions of inputs and of the output keep this, exchange too: how many points are true, or
 * false, whichever is less. */
static unsigned weight(uint64_t truth, unsigned inputs)
{
    unsigned points = 1u << inputs;
    unsigned ones = (unsigned)__builtin_popcountll(truth & truth_mask(inputs));

    return ones < points - ones ? ones : points - ones;
}

static bool may_match(const struct mp_nldm_cell *cell, unsigned function)
{
    const struct mp_node_kind_info *f = mp_function_info(function);
    bool found = false;

    if (cell->kind != MP_NLDM_GATE || cell->input_count != f->inputs ||
        cell->output_count < f->outputs)
        return false;
    for (unsigned o = 0; o < cell->output_count; o++)
        found =
            found || weight(cell->outputs[o].truth, f->inputs) == weight(f->truth[0], f->inputs);
    return found;
}

static int compare_groups(const struct mp_match *x, const struct mp_match *y)
{
    if (x->area_um2 < y->area_um2 || x->area_um2 > y->area_um2)
        return x->area_um2 < y->area_um2 ? -1 : 1;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (x->wants_inverted != y->wants_inverted)
        return x->wants_inverted - y->wants_inverted;
    if (x->gives_inverted != y->gives_inverted)
        return x->gives_inverted - y->gives_inverted;
    return memcmp(x->output, y->output, sizeof x->output);
}

static int compare_raw(const void *a, const void *b)
{
    const struct raw *x = a, *y = b;
    int order = compare_groups(&x->match, &y->match);

    return order != 0 ? order : memcmp(&x->pinning, &y->pinning, sizeof x->pinning);
}

static void add_groups(struct mp_matcher *m, const struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (i == 0 || compare_groups(&s->found[i - 1].match, &s->found[i].match) != 0) {
            mp_grow(&m->matches, m->match_count, &m->match_capacity, sizeof *m->matches);
            m->matches[m->match_count] = s->found[i].match;
            m->matches[m->match_count++].first_pinning = m->pinning_count;
        }
        m->matches[m->match_count - 1].pinning_count++;
        mp_grow(&m->pinnings, m->pinning_count, &m->pinning_capacity, sizeof *m->pinnings);
        m->pinnings[m->pinning_count++] = s->found[i].pinning;
    }
}

static void match_function(struct mp_matcher *m, unsigned function)
{
    const struct mp_nldm *n = m->nldm;
    struct search s = {.function = mp_function_info(function)};

    for (s.family = 0; s.family < n->family_count; s.family++) {
        s.cell = &n->cells[n->family_cells[n->family_first[s.family]]];
        if (m->family_count[s.family] > 0 && may_match(s.cell, function))
            try_orders(&s, (uint8_t[]){0, 1, 2, 3, 4, 5}, 0);
    }
    if (s.count > 0)
        qsort(s.found, s.count, sizeof *s.found, compare_raw);
    add_groups(m, &s);
    free(s.found);
}

/* The largest family of cells with one input and one output of this function: libraries have odd
 * ones of a single drive beside it (delay cells). */
static uint32_t single_input(const struct mp_matcher *m, uint64_t truth)
{
    uint32_t best = MP_NONE;

    for (uint32_t f = 0; f < m->nldm->family_count; f++) {
        const struct mp_nldm_cell *c =
            &m->nldm->cells[m->nldm->family_cells[m->nldm->family_first[f]]];

        if (c->kind == MP_NLDM_GATE && c->input_count == 1 && c->output_count == 1 &&
            (c->outputs[0].truth & 3) == truth && m->family_count[f] > 0 &&
            (best == MP_NONE || m->family_count[f] > m->family_count[best]))
            best = f;
    }
    return best;
}

static void find_roles(struct mp_matcher *m)
{
    const struct mp_nldm *n = m->nldm;
    struct mp_library_roles roles;
    uint32_t of_role[2];

    mp_library_roles_find(n->library, &roles);
    m->inverter = single_input(m, 1);
    m->buffer = single_input(m, 2);
    m->flip_flop = roles.flip_flop == MP_NONE ? MP_NONE : n->of_library_cell[roles.flip_flop];
    if (m->flip_flop != MP_NONE) {
        const struct mp_nldm_cell *c = &n->cells[m->flip_flop];
        /* Over the two inputs the next state is that of the data input. */
        m->flip_flop_data = c->clock == 0 ? 1 : 0;
        for (unsigned o = 0; o < c->output_count; o++)
            if (c->outputs[o].truth >> (1u << m->flip_flop_data) & 1)
                m->flip_flop_output = (uint8_t)o;
    }
    of_role[0] = roles.constant_zero;
    of_role[1] = roles.constant_one;
    for (unsigned v = 0; v < 2; v++) {
        m->tie[v] = of_role[v] == MP_NONE ? MP_NONE : n->of_library_cell[of_role[v]];
        if (m->tie[v] != MP_NONE)
            m->tie_output[v] = (n->cells[m->tie[v]].outputs[0].truth & 1) == v ? 0 : 1;
    }
}

int mp_matcher_init(struct mp_matcher *m, const struct mp_nldm *nldm, struct mp_error *err)
{
    *m = (struct mp_matcher){.nldm = nldm};
    m->family_count = mp_alloc(nldm->family_count + 1u, sizeof *m->family_count);
    for (uint32_t f = 0; f < nldm->family_count; f++)
        m->family_count[f] = usable(nldm, f);
    for (unsigned f = 0; f < MP_FUNCTION_COUNT; f++) {
        m->first[f] = m->match_count;
        if (f >= MP_NODE_AND2)
            match_function(m, f);
    }
    m->first[MP_FUNCTION_COUNT] = m->match_count;
    find_roles(m);
    if (m->inverter != MP_NONE && m->first[MP_NODE_AND2] < m->first[MP_NODE_AND2 + 1])
        return MP_OK;
    mp_matcher_release(m);
    return mp_fail(err, MP_E_UNSUPPORTED, "library %s has no %s that may be used; search needs one",
                   nldm->library->name, "inverter, or no NAND, NOR, AND or OR of two inputs");
}

void mp_matcher_release(struct mp_matcher *m)
{
    free(m->matches);
    free(m->pinnings);
    free(m->family_count);
    *m = (struct mp_matcher){0};
}
