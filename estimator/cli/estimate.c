#include "estimator/cli/commands.h"
#include "estimator/cli/experiment_options.h"
#include <string.h>

static void set_lists(struct mp_module_request *q, const struct mp_option_list *verilog,
                      const struct mp_option_list *parameters, const struct mp_option_list *defines,
                      const struct mp_option_list *includes, const struct mp_option_list *ports)
{
    q->files = verilog->items;
    q->file_count = verilog->count;
    q->parameters = parameters->items;
    q->parameter_count = parameters->count;
    q->defines = defines->items;
    q->define_count = defines->count;
    q->include_dirs = includes->items;
    q->include_dir_count = includes->count;
    q->ports = ports->items;
    q->port_count = ports->count;
}

/* Options that mean something for one kind of design only. */
static int check_module(const struct mp_module_request *q, const struct mp_experiment_options *o,
                        const struct mp_dump *dump, struct mp_error *err)
{
    bool any = q->top != NULL || q->parameter_count > 0 || q->port_count > 0 || q->registered ||
               q->golden != NULL || q->is_mapped || q->activity != NULL || q->clock != NULL;

    if (q->file_count == 0)
        return any ? mp_fail(err, MP_E_USAGE,
                             "--top, --param, --port, --golden, --mapped, --activity and the like "
                             "are about your own design: give its file with --verilog")
                   : MP_OK;
    if (o->units.count > 0 || o->multipliers.count > 0 ||
        o->accumulator_bits != MP_OPTION_NOT_GIVEN || o->baseline != NULL ||
        mp_choice_options_given(&o->choices))
        return mp_fail(err, MP_E_USAGE,
                       "--unit, --multiplier, --accumulator-bits, --baseline, --adder and the "
                       "like are about generated designs, not about --verilog");
    if (mp_way_options_of_search(&o->ways) != NULL)
        return mp_fail(err, MP_E_USAGE, "--%s is about generated designs, not about --verilog",
                       mp_way_options_of_search(&o->ways));
    if (q->activity != NULL && o->ways.resize)
        return mp_fail(err, MP_E_USAGE,
                       "--resize makes another netlist than the one that --activity is of");
    if (q->is_mapped && o->ways.recipes.count > 0)
        return mp_fail(err, MP_E_USAGE, "--recipe is about synthesis, and --mapped needs none");
    if (o->weights.count > 1 || o->activations.count > 1)
        return mp_fail(err, MP_E_USAGE,
                       "with --verilog, one --weight and one --activation at most");
    if (q->activity != NULL &&
        (o->operands != NULL || o->trace_file != NULL || o->workload != NULL ||
         o->network != NULL || o->precision != NULL || dump->vcd != NULL || dump->saif != NULL))
        return mp_fail(
            err, MP_E_USAGE,
            "with --activity nothing is simulated: --operands, --trace, --workload, --network, "
            "--precision, --dump-vcd and --dump-saif are for runs without it");
    return q->scope != NULL && q->activity == NULL
               ? mp_fail(err, MP_E_USAGE,
                         "--scope is where the design is in the file of --activity")
               : MP_OK;
}

/* What would be ignored is an error; a folder that is missing is found before the work. */
static int check_output(struct mp_dump *dump, const char *by, uint64_t *rows, struct mp_error *err)
{
    if (by == NULL && *rows != MP_OPTION_NOT_GIVEN)
        return mp_fail(err, MP_E_USAGE, "--rows is about the table of --by, which is not given");
    if (dump->vcd == NULL && dump->cycles != MP_OPTION_NOT_GIVEN)
        return mp_fail(err, MP_E_USAGE,
                       "--dump-cycles is about the file of --dump-vcd, which is not given");
    if (*rows == MP_OPTION_NOT_GIVEN)
        *rows = 20;
    if (dump->cycles == MP_OPTION_NOT_GIVEN)
        dump->cycles = 10000;
    return mp_dump_check(dump, err);
}

