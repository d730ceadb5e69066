/*
 * The operands of a trace driven through a netlist: the transitions and the duty of every net.
 */
#ifndef MP_PIPELINE_OPERANDS_H
#define MP_PIPELINE_OPERANDS_H

#include "estimator/activity/simulator.h"
#include "estimator/cnn/trace.h"

/* Cycles at the start of every stretch that fill the registers and are not counted. */
#define MP_WARMUP_CYCLES 3

/* n is levelised, with the ports of netlists/design.h (`first` only where the unit has it). Each
 * stretch is a lane. Stretches that are no longer than the warm-up are MP_E_INPUT. */
int mp_operands_activity(struct mp_activity *out, const struct mp_netlist *n,
                         const struct mp_trace *trace, struct mp_error *err);

#endif
