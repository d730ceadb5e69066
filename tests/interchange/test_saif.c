#include "estimator/interchange/saif.h"
#include "estimator/util/file.h"
#include "tests/activity/activity_design.h"
#include <stdio.h>

#define HEADER                                                                                     \
    "(SAIFILE\n(SAIFVERSION \"2.0\") // comment\n(DIRECTION \"backward\")\n(DESIGN )\n"            \
    "(DATE \"Mon \\\"1\\\"\") /* (not * / here) */\n(DIVIDER / )\n(TIMESCALE 1 ns)\n"              \
    "(DURATION 40)\n"
#define CLOCK "(clk (T0 20) (T1 20) (TX 0) (TC 8) (IG 0))\n"
#define NETS                                                                                       \
    "(a\\[0\\] (T0 10) (T1 20) (TX 10) (TC 1)) (a[1] (T0 20)(T1 20)(TZ 0)(TB 0)(TC 2)(IK 3))\n"    \
    "(\\w\\[0\\] (T0 10) (T1 20) (TX 10) (TC 2))\n"
static const char good[] = HEADER "(INSTANCE tb (NET (clk (T0 20) (T1 20) (TC 8)))\n"
                                  "(INSTANCE \"d\" d\n(LEAKAGE (COND (A) (T1 3))) (NET\n" NETS ")\n"
                                  "(PORT " CLOCK " (y (T0 25) (T1 10) (TX 5) (TC 1)))\n"
                                  "(INSTANCE g (PORT (Y (COND (A)(TC 1)) (T0 10) (T1 20) (TX 10)"
                                  " (TC 2))))))\n)\n";

static void read_good(struct mp_annotation *v, const char *text, const char *scope)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation_options o = {.period_s = 10e-9, .scope = scope};
    if (mp_annotation_read_text(v, &netlist, text, strlen(text), "t.saif", &o, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
}

static void by_hand(void **state)
{
    (void)state;
    struct mp_annotation v;
    read_good(&v, good, NULL);
    assert_int_equal(v.kind, MP_ANNOTATION_SAIF);
    assert_string_equal(v.scope, "tb.d");
    assert_int_equal(v.activity.cycles, 4);
    assert_true(fabs(v.window_s - 40e-9) < 1e-20);
    assert_net(&v, "clk", 8, 0.5);
    assert_net(&v, "a[0]", 1, 20.0 / 30);
    assert_net(&v, "a[1]", 2, 0.5);
    assert_net(&v, "w[0]", 2, 20.0 / 30);
    assert_net(&v, "y", 1, 10.0 / 35);
    assert_true(fabs(v.transitions_per_cycle[net_named("w[0]")] - 0.5) < 1e-12);
    assert_int_equal(v.annotated_pins, 6);
    mp_annotation_release(&v);
    read_good(&v, good, "tb/d");
    mp_annotation_release(&v);
}

/* As other programs lay it out: no TIMESCALE, a quoted name, a hierarchy by the divider, pins only,
 * upper and lower case. */
static void other_styles(void **state)
{
    (void)state;
    struct mp_annotation v;
    read_good(
        &v,
        "/* x */ (saifile (Divider /) (DURATION 40.00)\n"
        "(INSTANCE \"tb\" (NET (d/clk (T0 20) (T1 20) (TC 8)) (d/a\\[0\\] (T0 4) (T1 36) (TC 3))\n"
        "(d/a\\[1\\] (T0 30) (T1 10) (TC 4)) (d/g/Y (T0 20) (T1 20) (TC 5))\n"
        "(d/f/Q (T0 20) (T1 20) (TC 6)))))",
        NULL);
    assert_net(&v, "y", 6, 0.5);
    assert_net(&v, "w[0]", 5, 0.5);
    assert_net(&v, "a[0]", 3, 0.9);
    assert_string_equal(v.scope, "tb.d");
    mp_annotation_release(&v);
    read_good(&v,
              "(SAIFILE (DIVIDER . ) (DURATION 40.00) (TIMESCALE 1ns)\n"
              "(INSTANCE tb.d (NET " CLOCK NETS ")(INSTANCE f(PORT(Q(T0 20.0)(T1 20)(TC 6))))))",
              NULL);
    assert_net(&v, "y", 6, 0.5);
    mp_annotation_release(&v);
}

static void missing_allowed(void **state)
{
    (void)state;
    static const char text[] =
        HEADER "(INSTANCE d (NET " CLOCK " (y (T0 20) (T1 20) (TC 3))))\n)\n";
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9, .allow_missing = true};
    assert_int_equal(mp_annotation_read_text(&v, &netlist, text, strlen(text), "t.saif", &o, &err),
                     MP_OK);
    assert_int_equal(v.net_count, 5);
    assert_int_equal(v.missing_nets, 3);
    assert_string_equal(v.missing, "a[0], a[1], w[0]");
    assert_int_equal(v.connected_pins, 6);
    assert_int_equal(v.annotated_pins, 2);
    assert_false(v.net_annotated[net_named("w[0]")]);
    assert_true(isnan(v.duty[net_named("w[0]")]));
    assert_true(isnan(v.transitions_per_cycle[net_named("w[0]")]));
    assert_net(&v, "y", 3, 0.5);
    mp_annotation_release(&v);
    o.allow_missing = false;
    refuse_with(
        text, "t.saif", &o, MP_E_INPUT, 0,
        "only 2 of 5 nets (33.3 % of the pins) are under scope d; missing: a[0], a[1], w[0]");
}

