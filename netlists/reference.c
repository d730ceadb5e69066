/*
 * The behavioural reference, written from the definitions of format.h and golden.h with Verilog's
 * own operators; shares nothing with the structural generator but the names.
 */
#include "netlists/design_parts.h"

static void write_ports(struct mp_text *out, const struct mp_design *d, unsigned product_bits)
{
    char name[MP_DESIGN_NAME_SIZE];
    unsigned w = d->weight.bits - 1u, a = d->activation.bits - 1u;
    bool mac = d->unit == MP_UNIT_MAC;

    mp_text_printf(out,
                   "// behavioural reference\n"
                   "module %s (\n"
                   "    input wire clk,\n"
                   "    input wire [%u:0] weight,\n"
                   "    input wire [%u:0] activation,\n"
                   "%s"
                   "    output reg [%u:0] %s\n);\n"
                   "    reg [%u:0] weight_q;\n"
                   "    reg [%u:0] activation_q;\n"
                   "%s",
                   mp_design_name(d, name), w, a, mac ? "    input wire first,\n" : "",
                   (mac ? d->accumulator_bits : product_bits) - 1, mac ? "accumulator" : "product",
                   w, a, mac ? "    reg first_q;\n" : "");
}

/* Operands as signed wires that are one bit wider, so that unsigned ones stay positive. */
static void write_fixed(struct mp_text *out, const struct mp_design *d)
{
    unsigned w = d->weight.bits, a = d->activation.bits;
    bool w_signed = d->weight.kind == MP_FORMAT_INT, a_signed = d->activation.kind == MP_FORMAT_INT;

    if (w_signed)
        mp_text_printf(out, "    wire signed [%u:0] w = {weight_q[%u], weight_q};\n", w, w - 1);
    else
        mp_text_printf(out, "    wire signed [%u:0] w = {1'b0, weight_q};\n", w);
    if (a_signed)
        mp_text_printf(out, "    wire signed [%u:0] a = {activation_q[%u], activation_q};\n", a,
                       a - 1);
    else
        mp_text_printf(out, "    wire signed [%u:0] a = {1'b0, activation_q};\n", a);
    mp_text_printf(out, "    wire signed [%u:0] exact = w * a;\n", w + a + 1);
}

/* |v(weight)|, in `bits` bits: wide enough for every product, so that no operator loses any. */
static void write_float_weight(struct mp_text *out, const struct mp_format *w, unsigned bits)
{
    unsigned e = w->exponent_bits, m = w->mantissa_bits;

    if (e > 0)
        mp_text_printf(out, "    wire [%u:0] exponent = weight_q[%u:%u];\n", e - 1, e + m - 1, m);
    else
        mp_text_add(out, "    wire [0:0] exponent = 0;\n");
    if (m > 0)
        mp_text_printf(out, "    wire [%u:0] mantissa = weight_q[%u:0];\n", bits - 1, m - 1);
    else
        mp_text_printf(out, "    wire [%u:0] mantissa = 0;\n", bits - 1);
    mp_text_printf(out,
                   "    reg [%u:0] weight_magnitude;\n"
                   "    always @*\n"
                   "        if (%s)\n"
                   "            weight_magnitude = mantissa;\n"
                   "        else\n"
                   "            weight_magnitude = (%u + mantissa) << (exponent%s);\n",
                   bits - 1, w->no_subnormals ? "exponent == 0 && mantissa == 0" : "exponent == 0",
                   1u << m, w->no_subnormals ? "" : " - 1");
}

static void write_float(struct mp_text *out, const struct mp_design *d, unsigned product_bits)
{
    const struct mp_format *w = &d->weight, *a = &d->activation;
    unsigned sign = w->bits - 1u, top = a->bits - 1u, bits = product_bits - 1;

    write_float_weight(out, w, bits);
    if (a->kind == MP_FORMAT_INT)
        mp_text_printf(out,
                       "    wire is_negative = weight_q[%u] != activation_q[%u];\n"
                       "    wire [%u:0] absolute = activation_q[%u] ? -activation_q : "
                       "activation_q;\n",
                       sign, top, top, top);
    else
        mp_text_printf(out,
                       "    wire is_negative = weight_q[%u];\n"
                       "    wire [%u:0] absolute = activation_q;\n",
                       sign, top);
    mp_text_printf(out, "    wire [%u:0] exact = weight_magnitude * absolute;\n", bits - 1);
}

static void write_registers(struct mp_text *out, const struct mp_design *d)
{
    bool mac = d->unit == MP_UNIT_MAC, is_float = d->weight.kind == MP_FORMAT_FLOAT;

    if (mac && is_float)
        mp_text_printf(out, "    wire [%u:0] addend = is_negative ? -exact : exact;\n",
                       d->accumulator_bits - 1);
    else if (mac)
        mp_text_printf(out, "    wire signed [%u:0] addend = exact;\n", d->accumulator_bits - 1);
    mp_text_printf(out,
                   "    always @(posedge clk) begin\n"
                   "        weight_q <= weight;\n"
                   "        activation_q <= activation;\n"
                   "%s"
                   "        %s;\n"
                   "    end\n"
                   "endmodule\n",
                   mac ? "        first_q <= first;\n" : "",
                   mac        ? "accumulator <= (first_q ? 0 : accumulator) + addend"
                   : is_float ? "product <= {is_negative, exact}"
                              : "product <= exact");
}

int mp_design_reference(const struct mp_design *design, struct mp_text *out, struct mp_error *err)
{
    struct mp_design d = *design;
    unsigned product_bits;
    int rc = mp_design_resolve(&d, err);

    char name[MP_DESIGN_NAME_SIZE];

    if (rc < 0)
        return rc;
    if (!mp_design_is_plain(&d))
        return mp_fail(err, MP_E_UNSUPPORTED, "there is no behavioural reference of %s",
                       mp_design_name(&d, name));
    product_bits = mp_golden_product_bits(&d.weight, &d.activation);
    write_ports(out, &d, product_bits);
    if (d.weight.kind == MP_FORMAT_FLOAT)
        write_float(out, &d, product_bits);
    else
        write_fixed(out, &d);
    write_registers(out, &d);
    return MP_OK;
}
