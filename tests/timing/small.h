/*
 * A library of three cells and a netlist of two, with names that need escapes: enough to feed the
 * parsers of reports and SDF.
 */
#ifndef TESTS_TIMING_SMALL_H
#define TESTS_TIMING_SMALL_H

#include "estimator/netlist/netlist.h"

struct small {
    struct mp_library library;
    struct mp_netlist netlist; /* cell 0 "a.b[3]" (INV: A Y), cell 1 "r" (DFF: CK D Q QN) */
};
void small_open(struct small *s);
void small_close(struct small *s);

#endif
