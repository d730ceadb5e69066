/*
 * Timings a second of CPU time on one core: everything anew, a drive changed and taken back, a
 * drive changed and kept, and the plain reference. Netlist: LIBERTY VERILOG from the command line,
 * else the golden ones of Nangate45, else a design mapped to osu018.
 */
#include "estimator/techmap/import.h"

#include "estimator/util/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/techmap/sta.h"
#include "tests/util/cmocka_all.h"

/* CPU time of this process: what one core does, however busy the machine is. */
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void time_all(struct mp_mapped *m, struct mp_random *random)
{
    (void)random;
    mp_mapped_touch_all(m);
    mp_mapped_update(m);
}

static void time_plain(struct mp_mapped *m, struct mp_random *random)
{
    (void)random;
    mp_mapped_time_full(m);
}

static void resize(struct mp_mapped *m, struct mp_random *random)
{
    const struct mp_nldm *n = m->nldm;
    for (;;) {
        uint32_t gate = (uint32_t)mp_random_below(random, m->gate_limit);
        if (m->gates[gate].type == MP_NONE)
            continue;
        uint32_t family = n->cells[m->gates[gate].type].family, first = n->family_first[family];
        uint32_t count = n->family_first[family + 1] - first;
        uint32_t type = n->family_cells[first + mp_random_below(random, count)];
        if (type == m->gates[gate].type)
            continue;
        mp_mapped_set_type(m, gate, type);
        return;
    }
}

static void try_drive(struct mp_mapped *m, struct mp_random *random)
{
    uint32_t mark = mp_mapped_checkpoint(m);
    resize(m, random);
    mp_mapped_update(m);
    mp_mapped_rollback(m, mark);
}

static void try_drive_limit(struct mp_mapped *m, struct mp_random *random)
{
    uint32_t mark = mp_mapped_checkpoint(m);
    resize(m, random);
    mp_mapped_update_limit(m, m->delay_s);
    mp_mapped_rollback(m, mark);
}

static void keep_drive(struct mp_mapped *m, struct mp_random *random)
{
    uint32_t mark = mp_mapped_checkpoint(m);
    resize(m, random);
    mp_mapped_update(m);
    mp_mapped_commit(m, mark);
}

static void measure(struct mp_mapped *m, const char *what,
                    void (*step)(struct mp_mapped *m, struct mp_random *random))
{
    struct mp_random random;
    uint64_t gates = m->gates_timed, count = 0;
    mp_random_seed(&random, 1);
    double start = cpu_s(), took;
    do {
        for (int k = 0; k < 500; k++, count++)
            step(m, &random);
        took = cpu_s() - start;
    } while (took < 0.3);
    double timed = (double)(m->gates_timed - gates);
    printf("  %-38s %9.0f a second, %6.1f gates each, %5.1f ns a gate\n", what,
           (double)count / took, timed / (double)count, took / timed * 1e9);
}

static void run(const struct mp_library *lib, const struct mp_library_roles *roles,
                const char *path, const char *wire)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_nldm nldm;
    struct mp_netlist n = {0};
    struct mp_wire_option option;
    struct mp_wire_model model;
    struct mp_mapped m;
    struct mp_techmap_names names;
    if (mp_nldm_compile(&nldm, lib, &err) < 0 || mp_netlist_read(&n, lib, path, NULL, &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0 || mp_wire_option_parse(&option, wire, &err) < 0 ||
        mp_wire_model_choose(&model, &option, lib, mp_netlist_area_um2(&n), &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return;
    }
    struct mp_mapped_environment env = {.wire = &model,
                                        .driving_cell = nldm.of_library_cell[roles->buffer],
                                        .output_load_f = 3.898e-15};
    if (mp_techmap_import(&m, &names, &n, &nldm, &env, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return;
    }
    printf("%s: %u gates, wire load %s, %.4f ns\n", path, m.gate_count, model.name,
           (double)m.delay_s * 1e9);
    measure(&m, "all anew", time_all);
    measure(&m, "a drive changed and taken back", try_drive);
    measure(&m, "... up to the delay before", try_drive_limit);
    measure(&m, "a drive changed and kept", keep_drive);
    measure(&m, "plain reference", time_plain);
    mp_mapped_release(&m);
    mp_techmap_names_release(&names);
    mp_netlist_release(&n);
    mp_nldm_release(&nldm);
}

static void bench_golden(void **state)
{
    (void)state;
    static const char *const designs[] = {"mul_u8x8", "mac_s8x8_24"};
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    struct fixture f;
    fixture_open(&f, 1);
    for (size_t k = 0; k < 2; k++) {
        char *path = shared ? mp_asprintf("%s/golden/nangate45.%s.v", shared, designs[k])
                            : mp_asprintf("%s/../shared/golden/nangate45.%s.v", root ? root : ".",
                                          designs[k]);
        run(&f.library, &f.roles, path, "none");
        run(&f.library, &f.roles, path, "library");
        free(path);
    }
    fixture_close(&f);
}

static void bench_osu018(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 0);
    char *path = sta_map_design(&f, "int8", "int8", MP_UNIT_MULTIPLIER);
    run(&f.library, &f.roles, path, "constant:2fF");
    free(path);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bench_golden),
                                       cmocka_unit_test(bench_osu018)};
    if (argc != 3)
        return cmocka_run_group_tests_name("bench_timing", tests, NULL, NULL);
    struct mp_error err = MP_ERROR_INIT;
    struct mp_library lib;
    struct mp_library_roles roles;
    const char *const paths[] = {argv[1]};
    if (mp_library_read(&lib, paths, 1, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    mp_library_roles_find(&lib, &roles);
    run(&lib, &roles, argv[2], lib.default_wire_load ? "library" : "none");
    mp_library_release(&lib);
    return 0;
}
