#include "estimator/power/exact_cell.h"
#include <math.h>

static uint32_t state_count(const struct mp_exact_cell *x)
{
    return 1u << x->form->variable_count;
}

/* The pins that a state and the functions determine. */
static uint64_t known_pins(const struct mp_exact_cell *x)
{
    uint64_t known = 0;
    for (uint32_t k = 0; k < x->form->variable_count; k++)
        known |= (uint64_t)1 << x->form->variable[k];
    if (x->form->variable_count > x->form->input_count)
        known |= (uint64_t)2 << x->type->pin_count;
    for (uint32_t o = 0; o < x->form->output_count; o++)
        if (x->pins[x->form->output[o]].function.code)
            known |= (uint64_t)1 << x->form->output[o];
    return known;
}

static void make_states(struct mp_exact_cell *x)
{
    uint64_t iq = (uint64_t)1 << x->type->pin_count;
    bool has_state = x->form->variable_count > x->form->input_count;
    for (uint32_t s = 0; s < state_count(x); s++) {
        uint64_t pins = 0;
        for (uint32_t k = 0; k < x->form->variable_count; k++)
            pins |= (uint64_t)(s >> k & 1) << x->form->variable[k];
        if (has_state && !(pins & iq))
            pins |= iq << 1;
        x->state_pins[s] = pins;
        for (uint32_t o = 0; o < x->form->output_count; o++) {
            const struct mp_expr *f = &x->pins[x->form->output[o]].function;
            if (f->code && mp_expr_eval(f, pins))
                x->state_pins[s] |= (uint64_t)1 << x->form->output[o];
        }
    }
}

static int check_condition(const struct mp_exact_cell *x, const struct mp_netlist *n,
                           const struct mp_expr *when, struct mp_error *err)
{
    uint64_t unknown = when->code ? mp_expr_support(when) & ~known_pins(x) : 0;
    if (unknown == 0)
        return MP_OK;
    uint32_t pin = (uint32_t)__builtin_ctzll(unknown);
    return mp_fail(err, MP_E_UNSUPPORTED,
                   "cell %s (%s): a `when` reads %s, which is neither an input nor an output with "
                   "a function; use the compatible mode",
                   n->cell_name[x->cell], x->type->name,
                   pin < x->type->pin_count ? x->pins[pin].name : "a state");
}

static int check_conditions(const struct mp_exact_cell *x, const struct mp_netlist *n,
                            struct mp_error *err)
{
    int rc = MP_OK;
    for (uint32_t k = 0; k < x->type->pin_count; k++)
        for (uint32_t g = 0; g < x->pins[k].internal_power_count && rc == MP_OK; g++)
            rc = check_condition(
                x, n, &x->lib->internal_powers[x->pins[k].first_internal_power + g].when, err);
    for (uint32_t g = 0; g < x->type->leakage_count && rc == MP_OK; g++)
        rc = check_condition(x, n, &x->lib->leakages[x->type->first_leakage + g].when, err);
    return rc;
}

static double sum(const uint64_t *counts, uint32_t states)
{
    uint64_t s = 0;
    for (uint32_t i = 0; i < states; i++)
        s += counts[i];
    return (double)s;
}

static bool differ(double a, double b)
{
    return !(fabs(a - b) <= 1e-9 * fmax(1.0, fabs(b)));
}

static int check_pin(const struct mp_exact_cell *x, const struct mp_power_input *in, uint32_t pin,
                     const char *what, double counted, double expected, struct mp_error *err)
{
    if (!differ(counted, expected))
        return MP_OK;
    return mp_fail(
        err, MP_E_INPUT,
        "cell %s pin %s: the cases have a %s of %g, the activity one of %g; both must be "
        "of the same simulation",
        in->netlist->cell_name[x->cell], x->pins[pin].name, what, counted, expected);
}

static int check_input(const struct mp_exact_cell *x, const struct mp_power_input *in,
                       uint32_t input, struct mp_error *err)
{
    const uint64_t *moves = mp_cases_input(x->cases, x->cell, input);
    const uint64_t *states = mp_cases_states(x->cases, x->cell);
    uint32_t pin = x->form->variable[input];
    uint64_t ones = 0;
    for (uint32_t s = 0; s < state_count(x); s++)
        ones += s >> input & 1 ? states[s] : 0;
    int rc = check_pin(x, in, pin, "number of transitions a cycle",
                       sum(moves, state_count(x)) * x->unit_per_s * in->period_s,
                       x->c->density[pin] * in->period_s, err);
    return rc < 0
               ? rc
               : check_pin(x, in, pin, "duty", (double)ones * x->state_share, x->c->duty[pin], err);
}

