#include "estimator/pipeline/network_preset.h"
#include "estimator/pipeline/experiment_parts.h"
#include "estimator/util/file.h"
#include "libs/yaml_load.h"
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PRESET_BYTES   ((size_t)1 << 20)
#define MAX_CONTAINS_BYTES ((size_t)16 << 20) /* of a file whose text is looked into */

/* The file as libcyaml fills it. */
struct raw_obtain {
    char *item[MP_PRESET_ITEMS];
};
struct raw {
    char *title, *notes, *missing;
    struct mp_preset_choice *item[MP_PRESET_ITEMS];
    unsigned item_count[MP_PRESET_ITEMS];
    struct raw_obtain *obtain;
    struct mp_raw_images *images;
};

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(type, key, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 1, CYAML_UNLIMITED)
#define CHOICES(name, i)                                                                           \
    {                                                                                              \
        .key = (name),                                                                             \
        .value = {CYAML_VALUE_SEQUENCE(OPTIONAL, struct mp_preset_choice, &choice_schema, 1,       \
                                       CYAML_UNLIMITED)},                                          \
        .data_offset = offsetof(struct raw, item[i]),                                              \
        .count_offset = offsetof(struct raw, item_count[i]), .count_size = sizeof(unsigned)        \
    }
#define OBTAIN(name, i)                                                                            \
    {                                                                                              \
        .key = (name), .value = {CYAML_VALUE_STRING(OPTIONAL, char, 1, CYAML_UNLIMITED)},          \
        .data_offset = offsetof(struct raw_obtain, item[i])                                        \
    }

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_field_t choice_fields[] = {
    CYAML_FIELD_SEQUENCE("files", CYAML_FLAG_POINTER, struct mp_preset_choice, files, &text_schema,
                         1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("contains", OPTIONAL, struct mp_preset_choice, contains, &text_schema, 1,
                         CYAML_UNLIMITED),
    TEXT(struct mp_preset_choice, "layers", layers), TEXT(struct mp_preset_choice, "notes", notes),
    CYAML_FIELD_END};
static const cyaml_schema_value_t choice_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mp_preset_choice, choice_fields)};
static const cyaml_schema_field_t obtain_fields[] = {
    OBTAIN("model", MP_PRESET_MODEL),
    OBTAIN("weights", MP_PRESET_WEIGHTS),
    OBTAIN("test_images", MP_PRESET_TEST_IMAGES),
    OBTAIN("test_labels", MP_PRESET_TEST_LABELS),
    OBTAIN("calibration_images", MP_PRESET_CALIBRATION_IMAGES),
    OBTAIN("calibration_labels", MP_PRESET_CALIBRATION_LABELS),
    CYAML_FIELD_END};
static const cyaml_schema_field_t raw_fields[] = {
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct raw, title, 1, CYAML_UNLIMITED),
    TEXT(struct raw, "notes", notes),
    TEXT(struct raw, "missing", missing),
    CHOICES("model", MP_PRESET_MODEL),
    CHOICES("weights", MP_PRESET_WEIGHTS),
    CHOICES("test_images", MP_PRESET_TEST_IMAGES),
    CHOICES("test_labels", MP_PRESET_TEST_LABELS),
    CHOICES("calibration_images", MP_PRESET_CALIBRATION_IMAGES),
    CHOICES("calibration_labels", MP_PRESET_CALIBRATION_LABELS),
    CYAML_FIELD_MAPPING_PTR("obtain", OPTIONAL, struct raw, obtain, obtain_fields),
    CYAML_FIELD_MAPPING_PTR("images", OPTIONAL, struct raw, images, mp_raw_images_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t raw_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, raw_fields)};

const char *mp_preset_item_name(enum mp_preset_item i)
{
    static const char *const names[MP_PRESET_ITEMS] = {"model",
                                                       "weights",
                                                       "test_images",
                                                       "test_labels",
                                                       "calibration_images",
                                                       "calibration_labels"};

    return names[i];
}

/* ---- where files are ---- */

struct folders {
    char **items;
    size_t count, capacity;
};

static void add_folder(struct folders *f, char *folder)
{
    mp_grow(&f->items, f->count, &f->capacity, sizeof *f->items);
    f->items[f->count++] = folder;
}

static void list_folders(struct folders *f, const char *list)
{
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ":");
        if (n > 0)
            add_folder(f, mp_strndup(p, n));
        p += n + (p[n] == ':');
    }
}

