/*
 * Bit-parallel values of all nets of a netlist under edit: to see that a search has changed no
 * function. Plain and without state: flip-flops are cut, their outputs are inputs, their inputs are
 * outputs.
 */
#ifndef MP_TECHMAP_SIMULATE_H
#define MP_TECHMAP_SIMULATE_H

#include "estimator/techmap/mapped.h"

/* Random values: words[net * count + w], 64 patterns a word, count of them a net; owned by the
 * caller. Input port k, and the flip-flop that is gate k, get the same values for the same seed in
 * any netlist; the first patterns are all zeros and all ones. The last update returned OK. */
uint64_t *mp_mapped_simulate(const struct mp_mapped *m, uint64_t seed, uint32_t count);

/* Whether two netlists with the same ports and the same flip-flops (gate ids) agree at every output
 * port and every input of every flip-flop. MP_E_PROOF naming the first that differs. */
int mp_mapped_compare(const struct mp_mapped *a, const uint64_t *words_a, const struct mp_mapped *b,
                      const uint64_t *words_b, uint32_t count, struct mp_error *err);

#endif
