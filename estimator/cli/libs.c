#include "estimator/cli/commands.h"
#include "libs/descriptor.h"

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    static const struct mp_column columns[] = {
        {"name", "name", "", MP_COLUMN_TEXT, 0},
        {"title", "title", "", MP_COLUMN_TEXT, 0},
        {"corner", "corner", "", MP_COLUMN_TEXT, 0},
        {"default_clock_s", "clock", "s", MP_COLUMN_NUMBER, 3},
        {"usable", "usable", "", MP_COLUMN_TEXT, 0},
        {"where", "file, or how to get it", "", MP_COLUMN_TEXT, 0},
    };
    const char *format = NULL;
    bool help = false;
    const struct mp_option options[] = {
        {"format", "FORMAT", MP_OPTION_TEXT, &format, "table (default), csv, json or markdown"}};
    struct mp_option_list arguments;
    struct mp_descriptors libraries = {0};
    struct mp_report *report = NULL;
    int rc = mp_options_parse(command, options, 1, argc, argv, &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if ((rc = mp_descriptors_load(&libraries, err)) < 0)
        return rc;
    report = mp_report_create("cell libraries", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < libraries.count; i++) {
        const struct mp_descriptor *d = &libraries.items[i];
        const struct mp_value row[] = {
            {.text = d->name},
            {.text = d->title},
            {.text = d->corner},
            {.number = d->default_clock_s},
            {.text = d->found != NULL ? "yes" : "no"},
            {.text = d->found != NULL ? d->found[0] : d->how_to_get},
        };
        mp_report_add_row(report, row);
    }
    mp_report_add_note(report, "files are looked for in MACPPA_LIBS (folders, colon-separated) and "
                               "in the search paths of libs/*.yaml");
    mp_report_add_note(report,
                       "any other library: macppa estimate --liberty FILE [--liberty FILE ...]");
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    mp_descriptors_release(&libraries);
    return rc;
}

const struct mp_command mp_command_libs = {
    "libs", NULL, "cell libraries: which are usable here, how to get the others",
    "Lists the libraries that have a descriptor (libs/*.yaml) and whether their Liberty files "
    "were\n"
    "found on this machine: in the folders of MACPPA_LIBS (colon-separated), then in the\n"
    "descriptor's search paths. Descriptors in the folders of MACPPA_DESCRIPTORS replace these.\n\n"
    "  MACPPA_LIBS=/pdk/liberty macppa libs",
    run};
