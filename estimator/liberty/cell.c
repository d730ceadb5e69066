#include "estimator/liberty/reader.h"

#include <math.h>
#include <string.h>

uint32_t mp_cell_reader_name(const struct mp_cell_reader *c, struct mp_slice name)
{
    const struct mp_library *lib = c->r->lib;
    const struct mp_lib_cell *cell = &lib->cells[c->cell];
    for (uint32_t k = 0; k < cell->pin_count; k++)
        if (mp_slice_is(name, lib->pins[cell->first_pin + k].name))
            return k;
    if (name.size > 0 && c->iq.size == name.size && memcmp(c->iq.p, name.p, name.size) == 0)
        return cell->pin_count;
    if (name.size > 0 && c->iqn.size == name.size && memcmp(c->iqn.p, name.p, name.size) == 0)
        return cell->pin_count + 1;
    return MP_NONE;
}

static uint32_t find_name(const void *context, struct mp_slice name)
{
    return mp_cell_reader_name(context, name);
}

int mp_cell_reader_expr(struct mp_cell_reader *c, const struct mp_ast_value *v, struct mp_expr *out,
                        struct mp_error *err)
{
    struct mp_error unsupported = MP_ERROR_INIT;
    *out = (struct mp_expr){NULL, 0};
    if (!v || c->refused.why)
        return MP_OK;
    int rc = mp_expr_parse(out, v->text, find_name, c, &c->r->lib->arena, c->r->ast->file, v->line,
                           &unsupported);
    if (rc == MP_E_UNSUPPORTED) {
        c->refused = (struct mp_refusal){"has an expression of too many pins or levels", v->line};
        return MP_OK;
    }
    if (rc < 0 && err)
        *err = unsupported;
    return rc;
}

static int read_direction(const struct mp_reader *r, uint32_t node, enum mp_direction *out,
                          struct mp_error *err)
{
    static const char *const names[] = {"input", "output", "inout", "internal"};
    const struct mp_ast_value *v = mp_ast_attribute(r->ast, node, "direction");
    if (!v)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                          "this pin has no direction");
    for (int i = 0; i < 4; i++)
        if (mp_slice_is(v->text, names[i])) {
            *out = (enum mp_direction)i;
            return MP_OK;
        }
    return mp_fail_at(err, MP_E_INPUT, r->ast->file, v->line,
                      "'%.*s' is no direction: input, output, inout or internal",
                      (int)(v->text.size < 40 ? v->text.size : 40), v->text.p);
}

static int read_capacitance(const struct mp_reader *r, uint32_t node, const char *name, double *out,
                            struct mp_error *err)
{
    const struct mp_ast_value *v = mp_ast_attribute(r->ast, node, name);
    double x;
    if (!v)
        return MP_OK;
    int rc = mp_ast_number(r->ast, v, &x, err);
    if (rc == MP_OK)
        *out = x * r->capacitance_f;
    return rc;
}

/* The upper end of a rise_ or fall_capacitance_range (low, high). */
static int read_range_end(const struct mp_reader *r, uint32_t node, const char *name, double *out,
                          struct mp_error *err)
{
    uint32_t range = mp_ast_child(r->ast, node, name);
    const struct mp_ast_value *v = range == MP_AST_NONE ? NULL : mp_ast_value(r->ast, range, 1);
    double x;
    if (range == MP_AST_NONE)
        return MP_OK;
    if (!v)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[range].line,
                          "%s needs two numbers: the lowest and the highest", name);
    int rc = mp_ast_number(r->ast, v, &x, err);
    if (rc == MP_OK)
        *out = x * r->capacitance_f;
    return rc;
}

/* capacitance, else the mean of rise and fall, else the library's default. Stays NAN when there
 * is none of them; check_pins() judges, once it is known whether the cell is of use. */
