/*
 * The integer engine on real networks and images, where they are: a thousand dot products of each
 * network against the golden MAC, and both engines against each other.
 */
#include "estimator/util/file.h"
#include "tests/cnn/integer_check.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>

#define IMAGES 4

struct files {
    const char *architecture, *weights;
    enum mp_missing_weights missing;
};

static char *shared_path(const char *name)
{
    const char *root = getenv("MACPPA_SHARED"), *source = getenv("MACPPA_SOURCE_ROOT");
    char *shared =
        root != NULL ? mp_strdup(root) : mp_path_join(source != NULL ? source : ".", "../shared");
    char *cnn = mp_path_join(shared, "cnn"), *path = mp_path_join(cnn, name);

    free(cnn);
    free(shared);
    return path;
}

static bool is_there(const char *name)
{
    char *path = shared_path(name);
    bool there = mp_file_exists(path);

    if (!there)
        print_message("no %s: skipped\n", path);
    free(path);
    return there;
}

static void read_network(struct mp_network *n, const struct files *f)
{
    char *architecture = shared_path(f->architecture), *weights = shared_path(f->weights);
    struct mp_network_source source = {.weights = weights, .missing = f->missing};
    struct mp_error err = MP_ERROR_INIT;

    if (mp_network_read(n, architecture, &source, &err) < 0)
        fail_msg("%s: %s", err.file, err.message);
    free(architecture);
    free(weights);
}

static void read_images(struct mp_dataset *d, const struct mp_network *n)
{
    char *path = shared_path("imagenet_val300");
    struct mp_image_options o = {.path = path, .limit = IMAGES};
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(mp_preprocess_set(&p, "preset", "caffe", NULL), MP_OK);
    if (mp_dataset_open_images(d, &o, &p, &n->shapes[n->input_tensor], &err) < 0)
        fail_msg("%s: %s", err.file, err.message);
    mp_preprocess_release(&p);
    free(path);
}

static void check(const struct mp_network *n, const struct mp_dataset *d, const char *weight,
                  const char *activation)
{
    struct mp_quantisation q;

    integer_calibrate(&q, n, d, weight, activation);
    integer_compare(n, &q, d, IMAGES, false);
    integer_check_products(n, &q, d, IMAGES);
    mp_quantisation_release(&q);
}

static void check_files(const struct files *f, bool both)
{
    struct mp_network n = {0};
    struct mp_dataset d = {0};

    if (!is_there(f->weights) || !is_there("imagenet_val300")) {
        skip();
        return;
    }
    read_network(&n, f);
    read_images(&d, &n);
    check(&n, &d, "int8", "int8");
    if (both)
        check(&n, &d, "e5m3", "int10");
    mp_dataset_release(&d);
    mp_network_release(&n);
}

static void squeezenet_pruned(void **state)
{
    (void)state;
    check_files(&(struct files){"squeezenet_v1.0/SqueezeNet_deploy.prototxt",
                                "squeezenet_v1.0/squeezenet_v1.0.caffemodel", MP_MISSING_REFUSED},
                false);
}

static void squeezenet(void **state)
{
    (void)state;
    check_files(&(struct files){"squeezenet_v1.1/deploy.prototxt",
                                "squeezenet_v1.1/squeezenet_v1.1.caffemodel", MP_MISSING_REFUSED},
                true);
}

static void googlenet(void **state)
{
    (void)state;
    check_files(&(struct files){"architectures/googlenet.prototxt",
                                "googlenet/bvlc_googlenet.caffemodel", MP_MISSING_REFUSED},
                true);
}

static void alexnet(void **state)
{
    (void)state;
    check_files(&(struct files){"architectures/alexnet.prototxt",
                                "alexnet/alexnet_conv_int8.caffemodel", MP_MISSING_CUT},
                false);
}

static void vgg16(void **state)
{
    (void)state;
    check_files(&(struct files){"architectures/vgg16.prototxt",
                                "vgg16/vgg16_conv1_1_to_conv3_1.caffemodel", MP_MISSING_CUT},
                false);
}

static void lenet(void **state)
{
    const struct files f = {"lenet_mnist/lenet.prototxt", "lenet_mnist/lenet_iter_10000.caffemodel",
                            MP_MISSING_REFUSED};
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_network n = {0};
    struct mp_dataset d = {0};

    (void)state;
    if (!is_there(f.weights)) {
        skip();
        return;
    }
    read_network(&n, &f);
    char *images = shared_path("lenet_mnist/t10k-images-idx3-ubyte.gz");
    char *labels = shared_path("lenet_mnist/t10k-labels-idx1-ubyte.gz");
    if (mp_dataset_read_idx(&d, images, labels, 200, &err) < 0 ||
        mp_preprocess_set(&p, "preset", "caffe-mnist", &err) < 0 ||
        mp_dataset_set_values(&d, &p, &err) < 0)
        fail_msg("%s: %s", err.file, err.message);
    check(&n, &d, "int8", "uint8");
    check(&n, &d, "e4m3", "uint8");
    mp_dataset_release(&d);
    mp_network_release(&n);
    free(images);
    free(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squeezenet_pruned),
        cmocka_unit_test(squeezenet),
        cmocka_unit_test(googlenet),
        cmocka_unit_test(alexnet),
        cmocka_unit_test(vgg16),
        cmocka_unit_test(lenet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
