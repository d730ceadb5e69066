#include "estimator/interchange/sink.h"
#include "estimator/util/file.h"
#include "tests/activity/activity_design.h"
#include <stdio.h>
#include <unistd.h>

#define HEADER                                                                                     \
    "$date today $end $timescale 1 ns $end\n$scope module tb $end $var reg 1 ! clk $end\n"         \
    "$scope module d $end\n$var wire 1 ! clk $end $var wire 2 \" a [1:0] $end\n"                   \
    "$var wire 1 # y $end\n$var wire 1 $ \\w[0] $end\n$upscope $end $upscope $end\n"               \
    "$enddefinitions $end\n"

static const char good[] = HEADER "#10 $dumpvars 0! b0 \" x# 1$ $end\n"
                                  "#15 1! 1#\n" /* x -> 1: no transition */
                                  "#20 0! b11 \" 0$\n"
                                  "#25 1! 0# 1# 0#\n" /* at one time: one transition */
                                  "#30 0! b1x \" x$\n"
                                  "#35 1!\n"
                                  "#40 0! b01 \" 1$\n" /* 0 -> x -> 1: one; a[1] 1 -> 0 */
                                  "#45 1!\n#50 0!\n";

static void by_hand(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9};
    if (mp_annotation_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    assert_int_equal(v.activity.cycles, 4);
    assert_int_equal(v.kind, MP_ANNOTATION_VCD);
    assert_string_equal(v.scope, "tb.d");
    assert_int_equal(v.net_count, 5);
    assert_int_equal(v.missing_nets, 0);
    assert_int_equal(v.connected_pins, 6);
    assert_int_equal(v.annotated_pins, 6);
    assert_true(fabs(v.window_s - 40e-9) < 1e-18);
    assert_net(&v, "clk", 8, 20.0 / 40);
    assert_net(&v, "a[1]", 2, 20.0 / 40);
    assert_net(&v, "a[0]", 1, 20.0 / 30);
    assert_net(&v, "y", 1, 10.0 / 35);
    assert_net(&v, "w[0]", 2, 20.0 / 30);
    assert_true(fabs(v.transitions_per_cycle[net_named("clk")] - 2) < 1e-12);
    mp_annotation_release(&v);

    o = (struct mp_annotation_options){
        .period_s = 10e-9, .begin_s = 20e-9, .end_s = 40e-9, .scope = "d"};
    assert_int_equal(mp_annotation_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, &err),
                     MP_OK);
    assert_int_equal(v.activity.cycles, 2);
    assert_net(&v, "clk", 4, 0.5);
    assert_net(&v, "a[1]", 1, 1); /* the fall at 40 is at the end, the rise at 20 at the begin */
    assert_net(&v, "y", 1, 0.25);
    mp_annotation_release(&v);
}

static void by_pins(void **state)
{
    (void)state;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9};
    static const char text[] =
        "$timescale 10ps $end $scope module d $end $var wire 1 ! clk $end\n"
        "$var wire 1 a a [0] $end $var wire 1 b a[1] $end $scope module g $end\n"
        "$var wire 1 c Y $end $upscope $end $scope module f $end $var wire 1 d Q $end\n"
        "$upscope $end $upscope $end $enddefinitions $end\n#0 0! 0a 1b 0c 1d #500 1! #1000 0! "
        "#1500 1! #2000 0!\n";
    assert_int_equal(mp_annotation_read_text(&v, &netlist, text, strlen(text), "t.vcd", &o, NULL),
                     MP_OK);
    assert_int_equal(v.activity.cycles, 2);
    assert_net(&v, "clk", 4, 0.5);
    assert_net(&v, "y", 0, 1);
    mp_annotation_release(&v);
}

static void refuse(const char *text, const char *scope, enum mp_code code, int line,
                   const char *words)
{
    struct mp_annotation_options o = {.period_s = 10e-9, .scope = scope};
    refuse_with(text, "t.vcd", &o, code, line, words);
}