static int read_capacitances(const struct mp_reader *r, uint32_t node, struct mp_lib_pin *pin,
                             struct mp_error *err)
{
    double c = NAN, rise = NAN, fall = NAN;
    int rc = read_capacitance(r, node, "capacitance", &c, err);
    if (rc == MP_OK)
        rc = read_capacitance(r, node, "rise_capacitance", &rise, err);
    if (rc == MP_OK)
        rc = read_capacitance(r, node, "fall_capacitance", &fall, err);
    if (rc == MP_OK)
        rc = read_range_end(r, node, "rise_capacitance_range", &rise, err);
    if (rc == MP_OK)
        rc = read_range_end(r, node, "fall_capacitance_range", &fall, err);
    if (rc == MP_OK)
        rc = read_capacitance(r, node, "max_capacitance", &pin->max_capacitance_f, err);
    if (isnan(c) && !isnan(rise) && !isnan(fall))
        c = (rise + fall) / 2;
    if (isnan(c))
        c = pin->direction == MP_DIR_INPUT    ? r->input_cap_f
            : pin->direction == MP_DIR_OUTPUT ? r->output_cap_f
            : pin->direction == MP_DIR_INOUT  ? r->inout_cap_f
                                              : NAN;
    if (isnan(c) && (pin->direction == MP_DIR_OUTPUT || pin->direction == MP_DIR_INTERNAL))
        c = 0; /* the manual's default for what drives */
    pin->capacitance_f = c;
    pin->rise_capacitance_f = isnan(rise) ? c : rise;
    pin->fall_capacitance_f = isnan(fall) ? c : fall;
    return rc;
}

/* A pin group may name several pins. */
static int add_pins(struct mp_cell_reader *c, uint32_t node, struct mp_error *err)
{
    struct mp_reader *r = c->r;
    struct mp_library *lib = r->lib;
    struct mp_lib_pin pin = {.max_capacitance_f = 0};
    int rc = read_direction(r, node, &pin.direction, err);
    if (rc == MP_OK)
        rc = read_capacitances(r, node, &pin, err);
    if (rc == MP_OK)
        rc = mp_cell_reader_supply(c, node, &pin.supply_v, err);
    if (rc < 0)
        return rc;
    pin.is_clock = mp_ast_flag(r->ast, node, "clock");
    pin.is_three_state = mp_ast_attribute(r->ast, node, "three_state") != NULL;
    if (r->ast->nodes[node].value_count == 0)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                          "this pin has no name");
    for (uint32_t k = 0; k < r->ast->nodes[node].value_count; k++) {
        struct mp_slice name = mp_ast_value(r->ast, node, k)->text;
        if (lib->cells[c->cell].pin_count == MP_CELL_PIN_LIMIT) {
            c->refused = (struct mp_refusal){"has too many pins", r->ast->nodes[node].line};
            return MP_OK;
        }
        if (mp_cell_reader_name(c, name) != MP_NONE)
            return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[node].line,
                              "the pin '%.*s' is there twice",
                              (int)(name.size < 60 ? name.size : 60), name.p);
        pin.name = mp_arena_strndup(&lib->arena, name.p, name.size);
        mp_grow(&lib->pins, lib->pin_count, &r->pin_capacity, sizeof pin);
        lib->pins[lib->pin_count++] = pin;
        lib->cells[c->cell].pin_count++;
    }
    return MP_OK;
}

/* First pass: names, so that expressions can refer to pins that follow. */
static int collect_pins(struct mp_cell_reader *c, struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    for (uint32_t n = ast->nodes[c->node].first_child; n != MP_AST_NONE; n = ast->nodes[n].next) {
        if (ast->nodes[n].kind != MP_AST_GROUP)
            continue;
        struct mp_slice name = ast->nodes[n].name;
        int rc = MP_OK;
        if (mp_slice_is(name, "pin"))
            rc = add_pins(c, n, err);
        else if (mp_slice_is(name, "bus") || mp_slice_is(name, "bundle"))
            c->refused = (struct mp_refusal){"has a bus or a bundle of pins", ast->nodes[n].line};
        else if (mp_slice_is(name, "ff_bank") || mp_slice_is(name, "latch_bank"))
            c->refused = (struct mp_refusal){"has a bank of registers", ast->nodes[n].line};
        if (rc < 0)
            return rc;
    }
    return MP_OK;
}

