#include "libs/descriptor.h"

#include "estimator/util/file.h"
#include "libs/yaml_load.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The file as libcyaml fills it; everything but the struct moves to the descriptor. */
struct raw {
    char *name, *title, *corner, *licence, *how_to_get, *driving_cell;
    struct mp_descriptor_file *files;
    char **search_paths, **dont_use;
    unsigned files_count, search_paths_count, dont_use_count;
    double default_clock_ns;
};

static const cyaml_schema_value_t string_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE("any_of", CYAML_FLAG_POINTER, struct mp_descriptor_file, any_of,
                         &string_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mp_descriptor_file, file_fields)};
static const cyaml_schema_field_t raw_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct raw, name, 1, CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct raw, title, 1, CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("corner", CYAML_FLAG_POINTER, struct raw, corner, 1, CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("licence", CYAML_FLAG_POINTER, struct raw, licence, 1, CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("how_to_get", CYAML_FLAG_POINTER, struct raw, how_to_get, 1,
                           CYAML_UNLIMITED),
    CYAML_FIELD_STRING_PTR("driving_cell", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw,
                           driving_cell, 1, CYAML_UNLIMITED),
    CYAML_FIELD_FLOAT("default_clock_ns", CYAML_FLAG_DEFAULT, struct raw, default_clock_ns),
    CYAML_FIELD_SEQUENCE("files", CYAML_FLAG_POINTER, struct raw, files, &file_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("search_paths", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw,
                         search_paths, &string_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("dont_use", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, dont_use,
                         &string_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t raw_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, raw_fields)};

static void free_strings(char **strings, size_t count)
{
    for (size_t i = 0; i < count && strings; i++)
        free(strings[i]);
    free(strings);
}

static void release_descriptor(struct mp_descriptor *d)
{
    free(d->name);
    free(d->title);
    free(d->corner);
    free(d->licence);
    free(d->how_to_get);
    free(d->driving_cell);
    for (size_t i = 0; i < d->file_count; i++)
        free_strings(d->files[i].any_of, d->files[i].any_of_count);
    free(d->files);
    free_strings(d->search_paths, d->search_path_count);
    free_strings(d->dont_use, d->dont_use_count);
    free_strings(d->found, d->file_count);
}

/* "~/x" and "$NAME/x" with the variable in place; NULL: it is not set. The caller frees. */
static char *expand(const char *path)
{
    const char *rest = path, *value;
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
        value = getenv("HOME");
        rest = path + 1;
    } else if (path[0] == '$') {
        rest = path + strcspn(path, "/");
        char *name = mp_strndup(path + 1, (size_t)(rest - path - 1));
        value = getenv(name);
        free(name);
    } else {
        return mp_strdup(path);
    }
    return value && value[0] ? mp_asprintf("%s%s", value, rest) : NULL;
}

static char *find_in(const char *folder, const struct mp_descriptor_file *file)
{
    for (unsigned i = 0; i < file->any_of_count; i++) {
        char *path = mp_path_join(folder, file->any_of[i]);
        if (mp_file_exists(path))
            return path;
        char *gz = mp_asprintf("%s.gz", path);
        free(path);
        if (mp_file_exists(gz))
            return gz;
        free(gz);
    }
    return NULL;
}

/* The user's folders first: what they name is meant to win over what happens to be installed. */
static char *locate(const struct mp_descriptor *d, const struct mp_descriptor_file *file)
{
    char *found = NULL;
    const char *list = getenv("MACPPA_LIBS");
    for (const char *p = list; p && *p && !found;) {
        size_t n = strcspn(p, ":");
        char *folder = mp_strndup(p, n);
        if (n)
            found = find_in(folder, file);
        free(folder);
        p += n + (p[n] == ':');
    }
    for (size_t i = 0; i < d->search_path_count && !found; i++) {
        char *folder = expand(d->search_paths[i]);
        if (folder)
            found = find_in(folder, file);
        free(folder);
    }
    return found;
}

static void locate_all(struct mp_descriptor *d)
{
    char **found = mp_alloc(d->file_count, sizeof *found);
    for (size_t i = 0; i < d->file_count; i++) {
        found[i] = locate(d, &d->files[i]);
        if (!found[i]) {
            free_strings(found, i);
            return;
        }
    }
    d->found = found;
}

static int check_descriptor(const struct mp_descriptor *d, const char *path, const char *base,
                            const char *text, struct mp_error *err)
{
    if (strlen(base) != strlen(d->name) + 5 || strncmp(base, d->name, strlen(d->name)) != 0)
        return mp_fail_at(err, MP_E_INPUT, path, mp_yaml_key_line(text, "name", 1),
                          "the library '%s' must be in %s.yaml", d->name, d->name);
    if (!(d->default_clock_s > 0 && d->default_clock_s < 1))
        return mp_fail_at(err, MP_E_INPUT, path, mp_yaml_key_line(text, "default_clock_ns", 1),
                          "default_clock_ns must be above 0 and below 1e9");
    return MP_OK;
}

static int load_descriptor(struct mp_descriptor *d, const char *path, const char *base,
                           struct mp_error *err)
{
    struct mp_text text = {0};
    struct raw *raw = NULL;
    int rc = mp_file_read(&text, path, (size_t)1 << 20, err);
    if (rc == MP_OK)
        rc = mp_yaml_load_text(text.data, text.size, path, &raw_schema, (void **)&raw, err);
    if (rc == MP_OK) {
        *d = (struct mp_descriptor){.name = raw->name,
                                    .title = raw->title,
                                    .corner = raw->corner,
                                    .licence = raw->licence,
                                    .how_to_get = raw->how_to_get,
                                    .driving_cell = raw->driving_cell,
                                    .files = raw->files,
                                    .file_count = raw->files_count,
                                    .search_paths = raw->search_paths,
                                    .search_path_count = raw->search_paths_count,
                                    .dont_use = raw->dont_use,
                                    .dont_use_count = raw->dont_use_count,
                                    .default_clock_s = raw->default_clock_ns / 1e9};
        free(raw);
        rc = check_descriptor(d, path, base, text.data, err);
        if (rc == MP_OK)
            locate_all(d);
        else
            release_descriptor(d);
    }
    mp_text_release(&text);
    return rc;
}

static int is_descriptor(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static int load_folder(struct mp_descriptors *d, const char *folder, struct mp_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_descriptor, alphasort), rc = MP_OK;
    if (count < 0)
        return mp_fail_errno(err, "the folder of library descriptors %s", folder);
    d->items = mp_realloc(d->items, d->count + (size_t)count + 1, sizeof *d->items);
    for (int i = 0; i < count; i++) {
        char *path = mp_path_join(folder, entries[i]->d_name);
        if (rc == MP_OK)
            rc = load_descriptor(&d->items[d->count], path, entries[i]->d_name, err);
        if (rc == MP_OK)
            d->count++;
        for (size_t k = 0; rc == MP_OK && k + 1 < d->count; k++)
            if (strcmp(d->items[k].name, d->items[d->count - 1].name) == 0)
                rc = mp_fail_at(err, MP_E_INPUT, path, 0,
                                "the library '%s' has another descriptor in a folder before this",
                                d->items[k].name);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    const struct mp_descriptor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int mp_descriptors_load(struct mp_descriptors *d, struct mp_error *err)
{
    *d = (struct mp_descriptors){NULL, 0};
    const char *list = getenv("MACPPA_DESCRIPTORS");
    if (!list || !list[0])
        list = mp_file_exists(MP_LIBS_SOURCE_DIR) ? MP_LIBS_SOURCE_DIR : MP_LIBS_INSTALL_DIR;
    int rc = MP_OK;
    for (const char *p = list; *p && rc == MP_OK;) {
        size_t n = strcspn(p, ":");
        char *folder = mp_strndup(p, n);
        if (n)
            rc = load_folder(d, folder, err);
        free(folder);
        p += n + (p[n] == ':');
    }
    if (rc == MP_OK && d->count == 0)
        rc = mp_fail(err, MP_E_NOT_FOUND, "no library descriptor (*.yaml) in %s", list);
    if (rc < 0)
        mp_descriptors_release(d);
    else
        qsort(d->items, d->count, sizeof *d->items, compare_names);
    return rc;
}

void mp_descriptors_release(struct mp_descriptors *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++)
        release_descriptor(&d->items[i]);
    free(d->items);
    *d = (struct mp_descriptors){NULL, 0};
}

int mp_descriptors_find(const struct mp_descriptors *d, const char *name,
                        const struct mp_descriptor **out, struct mp_error *err)
{
    struct mp_text known = {0};
    *out = NULL;
    for (size_t i = 0; i < d->count; i++) {
        const struct mp_descriptor *item = &d->items[i];
        mp_text_printf(&known, "%s%s", i ? ", " : "", item->name);
        if (strcmp(item->name, name) != 0)
            continue;
        mp_text_release(&known);
        if (!item->found)
            return mp_fail(err, MP_E_NOT_FOUND,
                           "the library %s is not on this machine (no %s found); get it: %s; or "
                           "name its folder in MACPPA_LIBS",
                           name, item->files[0].any_of[0], item->how_to_get);
        *out = item;
        return MP_OK;
    }
    int rc = mp_fail(err, MP_E_NOT_FOUND,
                     "there is no library '%s'; there are: %s (or give its files with --liberty)",
                     name, known.data ? known.data : "none");
    mp_text_release(&known);
    return rc;
}
