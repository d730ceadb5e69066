#include "estimator/cli/commands.h"
#include <string.h>

static int list(const char *format, struct mp_error *err)
{
    static const struct mp_column columns[] = {{"name", "name", "", MP_COLUMN_TEXT, 0},
                                               {"answers", "answers", "", MP_COLUMN_TEXT, 0}};
    struct mp_report *report = mp_report_create("named queries", columns, 2);
    int rc;

    for (size_t i = 0; i < mp_store_query_count(); i++) {
        const struct mp_value row[] = {{.text = mp_store_query_name(i)},
                                       {.text = mp_store_query_summary(i)}};
        mp_report_add_row(report, row);
    }
    mp_report_add_note(report,
                       "parameters: macppa query NAME key=value ...; macppa query --describe "
                       "NAME lists them");
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    return rc;
}

static int describe(const char *name, struct mp_error *err)
{
    for (size_t i = 0; i < mp_store_query_count(); i++)
        if (strcmp(mp_store_query_name(i), name) == 0) {
            const char *text = mp_store_query_text(i);
            return mp_cli_write(text, strlen(text), err);
        }
    return mp_fail(err, MP_E_NOT_FOUND, "there is no query `%s`; macppa query --list names them",
                   name);
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    const char *db = NULL, *format = NULL, *sql = NULL, *described = NULL;
    bool help = false, wants_list = false;
    const struct mp_option options[] = {
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
        {"sql", "TEXT", MP_OPTION_TEXT, &sql, "a SELECT of your own, read-only"},
        {"list", NULL, MP_OPTION_FLAG, &wants_list, "the named queries"},
        {"describe", "NAME", MP_OPTION_TEXT, &described, "a query's parameters and SQL"},
    };
    struct mp_option_list arguments;
    struct mp_store *store = NULL;
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (described != NULL)
        return describe(described, err);
    if (wants_list)
        return list(format, err);
    if ((sql != NULL) == (arguments.count > 0))
        return mp_fail(err, MP_E_USAGE,
                       "name one query (macppa query --list shows them), or give --sql");
    const struct mp_cli_query q = {
        .title = sql != NULL ? "query" : arguments.items[0],
        .name = sql != NULL ? NULL : arguments.items[0],
        .sql = sql,
        .parameters = arguments.items + 1,
        .parameter_count = arguments.count > 0 ? arguments.count - 1 : 0,
    };
    if ((rc = mp_store_open(&store, mp_cli_database(db), true, err)) == MP_OK)
        rc = mp_cli_print_query(store, &q, format, err);
    mp_store_close(store);
    return rc;
}

const struct mp_command mp_command_query = {
    "query", "NAME [key=value ...]", "ask the database: named questions, or SQL of your own",
    "Answers a stored question, with its parameters bound by name, or runs one SELECT of your own\n"
    "read-only. The views and tables are described in docs/database.md; any SQLite client reads\n"
    "the file as well.\n\n"
    "  macppa query --list\n"
    "  macppa query reduction baseline=int11 unit=mac\n"
    "  macppa query --sql 'select design, power_uw from v_estimate' --format csv",
    run};
