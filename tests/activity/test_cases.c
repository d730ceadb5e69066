/*
 * Cases against a plain count of the same (plain_cases.h), for every kernel that this CPU can run,
 * on random netlists of several libraries; a hand-worked example of each rule; what is refused.
 */
#include "estimator/activity/timed_kernel.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/file.h"
#include "tests/activity/plain_cases.h"
#include "tests/activity/random_netlist.h"
#include "tests/netlist/golden_files.h"
#include "tests/util/cmocka_all.h"
#include <stdlib.h>
#include <string.h>

enum { CYCLES = 7, WARMUP = 2 };

struct design {
    struct mp_library own;
    struct mp_netlist n;
    struct mp_sdf sdf;
    size_t capacity;
    struct mp_random random;
    unsigned longest_ps; /* 0: all delays 10 ps */
    bool few_lanes;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static double delay(struct design *d)
{
    return d->longest_ps ? (double)mp_random_below(&d->random, d->longest_ps) * 1e-12 : 10e-12;
}

/* An arc from every pin that an output follows. */
static void make_delays(struct design *d)
{
    const struct mp_library *lib = d->n.library;
    for (uint32_t c = 0; c < d->n.cell_count; c++) {
        const struct mp_lib_cell *type = &lib->cells[d->n.cell_type[c]];
        for (uint32_t o = 0; o < type->pin_count; o++) {
            const struct mp_lib_pin *pin = &lib->pins[type->first_pin + o];
            if (pin->direction != MP_DIR_OUTPUT)
                continue;
            uint64_t from = mp_expr_support(type->sequential == MP_FLIP_FLOP ? &type->clocked_on
                                                                             : &pin->function);
            for (uint32_t k = 0; k < 60; k++) {
                if (!(from >> k & 1))
                    continue;
                struct mp_sdf_arc arc = {.cell = c, .from_pin = k, .to_pin = o};
                arc.rise_s = delay(d);
                arc.fall_s = delay(d);
                mp_grow(&d->sdf.arcs, d->sdf.arc_count, &d->capacity, sizeof arc);
                d->sdf.arcs[d->sdf.arc_count++] = arc;
            }
        }
    }
}

/* Some outputs that nothing reads drive no net, as where a full adder's carry is not used. A
 * register keeps one. */
static void disconnect_some(struct mp_netlist *n)
{
    for (uint32_t c = 0; c < n->cell_count; c++) {
        const struct mp_lib_cell *type = &n->library->cells[n->cell_type[c]];
        unsigned connected = 0;
        for (uint32_t k = 0; k < type->pin_count; k++)
            connected += n->library->pins[type->first_pin + k].direction == MP_DIR_OUTPUT;
        for (uint32_t k = 0; k < type->pin_count && connected > 1; k++) {
            uint32_t pin = n->cell_first_pin[c] + k, net = n->pin_net[pin];
            if (n->library->pins[type->first_pin + k].direction != MP_DIR_OUTPUT ||
                n->net_fanout_first[net] != n->net_fanout_first[net + 1])
                continue;
            n->net_driver[net] = MP_NONE;
            n->pin_net[pin] = MP_NONE;
            connected--;
        }
    }
}

static uint32_t input_count(const struct mp_netlist *n)
{
    uint32_t count = 0;
    for (uint32_t p = 0; p < n->port_count; p++)
        for (uint32_t b = 0; b < n->ports[p].width; b++)
            count += n->ports[p].direction == MP_DIR_INPUT && n->ports[p].nets[b] != n->clock_net;
    return count;
}

struct stimulus {
    unsigned words;
    uint32_t inputs;
    uint64_t *planes; /* [cycle][input][words] */
    uint64_t *mask;   /* [words] */
};

static void make_stimulus(struct stimulus *s, struct design *d, unsigned words)
{
    *s = (struct stimulus){.words = words, .inputs = input_count(&d->n)};
    size_t row = (size_t)s->inputs * words;
    s->planes = mp_alloc(CYCLES * row, sizeof *s->planes);
    s->mask = mp_alloc(words, sizeof *s->mask);
    for (size_t i = 0; i < CYCLES * row; i++) {
        uint64_t x = mp_random_u64(&d->random);
        s->planes[i] = i >= row && mp_random_below(&d->random, 3) == 0 ? s->planes[i - row] : x;
    }
    for (unsigned w = 0; w < words; w++)
        s->mask[w] = d->few_lanes ? (uint64_t)0x8100000000000003 >> w
                     : w == 2     ? UINT64_MAX
                     : w == 1     ? 0
                                  : mp_random_u64(&d->random);
}

static void run_kernel(const struct design *d, const struct stimulus *s,
                       const struct mp_timed_options *o, const struct mp_timed_kernel *kernel,
                       struct mp_timed_result *r)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed *t;
    check(mp_timed_create_with(&t, &d->n, &d->sdf, s->words, o, kernel, &err), &err);
    for (size_t c = 0; c < CYCLES; c++) {
        check(mp_timed_step(t, s->planes + c * s->inputs * s->words, c < WARMUP ? NULL : s->mask,
                            &err),
              &err);
        if (c != CYCLES / 2)
            continue;
        /* what is counted so far does not go away by being asked for */
        check(mp_timed_finish(t, r, &err), &err);
        mp_timed_result_release(r);
    }
    check(mp_timed_finish(t, r, &err), &err);
    mp_timed_destroy(t);
}

