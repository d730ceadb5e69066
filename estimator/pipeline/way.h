/*
 * Ways from a design to a netlist of library cells: a script of Yosys, or our own search for an
 * objective under limits; and what is asked for in an experiment, which is several ways at once.
 *
 *     struct mp_way_settings s;
 *     mp_way_settings_init(&s);
 *     mp_way_settings_set(&s, "implementation", "search", err)
 *     mp_way_settings_set(&s, "objective", "power", err)
 *     mp_way_settings_set(&s, "max-delay", "1.2ns", err)
 *     for (size_t i = 0; i < mp_way_settings_count(&s); i++)
 *         ... mp_way_settings_at(&s, i, 3) ...
 *     mp_way_settings_release(&s)
 */
#ifndef MP_PIPELINE_WAY_H
#define MP_PIPELINE_WAY_H

#include "estimator/timing/boundary.h"
#include "estimator/util/hash.h"

enum mp_implementation { MP_BY_YOSYS, MP_BY_SEARCH };
/* "yosys", "search" */
const char *mp_implementation_name(enum mp_implementation i);

struct mp_way {
    enum mp_implementation implementation;
    const char *recipe;    /* yosys: of synth/recipe.h; NULL: the default. Borrowed */
    const char *objective; /* search: "area*delay". Borrowed */
    double max_delay_s, max_area_um2, max_power_w; /* search; 0: no limit */
    unsigned runs;                                 /* yosys: variants; search: seeds; at least 1 */
    double budget_s;                               /* search: for each seed; 0: none */
    uint64_t evaluations;                          /* search: the most for each seed; 0: no limit */
    bool resize;                                   /* drives and pins are changed afterwards */
};

/* Recipe of Yosys or of the search, for records; static or the way's. */
const char *mp_way_recipe(const struct mp_way *w);
/* Whether its netlist depends on operands: a search for power, or with a limit on it. */
bool mp_way_needs_operands(const struct mp_way *w);
/* All that the netlist depends on; part of a point's key. */
void mp_way_hash(struct mp_hash *h, const struct mp_way *w);

/* Several ways, as a config or the command line asks for them. */
struct mp_way_settings {
    enum mp_implementation implementations[2];
    size_t implementation_count;          /* 0: Yosys */
    char **recipes, **objectives;         /* owned */
    size_t recipe_count, objective_count; /* 0: the default */
    double max_delay_s, max_area_um2, max_power_w, budget_s;
    uint64_t evaluations;
    uint32_t seeds;
    bool resize;
    struct mp_boundary_option boundary;
};
/* 8 seeds of 10 s each; area*delay; Yosys alone. */
void mp_way_settings_init(struct mp_way_settings *s);
void mp_way_settings_release(struct mp_way_settings *s);
void mp_way_settings_copy(struct mp_way_settings *to, const struct mp_way_settings *from);

/* One option by name, as in --NAME and (with _ for -) as keys of a config: implementation, recipe,
 * objective (each adds one), max-delay, max-area, max-power, budget, evaluations, seeds, resize,
 * driving-cell, output-load (each replaces). MP_E_USAGE: what is wrong with the value, and what is
 * taken. An unknown name is a programming error. */
int mp_way_settings_set(struct mp_way_settings *s, const char *name, const char *value,
                        struct mp_error *err);
/* Take back what was added by name: implementation, recipe or objective. */
void mp_way_settings_clear(struct mp_way_settings *s, const char *name);
/* What would be ignored is MP_E_USAGE: objectives and limits without a search, recipes without
 * Yosys. */
int mp_way_settings_check(const struct mp_way_settings *s, struct mp_error *err);

size_t mp_way_settings_count(const struct mp_way_settings *s);
/* One of Yosys, of those that resize with that; recipe NULL: the default. */
struct mp_way mp_way_settings_yosys(const struct mp_way_settings *s, const char *recipe,
                                    unsigned runs);
/* way index of them; runs: variants of Yosys. It borrows from s. */
struct mp_way mp_way_settings_at(const struct mp_way_settings *s, size_t index, unsigned runs);

#endif
