/*
 * The operands of a trace driven through a netlist: the transitions and the duty of every net.
 */
#ifndef MP_PIPELINE_OPERANDS_H
#define MP_PIPELINE_OPERANDS_H

#include "estimator/activity/timed.h"
#include "estimator/cnn/trace.h"

/* Cycles at the start of every stretch that fill the registers and are not counted. */
#define MP_WARMUP_CYCLES 3

/* n is levelised, with the ports of netlists/design.h (`first` only where the unit has it). Each
 * stretch is a lane. Stretches that are no longer than the warm-up are MP_E_INPUT. */
/* Functional activity alone. */
int mp_operands_activity(struct mp_activity *out, const struct mp_netlist *n,
                         const struct mp_trace *trace, struct mp_error *err);

/* Functional and timed activity of the same cycles; sdf is the netlist's. threads: 0, all cores. */
int mp_operands_timed(struct mp_timed_result *out, const struct mp_netlist *n,
                      const struct mp_sdf *sdf, const struct mp_trace *trace, double period_s,
                      unsigned threads, struct mp_error *err);

#endif
