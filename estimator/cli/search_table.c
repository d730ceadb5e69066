#include "estimator/cli/search_table.h"
#include "estimator/cli/commands.h"
#include "estimator/util/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One table of all kinds of points; a part of its columns is shown for each. */
static const struct mp_column point_columns[] = {
    {"found", "what", "", MP_COLUMN_TEXT, 0},
    {"weight_scope", "scope", "", MP_COLUMN_TEXT, 0},
    {"weight", "weights", "", MP_COLUMN_TEXT, 0},
    {"exponent_bits", "E", "", MP_COLUMN_INTEGER, 0},
    {"mantissa_bits", "M", "", MP_COLUMN_INTEGER, 0},
    {"weight_width", "bits", "", MP_COLUMN_INTEGER, 0},
    {"activation", "activations", "", MP_COLUMN_TEXT, 0},
    {"scored", "images", "", MP_COLUMN_INTEGER, 0},
    {"planned_images", "planned images", "", MP_COLUMN_INTEGER, 0},
    {"top1", "top-1 right", "", MP_COLUMN_INTEGER, 0},
    {"top5", "top-5 right", "", MP_COLUMN_INTEGER, 0},
    {"top1_share", "top-1", "", MP_COLUMN_SHARE, 2},
    {"lost", "lost", "", MP_COLUMN_INTEGER, 0},
    {"won", "won", "", MP_COLUMN_INTEGER, 0},
    {"change", "against float32", "points", MP_COLUMN_PERCENT, 2},
    {"change_low", "from", "points", MP_COLUMN_PERCENT, 2},
    {"change_high", "to", "points", MP_COLUMN_PERCENT, 2},
    {"p", "p", "", MP_COLUMN_NUMBER, 3},
    {"keeps", "keeps", "", MP_COLUMN_TEXT, 0},
    {"surely", "surely", "", MP_COLUMN_TEXT, 0},
    {"weight_bits", "bits of all weights", "", MP_COLUMN_INTEGER, 0},
    {"engine", "engine", "", MP_COLUMN_TEXT, 0},
    {"overrides", "layers", "", MP_COLUMN_TEXT, 0},
};
enum { POINT_COLUMNS = sizeof point_columns / sizeof *point_columns };

static const char *engine_name(const struct mp_search_point *p)
{
    return mp_scheme_is_reference(&p->scheme) ? "float32" : p->is_integer ? "integer" : "fake";
}

static const char *keeps_name(const struct mp_search_point *p)
{
    return !p->is_complete ? "stopped" : p->kept.by_count ? "yes" : "no";
}

static void add_point(struct mp_report *report, const struct mp_search_result *r,
                      const struct mp_search_point *p, const char *found)
{
    const struct mp_format *w = &p->scheme.weight;
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    char *overrides = mp_scheme_overrides_text(&p->scheme);
    bool is_float = w->kind == MP_FORMAT_FLOAT, is_reference = mp_scheme_is_reference(&p->scheme);
    bool has_scope = w->kind != MP_FORMAT_FLOAT32;
    const struct mp_value row[POINT_COLUMNS] = {
        {.text = found},
        {.text = mp_scope_name(p->scheme.weight_scope), .is_null = !has_scope},
        {.text = mp_format_name(w, weight)},
        {.number = w->exponent_bits, .is_null = !is_float},
        {.number = w->mantissa_bits, .is_null = !is_float},
        {.number = w->bits},
        {.text = mp_format_name(&p->scheme.activation, activation)},
        {.number = p->scored},
        {.number = r->images},
        {.number = p->top1},
        {.number = p->top5},
        {.number = p->scored > 0 ? (double)p->top1 / p->scored : 0, .is_null = p->scored == 0},
        {.number = p->paired.lost, .is_null = is_reference},
        {.number = p->paired.won, .is_null = is_reference},
        {.number = p->paired.difference, .is_null = is_reference},
        {.number = p->paired.low, .is_null = is_reference},
        {.number = p->paired.high, .is_null = is_reference},
        {.number = p->paired.p, .is_null = is_reference},
        {.text = keeps_name(p), .is_null = is_reference},
        {.text = mp_keeps_name(p->kept.surely), .is_null = is_reference},
        {.number = (double)p->weight_bits},
        {.text = engine_name(p)},
        {.text = overrides, .is_null = overrides[0] == '\0'},
    };

    mp_report_add_row(report, row);
    free(overrides);
}

