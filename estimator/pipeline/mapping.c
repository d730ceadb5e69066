#include "estimator/pipeline/mapping.h"
#include "estimator/synth/recipe.h"
#include <stdlib.h>
#include <string.h>

int mp_mapping_open(struct mp_mapping *m, const struct mp_synthesis *s, double area_um2,
                    struct mp_error *err)
{
    const struct mp_wire_option none = {.kind = MP_WIRE_NONE};
    const struct mp_library *lib = &s->target->library;
    struct mp_boundary boundary;
    int rc;

    m->environment.driving_cell = MP_NONE;
    if ((rc = mp_nldm_compile(&m->nldm, lib, err)) < 0 ||
        (rc = mp_wire_model_choose(&m->wires, s->wire_load != NULL ? s->wire_load : &none, lib,
                                   area_um2, err)) < 0 ||
        (rc = mp_boundary_choose(&boundary, s->boundary, lib, &s->target->roles, err)) < 0)
        return rc;
    m->environment.wire = m->wires.is_none ? NULL : &m->wires;
    m->environment.output_load_f = boundary.output_load_f;
    if (boundary.driving_cell != NULL) {
        uint32_t cell = mp_library_cell(lib, boundary.driving_cell);
        m->environment.driving_cell = m->nldm.of_library_cell[cell];
        if (m->environment.driving_cell == MP_NONE)
            return mp_fail_at(err, MP_E_UNSUPPORTED, lib->file_count > 0 ? lib->files[0] : NULL, 0,
                              "the driving cell %s has no timing that sizing and search can use",
                              boundary.driving_cell);
    }
    return MP_OK;
}

void mp_mapping_release(struct mp_mapping *m)
{
    mp_nldm_release(&m->nldm);
    memset(m, 0, sizeof *m);
}

/* ---- what a recipe is for */

static enum mp_recipe_choice choice_of(const struct mp_way *way)
{
    const struct mp_synth_recipe *recipe = mp_synth_recipe_find(way->recipe);
    struct mp_recipe_plan plan = {0};
    enum mp_recipe_choice choice = MP_CHOOSE_CLOCK;

    if (recipe != NULL && mp_recipe_parse(&plan, recipe->text, NULL) == MP_OK)
        choice = plan.choice;
    mp_recipe_release(&plan);
    return choice;
}

static bool is_smaller(const void *context, const struct mp_variant *a, const struct mp_variant *b)
{
    (void)context;
    return a->area_um2 < b->area_um2;
}

static bool is_faster(const void *context, const struct mp_variant *a, const struct mp_variant *b)
{
    (void)context;
    return a->critical_path_s < b->critical_path_s;
}

static bool is_less_product(const void *context, const struct mp_variant *a,
                            const struct mp_variant *b)
{
    (void)context;
    return a->area_um2 * a->critical_path_s < b->area_um2 * b->critical_path_s;
}

/* Least energy at the clock, as the recipe estimates it; where none meets the clock, the fastest.
 */
static bool is_less_energy(const void *context, const struct mp_variant *a,
                           const struct mp_variant *b)
{
    (void)context;
    if ((a->slack_s >= 0) != (b->slack_s >= 0))
        return a->slack_s >= 0;
    return a->slack_s >= 0 ? a->energy_j < b->energy_j : a->critical_path_s < b->critical_path_s;
}

mp_synthesis_better *mp_way_better(const struct mp_way *way)
{
    switch (choice_of(way)) {
    case MP_CHOOSE_AREA:
        return is_smaller;
    case MP_CHOOSE_DELAY:
        return is_faster;
    case MP_CHOOSE_PRODUCT:
        return is_less_product;
    case MP_CHOOSE_POWER:
        return is_less_energy;
    default:
        return NULL;
    }
}

static int make_objective(struct mp_objective *o, const struct mp_synthesis *s,
                          const struct mp_way *way, struct mp_error *err)
{
    enum mp_recipe_choice choice = choice_of(way);
    const char *name = choice == MP_CHOOSE_DELAY     ? "delay"
                       : choice == MP_CHOOSE_PRODUCT ? "area*delay"
                                                     : "area";
    int rc = mp_objective_parse(o, name, err);

    if (rc == MP_OK && choice != MP_CHOOSE_AREA && choice != MP_CHOOSE_DELAY &&
        choice != MP_CHOOSE_PRODUCT)
        o->max_delay_s = s->clock_period_s;
    return rc;
}

int mp_mapping_resize(struct mp_variant *v, const struct mp_synthesis *s, const struct mp_way *way,
                      const char *top, struct mp_error *err)
{
    struct mp_resize_options o = {.seed = v->seed + 1,
                                  .evaluations = way->evaluations,
                                  .seconds = way->budget_s,
                                  .runs = 1,
                                  .threads = 1};
    struct mp_resize_result r = {0};
    struct mp_mapping m = {0};
    struct mp_netlist n = {0};
    int rc;

    if ((rc = mp_synthesis_read(&n, s, v->verilog, top, err)) < 0 ||
        (rc = mp_mapping_open(&m, s, mp_netlist_area_um2(&n), err)) < 0 ||
        (rc = make_objective(&o.objective, s, way, err)) < 0 ||
        (rc = mp_resize(&r, &n, &m.nldm, &m.environment, &o, err)) < 0) {
        mp_error_context(err, "resizing %s", top);
        goto out;
    }
    free(v->verilog);
    v->verilog = r.verilog;
    r.verilog = NULL;
    v->wall_s += r.wall_s;
    v->evaluations = r.evaluations;
out:
    mp_resize_result_release(&r);
    mp_mapping_release(&m);
    mp_netlist_release(&n);
    return rc;
}
