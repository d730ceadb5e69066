/*
 * The candidates of a recipe: make them, read them, choose one. Private to the module.
 */
#ifndef MP_SYNTH_CANDIDATES_H
#define MP_SYNTH_CANDIDATES_H

#include "estimator/synth/recipe.h"
#include "estimator/synth/session.h"
#include "estimator/synth/yosys.h"

/* A netlist that the last run wrote, checked: its text (owned by the caller) and cell count. */
int mp_synth_read_netlist(const struct mp_synth_session *s, const char *name, const char *top,
                          const struct mp_library *library, struct mp_yosys_result *out,
                          struct mp_error *err);

/* Run Yosys as often as the plan needs, in the session's prepared folder, and keep the best netlist
 * as the plan wants it. *out: its text and cell count; nothing after an error. */
int mp_synth_choose(struct mp_yosys_result *out, struct mp_synth_session *s,
                    const struct mp_yosys_job *job, const struct mp_recipe_plan *plan,
                    struct mp_error *err);

#endif
