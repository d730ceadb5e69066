/* libFuzzer entry: any bytes as an ONNX file. Built with clang only:
 *     ninja -C build tests/cnn/fuzz_onnx && build/tests/cnn/fuzz_onnx -max_len=4096
 */
#include "estimator/cnn/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_network n;

    mp_network_read_onnx_bytes(&n, data, size, "fuzz.onnx", NULL);
    mp_network_release(&n);
    return 0;
}
