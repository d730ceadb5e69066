/* The table of where the power goes: which columns, which notes. */
#include "estimator/pipeline/where_table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static struct mp_where_row rows[2] = {
    {.name = "sum[3]",
     .kind = "XOR2X1",
     .driver = "x12",
     .block = "accumulator",
     .cells = 1,
     .loads = 3,
     .area_um2 = 40,
     .transitions = 0.5,
     .timed_transitions = 1.75,
     .load_f = 31e-15,
     .functional = {2e-6, 2.75e-6, 0.25e-6},
     .glitch_w = 5e-6,
     .total_w = 10e-6,
     .share = 0.8,
     .exact_w = 9e-6},
    {.name = "others (7)",
     .cells = 6,
     .loads = 9,
     .area_um2 = 160,
     .transitions = 2,
     .timed_transitions = 2,
     .load_f = 93e-15,
     .functional = {1e-6, 1.5e-6, 0},
     .glitch_w = 0,
     .total_w = 2.5e-6,
     .share = 0.2,
     .exact_w = 2.5e-6},
};

static struct mp_where where_of(enum mp_where_by by, bool timed, bool exact)
{
    return (struct mp_where){
        .by = by,
        .has_timed = timed,
        .has_exact = exact,
        .count = 2,
        .others = 7,
        .rows = rows,
        .total = {.name = "total",
                  .cells = 7,
                  .area_um2 = 200,
                  .functional = {3e-6, 4.25e-6, 0.25e-6},
                  .glitch_w = timed ? 5e-6 : 0,
                  .total_w = 12.5e-6},
    };
}

static void render(struct mp_text *out, const struct mp_where *w, enum mp_output output)
{
    struct mp_blocks blocks = {.origin = MP_BLOCKS_CONES};
    struct mp_where_table t;
    memset(out, 0, sizeof *out);
    mp_where_table_make(&t, w, &blocks, "where");
    mp_report_render(t.report, output, out);
    mp_where_table_release(&t);
}

static void by_net_as_csv(void **state)
{
    (void)state;
    struct mp_where w = where_of(MP_WHERE_NET, true, true);
    struct mp_text out;
    render(&out, &w, MP_OUTPUT_CSV);
    assert_string_equal(
        out.data,
        "net,driver,kind,block,fan_out,transitions_per_cycle,timed_transitions_per_cycle,load_f,"
        "internal_w,switching_w,leakage_w,glitch_w,glitch_share,total_w,exact_w,power_share\r\n"
        "sum[3],x12,XOR2X1,accumulator,3,0.5,1.75,3.1e-14,2e-06,2.75e-06,2.5e-07,5e-06,0.5,"
        "1e-05,9e-06,0.8\r\n"
        "others (7),,,,9,2,2,9.3e-14,1e-06,1.5e-06,0,0,0,2.5e-06,2.5e-06,0.2\r\n");
    mp_text_release(&out);
}

static void by_kind_for_people(void **state)
{
    (void)state;
    struct mp_where w = where_of(MP_WHERE_KIND, true, false);
    struct mp_text out;
    render(&out, &w, MP_OUTPUT_TABLE);
    assert_non_null(strstr(out.data, "area"));
    assert_non_null(strstr(out.data, "mean"));
    assert_non_null(strstr(out.data, "fF"));
    assert_non_null(
        strstr(out.data, "total 12.50 uW: functional 7.500 uW, glitches 5.00 uW (40.0 %)"));
    assert_null(strstr(out.data, "blocks:"));
    assert_null(strstr(out.data, "exact"));
    mp_text_release(&out);
}

static void without_glitches(void **state)
{
    (void)state;
    struct mp_where w = where_of(MP_WHERE_BLOCK, false, false);
    struct mp_text out;
    render(&out, &w, MP_OUTPUT_MARKDOWN);
    assert_null(strstr(out.data, "glitch share"));
    assert_non_null(strstr(out.data, "glitches not known"));
    assert_non_null(strstr(out.data, "blocks: cones of logic"));
    mp_text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_net_as_csv),
        cmocka_unit_test(by_kind_for_people),
        cmocka_unit_test(without_glitches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
