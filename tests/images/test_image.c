#include "estimator/images/image.h"
#include "estimator/images/resize.h"
#include "estimator/util/file.h"
#include "tests/images/jpeg_build.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

/* Largest difference that quantisation at the best quality leaves, chroma halved. */
#define CLOSE 4

static void check_close(const uint8_t *a, const uint8_t *b, size_t count, int most)
{
    for (size_t i = 0; i < count; i++)
        if (abs(a[i] - b[i]) > most)
            fail_msg("byte %zu: %d, not %d", i, a[i], b[i]);
}

static void decode_good(struct mp_image *image, const uint8_t *bytes, size_t size)
{
    struct mp_error err = MP_ERROR_INIT;

    if (mp_image_decode(image, bytes, size, "test.jpg", &err) < 0)
        fail_msg("%s", err.message);
}

static void kinds(void **state)
{
    const enum jpeg_kind all[] = {JPEG_GREY, JPEG_RGB};
    struct mp_image image;
    size_t size;

    (void)state;
    for (int i = 0; i < 4; i++) {
        uint8_t *pixels = jpeg_pattern(37, 21, all[i / 2], 5);
        uint8_t *bytes = jpeg_build(pixels, 37, 21, all[i / 2], i % 2 == 1, &size);
        decode_good(&image, bytes, size);
        assert_int_equal(image.width, 37);
        assert_int_equal(image.height, 21);
        assert_int_equal(image.channels, all[i / 2]);
        check_close(image.pixels, pixels, (size_t)37 * 21 * all[i / 2], CLOSE);
        mp_image_release(&image);
        free(bytes);
        free(pixels);
    }
}

/* Adobe's inverted CMYK: c and k of 200 and 100 are r = 200 * 100 / 255 = 78. */
static void cmyk(void **state)
{
    uint8_t pixels[16 * 16 * 4];
    struct mp_image image;
    size_t size, marker;

    (void)state;
    for (size_t i = 0; i < sizeof pixels; i += 4)
        memcpy(pixels + i, (uint8_t[]){200, 50, 255, 100}, 4);
    uint8_t *bytes = jpeg_build(pixels, 16, 16, JPEG_CMYK, false, &size);
    decode_good(&image, bytes, size);
    assert_int_equal(image.channels, 3);
    check_close(image.pixels, (uint8_t[]){78, 20, 100}, 3, 1);
    mp_image_release(&image);
    /* The same without the marker: upright components, 55 * 155 / 255 = 33. */
    for (marker = 2; marker + 4 < size && memcmp(bytes + marker, "\xff\xee", 2) != 0;)
        marker += 2 + (size_t)(bytes[marker + 2] * 256 + bytes[marker + 3]);
    assert_memory_equal(bytes + marker + 4, "Adobe", 5);
    bytes[marker + 4] = 'B';
    decode_good(&image, bytes, size);
    check_close(image.pixels, (uint8_t[]){33, 125, 0}, 3, 1);
    mp_image_release(&image);
    free(bytes);
}

static void refuse(const uint8_t *bytes, size_t size, int code, const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_image image;
    uint8_t *exact = mp_alloc(size + 1, 1);

    memcpy(exact, bytes, size);
    exact = mp_realloc(exact, size > 0 ? size : 1, 1); /* so that sanitizers see the end */
    int rc = mp_image_decode(&image, exact, size, "test.jpg", &err);
    if (rc != code || strstr(err.message, words) == NULL || strcmp(err.file, "test.jpg") != 0)
        fail_msg("%zu bytes: %d %s: %s", size, rc, err.file, err.message);
    assert_null(image.pixels);
    free(exact);
}

static void cut_off(void **state)
{
    size_t size, sizes[2];
    uint8_t *pixels = jpeg_pattern(40, 40, JPEG_RGB, 1), *bytes[2];

    (void)state;
    for (int p = 0; p < 2; p++) {
        bytes[p] = jpeg_build(pixels, 40, 40, JPEG_RGB, p == 1, &size);
        sizes[p] = size;
        for (size_t cut = 2; cut < size; cut += cut < size - 8 ? 7 : 1)
            refuse(bytes[p], cut, MP_E_INPUT, "damaged");
        bytes[p][size - 1] = 0xd8;
    }
    refuse(bytes[0], 0, MP_E_INPUT, "it is empty");
    refuse(bytes[0], 1, MP_E_INPUT, "not a JPEG file");
    for (int p = 0; p < 2; p++) {
        refuse(bytes[p], sizes[p], MP_E_INPUT, "damaged");
        free(bytes[p]);
    }
    free(pixels);
}

