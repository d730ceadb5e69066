/*
 * The behavioural reference, written from the definitions of format.h and golden_form.h with
 * Verilog's own operators; shares nothing with the structural generator but ports and registers.
 */
#include "netlists/design_parts.h"

#include <stdio.h>

struct reference {
    const struct mp_design *d;
    struct mp_golden_form form;
    struct mp_format weight, activation; /* elements */
    struct mp_text *out;
    unsigned exact;  /* bits of an exact product, two's complement */
    unsigned wide;   /* bits in which sums are made: none overflows */
    unsigned result; /* bits of the result port */
    bool is_mac, has_registers, holds;
};

static void declare_ports(const struct reference *r)
{
    const struct mp_design *d = r->d;
    unsigned w = d->terms * r->weight.bits - 1, a = d->terms * r->activation.bits - 1;
    char name[MP_DESIGN_NAME_SIZE];

    mp_text_printf(r->out, "// behavioural reference\nmodule %s (\n%s", mp_design_name(d, name),
                   r->has_registers ? "    input wire clk,\n" : "");
    mp_text_printf(r->out,
                   "    input wire [%u:0] weight,\n"
                   "    input wire [%u:0] activation,\n",
                   w, a);
    if (r->is_mac && r->has_registers)
        mp_text_add(r->out, "    input wire first,\n");
    else if (r->is_mac)
        mp_text_printf(r->out, "    input wire [%u:0] addend,\n", r->result - 1);
    mp_text_printf(r->out, "    output %s [%u:0] %s\n);\n", r->has_registers ? "reg" : "wire",
                   r->result - 1, r->is_mac ? "accumulator" : "product");
}

/* v(code) of one operand as NAME_sign, NAME_significand, NAME_shift; code is NAME. */
static void declare_operand(const struct reference *r, const struct mp_format *f, const char *name,
                            unsigned t)
{
    struct mp_text *out = r->out;
    unsigned m = f->mantissa_bits, e = f->exponent_bits, top = f->bits - 1u, high = r->exact - 1;
    unsigned first = f->kind == MP_FORMAT_FLOAT ? mp_format_first_normal(f) : 0;

    mp_text_printf(out, "    wire %s%u_sign = ", name, t);
    if (f->kind == MP_FORMAT_UINT)
        mp_text_add(out, "1'b0;\n");
    else
        mp_text_printf(out, "%s%u[%u];\n", name, t, top);
    mp_text_printf(out, "    reg [%u:0] %s%u_significand;\n    reg [7:0] %s%u_shift;\n", high, name,
                   t, name, t);
    mp_text_printf(out, "    always @* begin\n        %s%u_shift = 0;\n", name, t);
    mp_text_printf(out, "        %s%u_significand = ", name, t);
    switch (f->kind) {
    case MP_FORMAT_INT:
        mp_text_printf(out, "%s%u[%u] ? -{{%u{1'b1}}, %s%u} : %s%u;\n", name, t, top,
                       r->exact - f->bits, name, t, name, t);
        break;
    case MP_FORMAT_POWERS:
        for (unsigned k = 0; k < 2; k++)
            mp_text_printf(out, "(%s%u[%u:%u] == 0 ? 0 : 1 << (%s%u[%u:%u] - 1))%s", name, t,
                           k * e + e - 1, k * e, name, t, k * e + e - 1, k * e,
                           k == 0 ? " + " : ";\n");
        break;
    case MP_FORMAT_FLOAT:
        if (m > 0)
            mp_text_printf(out, "%s%u[%u:0];\n", name, t, m - 1);
        else
            mp_text_add(out, "0;\n");
        if (e == 0 && !f->no_subnormals)
            break;
        if (f->no_subnormals)
            mp_text_printf(out, "        if (%s%u[%u:0] != 0) begin\n", name, t, e + m - 1);
        else
            mp_text_printf(out, "        if (%s%u[%u:%u] >= %u) begin\n", name, t, e + m - 1, m,
                           first);
        mp_text_printf(out, "            %s%u_significand = %s%u_significand + %u;\n", name, t,
                       name, t, 1u << m);
        if (e > 0)
            mp_text_printf(out, "            %s%u_shift = %s%u[%u:%u] - %u;\n", name, t, name, t,
                           e + m - 1, m, first);
        mp_text_add(out, "        end");
        if (f->window_bits > 0)
            mp_text_printf(out, " else\n            %s%u_significand = 0", name, t);
        mp_text_add(out, f->window_bits > 0 ? ";\n" : "\n");
        break;
    default:
        mp_text_printf(out, "%s%u;\n", name, t);
        break;
    }
    mp_text_add(out, "    end\n");
}

