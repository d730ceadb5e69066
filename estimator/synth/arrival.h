/*
 * A quick estimate of the longest path of a mapped netlist, to choose between candidates: table
 * lookup with slews, rise and fall apart, no wires, ideal clock. Within a few percent of OpenSTA,
 * which has the last word on every figure that is reported.
 */
#ifndef MP_SYNTH_ARRIVAL_H
#define MP_SYNTH_ARRIVAL_H

#include "estimator/netlist/netlist.h"

/* In s; n is levelised. The setup time is estimated as half the clock-to-output delay that the
 * register shows without load, since the library keeps no constraint tables. */
double mp_synth_longest_path_s(const struct mp_netlist *n);

#endif
