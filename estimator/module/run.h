/*
 * `estimate` of a design that this program did not generate: the user's Verilog, synthesised here,
 * or a netlist that is mapped already; under operands, or with the activity of a file.
 *
 *     struct mp_module_request q = {.files = files, .file_count = 1, .top = "mul"};
 *     mp_pipeline_module(&q, &experiment, &tools, store, log, &summary, watch, err)
 *     ... summary.notes: what a user must know beside the figures ...
 *     mp_module_summary_release(&summary)
 *
 * Of the experiment are used: libraries, clock, formats (at most one each; none: those of the
 * ports), network or operands, trace settings, synthesis, power settings.
 */
#ifndef MP_MODULE_RUN_H
#define MP_MODULE_RUN_H

#include "estimator/pipeline/pipeline.h"

struct mp_module_request {
    const char *const *files;
    size_t file_count;
    const char *top;                                /* NULL: the only candidate */
    bool is_mapped;                                 /* one file with cells of the library */
    const char *const *parameters, *const *defines; /* "NAME=VALUE" */
    size_t parameter_count, define_count;
    const char *const *include_dirs;
    size_t include_dir_count;
    const char *clock;        /* port; NULL: found */
    bool registered;          /* with registers at inputs and outputs */
    const char *const *ports; /* "NAME=ROLE", pipeline/bindings.h */
    size_t port_count;
    int golden_latency;   /* clock cycles from operands to the output; -1: found */
    const char *golden;   /* expression; NULL: not proven against one */
    const char *activity; /* VCD or SAIF instead of operands; NULL: none */
    const char *scope;    /* in that file */
    bool allow_missing;   /* nets that it lacks are propagated */
};

struct mp_module_summary {
    struct mp_run_summary run;
    char **notes;
    size_t note_count;
};

int mp_pipeline_module(const struct mp_module_request *q, const struct mp_experiment *e,
                       const struct mp_tools *tools, struct mp_store *store, struct mp_log *log,
                       struct mp_module_summary *summary, const struct mp_pipeline_watch *watch,
                       struct mp_error *err);
void mp_module_summary_release(struct mp_module_summary *s);

#endif
