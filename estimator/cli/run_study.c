#include "estimator/cli/commands.h"
#include "estimator/cli/study_tables.h"
#include <stdlib.h>
#include <string.h>

static struct mp_report *(*const makers[])(const struct mp_study *) = {
    mp_study_table_verdicts,  mp_study_table_networks, mp_study_table_formats,
    mp_study_table_precision, mp_study_table_storage,  mp_study_table_power,
    mp_study_table_claims};

/* Tables of one kind after another: an array in JSON. */
static int print_tables(const struct mp_study *s, const char *format, struct mp_error *err)
{
    bool is_array = format != NULL && strcmp(format, "json") == 0;
    size_t count = sizeof makers / sizeof *makers;
    int rc = is_array ? mp_cli_write("[\n", 2, err) : MP_OK;

    for (size_t i = 0; i < count && rc == MP_OK; i++) {
        struct mp_report *r = makers[i](s);
        if (!mp_cli_is_for_programs(format))
            mp_report_fold(r);
        if (is_array && i > 0)
            rc = mp_cli_write(",\n", 2, err);
        else if (i > 0)
            rc = mp_cli_write("\n", 1, err);
        if (rc == MP_OK)
            rc = mp_cli_print(r, format, err);
        mp_report_destroy(r);
    }
    return rc == MP_OK && is_array ? mp_cli_write("]\n", 2, err) : rc;
}

/* Layer by layer, of each network that has it; for people alone, programs ask the query. */
static int print_layers(const struct mp_study *s, struct mp_store *store, const char *format,
                        struct mp_error *err)
{
    int rc = MP_OK;

    for (size_t i = 0; i < s->network_count && rc == MP_OK; i++) {
        const struct mp_study_network *n = &s->networks[i];
        if (n->layers_run_id == 0)
            continue;
        char *run = mp_asprintf("run=%lld", (long long)n->layers_run_id);
        char *title =
            mp_asprintf("%s: one whole inference on %s", n->title, s->settings->layers_on);
        char *note = mp_asprintf("by layer: macppa query layers %s", run);
        const struct mp_cli_query q = {.title = title,
                                       .name = "inference",
                                       .parameters = (const char *const[]){run},
                                       .parameter_count = 1,
                                       .notes = (const char *const[]){note},
                                       .note_count = 1};
        rc = mp_cli_write("\n", 1, err);
        if (rc == MP_OK)
            rc = mp_cli_print_query(store, &q, format, err);
        free(note);
        free(title);
        free(run);
    }
    return rc;
}

int mp_cli_run_study(const struct mp_experiment *e, const struct mp_cli_run *how,
                     struct mp_error *err)
{
    struct mp_log *log = mp_log_create(how->level);
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_study study = {0};
    int rc;

    mp_cli_catch_signals();
    if ((rc = mp_cli_check_format(how->format, err)) < 0 ||
        (rc = mp_tools_find(&tools, how->yosys, how->sta, err)) < 0 ||
        (rc = mp_store_open(&store, how->database, false, err)) < 0 ||
        (rc = mp_study_run(&study, e, &tools, store, log, err)) < 0 ||
        (rc = print_tables(&study, how->format, err)) < 0)
        goto out;
    if (!mp_cli_is_for_programs(how->format))
        rc = print_layers(&study, store, how->format, err);
    mp_log_write(log, MP_LOG_INFO, "the study took %.0f s; its results are in %s", study.wall_s,
                 how->database);
out:
    mp_study_release(&study);
    mp_store_close(store);
    mp_tools_release(&tools);
    mp_log_destroy(log);
    return rc;
}
