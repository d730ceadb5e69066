#include "estimator/cli/session.h"
#include <stdlib.h>
#include <string.h>

static char *describe_operands(const struct mp_experiment *e)
{
    if (e->trace_file != NULL)
        return mp_asprintf("operands: those of %s", e->trace_file);
    if (e->network != NULL)
        return mp_asprintf("operands: those of %s on its test images, %s",
                           e->network_name != NULL ? e->network_name : e->network,
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
    /* Layers have a table of their own. */
    bool is_whole = e->each_layer && !mp_cli_is_for_programs(format);
    const char *const parameters[] = {run, baseline, "layer=whole"};
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
                                   .parameter_count = is_whole ? 3 : 2,
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

/* What the layers of a network need, and one inference of all of them. Programs find each layer in
 * the table of the run and ask the queries. */
static int print_layers(struct mp_store *store, const struct mp_experiment *e, int64_t run_id,
                        const char *format, struct mp_error *err)
{
    static const char *const layer_notes[] = {
        "energy: of all MACs of the layer for one image, without glitches"};
    static const char *const inference_notes[] = {
        "layers: the sum of MACs x energy per MAC over the layers, each drawn apart; -: from one "
        "trace of the whole network",
        "macs: share of those of the whole network that it covers; half width: of the 95 % "
        "interval"};
    char *run = mp_asprintf("run=%lld", (long long)run_id);
    const char *const parameters[] = {run};
    const struct mp_cli_query queries[] = {{.title = "layers",
                                            .name = "layers",
                                            .parameters = parameters,
                                            .parameter_count = 1,
                                            .notes = layer_notes,
                                            .note_count = 1},
                                           {.title = "one inference",
                                            .name = "inference",
                                            .parameters = parameters,
                                            .parameter_count = 1,
                                            .notes = inference_notes,
                                            .note_count = 2}};
    int rc = MP_OK;

    for (size_t i = 0; i < 2 && rc == MP_OK && e->each_layer && !mp_cli_is_for_programs(format);
         i++)
        rc = mp_cli_print_query(store, &queries[i], format, err);
    free(run);
    return rc;
}

/* Best, median and spread of the ways beside what others reach; the front of each search. */
static int print_ways(struct mp_store *store, const struct mp_experiment *e, int64_t run_id,
                      const char *format, struct mp_error *err)
{
    static const char *const notes[] = {
        "area path: area in um2 x delay in ns, best and median of the runs, worst against best",
        "peer: least area x delay of others for the same function, under the same driving cells "
        "and "
        "loads; reduction against it"};
    static const char *const front_notes[] = {
        "nothing that the search found beats a point in area, delay and power at once; netlists: "
        "table front (docs/database.md)"};
    char *run = mp_asprintf("run=%lld", (long long)run_id);
    const char *const parameters[] = {run};
    const struct mp_cli_query ways = {.title = "architectures",
                                      .name = "architectures",
                                      .parameters = parameters,
                                      .parameter_count = 1,
                                      .notes = notes,
                                      .note_count = e->peers != NULL ? 2 : 1};
    const struct mp_cli_query front = {.title = "fronts",
                                       .name = "front",
                                       .parameters = parameters,
                                       .parameter_count = 1,
                                       .notes = front_notes,
                                       .note_count = 1};
    bool is_searched = false;
    int rc = MP_OK;

    for (size_t i = 0; i < mp_way_settings_count(&e->ways); i++)
        is_searched |= mp_way_settings_at(&e->ways, i, 1).implementation == MP_BY_SEARCH;
    if (e->peers != NULL || is_searched || mp_way_settings_count(&e->ways) > 1)
        rc = mp_cli_print_query(store, &ways, format, err);
    if (rc == MP_OK && is_searched && !mp_cli_is_for_programs(format))
        rc = mp_cli_print_query(store, &front, format, err);
    free(run);
    return rc;
}

/* Programs get one table: that of the peers where there are some. */
static int print_results(const struct mp_cli_session *s, const struct mp_experiment *e,
                         const struct mp_run_summary *summary, const struct mp_cli_run *how,
                         struct mp_error *err)
{
    bool is_for_programs = mp_cli_is_for_programs(how->format);
    int rc = MP_OK;

    if (e->peers == NULL || !is_for_programs)
        rc = print_summary(s->store, e, summary, how->database, how->format, err);
    if (rc == MP_OK)
        rc = print_layers(s->store, e, summary->run_id, how->format, err);
    if (rc == MP_OK && (e->peers != NULL || !is_for_programs))
        rc = print_ways(s->store, e, summary->run_id, how->format, err);
    return rc;
}

int mp_cli_run_experiment(const struct mp_experiment *e, const struct mp_cli_run *how,
                          struct mp_error *err)
{
    struct mp_run_summary summary;
    struct mp_cli_session s = {0};
    int rc = mp_cli_session_open(&s, how, err);

    if (rc == MP_OK)
        rc = mp_pipeline_run_watched(e, &s.tools, s.store, s.log, &summary, s.watch, err);
    if (rc == MP_OK && mp_cli_session_prints_summary(&s))
        rc = print_results(&s, e, &summary, how, err);
    if (rc == MP_OK && how->compare_flat)
        rc = compare_flat(e, &s.tools, s.store, s.log, summary.run_id, how->format, err);
    if (rc == MP_OK)
        rc = mp_cli_session_finish(&s, e, summary.run_id, err);
    mp_cli_session_close(&s);
    return rc;
}
