/*
 * A second timed simulator, to judge rules by: gate after gate in topological order, each turned
 * from the whole waveforms of its inputs into the waveform of its output. Slow, but the rule can
 * be another for every cell, and a single gate can be asked what it would have done with waveforms
 * that come from elsewhere, from a dump of Icarus Verilog for one.
 */
#ifndef TESTS_ACTIVITY_REPLAY_H
#define TESTS_ACTIVITY_REPLAY_H

#include "estimator/activity/timed_model.h"

/* When a net toggles, in ticks, ascending; its value before the first. */
struct wave {
    uint64_t *times;
    size_t count, capacity;
    uint8_t first;
};
struct wave *replay_waves_create(uint32_t net_count);
void replay_waves_free(struct wave *waves, uint32_t net_count); /* accepts NULL */
void replay_toggle(struct wave *w, uint64_t time);
enum replay_arcs {
    REPLAY_MOVED_NOW,     /* mp_timed_delay(): the smallest of the arcs from inputs that moved */
    REPLAY_ICARUS_ARCS,   /* as MP_PENDING_ICARUS says */
    REPLAY_ICARUS_SETTLED /* the same with conditions as the inputs are now, and no delay at all
                             where none is left */
};
struct replay_rule {
    /* An event sends the function's value of that time and none is cancelled, as Icarus does. */
    bool sends_latest;
    /* Else a change that undoes one still to come is dropped together with it. */
    enum replay_arcs arcs;
};
/* MP_PENDING_INERTIAL, MP_PENDING_ICARUS, and what Icarus does where a function is evaluated once
 * in a time slot. */
extern const struct replay_rule replay_inertial, replay_icarus, replay_once;

/* What output (index into m->outputs, a combinational one) makes of waves[net] of its inputs; added
 * to the empty wave `out`. */
void replay_gate(const struct mp_timed_model *m, uint32_t output, const struct replay_rule *rule,
                 const struct wave *waves, struct wave *out);
/* All combinational outputs, from the waves of ports, registers and constants in `sources`;
 * rules[c] is the rule of cell c. The caller frees. */
struct wave *replay_netlist(const struct mp_timed_model *m, const struct wave *sources,
                            const struct replay_rule *const *rules);

#endif
