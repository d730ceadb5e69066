#include "estimator/images/mean.pb-c.h"
#include "estimator/images/preprocess.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void set(struct mp_preprocess *p, const char *key, const char *value)
{
    struct mp_error err = MP_ERROR_INIT;

    if (mp_preprocess_set(p, key, value, &err) < 0)
        fail_msg("%s", err.message);
}

/* width x height RGB pixels 10 x + y + 100 c. */
static struct mp_image make_image(uint32_t width, uint32_t height, uint32_t channels)
{
    struct mp_image image = {width, height, channels, NULL};

    image.pixels = mp_alloc((size_t)width * height, channels);
    for (uint32_t i = 0; i < width * height * channels; i++)
        image.pixels[i] =
            (uint8_t)(10 * (i / channels % width) + i / channels / width + 100 * (i % channels));
    return image;
}

static void keys(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;

    (void)state;
    set(&p, "preset", "torchvision-224");
    assert_int_equal(p.resize, MP_RESIZE_SHORTER);
    assert_int_equal(p.resize_width, 256);
    assert_true(p.resize_unless_prepared);
    assert_true(fabs(p.mean[0] - 0.485 * 255) < 1e-12);
    assert_true(fabs(p.scale[2] - 1 / (0.225 * 255)) < 1e-12);
    set(&p, "resize", "300x200");
    assert_int_equal(p.resize, MP_RESIZE_EXACT);
    assert_int_equal(p.resize_width, 300);
    assert_int_equal(p.resize_height, 200);
    assert_false(p.resize_unless_prepared);
    set(&p, "crop", "100x90");
    assert_int_equal(p.crop_height, 90);
    set(&p, "crop", "input");
    assert_int_equal(p.crop_height, 0);
    set(&p, "mean", "1.5, 2,-3");
    assert_true(p.mean[0] == 1.5 && p.mean[1] == 2 && p.mean[2] == -3);
    set(&p, "mean", "[1, 2, 3]");
    set(&p, "scale", "0.5");
    assert_true(p.scale[0] == 0.5 && p.scale[2] == 0.5);
    set(&p, "channels", "bgr");
    assert_int_equal(p.channels, MP_CHANNELS_BGR);
    set(&p, "interpolation", "area");
    assert_int_equal(p.interpolation, MP_AREA);
    set(&p, "resize", "none");
    for (uint32_t i = 0; mp_preprocess_preset(i) != NULL; i++)
        set(&p, "preset", mp_preprocess_preset(i));
    mp_preprocess_release(&p);
}

static void wrong_keys(void **state)
{
    static const char *const wrong[][2] = {
        {"preset", "caffe-225"}, {"resize", "0"},        {"resize", "256x"},  {"resize", "-3"},
        {"resize", "99999"},     {"crop", "none"},       {"channels", "BRG"}, {"mean", "1,2"},
        {"mean", "1,2,3,4"},     {"mean", ""},           {"mean", "1e10"},    {"scale", "nan"},
        {"scale", "1 2 x"},      {"interpolation", "b"}, {"size", "3"},
    };
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (mp_preprocess_set(&p, wrong[i][0], wrong[i][1], &err) != MP_E_USAGE)
            fail_msg("%s: %s is taken", wrong[i][0], wrong[i][1]);
    assert_int_equal(mp_preprocess_set(&p, "mean_file", "/nonexistent", &err), MP_E_NOT_FOUND);
}

/* A 5 x 4 image cropped to 2 x 2: left (5 - 2) / 2 = 1, top 1. */
static void crop_and_order(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_image image = make_image(5, 4, 3);
    const struct mp_shape input = {3, 2, 2};
    uint8_t bytes[12];
    float values[12];

    (void)state;
    set(&p, "mean", "1,2,3");
    set(&p, "scale", "1,0.5,0.25");
    set(&p, "channels", "bgr");
    assert_int_equal(mp_preprocess_fit(&p, &input, NULL), MP_OK);
    assert_int_equal(mp_preprocess_image(&p, &image, false, 3, "x", bytes, NULL), MP_OK);
    assert_memory_equal(bytes,
                        ((uint8_t[]){211, 221, 212, 222, 111, 121, 112, 122, 11, 21, 12, 22}), 12);
    mp_preprocess_values(&p, &input, bytes, values);
    assert_true(values[0] == 210 && values[3] == 221);
    assert_true(values[4] == 54.5f && values[8] == 2 && values[11] == 4.75f);
    /* torchvision rounds a margin of 3 / 2 to 2 and one of 5 / 2 to 2. */
    p.crop_half_even = true;
    assert_int_equal(mp_preprocess_image(&p, &image, false, 3, "x", bytes, NULL), MP_OK);
    assert_int_equal(bytes[0], 221);
    mp_image_release(&image);
    image = make_image(7, 2, 3);
    assert_int_equal(mp_preprocess_image(&p, &image, false, 3, "x", bytes, NULL), MP_OK);
    assert_int_equal(bytes[0], 220);
    mp_image_release(&image);
}

