/*
 * Whether designs differ by more than the noise of their synthesis or search: the runs of each
 * side, put to the rank-sum test (reports/noise.h).
 */
#ifndef MP_CLI_COMPARE_NOISE_H
#define MP_CLI_COMPARE_NOISE_H

#include "estimator/cli/commands.h"

/* Print a table of pairs, area, delay and area x delay each, from the query `pairs` with these
 * parameters. Nothing where no pair has runs. */
int mp_cli_print_noise(struct mp_store *store, const char *const *parameters,
                       size_t parameter_count, const char *format, struct mp_error *err);

#endif
