#include "estimator/activity/cases_plan.h"
#include <stdlib.h>

static const struct mp_lib_cell *type_of(const struct mp_netlist *n, uint32_t cell)
{
    return &n->library->cells[n->cell_type[cell]];
}

static int refuse(const struct mp_netlist *n, uint32_t cell, const char *why, struct mp_error *err)
{
    return mp_fail(err, MP_E_UNSUPPORTED,
                   "cell %s (%s) %s; without the exact mode it can be simulated",
                   n->cell_name[cell], type_of(n, cell)->name, why);
}

/* Variables and outputs. */
static int find_form(struct mp_cases_type *t, const struct mp_netlist *n, uint32_t cell,
                     struct mp_error *err)
{
    const struct mp_lib_cell *type = type_of(n, cell);
    struct mp_cases_cell *f = &t->form;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        enum mp_direction direction = n->library->pins[type->first_pin + k].direction;
        if (direction == MP_DIR_INPUT) {
            if (f->input_count + t->is_register == MP_CASES_VARIABLES)
                return refuse(n, cell, "has too many inputs to count its joint states", err);
            f->variable[f->input_count++] = (uint8_t)k;
        } else if (direction == MP_DIR_OUTPUT) {
            if (f->output_count == MP_CASES_OUTPUTS)
                return refuse(n, cell, "has too many outputs to count their causes", err);
            f->output[f->output_count++] = (uint8_t)k;
        }
    }
    f->variable_count = f->input_count;
    if (t->is_register)
        f->variable[f->variable_count++] = (uint8_t)type->pin_count;
    return MP_OK;
}

/* Pins of a state as mp_expr_eval() takes them. */
static uint64_t pins_of(const struct mp_cases_type *t, uint32_t pin_count, unsigned state)
{
    uint64_t pins = 0;
    for (unsigned k = 0; k < t->form.variable_count; k++)
        pins |= (uint64_t)(state >> k & 1) << t->form.variable[k];
    if (t->is_register && !(pins >> pin_count & 1))
        pins |= (uint64_t)2 << pin_count;
    return pins;
}

static uint8_t inputs_of(const struct mp_cases_type *t, const struct mp_expr *e)
{
    uint64_t support = mp_expr_support(e);
    unsigned inputs = 0;
    for (unsigned k = 0; k < t->form.input_count; k++)
        inputs |= (unsigned)(support >> t->form.variable[k] & 1) << k;
    return (uint8_t)inputs;
}

static void find_clock(struct mp_cases_type *t, const struct mp_lib_cell *type)
{
    uint64_t support = mp_expr_support(&type->clocked_on);
    t->stores_on_rise = mp_expr_eval(&type->clocked_on, support);
    for (uint8_t k = 0; k < t->form.input_count; k++)
        if (support >> t->form.variable[k] & 1)
            t->clock_input = k;
}

static int make_type(struct mp_cases_plan *p, uint32_t cell, struct mp_error *err)
{
    const struct mp_netlist *n = p->n;
    const struct mp_lib_cell *type = type_of(n, cell);
    struct mp_cases_type *t = &p->types[n->cell_type[cell]];
    if (t->values)
        return MP_OK;
    t->is_register = type->sequential != MP_COMBINATIONAL;
    int rc = find_form(t, n, cell, err);
    if (rc < 0)
        return rc;
    unsigned states = 1u << t->form.variable_count;
    uint8_t *values = mp_arena_alloc(&p->arena, states);
    uint8_t *forced = mp_arena_alloc(&p->arena, states);
    for (unsigned s = 0; s < states; s++) {
        uint64_t pins = pins_of(t, type->pin_count, s);
        for (unsigned o = 0; o < t->form.output_count; o++) {
            const struct mp_expr *f =
                &n->library->pins[type->first_pin + t->form.output[o]].function;
            values[s] |= (uint8_t)((unsigned)(f->code && mp_expr_eval(f, pins)) << o);
        }
        if (type->preset.code && mp_expr_eval(&type->preset, pins))
            forced[s] = inputs_of(t, &type->preset);
        if (type->clear.code && mp_expr_eval(&type->clear, pins))
            forced[s] = inputs_of(t, &type->clear);
    }
    if (t->is_register)
        find_clock(t, type);
    t->values = values;
    t->forced = forced;
    return MP_OK;
}

