/* libFuzzer entry: any bytes as a netlist of a small library. Built with clang only; the modules
 * have to be instrumented as well, or the fuzzer is blind:
 *     CC=clang meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false \
 *         -Dc_args=-fsanitize=fuzzer-no-link
 *     ninja -C build-fuzz tests/netlist/fuzz_netlist
 *     build-fuzz/tests/netlist/fuzz_netlist -max_len=4096 CORPUS */
#include "estimator/netlist/netlist.h"
#include "tests/netlist/small_library.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_library library = {0};
    struct mp_netlist n;
    if (mp_library_read_text(&library, small_library, strlen(small_library), "small.lib", NULL) < 0)
        return 0;
    if (mp_netlist_read_text(&n, &library, (const char *)data, size, "fuzz.v", NULL, NULL) ==
        MP_OK) {
        mp_netlist_levelise(&n, NULL);
        mp_netlist_release(&n);
    }
    mp_library_release(&library);
    return 0;
}
