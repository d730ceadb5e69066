/* Reading of a list of labelled files; see image_set.h for its form. */
#ifndef MP_IMAGES_IMAGE_LIST_H
#define MP_IMAGES_IMAGE_LIST_H

#include "estimator/util/memory.h"

struct mp_image_list {
    uint32_t count;
    char **names;     /* [count] as in the list; in the caller's arena, like paths */
    char **paths;     /* [count] with the folder in front */
    uint32_t *labels; /* [count]; owned */
};

/* path: the list, or a folder with labels.txt; folder NULL: where the list is; limit 0: all. Empty
 * lines are skipped. A line without a class, a class above 2^31: MP_E_INPUT with file and line. */
int mp_image_list_read(struct mp_image_list *l, struct mp_arena *arena, const char *path,
                       const char *folder, uint32_t limit, struct mp_error *err);
/* The same from text; path is for messages. */
int mp_image_list_parse(struct mp_image_list *l, struct mp_arena *arena, const char *text,
                        const char *path, const char *folder, uint32_t limit, struct mp_error *err);
void mp_image_list_release(struct mp_image_list *l);

#endif
