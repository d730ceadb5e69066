/* libFuzzer entry: any bytes as an ONNX file. Built with clang only; for coverage of the library:
 *     CC=clang meson setup build-fuzz -Db_lundef=false -Db_sanitize=address,undefined
 *         -Dc_args=-fsanitize=fuzzer-no-link
 *
 *     ninja -C build-fuzz tests/cnn/fuzz_onnx && build-fuzz/tests/cnn/fuzz_onnx -max_len=8192
 */
#include "estimator/network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_network n;

    mp_network_read_onnx_bytes(&n, data, size, "fuzz.onnx", NULL);
    mp_network_release(&n);
    return 0;
}
