#include "estimator/cnn/score.h"
#include "tests/cnn/integer_check.h"
#include "tests/cnn/small_network.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <string.h>

#define CLASSES 6

static void ranks(void **state)
{
    const float scores[CLASSES] = {0.5f, 2, -1, 2, 0, 2};
    const uint8_t expected[CLASSES] = {3, 0, 5, 1, 4, 2};

    (void)state;
    for (uint32_t c = 0; c < CLASSES; c++)
        assert_int_equal(mp_score_rank(scores, CLASSES, c), expected[c]);
    assert_int_equal(mp_score_rank(scores, 1, 0), 0);
}

/* What is no number stands before every number, and a label of that kind behind all. */
static void no_numbers(void **state)
{
    const float scores[CLASSES] = {NAN, 2, INFINITY, -INFINITY, NAN, 2};
    const uint8_t expected[CLASSES] = {6, 3, 2, 5, 6, 4};
    const float none[3] = {NAN, NAN, NAN};

    (void)state;
    for (uint32_t c = 0; c < CLASSES; c++)
        assert_int_equal(mp_score_rank(scores, CLASSES, c), expected[c]);
    assert_int_equal(mp_score_rank(none, 3, 0), 3);
}

static void high_ranks(void **state)
{
    float scores[300];

    (void)state;
    for (uint32_t c = 0; c < 300; c++)
        scores[c] = (float)c;
    assert_int_equal(mp_score_rank(scores, 300, 46), 253);
    assert_int_equal(mp_score_rank(scores, 300, 45), 254);
    assert_int_equal(mp_score_rank(scores, 300, 0), 254);
    scores[0] = NAN;
    assert_int_equal(mp_score_rank(scores, 300, 0), 254);
}

static void counts(void **state)
{
    struct mp_scores s;

    (void)state;
    mp_scores_init(&s, 5);
    assert_int_equal(mp_scores_count(&s), 0);
    assert_int_equal(mp_scores_top(&s, 1000), 0);
    s.ranks[0] = 0;
    s.ranks[3] = 4;
    s.ranks[4] = 254;
    assert_int_equal(mp_scores_count(&s), 3);
    assert_int_equal(mp_scores_top(&s, 0), 0);
    assert_int_equal(mp_scores_top(&s, 1), 1);
    assert_int_equal(mp_scores_top(&s, 5), 2);
    assert_int_equal(mp_scores_top(&s, 255), 3);
    mp_scores_release(&s);
    mp_scores_release(&s);
    mp_scores_release(NULL);
    mp_scores_init(&s, 0);
    assert_int_equal(mp_scores_count(&s), 0);
    mp_scores_release(&s);
}

static void check_parts(const struct mp_model *m, const struct mp_dataset *d)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_accuracy a;
    struct mp_scores all, parts;

    mp_scores_init(&all, d->count);
    mp_scores_init(&parts, d->count);
    assert_int_equal(mp_model_score(&all, m, d, 0, d->count, 1, &err), MP_OK);
    assert_int_equal(mp_model_score(&parts, m, d, 7, 20, 3, &err), MP_OK);
    assert_int_equal(mp_scores_count(&parts), 20);
    assert_int_equal(parts.ranks[6], MP_RANK_NOT_SCORED);
    assert_int_equal(parts.ranks[27], MP_RANK_NOT_SCORED);
    assert_memory_equal(parts.ranks + 7, all.ranks + 7, 20);
    assert_int_equal(mp_model_score(&parts, m, d, 0, 0, 2, &err), MP_OK);
    assert_int_equal(mp_model_score(&parts, m, d, d->count, 0, 2, &err), MP_OK);
    assert_int_equal(mp_scores_count(&parts), 20);
    assert_int_equal(mp_model_score(&parts, m, d, 0, 7, 0, &err), MP_OK);
    assert_int_equal(mp_model_score(&parts, m, d, 27, 1, 8, &err), MP_OK);
    assert_int_equal(mp_model_score(&parts, m, d, 28, d->count - 28, 4, &err), MP_OK);
    assert_memory_equal(parts.ranks, all.ranks, d->count);
    assert_int_equal(mp_model_accuracy(&a, m, d, 2, &err), MP_OK);
    assert_int_equal(a.images, d->count);
    assert_int_equal(a.top1, mp_scores_top(&all, 1));
    assert_int_equal(a.top5, mp_scores_top(&all, 5));
    mp_scores_release(&all);
    mp_scores_release(&parts);
}

static void in_parts(void **state)
{
    struct mp_quantisation q;
    struct mp_network n;
    struct mp_dataset d;
    struct mp_model m;

    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    integer_calibrate(&q, &n, &d, "int8", "uint8");
    mp_model_init(&m, &n, NULL);
    check_parts(&m, &d);
    mp_model_release(&m);
    mp_model_init(&m, &n, &q);
    check_parts(&m, &d);
    mp_model_release(&m);
    assert_int_equal(mp_model_init_integer(&m, &n, &q, 0, NULL, NULL), MP_OK);
    check_parts(&m, &d);
    mp_model_release(&m);
    mp_quantisation_release(&q);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

static void refused(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_accuracy a = {1, 1, 1};
    struct mp_network n;
    struct mp_dataset d;
    struct mp_scores s;
    struct mp_model m;

    (void)state;
    assert_int_equal(small_network(&n), 0);
    small_dataset(&d);
    mp_model_init(&m, &n, NULL);
    mp_scores_init(&s, d.count);
    d.labels[30] = 4;
    assert_int_equal(mp_model_score(&s, &m, &d, 0, d.count, 2, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "image 30 has label 4"));
    assert_int_equal(mp_scores_count(&s), 0);
    assert_int_equal(mp_model_score(&s, &m, &d, 0, 30, 2, &err), MP_OK);
    assert_int_equal(mp_model_accuracy(&a, &m, &d, 2, &err), MP_E_INPUT);
    assert_int_equal(a.images, 0);
    d.shape.width++;
    assert_int_equal(mp_model_score(&s, &m, &d, 0, 30, 2, &err), MP_E_INPUT);
    assert_int_equal(mp_scores_count(&s), 30);
    mp_scores_release(&s);
    mp_model_release(&m);
    mp_dataset_release(&d);
    mp_network_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks),  cmocka_unit_test(no_numbers), cmocka_unit_test(high_ranks),
        cmocka_unit_test(counts), cmocka_unit_test(in_parts),   cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
