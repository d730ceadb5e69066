/* Reports as OpenSTA prints them through our script: whole, cut off, corrupt. */
#include "estimator/timing/parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/timing/small.h"
#include "tests/util/cmocka_all.h"

static const char report[] = "Warning: something harmless\n"
                             "macppa-begin\n"
                             "slack 1.25\n"
                             "pin a.b\\[3\\] A 1e-11 2e-11\n"
                             "pin a.b\\[3\\] Y 3e-11 4e-11\n"
                             "pin r P0002 0.0 0.0\n"
                             "pin r CK 0.0 0.0\n"
                             "pin r D 3e-11 4e-11\n"
                             "pin r Q 5e-11 6.25e-11\n"
                             "macppa-end 6\n";

static int parse(const char *text, double *slack, double rise[16], double fall[16],
                 struct mp_error *err)
{
    struct small s;
    small_open(&s);
    assert_true(s.netlist.pin_count <= 16);
    int code = mp_opensta_parse(slack, rise, fall, &s.netlist, text, strlen(text), err);
    small_close(&s);
    return code;
}

static void test_report(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    double slack, rise[16], fall[16];
    int code = parse(report, &slack, rise, fall, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, MP_OK);
    assert_true(fabs(slack - 1.25e-9) < 1e-18);
    /* a.b[3] is the first cell, r the second, whose QN the report may leave out: it has no net. */
    assert_true(fabs(rise[0] - 1e-11) < 1e-20 && fabs(fall[1] - 4e-11) < 1e-20);
    assert_true(fabs(fall[2 + 2] - 6.25e-11) < 1e-20);
    assert_true(fabs(rise[2 + 3]) <= 0);
}

/* A report that stops before the last digit of its last line is refused. */
static void test_truncated(void **state)
{
    (void)state;
    double slack, rise[16], fall[16];
    for (size_t n = 0; n < strlen(report) - 1; n++) {
        char *cut = mp_strndup(report, n);
        assert_int_equal(parse(cut, &slack, rise, fall, NULL), MP_E_INPUT);
        free(cut);
    }
}

static void refuse(const char *from, const char *to, const char *why)
{
    struct mp_error err = MP_ERROR_INIT;
    double slack, rise[16], fall[16];
    const char *at = strstr(report, from);
    assert_non_null(at);
    char *text = mp_asprintf("%.*s%s%s", (int)(at - report), report, to, at + strlen(from));
    assert_int_equal(parse(text, &slack, rise, fall, &err), MP_E_INPUT);
    assert_true(err.line > 0);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" without \"%s\"", err.message, why);
    free(text);
}

static void test_corrupt(void **state)
{
    (void)state;
    refuse("Warning: something harmless", "Error: script.tcl, 3 no such port.", "no such port");
    refuse("something harmless", "module X not found. Creating black box for x7.", "black box");
    refuse("slack 1.25\n", "", "no slack");
    refuse("slack 1.25", "slack oops", "oops");
    refuse("slack 1.25", "slack 1e30", "no timing path");
    refuse("pin r D 3e-11 4e-11", "pin r D 3e-11", "unreadable");
    refuse("pin r D 3e-11 4e-11", "pin r D -3e-11 4e-11", "unreadable");
    refuse("pin r D 3e-11 4e-11", "pin r D nan 4e-11", "unreadable");
    refuse("pin r D 3e-11 4e-11", "pin other D 3e-11 4e-11", "other");
    refuse("pin r D 3e-11 4e-11\n", "", "5 pins");
    refuse("pin r D 3e-11 4e-11", "pin r X 3e-11 4e-11", "no slew for pin D of r");
    refuse("macppa-end 6", "macppa-end many", "many");
}

static void test_version(void **state)
{
    (void)state;
    char v[16];
    assert_int_equal(mp_opensta_parse_version("2.0.17\n", v, sizeof v, NULL), MP_OK);
    assert_string_equal(v, "2.0.17");
    assert_int_equal(mp_opensta_parse_version("OpenSTA", v, sizeof v, NULL), MP_E_INPUT);
    assert_int_equal(mp_opensta_parse_version("", v, sizeof v, NULL), MP_E_INPUT);
    assert_int_equal(mp_opensta_parse_version("2.0.17.1.1.1.1.1.1", v, sizeof v, NULL), MP_E_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_corrupt),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
