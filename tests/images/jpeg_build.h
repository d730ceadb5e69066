/*
 * JPEG files for tests, written by libjpeg at the best quality: smooth patterns come back within a
 * few units.
 */
#ifndef MP_TESTS_CNN_JPEG_BUILD_H
#define MP_TESTS_CNN_JPEG_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jpeg_kind { JPEG_GREY = 1, JPEG_RGB = 3, JPEG_CMYK = 4 };

/* pixels[height][width][kind]; the caller frees the result. CMYK: with Adobe's marker, so the
 * components are inverted ones. */
uint8_t *jpeg_build(const uint8_t *pixels, uint32_t width, uint32_t height, enum jpeg_kind kind,
                    bool progressive, size_t *size);
/* A smooth RGB or grey pattern, different for each seed; the caller frees it. */
uint8_t *jpeg_pattern(uint32_t width, uint32_t height, enum jpeg_kind kind, uint32_t seed);
/* Both, into a file; false on failure. */
bool jpeg_write(const char *path, uint32_t width, uint32_t height, enum jpeg_kind kind,
                uint32_t seed);

#endif
