/* Codes to bit planes, against one bit at a time. */
#include "estimator/pipeline/planes.h"

#include "estimator/util/random.h"
#include <string.h>

#include "tests/util/cmocka_all.h"

enum { MAX_WORDS = 8 };

static void check(const uint64_t *codes, unsigned bits, unsigned words)
{
    uint64_t planes[64 * MAX_WORDS];

    memset(planes, 0xa5, sizeof planes);
    mp_planes_from_codes(codes, bits, words, planes);
    for (unsigned b = 0; b < bits; b++)
        for (unsigned l = 0; l < 64 * words; l++)
            if (((planes[b * words + l / 64] >> (l % 64)) & 1) != ((codes[l] >> b) & 1))
                fail_msg("bit %u of lane %u, %u bits, %u words", b, l, bits, words);
    /* Nothing behind the last plane is written. */
    for (unsigned i = bits * words; i < 64 * MAX_WORDS; i++)
        assert_true(planes[i] == UINT64_C(0xa5a5a5a5a5a5a5a5));
}

static void equals_bit_by_bit(void **state)
{
    uint64_t codes[64 * MAX_WORDS];
    struct mp_random r;

    (void)state;
    mp_random_seed(&r, 7);
    for (unsigned bits = 1; bits <= 64; bits++)
        for (unsigned words = 1; words <= MAX_WORDS; words++) {
            for (unsigned l = 0; l < 64 * words; l++)
                codes[l] = mp_random_u64(&r);
            check(codes, bits, words);
        }
}

/* Worked by hand: lane l of a 3-bit code l. */
static void golden(void **state)
{
    uint64_t codes[64] = {0, 1, 2, 3, 4, 5, 6, 7}, planes[3];

    (void)state;
    mp_planes_from_codes(codes, 3, 1, planes);
    assert_int_equal(planes[0], 0xaa);
    assert_int_equal(planes[1], 0xcc);
    assert_int_equal(planes[2], 0xf0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_bit_by_bit),
                                       cmocka_unit_test(golden)};

    return cmocka_run_group_tests_name("planes", tests, NULL, NULL);
}
