#include "estimator/util/hash.h"

#include "estimator/util/file.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void two_strings(const char *a, const char *b, char out[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();
    mp_hash_string(h, a);
    mp_hash_string(h, b);
    mp_hash_digest(h, out);
    mp_hash_destroy(h);
}

static void fields_do_not_run_together(void **state)
{
    (void)state;
    char a[MP_HASH_SIZE], b[MP_HASH_SIZE];
    two_strings("ab", "c", a);
    two_strings("a", "bc", b);
    assert_string_not_equal(a, b);
    two_strings("ab", "c", b);
    assert_string_equal(a, b);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    two_strings("", "x", a);
    two_strings(NULL, "x", b);
    assert_string_equal(a, b);
}

static void numbers(void **state)
{
    (void)state;
    char a[MP_HASH_SIZE], b[MP_HASH_SIZE];
    struct mp_hash *h = mp_hash_create();
    mp_hash_u64(h, 1);
    mp_hash_digest(h, a);
    mp_hash_digest(h, b);
    assert_string_equal(a, b);
    mp_hash_double(h, 0.5);
    mp_hash_digest(h, b);
    assert_string_not_equal(a, b);
    mp_hash_destroy(h);
    mp_hash_destroy(NULL);
}

static void file(void **state)
{
    (void)state;
    struct mp_tempdir t = {0};
    struct mp_error err = MP_ERROR_INIT;
    char a[MP_HASH_SIZE];
    assert_int_equal(mp_tempdir_create(&t, &err), MP_OK);
    char *path = mp_path_join(t.path, "f");
    assert_int_equal(mp_hash_file(path, a, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(mp_file_write(path, "", 0, &err), MP_OK);
    assert_int_equal(mp_hash_file(path, a, &err), MP_OK);
    /* XXH3, 128 bits, of nothing: the published test vector. */
    assert_string_equal(a, "99aa06d3014798d86001c324468d497f");
    assert_int_equal(mp_hash_file(t.path, a, &err), MP_E_IO);
    free(path);
    mp_tempdir_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_do_not_run_together),
        cmocka_unit_test(numbers),
        cmocka_unit_test(file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
