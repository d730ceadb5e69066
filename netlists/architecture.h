/*
 * Multiplier architectures: a name for partial products, a tree and a final adder that belong
 * together. To add one: a row in architecture.c, and a file for each part that is new (partial.h,
 * tree.h, adder.h).
 */
#ifndef MP_NETLISTS_ARCHITECTURE_H
#define MP_NETLISTS_ARCHITECTURE_H

#include "netlists/design.h"
#include "netlists/partial.h"
#include "netlists/tree.h"

struct mp_architecture {
    struct mp_architecture_info info;
    const struct mp_partial *partial;
    const struct mp_tree *tree;
    const struct mp_adder *adder; /* unless another is asked for */
};

/* NULL: there is none of that name. */
const struct mp_architecture *mp_architecture_find(const char *name);

/* sum[c->count] = x * y + what is in the columns already, modulo 2^count. adder NULL: the
 * architecture's own. */
void mp_architecture_write(struct mp_graph *g, const struct mp_architecture *a,
                           const struct mp_adder *adder, const struct mp_operands *o,
                           struct mp_columns *c, uint32_t *sum);

#endif
