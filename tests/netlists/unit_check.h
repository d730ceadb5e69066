/* A design's graph against the golden model of its form, cycle by cycle. */
#ifndef MP_TESTS_NETLISTS_UNIT_CHECK_H
#define MP_TESTS_NETLISTS_UNIT_CHECK_H

#include "netlists/design.h"

struct unit_check {
    bool exhaustive; /* every combination of operands was applied */
    uint64_t vectors;
};

/* Operands: every combination where that takes at most `cycles` cycles of 512 lanes, else zeros,
 * ends and random ones in `cycles` cycles. Registers start with random contents. A difference is
 * MP_E_PROOF with design, operands, expected and found result. */
int unit_check(struct unit_check *out, const struct mp_design *design, uint64_t cycles,
               struct mp_error *err);

#endif
