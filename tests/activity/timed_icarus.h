/*
 * A netlist and its SDF as Verilog for Icarus: a module of its own for every instance, with the
 * function as it is in the library and a specify block that has the delays written in (Icarus 11
 * cannot annotate conditional arcs), and a testbench that counts the transitions of every net.
 * The rising edge of cycle c is at period_ticks / 2 + c * period_ticks.
 */
#ifndef TESTS_ACTIVITY_TIMED_ICARUS_H
#define TESTS_ACTIVITY_TIMED_ICARUS_H

#include "estimator/timing/sdf.h"
#include "tests/activity/replay.h"

enum icarus_mode {
    ICARUS_COUNT, /* count the transitions of every net */
    ICARUS_VCD,   /* write a dump of all nets instead */
    ICARUS_BARE   /* neither: only simulate */
};

enum icarus_delays {
    ICARUS_PATHS, /* specify paths: Icarus's own rule for pending changes, see MP_PENDING_ICARUS */
    /* The same, but a cell's function is evaluated once in a time slot, when all of its inputs have
     * moved. Plain paths see it move with each input, and hazards inside of its expression, in no
     * time at all, but for every such move an event is scheduled. */
    ICARUS_PATHS_ONCE,
    /* The same delays of the same arcs in continuous assignments, `assign #(rise, fall) z = f`,
     * with rise and fall set anew whenever inputs move. Those are inertial in Icarus too (IEEE
     * 1364-2005, 6.1.3): what is pending is cancelled when f moves back. */
    ICARUS_INERTIAL
};

struct icarus_job {
    const struct mp_netlist *n;
    const struct mp_sdf *sdf;
    const char *folder; /* exists; files are written there */
    size_t cycles, warmup;
    const uint8_t *inputs; /* [cycle][input] as for mp_timed_reference() */
    unsigned period_ticks; /* of 1 ps */
    enum icarus_mode mode;
    bool unknown_registers; /* they hold x until the netlist's inputs have reached them, else 0 */
    enum icarus_delays delays;
};

/* transitions[net_count] of the cycles after the warm-up (ICARUS_COUNT, else NULL). wall_s: of vvp
 * alone, may be NULL. MP_E_NOT_FOUND: Icarus is not installed. */
int icarus_run(const struct icarus_job *job, uint64_t *transitions, double *wall_s,
               struct mp_error *err);

/* What the last ICARUS_VCD run of this job dumped: waves[net] from the end of the warm-up on, made
 * by replay_waves_create(). An undefined value is an error. */
int icarus_read_waves(const struct icarus_job *job, struct wave *waves, struct mp_error *err);

#endif
