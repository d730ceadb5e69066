/* Made-up weights: the same every time, distributed as the fit says, and never scored. */
#include "estimator/cnn/score.h"
#include "estimator/cnn/synthetic.h"
#include "tests/network/caffe_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct mp_layer *l, const char *name, uint32_t kernel, uint32_t channels,
                 uint32_t outputs, uint64_t seed)
{
    *l = (struct mp_layer){.kind = kernel == 0 ? MP_LAYER_DENSE : MP_LAYER_CONV,
                           .name = name,
                           .kernel_h = kernel,
                           .kernel_w = kernel,
                           .out_count = outputs,
                           .terms = channels * (kernel > 0 ? kernel * kernel : 1)};
    l->weight_count = l->terms * outputs;
    l->weights = mp_alloc(l->weight_count, sizeof *l->weights);
    mp_synthetic_fill(&seed, l);
}

static void same_again(void **state)
{
    (void)state;
    struct mp_layer a, b, other, seeded;

    fill(&a, "conv", 3, 16, 8, 1);
    fill(&b, "conv", 3, 16, 8, 1);
    fill(&other, "conv2", 3, 16, 8, 1);
    fill(&seeded, "conv", 3, 16, 8, 2);
    size_t size = a.weight_count * sizeof *a.weights;
    assert_memory_equal(a.weights, b.weights, size);
    assert_memory_not_equal(a.weights, other.weights, size);
    assert_memory_not_equal(a.weights, seeded.weights, size);
    mp_synthetic_fill(NULL, &b); /* seed 1 */
    assert_memory_equal(a.weights, b.weights, size);
    free(a.weights);
    free(b.weights);
    free(other.weights);
    free(seeded.weights);
}

static void close_to(double x, double wanted, double within)
{
    if (!(fabs(x - wanted) <= within))
        fail_msg("%g, not %g within %g", x, wanted, within);
}

/* Mean, variance, E|x| / sigma and the largest of a layer's weights, each less its channel's mean
 * and over its channel's deviation. */
static void as_fitted(void **state)
{
    static const struct {
        uint32_t kernel, channels;
        enum mp_synthetic_kind kind;
        double ratio;
    } cases[] = {{7, 3, MP_SYNTHETIC_IMAGE, 0.783},
                 {1, 512, MP_SYNTHETIC_POINT, 0.737},
                 {3, 256, MP_SYNTHETIC_WINDOW, 0.741},
                 {0, 1024, MP_SYNTHETIC_DENSE, 0.817}};
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        const struct mp_synthetic_fit *fit = mp_synthetic_fit_of(cases[i].kind);
        struct mp_layer l;
        double ratio = 0, shift = 0, variance = 0, largest = 0;
        uint32_t outputs = 400;
        fill(&l, "x", cases[i].kernel, cases[i].channels, outputs, 7);
        assert_int_equal(mp_synthetic_kind_of(&l), cases[i].kind);
        for (uint32_t o = 0; o < outputs; o++) {
            const float *row = l.weights + (size_t)o * l.terms;
            double sum = 0, squares = 0, size = 0;
            for (uint32_t t = 0; t < l.terms; t++) {
                assert_true(isfinite(row[t]));
                sum += (double)row[t];
            }
            sum /= l.terms;
            for (uint32_t t = 0; t < l.terms; t++) {
                squares += ((double)row[t] - sum) * ((double)row[t] - sum);
                size += fabs((double)row[t] - sum);
                largest = fmax(largest, fabs((double)row[t]));
            }
            double sigma = sqrt(squares / l.terms);
            ratio += size / l.terms / sigma / outputs;
            shift += sum / sigma * sqrt(l.terms) / outputs;
            variance += sigma * sigma * l.terms / outputs;
        }
        close_to(ratio, cases[i].ratio, 0.012);
        close_to(shift, fit->shift_mean, 0.25);
        /* Of a log-normal deviation: gain^2 exp(2 spread^2). */
        close_to(sqrt(variance) / (fit->gain * exp(fit->spread * fit->spread)), 1, 0.08);
        assert_true(largest * sqrt(l.terms) > 3 * fit->gain);
        assert_true(largest * sqrt(l.terms) < 60 * fit->gain);
        free(l.weights);
    }
}

