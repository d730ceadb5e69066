#include "tests/fake_tools/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

static const char *const names[FIXTURE_LIBRARY_COUNT] = {"osu018", "nangate45", "sky130hd",
                                                         "gf180"};

const char *fixture_library_name(size_t k)
{
    return names[k];
}

static char *library_path(size_t k)
{
    static const char *const shared_files[FIXTURE_LIBRARY_COUNT] = {
        NULL, "nangate45_typ.lib.gz", "sky130hd_tt.lib.gz",
        "gf180mcu_fd_sc_mcu7t5v0__tt_025C_1v80.lib.gz"};
    if (!shared_files[k])
        return mp_strdup("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
    const char *shared = getenv("MACPPA_SHARED"), *root = getenv("MACPPA_SOURCE_ROOT");
    return shared ? mp_asprintf("%s/libs/%s", shared, shared_files[k])
                  : mp_asprintf("%s/../shared/libs/%s", root ? root : ".", shared_files[k]);
}

static void assert_ok(int code, const struct mp_error *err)
{
    char text[1400];
    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

void fixture_open(struct fixture *f, size_t library)
{
    struct mp_error err = MP_ERROR_INIT;
    char *path = library_path(library);
    const char *const paths[] = {path};
    *f = (struct fixture){0};
    if (!mp_file_exists(path)) {
        print_message("%s is not here: %s\n", names[library], path);
        free(path);
        skip();
        return;
    }
    assert_ok(mp_library_read(&f->library, paths, 1, &err), &err);
    mp_library_roles_find(&f->library, &f->roles);
    assert_ok(mp_tempdir_create(&f->dir, &err), &err);
    assert_ok(mp_tempdir_create(&f->kept, &err), &err);
    f->prepared = mp_path_join(f->dir.path, "prepared.lib");
    assert_ok(mp_library_write_prepared(&f->library, paths, 1, f->prepared, NULL, 0, &err), &err);
    free(path);
}

void fixture_close(struct fixture *f)
{
    mp_library_release(&f->library);
    mp_tempdir_remove(&f->dir);
    mp_tempdir_remove(&f->kept);
    free(f->prepared);
}

char *fixture_design(const char *weight, const char *activation, enum mp_unit unit, bool reference,
                     char name[MP_DESIGN_NAME_SIZE])
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_design design = {.unit = unit};
    struct mp_text text = {0};
    assert_ok(mp_format_parse(&design.weight, weight, &err), &err);
    assert_ok(mp_format_parse(&design.activation, activation, &err), &err);
    assert_ok(mp_design_resolve(&design, &err), &err);
    assert_ok(reference ? mp_design_reference(&design, &text, &err)
                        : mp_design_generate(&design, &text, &err),
              &err);
    mp_design_name(&design, name);
    return text.data;
}

char *fixture_tool(const char *name)
{
    const char *root = getenv("MACPPA_SOURCE_ROOT");
    return mp_asprintf("%s/tests/fake_tools/%s", root ? root : ".", name);
}

void fixture_assert_kept(const struct fixture *f, const struct mp_error *err, const char *tool)
{
    assert_non_null(strstr(err->message, tool));
    const char *path = strstr(err->message, f->kept.path);
    if (!path) {
        fail_msg("no kept output in: %s", err->message);
        return;
    }
    char *file = mp_strndup(path, strcspn(path, " ;,\""));
    if (!mp_file_exists(file))
        fail_msg("%s is not there", file);
    free(file);
}
