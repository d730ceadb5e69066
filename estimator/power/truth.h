/*
 * Truth tables of Liberty expressions and the probabilities that the power formulas need. A table
 * is made once for a cell type and evaluated for every instance with that instance's duties.
 *
 * Bit m of the table is the value of the expression when variable k (the local pin variable[k])
 * has the value of bit k of m. Up to 64 rows sit in the low bits of bits[0].
 */
#ifndef MP_POWER_TRUTH_H
#define MP_POWER_TRUTH_H

#include "estimator/liberty/library.h"

#define MP_TRUTH_VARIABLES 16 /* 65536 rows; the widest Liberty condition seen reads 9 pins */

struct mp_truth {
    uint32_t count;                       /* variables, 0: a constant */
    uint8_t variable[MP_TRUTH_VARIABLES]; /* local pins, ascending; pin_count is IQ, then IQN */
    const uint64_t *bits;                 /* in the arena; NULL: no expression */
};

/* Tabulate e. MP_E_UNSUPPORTED when it reads more than MP_TRUTH_VARIABLES pins. */
int mp_truth_make(struct mp_truth *out, const struct mp_expr *e, struct mp_arena *arena,
                  struct mp_error *err);

/* The Boolean difference dt/dpin: 1 where a change of pin alone changes t. The constant 0 when t
 * does not read pin. */
void mp_truth_difference(struct mp_truth *out, const struct mp_truth *t, uint32_t pin,
                         struct mp_arena *arena);

/* Whether the expression names the pin (it may do so without depending on it, as in A | !A). */
bool mp_truth_reads(const struct mp_truth *t, uint32_t pin);

/* +1: both tables read the same pins and are equal; -1: one is the complement of the other; 0. */
int mp_truth_compare(const struct mp_truth *a, const struct mp_truth *b);

/* P(t = 1) with P(pin k = 1) = duty[k], 0..1, pins taken as independent. Exact (no rounding) when
 * every duty is 0, 1/2 or 1. */
double mp_truth_probability(const struct mp_truth *t, const double *duty);

#endif
