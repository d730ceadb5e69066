/* Own timing against OpenSTA's on every library: critical path within 0.5 %, slews and arrivals. */
#include "tests/techmap/sta.h"

#include <stdlib.h>

#include "tests/util/cmocka_all.h"

#define LARGEST 0.005

static void compare(struct fixture *f, const struct mp_nldm *nldm, const char *library,
                    const char *path, const char *what, const char *wire, const char *driving,
                    double load_f)
{
    struct comparison c;
    sta_compare(&c, f, nldm, path, wire, driving, load_f, driving != NULL);
    print_message(
        "%s %s, wire load %s, driven by %s: %u gates, %.4f ns, OpenSTA %.4f ns (%.3f %%); "
        "slews %.3f ps, %.2f %%; arrivals %.3f ps, %.2f %%\n",
        library, what, wire, driving ? driving : "nothing", c.gates, c.delay_s * 1e9,
        c.opensta_s * 1e9, c.delay_apart * 100, c.slew_apart_s * 1e12, c.slew_apart * 100,
        c.arrival_apart_s * 1e12, c.arrival_apart * 100);
    if (!(c.delay_apart < LARGEST))
        fail_msg("%s: %.3f %% apart", what, c.delay_apart * 100);
}

static void compare_golden(struct fixture *f, const struct mp_nldm *nldm, const char *library,
                           const char *wire, const char *driving)
{
    static const char *const designs[] = {"mul_u8x8", "mul_e4m2_u8", "mac_s8x8_24"};
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    for (size_t k = 0; k < 3; k++) {
        char *path = shared ? mp_asprintf("%s/golden/%s.%s.v", shared, library, designs[k])
                            : mp_asprintf("%s/../shared/golden/%s.%s.v", root ? root : ".", library,
                                          designs[k]);
        if (mp_file_exists(path)) {
            compare(f, nldm, library, path, designs[k], "none", NULL, 0);
            compare(f, nldm, library, path, designs[k], wire, driving, 4e-15);
        } else {
            print_message("%s is not here\n", path);
        }
        free(path);
    }
}

static void run_on(size_t k, const char *wire)
{
    struct fixture f;
    struct mp_nldm nldm;
    struct mp_error err = MP_ERROR_INIT;
    fixture_open(&f, k);
    assert_int_equal(mp_nldm_compile(&nldm, &f.library, &err), MP_OK);
    const char *driving = f.library.cells[f.roles.buffer].name, *library = fixture_library_name(k);
    print_message("%s: %u cells, %u families, %u axes, %u arcs, %zu values; %u groups merged, %u "
                  "apart\n",
                  library, nldm.cell_count, nldm.family_count, nldm.axis_count, nldm.arc_count,
                  nldm.value_count, nldm.merged_count, nldm.kept_count);
    compare_golden(&f, &nldm, library, wire, driving);
    char *path = sta_map_design(&f, "e3m2", "uint5", MP_UNIT_MAC);
    compare(&f, &nldm, library, path, "mac e3m2 x uint5", wire, driving, 4e-15);
    free(path);
    mp_nldm_release(&nldm);
    fixture_close(&f);
}

static void test_osu018(void **state)
{
    (void)state;
    run_on(0, "constant:2fF");
}
static void test_nangate45(void **state)
{
    (void)state;
    run_on(1, "library");
}
static void test_sky130hd(void **state)
{
    (void)state;
    run_on(2, "library");
}
static void test_gf180(void **state)
{
    (void)state;
    run_on(3, "constant:2fF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_osu018), cmocka_unit_test(test_nangate45),
        cmocka_unit_test(test_sky130hd), cmocka_unit_test(test_gf180)};
    return cmocka_run_group_tests_name("mapped_opensta", tests, NULL, NULL);
}
