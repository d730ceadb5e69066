/*
 * Inference of one network on some images, on demand, so that another program can time it in turn
 * with its own (bench_opencv.py):
 *
 *     bench_cnn_engines ARCHITECTURE WEIGHTS LIST PRESET IMAGES ENGINE...
 *
 * ENGINE: float32, or fake:WEIGHT:ACTIVATION, integer:WEIGHT:ACTIVATION. All is read, decoded and
 * calibrated first; then "ready" is printed, and for each line with the place of an engine in the
 * list (0, 1, ...) on stdin one line "seconds top1 top5" of all images on all cores.
 */
#include "estimator/cnn/quantise.h"
#include "estimator/cnn/score.h"
#include "estimator/util/log.h"
#include "estimator/util/memory.h"
#include "estimator/util/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ENGINES       8
#define CALIBRATION_IMAGES 8

struct engine {
    struct mp_quantisation quantisation;
    struct mp_model model;
};

struct bench {
    struct mp_network network;
    struct mp_dataset images;
    struct mp_calibration_data calibration;
    struct engine engines[MOST_ENGINES];
    uint32_t count;
};

static int add_engine(struct bench *b, const char *text, struct mp_error *err)
{
    struct engine *e = &b->engines[b->count];
    struct mp_quantisation *q = &e->quantisation;
    struct mp_scheme s = MP_SCHEME_INIT;
    char copy[64], *rest = copy;
    int rc;

    snprintf(copy, sizeof copy, "%s", text);
    const char *kind = strsep(&rest, ":"), *w = strsep(&rest, ":"), *a = strsep(&rest, ":");
    if (strcmp(kind, "float32") == 0) {
        mp_model_init(&e->model, &b->network, NULL);
        b->count++;
        return MP_OK;
    }
    if (w == NULL || a == NULL)
        return mp_fail(err, MP_E_USAGE, "%s: no engine:weight:activation", text);
    rc = mp_format_parse(&s.weight, w, err);
    if (rc == MP_OK)
        rc = mp_format_parse(&s.activation, a, err);
    if (rc == MP_OK)
        rc = mp_quantisation_make(q, &b->network, &s, &b->calibration, err);
    if (rc < 0)
        return rc;
    if (strcmp(kind, "fake") == 0)
        mp_model_init(&e->model, &b->network, q);
    else
        rc = mp_model_init_integer(&e->model, &b->network, q, 0, NULL, err);
    if (rc < 0)
        mp_quantisation_release(q);
    else
        b->count++;
    return rc;
}

static int open_bench(struct bench *b, char **args, struct mp_error *err)
{
    struct mp_preprocess how = MP_PREPROCESS_INIT;
    struct mp_image_options o = {.path = args[2]};
    uint64_t limit;
    int rc;

    if (!mp_parse_u64(args[4], &limit) || limit == 0 || limit > UINT32_MAX)
        return mp_fail(err, MP_E_USAGE, "%s: not a number of images", args[4]);
    o.limit = (uint32_t)limit;
    rc =
        mp_network_read(&b->network, args[0], &(struct mp_network_source){.weights = args[1]}, err);
    if (rc == MP_OK)
        rc = mp_preprocess_set(&how, "preset", args[3], err);
    if (rc == MP_OK)
        rc = mp_dataset_open_images(&b->images, &o, &how,
                                    &b->network.shapes[b->network.input_tensor], err);
    if (rc == MP_OK)
        rc = mp_calibration_data_collect(
            &b->calibration, &b->network, &b->images,
            b->images.count < CALIBRATION_IMAGES ? b->images.count : CALIBRATION_IMAGES, 0, err);
    for (char **e = args + 5; *e != NULL && rc == MP_OK && b->count < MOST_ENGINES; e++)
        rc = add_engine(b, *e, err);
    mp_preprocess_release(&how);
    return rc;
}

static int answer(struct bench *b, char *line, struct mp_error *err)
{
    uint64_t index;
    struct mp_scores s;
    double start;
    int rc;

    line[strcspn(line, "\n")] = 0;
    if (!mp_parse_u64(line, &index) || index >= b->count)
        return mp_fail(err, MP_E_USAGE, "%s: there is no such engine", line);
    mp_scores_init(&s, b->images.count);
    start = mp_clock_s();
    rc = mp_model_score(&s, &b->engines[index].model, &b->images, 0, b->images.count, 0, err);
    printf("%.6f %u %u\n", mp_clock_s() - start, mp_scores_top(&s, 1), mp_scores_top(&s, 5));
    fflush(stdout);
    mp_scores_release(&s);
    return rc;
}

int main(int argc, char **argv)
{
    struct mp_error err = MP_ERROR_INIT;
    struct bench b = {.count = 0};
    char line[64], text[1400];
    int rc = argc > 6 ? open_bench(&b, argv + 1, &err)
                      : mp_fail(&err, MP_E_USAGE,
                                "usage: bench_cnn_engines ARCHITECTURE WEIGHTS LIST PRESET IMAGES "
                                "ENGINE...");

    if (rc == MP_OK) {
        printf("ready\n");
        fflush(stdout);
    }
    while (rc == MP_OK && fgets(line, sizeof line, stdin) != NULL)
        rc = answer(&b, line, &err);
    for (uint32_t e = 0; e < b.count; e++) {
        mp_model_release(&b.engines[e].model);
        mp_quantisation_release(&b.engines[e].quantisation);
    }
    mp_calibration_data_release(&b.calibration);
    mp_dataset_release(&b.images);
    mp_network_release(&b.network);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    return rc < 0;
}
