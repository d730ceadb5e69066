#include "estimator/cli/study_tables.h"
#include <math.h>
#include <stdlib.h>

#define TEXT(x)                                                                                    \
    {                                                                                              \
        .text = (x), .is_null = (x) == NULL                                                        \
    }
#define NUMBER(x)                                                                                  \
    {                                                                                              \
        .number = isfinite(x) ? (x) : 0, .is_null = !isfinite(x)                                   \
    }

static const struct mp_search_point *point(const struct mp_study_network *n, int64_t index)
{
    return index >= 0 ? &n->search.points[index] : NULL;
}

static const char *format_name(const struct mp_search_point *p, char out[MP_FORMAT_NAME_SIZE])
{
    return p != NULL ? mp_format_name(&p->scheme.weight, out) : NULL;
}

/* ---- networks */

struct mp_report *mp_study_table_networks(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"title", "title", "", MP_COLUMN_TEXT, 0},
        {"state", "weights", "", MP_COLUMN_TEXT, 0},
        {"images", "images scored", "", MP_COLUMN_INTEGER, 0},
        {"top1", "float32 top-1 right", "", MP_COLUMN_INTEGER, 0},
        {"top1_share", "float32 top-1", "", MP_COLUMN_SHARE, 1},
        {"top5_share", "float32 top-5", "", MP_COLUMN_SHARE, 1},
        {"mac_share", "MACs measured", "", MP_COLUMN_SHARE, 1},
        {"notes", "what to know", "", MP_COLUMN_TEXT, 0},
    };
    struct mp_report *r = mp_report_create("networks", columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < s->network_count; i++) {
        const struct mp_study_network *n = &s->networks[i];
        const struct mp_search_point *f = &n->search.reference;
        bool has = n->has_search;
        double images = has ? f->scored : 0,
               share = n->design_count > 0 ? n->designs[0].mac_share : 0;
        const struct mp_value row[] = {
            TEXT(n->preset),
            TEXT(n->title),
            TEXT(mp_study_state_name(n->state)),
            {.number = images, .is_null = !has},
            {.number = f->top1, .is_null = !has},
            {.number = has ? f->top1 / images : 0, .is_null = !has},
            {.number = has ? f->top5 / images : 0, .is_null = !has},
            {.number = share, .is_null = n->design_count == 0},
            TEXT(n->notes),
        };
        mp_report_add_row(r, row);
        if (n->wanted != NULL)
            mp_report_add_note(r, "%s: %s", n->preset, n->wanted);
    }
    if (s->libraries_missing != NULL)
        mp_report_add_note(r, "not estimated on: %s", s->libraries_missing);
    mp_report_add_note(r, "synthetic: power alone, with weights that were made up where there are "
                          "none; never an accuracy");
    return r;
}

/* ---- formats */

static void add_formats(struct mp_report *r, const struct mp_study_network *n,
                        const struct mp_search_scope *scope)
{
    const struct mp_search_point *fixed_alone = point(n, scope->fixed_alone),
                                 *float_alone = point(n, scope->float_alone),
                                 *fixed = point(n, scope->fixed),
                                 *floating = point(n, scope->floating);
    char names[4][MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE];
    bool both_alone = fixed_alone != NULL && float_alone != NULL;
    bool both = fixed != NULL && floating != NULL;
    const struct mp_value row[] = {
        TEXT(n->preset),
        TEXT(mp_scope_name(scope->scope)),
        TEXT(format_name(fixed_alone, names[0])),
        TEXT(format_name(float_alone, names[1])),
        {.number = both_alone
                       ? 1 - (double)float_alone->weight_bits / (double)fixed_alone->weight_bits
                       : 0,
         .is_null = !both_alone},
        TEXT(scope->activation.kind != MP_FORMAT_FLOAT32
                 ? mp_format_name(&scope->activation, activation)
                 : NULL),
        TEXT(format_name(fixed, names[2])),
        TEXT(format_name(floating, names[3])),
        {.number = fixed != NULL ? fixed->paired.difference : 0, .is_null = fixed == NULL},
        {.number = floating != NULL ? floating->paired.difference : 0, .is_null = floating == NULL},
        {.number = fixed != NULL ? (double)fixed->weight_bits : 0, .is_null = fixed == NULL},
        {.number = floating != NULL ? (double)floating->weight_bits : 0,
         .is_null = floating == NULL},
        {.number = both ? 1 - (double)floating->weight_bits / (double)fixed->weight_bits : 0,
         .is_null = !both},
    };

    mp_report_add_row(r, row);
}

