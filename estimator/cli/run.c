#include "estimator/cli/commands.h"
#include <stdio.h>
#include <stdlib.h>

static int print_summary(struct mp_store *store, const struct mp_experiment *e,
                         const struct mp_run_summary *s, const char *database, const char *format,
                         struct mp_error *err)
{
    char baseline[MP_FORMAT_NAME_SIZE] = "";
    char *run = mp_asprintf("run=%lld", (long long)s->run_id);
    char *against = mp_asprintf(
        "baseline=%s", e->has_baseline ? mp_format_name(&e->baseline, baseline) : "");
    char *reused = mp_asprintf("%zu estimates, %zu of them reused; %.1f s", s->estimates,
                               s->estimates_reused, s->wall_s);
    char *stored = mp_asprintf("stored in %s as run %lld (sqlite3 %s 'select * from v_estimate')",
                               database, (long long)s->run_id, database);
    const char *const parameters[] = {run, against};
    const char *const notes[] = {
        "power: functional (zero-delay) activity of the trace on every pin, no glitches; no wire load",
        "reductions are against the baseline weight format with the same unit and activations",
        reused, stored};
    const struct mp_cli_query q = {.title = e->name,
                                   .name = "comparison",
                                   .parameters = parameters,
                                   .parameter_count = 2,
                                   .notes = notes,
                                   .note_count = sizeof notes / sizeof *notes};
    int rc = mp_cli_print_query(store, &q, format, err);

    free(run);
    free(against);
    free(reused);
    free(stored);
    return rc;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    const char *db = NULL, *format = NULL, *library = NULL, *yosys = NULL, *sta = NULL;
    bool help = false, verbose = false, quiet = false;
    uint64_t threads = 0;
    double clock_s = 0;
    const struct mp_option options[] = {
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table, csv, json or markdown"},
        {"library", "NAME", MP_OPTION_TEXT, &library, "this library instead of the config's"},
        {"clock", "TIME", MP_OPTION_PERIOD, &clock_s, "this clock period instead, e.g. 2ns"},
        {"threads", "N", MP_OPTION_COUNT, &threads, "workers (default: all cores)"},
        {"yosys", "PATH", MP_OPTION_TEXT, &yosys, "this Yosys (else $MACPPA_YOSYS, else PATH)"},
        {"sta", "PATH", MP_OPTION_TEXT, &sta, "this OpenSTA (else $MACPPA_STA, else PATH)"},
        {"verbose", NULL, MP_OPTION_FLAG, &verbose, "say more on stderr"},
        {"quiet", NULL, MP_OPTION_FLAG, &quiet, "errors only on stderr"},
    };
    struct mp_option_list arguments;
    struct mp_experiment e = {0};
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_log *log = NULL;
    struct mp_run_summary summary;
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count != 1)
        return mp_fail(err, MP_E_USAGE, "one config file is needed: macppa run CONFIG");
    log = mp_log_create(quiet     ? MP_LOG_ERROR
                        : verbose ? MP_LOG_DEBUG
                                  : MP_LOG_INFO);
    mp_cli_catch_signals();
    if ((rc = mp_experiment_read(&e, arguments.items[0], err)) < 0)
        goto out;
    if (library != NULL)
        mp_experiment_set_library(&e, library);
    if (clock_s > 0)
        e.clock_period_s = clock_s;
    if (threads > 0)
        e.threads = (unsigned)threads;
    if ((rc = mp_tools_find(&tools, yosys, sta, err)) < 0 ||
        (rc = mp_store_open(&store, mp_cli_database(db), false, err)) < 0 ||
        (rc = mp_pipeline_run(&e, &tools, store, log, &summary, err)) < 0)
        goto out;
    rc = print_summary(store, &e, &summary, mp_cli_database(db), format, err);
out:
    mp_store_close(store);
    mp_tools_release(&tools);
    mp_experiment_release(&e);
    mp_log_destroy(log);
    return rc;
}

const struct mp_command mp_command_run = {
    "run", "CONFIG", "run an experiment from a YAML file, resuming what is done already",
    "Runs every design of the experiment: generates and proves it, synthesises it with Yosys, times\n"
    "it with OpenSTA, simulates the operands of the network on it, computes its power, and stores\n"
    "all of it. What the database holds already is reused, so an interrupted run goes on where it\n"
    "stopped. Ends with a table of the results.\n\n"
    "  macppa run configs/quickstart.yaml\n"
    "  macppa run configs/quickstart.yaml --library nangate45 --clock 2ns --format csv",
    run};
