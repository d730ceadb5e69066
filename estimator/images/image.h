/*
 * JPEG files (libjpeg-turbo) as 8-bit pixels: baseline and progressive, grey, YCbCr, RGB, CMYK and
 * YCCK. Decoding is the library's default (accurate integer DCT, smooth chroma upsampling), as
 * OpenCV's imread uses it; an EXIF orientation is not applied (Caffe and torchvision do not
 * either).
 *
 * Colour: RGB order. CMYK becomes RGB by r = c k / 255 on inverted components, which is how Adobe
 * writes them; files without Adobe's marker hold them upright and are inverted first.
 *
 * What is damaged is refused: no JPEG at all, a header that cannot be, a file cut off, bad Huffman
 * codes, lost restart markers. Stray bytes between markers, of which real collections have some,
 * change no pixel and are accepted.
 *
 *     struct mp_image image;
 *     if (mp_image_read(&image, path, err) < 0)
 *         return ...;
 *     ... image.pixels[(y * width + x) * channels + c]
 *     mp_image_release(&image);
 */
#ifndef MP_IMAGES_IMAGE_H
#define MP_IMAGES_IMAGE_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"

#define MP_IMAGE_MAX_PIXELS ((uint64_t)1 << 25) /* of one image, whatever its header claims */
#define MP_IMAGE_MAX_BYTES  ((size_t)64 << 20)  /* of a file */

struct mp_image {
    uint32_t width, height; /* at least 1 */
    uint32_t channels;      /* 1: grey, 3: RGB */
    uint8_t *pixels;        /* [height][width][channels], owned */
};

/* MP_E_INPUT with the file and the reason when it is damaged or no JPEG, MP_E_NOT_FOUND or MP_E_IO
 * when it cannot be read, MP_E_UNSUPPORTED for colour spaces that are not listed above, MP_E_MEMORY
 * above the limits. On failure nothing needs a release. */
int mp_image_read(struct mp_image *image, const char *path, struct mp_error *err);
/* The same from memory; path is for messages. */
int mp_image_decode(struct mp_image *image, const void *data, size_t size, const char *path,
                    struct mp_error *err);
/* Width, height and channels alone, from the header; pixels stays NULL. */
int mp_image_read_size(struct mp_image *image, const char *path, struct mp_error *err);
/* Accepts NULL and a zeroed struct. */
void mp_image_release(struct mp_image *image);

#endif
