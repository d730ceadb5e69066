/*
 * Options of a subcommand as one table, which gives the parser, `--help` and (later) the manual
 * page.
 *
 *     const struct mp_option options[] = {
 *         {"library", "NAME", MP_OPTION_TEXT, &library, "cell library, see `macppa libs`"},
 *         {"check", NULL, MP_OPTION_FLAG, &check, "prove the design"},
 *     };
 */
#ifndef MP_CLI_OPTIONS_H
#define MP_CLI_OPTIONS_H

#include "estimator/util/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mp_option_kind {
    MP_OPTION_FLAG,   /* bool * */
    MP_OPTION_TEXT,   /* const char ** */
    MP_OPTION_LIST,   /* struct mp_option_list *: may be given several times */
    MP_OPTION_COUNT,  /* uint64_t *: a whole number */
    MP_OPTION_PERIOD, /* double *: seconds, given with a unit: 2ns */
    MP_OPTION_HEADING /* no option: a line of --help above those that follow, in `name` */
};

#define MP_OPTION_LIST_MAX 256
struct mp_option_list {
    const char *items[MP_OPTION_LIST_MAX]; /* borrowed from argv */
    size_t count;
};

struct mp_option {
    const char *name;     /* without the dashes; "-o" only for `output` */
    const char *argument; /* its name in --help; NULL for flags */
    enum mp_option_kind kind;
    void *target;
    const char *help;
};

struct mp_command {
    const char *name, *arguments; /* "run", "CONFIG" */
    const char *summary;          /* one line, for the list of commands */
    const char *description;      /* paragraphs of --help, with an example */
    int (*run)(const struct mp_command *command, int argc, char **argv, struct mp_error *err);
};

/* Parse argv[1..]: options in the forms --name VALUE and --name=VALUE, anywhere; `--` ends them;
 * the rest goes to *positionals (borrowed). *help_shown: --help was given and printed; the caller
 * returns MP_OK. Unknown options and bad values are MP_E_USAGE with the closest name. */
int mp_options_parse(const struct mp_command *command, const struct mp_option *options,
                     size_t option_count, int argc, char **argv, struct mp_option_list *positionals,
                     bool *help_shown, struct mp_error *err);

#endif
