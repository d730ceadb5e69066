/*
 * Proof of a netlist against the golden model, with the simulator of activity/ and vectors that are
 * exhaustive where the operands have up to 2^24 combinations.
 *
 * "exhaustive": multiplier, up to 2^24 operand combinations; every one, then some at random.
 *
 * "corners and random": multiplier above; corner codes crossed, then 2^24 random ones.
 *
 * "exhaustive operands, walks": mac, up to 2^24 combinations of weight, activation and first; every
 * one, each at an accumulator that earlier terms left. Walks, at least 8192 terms long, go to both
 * ends of the accumulator, around zero (longest carries) and at random.
 *
 * "corners and random, walks": mac above; the walks, 2^24 vectors.
 *
 * "exhaustive operands, addends", "corners and random, addends": mac without registers; the addend
 * of each vector is any number, an end of the range, or mostly ones or zeros.
 *
 * Units of several terms have an operand combination of all of them, and a quarter of the random
 * vectors. What is expected is golden_form.h's; of a carry-save unit the sum of its two rows.
 *
 * A mac with registers is also started 2^19 times from random contents of its registers, 4 terms
 * each, so that the upper bits of an accumulator too wide for the walks differ from each other.
 *
 * Every bit of the output is compared in every cycle. Other than an accumulator's full state space
 * nothing is left out, and Yosys/ABC equivalence covers that where it finishes.
 */
#ifndef MP_PIPELINE_PROVE_H
#define MP_PIPELINE_PROVE_H

#include "estimator/netlist/netlist.h"
#include "netlists/design.h"

/* Goes into every cache key: raise it when a proof finds more than before. */
#define MP_PROOF_VERSION 2

struct mp_proof {
    const char *method; /* one of the above; static */
    bool all_operands;  /* every combination of operands was applied */
    uint64_t vectors;   /* operand vectors compared */
};

/* n is levelised and has the ports of netlists/design.h. A difference is MP_E_PROOF: operands,
 * expected and found value in the message. Ports that do not fit the design are MP_E_INPUT. */
int mp_prove(struct mp_proof *out, const struct mp_netlist *n, const struct mp_design *design,
             struct mp_error *err);

#endif
