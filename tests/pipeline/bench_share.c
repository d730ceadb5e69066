/*
 * What share of a first run of configs/quickstart.yaml is ours, and what is spent in Yosys, ABC and
 * OpenSTA. Aim: at most 15 % of the wall time.
 *
 *   wall     1 - tools / (threads x wall): idle cores (at the end, when the last design is left)
 *            count as ours
 *   workers  1 - tools / time of all jobs added up: no idle cores, no accuracy
 *
 * MACPPA_THREADS: workers; else all cores.
 */
#include "estimator/pipeline/pipeline.h"
#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include "estimator/util/parallel.h"
#include <stdio.h>
#include <stdlib.h>

static void print(const struct mp_run_summary *s, unsigned threads, double accuracy_s)
{
    double wall = 1 - s->tool_wall_s / (threads * s->wall_s);
    double workers = 1 - s->tool_wall_s / s->worker_s;
    double busy = s->worker_s / (threads * (s->wall_s - accuracy_s));

    printf("%zu designs, %u threads: %.1f s wall, %.1f s of them before the designs (accuracy)\n",
           s->points, threads, s->wall_s, accuracy_s);
    printf("tools %.1f s, workers %.1f s; cores busy with designs %.1f %% of the time\n",
           s->tool_wall_s, s->worker_s, 100 * busy);
    printf("ours by workers' time: %.1f %%\n", 100 * workers);
    printf("ours by wall time: %.1f %%: %s 15 %%\n", 100 * wall,
           wall <= 0.15 ? "within the" : "MORE THAN the");
}

/* Seconds that all accuracies of the experiment take, into a store that is thrown away. */
static int time_accuracies(const struct mp_experiment *e, const struct mp_tools *tools,
                           struct mp_store *store, double *seconds, struct mp_error *err)
{
    double start = mp_clock_s();
    int rc = MP_OK;

    for (size_t w = 0; w < e->weight_count && rc == MP_OK; w++)
        for (size_t a = 0; a < e->activation_count && rc == MP_OK; a++) {
            struct mp_accuracy_record r = {0};
            rc = mp_pipeline_accuracy(e, &e->weights[w], &e->activations[a], store, tools, NULL, &r,
                                      err);
            mp_accuracy_record_release(&r);
        }
    *seconds = mp_clock_s() - start;
    return rc;
}

static int open_store(struct mp_store **store, const struct mp_tempdir *dir, const char *name,
                      struct mp_error *err)
{
    char *path = mp_path_join(dir->path, name);
    int rc = mp_store_open(store, path, false, err);

    free(path);
    return rc;
}

int main(void)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_experiment e = {0};
    struct mp_tools tools = {0};
    struct mp_store *store = NULL, *other = NULL;
    struct mp_tempdir dir = {0};
    struct mp_run_summary s;
    const char *root = getenv("MACPPA_SOURCE_ROOT"), *given = getenv("MACPPA_THREADS");
    char *path = mp_path_join(root != NULL ? root : ".", "configs/quickstart.yaml");
    char text[1400];
    double accuracy_s = 0;
    uint64_t threads = mp_core_count();
    int rc;

    if (given != NULL && (!mp_parse_u64(given, &threads) || threads < 1 || threads > 1024)) {
        fprintf(stderr, "MACPPA_THREADS: `%s` is none of 1..1024\n", given);
        free(path);
        return 1;
    }
    if ((rc = mp_experiment_read(&e, path, &err)) < 0)
        goto out;
    if (!mp_file_exists(e.test_images)) {
        printf("%s is not there: skipped\n", e.test_images);
        rc = 77;
        goto out;
    }
    e.threads = (unsigned)threads;
    if ((rc = mp_tempdir_create(&dir, &err)) < 0 ||
        (rc = mp_tools_find(&tools, NULL, NULL, &err)) < 0 ||
        (rc = open_store(&store, &dir, "run.db", &err)) < 0 ||
        (rc = open_store(&other, &dir, "accuracy.db", &err)) < 0 ||
        (rc = mp_pipeline_run(&e, &tools, store, NULL, &s, &err)) < 0 ||
        (rc = time_accuracies(&e, &tools, other, &accuracy_s, &err)) < 0)
        goto out;
    print(&s, e.threads, accuracy_s);
out:
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_store_close(store);
    mp_store_close(other);
    mp_tools_release(&tools);
    mp_experiment_release(&e);
    mp_tempdir_remove(&dir);
    free(path);
    return rc < 0 ? 1 : rc;
}
