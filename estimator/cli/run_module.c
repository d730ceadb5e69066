#include "estimator/cli/session.h"
#include <stdlib.h>
#include <string.h>

/* Of a file, the notes of the run say what its power is. */
static char *describe_power(const struct mp_module_request *q, const struct mp_experiment *e)
{
    char *wires = mp_cli_describe_wires(e);
    char *text = mp_asprintf("%s%s",
                             q->activity != NULL ? ""
                                                 : "power: functional, without gate delays; "
                                                   "glitch: what gate delays add; total, energy: "
                                                   "both; half widths: of 95 % intervals; ",
                             wires);

    free(wires);
    return text;
}

static int print_summary(struct mp_store *store, const struct mp_module_summary *s,
                         const struct mp_module_request *request, const struct mp_experiment *e,
                         const char *database, const char *format, struct mp_error *err)
{
    const struct mp_run_summary *run = &s->run;
    char *parameter = mp_asprintf("run=%lld", (long long)run->run_id);
    char *stored =
        mp_asprintf("%zu estimate%s (%zu reused) in %.1f s, stored in %s as run %lld",
                    run->estimates, run->estimates == 1 ? "" : "s", run->estimates_reused,
                    run->wall_s, database, (long long)run->run_id);
    char *power = describe_power(request, e);
    const char **notes = mp_alloc(s->note_count + 2, sizeof *notes);
    const char *const parameters[] = {parameter};
    size_t count = 0;
    int rc;

    for (size_t i = 0; i < s->note_count; i++)
        notes[count++] = s->notes[i];
    notes[count++] = power;
    notes[count++] = stored;
    const struct mp_cli_query q = {.title = "estimate",
                                   .name = "modules",
                                   .parameters = parameters,
                                   .parameter_count = 1,
                                   .notes = notes,
                                   .note_count = count};
    rc = mp_cli_print_query(store, &q, format, err);
    free(notes);
    free(power);
    free(stored);
    free(parameter);
    return rc;
}

int mp_cli_run_module(const struct mp_module_request *q, const struct mp_experiment *e,
                      const struct mp_cli_run *how, struct mp_error *err)
{
    struct mp_module_summary summary = {0};
    struct mp_cli_session s = {0};
    int rc = mp_cli_session_open(&s, how, err);

    if (rc == MP_OK)
        rc = mp_pipeline_module(q, e, &s.tools, s.store, s.log, &summary, s.watch, err);
    if (rc == MP_OK && mp_cli_session_prints_summary(&s))
        rc = print_summary(s.store, &summary, q, e, how->database, how->format, err);
    if (rc == MP_OK)
        rc = mp_cli_session_finish(&s, e, summary.run.run_id, err);
    mp_module_summary_release(&summary);
    mp_cli_session_close(&s);
    return rc;
}
