/*
 * The trained networks that are at hand, with a few of their images: the default one, and those of
 * ../shared/cnn where that is.
 */
#ifndef MP_TESTS_CNN_REAL_NETWORKS_H
#define MP_TESTS_CNN_REAL_NETWORKS_H

#include "estimator/images/dataset.h"

enum real_network_id {
    REAL_FASHION, /* configs/networks/, Debian's images */
    REAL_LENET,
    REAL_SQUEEZENET_PRUNED,
    REAL_SQUEEZENET,
    REAL_GOOGLENET,
    REAL_ALEXNET, /* convolutions alone */
    REAL_VGG16,   /* the first five convolutions */
    REAL_COUNT
};

struct real_network {
    const char *name; /* for people */
    struct mp_network network;
    struct mp_dataset images;
};

/* The first `images` images of the network's data set. false: not here, said in a line; a file that
 * cannot be read fails the test. */
bool real_network_open(struct real_network *r, enum real_network_id id, uint32_t images);
void real_network_close(struct real_network *r);

#endif
