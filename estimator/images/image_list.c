#include "estimator/images/image_list.h"

#include "estimator/util/file.h"
#include "estimator/util/number.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_LIST_BYTES ((size_t)256 << 20)
#define MAX_CLASS      ((uint64_t)1 << 31)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* line[length] is one line without its end. */
static int take_line(struct mp_image_list *l, struct mp_arena *arena, const char *folder,
                     const char *line, size_t length, const char *path, int number, size_t *room,
                     size_t *label_room, struct mp_error *err)
{
    size_t end = length, split, name_end;
    uint64_t label = 0;
    size_t paths_room = *room;

    while (end > 0 && is_blank(line[end - 1]))
        end--;
    if (end == 0)
        return MP_OK;
    for (split = end; split > 0 && !is_blank(line[split - 1]);)
        split--;
    for (name_end = split; name_end > 0 && is_blank(line[name_end - 1]);)
        name_end--;
    char *class = mp_strndup(line + split, end - split);
    bool good = name_end > 0 && memchr(line, '\0', length) == NULL && mp_parse_u64(class, &label) &&
                label < MAX_CLASS;
    free(class);
    if (!good)
        return mp_fail_at(err, MP_E_INPUT, path, number,
                          "a line of an image list is a file, a blank and the number of its class, "
                          "for example \"cat.JPEG 281\"");
    mp_grow(&l->names, l->count, room, sizeof *l->names);
    mp_grow(&l->paths, l->count, &paths_room, sizeof *l->paths);
    mp_grow(&l->labels, l->count, label_room, sizeof *l->labels);
    l->names[l->count] = mp_arena_strndup(arena, line, name_end);
    char *joined = mp_path_join(folder, l->names[l->count]);
    l->paths[l->count] = mp_arena_strdup(arena, joined);
    free(joined);
    l->labels[l->count++] = (uint32_t)label;
    return MP_OK;
}

int mp_image_list_parse(struct mp_image_list *l, struct mp_arena *arena, const char *text,
                        const char *path, const char *folder, uint32_t limit, struct mp_error *err)
{
    size_t room = 0, label_room = 0;
    int rc = MP_OK, number = 1;

    *l = (struct mp_image_list){0};
    for (const char *s = text; *s != '\0' && rc == MP_OK && (limit == 0 || l->count < limit);
         number++) {
        size_t length = strcspn(s, "\n");
        rc = take_line(l, arena, folder, s, length, path, number, &room, &label_room, err);
        s += length + (s[length] == '\n');
    }
    if (rc == MP_OK && l->count == 0)
        rc = mp_fail_at(err, MP_E_INPUT, path, 0, "the list names no image");
    if (rc < 0)
        mp_image_list_release(l);
    return rc;
}

int mp_image_list_read(struct mp_image_list *l, struct mp_arena *arena, const char *path,
                       const char *folder, uint32_t limit, struct mp_error *err)
{
    struct stat info;
    struct mp_text text = {0};
    bool is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    char *list = is_folder ? mp_path_join(path, "labels.txt") : mp_strdup(path);
    char *where = folder != NULL ? mp_strdup(folder) : mp_path_dir(list);
    int rc = mp_file_read(&text, list, MAX_LIST_BYTES, err);

    *l = (struct mp_image_list){0};
    if (rc < 0 && is_folder)
        mp_error_context(err, "a folder of images needs a list of files and classes");
    if (rc == MP_OK && text.data != NULL && strlen(text.data) != text.size)
        rc = mp_fail_at(err, MP_E_INPUT, list, 0, "not a list of images: it holds zero bytes");
    if (rc == MP_OK)
        rc = mp_image_list_parse(l, arena, text.data != NULL ? text.data : "", list, where, limit,
                                 err);
    mp_text_release(&text);
    free(where);
    free(list);
    return rc;
}

void mp_image_list_release(struct mp_image_list *l)
{
    free(l->names);
    free(l->paths);
    free(l->labels);
    *l = (struct mp_image_list){0};
}
