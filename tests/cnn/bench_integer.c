/*
 * Layers of SqueezeNet, GoogLeNet and AlexNet, one thread: float32 (BLAS), fake, and the integer
 * engine with every kernel of this machine. Not a test: it prints milliseconds an image, the best
 * of several runs, engines in turn.
 */
#include "estimator/cnn/infer.h"
#include "estimator/cnn/integer_kernel.h"
#include "estimator/util/log.h"
#include "estimator/util/random.h"
#include "tests/cnn/one_layer.h"

#include <stdio.h>
#include <stdlib.h>

#define RUNS         7
#define MOST_COLUMNS 10

static const struct {
    const char *name;
    struct mp_shape in;
    uint32_t out, kernel, stride, pad, groups;
} layers[] = {
    {"squeezenet conv1", {3, 227, 227}, 96, 7, 2, 0, 1},
    {"fire2 squeeze", {96, 55, 55}, 16, 1, 1, 0, 1},
    {"fire2 expand3", {16, 55, 55}, 64, 3, 1, 1, 1},
    {"fire4 expand1", {32, 55, 55}, 128, 1, 1, 0, 1},
    {"fire4 expand3", {32, 55, 55}, 128, 3, 1, 1, 1},
    {"fire8 expand3", {64, 27, 27}, 256, 3, 1, 1, 1},
    {"squeezenet conv10", {512, 13, 13}, 1000, 1, 1, 1, 1},
    {"googlenet conv2", {64, 56, 56}, 192, 3, 1, 1, 1},
    {"inception 4a 1x1", {480, 14, 14}, 192, 1, 1, 0, 1},
    {"inception 5b 3x3", {192, 7, 7}, 384, 3, 1, 1, 1},
    {"alexnet conv2", {96, 27, 27}, 256, 5, 1, 2, 2},
    {"alexnet fc7", {4096, 1, 1}, 4096, 0, 1, 0, 1},
};

static double time_model(const struct mp_model *m, const float *input)
{
    struct mp_workspace w;
    double best = 1e9;

    if (mp_workspace_init(&w, m, NULL) < 0)
        return 0;
    for (size_t i = 0; i < mp_shape_elements(&m->network->shapes[0]); i++)
        w.tensors[0][i] = input[i];
    for (int run = 0; run < RUNS; run++) {
        double start = mp_clock_s();
        mp_workspace_run(&w, 1);
        double took = mp_clock_s() - start;
        best = took < best ? took : best;
    }
    mp_workspace_release(&w);
    return 1e3 * best;
}

static int show(size_t i, const char *weight, const char *activation, double *sums,
                struct mp_error *err)
{
    struct one_layer o;
    struct mp_model m;
    struct mp_random r;
    const struct mp_integer_kernel *kernel;
    int column = 2, rc;
    struct mp_scheme s = MP_SCHEME_INIT;
    struct mp_layer_input range = {.high = 7.75f}; /* 248 / 32 */
    struct mp_calibration_data c = {.layer_count = 1, .inputs = &range};
    struct mp_quantisation q = {0};

    one_layer_init(&o, &layers[i].in, layers[i].out, layers[i].kernel, layers[i].stride,
                   layers[i].pad, layers[i].groups, i);
    size_t count = mp_shape_elements(&layers[i].in);
    float *input = mp_alloc(count, sizeof *input);
    mp_random_seed(&r, i);
    for (size_t k = 0; k < count; k++)
        input[k] = mp_random_below(&r, 2) == 0 ? 0 : (float)mp_random_below(&r, 250) / 32;
    s.weight_calibration.kind = s.activation_calibration.kind = MP_CALIBRATE_MAX;
    rc = mp_format_parse(&s.weight, weight, err);
    if (rc == MP_OK)
        rc = mp_format_parse(&s.activation, activation, err);
    if (rc == MP_OK)
        rc = mp_quantisation_make(&q, &o.network, &s, &c, err);
    printf("%-18s %6.1f", layers[i].name, (double)o.layer.macs / 1e6);
    for (int k = 0; k < 2 && rc == MP_OK; k++) {
        mp_model_init(&m, &o.network, k == 0 ? NULL : &q);
        double took = time_model(&m, input);
        sums[k] += took;
        printf(" %11.3f", took);
        mp_model_release(&m);
    }
    for (uint32_t k = 0; rc == MP_OK && (kernel = mp_integer_kernel_at(k)) != NULL; k++) {
        rc = mp_model_init_integer(&m, &o.network, &q, 0, kernel, err);
        double took = rc == MP_OK ? time_model(&m, input) : 0;
        sums[column++] += took;
        printf(" %11.3f", took);
        mp_model_release(&m);
    }
    printf("\n");
    free(input);
    mp_quantisation_release(&q);
    one_layer_release(&o);
    return rc;
}

int main(int argc, char **argv)
{
    static const char *const pairs[][2] = {
        {"int8", "uint8"}, {"e4m3", "uint8"}, {"int11", "uint8"}};
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];
    size_t most = argc > 1 && argv[1][0] == '1' ? 1 : sizeof pairs / sizeof *pairs;

    for (size_t p = 0; p < most; p++) {
        double sums[MOST_COLUMNS] = {0};
        int columns = 2;
        printf("%s x %-6s     MMACs     float32        fake", pairs[p][0], pairs[p][1]);
        for (; mp_integer_kernel_at((uint32_t)columns - 2) != NULL; columns++)
            printf(" %11s", mp_integer_kernel_at((uint32_t)columns - 2)->name);
        printf("  (ms)\n");
        for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
            if (show(i, pairs[p][0], pairs[p][1], sums, &err) < 0) {
                fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
                return 1;
            }
        printf("%-25s", "all");
        for (int c = 0; c < columns; c++)
            printf(" %11.3f", sums[c]);
        printf("\n\n");
    }
    return 0;
}
