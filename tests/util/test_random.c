#include "estimator/util/random.h"

#include <math.h>

#include "tests/util/cmocka_all.h"

/* splitmix64 of seed 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f,
 * f88bb8a8724c81ec (the authors' vector); one step of xoshiro256** over them by hand. */
static void known_values(void **state)
{
    (void)state;
    struct mp_random r;
    mp_random_seed(&r, 0);
    assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(r.s[2] == UINT64_C(0x06c45d188009454f));
    assert_true(r.s[3] == UINT64_C(0xf88bb8a8724c81ec));
    assert_true(mp_random_u64(&r) == UINT64_C(0x99ec5f36cb75f2b4));
    /* The state 1, 2, 3, 4 of the reference implementation's usual test. */
    r = (struct mp_random){{1, 2, 3, 4}};
    assert_true(mp_random_u64(&r) == 11520);
    assert_true(mp_random_u64(&r) == 0);
    assert_true(mp_random_u64(&r) == 1509978240);
    assert_true(mp_random_u64(&r) == UINT64_C(1215971899390074240));
}

static void below(void **state)
{
    (void)state;
    struct mp_random r;
    int counts[7] = {0};
    mp_random_seed(&r, 3);
    for (int i = 0; i < 70000; i++)
        counts[mp_random_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
    assert_true(mp_random_below(&r, 1) == 0);
    for (int i = 0; i < 100; i++)
        assert_true(mp_random_below(&r, UINT64_C(1) << 63) < UINT64_C(1) << 63);
}

static void moments(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct mp_random r;
    double unit = 0, sum = 0, squares = 0;
    mp_random_seed(&r, 4);
    for (int i = 0; i < N; i++) {
        double u = mp_random_unit(&r), x = mp_random_normal(&r);
        assert_true(u >= 0 && u < 1 && isfinite(x));
        unit += u;
        sum += x;
        squares += x * x;
    }
    /* Five standard errors each. */
    assert_true(fabs(unit / N - 0.5) < 5 * 0.2887 / sqrt(N));
    assert_true(fabs(sum / N) < 5 / sqrt(N));
    assert_true(fabs(squares / N - 1) < 5 * sqrt(2.0 / N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(below),
        cmocka_unit_test(moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
