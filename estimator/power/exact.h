/*
 * The exact mode: the compatible mode's formulas with what happened (activity/cases.h) in the place
 * of probabilities of independent pins. Switching is the same; the energy of a transition is that
 * of the group whose pin caused it, whose `when` held, and of the table of its edge; leakage is
 * weighted by the time in each state. See docs/power.md, "Exact mode".
 *
 *     options.cases = true, simulate (activity/timed.h), then
 *     in.transitions_per_cycle, in.duty from result.functional as for mp_power_compute();
 *     mp_power_compute_exact(&functional, &in, result.functional_cases, err)
 *     in.transitions_per_cycle from result.timed;
 *     mp_power_compute_exact(&timed, &in, result.timed_cases, err)   // the difference is glitches
 *     mp_power_release(&functional), mp_power_release(&timed)
 *
 * Where the groups of an output say nothing about a case that happened, it costs the mean of the
 * groups of the pin that caused it, failing that, of all groups of the output; what that adds up to
 * is out->unmatched_w (W), to be looked at: 0 for most libraries.
 */
#ifndef MP_POWER_EXACT_H
#define MP_POWER_EXACT_H

#include "estimator/activity/cases.h"
#include "estimator/power/power.h"

/* As mp_power_compute(), errors too; the cases must be of the same simulation as the activity.
 * MP_E_INPUT: cases of another netlist, or whose transitions or duties are not those of the
 * activity; no cycles. MP_E_UNSUPPORTED: a `when` reads a pin that is neither input nor an output
 * with a function. Messages name cell and pin. */
int mp_power_compute_exact(struct mp_power *out, const struct mp_power_input *in,
                           const struct mp_cases *cases, struct mp_error *err);

#endif
