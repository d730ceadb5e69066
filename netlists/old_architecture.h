/*
 * Architectures of integer multipliers. To add one: write netlists/NAME.c with a
 * `const struct mp_old_architecture mp_architecture_NAME`, and name it here, in architecture.c and
 * in meson.build.
 */
#ifndef MP_NETLISTS_OLD_ARCHITECTURE_H
#define MP_NETLISTS_OLD_ARCHITECTURE_H

#include "netlists/design.h"
#include "netlists/old_columns.h"

struct mp_old_architecture {
    struct mp_architecture_info info;
    /* Write the body of a combinational module that computes x * y + addend; product[product_bits]
     * takes the names of the result's bits, LSB first. Wires may use every name but x's and y's. */
    void (*write)(struct mp_verilog *v, const struct mp_old_operands *o, struct mp_bit *product);
};

extern const struct mp_old_architecture mp_old_architecture_array;
extern const struct mp_old_architecture mp_old_architecture_dadda;

/* NULL: there is none of that name. */
const struct mp_old_architecture *mp_old_architecture_find(const char *name);

#endif
