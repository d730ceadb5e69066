#include "estimator/liberty/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Next word of a list of names such as `related_pin : "A B"`; size 0: no more. */
static struct mp_slice next_name(const char **p, const char *end)
{
    while (*p < end && (**p == ' ' || **p == ',' || **p == '\t'))
        ++*p;
    struct mp_slice s = {*p, 0};
    while (*p < end && **p != ' ' && **p != ',' && **p != '\t')
        ++*p;
    s.size = (uint32_t)(*p - s.p);
    return s;
}

static int related(struct mp_cell_reader *c, struct mp_slice name, int line, uint32_t *pin,
                   struct mp_error *err)
{
    *pin = mp_cell_reader_name(c, name);
    if (*pin < c->r->lib->cells[c->cell].pin_count)
        return MP_OK;
    return mp_fail_at(
        err, MP_E_INPUT, c->r->ast->file, line, "the related pin '%.*s' is no pin of cell %s",
        (int)(name.size < 60 ? name.size : 60), name.p, c->r->lib->cells[c->cell].name);
}

static const char *copy_value(struct mp_cell_reader *c, const struct mp_ast_value *v)
{
    return v ? mp_arena_strndup(&c->r->lib->arena, v->text.p, v->text.size) : NULL;
}

static void add_power(struct mp_reader *r, const struct mp_internal_power *power)
{
    struct mp_library *lib = r->lib;
    mp_grow(&lib->internal_powers, lib->internal_power_count, &r->internal_power_capacity,
            sizeof *power);
    lib->internal_powers[lib->internal_power_count++] = *power;
}

int mp_reader_internal_power(struct mp_cell_reader *c, uint32_t node, struct mp_error *err)
{
    struct mp_reader *r = c->r;
    const struct mp_ast *ast = r->ast;
    double unit_j = r->capacitance_f * r->voltage_v * r->voltage_v;
    struct mp_internal_power power = {.related_pin = MP_NONE, .rise = MP_NONE, .fall = MP_NONE};
    power.power_pin = copy_value(c, mp_ast_attribute(ast, node, "related_pg_pin"));
    int rc = mp_cell_reader_expr(c, mp_ast_attribute(ast, node, "when"), &power.when, err);
    for (uint32_t n = ast->nodes[node].first_child; n != MP_AST_NONE && rc == MP_OK;
         n = ast->nodes[n].next) {
        struct mp_slice name = ast->nodes[n].name;
        if (ast->nodes[n].kind != MP_AST_GROUP)
            continue;
        if (mp_slice_is(name, "rise_power")) {
            rc = mp_reader_table(r, n, unit_j, &power.rise, &c->refused, err);
        } else if (mp_slice_is(name, "fall_power")) {
            rc = mp_reader_table(r, n, unit_j, &power.fall, &c->refused, err);
        } else if (mp_slice_is(name, "power")) {
            rc = mp_reader_table(r, n, unit_j, &power.rise, &c->refused, err);
            power.fall = power.rise;
        }
    }
    if (rc < 0)
        return rc;
    const struct mp_ast_value *v = mp_ast_attribute(ast, node, "related_pin");
    if (!v) {
        add_power(r, &power);
        return MP_OK;
    }
    const char *p = v->text.p, *end = p + v->text.size;
    for (struct mp_slice s = next_name(&p, end); s.size && rc == MP_OK; s = next_name(&p, end)) {
        rc = related(c, s, v->line, &power.related_pin, err);
        if (rc == MP_OK)
            add_power(r, &power);
    }
    return rc;
}

/* Whether the cell declares this pin as a ground, well or backup supply: what leaks there is the
 * same current seen again, and would be counted twice. */
static bool is_other_rail(const struct mp_cell_reader *c, const struct mp_ast_value *rail)
{
    const struct mp_ast *ast = c->r->ast;
    for (uint32_t n = ast->nodes[c->node].first_child; n != MP_AST_NONE; n = ast->nodes[n].next) {
        if (ast->nodes[n].kind != MP_AST_GROUP || !mp_slice_is(ast->nodes[n].name, "pg_pin"))
            continue;
        const struct mp_ast_value *name = mp_ast_value(ast, n, 0);
        const struct mp_ast_value *type = mp_ast_attribute(ast, n, "pg_type");
        if (name && type && name->text.size == rail->text.size &&
            memcmp(name->text.p, rail->text.p, rail->text.size) == 0)
            return !mp_slice_is(type->text, "primary_power");
    }
    return false;
}