static char one_letter(const struct mp_ast *ast, uint32_t node, const char *name)
{
    const struct mp_ast_value *v = mp_ast_attribute(ast, node, name);
    return v && v->text.size == 1 ? v->text.p[0] : '\0';
}

static int read_register(struct mp_cell_reader *c, uint32_t node, bool latch, struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    struct mp_lib_cell *cell = &c->r->lib->cells[c->cell];
    const struct mp_ast_value *iq = mp_ast_value(ast, node, 0), *iqn = mp_ast_value(ast, node, 1);
    if (cell->sequential != MP_COMBINATIONAL || mp_ast_attribute(ast, node, "clocked_on_also")) {
        c->refused = (struct mp_refusal){"has several registers or clocks", ast->nodes[node].line};
        return MP_OK;
    }
    cell->sequential = latch ? MP_LATCH : MP_FLIP_FLOP;
    const struct {
        const char *name;
        struct mp_expr *out;
    } parts[] = {{latch ? "data_in" : "next_state", &cell->next_state},
                 {latch ? "enable" : "clocked_on", &cell->clocked_on},
                 {"clear", &cell->clear},
                 {"preset", &cell->preset}};
    c->iq = iq ? iq->text : (struct mp_slice){"", 0};
    c->iqn = iqn ? iqn->text : (struct mp_slice){"", 0};
    for (size_t i = 0; i < 4; i++) {
        const struct mp_ast_value *v = mp_ast_attribute(ast, node, parts[i].name);
        int rc = mp_cell_reader_expr(c, v, parts[i].out, err);
        if (rc < 0)
            return rc;
        if (!v && i < 2 && !latch)
            return mp_fail_at(err, MP_E_INPUT, ast->file, ast->nodes[node].line,
                              "this ff group has no %s", parts[i].name);
    }
    cell->clear_preset_iq = one_letter(ast, node, "clear_preset_var1");
    cell->clear_preset_iqn = one_letter(ast, node, "clear_preset_var2");
    return MP_OK;
}

static int read_registers(struct mp_cell_reader *c, struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    struct mp_lib_cell *cell = &c->r->lib->cells[c->cell];
    for (uint32_t n = ast->nodes[c->node].first_child; n != MP_AST_NONE; n = ast->nodes[n].next) {
        if (ast->nodes[n].kind != MP_AST_GROUP)
            continue;
        struct mp_slice name = ast->nodes[n].name;
        int rc = MP_OK;
        if (mp_slice_is(name, "ff"))
            rc = read_register(c, n, false, err);
        else if (mp_slice_is(name, "latch"))
            rc = read_register(c, n, true, err);
        else if (mp_slice_is(name, "statetable"))
            cell->sequential = MP_STATE_TABLE;
        else if (mp_slice_is(name, "test_cell"))
            cell->is_scan = true;
        if (rc < 0)
            return rc;
    }
    /* An internal pin may have the register's name; what matters is the pins that are wired. */
    if (cell->sequential == MP_FLIP_FLOP) {
        uint64_t clocks = mp_expr_support(&cell->clocked_on);
        for (uint32_t k = 0; k < cell->pin_count; k++)
            if (clocks >> k & 1)
                c->r->lib->pins[cell->first_pin + k].is_clock = true;
    }
    return MP_OK;
}

/* A state table names its outputs in its second argument: functions and conditions refer to them
 * as to IQ and IQN. */