/* Fixed operands as signed wires, unsigned ones with a zero in front. */
static void declare_fixed(const struct reference *r, const struct mp_format *f, const char *name,
                          unsigned t)
{
    const char *front = f->kind == MP_FORMAT_INT ? "" : "1'b0, ";

    mp_text_printf(r->out, "    wire signed [%u:0] %s%u_value = $signed({%s%s%u});\n", f->bits + 0u,
                   name, t, front, name, t);
}

static void declare_product(const struct reference *r, unsigned t)
{
    struct mp_text *out = r->out;
    unsigned high = r->exact - 1;
    bool is_float = mp_design_has_signs(r->d);

    mp_text_printf(out, "    wire [%u:0] w%u = %s[%u:%u];\n", r->weight.bits - 1u, t,
                   r->has_registers ? "weight_d" : "weight", (t + 1) * r->weight.bits - 1,
                   t * r->weight.bits);
    mp_text_printf(out, "    wire [%u:0] a%u = %s[%u:%u];\n", r->activation.bits - 1u, t,
                   r->has_registers ? "activation_d" : "activation",
                   (t + 1) * r->activation.bits - 1, t * r->activation.bits);
    if (!is_float) {
        declare_fixed(r, &r->weight, "w", t);
        declare_fixed(r, &r->activation, "a", t);
        mp_text_printf(out, "    wire signed [%u:0] term%u = w%u_value * a%u_value;\n", high, t, t,
                       t);
        return;
    }
    declare_operand(r, &r->weight, "w", t);
    declare_operand(r, &r->activation, "a", t);
    mp_text_printf(out,
                   "    wire negative%u = w%u_sign ^ a%u_sign;\n"
                   "    wire [%u:0] small%u = w%u_significand * a%u_significand;\n",
                   t, t, t, high, t, t, t);
}

/* Aligned, with what is below the kept bits cut off. */
static void declare_term(const struct reference *r, unsigned t)
{
    struct mp_text *out = r->out;
    unsigned high = r->wide - 1,
             cut = r->form.is_shared ? 0 : r->form.drop_bits - r->form.guard_bits;

    if (!mp_design_has_signs(r->d))
        return;
    mp_text_printf(out, "    wire [%u:0] magnitude%u = ", high, t);
    if (r->form.is_shared)
        mp_text_printf(out, "{%u'b0, small%u} << %u;\n", r->wide - r->exact, t, r->form.guard_bits);
    else
        mp_text_printf(out, "{%u'b0, small%u} << ({1'b0, w%u_shift} + a%u_shift);\n",
                       r->wide - r->exact, t, t, t);
    mp_text_printf(out, "    wire signed [%u:0] ", high);
    if (r->form.floors)
        mp_text_printf(out,
                       "signed%u = negative%u ? -magnitude%u : magnitude%u;\n"
                       "    wire signed [%u:0] term%u = signed%u >>> ",
                       t, t, t, t, high, t, t);
    else
        mp_text_printf(out, "term%u = negative%u ? -(magnitude%u >> ", t, t, t);
    if (r->form.is_shared)
        mp_text_printf(out, "(most - w%u_shift)", t);
    else
        mp_text_printf(out, "%u", cut);
    if (!r->form.floors) {
        mp_text_printf(out, ") : magnitude%u >> ", t);
        if (r->form.is_shared)
            mp_text_printf(out, "(most - w%u_shift)", t);
        else
            mp_text_printf(out, "%u", cut);
    }
    mp_text_add(out, ";\n");
}

static void declare_most(const struct reference *r)
{
    mp_text_add(r->out, "    reg [7:0] most;\n    always @* begin\n        most = 0;\n");
    for (unsigned t = 0; t < r->form.terms; t++)
        mp_text_printf(r->out, "        if (w%u_shift > most) most = w%u_shift;\n", t, t);
    mp_text_add(r->out, "    end\n");
}

