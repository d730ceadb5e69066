/*
 * A design of the user's, from its files to a netlist whose ports are bound: Verilog that is
 * elaborated, proven and mapped here, or a netlist that is mapped already.
 *
 *     const char *ports[] = {"x=activation"};
 *     struct mp_module_file files[] = {{.path = "mul.v"}};
 *     struct mp_user_job job = {.program = tools.yosys, .target = &target,
 *                               .source = {.files = files, .file_count = 1, .top = "mul"},
 *                               .bindings = {.ports = ports, .port_count = 1,
 *                                            .random_operands = true},
 *                               .golden = "x * y", .golden_latency = -1,
 *                               .clock_period_s = 2e-9, .temp_dir = dir};
 *     struct mp_user_design d = {0};
 *     struct mp_user_netlist n = {0};
 *     if (mp_user_design_read(&d, &job, err) < 0 ||        (reads, binds, proves the Verilog)
 *         mp_user_design_map(&n, &d, &job, 0, err) < 0 ||  (variant 0; more of them: best kept)
 *         mp_user_design_prove(&d, &n.netlist, err) < 0)   (mapped against Verilog)
 *         goto out;
 *     ... n.verilog to OpenSTA, n.netlist and d.bindings to mp_operands_timed_bound()
 *     for (i < d.note_count) ... d.notes[i] into the result
 *  out:
 *     mp_user_netlist_release(&n);
 *     mp_user_design_release(&d);
 *
 * With job.mapped, source.files is one netlist of the target's cells: mp_user_design_map() gives
 * that, and mp_user_design_prove() has nothing to compare it with.
 */
#ifndef MP_MODULE_MODULE_H
#define MP_MODULE_MODULE_H

#include "estimator/module/prove.h"
#include "estimator/pipeline/target.h"

struct mp_user_job {
    const char *program; /* Yosys */
    const struct mp_target *target;
    /* files, include_dirs, defines, top, parameters, clock, keep_blocks, registered; what is about
     * running Yosys comes from here. Mapped: files and top, clock only. */
    struct mp_module_job source;
    bool mapped;
    bool activity_given; /* from a file: a mapped netlist is not simulated, but for golden */
    struct mp_bindings_options bindings; /* module is set here */
    const char *golden;                  /* expression; NULL: no golden check */
    int golden_latency;                  /* cycles; -1: found */
    double clock_period_s;
    const char *recipe;   /* of Yosys, synth/recipe.h; NULL: the default */
    double timeout_s;     /* of each run of Yosys; 0: 300 s */
    const char *temp_dir; /* private folder, exists */
    const char *keep_dir; /* NULL: $TMPDIR */
};

struct mp_user_design {
    bool mapped;
    struct mp_module module; /* of the Verilog; empty when mapped */
    char *name;              /* of the top in the netlist */
    char *clock;             /* port; NULL: combinational, one operand set each clock period */
    struct mp_library gates;
    struct mp_netlist rtl; /* levelised; the mapped netlist when mapped */
    struct mp_bindings bindings;
    struct mp_module_proof golden; /* method NULL: not asked for */
    struct mp_module_proof same;   /* mapped against Verilog; method NULL: not (yet) compared */
    char *netlist_verilog;         /* of a mapped design: the file's text */
    char **notes;                  /* of module and bindings, and what was found here */
    size_t note_count;
    char hash[MP_HASH_SIZE]; /* of the design, its bindings and the golden expression: for keys */
    double tool_wall_s;
};

struct mp_user_netlist {
    char *verilog;
    struct mp_netlist netlist; /* levelised */
    double wall_s;             /* of Yosys */
};

/* Its netlist is mapped and its activity comes from a file, so registers of both edges will do. */
bool mp_user_job_needs_no_simulation(const struct mp_user_job *job);

/* All zero-initialised; release frees. Errors are located in the user's files. */
int mp_user_design_read(struct mp_user_design *d, const struct mp_user_job *job,
                        struct mp_error *err);
/* One variant of the synthesis (yosys.h). A netlist without cells, or all of whose outputs are
 * constant, is MP_E_UNSUPPORTED: there would be no power to speak of. */
int mp_user_design_map(struct mp_user_netlist *n, const struct mp_user_design *d,
                       const struct mp_user_job *job, unsigned variant, struct mp_error *err);
/* Of the netlist that is kept; also notes outputs with constant bits. */
int mp_user_design_prove(struct mp_user_design *d, const struct mp_netlist *netlist,
                         struct mp_error *err);
void mp_user_design_release(struct mp_user_design *d);
void mp_user_netlist_release(struct mp_user_netlist *n);

#endif
