#include "estimator/cli/commands.h"
#include "estimator/cli/experiment_options.h"
#include <stdlib.h>

/* One row; reference_top1 0: this is the reference itself. */
static void add_row(struct mp_report *report, const struct mp_accuracy_record *r,
                    double reference_share)
{
    double top1 = (double)r->top1 / r->images;
    const struct mp_value row[] = {
        {.text = r->weight_format},
        {.text = r->activation_format},
        {.number = r->top1},
        {.number = r->top5},
        {.number = r->images},
        {.number = top1},
        {.number = (double)r->top5 / r->images},
        {.number = top1 - reference_share},
        {.number = (double)r->weight_bits},
        {.number = r->accumulator_bits, .is_null = r->accumulator_bits == 0},
    };
    mp_report_add_row(report, row);
}

static int score_all(struct mp_report *report, const struct mp_experiment *e,
                     const struct mp_tools *tools, struct mp_store *store, struct mp_log *log,
                     struct mp_error *err)
{
    struct mp_accuracy_record record = {0};
    struct mp_format float32;
    double reference;
    int rc;

    if ((rc = mp_format_parse(&float32, "float32", err)) < 0 ||
        (rc = mp_pipeline_accuracy(e, &float32, &float32, store, tools, log, &record, err)) < 0)
        return rc;
    reference = (double)record.top1 / record.images;
    mp_report_add_note(report, "%s%s%s; calibration: %s", record.network,
                       e->network_notes != NULL ? ", " : "",
                       e->network_notes != NULL ? e->network_notes : "", record.calibration);
    add_row(report, &record, reference);
    mp_accuracy_record_release(&record);
    for (size_t a = 0; a < e->activation_count; a++)
        for (size_t w = 0; w < e->weight_count; w++) {
            if (e->weights[w].kind == MP_FORMAT_FLOAT32 &&
                e->activations[a].kind == MP_FORMAT_FLOAT32)
                continue;
            rc = mp_pipeline_accuracy(e, &e->weights[w], &e->activations[a], store, tools, log,
                                      &record, err);
            if (rc < 0)
                return rc;
            add_row(report, &record, reference);
            mp_accuracy_record_release(&record);
        }
    return MP_OK;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    static const struct mp_column columns[] = {
        {"weight", "weight", "", MP_COLUMN_TEXT, 0},
        {"activation", "activation", "", MP_COLUMN_TEXT, 0},
        {"top1", "top-1 right", "", MP_COLUMN_INTEGER, 0},
        {"top5", "top-5 right", "", MP_COLUMN_INTEGER, 0},
        {"images", "images", "", MP_COLUMN_INTEGER, 0},
        {"top1_share", "top-1", "", MP_COLUMN_SHARE, 2},
        {"top5_share", "top-5", "", MP_COLUMN_SHARE, 2},
        {"change", "against float32", "points", MP_COLUMN_PERCENT, 2},
        {"weight_bits", "bits of all weights", "", MP_COLUMN_INTEGER, 0},
        {"accumulator_bits", "accumulator bits", "", MP_COLUMN_INTEGER, 0},
    };
    struct mp_experiment_options o = MP_EXPERIMENT_OPTIONS_INIT;
    const char *db = NULL, *format = NULL;
    bool help = false;
    const struct mp_option options[] = {
        {"weight", "FORMAT", MP_OPTION_LIST, &o.weights,
         "instead of the config's weight formats (repeatable)"},
        {"activation", "FORMAT", MP_OPTION_LIST, &o.activations,
         "instead of the config's activation formats (repeatable)"},
        MP_NETWORK_OPTIONS(o),
        {"threads", "N", MP_OPTION_COUNT, &o.threads, "workers (default: all cores)"},
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
    };
    struct mp_option_list arguments;
    struct mp_experiment e = {0};
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_log *log = NULL;
    struct mp_report *report = NULL;
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count != (o.network == NULL))
        return mp_fail(
            err, MP_E_USAGE,
            "a config with a network is needed (macppa accuracy configs/quickstart.yaml), or "
            "--network FILE");
    o.workload = o.network == NULL ? arguments.items[0] : NULL;
    log = mp_log_create(MP_LOG_INFO);
    mp_cli_catch_signals();
    report = mp_report_create("accuracy", columns, sizeof columns / sizeof *columns);
    if ((rc = mp_cli_check_format(format, err)) < 0 ||
        (rc = mp_experiment_from_options(&e, &o, err)) < 0 ||
        (rc = mp_store_open(&store, mp_cli_database(db), false, err)) < 0 ||
        (rc = score_all(report, &e, &tools, store, log, err)) < 0)
        goto out;
    rc = mp_cli_print(report, format, err);
out:
    mp_report_destroy(report);
    mp_store_close(store);
    mp_experiment_release(&e);
    mp_log_destroy(log);
    return rc;
}

const struct mp_command mp_command_accuracy = {
    "accuracy", "[CONFIG]", "accuracy of a network in each pair of formats",
    "Scores every test image of the config's network with weights and activations quantised after\n"
    "training, float32 first. Scales are chosen on the calibration images alone. Results are "
    "stored\n"
    "and reused.\n\n"
    "  macppa accuracy configs/quickstart.yaml --weight int6 --weight e3m2\n"
    "  macppa accuracy --network deploy.prototxt --weights net.caffemodel --images val/ \\\n"
    "      --weight float32 --activation float32 --format json",
    run};
