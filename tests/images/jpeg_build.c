#include "tests/images/jpeg_build.h"

#include "estimator/util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

uint8_t *jpeg_build(const uint8_t *pixels, uint32_t width, uint32_t height, enum jpeg_kind kind,
                    bool progressive, size_t *size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long length = 0;
    size_t stride = (size_t)width * kind;
    uint8_t *line = mp_alloc(stride, 1);

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &out, &length);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = (int)kind;
    jpeg.in_color_space = kind == JPEG_GREY ? JCS_GRAYSCALE : kind == JPEG_RGB ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < height) {
        JSAMPROW row = line;
        memcpy(line, pixels + jpeg.next_scanline * stride, stride);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(line);
    *size = length;
    return out;
}

uint8_t *jpeg_pattern(uint32_t width, uint32_t height, enum jpeg_kind kind, uint32_t seed)
{
    uint8_t *pixels = mp_alloc((size_t)width * height, kind);

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < kind; c++)
                pixels[((size_t)y * width + x) * kind + c] =
                    (uint8_t)(30 + 20 * c + 90 * x / width + 50 * y / height + seed % 20);
    return pixels;
}

bool jpeg_write(const char *path, uint32_t width, uint32_t height, enum jpeg_kind kind,
                uint32_t seed)
{
    uint8_t *pixels = jpeg_pattern(width, height, kind, seed);
    size_t size;
    uint8_t *bytes = jpeg_build(pixels, width, height, kind, false, &size);
    bool good = mp_file_write(path, bytes, size, NULL) == MP_OK;

    free(bytes);
    free(pixels);
    return good;
}
