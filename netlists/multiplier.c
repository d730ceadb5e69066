/* The block `multiplier`: integer product of the weight (or its significand) and the activation. */
#include "netlists/blocks.h"
#include "netlists/old_architecture.h"

#include <stdlib.h>

/* Up to so many significand bits a signed activation is corrected by a row in the tree: as large
 * as a carry chain, and faster (e4m3 x int8 0.950 against 1.082 ns, e4m6 1.391 against 1.329). */
#define ROW_FOR_SIGN_MAX 4

static unsigned bit_length(uint64_t x)
{
    unsigned n = 0;

    for (; x != 0; x >>= 1)
        n++;
    return n;
}

static void plan_float(struct mp_plan *p)
{
    const struct mp_format *w = &p->design->weight, *a = &p->design->activation;
    unsigned hidden = w->exponent_bits > 0 || w->no_subnormals;
    uint64_t most = ((uint64_t)1 << (w->mantissa_bits + hidden)) - 1;
    uint64_t most_activation =
        a->kind == MP_FORMAT_INT ? (uint64_t)1 << (a->bits - 1) : ((uint64_t)1 << a->bits) - 1;

    p->is_float = true;
    p->magnitude_bits = w->bits - 1u;
    p->significand_bits = w->mantissa_bits + hidden;
    p->significand_product_bits = bit_length(most * most_activation);
    p->has_shifter = mp_format_max_shift(w) > 0;
    p->has_normal = p->has_shifter && !w->no_subnormals;
    p->shifter = (struct mp_shifter){.exponent_bits = w->exponent_bits,
                                     .in_bits = p->significand_product_bits,
                                     .out_bits = p->product_bits - 1,
                                     .minus_one = !w->no_subnormals};
}

void mp_plan_make(struct mp_plan *p, const struct mp_design *design)
{
    *p = (struct mp_plan){.design = design};
    p->product_bits = mp_golden_product_bits(&design->weight, &design->activation);
    if (design->weight.kind == MP_FORMAT_FLOAT)
        plan_float(p);
}

static void name_bus(struct mp_bit *bits, const char *bus, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bits[i] = mp_bit_of(bus, i);
}

/*
 * x * |activation| = x * (a ^ sign) + x * sign, with a's lower bits: one more row in the tree and
 * one bit less in every other, instead of a carry chain for |activation|.
 */
static unsigned write_inverted(struct mp_verilog *v, unsigned bits, struct mp_bit *y,
                               unsigned x_bits, const struct mp_bit *x, struct mp_bit *addend)
{
    struct mp_bit sign = mp_bit_of("activation", bits - 1);

    mp_verilog_comment(v, "x * |a| = x * (a ^ sign) + x * sign");
    for (unsigned i = 0; i < bits - 1; i++)
        y[i] = mp_xor(v, mp_bit_named("inverted%u", i), y[i], sign);
    for (unsigned i = 0; i < x_bits; i++)
        addend[i] = mp_and(v, mp_bit_named("correction%u", i), x[i], sign);
    return bits - 1;
}

/* |activation| = (a ^ sign) + sign: 2^(bits-1) fits, the carry runs through the inverted bits. */
static void write_absolute(struct mp_verilog *v, unsigned bits, struct mp_bit *y)
{
    struct mp_bit sign = mp_bit_of("activation", bits - 1), carry = sign;

    mp_verilog_comment(v, "|activation|");
    for (unsigned i = 0; i < bits - 1; i++) {
        struct mp_bit x = mp_xor(v, mp_bit_named("inverted%u", i), y[i], sign);
        y[i] = mp_xor(v, mp_bit_named("absolute%u", i), x, carry);
        carry = mp_and(v, mp_bit_named("increment%u", i + 1), x, carry);
    }
    y[bits - 1] = carry;
}

/* Bits of the significand, and `normal`: the hidden one is there. Returns how many there are. */
static unsigned write_significand(struct mp_verilog *v, const struct mp_plan *p, struct mp_bit *x)
{
    const struct mp_format *w = &p->design->weight;

    name_bus(x, "weight", w->mantissa_bits);
    if (p->significand_bits == w->mantissa_bits)
        return p->significand_bits;
    mp_verilog_comment(v, w->no_subnormals ? "hidden one: unless all is zero"
                                           : "hidden one: unless the exponent is zero");
    mp_text_printf(v->out, "    wire hidden = |weight[%u:%u];\n", p->magnitude_bits - 1,
                   w->no_subnormals ? 0u : w->mantissa_bits);
    x[w->mantissa_bits] = mp_bit_named("hidden");
    if (p->has_normal)
        mp_text_add(v->out, "    assign normal[0] = hidden;\n");
    return p->significand_bits;
}

void mp_multiplier_block_write(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    const struct mp_design *d = p->design;
    struct mp_bit x[16], y[16], addend[16], product[MP_OLD_COLUMNS_MAX];
    bool inverted = p->has_shifter && mp_shifter_takes_inverted(&p->shifter);
    const char *port = inverted ? "product_n" : "product";
    unsigned product_bits = p->is_float ? p->significand_product_bits : p->product_bits;
    struct mp_old_operands o = {.x = x,
                                .y = y,
                                .x_bits = d->weight.bits,
                                .y_bits = d->activation.bits,
                                .x_signed = d->weight.kind == MP_FORMAT_INT,
                                .y_signed = d->activation.kind == MP_FORMAT_INT,
                                .product_bits = product_bits};

    mp_text_printf(v->out,
                   "module %s (\n"
                   "    input wire %s weight,\n"
                   "    input wire %s activation,\n"
                   "%s"
                   "    output wire %s %s\n);\n",
                   name, mp_verilog_range(p->is_float ? p->magnitude_bits : o.x_bits).name,
                   mp_verilog_range(o.y_bits).name,
                   p->has_normal ? "    output wire [0:0] normal,\n" : "",
                   mp_verilog_range(product_bits).name, port);
    name_bus(y, "activation", o.y_bits);
    if (p->is_float) {
        o.x_bits = write_significand(v, p, x);
        if (o.y_signed && o.x_bits > 1 && o.x_bits <= ROW_FOR_SIGN_MAX) {
            o.y_bits = write_inverted(v, o.y_bits, y, o.x_bits, x, addend);
            o.addend = addend;
            o.addend_bits = o.x_bits;
        } else if (o.y_signed) {
            write_absolute(v, o.y_bits, y);
        }
        o.y_signed = false;
    } else {
        name_bus(x, "weight", o.x_bits);
    }
    if (o.x_bits == 1)
        for (unsigned i = 0; i < product_bits; i++)
            product[i] = mp_and(v, mp_bit_named("pp%u", i), x[0], y[i]);
    else
        mp_old_architecture_find(d->multiplier)->write(v, &o, product);
    mp_text_add(v->out, "\n");
    if (inverted)
        for (unsigned i = 0; i < product_bits; i++)
            product[i] = mp_not(v, mp_bit_named("n%u", i), product[i]);
    mp_verilog_assign_bus(v, port, product, product_bits);
    mp_text_add(v->out, "endmodule\n\n");
}
