/*
 * OpenSTA as a second power engine: the same netlist, library, clock and activity through its
 * power model, cell by cell, to hold ours against.
 *
 * A current OpenSTA (one that knows read_saif) reads the activity of every instance pin from a
 * SAIF. Debian's 2.0.17 cannot; there each pin is set through ::sta::set_power_pin_activity. What
 * it propagates from the input ports overwrites pins that no register cuts off, so designs whose
 * input ports feed logic are MP_E_UNSUPPORTED there. Its switching power is exact; its internal
 * power adds rise and fall energies and all related-pin groups instead of averaging, and its
 * leakage ignores conditions: see mp_opensta_power_caveat().
 *
 *     struct mp_opensta_power p = {0};
 *     struct mp_opensta_power_job job = {.program = "sta", .netlist_path = "mapped.v", .in = &in,
 *                                        .liberty_paths = lib.files, .liberty_count =
 * lib.file_count, .temp_dir = dir}; mp_opensta_power_run(&p, &job, err) p.total.switching_w
 *     mp_opensta_power_release(&p)
 */
#ifndef MP_POWER_OPENSTA_POWER_H
#define MP_POWER_OPENSTA_POWER_H

#include "estimator/power/power.h"
#include "estimator/timing/wireload.h"

struct mp_opensta_power_job {
    const char *program;              /* "sta" or a path */
    const char *netlist_path;         /* Verilog file of in->netlist */
    const char *const *liberty_paths; /* the library's own files, plain or gzip: what is prepared
                                         for timing has no power. Their default wire load is left
                                         out, as in every figure of ours */
    size_t liberty_count;
    const struct mp_wire_model *wire_load; /* NULL: none */
    double output_load_f;                  /* on every output port; 0: none */
    const struct mp_power_input *in; /* activity of every net, period; slews are OpenSTA's own */
    double timeout_s;                /* 0: 120 s */
    const char *temp_dir;            /* private folder of this job, exists */
    const char *keep_dir;            /* where the output of failures is kept; NULL: $TMPDIR */
};

enum mp_opensta_power_method { MP_OPENSTA_PINS, MP_OPENSTA_SAIF };

struct mp_opensta_power {
    enum mp_opensta_power_method method;
    uint32_t cell_count;
    struct mp_power_parts *cells; /* [cell] */
    struct mp_power_parts total;
    double wall_s;
};

/* MP_E_TOOL when sta fails, leaves out a cell or a pin, or prints what is no power; see above for
 * MP_E_UNSUPPORTED. */
int mp_opensta_power_run(struct mp_opensta_power *out, const struct mp_opensta_power_job *job,
                         struct mp_error *err);
void mp_opensta_power_release(struct mp_opensta_power *p);

/* What to know before its numbers are compared with ours; "" where nothing is. Static. */
const char *mp_opensta_power_caveat(enum mp_opensta_power_method method);

/* ---- pure parts, for tests ---- */

#define MP_OPENSTA_POWER_WIRES "wires.lib"

/* The Tcl; it reads cells<i>.lib, and activity.txt or activity.saif, in the working directory, and
 * prints
 *     macppa-begin saif|pins
 *     power <instance> <internal W> <switching W> <leakage W>
 *     macppa-end <number of power lines>
 */
int mp_opensta_power_script(struct mp_text *out, const struct mp_opensta_power_job *job,
                            const char *netlist_path, struct mp_error *err);
/* Blanks every default_wire_load... attribute of a Liberty text. */
void mp_opensta_power_hide_wire_load(char *text);
/* "instance/PIN transitions_per_cycle duty" of every connected pin but those of the clock. */
void mp_opensta_power_pins(struct mp_text *out, const struct mp_power_input *in);
/* cells and total of *out; cells is allocated here. */
int mp_opensta_power_parse(struct mp_opensta_power *out, const struct mp_netlist *n,
                           const char *text, size_t size, struct mp_error *err);

#endif
