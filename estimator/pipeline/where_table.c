#include "estimator/pipeline/where_table.h"
#include "estimator/util/number.h"
#include <math.h>
#include <string.h>

enum field {
    NAME,
    DRIVER,
    KIND,
    BLOCK,
    CELLS,
    LOADS,
    AREA,
    AREA_SHARE,
    TRANSITIONS,
    TIMED_TRANSITIONS,
    LOAD,
    INTERNAL,
    SWITCHING,
    LEAKAGE,
    GLITCH,
    GLITCH_SHARE,
    TOTAL,
    MEAN,
    EXACT,
    SHARE,
    FIELD_COUNT
};
_Static_assert(FIELD_COUNT <= MP_WHERE_COLUMNS, "room for every column");

#define BY(x) (1u << MP_WHERE_##x)
#define ALL   (BY(BLOCK) | BY(CELL) | BY(NET) | BY(KIND) | BY(GROUP))
#define MANY  (BY(BLOCK) | BY(KIND) | BY(GROUP)) /* rows of several cells */

static const struct {
    struct mp_column column;
    unsigned by; /* the tables that have it */
} fields[FIELD_COUNT] = {
    [NAME] = {{NULL, NULL, "", MP_COLUMN_TEXT, 0}, ALL},
    [DRIVER] = {{"driver", "driver", "", MP_COLUMN_TEXT, 0}, BY(NET)},
    [KIND] = {{"kind", "kind", "", MP_COLUMN_TEXT, 0}, BY(CELL) | BY(NET)},
    [BLOCK] = {{"block", "block", "", MP_COLUMN_TEXT, 0}, BY(CELL) | BY(NET)},
    [CELLS] = {{"cells", "cells", "", MP_COLUMN_INTEGER, 0}, MANY},
    [LOADS] = {{"fan_out", "fan-out", "", MP_COLUMN_INTEGER, 0}, BY(NET)},
    [AREA] = {{"area_um2", "area", "um2", MP_COLUMN_NUMBER, 0}, MANY | BY(CELL)},
    [AREA_SHARE] = {{"area_share", "area share", "", MP_COLUMN_SHARE, 0}, MANY},
    [TRANSITIONS] = {{"transitions_per_cycle", "transitions/cycle", "", MP_COLUMN_NUMBER, 0}, ALL},
    [TIMED_TRANSITIONS] = {{"timed_transitions_per_cycle", "with glitches", "", MP_COLUMN_NUMBER,
                            0},
                           ALL},
    [LOAD] = {{"load_f", "load", "F", MP_COLUMN_NUMBER, 0}, ALL},
    [INTERNAL] = {{"internal_w", "internal", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [SWITCHING] = {{"switching_w", "switching", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [LEAKAGE] = {{"leakage_w", "leakage", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [GLITCH] = {{"glitch_w", "glitch", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [GLITCH_SHARE] = {{"glitch_share", "glitch share", "", MP_COLUMN_SHARE, 0}, ALL},
    [TOTAL] = {{"total_w", "total", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [MEAN] = {{"mean_w", "mean a cell", "W", MP_COLUMN_NUMBER, 0}, BY(KIND)},
    [EXACT] = {{"exact_w", "exact total", "W", MP_COLUMN_NUMBER, 0}, ALL},
    [SHARE] = {{"power_share", "power share", "", MP_COLUMN_SHARE, 0}, ALL},
};

static bool is_shown(const struct mp_where *w, enum field f)
{
    if (!w->has_timed && (f == TIMED_TRANSITIONS || f == GLITCH || f == GLITCH_SHARE))
        return false;
    if (!w->has_exact && f == EXACT)
        return false;
    return fields[f].by >> w->by & 1;
}

static struct mp_value text(const char *s)
{
    return (struct mp_value){.is_null = s == NULL, .text = s};
}

static struct mp_value number(double x)
{
    struct mp_value v = {.is_null = !isfinite(x)};
    if (!v.is_null)
        v.number = x;
    return v;
}

static struct mp_value ratio(double part, double whole)
{
    return number(whole > 0 ? part / whole : NAN);
}

static struct mp_value value_of(const struct mp_where *w, const struct mp_where_row *r,
                                enum field f)
{
    switch (f) {
    case NAME:
        return text(r->name);
    case DRIVER:
        return text(r->driver);
    case KIND:
        return text(r->kind);
    case BLOCK:
        return text(r->block);
    case CELLS:
        return number(r->cells);
    case LOADS:
        return number(r->loads);
    case AREA:
        return number(r->area_um2);
    case AREA_SHARE:
        return ratio(r->area_um2, w->total.area_um2);
    case TRANSITIONS:
        return number(r->transitions);
    case TIMED_TRANSITIONS:
        return number(r->timed_transitions);
    case LOAD:
        return number(r->load_f);
    case INTERNAL:
        return number(r->functional.internal_w);
    case SWITCHING:
        return number(r->functional.switching_w);
    case LEAKAGE:
        return number(r->functional.leakage_w);
    case GLITCH:
        return number(r->glitch_w);
    case GLITCH_SHARE:
        return ratio(r->glitch_w, r->total_w);
    case TOTAL:
        return number(r->total_w);
    case MEAN:
        return ratio(r->total_w, r->cells);
    case EXACT:
        return number(r->exact_w);
    case SHARE:
        return number(r->share);
    case FIELD_COUNT:
        break;
    }
    return text(NULL);
}

static void add_notes(struct mp_report *report, const struct mp_where *w,
                      const struct mp_blocks *blocks)
{
    static const char *const origins[] = {
        [MP_BLOCKS_APART] = "kept apart in synthesis",
        [MP_BLOCKS_HIERARCHY] = "the first part of hierarchical names",
        [MP_BLOCKS_CONES] = "cones of logic between registers and ports of the flat netlist"};
    const struct mp_where_row *t = &w->total;
    char total[40], functional[40], glitch[40];
    mp_print_engineering(t->total_w, 4, "W", total, sizeof total);
    mp_print_engineering(mp_power_total(&t->functional), 4, "W", functional, sizeof functional);
    mp_print_engineering(t->glitch_w, 3, "W", glitch, sizeof glitch);
    if (w->has_timed)
        mp_report_add_note(report, "total %s: functional %s, glitches %s (%.1f %%)", total,
                           functional, glitch, t->total_w > 0 ? 100 * t->glitch_w / t->total_w : 0);
    else
        mp_report_add_note(report, "total %s, glitches not known", total);
    if (blocks && w->by != MP_WHERE_KIND && w->by != MP_WHERE_GROUP)
        mp_report_add_note(report, "blocks: %s", origins[blocks->origin]);
}

void mp_where_table_make(struct mp_where_table *t, const struct mp_where *w,
                         const struct mp_blocks *blocks, const char *title)
{
    enum field shown[FIELD_COUNT];
    size_t count = 0;
    memset(t, 0, sizeof *t);
    for (enum field f = NAME; f < FIELD_COUNT; f++) {
        if (!is_shown(w, f))
            continue;
        t->columns[count] = fields[f].column;
        if (f == NAME)
            t->columns[count].key = t->columns[count].heading = mp_where_by_name(w->by);
        shown[count++] = f;
    }
    t->report = mp_report_create(title, t->columns, count);
    for (uint32_t i = 0; i < w->count; i++) {
        struct mp_value values[FIELD_COUNT];
        for (size_t k = 0; k < count; k++)
            values[k] = value_of(w, &w->rows[i], shown[k]);
        mp_report_add_row(t->report, values);
    }
    add_notes(t->report, w, blocks);
}

void mp_where_table_release(struct mp_where_table *t)
{
    mp_report_destroy(t->report);
    t->report = NULL;
}
