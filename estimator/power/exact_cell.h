/*
 * The exact mode's formulas for one instance, beside cell.h. Inside of the power module.
 */
#ifndef MP_POWER_EXACT_CELL_H
#define MP_POWER_EXACT_CELL_H

#include "estimator/power/cell.h"
#include "estimator/power/exact.h"

struct mp_exact_cell {
    const struct mp_cases *cases; /* NULL: not made */
    const struct mp_power_cell *c;
    const struct mp_library *lib;
    const struct mp_lib_cell *type;
    const struct mp_lib_pin *pins;
    const struct mp_cases_cell *form;
    uint32_t cell;
    double unit_per_s;                            /* one unit of a count, 1/s */
    double state_share;                           /* one unit of a count of states, of the time */
    uint64_t state_pins[1 << MP_CASES_VARIABLES]; /* [state] values of all pins, IQ and IQN */
};

/* Check that cases and activity are of one simulation and every condition can be told. */
int mp_exact_cell_make(struct mp_exact_cell *x, const struct mp_power_cell *c,
                       const struct mp_power_input *in, const struct mp_cases *cases, uint32_t cell,
                       struct mp_error *err);

/* As their namesakes in cell.h, W. unmatched_w is raised by what no group describes. */
int mp_exact_output_internal_w(double *out, double *unmatched_w, const struct mp_exact_cell *x,
                               uint32_t pin, struct mp_error *err);
int mp_exact_input_internal_w(double *out, const struct mp_exact_cell *x, uint32_t pin,
                              struct mp_error *err);
double mp_exact_leakage_w(const struct mp_exact_cell *x);

/* Of power.c: cases NULL is the compatible mode. */
int mp_power_compute_with(struct mp_power *out, const struct mp_power_input *in,
                          const struct mp_cases *cases, struct mp_error *err);

#endif
