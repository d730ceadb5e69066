/*
 * A mapped netlist under the measure that the comparison uses: the library's cheapest buffer
 * drives every input, four of its inputs load every output, the library's own wire load where it
 * has one, worst path by OpenSTA.
 */
#ifndef TESTS_PEERS_MEASURE_H
#define TESTS_PEERS_MEASURE_H

#include "estimator/pipeline/target.h"
#include "tests/peers/designs.h"

struct peer_figures {
    double area_um2, delay_s;
};

/* The netlist is simulated with corner and random operands first: MP_E_PROOF names the operands
 * that it gets wrong. temp_dir: private. */
int peer_measure(struct peer_figures *out, const struct peer_design *design, const char *verilog,
                 const char *top, const struct mp_target *target, const char *temp_dir,
                 struct mp_error *err);
/* Of the measure. */
const char *peer_driving_cell(const struct mp_target *target);
double peer_output_load_f(const struct mp_target *target);

#endif
