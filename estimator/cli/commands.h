/*
 * The subcommands, one file each, and what they share: the database, the output format, the log.
 */
#ifndef MP_CLI_COMMANDS_H
#define MP_CLI_COMMANDS_H

#include "estimator/cli/options.h"
#include "estimator/module/run.h"
#include "estimator/pipeline/dump.h"
#include "reports/table.h"

extern const struct mp_command mp_command_run, mp_command_generate, mp_command_estimate,
    mp_command_compare, mp_command_accuracy, mp_command_trace, mp_command_query, mp_command_libs,
    mp_command_doctor;

/* --db FILE, else $MACPPA_DB, else ./macppa.db. */
const char *mp_cli_database(const char *option);

/* Render on stdout; a write that fails (a full disk) is MP_E_IO. */
int mp_cli_print(const struct mp_report *report, const char *format_option, struct mp_error *err);

/* Whether --format is one of those that mp_cli_print() knows: asked before long work begins. */
int mp_cli_check_format(const char *format_option, struct mp_error *err);

/* Bytes to stdout, checked. */
int mp_cli_write(const char *text, size_t size, struct mp_error *err);

/* Ctrl-C and TERM end running tools and make the program return MP_E_CANCELLED. */
void mp_cli_catch_signals(void);

/* How `run` and `estimate` run an experiment. */
struct mp_cli_run {
    const char *database, *format, *yosys, *sta;
    enum mp_log_level level;
    const char *by; /* tables of where the power goes: block, group, kind, cell, net; NULL: none */
    uint32_t by_rows; /* rows of each, 0: all */
    struct mp_dump dump;
    bool compare_flat; /* map the designs flat as well, and show what keeping blocks costs */
};
/* Run it and print the comparison of its results; then, or for programs (CSV, JSON) instead, the
 * tables asked for. */
int mp_cli_run_experiment(const struct mp_experiment *e, const struct mp_cli_run *how,
                          struct mp_error *err);

/* The paper's experiment over several networks (e->study), printed as tables. */
int mp_cli_run_study(const struct mp_experiment *e, const struct mp_cli_run *how,
                     struct mp_error *err);
/* The same for the user's own Verilog. */
int mp_cli_run_module(const struct mp_module_request *q, const struct mp_experiment *e,
                      const struct mp_cli_run *how, struct mp_error *err);
/* The second engine beside ours for a run: a table of its own for people; programs ask the query
 * `engines`. */
int mp_cli_print_engines(struct mp_store *store, int64_t run_id, const struct mp_tools *tools,
                         const char *format, struct mp_error *err);
/* CSV and JSON. */
/* What power has of wires and loads: "no wires, ..." or the wire load; the caller frees. */
char *mp_cli_describe_wires(const struct mp_experiment *e);
bool mp_cli_is_for_programs(const char *format_option);

/* A question to the database: a named query with NAME=VALUE parameters, or sql. */
struct mp_cli_query {
    const char *title;
    const char *name, *sql; /* one of them */
    const char *const *parameters;
    size_t parameter_count;
    const char *const *notes; /* lines under the table */
    size_t note_count;
};

/* Its rows as a report on stdout; headings, units and scale follow from the endings of the column
 * names. */
int mp_cli_print_query(struct mp_store *store, const struct mp_cli_query *q,
                       const char *format_option, struct mp_error *err);

#endif
