/*
 * What we write is what we counted: the functional and the timed simulation of random netlists into
 * VCD and SAIF files, and back through the reader, every count of every net.
 */
#include "estimator/activity/timed.h"
#include "estimator/interchange/annotation.h"
#include "estimator/interchange/saif.h"
#include "estimator/interchange/vcd_write.h"
#include "estimator/netlist/gates.h"
#include "estimator/util/file.h"
#include "tests/activity/random_netlist.h"
#include "tests/util/cmocka_all.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 2, CYCLES = 40 };

struct bench {
    struct mp_library library;
    struct mp_netlist n;
    struct mp_tempdir dir;
    struct mp_random random;
    struct mp_error err;
    uint32_t inputs;
};

static void check(const struct bench *b, int rc)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(&b->err, text, sizeof text));
}

static void make_netlist(struct bench *b, uint64_t seed)
{
    struct mp_text verilog = {0};
    random_netlist(&verilog, &b->library, 12, 30, seed);
    check(b, mp_netlist_read_text(&b->n, &b->library, verilog.data, verilog.size, "r.v", NULL,
                                  &b->err));
    check(b, mp_netlist_levelise(&b->n, &b->err));
    mp_text_release(&verilog);
}

static int start(void **state)
{
    struct bench *b = mp_alloc(1, sizeof *b);
    *state = b;
    mp_random_seed(&b->random, 7);
    check(b, mp_gates_library(&b->library, &b->err));
    check(b, mp_tempdir_create(&b->dir, &b->err));
    return 0;
}

static int stop(void **state)
{
    struct bench *b = *state;
    mp_tempdir_remove(&b->dir);
    mp_library_release(&b->library);
    free(b);
    return 0;
}

/* With the same period, every count of every net; ones too where there are no delays. */
static void assert_same(struct bench *b, const char *path, double period_s,
                        const struct mp_activity *a, bool has_ones)
{
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = period_s};
    check(b, mp_annotation_read(&v, &b->n, path, &o, &b->err));
    assert_int_equal(v.activity.cycles, a->cycles);
    assert_int_equal(v.missing_nets, 0);
    for (uint32_t net = 2; net < b->n.net_count; net++) {
        if (v.activity.transitions[net] != a->transitions[net])
            fail_msg("%s: net %s: %lu transitions, %lu were counted", path, b->n.net_name[net],
                     (unsigned long)v.activity.transitions[net],
                     (unsigned long)a->transitions[net]);
        if (has_ones && v.activity.ones[net] != a->ones[net])
            fail_msg("%s: net %s: %lu ones, %lu were counted", path, b->n.net_name[net],
                     (unsigned long)v.activity.ones[net], (unsigned long)a->ones[net]);
    }
    mp_annotation_release(&v);
}

/* What a strict parser asks for: declarations, then all values in $dumpvars, then times that only
 * grow; no code that was not declared. */
static void assert_strict(const char *path)
{
    struct mp_text text = {0};
    struct mp_map codes = {0};
    assert_int_equal(mp_file_read(&text, path, 0, NULL), MP_OK);
    char *line = text.data, *end;
    size_t vars = 0, initial = 0;
    long long last = -1;
    bool in_body = false, in_initial = false;
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char code[32] = "";
        *end = '\0';
        if (!in_body) {
            if (sscanf(line, "$var wire %*u %31s", code) == 1) {
                vars++;
                mp_map_put(&codes, code, 1);
            }
            in_body = strcmp(line, "$enddefinitions $end") == 0;
        } else if (*line == '#') {
            long long t = strtoll(line + 1, NULL, 10);
            if (t <= last)
                fail_msg("%s: time %lld after %lld", path, t, last);
            last = t;
        } else if (*line == '$') {
            in_initial = strcmp(line, "$dumpvars") == 0;
            assert_true(in_initial || strcmp(line, "$end") == 0 || strcmp(line, "$dumpon") == 0 ||
                        strcmp(line, "$dumpoff") == 0);
        } else {
            const char *c = *line == 'b' ? strchr(line, ' ') : line;
            assert_non_null(c);
            assert_int_not_equal(mp_map_get(&codes, c + 1), MP_MAP_NONE);
            assert_true(last >= 0);
            initial += in_initial;
        }
    }
    assert_true(vars > 0 && *line == '\0');
    assert_int_equal(initial, codes.count);
    mp_map_release(&codes);
    mp_text_release(&text);
}

