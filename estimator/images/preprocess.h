/*
 * From an image to a network's input, in the order in which Caffe and torchvision do it:
 *
 *     resize -> centre crop -> channel order -> (pixel - mean) * scale
 *
 * pixel is 0..255, mean and scale are in these units and in the network's order of channels, so
 * torchvision's (pixel / 255 - m) / s has mean 255 m and scale 1 / (255 s).
 *
 *     struct mp_preprocess p = MP_PREPROCESS_INIT;           (bytes to 0..1, nothing else)
 *     mp_preprocess_set(&p, "preset", "caffe-224", err);     (then single keys, if any)
 *     mp_preprocess_set(&p, "scale", "0.017", err);
 *     mp_preprocess_fit(&p, &network_input, err);            (the crop, where it was left open)
 *     mp_preprocess_image(&p, &image, name, bytes, err);     (once an image)
 *     mp_preprocess_values(&p, bytes, floats);
 *     mp_preprocess_release(&p);
 */
#ifndef MP_IMAGES_PREPROCESS_H
#define MP_IMAGES_PREPROCESS_H

#include "estimator/images/resize.h"
#include "estimator/network/network.h"

enum mp_resize_how {
    MP_RESIZE_NONE,
    MP_RESIZE_EXACT,  /* to resize_width x resize_height, proportions lost */
    MP_RESIZE_SHORTER /* the shorter side to resize_width, the longer in proportion (rounded down)
                       */
};
enum mp_channel_order { MP_CHANNELS_RGB, MP_CHANNELS_BGR };

struct mp_preprocess {
    enum mp_resize_how resize;
    uint32_t resize_width, resize_height;
    /* The resize is left out for a set whose images are prepared: all of one size that is not below
     * the crop and not above resize_width x resize_height. True in presets; a resize that is asked
     * for by its own key is always done. */
    bool resize_unless_prepared;
    enum mp_interpolation interpolation;
    uint32_t crop_width, crop_height; /* 0: the network's input */
    /* An odd margin: one pixel less at the top and left (Caffe), or halves to the even number as
     * torchvision's round() does. */
    bool crop_half_even;
    enum mp_channel_order channels; /* of three; grey images have one, or three equal ones */
    double mean[3], scale[3];       /* of the network's channels; one-channel networks use [0] */
    /* A mean image in place of `mean`: [channels][mean_height][mean_width], in the network's order
     * of channels, owned; NULL: none. Its centre of the crop's size counts, which for resized
     * images is what Caffe's DataTransformer subtracts. */
    float *mean_image;
    uint32_t mean_channels, mean_height, mean_width;
};

#define MP_PREPROCESS_INIT                                                                         \
    {                                                                                              \
        .scale = { 1.0 / 255, 1.0 / 255, 1.0 / 255 }                                               \
    }

/* Keys, as in experiment files (docs/config.md): preset, resize, interpolation, crop, channels,
 * mean, scale, mean_file. A preset replaces all that was set before. Unknown keys and values:
 * MP_E_USAGE with what there is. mean_file reads the file (MP_E_INPUT when it is damaged). */
int mp_preprocess_set(struct mp_preprocess *p, const char *key, const char *value,
                      struct mp_error *err);
/* The i-th preset's name, NULL behind the last; docs/networks.md has their numbers and sources. */
const char *mp_preprocess_preset(uint32_t i);

/* Checks p against the input of a network and fills in the crop where it is 0. */
int mp_preprocess_fit(struct mp_preprocess *p, const struct mp_shape *input, struct mp_error *err);

/* All but the arithmetic: bytes[channels][crop height][crop width], channels 1 or 3 as the network
 * has. `prepared`: see resize_unless_prepared. An image smaller than the crop, or one that a resize
 * makes larger than MP_IMAGE_MAX_PIXELS: MP_E_INPUT with the name. */
int mp_preprocess_image(const struct mp_preprocess *p, const struct mp_image *image, bool prepared,
                        uint32_t channels, const char *name, uint8_t *bytes, struct mp_error *err);
/* The arithmetic over one image of that shape. */
void mp_preprocess_values(const struct mp_preprocess *p, const struct mp_shape *shape,
                          const uint8_t *bytes, float *values);
void mp_preprocess_hash(const struct mp_preprocess *p, struct mp_hash *h);
/* out is a copy of its own. */
void mp_preprocess_copy(struct mp_preprocess *out, const struct mp_preprocess *p);
void mp_preprocess_release(struct mp_preprocess *p);

/* A mean image as Caffe's compute_image_mean writes it (.binaryproto: a BlobProto of shape 1 x C x
 * H x W, legacy or new), C 1 or 3, finite; replaces p->mean_image (mean_file.c). */
int mp_preprocess_read_mean(struct mp_preprocess *p, const char *path, struct mp_error *err);
/* The same from memory; path is for messages. */
int mp_preprocess_parse_mean(struct mp_preprocess *p, const void *data, size_t size,
                             const char *path, struct mp_error *err);

#endif