static void grey(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_image one = make_image(2, 1, 1), three = make_image(2, 1, 3);
    const struct mp_shape colour = {3, 1, 2};
    uint8_t bytes[6];

    (void)state;
    assert_int_equal(mp_preprocess_fit(&p, &colour, NULL), MP_OK);
    assert_int_equal(mp_preprocess_image(&p, &one, false, 3, "x", bytes, NULL), MP_OK);
    assert_memory_equal(bytes, ((uint8_t[]){0, 10, 0, 10, 0, 10}), 6);
    /* 0.587 * 100 + 0.114 * 200 = 81.5, and 91.5 with 10 more each; half goes up. */
    assert_int_equal(mp_preprocess_image(&p, &three, false, 1, "x", bytes, NULL), MP_OK);
    assert_memory_equal(bytes, ((uint8_t[]){82, 92}), 2);
    mp_image_release(&one);
    mp_image_release(&three);
}

/* Bytes to 0..1 are what i / 255 rounds to. */
static void unit_values(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    const struct mp_shape shape = {1, 16, 16};
    uint8_t bytes[256];
    float values[256];

    (void)state;
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    mp_preprocess_values(&p, &shape, bytes, values);
    for (int i = 0; i < 256; i++)
        assert_true(values[i] == (float)i / 255.0f);
}

static void sizes_that_do_not_fit(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_image image = make_image(20, 10, 3), thin;
    uint8_t bytes[3 * 224];

    (void)state;
    set(&p, "preset", "caffe-224");
    assert_int_equal(mp_preprocess_fit(&p, &(struct mp_shape){3, 227, 227}, &err), MP_E_INPUT);
    assert_int_equal(mp_preprocess_fit(&p, &(struct mp_shape){4, 224, 224}, &err),
                     MP_E_UNSUPPORTED);
    set(&p, "resize", "100x300");
    assert_int_equal(mp_preprocess_fit(&p, &(struct mp_shape){3, 224, 224}, &err), MP_E_INPUT);
    set(&p, "resize", "none");
    assert_int_equal(mp_preprocess_fit(&p, &(struct mp_shape){3, 224, 224}, &err), MP_OK);
    assert_int_equal(mp_preprocess_image(&p, &image, false, 3, "x.jpg", bytes, &err), MP_E_INPUT);
    assert_string_equal(err.file, "x.jpg");
    assert_non_null(strstr(err.message, "20 x 10 is smaller than the crop 224 x 224"));
    mp_image_release(&image);
    thin = make_image(65500, 1, 1);
    set(&p, "resize", "2000");
    assert_int_equal(mp_preprocess_image(&p, &thin, false, 3, "x.jpg", bytes, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "above the limit"));
    mp_image_release(&thin);
}

/* The shorter side to 256: 300 x 500 becomes 256 x floor(426.67), and prepared sets stay. */
static void shorter_side(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_image image = make_image(6, 11, 3), other;
    const struct mp_shape input = {3, 7, 4};
    uint8_t bytes[84], again[84];

    (void)state;
    set(&p, "resize", "4");
    assert_int_equal(mp_preprocess_fit(&p, &input, NULL), MP_OK);
    assert_int_equal(mp_preprocess_image(&p, &image, true, 3, "x", bytes, NULL), MP_OK);
    mp_image_resize(&other, &image, 4, 7, MP_BILINEAR);
    for (int i = 0; i < 28; i++)
        assert_int_equal(bytes[i], other.pixels[3 * i]);
    p.resize_unless_prepared = true;
    assert_int_equal(mp_preprocess_image(&p, &image, true, 3, "x", again, NULL), MP_OK);
    assert_memory_not_equal(bytes, again, sizeof bytes);
    assert_int_equal(again[0], 12); /* the crop's corner: x = 1, y = 2 */
    mp_image_release(&other);
    mp_image_release(&image);
}

