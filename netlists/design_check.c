/* Which fields of a design go together. */
#include "netlists/design_parts.h"

#define GUARD_BITS_MAX 4
#define STAGES_MAX     3

static bool is_mac(const struct mp_design *d)
{
    return d->unit == MP_UNIT_MAC;
}

bool mp_design_has_signs(const struct mp_design *d)
{
    return mp_golden_product_encoding(&d->weight, &d->activation) == MP_PRODUCT_SIGN_MAGNITUDE;
}

static bool has_shifter(const struct mp_design *d)
{
    return d->weight.kind == MP_FORMAT_FLOAT &&
           mp_format_max_shift(&d->weight) + mp_format_max_shift(&d->activation) > 0;
}

bool mp_design_in_tree(const struct mp_design *d)
{
    return !has_shifter(d) || d->shift == MP_SHIFT_BEFORE;
}

static bool has_float_activation(const struct mp_design *d)
{
    return d->activation.kind == MP_FORMAT_FLOAT;
}

static int check_numbers(const struct mp_design *d, struct mp_error *err)
{
    if (d->terms > MP_TERMS_MAX || (d->terms & (d->terms - 1)) != 0)
        return mp_fail(err, MP_E_USAGE, "terms: %u are asked for: there are 1, 2, 4, 8 and 16",
                       d->terms);
    if (d->stages > STAGES_MAX)
        return mp_fail(err, MP_E_UNSUPPORTED, "stages: %u are asked for: at most %d can be made",
                       d->stages, STAGES_MAX);
    if (d->guard_bits > GUARD_BITS_MAX)
        return mp_fail(err, MP_E_UNSUPPORTED, "guard-bits: %u are asked for: at most %d",
                       d->guard_bits, GUARD_BITS_MAX);
    return MP_OK;
}

static int check_form(const struct mp_design *d, struct mp_error *err)
{
    if (d->form == MP_FORM_ADDER)
        return MP_OK;
    if (!is_mac(d))
        return mp_fail(err, MP_E_USAGE,
                       "form: only a mac has an accumulator; take --unit mac, or form adder");
    if (!mp_design_has_signs(d))
        return MP_OK;
    if (d->form == MP_FORM_ROW && !mp_design_in_tree(d) &&
        (d->terms == 1 || d->alignment == MP_ALIGNMENT_SHARED))
        return mp_fail(err, MP_E_USAGE,
                       "form row: behind the shifter there is one row only, so this is form adder; "
                       "take shift before, or several terms with a shifter each");
    if (d->form == MP_FORM_CARRY_SAVE && d->drop_bits > 0 && d->guard_bits > 0)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "form carry-save has no adder that could drop guard bits: take none");
    if (d->sign != MP_SIGN_NEGATE_FIRST && mp_design_in_tree(d) &&
        (d->form == MP_FORM_CARRY_SAVE || d->sign == MP_SIGN_TWOS_COMPLEMENT))
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "form %s with products in its tree needs sign negate-first",
                       d->form == MP_FORM_ROW ? "row" : "carry-save");
    return MP_OK;
}

static int check_float(const struct mp_design *d, struct mp_error *err)
{
    if (d->sign != MP_SIGN_MAGNITUDE && !mp_design_has_signs(d))
        return mp_fail(err, MP_E_USAGE,
                       "sign: fixed weights are two's complement throughout; it is for float "
                       "weights");
    if ((d->shift != MP_SHIFT_AFTER || d->shifter != MP_SHIFTER_MIXED) && !has_shifter(d))
        return mp_fail(err, MP_E_USAGE, "shift, shifter: no code of these formats is shifted");
    if (d->shift == MP_SHIFT_BEFORE && has_float_activation(d))
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "shift before is for fixed activations: a float one has a shift of its own");
    if (mp_design_has_signs(d) && mp_design_in_tree(d) && d->sign != MP_SIGN_NEGATE_FIRST &&
        d->terms > 1)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "several signed products in one tree, no shifter in front of it, need sign "
                       "negate-first");
    return MP_OK;
}

static int check_cut(const struct mp_design *d, struct mp_error *err)
{
    unsigned bits = mp_golden_product_bits(&d->weight, &d->activation);
    bool is_shared = d->alignment == MP_ALIGNMENT_SHARED;

    if (is_shared && d->weight.window_bits > 0)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "alignment shared is not for bf16 weights: a zero has no exponent there");
    if (is_shared && (!has_shifter(d) || d->terms == 1 || has_float_activation(d) ||
                      d->shift == MP_SHIFT_BEFORE))
        return mp_fail(err, MP_E_USAGE,
                       "alignment shared is for several terms of shifted float weights and fixed "
                       "activations, with shift after");
    if (is_shared &&
        (d->low_power == MP_LOW_POWER_ISOLATE || d->low_power == MP_LOW_POWER_DATA_GATE))
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "alignment shared looks at every weight's exponent, which isolate and "
                       "data-gate would change where the activation is zero: take zero-skip");
    if (is_shared && (d->drop_bits > 0 || d->rounding != MP_ROUNDING_DOWN))
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "alignment shared cuts below its guard bits already: it goes with neither "
                       "drop-bits nor rounding");
    if (d->drop_bits > 0 && (!has_shifter(d) || d->shift == MP_SHIFT_BEFORE))
        return mp_fail(err, MP_E_USAGE,
                       "drop-bits cuts what a shifter behind the product puts out: it is for "
                       "float weights with shift after");
    if (d->drop_bits + 3 > bits && d->drop_bits > 0)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "drop-bits: %u of a product of %u bits: at least sign and two bits must be "
                       "left",
                       d->drop_bits, bits);
    if (!is_shared && d->guard_bits > d->drop_bits)
        return mp_fail(err, MP_E_USAGE,
                       "guard-bits: %u are asked for, but drop-bits is %u; guard bits are some of "
                       "the dropped ones",
                       d->guard_bits, d->drop_bits);
    if (d->rounding == MP_ROUNDING_NEAREST && d->guard_bits == 0)
        return mp_fail(err, MP_E_USAGE,
                       "rounding nearest looks at the highest guard bit: give at least one");
    return MP_OK;
}

static int check_registers(const struct mp_design *d, struct mp_error *err)
{
    if (d->low_power == MP_LOW_POWER_CLOCK_GATE)
        return mp_fail(
            err, MP_E_UNSUPPORTED,
            "low-power clock-gate: units have one clock, and the libraries' clock-gating "
            "cells, which hold a latch, are not simulated; zero-skip holds the same "
            "registers in the same cycles");
    if (d->registers == MP_REGISTERS_BOTH)
        return MP_OK;
    if (d->stages > 0)
        return mp_fail(err, MP_E_USAGE, "stages: a unit without registers has no pipeline");
    if (d->low_power != MP_LOW_POWER_NONE && d->low_power != MP_LOW_POWER_ISOLATE)
        return mp_fail(err, MP_E_USAGE,
                       "low-power: without registers there is nothing to hold; isolate needs none");
    return MP_OK;
}

int mp_design_check(const struct mp_design *d, struct mp_error *err)
{
    int rc;

    if ((rc = check_numbers(d, err)) < 0 || (rc = check_form(d, err)) < 0 ||
        (rc = check_float(d, err)) < 0 || (rc = check_cut(d, err)) < 0)
        return rc;
    return check_registers(d, err);
}
