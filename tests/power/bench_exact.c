/*
 * The exact mode beside the compatible one: what each says of the parts of power, functional and
 * glitch, and what counting cases costs on one thread (CPU time, best of three), against the
 * fastest timed simulation and against the engine that counts. Multipliers and MACs of our
 * generator through Yosys and OpenSTA, operands like a CNN's: a weight is held for 8 cycles, 55 %
 * of the activations are zero, the others and the weights are small more often than large.
 */
#include "estimator/activity/timed_kernel.h"
#include "estimator/power/exact.h"
#include "estimator/synth/yosys.h"
#include "estimator/timing/opensta.h"
#include "estimator/util/random.h"
#include "tests/fake_tools/fixture.h"
#include "tests/netlist/golden_files.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORDS = 32, SETS = 64 };
#define PERIOD_S 10e-9

struct unit {
    struct fixture f;
    struct mp_netlist n;
    struct mp_sdf sdf;
    struct mp_timing timing;
    uint32_t inputs;
    uint64_t *planes; /* [set][input][WORDS] */
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool failed(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        printf("%s\n", mp_error_text(err, text, sizeof text));
    return rc < 0;
}

static bool make_unit(struct unit *u, size_t library, const char *weight, enum mp_unit kind)
{
    struct mp_error err = MP_ERROR_INIT;
    char name[MP_DESIGN_NAME_SIZE];
    struct mp_yosys_result mapped = {0};
    *u = (struct unit){0};
    fixture_open(&u->f, library);
    char *verilog = fixture_design(weight, "uint8", kind, false, name);
    char *path = mp_path_join(u->f.dir.path, "netlist.v");
    struct mp_yosys_job synthesis = {.program = "yosys",
                                     .verilog = verilog,
                                     .top = name,
                                     .liberty_path = u->f.prepared,
                                     .library = &u->f.library,
                                     .roles = &u->f.roles,
                                     .clock_period_s = PERIOD_S,
                                     .temp_dir = u->f.dir.path};
    struct mp_opensta_job sta = {.program = "sta",
                                 .netlist_path = path,
                                 .netlist = &u->n,
                                 .liberty_path = u->f.prepared,
                                 .period_s = PERIOD_S,
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
        rc = mp_opensta_run(&u->timing, &sta, &err);
    if (rc == MP_OK)
        rc = mp_sdf_read_text(&u->sdf, &u->n, u->timing.sdf, strlen(u->timing.sdf), "delays.sdf",
                              &err);
    mp_yosys_result_release(&mapped);
    free(path);
    free(verilog);
    return !failed(rc, &err);
}

static void close_unit(struct unit *u)
{
    free(u->planes);
    mp_timing_release(&u->timing);
    mp_sdf_release(&u->sdf);
    mp_netlist_release(&u->n);
    fixture_close(&u->f);
}

/* Bits of a number that is small more often than large, with a sign on top. */
static uint64_t small_number(struct mp_random *r, unsigned bits, bool is_signed)
{
    uint64_t x = mp_random_u64(r) & (((uint64_t)1 << (bits - is_signed)) - 1);
    x >>= mp_random_below(r, bits - is_signed);
    return (is_signed && (mp_random_u64(r) & 1) ? ~x + 1 : x) & (((uint64_t)1 << bits) - 1);
}

static void put(struct unit *u, unsigned set, unsigned lane, const char *port, uint64_t value)
{
    uint32_t at = 0, p = mp_netlist_port(&u->n, port);
    if (p == MP_NONE)
        return;
    for (uint32_t i = 0; i < p; i++)
        for (uint32_t b = 0; b < u->n.ports[i].width; b++)
            at +=
                u->n.ports[i].direction == MP_DIR_INPUT && u->n.ports[i].nets[b] != u->n.clock_net;
    for (uint32_t b = 0; b < u->n.ports[p].width; b++)
        u->planes[((size_t)set * u->inputs + at + b) * WORDS + lane / 64] |= (value >> b & 1)
                                                                             << (lane % 64);
}

static void make_operands(struct unit *u)
{
    struct mp_random random;
    uint64_t weight[64 * WORDS] = {0};
    unsigned bits = u->n.ports[mp_netlist_port(&u->n, "weight")].width;
    mp_random_seed(&random, 2);
    for (uint32_t p = 0; p < u->n.port_count; p++)
        for (uint32_t b = 0; b < u->n.ports[p].width; b++)
            u->inputs +=
                u->n.ports[p].direction == MP_DIR_INPUT && u->n.ports[p].nets[b] != u->n.clock_net;
    u->planes = mp_alloc((size_t)SETS * u->inputs * WORDS, sizeof *u->planes);
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned lane = 0; lane < 64 * WORDS; lane++) {
            bool zero = mp_random_below(&random, 100) < 55;
            if (set % 8 == 0)
                weight[lane] = small_number(&random, bits, true);
            put(u, set, lane, "weight", weight[lane]);
            put(u, set, lane, "activation", zero ? 0 : small_number(&random, 8, false));
            put(u, set, lane, "first", (set + lane) % 32 == 0);
        }
}

/* Cycles a second; the result of the last run. */
static double simulate(const struct unit *u, const struct mp_timed_kernel *kernel, bool cases,
                       struct mp_timed_result *r)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.threads = 1, .period_s = PERIOD_S, .cases = cases};
    uint64_t mask[WORDS];
    double best = 1e9;
    memset(mask, 0xff, sizeof mask);
    for (int i = 0; i < 3; i++) {
        struct mp_timed *t;
        if (i > 0)
            mp_timed_result_release(r);
        if (failed(mp_timed_create_with(&t, &u->n, &u->sdf, WORDS, &o, kernel, &err), &err))
            return 0;
        double start = 0;
        for (unsigned set = 0; set < SETS; set++) {
            if (set == 4)
                start = cpu_s();
            failed(mp_timed_step(t, u->planes + (size_t)set * u->inputs * WORDS,
                                 set < 4 ? NULL : mask, &err),
                   &err);
        }
        failed(mp_timed_finish(t, r, &err), &err);
        double took = cpu_s() - start;
        best = took < best ? took : best;
        mp_timed_destroy(t);
    }
    return (double)r->timed.cycles / best;
}

