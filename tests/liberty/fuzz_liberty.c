/* libFuzzer: any bytes as a Liberty file; then every table and expression of what was read is
 * used once. */
#include "estimator/liberty/library.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_library lib;
    struct mp_library_roles roles;
    double duty[64];
    for (int k = 0; k < 64; k++)
        duty[k] = 0.5;
    if (mp_library_read_text(&lib, (const char *)data, size, "fuzz.lib", NULL) < 0)
        return 0;
    mp_library_roles_find(&lib, &roles);
    for (uint32_t t = 0; t < lib.table_count; t++)
        mp_table_lookup(&lib.tables[t], 1e-10, 1e-14);
    for (uint32_t p = 0; p < lib.pin_count; p++)
        if (lib.pins[p].function.code)
            mp_expr_probability(&lib.pins[p].function, duty);
    mp_library_release(&lib);
    return 0;
}