static void name_state_outputs(struct mp_cell_reader *c)
{
    uint32_t node = mp_ast_child(c->r->ast, c->node, "statetable");
    const struct mp_ast_value *v = mp_ast_value(c->r->ast, node, 1);
    if (c->r->lib->cells[c->cell].sequential != MP_STATE_TABLE || !v)
        return;
    const char *p = v->text.p, *end = p + v->text.size;
    struct mp_slice *names[] = {&c->iq, &c->iqn};
    for (int i = 0; i < 2; i++) {
        while (p < end && *p == ' ')
            p++;
        names[i]->p = p;
        while (p < end && *p != ' ')
            p++;
        names[i]->size = (uint32_t)(p - names[i]->p);
    }
}

static int read_pin_content(struct mp_cell_reader *c, uint32_t node, uint32_t local,
                            struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    struct mp_library *lib = c->r->lib;
    struct mp_lib_pin *pin = &lib->pins[lib->cells[c->cell].first_pin + local];
    int rc = mp_cell_reader_expr(c, mp_ast_attribute(ast, node, "function"), &pin->function, err);
    pin->first_internal_power = lib->internal_power_count;
    pin->first_arc = lib->arc_count;
    for (uint32_t n = ast->nodes[node].first_child;
         n != MP_AST_NONE && rc == MP_OK && !c->refused.why; n = ast->nodes[n].next) {
        if (ast->nodes[n].kind != MP_AST_GROUP)
            continue;
        if (mp_slice_is(ast->nodes[n].name, "internal_power"))
            rc = mp_reader_internal_power(c, n, err);
        else if (mp_slice_is(ast->nodes[n].name, "timing"))
            rc = mp_reader_timing(c, n, &pin->function, err);
    }
    pin->internal_power_count = lib->internal_power_count - pin->first_internal_power;
    pin->arc_count = lib->arc_count - pin->first_arc;
    return rc;
}

static int read_contents(struct mp_cell_reader *c, struct mp_error *err)
{
    const struct mp_ast *ast = c->r->ast;
    struct mp_library *lib = c->r->lib;
    uint32_t local = 0;
    int rc = MP_OK;
    lib->cells[c->cell].first_leakage = lib->leakage_count;
    for (uint32_t n = ast->nodes[c->node].first_child; n != MP_AST_NONE && rc == MP_OK;
         n = ast->nodes[n].next) {
        if (ast->nodes[n].kind != MP_AST_GROUP || c->refused.why)
            continue;
        if (mp_slice_is(ast->nodes[n].name, "pin"))
            for (uint32_t k = 0; k < ast->nodes[n].value_count && rc == MP_OK; k++)
                rc = read_pin_content(c, n, local++, err);
        else if (mp_slice_is(ast->nodes[n].name, "leakage_power"))
            rc = mp_reader_leakage(c, n, err);
    }
    lib->cells[c->cell].leakage_count = lib->leakage_count - lib->cells[c->cell].first_leakage;
    return rc;
}

static int read_scalars(struct mp_cell_reader *c, struct mp_error *err)
{
    const struct mp_reader *r = c->r;
    struct mp_lib_cell *cell = &r->lib->cells[c->cell];
    const struct mp_ast_value *area = mp_ast_attribute(r->ast, c->node, "area");
    const struct mp_ast_value *leakage = mp_ast_attribute(r->ast, c->node, "cell_leakage_power");
    int rc = area ? mp_ast_number(r->ast, area, &cell->area_um2, err) : MP_OK;
    if (rc == MP_OK && leakage) {
        if (isnan(r->leakage_w))
            return mp_fail_at(err, MP_E_INPUT, r->ast->file, leakage->line,
                              "a leakage power, but the library has no leakage_power_unit");
        rc = mp_ast_number(r->ast, leakage, &cell->cell_leakage_power_w, err);
        cell->cell_leakage_power_w *= r->leakage_w;
    }
    cell->dont_use = mp_ast_flag(r->ast, c->node, "dont_use");
    return rc;
}

