/*
 * Timed simulation against Icarus Verilog with the same delays, which OpenSTA gave: in total and
 * net by net, under Icarus's own rule for pending changes and with inertial delays.
 */
#include "estimator/activity/timed.h"
#include "estimator/timing/opensta.h"
#include "estimator/util/random.h"
#include "tests/activity/timed_icarus.h"
#include "tests/fake_tools/fixture.h"
#include "tests/netlist/golden_files.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLES = 600, WARMUP = 4, PERIOD_TICKS = 200000, OFTEN = 40 };

struct timed_design {
    struct fixture f;
    struct mp_netlist n;
    struct mp_sdf sdf;
    uint8_t *inputs;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static bool is_missing(int rc, const char *tool)
{
    if (rc == MP_E_NOT_FOUND)
        print_message("skipped: %s is not installed\n", tool);
    return rc == MP_E_NOT_FOUND;
}

/* The prepared library again, with every cell of the netlist, whether it is of use to Yosys or not.
 */
static void prepare(struct timed_design *d)
{
    struct mp_error err = MP_ERROR_INIT;
    const struct mp_library *l = &d->f.library;
    const char **keep = mp_alloc((size_t)d->n.cell_count + 1, sizeof *keep);
    size_t count = 0;
    for (uint32_t c = 0; c < d->n.cell_count; c++)
        keep[count++] = l->cells[d->n.cell_type[c]].name;
    check(mp_library_write_prepared(l, l->files, l->file_count, d->f.prepared, keep, count, &err),
          &err);
    free(keep);
}

/* Delays of the netlist by OpenSTA; false: it is not here. */
static bool find_delays(struct timed_design *d, const char *path)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timing t;
    struct mp_opensta_job job = {.program = "sta",
                                 .netlist_path = path,
                                 .netlist = &d->n,
                                 .liberty_path = d->f.prepared,
                                 .period_s = PERIOD_TICKS * 1e-12,
                                 .want_sdf = true,
                                 .temp_dir = d->f.dir.path};
    int rc = mp_opensta_run(&t, &job, &err);
    if (is_missing(rc, "sta"))
        return false;
    check(rc, &err);
    check(mp_sdf_read_text(&d->sdf, &d->n, t.sdf, strlen(t.sdf), "delays.sdf", &err), &err);
    mp_timing_release(&t);
    return true;
}

static bool open_design(struct timed_design *d, size_t library, const char *path)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_random random;
    uint32_t count = 0;
    *d = (struct timed_design){0};
    fixture_open(&d->f, library);
    check(mp_netlist_read(&d->n, &d->f.library, path, NULL, &err), &err);
    check(mp_netlist_levelise(&d->n, &err), &err);
    for (uint32_t p = 0; p < d->n.port_count; p++)
        count += d->n.ports[p].direction == MP_DIR_INPUT ? d->n.ports[p].width : 0;
    count--; /* the clock */
    d->inputs = mp_alloc((size_t)CYCLES * count, 1);
    mp_random_seed(&random, 4);
    for (size_t i = 0; i < (size_t)CYCLES * count; i++)
        d->inputs[i] = (uint8_t)(mp_random_u64(&random) & 1);
    prepare(d);
    return find_delays(d, path);
}

static void close_design(struct timed_design *d)
{
    free(d->inputs);
    mp_sdf_release(&d->sdf);
    mp_netlist_release(&d->n);
    fixture_close(&d->f);
}

static void simulate(const struct timed_design *d, enum mp_pending pending,
                     struct mp_timed_result *r)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.pending = pending, .period_s = PERIOD_TICKS * 1e-12};
    check(mp_timed_reference(r, &d->n, &d->sdf, &o, CYCLES, WARMUP, d->inputs, NULL, NULL, &err),
          &err);
    assert_int_equal(r->unsettled_cycles, 0);
}

struct difference {
    uint64_t ours, theirs;
    double total;         /* relative */
    unsigned often, away; /* nets that move often; of those, by over 2 % apart */
    double worst;
};

static struct difference differ(const struct mp_netlist *n, const uint64_t *ours,
                                const uint64_t *theirs)
{
    struct difference d = {0};
    for (uint32_t net = 2; net < n->net_count; net++) {
        if (net == n->clock_net)
            continue;
        d.ours += ours[net];
        d.theirs += theirs[net];
        if (theirs[net] < OFTEN)
            continue;
        double part = fabs((double)ours[net] / (double)theirs[net] - 1);
        d.often++;
        d.away += part > 0.02;
        d.worst = fmax(d.worst, part);
    }
    d.total = (double)d.ours / (double)d.theirs - 1;
    return d;
}

/* Returns false if Icarus is not here. */
static bool compare(const struct timed_design *d, double icarus_limit, double inertial_limit)
{
    struct mp_error err = MP_ERROR_INIT;
    struct icarus_job job = {.n = &d->n,
                             .sdf = &d->sdf,
                             .folder = d->f.dir.path,
                             .cycles = CYCLES,
                             .warmup = WARMUP,
                             .inputs = d->inputs,
                             .period_ticks = PERIOD_TICKS};
    uint64_t *theirs = mp_alloc(d->n.net_count, sizeof *theirs), functional = 0;
    int rc = icarus_run(&job, theirs, NULL, &err);
    bool here = !is_missing(rc, "Icarus");
    for (int rule = MP_PENDING_INERTIAL; rule <= MP_PENDING_ICARUS && here; rule++) {
        struct mp_timed_result r;
        check(rc, &err);
        simulate(d, (enum mp_pending)rule, &r);
        struct difference x = differ(&d->n, r.timed.transitions, theirs);
        functional = 0;
        for (uint32_t net = 2; net < d->n.net_count; net++)
            functional += net == d->n.clock_net ? 0 : r.functional.transitions[net];
        print_message("%s, %u cells, %s rule: %lu transitions, Icarus %lu (%+.4f %%), functional "
                      "%lu; %u of %u nets over 2 %% apart, at most %.1f %%; %lu uncovered\n",
                      d->n.name, d->n.cell_count, rule ? "Icarus's" : "inertial",
                      (unsigned long)x.ours, (unsigned long)x.theirs, 100 * x.total,
                      (unsigned long)functional, x.away, x.often, 100 * x.worst,
                      (unsigned long)r.uncovered);
        assert_true(x.ours > functional);
        assert_true(fabs(x.total) < (rule ? icarus_limit : inertial_limit));
        mp_timed_result_release(&r);
    }
    free(theirs);
    return here;
}

static bool run_on(size_t library, const char *path, double inertial_limit)
{
    struct timed_design d;
    bool done = open_design(&d, library, path) && compare(&d, 0.001, inertial_limit);
    close_design(&d);
    return done;
}

static void small(void **state)
{
    (void)state;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_path_join(root ? root : ".", "tests/power/golden/mul3.osu018.v");
    bool done = run_on(0, path, 0.005);
    free(path);
    if (!done)
        skip();
}

/* Multipliers and a MAC of every library. With inertial delays the MAC of Nangate45 is 0.62 % below
 * Icarus, the others within 0.3 %. */
static void golden(void **state)
{
    unsigned done = 0;
    (void)state;
    for (size_t l = 0; l < GOLDEN_LIBRARIES; l++)
        for (size_t d = 0; d < GOLDEN_DESIGNS; d++) {
            char name[64];
            snprintf(name, sizeof name, "golden/%s.%s.v", golden_libraries[l].name,
                     golden_designs[d]);
            char *path = golden_path(name);
            if (path && run_on(l, path, d == 2 ? 0.01 : 0.005))
                done++;
            free(path);
        }
    if (done == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small),
        cmocka_unit_test(golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
