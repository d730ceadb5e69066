#include "tests/cnn/real_networks.h"

#include "estimator/util/file.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct files {
    const char *name, *architecture, *weights; /* weights NULL: in the architecture's file */
    enum mp_missing_weights missing;
    const char *preset, *images, *labels; /* labels NULL: a folder */
};

#define FASHION "/usr/share/datasets/fashion-mnist/t10k-"
#define MNIST   "cnn/lenet_mnist/t10k-"

/* Paths are absolute, of the project (configs/), or of ../shared. */
static const struct files known[REAL_COUNT] = {
    [REAL_FASHION] = {"default Fashion-MNIST network", "configs/networks/fashion_lenet.onnx", NULL,
                      MP_MISSING_REFUSED, NULL, FASHION "images-idx3-ubyte.gz",
                      FASHION "labels-idx1-ubyte.gz"},
    [REAL_LENET] = {"LeNet", "cnn/lenet_mnist/lenet.prototxt",
                    "cnn/lenet_mnist/lenet_iter_10000.caffemodel", MP_MISSING_REFUSED,
                    "caffe-mnist", MNIST "images-idx3-ubyte.gz", MNIST "labels-idx1-ubyte.gz"},
    [REAL_SQUEEZENET_PRUNED] = {"SqueezeNet v1.0 (pruned)",
                                "cnn/squeezenet_v1.0/SqueezeNet_deploy.prototxt",
                                "cnn/squeezenet_v1.0/squeezenet_v1.0.caffemodel",
                                MP_MISSING_REFUSED, "caffe", "cnn/imagenet_val300", NULL},
    [REAL_SQUEEZENET] = {"SqueezeNet v1.1", "cnn/squeezenet_v1.1/deploy.prototxt",
                         "cnn/squeezenet_v1.1/squeezenet_v1.1.caffemodel", MP_MISSING_REFUSED,
                         "caffe", "cnn/imagenet_val300", NULL},
    [REAL_GOOGLENET] = {"GoogLeNet", "cnn/architectures/googlenet.prototxt",
                        "cnn/googlenet/bvlc_googlenet.caffemodel", MP_MISSING_REFUSED, "caffe",
                        "cnn/imagenet_val300", NULL},
    [REAL_ALEXNET] = {"AlexNet (convolutions)", "cnn/architectures/alexnet.prototxt",
                      "cnn/alexnet/alexnet_conv_int8.caffemodel", MP_MISSING_CUT, "caffe",
                      "cnn/imagenet_val300", NULL},
    [REAL_VGG16] = {"VGG-16 (five convolutions)", "cnn/architectures/vgg16.prototxt",
                    "cnn/vgg16/vgg16_conv1_1_to_conv3_1.caffemodel", MP_MISSING_CUT, "caffe",
                    "cnn/imagenet_val300", NULL},
};

static char *find(const char *name)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");

    if (name == NULL || name[0] == '/')
        return name != NULL ? mp_strdup(name) : NULL;
    if (strncmp(name, "configs/", 8) == 0)
        return mp_path_join(root != NULL ? root : ".", name);
    return shared != NULL ? mp_path_join(shared, name)
                          : mp_asprintf("%s/../shared/%s", root != NULL ? root : ".", name);
}

static bool is_there(const char *path)
{
    if (path == NULL || mp_file_exists(path))
        return true;
    print_message("no %s: skipped\n", path);
    return false;
}

static int read_images(struct real_network *r, const struct files *f, const char *images,
                       const char *labels, uint32_t limit, struct mp_error *err)
{
    struct mp_image_options o = {.path = images, .limit = limit};
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    const struct mp_network *n = &r->network;
    int rc = f->preset != NULL ? mp_preprocess_set(&p, "preset", f->preset, err) : MP_OK;

    if (rc == MP_OK && labels == NULL)
        rc = mp_dataset_open_images(&r->images, &o, &p, &n->shapes[n->input_tensor], err);
    else if (rc == MP_OK)
        rc = mp_dataset_read_idx(&r->images, images, labels, limit, err);
    if (rc == MP_OK && labels != NULL && f->preset != NULL)
        rc = mp_dataset_set_values(&r->images, &p, err);
    mp_preprocess_release(&p);
    return rc;
}

bool real_network_open(struct real_network *r, enum real_network_id id, uint32_t images)
{
    const struct files *f = &known[id];
    char *architecture = find(f->architecture), *weights = find(f->weights);
    char *data = find(f->images), *labels = find(f->labels);
    const struct mp_network_source source = {.weights = weights, .missing = f->missing};
    struct mp_error err = MP_ERROR_INIT;
    bool here = is_there(architecture) && is_there(weights) && is_there(data) && is_there(labels);

    *r = (struct real_network){.name = f->name};
    if (here && (mp_network_read(&r->network, architecture, &source, &err) < 0 ||
                 read_images(r, f, data, labels, images, &err) < 0))
        fail_msg("%s: %s", err.file, err.message);
    free(architecture);
    free(weights);
    free(data);
    free(labels);
    return here;
}

void real_network_close(struct real_network *r)
{
    mp_dataset_release(&r->images);
    mp_network_release(&r->network);
}
