#include "estimator/liberty/reader.h"

#include "estimator/util/file.h"
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "1ns", "10 ps", "100fF" as one unit in SI; base: the letters behind the prefix, any case. */
static bool parse_unit(struct mp_slice s, const char *base, double *out)
{
    const char *p = s.p, *end = s.p + s.size;
    double number = 1;
    while (p < end && *p == ' ')
        p++;
    if (p < end && ((*p >= '0' && *p <= '9') || *p == '.') &&
        !mp_slice_scan_number(&p, end, &number))
        return false;
    while (p < end && *p == ' ')
        p++;
    while (end > p && end[-1] == ' ')
        end--;
    size_t n = strlen(base), length = (size_t)(end - p);
    if (length < n || length > n + 1 || strncasecmp(end - n, base, n) != 0 || !(number > 0))
        return false;
    static const struct {
        char letter;
        double factor;
    } prefixes[] = {{'a', 1e-18}, {'f', 1e-15}, {'F', 1e-15}, {'p', 1e-12}, {'P', 1e-12},
                    {'n', 1e-9},  {'N', 1e-9},  {'u', 1e-6},  {'U', 1e-6},  {'m', 1e-3},
                    {'M', 1e-3},  {'k', 1e3},   {'K', 1e3}};
    *out = number;
    if (length == n)
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (*p == prefixes[i].letter) {
            *out = number * prefixes[i].factor;
            return true;
        }
    return false;
}

int mp_reader_unit(struct mp_reader *r, uint32_t library, const char *name, const char *base,
                   double *out, struct mp_error *err)
{
    const struct mp_ast_value *v = mp_ast_attribute(r->ast, library, name);
    if (v && !parse_unit(v->text, base, out))
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, v->line,
                          "%s: '%.*s' is not a number with a unit of %s", name,
                          (int)(v->text.size < 40 ? v->text.size : 40), v->text.p, base);
    return MP_OK;
}

static int read_capacitance_unit(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    uint32_t node = mp_ast_child(r->ast, library, "capacitive_load_unit");
    const struct mp_ast_value *number = mp_ast_value(r->ast, node, 0);
    const struct mp_ast_value *unit = mp_ast_value(r->ast, node, 1);
    double factor, base;
    if (!number || !unit)
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[library].line,
                          "the library has no capacitive_load_unit (number, unit)");
    int rc = mp_ast_number(r->ast, number, &factor, err);
    if (rc < 0)
        return rc;
    if (!parse_unit(unit->text, "f", &base) || !(factor > 0))
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, unit->line,
                          "capacitive_load_unit: '%.*s' is not a unit such as pf or ff",
                          (int)(unit->text.size < 40 ? unit->text.size : 40), unit->text.p);
    r->capacitance_f = factor * base;
    return MP_OK;
}

int mp_reader_units(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    r->time_s = 1e-9; /* the defaults of the manual */
    r->voltage_v = 1;
    r->leakage_w = NAN;
    int rc = mp_reader_unit(r, library, "time_unit", "s", &r->time_s, err);
    if (rc == MP_OK)
        rc = mp_reader_unit(r, library, "voltage_unit", "V", &r->voltage_v, err);
    if (rc == MP_OK)
        rc = mp_reader_unit(r, library, "leakage_power_unit", "W", &r->leakage_w, err);
    return rc == MP_OK ? read_capacitance_unit(r, library, err) : rc;
}

static int read_defaults(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    r->input_cap_f = r->output_cap_f = r->inout_cap_f = r->cell_leakage_w = NAN;
    int rc = mp_reader_number(r, library, "default_input_pin_cap", r->capacitance_f,
                              &r->input_cap_f, err);
    if (rc == MP_OK)
        rc = mp_reader_number(r, library, "default_output_pin_cap", r->capacitance_f,
                              &r->output_cap_f, err);
    if (rc == MP_OK)
        rc = mp_reader_number(r, library, "default_inout_pin_cap", r->capacitance_f,
                              &r->inout_cap_f, err);
    if (rc == MP_OK && !isnan(r->leakage_w))
        rc = mp_reader_number(r, library, "default_cell_leakage_power", r->leakage_w,
                              &r->cell_leakage_w, err);
    return rc;
}

