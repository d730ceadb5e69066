/* Real networks on a few real images, where they are at hand. */
#include "estimator/cnn/quantise.h"
#include "estimator/util/file.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEW_IMAGES 12

/* A file of the shared folder; skips where there is none. The caller frees. */
static char *shared(const char *name)
{
    const char *folder = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *base =
        folder != NULL ? mp_strdup(folder) : mp_path_join(root != NULL ? root : ".", "../shared");
    char *path = mp_path_join(base, name);

    free(base);
    if (!mp_file_exists(path)) {
        printf("%s is not there: skipped\n", path);
        free(path);
        skip();
        return NULL;
    }
    return path;
}

static void read_network(struct mp_network *n, const char *text, const char *weights,
                         enum mp_missing_weights missing)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = shared(text), *blobs = shared(weights);

    if (mp_network_read(n, path, &(struct mp_network_source){.weights = blobs, .missing = missing},
                        &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    free(path);
    free(blobs);
}

/* The first images of the list: hits counted with another implementation (PyTorch's operators in
 * float64), which agrees with every layer of the first image to 3e-6. */
static void check_images(const char *text, const char *weights, const char *preset,
                         uint64_t parameters, uint32_t top1, uint32_t top5)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;
    struct mp_dataset d;
    struct mp_accuracy a;
    struct mp_preprocess how = MP_PREPROCESS_INIT;
    char *list = shared("cnn/imagenet_val300/labels.txt");
    struct mp_image_options o = {.path = list, .limit = FEW_IMAGES};

    read_network(&n, text, weights, MP_MISSING_REFUSED);
    assert_int_equal(mp_network_weight_count(&n), parameters);
    assert_int_equal(mp_preprocess_set(&how, "preset", preset, &err), MP_OK);
    if (mp_dataset_open_images(&d, &o, &how, &n.shapes[n.input_tensor], &err) < 0)
        fail_msg("%s: %s", err.file, err.message);
    assert_int_equal(mp_network_accuracy(&a, &n, NULL, &d, 0, &err), MP_OK);
    assert_int_equal(a.images, FEW_IMAGES);
    assert_int_equal(a.top1, top1);
    assert_int_equal(a.top5, top5);
    mp_dataset_release(&d);
    mp_preprocess_release(&how);
    mp_network_release(&n);
    free(list);
}

static void squeezenet_1_1(void **state)
{
    (void)state;
    check_images("cnn/squeezenet_v1.1/deploy.prototxt",
                 "cnn/squeezenet_v1.1/squeezenet_v1.1.caffemodel", "caffe-227", 1231552, 8, 11);
}

static void squeezenet_1_0(void **state)
{
    (void)state;
    check_images("cnn/squeezenet_v1.0/SqueezeNet_deploy.prototxt",
                 "cnn/squeezenet_v1.0/squeezenet_v1.0.caffemodel", "caffe-227", 1244448, 8, 10);
}

static void googlenet(void **state)
{
    (void)state;
    check_images("cnn/architectures/googlenet.prototxt", "cnn/googlenet/bvlc_googlenet.caffemodel",
                 "caffe-224", 6990272, 9, 10);
}

/* All 10,000 test digits, in batches. */
static void lenet(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;
    struct mp_dataset d;
    struct mp_accuracy a;
    struct mp_preprocess how = MP_PREPROCESS_INIT;
    char *images = shared("cnn/lenet_mnist/t10k-images-idx3-ubyte.gz");
    char *labels = shared("cnn/lenet_mnist/t10k-labels-idx1-ubyte.gz");

    read_network(&n, "cnn/lenet_mnist/lenet.prototxt",
                 "cnn/lenet_mnist/lenet_iter_10000.caffemodel", MP_MISSING_REFUSED);
    assert_int_equal(mp_network_weight_count(&n), 430500);
    assert_int_equal(mp_dataset_read_idx(&d, images, labels, 0, &err), MP_OK);
    assert_int_equal(mp_preprocess_set(&how, "scale", "0.00390625", &err), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &how, &err), MP_OK);
    assert_int_equal(mp_network_accuracy(&a, &n, NULL, &d, 0, &err), MP_OK);
    assert_int_equal(a.images, 10000);
    assert_in_range(a.top1, 9913, 9915);
    mp_dataset_release(&d);
    mp_preprocess_release(&how);
    mp_network_release(&n);
    free(images);
    free(labels);
}

/* Weights for the first layers alone: refused, or the network ends there. */
static void parts(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n;
    char *text = shared("cnn/architectures/vgg16.prototxt");
    char *weights = shared("cnn/vgg16/vgg16_conv1_1_to_conv3_1.caffemodel");
    struct mp_network_source source = {.weights = weights};

    assert_int_equal(mp_network_read(&n, text, &source, &err), MP_E_INPUT);
    assert_int_equal(err.line, 19);
    assert_non_null(strstr(err.message, "layer \"conv3_2\" (Convolution)"));
    read_network(&n, "cnn/architectures/vgg16.prototxt",
                 "cnn/vgg16/vgg16_conv1_1_to_conv3_1.caffemodel", MP_MISSING_CUT);
    assert_int_equal(n.whole_macs, 15470264320);
    assert_int_equal(mp_network_macs(&n), 5635768320);
    assert_string_equal(n.layers[n.layer_count - 1].name, "relu3_1");
    mp_network_release(&n);
    /* Two groups in three of the five convolutions. */
    read_network(&n, "cnn/architectures/alexnet.prototxt",
                 "cnn/alexnet/alexnet_conv_int8.caffemodel", MP_MISSING_CUT);
    assert_int_equal(n.whole_macs, 724406816);
    assert_int_equal(mp_network_macs(&n), 665784864);
    assert_int_equal(mp_network_weight_count(&n), 2332704);
    mp_network_release(&n);
    free(text);
    free(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squeezenet_1_1), cmocka_unit_test(squeezenet_1_0),
        cmocka_unit_test(googlenet),      cmocka_unit_test(lenet),
        cmocka_unit_test(parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
