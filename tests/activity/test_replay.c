/*
 * The second timed simulator (replay.h) on one gate, worked by hand. Times in ps.
 */
#include "tests/activity/replay.h"
#include "tests/util/cmocka_all.h"
#include <stdlib.h>
#include <string.h>

static const char library_text[] =
    "library (l) { time_unit : \"1ns\"; capacitive_load_unit (1, ff); voltage_unit : \"1V\";\n"
    "current_unit : \"1mA\"; leakage_power_unit : \"1nW\";\n"
    "nom_voltage : 1; nom_temperature : 25; nom_process : 1;\n"
    "cell (AND) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (B) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"A B\"; } } }\n";

static const char verilog[] = "module t(a, b, y); input a, b; output y;\n"
                              "AND g(.A(a), .B(b), .Y(y)); endmodule\n";

/* A rises and falls the output in 10; B in 12 if A is 1 then, there is no other way. */
static const char delays[] =
    "(DELAYFILE (TIMESCALE 1ps) (CELL (CELLTYPE \"AND\") (INSTANCE g) (DELAY (ABSOLUTE"
    " (IOPATH A Y (10::10) (10::10)) (COND (A == 1'b1) (IOPATH B Y (12::12) (12::12)))))))";

struct bench {
    struct mp_library library;
    struct mp_netlist n;
    struct mp_sdf sdf;
    struct mp_timed_model model;
    struct wave *waves;
};

static void check(int rc, const struct mp_error *err)
{
    char text[1400];
    if (rc < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void open_bench(struct bench *b)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_timed_options o = {0};
    *b = (struct bench){0};
    check(mp_library_read_text(&b->library, library_text, strlen(library_text), "l.lib", &err),
          &err);
    check(mp_netlist_read_text(&b->n, &b->library, verilog, strlen(verilog), "n.v", NULL, &err),
          &err);
    check(mp_netlist_levelise(&b->n, &err), &err);
    check(mp_sdf_read_text(&b->sdf, &b->n, delays, strlen(delays), "d.sdf", &err), &err);
    check(mp_timed_model_make(&b->model, &b->n, &b->sdf, &o, &err), &err);
}

static void close_bench(struct bench *b)
{
    replay_waves_free(b->waves, b->n.net_count);
    mp_timed_model_release(&b->model);
    mp_sdf_release(&b->sdf);
    mp_netlist_release(&b->n);
    mp_library_release(&b->library);
}

/* Toggles of a and b (0-terminated), which begin with these values, make those of y. */
static void expect(struct bench *b, const struct replay_rule *rule,
                   const uint64_t *const toggles[2], const char *first, const uint64_t *y)
{
    replay_waves_free(b->waves, b->n.net_count);
    b->waves = replay_waves_create(b->n.net_count);
    for (uint32_t p = 0; p < 2; p++) {
        struct wave *w = &b->waves[b->n.ports[p].nets[0]];
        w->first = first[p] == '1';
        for (const uint64_t *t = toggles[p]; *t; t++)
            replay_toggle(w, *t);
    }
    struct wave *made = replay_netlist(&b->model, b->waves, &rule);
    const struct wave *out = &made[b->n.ports[2].nets[0]];
    size_t count = 0;
    for (; y[count]; count++) {
        assert_true(count < out->count);
        assert_int_equal(out->times[count], y[count]);
    }
    assert_int_equal(out->count, count);
    replay_waves_free(made, b->n.net_count);
}

static const uint64_t still[] = {0};

/* Up, down and up again within a delay: inertial, the last counts; Icarus's event of the first is
 * still there and sends what the function then is, 3 ps after the last. */
static void pulse(void **state)
{
    static const uint64_t a[] = {100, 104, 107, 0}, once[] = {117, 0}, early[] = {110, 0};
    static const uint64_t long_a[] = {100, 110, 0}, both[] = {110, 120, 0};
    static const uint64_t short_a[] = {100, 109, 0};
    struct bench b;
    (void)state;
    open_bench(&b);
    expect(&b, &replay_inertial, (const uint64_t *[]){a, still}, "01", once);
    expect(&b, &replay_icarus, (const uint64_t *[]){a, still}, "01", early);
    expect(&b, &replay_once, (const uint64_t *[]){a, still}, "01", early);
    for (int i = 0; i < 2; i++) {
        const struct replay_rule *rule = i ? &replay_icarus : &replay_inertial;
        expect(&b, rule, (const uint64_t *[]){long_a, still}, "01", both);
        expect(&b, rule, (const uint64_t *[]){short_a, still}, "01", still);
    }
    close_bench(&b);
}

/* A pulse of 2 ps behind one that was swallowed gets through in Icarus. */
static void second_pulse(void **state)
{
    static const uint64_t a[] = {100, 104, 109, 111, 0};
    static const uint64_t seen[] = {110, 114, 0};
    struct bench b;
    (void)state;
    open_bench(&b);
    expect(&b, &replay_inertial, (const uint64_t *[]){a, still}, "01", still);
    expect(&b, &replay_icarus, (const uint64_t *[]){a, still}, "01", seen);
    close_bench(&b);
}

/* Both fall at once. Before it, A was 1: plain Icarus sees B's condition hold, 10 is smaller. If
 * only B moves when A is 0, nothing happens; with A rising at once, A's 10 counts. */
static void together(void **state)
{
    static const uint64_t t[] = {100, 0}, ten[] = {110, 0}, twelve[] = {112, 0};
    struct bench b;
    (void)state;
    open_bench(&b);
    expect(&b, &replay_inertial, (const uint64_t *[]){t, t}, "11", ten);
    expect(&b, &replay_icarus, (const uint64_t *[]){t, t}, "11", ten);
    expect(&b, &replay_inertial, (const uint64_t *[]){t, t}, "00", ten);
    expect(&b, &replay_inertial, (const uint64_t *[]){still, t}, "10", twelve);
    expect(&b, &replay_once, (const uint64_t *[]){still, t}, "10", twelve);
    expect(&b, &replay_inertial, (const uint64_t *[]){still, t}, "01", still);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pulse),
        cmocka_unit_test(second_pulse),
        cmocka_unit_test(together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
