/*
 * Yosys's generic gates ($_AND_, $_XOR_, $_MUX_, $_DFF_P_, ...) as a library of ours, so that a
 * netlist that was elaborated but not mapped is read and simulated like any other. Areas are 0 and
 * there are no tables: it is for logic only.
 */
#ifndef MP_NETLIST_GATES_H
#define MP_NETLIST_GATES_H

#include "estimator/liberty/library.h"

int mp_gates_library(struct mp_library *lib, struct mp_error *err);

#endif
