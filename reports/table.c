#include "reports/internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mp_output_parse(enum mp_output *o, const char *name, struct mp_error *err)
{
    static const char *const names[] = {[MP_OUTPUT_TABLE] = "table",
                                        [MP_OUTPUT_CSV] = "csv",
                                        [MP_OUTPUT_JSON] = "json",
                                        [MP_OUTPUT_MARKDOWN] = "markdown"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *o = (enum mp_output)i;
            return MP_OK;
        }
    }
    return mp_fail(err, MP_E_USAGE, "there is no format \"%s\"; use table, csv, json or markdown",
                   name);
}

struct mp_report *mp_report_create(const char *title, const struct mp_column *columns,
                                   size_t column_count)
{
    struct mp_report *r = mp_alloc(1, sizeof *r);
    r->title = mp_strdup(title ? title : "");
    r->columns = columns;
    r->column_count = column_count;
    return r;
}

void mp_report_destroy(struct mp_report *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->row_count * r->column_count; i++)
        free((void *)r->cells[i].text);
    for (size_t i = 0; i < r->note_count; i++)
        free(r->notes[i]);
    free(r->cells);
    free(r->folded_columns);
    free(r->notes);
    free(r->title);
    free(r);
}

/* Bytes of the UTF-8 sequence at s, 0 where it is none (overlong, surrogate, cut off). */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static char *valid_utf8(const char *text)
{
    char *copy = mp_strdup(text ? text : "");
    for (char *p = copy; *p;) {
        size_t n = utf8_length((const unsigned char *)p);
        if (n == 0)
            *p = '?';
        p += n > 0 ? n : 1;
    }
    return copy;
}

void mp_report_add_row(struct mp_report *r, const struct mp_value *values)
{
    if (r->row_count == r->row_capacity) {
        r->row_capacity = r->row_capacity ? 2 * r->row_capacity : 16;
        r->cells = mp_realloc(r->cells, r->row_capacity * r->column_count + 1, sizeof *r->cells);
    }
    struct mp_value *cells = r->cells + r->row_count++ * r->column_count;
    for (size_t i = 0; i < r->column_count; i++) {
        bool is_text = r->columns[i].kind == MP_COLUMN_TEXT;
        cells[i] = (struct mp_value){.is_null = values[i].is_null};
        if (values[i].is_null)
            continue;
        if (is_text) {
            cells[i].text = valid_utf8(values[i].text);
        } else if (isfinite(values[i].number)) {
            cells[i].number = values[i].number;
        } else {
            fprintf(stderr, "macppa: column %s of a report is not a number\n", r->columns[i].key);
            abort();
        }
    }
}

void mp_report_add_note(struct mp_report *r, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mp_grow(&r->notes, r->note_count, &r->note_capacity, sizeof *r->notes);
    r->notes[r->note_count++] = valid_utf8(text);
}

void mp_report_render(const struct mp_report *r, enum mp_output output, struct mp_text *out)
{
    switch (output) {
    case MP_OUTPUT_TABLE:
        mp_render_text(r, out);
        break;
    case MP_OUTPUT_CSV:
        mp_render_csv(r, out);
        break;
    case MP_OUTPUT_JSON:
        mp_render_json(r, out);
        break;
    case MP_OUTPUT_MARKDOWN:
        mp_render_markdown(r, out);
        break;
    }
}
