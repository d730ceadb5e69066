/*
 * A netlist and its SDF as Verilog for Icarus: a module of its own for every instance, with the
 * function as it is in the library and a specify block that has the delays written in (Icarus 11
 * cannot annotate conditional arcs), and a testbench that counts the transitions of every net.
 */
#ifndef TESTS_ACTIVITY_TIMED_ICARUS_H
#define TESTS_ACTIVITY_TIMED_ICARUS_H

#include "estimator/timing/sdf.h"

enum icarus_mode {
    ICARUS_COUNT, /* count the transitions of every net */
    ICARUS_VCD,   /* write a dump of all nets instead */
    ICARUS_BARE   /* neither: only simulate */
};

struct icarus_job {
    const struct mp_netlist *n;
    const struct mp_sdf *sdf;
    const char *folder; /* exists; files are written there */
    size_t cycles, warmup;
    const uint8_t *inputs; /* [cycle][input] as for mp_timed_reference() */
    unsigned period_ticks; /* of 1 ps */
    enum icarus_mode mode;
};

/* transitions[net_count] of the cycles after the warm-up (ICARUS_COUNT, else NULL). wall_s: of vvp
 * alone, may be NULL. MP_E_NOT_FOUND: Icarus is not installed. */
int icarus_run(const struct icarus_job *job, uint64_t *transitions, double *wall_s,
               struct mp_error *err);

#endif
