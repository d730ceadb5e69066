#include "estimator/util/number.h"
#include "reports/internal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Strings were made valid when they were added, and numbers are finite, so that nothing here can
 * fail but memory; jansson then gives NULL, and a missing value must not look like null. */
static json_t *sure(json_t *value)
{
    if (value)
        return value;
    fprintf(stderr, "macppa: no memory for a JSON report\n");
    abort();
}

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, sure(value)) != 0)
        sure(NULL);
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, sure(value)) != 0)
        sure(NULL);
}

static json_t *value_to_json(const struct mp_value *v, enum mp_column_kind kind)
{
    if (v->is_null)
        return json_null();
    if (kind == MP_COLUMN_TEXT)
        return json_string(v->text);
    if (kind == MP_COLUMN_INTEGER)
        return json_integer((json_int_t)v->number);
    return json_real(v->number);
}

/* The fewest digits, 15 to 17, with which every number reads back as itself: 0.1 stays 0.1. */
static size_t digits_needed(const struct mp_report *r)
{
    int digits = 15;
    for (size_t i = 0; i < r->row_count * r->column_count && digits < 17; i++) {
        char text[40];
        double back, x = r->cells[i].number;
        snprintf(text, sizeof text, "%.*g", digits, x);
        while (digits < 17 && mp_parse_double(text, &back) && (back < x || back > x))
            snprintf(text, sizeof text, "%.*g", ++digits, x);
    }
    return (size_t)digits;
}

static int add_chunk(const char *buffer, size_t size, void *out)
{
    mp_text_add_bytes(out, buffer, size);
    return 0;
}

static json_t *columns_to_json(const struct mp_report *r)
{
    json_t *columns = sure(json_array());
    for (size_t i = 0; i < r->column_count; i++) {
        bool ratio =
            r->columns[i].kind == MP_COLUMN_PERCENT || r->columns[i].kind == MP_COLUMN_SHARE;
        json_t *column = sure(json_object());
        set(column, "key", json_string(r->columns[i].key));
        set(column, "unit", json_string(ratio || !r->columns[i].unit ? "" : r->columns[i].unit));
        append(columns, column);
    }
    return columns;
}

static json_t *rows_to_json(const struct mp_report *r)
{
    json_t *rows = sure(json_array());
    for (size_t row = 0; row < r->row_count; row++) {
        json_t *object = sure(json_object());
        for (size_t i = 0; i < r->column_count; i++)
            set(object, r->columns[i].key,
                value_to_json(&r->cells[row * r->column_count + i], r->columns[i].kind));
        append(rows, object);
    }
    return rows;
}

void mp_render_json(const struct mp_report *r, struct mp_text *out)
{
    json_t *root = sure(json_object()), *notes = sure(json_array());
    for (size_t i = 0; i < r->note_count; i++)
        append(notes, json_string(r->notes[i]));
    set(root, "title", json_string(r->title));
    set(root, "columns", columns_to_json(r));
    set(root, "rows", rows_to_json(r));
    set(root, "notes", notes);
    if (json_dump_callback(root, add_chunk, out,
                           JSON_INDENT(2) | JSON_REAL_PRECISION(digits_needed(r))) != 0)
        sure(NULL);
    mp_text_add(out, "\n");
    json_decref(root);
}