struct role {
    int64_t point;
    const char *name;
};

/* What a scope found, in the order of the summary; -1: nothing. */
static void roles_of(const struct mp_search_scope *s, struct role out[6])
{
    const struct role roles[6] = {{s->fixed_alone, "fixed alone"},
                                  {s->float_alone, "float alone"},
                                  {s->fixed, "fixed"},
                                  {s->floating, "float"},
                                  {s->fixed_by_layer, "fixed by layer"},
                                  {s->floating_by_layer, "float by layer"}};

    memcpy(out, roles, sizeof roles);
}

static void note_nothing(struct mp_report *report, const struct mp_search_scope *s)
{
    const char *scope = mp_scope_name(s->scope);

    if (s->fixed_alone < 0)
        mp_report_add_note(report, "scope %s: no int<W> of the range keeps the accuracy", scope);
    if (s->float_alone < 0)
        mp_report_add_note(report, "scope %s: no e<E>m<M> of the range keeps the accuracy", scope);
    if (s->activation.kind == MP_FORMAT_FLOAT32 && (s->fixed_alone >= 0 || s->float_alone >= 0))
        mp_report_add_note(report,
                           "scope %s: no activations of the range keep the accuracy with "
                           "weights of at most one bit more",
                           scope);
}

/* The table has no room for them. */
static void note_layers(struct mp_report *report, const struct mp_search_result *r,
                        const struct role *role)
{
    char *overrides;

    if (role->point < 0 || r->points[role->point].scheme.override_count == 0)
        return;
    overrides = mp_scheme_overrides_text(&r->points[role->point].scheme);
    mp_report_add_note(report, "%s, scope %s: %s", role->name,
                       mp_scope_name(r->points[role->point].scheme.weight_scope), overrides);
    free(overrides);
}

static void note_surprises(struct mp_report *report, const struct mp_search_result *r)
{
    enum { SHOWN = 4 };

    for (size_t i = 0; i < r->surprise_count && i < SHOWN; i++) {
        const struct mp_search_point *k = &r->points[r->surprises[i].keeps];
        const struct mp_search_point *f = &r->points[r->surprises[i].fails];
        char a[4][MP_FORMAT_NAME_SIZE];
        mp_report_add_note(
            report,
            "not monotone, by %s: %s x %s keeps the accuracy, %s x %s does "
            "not",
            mp_scope_name(k->scheme.weight_scope), mp_format_name(&k->scheme.weight, a[0]),
            mp_format_name(&k->scheme.activation, a[1]), mp_format_name(&f->scheme.weight, a[2]),
            mp_format_name(&f->scheme.activation, a[3]));
    }
    if (r->surprise_count > SHOWN)
        mp_report_add_note(report, "and %zu more such pairs", r->surprise_count - SHOWN);
}

static int print_summary(const struct mp_search_result *r, double tolerance, const char *note,
                         const char *format, struct mp_error *err)
{
    struct mp_report *report =
        mp_report_create("narrowest formats that keep the accuracy", point_columns, POINT_COLUMNS);
    int rc;

    add_point(report, r, &r->reference, "float32");
    if (r->activation_alone >= 0)
        add_point(report, r, &r->points[r->activation_alone], "activations alone");
    else
        mp_report_add_note(report, "no activations of the range keep the accuracy");
    for (uint32_t i = 0; i < r->scope_count; i++) {
        struct role roles[6];
        roles_of(&r->scopes[i], roles);
        for (size_t k = 0; k < 6; k++)
            if (roles[k].point >= 0)
                add_point(report, r, &r->points[roles[k].point], roles[k].name);
        for (size_t k = 0; k < 6; k++)
            note_layers(report, r, &roles[k]);
        note_nothing(report, &r->scopes[i]);
    }
    note_surprises(report, r);
    mp_report_add_note(report, "%s", note);
    mp_report_add_note(report,
                       "keeps: at most %.3g %% of float32's right images fewer on these images; "
                       "surely: what the 95 %% interval of the difference says of others; p: exact "
                       "sign test of no difference",
                       100 * tolerance);
    mp_report_fold(report);
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    return rc;
}

