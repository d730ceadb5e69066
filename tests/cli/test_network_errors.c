/* Networks and images that cannot be right, through the command line: exit status 1, a message that
 * says what and where, and nothing in the database. Files are made here. */
#include "tests/cli/harness.h"
#include "tests/images/jpeg_build.h"
#include "tests/network/caffe_build.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONV "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'\n"
#define NETWORK                                                                                    \
    "name: 'small'\n"                                                                              \
    "input: 'data' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n" CONV                     \
    "  convolution_param { num_output: 4 kernel_size: 8 } }\n"                                     \
    "layer { name: 'p' type: 'Softmax' bottom: 'c' top: 'p' }\n"

struct files {
    char *model, *weights, *images;
};

static void write_weights(const char *path, float one, int64_t outputs, size_t cut)
{
    struct caffe_build b = {0};
    float *values = mp_alloc(4 * 192, sizeof *values);

    for (size_t i = 0; i < 4 * 192; i++)
        values[i] = (float)i / 1000;
    values[17] = one;
    caffe_build_blob(&b, (const int64_t[]){outputs, 3, 8, 8}, 4, values);
    caffe_build_blob(&b, (const int64_t[]){4}, 1, values);
    caffe_build_layer(&b, "c");
    assert_int_equal(mp_file_write(path, b.bytes.data, b.bytes.size - cut, NULL), MP_OK);
    caffe_build_release(&b);
    free(values);
}

static void make_files(struct session *s, struct files *f)
{
    f->model = session_file(s, "net.prototxt", NETWORK);
    f->weights = session_file(s, "net.caffemodel", "");
    f->images = session_file(s, "list.txt", "a.jpg 0\nb.jpg 3\nc.jpg 1\n");
    write_weights(f->weights, 1, 4, 0);
    for (const char *name = "abc"; *name != '\0'; name++) {
        char *path = mp_asprintf("%s/%c.jpg", s->dir.path, *name);
        assert_true(jpeg_write(path, 8, 8, JPEG_RGB, (unsigned)*name));
        free(path);
    }
}

static void release_files(struct files *f)
{
    free(f->model);
    free(f->weights);
    free(f->images);
}

static void score(struct session *s, const struct files *f)
{
    RUN(s, "accuracy", "--network", f->model, "--weights", f->weights, "--images", f->images,
        "--weight", "float32", "--activation", "float32", "--format", "json");
}

static void refused(struct session *s, const struct files *f, const char *says,
                    const char *says_too)
{
    score(s, f);
    assert_status(s, 1);
    assert_err(s, says);
    assert_err(s, says_too);
    if (mp_file_exists(s->db))
        assert_database(s->db, "select count(*) from accuracy", "0|\n");
}

static void wrong_weights(void **state)
{
    struct session *s = *state;
    struct files f;

    make_files(s, &f);
    write_weights(f.weights, 1, 4, 100);
    refused(s, &f, "net.caffemodel", "cut off");
    write_weights(f.weights, NAN, 4, 0);
    refused(s, &f, "c", "finite");
    write_weights(f.weights, 1, 2, 0);
    refused(s, &f, "blob 0 is 2 x 3 x 8 x 8", "needs 4 x 3 x 8 x 8");
    char *model = session_file(s, "net.prototxt", "name: 'small'\n" CONV);
    refused(s, &f, "net.prototxt", "");
    free(model);
    model = session_file(s, "net.prototxt",
                         "input: 'data' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n"
                         "layer { name: 'other' type: 'Convolution' bottom: 'data' top: 'c'\n"
                         "  convolution_param { num_output: 4 kernel_size: 8 } }\n");
    write_weights(f.weights, 1, 4, 0);
    refused(s, &f, "net.prototxt:2", "there are no weights for it");
    free(model);
    release_files(&f);
}

