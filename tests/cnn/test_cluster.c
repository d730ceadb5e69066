/* Clusters on a line: by hand, against every partition, and against what theory says. */
#include "estimator/cnn/cluster.h"
#include "estimator/util/memory.h"
#include "estimator/util/random.h"
#include "tests/util/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void cluster(const float *values, size_t n, uint32_t count, float *centres)
{
    const struct mp_numbers all = {values, n};
    struct mp_error err = MP_ERROR_INIT;

    if (mp_cluster(&all, 1, count, centres, &err) < 0)
        fail_msg("%s", err.message);
    for (uint32_t c = 1; c < count; c++)
        assert_true(centres[c - 1] <= centres[c]);
}

static double error_of(const float *values, size_t n, const float *centres, uint32_t count)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        float nearest;
        mp_cluster_apply(centres, count, 1, &values[i], &nearest);
        sum += pow((double)nearest - (double)values[i], 2);
    }
    return sum;
}

static void by_hand(void **state)
{
    float c[4];

    (void)state;
    cluster((float[]){11, 0, 10, 1}, 4, 2, c);
    assert_true(c[0] == 0.5f && c[1] == 10.5f);
    /* 0.5, 1, 25 around 8.83 (392) rather than 25, 100 around 62.5 (2813). */
    cluster((float[]){1, 0.5f, 100, 25}, 4, 2, c);
    assert_true(fabsf(c[0] - 26.5f / 3) < 1e-6f && c[1] == 100);
    /* As many distinct numbers as centres: the numbers; minus zero is zero. */
    cluster((float[]){7, -3, 0.0f, 7, -0.0f, -3}, 6, 3, c);
    assert_true(c[0] == -3 && c[1] == 0 && !signbit(c[1]) && c[2] == 7);
    cluster((float[]){7, -3, 7}, 3, 4, c);
    assert_true(c[0] == -3 && c[1] == 7 && c[2] == 7 && c[3] == 7);
    cluster(NULL, 0, 2, c);
    assert_true(c[0] == 0 && c[1] == 0);
    cluster((float[]){1, 2, 6}, 3, 1, c);
    assert_true(c[0] == 3);
    /* Two parts share the centres. */
    const struct mp_numbers parts[] = {{(float[]){0, 10}, 2}, {(float[]){1, 11}, 2}};
    assert_int_equal(mp_cluster(parts, 2, 2, c, NULL), MP_OK);
    assert_true(c[0] == 0.5f && c[1] == 10.5f);
}

static void nearest_centre(void **state)
{
    const float centres[] = {-1, 0, 4, 4}, in[] = {-9, -0.6f, -0.5f, 0.1f, 2, 2.1f, 50};
    float out[7];

    (void)state;
    mp_cluster_apply(centres, 4, 7, in, out);
    assert_memory_equal(out, ((const float[]){-1, -1, -1, 0, 0, 4, 4}), sizeof out);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Least error over all ways to cut sorted numbers from `from` on into `count` pieces. */
static double least(const float *sorted, size_t n, size_t from, uint32_t count)
{
    double best = INFINITY;

    if (from == n || count == 0)
        return from == n ? 0 : INFINITY;
    for (size_t to = from + 1; to <= n; to++) {
        double mean = 0, e = 0;
        for (size_t i = from; i < to; i++)
            mean += (double)sorted[i] / (double)(to - from);
        for (size_t i = from; i < to; i++)
            e += pow((double)sorted[i] - mean, 2);
        e += least(sorted, n, to, count - 1);
        best = e < best ? e : best;
    }
    return best;
}

static void every_partition(void **state)
{
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 1);
    for (int turn = 0; turn < 300; turn++) {
        uint32_t n = 3 + (uint32_t)mp_random_below(&r, 8);
        uint32_t count = 1 + (uint32_t)mp_random_below(&r, 4);
        float x[12], c[4];
        for (uint32_t i = 0; i < n; i++) /* some of them the same */
            x[i] = turn % 2 ? (float)mp_random_below(&r, 9) : (float)mp_random_normal(&r);
        cluster(x, n, count, c);
        double have = error_of(x, n, c, count);
        qsort(x, n, sizeof *x, by_size);
        double want = least(x, n, 0, count);
        if (fabs(have - want) > 1e-6 * (1 + want))
            fail_msg("%u numbers, %u centres: error %g, least %g", n, count, have, want);
    }
}

/* Many numbers. For k centres of a normal distribution the error is sqrt(3) pi / (2 k^2) of its
 * variance (Panter and Dite), for few of them Max's table (1960): 0.1175 for 4, 0.009497 for 16. */
static void many_numbers(void **state)
{
    static const struct {
        uint32_t count;
        double error;
    } cases[] = {{4, 0.1175}, {16, 0.009497}, {256, 2.7207 / 65536}};
    enum { NUMBERS = 100000 };
    float *x = mp_alloc(NUMBERS, sizeof *x), c[256];
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 4);
    for (size_t i = 0; i < NUMBERS; i++)
        x[i] = (float)mp_random_normal(&r);
    for (size_t k = 0; k < 3; k++) {
        cluster(x, NUMBERS, cases[k].count, c);
        double have = error_of(x, NUMBERS, c, cases[k].count) / NUMBERS;
        if (have > 1.03 * cases[k].error || have < 0.9 * cases[k].error)
            fail_msg("%u centres: error %g, not %g", cases[k].count, have, cases[k].error);
    }
    free(x);
}

/* Two lumps far apart, one of a few numbers: it gets a centre, and no two are the same. */
static void far_lumps(void **state)
{
    enum { NUMBERS = 50000 };
    float *x = mp_alloc(NUMBERS, sizeof *x), c[16];
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 5);
    for (size_t i = 0; i < NUMBERS; i++)
        x[i] = (float)mp_random_normal(&r) * 0.01f + (i < 10 ? 1000 : 0);
    cluster(x, NUMBERS, 16, c);
    assert_true(c[15] > 999);
    for (uint32_t k = 1; k < 16; k++)
        assert_true(c[k - 1] < c[k]);
    assert_true(error_of(x, NUMBERS, c, 16) < NUMBERS * 1e-4 * 0.02);
    free(x);
}

static void hostile(void **state)
{
    const float bad[2][2] = {{1, NAN}, {-INFINITY, 0}};
    struct mp_error err = MP_ERROR_INIT;
    float c[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct mp_numbers n = {bad[i], 2};
        assert_int_equal(mp_cluster(&n, 1, 2, c, &err), MP_E_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),         cmocka_unit_test(nearest_centre),
        cmocka_unit_test(every_partition), cmocka_unit_test(many_numbers),
        cmocka_unit_test(far_lumps),       cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
