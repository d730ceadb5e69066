/*
 * What choosing scales needs to know of a network's activations, gathered once: one float32 pass
 * over the calibration images. Any number of schemes is then made from it (quantise.h), in parallel
 * if need be: it is only read.
 *
 *     mp_calibration_data_collect(&c, &network, &images, images.count, 0, err)
 *     mp_quantisation_make(&q, &network, &scheme, &c, err)      (again and again)
 *     mp_calibration_data_release(&c)
 */
#ifndef MP_CNN_CALIBRATION_H
#define MP_CNN_CALIBRATION_H

#include "estimator/images/dataset.h"

/* The input of a layer with weights, over all calibration images. Layers that read the same tensor
 * have the same. */
struct mp_layer_input {
    float low, high;   /* extremes of all values, and 0 */
    uint64_t values;   /* of all images */
    uint64_t negative; /* of them, below 0 */
    /* No input can be negative, whatever the image: known from the layers before, not from the
     * calibration images. */
    bool is_never_negative;
    const float *samples; /* values at random places, as many of each image; of all where few */
    uint32_t sample_count;
};

struct mp_calibration_data {
    uint32_t images;
    uint32_t layer_count;
    struct mp_layer_input *inputs; /* [layer]; zero for layers without weights */
    float **samples;               /* [tensor] owned */
    uint32_t tensor_count;
};

/* From the first `images` images of d. threads 0: all cores. MP_E_USAGE for no images or more than
 * there are, MP_E_INPUT for images that are not what the network takes, and where an activation is
 * no finite number (the layer is named). */
int mp_calibration_data_collect(struct mp_calibration_data *c, const struct mp_network *n,
                                const struct mp_dataset *d, uint32_t images, unsigned threads,
                                struct mp_error *err);
void mp_calibration_data_release(struct mp_calibration_data *c); /* accepts NULL and zeroes */

/* Which tensors hold a negative value for some image: negative[tensor], from what each layer does
 * to signs. input: whether an image's values may be below 0. */
void mp_network_find_signs(const struct mp_network *n, bool input, bool *negative);
/* Whether what the images are prepared by can give values below 0 (a mean, a negative scale). */
bool mp_dataset_may_be_negative(const struct mp_dataset *d);

#endif
