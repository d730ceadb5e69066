/*
 * SAIF, the Switching Activity Interchange Format 2.0 (IEEE 1801, annex I): for every net how long
 * it was 0 (T0), 1 (T1), undefined (TX, TZ, TB) and how often it changed (TC).
 *
 * Writing, from the counts of a simulator:
 *
 *     struct mp_saif_options o = {.period_s = 2e-9, .with_pins = true};
 *     mp_saif_write("mul.saif", &netlist, &result.timed, &o, err);
 *
 * Duration is cycles times the period in ticks and T1 is ones times the period, so that nothing is
 * rounded: mp_annotation_read() with the same period gives the same cycles, transitions and ones.
 * From timed counts TC holds the timed transitions, glitches included; T1 is that of settled values
 * in both. IG (pulses that were swallowed) is not counted by our simulators and not written.
 *
 * Reading is mp_annotation_read(). Understood: backward files with any nesting of INSTANCE (with or
 * without a quoted type), NET and PORT sections, escaped names, comments, a missing TIMESCALE (1
 * ns); IG, IK, LEAKAGE and state-dependent (COND) entries are passed over.
 */
#ifndef MP_INTERCHANGE_SAIF_H
#define MP_INTERCHANGE_SAIF_H

#include "estimator/interchange/annotation.h"
#include "estimator/interchange/source.h"

struct mp_saif_options {
    double
        period_s; /* > 0; the tick is 1 ps, or 1 fs where the period is not an even number of ps */
    const char *scope; /* "tb.dut": INSTANCE levels around the design; NULL: the module's name */
    bool with_pins;    /* an INSTANCE a cell with its pins in a NET section: OpenSTA takes instance
                          pins and ports of the design, no nets, and reads no PORT section */
};

/* Plain, or gzip if path ends in ".gz"; written beside and renamed. MP_E_USAGE: no cycles, a period
 * of less than 2 fs, or a duration above 2^53 ticks, which readers cannot hold exactly. */
int mp_saif_write(const char *path, const struct mp_netlist *n, const struct mp_activity *activity,
                  const struct mp_saif_options *options, struct mp_error *err);

/* The reader behind mp_annotation_read(); options are checked already. The source stays open. */
int mp_saif_read(struct mp_annotation *out, const struct mp_netlist *n, struct mp_source *s,
                 const struct mp_annotation_options *options, struct mp_error *err);

#endif
