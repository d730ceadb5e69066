/* Accuracy of the default network on the whole test set for a few formats and both calibrations,
 * and traces, with times. Not a test: it prints tables. */
#include "estimator/cnn/trace.h"
#include "estimator/util/file.h"
#include "estimator/util/log.h"
#include "estimator/util/memory.h"
#include "estimator/util/parallel.h"

#include <stdio.h>
#include <stdlib.h>

#define DATA "/usr/share/datasets/fashion-mnist/"

static int show(const struct mp_network *n, const struct mp_calibration_data *c,
                const struct mp_dataset *test, const char *weight, const char *activation,
                enum mp_calibration_kind weight_how, enum mp_calibration_kind activation_how,
                struct mp_error *err)
{
    struct mp_scheme s = MP_SCHEME_INIT;
    struct mp_quantisation q = {0};
    struct mp_accuracy result;
    char how[2][MP_CALIBRATION_NAME_SIZE];
    unsigned bits = 0;
    double start = mp_clock_s(), calibrated;
    int rc = mp_format_parse(&s.weight, weight, err);

    s.weight_calibration.kind = weight_how;
    s.activation_calibration.kind = activation_how;
    if (rc == MP_OK)
        rc = mp_format_parse(&s.activation, activation, err);
    if (rc == MP_OK)
        rc = mp_quantisation_make(&q, n, &s, c, err);
    calibrated = mp_clock_s();
    if (rc == MP_OK)
        rc = mp_network_accuracy(&result, n, &q, test, 0, err);
    if (rc != MP_OK)
        return rc;
    mp_quantisation_accumulator_bits(&q, n, NULL, &bits, NULL);
    printf("%-8s %-8s %-4s %-4s  %5u %5u  %9llu %4u  %.2f s %.2f s\n", weight, activation,
           mp_calibration_name(&s.weight_calibration, how[0]),
           mp_calibration_name(&s.activation_calibration, how[1]), result.top1, result.top5,
           (unsigned long long)mp_quantisation_weight_bits(&q, n), bits, calibrated - start,
           mp_clock_s() - calibrated);
    mp_quantisation_release(&q);
    return MP_OK;
}

static int show_trace(const struct mp_network *n, const struct mp_calibration_data *c,
                      const struct mp_dataset *test, const char *weight, enum mp_dataflow dataflow,
                      struct mp_error *err)
{
    struct mp_trace_options o = {.dataflow = dataflow, .seed = 1};
    struct mp_scheme scheme = MP_SCHEME_INIT;
    struct mp_quantisation q = {0};
    struct mp_trace t = {0};
    struct mp_trace_statistics s;
    int rc = mp_format_parse(&scheme.weight, weight, err);

    if (rc == MP_OK)
        rc = mp_format_parse(&scheme.activation, "uint8", err);
    if (rc == MP_OK)
        rc = mp_quantisation_make(&q, n, &scheme, c, err);
    double start = mp_clock_s();
    if (rc == MP_OK)
        rc = mp_trace_make(&t, n, &q, NULL, NULL, test, &o, err);
    if (rc < 0)
        return rc;
    double made = mp_clock_s() - start;
    mp_trace_statistics(&t, &s);
    printf("%-8s %-18s  zero weights %4.1f %%, zero activations %4.1f %%, held weights %4.1f %%, "
           "held activations %4.1f %%, %.3f s\n",
           weight, mp_dataflow_name(dataflow), 100 * s.zero_weights, 100 * s.zero_activations,
           100 * s.held_weights, 100 * s.held_activations, made);
    for (uint32_t l = 0; dataflow == MP_OUTPUT_STATIONARY && l < t.layer_count; l++)
        printf("    %s: %u stretches\n", t.layers[l].name, t.layers[l].stretches);
    mp_trace_release(&t);
    mp_quantisation_release(&q);
    return MP_OK;
}

int main(void)
{
    static const char *const weights[] = {"float32", "int8", "int11", "int7", "int6",
                                          "e4m3",    "e4m2", "e3m2",  "e4m1"};
    static const char *const activations[] = {"float32", "uint8", "uint6", "uint5"};
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root != NULL ? root : ".", "configs/networks/fashion_lenet.onnx");
    struct mp_network n = {0};
    struct mp_dataset train = {0}, test = {0};
    struct mp_calibration_data c = {0};
    struct mp_error err = MP_ERROR_INIT;
    double start = mp_clock_s();
    char text[1400];
    int rc = mp_network_read_onnx(&n, path, &err);

    if (rc == MP_OK)
        rc = mp_dataset_read_idx(&train, DATA "train-images-idx3-ubyte.gz",
                                 DATA "train-labels-idx1-ubyte.gz", 1000, &err);
    if (rc == MP_OK)
        rc = mp_dataset_read_idx(&test, DATA "t10k-images-idx3-ubyte.gz",
                                 DATA "t10k-labels-idx1-ubyte.gz", 0, &err);
    if (rc == MP_OK)
        rc = mp_calibration_data_collect(&c, &n, &train, train.count, 0, &err);
    printf("network and data read in %.2f s, %u cores\n", mp_clock_s() - start, mp_core_count());
    printf("weight   activation (calibrations)  top1  top5  weight bits  accumulator bits  "
           "calibration  accuracy\n");
    for (size_t a = 0; a < 4 && rc == MP_OK; a++)
        for (size_t w = 0; w < sizeof weights / sizeof *weights && rc == MP_OK; w++)
            for (int how = 0; how < 4 && rc == MP_OK; how++)
                if (((how & 1) == 0 || w > 0) && ((how & 2) == 0 || a > 0) && (a < 2 || w == 0))
                    rc = show(&n, &c, &test, weights[w], activations[a],
                              (enum mp_calibration_kind)(how & 1),
                              (enum mp_calibration_kind)(how >> 1), &err);
    for (size_t w = 1; w < sizeof weights / sizeof *weights && rc == MP_OK; w++)
        for (int d = 0; d < 2 && rc == MP_OK; d++)
            rc = show_trace(&n, &c, &test, weights[w], (enum mp_dataflow)d, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_network_release(&n);
    mp_calibration_data_release(&c);
    mp_dataset_release(&train);
    mp_dataset_release(&test);
    free(path);
    return rc < 0;
}
