/*
 * The fast timed simulation against the plain reference: every count of every net, for every kernel
 * that this CPU can run, on random netlists and the golden ones with random delays of every form.
 */
#include "estimator/activity/timed_kernel.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/file.h"
#include "tests/activity/random_netlist.h"
#include "tests/netlist/golden_files.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLES = 9, WARMUP = 2 };

struct design {
    struct mp_netlist n;
    struct mp_sdf sdf;
    size_t capacity;
    struct mp_random random;
    unsigned longest_ps;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static bool chance(struct design *d, unsigned percent)
{
    return mp_random_below(&d->random, 100) < percent;
}

static double delay(struct design *d)
{
    return (double)mp_random_below(&d->random, d->longest_ps) * 1e-12;
}

/* A product of some of the other inputs, as they are or inverted. */
static struct mp_expr condition(struct design *d, uint64_t others)
{
    int16_t code[256];
    uint32_t length = 0, terms = 0;
    for (int k = 0; k < 60; k++)
        if (others >> k & 1 && chance(d, 60)) {
            code[length++] = (int16_t)k;
            if (chance(d, 50))
                code[length++] = MP_EXPR_NOT;
            if (terms++)
                code[length++] = MP_EXPR_AND;
        }
    if (length == 0)
        return (struct mp_expr){0};
    int16_t *copy = mp_arena_alloc(&d->sdf.arena, length * sizeof *copy);
    memcpy(copy, code, length * sizeof *copy);
    return (struct mp_expr){copy, length};
}

static void add_arc(struct design *d, struct mp_sdf_arc arc)
{
    arc.rise_s = delay(d);
    arc.fall_s = chance(d, 20) ? arc.rise_s : delay(d);
    mp_grow(&d->sdf.arcs, d->sdf.arc_count, &d->capacity, sizeof arc);
    d->sdf.arcs[d->sdf.arc_count++] = arc;
}

/* Arcs of one input: one for all, or conditional ones that may leave gaps or overlap, or apart by
 * edge and without some of their own. */
static void add_arcs(struct design *d, struct mp_sdf_arc arc, uint64_t others, bool is_register)
{
    unsigned form = is_register ? 0 : (unsigned)mp_random_below(&d->random, 5);
    uint32_t first = d->sdf.arc_count;
    if (form < 2 || others == 0) {
        add_arc(d, arc);
        return;
    }
    for (unsigned k = 0; k < form; k++) {
        arc.when = condition(d, others);
        arc.from_edge = form == 4 ? (k & 1 ? 'r' : 'f') : 0;
        add_arc(d, arc);
    }
    if (form == 3)
        d->sdf.arcs[first + 1].rise_s = NAN;
}

static void random_delays(struct design *d)
{
    const struct mp_library *lib = d->n.library;
    for (uint32_t c = 0; c < d->n.cell_count; c++) {
        const struct mp_lib_cell *type = &lib->cells[d->n.cell_type[c]];
        bool is_register = type->sequential == MP_FLIP_FLOP;
        for (uint32_t o = 0; o < type->pin_count; o++) {
            const struct mp_lib_pin *pin = &lib->pins[type->first_pin + o];
            if (pin->direction != MP_DIR_OUTPUT)
                continue;
            uint64_t from = mp_expr_support(is_register ? &type->clocked_on : &pin->function);
            for (uint32_t k = 0; k < 60; k++)
                if (from >> k & 1)
                    add_arcs(d, (struct mp_sdf_arc){.cell = c, .from_pin = k, .to_pin = o},
                             from & ~((uint64_t)1 << k), is_register);
        }
    }
}

static void add_up(struct mp_timed_result *sum, struct mp_timed_result *r)
{
    if (sum->timed.transitions == NULL) {
        *sum = *r;
        return;
    }
    for (uint32_t net = 0; net < r->timed.net_count; net++) {
        sum->timed.transitions[net] += r->timed.transitions[net];
        sum->functional.transitions[net] += r->functional.transitions[net];
        sum->timed.ones[net] += r->timed.ones[net];
    }
    sum->timed.cycles += r->timed.cycles;
    sum->unsettled_cycles += r->unsettled_cycles;
    sum->uncovered += r->uncovered;
    sum->latest_s = fmax(sum->latest_s, r->latest_s);
    mp_timed_result_release(r);
}

struct stimulus {
    unsigned words;
    uint32_t inputs;
    uint64_t *planes; /* [cycle][input][words] */
    uint64_t *mask;   /* [words] */
};

/* Inputs that rest for some cycles, so that there are lanes in which little happens. */
static void make_stimulus(struct stimulus *s, struct design *d, unsigned words)
{
    *s = (struct stimulus){.words = words};
    for (uint32_t p = 0; p < d->n.port_count; p++)
        for (uint32_t b = 0; b < d->n.ports[p].width; b++)
            s->inputs +=
                d->n.ports[p].direction == MP_DIR_INPUT && d->n.ports[p].nets[b] != d->n.clock_net;
    size_t row = (size_t)s->inputs * words;
    s->planes = mp_alloc(CYCLES * row, sizeof *s->planes);
    s->mask = mp_alloc(words, sizeof *s->mask);
    for (size_t i = 0; i < CYCLES * row; i++) {
        uint64_t x = mp_random_u64(&d->random);
        s->planes[i] = i >= row && chance(d, 30) ? s->planes[i - row] : x;
    }
    for (unsigned w = 0; w < words; w++) {
        uint64_t some = mp_random_u64(&d->random), more = mp_random_u64(&d->random);
        s->mask[w] = w == 1 ? 0 : some | more;
    }
}

static void run_reference(const struct design *d, const struct stimulus *s,
                          const struct mp_timed_options *o, struct mp_timed_result *sum)
{
    struct mp_error err = MP_ERROR_INIT;
    uint8_t *bits = mp_alloc((size_t)CYCLES * s->inputs, 1);
    *sum = (struct mp_timed_result){0};
    for (unsigned lane = 0; lane < 64 * s->words; lane++) {
        struct mp_timed_result r;
        if (!(s->mask[lane / 64] >> (lane % 64) & 1))
            continue;
        for (size_t i = 0; i < (size_t)CYCLES * s->inputs; i++)
            bits[i] = s->planes[i * s->words + lane / 64] >> (lane % 64) & 1;
        check(mp_timed_reference(&r, &d->n, &d->sdf, o, CYCLES, WARMUP, bits, NULL, NULL, &err),
              &err);
        add_up(sum, &r);
    }
    free(bits);
}

/* What has to happen somewhere for the comparison to mean something. */
struct seen {
    uint64_t glitches, uncovered, unsettled;
    unsigned lanes, others; /* runs of the lanes engine, and where the design did not fit into it */
};

static void run_kernel(const struct design *d, const struct stimulus *s,
                       const struct mp_timed_options *o, const struct mp_timed_kernel *kernel,
                       struct mp_timed_result *r, struct seen *seen)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed *t;
    check(mp_timed_create_with(&t, &d->n, &d->sdf, s->words, o, kernel, &err), &err);
    seen->lanes += mp_timed_has_lanes(t);
    seen->others += kernel->lanes && !mp_timed_has_lanes(t);
    assert_int_equal(mp_simulator_input_count(mp_timed_simulator(t)), s->inputs);
    for (size_t c = 0; c < CYCLES; c++)
        check(mp_timed_step(t, s->planes + c * s->inputs * s->words, c < WARMUP ? NULL : s->mask,
                            &err),
              &err);
    check(mp_timed_finish(t, r, &err), &err);
    mp_timed_destroy(t);
}

