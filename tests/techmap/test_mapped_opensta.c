/* Own timing against OpenSTA's on every library: critical path within 0.5 %, slews and arrivals. */
#include "estimator/techmap/techmap.h"
#include "netlists/architecture.h"
#include "tests/techmap/sta.h"

#include <stdlib.h>
#include <string.h>

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

/* A signed 6x6 multiplier as the search leaves it: adder cells, small drives. Path of the file. */
static char *search_design(const struct fixture *f, const struct mp_nldm *nldm)
{
    struct mp_graph g;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_techmap_result r;
    uint32_t sum[12];
    mp_graph_init(&g, "product");
    uint32_t *x = mp_graph_input(&g, "x", 6), *y = mp_graph_input(&g, "y", 6);
    struct mp_columns *c = mp_columns_create(&g, 12);
    mp_graph_block(&g, "multiplier");
    mp_architecture_write(&g, mp_architecture_find("dadda"), NULL,
                          &(struct mp_operands){x, y, 6, 6, true, true}, c, sum);
    mp_graph_block(&g, "");
    mp_graph_output(&g, "p", 12, sum);
    mp_columns_destroy(c);
    mp_graph_sweep(&g);
    struct mp_techmap_job job = {.variants = &(struct mp_techmap_variant){"dadda", &g},
                                 .variant_count = 1,
                                 .nldm = nldm,
                                 .environment = {.driving_cell = MP_NONE},
                                 .evaluations = 4000,
                                 .threads = 1};
    assert_int_equal(mp_objective_parse(&job.objective, "area*delay", &err), MP_OK);
    if (mp_techmap_search(&r, &job, &err) < 0)
        fail_msg("%s", err.message);
    char *path = mp_path_join(f->dir.path, "searched.v");
    assert_int_equal(mp_file_write(path, r.best.verilog, strlen(r.best.verilog), &err), MP_OK);
    mp_techmap_result_release(&r);
    mp_graph_release(&g);
    return path;
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
    path = search_design(&f, &nldm);
    compare(&f, &nldm, library, path, "searched 6x6", wire, driving, 4e-15);
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
