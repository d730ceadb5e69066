/* The top module: operand registers, the blocks, and the product or accumulator register. */
#include "netlists/blocks.h"

static bool is_mac(const struct mp_plan *p)
{
    return p->design->unit == MP_UNIT_MAC;
}

static void write_ports(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    const struct mp_design *d = p->design;

    mp_text_printf(v->out,
                   "module %s (\n"
                   "    input wire clk,\n"
                   "    input wire %s weight,\n"
                   "    input wire %s activation,\n"
                   "%s"
                   "    output reg %s %s\n);\n",
                   name, mp_verilog_range(d->weight.bits).name,
                   mp_verilog_range(d->activation.bits).name,
                   is_mac(p) ? "    input wire first,\n" : "",
                   mp_verilog_range(is_mac(p) ? d->accumulator_bits : p->product_bits).name,
                   is_mac(p) ? "accumulator" : "product");
    mp_text_printf(v->out,
                   "    reg %s weight_q;\n"
                   "    reg %s activation_q;\n"
                   "%s\n",
                   mp_verilog_range(d->weight.bits).name, mp_verilog_range(d->activation.bits).name,
                   is_mac(p) ? "    reg first_q;\n" : "");
}

static void write_fixed(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    mp_text_printf(v->out,
                   "    wire %s product_d;\n"
                   "    %s_multiplier multiplier (\n"
                   "        .weight(weight_q), .activation(activation_q), .product(product_d));\n",
                   mp_verilog_range(p->product_bits).name, name);
}

static void write_float(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    const struct mp_format *w = &p->design->weight, *a = &p->design->activation;
    const char *suffix = p->has_shifter && mp_shifter_takes_inverted(&p->shifter) ? "_n" : "";
    const char *magnitude = p->has_shifter ? "significand" : "magnitude";

    mp_text_printf(v->out, "    wire negative = %sweight_q[%u]", is_mac(p) ? "(" : "",
                   w->bits - 1u);
    if (a->kind == MP_FORMAT_INT)
        mp_text_printf(v->out, " ^ activation_q[%u]", a->bits - 1u);
    /* Half of the activations are 0 after a ReLU; inverting a zero would toggle the whole adder. */
    mp_text_printf(v->out, "%s;\n    wire %s magnitude;\n", is_mac(p) ? ") & (|activation_q)" : "",
                   mp_verilog_range(p->product_bits - 1).name);
    if (p->has_shifter)
        mp_text_printf(v->out, "    wire %s significand%s;\n",
                       mp_verilog_range(p->significand_product_bits).name, suffix);
    if (p->has_normal)
        mp_text_add(v->out, "    wire normal;\n");
    mp_text_printf(
        v->out,
        "    %s_multiplier multiplier (\n"
        "        .weight(weight_q[%u:0]), .activation(activation_q)%s, .product%s(%s%s));\n",
        name, p->magnitude_bits - 1, p->has_normal ? ", .normal(normal)" : "", suffix, magnitude,
        suffix);
    if (p->has_shifter)
        mp_text_printf(v->out,
                       "    %s_shifter shifter (\n"
                       "        .exponent(weight_q[%u:%u])%s, .in%s(significand%s), "
                       ".out(magnitude));\n",
                       name, p->magnitude_bits - 1, w->mantissa_bits + 0u,
                       p->has_normal ? ", .normal(normal)" : "", suffix, suffix);
}

static void write_registers(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    const char *result = is_mac(p)     ? "accumulator <= sum"
                         : p->is_float ? "product <= {negative, magnitude}"
                                       : "product <= product_d";

    if (is_mac(p))
        mp_text_printf(v->out,
                       "    wire %s sum;\n"
                       "    %s_accumulator accumulator_adder (\n"
                       "        .accumulator(accumulator), .first(first_q), %s, .sum(sum));\n",
                       mp_verilog_range(p->design->accumulator_bits).name, name,
                       p->is_float ? ".negative(negative), .magnitude(magnitude)"
                                   : ".product(product_d)");
    mp_text_printf(v->out,
                   "\n    always @(posedge clk) begin\n"
                   "        weight_q <= weight;\n"
                   "        activation_q <= activation;\n"
                   "%s"
                   "        %s;\n"
                   "    end\n"
                   "endmodule\n",
                   is_mac(p) ? "        first_q <= first;\n" : "", result);
}

void mp_top_write(struct mp_verilog *v, const char *name, const struct mp_plan *p)
{
    write_ports(v, name, p);
    if (p->is_float)
        write_float(v, name, p);
    else
        write_fixed(v, name, p);
    write_registers(v, name, p);
}
