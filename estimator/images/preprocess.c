#include "estimator/images/preprocess.h"

#include "estimator/util/number.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SIDE 16384

struct preset {
    const char *name;
    enum mp_resize_how resize;
    uint32_t resize_to, crop;
    enum mp_interpolation interpolation;
    bool half_even;
    enum mp_channel_order channels;
    double mean[3], scale; /* torchvision: mean and deviation below instead */
    double deviation[3];   /* 0: scale counts */
};

/* Numbers in units of a pixel of 0..255 (Caffe), or of 0..1 where there is a deviation. Where each
 * is from: docs/networks.md. */
#define CAFFE_MEAN                                                                                 \
    {                                                                                              \
        104, 117, 123                                                                              \
    }
#define VGG_MEAN                                                                                   \
    {                                                                                              \
        103.939, 116.779, 123.68                                                                   \
    }
#define TORCHVISION_MEAN                                                                           \
    {                                                                                              \
        0.485, 0.456, 0.406                                                                        \
    }
#define TORCHVISION_DEV                                                                            \
    {                                                                                              \
        0.229, 0.224, 0.225                                                                        \
    }
#define NO_MEAN                                                                                    \
    {                                                                                              \
        0, 0, 0                                                                                    \
    }

static const struct preset presets[] = {
    {"caffe", MP_RESIZE_EXACT, 256, 0, MP_BILINEAR, false, MP_CHANNELS_BGR, CAFFE_MEAN, 1, NO_MEAN},
    {"caffe-224", MP_RESIZE_EXACT, 256, 224, MP_BILINEAR, false, MP_CHANNELS_BGR, CAFFE_MEAN, 1,
     NO_MEAN},
    {"caffe-227", MP_RESIZE_EXACT, 256, 227, MP_BILINEAR, false, MP_CHANNELS_BGR, CAFFE_MEAN, 1,
     NO_MEAN},
    {"vgg-224", MP_RESIZE_SHORTER, 256, 224, MP_BILINEAR, false, MP_CHANNELS_BGR, VGG_MEAN, 1,
     NO_MEAN},
    {"torchvision-224", MP_RESIZE_SHORTER, 256, 224, MP_ANTIALIAS, true, MP_CHANNELS_RGB,
     TORCHVISION_MEAN, 1, TORCHVISION_DEV},
    {"torchvision-299", MP_RESIZE_SHORTER, 342, 299, MP_ANTIALIAS, true, MP_CHANNELS_RGB,
     TORCHVISION_MEAN, 1, TORCHVISION_DEV},
    {"unit", MP_RESIZE_NONE, 0, 0, MP_BILINEAR, false, MP_CHANNELS_RGB, NO_MEAN, 1.0 / 255,
     NO_MEAN},
    {"caffe-mnist", MP_RESIZE_NONE, 0, 0, MP_BILINEAR, false, MP_CHANNELS_RGB, NO_MEAN, 1.0 / 256,
     NO_MEAN},
};
#define PRESET_COUNT (sizeof presets / sizeof *presets)

const char *mp_preprocess_preset(uint32_t i)
{
    return i < PRESET_COUNT ? presets[i].name : NULL;
}

static void take_preset(struct mp_preprocess *p, const struct preset *s)
{
    mp_preprocess_release(p);
    *p = (struct mp_preprocess){.resize = s->resize,
                                .resize_width = s->resize_to,
                                .resize_height = s->resize_to,
                                .resize_unless_prepared = s->resize != MP_RESIZE_NONE,
                                .interpolation = s->interpolation,
                                .crop_width = s->crop,
                                .crop_height = s->crop,
                                .crop_half_even = s->half_even,
                                .channels = s->channels};
    for (int c = 0; c < 3; c++) {
        bool unit = s->deviation[c] > 0;
        p->mean[c] = unit ? 255 * s->mean[c] : s->mean[c];
        p->scale[c] = unit ? 1 / (255 * s->deviation[c]) : s->scale;
    }
}