static void declare_sum(const struct reference *r)
{
    struct mp_text *out = r->out;
    unsigned high = r->wide - 1, guard = r->form.guard_bits;
    unsigned half = r->form.rounds && guard > 0 ? 1u << (guard - 1) : 0;

    mp_text_printf(out, "    wire signed [%u:0] all = ", high);
    for (unsigned t = 0; t < r->form.terms; t++)
        mp_text_printf(out, "%sterm%u", t > 0 ? " + " : "", t);
    if (half > 0)
        mp_text_printf(out, " + $signed(%u'd%u)", r->wide, half);
    mp_text_printf(out, ";\n    wire signed [%u:0] sum = ", high);
    if (r->form.is_shared)
        mp_text_printf(out, "(all <<< most) >>> %u;\n", guard);
    else
        mp_text_printf(out, "all >>> %u;\n", guard);
    if (r->form.has_sign)
        mp_text_printf(out,
                       "    wire [%u:0] code = {negative0, %u'b0} | "
                       "(((magnitude0 >> %u) + %u) >> %u);\n",
                       r->result - 1, r->result - 1, r->form.drop_bits - guard, half, guard);
}

/* Codes that are zero, and what registers do about it: low_power.c. */
static void declare_holds(const struct reference *r)
{
    struct mp_text *out = r->out;
    unsigned sign = mp_design_has_signs(r->d) ? 1 : 0;
    unsigned a_sign = r->activation.kind == MP_FORMAT_FLOAT ? 1 : 0;
    unsigned wb = r->weight.bits, ab = r->activation.bits, terms = r->form.terms;

    for (unsigned t = 0; t < terms; t++) {
        if (r->weight.window_bits > 0)
            mp_text_printf(out, "    wire some_w%u = &weight[%u:%u];\n", t, (t + 1) * wb - 2,
                           t * wb + r->weight.mantissa_bits + r->weight.window_bits);
        else
            mp_text_printf(out, "    wire some_w%u = weight[%u:%u] != 0;\n", t,
                           (t + 1) * wb - 1 - sign, t * wb);
        if (r->activation.window_bits > 0)
            mp_text_printf(out, "    wire some_a%u = &activation[%u:%u];\n", t, (t + 1) * ab - 2,
                           t * ab + r->activation.mantissa_bits + r->activation.window_bits);
        else
            mp_text_printf(out, "    wire some_a%u = activation[%u:%u] != 0;\n", t,
                           (t + 1) * ab - 1 - a_sign, t * ab);
    }
    if (r->d->low_power == MP_LOW_POWER_DATA_GATE)
        return;
    mp_text_add(out, "    reg skip_q;\n    wire hold = ");
    for (unsigned t = 0; t < terms; t++)
        mp_text_printf(out, "%s!(some_w%u && some_a%u)", t > 0 ? " && " : "", t, t);
    mp_text_add(out, r->is_mac ? " && !first;\n" : ";\n");
}

/* One port's registers; the sign of a code that always loads stands apart. */
static void write_loads(const struct reference *r, const char *port, bool is_weight)
{
    const struct mp_format *f = is_weight ? &r->weight : &r->activation;
    bool is_free = r->form.has_sign && r->holds && (is_weight || f->kind != MP_FORMAT_UINT);
    char load[64] = "";

    for (unsigned t = 0; t < r->form.terms; t++) {
        unsigned low = t * f->bits, high = low + f->bits - 1u;

        if (r->holds && r->d->low_power == MP_LOW_POWER_DATA_GATE && is_weight)
            snprintf(load, sizeof load, "if (some_a%u) ", t);
        else if (r->holds && r->d->low_power == MP_LOW_POWER_DATA_GATE)
            snprintf(load, sizeof load, "if (some_w%u || !some_a%u) ", t, t);
        else if (r->holds)
            snprintf(load, sizeof load, "if (!hold) ");
        if (is_free)
            mp_text_printf(r->out, "        %s_q[%u] <= %s[%u];\n", port, high, port, high);
        mp_text_printf(r->out, "        %s%s_q[%u:%u] <= %s[%u:%u];\n", load, port, high - is_free,
                       low, port, high - is_free, low);
    }
}

/* Operands of `stages` cycles ago stand for a pipeline behind the operand registers. */
static void declare_stages(const struct reference *r, const char *name, unsigned bits)
{
    unsigned stages = r->d->stages;

    for (unsigned k = 0; k < stages; k++)
        mp_text_printf(r->out, "    reg [%u:0] %s_stage%u;\n", bits - 1, name, k + 1);
    if (stages == 0)
        mp_text_printf(r->out, "    wire [%u:0] %s_d = %s_q;\n", bits - 1, name, name);
    else
        mp_text_printf(r->out, "    wire [%u:0] %s_d = %s_stage%u;\n", bits - 1, name, name,
                       stages);
}

