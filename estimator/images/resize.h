/*
 * Image resizing, three ways that published results depend on. All take the value of a pixel at its
 * centre: output x looks at input (x + 0.5) * in / out - 0.5.
 *
 *   bilinear    the two nearest pixels of each axis, weights in 1/2048, whatever the scale: what
 *               OpenCV's cv::resize does by default (INTER_LINEAR, 8 bits), and so Caffe's
 *               convert_imageset; the same result to the bit
 *   area        the mean of what an output pixel covers: OpenCV's INTER_AREA, but for rounding;
 *               bilinear for an image of which an axis grows
 *   antialias   a triangle as wide as the output pixel, horizontal first, 8 bits between, weights
 *               in 2^-22: Pillow's BILINEAR, which torchvision's transforms use; to the bit
 */
#ifndef MP_IMAGES_RESIZE_H
#define MP_IMAGES_RESIZE_H

#include "estimator/images/image.h"

enum mp_interpolation { MP_BILINEAR, MP_AREA, MP_ANTIALIAS };
/* MP_E_USAGE and what there is for other names. */
int mp_interpolation_parse(enum mp_interpolation *i, const char *name, struct mp_error *err);

/* out: fresh pixels, the caller releases; width and height at least 1, their product at most
 * MP_IMAGE_MAX_PIXELS (asserted). */
void mp_image_resize(struct mp_image *out, const struct mp_image *in, uint32_t width,
                     uint32_t height, enum mp_interpolation how);

#endif
