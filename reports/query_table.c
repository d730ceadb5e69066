#include "reports/query_table.h"
#include "estimator/util/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above this a double does not hold every integer. */
#define EXACT_INTEGERS 9007199254740992.0

static const char *unique_key(struct mp_query_table *t, size_t index, const char *name)
{
    const char *key = mp_arena_strdup(&t->strings, name);
    for (unsigned n = 2;; n++) {
        size_t i = 0;
        while (i < index && strcmp(t->columns[i].key, key) != 0)
            i++;
        if (i == index)
            return key;
        char *longer = mp_asprintf("%s_%u", name, n);
        key = mp_arena_strdup(&t->strings, longer);
        free(longer);
    }
}

static void start(struct mp_query_table *t, int column_count, const char *const *names)
{
    t->column_count = (size_t)column_count;
    t->columns = mp_alloc(t->column_count + 1, sizeof *t->columns);
    for (size_t i = 0; i < t->column_count; i++)
        t->columns[i].key = unique_key(t, i, names[i]);
}

int mp_query_table_row(void *context, int column_count, const char *const *names,
                       const char *const *values, const char *types)
{
    struct mp_query_table *t = context;
    if (!t->columns)
        start(t, column_count, names);
    if (t->row_count == t->row_capacity) {
        t->row_capacity = t->row_capacity ? 2 * t->row_capacity : 64;
        size_t cells = t->row_capacity * t->column_count;
        t->values = mp_realloc(t->values, cells, sizeof *t->values);
        t->types = mp_realloc(t->types, cells, 1);
    }
    size_t first = t->row_count++ * t->column_count;
    for (size_t i = 0; i < t->column_count; i++) {
        t->values[first + i] = values[i] ? mp_arena_strdup(&t->strings, values[i]) : NULL;
        t->types[first + i] = types[i];
    }
    return 0;
}

/* TEXT, INTEGER or NUMBER by what is in the column; all NULL counts as text. */
static enum mp_column_kind kind_of_values(const struct mp_query_table *t, size_t column)
{
    bool whole = true, any = false;
    for (size_t row = 0; row < t->row_count; row++) {
        size_t i = row * t->column_count + column;
        double x;
        if (t->types[i] == 'n')
            continue;
        if (t->types[i] == 't' || !mp_parse_double(t->values[i], &x))
            return MP_COLUMN_TEXT;
        if (t->types[i] == 'i' && fabs(x) >= EXACT_INTEGERS)
            return MP_COLUMN_TEXT;
        whole = whole && t->types[i] == 'i';
        any = true;
    }
    return !any ? MP_COLUMN_TEXT : whole ? MP_COLUMN_INTEGER : MP_COLUMN_NUMBER;
}

/* What an ending of a name says. */
struct ending {
    const char *text, *unit;
    enum mp_column_kind kind;
    bool in_heading; /* the ending is part of what the column is, not only its unit */
};

static const struct ending *find_ending(const char *key)
{
    static const struct ending endings[] = {
        {"_unix_s", "", MP_COLUMN_INTEGER, true},    {"_um2", "um2", MP_COLUMN_NUMBER, false},
        {"_w", "W", MP_COLUMN_NUMBER, false},        {"_j", "J", MP_COLUMN_NUMBER, false},
        {"_s", "s", MP_COLUMN_NUMBER, false},        {"_v", "V", MP_COLUMN_NUMBER, false},
        {"_c", "C", MP_COLUMN_NUMBER, false},        {"_uw", "uW", MP_COLUMN_NUMBER, false},
        {"_fj", "fJ", MP_COLUMN_NUMBER, false},      {"_ns", "ns", MP_COLUMN_NUMBER, false},
        {"_percent", "%", MP_COLUMN_NUMBER, false},  {"_share", "", MP_COLUMN_SHARE, false},
        {"_reduction", "", MP_COLUMN_PERCENT, true}, {"_change", "points", MP_COLUMN_PERCENT, true},
        {"_spread", "", MP_COLUMN_PERCENT, true}};
    size_t length = strlen(key);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i].text);
        if (length > n && strcmp(key + length - n, endings[i].text) == 0)
            return &endings[i];
    }
    return NULL;
}

/* Headings that a name alone does not make clear, or makes twice. */
static const char *find_heading(const char *key)
{
    static const struct {
        const char *key, *heading;
    } headings[] = {{"top1", "top-1 right"},
                    {"top5", "top-5 right"},
                    {"top5_share", "top-5"},
                    {"reference_top1", "float32's top-1 right"},
                    {"network_weight_bits", "bits of all weights"},
                    {"macs", "MACs"},
                    {"macs_share", "share of MACs"},
                    {"mac_share", "share of MACs"}};
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (strcmp(key, headings[i].key) == 0)
            return headings[i].heading;
    return NULL;
}

static void describe(struct mp_query_table *t, size_t column)
{
    struct mp_column *c = &t->columns[column];
    const struct ending *ending = find_ending(c->key);
    c->kind = kind_of_values(t, column);
    c->unit = "";
    if (ending && c->kind != MP_COLUMN_TEXT) {
        c->kind = ending->kind;
        c->unit = ending->unit;
    }
    if ((c->heading = find_heading(c->key)) != NULL)
        return;
    size_t length = strlen(c->key);
    if (ending && !ending->in_heading)
        length -= strlen(ending->text);
    char *heading = mp_arena_strndup(&t->strings, c->key, length);
    for (char *p = heading; *p; p++)
        *p = *p == '_' ? ' ' : *p;
    c->heading = heading;
}

struct mp_report *mp_query_table_report(struct mp_query_table *t, const char *title)
{
    if (t->report)
        return t->report;
    for (size_t i = 0; i < t->column_count; i++)
        describe(t, i);
    t->report = mp_report_create(title, t->columns, t->column_count);
    struct mp_value *row = mp_alloc(t->column_count + 1, sizeof *row);
    for (size_t r = 0; r < t->row_count; r++) {
        for (size_t i = 0; i < t->column_count; i++) {
            const char *text = t->values[r * t->column_count + i];
            row[i] = (struct mp_value){.is_null = !text, .text = text};
            if (text && t->columns[i].kind != MP_COLUMN_TEXT)
                mp_parse_double(text, &row[i].number);
        }
        mp_report_add_row(t->report, row);
    }
    free(row);
    return t->report;
}

void mp_query_table_release(struct mp_query_table *t)
{
    mp_report_destroy(t->report);
    free(t->columns);
    free(t->values);
    free(t->types);
    mp_arena_release(&t->strings);
    memset(t, 0, sizeof *t);
}