static void write_stages(const struct reference *r, const char *name)
{
    for (unsigned k = r->d->stages; k > 0; k--) {
        if (k > 1)
            mp_text_printf(r->out, "        %s_stage%u <= %s_stage%u;\n", name, k, name, k - 1);
        else
            mp_text_printf(r->out, "        %s_stage1 <= %s_q;\n", name, name);
    }
}

static bool skips(const struct reference *r)
{
    return r->holds && r->d->low_power != MP_LOW_POWER_DATA_GATE;
}

static void declare_registers(const struct reference *r)
{
    unsigned w = r->form.terms * r->weight.bits, a = r->form.terms * r->activation.bits;

    mp_text_printf(r->out, "    reg [%u:0] weight_q;\n    reg [%u:0] activation_q;\n", w - 1,
                   a - 1);
    declare_stages(r, "weight", w);
    declare_stages(r, "activation", a);
    if (r->is_mac) {
        mp_text_add(r->out, "    reg first_q;\n");
        declare_stages(r, "first", 1);
    }
    if (r->holds)
        declare_holds(r);
    if (skips(r))
        declare_stages(r, "skip", 1);
}

static void write_registers(const struct reference *r)
{
    struct mp_text *out = r->out;
    const char *skip = skips(r) ? "if (!skip_d) " : "";

    mp_text_add(out, "    always @(posedge clk) begin\n");
    write_loads(r, "weight", true);
    write_loads(r, "activation", false);
    write_stages(r, "weight");
    write_stages(r, "activation");
    if (r->is_mac) {
        mp_text_add(out, "        first_q <= first;\n");
        write_stages(r, "first");
    }
    if (skips(r)) {
        mp_text_add(out, "        skip_q <= hold;\n");
        write_stages(r, "skip");
    }
    if (r->is_mac)
        mp_text_printf(out, "        %saccumulator <= (first_d ? 0 : accumulator) + sum;\n", skip);
    else if (r->form.has_sign && skips(r))
        mp_text_printf(out, "        product <= skip_d ? {negative0, %u'b0} : code;\n",
                       r->result - 1);
    else
        mp_text_printf(out, "        product <= %s%s;\n", skips(r) ? "skip_d ? 0 : " : "",
                       r->form.has_sign ? "code" : "sum");
    mp_text_add(out, "    end\n");
}

static void write(const struct reference *r)
{
    declare_ports(r);
    if (r->has_registers)
        declare_registers(r);
    for (unsigned t = 0; t < r->form.terms; t++)
        declare_product(r, t);
    if (r->form.is_shared)
        declare_most(r);
    for (unsigned t = 0; t < r->form.terms; t++)
        declare_term(r, t);
    declare_sum(r);
    if (r->has_registers)
        write_registers(r);
    else if (r->is_mac)
        mp_text_add(r->out, "    assign accumulator = addend + sum;\n");
    else
        mp_text_printf(r->out, "    assign product = %s;\n", r->form.has_sign ? "code" : "sum");
    mp_text_add(r->out, "endmodule\n");
}

int mp_design_reference(const struct mp_design *design, struct mp_text *out, struct mp_error *err)
{
    struct mp_design d = *design;
    struct reference r = {.d = &d, .out = out};
    int rc = mp_design_resolve(&d, err);

    if (rc < 0)
        return rc;
    if (d.form == MP_FORM_CARRY_SAVE)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "there is no behavioural reference of a carry-save accumulator: its two "
                       "rows have no one right value, only their sum has");
    r.form = mp_design_golden(&d);
    r.weight = mp_format_element(&d.weight);
    r.activation = mp_format_element(&d.activation);
    r.is_mac = d.unit == MP_UNIT_MAC;
    r.has_registers = d.registers == MP_REGISTERS_BOTH;
    r.holds = d.low_power != MP_LOW_POWER_NONE && d.low_power != MP_LOW_POWER_ISOLATE;
    r.exact = mp_golden_product_bits(&d.weight, &d.activation) + 1;
    r.result = r.is_mac ? d.accumulator_bits
                        : mp_golden_form_product_bits(&r.form, &r.weight, &r.activation);
    r.wide = r.exact + 5 + MP_TERMS_MAX / 2;
    r.wide = r.result > r.wide ? r.result : r.wide;
    write(&r);
    return MP_OK;
}
