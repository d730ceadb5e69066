#include "estimator/liberty/reader.h"

#include <stdlib.h>
#include <string.h>

/* Segment of x: i with index[i] <= x < index[i + 1], the first or last one outside, so that the
 * line through its ends extrapolates. */
static uint32_t segment(const double *index, uint32_t count, double x)
{
    uint32_t low = 0, high = count - 2;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (index[middle] <= x)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static double axis_value(enum mp_axis axis, double slew_s, double load_f)
{
    return axis == MP_AXIS_SLEW ? slew_s : axis == MP_AXIS_LOAD ? load_f : 0;
}

double mp_table_lookup(const struct mp_table *t, double slew_s, double load_f)
{
    uint32_t i = 0, j = 0, n2 = t->index2_count;
    double u = 0, v = 0;
    if (t->index1_count > 1) {
        double x = axis_value(t->axis1, slew_s, load_f);
        i = segment(t->index1, t->index1_count, x);
        u = (x - t->index1[i]) / (t->index1[i + 1] - t->index1[i]);
    }
    if (n2 > 1) {
        double y = axis_value(t->axis2, slew_s, load_f);
        j = segment(t->index2, n2, y);
        v = (y - t->index2[j]) / (t->index2[j + 1] - t->index2[j]);
    }
    const double *row = t->values + (size_t)i * n2 + j;
    const double *row2 = t->index1_count > 1 ? row + n2 : row;
    uint32_t step = n2 > 1;
    double a = row[0] + v * (row[step] - row[0]);
    double b = row2[0] + v * (row2[step] - row2[0]);
    return a + u * (b - a);
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

/* All numbers of a complex attribute's arguments, scaled, into the arena. */
static int read_numbers(struct mp_reader *r, uint32_t node, double unit, const double **out,
                        uint32_t *count, struct mp_error *err)
{
    const struct mp_ast_node *n = &r->ast->nodes[node];
    size_t bound = 0;
    for (uint32_t k = 0; k < n->value_count; k++)
        bound += mp_ast_value(r->ast, node, k)->text.size / 2 + 2;
    if (bound > r->number_capacity) {
        r->numbers = mp_realloc(r->numbers, bound, sizeof *r->numbers);
        r->number_capacity = bound;
    }
    double *numbers = r->numbers;
    uint32_t c = 0;
    for (uint32_t k = 0; k < n->value_count; k++) {
        const struct mp_ast_value *v = mp_ast_value(r->ast, node, k);
        const char *p = v->text.p, *end = p + v->text.size;
        for (;;) {
            while (p < end && is_separator(*p))
                p++;
            if (p == end)
                break;
            if (!mp_slice_scan_number(&p, end, &numbers[c]) || (p < end && !is_separator(*p)))
                return mp_fail_at(err, MP_E_INPUT, r->ast->file, v->line,
                                  "'%.*s' in %.*s is not a list of numbers",
                                  (int)(v->text.size < 40 ? v->text.size : 40), v->text.p,
                                  (int)n->name.size, n->name.p);
            numbers[c++] *= unit;
        }
    }
    double *kept = mp_arena_alloc(&r->lib->arena, (c + 1) * sizeof *kept);
    memcpy(kept, numbers, c * sizeof *kept);
    *out = kept;
    *count = c;
    return MP_OK;
}

static double axis_unit(const struct mp_reader *r, enum mp_axis axis)
{
    bool is_slew = axis == MP_AXIS_SLEW || axis == MP_AXIS_RELATED_SLEW;
    return is_slew ? r->time_s : axis == MP_AXIS_LOAD ? r->capacitance_f : 1;
}

static int read_index(struct mp_reader *r, uint32_t node, enum mp_axis axis, const double **out,
                      uint32_t *count, struct mp_error *err)
{
    int rc = read_numbers(r, node, axis_unit(r, axis), out, count, err);
    if (rc < 0)
        return rc;
    for (uint32_t i = 1; i < *count; i++)
        if (!((*out)[i] > (*out)[i - 1]))
            return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                              "the values of %.*s do not increase",
                              (int)r->ast->nodes[node].name.size, r->ast->nodes[node].name.p);
    return MP_OK;
}

static enum mp_axis axis_of(struct mp_slice variable)
{
    static const char *const slews[] = {"input_net_transition", "input_transition_time",
                                        "constrained_pin_transition"};
    for (size_t i = 0; i < sizeof slews / sizeof *slews; i++)
        if (mp_slice_is(variable, slews[i]))
            return MP_AXIS_SLEW;
    if (mp_slice_is(variable, "related_pin_transition"))
        return MP_AXIS_RELATED_SLEW;
    return mp_slice_is(variable, "total_output_net_capacitance") ? MP_AXIS_LOAD : MP_AXIS_OTHER;
}

int mp_reader_template(struct mp_reader *r, uint32_t node, struct mp_error *err)
{
    static const char *const variables[] = {"variable_1", "variable_2", "variable_3"};
    static const char *const indices[] = {"index_1", "index_2"};
    const struct mp_ast_value *name = mp_ast_value(r->ast, node, 0);
    if (!name)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                          "this template has no name");
    struct mp_template t = {.index_count = {0, 0}};
    for (uint32_t d = 0; d < 3; d++) {
        const struct mp_ast_value *v = mp_ast_attribute(r->ast, node, variables[d]);
        if (!v)
            continue;
        t.dimensions = d + 1;
        if (d < 2)
            t.axis[d] = axis_of(v->text);
    }
    for (uint32_t d = 0; d < 2; d++) {
        uint32_t index = mp_ast_child(r->ast, node, indices[d]);
        if (index == MP_AST_NONE)
            continue;
        int rc = read_index(r, index, t.axis[d], &t.index[d], &t.index_count[d], err);
        if (rc < 0)
            return rc;
    }
    mp_grow(&r->templates, r->template_count, &r->template_capacity, sizeof *r->templates);
    bool power = mp_slice_is(r->ast->nodes[node].name, "power_lut_template");
    char *key = mp_asprintf("%c%.*s", power ? 'p' : 't', (int)name->text.size, name->text.p);
    mp_map_put(&r->template_by_name, key, (uint32_t)r->template_count);
    free(key);
    r->templates[r->template_count++] = t;
    return MP_OK;
}

