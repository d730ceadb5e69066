#include "estimator/study/claims.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <string.h>

#define IMAGES 200
#define MOST   16

/* Points whose ranks are made so that exactly `right` images are right, from the first on; the
 * reference has 160, so a format keeps 1 % with 159 or more (158.4). */
struct fixture {
    struct mp_search_point points[MOST];
    const struct mp_search_point *pointers[MOST];
    uint8_t ranks[MOST][IMAGES], reference[IMAGES];
    struct mp_claim_formats formats;
};

static void fill_ranks(uint8_t *ranks, uint32_t right)
{
    for (uint32_t i = 0; i < IMAGES; i++)
        ranks[i] = i < right ? 0 : 7;
}

static void start(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    fill_ranks(f->reference, 160);
    f->formats = (struct mp_claim_formats){f->pointers, 0, IMAGES, 0.01};
}

static struct mp_search_point *add(struct fixture *f, const char *name, uint32_t right)
{
    size_t i = f->formats.count++;
    struct mp_search_point *p = &f->points[i];

    assert_int_equal(mp_format_parse(&p->scheme.weight, name, NULL), MP_OK);
    fill_ranks(f->ranks[i], right);
    p->ranks = f->ranks[i];
    p->is_complete = true;
    p->scored = IMAGES;
    p->weight_bits = 1000 * p->scheme.weight.bits;
    mp_paired_compare(&p->paired, f->reference, p->ranks, IMAGES, 1);
    p->kept = mp_paired_keeps(&p->paired, f->formats.tolerance);
    f->pointers[i] = p;
    return p;
}

static void as_the_paper_says(void **state)
{
    struct fixture f;
    struct mp_claim c;

    (void)state;
    start(&f);
    add(&f, "int7", 100);
    add(&f, "int10", 150);
    add(&f, "int11", 160);
    add(&f, "int12", 160);
    add(&f, "e3m3", 140);
    add(&f, "e4m2", 159);
    add(&f, "e5m2", 160);
    mp_claim_storage(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS);
    assert_true(fabs(c.value - (4.0 / 11.0)) < 1e-12);
    mp_claim_range(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS);
    assert_true(fabs(c.value - (59.0 / IMAGES)) < 1e-12);
    assert_true(c.low > 0 && c.high > c.value);
    assert_true(c.p < 1e-9);
    mp_claim_exponent(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS);
    assert_true(fabs(c.value - (4)) < 1e-12);
}

/* Fixed point needs 8 bits, so the claim needs a float of 5, and the best of those loses a lot. */
static void storage_does_not_hold(void **state)
{
    struct fixture f;
    struct mp_claim c;

    (void)state;
    start(&f);
    add(&f, "int7", 150);
    add(&f, "int8", 160);
    add(&f, "e3m3", 160);
    add(&f, "e2m2", 120);
    add(&f, "e3m1", 110);
    mp_claim_storage(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS_NOT);
    assert_true(fabs(c.value - (1.0 / 8)) < 1e-12);
    assert_non_null(strstr(c.reason, "e2m2"));
    /* The same with a float of 5 bits that loses 4 of 160: too few images to say. */
    f.formats.count = 3;
    add(&f, "e2m2", 156);
    mp_claim_storage(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_UNDECIDED);
    /* No float of 5 bits at all. */
    f.formats.count = 3;
    mp_claim_storage(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_UNDECIDED);
    assert_non_null(strstr(c.reason, "none was measured"));
}

static void range_the_other_way_round(void **state)
{
    struct fixture f;
    struct mp_claim c;

    (void)state;
    start(&f);
    add(&f, "int6", 159);
    add(&f, "e2m3", 120);
    add(&f, "e3m2", 110);
    add(&f, "e3m4", 160);
    mp_claim_range(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS_NOT);
    assert_true(c.value < 0);
    f.formats.count = 1;
    add(&f, "e2m3", 157);
    mp_claim_range(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_UNDECIDED);
    assert_true(c.p > 0.05);
}

static void nothing_to_compare(void **state)
{
    struct fixture f;
    struct mp_claim c;

    (void)state;
    start(&f);
    add(&f, "int8", 10);
    add(&f, "e4m3", 10);
    mp_claim_storage(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_NOT_TESTED);
    assert_true(isnan(c.value));
    mp_claim_range(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_NOT_TESTED);
    mp_claim_exponent(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_NOT_TESTED);
    mp_claim_power(&c, &(struct mp_claim_power){0, 0, 1, 0}, MP_CLAIMED_POWER);
    assert_int_equal(c.verdict, MP_VERDICT_NOT_TESTED);
}

/* A format that was stopped early does not keep the accuracy, however it did so far. */
static void stopped_ones_do_not_count(void **state)
{
    struct fixture f;
    struct mp_claim c;

    (void)state;
    start(&f);
    add(&f, "int8", 160);
    add(&f, "e2m2", 160)->is_complete = false;
    add(&f, "e5m3", 160);
    mp_claim_storage(&c, &f.formats);
    assert_true(fabs(c.value - (-1.0 / 8)) < 1e-12);
    assert_int_not_equal(c.verdict, MP_VERDICT_HOLDS);
    mp_claim_exponent(&c, &f.formats);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS_NOT);
    assert_true(fabs(c.value - (5)) < 1e-12);
}

/* 1 - 45 / 100 = 0.55; relative half widths 0.01 and 0.02: 0.45 * sqrt(0.0005) = 0.010062. */
static void power_with_its_interval(void **state)
{
    struct mp_claim c;

    (void)state;
    mp_claim_power(&c, &(struct mp_claim_power){100, 1, 45, 0.9}, 0.5);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS);
    assert_true(fabs(c.value - (0.55)) < 1e-12);
    assert_true(fabs(c.high - c.value - (0.0100623)) < 1e-6);
    mp_claim_power(&c, &(struct mp_claim_power){100, 1, 50.2, 0.9}, 0.5);
    assert_int_equal(c.verdict, MP_VERDICT_UNDECIDED);
    mp_claim_power(&c, &(struct mp_claim_power){100, 1, 54, 0.9}, 0.5);
    assert_int_equal(c.verdict, MP_VERDICT_HOLDS_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_paper_says),         cmocka_unit_test(storage_does_not_hold),
        cmocka_unit_test(range_the_other_way_round), cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(stopped_ones_do_not_count), cmocka_unit_test(power_with_its_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
