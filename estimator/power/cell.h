/*
 * The power of one instance: the formulas of docs/power.md, one function each. Everything the
 * functions read of an instance is in a view, filled by the caller, indexed by local pin.
 */
#ifndef MP_POWER_CELL_H
#define MP_POWER_CELL_H

#include "estimator/power/power.h"
#include "estimator/power/type.h"

#define MP_POWER_CELL_PINS 64 /* pins, IQ and IQN of a cell: what mp_expr can address */

/* What a net is fixed to, whatever the inputs of the circuit do. */
enum mp_power_constant { MP_CONSTANT_ZERO, MP_CONSTANT_ONE, MP_NOT_CONSTANT };

struct mp_power_cell {
    const struct mp_power_type *type;
    /* [local pin]; duty and constant also for IQ at pin_count and IQN after it */
    double density[MP_POWER_CELL_PINS]; /* D: transitions per second */
    double duty[MP_POWER_CELL_PINS];    /* 0..1 */
    double slew_rise_s[MP_POWER_CELL_PINS],
        slew_fall_s[MP_POWER_CELL_PINS];    /* outside 0..1 s: none */
    double load_f[MP_POWER_CELL_PINS];      /* outputs; 0 when unconnected */
    double supply_v[MP_POWER_CELL_PINS];    /* what an output charges its load to */
    double as_constant[MP_POWER_CELL_PINS]; /* 0, 1, or 1/2: not constant */
    bool any_constant;
};

/* 1/2 C V^2 D of an output pin, W. */
double mp_power_switching_w(const struct mp_power_cell *c, uint32_t pin);

/* Internal power of an output pin over its groups with a related pin, W. MP_E_INPUT when a group
 * that counts has no slew at its related pin; the message names the pin. */
int mp_power_output_internal_w(double *out, const struct mp_power_cell *c, uint32_t pin,
                               const struct mp_lib_pin *lib_pins, struct mp_error *err);

/* Internal power of an input pin over its groups, W. Errors as above. */
int mp_power_input_internal_w(double *out, const struct mp_power_cell *c, uint32_t pin,
                              const struct mp_lib_pin *lib_pins, struct mp_error *err);

/* Leakage of the cell, W. */
double mp_power_leakage_w(const struct mp_power_cell *c);
/* The same with P(when) of group `leakage` of the type from elsewhere. */
typedef double mp_power_probability(const void *context, uint32_t leakage);
double mp_power_leakage_from_w(const struct mp_power_cell *c, mp_power_probability *probability,
                               const void *context);

/* Timing tools mark an edge that never arrives with a huge number of either sign. */
bool mp_power_edge_arrives(double slew_s);

/* P(t) for the instance's duties; P(dt/dpin) * D(pin) summed over the pins that t reads, which is
 * the transition density of t for independent inputs (Najm, 1993), 1/s. */
double mp_power_density(const struct mp_power_cell *c, const struct mp_truth *t);

#endif
