/*
 * Cycles a second of the timed simulations, side by side: plain reference, every kernel on one
 * thread, the fastest on two and on all cores, Icarus Verilog with the same delays without counting
 * anything and with a dump of all nets. int11 x uint8 and e4m2 x uint8 multipliers by our
 * generator, Yosys and OpenSTA on Nangate45 (osu018 where the shared libraries are not), random
 * and CNN-like operands (a weight is held for 8 cycles, 55 % of the activations are zero).
 *
 * Everything is measured in CPU time of its process, which other work on the machine disturbs
 * least; more threads in wall time, against Icarus's, and as the CPU time of one thread times their
 * number (what a machine with nothing else to do comes near to). The best of RUNS.
 */
#include "estimator/activity/timed_kernel.h"
#include "estimator/synth/yosys.h"
#include "estimator/timing/opensta.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"
#include "tests/activity/timed_icarus.h"
#include "tests/fake_tools/fixture.h"
#include "tests/netlist/golden_files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    WORDS = 32,
    SETS = 32,
    ICARUS_CYCLES = 4000,
    REFERENCE_CYCLES = 4000,
    PERIOD_TICKS = 40000,
    RUNS = 3
};

struct unit {
    struct fixture f;
    struct mp_netlist n;
    struct mp_sdf sdf;
    uint32_t inputs;
    uint64_t *planes; /* [set][input][WORDS] */
};

/* Seconds, or cycles a second. */
struct speed {
    double wall, cpu;
};

static struct speed now(void)
{
    struct timespec wall, cpu;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct speed){(double)wall.tv_sec + (double)wall.tv_nsec * 1e-9,
                          (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9};
}

