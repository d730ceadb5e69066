/* One multiplier of the architectures' table on the arithmetic graph, and its proof: shared by the
 * tests and the benchmark that goes through all of them. */
#ifndef MP_TESTS_NETLISTS_MULTIPLIER_CHECK_H
#define MP_TESTS_NETLISTS_MULTIPLIER_CHECK_H

#include "netlists/architecture.h"
#include "netlists/graph_simulate.h"

struct multiplier_case {
    const struct mp_architecture *architecture;
    const struct mp_adder *adder; /* NULL: the architecture's */
    unsigned x_bits, y_bits, bits, addend_bits;
    bool x_signed, y_signed, addend_signed, subtracts;
};

/* x * y +- addend modulo 2^bits; ports x, y, addend (where there is one), product. */
void multiplier_make(struct mp_graph *g, const struct multiplier_case *p);
/* Against the product: all operands up to 2^exhaustive_bits, 0: 2^24; else so many vectors. The
 * case is in the message. */
int multiplier_prove(struct mp_claim_proof *proof, const struct multiplier_case *p,
                     unsigned exhaustive_bits, uint64_t vectors, struct mp_error *err);

#endif