/* masks[cycle]: which lanes count, some lanes with holes; the first cycle never. */
static void simulate(struct bench *b, struct mp_vcd_writer *w, uint32_t lane,
                     struct mp_activity *out)
{
    struct mp_simulator *s;
    check(b, mp_simulator_create(&s, &b->n, WORDS, MP_KERNEL_AUTO, &b->err));
    uint32_t inputs = mp_simulator_input_count(s);
    uint64_t *in = mp_alloc((size_t)inputs * WORDS + 1, sizeof *in);
    for (unsigned c = 0; c < CYCLES; c++) {
        uint64_t mask[WORDS];
        for (unsigned i = 0; i < WORDS; i++) {
            mask[i] = c < 5 ? 0 : 0x8000000000000005u | (uint64_t)(c % 11 < 8) << 1;
            if (lane != MP_NONE)
                mask[i] &= lane / 64 == i ? (uint64_t)1 << (lane % 64) : 0;
        }
        for (uint32_t i = 0; i < inputs * WORDS; i++) {
            uint64_t first = mp_random_u64(&b->random);
            in[i] = first & mp_random_u64(&b->random);
        }
        mp_simulator_step(s, in, c < 5 ? NULL : mask);
        check(b, mp_vcd_writer_step(w, s, c < 5 ? NULL : mask, &b->err));
    }
    mp_simulator_activity(s, out);
    free(in);
    mp_simulator_destroy(s);
}

static void functional(void **state)
{
    struct bench *b = *state;
    static const struct {
        double period_s;
        uint32_t lane;
        const char *name, *scope;
        bool with_pins;
    } runs[] = {{2e-9, MP_NONE, "a.vcd", NULL, false},
                {2e-9, MP_NONE, "b.vcd.gz", "tb/dut", true},
                {0.7654321e-9, MP_NONE, "c.vcd", "tb.x.dut", false},
                {5e-9, 0, "d.vcd", NULL, true},
                {5e-9, 65, "e.vcd", "tb", false}};
    for (unsigned k = 0; k < sizeof runs / sizeof *runs; k++) {
        struct mp_vcd_writer *w;
        struct mp_activity a;
        struct mp_vcd_write_options o = {.period_s = runs[k].period_s,
                                         .words = WORDS,
                                         .lane = runs[k].lane,
                                         .scope = runs[k].scope,
                                         .with_pins = runs[k].with_pins};
        make_netlist(b, 100 + k);
        char *path = mp_path_join(b->dir.path, runs[k].name);
        check(b, mp_vcd_writer_create(&w, &b->n, path, &o, &b->err));
        simulate(b, w, runs[k].lane, &a);
        assert_false(mp_file_exists(path));
        check(b, mp_vcd_writer_finish(w, &b->err));
        mp_vcd_writer_destroy(w);
        assert_strict(path);
        assert_true(a.cycles >= 25);
        assert_same(b, path, runs[k].period_s, &a, true);
        struct mp_saif_options so = {.period_s = runs[k].period_s, .with_pins = true};
        check(b, mp_saif_write(path, &b->n, &a, &so, &b->err));
        assert_same(b, path, runs[k].period_s, &a, true);
        mp_activity_release(&a);
        mp_netlist_release(&b->n);
        free(path);
    }
}

static void add_delays(struct bench *b, struct mp_sdf *sdf, unsigned longest_ps)
{
    size_t capacity = 0;
    for (uint32_t c = 0; c < b->n.cell_count; c++) {
        const struct mp_lib_cell *type = &b->library.cells[b->n.cell_type[c]];
        for (uint32_t o = 0; o < type->pin_count; o++) {
            const struct mp_lib_pin *pin = &b->library.pins[type->first_pin + o];
            if (pin->direction != MP_DIR_OUTPUT)
                continue;
            uint64_t from = mp_expr_support(type->sequential == MP_FLIP_FLOP ? &type->clocked_on
                                                                             : &pin->function);
            for (uint32_t k = 0; k < type->pin_count; k++) {
                if (!(from >> k & 1))
                    continue;
                mp_grow(&sdf->arcs, sdf->arc_count, &capacity, sizeof *sdf->arcs);
                sdf->arcs[sdf->arc_count++] = (struct mp_sdf_arc){
                    .cell = c,
                    .from_pin = k,
                    .to_pin = o,
                    .rise_s = (double)mp_random_below(&b->random, longest_ps) * 1e-12,
                    .fall_s = (double)mp_random_below(&b->random, longest_ps) * 1e-12};
            }
        }
    }
}