/* Of child processes that have ended. */
static double children_cpu_s(void)
{
    struct rusage r;
    getrusage(RUSAGE_CHILDREN, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static void keep_best(struct speed *best, double cycles, double wall_s, double cpu_s)
{
    if (cycles / wall_s > best->wall)
        best->wall = cycles / wall_s;
    if (cycles / cpu_s > best->cpu)
        best->cpu = cycles / cpu_s;
}

static bool failed(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        printf("%s\n", mp_error_text(err, text, sizeof text));
    return rc < 0;
}

static bool make_unit(struct unit *u, size_t library, const char *weight)
{
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    struct mp_yosys_result mapped = {0};
    struct mp_timing timing = {0};
    *u = (struct unit){0};
    fixture_open(&u->f, library);
    char *verilog = fixture_design(weight, "uint8", MP_UNIT_MULTIPLIER, false, name);
    char *path = mp_path_join(u->f.dir.path, "netlist.v");
    struct mp_yosys_job synthesis = {.program = "yosys",
                                     .verilog = verilog,
                                     .top = name,
                                     .liberty_path = u->f.prepared,
                                     .library = &u->f.library,
                                     .roles = &u->f.roles,
                                     .clock_period_s = 10e-9,
                                     .temp_dir = u->f.dir.path};
    struct mp_opensta_job sta = {.program = "sta",
                                 .netlist_path = path,
                                 .netlist = &u->n,
                                 .liberty_path = u->f.prepared,
                                 .period_s = PERIOD_TICKS * 1e-12,
                                 .want_sdf = true,
                                 .temp_dir = u->f.dir.path};
    int rc = mp_yosys_synthesise(&mapped, &synthesis, &err);
    if (rc == MP_OK)
        rc = mp_file_write(path, mapped.netlist_verilog, strlen(mapped.netlist_verilog), &err);
    if (rc == MP_OK)
        rc = mp_netlist_read(&u->n, &u->f.library, path, NULL, &err);
    if (rc == MP_OK)
        rc = mp_netlist_levelise(&u->n, &err);
    if (rc == MP_OK)
        rc = mp_opensta_run(&timing, &sta, &err);
    if (rc == MP_OK)
        rc = mp_sdf_read_text(&u->sdf, &u->n, timing.sdf, strlen(timing.sdf), "delays.sdf", &err);
    mp_timing_release(&timing);
    mp_yosys_result_release(&mapped);
    free(path);
    free(verilog);
    return !failed(rc, &err);
}

static void close_unit(struct unit *u)
{
    free(u->planes);
    mp_sdf_release(&u->sdf);
    mp_netlist_release(&u->n);
    fixture_close(&u->f);
}

static void make_operands(struct unit *u, bool like_cnn)
{
    struct mp_random random;
    uint32_t weight = u->n.ports[mp_netlist_port(&u->n, "weight")].width;
    mp_random_seed(&random, 2);
    u->inputs = weight + 8;
    free(u->planes);
    u->planes = mp_alloc((size_t)SETS * u->inputs * WORDS, sizeof *u->planes);
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned lane = 0; lane < 64 * WORDS; lane++) {
            bool zero = like_cnn && mp_random_below(&random, 100) < 55;
            for (uint32_t i = 0; i < u->inputs; i++) {
                uint64_t *x = u->planes + ((size_t)set * u->inputs + i) * WORDS;
                bool bit = mp_random_u64(&random) & 1;
                if (i < weight && like_cnn && set % 8 != 0)
                    bit = (x - (size_t)u->inputs * WORDS)[lane / 64] >> (lane % 64) & 1;
                else if (i >= weight && zero)
                    bit = false;
                x[lane / 64] |= (uint64_t)bit << (lane % 64);
            }
        }
}

/* One lane after the other of the same operands. */
static uint8_t *make_bits(const struct unit *u, size_t cycles)
{
    uint8_t *bits = mp_alloc(cycles * u->inputs, 1);
    for (size_t c = 0; c < cycles; c++)
        for (uint32_t i = 0; i < u->inputs; i++) {
            size_t set = c % SETS, lane = c / SETS;
            bits[c * u->inputs + i] =
                u->planes[(set * u->inputs + i) * WORDS + lane / 64] >> (lane % 64) & 1;
        }
    return bits;
}

/* Adds to *best what one run makes; returns transitions a cycle. */
static double time_kernel(const struct unit *u, const struct mp_timed_kernel *kernel,
                          unsigned threads, struct speed *best)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.threads = threads};
    struct mp_timed_result r;
    struct mp_timed *t;
    uint64_t mask[WORDS], cycles = 0, sum = 0;
    memset(mask, 0xff, sizeof mask);
    if (failed(mp_timed_create_with(&t, &u->n, &u->sdf, WORDS, &o, kernel, &err), &err))
        return 0;
    for (int i = 0; i < 3; i++)
        mp_timed_step(t, u->planes, NULL, &err);
    struct speed start = now();
    do {
        for (unsigned set = 0; set < SETS; set++, cycles += 64 * WORDS)
            mp_timed_step(t, u->planes + (size_t)set * u->inputs * WORDS, mask, &err);
    } while (now().cpu - start.cpu < 0.5);
    failed(mp_timed_finish(t, &r, &err), &err);
    struct speed end = now();
    keep_best(best, (double)cycles, end.wall - start.wall, end.cpu - start.cpu);
    for (uint32_t net = 2; net < u->n.net_count; net++)
        sum += net == u->n.clock_net ? 0 : r.timed.transitions[net];
    mp_timed_result_release(&r);
    mp_timed_destroy(t);
    return (double)sum / (double)cycles;
}

static struct speed time_reference(const struct unit *u)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {0};
    struct mp_timed_result r;
    struct speed best = {0};
    uint8_t *bits = make_bits(u, REFERENCE_CYCLES);
    struct speed start = now();
    failed(mp_timed_reference(&r, &u->n, &u->sdf, &o, REFERENCE_CYCLES, 3, bits, NULL, NULL, &err),
           &err);
    keep_best(&best, REFERENCE_CYCLES, now().wall - start.wall, now().cpu - start.cpu);
    mp_timed_result_release(&r);
    free(bits);
    return best;
}