static void compare(struct design *d, unsigned words, struct seen *seen)
{
    struct mp_timed_kernel kernels[MP_TIMED_KERNEL_COUNT];
    struct mp_timed_options o = {.period_s = 3e-12 * d->longest_ps, .input_delay_s = 7e-12};
    struct mp_timed_result expected = {0}, r = {0};
    struct stimulus s;
    make_stimulus(&s, d, words);
    run_reference(d, &s, &o, &expected);
    if (expected.timed.transitions == NULL) {
        fail_msg("the reference counted nothing");
        return;
    }
    unsigned count = mp_timed_kernels(kernels);
    for (unsigned k = 0; k < count; k++) {
        o.threads = 1 + k;
        run_kernel(d, &s, &o, &kernels[k], &r, seen);
        assert_int_equal(r.timed.cycles, expected.timed.cycles);
        if (r.timed.transitions == NULL) {
            fail_msg("%s counted nothing", kernels[k].name);
            return;
        }
        for (uint32_t net = 2; net < d->n.net_count; net++) {
            if (r.timed.transitions[net] != expected.timed.transitions[net])
                fail_msg("%s, %s: net %s %lu, reference %lu", kernels[k].name, d->n.name,
                         d->n.net_name[net], (unsigned long)r.timed.transitions[net],
                         (unsigned long)expected.timed.transitions[net]);
            assert_int_equal(r.functional.transitions[net], expected.functional.transitions[net]);
            if (net != d->n.clock_net)
                assert_int_equal(r.timed.ones[net], expected.timed.ones[net]);
            seen->glitches += r.timed.transitions[net] - r.functional.transitions[net];
        }
        assert_int_equal(r.uncovered, expected.uncovered);
        assert_int_equal(r.unsettled_cycles, expected.unsettled_cycles);
        assert_true(fabs(r.latest_s - expected.latest_s) < 1e-16);
        mp_timed_result_release(&r);
    }
    seen->uncovered += expected.uncovered;
    seen->unsettled += expected.unsettled_cycles;
    mp_timed_result_release(&expected);
    free(s.planes);
    free(s.mask);
}