int mp_reader_leakage(struct mp_cell_reader *c, uint32_t node, struct mp_error *err)
{
    struct mp_reader *r = c->r;
    struct mp_library *lib = r->lib;
    struct mp_leakage leakage = {.power_w = 0};
    const struct mp_ast_value *value = mp_ast_attribute(r->ast, node, "value");
    const struct mp_ast_value *rail = mp_ast_attribute(r->ast, node, "related_pg_pin");
    if (rail && is_other_rail(c, rail))
        return MP_OK;
    if (!value)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                          "this leakage_power group has no value");
    if (isnan(r->leakage_w))
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, value->line,
                          "a leakage power, but the library has no leakage_power_unit");
    int rc = mp_ast_number(r->ast, value, &leakage.power_w, err);
    if (rc == MP_OK)
        rc = mp_cell_reader_expr(c, mp_ast_attribute(r->ast, node, "when"), &leakage.when, err);
    if (rc < 0)
        return rc;
    leakage.power_w *= r->leakage_w;
    leakage.power_pin = copy_value(c, rail);
    mp_grow(&lib->leakages, lib->leakage_count, &r->leakage_capacity, sizeof leakage);
    lib->leakages[lib->leakage_count++] = leakage;
    return MP_OK;
}

static enum mp_unate sense_of(const struct mp_ast_value *v)
{
    if (v && mp_slice_is(v->text, "positive_unate"))
        return MP_UNATE_POSITIVE;
    return v && mp_slice_is(v->text, "negative_unate") ? MP_UNATE_NEGATIVE : MP_UNATE_NONE;
}

/* Delay and slew tables, and those of setup; other constraints (hold, ...) keep their type and no
 * table. A setup that is not modelled is no reason to refuse the cell. */
static int read_arc_tables(struct mp_cell_reader *c, uint32_t node, struct mp_arc *arc,
                           struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    const struct {
        const char *name;
        uint32_t *id;
    } tables[] = {{"cell_rise", &arc->cell_rise},
                  {"cell_fall", &arc->cell_fall},
                  {"rise_transition", &arc->rise_transition},
                  {"fall_transition", &arc->fall_transition},
                  {"rise_constraint", &arc->rise_constraint},
                  {"fall_constraint", &arc->fall_constraint}};
    size_t count = strncmp(arc->type, "setup_", 6) == 0 ? 6 : 4;
    struct mp_refusal ignored = {0};
    for (uint32_t n = ast->nodes[node].first_child; n != MP_AST_NONE; n = ast->nodes[n].next)
        for (size_t i = 0; i < count; i++)
            if (ast->nodes[n].kind == MP_AST_GROUP &&
                mp_slice_is(ast->nodes[n].name, tables[i].name)) {
                int rc = mp_reader_table(c->r, n, c->r->time_s, tables[i].id,
                                         i < 4 ? &c->refused : &ignored, err);
                if (rc < 0)
                    return rc;
            }
    return MP_OK;
}

int mp_reader_timing(struct mp_cell_reader *c, uint32_t node, const struct mp_expr *function,
                     struct mp_error *err)
{
    struct mp_reader *r = c->r;
    struct mp_library *lib = r->lib;
    const struct mp_ast *ast = r->ast;
    const struct mp_ast_value *pins = mp_ast_attribute(ast, node, "related_pin");
    const struct mp_ast_value *type = mp_ast_attribute(ast, node, "timing_type");
    const struct mp_ast_value *sense = mp_ast_attribute(ast, node, "timing_sense");
    struct mp_arc arc = {.sense = sense_of(sense),
                         .cell_rise = MP_NONE,
                         .cell_fall = MP_NONE,
                         .rise_transition = MP_NONE,
                         .fall_transition = MP_NONE,
                         .rise_constraint = MP_NONE,
                         .fall_constraint = MP_NONE};
    if (!pins)
        return MP_OK; /* related to a bus or to itself: no arc between pins */
    snprintf(arc.type, sizeof arc.type, "%.*s", type ? (int)type->text.size : 13,
             type ? type->text.p : "combinational");
    int rc = mp_cell_reader_expr(c, mp_ast_attribute(ast, node, "when"), &arc.when, err);
    if (rc == MP_OK)
        rc = read_arc_tables(c, node, &arc, err);
    const char *p = pins->text.p, *end = p + pins->text.size;
    for (struct mp_slice s = next_name(&p, end); s.size && rc == MP_OK; s = next_name(&p, end)) {
        rc = related(c, s, pins->line, &arc.related_pin, err);
        if (rc < 0)
            break;
        if (!sense)
            arc.sense = function->code ? mp_expr_sense(function, arc.related_pin) : MP_UNATE_NONE;
        mp_grow(&lib->arcs, lib->arc_count, &r->arc_capacity, sizeof arc);
        lib->arcs[lib->arc_count++] = arc;
    }
    return rc;
}