/* A connected output of a register that is IQ or its inverse. */
static bool find_state(struct mp_cases_place *c, unsigned iq)
{
    const struct mp_cases_type *t = c->type;
    for (unsigned o = 0; o < t->form.output_count; o++) {
        bool low = t->values[0] >> o & 1, high = t->values[1u << iq] >> o & 1;
        if (c->output_net[o] == MP_NONE || low == high)
            continue;
        c->net[iq] = c->output_net[o];
        c->iq_inverted = low;
        return true;
    }
    return false;
}

static int make_place(struct mp_cases_plan *p, uint32_t cell, struct mp_error *err)
{
    const struct mp_netlist *n = p->n;
    struct mp_cases_place *c = &p->places[cell];
    int rc = make_type(p, cell, err);
    if (rc < 0)
        return rc;
    const struct mp_cases_type *t = c->type = &p->types[n->cell_type[cell]];
    const struct mp_cases_cell *f = &t->form;
    const uint32_t *nets = n->pin_net + n->cell_first_pin[cell];
    for (unsigned k = 0; k < f->input_count; k++)
        c->net[k] = nets[f->variable[k]];
    for (unsigned o = 0; o < f->output_count; o++)
        c->output_net[o] = nets[f->output[o]];
    if (t->is_register && !find_state(c, f->input_count))
        return refuse(n, cell, "has no connected output that shows its state", err);
    size_t pairs = (size_t)1 << 2 * f->variable_count;
    c->settled = p->pair_count;
    c->ticks = c->settled + pairs;
    c->caused = c->ticks + pairs;
    p->pair_count += pairs * (t->is_register ? 2 : 2 + (size_t)f->output_count);
    p->cells[cell] = *f;
    p->cells[cell].first = p->count;
    p->count += (1 + f->input_count + 2 * (size_t)f->output_count * f->input_count)
                << f->variable_count;
    return MP_OK;
}

int mp_cases_plan_make(struct mp_cases_plan *p, const struct mp_timed_model *m, unsigned threads,
                       struct mp_error *err)
{
    const struct mp_netlist *n = m->n;
    int rc = MP_OK;
    *p = (struct mp_cases_plan){.n = n};
    p->half_period = m->period == UINT32_MAX ? UINT32_MAX : m->period / 2 + m->period % 2;
    p->places = mp_alloc((size_t)n->cell_count + 1, sizeof *p->places);
    p->cells = mp_alloc((size_t)n->cell_count + 1, sizeof *p->cells);
    p->types = mp_alloc((size_t)n->library->cell_count + 1, sizeof *p->types);
    for (uint32_t c = 0; c < n->cell_count && rc == MP_OK; c++)
        rc = make_place(p, c, err);
    if (rc == MP_OK && p->pair_count > MP_CASES_MEMORY_LIMIT / sizeof(uint64_t) / threads)
        rc = mp_fail(err, MP_E_MEMORY,
                     "the joint states of %u cells need %zu MB for each of %u threads; use fewer "
                     "threads or no exact mode",
                     n->cell_count, p->pair_count * sizeof(uint64_t) >> 20, threads);
    if (rc < 0)
        mp_cases_plan_release(p);
    return rc;
}

void mp_cases_plan_release(struct mp_cases_plan *p)
{
    free(p->places);
    free(p->cells);
    free(p->types);
    mp_arena_release(&p->arena);
    *p = (struct mp_cases_plan){0};
}

void mp_cases_counter_make(struct mp_cases_counter *c, const struct mp_cases_plan *p)
{
    *c = (struct mp_cases_counter){.row_capacity = 0};
    c->pairs = mp_alloc_aligned(p->pair_count + 1, sizeof *c->pairs);
}

void mp_cases_counter_release(struct mp_cases_counter *c)
{
    free(c->pairs);
    free(c->first);
    free(c->lanes);
    *c = (struct mp_cases_counter){0};
}