#define NETWORK                                                                                    \
    "input: 'data' input_dim: 1 input_dim: 1 input_dim: 4 input_dim: 4\n"                          \
    "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'\n"                              \
    "  convolution_param { num_output: 2 kernel_size: 3 } }\n"                                     \
    "layer { name: 'd' type: 'Convolution' bottom: 'c' top: 'd'\n"                                 \
    "  convolution_param { num_output: 2 kernel_size: 1 } }\n"                                     \
    "layer { name: 'f' type: 'InnerProduct' bottom: 'd' top: 'f'\n"                                \
    "  inner_product_param { num_output: 2 } }\n"

static void add(struct caffe_build *b, const char *name, const int64_t *dims, size_t rank)
{
    float values[18];

    for (size_t i = 0; i < 18; i++)
        values[i] = 0.25f;
    caffe_build_blob(b, dims, rank, values);
    caffe_build_blob(b, (const int64_t[]){2}, 1, values);
    caffe_build_layer(b, name);
}

static void read_part(struct mp_network *n, const char *missing, enum mp_missing_weights how)
{
    static const char text[] = NETWORK;
    struct mp_network_source source = {.missing = how, .fill = mp_synthetic_fill};
    struct caffe_build b = {0};
    struct mp_error err = MP_ERROR_INIT;

    if (strcmp(missing, "c") != 0)
        add(&b, "c", (const int64_t[]){2, 1, 3, 3}, 4);
    if (strcmp(missing, "d") != 0)
        add(&b, "d", (const int64_t[]){2, 2, 1, 1}, 4);
    if (strcmp(missing, "f") != 0)
        add(&b, "f", (const int64_t[]){2, 8}, 2);
    struct mp_caffe_files files = {text,         "n.prototxt", sizeof text - 1,
                                   b.bytes.data, b.bytes.size, "n.caffemodel"};
    if (mp_network_read_caffe(n, &files, &source, &err) < 0)
        fail_msg("%s", err.message);
    caffe_build_release(&b);
}

/* A layer with weights of its own behind a made-up one sees made-up operands. */
static void operands(void **state)
{
    (void)state;
    struct mp_network n;
    bool is_synthetic[3];

    read_part(&n, "d", MP_MISSING_FILLED);
    assert_int_equal(n.layer_count, 3);
    assert_true(n.is_synthetic);
    mp_network_find_synthetic(&n, is_synthetic);
    assert_false(is_synthetic[0]);
    assert_true(is_synthetic[1]);
    assert_true(is_synthetic[2]);
    assert_false(n.layers[2].synthetic);
    mp_network_release(&n);
    read_part(&n, "none", MP_MISSING_FILLED);
    assert_false(n.is_synthetic);
    mp_network_find_synthetic(&n, is_synthetic);
    assert_false(is_synthetic[0] || is_synthetic[1] || is_synthetic[2]);
    mp_network_release(&n);
}

static void expect_refused(const struct mp_network *n, const char *says)
{
    uint8_t pixels[16] = {0};
    uint32_t label = 0;
    struct mp_dataset d = {.shape = {1, 4, 4}, .count = 1, .pixels = pixels, .labels = &label};
    struct mp_accuracy a;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(mp_network_accuracy(&a, n, NULL, &d, 1, &err), MP_E_UNSUPPORTED);
    if (strstr(err.message, says) == NULL)
        fail_msg("%s", err.message);
}

static void no_accuracy(void **state)
{
    (void)state;
    struct mp_network n;

    read_part(&n, "d", MP_MISSING_FILLED);
    expect_refused(&n, "of d");
    mp_network_release(&n);
    read_part(&n, "f", MP_MISSING_CUT);
    assert_true(n.is_cut);
    expect_refused(&n, "% of its MACs");
    mp_network_release(&n);
    read_part(&n, "none", MP_MISSING_CUT);
    assert_int_equal(mp_network_check_complete(&n, NULL), MP_OK);
    mp_network_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_again),
        cmocka_unit_test(as_fitted),
        cmocka_unit_test(operands),
        cmocka_unit_test(no_accuracy),
    };

    return cmocka_run_group_tests_name("synthetic weights", tests, NULL, NULL);
}
