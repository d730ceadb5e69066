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

/* Largest exponent code whose values have no hidden one, -1: none has not. */
static int last_below(const struct mp_format *f)
{
    return (int)mp_format_first_normal(f) - 1;
}

/* <which>_magnitude = |v(<which>_q)|, in `bits` bits: wide enough for every product, so that no
 * operator loses any. Float. */
static void write_float(struct mp_text *out, const struct mp_format *f, const char *which,
                        unsigned bits)
{
    unsigned e = f->exponent_bits, m = f->mantissa_bits;

    if (e > 0)
        mp_text_printf(out, "    wire [%u:0] %s_exponent = %s_q[%u:%u];\n", e - 1, which, which,
                       e + m - 1, m);
    else
        mp_text_printf(out, "    wire [0:0] %s_exponent = 0;\n", which);
    if (m > 0)
        mp_text_printf(out, "    wire [%u:0] %s_mantissa = %s_q[%u:0];\n", bits - 1, which, which,
                       m - 1);
    else
        mp_text_printf(out, "    wire [%u:0] %s_mantissa = 0;\n", bits - 1, which);
    mp_text_printf(out,
                   "    reg [%u:0] %s_magnitude;\n"
                   "    always @*\n"
                   "        if (",
                   bits - 1, which);
    if (f->no_subnormals)
        mp_text_printf(out, "%s_exponent == 0 && %s_mantissa == 0)\n", which, which);
    else
        mp_text_printf(out, "%s_exponent <= %d)\n", which, last_below(f));
    if (f->window_bits > 0)
        mp_text_printf(out, "            %s_magnitude = 0;\n", which);
    else
        mp_text_printf(out, "            %s_magnitude = %s_mantissa;\n", which, which);
    mp_text_printf(out,
                   "        else\n"
                   "            %s_magnitude = (%u + %s_mantissa) << (%s_exponent - %u);\n",
                   which, 1u << m, which, which, mp_format_first_normal(f));
}

static void write_powers(struct mp_text *out, const struct mp_format *f, unsigned bits)
{
    unsigned e = f->exponent_bits;

    mp_text_printf(out,
                   "    wire [%u:0] high = weight_q[%u:%u];\n"
                   "    wire [%u:0] low = weight_q[%u:0];\n"
                   "    wire [%u:0] one = 1;\n"
                   "    wire [%u:0] weight_magnitude = (high == 0 ? 0 : one << (high - 1)) +\n"
                   "        (low == 0 ? 0 : one << (low - 1));\n",
                   e - 1, 2 * e - 1, e, e - 1, e - 1, bits - 1, bits - 1);
}

/* |v(activation_q)| as activation_magnitude. */
static void write_activation(struct mp_text *out, const struct mp_format *a, unsigned bits)
{
    unsigned top = a->bits - 1u;

    if (a->kind == MP_FORMAT_FLOAT)
        write_float(out, a, "activation", bits);
    else if (a->kind == MP_FORMAT_INT)
        mp_text_printf(out,
                       "    wire [%u:0] activation_magnitude = activation_q[%u] ? -activation_q : "
                       "activation_q;\n",
                       top, top);
    else
        mp_text_printf(out, "    wire [%u:0] activation_magnitude = activation_q;\n", top);
}

static void write_sign_magnitude(struct mp_text *out, const struct mp_design *d,
                                 unsigned product_bits)
{
    const struct mp_format *w = &d->weight, *a = &d->activation;
    unsigned sign = w->bits - 1u, bits = product_bits - 1;

    if (w->kind == MP_FORMAT_POWERS)
        write_powers(out, w, bits);
    else
        write_float(out, w, "weight", bits);
    write_activation(out, a, bits);
    if (a->kind == MP_FORMAT_UINT)
        mp_text_printf(out, "    wire is_negative = weight_q[%u];\n", sign);
    else
        mp_text_printf(out, "    wire is_negative = weight_q[%u] != activation_q[%u];\n", sign,
                       a->bits - 1u);
    mp_text_printf(out, "    wire [%u:0] exact = weight_magnitude * activation_magnitude;\n",
                   bits - 1);
}

static void write_registers(struct mp_text *out, const struct mp_design *d)
{
    bool mac = d->unit == MP_UNIT_MAC, has_signs = mp_design_has_signs(d);

    if (mac && has_signs)
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
                   mac         ? "accumulator <= (first_q ? 0 : accumulator) + addend"
                   : has_signs ? "product <= {is_negative, exact}"
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
    if (mp_design_has_signs(&d))
        write_sign_magnitude(out, &d, product_bits);
    else
        write_fixed(out, &d);
    write_registers(out, &d);
    return MP_OK;
}
