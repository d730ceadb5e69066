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

/* From small and slow to large and fast. The first three cover with area-flow (amap), 10 to 15 %
 * smaller than the timing-driven mapper. Which of them is smallest differs from block to block, so
 * that each block may be mapped with its own (MIXED). Restructuring for area first (compress2rs)
 * makes trees 4 % smaller and up to a quarter slower (11x8, Nangate45). These three also leave wide
 * nets without buffers up to a gain of 5: shift selects need none. More rounds of exact area (amap
 * -F 10 -A 50) were not kept: 0.7 % less area, but 2.8 % more power (int11 x uint8).
 *
 * The delay target of the timing-driven mapper is in ABC's gain-based units, which differ from
 * library to library, and is therefore tried twice. */
enum mp_synth_recipe {
    MP_RECIPE_SMALL,    /* compress2rs, dch, amap */
    MP_RECIPE_AREA,     /* dch, amap */
    MP_RECIPE_CHOICES,  /* compress2rs, dch twice, amap */
    MP_RECIPE_BALANCED, /* dch, map at 1.8 times the target */
    MP_RECIPE_SPEED,    /* dch, map at the target */
    MP_RECIPE_COUNT,
    MP_RECIPE_MIXED = MP_RECIPE_COUNT /* of a candidate: every target has its own */
};
/* "small", "area", "choices", "balanced", "speed", "mixed" */
const char *mp_synth_recipe_id(enum mp_synth_recipe r);

/* Delay target of one module in a candidate. */
struct mp_synth_target {
    const char *module; /* Yosys name without the backslash; NULL: every module */
    double delay_s;
    enum mp_synth_recipe recipe; /* where the candidate's is MP_RECIPE_MIXED */
};
struct mp_synth_candidate {
    enum mp_synth_recipe recipe;
    const struct mp_synth_target *targets; /* [target_count], >= 1 */
    uint32_t target_count;
};

/* Name of the library in the working directory, a link. */
#define MP_SYNTH_LIBERTY        "cells.lib"
#define MP_SYNTH_MARK_CANDIDATE "macppa-candidate"
#define MP_SYNTH_MARK_REGISTERS "macppa-registers"
#define MP_SYNTH_MARK_END       "macppa-end"

/* Appends the script. Reads design.v, constraints.txt and the library in the working directory. */
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
void mp_synth_equivalence_script(struct mp_text *out, const char *top);

#endif
