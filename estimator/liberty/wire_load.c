/* wire_load and wire_load_selection groups. */
#include "estimator/liberty/reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct point {
    double fan_out, length;
};

double mp_wire_load_length(const struct mp_wire_load *w, double fan_out)
{
    uint32_t last = w->count - 1, i = 0;
    double length;
    if (w->count == 0)
        return 0;
    if (fan_out <= w->fan_out[0]) {
        length = w->length[0] - (w->fan_out[0] - fan_out) * w->slope;
    } else if (fan_out >= w->fan_out[last]) {
        length = w->length[last] + (fan_out - w->fan_out[last]) * w->slope;
    } else {
        while (fan_out > w->fan_out[i + 1])
            i++;
        double part = (fan_out - w->fan_out[i]) / (w->fan_out[i + 1] - w->fan_out[i]);
        length = w->length[i] + part * (w->length[i + 1] - w->length[i]);
    }
    return length > 0 ? length : 0;
}

const struct mp_wire_load *mp_library_wire_load(const struct mp_library *lib, const char *name)
{
    for (uint32_t i = 0; i < lib->wire_load_count; i++)
        if (strcmp(lib->wire_loads[i].name, name) == 0)
            return &lib->wire_loads[i];
    return NULL;
}

static const char *copy_text(struct mp_reader *r, const struct mp_ast_value *v)
{
    return mp_arena_strndup(&r->lib->arena, v->text.p, v->text.size);
}

/* Argument or value `v` as a number that is not negative. */
static int read_number(struct mp_reader *r, const struct mp_ast_value *v, int line, double *out,
                       struct mp_error *err)
{
    if (!v)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, line, "a number is missing here");
    int rc = mp_ast_number(r->ast, v, out, err);
    if (rc == MP_OK && *out < 0)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, v->line,
                          "a wire load cannot have the negative number %g", *out);
    return rc;
}

static int read_attribute(struct mp_reader *r, uint32_t node, const char *name, double unit,
                          double *out, struct mp_error *err)
{
    const struct mp_ast_value *v = mp_ast_attribute(r->ast, node, name);
    if (!v)
        return MP_OK;
    int rc = read_number(r, v, v->line, out, err);
    *out *= unit;
    return rc;
}

static int compare_points(const void *a, const void *b)
{
    double x = ((const struct point *)a)->fan_out, y = ((const struct point *)b)->fan_out;
    return (x > y) - (x < y);
}

static int read_lengths(struct mp_reader *r, uint32_t node, struct mp_wire_load *w,
                        struct mp_error *err)
{
    struct point *points = NULL;
    size_t count = 0, capacity = 0;
    int rc = MP_OK;
    for (uint32_t c = r->ast->nodes[node].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = r->ast->nodes[c].next) {
        int line = r->ast->nodes[c].line;
        struct point p = {0, 0};
        if (!mp_slice_is(r->ast->nodes[c].name, "fanout_length"))
            continue;
        rc = read_number(r, mp_ast_value(r->ast, c, 0), line, &p.fan_out, err);
        if (rc == MP_OK)
            rc = read_number(r, mp_ast_value(r->ast, c, 1), line, &p.length, err);
        mp_grow(&points, count, &capacity, sizeof *points);
        points[count++] = p;
    }
    if (rc == MP_OK && count > 0) {
        double *fan_out = mp_arena_alloc(&r->lib->arena, count * sizeof *fan_out);
        double *length = mp_arena_alloc(&r->lib->arena, count * sizeof *length);
        qsort(points, count, sizeof *points, compare_points);
        for (size_t i = 0; i < count; i++) {
            if (w->count > 0 && fan_out[w->count - 1] == points[i].fan_out)
                continue;
            fan_out[w->count] = points[i].fan_out;
            length[w->count++] = points[i].length;
        }
        w->fan_out = fan_out;
        w->length = length;
    }
    free(points);
    return rc;
}

