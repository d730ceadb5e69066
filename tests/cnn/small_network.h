/*
 * A network and images small enough to work through: two convolutions (the second with stride,
 * pads and groups), ReLU, and a dense layer, all with random numbers of a fixed seed.
 */
#ifndef MP_TESTS_CNN_SMALL_NETWORK_H
#define MP_TESTS_CNN_SMALL_NETWORK_H

#include "estimator/images/dataset.h"

#define SMALL_IMAGES 50

/* 0, or -1 when the importer refuses it. */
int small_network(struct mp_network *n);
/* SMALL_IMAGES images of 1 x 8 x 7, about a third of their pixels 0, labels 0..3. */
void small_dataset(struct mp_dataset *d);

#endif
