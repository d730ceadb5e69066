/*
 * Conditions of SDF (COND): Verilog expressions over the pins of one cell, to postfix.
 */
#ifndef MP_TIMING_SDF_CONDITION_H
#define MP_TIMING_SDF_CONDITION_H

#include "estimator/liberty/library.h"

/* Grammar: || | ^ && & == === != !== ! ~ ( ) and the constants 0, 1, 1'b0, 1'b1, names (escapes
 * with a backslash) of pins of `cell`. `==` binds tighter than the others, as in Verilog. The code
 * is allocated from arena. MP_E_INPUT says what cannot be read; where is for the caller to say. */
int mp_sdf_condition_parse(struct mp_expr *out, struct mp_arena *arena,
                           const struct mp_library *library, uint32_t cell, const char *text,
                           size_t size, struct mp_error *err);

#endif
