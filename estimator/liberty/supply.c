#include "estimator/liberty/reader.h"

#include <math.h>
#include <string.h>

int mp_reader_number(const struct mp_reader *r, uint32_t group, const char *name, double unit,
                     double *out, struct mp_error *err)
{
    const struct mp_ast_value *v = mp_ast_attribute(r->ast, group, name);
    double x;
    if (!v)
        return MP_OK;
    int rc = mp_ast_number(r->ast, v, &x, err);
    if (rc == MP_OK)
        *out = x * unit;
    return rc;
}

static bool equal(const struct mp_ast_value *a, const struct mp_ast_value *b)
{
    return a && b && a->text.size == b->text.size &&
           memcmp(a->text.p, b->text.p, a->text.size) == 0;
}

uint32_t mp_reader_conditions(const struct mp_reader *r, uint32_t library)
{
    const struct mp_ast_value *wanted =
        mp_ast_attribute(r->ast, library, "default_operating_conditions");
    uint32_t first = MP_AST_NONE, count = 0;
    for (uint32_t c = r->ast->nodes[library].first_child; c != MP_AST_NONE;
         c = r->ast->nodes[c].next) {
        if (!mp_slice_is(r->ast->nodes[c].name, "operating_conditions"))
            continue;
        if (equal(mp_ast_value(r->ast, c, 0), wanted))
            return c;
        if (count++ == 0)
            first = c;
    }
    return count == 1 && !wanted ? first : MP_AST_NONE;
}

/* The voltage of this name in voltage_map, of NULL the highest; *out is left alone without one. */
static int read_voltage_map(const struct mp_reader *r, uint32_t library,
                            const struct mp_ast_value *name, double *out, struct mp_error *err)
{
    double best = NAN;
    for (uint32_t c = r->ast->nodes[library].first_child; c != MP_AST_NONE;
         c = r->ast->nodes[c].next) {
        const struct mp_ast_value *v = mp_ast_value(r->ast, c, 1);
        double x = 0;
        if (!v || !mp_slice_is(r->ast->nodes[c].name, "voltage_map") ||
            (name && !equal(mp_ast_value(r->ast, c, 0), name)))
            continue;
        int rc = mp_ast_number(r->ast, v, &x, err);
        if (rc < 0)
            return rc;
        if (!(x * r->voltage_v <= best))
            best = x * r->voltage_v;
    }
    if (!isnan(best))
        *out = best;
    return MP_OK;
}

int mp_reader_supply(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    uint32_t conditions = mp_reader_conditions(r, library);
    r->library = library;
    r->supply_v = NAN;
    int rc = mp_reader_number(r, library, "nom_voltage", r->voltage_v, &r->supply_v, err);
    if (rc == MP_OK && conditions != MP_AST_NONE)
        rc = mp_reader_number(r, conditions, "voltage", r->voltage_v, &r->supply_v, err);
    if (rc == MP_OK && isnan(r->supply_v))
        rc = read_voltage_map(r, library, NULL, &r->supply_v, err);
    if (rc == MP_OK && isnan(r->supply_v) && r->file > 0)
        r->supply_v = r->lib->voltage_v;
    return rc;
}

int mp_cell_reader_supply(const struct mp_cell_reader *c, uint32_t pin, double *out,
                          struct mp_error *err)
{
    const struct mp_reader *r = c->r;
    const struct mp_ast_value *rail = mp_ast_attribute(r->ast, pin, "related_power_pin");
    *out = r->supply_v;
    for (uint32_t n = r->ast->nodes[c->node].first_child; rail && n != MP_AST_NONE;
         n = r->ast->nodes[n].next) {
        if (r->ast->nodes[n].kind != MP_AST_GROUP ||
            !mp_slice_is(r->ast->nodes[n].name, "pg_pin") ||
            !equal(mp_ast_value(r->ast, n, 0), rail))
            continue;
        const struct mp_ast_value *name = mp_ast_attribute(r->ast, n, "voltage_name");
        return name ? read_voltage_map(r, r->library, name, out, err) : MP_OK;
    }
    return MP_OK;
}
