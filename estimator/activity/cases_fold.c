#include "estimator/activity/cases_plan.h"

/* The counts of one cell that pairs are added to. */
struct view {
    const struct mp_cases_type *type;
    unsigned bits; /* variables */
    uint64_t *states, *inputs, *outputs;
};

static struct view view_of(const struct mp_cases_plan *p, struct mp_cases *c, uint32_t cell)
{
    const struct mp_cases_type *t = p->places[cell].type;
    struct view v = {.type = t, .bits = t->form.variable_count};
    v.states = c->counts + c->cells[cell].first;
    v.inputs = v.states + ((size_t)1 << v.bits);
    v.outputs = v.inputs + ((size_t)t->form.input_count << v.bits);
    return v;
}

static uint64_t *input_at(const struct view *v, unsigned input, unsigned state)
{
    return v->inputs + ((size_t)input << v->bits) + state;
}

static uint64_t *output_at(const struct view *v, unsigned output, unsigned input, bool rises,
                           unsigned state)
{
    size_t table = ((size_t)output * v->type->form.input_count + input) * 2 + rises;
    return v->outputs + (table << v->bits) + state;
}

static bool value_of(const struct view *v, unsigned output, unsigned state)
{
    return v->type->values[state] >> output & 1;
}

static void add_inputs(const struct view *v, unsigned before, unsigned after, uint64_t n)
{
    unsigned moved = before ^ after;
    for (unsigned k = 0; moved >> k; k++) {
        if (!(moved >> k & 1))
            continue;
        /* the same place twice where k moved alone */
        *input_at(v, k, before ^ 1u << k) += n * (MP_CASES_UNIT / 2);
        *input_at(v, k, after) += n * (MP_CASES_UNIT / 2);
    }
}

/* Moved inputs whose move alone from the state `from` changes the output. */
static unsigned turning(const struct view *v, unsigned output, unsigned from, unsigned moved)
{
    unsigned inputs = 0;
    for (unsigned k = 0; moved >> k; k++)
        if (moved >> k & 1 && value_of(v, output, from ^ 1u << k) != value_of(v, output, from))
            inputs |= 1u << k;
    return inputs;
}

static void add_output(const struct view *v, unsigned output, unsigned before, unsigned after,
                       uint64_t n)
{
    unsigned moved = before ^ after;
    unsigned at_before = turning(v, output, before, moved);
    unsigned at_after = turning(v, output, after, moved);
    bool rises = value_of(v, output, after);
    if ((at_before | at_after) == 0)
        at_before = at_after = moved;
    unsigned causes = (unsigned)__builtin_popcount(at_before | at_after);
    for (unsigned k = 0; k < v->type->form.input_count && causes > 0; k++) {
        bool early = at_before >> k & 1, late = at_after >> k & 1;
        uint64_t share = n * (MP_CASES_UNIT / causes / (early && late ? 2 : 1));
        if (early)
            *output_at(v, output, k, rises, before ^ 1u << k) += share;
        if (late)
            *output_at(v, output, k, rises, after) += share;
    }
}

static void add_gate(const struct view *v, unsigned before, unsigned after, uint64_t n)
{
    unsigned changed = v->type->values[before] ^ v->type->values[after];
    v->states[after] += n * MP_CASES_UNIT;
    add_inputs(v, before, after, n);
    for (unsigned o = 0; changed >> o; o++)
        if (changed >> o & 1)
            add_output(v, o, before, after, n);
}

static void add_register_output(const struct view *v, unsigned output, unsigned before,
                                unsigned after, uint64_t n)
{
    const struct mp_cases_type *t = v->type;
    bool rises = value_of(v, output, after);
    unsigned forced = t->forced[after];
    if (forced == 0) {
        unsigned stored = before ^ (unsigned)t->stores_on_rise << t->clock_input;
        *output_at(v, output, t->clock_input, rises, stored) += n * MP_CASES_UNIT;
        return;
    }
    uint64_t share = n * (MP_CASES_UNIT / (unsigned)__builtin_popcount(forced));
    for (unsigned k = 0; k < t->form.input_count; k++)
        if (forced >> k & 1)
            *output_at(v, output, k, rises, after) += share;
}

/* before and after: with the clock low. Everything but the other inputs. */
static void add_register(const struct view *v, unsigned before, unsigned after, uint64_t n)
{
    const struct mp_cases_type *t = v->type;
    unsigned changed = t->values[before] ^ t->values[after], clock = 1u << t->clock_input;
    unsigned store = t->stores_on_rise ? clock : 0;
    v->states[after] += n * (MP_CASES_UNIT / 2);
    v->states[after ^ clock] += n * (MP_CASES_UNIT / 2);
    *input_at(v, t->clock_input, before ^ store) += n * MP_CASES_UNIT;
    *input_at(v, t->clock_input, after ^ store ^ clock) += n * MP_CASES_UNIT;
    for (unsigned o = 0; changed >> o; o++)
        if (changed >> o & 1)
            add_register_output(v, o, before, after, n);
}

static void fold_settled(const struct mp_cases_place *c, const uint64_t *pairs, struct view *f,
                         struct view *t)
{
    const struct mp_cases_type *type = c->type;
    unsigned states = 1u << f->bits, iq = 1u << type->form.input_count;
    for (unsigned before = 0; before < states; before++)
        for (unsigned after = 0; after < states; after++) {
            uint64_t n = pairs[(size_t)before << f->bits | after];
            if (n == 0)
                continue;
            if (!type->is_register) {
                add_gate(f, before, after, n);
                t->states[after] += n * MP_CASES_UNIT;
                continue;
            }
            unsigned level = type->stores_on_rise ? 1u << type->clock_input : 0;
            add_register(f, before, after, n);
            add_register(t, before, after, n);
            add_inputs(f, (before & ~iq) | (after & iq) | level, after | level, n);
        }
}

static void fold_timed(const struct mp_cases_place *c, const uint64_t *pairs, struct view *t)
{
    const struct mp_cases_type *type = c->type;
    size_t states = (size_t)1 << t->bits;
    for (size_t i = 0; i < states * states; i++) {
        unsigned before = (unsigned)(i >> t->bits), after = (unsigned)(i & (states - 1));
        if (pairs[c->ticks + i])
            add_inputs(t, before, after, pairs[c->ticks + i]);
        for (unsigned o = 0; o < type->form.output_count && !type->is_register; o++) {
            uint64_t n = pairs[c->caused + o * states * states + i];
            if (n)
                add_output(t, o, before, after, n);
        }
    }
}

void mp_cases_fold(const struct mp_cases_plan *p, const struct mp_cases_counter *c,
                   struct mp_cases *functional, struct mp_cases *timed)
{
    for (uint32_t cell = 0; cell < p->n->cell_count; cell++) {
        struct view f = view_of(p, functional, cell), t = view_of(p, timed, cell);
        fold_settled(&p->places[cell], c->pairs + p->places[cell].settled, &f, &t);
        fold_timed(&p->places[cell], c->pairs, &t);
    }
}