static void wrong_images(void **state)
{
    struct session *s = *state;
    struct files f;

    make_files(s, &f);
    free(session_file(s, "list.txt", "a.jpg 0\nno.jpg 3\nc.jpg 1\n"));
    refused(s, &f, "list.txt", "no.jpg");
    free(session_file(s, "list.txt", "a.jpg 0\nb.jpg three\n"));
    refused(s, &f, "list.txt:2", "class");
    free(session_file(s, "list.txt", "a.jpg 0\nb.jpg 4\n"));
    refused(s, &f, "label 4", "4 classes");
    free(session_file(s, "b.jpg", "no image"));
    free(session_file(s, "list.txt", "a.jpg 0\nb.jpg 3\n"));
    refused(s, &f, "b.jpg", "1 of 2 images");
    release_files(&f);
}

/* Allowed to be missing: counted, and named all the same. */
static void damaged_images(void **state)
{
    struct session *s = *state;
    struct files f;

    make_files(s, &f);
    free(session_file(s, "b.jpg", "no image"));
    RUN(s, "accuracy", "--network", f.model, "--weights", f.weights, "--images", f.images,
        "--weight", "float32", "--activation", "float32", "--allow-damaged", "1", "--format",
        "json");
    assert_status(s, 0);
    assert_out(s, "\"images\": 2");
    assert_err(s, "image b.jpg is left out");
    release_files(&f);
}

/* All right; quantised, with too few images to set every 6th apart, and with every second. */
static void calibration(void **state)
{
    struct session *s = *state;
    struct files f;

    make_files(s, &f);
    score(s, &f);
    assert_status(s, 0);
    assert_out(s, "\"images\": 3");
    assert_database(s->db, "select count(*) from accuracy", "1|\n");
    RUN(s, "accuracy", "--network", f.model, "--weights", f.weights, "--images", f.images,
        "--weight", "int8", "--activation", "int8");
    assert_status(s, 1);
    assert_err(s, "one in 6");
    assert_err(s, "calibration_images");
    RUN(s, "accuracy", "--network", f.model, "--weights", f.weights, "--images", f.images,
        "--weight", "int8", "--activation", "int8", "--calibration-every", "2", "--format", "json");
    assert_status(s, 0);
    assert_out(s, "\"images\": 2");
    RUN(s, "accuracy", "--network", f.model, "--weights", f.weights, "--images", f.images,
        "--weight", "int8", "--activation", "int8", "--calibration-every", "4");
    assert_status(s, 1);
    assert_err(s, "one in 4");
    release_files(&f);
}

static void no_accuracy(void **state)
{
    struct session *s = *state;
    struct files f;

    make_files(s, &f);
    RUN(s, "accuracy", "--network", f.model, "--missing", "synthetic", "--images", f.images,
        "--weight", "float32", "--activation", "float32");
    assert_status(s, 1);
    assert_err(s, "made up");
    assert_database(s->db, "select count(*) from accuracy", "0|\n");
    RUN(s, "accuracy", "--network", "nosuch", "--weight", "float32", "--activation", "float32");
    assert_status(s, 1);
    assert_err(s, "googlenet, lenet_mnist");
    const char *const env[] = {"MACPPA_NETWORKS=/nowhere", "HOME=/nowhere", NULL};
    RUN_ENV(s, env, "accuracy", "--network", "vgg16", "--weight", "float32", "--activation",
            "float32");
    assert_status(s, 1);
    assert_err(s, "VGG_ILSVRC_16_layers_deploy.prototxt");
    assert_err(s, "/nowhere");
    RUN_ENV(s, env, "doctor", "--format", "csv");
    assert_out(s, "network vgg16,missing");
    assert_out(s, "VGG_ILSVRC_16_layers.caffemodel (528 MB)");
    assert_out(s, "network fashion_lenet,ok");
    release_files(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_weights, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(wrong_images, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(damaged_images, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(calibration, session_setup, session_teardown),
        cmocka_unit_test_setup_teardown(no_accuracy, session_setup, session_teardown),
    };

    harness_init(argc, argv);
    return cmocka_run_group_tests_name("errors of networks", tests, NULL, NULL);
}
