#include "estimator/liberty/prepare.h"

#include "estimator/liberty/reader.h"
#include "estimator/util/file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool reads_one_pin(const struct mp_expr *e)
{
    uint64_t support = mp_expr_support(e);
    return support && !(support & (support - 1));
}

/* Combinational cells with a function at each output, and flip-flops that store one pin, with or
 * without set and reset. */
static bool is_worth_using(const struct mp_library *lib, const struct mp_lib_cell *cell)
{
    if (cell->dont_use || cell->is_pad_or_macro || cell->is_scan || isnan(cell->area_um2))
        return false;
    if (cell->sequential == MP_LATCH || cell->sequential == MP_STATE_TABLE)
        return false;
    if (cell->sequential == MP_FLIP_FLOP &&
        (!reads_one_pin(&cell->next_state) || !reads_one_pin(&cell->clocked_on) ||
         (cell->clear.code && !reads_one_pin(&cell->clear)) ||
         (cell->preset.code && !reads_one_pin(&cell->preset))))
        return false;
    for (uint32_t k = 0; k < cell->pin_count; k++) {
        const struct mp_lib_pin *pin = &lib->pins[cell->first_pin + k];
        if (pin->direction == MP_DIR_INOUT || pin->direction == MP_DIR_INTERNAL ||
            pin->is_three_state || (pin->direction == MP_DIR_OUTPUT && !pin->function.code))
            return false;
    }
    return true;
}

static bool is_kept(const struct mp_lib_cell *cell, const char *const *keep, size_t keep_count)
{
    for (size_t i = 0; i < keep_count; i++)
        if (strcmp(cell->name, keep[i]) == 0)
            return true;
    return false;
}

/* Thresholds say what a delay and a slew are: files with others cannot be one library. */
static int check_thresholds(const struct mp_prepare *w, const struct mp_ast *first,
                            uint32_t first_library)
{
    static const char *const names[] = {
        "input_threshold_pct_rise",      "input_threshold_pct_fall",
        "output_threshold_pct_rise",     "output_threshold_pct_fall",
        "slew_lower_threshold_pct_rise", "slew_lower_threshold_pct_fall",
        "slew_upper_threshold_pct_rise", "slew_upper_threshold_pct_fall",
        "slew_derate_from_library"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct mp_ast_value *a = mp_ast_attribute(first, first_library, names[i]);
        const struct mp_ast_value *b = mp_ast_attribute(w->ast, w->library, names[i]);
        double x = NAN, y = NAN;
        int rc = a ? mp_ast_number(first, a, &x, w->err) : MP_OK;
        if (rc == MP_OK && b)
            rc = mp_ast_number(w->ast, b, &y, w->err);
        if (rc < 0)
            return rc;
        if (x != y && (a || b))
            return mp_fail_at(w->err, MP_E_UNSUPPORTED, w->ast->file,
                              b ? b->line : w->ast->nodes[w->library].line,
                              "%s differs from that of %s; such files are no one library for "
                              "synthesis",
                              names[i], first->file);
    }
    return MP_OK;
}

static int copy_groups(struct mp_prepare *w, const struct mp_library_roles *roles,
                       const char *const *keep, size_t keep_count, uint32_t *written)
{
    int rc = MP_OK;
    for (uint32_t c = w->ast->nodes[w->library].first_child; c != MP_AST_NONE && rc == MP_OK;
         c = w->ast->nodes[c].next) {
        const struct mp_ast_node *n = &w->ast->nodes[c];
        const struct mp_ast_value *name = mp_ast_value(w->ast, c, 0);
        if (n->kind != MP_AST_GROUP || !name)
            continue;
        if (mp_slice_is(n->name, "lu_table_template")) {
            rc = mp_prepare_template(w, c);
        } else if (mp_slice_is(n->name, "cell")) {
            char *copy = mp_strndup(name->text.p, name->text.size);
            uint32_t cell = mp_library_cell(w->lib, copy);
            free(copy);
            if (cell == MP_NONE)
                return mp_fail_at(w->err, MP_E_INPUT, w->ast->file, n->line,
                                  "this cell was not there before: has the file changed?");
            const struct mp_lib_cell *found = &w->lib->cells[cell];
            if (!is_worth_using(w->lib, found) && cell != roles->constant_zero &&
                cell != roles->constant_one && !is_kept(found, keep, keep_count))
                continue;
            rc = mp_prepare_cell(w, cell, c);
            ++*written;
        }
    }
    return rc;
}

struct source {
    struct mp_text text;
    struct mp_ast ast;
    uint32_t library;
    double time_s, capacitance_f;
};

static int open_source(struct source *s, const char *path, struct mp_error *err)
{
    int rc = mp_file_read(&s->text, path, MP_LIBERTY_SIZE_LIMIT, err);
    if (rc == MP_OK)
        rc = mp_ast_parse(&s->ast, s->text.data, s->text.size, path, err);
    if (rc < 0)
        return rc;
    s->library = mp_ast_child(&s->ast, 0, "library");
    if (s->library == MP_AST_NONE)
        return mp_fail_at(err, MP_E_INPUT, path, 1, "no library group: has the file changed?");
    struct mp_reader units = {.ast = &s->ast};
    rc = mp_reader_units(&units, s->library, err);
    s->time_s = units.time_s;
    s->capacitance_f = units.capacitance_f;
    return rc;
}

static void close_source(struct source *s)
{
    mp_ast_release(&s->ast);
    mp_text_release(&s->text);
}

int mp_library_write_prepared(const struct mp_library *lib, const char *const *source_paths,
                              size_t source_count, const char *out_path, const char *const *keep,
                              size_t keep_count, struct mp_error *err)
{
    struct mp_prepare w = {.lib = lib, .err = err};
    uint32_t written = 0;
    struct mp_library_roles roles;
    mp_library_roles_find(lib, &roles);
    int rc = source_count ? MP_OK : mp_fail(err, MP_E_USAGE, "no Liberty file was named");
    struct source *sources = mp_alloc(source_count + 1, sizeof *sources);
    for (size_t i = 0; i < source_count && rc == MP_OK; i++) {
        struct source *s = &sources[i];
        rc = open_source(s, source_paths[i], err);
        if (rc < 0)
            break;
        w.ast = &s->ast;
        w.library = s->library;
        w.file = (uint32_t)i;
        w.time = s->time_s / sources[0].time_s;
        w.capacitance = s->capacitance_f / sources[0].capacitance_f;
        rc = i == 0 ? mp_prepare_head(&w)
                    : check_thresholds(&w, &sources[0].ast, sources[0].library);
        if (rc == MP_OK)
            rc = copy_groups(&w, &roles, keep, keep_count, &written);
        if (i > 0)
            close_source(s);
    }
    if (rc == MP_OK && written == 0)
        rc = mp_fail(err, MP_E_INPUT, "%s has no cell that synthesis could use", source_paths[0]);
    if (rc == MP_OK) {
        mp_text_add(&w.out, "}\n");
        rc = mp_file_write(out_path, w.out.data, w.out.size, err);
    }
    for (size_t i = 0; i < source_count; i++)
        close_source(&sources[i]);
    free(sources);
    mp_text_release(&w.out);
    return rc;
}
