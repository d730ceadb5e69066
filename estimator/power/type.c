#include "estimator/power/type.h"
#include <math.h>
#include <string.h>

static bool is_output(const struct mp_lib_pin *pin)
{
    return pin->direction == MP_DIR_OUTPUT || pin->direction == MP_DIR_INOUT;
}

static bool same_rail(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int check_table(const struct mp_library *lib, uint32_t id, struct mp_error *err)
{
    if (id == MP_NONE)
        return MP_OK;
    const struct mp_table *t = &lib->tables[id];
    if (t->axis1 == MP_AXIS_OTHER || t->axis2 == MP_AXIS_OTHER)
        return mp_fail(err, MP_E_UNSUPPORTED,
                       "an internal_power table has an axis that is neither slew nor load");
    size_t count = (size_t)t->index1_count * t->index2_count;
    if (count == 0 || !t->values)
        return mp_fail(err, MP_E_INPUT, "an internal_power table has no values");
    for (size_t i = 0; i < count; i++)
        if (!isfinite(t->values[i]))
            return mp_fail(err, MP_E_INPUT,
                           "an internal_power table has a value that is no number");
    return MP_OK;
}

/* As OpenSTA: the first arc between the two pins decides, and what is not negative is positive. */
static bool arc_inverts(const struct mp_library *lib, const struct mp_lib_pin *output,
                        uint32_t related_pin)
{
    for (uint32_t a = 0; a < output->arc_count; a++) {
        const struct mp_arc *arc = &lib->arcs[output->first_arc + a];
        if (arc->related_pin == related_pin)
            return arc->sense == MP_UNATE_NEGATIVE;
    }
    return false;
}

/* The first output pin that a condition names as it is written, MP_NONE: none. */
static uint32_t named_output(const struct mp_lib_pin *pins, uint32_t pin_count,
                             const struct mp_expr *when)
{
    for (uint32_t k = 0; k < when->length; k++)
        if (when->code[k] >= 0 && (uint32_t)when->code[k] < pin_count &&
            is_output(&pins[when->code[k]]))
            return (uint32_t)when->code[k];
    return MP_NONE;
}

/* Group of output pin `pin`: P(dF/di), else P(when), else 1/2. */
static void output_duty(struct mp_power_duty *out, const struct mp_power_type *type, uint32_t pin,
                        uint32_t related_pin, const struct mp_truth *when, struct mp_arena *arena)
{
    const struct mp_truth *f = &type->pins[pin].function;
    *out = (struct mp_power_duty){.constant = 0.5};
    if (f->bits && mp_truth_reads(f, related_pin))
        mp_truth_difference(&out->truth, f, related_pin, arena);
    else if (when->bits)
        out->truth = *when;
}

/* Group of input pin `pin`: 1 without a condition; P(dF/di) of an output that the condition names;
 * else P(when). */
static void input_duty(struct mp_power_duty *out, const struct mp_power_type *type,
                       const struct mp_lib_pin *lib_pins, uint32_t pin,
                       const struct mp_expr *expression, const struct mp_truth *when,
                       struct mp_arena *arena)
{
    *out = (struct mp_power_duty){.constant = 1.0};
    if (!when->bits)
        return;
    uint32_t output = named_output(lib_pins, type->pin_count, expression);
    const struct mp_truth *f = output == MP_NONE ? NULL : &type->pins[output].function;
    if (f && f->bits && mp_truth_reads(f, pin))
        mp_truth_difference(&out->truth, f, pin, arena);
    else
        out->truth = *when;
}

/* Number the rails of a pin's groups: groups with the same name (or both without) share one. */
static uint32_t rail_of(const struct mp_internal_power *groups, uint32_t index,
                        const struct mp_power_energy *energies, uint32_t *rail_count)
{
    for (uint32_t j = 0; j < index; j++)
        if (same_rail(groups[j].power_pin, groups[index].power_pin))
            return energies[j].rail;
    return (*rail_count)++;
}

static int make_pin_energies(struct mp_power_type *type, const struct mp_library *lib,
                             const struct mp_lib_pin *lib_pins, uint32_t pin,
                             struct mp_arena *arena, struct mp_error *err)
{
    const struct mp_lib_pin *lp = &lib_pins[pin];
    struct mp_power_pin *p = &type->pins[pin];
    const struct mp_internal_power *groups = lib->internal_powers + lp->first_internal_power;
    struct mp_power_energy *energies = type->energies + p->first_energy;
    for (uint32_t g = 0; g < p->energy_count; g++) {
        const struct mp_internal_power *group = &groups[g];
        struct mp_power_energy *e = &energies[g];
        struct mp_truth when = {0};
        int rc = MP_OK;
        if (group->when.code && (rc = mp_truth_make(&when, &group->when, arena, err)) < 0)
            return rc;
        if ((rc = check_table(lib, group->rise, err)) < 0 ||
            (rc = check_table(lib, group->fall, err)) < 0)
            return rc;
        *e = (struct mp_power_energy){.related_pin = group->related_pin};
        e->rise = group->rise == MP_NONE ? NULL : &lib->tables[group->rise];
        e->fall = group->fall == MP_NONE ? NULL : &lib->tables[group->fall];
        e->rail = rail_of(groups, g, energies, &p->rail_count);
        if (is_output(lp) && group->related_pin != MP_NONE) {
            e->inverted = arc_inverts(lib, lp, group->related_pin);
            output_duty(&e->duty, type, pin, group->related_pin, &when, arena);
        } else {
            input_duty(&e->duty, type, lib_pins, pin, &group->when, &when, arena);
        }
    }
    return MP_OK;
}

static int make_leakages(struct mp_power_type *type, const struct mp_library *lib,
                         const struct mp_lib_cell *cell, struct mp_arena *arena,
                         struct mp_error *err)
{
    const struct mp_leakage *groups = lib->leakages + cell->first_leakage;
    type->cell_leakage_w = cell->cell_leakage_power_w;
    type->leakage_count = cell->leakage_count;
    type->leakages = mp_arena_alloc(arena, (cell->leakage_count + 1) * sizeof *type->leakages);
    for (uint32_t g = 0; g < cell->leakage_count; g++) {
        struct mp_power_leakage *l = &type->leakages[g];
        *l = (struct mp_power_leakage){.power_w = groups[g].power_w};
        if (!isfinite(l->power_w))
            return mp_fail(err, MP_E_INPUT, "a leakage_power group has no value");
        int rc = MP_OK;
        if (groups[g].when.code && (rc = mp_truth_make(&l->when, &groups[g].when, arena, err)) < 0)
            return rc;
        uint32_t j = 0;
        while (j < g && !same_rail(groups[j].power_pin, groups[g].power_pin))
            j++;
        l->rail = j < g ? type->leakages[j].rail : type->leakage_rail_count++;
    }
    if (type->leakage_count == 0 && !isfinite(type->cell_leakage_w))
        return mp_fail(err, MP_E_INPUT,
                       "neither leakage_power nor cell_leakage_power is given; without it the "
                       "power of this cell is unknown");
    return MP_OK;
}

static int make_functions(struct mp_power_type *type, const struct mp_lib_cell *cell,
                          const struct mp_lib_pin *lib_pins, struct mp_arena *arena,
                          struct mp_error *err)
{
    int rc = MP_OK;
    uint32_t energy_count = 0;
    for (uint32_t k = 0; k < type->pin_count; k++) {
        struct mp_power_pin *p = &type->pins[k];
        *p = (struct mp_power_pin){.direction = lib_pins[k].direction,
                                   .first_energy = energy_count,
                                   .energy_count = lib_pins[k].internal_power_count};
        energy_count += p->energy_count;
        if (lib_pins[k].function.code &&
            (rc = mp_truth_make(&p->function, &lib_pins[k].function, arena, err)) < 0)
            return rc;
    }
    if (cell->next_state.code &&
        (rc = mp_truth_make(&type->next_state, &cell->next_state, arena, err)) < 0)
        return rc;
    type->energies = mp_arena_alloc(arena, (energy_count + 1) * sizeof *type->energies);
    return rc;
}

int mp_power_type_make(struct mp_power_type *out, const struct mp_library *lib, uint32_t cell,
                       struct mp_arena *arena, struct mp_error *err)
{
    const struct mp_lib_cell *c = &lib->cells[cell];
    const struct mp_lib_pin *lib_pins = lib->pins + c->first_pin;
    int rc = MP_OK;
    struct mp_error cause = MP_ERROR_INIT;
    *out = (struct mp_power_type){.pin_count = c->pin_count,
                                  .is_sequential = c->sequential != MP_COMBINATIONAL};
    out->pins = mp_arena_alloc(arena, (c->pin_count + 1) * sizeof *out->pins);
    if ((rc = make_functions(out, c, lib_pins, arena, &cause)) < 0)
        goto out;
    for (uint32_t k = 0; k < c->pin_count; k++)
        if ((rc = make_pin_energies(out, lib, lib_pins, k, arena, &cause)) < 0)
            goto out;
    rc = make_leakages(out, lib, c, arena, &cause);
out:
    if (rc < 0)
        return mp_fail_at(err, (enum mp_code)rc,
                          lib->file_count > c->file ? lib->files[c->file] : NULL, c->line,
                          "cell %s: %s", c->name, cause.message);
    out->ready = true;
    return MP_OK;
}
