/*
 * A result as a table, and its renderers: aligned text for a terminal, CSV, JSON, Markdown. Values
 * are SI; text and Markdown scale a whole column to one engineering unit (named in its heading),
 * CSV and JSON keep SI with the unit in the key (area_um2, power_w).
 */
#ifndef MP_REPORTS_TABLE_H
#define MP_REPORTS_TABLE_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"
#include <stdbool.h>
#include <stdint.h>

enum mp_output { MP_OUTPUT_TABLE, MP_OUTPUT_CSV, MP_OUTPUT_JSON, MP_OUTPUT_MARKDOWN };
int mp_output_parse(enum mp_output *o, const char *name, struct mp_error *err);

enum mp_column_kind {
    MP_COLUMN_TEXT,
    MP_COLUMN_NUMBER,
    MP_COLUMN_INTEGER,
    MP_COLUMN_PERCENT, /* a change or reduction: +12.3, -4.5 */
    MP_COLUMN_SHARE    /* a part of a whole, 0..1: 91.5; as PERCENT, without the plus */
};

struct mp_column {
    const char *key;     /* for CSV and JSON, e.g. "power_w" */
    const char *heading; /* for people, without unit, e.g. "power" */
    const char *unit;    /* base unit: "W", "J", "s", "F", "um2", ""; all but um2 are scaled for
                            people */
    enum mp_column_kind kind; /* PERCENT: the value is a ratio, printed times 100 with sign, as
                                 "%" or, where unit says so, as "points" */
    uint8_t digits;           /* significant digits of the median value for people; 0: 3. All of
                                 a column get the same decimals. PERCENT, SHARE: decimals; 0: 1 */
};

struct mp_value {
    bool is_null;     /* prints as "-" for people, empty in CSV, null in JSON */
    double number;    /* finite unless null: anything else ends the program, as no report may
                         show or hide it */
    const char *text; /* TEXT columns; copied when added (what is not UTF-8 becomes '?') */
};

struct mp_report; /* opaque: columns, rows, notes */
/* columns are borrowed and must outlive it. */
struct mp_report *mp_report_create(const char *title, const struct mp_column *columns,
                                   size_t column_count);
void mp_report_destroy(struct mp_report *r);
void mp_report_add_row(struct mp_report *r, const struct mp_value *values);
/* A line under the table: provenance, warnings, how to read it. */
void mp_report_add_note(struct mp_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For people: columns that are the same in every row (but the first one) become one note, empty
 * ones go. No rows may be added afterwards. Of a single row only empty columns go. */
void mp_report_fold(struct mp_report *r);
/* Appends to out. Text: title, headings, units, rows, notes. CSV (RFC 4180): keys and rows only,
 * lines end in CR LF. JSON: {"title", "columns": [{"key", "unit"}], "rows": [{key: value}],
 * "notes": []}. Markdown: a GitHub table. */
void mp_report_render(const struct mp_report *r, enum mp_output output, struct mp_text *out);

#endif