static void run_on_netlist(struct design *d, unsigned words, uint64_t seed, struct seen *seen)
{
    struct mp_error err = MP_ERROR_INIT;
    check(mp_netlist_levelise(&d->n, &err), &err);
    mp_random_seed(&d->random, seed);
    random_delays(d);
    compare(d, words, seen);
    mp_sdf_release(&d->sdf);
    mp_netlist_release(&d->n);
}

static void run_on(const struct mp_library *lib, unsigned longest_ps, unsigned words, uint64_t seed,
                   struct seen *seen)
{
    struct design d = {.longest_ps = longest_ps};
    struct mp_text text = {0};
    struct mp_error err = MP_ERROR_INIT;
    random_netlist(&text, lib, 20, 60, seed);
    check(mp_netlist_read_text(&d.n, lib, text.data, text.size, "random.v", NULL, &err), &err);
    run_on_netlist(&d, words, seed, seen);
    mp_text_release(&text);
}

static void yosys_gates(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct mp_library lib = {0};
    assert_int_equal(mp_gates_library(&lib, NULL), MP_OK);
    run_on(&lib, 100, 1, 1, &seen);
    run_on(&lib, 8, 3, 2, &seen); /* many of the same time */
    run_on(&lib, 700, 9, 3, &seen);
    for (uint64_t seed = 10; seed < 20; seed++)
        run_on(&lib, 60, 1, seed, &seen);
    mp_library_release(&lib);
    assert_true(seen.glitches > 0 && seen.uncovered > 0 && seen.unsettled > 0);
    assert_true(seen.others > 0 && seen.lanes == 0); /* multiplexers of 20 inputs */
}

/* x<k> moves k times in every cycle in which a does: as few and as many events as the lanes engine
 * has code for, and more, with one and with two inputs. */
