#include "estimator/liberty/prepare.h"

#include "estimator/util/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* How an attribute's value is written: as quoted text, or as a number in the first file's units. */
enum quantity { TEXT, NUMBER, TIME, CAPACITANCE };

struct attribute {
    const char *name;
    enum quantity quantity;
};

static const struct attribute library_attributes[] = {
    {"delay_model", TEXT},
    {"time_unit", TEXT},
    {"voltage_unit", TEXT},
    {"current_unit", TEXT},
    {"pulling_resistance_unit", TEXT},
    {"leakage_power_unit", TEXT},
    {"input_threshold_pct_rise", NUMBER},
    {"input_threshold_pct_fall", NUMBER},
    {"output_threshold_pct_rise", NUMBER},
    {"output_threshold_pct_fall", NUMBER},
    {"slew_lower_threshold_pct_rise", NUMBER},
    {"slew_lower_threshold_pct_fall", NUMBER},
    {"slew_upper_threshold_pct_rise", NUMBER},
    {"slew_upper_threshold_pct_fall", NUMBER},
    {"slew_derate_from_library", NUMBER},
    {"nom_process", NUMBER},
    {"nom_voltage", NUMBER},
    {"nom_temperature", NUMBER},
    {"default_max_transition", TIME},
    {"default_max_capacitance", CAPACITANCE},
    {"default_fanout_load", NUMBER},
    {"default_input_pin_cap", CAPACITANCE},
    {"default_output_pin_cap", CAPACITANCE},
    {"default_inout_pin_cap", CAPACITANCE},
};
/* Behind the operating_conditions that it names. */
static const struct attribute late_attributes[] = {{"default_operating_conditions", TEXT}};
static const struct attribute conditions_attributes[] = {
    {"process", NUMBER}, {"voltage", NUMBER}, {"temperature", NUMBER}, {"tree_type", TEXT}};
static const struct attribute cell_attributes[] = {{"area", NUMBER}};
static const struct attribute register_attributes[] = {{"next_state", TEXT},
                                                       {"clocked_on", TEXT},
                                                       {"data_in", TEXT},
                                                       {"enable", TEXT},
                                                       {"clear", TEXT},
                                                       {"preset", TEXT},
                                                       {"clear_preset_var1", TEXT},
                                                       {"clear_preset_var2", TEXT}};
static const struct attribute pin_attributes[] = {
    {"direction", TEXT},
    {"capacitance", CAPACITANCE},
    {"max_capacitance", CAPACITANCE},
    {"max_transition", TIME},
    {"clock", TEXT},
    {"function", TEXT},
    {"three_state", TEXT},
};
static const struct attribute timing_attributes[] = {
    {"related_pin", TEXT}, {"timing_sense", TEXT},   {"timing_type", TEXT}, {"when", TEXT},
    {"sdf_cond", TEXT},    {"sdf_cond_start", TEXT}, {"sdf_cond_end", TEXT}};
static const struct attribute template_attributes[] = {
    {"variable_1", TEXT}, {"variable_2", TEXT}, {"variable_3", TEXT}};

static double factor_of(const struct mp_prepare *w, enum quantity q)
{
    return q == TIME ? w->time : q == CAPACITANCE ? w->capacitance : 1;
}

static void put(struct mp_prepare *w, const char *s)
{
    mp_text_add(&w->out, s);
}

static void put_slice(struct mp_prepare *w, struct mp_slice s)
{
    mp_text_add_bytes(&w->out, s.p, s.size);
}

/* Blanks instead of line ends and continuations: not every reader takes those inside quotes. */
static void put_text(struct mp_prepare *w, struct mp_slice s)
{
    put(w, "\"");
    for (uint32_t i = 0; i < s.size; i++) {
        bool continues = s.p[i] == '\\' && i + 1 < s.size && s.p[i + 1] == '\n';
        mp_text_add_bytes(&w->out, s.p[i] == '\n' || s.p[i] == '\r' || continues ? " " : s.p + i,
                          1);
    }
    put(w, "\"");
}

