#include "estimator/images/image.h"

#include "estimator/util/file.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#define MAX_SCANS      200 /* of a progressive file; a real one has about ten */
#define DECODER_MEMORY ((long)512 << 20)
#define HEADER_BYTES   ((size_t)1 << 16)

struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    const char *path;
    struct mp_image *image;
    uint8_t *row; /* one CMYK row */
    struct mp_error *err;
    int code;
};

static struct decoder *decoder_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static _Noreturn void give_up(struct decoder *d, int code)
{
    d->code = code;
    longjmp(d->failed, 1);
}

static _Noreturn void fail_with_message(j_common_ptr jpeg)
{
    struct decoder *d = decoder_of(jpeg);
    char text[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, text);
    bool memory =
        jpeg->err->msg_code == JERR_OUT_OF_MEMORY || jpeg->err->msg_code == JERR_NO_BACKING_STORE;
    give_up(d, mp_fail_at(d->err, memory ? MP_E_MEMORY : MP_E_INPUT, d->path, 0,
                          "the JPEG file is damaged: %s", text));
}

static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0)
        return; /* traces */
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        fail_with_message(jpeg);
    }
}

static void ignore_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* Empty scans cost nothing to write and a pass over the whole image to read. */
static void limit_scans(j_common_ptr jpeg)
{
    struct decoder *d = decoder_of(jpeg);

    if (d->jpeg.input_scan_number > MAX_SCANS)
        give_up(d, mp_fail_at(d->err, MP_E_INPUT, d->path, 0,
                              "the JPEG file is damaged: more than %d scans", MAX_SCANS));
}

static void read_header(struct decoder *d, const void *data, size_t size)
{
    struct mp_image *image = d->image;

    jpeg_mem_src(&d->jpeg, data, (unsigned long)size);
    jpeg_read_header(&d->jpeg, TRUE);
    *image = (struct mp_image){d->jpeg.image_width, d->jpeg.image_height, 3, NULL};
    switch (d->jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
        d->jpeg.out_color_space = JCS_GRAYSCALE;
        image->channels = 1;
        break;
    case JCS_RGB:
    case JCS_YCbCr:
        d->jpeg.out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        d->jpeg.out_color_space = JCS_CMYK;
        break;
    default:
        give_up(d, mp_fail_at(d->err, MP_E_UNSUPPORTED, d->path, 0,
                              "a JPEG of %d components in an unknown colour space: grey, YCbCr, "
                              "RGB, CMYK and YCCK can be read",
                              d->jpeg.num_components));
    }
    if ((uint64_t)image->width * image->height > MP_IMAGE_MAX_PIXELS)
        give_up(d,
                mp_fail_at(d->err, MP_E_MEMORY, d->path, 0,
                           "an image of %u x %u pixels is above the limit of %llu pixels",
                           image->width, image->height, (unsigned long long)MP_IMAGE_MAX_PIXELS));
}

static void convert_cmyk(const uint8_t *in, uint32_t width, bool inverted, uint8_t *out)
{
    unsigned flip = inverted ? 0 : 255;

    for (uint32_t x = 0; x < width; x++)
        for (uint32_t c = 0; c < 3; c++)
            out[3 * x + c] =
                (uint8_t)(((in[4 * x + c] ^ flip) * (in[4 * x + 3] ^ flip) + 127) / 255);
}

static void read_pixels(struct decoder *d)
{
    struct mp_image *image = d->image;
    size_t stride = (size_t)image->width * image->channels;
    bool is_cmyk = d->jpeg.out_color_space == JCS_CMYK;

    jpeg_start_decompress(&d->jpeg);
    image->pixels = mp_alloc(stride * image->height, 1);
    d->row = is_cmyk ? mp_alloc(image->width, 4) : NULL;
    while (d->jpeg.output_scanline < d->jpeg.output_height) {
        uint8_t *to = image->pixels + d->jpeg.output_scanline * stride;
        JSAMPROW row = is_cmyk ? d->row : to;
        jpeg_read_scanlines(&d->jpeg, &row, 1);
        if (is_cmyk)
            convert_cmyk(d->row, image->width, d->jpeg.saw_Adobe_marker, to);
    }
    jpeg_finish_decompress(&d->jpeg);
}

