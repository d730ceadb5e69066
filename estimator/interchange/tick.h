/*
 * The unit of time of the files that we write, in which a clock period is an even whole number.
 */
#ifndef MP_INTERCHANGE_TICK_H
#define MP_INTERCHANGE_TICK_H

#include "estimator/util/error.h"
#include <stdint.h>

struct mp_tick {
    double tick_s;
    const char *unit; /* "ps": the tick is 1 of it */
    const char *name; /* "1ps" */
    uint64_t period;  /* ticks, even, so that the clock falls at half */
};

/* The first of 1 ps (if finest_s >= 1e-12) and 1 fs that divides the period; the period is rounded
 * to an even number of fs where none does (2 fs of error at most, every cycle the same).
 * MP_E_USAGE: a period outside 2 fs .. 1 s. */
int mp_tick_choose(struct mp_tick *out, double period_s, double finest_s, struct mp_error *err);

#endif
