/*
 * A design on osu018, synthesised and timed, and the power of its activity: what the tests of
 * intervals have in common. Skips (cmocka's skip()) where the library is not there.
 */
#ifndef TESTS_PIPELINE_SAMPLED_UNIT_H
#define TESTS_PIPELINE_SAMPLED_UNIT_H

#include "estimator/pipeline/sampled.h"
#include "estimator/timing/opensta.h"
#include "tests/fake_tools/fixture.h"

#define UNIT_PERIOD_S 10e-9

struct unit {
    struct fixture f;
    struct mp_netlist netlist;
    struct mp_timing timing;
    struct mp_sdf sdf;
    struct mp_sampled_job job; /* of the above, one thread */
};
void unit_open(struct unit *u, const char *weight, const char *activation, enum mp_unit kind);
void unit_close(struct unit *u);

enum { UNIT_TOTAL, UNIT_FUNCTIONAL, UNIT_GLITCH, UNIT_ENERGY, UNIT_QUANTITIES };
/* An mp_sampled_values; context is the unit. Energy: a cycle's, of the total. */
int unit_values(void *context, const struct mp_timed_result *activity, double *values,
                struct mp_error *err);

#endif
