#include "estimator/cli/power_table.h"
#include "estimator/cli/commands.h"
#include <stdlib.h>
#include <string.h>

int mp_power_tables_parse(struct mp_power_tables *t, const char *by, struct mp_error *err)
{
    return mp_where_by_parse(&t->by, by, err);
}

int mp_power_tables_see(void *context, const char *design, const struct mp_estimate *e,
                        struct mp_error *err)
{
    struct mp_power_tables *t = context;
    struct mp_where_input in;
    struct mp_where where = {0};
    char *title = mp_asprintf("%s on %s at %.4g ns: power by %s", design, e->circuit.target->name,
                              1e9 * e->circuit.clock_period_s, mp_where_by_name(t->by));
    int rc;

    mp_analysis_where(&in, &e->analysis, &e->circuit);
    if ((rc = mp_where_make(&where, t->by, &in, t->top, err)) == MP_OK) {
        mp_grow(&t->tables, t->count, &t->capacity, sizeof *t->tables);
        t->tables[t->count] = mp_alloc(1, sizeof **t->tables);
        mp_where_table_make(t->tables[t->count++], &where, e->circuit.blocks, title);
    }
    mp_where_release(&where);
    free(title);
    return rc;
}

int mp_power_tables_print(const struct mp_power_tables *t, const char *format, struct mp_error *err)
{
    bool is_array = format != NULL && strcmp(format, "json") == 0 && t->count != 1;
    int rc = is_array ? mp_cli_write("[\n", 2, err) : MP_OK;

    for (size_t i = 0; i < t->count && rc == MP_OK; i++) {
        if (is_array && i > 0)
            rc = mp_cli_write(",\n", 2, err);
        if (rc == MP_OK)
            rc = mp_cli_print(t->tables[i]->report, format, err);
    }
    return rc == MP_OK && is_array ? mp_cli_write("]\n", 2, err) : rc;
}

void mp_power_tables_release(struct mp_power_tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        mp_where_table_release(t->tables[i]);
        free(t->tables[i]);
    }
    free(t->tables);
    *t = (struct mp_power_tables){0};
}
