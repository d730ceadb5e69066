/*
 * The rows of a query as a report: kinds and units follow from the values and from the endings of
 * the column names, as the database uses them.
 *
 *     struct mp_query_table t = {0};
 *     if (mp_store_query(store, "best", NULL, 0, mp_query_table_row, &t, err) == MP_OK)
 *         mp_report_render(mp_query_table_report(&t, "best"), output, &text);
 *     mp_query_table_release(&t);
 */
#ifndef MP_REPORTS_QUERY_TABLE_H
#define MP_REPORTS_QUERY_TABLE_H

#include "reports/table.h"

/* Zero-initialise; release frees all, the report too. */
struct mp_query_table {
    struct mp_arena strings;
    struct mp_column *columns;
    size_t column_count;
    const char **values; /* values[row * column_count + column], NULL: SQL NULL */
    char *types;         /* the same shape: 'i', 'r', 't', 'n' */
    size_t row_count, row_capacity;
    struct mp_report *report;
};

/* An mp_store_row; context is the table. Copies. */
int mp_query_table_row(void *context, int column_count, const char *const *names,
                       const char *const *values, const char *types);

/* A column is a number when all its values are (a column of large identifiers stays text, so that
 * no digit is lost). Endings: _w _j _s (scaled for people), _um2 _v _c and scaled units such as
 * _uw _fj _ns (as they are), _percent; ratios: _share, and _reduction _change _spread (signed
 * percent). A name that comes twice gets _2. Owned by the table. */
struct mp_report *mp_query_table_report(struct mp_query_table *t, const char *title);
void mp_query_table_release(struct mp_query_table *t);

#endif
