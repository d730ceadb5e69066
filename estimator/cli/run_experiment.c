#include "estimator/cli/commands.h"
#include <stdlib.h>

static int print_summary(struct mp_store *store, const struct mp_experiment *e,
                         const struct mp_run_summary *s, const char *database, const char *format,
                         struct mp_error *err)
{
    char baseline[MP_FORMAT_NAME_SIZE] = "";
    char *run = mp_asprintf("run=%lld", (long long)s->run_id);
    char *against =
        mp_asprintf("baseline=%s", e->has_baseline ? mp_format_name(&e->baseline, baseline) : "");
    char *reused = mp_asprintf("%zu estimates, %zu of them reused; %.1f s", s->estimates,
                               s->estimates_reused, s->wall_s);
    char *stored = mp_asprintf("stored in %s as run %lld (sqlite3 %s 'select * from v_estimate')",
                               database, (long long)s->run_id, database);
    const char *const parameters[] = {run, against};
    const char *const notes[] = {
        "power: functional (zero-delay) activity of the trace on every pin, no glitches; no wire "
        "load",
        "reductions are against the baseline weight format with the same unit and activations",
        reused, stored};
    const struct mp_cli_query q = {.title = e->name,
                                   .name = "comparison",
                                   .parameters = parameters,
                                   .parameter_count = 2,
                                   .notes = notes,
                                   .note_count = sizeof notes / sizeof *notes};
    int rc = mp_cli_print_query(store, &q, format, err);

    free(run);
    free(against);
    free(reused);
    free(stored);
    return rc;
}

int mp_cli_run_experiment(const struct mp_experiment *e, const struct mp_cli_run *how,
                          struct mp_error *err)
{
    struct mp_log *log = mp_log_create(how->level);
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_run_summary summary;
    int rc;

    mp_cli_catch_signals();
    if ((rc = mp_cli_check_format(how->format, err)) < 0 ||
        (rc = mp_tools_find(&tools, how->yosys, how->sta, err)) < 0 ||
        (rc = mp_store_open(&store, how->database, false, err)) < 0 ||
        (rc = mp_pipeline_run(e, &tools, store, log, &summary, err)) < 0)
        goto out;
    rc = print_summary(store, e, &summary, how->database, how->format, err);
out:
    mp_store_close(store);
    mp_tools_release(&tools);
    mp_log_destroy(log);
    return rc;
}