static void not_jpeg(void **state)
{
    (void)state;
    refuse((const uint8_t *)"\x89PNG\r\n\x1a\n", 8, MP_E_INPUT, "a PNG file");
    refuse((const uint8_t *)"GIF89a", 6, MP_E_INPUT, "a GIF file");
    refuse((const uint8_t *)"<html>", 6, MP_E_INPUT, "markup");
    refuse((const uint8_t *)"\0\0\0\0\0\0\0\0", 8, MP_E_INPUT, "something else");
}

/* Position of the frame header's height. */
static size_t find_frame(const uint8_t *bytes, size_t size)
{
    for (size_t i = 2; i + 9 < size; i += 2 + (size_t)(bytes[i + 2] * 256 + bytes[i + 3]))
        if (bytes[i + 1] == 0xc0 || bytes[i + 1] == 0xc2)
            return i + 5;
    fail_msg("no frame header");
    return 0;
}

/* Headers that claim more than there is: no memory is taken for it beyond the limit. */
static void huge_claims(void **state)
{
    size_t size;
    uint8_t *pixels = jpeg_pattern(16, 16, JPEG_RGB, 1);

    (void)state;
    for (int p = 0; p < 2; p++) {
        uint8_t *bytes = jpeg_build(pixels, 16, 16, JPEG_RGB, p == 1, &size);
        size_t frame = find_frame(bytes, size);
        memcpy(bytes + frame, (uint8_t[]){0xff, 0xdc, 0xff, 0xdc}, 4); /* 65500 x 65500 */
        refuse(bytes, size, MP_E_MEMORY, "65500 x 65500 pixels is above the limit");
        memcpy(bytes + frame, (uint8_t[]){0x0f, 0xff, 0x0f, 0xff}, 4); /* 4095 x 4095 */
        refuse(bytes, size, MP_E_INPUT, "damaged");
        memcpy(bytes + frame, (uint8_t[]){0, 16, 0, 0}, 4);
        refuse(bytes, size, MP_E_INPUT, "damaged");
        free(bytes);
    }
    free(pixels);
}

/* A progressive file may hold any number of scans, each a pass over the whole image. */
static void many_scans(void **state)
{
    size_t size, scan;
    uint8_t *pixels = jpeg_pattern(16, 16, JPEG_GREY, 1), *many;
    uint8_t *bytes = jpeg_build(pixels, 16, 16, JPEG_GREY, true, &size);
    struct mp_text text = {0};

    (void)state;
    for (scan = size - 2; scan > 2 && memcmp(bytes + scan, "\xff\xda", 2) != 0;)
        scan--;
    mp_text_add_bytes(&text, bytes, scan);
    for (int i = 0; i < 1000; i++) /* the last scan, which refines coefficients, again and again */
        mp_text_add_bytes(&text, bytes + scan, size - 2 - scan);
    mp_text_add_bytes(&text, "\xff\xd9", 2);
    many = (uint8_t *)text.data;
    refuse(many, text.size, MP_E_INPUT, "damaged");
    mp_text_release(&text);
    free(bytes);
    free(pixels);
}

static void files(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_tempdir dir;
    struct mp_image image;

    (void)state;
    assert_int_equal(mp_tempdir_create(&dir, NULL), MP_OK);
    char *path = mp_path_join(dir.path, "a.jpg");
    assert_int_equal(mp_image_read(&image, path, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "a.jpg"));
    assert_int_equal(mp_image_read_size(&image, path, NULL), MP_E_NOT_FOUND);
    assert_true(jpeg_write(path, 19, 11, JPEG_RGB, 3));
    assert_int_equal(mp_image_read_size(&image, path, NULL), MP_OK);
    assert_int_equal(image.width, 19);
    assert_int_equal(image.height, 11);
    assert_null(image.pixels);
    assert_int_equal(mp_image_read(&image, path, NULL), MP_OK);
    assert_int_equal(image.height, 11);
    mp_image_release(&image);
    free(path);
    mp_tempdir_remove(&dir);
}