static void refuse(const char *text, enum mp_code code, int line, const char *words)
{
    struct mp_annotation_options o = {.period_s = 10e-9};
    refuse_with(text, "t.saif", &o, code, line, words);
}

#define WRAP(body) HEADER "(INSTANCE d (NET\n" CLOCK NETS body "\n))\n)\n"
#define Y          "(y (T0 20) (T1 20) (TC 1))"

static void refusals(void **state)
{
    (void)state;
    struct mp_annotation_options o = {.period_s = 10e-9, .end_s = 1e-9};
    refuse_with(good, "t.saif", &o, MP_E_USAGE, 0, "no window");
    refuse("(hello)", MP_E_INPUT, 1, "SAIFILE is expected, not 'hello'");
    refuse("(SAIFILE (DIRECTION \"forward\"))", MP_E_UNSUPPORTED, 1, "backward");
    refuse("(SAIFILE (DURATION 0) (INSTANCE d))", MP_E_INPUT, 1, "DURATION is 0");
    refuse("(SAIFILE (INSTANCE d))", MP_E_INPUT, 1, "no DURATION");
    refuse("(SAIFILE (DURATION 5) (DURATION 6))", MP_E_INPUT, 1, "twice");
    refuse("(SAIFILE (DURATION 5))\n", MP_E_INPUT, 2, "no INSTANCE");
    refuse("(SAIFILE (DURATION -5))", MP_E_INPUT, 1, "DURATION is negative: -5");
    refuse("(SAIFILE (DURATION 1e400))", MP_E_INPUT, 1, "no number");
    refuse("(SAIFILE (DURATION 99999999999999999999))", MP_E_INPUT, 1, "above 2^53");
    refuse("(SAIFILE (TIMESCALE 1 apple))", MP_E_INPUT, 1, "TIMESCALE");
    refuse("(SAIFILE (DURATION 5) (INSTANCE d\n(NET (y (T0 1)", MP_E_INPUT, 2, "cut off");
    refuse(HEADER "(INSTANCE d) ) x", MP_E_INPUT, 9, "the end of the file");
    refuse(HEADER "(INSTANCE tb (INSTANCE x (NET (p (T0 1) (T1 39) (TC 1)))))\n)\n", MP_E_NOT_FOUND,
           0, "names of module d; the file has tb, tb.x");
    refuse(WRAP("(a\\[2\\] (T0 20) (T1 20) (TC 1))"), MP_E_INPUT, 0,
           "the file has a[2], which port a [1:0] of module d does not");
    refuse(WRAP("(y (TC 3))"), MP_E_INPUT, 13, "net y: T0, T1 and TC");
    refuse(WRAP("(y (T0 20) (T1 20))"), MP_E_INPUT, 13, "net y: T0, T1 and TC");
    refuse(WRAP("(y (T0 20) (T1 5) (TC 1))"), MP_E_INPUT, 13, "add up to 25, not to");
    refuse(WRAP("(y (T0 0) (T1 0) (TX 40) (TC 0))"), MP_E_INPUT, 13, "never 0 or 1");
    refuse(WRAP("(y (T0 20) (T1 20) (TC 999))"), MP_E_INPUT, 13, "more transitions than ticks");
    refuse(WRAP("(y (T0 20) (T1 20) (TC -1))"), MP_E_INPUT, 13, "TC is negative: -1");
    refuse(WRAP("(y (T0 20) (T1 20) (TC 1) (TC 1))"), MP_E_INPUT, 13, "TC twice");
    refuse(WRAP("(y (T0 20) (T1 20) (TC 0x1))"), MP_E_INPUT, 13, "'0x1', which is no number");
    refuse(WRAP(Y "\n(y (T0 20) (T1 20) (TC 2))"), MP_E_INPUT, 14,
           "net y: disagrees with line 13: TC 2 and 1");
    refuse(HEADER "(INSTANCE tb (INSTANCE d (NET " CLOCK NETS Y "))\n(INSTANCE e (NET " CLOCK NETS Y
                  "))))\n",
           MP_E_INPUT, 0, "scopes tb.d and tb.e fit module d equally well");
}

