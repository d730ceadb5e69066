#include "estimator/cli/commands.h"
#include "estimator/cli/experiment_options.h"
#include <string.h>

static const char *weights_name(const struct mp_trace_layer *l)
{
    return l->synthetic ? "synthetic" : l->reads_synthetic ? "behind synthetic ones" : "trained";
}

static int describe(const struct mp_trace *t, const char *format, struct mp_error *err)
{
    static const struct mp_column columns[] = {
        {"layer", "layer", "", MP_COLUMN_TEXT, 0},
        {"macs", "MACs of an image", "", MP_COLUMN_INTEGER, 0},
        {"mac_share", "share of all MACs", "", MP_COLUMN_SHARE, 1},
        {"stretches", "stretches", "", MP_COLUMN_INTEGER, 0},
        {"cycles", "cycles", "", MP_COLUMN_INTEGER, 0},
        {"weights", "weights", "", MP_COLUMN_TEXT, 0},
    };
    struct mp_report *report =
        mp_report_create("operand trace", columns, sizeof columns / sizeof *columns);
    bool is_synthetic = false;
    struct mp_trace_statistics s;
    int rc;

    for (uint32_t i = 0; i < t->layer_count; i++) {
        const struct mp_trace_layer *l = &t->layers[i];
        const struct mp_value row[] = {
            {.text = l->name},
            {.number = (double)l->macs, .is_null = l->macs == 0},
            {.number = t->network_macs > 0 ? (double)l->macs / (double)t->network_macs : 0,
             .is_null = t->network_macs == 0},
            {.number = l->stretches},
            {.number = (double)l->stretches * t->length},
            {.text = weights_name(l), .is_null = t->network_macs == 0},
        };
        is_synthetic |= l->synthetic || l->reads_synthetic;
        mp_report_add_row(report, row);
    }
    mp_trace_statistics(t, &s);
    if (t->network_macs > 0)
        mp_report_add_note(
            report, "%.1f %% of the MACs of the whole architecture%s", 100 * mp_trace_macs_share(t),
            is_synthetic ? "; synthetic: some operands rest on made-up weights" : "");
    mp_report_add_note(report, "%s, %s, seed %llu, hash %s", t->source,
                       mp_dataflow_name(t->dataflow), (unsigned long long)t->seed, t->hash);
    mp_report_add_note(report,
                       "weights: %.1f %% zero, %.1f %% as in the cycle before; activations: "
                       "%.1f %% zero, %.1f %% as in the cycle before",
                       100 * s.zero_weights, 100 * s.held_weights, 100 * s.zero_activations,
                       100 * s.held_activations);
    if (!mp_cli_is_for_programs(format))
        mp_report_fold(report);
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    return rc;
}

static int set_layer(struct mp_experiment *e, const char *layer, struct mp_error *err)
{
    if (layer == NULL)
        return MP_OK;
    if (e->network == NULL)
        return mp_fail(err, MP_E_USAGE, "--layer: of which network? give a config or --network");
    if (strcmp(layer, "each") == 0)
        return mp_fail(err, MP_E_USAGE, "--layer: a trace file is of one layer, or of all");
    mp_experiment_set_layer(e, layer);
    return MP_OK;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    struct mp_experiment_options o = MP_EXPERIMENT_OPTIONS_INIT;
    const char *output = NULL, *csv = NULL, *format = NULL, *layer = NULL;
    struct mp_log *log = NULL;
    bool help = false;
    const struct mp_option options[] = {
        {"weight", "FORMAT", MP_OPTION_LIST, &o.weights, "weight format"},
        {"activation", "FORMAT", MP_OPTION_LIST, &o.activations, "activation format"},
        MP_NETWORK_OPTIONS(o),
        {"layer", "NAME", MP_OPTION_TEXT, &layer, "of this layer of the network alone"},
        {"trace-images", "N", MP_OPTION_COUNT, &o.trace_images,
         "images that operands are drawn from (default: 64)"},
        {"dataflow", "NAME", MP_OPTION_TEXT, &o.dataflow,
         "output-stationary (default) or weight-stationary"},
        {"operands", "HOW", MP_OPTION_TEXT, &o.operands,
         "random operands instead of the network's: normal or uniform"},
        {"stretches", "N", MP_OPTION_COUNT, &o.stretches,
         "pieces of the work, a multiple of 64 (default: 512)"},
        {"length", "N", MP_OPTION_COUNT, &o.length, "cycles a stretch (default: 256)"},
        {"seed", "N", MP_OPTION_COUNT, &o.seed, "which stretches or random operands (default: 1)"},
        {"output", "FILE", MP_OPTION_TEXT, &output, "trace file to write (docs/trace.md)"},
        {"csv", "FILE", MP_OPTION_TEXT, &csv, "the same as text"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format,
         "of the summary: table (default), csv, json or markdown"},
    };
    struct mp_option_list arguments;
    struct mp_experiment e = {0};
    struct mp_trace trace = {0};
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count > (o.network == NULL) || o.weights.count != 1 || o.activations.count != 1)
        return mp_fail(err, MP_E_USAGE,
                       "one config (or --network) and one pair of formats are needed: macppa trace "
                       "configs/quickstart.yaml --weight e4m2 --activation uint8 -o FILE");
    if (arguments.count == 1)
        o.workload = arguments.items[0];
    log = mp_log_create(MP_LOG_INFO);
    if ((rc = mp_cli_check_format(format, err)) < 0 ||
        (rc = mp_experiment_from_options(&e, &o, err)) < 0 || (rc = set_layer(&e, layer, err)) < 0)
        goto out;
    mp_experiment_options_set_apart(&e, &o, log);
    if ((rc = mp_pipeline_trace(&e, &e.weights[0], &e.activations[0], log, &trace, err)) < 0 ||
        (output != NULL && (rc = mp_trace_write(&trace, output, err)) < 0) ||
        (csv != NULL && (rc = mp_trace_write_csv(&trace, csv, err)) < 0))
        goto out;
    rc = describe(&trace, format, err);
out:
    mp_trace_release(&trace);
    mp_experiment_release(&e);
    mp_log_destroy(log);
    return rc;
}

const struct mp_command mp_command_trace = {
    "trace", "[CONFIG]", "operand streams of a network: what a MAC unit sees, cycle by cycle",
    "Runs the quantised network of the config on its test images and samples stretches of\n"
    "consecutive cycles, layers by their share of the MACs. Without a config the operands are\n"
    "random.\n\n"
    "  macppa trace configs/quickstart.yaml --weight e4m2 --activation uint8 -o e4m2.trace\n"
    "  macppa trace --network squeezenet_v1.1 --layer conv10 --weight int8 --activation fixed8 "
    "-o x.trace",
    run};
