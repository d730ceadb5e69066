#include "estimator/cli/commands.h"
#include <stdio.h>
#include <string.h>

static const struct mp_command *const commands[] = {
    &mp_command_run,   &mp_command_estimate, &mp_command_compare,
    &mp_command_query, &mp_command_generate, &mp_command_accuracy,
    &mp_command_trace, &mp_command_libs,     &mp_command_doctor,
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_usage(FILE *to)
{
    fputs("macppa: power, performance and area of multiply-accumulate units for CNN inference,\n"
          "from real synthesis, real timing and the operands of a real network.\n\n"
          "Usage: macppa COMMAND [arguments] [options]\n\n"
          "Commands:\n",
          to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`macppa COMMAND --help` tells more. Results go to stdout, everything else to stderr.\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
          to);
}

int main(int argc, char **argv)
{
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];

    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        puts("macppa " MP_VERSION);
        return 0;
    }
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                      strcmp(argv[1], "help") == 0)) {
        print_usage(stdout);
        return 0;
    }
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i]->name) != 0)
            continue;
        int rc = commands[i]->run(commands[i], argc - 1, argv + 1, &err);
        if (rc == MP_OK)
            return 0;
        fprintf(stderr, "macppa %s: %s\n", argv[1], mp_error_text(&err, text, sizeof text));
        return rc == MP_E_USAGE ? 2 : 1;
    }
    fprintf(stderr, "macppa: there is no command `%s`; macppa --help lists them\n", argv[1]);
    return 2;
}
