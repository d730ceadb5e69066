/* Shared by the model and its renderers. */
#ifndef MP_REPORTS_INTERNAL_H
#define MP_REPORTS_INTERNAL_H

#include "reports/table.h"

struct mp_report {
    char *title;
    const struct mp_column *columns; /* borrowed */
    size_t column_count;
    struct mp_column *folded_columns; /* owned; NULL before mp_report_fold() */
    struct mp_value *cells;           /* cells[row * column_count + column], texts owned */
    size_t row_count, row_capacity;
    char **notes;
    size_t note_count, note_capacity;
};

/* How the numbers of one column are printed for people: value * factor with `decimals` behind the
 * point, the unit once in the heading. */
struct mp_column_style {
    double factor;
    char unit[16]; /* "uW", "%", "" */
    int decimals;
};
void mp_report_style(const struct mp_report *r, size_t column, struct mp_column_style *style);
/* One cell for people, appended; "-" for null. */
void mp_report_cell(const struct mp_report *r, size_t row, size_t column,
                    const struct mp_column_style *style, struct mp_text *out);

void mp_render_text(const struct mp_report *r, struct mp_text *out);
void mp_render_csv(const struct mp_report *r, struct mp_text *out);
void mp_render_json(const struct mp_report *r, struct mp_text *out);
void mp_render_markdown(const struct mp_report *r, struct mp_text *out);

#endif
