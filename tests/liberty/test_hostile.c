/* Damaged files: cut off anywhere, bytes changed, lines dropped. Always a located error or a
 * library, never anything else. */
#include "estimator/liberty/library.h"

#include "estimator/util/file.h"
#include "estimator/util/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#include "tests/liberty/libraries.h"

/* A copy of exactly size bytes, so that a sanitizer sees what is read behind its end. */
static int read_exact(const char *text, size_t size, struct mp_error *err)
{
    char *copy = mp_alloc(size + 1, 1);
    struct mp_library lib;
    memcpy(copy, text, size);
    copy = mp_realloc(copy, size ? size : 1, 1);
    int rc = mp_library_read_text(&lib, copy, size, "t.lib", err);
    if (rc == MP_OK) {
        struct mp_library_roles roles;
        mp_library_roles_find(&lib, &roles);
        mp_library_release(&lib);
    } else {
        assert_true(err->message[0] != '\0');
        assert_true(err->line >= 1);
        assert_string_equal(err->file, "t.lib");
    }
    free(copy);
    return rc;
}

static void load(struct mp_text *text)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = test_library_path(&test_libraries[0]);
    if (!path)
        skip();
    assert_int_equal(mp_file_read(text, path, 0, &err), MP_OK);
    free(path);
}

static void test_cut_off(void **state)
{
    (void)state;
    struct mp_text text = {0};
    load(&text);
    for (size_t i = 0; i < 50; i++) {
        struct mp_error err = MP_ERROR_INIT;
        /* Everything before the closing brace of the library is incomplete. */
        assert_true(read_exact(text.data, text.size * i / 50, &err) < 0);
    }
    mp_text_release(&text);
}

static void test_changed_bytes(void **state)
{
    (void)state;
    struct mp_text text = {0};
    load(&text);
    struct mp_random r;
    mp_random_seed(&r, 7);
    static const char alphabet[] = "{}():;,\"\\/*!&|'\n\0 019.-eAx";
    for (int i = 0; i < 300; i++) {
        char saved[8];
        size_t at[8];
        for (int k = 0; k < 8; k++) {
            at[k] = mp_random_below(&r, text.size);
            saved[k] = text.data[at[k]];
            text.data[at[k]] = alphabet[mp_random_below(&r, sizeof alphabet - 1)];
        }
        struct mp_error err = MP_ERROR_INIT;
        read_exact(text.data, text.size, &err);
        for (int k = 7; k >= 0; k--)
            text.data[at[k]] = saved[k];
    }
    mp_text_release(&text);
}

/* What the reader still takes can be prepared, and what was written can be read. */
static void test_prepare_changed(void **state)
{
    (void)state;
    struct mp_text text = {0};
    struct mp_tempdir dir = {NULL};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_random r;
    load(&text);
    mp_random_seed(&r, 10);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *in = mp_path_join(dir.path, "in.lib"), *out = mp_path_join(dir.path, "out.lib");
    const char *source = in, *written = out;
    int prepared = 0;
    for (int i = 0; i < 100; i++) {
        size_t at = mp_random_below(&r, text.size);
        char saved = text.data[at];
        struct mp_library lib, again;
        text.data[at] = "0x;,. A\""[mp_random_below(&r, 8)];
        assert_int_equal(mp_file_write(in, text.data, text.size, &err), MP_OK);
        if (mp_library_read(&lib, &source, 1, &err) == MP_OK) {
            if (mp_library_write_prepared(&lib, &source, 1, out, NULL, 0, &err) == MP_OK) {
                if (mp_library_read(&again, &written, 1, &err) < 0)
                    fail_msg("byte %zu made '%c': %s:%d: %s", at, text.data[at], err.file, err.line,
                             err.message);
                mp_library_release(&again);
                prepared++;
            }
            mp_library_release(&lib);
        }
        text.data[at] = saved;
    }
    assert_true(prepared > 20);
    mp_tempdir_remove(&dir);
    mp_text_release(&text);
    free(in);
    free(out);
}

static void test_dropped_lines(void **state)
{
    (void)state;
    struct mp_text text = {0};
    load(&text);
    struct mp_random r;
    mp_random_seed(&r, 8);
    for (int i = 0; i < 100; i++) {
        char *from = strchr(text.data + mp_random_below(&r, text.size - 200), '\n') + 1;
        char *to = strchr(from, '\n') + 1;
        char *copy = mp_strdup(text.data);
        memmove(copy + (from - text.data), to, strlen(to) + 1);
        struct mp_error err = MP_ERROR_INIT;
        read_exact(copy, strlen(copy), &err);
        free(copy);
    }
    mp_text_release(&text);
}

static void test_nonsense(void **state)
{
    (void)state;
    struct mp_random r;
    struct mp_error err = MP_ERROR_INIT;
    char bytes[4096];
    mp_random_seed(&r, 9);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)mp_random_u64(&r);
    assert_true(read_exact(bytes, sizeof bytes, &err) < 0);
    assert_true(read_exact(bytes, 0, &err) < 0);
}

/* Cut-off gzip: said so by the file reader. */
static void test_cut_gzip(void **state)
{
    (void)state;
    char *path = test_library_path(&test_libraries[3]);
    if (!path)
        skip();
    struct mp_tempdir dir = {NULL};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_library lib;
    FILE *f = fopen(path, "rb");
    char bytes[20000];
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    char *cut = mp_path_join(dir.path, "cut.lib.gz");
    const char *paths[] = {cut};
    assert_int_equal(mp_file_write(cut, bytes, n, &err), MP_OK);
    assert_int_equal(mp_library_read(&lib, paths, 1, &err), MP_E_INPUT);
    free(cut);
    free(path);
    mp_tempdir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_off),         cmocka_unit_test(test_changed_bytes),
        cmocka_unit_test(test_prepare_changed), cmocka_unit_test(test_dropped_lines),
        cmocka_unit_test(test_nonsense),        cmocka_unit_test(test_cut_gzip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
