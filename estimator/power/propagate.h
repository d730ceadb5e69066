/*
 * Activity of the nets that a file does not hold, from those that it does: an RTL simulation knows
 * ports and registers only. Vectorless, so an estimate: inputs of a gate are taken as independent,
 * which is far from true in adders and multipliers (docs/activity.md has measured errors).
 *
 *     o.allow_missing = true;
 *     mp_annotation_read(&a, &n, path, &o, err)
 *     mp_power_propagate(&p, &n, a.net_annotated, MP_ORIGIN_FILE, MP_PROPAGATE_FUNCTIONAL,
 *                        a.transitions_per_cycle, a.duty, err)
 *     report p.pins[MP_ORIGIN_FILE], p.pins[MP_ORIGIN_PROPAGATED]
 *     mp_propagation_release(&p)
 *
 * Gates are taken in topological order; the duty of output F is P(F). Transitions per cycle D:
 *
 *   MP_PROPAGATE_FUNCTIONAL: P(F before the edge is not F after it), each input i having moved with
 *   probability D(i), up or down as often: settled values, no glitches. Exact for independent
 * inputs; for F of more than 6 inputs the smaller of the density below and 2 d (1 - d), d = P(F).
 *
 *   MP_PROPAGATE_DENSITY: sum over inputs of P(dF/di) * D(i) (F. Najm, "Transition density", 1993),
 *   as if inputs moved one at a time, each change passed on; what vectorless power tools do.
 *
 * A register whose state is not known from another output, with N its next_state function: duty
 * P(N), D that of N after the edge before, by the same rule; by density at most P(N xor IQ), which
 * is 2 d (1 - d) for a plain flip-flop. Where N reads IQ (an enable): P(N xor IQ). With
 * asynchronous clear c and preset p: duty = (1 - P(c)) (P(p) + (1 - P(p)) P(N)), and D is times (1
 * - P(c)) (1 - P(p)). Feedback through registers is iterated, beginning with duty 1/2.
 */
#ifndef MP_POWER_PROPAGATE_H
#define MP_POWER_PROPAGATE_H

#include "estimator/netlist/netlist.h"

enum mp_origin { /* of a net's activity */
                 MP_ORIGIN_SIMULATED,
                 MP_ORIGIN_FILE,
                 MP_ORIGIN_PROPAGATED,
                 MP_ORIGIN_COUNT
};
const char *mp_origin_name(enum mp_origin o); /* "simulated", "file", "propagated" */

enum mp_propagate_rule { MP_PROPAGATE_FUNCTIONAL, MP_PROPAGATE_DENSITY };

struct mp_propagation {
    enum mp_origin *origin;         /* [net] */
    uint32_t pins[MP_ORIGIN_COUNT]; /* connected pins of the cells by origin of their net */
    uint32_t nets[MP_ORIGIN_COUNT]; /* constants are left out */
    unsigned rounds;                /* passes over the netlist; 1: no unknown feedback */
};

/* n: levelised. known[net] false: duty and transitions_per_cycle are filled in; where true they are
 * as given, of origin `known_origin`. A clock net that is not known has 2 transitions per cycle and
 * duty 1/2. MP_E_INPUT: an input port that is not known (nothing is assumed), a known value that is
 * no number or out of range, feedback that does not settle; MP_E_UNSUPPORTED: a function of more
 * than 16 pins. */
int mp_power_propagate(struct mp_propagation *out, const struct mp_netlist *n, const bool *known,
                       enum mp_origin known_origin, enum mp_propagate_rule rule,
                       double *transitions_per_cycle, double *duty, struct mp_error *err);
void mp_propagation_release(struct mp_propagation *p); /* zeroed or released memory is fine */

#endif
