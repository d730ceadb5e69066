#include "estimator/cli/session.h"

int mp_cli_session_open(struct mp_cli_session *s, const struct mp_cli_run *how,
                        struct mp_error *err)
{
    bool has_dump = how->dump.vcd != NULL || how->dump.saif != NULL;
    int rc;

    s->how = how;
    s->log = mp_log_create(how->level);
    s->tables.top = how->by_rows;
    s->own = (struct mp_pipeline_watch){how->by != NULL ? mp_power_tables_see : NULL, &s->tables,
                                        has_dump ? &how->dump : NULL};
    s->watch = how->by != NULL || has_dump ? &s->own : NULL;
    mp_cli_catch_signals();
    if ((rc = mp_cli_check_format(how->format, err)) < 0 ||
        (how->by != NULL && (rc = mp_power_tables_parse(&s->tables, how->by, err)) < 0) ||
        (rc = mp_tools_find(&s->tools, how->yosys, how->sta, err)) < 0)
        return rc;
    return mp_store_open(&s->store, how->database, false, err);
}

void mp_cli_session_close(struct mp_cli_session *s)
{
    mp_power_tables_release(&s->tables);
    mp_store_close(s->store);
    mp_tools_release(&s->tools);
    mp_log_destroy(s->log);
}

bool mp_cli_session_prints_summary(const struct mp_cli_session *s)
{
    return s->how->by == NULL || !mp_cli_is_for_programs(s->how->format);
}

int mp_cli_session_finish(struct mp_cli_session *s, const struct mp_experiment *e, int64_t run_id,
                          struct mp_error *err)
{
    int rc = MP_OK;

    if (e->power.use_opensta)
        rc = mp_cli_print_engines(s->store, run_id, &s->tools, s->how->format, err);
    if (rc == MP_OK && s->how->by != NULL)
        rc = mp_power_tables_print(&s->tables, s->how->format, err);
    return rc;
}
