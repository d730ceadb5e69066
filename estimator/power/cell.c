#include "estimator/power/cell.h"
#include <math.h>

static double group_duty(const struct mp_power_cell *c, const struct mp_power_energy *e)
{
    return e->duty.truth.bits ? mp_truth_probability(&e->duty.truth, c->duty) : e->duty.constant;
}

double mp_power_switching_w(const struct mp_power_cell *c, uint32_t pin)
{
    return 0.5 * c->load_f[pin] * c->supply_v[pin] * c->supply_v[pin] * c->density[pin];
}

bool mp_power_edge_arrives(double slew_s)
{
    return slew_s >= 0.0 && slew_s < 1.0;
}

/* Average of the rise and the fall table, each at its slew. An absent table is an edge that costs
 * nothing; an edge that never arrives (no slew) is left out of the average. */
static int average_energy_j(double *out, const struct mp_power_energy *e, double rise_slew_s,
                            double fall_slew_s, double load_f, const char *pin_name,
                            struct mp_error *err)
{
    double sum = 0.0;
    int edges = 0;
    if (mp_power_edge_arrives(rise_slew_s)) {
        sum += e->rise ? mp_table_lookup(e->rise, rise_slew_s, load_f) : 0.0;
        edges++;
    }
    if (mp_power_edge_arrives(fall_slew_s)) {
        sum += e->fall ? mp_table_lookup(e->fall, fall_slew_s, load_f) : 0.0;
        edges++;
    }
    if (edges == 0)
        return mp_fail(err, MP_E_INPUT,
                       "pin %s switches but has no slew; run timing on this netlist", pin_name);
    *out = sum / edges;
    return MP_OK;
}

/* D(i) * duty(g), before it is divided by the sum over the groups of the same rail. */
static double group_share(const struct mp_power_cell *c, const struct mp_power_energy *e)
{
    return e->related_pin == MP_NONE ? 0.0 : c->density[e->related_pin] * group_duty(c, e);
}

static double rail_sum(const struct mp_power_cell *c, const struct mp_power_pin *pin, uint32_t rail)
{
    double sum = 0.0;
    for (uint32_t g = 0; g < pin->energy_count; g++) {
        const struct mp_power_energy *e = &c->type->energies[pin->first_energy + g];
        if (e->rail == rail)
            sum += group_share(c, e);
    }
    return sum;
}

int mp_power_output_internal_w(double *out, const struct mp_power_cell *c, uint32_t pin,
                               const struct mp_lib_pin *lib_pins, struct mp_error *err)
{
    const struct mp_power_pin *p = &c->type->pins[pin];
    double power_w = 0.0;
    *out = 0.0;
    if (c->density[pin] == 0.0)
        return MP_OK;
    for (uint32_t rail = 0; rail < p->rail_count; rail++) {
        double sum = rail_sum(c, p, rail);
        if (sum == 0.0)
            continue;
        for (uint32_t g = 0; g < p->energy_count; g++) {
            const struct mp_power_energy *e = &c->type->energies[p->first_energy + g];
            double share = e->rail == rail ? group_share(c, e) : 0.0;
            if (share == 0.0)
                continue;
            double rise_s = c->slew_rise_s[e->related_pin], fall_s = c->slew_fall_s[e->related_pin];
            double energy_j = 0.0;
            int rc = average_energy_j(&energy_j, e, e->inverted ? fall_s : rise_s,
                                      e->inverted ? rise_s : fall_s, c->load_f[pin],
                                      lib_pins[e->related_pin].name, err);
            if (rc < 0)
                return rc;
            power_w += share / sum * energy_j * c->density[pin];
        }
    }
    *out = power_w;
    return MP_OK;
}

int mp_power_input_internal_w(double *out, const struct mp_power_cell *c, uint32_t pin,
                              const struct mp_lib_pin *lib_pins, struct mp_error *err)
{
    const struct mp_power_pin *p = &c->type->pins[pin];
    double power_w = 0.0;
    *out = 0.0;
    if (c->density[pin] == 0.0)
        return MP_OK;
    for (uint32_t g = 0; g < p->energy_count; g++) {
        const struct mp_power_energy *e = &c->type->energies[p->first_energy + g];
        double duty = group_duty(c, e), energy_j = 0.0;
        if (duty == 0.0)
            continue;
        int rc = average_energy_j(&energy_j, e, c->slew_rise_s[pin], c->slew_fall_s[pin], 0.0,
                                  lib_pins[pin].name, err);
        if (rc < 0)
            return rc;
        power_w += energy_j * duty * c->density[pin];
    }
    *out = power_w;
    return MP_OK;
}

/* A condition that holds for all time because of constants at the pins: its group, else NULL. */
static const struct mp_power_leakage *constant_leakage(const struct mp_power_cell *c, uint32_t rail)
{
    for (uint32_t g = 0; c->any_constant && g < c->type->leakage_count; g++) {
        const struct mp_power_leakage *l = &c->type->leakages[g];
        if (l->rail == rail && l->when.bits &&
            mp_truth_probability(&l->when, c->as_constant) == 1.0)
            return l;
    }
    return NULL;
}

static double rail_leakage_w(const struct mp_power_cell *c, uint32_t rail,
                             mp_power_probability *probability_of, const void *context)
{
    double conditional_w = 0.0, unconditional_w = 0.0, probability_sum = 0.0;
    bool any_condition = false;
    const struct mp_power_leakage *certain = constant_leakage(c, rail);
    if (certain)
        return certain->power_w;
    for (uint32_t g = 0; g < c->type->leakage_count; g++) {
        const struct mp_power_leakage *l = &c->type->leakages[g];
        if (l->rail != rail)
            continue;
        if (!l->when.bits) {
            unconditional_w += l->power_w;
            continue;
        }
        double probability = probability_of(context, g);
        conditional_w += l->power_w * probability;
        probability_sum += probability;
        any_condition = true;
    }
    if (!any_condition)
        return unconditional_w;
    if (isfinite(c->type->cell_leakage_w))
        conditional_w += c->type->cell_leakage_w * (1.0 - probability_sum);
    return conditional_w;
}

double mp_power_leakage_from_w(const struct mp_power_cell *c, mp_power_probability *probability,
                               const void *context)
{
    double power_w = 0.0;
    if (c->type->leakage_count == 0)
        return c->type->cell_leakage_w;
    for (uint32_t rail = 0; rail < c->type->leakage_rail_count; rail++)
        power_w += rail_leakage_w(c, rail, probability, context);
    return power_w;
}

static double independent_probability(const void *context, uint32_t leakage)
{
    const struct mp_power_cell *c = context;
    return mp_truth_probability(&c->type->leakages[leakage].when, c->duty);
}

double mp_power_leakage_w(const struct mp_power_cell *c)
{
    return mp_power_leakage_from_w(c, independent_probability, c);
}

/* P(dt/dpin) from two evaluations: with the pin at 0 and at 1 the tables differ where it matters.
 * Only needed for the rare unconnected output, so nothing is prepared. */
double mp_power_density(const struct mp_power_cell *c, const struct mp_truth *t)
{
    double density = 0.0;
    struct mp_arena scratch = {0};
    for (uint32_t k = 0; k < t->count; k++) {
        struct mp_truth difference;
        mp_truth_difference(&difference, t, t->variable[k], &scratch);
        density += mp_truth_probability(&difference, c->duty) * c->density[t->variable[k]];
    }
    mp_arena_release(&scratch);
    return density;
}
