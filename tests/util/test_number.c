#include "estimator/util/number.h"

#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include "estimator/util/random.h"
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void check_double(const char *s, double expected)
{
    double x = 42;
    assert_true(mp_parse_double(s, &x));
    assert_true(x == expected);
}

static void doubles(void **state)
{
    (void)state;
    check_double("0", 0);
    check_double("-1.5", -1.5);
    check_double("+.5", 0.5);
    check_double("5.", 5);
    check_double("1e-3", 1e-3);
    check_double("1.25E+2", 125);
    check_double("1e-400", 0);
    check_double("4.9406564584124654e-324", 5e-324);
    const char *const wrong[] = {"",    " ",     "1 ",    " 1",  "1,5", "abc", "nan",
                                 "inf", "-inf",  "0x1",   "1e",  "1e+", "e5",  ".",
                                 "-",   "1e400", "1.2.3", "--1", "1d5", "+-1", "-.e1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double x = 42;
        assert_false(mp_parse_double(wrong[i], &x));
        assert_true(x == 42);
    }
}

static void check_prefix(const char *s, double expected, size_t length)
{
    const char *end = NULL;
    assert_true(mp_parse_double_prefix(s, &end) == expected);
    assert_int_equal(end - s, length);
}

static void prefixes(void **state)
{
    (void)state;
    check_prefix("0.1, 0.2", 0.1, 3);
    check_prefix(" \n 2e3:4", 2000, 6);
    check_prefix("0x10", 0, 1);
    check_prefix("3em", 3, 1);
    check_prefix("1.5.2", 1.5, 3);
    check_prefix("  x", 0, 0);
    check_prefix("inf", 0, 0);
    check_prefix("", 0, 0);
    check_prefix("1e999", HUGE_VAL, 5);
}

static void integers(void **state)
{
    (void)state;
    int64_t i = 5;
    uint64_t u = 5;
    assert_true(mp_parse_i64("-9223372036854775808", &i) && i == INT64_MIN);
    assert_true(mp_parse_i64("9223372036854775807", &i) && i == INT64_MAX);
    assert_true(mp_parse_i64("-0", &i) && i == 0);
    assert_true(mp_parse_u64("18446744073709551615", &u) && u == UINT64_MAX);
    i = 5;
    u = 5;
    assert_false(mp_parse_i64("9223372036854775808", &i));
    assert_false(mp_parse_i64("-9223372036854775809", &i));
    assert_false(mp_parse_i64("-+1", &i));
    assert_false(mp_parse_i64("1.0", &i));
    assert_false(mp_parse_u64("18446744073709551616", &u));
    assert_false(mp_parse_u64("-1", &u));
    assert_false(mp_parse_u64("", &u));
    assert_false(mp_parse_u64("0x10", &u));
    assert_true(i == 5 && u == 5);
}

static void quantities(void **state)
{
    (void)state;
    double x = 42;
    assert_true(mp_parse_quantity("1.2ns", "s", &x) && x == 1.2e-9);
    assert_true(mp_parse_quantity("1.2e3 ps", "s", &x) && x == 1.2e-9);
    assert_true(mp_parse_quantity("500 MHz", "Hz", &x) && x == 5e8);
    assert_true(mp_parse_quantity("7fF", "F", &x) && x == 7e-15);
    assert_true(mp_parse_quantity("3 m", "m", &x) && x == 3);
    assert_true(mp_parse_quantity("3 mm", "m", &x) && x == 3e-3);
    assert_true(mp_parse_quantity("-2 kV", "V", &x) && x == -2000);
    x = 42;
    const char *const wrong[] = {"1.2", "ns", "1.2 ", "1.2 xs", "1.2 n", "1.2 nss", "1.2 n s", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(mp_parse_quantity(wrong[i], "s", &x));
    assert_true(x == 42);
}

static void round_trips(void **state)
{
    (void)state;
    char out[64];
    assert_string_equal(mp_print_double(0.1, out, sizeof out), "0.1");
    assert_string_equal(mp_print_double(-0.0, out, sizeof out), "-0");
    assert_string_equal(mp_print_double(5e-324, out, sizeof out), "5e-324");
    assert_string_equal(mp_print_double(0.1 + 0.2, out, sizeof out), "0.30000000000000004");
    assert_string_equal(mp_print_double(1e100, out, sizeof out), "1e+100");
    struct mp_random r;
    mp_random_seed(&r, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = mp_random_u64(&r);
        double x, back = 0;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        assert_true(mp_parse_double(mp_print_double(x, out, sizeof out), &back));
        assert_memory_equal(&x, &back, sizeof x);
    }
}

static void check_engineering(double x, int digits, const char *unit, const char *expected)
{
    char out[64];
    assert_string_equal(mp_print_engineering(x, digits, unit, out, sizeof out), expected);
}

static void engineering(void **state)
{
    (void)state;
    check_engineering(1.234e-13, 3, "J", "123 fJ");
    check_engineering(1.2e-9, 3, "s", "1.20 ns");
    check_engineering(999.96, 4, "W", "1.000 kW");
    check_engineering(999.94, 4, "W", "999.9 W");
    check_engineering(-0.05, 2, "V", "-50 mV");
    check_engineering(1, 1, "V", "1 V");
    check_engineering(123, 2, "V", "120 V");
    check_engineering(0, 3, "J", "0 J");
    check_engineering(5e8, 3, "Hz", "500 MHz");
    check_engineering(1.5, 2, "", "1.5");
    check_engineering(1e-18, 3, "J", "1.00 aJ");
    check_engineering(2e12, 3, "Hz", "2.00 THz");
    check_engineering(1e-25, 3, "J", "1e-07 aJ");
    check_engineering(1e300, 3, "J", "1e+288 TJ");
}

/* A locale with a decimal comma, from the system or made by localedef; NULL: none to be had. */
static const char *comma_locale(const char *dir)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_ALL, names[i]))
            return names[i];
    }
    char *path = mp_path_join(dir, "de_DE.UTF-8");
    const char *argv[] = {"localedef", "-i", "de_DE", "-f", "UTF-8", path, NULL};
    struct mp_process_options o = {.argv = argv, .timeout_s = 60};
    struct mp_process_result r = {0};
    bool made = mp_process_run(&r, &o, NULL) == MP_OK;
    mp_process_result_release(&r);
    free(path);
    setenv("LOCPATH", dir, 1);
    return made ? setlocale(LC_ALL, "de_DE.UTF-8") : NULL;
}

static void decimal_comma(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    assert_int_equal(mp_tempdir_create(&t, NULL), MP_OK);
    bool found = comma_locale(t.path) != NULL;
    if (found) {
        char out[64];
        snprintf(out, sizeof out, "%.1f", 0.5);
        assert_string_equal(out, "0,5");
        doubles(NULL);
        prefixes(NULL);
        quantities(NULL);
        round_trips(NULL);
        engineering(NULL);
        snprintf(out, sizeof out, "%.1f", 0.5);
        assert_string_equal(out, "0,5");
    }
    setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
    mp_tempdir_remove(&t);
    if (!found) {
        print_message("skipped: no locale with a decimal comma on this machine\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles),       cmocka_unit_test(prefixes),
        cmocka_unit_test(integers),      cmocka_unit_test(quantities),
        cmocka_unit_test(round_trips),   cmocka_unit_test(engineering),
        cmocka_unit_test(decimal_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
