/*
 * Operands that a proof applies to a unit, a vector a lane and cycle: all combinations where there
 * are few enough, corner codes and random ones otherwise, walks of a mac's accumulator, addends of
 * a mac without registers.
 */
#ifndef MP_PIPELINE_PROVE_VECTORS_H
#define MP_PIPELINE_PROVE_VECTORS_H

#include "estimator/util/random.h"
#include "netlists/design.h"

enum {
    MP_PROVE_WORDS = 8,
    MP_PROVE_LANES = 64 * MP_PROVE_WORDS,
    /* Of a mac with registers: lanes that scan all operand combinations, the others walk. */
    MP_PROVE_SCAN_LANES = MP_PROVE_LANES / 2,
    MP_PROVE_CORNERS = 96
};
/* Up to so many operand combinations, all are applied; above, so many random vectors (with several
 * terms a quarter of them). */
#define MP_PROVE_VECTORS ((uint64_t)1 << 24)

/* Operand codes worth trying: ends of the range, single bits, alternating bits. */
struct mp_prove_corners {
    uint32_t code[MP_PROVE_CORNERS];
    unsigned count;
    uint32_t largest, smallest; /* codes of the largest and the most negative value */
    uint32_t tiny[2];           /* codes of the values next to zero, above and below */
};

struct mp_vectors {
    unsigned terms, weight_bits, activation_bits, accumulator_bits;
    bool is_mac;      /* adds to something */
    bool has_first;   /* mac with registers */
    unsigned addends; /* mac without: 1, carry-save 2; else 0 */
    bool is_exhaustive;
    uint64_t cycles; /* that cover all combinations, or enough of them */
    struct mp_prove_corners weights, activations;
    struct mp_random random;
    /* Of the cycle filled last. */
    uint64_t weight[MP_TERMS_MAX][MP_PROVE_LANES], activation[MP_TERMS_MAX][MP_PROVE_LANES];
    uint64_t first[MP_PROVE_LANES];
    uint64_t addend[2][2][MP_PROVE_LANES]; /* [addend][low, high 64 bits] */
};

/* Deterministic: the same design gives the same vectors. */
void mp_vectors_init(struct mp_vectors *v, const struct mp_design *design);
/* The vectors of a cycle, from 0. */
void mp_vectors_fill(struct mp_vectors *v, uint64_t cycle);
/* A step of a walk in one lane, whatever the cycle. */
void mp_vectors_walk(struct mp_vectors *v, unsigned lane);

#endif
