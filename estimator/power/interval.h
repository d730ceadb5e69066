/*
 * 95 % confidence intervals from batch values.
 *
 * A sample is made of batches: equal parts, each drawn on its own by the same plan. A quantity
 * (watts, joules) of the whole sample is `all`; left out one batch it is without[b]. The pseudo-
 * values of the jackknife
 *
 *     value[b] = n * all - (n - 1) * without[b]
 *
 * behave as n independent observations of it, also where the quantity is no plain average of the
 * batches (shares of internal power, ratios). For one that is, they are the batch's own values.
 * The interval is
 *
 *     all +- t(n - 1) * s / sqrt(n),   s: standard deviation of the pseudo-values
 *
 * with Student's two-sided 95 % quantile t.
 * Sources: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11; Cochran,
 * Sampling Techniques, 1977, section 11.17 (random groups); Law, Simulation Modeling and Analysis,
 * section 9.5.3 (batch means).
 *
 * Two designs under the same operands are compared batch by batch: what both batches have in common
 * cancels, so a reduction in percent is known far better than either power.
 *
 *     mp_interval_pseudo_values(values, all, without, n)
 *     mp_interval_make(&power, all, values, n, err)
 *     mp_interval_reduction(&saved, &new_power, new_values, &old_power, old_values, n, err)
 */
#ifndef MP_POWER_INTERVAL_H
#define MP_POWER_INTERVAL_H

#include "estimator/util/error.h"
#include <stdint.h>

struct mp_interval {
    double value;      /* of the whole sample */
    double half_width; /* value +- half_width; >= 0, in the value's unit */
    uint32_t batches;  /* 2 or more */
};

/* half_width as a share of |value|; 0 if both are 0, infinite if only the value is. */
double mp_interval_relative(const struct mp_interval *i);

/* t with P(|T| <= t) = 0.95 for Student's T; degrees >= 1. Abramowitz and Stegun, Handbook of
 * Mathematical Functions, 26.7.3 and 26.7.4, solved by bisection: to 12 digits. */
double mp_interval_student_95(uint32_t degrees);

/* values[count] from all and without[count]; may be the same array. */
void mp_interval_pseudo_values(double *values, double all, const double *without, uint32_t count);

/* value: of the whole sample. MP_E_INPUT: under 2 batches, or one that is not a number. */
int mp_interval_make(struct mp_interval *out, double value, const double *values, uint32_t count,
                     struct mp_error *err);

/* a - b, and 1 - a / b: the share that a saves against b. Paired: a_values[i] and b_values[i] are
 * of the same batch of operands. MP_E_INPUT as above, and for a reduction where b is 0. */
int mp_interval_difference(struct mp_interval *out, const struct mp_interval *a,
                           const double *a_values, const struct mp_interval *b,
                           const double *b_values, struct mp_error *err);
int mp_interval_reduction(struct mp_interval *out, const struct mp_interval *a,
                          const double *a_values, const struct mp_interval *b,
                          const double *b_values, struct mp_error *err);

#endif