static int check_output(const struct mp_exact_cell *x, const struct mp_power_input *in,
                        uint32_t output, struct mp_error *err)
{
    uint32_t pin = x->form->output[output];
    double counted = 0.0;
    if (in->netlist->pin_net[in->netlist->cell_first_pin[x->cell] + pin] == MP_NONE)
        return MP_OK;
    for (uint32_t k = 0; k < x->form->input_count; k++)
        for (int rises = 0; rises < 2; rises++)
            counted += sum(mp_cases_output(x->cases, x->cell, output, k, rises), state_count(x));
    return check_pin(x, in, pin, "number of transitions a cycle",
                     counted * x->unit_per_s * in->period_s, x->c->density[pin] * in->period_s,
                     err);
}

int mp_exact_cell_make(struct mp_exact_cell *x, const struct mp_power_cell *c,
                       const struct mp_power_input *in, const struct mp_cases *cases, uint32_t cell,
                       struct mp_error *err)
{
    const struct mp_netlist *n = in->netlist;
    int rc = MP_OK;
    x->cases = cases;
    x->c = c;
    x->lib = n->library;
    x->type = &n->library->cells[n->cell_type[cell]];
    x->pins = n->library->pins + x->type->first_pin;
    x->form = &cases->cells[cell];
    x->cell = cell;
    x->state_share = 1.0 / ((double)MP_CASES_UNIT * (double)cases->cycles);
    x->unit_per_s = x->state_share / in->period_s;
    make_states(x);
    for (uint32_t k = 0; k < x->form->input_count && rc == MP_OK; k++)
        rc = check_input(x, in, k, err);
    for (uint32_t o = 0; o < x->form->output_count && rc == MP_OK; o++)
        rc = check_output(x, in, o, err);
    return rc < 0 ? rc : check_conditions(x, n, err);
}

/* Whether a condition holds where an input has moved: 1, 0, or 1/2 if it does on one side of the
 * move only, because it reads that pin or an output that follows it. */
static double holds(const struct mp_exact_cell *x, const struct mp_expr *when, uint32_t state,
                    uint32_t input)
{
    if (!when->code)
        return 1.0;
    return 0.5 * (mp_expr_eval(when, x->state_pins[state]) +
                  mp_expr_eval(when, x->state_pins[state ^ 1u << input]));
}

/* The slew of the edge that happened; failing that, if timing never sees it, of the other one. */
static int edge_slew_s(double *out, const struct mp_exact_cell *x, uint32_t pin, bool rose,
                       struct mp_error *err)
{
    double rise_s = x->c->slew_rise_s[pin], fall_s = x->c->slew_fall_s[pin];
    double own_s = rose ? rise_s : fall_s, other_s = rose ? fall_s : rise_s;
    if (!mp_power_edge_arrives(own_s) && !mp_power_edge_arrives(other_s))
        return mp_fail(err, MP_E_INPUT,
                       "pin %s switches but has no slew; run timing on this netlist",
                       x->pins[pin].name);
    *out = mp_power_edge_arrives(own_s) ? own_s : other_s;
    return MP_OK;
}

static double energy_j(const struct mp_power_energy *e, bool rises, double slew_s, double load_f)
{
    const struct mp_table *t = rises ? e->rise : e->fall;
    return t ? mp_table_lookup(t, slew_s, load_f) : 0.0;
}

/* One case of an output. */
struct event {
    uint32_t pin, rail, input, state;
    bool rises;
    double slew_s;
};

enum { BY_CONDITION, BY_PIN, BY_RELATED_PIN, BY_ANY_PIN };

/* How much a group counts: `way` is how well it has to fit. */
static double fit(const struct mp_exact_cell *x, const struct event *e, uint32_t group, int way)
{
    const struct mp_power_energy *g =
        &x->c->type->energies[x->c->type->pins[e->pin].first_energy + group];
    const struct mp_expr *when =
        &x->lib->internal_powers[x->pins[e->pin].first_internal_power + group].when;
    if (g->rail != e->rail || g->related_pin == MP_NONE)
        return 0.0;
    if (way == BY_ANY_PIN)
        return 1.0;
    if (g->related_pin != x->form->variable[e->input])
        return 0.0;
    if (way == BY_CONDITION)
        return when->code ? holds(x, when, e->state, e->input) : 0.0;
    return way == BY_PIN && when->code ? 0.0 : 1.0;
}

