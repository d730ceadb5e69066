/* libFuzzer entry: any bytes as an architecture in the text format, with weights made up, so that
 * all of the importer is reached. Built as fuzz_onnx.c says. */
#include "estimator/network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void leave_zero(void *context, struct mp_layer *layer)
{
    (void)context;
    (void)layer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_caffe_files files = {
        .text = (const char *)data, .size = size, .path = "fuzz.prototxt"};
    struct mp_network_source source = {.missing = MP_MISSING_FILLED, .fill = leave_zero};
    struct mp_network n;

    mp_network_read_caffe(&n, &files, &source, NULL);
    mp_network_release(&n);
    return 0;
}
