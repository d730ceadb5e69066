/*
 * --by of `estimate`: tables of where the power goes, gathered while estimates are made and printed
 * after the comparison.
 *
 *     struct mp_power_tables t = {.top = 20};
 *     mp_power_tables_parse(&t, "net", err)
 *     const struct mp_pipeline_watch watch = {mp_power_tables_see, &t};
 *     ... run ...
 *     mp_power_tables_print(&t, format, err);
 *     mp_power_tables_release(&t);
 */
#ifndef MP_CLI_POWER_TABLE_H
#define MP_CLI_POWER_TABLE_H

#include "estimator/pipeline/estimate.h"
#include "estimator/pipeline/where_table.h"

struct mp_power_tables {
    enum mp_where_by by;
    uint32_t top;                   /* rows of a table, 0: all */
    struct mp_where_table **tables; /* each stays where it is: its report points into it */
    size_t count, capacity;
};

int mp_power_tables_parse(struct mp_power_tables *t, const char *by, struct mp_error *err);
/* `see` of struct mp_pipeline_watch. */
int mp_power_tables_see(void *context, const char *design, const struct mp_estimate *e,
                        struct mp_error *err);
/* JSON: one object, or an array of several. */
int mp_power_tables_print(const struct mp_power_tables *t, const char *format,
                          struct mp_error *err);
void mp_power_tables_release(struct mp_power_tables *t);

#endif
