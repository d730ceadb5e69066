/*
 * VCD (IEEE 1364-2001, clause 18) of our own simulations, for a waveform viewer or another power
 * tool: ports (vectors as vectors), all other nets, and if asked for the pins of every cell.
 *
 * Of the functional simulator, one lane as it goes or all lanes one after the other:
 *
 *     struct mp_vcd_write_options o = {.period_s = 2e-9, .words = 8, .lane = MP_NONE};
 *     mp_vcd_writer_create(&w, &netlist, "run.vcd.gz", &o, err)
 *     for every cycle
 *         mp_simulator_step(s, inputs, mask)        (mask NULL: warm-up)
 *         mp_vcd_writer_step(w, s, mask, err)
 *     mp_vcd_writer_finish(w, err)
 *     mp_vcd_writer_destroy(w)
 *
 * Of the plain timed simulation, with every glitch where it happens; values[] is what the nets
 * were in the cycle before the first that counts (nets_out of mp_reference_simulate()):
 *
 *     mp_vcd_writer_begin(w, values, warmup, err)
 *     mp_timed_reference(&r, n, sdf, &to, cycles, warmup, inputs, mp_vcd_writer_observe, w, err)
 *     mp_vcd_writer_end(w, cycles - warmup, err)
 *     mp_vcd_writer_finish(w, err)
 *
 * Times: a stretch begins with the values before its first cycle; the edge of cycle k comes 1 tick
 * + k periods later, so that the transitions of the first cycle are seen as such; the stretch ends
 * a whole number of periods after its begin. Between two stretches (lanes, or a lane that was not
 * counted for a while) lies one period from $dumpoff to $dumpon in which everything is x, since the
 * one does not lead to the other. mp_annotation_read() with the same period gives exactly the
 * counts of the simulator: cycles, transitions, and from the functional simulator ones. Programs
 * that take the gaps for activity should be given one lane.
 */
#ifndef MP_INTERCHANGE_VCD_WRITE_H
#define MP_INTERCHANGE_VCD_WRITE_H

#include "estimator/activity/simulator.h"

struct mp_vcd_write_options {
    double period_s;   /* > 0; rounded to an even number of ticks */
    double tick_s;     /* 0: 1 ps, or 1 fs where the period asks for it; 1 fs if below 1 ps */
    const char *scope; /* "tb.dut"; NULL: the module's name */
    bool with_pins;    /* a scope for each cell with its pins, which other power tools need */
    /* For mp_vcd_writer_step() only: */
    unsigned words; /* of the simulator */
    uint32_t lane;  /* this one alone, written as it goes; MP_NONE: all that are counted, held in
                       memory (a bit a net, cycle and lane) until the end */
    size_t limit_bytes; /* of that memory; 0: 1 GiB */
};

struct mp_vcd_writer; /* opaque */

/* Plain, or gzip if path ends in ".gz". n: levelised, must outlive it. MP_E_USAGE: options. */
int mp_vcd_writer_create(struct mp_vcd_writer **out, const struct mp_netlist *n, const char *path,
                         const struct mp_vcd_write_options *options, struct mp_error *err);
void mp_vcd_writer_destroy(struct mp_vcd_writer *w); /* accepts NULL; unfinished: no file */

/* After each step, also those that are not counted; once before the first if that one counts. mask
 * as given to the step. MP_E_MEMORY above limit_bytes. */
int mp_vcd_writer_step(struct mp_vcd_writer *w, const struct mp_simulator *s, const uint64_t *mask,
                       struct mp_error *err);

/* A stretch by hand; values[net] 0 or 1. */
void mp_vcd_writer_begin(struct mp_vcd_writer *w, const uint8_t *values, size_t first_cycle);
/* An mp_timed_observer; context is the writer. A change after the period's end cannot be drawn: it
 * is an error of mp_vcd_writer_end(). */
void mp_vcd_writer_observe(void *context, size_t cycle, double time_s, uint32_t net, bool value);
/* A cycle without delays: everything changes at the edge; values[net] are the settled ones. */
void mp_vcd_writer_cycle(struct mp_vcd_writer *w, const uint8_t *values);
/* cycles: how many the stretch has. */
int mp_vcd_writer_end(struct mp_vcd_writer *w, size_t cycles, struct mp_error *err);

/* The file is there afterwards. MP_E_USAGE: nothing was counted. */
int mp_vcd_writer_finish(struct mp_vcd_writer *w, struct mp_error *err);

#endif