static void put_name(struct mp_prepare *w, const struct mp_ast_value *v)
{
    if (v->quoted)
        put_text(w, v->text);
    else
        put_slice(w, v->text);
}

static void put_double(struct mp_prepare *w, double x)
{
    char text[40];
    put(w, mp_print_double(x, text, sizeof text));
}

static int put_attribute(struct mp_prepare *w, const struct mp_ast_node *n, enum quantity q,
                         const char *indent)
{
    const struct mp_ast_value *v = &w->ast->values[n->first_value];
    double x;
    put(w, indent);
    put_slice(w, n->name);
    put(w, " : ");
    if (q == TEXT) {
        put_text(w, v->text);
    } else {
        int rc = mp_ast_number(w->ast, v, &x, w->err);
        if (rc < 0)
            return rc;
        if (factor_of(w, q) == 1)
            put_slice(w, v->text);
        else
            put_double(w, x * factor_of(w, q));
    }
    put(w, ";\n");
    return MP_OK;
}

/* The attributes of a group that are on the list, in the order of the file. */
static int put_attributes(struct mp_prepare *w, uint32_t group, const struct attribute *list,
                          size_t count, const char *indent)
{
    for (uint32_t c = w->ast->nodes[group].first_child; c != MP_AST_NONE;
         c = w->ast->nodes[c].next) {
        const struct mp_ast_node *n = &w->ast->nodes[c];
        for (size_t i = 0; i < count && n->kind == MP_AST_SIMPLE; i++)
            if (mp_slice_is(n->name, list[i].name)) {
                int rc = put_attribute(w, n, list[i].quantity, indent);
                if (rc < 0)
                    return rc;
            }
    }
    return MP_OK;
}
#define PUT_ATTRIBUTES(w, group, list, indent)                                                     \
    put_attributes(w, group, list, sizeof(list) / sizeof *(list), indent)

static void put_head(struct mp_prepare *w, uint32_t group, const char *indent)
{
    const struct mp_ast_node *n = &w->ast->nodes[group];
    put(w, indent);
    put_slice(w, n->name);
    put(w, " (");
    for (uint32_t k = 0; k < n->value_count; k++) {
        if (k > 0)
            put(w, ", ");
        put_name(w, mp_ast_value(w->ast, group, k));
    }
    put(w, ") {\n");
}

/* Templates of later files get the file's number, as their names may be taken. */
static void put_template_name(struct mp_prepare *w, struct mp_slice name)
{
    put_slice(w, name);
    if (w->file > 0 && !mp_slice_is(name, "scalar"))
        mp_text_printf(&w->out, "_file%u", w->file + 1);
}

static bool slice_contains(struct mp_slice s, const char *word)
{
    return memmem(s.p, s.size, word, strlen(word)) != NULL;
}

/* Quantity of index `d` (1, 2) of a template. */
static enum quantity index_quantity(const struct mp_prepare *w, struct mp_slice template_name,
                                    int d)
{
    for (uint32_t c = w->ast->nodes[w->library].first_child; c != MP_AST_NONE;
         c = w->ast->nodes[c].next) {
        const struct mp_ast_value *name = mp_ast_value(w->ast, c, 0);
        if (!mp_slice_is(w->ast->nodes[c].name, "lu_table_template") || !name ||
            name->text.size != template_name.size ||
            memcmp(name->text.p, template_name.p, template_name.size) != 0)
            continue;
        const struct mp_ast_value *v = mp_ast_attribute(w->ast, c,
                                                        d == 1   ? "variable_1"
                                                        : d == 2 ? "variable_2"
                                                                 : "variable_3");
        if (v && slice_contains(v->text, "transition"))
            return TIME;
        if (v && slice_contains(v->text, "capacitance"))
            return CAPACITANCE;
    }
    return NUMBER;
}

/* A number as it is written, but for zeros behind its last decimal (sky130hd: a third of it). */
static void put_trimmed(struct mp_prepare *w, const char *p, const char *end)
{
    size_t n = (size_t)(end - p);
    if (memchr(p, '.', n) && !memchr(p, 'e', n) && !memchr(p, 'E', n))
        while (end - p > 3 && end[-1] == '0' && end[-2] != '.')
            end--;
    mp_text_add_bytes(&w->out, p, (size_t)(end - p));
}

