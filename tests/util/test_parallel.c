#include "estimator/util/parallel.h"

#include <stdatomic.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

enum { JOBS = 1000 };

struct counts {
    atomic_int runs[JOBS];
    size_t fail_from; /* every index from here on fails */
};

static int count_job(void *context, size_t index, struct mp_error *err)
{
    struct counts *c = context;
    atomic_fetch_add(&c->runs[index], 1);
    if (index >= c->fail_from)
        return mp_fail(err, MP_E_TOOL, "job %zu", index);
    return MP_OK;
}

static int silent_failure(void *context, size_t index, struct mp_error *err)
{
    (void)context;
    (void)index;
    (void)err;
    return MP_E_PROOF;
}

static void every_index_once(void **state)
{
    (void)state;
    const unsigned threads[] = {0, 1, 2, 16};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        struct counts c = {.fail_from = JOBS};
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_parallel_for(JOBS, threads[t], count_job, &c, &err), MP_OK);
        assert_int_equal(err.code, MP_OK);
        for (int i = 0; i < JOBS; i++)
            assert_int_equal(atomic_load(&c.runs[i]), 1);
    }
    assert_int_equal(mp_parallel_for(0, 4, count_job, NULL, NULL), MP_OK);
    assert_true(mp_core_count() >= 1);
}

/* Indices are taken in order, so whichever worker fails first, index 100 has run and is the lowest
 * of those that failed. */
static void lowest_failure_is_told(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        struct counts c = {.fail_from = 100};
        struct mp_error err = MP_ERROR_INIT;
        assert_int_equal(mp_parallel_for(JOBS, threads, count_job, &c, &err), MP_E_TOOL);
        assert_string_equal(err.message, "job 100");
        int runs = 0;
        for (int i = 0; i < JOBS; i++)
            runs += atomic_load(&c.runs[i]);
        assert_in_range(runs, 101, 100 + threads);
        assert_int_equal(mp_parallel_for(JOBS, threads, count_job, &c, NULL), MP_E_TOOL);
    }
}

static void failure_without_a_message(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_parallel_for(3, 2, silent_failure, NULL, &err), MP_E_PROOF);
    assert_int_equal(err.code, MP_E_PROOF);
    assert_non_null(strstr(err.message, "job 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_once),
        cmocka_unit_test(lowest_failure_is_told),
        cmocka_unit_test(failure_without_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