/* Supply, temperature and process of the first file. */
static int read_corner(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    uint32_t conditions = mp_reader_conditions(r, library);
    int rc;
    lib->voltage_v = r->supply_v;
    lib->temperature_c = lib->process = NAN;
    if (!(lib->voltage_v > 0))
        return mp_fail_at(err, MP_E_INPUT, r->ast->file, r->ast->nodes[library].line,
                          "the library gives no supply voltage (operating_conditions, nom_voltage "
                          "or voltage_map)");
    rc = mp_reader_number(r, library, "nom_temperature", 1, &lib->temperature_c, err);
    if (rc == MP_OK)
        rc = mp_reader_number(r, library, "nom_process", 1, &lib->process, err);
    if (rc < 0 || conditions == MP_AST_NONE)
        return rc;
    const struct mp_ast_value *name = mp_ast_value(r->ast, conditions, 0);
    if (name)
        lib->operating_conditions = mp_arena_strndup(&lib->arena, name->text.p, name->text.size);
    rc = mp_reader_number(r, conditions, "temperature", 1, &lib->temperature_c, err);
    if (rc == MP_OK)
        rc = mp_reader_number(r, conditions, "process", 1, &lib->process, err);
    return rc;
}

static int read_thresholds(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    static const char *const names[2][3] = {
        {"output_threshold_pct_rise", "slew_lower_threshold_pct_rise",
         "slew_upper_threshold_pct_rise"},
        {"output_threshold_pct_fall", "slew_lower_threshold_pct_fall",
         "slew_upper_threshold_pct_fall"}};
    struct mp_library *lib = r->lib;
    int rc = MP_OK;
    for (int edge = 0; edge < 2 && rc == MP_OK; edge++) {
        struct mp_thresholds *t = &lib->thresholds[edge];
        *t = (struct mp_thresholds){0.5, 0.2, 0.8};
        double *const values[3] = {&t->output, &t->slew_lower, &t->slew_upper};
        for (int k = 0; k < 3 && rc == MP_OK; k++)
            rc = mp_reader_number(r, library, names[edge][k], 0.01, values[k], err);
        if (rc == MP_OK && !(0 < t->slew_lower && t->slew_lower < t->output &&
                             t->output < t->slew_upper && t->slew_upper < 1))
            *t = (struct mp_thresholds){0.5, 0.2, 0.8};
    }
    lib->slew_derate = 1;
    if (rc == MP_OK)
        rc = mp_reader_number(r, library, "slew_derate_from_library", 1, &lib->slew_derate, err);
    return rc;
}

static int read_first_file(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    struct mp_library *lib = r->lib;
    const struct mp_ast_value *name = mp_ast_value(r->ast, library, 0);
    lib->name = name ? mp_arena_strndup(&lib->arena, name->text.p, name->text.size) : "";
    lib->time_unit_s = r->time_s;
    lib->capacitance_unit_f = r->capacitance_f;
    lib->energy_unit_j = r->capacitance_f * r->voltage_v * r->voltage_v;
    lib->leakage_unit_w = r->leakage_w;
    int rc = read_thresholds(r, library, err);
    return rc == MP_OK ? read_corner(r, library, err) : rc;
}

static int read_library_group(struct mp_reader *r, uint32_t library, struct mp_error *err)
{
    const struct mp_ast *ast = r->ast;
    int rc = mp_reader_units(r, library, err);
    if (rc == MP_OK)
        rc = read_defaults(r, library, err);
    if (rc == MP_OK)
        rc = mp_reader_supply(r, library, err);
    if (rc == MP_OK && r->file == 0)
        rc = read_first_file(r, library, err);
    if (rc == MP_OK)
        rc = mp_reader_wire_loads(r, library, err);
    for (uint32_t c = ast->nodes[library].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = ast->nodes[c].next) {
        struct mp_slice name = ast->nodes[c].name;
        if (mp_slice_is(name, "lu_table_template") || mp_slice_is(name, "power_lut_template"))
            rc = mp_reader_template(r, c, err);
        else if (mp_slice_is(name, "include_file"))
            rc = mp_fail_at(err, MP_E_UNSUPPORTED, ast->file, ast->nodes[c].line,
                            "include_file is not supported; give the files one by one");
    }
    uint32_t before = r->lib->cell_count;
    for (uint32_t c = ast->nodes[library].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = ast->nodes[c].next)
        if (ast->nodes[c].kind == MP_AST_GROUP && mp_slice_is(ast->nodes[c].name, "cell"))
            rc = mp_reader_cell(r, c, err);
    if (rc == MP_OK && r->lib->cell_count == before)
        return mp_fail_at(err, MP_E_INPUT, ast->file, ast->nodes[library].line,
                          "no cells in this library");
    return rc;
}