/* The template of table group `node`; a group without one, or of "scalar", has no axes. Delays and
 * powers have templates of their own, which may share names. */
static int find_template(struct mp_reader *r, uint32_t node, bool power, struct mp_template *t,
                         struct mp_error *err)
{
    const struct mp_ast_value *name = mp_ast_value(r->ast, node, 0);
    *t = (struct mp_template){.dimensions = 0};
    if (!name || mp_slice_is(name->text, "scalar"))
        return MP_OK;
    char key[256];
    uint32_t id = MP_MAP_NONE;
    if (name->text.size < sizeof key - 1) {
        memcpy(key + 1, name->text.p, name->text.size);
        key[name->text.size + 1] = '\0';
        key[0] = power ? 'p' : 't';
        id = mp_map_get(&r->template_by_name, key);
        key[0] = power ? 't' : 'p';
        if (id == MP_MAP_NONE)
            id = mp_map_get(&r->template_by_name, key);
    }
    if (id == MP_MAP_NONE)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                          "the table template '%.*s' is not in the library",
                          (int)(name->text.size < 60 ? name->text.size : 60), name->text.p);
    *t = r->templates[id];
    return MP_OK;
}

/* Neither slew nor load: nothing here could look it up. */
static bool is_unknown(const struct mp_template *t)
{
    return t->dimensions > 2 || (t->dimensions > 0 && t->axis[0] == MP_AXIS_OTHER) ||
           (t->dimensions > 1 && t->axis[1] == MP_AXIS_OTHER);
}

static int check_size(const struct mp_reader *r, uint32_t node, const struct mp_template *t,
                      uint32_t value_count, struct mp_error *err)
{
    uint64_t wanted = 1;
    for (uint32_t d = 0; d < t->dimensions; d++)
        wanted *= t->index_count[d];
    if (wanted == value_count && wanted > 0)
        return MP_OK;
    const struct mp_ast_node *n = &r->ast->nodes[node];
    return mp_fail_at(err, MP_E_INPUT, r->ast->file, n->line,
                      "the table %.*s has %u values, its indices ask for %llu", (int)n->name.size,
                      n->name.p, value_count, (unsigned long long)wanted);
}

int mp_reader_table(struct mp_reader *r, uint32_t node, double value_unit, uint32_t *id,
                    struct mp_refusal *refused, struct mp_error *err)
{
    struct mp_template t;
    bool power = mp_slice_is(r->ast->nodes[node].name, "power") ||
                 mp_slice_is(r->ast->nodes[node].name, "rise_power") ||
                 mp_slice_is(r->ast->nodes[node].name, "fall_power");
    int rc = find_template(r, node, power, &t, err);
    *id = MP_NONE;
    if (rc < 0)
        return rc;
    if (is_unknown(&t)) {
        *refused = (struct mp_refusal){
            "has a table of three dimensions or over other variables than slew and load",
            r->ast->nodes[node].line};
        return MP_OK;
    }
    struct mp_table table = {t.axis[0], t.axis[1], 1, 1, NULL, NULL, NULL};
    uint32_t value_count = 0;
    for (uint32_t c = r->ast->nodes[node].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = r->ast->nodes[c].next) {
        struct mp_slice name = r->ast->nodes[c].name;
        if (mp_slice_is(name, "index_1") && t.dimensions > 0)
            rc = read_index(r, c, t.axis[0], &t.index[0], &t.index_count[0], err);
        else if (mp_slice_is(name, "index_2") && t.dimensions > 1)
            rc = read_index(r, c, t.axis[1], &t.index[1], &t.index_count[1], err);
        else if (mp_slice_is(name, "values"))
            rc = read_numbers(r, c, value_unit, &table.values, &value_count, err);
    }
    if (rc == MP_OK)
        rc = check_size(r, node, &t, value_count, err);
    if (rc < 0)
        return rc;
    if (t.dimensions > 0) {
        table.index1_count = t.index_count[0];
        table.index1 = t.index[0];
    }
    if (t.dimensions > 1) {
        table.index2_count = t.index_count[1];
        table.index2 = t.index[1];
    }
    mp_grow(&r->lib->tables, r->lib->table_count, &r->table_capacity, sizeof table);
    *id = r->lib->table_count++;
    r->lib->tables[*id] = table;
    return MP_OK;
}
