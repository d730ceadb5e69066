/*
 * What happened at every cell of a simulation: the joint states of its inputs, in which of them
 * each input moved, and which input made each output move. With this, conditions of a library
 * (`when`, `related_pin`) are weighted by what was, not by independent probabilities
 * (power/exact.h).
 *
 *     struct mp_timed_options options = {.period_s = period_s, .cases = true};
 *     mp_timed_create(&t, n, sdf, 8, &options, err), mp_timed_step(...), ...
 *     mp_timed_finish(t, &result, err);
 *     const struct mp_cases *c = result.timed_cases;
 *     const struct mp_cases_cell *cell = &c->cells[id];
 *     for (uint32_t s = 0; s < 1u << cell->variable_count; s++)
 *         share = mp_cases_states(c, id)[s] / (MP_CASES_UNIT * c->cycles)  // of the time, in s
 *     mp_timed_result_release(&result);
 *
 * A state of a cell is a number: bit k is the value of its variable k. Variables are the input pins
 * (of a register: the clock, too), then, of a register, the state IQ. Counts are in units of
 * 1 / MP_CASES_UNIT, so that shares are whole numbers and any order of adding gives the same.
 *
 * The rules, with "before" and "after" the states of the cell around one move of its inputs:
 *   - States: settled, at the end of each cycle; of a register half at each level of the clock.
 *   - Input k: if it moved alone, all of the transition is counted in the state of the others. If
 *     others moved with it, half with the others as they were before, half as they are after. The
 *     bit of k itself has the value that k moved to, so the edge is in the state.
 *   - Output of a gate: the causes are those of the moved inputs k on which the step turns: a move
 *     of k alone from `before`, or its undoing alone from `after`, changes the function; if there
 *     are none, all that moved. They have equal shares. A share is counted with the others as they
 *     were before or as they are after, where k can cause it; half and half if in both. The bit of
 *     k as above.
 *   - Clock pin of a register: each edge in the state just before it; the edge that stores with
 *     the inputs and IQ of the cycle before, the other with those of this cycle.
 *   - Other inputs of a register: as above, IQ as it is after the edge.
 *   - Output of a register: caused by the clock, in the state just before the edge; if clear or
 *     preset is active at the end of the cycle, by the pins that clear or preset reads, in equal
 *     shares, in the state at the end.
 * Functional (without delays): a cycle is one move, from its settled state before to that after,
 * the clock at the level after the storing edge. Timed: a move is all that happens to the inputs
 * in one tick; an output transition belongs to the last move before it that changed the function;
 * the clock is at that level for half of options.period_s, then at the other (period 0: always at
 * that level). An output that drives no net is not part of the timed simulation: its transitions
 * are all changes of its function, without delay.
 */
#ifndef MP_ACTIVITY_CASES_H
#define MP_ACTIVITY_CASES_H

#include "estimator/netlist/netlist.h"

#define MP_CASES_UNIT      1680u /* halves of shares of up to 8 are whole */
#define MP_CASES_VARIABLES 8     /* most of one cell: 256 states */
#define MP_CASES_OUTPUTS   8     /* most of one cell */

struct mp_cases_cell {
    uint8_t variable_count, input_count, output_count;
    uint8_t variable[MP_CASES_VARIABLES]; /* local pin of bit k; pin_count: IQ */
    uint8_t output[MP_CASES_OUTPUTS];     /* local pins */
    size_t first;                         /* into counts */
};

struct mp_cases {
    uint32_t cell_count;
    uint64_t cycles; /* counted */
    struct mp_cases_cell *cells;
    /* By cell: [state], [input][state], [output][input][output falls, rises][state] */
    uint64_t *counts;
    size_t count;
};

static inline const uint64_t *mp_cases_states(const struct mp_cases *c, uint32_t cell)
{
    return c->counts + c->cells[cell].first;
}

/* Transitions of the pin of variable `input`, [state]; bit `input` of the state is the edge. */
static inline const uint64_t *mp_cases_input(const struct mp_cases *c, uint32_t cell,
                                             uint32_t input)
{
    const struct mp_cases_cell *x = &c->cells[cell];
    return c->counts + x->first + ((size_t)(1 + input) << x->variable_count);
}

/* Falls [0] or rises [1] of output number `output` that the pin of variable `input` caused,
 * [state]; bit `input` of the state is the edge of the cause. */
static inline const uint64_t *mp_cases_output(const struct mp_cases *c, uint32_t cell,
                                              uint32_t output, uint32_t input, bool rises)
{
    const struct mp_cases_cell *x = &c->cells[cell];
    size_t table = 1 + (size_t)x->input_count + ((size_t)output * x->input_count + input) * 2;
    return c->counts + x->first + ((table + rises) << x->variable_count);
}

/* NULL is fine. */
void mp_cases_destroy(struct mp_cases *c);

#endif