/* Without start-up and compilation: the difference of a long run and a short one. */
static struct speed time_icarus(const struct unit *u, enum icarus_mode mode)
{
    struct mp_error err = MP_ERROR_INIT;
    uint8_t *bits = make_bits(u, ICARUS_CYCLES);
    struct icarus_job job = {.n = &u->n,
                             .sdf = &u->sdf,
                             .folder = u->f.dir.path,
                             .warmup = 3,
                             .inputs = bits,
                             .period_ticks = PERIOD_TICKS,
                             .mode = mode};
    struct speed best = {0};
    bool bad = false;
    for (int i = 0; i < RUNS && !bad; i++) {
        double long_s = 0, short_s = 0, start = children_cpu_s();
        job.cycles = 10;
        bad = failed(icarus_run(&job, NULL, &short_s, &err), &err);
        double middle = children_cpu_s();
        job.cycles = ICARUS_CYCLES;
        bad = bad || failed(icarus_run(&job, NULL, &long_s, &err), &err);
        double end = children_cpu_s();
        if (!bad)
            keep_best(&best, ICARUS_CYCLES - 10, long_s - short_s, end - middle - (middle - start));
    }
    free(bits);
    return best;
}

static void print_speed(const char *name, unsigned threads, const char *time, double speed,
                        double bare, double vcd)
{
    printf("  %-12s %u thread%s %-5s %10.0f cycles/s", name, threads, threads > 1 ? "s," : ", ",
           time, speed);
    if (bare > 0 && vcd > 0)
        printf(" (%.0f x Icarus, %.0f x with VCD)", speed / bare, speed / vcd);
    printf("\n");
}

static void bench(struct unit *u, const char *operands)
{
    struct mp_timed_kernel kernels[MP_TIMED_KERNEL_COUNT];
    unsigned count = mp_timed_kernels(kernels);
    double moves = 0;
    struct speed bare = time_icarus(u, ICARUS_BARE), vcd = time_icarus(u, ICARUS_VCD);
    printf("%s, %u cells of %s, %s operands\n", u->n.name, u->n.cell_count, u->n.library->name,
           operands);
    printf("  Icarus %.0f cycles/s of CPU time, %.0f of wall time; with VCD %.0f, %.0f\n", bare.cpu,
           bare.wall, vcd.cpu, vcd.wall);
    print_speed("reference", 1, "CPU", time_reference(u).cpu, bare.cpu, vcd.cpu);
    for (unsigned k = 0; k < count; k++) {
        struct speed best = {0};
        for (int i = 0; i < RUNS; i++)
            moves = time_kernel(u, &kernels[k], 1, &best);
        print_speed(kernels[k].name, 1, "CPU", best.cpu, bare.cpu, vcd.cpu);
    }
    unsigned cores = mp_core_count();
    for (unsigned threads = 2; threads <= cores; threads = threads < cores ? cores : cores + 1) {
        struct speed best = {0};
        for (int i = 0; i < RUNS; i++)
            time_kernel(u, &kernels[count - 1], threads, &best);
        print_speed(kernels[count - 1].name, threads, "wall", best.wall, bare.wall, vcd.wall);
        print_speed(kernels[count - 1].name, threads, "CPU", best.cpu * threads, bare.cpu, vcd.cpu);
    }
    printf("  %.0f transitions a cycle\n", moves);
    fflush(stdout);
}

int main(void)
{
    static const char *const weights[] = {"int11", "e4m2"};
    char *shared = golden_path("libs/nangate45_typ.lib.gz");
    for (int i = 0; i < 2; i++) {
        struct unit u;
        if (make_unit(&u, shared ? 1 : 0, weights[i])) {
            make_operands(&u, false);
            bench(&u, "random");
            make_operands(&u, true);
            bench(&u, "CNN-like");
        }
        close_unit(&u);
    }
    free(shared);
    return 0;
}
