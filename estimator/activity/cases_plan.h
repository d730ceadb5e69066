/*
 * Counting cases in a block of the timed simulation. Inside of the activity module.
 *
 * While blocks run only pairs (state before, state after) are counted, per cell: what the settled
 * inputs did in a cycle; what they did in a tick; and for every transition of an output the pair
 * that caused it. What that means (cases.h) is worked out once, at the end, per pair that occurred
 * (cases_fold.c). Lanes are walked one by one: after a block has run, the transitions of all nets
 * are in lists by time (timed_kernel.h), which are turned into lists of lanes once and read by
 * every cell on the net.
 *
 * Memory of a thread: 8 bytes * 4^variables * (2 + outputs) a gate (a register: 2): 512 bytes for
 * two inputs, 24 KB for five, 98 KB for six; and 2 bytes a transition of a block.
 */
#ifndef MP_ACTIVITY_CASES_PLAN_H
#define MP_ACTIVITY_CASES_PLAN_H

#include "estimator/activity/cases.h"
#include "estimator/activity/timed_kernel.h"

/* All threads together; above it mp_cases_plan_make() refuses. */
#define MP_CASES_MEMORY_LIMIT ((size_t)2 << 30)

/* What cells of one library cell have in common. */
struct mp_cases_type {
    struct mp_cases_cell form; /* first: not used */
    uint8_t state_count_log2;  /* = form.variable_count */
    bool is_register;
    uint8_t clock_input;   /* of a register: variable of its clock */
    bool stores_on_rise;   /* of a register */
    const uint8_t *values; /* [state] bit o: value of output o */
    const uint8_t *forced; /* [state] of a register: inputs that clear or preset reads, as bits,
                              where one is active; else 0 */
};

struct mp_cases_place { /* one cell */
    const struct mp_cases_type *type;
    uint32_t net[MP_CASES_VARIABLES];      /* of each variable; IQ: of an output that shows it */
    bool iq_inverted;                      /* that output shows IQN */
    uint32_t output_net[MP_CASES_OUTPUTS]; /* MP_NONE: unconnected */
    size_t settled, ticks, caused;         /* first pair in the counter's tables */
};

struct mp_cases_plan {
    const struct mp_netlist *n;
    struct mp_cases_place *places; /* [cell] */
    struct mp_cases_type *types;   /* [library cell], those in use */
    size_t pair_count;
    uint32_t half_period; /* ticks until the clock's other edge; UINT32_MAX: never */
    struct mp_cases_cell *cells;
    size_t count; /* of struct mp_cases */
    struct mp_arena arena;
};

/* One thread's. */
struct mp_cases_counter {
    uint64_t *pairs; /* [plan pair_count], [before << variables | after] */
    uint32_t *first; /* [row of the lists + 1] into lanes */
    uint16_t *lanes; /* that move in a row */
    size_t row_capacity, lane_capacity;
};

/* MP_E_UNSUPPORTED, naming the cell: more than MP_CASES_VARIABLES inputs (a register: and state)
 * or MP_CASES_OUTPUTS outputs; a register of which no output is connected. MP_E_MEMORY: `threads`
 * counters would be more than the limit. */
int mp_cases_plan_make(struct mp_cases_plan *p, const struct mp_timed_model *m, unsigned threads,
                       struct mp_error *err);
void mp_cases_plan_release(struct mp_cases_plan *p);

void mp_cases_counter_make(struct mp_cases_counter *c, const struct mp_cases_plan *p);
void mp_cases_counter_release(struct mp_cases_counter *c);

/* Count a block that has run: its lists are in s. */
void mp_cases_count(const struct mp_cases_plan *p, struct mp_cases_counter *c,
                    const struct mp_timed_block *b, const struct mp_timed_scratch *s);

/* Add what a counter holds to both. */
void mp_cases_fold(const struct mp_cases_plan *p, const struct mp_cases_counter *c,
                   struct mp_cases *functional, struct mp_cases *timed);

/* Zero counts of the plan's shape; mp_cases_destroy() it. */
struct mp_cases *mp_cases_create(const struct mp_cases_plan *p, uint64_t cycles);

#endif
