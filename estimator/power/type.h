/*
 * What the power formulas need of one cell type, prepared once: truth tables of functions and
 * conditions, and for every internal_power group the rule that gives its duty. Ids of groups,
 * leakages and rails are local to the type.
 */
#ifndef MP_POWER_TYPE_H
#define MP_POWER_TYPE_H

#include "estimator/power/truth.h"

/* How often a group applies: P(truth), or `constant` where truth.bits is NULL. */
struct mp_power_duty {
    struct mp_truth truth;
    double constant;
};

struct mp_power_energy {  /* one internal_power group */
    uint32_t related_pin; /* local; MP_NONE on input pins */
    uint32_t rail;        /* groups of one pin that name the same related_pg_pin share it */
    const struct mp_table *rise, *fall; /* by edge of the group's own pin; NULL: absent */
    bool inverted;                      /* a rising output comes from a falling related pin */
    struct mp_power_duty duty;
};

struct mp_power_pin {
    enum mp_direction direction;
    struct mp_truth function; /* outputs; bits NULL: none */
    uint32_t first_energy, energy_count;
    uint32_t rail_count;
};

struct mp_power_leakage { /* one leakage_power group */
    uint32_t rail;
    struct mp_truth when; /* bits NULL: unconditional */
    double power_w;
};

struct mp_power_type {
    bool ready;
    uint32_t pin_count;
    struct mp_power_pin *pins; /* [pin_count] */
    struct mp_power_energy *energies;
    struct mp_power_leakage *leakages;
    uint32_t leakage_count, leakage_rail_count;
    double cell_leakage_w; /* NAN: not given */
    bool is_sequential;
    struct mp_truth next_state; /* bits NULL: none */
};

/* Fill *out for a cell of the library; memory from the arena, tables borrowed from the library.
 * MP_E_UNSUPPORTED for a condition over too many pins or a power table over something other than
 * slew and load; MP_E_INPUT for a table without values. Messages name the cell and its line. */
int mp_power_type_make(struct mp_power_type *out, const struct mp_library *lib, uint32_t cell,
                       struct mp_arena *arena, struct mp_error *err);

#endif
