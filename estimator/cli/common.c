#include "estimator/cli/commands.h"
#include "estimator/power/opensta_power.h"
#include "estimator/util/number.h"
#include "estimator/util/process.h"
#include "reports/query_table.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_cli_database(const char *option)
{
    const char *variable = getenv("MACPPA_DB");

    if (option != NULL)
        return option;
    return variable != NULL && variable[0] != '\0' ? variable : "macppa.db";
}

int mp_cli_write(const char *text, size_t size, struct mp_error *err)
{
    if (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0)
        return mp_fail_errno(err, "writing the result to stdout");
    return MP_OK;
}

int mp_cli_check_format(const char *format_option, struct mp_error *err)
{
    enum mp_output format;

    return format_option != NULL ? mp_output_parse(&format, format_option, err) : MP_OK;
}

int mp_cli_print_engines(struct mp_store *store, int64_t run_id, const struct mp_tools *tools,
                         const char *format, struct mp_error *err)
{
    char *run = mp_asprintf("run=%lld", (long long)run_id);
    /* Debian's is the one that cannot read a SAIF. */
    const char *caveat = mp_opensta_power_caveat(
        strcmp(tools->opensta_version, "2.0.17") == 0 ? MP_OPENSTA_PINS : MP_OPENSTA_SAIF);
    const char *const parameters[] = {run}, *const notes[] = {caveat};
    const struct mp_cli_query q = {.title = "OpenSTA's power beside ours, functional activity",
                                   .name = "engines",
                                   .parameters = parameters,
                                   .parameter_count = 1,
                                   .notes = notes,
                                   .note_count = caveat[0] != '\0'};
    int rc = mp_cli_is_for_programs(format) ? MP_OK : mp_cli_print_query(store, &q, format, err);

    free(run);
    return rc;
}

char *mp_cli_describe_wires(const struct mp_experiment *e)
{
    const struct mp_boundary_option *b = &e->ways.boundary;
    char name[MP_WIRE_NAME_SIZE + 16] = "", outside[MP_BOUNDARY_NAME_SIZE + 80];
    bool has_wires = e->power.wire_load.kind != MP_WIRE_NONE;

    if (has_wires)
        mp_wire_option_print(&e->power.wire_load, name, sizeof name);
    if (b->driving == MP_BOUNDARY_NONE && b->load == MP_BOUNDARY_NONE)
        return has_wires
                   ? mp_asprintf("wire load %s, no other load at the outputs, no clock tree", name)
                   : mp_strdup("no wires, no load at the outputs, no clock tree");
    mp_boundary_option_print(b, outside, sizeof outside);
    return mp_asprintf("%s%s, %s, no clock tree", has_wires ? "wire load " : "no wires", name,
                       outside);
}

bool mp_cli_is_for_programs(const char *format_option)
{
    return format_option != NULL &&
           (strcmp(format_option, "csv") == 0 || strcmp(format_option, "json") == 0);
}

int mp_cli_print(const struct mp_report *report, const char *format_option, struct mp_error *err)
{
    enum mp_output format = MP_OUTPUT_TABLE;
    struct mp_text text = {0};
    int rc = format_option != NULL ? mp_output_parse(&format, format_option, err) : MP_OK;

    if (rc < 0)
        return rc;
    mp_report_render(report, format, &text);
    rc = mp_cli_write(text.data, text.size, err);
    mp_text_release(&text);
    return rc;
}

static void on_signal(int number)
{
    (void)number;
    mp_process_cancel_all();
}

void mp_cli_catch_signals(void)
{
    /* A second Ctrl-C ends the program at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static const char *cell(const struct mp_query_table *t, size_t row, const char *key)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].key, key) == 0)
            return t->values[row * t->column_count + i];
    return NULL;
}

/* Power and energy at a clock that a design cannot run at mislead whoever does not compare two
 * columns. */
static void note_missed_clocks(const struct mp_query_table *t, struct mp_report *report)
{
    size_t missed = 0;

    for (size_t row = 0; row < t->row_count; row++) {
        const char *period = cell(t, row, "clock_s"), *path = cell(t, row, "critical_path_s");
        double period_s, path_s;
        if (period == NULL)
            period = cell(t, row, "clock_period_s");
        if (period != NULL && path != NULL && mp_parse_double(period, &period_s) &&
            mp_parse_double(path, &path_s))
            missed += path_s > period_s * (1 + 1e-9);
    }
    if (missed > 0)
        mp_report_add_note(
            report,
            "CLOCK NOT MET in %zu of %zu rows (critical path > period): their power and "
            "energy are of a circuit that fails at this clock",
            missed, t->row_count);
}

int mp_cli_print_query(struct mp_store *store, const struct mp_cli_query *q,
                       const char *format_option, struct mp_error *err)
{
    struct mp_query_table table = {0};
    struct mp_report *report;
    int rc = q->sql != NULL ? mp_store_query_sql(store, q->sql, mp_query_table_row, &table, err)
                            : mp_store_query(store, q->name, q->parameters, q->parameter_count,
                                             mp_query_table_row, &table, err);

    if (rc < 0)
        goto out;
    report = mp_query_table_report(&table, q->title);
    note_missed_clocks(&table, report);
    for (size_t i = 0; i < q->note_count; i++)
        mp_report_add_note(report, "%s", q->notes[i]);
    /* Programs get every column in every row, people what differs. */
    if (format_option == NULL || strcmp(format_option, "table") == 0 ||
        strcmp(format_option, "markdown") == 0)
        mp_report_fold(report);
    rc = mp_cli_print(report, format_option, err);
out:
    mp_query_table_release(&table);
    return rc;
}
