#include "netlists/verilog.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct mp_bit mp_bit_named(const char *format, ...)
{
    struct mp_bit b;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(b.name, sizeof b.name, format, args);
    va_end(args);
    assert(n > 0 && (size_t)n < sizeof b.name);
    (void)n;
    return b;
}

struct mp_bit mp_bit_of(const char *bus, unsigned index)
{
    return mp_bit_named("%s[%u]", bus, index);
}

struct mp_bit mp_bit_constant(bool one)
{
    return mp_bit_named("%s", one ? "1'b1" : "1'b0");
}

bool mp_bit_is(const struct mp_bit *b, bool one)
{
    return strcmp(b->name, one ? "1'b1" : "1'b0") == 0;
}

bool mp_bit_is_constant(const struct mp_bit *b)
{
    return mp_bit_is(b, false) || mp_bit_is(b, true);
}

struct mp_bit mp_not(struct mp_verilog *v, struct mp_bit name, struct mp_bit a)
{
    if (mp_bit_is_constant(&a))
        return mp_bit_constant(mp_bit_is(&a, false));
    mp_text_printf(v->out, "    wire %s = ~%s;\n", name.name, a.name);
    return name;
}

struct mp_bit mp_and(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b)
{
    if (mp_bit_is(&a, false) || mp_bit_is(&b, false))
        return mp_bit_constant(false);
    if (mp_bit_is(&a, true))
        return b;
    if (mp_bit_is(&b, true))
        return a;
    mp_text_printf(v->out, "    wire %s = %s & %s;\n", name.name, a.name, b.name);
    return name;
}

struct mp_bit mp_nand(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b)
{
    if (mp_bit_is(&a, false) || mp_bit_is(&b, false))
        return mp_bit_constant(true);
    if (mp_bit_is(&a, true))
        return mp_not(v, name, b);
    if (mp_bit_is(&b, true))
        return mp_not(v, name, a);
    mp_text_printf(v->out, "    wire %s = ~(%s & %s);\n", name.name, a.name, b.name);
    return name;
}

struct mp_bit mp_or(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b)
{
    if (mp_bit_is(&a, true) || mp_bit_is(&b, true))
        return mp_bit_constant(true);
    if (mp_bit_is(&a, false))
        return b;
    if (mp_bit_is(&b, false))
        return a;
    mp_text_printf(v->out, "    wire %s = %s | %s;\n", name.name, a.name, b.name);
    return name;
}

struct mp_bit mp_xor(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b)
{
    if (mp_bit_is(&a, false))
        return b;
    if (mp_bit_is(&b, false))
        return a;
    if (mp_bit_is(&a, true))
        return mp_not(v, name, b);
    if (mp_bit_is(&b, true))
        return mp_not(v, name, a);
    mp_text_printf(v->out, "    wire %s = %s ^ %s;\n", name.name, a.name, b.name);
    return name;
}

struct mp_bit mp_or_and(struct mp_verilog *v, struct mp_bit name, struct mp_bit a, struct mp_bit b,
                        struct mp_bit c)
{
    if (mp_bit_is(&a, false))
        return mp_and(v, name, b, c);
    if (mp_bit_is(&a, true))
        return a;
    if (mp_bit_is(&b, false) || mp_bit_is(&c, false))
        return a;
    if (mp_bit_is(&b, true))
        return mp_or(v, name, a, c);
    if (mp_bit_is(&c, true))
        return mp_or(v, name, a, b);
    mp_text_printf(v->out, "    wire %s = %s | %s & %s;\n", name.name, a.name, b.name, c.name);
    return name;
}

struct mp_bit mp_mux(struct mp_verilog *v, struct mp_bit name, struct mp_bit select,
                     struct mp_bit one, struct mp_bit zero)
{
    if (mp_bit_is(&select, true) || strcmp(one.name, zero.name) == 0)
        return one;
    if (mp_bit_is(&select, false))
        return zero;
    if (mp_bit_is(&zero, false))
        return mp_and(v, name, select, one);
    if (mp_bit_is(&one, false))
        mp_text_printf(v->out, "    wire %s = ~%s & %s;\n", name.name, select.name, zero.name);
    else
        mp_text_printf(v->out, "    wire %s = %s ? %s : %s;\n", name.name, select.name, one.name,
                       zero.name);
    return name;
}

static void swap(struct mp_bit *a, struct mp_bit *b)
{
    struct mp_bit t = *a;

    *a = *b;
    *b = t;
}

void mp_full_adder(struct mp_verilog *v, struct mp_bit *sum, struct mp_bit sum_name,
                   struct mp_bit *carry, struct mp_bit carry_name, struct mp_bit a, struct mp_bit b,
                   struct mp_bit c)
{
    /* Constants to the end. */
    if (mp_bit_is_constant(&a))
        swap(&a, &c);
    if (mp_bit_is_constant(&a))
        swap(&a, &b);
    if (mp_bit_is_constant(&b))
        swap(&b, &c);
    if (mp_bit_is_constant(&b)) {
        bool x = mp_bit_is(&b, true), y = mp_bit_is(&c, true);
        *sum = mp_xor(v, sum_name, a, mp_bit_constant(x != y));
        if (carry != NULL)
            *carry = x && y ? mp_bit_constant(true) : x || y ? a : mp_bit_constant(false);
    } else if (mp_bit_is(&c, false)) {
        *sum = mp_xor(v, sum_name, a, b);
        if (carry != NULL)
            *carry = mp_and(v, carry_name, a, b);
    } else if (mp_bit_is(&c, true)) {
        mp_text_printf(v->out, "    wire %s = ~(%s ^ %s);\n", sum_name.name, a.name, b.name);
        *sum = sum_name;
        if (carry != NULL)
            *carry = mp_or(v, carry_name, a, b);
    } else {
        mp_text_printf(v->out, "    wire %s = %s ^ %s ^ %s;\n", sum_name.name, a.name, b.name,
                       c.name);
        *sum = sum_name;
        if (carry != NULL) {
            mp_text_printf(v->out, "    wire %s = %s & %s | (%s ^ %s) & %s;\n", carry_name.name,
                           a.name, b.name, a.name, b.name, c.name);
            *carry = carry_name;
        }
    }
}

void mp_verilog_comment(struct mp_verilog *v, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    mp_text_printf(v->out, "\n    // %s\n", line);
}

void mp_verilog_assign_bus(struct mp_verilog *v, const char *bus, const struct mp_bit *bits,
                           unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        mp_text_printf(v->out, "    assign %s[%u] = %s;\n", bus, i, bits[i].name);
}

struct mp_bit mp_verilog_range(unsigned bits)
{
    return mp_bit_named("[%u:0]", bits - 1);
}