struct mp_report *mp_study_table_formats(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"weight_scope", "one scale a", "", MP_COLUMN_TEXT, 0},
        {"fixed_alone", "fixed, weights alone", "", MP_COLUMN_TEXT, 0},
        {"float_alone", "float, weights alone", "", MP_COLUMN_TEXT, 0},
        {"storage_alone_reduction", "storage saved", "", MP_COLUMN_PERCENT, 1},
        {"activation", "activations", "", MP_COLUMN_TEXT, 0},
        {"fixed", "fixed", "", MP_COLUMN_TEXT, 0},
        {"float", "float", "", MP_COLUMN_TEXT, 0},
        {"fixed_change", "fixed, top-1", "points", MP_COLUMN_PERCENT, 1},
        {"float_change", "float, top-1", "points", MP_COLUMN_PERCENT, 1},
        {"fixed_weight_bits", "bits, fixed", "", MP_COLUMN_INTEGER, 0},
        {"float_weight_bits", "bits, float", "", MP_COLUMN_INTEGER, 0},
        {"storage_reduction", "storage saved with activations", "", MP_COLUMN_PERCENT, 1},
    };
    static const struct mp_value paper[] = {{.text = "the paper"},
                                            {.is_null = true},
                                            {.text = "int11"},
                                            {.text = "7 bits, E = 4"},
                                            {.number = MP_CLAIMED_STORAGE},
                                            {.text = "fixed point"},
                                            {.is_null = true},
                                            {.is_null = true},
                                            {.is_null = true},
                                            {.is_null = true},
                                            {.is_null = true},
                                            {.is_null = true},
                                            {.is_null = true}};
    struct mp_report *r = mp_report_create("narrowest formats that keep top-1", columns,
                                           sizeof columns / sizeof *columns);

    mp_report_add_row(r, paper);
    for (size_t i = 0; i < s->network_count; i++)
        for (uint32_t k = 0; k < s->networks[i].search.scope_count; k++)
            add_formats(r, &s->networks[i], &s->networks[i].search.scopes[k]);
    mp_report_add_note(r,
                       "keep: top-1 falls by at most %.3g %% of float32's, by count on the same "
                       "images; bits: of all weights with their scales",
                       100 * s->settings->tolerance);
    return r;
}

/* ---- range against precision */

#define MANTISSAS 8

/* Change of top-1 in points; "<" where a look was stopped early, with the images it had. */
static char *cell_text(const struct mp_search_point *p)
{
    if (p->is_complete)
        return mp_asprintf("%+.1f", 100 * p->paired.difference);
    return mp_asprintf("(%+.0f, %u)", 100 * p->paired.difference, p->scored);
}

static void add_precision_row(struct mp_report *r, const struct mp_study_network *n,
                              enum mp_scope scope, unsigned exponent_bits,
                              const struct mp_search_point *const *points, size_t count)
{
    char *texts[MANTISSAS] = {0}, *name = mp_asprintf("%u", exponent_bits);
    struct mp_value row[3 + MANTISSAS] = {TEXT(n->preset), TEXT(mp_scope_name(scope)), TEXT(name)};
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        const struct mp_format *w = &points[i]->scheme.weight;
        if (w->kind != MP_FORMAT_FLOAT || w->exponent_bits != exponent_bits ||
            w->mantissa_bits >= MANTISSAS || texts[w->mantissa_bits] != NULL)
            continue;
        texts[w->mantissa_bits] = cell_text(points[i]);
        any = true;
    }
    for (unsigned m = 0; m < MANTISSAS; m++)
        row[3 + m] = (struct mp_value)TEXT(texts[m]);
    if (any)
        mp_report_add_row(r, row);
    for (unsigned m = 0; m < MANTISSAS; m++)
        free(texts[m]);
    free(name);
}

/* Fixed point beside it: the column of M is that of a float as wide with E = 4, so W = 5 + M. */
static void add_fixed_row(struct mp_report *r, const struct mp_study_network *n,
                          enum mp_scope scope, const struct mp_search_point *const *points,
                          size_t count)
{
    char *texts[MANTISSAS] = {0};
    struct mp_value row[3 + MANTISSAS] = {
        TEXT(n->preset), TEXT(mp_scope_name(scope)), {.text = "int, as wide as E = 4"}};

    for (size_t i = 0; i < count; i++) {
        const struct mp_format *w = &points[i]->scheme.weight;
        if (w->kind == MP_FORMAT_INT && w->bits >= 5 && w->bits < 5 + MANTISSAS &&
            texts[w->bits - 5] == NULL)
            texts[w->bits - 5] = cell_text(points[i]);
    }
    for (unsigned m = 0; m < MANTISSAS; m++)
        row[3 + m] = (struct mp_value)TEXT(texts[m]);
    mp_report_add_row(r, row);
    for (unsigned m = 0; m < MANTISSAS; m++)
        free(texts[m]);
}

