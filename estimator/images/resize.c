#include "estimator/images/resize.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BILINEAR_ONE   2048 /* INTER_RESIZE_COEF_SCALE */
#define ANTIALIAS_BITS 22   /* 32 - 8 - 2: Pillow's PRECISION_BITS */

int mp_interpolation_parse(enum mp_interpolation *i, const char *name, struct mp_error *err)
{
    static const char *const names[] = {"bilinear", "area", "antialias"};

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k]) == 0) {
            *i = (enum mp_interpolation)k;
            return MP_OK;
        }
    return mp_fail(err, MP_E_USAGE,
                   "unknown interpolation \"%s\": there are bilinear, area and antialias", name);
}

/* What each output position of an axis takes from the input: pixels first .. first + count - 1 with
 * weights[position][most]; one pixel `count` times where step is 0. */
struct axis {
    uint32_t out, most;
    uint32_t *first, *count;
    uint8_t *step;
    double *weights;
};

static void axis_init(struct axis *a, uint32_t out, uint32_t most)
{
    *a = (struct axis){.out = out, .most = most};
    a->first = mp_alloc(out, sizeof *a->first);
    a->count = mp_alloc(out, sizeof *a->count);
    a->step = mp_alloc(out, 1);
    a->weights = mp_alloc((size_t)out * most, sizeof *a->weights);
    memset(a->step, 1, out);
}

static void axis_release(struct axis *a)
{
    free(a->first);
    free(a->count);
    free(a->step);
    free(a->weights);
}

/* Beyond the middle of the last pixel both weights fall on it: across, OpenCV gives it all of the
 * weight, down, it keeps two products, each of which is rounded. */
static void plan_bilinear(struct axis *a, uint32_t in, uint32_t out, bool down)
{
    double scale = 1.0 / ((double)out / in);

    axis_init(a, out, 2);
    for (uint32_t x = 0; x < out; x++) {
        float at = (float)((x + 0.5) * scale - 0.5);
        float low = floorf(at), share = at - low;
        a->count[x] = 2;
        if (low < 0 || low >= (float)(in - 1)) {
            low = low < 0 ? 0 : (float)(in - 1);
            a->step[x] = 0;
            share = down ? share : 0;
        }
        a->first[x] = (uint32_t)low;
        a->weights[2 * (size_t)x] = rintf((1.0f - share) * BILINEAR_ONE);
        a->weights[2 * (size_t)x + 1] = rintf(share * BILINEAR_ONE);
    }
}

/* computeResizeAreaTab of OpenCV's imgproc/src/resize.cpp: covers below a thousandth are left. */
static void plan_area(struct axis *a, uint32_t in, uint32_t out, bool down)
{
    double scale = 1.0 / ((double)out / in);

    (void)down;
    axis_init(a, out, (uint32_t)ceil(scale) + 2);
    for (uint32_t x = 0; x < out; x++) {
        double from = x * scale, to = from + scale;
        double width = scale < in - from ? scale : in - from;
        uint32_t low = (uint32_t)ceil(from), high = (uint32_t)floor(to);
        double *w = a->weights + (size_t)x * a->most;
        uint32_t n = 0;
        high = high < in - 1 ? high : in - 1;
        low = low < high ? low : high;
        a->first[x] = low;
        if (low - from > 1e-3) {
            a->first[x] = low - 1;
            w[n++] = (low - from) / width;
        }
        for (uint32_t i = low; i < high; i++)
            w[n++] = 1.0 / width;
        if (to - high > 1e-3) {
            double cover = to - high < 1 ? to - high : 1;
            w[n++] = (cover < width ? cover : width) / width;
        }
        a->count[x] = n;
    }
}

/* precompute_coeffs of Pillow's libImaging/Resample.c. */
static void plan_antialias(struct axis *a, uint32_t in, uint32_t out, bool down)
{
    double scale = (double)in / out, support = scale < 1 ? 1 : scale;

    (void)down;
    axis_init(a, out, (uint32_t)ceil(support) * 2 + 1);
    for (uint32_t x = 0; x < out; x++) {
        double centre = (x + 0.5) * scale, sum = 0;
        double low = trunc(centre - support + 0.5), high = trunc(centre + support + 0.5);
        double *w = a->weights + (size_t)x * a->most;
        low = low < 0 ? 0 : low;
        high = high > in ? in : high;
        a->first[x] = (uint32_t)low;
        a->count[x] = (uint32_t)(high - low);
        for (uint32_t i = 0; i < a->count[x]; i++) {
            double distance = fabs((i + low - centre + 0.5) / support);
            w[i] = distance < 1 ? 1 - distance : 0;
            sum += w[i];
        }
        for (uint32_t i = 0; i < a->count[x]; i++)
            w[i] = trunc(0.5 + w[i] / sum * (1 << ANTIALIAS_BITS));
    }
}