/* Mean energy of the groups that fit best. */
static double event_energy_j(const struct mp_exact_cell *x, const struct event *e, bool *unmatched)
{
    const struct mp_power_pin *p = &x->c->type->pins[e->pin];
    double weights = 0.0, sum_j = 0.0;
    for (int way = BY_CONDITION; way <= BY_ANY_PIN && weights == 0.0; way++)
        for (uint32_t g = 0; g < p->energy_count; g++) {
            double weight = fit(x, e, g, way);
            *unmatched = way >= BY_RELATED_PIN;
            if (weight == 0.0)
                continue;
            weights += weight;
            sum_j += weight * energy_j(&x->c->type->energies[p->first_energy + g], e->rises,
                                       e->slew_s, x->c->load_f[e->pin]);
        }
    return weights > 0.0 ? sum_j / weights : 0.0;
}

static uint32_t output_number(const struct mp_exact_cell *x, uint32_t pin)
{
    uint32_t o = 0;
    while (x->form->output[o] != pin)
        o++;
    return o;
}

int mp_exact_output_internal_w(double *out, double *unmatched_w, const struct mp_exact_cell *x,
                               uint32_t pin, struct mp_error *err)
{
    uint32_t output = output_number(x, pin), rails = x->c->type->pins[pin].rail_count;
    *out = 0.0;
    for (uint32_t i = 0; rails > 0 && i < 2 * x->form->input_count; i++) {
        struct event e = {.pin = pin, .input = i / 2, .rises = i % 2};
        const uint64_t *counts = mp_cases_output(x->cases, x->cell, output, e.input, e.rises);
        for (e.state = 0; e.state < state_count(x); e.state++) {
            if (counts[e.state] == 0)
                continue;
            int rc =
                edge_slew_s(&e.slew_s, x, x->form->variable[e.input], e.state >> e.input & 1, err);
            if (rc < 0)
                return rc;
            for (e.rail = 0; e.rail < rails; e.rail++) {
                bool unmatched = false;
                double power_w =
                    event_energy_j(x, &e, &unmatched) * (double)counts[e.state] * x->unit_per_s;
                *out += power_w;
                *unmatched_w += unmatched ? power_w : 0.0;
            }
        }
    }
    return MP_OK;
}

int mp_exact_input_internal_w(double *out, const struct mp_exact_cell *x, uint32_t pin,
                              struct mp_error *err)
{
    const struct mp_power_pin *p = &x->c->type->pins[pin];
    uint32_t input = 0;
    while (x->form->variable[input] != pin)
        input++;
    const uint64_t *counts = mp_cases_input(x->cases, x->cell, input);
    *out = 0.0;
    for (uint32_t s = 0; p->energy_count > 0 && s < state_count(x); s++) {
        bool rises = s >> input & 1;
        double slew_s = 0.0;
        if (counts[s] == 0)
            continue;
        int rc = edge_slew_s(&slew_s, x, pin, rises, err);
        if (rc < 0)
            return rc;
        for (uint32_t g = 0; g < p->energy_count; g++)
            *out += holds(x, &x->lib->internal_powers[x->pins[pin].first_internal_power + g].when,
                          s, input) *
                    energy_j(&x->c->type->energies[p->first_energy + g], rises, slew_s, 0.0) *
                    (double)counts[s] * x->unit_per_s;
    }
    return MP_OK;
}

static double counted_probability(const void *context, uint32_t leakage)
{
    const struct mp_exact_cell *x = context;
    const struct mp_expr *when = &x->lib->leakages[x->type->first_leakage + leakage].when;
    const uint64_t *states = mp_cases_states(x->cases, x->cell);
    uint64_t units = 0;
    for (uint32_t s = 0; s < state_count(x); s++)
        units += mp_expr_eval(when, x->state_pins[s]) ? states[s] : 0;
    return (double)units * x->state_share;
}

double mp_exact_leakage_w(const struct mp_exact_cell *x)
{
    return mp_power_leakage_from_w(x->c, counted_probability, x);
}