/* One row of numbers, scaled. */
static void put_numbers(struct mp_prepare *w, struct mp_slice s, double factor)
{
    const char *p = s.p, *end = s.p + s.size;
    const char *separator = "";
    put(w, "\"");
    while (p < end) {
        const char *start = p;
        double x;
        if (!mp_slice_scan_number(&p, end, &x)) {
            p++;
            continue;
        }
        put(w, separator);
        if (factor == 1)
            put_trimmed(w, start, p);
        else
            put_double(w, x * factor);
        separator = ",";
    }
    put(w, "\"");
}

static void put_list(struct mp_prepare *w, uint32_t node, double factor, const char *indent)
{
    const struct mp_ast_node *n = &w->ast->nodes[node];
    put(w, indent);
    put_slice(w, n->name);
    put(w, " (");
    for (uint32_t k = 0; k < n->value_count; k++) {
        if (k > 0)
            put(w, ", \\\n            ");
        put_numbers(w, mp_ast_value(w->ast, node, k)->text, factor);
    }
    put(w, ");\n");
}

static void put_indices(struct mp_prepare *w, uint32_t group, struct mp_slice template_name,
                        const char *indent)
{
    static const char *const names[] = {"index_1", "index_2", "index_3"};
    for (int d = 0; d < 3; d++) {
        uint32_t index = mp_ast_child(w->ast, group, names[d]);
        if (index != MP_AST_NONE)
            put_list(w, index, factor_of(w, index_quantity(w, template_name, d + 1)), indent);
    }
}

int mp_prepare_template(struct mp_prepare *w, uint32_t node)
{
    const struct mp_ast_value *name = mp_ast_value(w->ast, node, 0);
    put(w, "  lu_table_template (");
    put_template_name(w, name->text);
    put(w, ") {\n");
    int rc = PUT_ATTRIBUTES(w, node, template_attributes, "    ");
    put_indices(w, node, name->text, "    ");
    put(w, "  }\n");
    return rc;
}

static void put_table(struct mp_prepare *w, uint32_t node)
{
    const struct mp_ast_value *name = mp_ast_value(w->ast, node, 0);
    struct mp_slice scalar = {"scalar", 6};
    put(w, "        ");
    put_slice(w, w->ast->nodes[node].name);
    put(w, " (");
    put_template_name(w, name ? name->text : scalar);
    put(w, ") {\n");
    put_indices(w, node, name ? name->text : scalar, "          ");
    uint32_t values = mp_ast_child(w->ast, node, "values");
    if (values != MP_AST_NONE)
        put_list(w, values, w->time, "          ");
    put(w, "        }\n");
}

static bool is_timing_table(struct mp_slice name)
{
    static const char *const names[] = {"cell_rise",       "cell_fall",       "rise_transition",
                                        "fall_transition", "rise_constraint", "fall_constraint"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mp_slice_is(name, names[i]))
            return true;
    return false;
}

/* Checks of pulse width and period are of no use to a netlist with one ideal clock. */
static int put_timing(struct mp_prepare *w, uint32_t node)
{
    const struct mp_ast_value *type = mp_ast_attribute(w->ast, node, "timing_type");
    if (type && type->text.size >= 3 && memcmp(type->text.p, "min", 3) == 0)
        return MP_OK;
    put(w, "      timing () {\n");
    int rc = PUT_ATTRIBUTES(w, node, timing_attributes, "        ");
    for (uint32_t c = w->ast->nodes[node].first_child; c != MP_AST_NONE; c = w->ast->nodes[c].next)
        if (w->ast->nodes[c].kind == MP_AST_GROUP && is_timing_table(w->ast->nodes[c].name))
            put_table(w, c);
    put(w, "      }\n");
    return rc;
}

static void put_capacitance(struct mp_prepare *w, const char *name, double farad)
{
    mp_text_printf(&w->out, "      %s : ", name);
    put_double(w, farad / w->lib->capacitance_unit_f);
    put(w, ";\n");
}

