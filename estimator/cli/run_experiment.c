#include "estimator/cli/commands.h"
#include "estimator/cli/power_table.h"
#include <stdlib.h>
#include <string.h>

static char *describe_operands(const struct mp_experiment *e)
{
    if (e->trace_file != NULL)
        return mp_asprintf("operands: those of %s", e->trace_file);
    if (e->network != NULL)
        return mp_asprintf("operands: those of %s on its test images, %s", e->network,
                           mp_dataflow_name(e->trace.dataflow));
    return mp_asprintf("operands: random, %s, not a network's; no accuracy",
                       e->operands == MP_OPERANDS_UNIFORM
                           ? "every code equally often"
                           : "weights normal, half of the activations 0");
}

static int print_summary(struct mp_store *store, const struct mp_experiment *e,
                         const struct mp_run_summary *s, const char *database, const char *format,
                         struct mp_error *err)
{
    char name[MP_FORMAT_NAME_SIZE] = "";
    char *run = mp_asprintf("run=%lld", (long long)s->run_id);
    char *baseline =
        mp_asprintf("baseline=%s", e->has_baseline ? mp_format_name(&e->baseline, name) : "");
    char *operands = describe_operands(e);
    char *reductions = mp_asprintf("reductions: against %s weights under the same conditions, of "
                                   "several multipliers the one with least energy; positive saves",
                                   name);
    char *stored = mp_asprintf("%zu estimate%s (%zu reused) in %.1f s, stored in %s as run %lld; "
                               "macppa query --list: what to ask of it",
                               s->estimates, s->estimates == 1 ? "" : "s", s->estimates_reused,
                               s->wall_s, database, (long long)s->run_id);
    const char *const parameters[] = {run, baseline};
    char *modes =
        mp_asprintf("how sure: 95 %% intervals of the sampling, and the exact mode beside "
                    "this one: macppa query modes run=%lld",
                    (long long)s->run_id);
    char *wires = mp_cli_describe_wires(e);
    char *power = mp_asprintf("power, energy: activity without gate delays; %s", wires);
    const char *notes[6];
    size_t note_count = 0;

    notes[note_count++] = operands;
    notes[note_count++] = power;
    notes[note_count++] =
        "glitch: power that gate delays (SDF) add on the same cycles; not in the columns before it";
    if (e->has_baseline)
        notes[note_count++] = reductions;
    notes[note_count++] = modes;
    notes[note_count++] = stored;
    const struct mp_cli_query q = {.title = e->name,
                                   .name = "comparison",
                                   .parameters = parameters,
                                   .parameter_count = 2,
                                   .notes = notes,
                                   .note_count = note_count};
    int rc = mp_cli_print_query(store, &q, format, err);

    free(run);
    free(baseline);
    free(operands);
    free(reductions);
    free(modes);
    free(wires);
    free(power);
    free(stored);
    return rc;
}

/* The same designs mapped as one, for what keeping blocks apart costs. */
static int compare_flat(const struct mp_experiment *e, const struct mp_tools *tools,
                        struct mp_store *store, struct mp_log *log, int64_t run_id,
                        const char *format, struct mp_error *err)
{
    struct mp_experiment flat = *e;
    struct mp_run_summary summary;
    char *run = mp_asprintf("run=%lld", (long long)run_id);
    const char *const parameters[] = {run};
    const struct mp_cli_query q = {.title = "what keeping blocks apart costs",
                                   .name = "flattening",
                                   .parameters = parameters,
                                   .parameter_count = 1};
    int rc;

    flat.keep_blocks = false;
    rc = mp_pipeline_run(&flat, tools, store, log, &summary, err);
    if (rc == MP_OK && !mp_cli_is_for_programs(format))
        rc = mp_cli_print_query(store, &q, format, err);
    free(run);
    return rc;
}

int mp_cli_run_experiment(const struct mp_experiment *e, const struct mp_cli_run *how,
                          struct mp_error *err)
{
    struct mp_log *log = mp_log_create(how->level);
    struct mp_power_tables tables = {.top = how->by_rows};
    bool has_dump = how->dump.vcd != NULL || how->dump.saif != NULL;
    const struct mp_pipeline_watch watch = {how->by != NULL ? mp_power_tables_see : NULL, &tables,
                                            has_dump ? &how->dump : NULL};
    struct mp_tools tools = {0};
    struct mp_store *store = NULL;
    struct mp_run_summary summary;
    int rc;

    mp_cli_catch_signals();
    if ((rc = mp_cli_check_format(how->format, err)) < 0 ||
        (how->by != NULL && (rc = mp_power_tables_parse(&tables, how->by, err)) < 0) ||
        (rc = mp_tools_find(&tools, how->yosys, how->sta, err)) < 0 ||
        (rc = mp_store_open(&store, how->database, false, err)) < 0 ||
        (rc = mp_pipeline_run_watched(e, &tools, store, log, &summary,
                                      how->by != NULL || has_dump ? &watch : NULL, err)) < 0)
        goto out;
    if (how->by == NULL || !mp_cli_is_for_programs(how->format))
        rc = print_summary(store, e, &summary, how->database, how->format, err);
    if (rc == MP_OK && e->power.use_opensta)
        rc = mp_cli_print_engines(store, summary.run_id, &tools, how->format, err);
    if (rc == MP_OK && how->compare_flat)
        rc = compare_flat(e, &tools, store, log, summary.run_id, how->format, err);
    if (rc == MP_OK && how->by != NULL)
        rc = mp_power_tables_print(&tables, how->format, err);
out:
    mp_power_tables_release(&tables);
    mp_store_close(store);
    mp_tools_release(&tools);
    mp_log_destroy(log);
    return rc;
}
