/*
 * What may stand in a gate's place: the drives of its function, orders of its inputs that change
 * nothing, and cells that are it with some inputs or the output inverted. Found from truth tables
 * alone, once a library; read-only afterwards, so threads share one.
 *
 *     AND2 in nangate45:  drives X1 X2 X4; orders {1,0}; variants NAND2 (output inverted), NOR2
 *     (both inputs inverted), OR2 (all inverted)
 */
#ifndef MP_TECHMAP_FAMILY_H
#define MP_TECHMAP_FAMILY_H

#include "estimator/techmap/rewrite.h"

/* pin[k]: where the net at input k goes. */
struct mp_pin_order {
    uint8_t pin[MP_NLDM_INPUTS];
};

/* Cell of function f is `family`'s function g with
 *     f(x) = g(y) ^ inverts_output,  y[pin[k]] = x[k] ^ bit k of inverted_inputs */
struct mp_family_variant {
    uint32_t family;
    struct mp_pin_order order;
    uint8_t inverted_inputs;
    bool inverts_output;
};

struct mp_families {
    const struct mp_nldm *nldm;         /* must outlive this */
    uint32_t *usable;                   /* [family] cells that the library lets us choose: the first
                                           so many of nldm->family_cells of the family */
    uint32_t inverter, buffer;          /* families; MP_NONE: none that is usable */
    uint32_t *first_order;              /* [family + 1] into orders */
    struct mp_pin_order *orders;        /* without the identity */
    uint32_t *first_variant;            /* [family + 1] into variants */
    struct mp_family_variant *variants; /* families with a usable cell; for gates of 2 to 4 inputs
                                           and one output; without inversions: for up to 6 inputs,
                                           other families that differ in the order of pins only */
    struct mp_rewrites rewrites;
    size_t order_count, variant_count, order_capacity, variant_capacity;
};

void mp_families_init(struct mp_families *f, const struct mp_nldm *nldm);
void mp_families_release(struct mp_families *f); /* zeroed memory is fine too */

/* Cell `index` of a family, index < usable[family]. */
static inline uint32_t mp_family_cell(const struct mp_families *f, uint32_t family, uint32_t index)
{
    return f->nldm->family_cells[f->nldm->family_first[family] + index];
}

#endif