/* A clock or timescale that is not what was said, with both figures. */
static void other_clock(void **state)
{
    (void)state;
    struct mp_annotation_options o = {.period_s = 2e-9};
    refuse_with(good, "t.saif", &o, MP_E_INPUT, 0,
                "the clock clk has a period of 10.00 ns in the file (8 transitions in 40.00 ns), "
                "not 2.000 ns");
    o.period_s = 1e-6;
    refuse_with(good, "t.saif", &o, MP_E_INPUT, 0, "0 clock cycles: 40.00 ns");
    o.period_s = 0;
    refuse_with(good, "t.saif", &o, MP_E_USAGE, 0, "period");
    o.period_s = 10e-9;
    refuse_with(HEADER "(INSTANCE d (NET (clk (T0 40) (T1 0) (TC 0)) " NETS Y "))\n)\n", "t.saif",
                &o, MP_E_INPUT, 0, "the clock clk does not move in 40.00 ns");
}

static void cut_and_corrupt(void **state)
{
    (void)state;
    struct mp_annotation_options o = {.period_s = 10e-9};
    char *text = mp_strdup(good);
    for (size_t i = 0; i < sizeof good - 2; i++) {
        struct mp_error err = MP_ERROR_INIT;
        struct mp_annotation v;
        size_t last = sizeof good - 2; /* the line end behind the last ) */
        int rc = mp_annotation_read_text(&v, &netlist, good, i, "t.saif", &o, &err);
        if (i < last && (rc != MP_E_INPUT || err.line < 1))
            fail_msg("cut at byte %zu: %d, line %d: %s", i, rc, err.line, err.message);
        mp_annotation_release(&v);
        for (const char *c = "\0()\"/\\9-x "; *c != ' '; c++) {
            text[i] = *c;
            if (mp_annotation_read_text(&v, &netlist, text, sizeof good - 1, "t.saif", &o, NULL) ==
                MP_OK)
                mp_annotation_release(&v);
        }
        text[i] = good[i];
    }
    free(text);
}

