/*
 * All functions of up to four inputs that one cell, or one cell behind another, computes: for moves
 * that replace some gates by others (move_rewrite.c).
 *
 * Functions are sorted into the 222 classes that are equal but for exchange and inversion of inputs
 * and inversion of the output (NPN). Each function has a way to its class's representative:
 *     r(y) = f(x) ^ inverts_output,  x[pin[k]] = y[k] ^ bit k of inverted_inputs
 * and so has each implementation, so two of one class are each other with the inversions combined.
 * Inputs of an implementation may meet in one variable: XNOR2 is AOI21 behind NOR2.
 */
#ifndef MP_TECHMAP_REWRITE_H
#define MP_TECHMAP_REWRITE_H

#include "estimator/timing/nldm.h"

#define MP_REWRITE_INPUTS  4
#define MP_REWRITE_CLASSES 222
#define MP_REWRITE_SLOTS   5 /* free inputs of both cells */

struct mp_rewrite_way {
    uint8_t pin[MP_REWRITE_INPUTS];
    uint8_t inverted_inputs;
    bool inverts_output;
};

struct mp_rewrite {
    uint32_t outer, inner; /* families; inner MP_NONE: one cell */
    uint8_t at;            /* input of outer that inner drives */
    /* Variable at each free input: of outer in order, without `at`, then of inner. */
    uint8_t variable[MP_REWRITE_SLOTS];
    struct mp_rewrite_way way;
    float area_um2; /* of the smallest cells */
};

struct mp_rewrites {
    uint8_t *class_of;             /* [65536] truth tables over four variables */
    struct mp_rewrite_way *way_of; /* [65536] */
    /* By class: r(y) = r(u) ^ inverts_output, u[pin[k]] = y[k] ^ bit k of inverted_inputs, the
     * identity among them. */
    struct mp_rewrite_way *selves;
    uint32_t first_self[MP_REWRITE_CLASSES + 1];
    uint32_t first[MP_REWRITE_CLASSES + 1]; /* into items, by class */
    struct mp_rewrite *items;               /* none much larger than the smallest of its class */
};

/* From the usable cells of each family (usable[family], 0: none). */
void mp_rewrites_init(struct mp_rewrites *r, const struct mp_nldm *nldm, const uint32_t *usable);
void mp_rewrites_release(struct mp_rewrites *r); /* zeroed memory is fine too */

/* Of a cell whose input k has truth table values[k] over the four variables. */
uint16_t mp_rewrite_truth(uint64_t truth, unsigned inputs, const uint16_t *values);
/* Of variable k. */
uint16_t mp_rewrite_variable(unsigned k);

#endif
