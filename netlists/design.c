#include "netlists/design.h"

#include "netlists/architecture.h"
#include "netlists/design_parts.h"
#include "netlists/graph_verilog.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_PRODUCTS     1024
#define ACCUMULATOR_BITS_MAX MP_ADDER_BITS_MAX

static int resolve_adder(struct mp_design *design, struct mp_error *err)
{
    const struct mp_adder *a;
    struct mp_text known = {0};

    if (design->adder == NULL)
        return MP_OK;
    if ((a = mp_adder_find(design->adder)) != NULL) {
        design->adder = a->name;
        return MP_OK;
    }
    for (size_t i = 0; i < mp_adder_count(); i++)
        mp_text_printf(&known, "%s%s", i > 0 ? ", " : "", mp_adder_at(i)->name);
    mp_fail(err, MP_E_USAGE, "unknown adder \"%s\": there are %s", design->adder, known.data);
    mp_text_release(&known);
    return MP_E_USAGE;
}

static int resolve_architecture(struct mp_design *design, struct mp_error *err)
{
    const char *name = design->multiplier ? design->multiplier : mp_architecture_default();
    const struct mp_architecture *a = mp_architecture_find(name);
    struct mp_text known = {0};

    if (a != NULL) {
        design->multiplier = a->info.name;
        return MP_OK;
    }
    for (size_t i = 0; i < mp_architecture_count(); i++)
        mp_text_printf(&known, "%s%s", i > 0 ? ", " : "", mp_architecture_at(i)->name);
    mp_fail(err, MP_E_USAGE, "unknown multiplier architecture \"%s\": there are %s", name,
            known.data);
    mp_text_release(&known);
    return MP_E_USAGE;
}

int mp_design_resolve(struct mp_design *design, struct mp_error *err)
{
    struct mp_golden_form golden;
    int rc = mp_golden_check(&design->weight, &design->activation, err);

    if (design->terms == 0)
        design->terms = 1;
    if (rc < 0 || (rc = resolve_architecture(design, err)) < 0 ||
        (rc = resolve_adder(design, err)) < 0 || (rc = mp_design_check(design, err)) < 0)
        return rc;
    golden = mp_design_golden(design);
    if (design->unit == MP_UNIT_MULTIPLIER)
        design->accumulator_bits = 0;
    else if (design->accumulator_bits == 0)
        design->accumulator_bits = mp_golden_form_accumulator_bits(
            &golden, &design->weight, &design->activation, DEFAULT_PRODUCTS);
    if (design->accumulator_bits > ACCUMULATOR_BITS_MAX)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "an accumulator of %u bits is asked for: at most %d can be made",
                       design->accumulator_bits, ACCUMULATOR_BITS_MAX);
    return MP_OK;
}

struct mp_golden_form mp_design_golden(const struct mp_design *d)
{
    bool has_signs = mp_design_has_signs(d);

    return (struct mp_golden_form){
        .terms = d->terms,
        .latency = d->registers == MP_REGISTERS_NONE ? 0 : MP_UNIT_LATENCY + d->stages,
        .is_carry_save = d->form == MP_FORM_CARRY_SAVE,
        .is_shared = d->alignment == MP_ALIGNMENT_SHARED,
        .has_sign = has_signs && d->sign == MP_SIGN_MAGNITUDE && d->terms == 1 &&
                    d->unit == MP_UNIT_MULTIPLIER,
        .floors = has_signs && d->sign != MP_SIGN_MAGNITUDE,
        .rounds = d->rounding == MP_ROUNDING_NEAREST,
        .drop_bits = d->drop_bits,
        .guard_bits = d->guard_bits};
}

/* "-" is no letter of a Verilog name. */
static void add_part(struct mp_text *name, const char *part)
{
    mp_text_add(name, "_");
    for (; *part != '\0'; part++)
        mp_text_add_bytes(name, *part == '-' ? "_" : part, 1);
}

static void add_number(struct mp_text *name, const char *what, unsigned n, unsigned usual)
{
    if (n != usual)
        mp_text_printf(name, "_%s%u", what, n);
}

static void add_choice(struct mp_text *name, const struct mp_design *design, const char *option,
                       unsigned choice)
{
    char unused[MP_DESIGN_VALUE_SIZE];

    if (choice != 0)
        add_part(name, mp_design_get(design, option, unused));
}

static void add_form(struct mp_text *name, const struct mp_design *d)
{
    if (d->adder != NULL)
        add_part(name, d->adder);
    add_choice(name, d, "form", d->form);
    add_choice(name, d, "sign", d->sign);
    if (d->shift == MP_SHIFT_BEFORE)
        mp_text_add(name, "_shift_before");
    add_choice(name, d, "shifter", d->shifter);
    add_number(name, "terms", d->terms, 1);
    add_choice(name, d, "alignment", d->alignment);
    add_number(name, "stages", d->stages, 0);
    add_number(name, "drop", d->drop_bits, 0);
    add_number(name, "guard", d->guard_bits, 0);
    add_choice(name, d, "rounding", d->rounding);
    add_choice(name, d, "low-power", d->low_power);
    if (d->registers == MP_REGISTERS_NONE)
        mp_text_add(name, "_combinational");
}

const char *mp_design_name(const struct mp_design *design, char out[MP_DESIGN_NAME_SIZE])
{
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    struct mp_text name = {0};

    mp_text_printf(&name, "%s_%s_%s", mp_unit_name(design->unit),
                   mp_format_name(&design->weight, weight),
                   mp_format_name(&design->activation, activation));
    add_part(&name, design->multiplier);
    if (design->unit == MP_UNIT_MAC)
        mp_text_printf(&name, "_acc%u", design->accumulator_bits);
    add_form(&name, design);
    snprintf(out, MP_DESIGN_NAME_SIZE, "%s", name.data);
    mp_text_release(&name);
    return out;
}

bool mp_design_is_plain(const struct mp_design *d)
{
    struct mp_design plain = {.terms = 1};
    char a[MP_DESIGN_VALUE_SIZE], b[MP_DESIGN_VALUE_SIZE];

    for (size_t i = 0; i < mp_design_option_count(); i++) {
        const char *name = mp_design_option_at(i)->name;
        const char *x = mp_design_get(d, name, a), *y = mp_design_get(&plain, name, b);
        if (x != NULL && (y == NULL || strcmp(x, y) != 0))
            return false;
    }
    return true;
}

int mp_design_generate(const struct mp_design *design, struct mp_text *out, struct mp_error *err)
{
    struct mp_graph g;
    int rc = mp_design_graph(design, &g, err);

    if (rc == MP_OK) {
        mp_text_printf(out, "// %s: generated by macppa, generator version %d\n\n", g.name,
                       MP_GENERATOR_VERSION);
        mp_graph_verilog(&g, out);
    }
    mp_graph_release(&g);
    return rc;
}
