/*
 * Timed simulation judged by Icarus Verilog, net by net, and every difference explained. Why a net
 * differs is found by construction, not from a list: Icarus runs the netlist three times, each time
 * one step nearer to what it makes of a specify block, and we have a simulation for each step.
 *
 *   Icarus                                ours                                    may differ
 *   ICARUS_INERTIAL                       mp_timed_reference(), inertial          on no net
 *       step 1: the rule for pending changes: an event sends the latest value, none is cancelled
 *           at this gate (given Icarus's inputs it moves otherwise by over 2 %), or before it
 *       step 2: what an input change does whose arcs' conditions all fail: an older arc or no delay
 *   ICARUS_PATHS_ONCE                     replay_netlist(), rule `replay_once`    on no net
 *       step 3: in one time slot, Icarus evaluates a gate for each input and sees hazards of no
 *           length inside of its function; events stay behind
 *   ICARUS_PATHS                          mp_timed_reference(), MP_PENDING_ICARUS 0.1 % in total
 *
 * A net is put down to the step that changes its count most. It is unexplained if the two ends of
 * the steps are not what Icarus has.
 */
#ifndef TESTS_ACTIVITY_JUDGE_H
#define TESTS_ACTIVITY_JUDGE_H

#include "tests/activity/timed_icarus.h"

enum judge_step {
    JUDGE_RULE_HERE,
    JUDGE_RULE_BEFORE,
    JUDGE_UNCOVERED,
    JUDGE_SLOT,
    JUDGE_UNEXPLAINED,
    JUDGE_STEPS
};

/* Of one of our simulations against ICARUS_PATHS. */
struct judge_comparison {
    uint64_t transitions;
    double total;                /* relative difference */
    uint32_t away;               /* of the nets that move often, those that differ by over 2 % */
    double worst;                /* the largest relative difference of those that move often */
    uint32_t steps[JUDGE_STEPS]; /* of `away` */
};

struct judgement {
    uint32_t nets, often; /* often: 40 times or more in Icarus */
    uint64_t functional,
        paths; /* transitions of all nets but the clock: without delays; Icarus's */
    /* Nets whose transitions are not all at Icarus's times: at the ends of the steps. */
    uint32_t inertial_wrong, once_wrong;
    uint32_t fast_wrong; /* nets on which mp_timed_step() counts otherwise than the reference */
    struct judge_comparison inertial, path_rule;
    uint64_t uncovered, unsettled; /* as in mp_timed_result, inertial */
};

/* sdf: what ours uses, job->sdf: what Icarus does; the same but in a test of this test. Mode and
 * delays of the job do not matter. Errors: as icarus_run(). */
int judge_run(struct judgement *j, const struct icarus_job *job, const struct mp_sdf *sdf,
              struct mp_error *err);

#endif
