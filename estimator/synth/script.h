/*
 * The Yosys scripts, as text: pure functions of the job.
 *
 * A synthesis script elaborates the design, maps registers, and then makes one or several
 * candidates: ABC once a module with one of the recipes below, flattened, named and written to
 * candidate<k>.v. "macppa-candidate k" in the log stands before each, "macppa-end" at the end.
 *
 * Why not Yosys's own ABC script: it costs 25 to 35 % in area times delay on multipliers
 * (Nangate45), since it neither restructures over choices (dch) nor sizes gates.
 */
#ifndef MP_SYNTH_SCRIPT_H
#define MP_SYNTH_SCRIPT_H

#include "estimator/synth/yosys.h"

/* From cheap and slow to large and fast. The relaxed one covers with area-flow (amap), 10 to 15 %
 * smaller than the timing-driven mapper, whose delay target is in ABC's gain-based units and
 * therefore runs with two factors. */
enum mp_synth_recipe {
    MP_RECIPE_AREA,
    MP_RECIPE_BALANCED, /* timing-driven map at 1.8 times the target */
    MP_RECIPE_SPEED,    /* timing-driven map at the target */
    MP_RECIPE_COUNT
};
const char *mp_synth_recipe_id(enum mp_synth_recipe r); /* "area", "balanced", "speed" */

/* Delay target of one module in a candidate. */
struct mp_synth_target {
    const char *module; /* Yosys name without the backslash; NULL: every module */
    double delay_s;
};
struct mp_synth_candidate {
    enum mp_synth_recipe recipe;
    const struct mp_synth_target *targets; /* [target_count], >= 1 */
    uint32_t target_count;
};

#define MP_SYNTH_MARK_CANDIDATE "macppa-candidate"
#define MP_SYNTH_MARK_REGISTERS "macppa-registers"
#define MP_SYNTH_MARK_END       "macppa-end"

/* Appends the script. Reads design.v and constraints.txt in the working directory. */
void mp_synth_script(struct mp_text *out, const struct mp_yosys_job *job,
                     const struct mp_synth_candidate *candidates, uint32_t candidate_count);
/* ABC's constraint file: driving cell (the library's cheapest buffer, as strong as a small
 * flip-flop) and load of the outputs in fF. Empty when the library has no buffer. */
void mp_synth_constraints(struct mp_text *out, const struct mp_yosys_job *job);

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
void mp_synth_equivalence_script(struct mp_text *out, const char *top, const char *liberty_path);

#endif
