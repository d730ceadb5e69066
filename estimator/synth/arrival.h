/*
 * A quick estimate of the longest path of a mapped netlist, to choose between candidates: table
 * lookup with slews, rise and fall apart, no wires, ideal clock. Within a few percent of OpenSTA,
 * which has the last word on every figure that is reported.
 */
#ifndef MP_SYNTH_ARRIVAL_H
#define MP_SYNTH_ARRIVAL_H

#include "estimator/netlist/netlist.h"

/* What is outside a combinational design. */
struct mp_synth_boundary {
    uint32_t driving_cell; /* drives every input, from a slew of 0; its delay without load does not
                              count (set_driving_cell). MP_NONE: inputs switch at once */
    double output_load_f;  /* on every output */
};
/* Of a net: when it has risen (0) and fallen (1) at the latest, and how steeply; arrival -1: never.
 */
struct mp_synth_wave {
    double arrival_s[2], slew_s[2];
};
/* [net], owned by the caller; load_f: what every net drives, see mp_synth_loads(). */
struct mp_synth_wave *mp_synth_arrivals(const struct mp_netlist *n, const double *load_f,
                                        const struct mp_synth_boundary *boundary);
/* [net] F, owned by the caller. */
double *mp_synth_loads(const struct mp_netlist *n, const struct mp_synth_boundary *boundary);

/* In s; n is levelised; boundary NULL: no driving cells, no loads. The setup time is estimated as
 * half the clock-to-output delay that the register shows without load, since the library keeps no
 * constraint tables. */
double mp_synth_longest_path_s(const struct mp_netlist *n,
                               const struct mp_synth_boundary *boundary);

#endif
