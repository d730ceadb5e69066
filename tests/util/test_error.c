#include "estimator/util/error.h"

#include <errno.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void located_message(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    char text[2048];
    assert_int_equal(mp_fail_at(&err, MP_E_INPUT, "a.lib", 7, "no %s", "cell"), MP_E_INPUT);
    assert_int_equal(err.code, MP_E_INPUT);
    assert_string_equal(mp_error_text(&err, text, sizeof text), "a.lib:7: no cell");
    mp_error_context(&err, "design %d", 3);
    assert_string_equal(mp_error_text(&err, text, sizeof text), "a.lib:7: design 3: no cell");
    assert_int_equal(err.code, MP_E_INPUT);
    mp_fail_at(&err, MP_E_INPUT, "a.lib", 0, "empty");
    assert_string_equal(mp_error_text(&err, text, sizeof text), "a.lib: empty");
    mp_fail(&err, MP_E_USAGE, "plain");
    assert_string_equal(mp_error_text(&err, text, sizeof text), "plain");
}

static void null_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(mp_fail(NULL, MP_E_TOOL, "x"), MP_E_TOOL);
    mp_error_context(NULL, "x");
}

static void errno_chooses_the_code(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    errno = ENOENT;
    assert_int_equal(mp_fail_errno(&err, "open %s", "f"), MP_E_NOT_FOUND);
    assert_string_equal(err.message, "open f: No such file or directory");
    errno = ENOMEM;
    assert_int_equal(mp_fail_errno(&err, "x"), MP_E_MEMORY);
    errno = ENOSPC;
    assert_int_equal(mp_fail_errno(&err, "x"), MP_E_IO);
}

static void long_text_is_cut_and_keeps_the_reason(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    char big[5000];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    errno = ENOSPC;
    mp_fail_errno(&err, "%s", big);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_non_null(strstr(err.message, "a: No space left on device"));
    mp_error_context(&err, "%s", big);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    mp_fail_at(&err, MP_E_INPUT, big, 1, "m");
    assert_int_equal(strlen(err.file), sizeof err.file - 1);
}

static void one_line_and_own_message_as_argument(void **state)
{
    (void)state;
    struct mp_error err = MP_ERROR_INIT;
    mp_fail_at(&err, MP_E_INPUT, "f", 1, "two\nlines\n");
    assert_string_equal(err.message, "two lines");
    mp_fail_at(&err, MP_E_TOOL, err.file, 2, "again: %s", err.message);
    assert_string_equal(err.message, "again: two lines");
    assert_string_equal(err.file, "f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(located_message),
        cmocka_unit_test(null_is_accepted),
        cmocka_unit_test(errno_chooses_the_code),
        cmocka_unit_test(long_text_is_cut_and_keeps_the_reason),
        cmocka_unit_test(one_line_and_own_message_as_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
