/*
 * Activity from a value change dump (IEEE 1364-2001, clause 18), for a design that was simulated
 * elsewhere: transitions and duty of every net of a netlist.
 *
 * Names: a net is looked for under the design's scope by its hierarchical name (bits of vectors as
 * name[i]), then by the pin that drives it (instance.PIN, as `$dumpvars(0, dut)` writes it). Every
 * net has to be found: a net without activity would make the power too low, so it is an error.
 *
 * Window: from the first time in the value section (or begin_s) to the last one (or end_s). What
 * a net is at the start is no transition. A change counts when the settled value of one time
 * differs from that of an earlier time; several changes at one time are one, or none.
 *
 * Undefined values: x and z are waited out. 0 -> x -> 1 is one transition, 0 -> x -> 0 is none;
 * time in x or z is left out of the duty: duty = time at 1 / time at 0 or 1. A net that is never
 * defined in the window is an error, and so is $dumpoff inside the window.
 */
#ifndef MP_ACTIVITY_VCD_H
#define MP_ACTIVITY_VCD_H

#include "estimator/activity/simulator.h"

/* One settled change (or the first value) of a net; value 0, 1, or 2 for undefined. */
typedef void mp_vcd_observer(void *context, double time_s, uint32_t net, int value);

struct mp_vcd_options {
    const char *scope;         /* "tb.dut"; NULL: the scope under which most nets are found */
    double period_s;           /* of the clock; > 0 */
    double begin_s, end_s;     /* both 0: the whole dump */
    mp_vcd_observer *observer; /* NULL: none; called in the order of time */
    void *context;
};

struct mp_vcd_activity {
    /* cycles: the window in periods, rounded; ones: duty * cycles, rounded; for reports. */
    struct mp_activity activity;
    double window_s;
    double *transitions_per_cycle; /* [net] transitions * period / window, not rounded */
    double *duty;                  /* [net] 0..1, not rounded */
};

/* Plain or gzip, up to 1 GiB decompressed. The result belongs to the caller. Errors: MP_E_INPUT
 * with file and line for what is malformed, or naming the net that is missing; MP_E_NOT_FOUND for a
 * scope that is not there. */
int mp_vcd_read(struct mp_vcd_activity *out, const struct mp_netlist *n, const char *path,
                const struct mp_vcd_options *options, struct mp_error *err);
int mp_vcd_read_text(struct mp_vcd_activity *out, const struct mp_netlist *n, const char *text,
                     size_t size, const char *file_name, const struct mp_vcd_options *options,
                     struct mp_error *err);
void mp_vcd_activity_release(struct mp_vcd_activity *a);

#endif
