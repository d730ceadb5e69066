/*
 * Power inside the search: the transitions that a sample of operands makes on every net of a
 * netlist under edit, glitches among them, times the energies of its cells.
 *
 * A sample is pairs of consecutive cycles, 64 a word. Each net has its values in time slots about
 * as long as a gate's delay: values[net][slot][words], slot 0 before the operands change, the last
 * one settled. A gate takes its inputs as they were some slots before: so many as lie between the
 * slots of its own and its latest input's arrival, by the netlist's timing. Pulses shorter than a
 * slot vanish, as inertia has it; all inputs of a gate have the delay of the latest.
 *
 *     P = 1/T sum over gates of (leakage T + sum over outputs  n (C V^2 / 2 + e(slew, load))
 *                                          + sum over inputs   n e)            n: transitions a
 * cycle
 *
 * e are the library's internal energies, averaged over rise and fall, related pins and conditions.
 * A register's clock pin has two transitions a cycle, its outputs those of its state, which a
 * search never changes: they come from a sequential run at the beginning.
 *
 * The figure steers and ranks; what is stored is computed by power/ from OpenSTA's slews and the
 * timed simulator afterwards. Only what changed is simulated again, so undo needs nothing.
 *
 *     struct mp_techmap_energies energies = {0};
 *     struct mp_techmap_operands operands = {...};
 *     struct mp_techmap_power power;
 *     struct mp_power_source source;
 *     if (mp_techmap_energies_make(&energies, &nldm, err) == MP_OK)
 *         objective.power = mp_techmap_power_source(&source, &power, &energies, &operands);
 */
#ifndef MP_TECHMAP_POWER_H
#define MP_TECHMAP_POWER_H

#include "estimator/techmap/objective.h"

#define MP_TECHMAP_POWER_VERSION 1
#define MP_ENERGY_SLEWS          3
#define MP_ENERGY_LOADS          5

/* Energies of a compiled cell, J; of an output at slews and loads of its own grid. */
struct mp_techmap_energy {
    double leakage_w;
    double input_j[MP_NLDM_INPUTS]; /* of one transition, at a slew of the middle of the grid */
    struct {
        double slew_s[MP_ENERGY_SLEWS], load_f[MP_ENERGY_LOADS]; /* ascending */
        double energy_j[MP_ENERGY_SLEWS][MP_ENERGY_LOADS];
    } outputs[MP_NLDM_OUTPUTS];
};

/* Of all compiled cells. Zero-initialise; release frees. */
struct mp_techmap_energies {
    struct mp_techmap_energy *cells; /* [nldm->cell_count] */
    double supply_v;
};
int mp_techmap_energies_make(struct mp_techmap_energies *e, const struct mp_nldm *nldm,
                             struct mp_error *err);
void mp_techmap_energies_release(struct mp_techmap_energies *e);

/* Inputs of consecutive cycles: bits[(step * input_count + input) * words + word], 64 lanes a word,
 * each a stretch of its own; inputs in the order of mp_mapped's (a clock behind them is none). The
 * last two steps are the pairs, those before fill the registers. */
struct mp_techmap_operands {
    uint32_t steps, input_count, words; /* steps >= 2, words <= 8 */
    uint64_t *bits;
    double period_s;
};

struct mp_techmap_power {
    const struct mp_techmap_energies *energies;
    const struct mp_techmap_operands *operands;
};
/* Both structures are filled; everything is borrowed and must outlive the source. Returns source.
 */
const struct mp_power_source *mp_techmap_power_source(struct mp_power_source *source,
                                                      struct mp_techmap_power *power,
                                                      const struct mp_techmap_energies *energies,
                                                      const struct mp_techmap_operands *operands);

/* Functional transitions a pair of a net, and those with glitches, as measured last; for tests. */
void mp_techmap_power_net(const void *meter, uint32_t net, double *functional, double *timed);

#endif