static int set_preset(struct mp_preprocess *p, const char *value, struct mp_error *err)
{
    struct mp_text known = {0};

    for (size_t i = 0; i < PRESET_COUNT; i++)
        if (strcmp(value, presets[i].name) == 0) {
            take_preset(p, &presets[i]);
            mp_text_release(&known);
            return MP_OK;
        } else {
            mp_text_printf(&known, "%s%s", i > 0 ? ", " : "", presets[i].name);
        }
    int rc = mp_fail(err, MP_E_USAGE, "unknown preset \"%s\" of image preparation: there are %s",
                     value, known.data);
    mp_text_release(&known);
    return rc;
}

/* "224" or "320x240"; one number: *height is 0. */
static bool parse_size(const char *value, uint32_t *width, uint32_t *height)
{
    const char *by = strchr(value, 'x');
    char *first = mp_strndup(value, by != NULL ? (size_t)(by - value) : strlen(value));
    uint64_t w = 0, h = 0;
    bool good = mp_parse_u64(first, &w) && w > 0 && w <= MAX_SIDE;

    if (by != NULL)
        good = good && mp_parse_u64(by + 1, &h) && h > 0 && h <= MAX_SIDE;
    free(first);
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return good;
}

static int set_resize(struct mp_preprocess *p, const char *value, struct mp_error *err)
{
    uint32_t w = 0, h = 0;

    if (strcmp(value, "none") != 0 && !parse_size(value, &w, &h))
        return mp_fail(err, MP_E_USAGE,
                       "\"%s\" is no size to resize to: none, 256x256 (width x height), or 256 for "
                       "the shorter side, up to %d",
                       value, MAX_SIDE);
    p->resize = w == 0 ? MP_RESIZE_NONE : h == 0 ? MP_RESIZE_SHORTER : MP_RESIZE_EXACT;
    p->resize_width = w;
    p->resize_height = h == 0 ? w : h;
    p->resize_unless_prepared = false;
    return MP_OK;
}

static int set_crop(struct mp_preprocess *p, const char *value, struct mp_error *err)
{
    uint32_t w = 0, h = 0;

    if (strcmp(value, "input") != 0 && !parse_size(value, &w, &h))
        return mp_fail(err, MP_E_USAGE,
                       "\"%s\" is no size to crop to: input (what the network takes), 224, or "
                       "320x240 (width x height), up to %d",
                       value, MAX_SIDE);
    p->crop_width = w;
    p->crop_height = h == 0 ? w : h;
    return MP_OK;
}

/* One number for all channels, or three with commas between. */
static int set_numbers(double out[3], const char *key, const char *value, struct mp_error *err)
{
    double found[3] = {0, 0, 0};
    int count = 0;
    bool good = true;

    for (const char *at = value; good && *(at += strspn(at, ", []")) != '\0'; count++) {
        size_t length = strcspn(at, ", []");
        char *number = mp_strndup(at, length);
        good = count < 3 && mp_parse_double(number, &found[count]) && fabs(found[count]) < 1e9;
        free(number);
        at += length;
    }
    if (!good || (count != 1 && count != 3))
        return mp_fail(err, MP_E_USAGE,
                       "%s \"%s\": one number, or three with commas between, in the network's "
                       "order of channels",
                       key, value);
    for (int c = 0; c < 3; c++)
        out[c] = found[count == 1 ? 0 : c];
    return MP_OK;
}

static int set_channels(struct mp_preprocess *p, const char *value, struct mp_error *err)
{
    bool bgr = strcmp(value, "bgr") == 0;

    if (!bgr && strcmp(value, "rgb") != 0)
        return mp_fail(err, MP_E_USAGE, "unknown order of channels \"%s\": there are rgb and bgr",
                       value);
    p->channels = bgr ? MP_CHANNELS_BGR : MP_CHANNELS_RGB;
    return MP_OK;
}