static void add_plain(const struct design *d, const struct stimulus *s,
                      const struct mp_timed_options *o, struct mp_cases *functional,
                      struct mp_cases *timed)
{
    struct mp_error err = MP_ERROR_INIT;
    uint8_t *bits = mp_alloc((size_t)CYCLES * s->inputs, 1);
    for (unsigned lane = 0; lane < 64 * s->words; lane++) {
        if (!(s->mask[lane / 64] >> (lane % 64) & 1))
            continue;
        for (size_t i = 0; i < (size_t)CYCLES * s->inputs; i++)
            bits[i] = s->planes[i * s->words + lane / 64] >> (lane % 64) & 1;
        check(plain_cases_add(functional, timed, &d->n, &d->sdf, o, CYCLES, WARMUP, bits, &err),
              &err);
    }
    free(bits);
}

static void assert_same(const struct design *d, const struct mp_cases *got,
                        const struct mp_cases *expected, const char *what)
{
    assert_non_null(got);
    assert_int_equal(got->cycles, expected->cycles);
    for (uint32_t cell = 0; cell < got->cell_count; cell++) {
        size_t end = cell + 1 < got->cell_count ? got->cells[cell + 1].first : got->count;
        for (size_t i = got->cells[cell].first; i < end; i++)
            if (got->counts[i] != expected->counts[i])
                fail_msg("%s, %s: cell %s (%s), count %zu: %lu, expected %lu", d->n.name, what,
                         d->n.cell_name[cell], d->n.library->cells[d->n.cell_type[cell]].name,
                         i - got->cells[cell].first, (unsigned long)got->counts[i],
                         (unsigned long)expected->counts[i]);
    }
}

static uint64_t sum(const uint64_t *counts, const struct mp_cases_cell *x)
{
    uint64_t s = 0;
    for (size_t i = 0; i < (size_t)1 << x->variable_count; i++)
        s += counts[i];
    return s;
}

/* Shares add up to whole transitions: those of the nets. */
static void assert_complete(const struct design *d, const struct mp_cases *c,
                            const struct mp_activity *a)
{
    for (uint32_t cell = 0; cell < c->cell_count; cell++) {
        const struct mp_cases_cell *x = &c->cells[cell];
        const uint32_t *nets = d->n.pin_net + d->n.cell_first_pin[cell];
        assert_int_equal(sum(mp_cases_states(c, cell), x), c->cycles * MP_CASES_UNIT);
        for (uint32_t k = 0; k < x->input_count; k++)
            assert_int_equal(sum(mp_cases_input(c, cell, k), x),
                             a->transitions[nets[x->variable[k]]] * MP_CASES_UNIT);
        for (uint32_t o = 0; o < x->output_count; o++) {
            uint64_t s = 0;
            for (uint32_t k = 0; k < x->input_count; k++)
                s += sum(mp_cases_output(c, cell, o, k, false), x) +
                     sum(mp_cases_output(c, cell, o, k, true), x);
            if (nets[x->output[o]] != MP_NONE)
                assert_int_equal(s, a->transitions[nets[x->output[o]]] * MP_CASES_UNIT);
        }
    }
}

static void compare(struct design *d, unsigned words, double period_s)
{
    struct mp_timed_kernel kernels[MP_TIMED_KERNEL_COUNT];
    struct mp_timed_options o = {.period_s = period_s, .input_delay_s = 7e-12, .cases = true};
    struct mp_cases *functional = NULL, *timed = NULL;
    struct stimulus s;
    make_stimulus(&s, d, words);
    unsigned count = mp_timed_kernels(kernels);
    for (unsigned k = 0; k < count; k++) {
        struct mp_timed_result r;
        o.threads = 1 + k;
        run_kernel(d, &s, &o, &kernels[k], &r);
        if (k == 0) {
            functional = plain_cases_like(r.functional_cases);
            timed = plain_cases_like(r.timed_cases);
            add_plain(d, &s, &o, functional, timed);
        }
        assert_same(d, r.functional_cases, functional, "functional");
        assert_same(d, r.timed_cases, timed, "timed");
        assert_complete(d, r.functional_cases, &r.functional);
        assert_complete(d, r.timed_cases, &r.timed);
        mp_timed_result_release(&r);
    }
    mp_cases_destroy(functional);
    mp_cases_destroy(timed);
    free(s.planes);
    free(s.mask);
}