struct mp_report *mp_study_table_precision(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"weight_scope", "one scale a", "", MP_COLUMN_TEXT, 0},
        {"exponent_bits", "E", "", MP_COLUMN_TEXT, 0},
        {"m0", "M = 0", "", MP_COLUMN_TEXT, 0},
        {"m1", "1", "", MP_COLUMN_TEXT, 0},
        {"m2", "2", "", MP_COLUMN_TEXT, 0},
        {"m3", "3", "", MP_COLUMN_TEXT, 0},
        {"m4", "4", "", MP_COLUMN_TEXT, 0},
        {"m5", "5", "", MP_COLUMN_TEXT, 0},
        {"m6", "6", "", MP_COLUMN_TEXT, 0},
        {"m7", "7", "", MP_COLUMN_TEXT, 0},
    };
    struct mp_report *r = mp_report_create("range against precision: points of top-1", columns,
                                           sizeof columns / sizeof *columns);

    for (size_t i = 0; i < s->network_count; i++) {
        const struct mp_study_network *n = &s->networks[i];
        const struct mp_search_point **points = mp_alloc(n->search.point_count + 1, sizeof *points);
        for (uint32_t k = 0; k < n->search.scope_count; k++) {
            enum mp_scope scope = n->search.scopes[k].scope;
            size_t count = mp_study_formats_alone(n, scope, points);
            add_fixed_row(r, n, scope, points, count);
            for (unsigned e = 0; e <= 8; e++)
                add_precision_row(r, n, scope, e, points, count);
        }
        free(points);
    }
    mp_report_add_note(r, "weights alone, against float32 on the same images; (x, n): stopped "
                          "after n images, hopeless by then; -: not tried");
    return r;
}

/* ---- storage */

static void add_storage(struct mp_report *r, const struct mp_study_network *n,
                        const struct mp_study_storage *w)
{
    const struct mp_study_storage *b = &n->storage[0];
    double count = (double)w->weight_count;
    bool has = b->weight.kind == MP_FORMAT_INT && b != w;
    char name[MP_FORMAT_NAME_SIZE];
    const struct mp_value row[] = {
        TEXT(n->preset),
        TEXT(mp_format_name(&w->weight, name)),
        {.text = w->keeps ? "yes" : "no"},
        {.number = (double)w->weight_bits},
        {.number = (double)w->weight_bits / count},
        {.number = (double)w->zero_weights / count},
        {.number = (double)w->zero_skipping_bits / count},
        {.number = has ? 1 - (double)w->weight_bits / (double)b->weight_bits : 0, .is_null = !has},
        {.number = b->weight.kind == MP_FORMAT_INT
                       ? 1 - (double)w->zero_skipping_bits / (double)b->weight_bits
                       : 0,
         .is_null = b->weight.kind != MP_FORMAT_INT},
    };

    mp_report_add_row(r, row);
}

struct mp_report *mp_study_table_storage(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"weight", "weight", "", MP_COLUMN_TEXT, 0},
        {"keeps", "keeps top-1", "", MP_COLUMN_TEXT, 0},
        {"weight_bits", "bits of all weights", "", MP_COLUMN_INTEGER, 0},
        {"bits_per_weight", "bits a weight", "", MP_COLUMN_NUMBER, 3},
        {"zero_weights_share", "zero weights", "", MP_COLUMN_SHARE, 1},
        {"zero_skipping_bits_per_weight", "bits a weight, zeros skipped", "", MP_COLUMN_NUMBER, 3},
        {"storage_reduction", "saved", "", MP_COLUMN_PERCENT, 1},
        {"zero_skipping_reduction", "saved, zeros skipped", "", MP_COLUMN_PERCENT, 1},
    };
    struct mp_report *r = mp_report_create("storage of the narrowest formats, weights alone",
                                           columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < s->network_count; i++)
        for (size_t k = 0; k < s->networks[i].storage_count; k++)
            add_storage(r, &s->networks[i], &s->networks[i].storage[k]);
    mp_report_add_note(r, "saved: against the narrowest fixed point in its plain code; scales and "
                          "tables included; lut<B>: 2^B shared values a layer (clustering); "
                          "zeros skipped: non-zero codes with the distance to the next one, where "
                          "a layer gains by it");
    return r;
}

/* ---- power */

const struct mp_study_design *mp_study_baseline(const struct mp_study *s,
                                                const struct mp_study_network *n,
                                                const struct mp_study_design *d)
{
    for (size_t i = 0; d->is_found && i < n->design_count; i++) {
        const struct mp_study_design *b = &n->designs[i];
        if (b->is_found && b->weight.kind == MP_FORMAT_INT && b->scope == d->scope &&
            b->unit == d->unit && b->library == d->library)
            return b;
    }
    for (size_t i = 0; !d->is_found && i < s->settings->format_count; i++)
        if (s->settings->formats[i].kind == MP_FORMAT_INT)
            return mp_study_find(n, d->library, d->unit, d->scope, &s->settings->formats[i],
                                 d->is_synthetic);
    return NULL;
}