static int read_wire_load(struct mp_reader *r, uint32_t library, uint32_t node,
                          struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    const struct mp_ast_value *name = mp_ast_value(r->ast, node, 0);
    struct mp_wire_load w = {.file = r->file, .line = r->ast->nodes[node].line};
    double ohm = 1e3;
    int rc;
    if (!name)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, w.line, "this wire_load has no name");
    w.name = copy_text(r, name);
    if (mp_library_wire_load(lib, w.name))
        return MP_OK;
    if ((rc = mp_reader_unit(r, library, "pulling_resistance_unit", "ohm", &ohm, err)) < 0 ||
        (rc = read_attribute(r, node, "capacitance", r->capacitance_f, &w.capacitance_f, err)) <
            0 ||
        (rc = read_attribute(r, node, "resistance", ohm, &w.resistance_ohm, err)) < 0 ||
        (rc = read_attribute(r, node, "area", 1, &w.area_um2, err)) < 0 ||
        (rc = read_attribute(r, node, "slope", 1, &w.slope, err)) < 0 ||
        (rc = read_lengths(r, node, &w, err)) < 0)
        return rc;
    mp_grow(&lib->wire_loads, lib->wire_load_count, &r->wire_load_capacity, sizeof w);
    lib->wire_loads[lib->wire_load_count++] = w;
    return MP_OK;
}

static int read_selection(struct mp_reader *r, uint32_t node, struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    int rc = MP_OK;
    for (uint32_t c = r->ast->nodes[node].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = r->ast->nodes[c].next) {
        const struct mp_ast_value *model = mp_ast_value(r->ast, c, 2);
        int line = r->ast->nodes[c].line;
        struct mp_wire_load_range range = {0, 0, NULL};
        if (!mp_slice_is(r->ast->nodes[c].name, "wire_load_from_area"))
            continue;
        if (!model)
            return mp_fail_at(err, MP_E_INPUT, r->ast->file, line,
                              "wire_load_from_area needs two areas and a model");
        rc = read_number(r, mp_ast_value(r->ast, c, 0), line, &range.from_um2, err);
        if (rc == MP_OK)
            rc = read_number(r, mp_ast_value(r->ast, c, 1), line, &range.to_um2, err);
        range.model = copy_text(r, model);
        mp_grow(&lib->wire_load_ranges, lib->wire_load_range_count, &r->wire_load_range_capacity,
                sizeof range);
        lib->wire_load_ranges[lib->wire_load_range_count++] = range;
    }
    return rc;
}

/* The selection that default_wire_load_selection names, else the only one. */
static uint32_t find_selection(const struct mp_reader *r, uint32_t library)
{
    const struct mp_ast_value *wanted =
        mp_ast_attribute(r->ast, library, "default_wire_load_selection");
    uint32_t only = MP_AST_NONE, count = 0;
    for (uint32_t c = r->ast->nodes[library].first_child; c != MP_AST_NONE;
         c = r->ast->nodes[c].next) {
        const struct mp_ast_value *name = mp_ast_value(r->ast, c, 0);
        if (!mp_slice_is(r->ast->nodes[c].name, "wire_load_selection"))
            continue;
        only = c;
        count++;
        if (wanted && name && name->text.size == wanted->text.size &&
            memcmp(name->text.p, wanted->text.p, name->text.size) == 0)
            return c;
    }
    return count == 1 && !wanted ? only : MP_AST_NONE;
}

int mp_reader_wire_loads(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    const struct mp_ast_value *name = mp_ast_attribute(r->ast, library, "default_wire_load");
    int rc = MP_OK;
    for (uint32_t c = r->ast->nodes[library].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = r->ast->nodes[c].next)
        if (r->ast->nodes[c].kind == MP_AST_GROUP &&
            mp_slice_is(r->ast->nodes[c].name, "wire_load"))
            rc = read_wire_load(r, library, c, err);
    if (rc == MP_OK && r->file == 0) {
        uint32_t selection = find_selection(r, library);
        if (name)
            lib->default_wire_load = copy_text(r, name);
        if (selection != MP_AST_NONE)
            rc = read_selection(r, selection, err);
    }
    return rc;
}
