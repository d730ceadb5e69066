/*
 * The Yosys scripts, as text: pure functions of the job.
 *
 * A synthesis script elaborates the design, maps registers, and then makes one or several
 * candidates: ABC once a module with one of a recipe's scripts, flattened, named and written to
 * candidate<k>.v. "macppa-candidate k" in the log stands before each, "macppa-end" at the end.
 */
#ifndef MP_SYNTH_SCRIPT_H
#define MP_SYNTH_SCRIPT_H

#include "estimator/synth/recipe.h"
#include "estimator/synth/yosys.h"

/* Delay target of one module in a candidate. */
struct mp_synth_target {
    const char *module; /* Yosys name without the backslash; NULL: every module */
    double delay_s;
    const struct mp_recipe_script *script;
};
struct mp_synth_candidate {
    const char *name;
    const struct mp_synth_target *targets; /* [target_count], >= 1 */
    uint32_t target_count;
};

/* Name of the library in the working directory, a link. */
#define MP_SYNTH_LIBERTY "cells.lib"
/* Techmap files in the working directory. */
#define MP_SYNTH_FULL_ADDERS    "full_adders.v"
#define MP_SYNTH_HALF_ADDERS    "half_adders.v"
#define MP_SYNTH_MARK_CANDIDATE "macppa-candidate"
#define MP_SYNTH_MARK_REGISTERS "macppa-registers"
#define MP_SYNTH_MARK_END       "macppa-end"

/* Appends the script. Reads design.v, constraints.txt and the library in the working directory. */
void mp_synth_script(struct mp_text *out, const struct mp_yosys_job *job,
                     const struct mp_synth_candidate *candidates, uint32_t candidate_count);
/* ABC's constraint file: driving cell (the library's cheapest buffer, as strong as a small
 * flip-flop) and load of the outputs in fF. Empty when the library has no buffer. */
void mp_synth_constraints(struct mp_text *out, const struct mp_yosys_job *job);

/* The library has a full adder with both outputs; half: a half adder. */
bool mp_synth_has_adder(const struct mp_yosys_job *job, bool half);
/* Techmap file that turns Yosys's $fa into it; only where there is one. */
void mp_synth_adder(struct mp_text *out, const struct mp_yosys_job *job, bool half);

/* Clock-to-output delay plus setup of the role's flip-flop from its tables at slew 0 and the
 * output load: what a clock period loses before any logic. 0 without a flip-flop. */
double mp_synth_register_overhead_s(const struct mp_yosys_job *job);
/* Load on the outputs in F: as asked for, else four times the buffer's input. */
double mp_synth_output_load_f(const struct mp_yosys_job *job);

/* design.v -> elaborated.v in generic gates. */
void mp_synth_elaborate_script(struct mp_text *out, const char *top);
/* gate.v (mapped) and gold.v (behavioural) -> cut.aig: the miter of their combinational parts,
 * registers cut and matched by the names of the nets that they drive. Counts the registers that
 * found no partner after "macppa-registers" in the log. */
void mp_synth_equivalence_script(struct mp_text *out, const char *top);

#endif