static void close_design(struct design *d)
{
    mp_sdf_release(&d->sdf);
    mp_netlist_release(&d->n);
    mp_library_release(&d->own);
}

static void open_design(struct design *d, const struct mp_library *lib, const char *text,
                        size_t size, bool disconnect)
{
    struct mp_error err = MP_ERROR_INIT;
    check(mp_netlist_read_text(&d->n, lib, text, size, "design.v", NULL, &err), &err);
    if (disconnect)
        disconnect_some(&d->n);
    check(mp_netlist_levelise(&d->n, &err), &err);
    make_delays(d);
}

static void run_on(const struct mp_library *lib, unsigned longest_ps, unsigned words,
                   double period_s, uint64_t seed)
{
    struct design d = {.longest_ps = longest_ps};
    struct mp_text text = {0};
    random_netlist(&text, lib, 20, 40, seed);
    mp_random_seed(&d.random, seed);
    open_design(&d, lib, text.data, text.size, true);
    compare(&d, words, period_s);
    close_design(&d);
    mp_text_release(&text);
}

static void yosys_gates(void **state)
{
    (void)state;
    struct mp_library lib = {0};
    assert_int_equal(mp_gates_library(&lib, NULL), MP_OK);
    /* the large multiplexers are what is refused: random_netlist() leaves out what is no gate */
    for (uint32_t c = 0; c < lib.cell_count; c++)
        if (lib.cells[c].pin_count > MP_CASES_VARIABLES)
            lib.cells[c].sequential = MP_STATE_TABLE;
    run_on(&lib, 100, 1, 201e-12, 1);
    run_on(&lib, 5, 3, 0, 2); /* many of the same time */
    run_on(&lib, 700, 2, 3000e-12, 3);
    mp_library_release(&lib);
}

static void library(const char *path)
{
    const char *paths[] = {path};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_library lib = {0};
    check(mp_library_read(&lib, paths, 1, &err), &err);
    run_on(&lib, 60, 1, 400e-12, 4);
    mp_library_release(&lib);
}

#define OSU018 "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"

static void osu018(void **state)
{
    (void)state;
    if (!mp_file_exists(OSU018)) {
        print_message("skipped: " OSU018 " is not there\n");
        skip();
    }
    library(OSU018);
}

static void shared_libraries(void **state)
{
    (void)state;
    static const char *const names[] = {"libs/nangate45_typ.lib.gz", "libs/sky130hd_tt.lib.gz"};
    for (int i = 0; i < 2; i++) {
        char *path = golden_path(names[i]);
        if (path == NULL)
            print_message("skipped: %s is not there\n", names[i]);
        else
            library(path);
        free(path);
    }
}

/* Mapped multipliers and MACs, a few lanes: the plain count takes every cell through every event.
 */
static void golden_netlists(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    for (size_t l = 0; l < 3; l++) {
        char *name = mp_asprintf("golden/%s.%s.v", golden_libraries[l].name, golden_designs[l]);
        char *netlist = golden_path(name);
        char *liberty = golden_libraries[l].file[0] == '/' ? mp_strdup(golden_libraries[l].file)
                                                           : golden_path(golden_libraries[l].file);
        const char *paths[] = {liberty};
        struct design d = {.longest_ps = 200, .few_lanes = true};
        mp_random_seed(&d.random, l);
        if (netlist && liberty && mp_file_exists(liberty)) {
            check(mp_library_read(&d.own, paths, 1, &err), &err);
            check(mp_netlist_read(&d.n, &d.own, netlist, NULL, &err), &err);
            check(mp_netlist_levelise(&d.n, &err), &err);
            make_delays(&d);
            compare(&d, 2, golden_libraries[l].period_s);
        } else
            print_message("skipped: %s or its library is not there\n", name);
        close_design(&d);
        free(liberty);
        free(netlist);
        free(name);
    }
}

/* --- hand-worked --- */

