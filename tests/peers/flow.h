/*
 * One way of others from a description to mapped netlists: a Yosys, its front end, its scripts.
 */
#ifndef TESTS_PEERS_FLOW_H
#define TESTS_PEERS_FLOW_H

#include "estimator/synth/yosys.h"
#include "tests/peers/measure.h"

struct peer_tool {
    const char *label;  /* "Yosys 0.23" */
    const char *folder; /* of npm's @yowasp/yosys; NULL: the system's Yosys */
    const char *runner; /* yowasp.mjs */
};

/* What one process makes, all of it from one elaboration of one description. */
struct peer_flow {
    const struct peer_tool *tool;
    const char *front;  /* commands between read_verilog and the mapping: "synth -flatten -booth" */
    const char *recipe; /* every script of this recipe of ours; "yosys-default": Yosys's own */
    const double *targets_s;
    uint32_t target_count;
    unsigned variant; /* renames everything: see mp_yosys_job.variant */
};

/* Called with every netlist that came out; it counts when MP_OK comes back. */
typedef int peer_netlist(void *context, const char *verilog, struct mp_error *err);

/* temp_dir: private; *count: how many netlists. A script without target is run once. */
int peer_flow_run(const struct peer_flow *flow, const char *verilog, const struct mp_target *target,
                  const char *temp_dir, peer_netlist *take, void *context, struct mp_error *err);

#endif