/* One file's text; the reader keeps the growing arrays across files. */
static int read_text(struct mp_reader *r, const char *text, size_t size, const char *name,
                     struct mp_error *err)
{
    struct mp_ast ast;
    r->ast = &ast;
    r->template_count = 0;
    mp_map_release(&r->template_by_name);
    memset(&r->template_by_name, 0, sizeof r->template_by_name);
    int rc = mp_ast_parse(&ast, text, size, name, err);
    if (rc < 0)
        goto out;
    uint32_t library = mp_ast_child(&ast, 0, "library");
    if (library == MP_AST_NONE || ast.nodes[library].kind != MP_AST_GROUP) {
        rc = mp_fail_at(err, MP_E_INPUT, name, 1,
                        "no library (...) { group in this file; is it a Liberty file?");
        goto out;
    }
    rc = read_library_group(r, library, err);
out:
    mp_ast_release(&ast);
    r->ast = NULL;
    return rc;
}

static void finish_reader(struct mp_reader *r)
{
    mp_map_release(&r->template_by_name);
    free(r->templates);
    free(r->numbers);
}

int mp_library_read(struct mp_library *lib, const char *const *paths, size_t path_count,
                    struct mp_error *err)
{
    memset(lib, 0, sizeof *lib);
    if (path_count == 0)
        return mp_fail(err, MP_E_USAGE, "no Liberty file was named");
    struct mp_reader r = {.lib = lib};
    struct mp_text text = {0};
    struct mp_hash *hash = mp_hash_create();
    int rc = MP_OK;
    lib->files = mp_alloc(path_count, sizeof *lib->files);
    for (size_t i = 0; i < path_count && rc == MP_OK; i++) {
        const char *path = mp_arena_strdup(&lib->arena, paths[i]);
        lib->files[lib->file_count++] = path;
        r.file = (uint32_t)i;
        rc = mp_file_read(&text, path, MP_LIBERTY_SIZE_LIMIT, err);
        if (rc < 0)
            break;
        mp_hash_u64(hash, text.size);
        mp_hash_bytes(hash, text.data, text.size);
        rc = read_text(&r, text.data, text.size, path, err);
        mp_text_release(&text);
    }
    mp_text_release(&text);
    mp_hash_digest(hash, lib->hash);
    mp_hash_destroy(hash);
    finish_reader(&r);
    if (rc < 0)
        mp_library_release(lib);
    return rc;
}

int mp_library_read_text(struct mp_library *lib, const char *text, size_t size, const char *name,
                         struct mp_error *err)
{
    memset(lib, 0, sizeof *lib);
    struct mp_reader r = {.lib = lib};
    struct mp_hash *hash = mp_hash_create();
    lib->files = mp_alloc(1, sizeof *lib->files);
    lib->files[lib->file_count++] = mp_arena_strdup(&lib->arena, name);
    mp_hash_u64(hash, size);
    mp_hash_bytes(hash, text, size);
    mp_hash_digest(hash, lib->hash);
    mp_hash_destroy(hash);
    int rc = read_text(&r, text, size, lib->files[0], err);
    finish_reader(&r);
    if (rc < 0)
        mp_library_release(lib);
    return rc;
}

void mp_library_release(struct mp_library *lib)
{
    if (!lib)
        return;
    free(lib->files);
    free(lib->cells);
    free(lib->pins);
    free(lib->internal_powers);
    free(lib->leakages);
    free(lib->arcs);
    free(lib->tables);
    free(lib->wire_loads);
    free(lib->wire_load_ranges);
    mp_map_release(&lib->cell_by_name);
    mp_arena_release(&lib->arena);
    memset(lib, 0, sizeof *lib);
}

uint32_t mp_library_cell(const struct mp_library *lib, const char *name)
{
    return mp_map_get(&lib->cell_by_name, name);
}

uint32_t mp_library_pin(const struct mp_library *lib, uint32_t cell, const char *name)
{
    const struct mp_lib_cell *c = &lib->cells[cell];
    for (uint32_t k = 0; k < c->pin_count; k++)
        if (strcmp(lib->pins[c->first_pin + k].name, name) == 0)
            return k;
    return MP_NONE;
}

uint32_t mp_library_mark_dont_use(struct mp_library *lib, const char *const *patterns,
                                  size_t pattern_count)
{
    uint32_t marked = 0;
    for (uint32_t c = 0; c < lib->cell_count; c++)
        for (size_t i = 0; i < pattern_count; i++)
            if (fnmatch(patterns[i], lib->cells[c].name, 0) == 0) {
                lib->cells[c].dont_use = true;
                marked++;
                break;
            }
    return marked;
}