static const struct mp_search_point *cell_point(const struct mp_search_result *r,
                                                enum mp_scope scope, uint32_t e, uint32_t m)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct mp_scheme *x = &r->points[i].scheme;
        if (x->weight.kind == MP_FORMAT_FLOAT && x->weight.exponent_bits == e &&
            x->weight.mantissa_bits == m && x->weight_scope == scope &&
            x->activation.kind == MP_FORMAT_FLOAT32)
            return &r->points[i];
    }
    return NULL;
}

enum { MOST_MANTISSA = 15, MOST_EXPONENT = 8 };

static void find_ranges(const struct mp_search_result *r, uint32_t e[2], uint32_t m[2])
{
    e[0] = m[0] = UINT32_MAX;
    e[1] = m[1] = 0;
    for (size_t i = 0; i < r->point_count; i++) {
        const struct mp_format *w = &r->points[i].scheme.weight;
        if (w->kind != MP_FORMAT_FLOAT)
            continue;
        e[0] = w->exponent_bits < e[0] ? w->exponent_bits : e[0];
        e[1] = w->exponent_bits > e[1] ? w->exponent_bits : e[1];
        m[0] = w->mantissa_bits < m[0] ? w->mantissa_bits : m[0];
        m[1] = w->mantissa_bits > m[1] ? w->mantissa_bits : m[1];
    }
}

static const char *print_cell(const struct mp_search_point *p, char out[32])
{
    int change = (int)p->paired.won - (int)p->paired.lost;

    if (p->is_complete)
        snprintf(out, 32, "%+d%s", change, p->kept.by_count ? "*" : "");
    else
        snprintf(out, 32, "%+d of %u", change, p->scored);
    return out;
}

static int print_table(const struct mp_search_result *r, enum mp_scope scope, const char *format,
                       struct mp_error *err)
{
    struct mp_column columns[MOST_MANTISSA + 2] = {
        {"exponent_bits", "E", "", MP_COLUMN_INTEGER, 0}};
    char headings[MOST_MANTISSA + 1][8], text[32];
    char *title =
        mp_asprintf("range (E) against precision (M), a scale by %s", mp_scope_name(scope));
    struct mp_report *report;
    uint32_t e[2], m[2], count = 1;
    int rc;

    find_ranges(r, e, m);
    for (uint32_t i = m[0]; i <= m[1] && i <= MOST_MANTISSA; i++) {
        snprintf(headings[i], sizeof headings[i], "M=%u", i);
        columns[count++] = (struct mp_column){headings[i], headings[i], "", MP_COLUMN_TEXT, 0};
    }
    report = mp_report_create(title, columns, count);
    for (uint32_t k = e[0]; k <= e[1] && k <= MOST_EXPONENT; k++) {
        struct mp_value row[MOST_MANTISSA + 2] = {{.number = k}};
        char cells[MOST_MANTISSA + 2][32];
        for (uint32_t c = 1; c < count; c++) {
            const struct mp_search_point *p = cell_point(r, scope, k, m[0] + c - 1);
            row[c].is_null = p == NULL;
            row[c].text = p != NULL ? print_cell(p, cells[c]) : "";
        }
        mp_report_add_row(report, row);
    }
    snprintf(text, sizeof text, "%u", r->images);
    mp_report_add_note(report,
                       "images right, against float32's %u of %s, weights alone; *: keeps the "
                       "accuracy; `of n`: stopped after n images; -: wider than needed, not scored",
                       r->reference.top1, text);
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    free(title);
    return rc;
}