/* Returns what mp_vcd_writer_end() did. */
static int timed(struct bench *b, double period_s, const char *name, uint64_t *glitches)
{
    enum { WARMUP = 3 };
    struct mp_sdf sdf = {0};
    struct mp_timed_result r;
    struct mp_vcd_writer *w;
    struct mp_vcd_write_options o = {.period_s = period_s, .lane = MP_NONE};
    struct mp_timed_options to = {.period_s = period_s};
    struct mp_simulator *s;
    struct mp_activity plain;
    add_delays(b, &sdf, 120);
    check(b, mp_simulator_create(&s, &b->n, 1, MP_KERNEL_AUTO, &b->err));
    size_t inputs = mp_simulator_input_count(s);
    mp_simulator_destroy(s);
    uint8_t *in = mp_alloc(inputs * CYCLES + 1, 1);
    uint8_t *values = mp_alloc((size_t)CYCLES * b->n.net_count, 1);
    for (size_t i = 0; i < inputs * CYCLES; i++)
        in[i] = mp_random_below(&b->random, 2) != 0;
    check(b, mp_reference_simulate(&b->n, CYCLES, WARMUP, in, &plain, values, &b->err));
    mp_activity_release(&plain);
    char *path = mp_path_join(b->dir.path, name);
    check(b, mp_vcd_writer_create(&w, &b->n, path, &o, &b->err));
    mp_vcd_writer_begin(w, values + (size_t)(WARMUP - 1) * b->n.net_count, WARMUP);
    check(b, mp_timed_reference(&r, &b->n, &sdf, &to, CYCLES, WARMUP, in, mp_vcd_writer_observe, w,
                                &b->err));
    int rc = mp_vcd_writer_end(w, CYCLES - WARMUP, &b->err);
    if (rc == MP_OK) {
        check(b, mp_vcd_writer_finish(w, &b->err));
        assert_strict(path);
        assert_same(b, path, period_s, &r.timed, false);
    }
    *glitches = 0;
    for (uint32_t net = 0; net < b->n.net_count; net++)
        *glitches += r.timed.transitions[net] - r.functional.transitions[net];
    mp_vcd_writer_destroy(w);
    assert_int_equal(mp_file_exists(path), rc == MP_OK);
    mp_timed_result_release(&r);
    free(path);
    free(values);
    free(in);
    free(sdf.arcs);
    return rc;
}

static void with_delays(void **state)
{
    struct bench *b = *state;
    uint64_t glitches = 0, sum = 0;
    make_netlist(b, 5);
    assert_int_equal(timed(b, 20e-9, "t.vcd", &glitches), MP_OK);
    sum += glitches;
    assert_int_equal(timed(b, 20.0005e-9, "u.vcd.gz", &glitches), MP_OK);
    sum += glitches;
    assert_true(sum > 0);
    assert_int_equal(timed(b, 0.1e-9, "v.vcd", &glitches), MP_E_INPUT);
    assert_non_null(strstr(b->err.message, "come after its end"));
    mp_netlist_release(&b->n);
}

static void refusals(void **state)
{
    struct bench *b = *state;
    struct mp_vcd_writer *w = NULL;
    struct mp_vcd_write_options o = {.period_s = 0, .lane = MP_NONE};
    struct mp_simulator *s;
    struct mp_error err = MP_ERROR_INIT;
    const uint64_t mask[WORDS] = {1, 0};
    make_netlist(b, 9);
    char *path = mp_path_join(b->dir.path, "none.vcd");
    assert_int_equal(mp_vcd_writer_create(&w, &b->n, path, &o, &err), MP_E_USAGE);
    o.period_s = 1e-9;
    o.words = WORDS;
    o.lane = 64 * WORDS;
    assert_int_equal(mp_vcd_writer_create(&w, &b->n, path, &o, &err), MP_E_USAGE);
    o.lane = MP_NONE;
    assert_int_equal(mp_vcd_writer_create(&w, &b->n, "/nonexistent/x.vcd", &o, &err),
                     MP_E_NOT_FOUND);
    o.limit_bytes = 1;
    assert_int_equal(mp_simulator_create(&s, &b->n, WORDS, MP_KERNEL_AUTO, &err), MP_OK);
    assert_int_equal(mp_vcd_writer_create(&w, &b->n, path, &o, &err), MP_OK);
    assert_int_equal(mp_vcd_writer_step(w, s, mask, &err), MP_E_USAGE);
    assert_int_equal(mp_vcd_writer_step(w, s, NULL, &err), MP_E_MEMORY);
    assert_int_equal(mp_vcd_writer_finish(w, &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "0 cycles"));
    mp_vcd_writer_destroy(w);
    assert_false(mp_file_exists(path));
    o.lane = 1;
    assert_int_equal(mp_vcd_writer_create(&w, &b->n, path, &o, &err), MP_OK);
    assert_int_equal(mp_vcd_writer_step(w, s, (const uint64_t[]){2, 0}, &err), MP_E_USAGE);
    mp_vcd_writer_destroy(w);
    mp_simulator_destroy(s);
    mp_netlist_release(&b->n);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functional),
        cmocka_unit_test(with_delays),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