static void add_power(struct mp_report *r, const struct mp_study *s,
                      const struct mp_study_network *n, const struct mp_study_design *d)
{
    const struct mp_study_design *b = mp_study_baseline(s, n, d);
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE],
        baseline[MP_FORMAT_NAME_SIZE];
    double period = d->clock_period_s;
    bool has = b != NULL && b != d;
    const struct mp_value row[] = {
        TEXT(d->library),
        TEXT(mp_unit_name(d->unit)),
        TEXT(n->preset),
        TEXT(mp_scope_name(d->scope)),
        TEXT(mp_format_name(&d->weight, weight)),
        TEXT(mp_format_name(&d->activation, activation)),
        {.text = d->is_found ? "found" : "given"},
        {.number = d->area_um2},
        {.number = d->critical_path_s > period ? d->critical_path_s - period : 0,
         .is_null = d->critical_path_s <= period},
        {.number = d->functional_w},
        {.number = d->total_w},
        {.number = d->total_half_width_w, .is_null = d->total_half_width_w <= 0},
        {.number = d->total_w * period},
        {.number = d->total_w * period * d->macs},
        {.number = d->mac_share},
        {.text = d->is_synthetic ? "synthetic" : NULL, .is_null = !d->is_synthetic},
        {.text = has ? mp_format_name(&b->weight, baseline) : NULL, .is_null = !has},
        {.number = has ? 1 - d->area_um2 / b->area_um2 : 0, .is_null = !has},
        {.number = has ? 1 - d->functional_w / b->functional_w : 0, .is_null = !has},
        {.number = has ? 1 - d->total_w / b->total_w : 0, .is_null = !has},
    };

    mp_report_add_row(r, row);
}

struct mp_report *mp_study_table_power(const struct mp_study *s)
{
    static const struct mp_column columns[] = {
        {"library", "library", "", MP_COLUMN_TEXT, 0},
        {"unit", "unit", "", MP_COLUMN_TEXT, 0},
        {"network", "network", "", MP_COLUMN_TEXT, 0},
        {"weight_scope", "one scale a", "", MP_COLUMN_TEXT, 0},
        {"weight", "weight", "", MP_COLUMN_TEXT, 0},
        {"activation", "activation", "", MP_COLUMN_TEXT, 0},
        {"origin", "format", "", MP_COLUMN_TEXT, 0},
        {"area_um2", "area", "um2", MP_COLUMN_NUMBER, 4},
        {"clock_missed_s", "clock missed by", "s", MP_COLUMN_NUMBER, 3},
        {"power_w", "power", "W", MP_COLUMN_NUMBER, 4},
        {"total_w", "with glitches", "W", MP_COLUMN_NUMBER, 4},
        {"total_half_width_w", "+-", "W", MP_COLUMN_NUMBER, 2},
        {"energy_per_mac_j", "energy per mac", "J", MP_COLUMN_NUMBER, 4},
        {"inference_j", "one inference", "J", MP_COLUMN_NUMBER, 4},
        {"mac_share", "of the MACs", "", MP_COLUMN_SHARE, 1},
        {"operands", "operands", "", MP_COLUMN_TEXT, 0},
        {"baseline", "against", "", MP_COLUMN_TEXT, 0},
        {"area_reduction", "area saved", "", MP_COLUMN_PERCENT, 1},
        {"power_reduction", "power saved", "", MP_COLUMN_PERCENT, 1},
        {"total_reduction", "power with glitches saved", "", MP_COLUMN_PERCENT, 1},
    };
    struct mp_report *r = mp_report_create("power under each network's operands", columns,
                                           sizeof columns / sizeof *columns);

    for (size_t l = 0; l < s->library_count; l++)
        for (int unit = MP_UNIT_MULTIPLIER; unit <= MP_UNIT_MAC; unit++)
            for (size_t i = 0; i < s->network_count; i++)
                for (size_t k = 0; k < s->networks[i].design_count; k++) {
                    const struct mp_study_design *d = &s->networks[i].designs[k];
                    if (d->library == s->libraries[l] && d->unit == (enum mp_unit)unit)
                        add_power(r, s, &s->networks[i], d);
                }
    mp_report_add_note(r, "found: the narrowest that keeps this network's accuracy; given: asked "
                          "for in the config, whatever the accuracy");
    mp_report_add_note(r, "energy and inference: with glitches; +-: half of the 95 %% interval");
    return r;
}
