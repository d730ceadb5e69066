/*
 * Arithmetic on the counts of a simulation: sums and differences of results of one netlist. Inside
 * of sampled.c and sampled_run.c.
 */
#ifndef MP_PIPELINE_SAMPLED_COUNTS_H
#define MP_PIPELINE_SAMPLED_COUNTS_H

#include "estimator/activity/timed.h"

/* Every count of `other` is added to `to` or taken from it; a zeroed `to` counts as nothing and
 * gets arrays of its own. latest_s, which is no sum, is left alone. Cases are combined where
 * `other` has them. */
void mp_sampled_counts_add(struct mp_timed_result *to, const struct mp_timed_result *other);
void mp_sampled_counts_subtract(struct mp_timed_result *to, const struct mp_timed_result *other);

#endif
