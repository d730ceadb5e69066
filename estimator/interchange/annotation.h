/*
 * Activity of a netlist from a file that another simulator wrote: a VCD (IEEE 1364-2001, clause 18;
 * vcd.h) or a backward SAIF (IEEE 1801, annex I; saif.h), plain or gzip, told apart by content. A
 * VCD of several gigabytes streams through; memory is that of its names.
 *
 *     struct mp_annotation a;
 *     struct mp_annotation_options o = {.period_s = 2e-9, .scope = "tb.dut"};
 *     if (mp_annotation_read(&a, &netlist, "run.vcd.gz", &o, err) < 0)
 *         goto cleanup;
 *     use a.transitions_per_cycle, a.duty           (for mp_power_input)
 *     report a.annotated_pins of a.connected_pins
 *     mp_annotation_release(&a)
 *
 * Names: see names.h. What is missing is an error, since a net without activity would make the
 * power too low; with allow_missing the result says which nets have none, for mp_power_propagate().
 *
 * Clock: the file's clock net must move twice a period (2 % or a window's ragged ends apart), so a
 * wrong period or timescale does not go unseen. Without the clock in the file there is no check.
 *
 * Window of a VCD: from the first time in the value section (or begin_s) to the last one (or
 * end_s). What a net is at the start is no transition. A change counts when the settled value of
 * one time differs from that of an earlier time; several changes at one time are one, or none. From
 * $dumpoff to $dumpon nothing is known: that time is not part of the window.
 *
 * Undefined values: x and z are waited out. 0 -> x -> 1 is one transition, 0 -> x -> 0 is none;
 * time in x or z is left out of the duty: duty = time at 1 / time at 0 or 1. A net that is never
 * defined in the window is an error.
 */
#ifndef MP_INTERCHANGE_ANNOTATION_H
#define MP_INTERCHANGE_ANNOTATION_H

#include "estimator/activity/simulator.h"

/* One settled change (or the first value) of a net of a VCD; value 0, 1, or 2 for undefined. */
typedef void mp_annotation_observer(void *context, double time_s, uint32_t net, int value);

struct mp_annotation_options {
    const char *scope;     /* "tb.dut" or "tb/dut"; NULL: the scope with most nets of the netlist */
    double period_s;       /* of the clock; > 0 */
    double begin_s, end_s; /* VCD only; both 0: the whole dump */
    bool allow_missing;    /* nets that are not in the file: false, an error; true, net_annotated */
    mp_annotation_observer *observer; /* VCD only; NULL: none; called in the order of time */
    void *context;
};

enum mp_annotation_kind { MP_ANNOTATION_VCD, MP_ANNOTATION_SAIF };

struct mp_annotation {
    enum mp_annotation_kind kind;
    /* cycles: the window in periods, rounded; transitions as in the file; ones: duty * cycles,
     * rounded; for reports. */
    struct mp_activity activity;
    double window_s;
    double *transitions_per_cycle;           /* [net] transitions * period / window, not rounded */
    double *duty;                            /* [net] 0..1, not rounded */
    bool *net_annotated;                     /* [net] true for constants; where false, duty and
                                             transitions_per_cycle are NAN, which power refuses */
    uint32_t net_count, missing_nets;        /* of the nets with a pin or port, constants apart */
    uint32_t connected_pins, annotated_pins; /* of the cells, pins on constants are annotated */
    char scope[256];                         /* the one that was taken */
    char missing[256];                       /* names of the first missing nets, "a, b, c" */
};

/* n: levelised, for its clock. The result belongs to the caller; on failure there is nothing to
 * release. MP_E_INPUT with file and line for what is malformed, cut off or contradicts itself, for
 * nets that are missing, for a clock that is not as said; MP_E_NOT_FOUND: no such file, no scope
 * with names of the netlist; MP_E_USAGE: options. */
int mp_annotation_read(struct mp_annotation *out, const struct mp_netlist *n, const char *path,
                       const struct mp_annotation_options *options, struct mp_error *err);
int mp_annotation_read_text(struct mp_annotation *out, const struct mp_netlist *n, const char *text,
                            size_t size, const char *file_name,
                            const struct mp_annotation_options *options, struct mp_error *err);
void mp_annotation_release(struct mp_annotation *a); /* zeroed or released memory is fine */

/* For the readers: make room for n, every net unannotated but for the constants. */
void mp_annotation_init(struct mp_annotation *a, const struct mp_netlist *n);
/* For the readers, once window_s, the nets' numbers and net_annotated are there: cycles, ones,
 * shares and the checks. slack: transitions of the clock that a ragged window may lack. */
int mp_annotation_finish(struct mp_annotation *a, const struct mp_netlist *n, const char *file,
                         const struct mp_annotation_options *options, unsigned slack,
                         struct mp_error *err);

#endif