/* The user's folders first: what they name is meant to win. */
static struct folders search_folders(const char *preset_path)
{
    struct folders f = {0};
    const char *home = getenv("HOME");

    list_folders(&f, getenv("MACPPA_NETWORKS"));
    if (home != NULL && home[0] != '\0')
        add_folder(&f, mp_path_join(home, ".local/share/macppa/networks"));
    add_folder(&f, mp_path_dir(preset_path));
    return f;
}

static void free_list(char **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(items[i]);
    free(items);
}

/* Blanks and line ends of any number become one blank each. */
static size_t squeeze(char *text, size_t size)
{
    size_t to = 0;

    for (size_t i = 0; i < size; i++)
        if (!isspace((unsigned char)text[i]))
            text[to++] = text[i];
        else if (to > 0 && text[to - 1] != ' ')
            text[to++] = ' ';
    return to;
}

/* Of a binary file too: a caffemodel holds the names of its layers. */
static bool fits(const char *path, const struct mp_preset_choice *c)
{
    struct mp_text text = {0};
    size_t size;
    bool good;

    if (!mp_file_exists(path))
        return false;
    if (c->contains_count == 0)
        return true;
    good = mp_file_read(&text, path, MAX_CONTAINS_BYTES, NULL) == MP_OK && text.data != NULL;
    size = good ? squeeze(text.data, text.size) : 0;
    for (unsigned i = 0; i < c->contains_count && good; i++)
        good = memmem(text.data, size, c->contains[i], strlen(c->contains[i])) != NULL;
    mp_text_release(&text);
    return good;
}

static char *find_in(const char *folder, const struct mp_preset_choice *c)
{
    for (unsigned i = 0; i < c->files_count; i++) {
        char *path = mp_path_join(folder, c->files[i]);
        if (fits(path, c))
            return path;
        char *gz = mp_asprintf("%s.gz", path);
        free(path);
        if (fits(gz, c))
            return gz;
        free(gz);
    }
    return NULL;
}

static void locate(struct mp_preset_file *f, const struct folders *in)
{
    for (unsigned c = 0; c < f->choice_count; c++)
        for (size_t i = 0; i < in->count && f->found == NULL; i++) {
            f->found = find_in(in->items[i], &f->choices[c]);
            f->choice = f->found != NULL ? &f->choices[c] : NULL;
        }
}

/* ---- reading ---- */

static struct folders preset_folders(void)
{
    struct folders f = {0};
    const char *list = getenv("MACPPA_PRESETS");

    if (list == NULL || list[0] == '\0')
        list =
            mp_file_exists(MP_PRESETS_SOURCE_DIR) ? MP_PRESETS_SOURCE_DIR : MP_PRESETS_INSTALL_DIR;
    list_folders(&f, list);
    return f;
}