static const char small_library[] =
    "library (small) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); nom_voltage : 1;\n"
    " default_input_pin_cap : 0.01;\n"
    " cell (AND2) { area : 1; pin (A) { direction : input; } pin (B) { direction : input; }\n"
    "  pin (Y) { direction : output; function : \"A & B\"; } }\n"
    " cell (DFF) { area : 1; ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"CK\"; }\n"
    "  pin (CK) { direction : input; clock : true; } pin (D) { direction : input; }\n"
    "  pin (Q) { direction : output; function : \"IQ\"; }\n"
    "  pin (QN) { direction : output; function : \"IQN\"; } }\n"
    " cell (AND9) { area : 1; pin (A) { direction : input; } pin (B) { direction : input; }\n"
    "  pin (C) { direction : input; } pin (D) { direction : input; } pin (E) { direction : input; "
    "}\n"
    "  pin (F) { direction : input; } pin (G) { direction : input; } pin (H) { direction : input; "
    "}\n"
    "  pin (I) { direction : input; }\n"
    "  pin (Y) { direction : output; function : \"A & B & C & D & E & F & G & H & I\"; } } }\n";

static void open_small(struct design *d, const char *verilog)
{
    struct mp_error err = MP_ERROR_INIT;
    *d = (struct design){.longest_ps = 0};
    check(mp_library_read_text(&d->own, small_library, strlen(small_library), "small.lib", &err),
          &err);
    open_design(d, &d->own, verilog, strlen(verilog), false);
}

/* One lane; inputs[cycle] has a bit an input; the first cycle is not counted. */
static void run_small(struct design *d, const unsigned *inputs, size_t cycles, double period_s,
                      struct mp_timed_result *r)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.period_s = period_s, .threads = 1, .cases = true};
    struct mp_timed *t;
    uint32_t count = input_count(&d->n);
    uint64_t *planes = mp_alloc(count, sizeof *planes), mask = 1;
    check(mp_timed_create(&t, &d->n, &d->sdf, 1, &o, &err), &err);
    for (size_t c = 0; c < cycles; c++) {
        for (uint32_t i = 0; i < count; i++)
            planes[i] = inputs[c] >> i & 1;
        check(mp_timed_step(t, planes, c == 0 ? NULL : &mask, &err), &err);
    }
    check(mp_timed_finish(t, r, &err), &err);
    mp_timed_destroy(t);
    free(planes);
}

/* a is A; b goes through another gate and comes 10 ps later. */
static void order_decides_the_cause(void **state)
{
    (void)state;
    struct design d;
    struct mp_timed_result r;
    open_small(&d, "module m (a, b, y); input a, b; output y; wire late;\n"
                   "AND2 first (.A(b), .B(b), .Y(late)); AND2 u (.A(a), .B(late), .Y(y)); "
                   "endmodule\n");
    static const unsigned inputs[] = {0, 3, 0};
    run_small(&d, inputs, 3, 0, &r);
    uint32_t u = 1, unit = MP_CASES_UNIT;
    const struct mp_cases *f = r.functional_cases, *t = r.timed_cases;
    assert_string_equal(d.n.cell_name[u], "u");
    /* settled: 11, then 00 */
    assert_int_equal(mp_cases_states(f, u)[3], unit);
    assert_int_equal(mp_cases_states(t, u)[0], unit);
    /* without delays both do it, with the other at 1: undoing either undoes the rise (state 11);
     * either alone would have made it fall (A fell with B 1: 10, B fell with A 1: 01) */
    assert_int_equal(mp_cases_output(f, u, 0, 0, true)[3], unit / 2);
    assert_int_equal(mp_cases_output(f, u, 0, 1, true)[3], unit / 2);
    assert_int_equal(mp_cases_output(f, u, 0, 0, false)[2], unit / 2);
    assert_int_equal(mp_cases_output(f, u, 0, 1, false)[1], unit / 2);
    /* A rose half while B was 0, half while B was 1 */
    assert_int_equal(mp_cases_input(f, u, 0)[1], unit / 2);
    assert_int_equal(mp_cases_input(f, u, 0)[3], unit / 2);
    /* with delays A comes first: it makes the fall alone, B the rise */
    assert_int_equal(mp_cases_output(t, u, 0, 1, true)[3], unit);
    assert_int_equal(mp_cases_output(t, u, 0, 0, true)[3], 0);
    assert_int_equal(mp_cases_output(t, u, 0, 0, false)[2], unit);
    assert_int_equal(mp_cases_output(t, u, 0, 1, false)[1], 0);
    assert_int_equal(mp_cases_input(t, u, 0)[1], unit);
    assert_int_equal(mp_cases_input(t, u, 1)[3], unit);
    assert_int_equal(mp_cases_input(t, u, 1)[0], unit);
    mp_timed_result_release(&r);
    close_design(&d);
}

