/* libFuzzer entry: any bytes as a value change dump for a two-cell netlist. Built with clang only,
 * as tests/netlist/fuzz_netlist.c. */
#include "estimator/interchange/annotation.h"
#include "tests/netlist/small_library.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "module d(input clk, input [1:0] a, output y);\n wire w;\n"
                               " NAND2 g(.A(a[0]), .B(a[1]), .Y(w));\n"
                               " DFF f(.CK(clk), .D(w), .Q(y));\nendmodule\n";
    struct mp_library library = {0};
    struct mp_netlist n = {0};
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 1e-9};
    if (mp_library_read_text(&library, small_library, strlen(small_library), "s", NULL) == MP_OK &&
        mp_netlist_read_text(&n, &library, text, strlen(text), "d.v", NULL, NULL) == MP_OK &&
        mp_annotation_read_text(&v, &n, (const char *)data, size, "fuzz.vcd", &o, NULL) == MP_OK)
        mp_annotation_release(&v);
    mp_netlist_release(&n);
    mp_library_release(&library);
    return 0;
}
