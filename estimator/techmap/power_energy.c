/* Internal energies and leakage of compiled cells. */
#include "estimator/techmap/power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double range_of(const struct mp_table *t, enum mp_axis axis, bool is_highest)
{
    if (t->axis1 == axis && t->index1_count > 0)
        return t->index1[is_highest ? t->index1_count - 1 : 0];
    if (t->axis2 == axis && t->index2_count > 0)
        return t->index2[is_highest ? t->index2_count - 1 : 0];
    return NAN;
}

/* The widest range that a pin's power tables have on an axis. */
static void find_range(const struct mp_library *lib, const struct mp_lib_pin *pin,
                       enum mp_axis axis, double *low, double *high)
{
    *low = NAN;
    *high = NAN;
    for (uint32_t i = 0; i < pin->internal_power_count; i++) {
        const struct mp_internal_power *p = &lib->internal_powers[pin->first_internal_power + i];
        const uint32_t tables[2] = {p->rise, p->fall};
        for (int k = 0; k < 2; k++) {
            if (tables[k] == MP_NONE)
                continue;
            double x = range_of(&lib->tables[tables[k]], axis, false);
            double y = range_of(&lib->tables[tables[k]], axis, true);
            *low = isnan(*low) || x < *low ? x : *low;
            *high = isnan(*high) || y > *high ? y : *high;
        }
    }
}

/* Mean over the groups of a pin, by rail where several name one: they add up. */
static double mean_energy(const struct mp_library *lib, const struct mp_lib_pin *pin, double slew_s,
                          double load_f)
{
    double sum = 0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < pin->internal_power_count; i++) {
        const struct mp_internal_power *p = &lib->internal_powers[pin->first_internal_power + i];
        const uint32_t tables[2] = {p->rise, p->fall};
        double both = 0;
        for (int k = 0; k < 2; k++)
            if (tables[k] != MP_NONE)
                both += mp_table_lookup(&lib->tables[tables[k]], slew_s, load_f) / 2;
        sum += both;
        count++;
    }
    return count > 0 ? sum / count : 0;
}

static double leakage_w(const struct mp_library *lib, const struct mp_lib_cell *c)
{
    double sum = 0;

    for (uint32_t i = 0; i < c->leakage_count; i++)
        sum += lib->leakages[c->first_leakage + i].power_w;
    if (c->leakage_count > 0)
        return sum / c->leakage_count;
    return isnan(c->cell_leakage_power_w) ? 0 : c->cell_leakage_power_w;
}

static void fill_output(struct mp_techmap_energy *e, const struct mp_nldm *n,
                        const struct mp_nldm_cell *cell, unsigned o)
{
    const struct mp_library *lib = n->library;
    const struct mp_lib_pin *pin =
        &lib->pins[lib->cells[cell->library_cell].first_pin + cell->outputs[o].pin];
    double slew[2], load[2];

    find_range(lib, pin, MP_AXIS_SLEW, &slew[0], &slew[1]);
    find_range(lib, pin, MP_AXIS_LOAD, &load[0], &load[1]);
    if (isnan(slew[0]))
        slew[0] = slew[1] = 0;
    if (isnan(load[0]))
        load[0] = load[1] = 0;
    /* Denser where netlists live: at small slews and loads. */
    for (unsigned i = 0; i < MP_ENERGY_SLEWS; i++) {
        double x = (double)i / (MP_ENERGY_SLEWS - 1);
        e->outputs[o].slew_s[i] = slew[0] + (slew[1] - slew[0]) * x * x * x;
    }
    for (unsigned i = 0; i < MP_ENERGY_LOADS; i++) {
        double x = (double)i / (MP_ENERGY_LOADS - 1);
        e->outputs[o].load_f[i] = load[0] + (load[1] - load[0]) * x * x;
    }
    for (unsigned i = 0; i < MP_ENERGY_SLEWS; i++)
        for (unsigned k = 0; k < MP_ENERGY_LOADS; k++)
            e->outputs[o].energy_j[i][k] =
                mean_energy(lib, pin, e->outputs[o].slew_s[i], e->outputs[o].load_f[k]);
}

int mp_techmap_energies_make(struct mp_techmap_energies *e, const struct mp_nldm *n,
                             struct mp_error *err)
{
    const struct mp_library *lib = n->library;
    bool has_energy = false;

    e->cells = mp_alloc(n->cell_count + 1u, sizeof *e->cells);
    e->supply_v = lib->voltage_v;
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const struct mp_nldm_cell *cell = &n->cells[c];
        const struct mp_lib_cell *lc = &lib->cells[cell->library_cell];
        struct mp_techmap_energy *to = &e->cells[c];
        to->leakage_w = leakage_w(lib, lc);
        for (unsigned o = 0; o < cell->output_count; o++) {
            fill_output(to, n, cell, o);
            has_energy |= to->outputs[o].energy_j[0][0] != 0;
        }
        for (unsigned k = 0; k < cell->input_count; k++) {
            const struct mp_lib_pin *pin = &lib->pins[lc->first_pin + cell->input_pin[k]];
            double low, high;
            find_range(lib, pin, MP_AXIS_SLEW, &low, &high);
            to->input_j[k] = mean_energy(lib, pin, isnan(low) ? 0 : low + (high - low) / 8, 0);
        }
    }
    if (!has_energy)
        return mp_fail_at(err, MP_E_INPUT, lib->file_count > 0 ? lib->files[0] : NULL, 0,
                          "the library gives no internal power: nothing can be searched for power "
                          "with it");
    return MP_OK;
}

void mp_techmap_energies_release(struct mp_techmap_energies *e)
{
    free(e->cells);
    memset(e, 0, sizeof *e);
}
