#include "estimator/cli/commands.h"
#include "estimator/cli/experiment_options.h"

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    struct mp_experiment_options o = MP_EXPERIMENT_OPTIONS_INIT;
    const char *db = NULL, *format = NULL, *yosys = NULL, *sta = NULL;
    bool help = false, quiet = false;
    const struct mp_option options[] = {
        {"weight", "FORMAT", MP_OPTION_LIST, &o.weights,
         "int<W>, uint<W>, e<E>m<M> or e<E>m<M>z (repeatable)"},
        {"activation", "FORMAT", MP_OPTION_LIST, &o.activations, "int<W> or uint<W> (repeatable)"},
        {"unit", "UNIT", MP_OPTION_LIST, &o.units, "multiplier (default) or mac (repeatable)"},
        {"multiplier", "NAME", MP_OPTION_LIST, &o.multipliers,
         "architecture, see macppa doctor (default: dadda; repeatable)"},
        {"accumulator-bits", "N", MP_OPTION_COUNT, &o.accumulator_bits,
         "mac: width (default: what the network needs, else 1024 products)"},
        {"library", "NAME", MP_OPTION_LIST, &o.libraries,
         "cell library, see macppa libs (default: osu018; repeatable)"},
        {"liberty", "FILE", MP_OPTION_LIST, &o.liberty,
         "Liberty file of any library (repeatable: several files are one library)"},
        {"clock", "TIME", MP_OPTION_PERIOD, &o.clock_s,
         "clock period, e.g. 2ns (default: the library's)"},
        {"workload", "CONFIG", MP_OPTION_TEXT, &o.workload,
         "config file that has the network; all else in it is the default here"},
        {"operands", "HOW", MP_OPTION_TEXT, &o.operands,
         "random operands: normal (default) or uniform"},
        {"trace", "FILE", MP_OPTION_TEXT, &o.trace_file, "operands of a file from macppa trace"},
        {"dataflow", "NAME", MP_OPTION_TEXT, &o.dataflow,
         "output-stationary (default) or weight-stationary"},
        {"runs", "N", MP_OPTION_COUNT, &o.runs,
         "synthesis variants, the best is kept (default: 3)"},
        {"blocks", "HOW", MP_OPTION_TEXT, &o.blocks,
         "apart (default; power by block) or flat (mapped as one)"},
        {"baseline", "FORMAT", MP_OPTION_TEXT, &o.baseline,
         "weight format that reductions are against (default: none)"},
        {"seed", "N", MP_OPTION_COUNT, &o.seed, "seed of the trace (default: 1)"},
        {"threads", "N", MP_OPTION_COUNT, &o.threads,
         "designs at a time (default: as many as cores)"},
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
        {"yosys", "PATH", MP_OPTION_TEXT, &yosys, "this Yosys (else $MACPPA_YOSYS, else PATH)"},
        {"sta", "PATH", MP_OPTION_TEXT, &sta, "this OpenSTA (else $MACPPA_STA, else PATH)"},
        {"quiet", NULL, MP_OPTION_FLAG, &quiet, "errors only on stderr"},
    };
    struct mp_option_list arguments;
    struct mp_experiment e = {0};
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count > 0)
        return mp_fail(err, MP_E_USAGE, "unexpected argument `%s`", arguments.items[0]);
    if (o.workload == NULL && (o.weights.count == 0 || o.activations.count == 0))
        return mp_fail(err, MP_E_USAGE,
                       "--weight and --activation are needed, e.g. --weight e4m2 "
                       "--activation uint8");
    const struct mp_cli_run how = {.database = mp_cli_database(db),
                                   .format = format,
                                   .yosys = yosys,
                                   .sta = sta,
                                   .level = quiet ? MP_LOG_ERROR : MP_LOG_INFO};
    if ((rc = mp_experiment_from_options(&e, &o, err)) == MP_OK)
        rc = mp_cli_run_experiment(&e, &how, err);
    mp_experiment_release(&e);
    return rc;
}

const struct mp_command mp_command_estimate = {
    "estimate", NULL, "area, delay and power of one design, from the command line",
    "Like `run` for designs that are named by options: each is generated, proven, synthesised,\n"
    "timed, simulated and stored. Without --workload or --trace the operands are random: normal\n"
    "weights, half of the activations zero. With --workload, what no option says is as in that\n"
    "file: its units, libraries, clock, variants, baseline and formats too.\n\n"
    "  macppa estimate --weight e4m2 --activation uint8 --unit mac --library osu018\n"
    "  macppa estimate --weight int8 --weight e4m3 --activation uint8 --baseline int8 \\\n"
    "      --workload configs/quickstart.yaml --library nangate45 --clock 2ns --format json",
    run};
