/*
 * Most memory that a network takes, all weights drawn at random, one image a core at a time:
 *
 *     bench_cnn_memory alexnet|vgg16 float32|fake|integer
 *
 * Not a test (sanitizers take memory of their own), but it fails at 2 GB. One engine a process, as
 * the peak is of a process.
 */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/quantise.h"
#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LIMIT_MB 2000.0
#define SKIPPED  77

static void fill(void *context, struct mp_layer *layer)
{
    struct mp_random *r = context;

    for (uint32_t i = 0; i < layer->weight_count; i++)
        layer->weights[i] = (float)(mp_random_unit(r) - 0.5) / 16;
}

struct pass {
    const struct mp_model *model;
    struct mp_random random; /* where images start */
};

static int run_job(void *context, size_t index, struct mp_error *err)
{
    const struct pass *p = context;
    const struct mp_network *n = p->model->network;
    uint64_t count = mp_shape_elements(&n->shapes[n->input_tensor]);
    struct mp_random r = p->random;
    struct mp_workspace w;
    int rc = mp_workspace_init_lean(&w, p->model, err);

    if (rc < 0)
        return rc;
    for (uint64_t i = 0; i < count; i++)
        w.tensors[n->input_tensor][i] = (float)mp_random_below(&r, 256 - index);
    mp_workspace_run(&w, 1);
    mp_workspace_release(&w);
    return MP_OK;
}

/* Activations need no calibration to take memory: units are as they come. */
static int quantise(struct mp_quantisation *q, const struct mp_network *n, struct mp_error *err)
{
    struct mp_scheme s = MP_SCHEME_INIT;
    int rc = mp_format_parse(&s.weight, "int8", err);

    s.weight_calibration = (struct mp_calibration){MP_CALIBRATE_MAX, 0};
    if (rc == MP_OK)
        rc = mp_quantisation_make(q, n, &s, NULL, err);
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++)
        if (n->layers[l].weights != NULL)
            rc = mp_format_parse(&q->layers[l].activation, "uint8", err);
    return rc;
}

static int measure(const char *path, const char *engine, struct mp_error *err)
{
    struct mp_quantisation q = {0};
    struct mp_network n = {0};
    struct pass p;
    struct mp_model m = {0};
    struct rusage usage;
    mp_random_seed(&p.random, 1);
    struct mp_network_source source = {
        .missing = MP_MISSING_FILLED, .fill = fill, .context = &p.random};
    double start, took;
    int rc = mp_network_read(&n, path, &source, err);

    if (rc == MP_OK && strcmp(engine, "float32") != 0)
        rc = quantise(&q, &n, err);
    if (rc == MP_OK && strcmp(engine, "integer") == 0)
        rc = mp_model_init_integer(&m, &n, &q, 0, NULL, err);
    else if (rc == MP_OK)
        mp_model_init(&m, &n, strcmp(engine, "fake") == 0 ? &q : NULL);
    start = mp_clock_s();
    p.model = &m;
    if (rc == MP_OK)
        rc = mp_parallel_for(mp_core_count(), 0, run_job, &p, err);
    took = mp_clock_s() - start;
    if (rc == MP_OK && getrusage(RUSAGE_SELF, &usage) == 0) {
        double peak = (double)usage.ru_maxrss * 1024 / 1e6;
        printf("%-10s %-8s %7.0f MB at most, %u images in %.2f s\n", n.name, engine, peak,
               mp_core_count(), took);
        fflush(stdout);
        if (peak >= LIMIT_MB)
            rc = mp_fail(err, MP_E_MEMORY, "%s takes %.0f MB, more than %.0f", n.name, peak,
                         LIMIT_MB);
    }
    if (m.network != NULL)
        mp_model_release(&m);
    mp_quantisation_release(&q);
    mp_network_release(&n);
    return rc;
}

int main(int argc, char **argv)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];
    int rc;

    if (argc != 3) {
        fprintf(stderr, "usage: bench_cnn_memory ARCHITECTURE float32|fake|integer\n");
        return 1;
    }
    char *path = shared != NULL ? mp_asprintf("%s/cnn/architectures/%s.prototxt", shared, argv[1])
                                : mp_asprintf("%s/../shared/cnn/architectures/%s.prototxt",
                                              root != NULL ? root : ".", argv[1]);
    if (!mp_file_exists(path)) {
        printf("%s is not there: skipped\n", path);
        free(path);
        return SKIPPED;
    }
    rc = measure(path, argv[2], &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    free(path);
    return rc < 0;
}
