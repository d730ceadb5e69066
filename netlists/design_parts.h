/* Between the files of the design's front. */
#ifndef MP_NETLISTS_DESIGN_PARTS_H
#define MP_NETLISTS_DESIGN_PARTS_H

#include "netlists/design.h"

/* The formats can be made (mp_golden_check) and terms is set: the other fields, each and which go
 * together. MP_E_USAGE where a field says nothing about this unit, MP_E_UNSUPPORTED where it would,
 * with what to take instead. */
int mp_design_check(const struct mp_design *d, struct mp_error *err);

/* All fields from adder on have their defaults. */
bool mp_design_is_plain(const struct mp_design *d);

/* Products are made as sign and magnitude: float and pot2 weights. */
bool mp_design_has_signs(const struct mp_design *d);

/* No shifter stands between a product and the tree that sums it: fixed weights, pot2, float with
 * shift before or without any shift. */
bool mp_design_in_tree(const struct mp_design *d);

#endif
