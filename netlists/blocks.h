/*
 * The blocks of a unit as Verilog modules, and the widths between them.
 *
 *   fixed   weight x activation -> product                            (multiplier)
 *   float   significand x |activation| -> significand product         (multiplier)
 *           << exponent -> magnitude                                  (shifter)
 *   mac     accumulator (or 0 at `first`) + product, or +- magnitude  (accumulator)
 */
#ifndef MP_NETLISTS_BLOCKS_H
#define MP_NETLISTS_BLOCKS_H

#include "netlists/design.h"
#include "netlists/shifter.h"
#include "netlists/verilog.h"

/* What the modules of one design agree on. */
struct mp_plan {
    const struct mp_design *design;
    bool is_float;
    bool has_normal;           /* multiplier tells the shifter that the exponent is not zero */
    bool has_shifter;          /* float whose codes differ in shift */
    unsigned magnitude_bits;   /* of a float weight's code without its sign */
    unsigned significand_bits; /* float: M + 1, or M where there is no hidden one */
    unsigned significand_product_bits;
    unsigned product_bits; /* of the multiplier's port; float: 1 + the magnitude */
    struct mp_shifter shifter;
};

void mp_plan_make(struct mp_plan *p, const struct mp_design *design);

/* Ports: fixed: weight, activation, product. Float: weight (exponent and mantissa), activation,
 * product (of the significand; inverted and named product_n in front of a shifter), normal where
 * has_normal. */
void mp_multiplier_block_write(struct mp_verilog *v, const char *name, const struct mp_plan *p);

/* Ports: accumulator, first, product, sum; float: negative, magnitude instead of product. */
void mp_accumulator_block_write(struct mp_verilog *v, const char *name, const struct mp_plan *p);

/* The top module: registers and instances. */
void mp_top_write(struct mp_verilog *v, const char *name, const struct mp_plan *p);

#endif
