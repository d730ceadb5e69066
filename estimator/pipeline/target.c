#include "estimator/pipeline/target.h"
#include "estimator/pipeline/pipeline.h"
#include "estimator/util/file.h"
#include <stdlib.h>
#include <string.h>

static int check_roles(const struct mp_target *t, struct mp_error *err)
{
    const struct {
        uint32_t cell;
        const char *what;
    } needed[] = {{t->roles.flip_flop, "rising-edge D flip-flop"},
                  {t->roles.inverter, "inverter"},
                  {t->roles.buffer, "buffer"},
                  {t->roles.nand2, "two-input NAND"}};

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (needed[i].cell == MP_NONE)
            return mp_fail_at(err, MP_E_UNSUPPORTED, t->library.files[0], 0,
                              "library %s has no usable %s: designs cannot be mapped to it",
                              t->name, needed[i].what);
    return MP_OK;
}

/* temp_dir NULL: netlists come as given. */
static int prepare(struct mp_target *t, const char *const *files, size_t file_count,
                   const char *temp_dir, struct mp_error *err)
{
    if (temp_dir == NULL)
        return MP_OK;
    char *name = mp_asprintf("%s-%.8s.lib", t->name, t->hash);
    int rc = check_roles(t, err);

    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
    t->prepared_path = mp_path_join(temp_dir, name);
    if (rc == MP_OK)
        rc = mp_library_write_prepared(&t->library, files, file_count, t->prepared_path, NULL, 0,
                                       err);
    free(name);
    return rc;
}

int mp_target_open(struct mp_target *t, const struct mp_descriptor *d, const char *temp_dir,
                   struct mp_error *err)
{
    struct mp_hash *h = mp_hash_create();
    int rc = mp_library_read(&t->library, (const char *const *)d->found, d->file_count, err);

    if (rc < 0)
        goto out;
    t->name = mp_strdup(d->name);
    t->corner = mp_strdup(d->corner);
    t->default_clock_s = d->default_clock_s;
    mp_library_mark_dont_use(&t->library, (const char *const *)d->dont_use, d->dont_use_count);
    mp_library_roles_find(&t->library, &t->roles);
    if (d->driving_cell != NULL) {
        t->roles.buffer_strong = mp_library_cell(&t->library, d->driving_cell);
        if (t->roles.buffer_strong == MP_NONE) {
            rc = mp_fail_at(err, MP_E_INPUT, d->found[0], 0,
                            "driving cell %s of library %s is not in it: correct driving_cell in "
                            "libs/%s.yaml",
                            d->driving_cell, d->name, d->name);
            goto out;
        }
    }
    mp_hash_string(h, t->library.hash);
    for (size_t i = 0; i < d->dont_use_count; i++)
        mp_hash_string(h, d->dont_use[i]);
    mp_hash_string(h, d->driving_cell);
    mp_hash_digest(h, t->hash);
    rc = prepare(t, (const char *const *)d->found, d->file_count, temp_dir, err);
out:
    mp_hash_destroy(h);
    return rc;
}

int mp_target_open_files(struct mp_target *t, const char *const *files, size_t file_count,
                         const char *temp_dir, struct mp_error *err)
{
    int rc = mp_library_read(&t->library, files, file_count, err);

    if (rc < 0)
        return rc;
    t->name = mp_strdup(t->library.name);
    t->corner = mp_asprintf("%g V, %g C", t->library.voltage_v, t->library.temperature_c);
    memcpy(t->hash, t->library.hash, sizeof t->hash);
    mp_library_roles_find(&t->library, &t->roles);
    return prepare(t, files, file_count, temp_dir, err);
}

void mp_target_release(struct mp_target *t)
{
    mp_library_release(&t->library);
    free(t->name);
    free(t->corner);
    free(t->prepared_path);
    memset(t, 0, sizeof *t);
}

int mp_targets_open(struct mp_targets *t, const struct mp_experiment *e, const char *temp_dir,
                    struct mp_error *err)
{
    struct mp_descriptors descriptors = {0};
    const struct mp_descriptor *d;
    const char *folder = t->as_given ? NULL : temp_dir;
    int rc = MP_OK;

    t->items = mp_alloc(e->library_count + 1, sizeof *t->items);
    if (e->library_count > 0 && (rc = mp_descriptors_load(&descriptors, err)) < 0)
        return rc;
    for (size_t i = 0; i < e->library_count && rc == MP_OK; i++) {
        rc = mp_descriptors_find(&descriptors, e->libraries[i], &d, err);
        if (rc == MP_OK)
            rc = mp_target_open(&t->items[t->count++], d, folder, err);
    }
    if (rc == MP_OK && e->liberty_count > 0)
        rc = mp_target_open_files(&t->items[t->count++], (const char *const *)e->liberty,
                                  e->liberty_count, folder, err);
    mp_descriptors_release(&descriptors);
    return rc;
}

void mp_targets_release(struct mp_targets *t)
{
    for (size_t i = 0; i < t->count; i++)
        mp_target_release(&t->items[i]);
    free(t->items);
    *t = (struct mp_targets){0};
}
