/*
 * The operands of a trace driven through a netlist: the transitions and the duty of every net.
 */
#ifndef MP_PIPELINE_OPERANDS_H
#define MP_PIPELINE_OPERANDS_H

#include "estimator/activity/timed.h"
#include "estimator/cnn/trace.h"
#include "estimator/pipeline/bindings.h"

/* Cycles at the start of every stretch that fill the registers and are not counted; of modules with
 * more registers in a row: mp_bindings.warmup_cycles. */
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

/* Products of the trace in a cycle of a unit bound as b says, on average; terms, but where groups
 * end with their output before they are full. */
double mp_operands_terms(const struct mp_bindings *b, const struct mp_trace *trace);

/* The same with ports bound as b says, for any netlist. The trace has the formats of b. */
int mp_operands_activity_bound(struct mp_activity *out, const struct mp_netlist *n,
                               const struct mp_bindings *b, const struct mp_trace *trace,
                               struct mp_error *err);
int mp_operands_timed_bound(struct mp_timed_result *out, const struct mp_netlist *n,
                            const struct mp_sdf *sdf, const struct mp_bindings *b,
                            const struct mp_trace *trace, const struct mp_timed_options *options,
                            struct mp_error *err);

/*
 * What both are made of, for other ways to simulate: the inputs of any cycle of any stretch. All
 * stretches have as many cycles; the first ones (resets, then what fills the registers) are not to
 * be counted.
 *
 *     mp_driver_create(&d, n, simulator, b, trace, err)
 *     uint32_t stretch[MP_DRIVER_LANES], cycle[MP_DRIVER_LANES];
 *     ... stretch[lane] = lane for lane < lanes
 *     for (uint32_t c = 0; c < mp_driver_cycles(d); c++) {
 *         ... cycle[lane] = c
 *         mp_simulator_step(simulator, mp_driver_inputs(d, lanes, stretch, cycle),
 *                           c < mp_driver_uncounted(d) ? NULL : mask);
 *     }
 *     mp_driver_destroy(d)
 */
#define MP_DRIVER_WORDS 8
#define MP_DRIVER_LANES (64 * MP_DRIVER_WORDS)

struct mp_driver; /* opaque; used by one thread at a time */
/* The simulator only tells where inputs are; b and trace must outlive the driver. */
int mp_driver_create(struct mp_driver **out, const struct mp_netlist *n,
                     const struct mp_simulator *simulator, const struct mp_bindings *b,
                     const struct mp_trace *trace, struct mp_error *err);
void mp_driver_destroy(struct mp_driver *d); /* accepts NULL */
/* Of each stretch, those not counted included. Where groups of terms end with their output, this is
 * the number of groups in the stretch that has the fewest. */
uint32_t mp_driver_cycles(const struct mp_driver *d);
uint32_t mp_driver_uncounted(const struct mp_driver *d);
/* inputs[input_count][MP_DRIVER_WORDS]: lane l (< lanes) is in cycle[l] of stretch[l]; zeros in
 * lanes that are beyond the last cycle, and in the others. Valid until the next call. */
const uint64_t *mp_driver_inputs(struct mp_driver *d, uint32_t lanes, const uint32_t *stretch,
                                 const uint32_t *cycle);

#endif