static void refusals(void **state)
{
    (void)state;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 0};
    refuse("", NULL, MP_E_INPUT, 1, "empty");
    refuse("hello\n", NULL, MP_E_INPUT, 1, "neither");
    refuse("$date x $end\n", NULL, MP_E_INPUT, 2, "enddefinitions");
    refuse("$date x $end hello\n", NULL, MP_E_INPUT, 1, "outside");
    refuse("$timescale 3 apples $end\n", NULL, MP_E_INPUT, 1, "timescale");
    refuse(HEADER "#1 1! \n#0\n", NULL, MP_E_INPUT, 10, "earlier");
    refuse(HEADER "#1 1%\n", NULL, MP_E_INPUT, 9, "not declared");
    refuse(HEADER "#1 b000 \"\n", NULL, MP_E_INPUT, 9, "wider");
    refuse(HEADER "#1 b02 \"\n", NULL, MP_E_INPUT, 9, "digits");
    refuse(HEADER "#1 hello\n", NULL, MP_E_INPUT, 9, "neither");
    refuse(HEADER, NULL, MP_E_INPUT, 9, "no time");
    refuse(HEADER "#1 0! b0 \" 1$ x# #20\n", NULL, MP_E_INPUT, 0, "net y has no defined value");
    refuse("$timescale 1ns $end $scope module d $end $var wire 1 ! clk $end\n"
           "$var wire 4 \" a [3:0] $end $upscope $end $enddefinitions $end\n",
           NULL, MP_E_INPUT, 0, "port a has 4 bits in the file and 2 in module d");
    refuse(good, "tb.e", MP_E_NOT_FOUND, 0,
           "scope tb.e with names of module d; the file has tb, tb.d");
    refuse(good, "b.d", MP_E_NOT_FOUND, 0, "scope b.d with names");
    refuse(good, "tb", MP_E_INPUT, 0, "only 1 of 5 nets (16.7 % of the pins) are under scope tb");
    assert_int_equal(mp_annotation_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, NULL),
                     MP_E_USAGE);
    o.period_s = 10e-9;
    assert_int_equal(mp_annotation_read(&v, &netlist, "/nonexistent.vcd", &o, NULL),
                     MP_E_NOT_FOUND);
}

static void read_ok(struct mp_annotation *v, const char *text,
                    const struct mp_annotation_options *o)
{
    struct mp_error err = MP_ERROR_INIT;
    if (mp_annotation_read_text(v, &netlist, text, strlen(text), "t.vcd", o, &err) < 0)
        fail_msg("%s\nline %d: %s", text, err.line, err.message);
}

#define CYCLE(t) "#" t "0 0!\n#" t "5 1!\n"
#define FOUR(a)  CYCLE(a "0") CYCLE(a "1") CYCLE(a "2") CYCLE(a "3") "#" a "40 0!\n"

/* From $dumpoff to $dumpon nothing is known, and nothing is counted. */
static void count_undefined(void *context, double time_s, uint32_t net, int value)
{
    (void)time_s;
    (void)net;
    *(unsigned *)context += value == 2;
}

static void gaps(void **state)
{
    unsigned undefined = 0;
    (void)state;
    struct mp_annotation v;
    struct mp_annotation_options o = {
        .period_s = 10e-9, .observer = count_undefined, .context = &undefined};
    read_ok(
        &v,
        HEADER "#100 $dumpvars 0! b11 \" 0# 1$ $end\n" FOUR(
            "1") "$dumpoff x! bx \" x# x$ $end\n#200 $dumpon 0! b00 \" 1# 0$ $end\n" FOUR("2") "\n",
        &o);
    assert_true(fabs(v.window_s - 80e-9) < 1e-18);
    assert_int_equal(v.activity.cycles, 8);
    assert_net(&v, "clk", 16, 0.5);
    assert_int_equal(undefined, 5);
    assert_net(&v, "y", 0, 0.5);
    assert_net(&v, "a[0]", 0, 0.5);
    mp_annotation_release(&v);
    refuse(HEADER "#100 $dumpoff x! $end\n#200\n", NULL, MP_E_INPUT, 11, "no time passes");
}

/* One id code for several nets, as simulators write joined signals; a net under several codes. */
static void aliases(void **state)
{
    (void)state;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9};
    read_ok(
        &v,
        "$timescale 1ns $end $scope module d $end $var wire 1 ! clk $end\n"
        "$var wire 2 longcode a [1:0] $end $var wire 1 # y [0:0] $end $var wire 1 # \\w[0] $end\n"
        "$scope module f $end $var wire 1 % D $end $var wire 1 & Q $end $upscope $end\n"
        "$upscope $end $enddefinitions $end\n#100 0! b10 longcode 0# 1% 1&\n" FOUR(
            "1") "#145 "
                 "1!\n#150 0! 1# b0 longcode\n",
        &o);
    assert_net(&v, "y", 1, 0);
    assert_net(&v, "w[0]", 1, 0); /* by its name, not by the pin f.D */
    assert_net(&v, "a[1]", 1, 1);
    assert_net(&v, "a[0]", 0, 0);
    mp_annotation_release(&v);
}

static void missing_allowed(void **state)
{
    (void)state;
    static const char text[] = "$timescale 1ns $end $scope module d $end $var wire 1 ! clk $end\n"
                               "$var wire 1 # y $end $upscope $end $enddefinitions $end\n"
                               "#100 0! 0#\n" FOUR("1");
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9, .allow_missing = true};
    read_ok(&v, text, &o);
    assert_int_equal(v.missing_nets, 3);
    assert_string_equal(v.missing, "a[0], a[1], w[0]");
    assert_int_equal(v.annotated_pins, 2);
    assert_false(v.net_annotated[net_named("a[0]")]);
    mp_annotation_release(&v);
    refuse(text, NULL, MP_E_INPUT, 0,
           "only 2 of 5 nets (33.3 % of the pins) are under scope d; missing: a[0], a[1], w[0]");
}