static bool is_special(const struct mp_ast *ast, uint32_t node)
{
    static const char *const flags[] = {"pad_cell",          "is_macro_cell",    "is_level_shifter",
                                        "is_isolation_cell", "interface_timing", "is_memory_cell"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (mp_ast_flag(ast, node, flags[i]))
            return true;
    return mp_ast_attribute(ast, node, "switch_cell_type") ||
           mp_ast_attribute(ast, node, "clock_gating_integrated_cell") ||
           mp_ast_attribute(ast, node, "retention_cell");
}

/* Drop what a refused cell has got so far: half of its groups would be worse than none. */
static void strip(struct mp_cell_reader *c)
{
    struct mp_library *lib = c->r->lib;
    struct mp_lib_cell *cell = &lib->cells[c->cell];
    for (uint32_t k = 0; k < cell->pin_count; k++) {
        struct mp_lib_pin *pin = &lib->pins[cell->first_pin + k];
        pin->function = (struct mp_expr){NULL, 0};
        pin->internal_power_count = pin->arc_count = 0;
    }
    cell->next_state = cell->clocked_on = cell->clear = cell->preset = (struct mp_expr){NULL, 0};
    cell->leakage_count = 0;
    cell->is_pad_or_macro = true;
    cell->refused = c->refused.why;
    cell->refused_line = c->refused.line;
}

static int check_pins(struct mp_cell_reader *c, struct mp_error *err)
{
    struct mp_library *lib = c->r->lib;
    struct mp_lib_cell *cell = &lib->cells[c->cell];
    bool functions = false;
    for (uint32_t k = 0; k < cell->pin_count; k++)
        functions |= lib->pins[cell->first_pin + k].function.code != NULL;
    if (!functions)
        cell->is_pad_or_macro = true;
    for (uint32_t k = 0; k < cell->pin_count && !cell->is_pad_or_macro; k++)
        if (isnan(lib->pins[cell->first_pin + k].capacitance_f))
            return mp_fail_at(err, MP_E_INPUT, c->r->ast->file, cell->line,
                              "pin %s of cell %s has no capacitance, and the library no default "
                              "for it",
                              lib->pins[cell->first_pin + k].name, cell->name);
    return MP_OK;
}

int mp_reader_cell(struct mp_reader *r, uint32_t node, struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    const struct mp_ast_value *name = mp_ast_value(r->ast, node, 0);
    int line = r->ast->nodes[node].line;
    if (!name || name->text.size == 0)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, line, "this cell has no name");
    struct mp_lib_cell cell = {.name = mp_arena_strndup(&lib->arena, name->text.p, name->text.size),
                               .line = line,
                               .file = r->file,
                               .area_um2 = NAN,
                               .first_pin = lib->pin_count,
                               .cell_leakage_power_w = NAN};
    uint32_t before = mp_map_get(&lib->cell_by_name, cell.name);
    if (before != MP_MAP_NONE)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, line,
                          "the cell %s is there already, in %s:%d", cell.name,
                          lib->files[lib->cells[before].file], lib->cells[before].line);
    mp_map_put(&lib->cell_by_name, cell.name, lib->cell_count);
    mp_grow(&lib->cells, lib->cell_count, &r->cell_capacity, sizeof cell);
    struct mp_cell_reader c = {.r = r, .cell = lib->cell_count++, .node = node};
    lib->cells[c.cell] = cell;

    int rc = read_scalars(&c, err);
    if (rc == MP_OK)
        rc = collect_pins(&c, err);
    if (rc == MP_OK)
        rc = read_registers(&c, err);
    if (rc == MP_OK) {
        name_state_outputs(&c);
        rc = read_contents(&c, err);
    }
    if (rc < 0)
        return rc;
    if (c.refused.why)
        strip(&c);
    if (is_special(r->ast, node))
        lib->cells[c.cell].is_pad_or_macro = true;
    if (isnan(lib->cells[c.cell].cell_leakage_power_w) && lib->cells[c.cell].leakage_count == 0)
        lib->cells[c.cell].cell_leakage_power_w = r->cell_leakage_w;
    return check_pins(&c, err);
}
