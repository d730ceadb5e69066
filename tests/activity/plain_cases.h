/*
 * Cases (estimator/activity/cases.h) counted as plainly as can be, to compare with: from the
 * settled values of mp_reference_simulate() and the transitions that mp_timed_reference() shows,
 * one lane, one cycle and one cell after the other, expressions evaluated as they are.
 */
#ifndef MP_TESTS_ACTIVITY_PLAIN_CASES_H
#define MP_TESTS_ACTIVITY_PLAIN_CASES_H

#include "estimator/activity/timed.h"

/* Zero counts of the same shape; mp_cases_destroy() it. */
struct mp_cases *plain_cases_like(const struct mp_cases *c);

/* Adds one lane's cycles from warmup on. inputs[cycle][input] as for mp_timed_reference(). */
int plain_cases_add(struct mp_cases *functional, struct mp_cases *timed, const struct mp_netlist *n,
                    const struct mp_sdf *sdf, const struct mp_timed_options *options, size_t cycles,
                    size_t warmup, const uint8_t *inputs, struct mp_error *err);

#endif
