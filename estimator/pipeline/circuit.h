/*
 * A mapped netlist with all that its power needs, wherever it came from: generated and synthesised,
 * the user's own Verilog, or a netlist that was mapped before. Everything is borrowed.
 */
#ifndef MP_PIPELINE_CIRCUIT_H
#define MP_PIPELINE_CIRCUIT_H

#include "estimator/activity/simulator.h"
#include "estimator/pipeline/target.h"
#include "estimator/power/power.h"
#include "estimator/timing/opensta.h"

struct mp_circuit {
    const struct mp_target *target;
    const struct mp_netlist *netlist; /* levelised */
    const char *verilog;              /* its text, for other programs */
    const struct mp_timing *timing;   /* with SDF */
    const double *wire_cap_f;         /* [net] with output loads; NULL: neither */
    const struct mp_wire_model *wire_load;
    double output_load_f;           /* on every output; 0: none */
    const struct mp_blocks *blocks; /* NULL: no sums by block */
    double clock_period_s;
};

/* Per cycle, from counts; [net] each. */
void mp_circuit_rates(double *transitions, double *duty, const struct mp_activity *activity);

/* What mp_power_compute() needs for these rates. */
void mp_circuit_power_input(struct mp_power_input *in, const struct mp_circuit *c,
                            const double *transitions, const double *duty);

/* Compatible power. MP_E_INPUT also where the library gives no internal power at all: such a
 * library would look better than every other. */
int mp_circuit_power(struct mp_power *power, const struct mp_circuit *c, const double *transitions,
                     const double *duty, struct mp_error *err);

/* Share of the connected pins whose net something drives: a cell, an input port or a constant. */
double mp_circuit_driven_share(const struct mp_netlist *n);

#endif
