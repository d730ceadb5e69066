/*
 * A quick estimate of the energy of a mapped netlist in a clock cycle, glitches in, to choose
 * between candidates of one design: random operands (small numbers as likely as large ones, single
 * bits mostly 0), delays and slews by arrival.h, an output that is to change again before it has
 * changed does neither (inertial delay). Every candidate sees the same operands.
 *
 * Against the power of the whole program (a network's operands, OpenSTA's delays), correlation over
 * twelve netlists of one design, Nangate45: multipliers e4m2 0.98, int11 0.71, MACs 0.79 and 0.86
 * (x uint8); what it likes best is within 3 % of the best. Power that is reported never comes from
 * here.
 */
#ifndef MP_SYNTH_ENERGY_H
#define MP_SYNTH_ENERGY_H

#include "estimator/synth/arrival.h"

/* In J a cycle; n is levelised. Registers' own clock energy is not in it: candidates have the same
 * registers. period_s: for leakage, 0: without. */
double mp_synth_energy_j(const struct mp_netlist *n, const struct mp_synth_boundary *boundary,
                         double period_s);

#endif
