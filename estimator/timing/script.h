/*
 * The Tcl that OpenSTA runs, as text: a pure function of the job.
 *
 * It prints, and parse.h reads:
 *     macppa-begin
 *     slack <ns>
 *     pin <instance> <pin> <rise s> <fall s>      for every connected pin of every instance
 *     macppa-end <number of pin lines>
 * Slack is over all paths between registers and ports: clock ideal, input and output delays 0
 * (a virtual clock where the design has none). Everything is inside one `catch`, since sta goes on
 * after a failed command.
 */
#ifndef MP_TIMING_SCRIPT_H
#define MP_TIMING_SCRIPT_H

#include "estimator/timing/opensta.h"

#define MP_STA_MARK_BEGIN "macppa-begin"
#define MP_STA_MARK_END   "macppa-end"
#define MP_STA_SDF_NAME   "delays.sdf"
#define MP_STA_WIRE_NAME  "wire_load.lib" /* mp_wire_load_liberty() of the job, if it has one */

/* Paths as sta shall open them. MP_E_INPUT for a path with a brace or backslash, which Tcl cannot
 * quote. */
int mp_opensta_script(struct mp_text *out, const struct mp_opensta_job *job,
                      const char *liberty_path, const char *netlist_path, struct mp_error *err);

#endif
