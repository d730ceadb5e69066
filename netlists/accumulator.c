/*
 * The block `accumulator`: one adder for the running sum. A float product comes as sign and
 * magnitude, and subtracting it costs an XOR a bit: acc + (magnitude ^ sign) + sign.
 */
#include "netlists/blocks.h"

#include "netlists/old_adder.h"

static void write_ports(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    struct mp_bit sum = mp_verilog_range(p->design->accumulator_bits);

    mp_text_printf(v->out,
                   "module %s (\n"
                   "    input wire %s accumulator,\n"
                   "    input wire [0:0] first,\n"
                   "%s"
                   "    input wire %s %s,\n"
                   "    output wire %s sum\n);\n",
                   name, sum.name, p->is_float ? "    input wire [0:0] negative,\n" : "",
                   mp_verilog_range(p->is_float ? p->product_bits - 1 : p->product_bits).name,
                   p->is_float ? "magnitude" : "product", sum.name);
}

/* The addend with its sign bit repeated; returns the carry into the adder. */
static struct mp_bit write_addend(struct mp_verilog *v, const struct mp_plan *p,
                                  struct mp_bit *addend)
{
    unsigned bits = p->design->accumulator_bits;
    bool is_unsigned = mp_golden_product_encoding(&p->design->weight, &p->design->activation) ==
                       MP_PRODUCT_UNSIGNED;

    if (p->is_float) {
        struct mp_bit negative = mp_bit_of("negative", 0);
        mp_verilog_comment(v, "-x = ~x + 1");
        for (unsigned i = 0; i < bits; i++)
            addend[i] = i < p->product_bits - 1 ? mp_xor(v, mp_bit_named("addend%u", i),
                                                         mp_bit_of("magnitude", i), negative)
                                                : negative;
        return negative;
    }
    for (unsigned i = 0; i < bits; i++)
        if (i < p->product_bits)
            addend[i] = mp_bit_of("product", i);
        else
            addend[i] =
                is_unsigned ? mp_bit_constant(false) : mp_bit_of("product", p->product_bits - 1);
    return mp_bit_constant(false);
}

void mp_accumulator_block_write(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    struct mp_bit kept[MP_OLD_ADDER_BITS_MAX], addend[MP_OLD_ADDER_BITS_MAX],
        sum[MP_OLD_ADDER_BITS_MAX];
    struct mp_bit carry;
    unsigned bits = p->design->accumulator_bits;

    write_ports(v, name, p);
    mp_verilog_comment(v, "a new sum starts from zero");
    mp_text_add(v->out, "    wire keep = ~first[0];\n");
    for (unsigned i = 0; i < bits; i++)
        kept[i] =
            mp_and(v, mp_bit_named("kept%u", i), mp_bit_of("accumulator", i), mp_bit_named("keep"));
    carry = write_addend(v, p, addend);
    mp_verilog_comment(v, "Brent-Kung prefix adder");
    mp_old_adder_write(v, MP_OLD_ADDER_BRENT_KUNG, bits, kept, addend, carry, sum);
    mp_text_add(v->out, "\n");
    mp_verilog_assign_bus(v, "sum", sum, bits);
    mp_text_add(v->out, "endmodule\n\n");
}
