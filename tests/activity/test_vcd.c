#include "estimator/activity/vcd.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct mp_library library;
static struct mp_netlist netlist;

static int make_netlist(void **state)
{
    (void)state;
    static const char text[] = "module d(input clk, input [1:0] a, output y);\n wire \\w[0] ;\n"
                               " NAND2 g(.A(a[0]), .B(a[1]), .Y(\\w[0] ));\n"
                               " DFF f(.CK(clk), .D(\\w[0] ), .Q(y));\nendmodule\n";
    if (mp_library_read_text(&library, small_library, strlen(small_library), "s", NULL) < 0)
        return -1;
    return mp_netlist_read_text(&netlist, &library, text, strlen(text), "t.v", NULL, NULL);
}

static int drop_netlist(void **state)
{
    (void)state;
    mp_netlist_release(&netlist);
    mp_library_release(&library);
    return 0;
}

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
                                  "#50\n";

static uint32_t net_named(const char *name)
{
    for (uint32_t i = 0; i < netlist.net_count; i++)
        if (strcmp(netlist.net_name[i], name) == 0)
            return i;
    fail_msg("no net %s", name);
    return 0;
}

static void assert_net(const struct mp_vcd_activity *v, const char *name, unsigned transitions,
                       double duty)
{
    uint32_t net = net_named(name);
    assert_int_equal(v->activity.transitions[net], transitions);
    if (fabs(v->duty[net] - duty) > 1e-12)
        fail_msg("%s: duty %g, not %g", name, v->duty[net], duty);
}

static void by_hand(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_vcd_activity v;
    struct mp_vcd_options o = {.period_s = 10e-9};
    if (mp_vcd_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    assert_int_equal(v.activity.cycles, 4);
    assert_true(fabs(v.window_s - 40e-9) < 1e-18);
    assert_net(&v, "clk", 6, 15.0 / 40);
    assert_net(&v, "a[1]", 2, 20.0 / 40);
    assert_net(&v, "a[0]", 1, 20.0 / 30);
    assert_net(&v, "y", 1, 10.0 / 35);
    assert_net(&v, "w[0]", 2, 20.0 / 30);
    assert_true(fabs(v.transitions_per_cycle[net_named("clk")] - 1.5) < 1e-12);
    mp_vcd_activity_release(&v);

    o = (struct mp_vcd_options){
        .period_s = 10e-9, .begin_s = 20e-9, .end_s = 40e-9, .scope = "tb.d"};
    assert_int_equal(mp_vcd_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, &err), MP_OK);
    assert_int_equal(v.activity.cycles, 2);
    assert_net(&v, "clk", 4, 0.5);
    assert_net(&v, "a[1]", 1, 1); /* the fall at 40 is at the end, the rise at 20 at the begin */
    assert_net(&v, "y", 1, 0.25);
    mp_vcd_activity_release(&v);
}

static void by_pins(void **state)
{
    (void)state;
    struct mp_vcd_activity v;
    struct mp_vcd_options o = {.period_s = 10e-9};
    static const char text[] =
        "$timescale 10ps $end $scope module d $end $var wire 1 ! clk $end\n"
        "$var wire 1 a a [0] $end $var wire 1 b a[1] $end $scope module g $end\n"
        "$var wire 1 c Y $end $upscope $end $scope module f $end $var wire 1 d Q $end\n"
        "$upscope $end $upscope $end $enddefinitions $end\n#0 0! 0a 1b 0c 1d #2000 1! #4000 0!\n";
    assert_int_equal(mp_vcd_read_text(&v, &netlist, text, strlen(text), "t.vcd", &o, NULL), MP_OK);
    assert_int_equal(v.activity.cycles, 4);
    assert_net(&v, "clk", 2, 0.5);
    assert_net(&v, "y", 0, 1);
    mp_vcd_activity_release(&v);
}

static void refuse(const char *text, const char *scope, enum mp_code code, int line,
                   const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_vcd_activity v;
    struct mp_vcd_options o = {.period_s = 10e-9, .scope = scope};
    int rc = mp_vcd_read_text(&v, &netlist, text, strlen(text), "t.vcd", &o, &err);
    if (rc != (int)code || err.line != line || strstr(err.message, words) == NULL)
        fail_msg("%s\ngave %d at line %d: %s", text, rc, err.line, err.message);
}

static void refusals(void **state)
{
    (void)state;
    struct mp_vcd_activity v;
    struct mp_vcd_options o = {.period_s = 0};
    refuse("", NULL, MP_E_INPUT, 1, "enddefinitions");
    refuse("hello\n", NULL, MP_E_INPUT, 1, "outside");
    refuse("$timescale 3 apples $end\n", NULL, MP_E_INPUT, 1, "timescale");
    refuse(HEADER "#1 1! \n#0\n", NULL, MP_E_INPUT, 10, "earlier");
    refuse(HEADER "#1 1%\n", NULL, MP_E_INPUT, 9, "not declared");
    refuse(HEADER "#1 b000 \"\n", NULL, MP_E_INPUT, 9, "wider");
    refuse(HEADER "#1 b02 \"\n", NULL, MP_E_INPUT, 9, "digits");
    refuse(HEADER "#1 hello\n", NULL, MP_E_INPUT, 9, "neither");
    refuse(HEADER, NULL, MP_E_INPUT, 9, "no time");
    refuse(HEADER "#1 0! b0 \" 1$ 0# #2 $dumpoff $end #3\n", NULL, MP_E_UNSUPPORTED, 9, "dumpoff");
    refuse(HEADER "#1 0! b0 \" 1$ x# #2\n", NULL, MP_E_INPUT, 0, "net y has no defined value");
    refuse(good, "tb.e", MP_E_NOT_FOUND, 0, "scope tb.e");
    refuse(good, "tb", MP_E_INPUT, 0, "under scope tb");
    assert_int_equal(mp_vcd_read_text(&v, &netlist, good, strlen(good), "t.vcd", &o, NULL),
                     MP_E_USAGE);
    assert_int_equal(mp_vcd_read(&v, &netlist, "/nonexistent.vcd", &o, NULL), MP_E_NOT_FOUND);
}

static void truncated_and_corrupt(void **state)
{
    (void)state;
    struct mp_vcd_activity v;
    struct mp_vcd_options o = {.period_s = 10e-9};
    char *text = mp_strdup(good);
    for (size_t i = 0; i < sizeof good; i++) {
        if (mp_vcd_read_text(&v, &netlist, good, i, "t.vcd", &o, NULL) == MP_OK)
            mp_vcd_activity_release(&v);
        for (const char *c = "\0#$b!x9[:\" "; c[0] != ' '; c++) {
            text[i] = *c;
            if (mp_vcd_read_text(&v, &netlist, text, sizeof good - 1, "t.vcd", &o, NULL) == MP_OK)
                mp_vcd_activity_release(&v);
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
        cmocka_unit_test(truncated_and_corrupt),
    };
    return cmocka_run_group_tests(tests, make_netlist, drop_netlist);
}
