/* Library descriptors: the ones that are shipped, and what is wrong with bad ones. */
#include "libs/descriptor.h"

#include "estimator/liberty/library.h"
#include "estimator/util/file.h"
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static void use_shared_libs(void)
{
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    char *folder =
        shared ? mp_path_join(shared, "libs") : mp_asprintf("%s/../shared/libs", root ? root : ".");
    setenv("MACPPA_LIBS", folder, 1);
    free(folder);
}

static void test_shipped(void **state)
{
    (void)state;
    static const char *const names[] = {"gf180",  "nangate45", "osu018",
                                        "osu035", "osu050",    "sky130hd"};
    struct mp_descriptors d;
    struct mp_error err = MP_ERROR_INIT;
    unsetenv("MACPPA_DESCRIPTORS");
    use_shared_libs();
    int rc = mp_descriptors_load(&d, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, MP_OK);
    assert_int_equal(d.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(d.items[i].name, names[i]);
        assert_true(d.items[i].default_clock_s >= 1e-9 && d.items[i].default_clock_s < 1e-7);
        assert_true(strlen(d.items[i].how_to_get) > 10);
    }
    mp_descriptors_release(&d);
}

/* Every library that is here reads, its dont_use patterns all match, its driving cell is a cell
 * that is used, and each role that matters is filled. */
static void test_usable(void **state)
{
    (void)state;
    struct mp_descriptors d;
    struct mp_error err = MP_ERROR_INIT;
    use_shared_libs();
    assert_int_equal(mp_descriptors_load(&d, &err), MP_OK);
    for (size_t i = 0; i < d.count; i++) {
        const struct mp_descriptor *item = &d.items[i];
        struct mp_library lib;
        if (!item->found) {
            print_message("skipped: %s is not here\n", item->name);
            continue;
        }
        int rc = mp_library_read(&lib, (const char *const *)item->found, item->file_count, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(rc, MP_OK);
        for (size_t k = 0; k < item->dont_use_count; k++) {
            const char *pattern = item->dont_use[k];
            if (mp_library_mark_dont_use(&lib, &pattern, 1) == 0)
                fail_msg("%s: no cell matches %s", item->name, pattern);
        }
        uint32_t driver = mp_library_cell(&lib, item->driving_cell);
        assert_true(driver != MP_NONE);
        assert_false(lib.cells[driver].dont_use);
        struct mp_library_roles roles;
        mp_library_roles_find(&lib, &roles);
        assert_true(roles.flip_flop != MP_NONE && roles.inverter != MP_NONE &&
                    roles.buffer != MP_NONE && roles.nand2 != MP_NONE &&
                    roles.full_adder != MP_NONE && roles.half_adder != MP_NONE);
        mp_library_release(&lib);
    }
    mp_descriptors_release(&d);
}

static void test_find(void **state)
{
    (void)state;
    struct mp_descriptors d;
    const struct mp_descriptor *found;
    struct mp_error err = MP_ERROR_INIT;
    assert_int_equal(mp_descriptors_load(&d, &err), MP_OK);
    assert_int_equal(mp_descriptors_find(&d, "osu81", &found, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "gf180, nangate45, osu018"));
    for (size_t i = 0; i < d.count; i++) {
        struct mp_error e = MP_ERROR_INIT;
        int rc = mp_descriptors_find(&d, d.items[i].name, &found, &e);
        assert_int_equal(rc, d.items[i].found ? MP_OK : MP_E_NOT_FOUND);
        if (d.items[i].found)
            assert_ptr_equal(found, &d.items[i]);
        else
            assert_non_null(strstr(e.message, d.items[i].how_to_get));
    }
    mp_descriptors_release(&d);
}

static const char good[] = "name: mine\ntitle: t\ncorner: c\nlicence: l\nhow_to_get: h\n"
                           "default_clock_ns: 3\nfiles:\n  - any_of: [nothing.lib, a.lib]\n"
                           "search_paths: [$MACPPA_TEST_UNSET/x, $MACPPA_TEST_FOLDER]\n";

static int load_one(const char *text, const char *file, struct mp_descriptors *d,
                    struct mp_error *err)
{
    struct mp_tempdir dir = {NULL};
    assert_int_equal(mp_tempdir_create(&dir, err), MP_OK);
    char *path = mp_path_join(dir.path, file), *lib = mp_path_join(dir.path, "a.lib.gz");
    assert_int_equal(mp_file_write(path, text, strlen(text), err), MP_OK);
    assert_int_equal(mp_file_write(lib, "x", 1, err), MP_OK);
    setenv("MACPPA_DESCRIPTORS", dir.path, 1);
    setenv("MACPPA_TEST_FOLDER", dir.path, 1);
    int rc = mp_descriptors_load(d, err);
    if (rc == MP_OK && d->items[0].found)
        assert_string_equal(d->items[0].found[0], lib);
    unsetenv("MACPPA_DESCRIPTORS");
    free(path);
    free(lib);
    mp_tempdir_remove(&dir);
    return rc;
}

static void test_own_folder(void **state)
{
    (void)state;
    struct mp_descriptors d;
    struct mp_error err = MP_ERROR_INIT;
    unsetenv("MACPPA_LIBS");
    assert_int_equal(load_one(good, "mine.yaml", &d, &err), MP_OK);
    assert_int_equal(d.count, 1);
    assert_non_null(d.items[0].found);
    assert_true(d.items[0].default_clock_s == 3e-9);
    mp_descriptors_release(&d);

    assert_int_equal(load_one(good, "other.yaml", &d, &err), MP_E_INPUT);
    assert_int_equal(err.line, 1);
}

static void test_bad(void **state)
{
    (void)state;
    struct mp_descriptors d;
    struct mp_error err = MP_ERROR_INIT;
    char *text = mp_asprintf("%sspeed: 3\n", good);
    assert_int_equal(load_one(text, "mine.yaml", &d, &err), MP_E_INPUT);
    assert_int_equal(err.line, 10);
    assert_non_null(strstr(err.message, "default_clock_ns"));
    free(text);
    text = mp_strdup(good);
    memcpy(strstr(text, ": 3"), ":-3", 3);
    assert_int_equal(load_one(text, "mine.yaml", &d, &err), MP_E_INPUT);
    memcpy(strstr(text, ":-3"), ": 0", 3);
    assert_int_equal(load_one(text, "mine.yaml", &d, &err), MP_E_INPUT);
    assert_int_equal(err.line, 6);
    free(text);
    setenv("MACPPA_DESCRIPTORS", "/no/such/folder", 1);
    assert_int_equal(mp_descriptors_load(&d, &err), MP_E_NOT_FOUND);
    unsetenv("MACPPA_DESCRIPTORS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_usable), cmocka_unit_test(test_find),
        cmocka_unit_test(test_own_folder), cmocka_unit_test(test_bad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