/* Rows of in, each resized to h->out pixels of sums[row][h->out][channels]. */
static void sum_rows(const struct mp_image *in, const struct axis *h, double *sums)
{
    uint32_t channels = in->channels;

    for (uint32_t y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * in->width * channels;
        double *to = sums + (size_t)y * h->out * channels;
        for (uint32_t x = 0; x < h->out; x++) {
            const double *w = h->weights + (size_t)x * h->most;
            const uint8_t *from = row + (size_t)h->first[x] * channels;
            size_t step = (size_t)h->step[x] * channels;
            for (uint32_t c = 0; c < channels; c++) {
                double sum = 0;
                for (uint32_t i = 0; i < h->count[x]; i++)
                    sum += w[i] * from[i * step + c];
                to[x * channels + c] = sum;
            }
        }
    }
}

/* VResizeLinear of OpenCV for 8 bits: both products lose 20 bits before they are added. */
static uint8_t join_bilinear(const double *sums, size_t stride, const double *w, uint32_t count)
{
    int32_t s = 2;

    for (uint32_t i = 0; i < count; i++)
        s += ((int32_t)w[i] * ((int32_t)sums[i * stride] >> 4)) >> 16;
    s >>= 2;
    return (uint8_t)(s > 255 ? 255 : s);
}

static uint8_t join_area(const double *sums, size_t stride, const double *w, uint32_t count)
{
    double s = 0;

    for (uint32_t i = 0; i < count; i++)
        s += w[i] * sums[i * stride];
    s = rint(s);
    return (uint8_t)(s > 255 ? 255 : s);
}

/* Sums of integers below 2^31 are exact in a double. */
static uint8_t round_antialias(double sum)
{
    int64_t s = ((int64_t)sum + (1 << (ANTIALIAS_BITS - 1))) >> ANTIALIAS_BITS;

    return (uint8_t)(s > 255 ? 255 : s);
}

static uint8_t join_antialias(const double *sums, size_t stride, const double *w, uint32_t count)
{
    double s = 0;

    for (uint32_t i = 0; i < count; i++)
        s += w[i] * sums[i * stride];
    return round_antialias(s);
}

void mp_image_resize(struct mp_image *out, const struct mp_image *in, uint32_t width,
                     uint32_t height, enum mp_interpolation how)
{
    uint8_t (*join)(const double *, size_t, const double *, uint32_t) = join_bilinear;
    void (*plan)(struct axis *, uint32_t, uint32_t, bool) = plan_bilinear;
    size_t stride = (size_t)width * in->channels;
    struct axis h, v;

    assert(width > 0 && height > 0 && (uint64_t)width * height <= MP_IMAGE_MAX_PIXELS);
    *out = (struct mp_image){width, height, in->channels, NULL};
    out->pixels = mp_alloc(stride * height, 1);
    if (width == in->width && height == in->height) {
        memcpy(out->pixels, in->pixels, stride * height);
        return;
    }
    if (how == MP_AREA && width <= in->width && height <= in->height) {
        join = join_area;
        plan = plan_area;
    } else if (how == MP_ANTIALIAS) {
        join = join_antialias;
        plan = plan_antialias;
    }
    plan(&h, in->width, width, false);
    plan(&v, in->height, height, true);
    double *sums = mp_alloc(stride * in->height, sizeof *sums);
    sum_rows(in, &h, sums);
    for (size_t i = 0; how == MP_ANTIALIAS && i < stride * in->height; i++)
        sums[i] = round_antialias(sums[i]);
    for (uint32_t y = 0; y < height; y++)
        for (size_t x = 0; x < stride; x++)
            out->pixels[y * stride + x] = join(sums + v.first[y] * stride + x, v.step[y] * stride,
                                               v.weights + (size_t)y * v.most, v.count[y]);
    free(sums);
    axis_release(&h);
    axis_release(&v);
}
