/*
 * A writer of structural Verilog, one wire a bit. A `struct mp_bit` names a one-bit signal inside
 * the module that is being written, or is one of the constants 1'b0 and 1'b1; the gate functions
 * declare a wire with its expression and return it. Constants are folded on the way: a gate that
 * has become a constant or one of its inputs writes nothing and returns that.
 *
 *     struct mp_bit g = mp_and(v, mp_bit_named("g%u", i), a, b);     wire g3 = a3 & b3;
 *
 * Names are chosen by the caller and must be unique in the module.
 */
#ifndef MP_NETLISTS_VERILOG_H
#define MP_NETLISTS_VERILOG_H

#include "estimator/util/memory.h"
#include <stdbool.h>

#define MP_BIT_NAME_SIZE 40

struct mp_bit {
    char name[MP_BIT_NAME_SIZE];
};

/* The text that is written to; owned by the caller of the generator. */
struct mp_verilog {
    struct mp_text *out;
};

struct mp_bit mp_bit_named(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* bus[index] */
struct mp_bit mp_bit_of(const char *bus, unsigned index);
struct mp_bit mp_bit_constant(bool one);
bool mp_bit_is(const struct mp_bit *b, bool one); /* is that constant? */
bool mp_bit_is_constant(const struct mp_bit *b);

/* wire NAME = ...; */
struct mp_bit mp_not(struct mp_verilog *v, struct mp_bit name, struct mp_bit a);
struct mp_bit mp_and(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b);
struct mp_bit mp_nand(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b);
struct mp_bit mp_or(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b);
struct mp_bit mp_xor(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b);
/* a | b & c */
struct mp_bit mp_or_and(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b,
                        struct mp_bit c);
/* select ? one : zero */
struct mp_bit mp_mux(struct mp_verilog *v, struct mp_bit name, struct mp_bit select,
                     struct mp_bit one, struct mp_bit zero);
/* sum = a ^ b ^ c, carry = at least two of them; half adder: c is the constant 0. With
 * carry == NULL the carry is not written. */
void mp_full_adder(struct mp_verilog *v, struct mp_bit *sum, struct mp_bit sum_name,
                   struct mp_bit *carry, struct mp_bit carry_name, struct mp_bit a, struct mp_bit b,
                   struct mp_bit c);

/* "    // ..." on a line of its own, after an empty line. */
void mp_verilog_comment(struct mp_verilog *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* assign bus[i] = bits[i] for i < count. */
void mp_verilog_assign_bus(struct mp_verilog *v, const char *bus, const struct mp_bit *bits,
                           unsigned count);
/* "[7:0] " as it stands in a declaration; "" for one bit is never used: every port is a vector. */
struct mp_bit mp_verilog_range(unsigned bits);

#endif
