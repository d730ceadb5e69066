/*
 * What OpenSTA printed, from text to figures: pure functions. The report is believed only when it
 * is complete from mark to mark, names no Error and no black box, and gives a slew to every pin
 * of the netlist.
 */
#ifndef MP_TIMING_PARSE_H
#define MP_TIMING_PARSE_H

#include "estimator/netlist/netlist.h"

/* Fills slew_rise_s[pin], slew_fall_s[pin] (n->pin_count each, in s) and *slack_s. 0 for pins on a
 * constant or without a net, which have no transition; any other pin that the report leaves out,
 * an instance or pin that the netlist has not, a slew that is negative or no number: MP_E_INPUT
 * with the line of the report in err->line. */
int mp_opensta_parse(double *slack_s, double *slew_rise_s, double *slew_fall_s,
                     const struct mp_netlist *n, const char *text, size_t size,
                     struct mp_error *err);

/* "2.0.17\n" -> "2.0.17". */
int mp_opensta_parse_version(const char *text, char *out, size_t size, struct mp_error *err);

#endif
