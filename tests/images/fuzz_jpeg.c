/* libFuzzer entry: any bytes as a JPEG file, then prepared as a network's input; the same bytes as
 * a list of images and as a mean image. Built with clang only, as fuzz_onnx.c:
 *
 *     ninja -C build-fuzz tests/cnn/fuzz_jpeg && build-fuzz/tests/cnn/fuzz_jpeg -max_len=65536
 */
#include "estimator/images/image_list.h"
#include "estimator/images/preprocess.h"

#include <stdlib.h>

#define MOST_FUZZED ((uint64_t)1 << 20) /* pixels: more cost time and find nothing else */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_image(const uint8_t *data, size_t size)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    const struct mp_shape input = {3, 16, 16};
    uint8_t bytes[3 * 16 * 16];
    float values[3 * 16 * 16];
    struct mp_image image;

    if (mp_image_decode(&image, data, size, "fuzz.jpg", NULL) < 0)
        return;
    if ((uint64_t)image.width * image.height <= MOST_FUZZED &&
        mp_preprocess_set(&p, "resize", "20", NULL) == MP_OK &&
        mp_preprocess_fit(&p, &input, NULL) == MP_OK &&
        mp_preprocess_image(&p, &image, false, 3, "fuzz.jpg", bytes, NULL) == MP_OK)
        mp_preprocess_values(&p, &input, bytes, values);
    mp_image_release(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_image_list list;
    struct mp_arena arena = {0};
    char *text = mp_strndup((const char *)data, size);

    as_image(data, size);
    mp_preprocess_parse_mean(&p, data, size, "fuzz.binaryproto", NULL);
    mp_preprocess_release(&p);
    if (mp_image_list_parse(&list, &arena, text, "fuzz.txt", "folder", 0, NULL) == MP_OK)
        mp_image_list_release(&list);
    mp_arena_release(&arena);
    free(text);
    return 0;
}
