/*
 * Lane-cycles a second of CPU time of every kernel, with and without counting, side by side; 512
 * lanes, one core. Netlist: FILE LIBERTY from the command line, else the golden ones of Nangate45,
 * else a random one of Yosys's gates.
 */
#include "estimator/activity/kernel.h"
#include "estimator/activity/simulator.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/random.h"
#include "tests/activity/random_netlist.h"
#include "tests/netlist/golden_files.h"
#include <string.h>
#include <time.h>

#define WORDS 8u

/* CPU time of this process: what one core does, however busy the machine is. */
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double measure(const struct mp_netlist *n, const struct mp_kernel_code *code, bool counting)
{
    struct mp_simulator *s;
    struct mp_random random;
    uint64_t mask[WORDS];
    if (mp_simulator_create_with(&s, n, WORDS, code, NULL) < 0)
        return 0;
    uint32_t inputs = mp_simulator_input_count(s);
    size_t steps = 0, sets = 16;
    uint64_t *in = mp_alloc(sets * inputs * WORDS + 1, sizeof *in);
    mp_random_seed(&random, 1);
    for (size_t i = 0; i < sets * inputs * WORDS; i++)
        in[i] = mp_random_u64(&random);
    memset(mask, 0xff, sizeof mask);
    double start = cpu_s(), took;
    do {
        for (int i = 0; i < 1000; i++, steps++)
            mp_simulator_step(s, in + steps % sets * inputs * WORDS, counting ? mask : NULL);
        took = cpu_s() - start;
    } while (took < 0.3);
    free(in);
    mp_simulator_destroy(s);
    return (double)steps * WORDS * 64 / took;
}

static void bench(const struct mp_netlist *n)
{
    const struct mp_kernel_code *codes[MP_KERNEL_CODE_COUNT];
    unsigned count = mp_kernel_available(codes);
    printf("%s, %u cells of %s\n", n->name, n->cell_count, n->library->name);
    for (unsigned k = 0; k < count; k++)
        printf("  %-18s %7.1f million lane-cycles/s counting, %7.1f without\n", codes[k]->name,
               measure(n, codes[k], true) * 1e-6, measure(n, codes[k], false) * 1e-6);
}

static int bench_file(const struct mp_library *lib, const char *path)
{
    struct mp_netlist n;
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];
    int rc = mp_netlist_read(&n, lib, path, NULL, &err);
    if (rc == MP_OK)
        rc = mp_netlist_levelise(&n, &err);
    if (rc == MP_OK)
        bench(&n);
    else
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_netlist_release(&n);
    return rc;
}

static void bench_golden(const struct mp_library *lib)
{
    for (size_t d = 0; d < GOLDEN_DESIGNS; d++) {
        char name[64];
        snprintf(name, sizeof name, "golden/nangate45.%s.v", golden_designs[d]);
        char *path = golden_path(name);
        if (path)
            bench_file(lib, path);
        free(path);
    }
}

static void bench_random(void)
{
    struct mp_library lib = {0};
    struct mp_text text = {0};
    struct mp_netlist n;
    if (mp_gates_library(&lib, NULL) < 0)
        return;
    random_netlist(&text, &lib, 19, 500, 1);
    if (mp_netlist_read_text(&n, &lib, text.data, text.size, "random.v", NULL, NULL) == MP_OK) {
        if (mp_netlist_levelise(&n, NULL) == MP_OK)
            bench(&n);
        mp_netlist_release(&n);
    }
    mp_text_release(&text);
    mp_library_release(&lib);
}

int main(int argc, char **argv)
{
    struct mp_library lib = {0};
    if (argc == 3) {
        const char *const paths[] = {argv[2]};
        if (mp_library_read(&lib, paths, 1, NULL) < 0)
            return 1;
        int rc = bench_file(&lib, argv[1]);
        mp_library_release(&lib);
        return rc < 0;
    }
    if (golden_read_library(&lib, &golden_libraries[1])) {
        bench_golden(&lib);
        mp_library_release(&lib);
    }
    bench_random();
    return 0;
}
