/*
 * Yosys: structural Verilog to a mapped netlist. Three files: script.c makes the script (pure),
 * yosys.c runs it through the process door, parse.c reads what it printed (pure). The result is
 * only believed when the netlist was written, the log ends as it should, and every cell is in the
 * library.
 *
 * What is made and kept is the recipe's (recipe.h). The default, `auto`: a first run maps with
 * three scripts for area and keeps the smallest that meets the clock by arrival.h's estimate, or a
 * mix of them block by block. If none does, a second run tries all scripts with a delay target for
 * every block; the smallest that meets the clock is kept, else the fastest.
 */
#ifndef MP_SYNTH_YOSYS_H
#define MP_SYNTH_YOSYS_H

#include "estimator/liberty/library.h"

struct mp_yosys_job {
    const char *program;      /* "yosys" or a path */
    const char *verilog;      /* text of the design */
    const char *rtlil;        /* instead of verilog, of a user's module (synth/module.h); or NULL */
    const char *top;          /* module name */
    const char *liberty_path; /* prepared by mp_library_write_prepared() */
    const struct mp_library *library;
    const struct mp_library_roles *roles;
    double clock_period_s;    /* delay target of ABC */
    double output_load_f;     /* load on every output; 0: four times the buffer's input */
    const char *driving_cell; /* of every input of a combinational design, as OpenSTA is told; NULL:
                                 registers are inside, ABC is told the cheapest buffer */
    const char *recipe;       /* name, see recipe.h; NULL: the default */
    bool keep_blocks;         /* map every sub-module for itself, then flatten, names kept as
                                 "block.cell"; false: flatten first */
    unsigned variant;     /* 0.. : variations that change nothing but names, order and seed, since
                             synthesis noise is several percent */
    double timeout_s;     /* 0: 300 s */
    const char *temp_dir; /* private folder of this job, exists */
    const char *keep_dir; /* where logs of failures are kept; NULL: $TMPDIR */
};

struct mp_yosys_result {
    char *netlist_verilog; /* owned; mapped, flat, readable by mp_netlist_read_text() and OpenSTA */
    uint32_t cell_count;
    /* Where the recipe chooses by power: the estimate of synth/energy.h, J a cycle, to compare
     * variants of one job by; else 0. */
    double energy_j;
    double wall_s, cpu_s;
};

/* MP_E_UNSUPPORTED: a netlist that mp_netlist_levelise() refuses (latches, several clocks).
 * MP_E_TOOL names Yosys, what it printed last and where its log is: crash, ERROR line, truncated
 * output, an unmapped cell or black box, no netlist. MP_E_TIMEOUT; MP_E_NOT_FOUND. */
int mp_yosys_synthesise(struct mp_yosys_result *out, const struct mp_yosys_job *job,
                        struct mp_error *err);
void mp_yosys_result_release(struct mp_yosys_result *r);

/* Elaborate without optimisation or mapping: the Verilog as it was written, in generic gates
 * (netlist/gates.h), flat. For the proof of the generated Verilog itself. */
int mp_yosys_elaborate(struct mp_yosys_result *out, const char *program, const char *verilog,
                       const char *top, const char *temp_dir, const char *keep_dir,
                       struct mp_error *err);

enum mp_equivalence { MP_EQUIVALENT, MP_DIFFERENT, MP_UNDECIDED };
/* Sequential equivalence (registers matched by name) of a mapped netlist with a behavioural
 * reference of the same module, by Yosys and ABC: 1 s for e4m2 x uint8, 5 to 12 s for 8x8, a
 * minute for 11x8. Not finished within timeout_s, or a register without partner (Yosys merged or
 * removed it): MP_UNDECIDED (no error). Every name that both sides have is compared, so a wire
 * inside the reference must not bear the name of another one of the design. */
int mp_yosys_equivalence(enum mp_equivalence *out, const struct mp_yosys_job *job,
                         const char *netlist_verilog, const char *reference_verilog,
                         double timeout_s, struct mp_error *err);

/* "0.23"; runs `yosys -V`. */
int mp_yosys_version(const char *program, char *out, size_t size, struct mp_error *err);

/* Goes into every cache key: raise it when our own code changes what comes out. The text of the
 * recipe goes into it too: mp_synth_recipe_hash() (recipe.h) adds all. */
#define MP_SYNTH_RECIPE_VERSION 4
/* Name of the default recipe. */
const char *mp_synth_recipe_name(void);

#endif
