#include "estimator/cli/commands.h"

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    const char *db = NULL, *format = NULL, *library = NULL, *yosys = NULL, *sta = NULL;
    bool help = false, verbose = false, quiet = false;
    uint64_t threads = 0;
    double clock_s = 0;
    const struct mp_option options[] = {
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
        {"library", "NAME", MP_OPTION_TEXT, &library, "this library instead of the config's"},
        {"clock", "TIME", MP_OPTION_PERIOD, &clock_s, "this clock period instead, e.g. 2ns"},
        {"threads", "N", MP_OPTION_COUNT, &threads,
         "designs at a time (default: as many as cores)"},
        {"yosys", "PATH", MP_OPTION_TEXT, &yosys, "this Yosys (else $MACPPA_YOSYS, else PATH)"},
        {"sta", "PATH", MP_OPTION_TEXT, &sta, "this OpenSTA (else $MACPPA_STA, else PATH)"},
        {"verbose", NULL, MP_OPTION_FLAG, &verbose,
         "a line on stderr for each design that is done"},
        {"quiet", NULL, MP_OPTION_FLAG, &quiet, "errors only on stderr"},
    };
    struct mp_option_list arguments;
    struct mp_experiment e = {0};
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count != 1)
        return mp_fail(err, MP_E_USAGE, "one config file is needed: macppa run CONFIG");
    if (threads > 1024)
        return mp_fail(err, MP_E_USAGE, "--threads: at most 1024");
    const struct mp_cli_run how = {.database = mp_cli_database(db),
                                   .format = format,
                                   .yosys = yosys,
                                   .sta = sta,
                                   .level = quiet     ? MP_LOG_ERROR
                                            : verbose ? MP_LOG_DEBUG
                                                      : MP_LOG_INFO};
    if ((rc = mp_experiment_read(&e, arguments.items[0], err)) < 0)
        goto out;
    if (library != NULL)
        mp_experiment_set_library(&e, library);
    if (clock_s > 0)
        e.clock_period_s = clock_s;
    if (threads > 0)
        e.threads = (unsigned)threads;
    rc = e.study != NULL ? mp_cli_run_study(&e, &how, err) : mp_cli_run_experiment(&e, &how, err);
out:
    mp_experiment_release(&e);
    return rc;
}

const struct mp_command mp_command_run = {
    "run", "CONFIG", "run an experiment from a YAML file, resuming what is done already",
    "Runs every design of the experiment: generates and proves it, synthesises it with Yosys, "
    "times\n"
    "it with OpenSTA, simulates the operands of the network on it, computes its power, and stores\n"
    "all of it. What the database holds already is reused, so an interrupted run goes on where it\n"
    "stopped. Ends with a table of the results. A config with `study:` first searches the "
    "narrowest\n"
    "formats of several networks, and ends with the paper's claims (docs/paper.md).\n\n"
    "  macppa run configs/paper.yaml --format markdown\n"
    "  macppa run configs/quickstart.yaml\n"
    "  macppa run configs/quickstart.yaml --library nangate45 --clock 2ns --format csv",
    run};
