#include "estimator/cli/compare_noise.h"
#include <stdlib.h>

static int count_row(void *context, int column_count, const char *const *names,
                     const char *const *values, const char *types)
{
    (void)column_count;
    (void)names;
    (void)values;
    (void)types;
    ++*(size_t *)context;
    return 0;
}

/* A name that nothing is stored under would only be missing in the table. `parameters` has room for
 * one more. */
static int check_stored(struct mp_store *store, const struct mp_option_list *wanted,
                        char **parameters, size_t count, struct mp_error *err)
{
    int rc = MP_OK;

    for (size_t i = 0; i < wanted->count && rc == MP_OK; i++) {
        size_t rows = 0;
        parameters[count] = mp_asprintf("only=%s", wanted->items[i]);
        rc = mp_store_query(store, "comparison", (const char *const *)parameters, count + 1,
                            count_row, &rows, err);
        free(parameters[count]);
        if (rc == MP_OK && rows == 0)
            rc = mp_fail(err, MP_E_NOT_FOUND,
                         "nothing is stored of `%s`%s; macppa query estimates lists what is, "
                         "macppa estimate adds to it",
                         wanted->items[i], count > 0 ? " with these options" : "");
    }
    return rc;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    const char *db = NULL, *format = NULL, *unit = NULL, *library = NULL, *activation = NULL;
    const char *run_number = NULL;
    bool help = false;
    const struct mp_option options[] = {
        {"unit", "UNIT", MP_OPTION_TEXT, &unit, "only multiplier or mac"},
        {"library", "NAME", MP_OPTION_TEXT, &library, "only this library"},
        {"activation", "FORMAT", MP_OPTION_TEXT, &activation, "only this activation format"},
        {"run", "N", MP_OPTION_TEXT, &run_number, "only results of this run"},
        {"db", "FILE", MP_OPTION_TEXT, &db, "database (else $MACPPA_DB, else ./macppa.db)"},
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"},
    };
    struct mp_option_list arguments;
    struct mp_store *store = NULL;
    struct mp_text only = {0};
    char *parameters[6];
    size_t count = 0;
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count < 2)
        return mp_fail(err, MP_E_USAGE,
                       "at least two weight formats or designs are needed: macppa "
                       "compare int11 e4m2");
    for (size_t i = 0; i < arguments.count; i++)
        mp_text_printf(&only, "%s%s", i > 0 ? "," : "", arguments.items[i]);
    if (unit != NULL)
        parameters[count++] = mp_asprintf("unit=%s", unit);
    if (library != NULL)
        parameters[count++] = mp_asprintf("library=%s", library);
    if (activation != NULL)
        parameters[count++] = mp_asprintf("activation=%s", activation);
    if (run_number != NULL)
        parameters[count++] = mp_asprintf("run=%s", run_number);
    if ((rc = mp_store_open(&store, mp_cli_database(db), true, err)) < 0 ||
        (rc = check_stored(store, &arguments, parameters, count, err)) < 0)
        goto out;
    parameters[count++] = mp_asprintf("baseline=%s", arguments.items[0]);
    parameters[count++] = mp_asprintf("only=%s", only.data);
    const char *const notes[] = {"reductions are against the first one named, under the same "
                                 "library, clock, unit, activations, trace and synthesis"};
    const struct mp_cli_query q = {.title = "comparison",
                                   .name = "comparison",
                                   .parameters = (const char *const *)parameters,
                                   .parameter_count = count,
                                   .notes = notes,
                                   .note_count = 1};
    rc = mp_cli_print_query(store, &q, format, err);
    if (rc == MP_OK && !mp_cli_is_for_programs(format))
        rc = mp_cli_print_noise(store, (const char *const *)parameters, count, format, err);
out:
    mp_store_close(store);
    for (size_t i = 0; i < count; i++)
        free(parameters[i]);
    mp_text_release(&only);
    return rc;
}

const struct mp_command mp_command_compare = {
    "compare", "A B ...", "stored results side by side, with reductions in percent",
    "Shows the stored estimates of weight formats or designs side by side. Reductions are against\n"
    "the first one; positive is better. A second table says what the noise of synthesis decides:\n"
    "variants that differ in names alone, or seeds of a search, spread by several percent, and a\n"
    "difference inside that is undecided.\n\n"
    "  macppa compare int11 e4m2 e4m3 --unit multiplier",
    run};
