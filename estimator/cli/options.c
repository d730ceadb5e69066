#include "estimator/cli/options.h"
#include "estimator/util/number.h"
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 29
#define HELP_WIDTH  100

/* Words of text from HELP_COLUMN on, broken at HELP_WIDTH. */
static void print_wrapped(const char *text)
{
    size_t column = HELP_COLUMN;

    for (const char *word = text; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (column + length > HELP_WIDTH && column > HELP_COLUMN) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        printf("%.*s", (int)length, word);
        column += length + 1;
        word += length;
        if (*word == ' ') {
            word++;
            if (column + strcspn(word, " ") <= HELP_WIDTH)
                printf(" ");
        }
    }
    printf("\n");
}

static void print_help(const struct mp_command *c, const struct mp_option *options, size_t count)
{
    printf("Usage: macppa %s%s%s [options]\n\n%s\n%s", c->name, c->arguments != NULL ? " " : "",
           c->arguments != NULL ? c->arguments : "", c->description,
           count > 0 && options[0].kind == MP_OPTION_HEADING ? "" : "\nOptions:\n");
    for (size_t i = 0; i < count; i++) {
        char left[64];
        if (options[i].kind == MP_OPTION_HEADING) {
            printf("\n%s:\n", options[i].name);
            continue;
        }
        snprintf(left, sizeof left, "%s--%s%s%s",
                 strcmp(options[i].name, "output") == 0 ? "-o, " : "", options[i].name,
                 options[i].argument != NULL ? " " : "",
                 options[i].argument != NULL ? options[i].argument : "");
        printf("  %-26s ", left);
        print_wrapped(options[i].help);
    }
    printf("  %-26s show this\n", "--help");
}

/* Edit distance, small words only. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[64];
    size_t n = strlen(b);

    if (n >= 64)
        return 64;
    for (size_t j = 0; j <= n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

static int unknown(const struct mp_command *c, const struct mp_option *options, size_t count,
                   const char *name, struct mp_error *err)
{
    const char *closest = NULL;
    unsigned best = 4;

    for (size_t i = 0; i < count; i++)
        if (options[i].kind != MP_OPTION_HEADING && distance(name, options[i].name) < best) {
            best = distance(name, options[i].name);
            closest = options[i].name;
        }
    if (closest != NULL)
        return mp_fail(err, MP_E_USAGE, "macppa %s has no option --%s; did you mean --%s?", c->name,
                       name, closest);
    return mp_fail(err, MP_E_USAGE, "macppa %s has no option --%s; see macppa %s --help", c->name,
                   name, c->name);
}

static int set(const struct mp_option *o, const char *value, struct mp_error *err)
{
    struct mp_option_list *list = o->target;

    switch (o->kind) {
    case MP_OPTION_FLAG:
        *(bool *)o->target = true;
        return MP_OK;
    case MP_OPTION_TEXT:
        *(const char **)o->target = value;
        return MP_OK;
    case MP_OPTION_LIST:
        if (list->count == MP_OPTION_LIST_MAX)
            return mp_fail(err, MP_E_USAGE, "--%s was given more than %d times", o->name,
                           MP_OPTION_LIST_MAX);
        list->items[list->count++] = value;
        return MP_OK;
    case MP_OPTION_COUNT:
        if (mp_parse_u64(value, o->target))
            return MP_OK;
        return mp_fail(err, MP_E_USAGE, "--%s: `%s` is no whole number", o->name, value);
    case MP_OPTION_PERIOD:
        if (mp_parse_quantity(value, "s", o->target) && *(double *)o->target >= 1e-12 &&
            *(double *)o->target <= 1)
            return MP_OK;
        return mp_fail(err, MP_E_USAGE, "--%s: `%s` is no time such as 2ns", o->name, value);
    case MP_OPTION_HEADING:
        break;
    }
    return MP_OK;
}

/* argv[i] is an option; *used: how many arguments it took. */
static int take(const struct mp_command *c, const struct mp_option *options, size_t count, int argc,
                char **argv, int i, int *used, struct mp_error *err)
{
    const char *text = strcmp(argv[i], "-o") == 0 ? "output" : argv[i] + 2;
    const char *equals = strchr(text, '=');
    size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             text);
    for (size_t k = 0; k < count; k++) {
        const struct mp_option *o = &options[k];
        if (o->kind == MP_OPTION_HEADING || strcmp(o->name, name) != 0)
            continue;
        *used = 1;
        if (o->kind == MP_OPTION_FLAG) {
            if (equals != NULL)
                return mp_fail(err, MP_E_USAGE, "--%s takes no value", o->name);
            return set(o, NULL, err);
        }
        if (equals != NULL)
            return set(o, equals + 1, err);
        if (i + 1 >= argc)
            return mp_fail(err, MP_E_USAGE, "--%s needs a value: --%s %s", o->name, o->name,
                           o->argument);
        *used = 2;
        return set(o, argv[i + 1], err);
    }
    return unknown(c, options, count, name, err);
}

int mp_options_parse(const struct mp_command *command, const struct mp_option *options,
                     size_t option_count, int argc, char **argv, struct mp_option_list *positionals,
                     bool *help_shown, struct mp_error *err)
{
    bool only_positionals = false;

    positionals->count = 0;
    *help_shown = false;
    for (int i = 1, used = 1; i < argc; i += used) {
        used = 1;
        if (!only_positionals && strcmp(argv[i], "--") == 0) {
            only_positionals = true;
        } else if (!only_positionals &&
                   (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            print_help(command, options, option_count);
            *help_shown = true;
            return MP_OK;
        } else if (!only_positionals &&
                   (strncmp(argv[i], "--", 2) == 0 || strcmp(argv[i], "-o") == 0)) {
            int rc = take(command, options, option_count, argc, argv, i, &used, err);
            if (rc < 0)
                return rc;
        } else if (!only_positionals && argv[i][0] == '-' && argv[i][1] != '\0') {
            return mp_fail(err, MP_E_USAGE, "macppa %s has no option %s; see macppa %s --help",
                           command->name, argv[i], command->name);
        } else if (positionals->count == MP_OPTION_LIST_MAX) {
            return mp_fail(err, MP_E_USAGE, "too many arguments");
        } else {
            positionals->items[positionals->count++] = argv[i];
        }
    }
    return MP_OK;
}