int mp_preprocess_set(struct mp_preprocess *p, const char *key, const char *value,
                      struct mp_error *err)
{
    if (strcmp(key, "preset") == 0)
        return set_preset(p, value, err);
    if (strcmp(key, "resize") == 0)
        return set_resize(p, value, err);
    if (strcmp(key, "interpolation") == 0)
        return mp_interpolation_parse(&p->interpolation, value, err);
    if (strcmp(key, "crop") == 0)
        return set_crop(p, value, err);
    if (strcmp(key, "channels") == 0)
        return set_channels(p, value, err);
    if (strcmp(key, "mean") == 0)
        return set_numbers(p->mean, key, value, err);
    if (strcmp(key, "scale") == 0)
        return set_numbers(p->scale, key, value, err);
    if (strcmp(key, "mean_file") == 0)
        return mp_preprocess_read_mean(p, value, err);
    return mp_fail(err, MP_E_USAGE,
                   "unknown key \"%s\" of image preparation: there are preset, resize, "
                   "interpolation, crop, channels, mean, scale and mean_file",
                   key);
}

int mp_preprocess_fit(struct mp_preprocess *p, const struct mp_shape *input, struct mp_error *err)
{
    if (p->crop_width == 0) {
        p->crop_width = input->width;
        p->crop_height = input->height;
    }
    if (input->channels != 1 && input->channels != 3)
        return mp_fail(err, MP_E_UNSUPPORTED, "the network takes %u channels, images have 1 or 3",
                       input->channels);
    if (p->crop_width != input->width || p->crop_height != input->height)
        return mp_fail(err, MP_E_INPUT,
                       "images are cropped to %u x %u, but the network takes %u x %u: choose "
                       "another preset or crop: input",
                       p->crop_width, p->crop_height, input->width, input->height);
    if (p->resize == MP_RESIZE_EXACT &&
        (p->resize_width < p->crop_width || p->resize_height < p->crop_height))
        return mp_fail(err, MP_E_INPUT, "images are resized to %u x %u, less than the crop %u x %u",
                       p->resize_width, p->resize_height, p->crop_width, p->crop_height);
    if (p->mean_image != NULL && (p->mean_channels != input->channels ||
                                  p->mean_width < p->crop_width || p->mean_height < p->crop_height))
        return mp_fail(err, MP_E_INPUT,
                       "the mean image has %u channels of %u x %u, the network takes %u of %u x %u",
                       p->mean_channels, p->mean_width, p->mean_height, input->channels,
                       p->crop_width, p->crop_height);
    return MP_OK;
}

static uint32_t crop_offset(const struct mp_preprocess *p, uint32_t size, uint32_t crop)
{
    uint32_t margin = size - crop;

    return p->crop_half_even && margin % 4 == 3 ? margin / 2 + 1 : margin / 2;
}

static int resize(const struct mp_preprocess *p, const struct mp_image *image, const char *name,
                  struct mp_image *out, struct mp_error *err)
{
    uint64_t w = p->resize_width, h = p->resize_height;

    if (p->resize == MP_RESIZE_SHORTER) {
        if (image->width < image->height)
            h = w * image->height / image->width;
        else
            w = h * image->width / image->height;
    }
    if (w * h > MP_IMAGE_MAX_PIXELS)
        return mp_fail_at(err, MP_E_INPUT, name, 0,
                          "an image of %u x %u would be resized to %llu x %llu, above the limit of "
                          "%llu pixels",
                          image->width, image->height, (unsigned long long)w, (unsigned long long)h,
                          (unsigned long long)MP_IMAGE_MAX_PIXELS);
    mp_image_resize(out, image, (uint32_t)w, (uint32_t)h, p->interpolation);
    return MP_OK;
}

/* The crop, a plane a channel. */
static void take_crop(const struct mp_preprocess *p, const struct mp_image *image,
                      uint32_t channels, uint8_t *bytes)
{
    uint32_t top = crop_offset(p, image->height, p->crop_height);
    uint32_t left = crop_offset(p, image->width, p->crop_width);
    size_t plane = (size_t)p->crop_width * p->crop_height;

    for (uint32_t y = 0; y < p->crop_height; y++) {
        const uint8_t *from =
            image->pixels + ((size_t)(top + y) * image->width + left) * image->channels;
        uint8_t *to = bytes + (size_t)y * p->crop_width;
        for (uint32_t x = 0; x < p->crop_width; x++, from += image->channels, to++) {
            if (image->channels == 1)
                for (uint32_t c = 0; c < channels; c++)
                    to[c * plane] = from[0];
            else if (channels == 1) /* Rec. 601 in 1/16384, as OpenCV's cvtColor */
                to[0] =
                    (uint8_t)((4899u * from[0] + 9617u * from[1] + 1868u * from[2] + 8192) / 16384);
            else
                for (uint32_t c = 0; c < 3; c++)
                    to[c * plane] = from[p->channels == MP_CHANNELS_BGR ? 2 - c : c];
        }
    }
}