/* The expected pixels are those of OpenCV 4.6 (cv2.resize) and Pillow 9.4 on the same image. */
static void resized(void **state)
{
    static const uint8_t bilinear[] = {28, 93, 130, 155, 122, 130, 69, 149, 130};
    static const uint8_t area[] = {39, 103, 129, 159, 147, 135, 87, 153, 141};
    static const uint8_t antialias[] = {45, 109, 129, 161, 150, 137, 98, 151, 145};
    static const uint8_t bilinear_up[] = {0,   21,  47, 74,  100, 127, 148, 46,  70,  101, 133,
                                          163, 140, 92, 106, 136, 161, 168, 205, 151, 59,  167,
                                          201, 184, 75, 118, 144, 154, 100, 139, 152, 111, 160,
                                          155, 122, 17, 60,  115, 169, 223, 168, 65};
    static const uint8_t antialias_up[] = {0,   21,  48, 74,  100, 127, 148, 46,  71,  102, 133,
                                           164, 140, 92, 106, 136, 161, 168, 205, 151, 59,  167,
                                           202, 184, 75, 119, 144, 154, 100, 139, 153, 111, 160,
                                           155, 122, 17, 60,  115, 169, 223, 168, 65};
    static const struct {
        uint32_t width, height;
        enum mp_interpolation how;
        const uint8_t *want;
    } cases[] = {{3, 3, MP_BILINEAR, bilinear},      {3, 3, MP_AREA, area},
                 {3, 3, MP_ANTIALIAS, antialias},    {7, 6, MP_BILINEAR, bilinear_up},
                 {7, 6, MP_ANTIALIAS, antialias_up}, {7, 6, MP_AREA, bilinear_up}};
    uint8_t pixels[20], colour[60];

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        size_t x = i % 5, y = i / 5;
        pixels[i] = (uint8_t)(x * 37 + y * 91 + x * y * 13);
        colour[3 * i] = colour[3 * i + 1] = colour[3 * i + 2] = pixels[i];
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mp_image in = {5, 4, 1, pixels}, in3 = {5, 4, 3, colour}, out;
        size_t count = (size_t)cases[i].width * cases[i].height;
        mp_image_resize(&out, &in, cases[i].width, cases[i].height, cases[i].how);
        check_close(out.pixels, cases[i].want, count, 0);
        mp_image_release(&out);
        mp_image_resize(&out, &in3, cases[i].width, cases[i].height, cases[i].how);
        for (size_t k = 0; k < 3 * count; k++)
            assert_int_equal(out.pixels[k], cases[i].want[k / 3]);
        mp_image_release(&out);
    }
}

/* One pixel, one row, one column: no neighbour to look at. */
static void resized_edges(void **state)
{
    uint8_t pixels[3] = {10, 20, 30};

    (void)state;
    for (int how = MP_BILINEAR; how <= MP_ANTIALIAS; how++) {
        struct mp_image one = {1, 1, 1, pixels}, row = {3, 1, 1, pixels},
                        column = {1, 3, 1, pixels};
        struct mp_image out;
        mp_image_resize(&out, &one, 5, 4, (enum mp_interpolation)how);
        for (int i = 0; i < 20; i++)
            assert_int_equal(out.pixels[i], 10);
        mp_image_release(&out);
        mp_image_resize(&out, &row, 1, 1, (enum mp_interpolation)how);
        assert_int_equal(out.pixels[0], 20);
        mp_image_release(&out);
        mp_image_resize(&out, &column, 2, 3, (enum mp_interpolation)how);
        check_close(out.pixels, (uint8_t[]){10, 10, 20, 20, 30, 30}, 6, 0);
        mp_image_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),    cmocka_unit_test(cmyk),        cmocka_unit_test(cut_off),
        cmocka_unit_test(not_jpeg), cmocka_unit_test(huge_claims), cmocka_unit_test(many_scans),
        cmocka_unit_test(files),    cmocka_unit_test(resized),     cmocka_unit_test(resized_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
