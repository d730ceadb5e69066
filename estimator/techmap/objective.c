#include "estimator/techmap/objective.h"

#include <math.h>
#include <string.h>

/* A limit that is met exactly must stay met when the value comes back through a float. */
#define HAIR 1e-9
#define TINY 1e-18

/* Weights of what is not asked for decide among states that are otherwise equal. */
static const struct mp_objective objectives[] = {
    {"area", 1, 0.001, 0, false, 0, 0, 0, 0, NULL},
    {"delay", 0.02, 1, 0, false, 0, 0, 0, 0, NULL},
    {"area*delay", 1, 1, 0, false, 0, 0, 0, 0, NULL},
    {"power", 0.01, 0.01, 1, true, 0, 0, 0, 0, NULL},
    {"energy*delay", 0.01, 1, 1, true, 0, 0, 0, 0, NULL},
};
#define OBJECTIVE_COUNT (sizeof objectives / sizeof *objectives)
#define PENALTY         30.0

const char *mp_objective_names(void)
{
    return "area, delay, area*delay, power, energy*delay";
}

int mp_objective_parse(struct mp_objective *o, const char *name, struct mp_error *err)
{
    for (size_t k = 0; k < OBJECTIVE_COUNT; k++) {
        if (strcmp(objectives[k].name, name) != 0)
            continue;
        *o = objectives[k];
        o->penalty = PENALTY;
        return MP_OK;
    }
    return mp_fail(err, MP_E_USAGE, "no objective is named '%s'; take one of: %s", name,
                   mp_objective_names());
}

int mp_objective_check(const struct mp_objective *o, struct mp_error *err)
{
    if (o->power == NULL && (o->needs_power || o->max_power_w > 0))
        return mp_fail(err, MP_E_USAGE,
                       "objective '%s'%s needs the power of the netlist, and no operands are given",
                       o->name, o->needs_power ? "" : " with a limit on power");
    return MP_OK;
}

static double log_of(double v)
{
    return log(fmax(v, TINY));
}

static double excess_of(double value, double limit)
{
    return limit > 0 ? fmax(0, log_of(value) - log(limit) - HAIR) : 0;
}

double mp_objective_excess(const struct mp_objective *o, const struct mp_measures *v)
{
    return excess_of(v->area_um2, o->max_area_um2) + excess_of(v->delay_s, o->max_delay_s) +
           excess_of(v->power_w, o->max_power_w);
}

/* Of all but the delay. */
static double cost_without_delay(const struct mp_objective *o, double area_um2, double power_w)
{
    double cost =
        o->area_weight * log_of(area_um2) +
        o->penalty * (excess_of(area_um2, o->max_area_um2) + excess_of(power_w, o->max_power_w));

    return o->power != NULL ? cost + o->power_weight * log_of(power_w) : cost;
}

double mp_objective_cost(const struct mp_objective *o, const struct mp_measures *v)
{
    return cost_without_delay(o, v->area_um2, v->power_w) + o->delay_weight * log_of(v->delay_s) +
           o->penalty * excess_of(v->delay_s, o->max_delay_s);
}

double mp_objective_delay_limit(const struct mp_objective *o, double area_um2, double power_w,
                                double cost)
{
    double rest = cost - cost_without_delay(o, area_um2, power_w);
    double knee = o->max_delay_s > 0 ? log(o->max_delay_s) + HAIR : INFINITY;
    double at_knee = o->delay_weight > 0 ? rest - o->delay_weight * knee : rest;

    /* Below the knee the delay costs its weight, above it the penalty too. */
    if (o->delay_weight > 0 && at_knee <= 0)
        return exp(rest / o->delay_weight);
    if (at_knee < 0)
        return 0;
    if (knee == (double)INFINITY)
        return INFINITY;
    return exp(knee + at_knee / (o->delay_weight + o->penalty));
}

bool mp_objective_better(const struct mp_objective *o, const struct mp_measures *a,
                         const struct mp_measures *b)
{
    double excess_a = mp_objective_excess(o, a), excess_b = mp_objective_excess(o, b);

    if (excess_a != excess_b)
        return excess_a < excess_b;
    return mp_objective_cost(o, a) < mp_objective_cost(o, b);
}
