/*
 * OpenSTA: critical path, slack, slews and SDF of a mapped netlist. Three files: script.c makes the
 * Tcl (pure), opensta.c runs it through the process door, parse.c reads what it printed (pure).
 * Debian's 2.0.17 exits with 0 after any error, so a result is only believed when the report is
 * complete to its last line, names no Error and covers every pin.
 */
#ifndef MP_TIMING_OPENSTA_H
#define MP_TIMING_OPENSTA_H

#include "estimator/timing/wireload.h"

struct mp_opensta_job {
    const char *program;                   /* "sta" or a path */
    const char *netlist_path;              /* Verilog file */
    const struct mp_netlist *netlist;      /* the same, read and levelised */
    const char *liberty_path;              /* as prepared: no default wire load */
    const struct mp_wire_model *wire_load; /* NULL: none */
    double period_s;
    const char *driving_cell; /* of every input but the clock; NULL: inputs switch at once */
    double output_load_f;     /* on every output */
    bool want_sdf;
    double timeout_s;     /* 0: 120 s */
    const char *temp_dir; /* private folder of this job, exists */
    const char *keep_dir; /* where the output of failures is kept; NULL: $TMPDIR */
};

struct mp_timing {
    uint32_t pin_count;
    double critical_path_s; /* longest path between registers or ports, setup included: period -
                               slack */
    double slack_s; /* worst setup slack at period_s; ideal clock, no input or output delays */
    /* [pin] worst slew; 0 at clock pins (ideal clock), at pins on an input port without
     * driving cell, on a constant or tie cell (nothing switches) and at outputs without a
     * net. */
    double *slew_rise_s, *slew_fall_s;
    char *sdf; /* owned; NULL unless asked for */
    double wall_s, cpu_s;
};

int mp_opensta_run(struct mp_timing *out, const struct mp_opensta_job *job, struct mp_error *err);
void mp_timing_release(struct mp_timing *t);

/* "2.0.17". */
int mp_opensta_version(const char *program, char *out, size_t size, struct mp_error *err);

#endif
