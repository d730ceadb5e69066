/*
 * What a search makes small, and under which limits. Everything is a weighted sum of logarithms:
 *
 *     cost = wa ln(area / um2) + wd ln(delay / s) + wp ln(power / W) + penalty * excess
 *     excess = sum over the limits of max(0, ln(value / limit))
 *
 * so that 0.01 is 1 % whatever the units, temperatures are free of units, and a state within all
 * its limits pays nothing. What an objective does not name has a small weight, which decides among
 * equals. Energy an operation is power times the clock period, and the period is fixed, so
 * energy * delay is power * delay.
 */
#ifndef MP_TECHMAP_OBJECTIVE_H
#define MP_TECHMAP_OBJECTIVE_H

#include "estimator/techmap/mapped.h"

/*
 * Power inside the loop, supplied by whoever knows the operands. A meter belongs to one netlist;
 * the loop calls measure after each timed change, then either keep or undo.
 */
struct mp_power_source {
    const void *context; /* shared by all threads, read-only */
    void *(*create)(const void *context, const struct mp_mapped *m, const void *structure);
    void (*release)(void *meter);
    /* W of the netlist as it is now (last update returned OK). */
    double (*measure)(void *meter, const struct mp_mapped *m, const void *structure);
    void (*keep)(void *meter); /* what was measured last is the state now */
    void (*undo)(void *meter); /* m is as it was before what was measured last */
};

struct mp_objective {
    const char *name; /* "area*delay"; static */
    double area_weight, delay_weight, power_weight;
    bool needs_power;
    double max_area_um2, max_delay_s, max_power_w; /* 0: no limit */
    double penalty;                                /* cost of each unit of excess */
    const struct mp_power_source *power;           /* NULL: power is not measured (and 0) */
};

struct mp_measures {
    double area_um2, delay_s, power_w;
};

/* "area", "delay", "area*delay", "power", "energy*delay": without limits, with the usual penalty.
 * MP_E_USAGE lists what is taken. */
int mp_objective_parse(struct mp_objective *o, const char *name, struct mp_error *err);
/* The names, for messages and help: "area, delay, ...". */
const char *mp_objective_names(void);
/* Whether it can be computed: MP_E_USAGE for one that needs power, or limits it, without source. */
int mp_objective_check(const struct mp_objective *o, struct mp_error *err);

/* Sum over the limits of ln(value / limit) where exceeded; 0: within all. A hair (1e-9) above a
 * limit counts as within. */
double mp_objective_excess(const struct mp_objective *o, const struct mp_measures *v);
double mp_objective_cost(const struct mp_objective *o, const struct mp_measures *v);
/* The largest delay at which the cost stays at most `cost`: INFINITY where every delay does, 0
 * where none does. Power counts as power_w, which must not be above the true one. */
double mp_objective_delay_limit(const struct mp_objective *o, double area_um2, double power_w,
                                double cost);
/* Whether a is better than b: less excess first, then less cost. */
bool mp_objective_better(const struct mp_objective *o, const struct mp_measures *a,
                         const struct mp_measures *b);

#endif