/* The formats of a workload are those of its designs, not of the user's ports. */
static void forget_formats(struct mp_experiment *e, const struct mp_experiment_options *o)
{
    if (o->weights.count == 0)
        e->weight_count = 0;
    if (o->activations.count == 0)
        e->activation_count = 0;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    struct mp_experiment_options o = MP_EXPERIMENT_OPTIONS_INIT;
    const char *db = NULL, *format = NULL, *yosys = NULL, *sta = NULL, *by = NULL;
    struct mp_option_list verilog = {0}, parameters = {0}, defines = {0}, includes = {0};
    struct mp_option_list ports = {0};
    struct mp_module_request module = {0};
    struct mp_dump dump = {.cycles = MP_OPTION_NOT_GIVEN};
    uint64_t rows = MP_OPTION_NOT_GIVEN, latency = MP_OPTION_NOT_GIVEN;
    bool help = false, quiet = false, keep_blocks = false;
    const struct mp_option options[] = {
        {"Generated designs", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"weight", "FORMAT", MP_OPTION_LIST, &o.weights,
         "int<W>, uint<W>, e<E>m<M>, fp8_e4m3, bf16, pot2_e<E>, mxfp4 ...: see "
         "docs/formats.md (repeatable)"},
        {"activation", "FORMAT", MP_OPTION_LIST, &o.activations,
         "int<W> or uint<W>; with a network fixed<W>, which is one or the other by layer "
         "(repeatable)"},
        {"unit", "UNIT", MP_OPTION_LIST, &o.units, "multiplier (default) or mac (repeatable)"},
        {"multiplier", "NAME", MP_OPTION_LIST, &o.multipliers,
         "architecture, see macppa doctor (default: dadda; repeatable)"},
        {"accumulator-bits", "N", MP_OPTION_COUNT, &o.accumulator_bits,
         "mac: width (default: what the network needs, else 1024 products)"},
        MP_CHOICE_OPTIONS(o.choices),
        {"baseline", "FORMAT", MP_OPTION_TEXT, &o.baseline,
         "weight format that reductions are against (default: none)"},
        {"Your own design", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"verilog", "FILE", MP_OPTION_LIST, &verilog,
         "your own design instead of a generated one (repeatable: several files)"},
        {"top", "NAME", MP_OPTION_TEXT, &module.top, "its module (default: the only candidate)"},
        {"param", "NAME=VALUE", MP_OPTION_LIST, &parameters, "parameter of it (repeatable)"},
        {"define", "NAME[=VALUE]", MP_OPTION_LIST, &defines, "Verilog macro (repeatable)"},
        {"include", "FOLDER", MP_OPTION_LIST, &includes, "where `include looks (repeatable)"},
        {"clock-port", "NAME", MP_OPTION_TEXT, &module.clock, "its clock (default: found)"},
        {"port", "NAME=ROLE", MP_OPTION_LIST, &ports,
         "what drives an input: activation, weight, first, random, hold, reset, reset_n, a number "
         "(repeatable; default: by name)"},
        {"registered", NULL, MP_OPTION_FLAG, &module.registered,
         "put registers at its inputs and outputs, as generated designs have"},
        {"golden", "EXPRESSION", MP_OPTION_TEXT, &module.golden,
         "prove its output first, e.g. \"x*y\""},
        {"golden-latency", "N", MP_OPTION_COUNT, &latency,
         "clock cycles from operands to that output (default: found, 0 to 64)"},
        {"mapped", NULL, MP_OPTION_FLAG, &module.is_mapped,
         "the file is a netlist of the library's cells"},
        {"Library and synthesis", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"library", "NAME", MP_OPTION_LIST, &o.libraries,
         "cell library, see macppa libs (default: osu018; repeatable)"},
        {"liberty", "FILE", MP_OPTION_LIST, &o.liberty,
         "Liberty file of any library (repeatable: several files are one library)"},
        {"clock", "TIME", MP_OPTION_PERIOD, &o.clock_s,
         "clock period, e.g. 2ns (default: the library's)"},
        {"wire-load", "MODEL", MP_OPTION_TEXT, &o.wire_load,
         "none (default), library, model:NAME or constant:CAPACITANCE (a fan-out, e.g. 2fF)"},
        {"runs", "N", MP_OPTION_COUNT, &o.runs,
         "synthesis variants, the best is kept (default: 3)"},
        {"keep-blocks", NULL, MP_OPTION_FLAG, &keep_blocks,
         "blocks apart, and what that costs against the flat netlist (query `flattening`)"},
        {"blocks", "HOW", MP_OPTION_TEXT, &o.blocks,
         "apart (default; power by block) or flat (mapped as one)"},
        {"Ways to a netlist", NULL, MP_OPTION_HEADING, NULL, NULL},
        MP_WAY_OPTIONS(o.ways),
        {"Operands", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"workload", "CONFIG", MP_OPTION_TEXT, &o.workload,
         "config file that has the network; all else in it is the default here"},
        {"operands", "HOW", MP_OPTION_TEXT, &o.operands,
         "normal (default), uniform, trace:FILE; with --workload or --network: network, "
         "network:LAYER, network:each"},
        {"trace", "FILE", MP_OPTION_TEXT, &o.trace_file, "operands of a file from macppa trace"},
        {"dataflow", "NAME", MP_OPTION_TEXT, &o.dataflow,
         "output-stationary (default) or weight-stationary"},
        {"trace-images", "N", MP_OPTION_COUNT, &o.trace_images,
         "images that operands are drawn from (default: 64)"},
        {"seed", "N", MP_OPTION_COUNT, &o.seed, "seed of the trace (default: 1)"},
        {"precision", "SHARE", MP_OPTION_TEXT, &o.precision,
         "simulate until the 95 % interval of power is this narrow, e.g. 1%"},
        {"A network that no config names, for operands", NULL, MP_OPTION_HEADING, NULL, NULL},
        MP_NETWORK_OPTIONS(o),
        {"Activity of your own design from a file, instead of operands", NULL, MP_OPTION_HEADING,
         NULL, NULL},
        {"activity", "FILE", MP_OPTION_TEXT, &module.activity,
         "VCD or SAIF of it instead of operands"},
        {"scope", "PATH", MP_OPTION_TEXT, &module.scope,
         "where it is in that file, e.g. tb.dut (default: found)"},
        {"allow-missing", NULL, MP_OPTION_FLAG, &module.allow_missing,
         "nets that the file lacks get activity from the others"},
        {"Power", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"by", "PART", MP_OPTION_TEXT, &by,
         "where the power goes: block, group, kind, cell or net (csv, json: only this)"},
        {"rows", "N", MP_OPTION_COUNT, &rows, "rows of that table, 0: all (default: 20)"},
        {"power-engine", "NAME", MP_OPTION_TEXT, &o.power_engine,
         "opensta: its power beside ours (query `engines`); default: macppa"},
        {"dump-vcd", "FILE", MP_OPTION_TEXT, &dump.vcd,
         "simulated waveforms with gate delays, of one design (.gz: compressed)"},
        {"dump-cycles", "N", MP_OPTION_COUNT, &dump.cycles,
         "how many cycles of that, in whole stretches (default: 10000)"},
        {"dump-saif", "FILE", MP_OPTION_TEXT, &dump.saif,
         "simulated activity of every net and pin, glitches included"},
        {"Running", NULL, MP_OPTION_HEADING, NULL, NULL},
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
        {"threads", "N", MP_OPTION_COUNT, &o.threads,
         "designs at a time (default: as many as cores)"},
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
    if (keep_blocks) {
        if (o.blocks != NULL && strcmp(o.blocks, "apart") != 0)
            return mp_fail(err, MP_E_USAGE, "--keep-blocks and --blocks %s contradict", o.blocks);
        o.blocks = "apart";
    }
    if (arguments.count > 0)
        return mp_fail(err, MP_E_USAGE, "unexpected argument `%s`", arguments.items[0]);
    if (verilog.count == 0 && o.workload == NULL &&
        (o.weights.count == 0 || o.activations.count == 0))
        return mp_fail(err, MP_E_USAGE,
                       "--weight and --activation are needed, e.g. --weight e4m2 "
                       "--activation uint8");
    if ((rc = check_output(&dump, by, &rows, err)) < 0)
        return rc;
    const struct mp_cli_run how = {.database = mp_cli_database(db),
                                   .format = format,
                                   .yosys = yosys,
                                   .sta = sta,
                                   .by = by,
                                   .dump = dump,
                                   .compare_flat = keep_blocks,
                                   .by_rows = rows < UINT32_MAX ? (uint32_t)rows : 0,
                                   .level = quiet ? MP_LOG_ERROR : MP_LOG_INFO};
    if (latency != MP_OPTION_NOT_GIVEN && (latency > 64 || module.golden == NULL))
        return mp_fail(err, MP_E_USAGE,
                       "--golden-latency: 0 to 64 cycles, of the output of --golden");
    module.golden_latency = latency != MP_OPTION_NOT_GIVEN ? (int)latency : -1;
    set_lists(&module, &verilog, &parameters, &defines, &includes, &ports);
    if ((rc = check_module(&module, &o, &dump, err)) < 0 ||
        (rc = mp_experiment_from_options(&e, &o, err)) < 0)
        goto out;
    struct mp_log *log = mp_log_create(how.level);
    mp_experiment_options_set_apart(&e, &o, log);
    mp_log_destroy(log);
    if (module.file_count > 0)
        forget_formats(&e, &o);
    rc = module.file_count > 0 ? mp_cli_run_module(&module, &e, &how, err)
                               : mp_cli_run_experiment(&e, &how, err);
out:
    mp_experiment_release(&e);
    return rc;
}

const struct mp_command mp_command_estimate = {
    "estimate", NULL, "area, delay and power of designs, generated or your own",
    "Like `run` for designs that are named by options: each is generated, proven, synthesised,\n"
    "timed, simulated and stored. Without --workload or --trace the operands are random: normal\n"
    "weights, half of the activations zero. With --workload, what no option says is as in that\n"
    "file: its units, libraries, clock, variants, baseline and formats too.\n\n"
    "With --verilog, the design is your own: any synchronous or combinational module that Yosys\n"
    "reads, or (--mapped) a netlist of the library's cells; under operands, or with the activity "
    "of\n"
    "a VCD or SAIF (docs/modules.md, docs/activity.md).\n\n"
    "  macppa estimate --weight e4m2 --activation uint8 --unit mac --library osu018\n"
    "  macppa estimate --verilog mul.v --operands uniform --golden \"x*y\" --format json\n"
    "  macppa estimate --mapped --verilog netlist.v --activity run.vcd.gz --clock 2ns --by cell\n"
    "  macppa estimate --weight int8 --weight e4m3 --activation uint8 --baseline int8 \\\n"
    "      --workload configs/quickstart.yaml --library nangate45 --clock 2ns --format json",
    run};
