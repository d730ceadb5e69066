/*
 * Timed simulation: transitions with gate delays, glitches included, from an SDF.
 *
 * Registers cut all paths, so a cycle is a problem of its own once the functional pass knows what
 * the registers and ports were before the clock edge and are after it. Within a cycle, times count
 * from the edge, in whole ticks (1 ps unless told otherwise; delays are rounded, and one below a
 * tick, or negative, is one tick):
 *   - A register output that changes does so at its clock-to-output delay, rise and fall apart, the
 *     smallest where the SDF has several; one that asynchronous clear or preset changes, too.
 *   - Input ports change at input_delay_s.
 *   - All transitions of one time happen together; then each gate that saw one is evaluated. If its
 *     function's value changed, so will the output, after the smallest delay among the arcs that
 *     come from an input that moved just now, have that edge, and whose COND holds for the inputs
 *     as they are now.
 *   - If no arc covers the case (the conditions of some multiplexers leave gaps, above all when
 *     several inputs move together): the smallest delay of that output edge among the arcs from the
 *     inputs that moved, their conditions ignored; failing that, among all arcs of the output.
 *     Such transitions are counted as `uncovered`.
 *   - Inertial (the default): a change of the function while the output's last change is still to
 *     come cancels that one, so a pulse shorter than the delay of its first edge is swallowed; one
 *     of just that length gets through.
 * The last transition leaves the functional value on every net, which is checked.
 *
 * Glitch transitions = timed - functional, on the same cycles.
 */
#ifndef MP_ACTIVITY_TIMED_H
#define MP_ACTIVITY_TIMED_H

#include "estimator/activity/cases.h"
#include "estimator/activity/simulator.h"
#include "estimator/timing/sdf.h"

enum mp_pending {
    MP_PENDING_INERTIAL,
    /* As Icarus Verilog 11 treats specify paths, to compare with it; the plain reference only. A
     * change of the function schedules an event that later sends whatever value the function then
     * has; none is cancelled. Among the arcs whose condition holds, those from the inputs that
     * moved last count, whether they caused the change or not: the event comes at the smallest
     * (time of that move + delay), but one tick from now at the earliest. Conditions see the inputs
     * as they were before this time's transitions, since they are evaluated after the function is.
     * (Source: vvp_fun_modpath in vvp/delay.cc of Icarus Verilog, and measured.) */
    MP_PENDING_ICARUS
};

struct mp_timed_options {
    double tick_s;        /* 0: 1e-12; 1e-15..1e-9 */
    double period_s;      /* cycles that move later than this are counted; 0: not checked */
    double input_delay_s; /* when input ports change, >= 0; 0 for ports of registers outside with
                             the same clock and no delay */
    enum mp_pending pending;
    unsigned threads; /* 0: the cores this process may use */
    bool cases;       /* count cases (cases.h), too; not in mp_timed_reference(), which refuses */
};

struct mp_timed_result {
    /* Of the same cycles. timed.ones is functional.ones: cycles that end with 1. */
    struct mp_activity functional, timed;
    uint64_t unsettled_cycles; /* with a transition after period_s: their count is what it would be
                                  if the clock waited */
    double latest_s;           /* the last transition of any cycle */
    uint64_t uncovered;        /* see above */
    struct mp_cases *functional_cases, *timed_cases; /* if asked for, else NULL; owned */
};
void mp_timed_result_release(struct mp_timed_result *r); /* zeroed or released memory is fine */

/* The fast simulation: as mp_simulator (which it drives for the functional pass) lanes are
 * independent stretches of cycles, and a step is one cycle of each. Every counted lane of every
 * step is an independent cycle of the timed simulation; the counts are exactly the reference's.
 * Two engines: lanes.h (about 15 MB a thread for a multiplier of 500 cells), and timed_kernel.h
 * (20 MB) for cells of more than six inputs, for cycles that can take more than 16,381 ticks (8189
 * with cells of five or six inputs), and if cases are counted.
 *
 *     mp_timed_create(&t, n, sdf, 8, &options, err)
 *     for every cycle
 *         mp_timed_step(t, inputs, cycle < warmup ? NULL : mask, err)
 *     mp_timed_finish(t, &result, err)
 *     mp_timed_destroy(t)
 */
struct mp_timed; /* opaque; used by one thread at a time, works with options.threads */

/* words: 1..64 words of 64 lanes. n and sdf must outlive it. Errors as for mp_timed_reference(). */
int mp_timed_create(struct mp_timed **out, const struct mp_netlist *n, const struct mp_sdf *sdf,
                    unsigned words, const struct mp_timed_options *options, struct mp_error *err);
void mp_timed_destroy(struct mp_timed *t); /* accepts NULL */
/* The functional pass, to find inputs by name or to load a state; not to be stepped by itself if
 * its counts are to be those of the same cycles. */
struct mp_simulator *mp_timed_simulator(struct mp_timed *t);
/* As mp_simulator_step(). Work is gathered until there is enough for all threads, so an error may
 * belong to an earlier step; afterwards only mp_timed_destroy() is possible. */
int mp_timed_step(struct mp_timed *t, const uint64_t *inputs, const uint64_t *count_mask,
                  struct mp_error *err);
/* What was counted since creation; steps may follow. The result belongs to the caller. */
int mp_timed_finish(struct mp_timed *t, struct mp_timed_result *out, struct mp_error *err);

/* The plain reference: event-driven, one cycle after the other, every expression evaluated as it
 * is. inputs[cycle][input_count] bytes of 0 or 1 as for mp_reference_simulate(); the first `warmup`
 * (at least 1) cycles are not counted. observer, if not NULL, sees every transition of the counted
 * cycles in the order of time; time_s from the clock edge.
 * MP_E_INPUT: an output without a delay for one of its edges or inputs, unless an input of the cell
 * is constant (OpenSTA leaves out what a constant blocks); then it is one as soon as that edge
 * happens. MP_E_UNSUPPORTED: what mp_simulator_create() refuses. MP_E_USAGE: options out of range.
 */
typedef void mp_timed_observer(void *context, size_t cycle, double time_s, uint32_t net,
                               bool value);
int mp_timed_reference(struct mp_timed_result *out, const struct mp_netlist *n,
                       const struct mp_sdf *sdf, const struct mp_timed_options *options,
                       size_t cycles, size_t warmup, const uint8_t *inputs,
                       mp_timed_observer *observer, void *context, struct mp_error *err);

#endif
