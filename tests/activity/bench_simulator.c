/*
 * Lane-cycles a second of CPU time of every kernel, with and without counting, side by side; 512
 * lanes, one core. Netlist: FILE LIBERTY from the command line, else the golden ones of Nangate45,
 * with Icarus Verilog (a dump of all nets) and Verilator (toggle coverage) beside, where they are
 * installed, else a random one of Yosys's gates. Random inputs.
 */
#include "estimator/activity/kernel.h"
#include "estimator/activity/simulator.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/process.h"
#include "estimator/util/random.h"
#include "tests/activity/random_netlist.h"
#include "tests/activity/timed_icarus.h"
#include "tests/netlist/golden_files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define WORDS 8u

enum { ICARUS_CYCLES = 4000, VERILATOR_CYCLES = 200000, RUNS = 3 };

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

/* Of child processes that have ended. */
static double children_cpu_s(void)
{
    struct rusage r;
    getrusage(RUSAGE_CHILDREN, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

/* Cycles a second of CPU time without start-up and compilation: the difference of a long run and a
 * short one, the best of RUNS; 0: it did not run. The Verilog stays in the folder. */
static double time_icarus(const struct mp_netlist *n, const char *folder, uint32_t inputs,
                          struct mp_error *err)
{
    struct mp_random random;
    struct mp_sdf no_delays = {0};
    double best = 0;
    uint8_t *bits = mp_alloc((size_t)ICARUS_CYCLES * inputs + 1, 1);
    mp_random_seed(&random, 1);
    for (size_t i = 0; i < (size_t)ICARUS_CYCLES * inputs; i++)
        bits[i] = mp_random_u64(&random) & 1;
    struct icarus_job job = {.n = n,
                             .sdf = &no_delays,
                             .folder = folder,
                             .warmup = 3,
                             .inputs = bits,
                             .period_ticks = 1000,
                             .mode = ICARUS_VCD};
    for (int i = 0; i < RUNS; i++) {
        double start = children_cpu_s();
        job.cycles = 10;
        int rc = icarus_run(&job, NULL, NULL, err);
        double middle = children_cpu_s();
        job.cycles = ICARUS_CYCLES;
        if (rc == MP_OK)
            rc = icarus_run(&job, NULL, NULL, err);
        if (rc < 0)
            break;
        double took = children_cpu_s() - middle - (middle - start);
        if ((ICARUS_CYCLES - 10) / took > best)
            best = (ICARUS_CYCLES - 10) / took;
    }
    free(bits);
    return best;
}

/* Prints cycles a second of CPU time. */
static const char verilator_main[] =
    "#include \"Vdut.h\"\n#include \"verilated.h\"\n#include <cstdint>\n#include <cstdio>\n"
    "#include <ctime>\n"
    "int main()\n{\n"
    "    VerilatedContext context;\n    Vdut dut{&context};\n    uint64_t x = 88172645463325252u;\n"
    "    clock_t start = clock();\n"
    "    for (long i = 0; i < CYCLES; i++) {\n"
    "        dut.CLOCK = 0;\n        dut.eval();\n"
    "        for (int k = 0; k < (INPUTS + 31) / 32; k++) {\n"
    "            x ^= x << 13;\n            x ^= x >> 7;\n            x ^= x << 17;\n"
    "            dut.in[k] = (uint32_t)x & (k < INPUTS / 32 ? ~0u : (1u << INPUTS % 32) - 1);\n"
    "        }\n"
    "        dut.CLOCK = 1;\n        dut.eval();\n    }\n"
    "    printf(\"%.0f\\n\", CYCLES / ((double)(clock() - start) / CLOCKS_PER_SEC));\n}\n";

static int run(const char *folder, const char *const *argv, struct mp_text *out,
               struct mp_error *err)
{
    struct mp_process_result r = {0};
    struct mp_process_options o = {.argv = argv, .cwd = folder, .timeout_s = 250};
    int rc = mp_process_run(&r, &o, err);
    if (rc == MP_OK && (r.how != MP_EXITED || r.status != 0))
        rc = mp_process_fail(&r, argv[0], folder, err);
    mp_text_add(out, r.out.data ? r.out.data : "");
    mp_process_result_release(&r);
    return rc;
}

/* Of the Verilog that time_icarus() left. */
static double time_verilator(const struct mp_netlist *n, const char *folder, uint32_t inputs,
                             struct mp_error *err)
{
    char *flags = mp_asprintf("-O3 -DCYCLES=%dL -DINPUTS=%u -DCLOCK=w%u", VERILATOR_CYCLES, inputs,
                              n->clock_net);
    const char *const build[] = {"verilator",
                                 "--cc",
                                 "--exe",
                                 "--build",
                                 "-O3",
                                 "--no-timing",
                                 "--coverage-toggle",
                                 "-Wno-fatal",
                                 "-Wno-lint",
                                 "--top-module",
                                 "dut",
                                 "-CFLAGS",
                                 flags,
                                 "--Mdir",
                                 "made",
                                 "timed.v",
                                 "main.cpp",
                                 NULL};
    const char *const simulate[] = {"made/Vdut", NULL};
    struct mp_text printed = {0};
    double best = 0;
    char *path = mp_path_join(folder, "main.cpp"), *program = mp_path_join(folder, simulate[0]);
    const char *const argv[] = {program, NULL};
    int rc = mp_file_write(path, verilator_main, sizeof verilator_main - 1, err);
    if (rc == MP_OK)
        rc = run(folder, build, &printed, err);
    for (int i = 0; i < RUNS && rc == MP_OK; i++) {
        mp_text_release(&printed);
        rc = run(folder, argv, &printed, err);
        double speed = rc == MP_OK ? strtod(printed.data, NULL) : 0;
        best = speed > best ? speed : best;
    }
    mp_text_release(&printed);
    free(program);
    free(path);
    free(flags);
    return best;
}

static void print_tool(const char *name, double speed, double ours, const struct mp_error *err)
{
    char text[1400];
    if (speed > 0)
        printf("  %-18s %10.0f cycles/s; ours is %.0f times as fast\n", name, speed, ours / speed);
    else
        printf("  %s: skipped: %s\n", name, mp_error_text(err, text, sizeof text));
    fflush(stdout);
}

static void compare_tools(const struct mp_netlist *n, double ours)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_simulator *s;
    struct mp_tempdir t = {0};
    if (mp_simulator_create(&s, n, 1, MP_KERNEL_AUTO, &err) < 0)
        return;
    uint32_t inputs = mp_simulator_input_count(s);
    mp_simulator_destroy(s);
    if (n->clock_net == MP_NONE || inputs > 1024 || mp_tempdir_create(&t, &err) < 0)
        return;
    print_tool("Icarus, VCD", time_icarus(n, t.path, inputs, &err), ours, &err);
    err = (struct mp_error)MP_ERROR_INIT;
    print_tool("Verilator, toggles", time_verilator(n, t.path, inputs, &err), ours, &err);
    mp_tempdir_remove(&t);
}

static void bench(const struct mp_netlist *n, bool with_tools)
{
    const struct mp_kernel_code *codes[MP_KERNEL_CODE_COUNT];
    unsigned count = mp_kernel_available(codes);
    double best = 0;
    printf("%s, %u cells of %s\n", n->name, n->cell_count, n->library->name);
    for (unsigned k = 0; k < count; k++) {
        double counting = measure(n, codes[k], true);
        printf("  %-18s %7.1f million lane-cycles/s counting, %7.1f without\n", codes[k]->name,
               counting * 1e-6, measure(n, codes[k], false) * 1e-6);
        best = counting > best ? counting : best;
    }
    if (with_tools)
        compare_tools(n, best);
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
        bench(&n, true);
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
            bench(&n, false);
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
