/*
 * What a search found, as tables: for people a summary, range against precision by scope, and
 * weights with activations; for programs (CSV, JSON) one row a scheme that was looked at, with what
 * it was found to be in `found`. docs/search.md explains the columns.
 */
#ifndef MP_CLI_SEARCH_TABLE_H
#define MP_CLI_SEARCH_TABLE_H

#include "estimator/search/search.h"

/* note: a line of the summary (which network, how calibrated); tolerance: relative. */
int mp_cli_print_search(const struct mp_search_result *r, double tolerance, const char *note,
                        const char *format, struct mp_error *err);

/* A range of widths, "3..12" or "8". */
int mp_cli_parse_range(uint32_t *low, uint32_t *high, const char *option, const char *text,
                       struct mp_error *err);
/* "1%", "0.01" or "0": from 0 to below 1. */
int mp_cli_parse_tolerance(double *tolerance, const char *text, struct mp_error *err);

#endif