static void many_events(void **state)
{
    (void)state;
    enum { STAGES = 20 };
    struct seen seen = {0};
    struct mp_library lib = {0};
    struct mp_text text = {0};
    struct mp_error err = MP_ERROR_INIT;
    struct design d = {.longest_ps = 100};
    assert_int_equal(mp_gates_library(&lib, NULL), MP_OK);
    mp_text_printf(&text, "module m(a, y);\ninput a;\noutput [%d:0] y;\nwire [%d:0] x;\n",
                   STAGES - 1, STAGES);
    mp_text_add(&text, "\\$_NOT_ g (.A(a), .Y(x[1]));\n");
    for (int k = 2; k <= STAGES; k++)
        mp_text_printf(&text, "\\$_XOR_ g%d (.A(x[%d]), .B(a), .Y(x[%d]));\n", k, k - 1, k);
    for (int k = 1; k <= STAGES; k++)
        mp_text_printf(&text, "\\$_NOT_ h%d (.A(x[%d]), .Y(y[%d]));\n", k, k, k - 1);
    mp_text_add(&text, "endmodule\n");
    check(mp_netlist_read_text(&d.n, &lib, text.data, text.size, "many.v", NULL, &err), &err);
    check(mp_netlist_levelise(&d.n, &err), &err);
    mp_random_seed(&d.random, 1);
    random_delays(&d);
    for (uint32_t k = 0; k < d.sdf.arc_count; k++) {
        d.sdf.arcs[k].rise_s = d.sdf.arcs[k].fall_s = 10e-12;
        d.sdf.arcs[k].when = (struct mp_expr){0};
        d.sdf.arcs[k].from_edge = 0;
    }
    compare(&d, 2, &seen);
    assert_true(seen.lanes > 0 && seen.others == 0 && seen.glitches > 0);
    mp_sdf_release(&d.sdf);
    mp_netlist_release(&d.n);
    mp_text_release(&text);
    mp_library_release(&lib);
}

#define OSU018 "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"

static void osu018(void **state)
{
    (void)state;
    static const char *const paths[] = {OSU018};
    struct seen seen = {0};
    struct mp_library lib = {0};
    if (!mp_file_exists(OSU018)) {
        print_message("skipped: " OSU018 " is not there\n");
        skip();
    }
    assert_int_equal(mp_library_read(&lib, paths, 1, NULL), MP_OK);
    run_on(&lib, 150, 2, 4, &seen);
    run_on(&lib, 8, 3, 2, &seen); /* many of the same time */
    run_on(&lib, 400, 9, 3, &seen);
    for (uint64_t seed = 20; seed < 40; seed++)
        run_on(&lib, 60, 1, seed, &seen);
    assert_int_equal(seen.others, 0);
    run_on(&lib, 40000, 1, 5, &seen); /* times that are too long for lanes */
    mp_library_release(&lib);
    assert_true(seen.glitches > 0 && seen.uncovered > 0 && seen.unsettled > 0);
    assert_true(seen.lanes > 0 && seen.others > 0);
}

/* Designs of hundreds of cells with up to six inputs; random delays make more glitches than real
 * ones. */
static void golden(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct seen seen = {0};
    for (size_t l = 0; l < GOLDEN_LIBRARIES; l++) {
        struct mp_library lib = {0};
        if (!golden_read_library(&lib, &golden_libraries[l]))
            continue;
        run_on(&lib, 100, 1, 50 + l, &seen);
        for (size_t i = 0; i < GOLDEN_DESIGNS; i++) {
            char name[64];
            snprintf(name, sizeof name, "golden/%s.%s.v", golden_libraries[l].name,
                     golden_designs[i]);
            char *path = golden_path(name);
            struct design d = {.longest_ps = 120};
            if (path) {
                check(mp_netlist_read(&d.n, &lib, path, NULL, &err), &err);
                run_on_netlist(&d, 1, 30 + i, &seen);
            }
            free(path);
        }
        mp_library_release(&lib);
    }
    if (seen.lanes == 0) {
        print_message("skipped: the golden netlists are not there\n");
        skip();
    }
    assert_true(seen.glitches > 0 && seen.uncovered > 0 && seen.others == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(many_events),
        cmocka_unit_test(yosys_gates),
        cmocka_unit_test(osu018),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