/* States are CK, D, IQ from bit 0 on. The input moves with the edge, 10 ps through the gate. */
static void registers_at_the_edge(void **state)
{
    (void)state;
    struct design d;
    struct mp_timed_result r;
    open_small(&d, "module m (clk, a, q); input clk, a; output q; wire d;\n"
                   "AND2 g (.A(a), .B(a), .Y(d)); DFF r (.CK(clk), .D(d), .Q(q)); endmodule\n");
    static const unsigned inputs[] = {0, 1, 1};
    uint32_t reg = 1, unit = MP_CASES_UNIT;
    run_small(&d, inputs, 3, 16e-12, &r); /* 10 ps: the clock is low again */
    const struct mp_cases *f = r.functional_cases, *t = r.timed_cases;
    assert_string_equal(d.n.cell_name[reg], "r");
    /* cycle 1: D rises, IQ 0; cycle 2: IQ rises */
    assert_int_equal(mp_cases_states(f, reg)[2], unit / 2);
    assert_int_equal(mp_cases_states(f, reg)[3], unit / 2);
    assert_int_equal(mp_cases_states(f, reg)[6], unit / 2);
    assert_int_equal(mp_cases_states(f, reg)[7], unit / 2);
    /* rising edges with what was before (0 0, D 0), falling ones with what is then (D 0, D IQ) */
    assert_int_equal(mp_cases_input(f, reg, 0)[1], unit);
    assert_int_equal(mp_cases_input(f, reg, 0)[3], unit);
    assert_int_equal(mp_cases_input(f, reg, 0)[2], unit);
    assert_int_equal(mp_cases_input(f, reg, 0)[6], unit);
    /* D moves with the clock high, or low where it takes longer than half a period */
    assert_int_equal(mp_cases_input(f, reg, 1)[3], unit);
    assert_int_equal(mp_cases_input(t, reg, 1)[2], unit);
    assert_int_equal(mp_cases_input(t, reg, 1)[3], 0);
    /* Q and the unconnected QN, by the clock that finds D 1 and IQ 0 */
    assert_int_equal(mp_cases_output(t, reg, 0, 0, true)[3], unit);
    assert_int_equal(mp_cases_output(t, reg, 1, 0, false)[3], unit);
    assert_int_equal(mp_cases_output(t, reg, 1, 0, true)[3], 0);
    mp_timed_result_release(&r);
    run_small(&d, inputs, 3, 40e-12, &r);
    assert_int_equal(mp_cases_input(r.timed_cases, reg, 1)[3], unit);
    mp_timed_result_release(&r);
    close_design(&d);
}

static void assert_refused(const char *verilog, enum mp_code code, const char *part)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.threads = 1, .cases = true};
    struct mp_timed *t = NULL;
    struct design d;
    open_small(&d, verilog);
    assert_int_equal(mp_timed_create(&t, &d.n, &d.sdf, 1, &o, &err), code);
    assert_null(t);
    assert_non_null(strstr(err.message, part));
    o.cases = false;
    check(mp_timed_create(&t, &d.n, &d.sdf, 1, &o, &err), &err);
    mp_timed_destroy(t);
    close_design(&d);
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_refused("module m (a, y); input [8:0] a; output y;\n"
                   "AND9 wide (.A(a[0]), .B(a[1]), .C(a[2]), .D(a[3]), .E(a[4]), .F(a[5]), "
                   ".G(a[6]), .H(a[7]), .I(a[8]), .Y(y)); endmodule\n",
                   MP_E_UNSUPPORTED, "wide (AND9)");
    assert_refused("module m (clk, a, q); input clk, a; output q;\n"
                   "DFF r (.CK(clk), .D(a), .Q(q)); DFF lost (.CK(clk), .D(a)); endmodule\n",
                   MP_E_UNSUPPORTED, "lost (DFF)");
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {.cases = true};
    struct mp_timed_result r;
    struct design d;
    uint8_t inputs[2] = {0};
    open_small(&d, "module m (a, y); input a; output y; AND2 u (.A(a), .B(a), .Y(y)); endmodule\n");
    assert_int_equal(mp_timed_reference(&r, &d.n, &d.sdf, &o, 2, 1, inputs, NULL, NULL, &err),
                     MP_E_USAGE);
    close_design(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yosys_gates),
        cmocka_unit_test(osu018),
        cmocka_unit_test(shared_libraries),
        cmocka_unit_test(golden_netlists),
        cmocka_unit_test(order_decides_the_cause),
        cmocka_unit_test(registers_at_the_edge),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests_name("activity_cases", tests, NULL, NULL);
}
