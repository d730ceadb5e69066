/* libFuzzer entry: any bytes as the weights of a small network. Built as fuzz_onnx.c says. */
#include "estimator/network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "input: 'data' input_shape { dim: 1 dim: 2 dim: 2 dim: 2 }\n"
                               "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'\n"
                               "  convolution_param { num_output: 3 kernel_size: 1 } }\n"
                               "layer { name: 'n' type: 'BatchNorm' bottom: 'c' top: 'c' }\n"
                               "layer { name: 's' type: 'Scale' bottom: 'c' top: 'c' }\n"
                               "layer { name: 'f' type: 'InnerProduct' bottom: 'c' top: 'f'\n"
                               "  inner_product_param { num_output: 2 } }\n";
    struct mp_caffe_files files = {.text = text,
                                   .size = sizeof text - 1,
                                   .path = "fuzz.prototxt",
                                   .weights = data,
                                   .weights_size = size,
                                   .weights_path = "fuzz.caffemodel"};
    struct mp_network_source source = {.missing = MP_MISSING_CUT};
    struct mp_network n;

    mp_network_read_caffe(&n, &files, &source, NULL);
    mp_network_release(&n);
    return 0;
}
