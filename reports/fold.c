#include "reports/internal.h"

#include <stdlib.h>
#include <string.h>

static bool same(const struct mp_value *a, const struct mp_value *b)
{
    if (a->is_null || b->is_null)
        return a->is_null && b->is_null;
    if (a->text != NULL || b->text != NULL)
        return a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0;
    return !(a->number < b->number) && !(a->number > b->number);
}

static bool is_constant(const struct mp_report *r, size_t column)
{
    for (size_t row = 1; row < r->row_count; row++)
        if (!same(&r->cells[column], &r->cells[row * r->column_count + column]))
            return false;
    return true;
}

static void describe(const struct mp_report *r, size_t column, struct mp_text *out)
{
    struct mp_column_style style;

    if (r->cells[column].is_null)
        return;
    mp_report_style(r, column, &style);
    mp_text_printf(out, "%s%s ", out->size > 0 ? ", " : "", r->columns[column].heading);
    mp_report_cell(r, 0, column, &style, out);
    if (style.unit[0] != '\0')
        mp_text_printf(out, " %s", style.unit);
}

/* Keep the columns of the list: columns and cells move together. */
static void keep_columns(struct mp_report *r, const size_t *kept, size_t count)
{
    struct mp_column *columns = mp_alloc(count + 1, sizeof *columns);
    struct mp_value *cells = mp_alloc(r->row_count * count + 1, sizeof *cells);

    for (size_t i = 0; i < count; i++)
        columns[i] = r->columns[kept[i]];
    for (size_t row = 0; row < r->row_count; row++)
        for (size_t i = 0, k = 0; i < r->column_count; i++) {
            struct mp_value *v = &r->cells[row * r->column_count + i];
            if (k < count && kept[k] == i)
                cells[row * count + k++] = *v;
            else
                free((void *)v->text);
        }
    free(r->cells);
    free(r->folded_columns);
    r->cells = cells;
    r->row_capacity = r->row_count;
    r->columns = r->folded_columns = columns;
    r->column_count = count;
}

/* Formats of many layers ("conv1: weights int8; conv2: ...") would be most of a table's width. */
static void shorten_overrides(struct mp_report *r, size_t column)
{
    enum { LONG = 48 };

    for (size_t row = 0; row < r->row_count; row++) {
        struct mp_value *v = &r->cells[row * r->column_count + column];
        size_t layers = 1, first;
        if (v->is_null || v->text == NULL || strlen(v->text) <= LONG)
            continue;
        for (const char *p = v->text; *p != '\0'; p++)
            layers += *p == ';';
        first = strcspn(v->text, ";");
        char *brief = mp_asprintf("%.*s ... (%zu layers)", (int)(first < LONG ? first : LONG),
                                  v->text, layers);
        free((void *)v->text);
        v->text = brief;
    }
}

void mp_report_fold(struct mp_report *r)
{
    struct mp_text line = {0};
    size_t *kept, count = 0;

    if (r->row_count == 0)
        return;
    for (size_t i = 0; i < r->column_count; i++)
        if (strcmp(r->columns[i].key, "overrides") == 0)
            shorten_overrides(r, i);
    kept = mp_alloc(r->column_count + 1, sizeof *kept);
    for (size_t i = 0; i < r->column_count; i++)
        if (i > 0 && is_constant(r, i) && (r->row_count > 1 || r->cells[i].is_null))
            describe(r, i, &line);
        else
            kept[count++] = i;
    if (line.size > 0)
        mp_report_add_note(r, "in every row: %s", line.data);
    keep_columns(r, kept, count);
    free(kept);
    mp_text_release(&line);
}
