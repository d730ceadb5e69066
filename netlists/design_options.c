/* The fields of a design as text: one table row a field, one a choice. */
#include "netlists/design.h"

#include "estimator/util/number.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct mp_design_choice forms[] = {
    {"adder", "mac: an adder of its own behind the product's"},
    {"row", "mac: the accumulator is one more row of the tree"},
    {"carry-save", "mac: the accumulator stays two rows, sum and carry"},
};
static const struct mp_design_choice signs[] = {
    {"magnitude", "sign and magnitude, XOR and carry at the accumulator"},
    {"negate-first", "activation XORed with the weight's sign, then multiplied"},
    {"twos-complement", "product of the significands negated"},
};
static const struct mp_design_choice shifts[] = {
    {"after", "significand x activation, then the shift"},
    {"before", "activation shifted, then multiplied"},
};
static const struct mp_design_choice shifters[] = {
    {"mixed", "stages of two, fine first, then one one-hot stage of four"},
    {"log-fine", "stages of two, by 1, 2, 4, ..."},
    {"log-coarse", "stages of two, by ..., 4, 2, 1"},
    {"one-hot", "one-hot stages of four, fine first"},
};
static const struct mp_design_choice alignments[] = {
    {"each", "every product has a shifter; exact"},
    {"shared", "aligned to the cycle's largest, guard bits kept, one shifter"},
};
static const struct mp_design_choice roundings[] = {
    {"down", "dropped bits are cut off"},
    {"nearest", "rounded by the highest guard bit"},
};
static const struct mp_design_choice low_powers[] = {
    {"none", "nothing"},
    {"isolate", "weight ANDed with activation != 0"},
    {"zero-skip", "registers hold in cycles whose products are all zero"},
    {"data-gate", "an operand's register holds where the other one is zero"},
    {"clock-gate", "clock-gating cells: refused, not simulated yet"},
};
static const struct mp_design_choice registers[] = {
    {"both", "operands and result are registered"},
    {"none", "combinational, no clk; mac: port addend"},
};

/* How a row of the table finds its field. */
enum field_kind { TEXT, CHOICE, NUMBER };
struct field {
    struct mp_design_option option;
    enum field_kind kind;
    size_t offset;
};

#define CHOICES(name, field, summary, table)                                                       \
    {                                                                                              \
        {name, summary, table, sizeof table / sizeof *table, 0}, CHOICE,                           \
            offsetof(struct mp_design, field)                                                      \
    }
#define COUNT(name, field, summary, most)                                                          \
    {                                                                                              \
        {name, summary, NULL, 0, most}, NUMBER, offsetof(struct mp_design, field)                  \
    }

static const struct field fields[] = {
    {{"adder", "final adder; see `macppa doctor`", NULL, 0, 0},
     TEXT,
     offsetof(struct mp_design, adder)},
    CHOICES("form", form, "where a mac's accumulator is added", forms),
    CHOICES("sign", sign, "float: how a product becomes negative", signs),
    CHOICES("shift", shift, "float: shift after or before the product", shifts),
    CHOICES("shifter", shifter, "float: stages of the shifter", shifters),
    COUNT("terms", terms, "products a cycle: 1, 2, 4, 8 or 16, summed in one tree", MP_TERMS_MAX),
    CHOICES("alignment", alignment, "float dot products", alignments),
    COUNT("stages", stages, "pipeline stages, 0 to 3, placed by depth", 3),
    COUNT("drop-bits", drop_bits, "float: low bits of the product that are not kept", 96),
    COUNT("guard-bits", guard_bits, "0 to 4 of them kept until the terms are added", 4),
    CHOICES("rounding", rounding, "of what is dropped", roundings),
    CHOICES("low-power", low_power, "what is saved where operands are zero", low_powers),
    CHOICES("registers", registers, "operand and result registers", registers),
};

/* Enumerations have the size of int. */
_Static_assert(sizeof(enum mp_form) == sizeof(unsigned), "choices are read as unsigned");

size_t mp_design_option_count(void)
{
    return sizeof fields / sizeof *fields;
}

const struct mp_design_option *mp_design_option_at(size_t index)
{
    return &fields[index].option;
}

static const struct field *find(const char *option)
{
    for (size_t i = 0; i < mp_design_option_count(); i++)
        if (strcmp(fields[i].option.name, option) == 0)
            return &fields[i];
    return NULL;
}

static void list_choices(struct mp_text *out, const struct mp_design_option *o)
{
    for (size_t i = 0; i < o->choice_count; i++)
        mp_text_printf(out, "%s%s", i == 0 ? "" : ", ", o->choices[i].name);
}

static int set_choice(void *at, const struct mp_design_option *o, const char *value,
                      struct mp_error *err)
{
    struct mp_text known = {0};

    for (unsigned i = 0; i < o->choice_count; i++)
        if (strcmp(o->choices[i].name, value) == 0) {
            memcpy(at, &i, sizeof i);
            return MP_OK;
        }
    list_choices(&known, o);
    mp_fail(err, MP_E_USAGE, "%s: there is no \"%s\": there are %s", o->name, value, known.data);
    mp_text_release(&known);
    return MP_E_USAGE;
}

static int set_number(void *at, const struct mp_design_option *o, const char *value,
                      struct mp_error *err)
{
    uint64_t n;
    unsigned small;

    if (!mp_parse_u64(value, &n) || n > o->most)
        return mp_fail(err, MP_E_USAGE, "%s: \"%s\" is no number from 0 to %u", o->name, value,
                       o->most);
    small = (unsigned)n;
    memcpy(at, &small, sizeof small);
    return MP_OK;
}

int mp_design_set(struct mp_design *design, const char *option, const char *value,
                  struct mp_error *err)
{
    const struct field *f = find(option);
    struct mp_text known = {0};

    if (f == NULL) {
        for (size_t i = 0; i < mp_design_option_count(); i++)
            mp_text_printf(&known, "%s%s", i == 0 ? "" : ", ", fields[i].option.name);
        mp_fail(err, MP_E_USAGE, "a design has no option \"%s\": there are %s", option, known.data);
        mp_text_release(&known);
        return MP_E_USAGE;
    }
    switch (f->kind) {
    case TEXT:
        memcpy((char *)design + f->offset, &value, sizeof value);
        return MP_OK;
    case CHOICE:
        return set_choice((char *)design + f->offset, &f->option, value, err);
    case NUMBER:
        break;
    }
    return set_number((char *)design + f->offset, &f->option, value, err);
}

const char *mp_design_get(const struct mp_design *design, const char *option,
                          char out[MP_DESIGN_VALUE_SIZE])
{
    const struct field *f = find(option);
    const char *text;
    unsigned n;

    if (f == NULL)
        return NULL;
    if (f->kind == TEXT) {
        memcpy(&text, (const char *)design + f->offset, sizeof text);
        return text;
    }
    memcpy(&n, (const char *)design + f->offset, sizeof n);
    if (f->kind == CHOICE)
        return f->option.choices[n].name;
    snprintf(out, MP_DESIGN_VALUE_SIZE, "%u", n);
    return out;
}