static const char *kind_of(const uint8_t *data, size_t size)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *name;
    } kinds[] = {{"\x89PNG", 4, "a PNG file"},     {"GIF8", 4, "a GIF file"},
                 {"BM", 2, "a BMP file"},          {"RIFF", 4, "a RIFF file (WebP?)"},
                 {"II*", 3, "a TIFF file"},        {"MM", 2, "a TIFF file"},
                 {"\0\0\0\x0cjP", 6, "JPEG 2000"}, {"<", 1, "a text in markup"}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].size && memcmp(data, kinds[i].magic, kinds[i].size) == 0)
            return kinds[i].name;
    return size == 0 ? "empty" : "something else";
}

static int decode(struct mp_image *image, const void *data, size_t size, bool header_only,
                  const char *path, struct mp_error *err)
{
    struct decoder *d;
    int code = MP_OK;

    *image = (struct mp_image){0};
    if (size < 2 || memcmp(data, "\xff\xd8", 2) != 0)
        return mp_fail_at(err, MP_E_INPUT, path, 0, "not a JPEG file: it is %s",
                          kind_of(data, size));
    d = mp_alloc(1, sizeof *d);
    d->path = path;
    d->image = image;
    d->err = err;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = fail_with_message;
    d->errors.emit_message = on_message;
    d->errors.output_message = ignore_output;
    d->jpeg.client_data = d;
    if (setjmp(d->failed) == 0) {
        jpeg_create_decompress(&d->jpeg);
        d->jpeg.mem->max_memory_to_use = DECODER_MEMORY;
        d->progress.progress_monitor = limit_scans;
        d->jpeg.progress = &d->progress;
        read_header(d, data, size);
        if (!header_only)
            read_pixels(d);
    }
    code = d->code;
    jpeg_destroy_decompress(&d->jpeg);
    free(d->row);
    free(d);
    if (code < 0)
        mp_image_release(image);
    return code;
}

int mp_image_decode(struct mp_image *image, const void *data, size_t size, const char *path,
                    struct mp_error *err)
{
    return decode(image, data, size, false, path, err);
}

int mp_image_read(struct mp_image *image, const char *path, struct mp_error *err)
{
    struct mp_text text = {0};
    int rc = mp_file_read(&text, path, MP_IMAGE_MAX_BYTES, err);

    *image = (struct mp_image){0};
    if (rc == MP_OK)
        rc = decode(image, text.data, text.size, false, path, err);
    mp_text_release(&text);
    return rc;
}

int mp_image_read_size(struct mp_image *image, const char *path, struct mp_error *err)
{
    struct mp_text text = {0};
    uint8_t *head = NULL;
    FILE *file = fopen(path, "rbe");
    int rc;

    *image = (struct mp_image){0};
    if (file == NULL)
        return mp_fail_errno(err, "cannot read %s", path);
    head = mp_alloc(HEADER_BYTES, 1);
    rc = decode(image, head, fread(head, 1, HEADER_BYTES, file), true, path, NULL);
    fclose(file);
    free(head);
    if (rc == MP_OK)
        return MP_OK;
    /* Thumbnails and profiles can put the frame's header far behind: once more, over all of it. */
    rc = mp_file_read(&text, path, MP_IMAGE_MAX_BYTES, err);
    if (rc == MP_OK)
        rc = decode(image, text.data, text.size, true, path, err);
    mp_text_release(&text);
    return rc;
}

void mp_image_release(struct mp_image *image)
{
    if (image == NULL)
        return;
    free(image->pixels);
    *image = (struct mp_image){0};
}
