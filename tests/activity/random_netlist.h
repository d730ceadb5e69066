/*
 * A random netlist as Verilog text that holds every cell of a library that can be simulated at
 * least once, so that every function of every library goes through every kernel.
 */
#ifndef MP_TESTS_ACTIVITY_RANDOM_NETLIST_H
#define MP_TESTS_ACTIVITY_RANDOM_NETLIST_H

#include "estimator/liberty/library.h"
#include "estimator/util/random.h"

/* inputs: width of input port `a`; extra: cells beyond one of each kind. Returns how many cells
 * were written. */
unsigned random_netlist(struct mp_text *out, const struct mp_library *lib, unsigned inputs,
                        unsigned extra, uint64_t seed);

#endif