static int is_preset(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int mp_network_preset_names(char ***names, size_t *count, struct mp_error *err)
{
    struct folders in = preset_folders();
    size_t capacity = 0;
    int rc = MP_OK;

    *names = NULL;
    *count = 0;
    for (size_t i = 0; i < in.count && rc == MP_OK; i++) {
        struct dirent **entries = NULL;
        int n = scandir(in.items[i], &entries, is_preset, alphasort);
        if (n < 0)
            rc = mp_fail_errno(err, "the folder of network presets %s", in.items[i]);
        for (int k = 0; k < n; k++) {
            mp_grow(names, *count, &capacity, sizeof **names);
            (*names)[(*count)++] = mp_strndup(entries[k]->d_name, strlen(entries[k]->d_name) - 5);
            free(entries[k]);
        }
        free(entries);
    }
    if (rc == MP_OK && *count > 0)
        qsort(*names, *count, sizeof **names, compare_names);
    free_list(in.items, in.count);
    return rc;
}

static int fail_unknown(const char *name, struct mp_error *err)
{
    struct mp_text known = {0};
    char **names;
    size_t count;
    int rc = mp_network_preset_names(&names, &count, err);

    for (size_t i = 0; i < count; i++)
        mp_text_printf(&known, "%s%s", i > 0 ? ", " : "", names[i]);
    if (rc == MP_OK)
        rc = mp_fail(err, MP_E_NOT_FOUND,
                     "there is no network `%s`: it is a .onnx or .prototxt file, or a preset; "
                     "there are: %s",
                     name, known.data != NULL ? known.data : "none");
    mp_text_release(&known);
    free_list(names, count);
    return rc;
}

/* The preset's file; NULL: there is none of that name. */
static char *find_preset(const char *name)
{
    struct folders in;
    char *found = NULL, *file;
    size_t n = strlen(name);

    if (n > 5 && strcmp(name + n - 5, ".yaml") == 0)
        return mp_strdup(name);
    if (strchr(name, '/') != NULL)
        return NULL;
    in = preset_folders();
    file = mp_asprintf("%s.yaml", name);
    for (size_t i = 0; i < in.count && found == NULL; i++) {
        found = mp_path_join(in.items[i], file);
        if (!mp_file_exists(found)) {
            free(found);
            found = NULL;
        }
    }
    free(file);
    free_list(in.items, in.count);
    return found;
}

static char *take(char **from)
{
    char *text = *from;

    *from = NULL;
    return text;
}

static int convert(struct mp_network_preset *p, struct raw *raw, const struct mp_place *at,
                   struct mp_error *err)
{
    int rc;

    p->title = take(&raw->title);
    p->notes = take(&raw->notes);
    for (size_t i = 0; i < MP_PRESET_ITEMS; i++) {
        p->items[i].choices = raw->item[i];
        p->items[i].choice_count = raw->item_count[i];
        raw->item[i] = NULL;
        raw->item_count[i] = 0;
        if (raw->obtain != NULL)
            p->items[i].obtain = take(&raw->obtain->item[i]);
    }
    if (p->items[MP_PRESET_MODEL].choice_count == 0)
        return mp_fail_at(err, MP_E_INPUT, at->path, 0, "the key `model` is missing");
    if (raw->missing != NULL &&
        (rc = mp_experiment_located(mp_missing_weights_parse(&p->missing, raw->missing, err), at,
                                    "missing", err)) < 0)
        return rc;
    if (raw->images == NULL)
        return MP_OK;
    if (raw->images->folder != NULL || raw->images->allow_damaged != NULL)
        return mp_fail_at(err, MP_E_INPUT, at->path, mp_yaml_key_line(at->text, "images", at->from),
                          "images: folder and allow_damaged are no keys of a preset");
    p->has_preprocess = true;
    return mp_experiment_read_preprocess(&p->preprocess, raw->images, at, err);
}

static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

    return mp_strndup(name, strlen(name) - 5);
}

int mp_network_preset_read(struct mp_network_preset *p, const char *name, struct mp_error *err)
{
    struct mp_text text = {0};
    struct raw *raw = NULL;
    struct folders in;
    int rc;

    *p = (struct mp_network_preset){.preprocess = MP_PREPROCESS_INIT};
    if ((p->path = find_preset(name)) == NULL)
        return fail_unknown(name, err);
    p->name = base_name(p->path);
    if ((rc = mp_file_read(&text, p->path, MAX_PRESET_BYTES, err)) < 0 ||
        (rc = mp_yaml_load_text(text.data, text.size, p->path, &raw_schema, (void **)&raw, err)) <
            0)
        goto out;
    const struct mp_place at = {p->path, text.data, 1};
    if ((rc = convert(p, raw, &at, err)) < 0)
        goto out;
    in = search_folders(p->path);
    for (size_t i = 0; i < MP_PRESET_ITEMS; i++)
        locate(&p->items[i], &in);
    free_list(in.items, in.count);
out:
    mp_yaml_free(&raw_schema, raw);
    mp_text_release(&text);
    if (rc < 0)
        mp_network_preset_release(p);
    return rc;
}

static void release_file(struct mp_preset_file *f)
{
    for (unsigned i = 0; i < f->choice_count; i++) {
        struct mp_preset_choice *c = &f->choices[i];
        free_list(c->files, c->files_count);
        free_list(c->contains, c->contains_count);
        free(c->layers);
        free(c->notes);
    }
    free(f->choices);
    free(f->obtain);
    free(f->found);
}

void mp_network_preset_release(struct mp_network_preset *p)
{
    if (p == NULL)
        return;
    free(p->name);
    free(p->path);
    free(p->title);
    free(p->notes);
    for (size_t i = 0; i < MP_PRESET_ITEMS; i++)
        release_file(&p->items[i]);
    mp_preprocess_release(&p->preprocess);
    *p = (struct mp_network_preset){0};
}

char *mp_network_preset_folders(const struct mp_network_preset *p)
{
    struct folders in = search_folders(p->path);
    struct mp_text all = {0};

    for (size_t i = 0; i < in.count; i++)
        mp_text_printf(&all, "%s%s", i > 0 ? ", " : "", in.items[i]);
    free_list(in.items, in.count);
    return all.data;
}