static bool compute(const struct unit *u, const struct mp_activity *a, const struct mp_cases *cases,
                    struct mp_power *out)
{
    struct mp_error err = MP_ERROR_INIT;
    double *transitions = mp_alloc(u->n.net_count, sizeof *transitions);
    double *duty = mp_alloc(u->n.net_count, sizeof *duty);
    for (uint32_t i = 0; i < u->n.net_count; i++) {
        transitions[i] = (double)a->transitions[i] / (double)a->cycles;
        duty[i] = (double)a->ones[i] / (double)a->cycles;
    }
    struct mp_power_input in = {.netlist = &u->n,
                                .period_s = PERIOD_S,
                                .transitions_per_cycle = transitions,
                                .duty = duty,
                                .slew_rise_s = u->timing.slew_rise_s,
                                .slew_fall_s = u->timing.slew_fall_s};
    int rc =
        cases ? mp_power_compute_exact(out, &in, cases, &err) : mp_power_compute(out, &in, &err);
    free(transitions);
    free(duty);
    return !failed(rc, &err);
}

static void print_line(const char *name, double compatible_w, double exact_w)
{
    if (compatible_w > 0)
        printf("    %-24s %10.3f %10.3f uW %+7.2f %%\n", name, compatible_w * 1e6, exact_w * 1e6,
               100 * (exact_w / compatible_w - 1));
}

static void print_power(const char *name, const struct mp_power *c, const struct mp_power *e)
{
    printf("  %s: compatible, exact\n", name);
    print_line("total", mp_power_total(&c->total), mp_power_total(&e->total));
    print_line("internal", c->total.internal_w, e->total.internal_w);
    print_line("switching", c->total.switching_w, e->total.switching_w);
    print_line("leakage", c->total.leakage_w, e->total.leakage_w);
    for (int g = 0; g < MP_GROUP_COUNT; g++)
        print_line(mp_power_group_name((enum mp_power_group)g), c->group[g].internal_w,
                   e->group[g].internal_w);
    printf("    unmatched %.4f uW\n", e->unmatched_w * 1e6);
}

static void bench(struct unit *u)
{
    struct mp_timed_kernel kernels[MP_TIMED_KERNEL_COUNT], own;
    const struct mp_timed_kernel *fastest = &kernels[mp_timed_kernels(kernels) - 1];
    struct mp_timed_result r = {0};
    struct mp_power functional[2] = {{0}}, timed[2] = {{0}};
    own = *fastest;
    own.lanes = NULL;
    double plain = simulate(u, fastest, false, &r);
    mp_timed_result_release(&r);
    double engine = simulate(u, &own, false, &r);
    mp_timed_result_release(&r);
    double counted = simulate(u, fastest, true, &r);
    double start = cpu_s();
    bool good =
        compute(u, &r.functional, NULL, &functional[0]) && compute(u, &r.timed, NULL, &timed[0]);
    double took[2] = {cpu_s() - start};
    start = cpu_s();
    good = good && compute(u, &r.functional, r.functional_cases, &functional[1]) &&
           compute(u, &r.timed, r.timed_cases, &timed[1]);
    took[1] = cpu_s() - start;
    uint64_t moves = 0;
    for (uint32_t net = 2; net < u->n.net_count; net++)
        moves += net == u->n.clock_net ? 0 : r.timed.transitions[net];
    printf("%s, %u cells of %s\n", u->n.name, u->n.cell_count, u->n.library->name);
    printf("  %.0f transitions a cycle; cycles/s: %.0f, by the counting engine %.0f, with cases "
           "%.0f; both powers %.1f ms, exact %.1f ms\n",
           (double)moves / (double)r.timed.cycles, plain, engine, counted, took[0] * 1e3,
           took[1] * 1e3);
    if (good) {
        print_power("functional", &functional[0], &functional[1]);
        print_power("timed", &timed[0], &timed[1]);
        print_line("glitches",
                   mp_power_total(&timed[0].total) - mp_power_total(&functional[0].total),
                   mp_power_total(&timed[1].total) - mp_power_total(&functional[1].total));
    }
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        mp_power_release(&functional[i]);
        mp_power_release(&timed[i]);
    }
    mp_timed_result_release(&r);
}

int main(void)
{
    static const char *const weights[] = {"int8", "e4m2"};
    static const enum mp_unit kinds[] = {MP_UNIT_MULTIPLIER, MP_UNIT_MAC};
    char *shared = golden_path("libs/nangate45_typ.lib.gz");
    for (size_t library = 0; library < (shared ? 3 : 1); library++)
        for (int i = 0; i < 4; i++) {
            struct unit u;
            if (make_unit(&u, library, weights[i % 2], kinds[i / 2])) {
                make_operands(&u);
                bench(&u);
            }
            close_unit(&u);
        }
    free(shared);
    return 0;
}
