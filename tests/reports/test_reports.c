#include "estimator/util/file.h"
#include "reports/query_table.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

static const struct mp_column columns[] = {
    {"design", "design", "", MP_COLUMN_TEXT, 0},
    {"area_um2", "area", "um2", MP_COLUMN_NUMBER, 0},
    {"critical_path_s", "critical path", "s", MP_COLUMN_NUMBER, 0},
    {"power_w", "power", "W", MP_COLUMN_NUMBER, 0},
    {"leakage_w", "leakage", "W", MP_COLUMN_NUMBER, 2},
    {"energy_per_mac_j", "energy/MAC", "J", MP_COLUMN_NUMBER, 0},
    {"cell_count", "cells", "", MP_COLUMN_INTEGER, 0},
    {"accuracy_share", "accuracy", "", MP_COLUMN_SHARE, 2},
    {"energy_reduction", "energy saved", "", MP_COLUMN_PERCENT, 0}};
#define COLUMNS (sizeof columns / sizeof *columns)

static struct mp_value number(double x)
{
    return (struct mp_value){.number = x};
}

static struct mp_value text(const char *s)
{
    return (struct mp_value){.text = s};
}

static const struct mp_value null = {.is_null = true};

/* Magnitudes far apart, nulls, negative and vanishing values, markup and quotes in names. */
static struct mp_report *example(void)
{
    const struct mp_value rows[][COLUMNS] = {
        {text("mac_int11_uint8_dadda"), number(1234.5), number(1.5e-9), number(1.303e-4),
         number(3.1e-7), number(2.606e-13), number(700), number(0.9153), number(0)},
        {text("mac_e4m2_uint8_dadda"), number(710.25), number(1.05e-9), number(8.1e-5),
         number(1.9e-8), number(1.62e-13), number(412), number(0.91499), number(0.378357)},
        {text("say \"a,b\" | <i>*"), number(95.125), number(3.2e-10), number(1e-12), number(0),
         number(9.5e-15), number(12), null, number(-0.0421)},
        {text("\xc2\xb5-design \xff\x1b"), number(100000), number(1e-9), null, null, number(1e-12),
         number(1), number(1), number(-1e-9)}};
    struct mp_report *r = mp_report_create("MACs on nangate45, 2 ns", columns, COLUMNS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        mp_report_add_row(r, rows[i]);
    mp_report_add_note(r, "energy saved: against %s under the same conditions", "int11");
    mp_report_add_note(r, "100 %% of the pins simulated");
    return r;
}

/* Golden files are rewritten with MACPPA_WRITE_GOLDEN=1; look at the difference then. */
static void assert_golden(enum mp_output output, const char *name)
{
    struct mp_text rendered = {0}, golden = {0};
    struct mp_error err = MP_ERROR_INIT;
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    char *path = mp_asprintf("%s/tests/reports/golden/%s", root ? root : ".", name);
    struct mp_report *r = example();
    mp_report_render(r, output, &rendered);
    mp_report_destroy(r);
    if (getenv("MACPPA_WRITE_GOLDEN"))
        assert_int_equal(mp_file_write(path, rendered.data, rendered.size, &err), MP_OK);
    assert_int_equal(mp_file_read(&golden, path, 0, &err), MP_OK);
    assert_string_equal(rendered.data, golden.data);
    mp_text_release(&rendered);
    mp_text_release(&golden);
    free(path);
}

static void golden_table(void **state)
{
    (void)state;
    assert_golden(MP_OUTPUT_TABLE, "example.txt");
}

/* Constant columns become a note, in what is folded alone; CSV keys and their order do not change.
 */
static void folding(void **state)
{
    (void)state;
    const struct mp_value rows[][COLUMNS] = {
        {text("a"), number(5), number(1e-9), null, number(2e-9), number(1e-12), number(7),
         number(0.5), number(0.1)},
        {text("b"), number(6), number(1e-9), null, number(2e-9), number(1e-12), number(8),
         number(0.5), number(0.2)}};
    struct mp_report *r = mp_report_create("", columns, COLUMNS);
    struct mp_text out = {0};
    mp_report_add_row(r, rows[0]);
    mp_report_fold(r); /* one row: nothing to compare with */
    mp_report_render(r, MP_OUTPUT_CSV, &out);
    assert_non_null(strstr(out.data, "design,area_um2,critical_path_s,leakage_w"));
    mp_text_release(&out);
    mp_report_destroy(r);
    r = mp_report_create("", columns, COLUMNS);
    mp_report_add_row(r, rows[0]);
    mp_report_add_row(r, rows[1]);
    mp_report_fold(r);
    mp_report_render(r, MP_OUTPUT_TABLE, &out);
    assert_string_equal(out.data, "                     energy\n"
                                  "design  area  cells   saved\n"
                                  "         um2              %\n"
                                  "------  ----  -----  ------\n"
                                  "a       5.00      7   +10.0\n"
                                  "b       6.00      8   +20.0\n"
                                  "\nin every row: critical path 1.00 ns, leakage 2.0 nW, "
                                  "energy/MAC 1.00 pJ, accuracy 50.00 %\n");
    mp_text_release(&out);
    mp_report_destroy(r);
}

static void golden_csv(void **state)
{
    (void)state;
    assert_golden(MP_OUTPUT_CSV, "example.csv");
}

static void golden_json(void **state)
{
    (void)state;
    assert_golden(MP_OUTPUT_JSON, "example.json");
}

static void golden_markdown(void **state)
{
    (void)state;
    assert_golden(MP_OUTPUT_MARKDOWN, "example.md");
}

/* Every number in JSON is the double that went in, and null is only what was null. */
static void json_is_exact(void **state)
{
    (void)state;
    static const struct mp_column one[] = {{"x_w", "x", "W", MP_COLUMN_NUMBER, 0}};
    const double values[] = {0.1, 1.0 / 3, 1e-300, 123456789.125, -0.30000000000000004, 0};
    struct mp_report *r = mp_report_create("x", one, 1);
    struct mp_text out = {0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        mp_report_add_row(r, &(struct mp_value){.number = values[i]});
    mp_report_add_row(r, &null);
    mp_report_render(r, MP_OUTPUT_JSON, &out);
    json_error_t error;
    json_t *root = json_loads(out.data, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    json_t *rows = json_object_get(root, "rows");
    assert_int_equal(json_array_size(rows), 7);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double x = json_real_value(json_object_get(json_array_get(rows, i), "x_w"));
        assert_memory_equal(&x, &values[i], sizeof x);
    }
    assert_true(json_is_null(json_object_get(json_array_get(rows, 6), "x_w")));
    json_decref(root);
    mp_text_release(&out);
    mp_report_destroy(r);
}

static void empty_reports(void **state)
{
    (void)state;
    struct mp_text out = {0};
    struct mp_report *r = mp_report_create("nothing", columns, 2);
    mp_report_render(r, MP_OUTPUT_TABLE, &out);
    assert_string_equal(out.data,
                        "nothing\n\ndesign  area\n         um2\n------  ----\n(no rows)\n");
    mp_text_release(&out);
    mp_report_render(r, MP_OUTPUT_CSV, &out);
    assert_string_equal(out.data, "design,area_um2\r\n");
    mp_text_release(&out);
    mp_report_destroy(r);
    struct mp_query_table t = {0};
    mp_report_render(mp_query_table_report(&t, "none"), MP_OUTPUT_MARKDOWN, &out);
    assert_string_equal(out.data, "## none\n\n\n(no rows)\n");
    mp_query_table_release(&t);
    mp_text_release(&out);
}

/* A report with NaN ends the program instead of showing it or hiding it. */
static void nan_is_refused(void **state)
{
    (void)state;
    const double bad[] = {(double)NAN, (double)INFINITY};
    for (size_t i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
            signal(SIGABRT, SIG_DFL);
            struct mp_report *r = mp_report_create("x", columns + 1, 1);
            mp_report_add_row(r, &(struct mp_value){.number = bad[i]});
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void formats(void **state)
{
    (void)state;
    enum mp_output o = MP_OUTPUT_TABLE;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_output_parse(&o, "markdown", &err), MP_OK);
    assert_int_equal(o, MP_OUTPUT_MARKDOWN);
    assert_int_equal(mp_output_parse(&o, "json", &err), MP_OK);
    assert_int_equal(o, MP_OUTPUT_JSON);
    assert_int_equal(mp_output_parse(&o, "pdf", &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "table, csv, json or markdown"));
}

static void query_rows(void **state)
{
    (void)state;
    const char *const names[] = {"design", "power_w", "cells", "power_w", "seed", "odd", "x_share"};
    const char *const first[] = {"a", "1e-6", "10", NULL, "-9223372036854775808", "1", "0.5"};
    const char *const second[] = {"b", "2", "20", "0.5", "7", "inf", "1"};
    struct mp_query_table t = {0};
    struct mp_text out = {0};
    mp_query_table_row(&t, 7, names, first, "trinirr");
    mp_query_table_row(&t, 7, names, second, "triririi");
    mp_report_render(mp_query_table_report(&t, "q"), MP_OUTPUT_CSV, &out);
    assert_string_equal(out.data, "design,power_w,cells,power_w_2,seed,odd,x_share\r\n"
                                  "a,1e-06,10,,-9223372036854775808,1,0.5\r\n"
                                  "b,2,20,0.5,7,inf,1\r\n");
    mp_text_release(&out);
    mp_report_render(mp_query_table_report(&t, "q"), MP_OUTPUT_TABLE, &out);
    assert_string_equal(out.data,
                        "q\n\n"
                        "                        power\n"
                        "design    power  cells    w 2  seed                  odd      x\n"
                        "              W                                               %\n"
                        "------  -------  -----  -----  --------------------  ---  -----\n"
                        "a       1.0e-06     10      -  -9223372036854775808  1     50.0\n"
                        "b          2.00     20  0.500  7                     inf  100.0\n");
    mp_text_release(&out);
    mp_query_table_release(&t);
}

/* A difference of two shares is in points: "-2.6 %" would be of the share. */
static void points(void **state)
{
    (void)state;
    const char *const names[] = {"design", "accuracy_change", "area_reduction"};
    const char *const row[] = {"a", "-0.026", "0.25"}, *const next[] = {"b", "0.002", "-0.5"};
    struct mp_query_table t = {0};
    struct mp_text out = {0};
    mp_query_table_row(&t, 3, names, row, "trr");
    mp_query_table_row(&t, 3, names, next, "trr");
    mp_report_render(mp_query_table_report(&t, "q"), MP_OUTPUT_MARKDOWN, &out);
    assert_non_null(strstr(out.data, "| accuracy change (points) | area reduction (%) |"));
    assert_non_null(strstr(out.data, "| a | -2.6 | +25.0 |"));
    mp_text_release(&out);
    mp_query_table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_table),    cmocka_unit_test(folding),
        cmocka_unit_test(golden_csv),      cmocka_unit_test(golden_json),
        cmocka_unit_test(golden_markdown), cmocka_unit_test(json_is_exact),
        cmocka_unit_test(empty_reports),   cmocka_unit_test(nan_is_refused),
        cmocka_unit_test(formats),         cmocka_unit_test(query_rows),
        cmocka_unit_test(points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
