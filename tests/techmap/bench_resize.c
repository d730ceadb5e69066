/*
 * What resizing is worth and what it costs: area at no more than the netlist's own delay, and area
 * x delay, before and after 100,000 evaluations of one seed, and evaluations a second of CPU time.
 * Netlists: LIBERTY VERILOG from the command line, else the golden ones of all libraries at hand.
 */
#include "estimator/techmap/resize.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

#define EVALUATIONS 100000

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int measure(const struct mp_library *library, const struct mp_nldm *nldm, const char *path,
                   const char *objective, double max_delay_s, struct mp_resize_result *r,
                   struct mp_error *err)
{
    const struct mp_mapped_environment environment = {.driving_cell = MP_NONE,
                                                      .output_load_f = 4e-15};
    struct mp_resize_options o = {.seed = 1, .evaluations = EVALUATIONS, .threads = 1};
    struct mp_netlist n = {0};
    int rc;

    if ((rc = mp_netlist_read(&n, library, path, NULL, err)) < 0 ||
        (rc = mp_netlist_levelise(&n, err)) < 0 ||
        (rc = mp_objective_parse(&o.objective, objective, err)) < 0)
        goto cleanup;
    o.objective.max_delay_s = max_delay_s;
    rc = mp_resize(r, &n, nldm, &environment, &o, err);
cleanup:
    mp_netlist_release(&n);
    return rc;
}

static int print_row(const struct mp_library *library, const struct mp_nldm *nldm, const char *path,
                     const char *name, struct mp_error *err)
{
    struct mp_resize_result area = {0}, product = {0};
    double start_s = cpu_s(), used_s, before, after;
    int rc = measure(library, nldm, path, "area*delay", 0, &product, err);

    used_s = cpu_s() - start_s;
    if (rc < 0 ||
        (rc = measure(library, nldm, path, "area", product.before.delay_s, &area, err)) < 0)
        goto cleanup;
    before = product.before.area_um2 * product.before.delay_s * 1e9;
    after = product.after.area_um2 * product.after.delay_s * 1e9;
    printf("%-24s %5u cells %9.1f um2 %7.3f ns | at that delay %9.1f um2 %+6.1f %% | area x delay "
           "%9.1f -> %9.1f %+6.1f %% | %7.0f evaluations/s\n",
           name, product.gates_before, product.before.area_um2, product.before.delay_s * 1e9,
           area.after.area_um2, 100 * (area.after.area_um2 / area.before.area_um2 - 1), before,
           after, 100 * (after / before - 1), (double)product.evaluations / used_s);
    fflush(stdout);
cleanup:
    mp_resize_result_release(&area);
    mp_resize_result_release(&product);
    return rc;
}

static void bench_golden(const char *shared, size_t library)
{
    static const char *const designs[] = {"mul_u8x8", "mul_e4m2_u8", "mac_s8x8_24"};
    struct mp_error err = MP_ERROR_INIT;
    struct fixture f;
    struct mp_nldm nldm = {0};

    fixture_open(&f, library);
    if (mp_nldm_compile(&nldm, &f.library, &err) < 0)
        printf("%s: %s\n", fixture_library_name(library), err.message);
    for (size_t d = 0; d < 3 && err.code == MP_OK; d++) {
        char *name = mp_asprintf("%s.%s", fixture_library_name(library), designs[d]);
        char *path = mp_asprintf("%s/golden/%s.v", shared, name);

        if (mp_file_exists(path) && print_row(&f.library, &nldm, path, name, &err) < 0)
            printf("%s: %s\n", name, err.message);
        free(path);
        free(name);
    }
    mp_nldm_release(&nldm);
    fixture_close(&f);
}

static int bench_given(const char *liberty, const char *verilog)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_library library = {0};
    struct mp_nldm nldm = {0};
    int rc = mp_library_read(&library, &liberty, 1, &err);

    if (rc == MP_OK && (rc = mp_nldm_compile(&nldm, &library, &err)) == MP_OK)
        rc = print_row(&library, &nldm, verilog, verilog, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.message);
    mp_nldm_release(&nldm);
    mp_library_release(&library);
    return rc < 0;
}

static void bench_osu018(void **state)
{
    bench_golden(*state, 0);
}

static void bench_nangate45(void **state)
{
    bench_golden(*state, 1);
}

static void bench_sky130hd(void **state)
{
    bench_golden(*state, 2);
}

static void bench_gf180(void **state)
{
    bench_golden(*state, 3);
}

int main(int argc, char **argv)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *folder =
        shared != NULL ? mp_strdup(shared) : mp_asprintf("%s/../shared", root != NULL ? root : ".");
    const struct CMUnitTest rows[] = {cmocka_unit_test_prestate(bench_osu018, folder),
                                      cmocka_unit_test_prestate(bench_nangate45, folder),
                                      cmocka_unit_test_prestate(bench_sky130hd, folder),
                                      cmocka_unit_test_prestate(bench_gf180, folder)};
    int rc = argc == 3 ? bench_given(argv[1], argv[2])
                       : cmocka_run_group_tests_name("resize", rows, NULL, NULL);

    free(folder);
    return rc;
}