static void other_clock(void **state)
{
    (void)state;
    struct mp_annotation_options o = {.period_s = 2e-9};
    refuse_with(good, "t.vcd", &o, MP_E_INPUT, 0,
                "the clock clk has a period of 10.00 ns in the file (8 transitions in 40.00 ns), "
                "not 2.000 ns");
    o.period_s = 10e-12;
    refuse_with(good, "t.vcd", &o, MP_E_INPUT, 0, "not 10.00 ps");
    o.period_s = 100e-9;
    refuse_with(good, "t.vcd", &o, MP_E_INPUT, 0, "0 clock cycles");
    o.period_s = 10e-9;
    refuse_with(HEADER "#0 0! b0 \" 1# 0$\n#100\n", "t.vcd", &o, MP_E_INPUT, 0,
                "the clock clk does not move in 100.0 ns");
}

/* More than fits the buffer, with words across its end; plain and gzip; a gzip that is cut. */
static void streamed(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_text text = {0};
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9};
    const unsigned cycles = 150000;
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    char *path = mp_path_join(t.path, "a.vcd"), *zip = mp_path_join(t.path, "a.vcd.gz");
    struct mp_sink *sink;
    mp_text_add(&text, HEADER "#0 0! b01 \" 0# 1$\n");
    for (unsigned i = 0; i < cycles; i++)
        mp_text_printf(&text, "#%u 1! %u#\n#%u 0! b%u%u \"\n", 10 * i + 5, i & 1, 10 * i + 10,
                       i >> 1 & 1, i & 1);
    assert_true(text.size > (size_t)3 << 20);
    assert_int_equal(mp_file_write(path, text.data, text.size, NULL), MP_OK);
    assert_int_equal(mp_sink_open(&sink, zip, NULL), MP_OK);
    mp_sink_bytes(sink, text.data, text.size);
    assert_int_equal(mp_sink_close(sink, true, NULL), MP_OK);
    for (unsigned k = 0; k < 2; k++) {
        struct mp_error err = MP_ERROR_INIT;
        if (mp_annotation_read(&v, &netlist, k ? zip : path, &o, &err) < 0)
            fail_msg("line %d: %s", err.line, err.message);
        assert_int_equal(v.activity.cycles, cycles);
        assert_int_equal(v.activity.transitions[net_named("clk")], 2 * cycles);
        assert_int_equal(v.activity.transitions[net_named("y")], cycles - 1);
        assert_int_equal(v.activity.transitions[net_named("a[0]")], cycles);
        assert_int_equal(v.activity.transitions[net_named("a[1]")], cycles / 2 - 1);
        mp_annotation_release(&v);
    }
    mp_text_release(&text);
    assert_int_equal(mp_file_read(&text, path, 0, NULL), MP_OK);
    struct mp_error err = MP_ERROR_INIT;
    text.data[text.size - 3] = '%'; /* the id code of the last value */
    assert_int_equal(mp_file_write(path, text.data, text.size, NULL), MP_OK);
    assert_int_equal(mp_annotation_read(&v, &netlist, path, &o, &err), MP_E_INPUT);
    assert_int_equal(err.line, 8 + 1 + 2 * cycles);
    FILE *f = fopen(zip, "r+b");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    assert_int_equal(ftruncate(fileno(f), ftell(f) / 2), 0);
    fclose(f);
    assert_int_equal(mp_annotation_read(&v, &netlist, zip, &o, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "truncated"));
    mp_text_release(&text);
    free(path);
    free(zip);
    mp_tempdir_remove(&t);
}

static void truncated_and_corrupt(void **state)
{
    (void)state;
    struct mp_annotation v;
    struct mp_annotation_options o = {.period_s = 10e-9};
    char *text = mp_strdup(good);
    for (size_t i = 0; i < sizeof good; i++) {
        /* Cut off at a line end a VCD is a shorter VCD; everywhere else it is an error. */
        struct mp_error err = MP_ERROR_INIT;
        int rc = mp_annotation_read_text(&v, &netlist, good, i, "t.vcd", &o, &err);
        if (rc == MP_OK && (i == 0 || (good[i - 1] != '\n' && good[i - 1] != ' ')))
            fail_msg("cut at byte %zu is not seen", i);
        if (rc == MP_OK)
            mp_annotation_release(&v);
        else
            assert_true(err.message[0] != '\0' && err.file[0] != '\0');
        for (const char *c = "\0#$b!x9[:\" "; c[0] != ' '; c++) {
            text[i] = *c;
            if (mp_annotation_read_text(&v, &netlist, text, sizeof good - 1, "t.vcd", &o, NULL) ==
                MP_OK)
                mp_annotation_release(&v);
        }
        text[i] = good[i];
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(by_pins),
        cmocka_unit_test(refusals),
        cmocka_unit_test(gaps),
        cmocka_unit_test(aliases),
        cmocka_unit_test(missing_allowed),
        cmocka_unit_test(other_clock),
        cmocka_unit_test(streamed),
        cmocka_unit_test(truncated_and_corrupt),
    };
    return cmocka_run_group_tests(tests, make_netlist, drop_netlist);
}
