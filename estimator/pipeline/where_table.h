/*
 * Where the power goes (power/where.h) as a table: the columns that say something for blocks,
 * groups, kinds of cells, cells or nets, the design's total and what it is made of as notes.
 *
 *     struct mp_where_table t;
 *     mp_where_table_make(&t, &where, &blocks, "power by net");
 *     mp_report_render(t.report, MP_OUTPUT_TABLE, &text);
 *     mp_where_table_release(&t);
 */
#ifndef MP_PIPELINE_WHERE_TABLE_H
#define MP_PIPELINE_WHERE_TABLE_H

#include "estimator/power/where.h"
#include "reports/table.h"

#define MP_WHERE_COLUMNS 20

struct mp_where_table {
    struct mp_column columns[MP_WHERE_COLUMNS];
    struct mp_report *report;
};

/* blocks: for the note on where blocks come from; NULL: no such note. Copies what it shows. Powers
 * in W, transitions per clock cycle; `glitch share` is the part of the row's total that glitches
 * take, `power share` the row's part of the design's total. Columns of what was not computed
 * (glitches, the exact mode) are left out. */
void mp_where_table_make(struct mp_where_table *t, const struct mp_where *w,
                         const struct mp_blocks *blocks, const char *title);
void mp_where_table_release(struct mp_where_table *t);

#endif