static int print_pairs(const struct mp_search_result *r, const char *format, struct mp_error *err)
{
    static const char *const shown[] = {"weight_scope", "weight", "activation", "scored", "top1",
                                        "lost",         "won",    "keeps",      "engine"};
    enum { SHOWN = sizeof shown / sizeof *shown };
    struct mp_column columns[SHOWN];
    struct mp_report *report;
    bool any = false;
    int rc = MP_OK;

    for (size_t i = 0; i < SHOWN; i++)
        for (size_t k = 0; k < POINT_COLUMNS; k++)
            if (strcmp(point_columns[k].key, shown[i]) == 0)
                columns[i] = point_columns[k];
    report = mp_report_create("weights with activations", columns, SHOWN);
    for (size_t i = 0; i < r->point_count; i++) {
        const struct mp_search_point *p = &r->points[i];
        char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
        if (p->scheme.weight.kind == MP_FORMAT_FLOAT32 ||
            p->scheme.activation.kind == MP_FORMAT_FLOAT32 || p->scheme.override_count > 0)
            continue;
        any = true;
        mp_report_add_row(report, (const struct mp_value[SHOWN]){
                                      {.text = mp_scope_name(p->scheme.weight_scope)},
                                      {.text = mp_format_name(&p->scheme.weight, weight)},
                                      {.text = mp_format_name(&p->scheme.activation, activation)},
                                      {.number = p->scored},
                                      {.number = p->top1},
                                      {.number = p->paired.lost},
                                      {.number = p->paired.won},
                                      {.text = keeps_name(p)},
                                      {.text = engine_name(p)}});
    }
    if (any)
        rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    return rc;
}

/* What a point was found to be, "" for one that was only looked at; the caller frees. */
static char *roles_text(const struct mp_search_result *r, int64_t index)
{
    struct mp_text text = {0};

    mp_text_add(&text, index == r->activation_alone ? "activations alone" : "");
    for (uint32_t i = 0; i < r->scope_count; i++) {
        struct role roles[6];
        roles_of(&r->scopes[i], roles);
        for (size_t k = 0; k < 6; k++)
            if (roles[k].point == index)
                mp_text_printf(&text, "%s%s", text.size > 0 ? ", " : "", roles[k].name);
    }
    return text.data;
}

static int print_points(const struct mp_search_result *r, const char *note, const char *format,
                        struct mp_error *err)
{
    struct mp_report *report = mp_report_create("search", point_columns, POINT_COLUMNS);
    int rc;

    add_point(report, r, &r->reference, "float32");
    for (size_t i = 0; i < r->point_count; i++) {
        char *found = roles_text(r, (int64_t)i);
        add_point(report, r, &r->points[i], found != NULL ? found : "");
        free(found);
    }
    mp_report_add_note(report, "%s", note);
    rc = mp_cli_print(report, format, err);
    mp_report_destroy(report);
    return rc;
}

int mp_cli_print_search(const struct mp_search_result *r, double tolerance, const char *note,
                        const char *format, struct mp_error *err)
{
    int rc;

    if (mp_cli_is_for_programs(format))
        return print_points(r, note, format, err);
    rc = print_summary(r, tolerance, note, format, err);
    for (uint32_t i = 0; i < r->scope_count && rc == MP_OK; i++)
        if ((rc = mp_cli_write("\n", 1, err)) == MP_OK)
            rc = print_table(r, r->scopes[i].scope, format, err);
    if (rc == MP_OK && (rc = mp_cli_write("\n", 1, err)) == MP_OK)
        rc = print_pairs(r, format, err);
    return rc;
}

int mp_cli_parse_range(uint32_t *low, uint32_t *high, const char *option, const char *text,
                       struct mp_error *err)
{
    const char *dots = strstr(text, "..");
    char *first = dots != NULL ? mp_strndup(text, (size_t)(dots - text)) : mp_strdup(text);
    uint64_t a = 0, b = 0;
    bool good = mp_parse_u64(first, &a) && mp_parse_u64(dots != NULL ? dots + 2 : text, &b) &&
                a <= b && b <= 64;

    free(first);
    if (!good)
        return mp_fail(err, MP_E_USAGE, "--%s: `%s` is no range of bits such as 3..12", option,
                       text);
    *low = (uint32_t)a;
    *high = (uint32_t)b;
    return MP_OK;
}

int mp_cli_parse_tolerance(double *tolerance, const char *text, struct mp_error *err)
{
    size_t n = strlen(text);
    bool percent = n > 0 && text[n - 1] == '%';
    char *number = mp_strndup(text, percent ? n - 1 : n);
    bool good = mp_parse_double(number, tolerance);

    free(number);
    if (percent)
        *tolerance /= 100;
    if (!good || !(*tolerance >= 0 && *tolerance < 1))
        return mp_fail(err, MP_E_USAGE, "--tolerance: `%s` is no share such as 1%%", text);
    return MP_OK;
}