/* What is written is read back the same, nets alone or with pins, plain or gzip. */
static void round_trip(void **state)
{
    (void)state;
    static const double periods[] = {10e-9, 1.333e-9, 0.98765432e-9, 3e-12};
    static const char *const names[] = {"a.saif", "b.saif.gz"};
    struct mp_tempdir t = {0};
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    for (unsigned k = 0; k < 16; k++) {
        struct mp_error err = MP_ERROR_INIT;
        uint64_t transitions[16] = {0}, ones[16] = {0};
        struct mp_activity a = {.net_count = netlist.net_count,
                                .cycles = k < 8 ? 1000003 : 1,
                                .transitions = transitions,
                                .ones = ones};
        assert_true(netlist.net_count <= 16);
        ones[1] = a.cycles;
        for (uint32_t net = 2; net < netlist.net_count; net++) {
            ones[net] = (a.cycles / 7) * (net - 2);
            transitions[net] = a.cycles == 1 ? net % 2 : 1 + net * 1001;
        }
        transitions[netlist.clock_net] = 2 * a.cycles;
        ones[netlist.clock_net] = a.cycles / 2;
        struct mp_saif_options w = {
            .period_s = periods[k % 4], .scope = k & 1 ? "tb.top/dut" : NULL, .with_pins = k & 4};
        struct mp_annotation_options o = {.period_s = periods[k % 4]};
        struct mp_annotation v = {0};
        char *path = mp_path_join(t.path, names[k / 2 % 2]);
        if (mp_saif_write(path, &netlist, &a, &w, &err) < 0 ||
            mp_annotation_read(&v, &netlist, path, &o, &err) < 0)
            fail_msg("%u: %s", k, err.message);
        assert_string_equal(v.scope, k & 1 ? "tb.top.dut" : "d");
        assert_int_equal(v.activity.cycles, a.cycles);
        assert_memory_equal(v.activity.transitions, transitions,
                            netlist.net_count * sizeof *transitions);
        assert_memory_equal(v.activity.ones, ones, netlist.net_count * sizeof *ones);
        mp_annotation_release(&v);
        free(path);
    }
    struct mp_activity none = {.net_count = netlist.net_count};
    struct mp_saif_options w = {.period_s = 1e-9};
    assert_int_equal(mp_saif_write("/nonexistent/x", &netlist, &none, &w, NULL), MP_E_USAGE);
    none.cycles = 1;
    w.period_s = 0;
    assert_int_equal(mp_saif_write("/nonexistent/x", &netlist, &none, &w, NULL), MP_E_USAGE);
    mp_tempdir_remove(&t);
}

static void gzip_cut(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    uint64_t counts[16] = {0};
    struct mp_activity a = {
        .net_count = netlist.net_count, .cycles = 8, .transitions = counts, .ones = counts};
    struct mp_saif_options w = {.period_s = 10e-9};
    struct mp_annotation_options o = {.period_s = 10e-9};
    struct mp_annotation v;
    counts[netlist.clock_net] = 16;
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    char *path = mp_path_join(t.path, "a.saif.gz"), *cut = mp_path_join(t.path, "b.saif.gz");
    counts[net_named("a[0]")] = counts[net_named("y")] = 8;
    assert_int_equal(mp_saif_write(path, &netlist, &a, &w, NULL), MP_OK);
    FILE *f = fopen(path, "rb");
    char byte[4096];
    size_t size = fread(byte, 1, sizeof byte, f);
    fclose(f);
    assert_true(size > 20 && size < sizeof byte);
    for (size_t i = 1; i < size; i++) {
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_file_write(cut, byte, i, NULL), MP_OK);
        int rc = mp_annotation_read(&v, &netlist, cut, &o, &err);
        if (rc != MP_E_INPUT || strcmp(err.file, cut) != 0)
            fail_msg("cut at %zu of %zu: %d: %s", i, size, rc, err.message);
    }
    assert_int_equal(mp_annotation_read(&v, &netlist, path, &o, NULL), MP_OK);
    mp_annotation_release(&v);
    assert_int_equal(mp_annotation_read(&v, &netlist, t.path, &o, NULL), MP_E_INPUT);
    assert_int_equal(mp_annotation_read(&v, &netlist, "/nonexistent.saif", &o, NULL),
                     MP_E_NOT_FOUND);
    free(path);
    free(cut);
    mp_tempdir_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),         cmocka_unit_test(other_styles),
        cmocka_unit_test(missing_allowed), cmocka_unit_test(refusals),
        cmocka_unit_test(other_clock),     cmocka_unit_test(cut_and_corrupt),
        cmocka_unit_test(round_trip),      cmocka_unit_test(gzip_cut),
    };
    return cmocka_run_group_tests(tests, make_netlist, drop_netlist);
}