int mp_preprocess_image(const struct mp_preprocess *p, const struct mp_image *image, bool prepared,
                        uint32_t channels, const char *name, uint8_t *bytes, struct mp_error *err)
{
    struct mp_image resized = {0};
    int rc = MP_OK;

    assert(channels == 1 || channels == 3);
    if (p->resize != MP_RESIZE_NONE && !(prepared && p->resize_unless_prepared)) {
        rc = resize(p, image, name, &resized, err);
        image = &resized;
    }
    if (rc == MP_OK && (image->width < p->crop_width || image->height < p->crop_height))
        rc = mp_fail_at(err, MP_E_INPUT, name, 0,
                        "an image of %u x %u is smaller than the crop %u x %u: give a resize",
                        image->width, image->height, p->crop_width, p->crop_height);
    if (rc == MP_OK)
        take_crop(p, image, channels, bytes);
    mp_image_release(&resized);
    return rc;
}

void mp_preprocess_values(const struct mp_preprocess *p, const struct mp_shape *shape,
                          const uint8_t *bytes, float *values)
{
    size_t plane = (size_t)shape->height * shape->width;
    float table[256];

    for (uint32_t c = 0; c < shape->channels; c++) {
        uint32_t k = c < 3 ? c : 2;
        const uint8_t *from = bytes + c * plane;
        float *to = values + c * plane;
        for (int i = 0; p->mean_image == NULL && i < 256; i++)
            table[i] = (float)((i - p->mean[k]) * p->scale[k]);
        for (size_t i = 0; p->mean_image == NULL && i < plane; i++)
            to[i] = table[from[i]];
        if (p->mean_image == NULL)
            continue;
        const float *mean = p->mean_image + (size_t)c * p->mean_height * p->mean_width;
        uint32_t top = (p->mean_height - shape->height) / 2;
        uint32_t left = (p->mean_width - shape->width) / 2;
        for (size_t i = 0; i < plane; i++) {
            size_t y = top + i / shape->width, x = left + i % shape->width;
            to[i] = (float)(((float)from[i] - mean[y * p->mean_width + x]) * p->scale[k]);
        }
    }
}

void mp_preprocess_hash(const struct mp_preprocess *p, struct mp_hash *h)
{
    mp_hash_u64(h, (uint64_t)p->resize);
    mp_hash_u64(h, p->resize_width);
    mp_hash_u64(h, p->resize_height);
    mp_hash_u64(h, p->resize_unless_prepared);
    mp_hash_u64(h, (uint64_t)p->interpolation);
    mp_hash_u64(h, p->crop_width);
    mp_hash_u64(h, p->crop_height);
    mp_hash_u64(h, p->crop_half_even);
    mp_hash_u64(h, (uint64_t)p->channels);
    for (int c = 0; c < 3; c++) {
        mp_hash_double(h, p->mean[c]);
        mp_hash_double(h, p->scale[c]);
    }
    if (p->mean_image != NULL) {
        mp_hash_u64(h, p->mean_channels);
        mp_hash_u64(h, p->mean_height);
        mp_hash_u64(h, p->mean_width);
        mp_hash_bytes(h, p->mean_image,
                      sizeof(float) * p->mean_channels * p->mean_height * p->mean_width);
    }
}

void mp_preprocess_copy(struct mp_preprocess *out, const struct mp_preprocess *p)
{
    *out = *p;
    if (p->mean_image == NULL)
        return;
    size_t count = (size_t)p->mean_channels * p->mean_height * p->mean_width;
    out->mean_image = mp_alloc(count, sizeof *out->mean_image);
    memcpy(out->mean_image, p->mean_image, count * sizeof *out->mean_image);
}

void mp_preprocess_release(struct mp_preprocess *p)
{
    if (p == NULL)
        return;
    free(p->mean_image);
    *p = (struct mp_preprocess){0};
}