static uint8_t *pack_mean(uint32_t channels, uint32_t height, uint32_t width, bool legacy,
                          size_t extra, size_t *size)
{
    Mean__BlobProto blob = MEAN__BLOB_PROTO__INIT;
    Mean__BlobShape shape = MEAN__BLOB_SHAPE__INIT;
    int64_t dims[] = {1, channels, height, width};
    size_t count = (size_t)channels * height * width + extra;
    float *data = mp_alloc(count + 1, sizeof *data);

    for (size_t i = 0; i < count; i++)
        data[i] = (float)i;
    blob.n_data = count;
    blob.data = data;
    if (legacy) {
        blob.has_num = blob.has_channels = blob.has_height = blob.has_width = 1;
        blob.num = 1;
        blob.channels = (int32_t)channels;
        blob.height = (int32_t)height;
        blob.width = (int32_t)width;
    } else {
        shape.n_dim = 4;
        shape.dim = dims;
        blob.shape = &shape;
    }
    *size = mean__blob_proto__get_packed_size(&blob);
    uint8_t *bytes = mp_alloc(*size, 1);
    mean__blob_proto__pack(&blob, bytes);
    free(data);
    return bytes;
}

static void mean_images(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT, copy;
    const struct mp_shape input = {3, 2, 2};
    const uint8_t bytes[12] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100};
    float values[12];
    size_t size;

    (void)state;
    set(&p, "scale", "1");
    for (int legacy = 0; legacy < 2; legacy++) {
        uint8_t *packed = pack_mean(3, 4, 5, legacy == 1, 0, &size);
        assert_int_equal(mp_preprocess_parse_mean(&p, packed, size, "mean", NULL), MP_OK);
        assert_int_equal(mp_preprocess_fit(&p, &input, NULL), MP_OK);
        mp_preprocess_values(&p, &input, bytes, values);
        assert_true(values[0] == 94 && values[1] == 93); /* row 1, columns 1 and 2 of 5 */
        assert_true(values[2] == 89 && values[4] == 74);
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(mp_preprocess_parse_mean(&p, packed, cut, "mean", NULL), MP_E_INPUT);
        assert_int_equal(p.mean_width, 5); /* the good one is kept */
        free(packed);
    }
    mp_preprocess_copy(&copy, &p);
    assert_ptr_not_equal(copy.mean_image, p.mean_image);
    mp_preprocess_release(&copy);
    assert_int_equal(mp_preprocess_fit(&p, &(struct mp_shape){1, 2, 2}, NULL), MP_E_INPUT);
    mp_preprocess_release(&p);
}

static void wrong_mean_images(void **state)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;
    Mean__BlobProto blob = MEAN__BLOB_PROTO__INIT;
    float not_a_number = NAN;
    size_t size;
    uint8_t *packed = pack_mean(3, 4, 5, true, 1, &size), small[64];

    (void)state;
    assert_int_equal(mp_preprocess_parse_mean(&p, packed, size, "m", &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "61 values"));
    free(packed);
    packed = pack_mean(2, 4, 5, true, 0, &size);
    assert_int_equal(mp_preprocess_parse_mean(&p, packed, size, "m", &err), MP_E_INPUT);
    free(packed);
    blob.has_num = blob.has_channels = blob.has_height = blob.has_width = 1;
    blob.num = blob.channels = blob.height = blob.width = 1;
    blob.n_data = 1;
    blob.data = &not_a_number;
    size = mean__blob_proto__pack(&blob, small);
    assert_int_equal(mp_preprocess_parse_mean(&p, small, size, "m", &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "no number"));
    blob.width = 65536;
    size = mean__blob_proto__pack(&blob, small);
    assert_int_equal(mp_preprocess_parse_mean(&p, small, size, "m", &err), MP_E_INPUT);
    blob.width = -1;
    size = mean__blob_proto__pack(&blob, small);
    assert_int_equal(mp_preprocess_parse_mean(&p, small, size, "m", &err), MP_E_INPUT);
    assert_null(p.mean_image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),
        cmocka_unit_test(wrong_keys),
        cmocka_unit_test(crop_and_order),
        cmocka_unit_test(grey),
        cmocka_unit_test(unit_values),
        cmocka_unit_test(sizes_that_do_not_fit),
        cmocka_unit_test(shorter_side),
        cmocka_unit_test(mean_images),
        cmocka_unit_test(wrong_mean_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