/* What the pin leaves to its library's defaults is written out, as files may differ in them. Of a
 * range its end, whatever the order in which a reader takes it and the nominal value. */
static int put_capacitances(struct mp_prepare *w, uint32_t cell, uint32_t node)
{
    static const struct attribute edges[] = {{"rise_capacitance", CAPACITANCE},
                                             {"fall_capacitance", CAPACITANCE}};
    bool ranges = mp_ast_child(w->ast, node, "rise_capacitance_range") != MP_AST_NONE ||
                  mp_ast_child(w->ast, node, "fall_capacitance_range") != MP_AST_NONE;
    bool given = mp_ast_attribute(w->ast, node, "capacitance") != NULL;
    const struct mp_ast_value *name = mp_ast_value(w->ast, node, 0);
    const struct mp_lib_cell *c = &w->lib->cells[cell];
    for (uint32_t k = 0; k < c->pin_count && name; k++) {
        const struct mp_lib_pin *pin = &w->lib->pins[c->first_pin + k];
        if (!mp_slice_is(name->text, pin->name))
            continue;
        if (!given && pin->direction == MP_DIR_INPUT)
            put_capacitance(w, "capacitance", pin->capacitance_f);
        if (ranges) {
            put_capacitance(w, "rise_capacitance", pin->rise_capacitance_f);
            put_capacitance(w, "fall_capacitance", pin->fall_capacitance_f);
        }
    }
    return ranges ? MP_OK : PUT_ATTRIBUTES(w, node, edges, "      ");
}

static int put_pin(struct mp_prepare *w, uint32_t cell, uint32_t node)
{
    put_head(w, node, "    ");
    int rc = PUT_ATTRIBUTES(w, node, pin_attributes, "      ");
    if (rc == MP_OK)
        rc = put_capacitances(w, cell, node);
    for (uint32_t c = w->ast->nodes[node].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = w->ast->nodes[c].next)
        if (w->ast->nodes[c].kind == MP_AST_GROUP && mp_slice_is(w->ast->nodes[c].name, "timing"))
            rc = put_timing(w, c);
    put(w, "    }\n");
    return rc;
}

int mp_prepare_cell(struct mp_prepare *w, uint32_t cell, uint32_t node)
{
    put_head(w, node, "  ");
    int rc = PUT_ATTRIBUTES(w, node, cell_attributes, "    ");
    for (uint32_t c = w->ast->nodes[node].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = w->ast->nodes[c].next) {
        const struct mp_ast_node *n = &w->ast->nodes[c];
        if (n->kind != MP_AST_GROUP)
            continue;
        if (mp_slice_is(n->name, "ff") || mp_slice_is(n->name, "latch")) {
            put_head(w, c, "    ");
            rc = PUT_ATTRIBUTES(w, c, register_attributes, "      ");
            put(w, "    }\n");
        } else if (mp_slice_is(n->name, "pin")) {
            rc = put_pin(w, cell, c);
        }
    }
    put(w, "  }\n");
    return rc;
}

int mp_prepare_head(struct mp_prepare *w)
{
    uint32_t unit = mp_ast_child(w->ast, w->library, "capacitive_load_unit"); /* the one read */
    put(w, "/* Written by macppa: the cells worth using, timing only. */\n");
    put_head(w, w->library, "");
    int rc = PUT_ATTRIBUTES(w, w->library, library_attributes, "  ");
    for (uint32_t c = w->ast->nodes[w->library].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = w->ast->nodes[c].next) {
        if (c == unit) {
            put(w, "  capacitive_load_unit (");
            put_slice(w, mp_ast_value(w->ast, c, 0)->text);
            put(w, ", ");
            put_slice(w, mp_ast_value(w->ast, c, 1)->text);
            put(w, ");\n");
        } else if (mp_slice_is(w->ast->nodes[c].name, "operating_conditions")) {
            put_head(w, c, "  ");
            rc = PUT_ATTRIBUTES(w, c, conditions_attributes, "    ");
            put(w, "  }\n");
        }
    }
    return rc == MP_OK ? PUT_ATTRIBUTES(w, w->library, late_attributes, "  ") : rc;
}
