#include "estimator/images/dataset.h"
#include "estimator/images/image_list.h"
#include "estimator/util/file.h"
#include "estimator/util/parallel.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_MEMORY ((size_t)512 << 20)
#define NAMED_DAMAGE   5 /* files that an error names, of all that are damaged */

struct opening {
    struct mp_image_set *set;
    struct mp_shape shape;
    const struct mp_image_list *list;
    char (*hashes)[MP_HASH_SIZE]; /* [file] of its bytes */
    char **reasons;               /* [file] NULL: the image is good; owned */
    uint8_t *pixels;              /* [file][elements]; NULL: not kept */
};

static int prepare(const struct mp_image_set *s, const struct mp_shape *shape, const void *data,
                   size_t size, const char *path, uint8_t *bytes, struct mp_error *err)
{
    struct mp_image image;
    int rc = mp_image_decode(&image, data, size, path, err);

    if (rc == MP_OK)
        rc = mp_preprocess_image(&s->how, &image, s->prepared, shape->channels, path, bytes, err);
    mp_image_release(&image);
    return rc;
}

int mp_image_set_bytes(const struct mp_image_set *s, const struct mp_shape *shape, uint32_t index,
                       uint8_t *bytes, struct mp_error *err)
{
    struct mp_text text = {0};
    int rc = mp_file_read(&text, s->paths[index], MP_IMAGE_MAX_BYTES, err);

    if (rc == MP_OK)
        rc = prepare(s, shape, text.data, text.size, s->paths[index], bytes, err);
    mp_text_release(&text);
    if (rc < 0)
        mp_error_context(err, "an image has changed since it was checked");
    return rc;
}

static void hash_bytes(const struct mp_text *text, char digest[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_hash_bytes(h, text->data, text->size);
    mp_hash_digest(h, digest);
    mp_hash_destroy(h);
}

static int check_job(void *context, size_t index, struct mp_error *err)
{
    struct opening *o = context;
    size_t elements = mp_shape_elements(&o->shape);
    uint8_t *scratch = o->pixels == NULL ? mp_alloc(elements, 1) : NULL;
    uint8_t *bytes = scratch != NULL ? scratch : o->pixels + index * elements;
    struct mp_text text = {0};
    struct mp_error why = MP_ERROR_INIT;
    int rc = mp_file_read(&text, o->list->paths[index], MP_IMAGE_MAX_BYTES, &why);

    (void)err;
    if (rc == MP_OK) {
        hash_bytes(&text, o->hashes[index]);
        rc = prepare(o->set, &o->shape, text.data, text.size, o->list->paths[index], bytes, &why);
    }
    if (rc < 0)
        o->reasons[index] = mp_strdup(why.message);
    mp_text_release(&text);
    free(scratch);
    return MP_OK;
}

/* All images that have a readable header are of one size, between the crop and the resize. */
static bool is_prepared(const struct mp_preprocess *p, const struct mp_image_list *l)
{
    struct mp_image first = {0}, image;

    for (uint32_t i = 0; i < l->count; i++) {
        if (mp_image_read_size(&image, l->paths[i], NULL) < 0)
            continue;
        if (first.width == 0)
            first = image;
        if (image.width != first.width || image.height != first.height)
            return false;
    }
    return first.width >= p->crop_width && first.height >= p->crop_height &&
           first.width <= p->resize_width && first.height <= p->resize_height;
}

static int refuse_damage(const struct opening *o, const struct mp_image_options *options,
                         uint32_t damaged, struct mp_error *err)
{
    struct mp_text names = {0};
    uint32_t named = 0;
    int rc;

    for (uint32_t i = 0; i < o->list->count && named < NAMED_DAMAGE; i++)
        if (o->reasons[i] != NULL)
            mp_text_printf(&names, "%s%.80s (%.120s)", named++ > 0 ? "; " : "", o->list->names[i],
                           o->reasons[i]);
    rc = mp_fail_at(err, MP_E_INPUT, options->path, 0,
                    "%u of %u images cannot be used (%u may): %s%s", damaged, o->list->count,
                    options->allow_damaged, names.data, damaged > named ? "; and others" : "");
    mp_text_release(&names);
    return rc;
}

/* Good images move up, the others are named. */
static void sort_out(struct mp_dataset *d, struct opening *o, const struct mp_split *split,
                     uint32_t damaged)
{
    struct mp_image_set *s = o->set;
    size_t elements = mp_shape_elements(&o->shape);
    struct mp_hash *h = mp_hash_create();

    s->paths = mp_alloc(o->list->count, sizeof *s->paths);
    s->damaged = mp_alloc(damaged + 1, sizeof *s->damaged);
    d->labels = mp_alloc(o->list->count, sizeof *d->labels);
    mp_preprocess_hash(&s->how, h);
    mp_hash_u64(h, s->prepared);
    mp_split_hash(split, h);
    for (uint32_t i = 0; i < o->list->count; i++) {
        if (o->reasons[i] != NULL) {
            s->damaged[s->damaged_count++] = (struct mp_image_damage){
                o->list->names[i], mp_arena_strdup(&s->arena, o->reasons[i])};
            continue;
        }
        mp_hash_string(h, o->hashes[i]);
        mp_hash_u64(h, o->list->labels[i]);
        s->paths[d->count] = o->list->paths[i];
        d->labels[d->count] = o->list->labels[i];
        if (o->pixels != NULL)
            memmove(o->pixels + d->count * elements, o->pixels + i * elements, elements);
        d->count++;
    }
    mp_hash_digest(h, d->hash);
    mp_hash_destroy(h);
}

static int check_all(struct mp_dataset *d, struct opening *o,
                     const struct mp_image_options *options, struct mp_error *err)
{
    uint32_t count = o->list->count, damaged = 0;
    uint64_t bytes = mp_shape_elements(&o->shape) * count;
    int rc;

    if (bytes <= (options->memory_bytes != 0 ? options->memory_bytes : DEFAULT_MEMORY))
        o->pixels = mp_alloc((size_t)bytes, 1);
    o->hashes = mp_alloc(count, sizeof *o->hashes);
    o->reasons = mp_alloc(count, sizeof *o->reasons);
    rc = mp_parallel_for(count, options->threads, check_job, o, err);
    for (uint32_t i = 0; i < count; i++)
        damaged += o->reasons[i] != NULL;
    if (rc == MP_OK && (damaged > options->allow_damaged || damaged == count))
        rc = refuse_damage(o, options, damaged, err);
    if (rc == MP_OK) {
        sort_out(d, o, &options->split, damaged);
        d->pixels = o->pixels;
        o->pixels = NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        free(o->reasons[i]);
    free(o->reasons);
    free(o->hashes);
    free(o->pixels);
    return rc;
}

/* The files of a part of the list, up to a limit. */
static int take_part(struct mp_image_list *l, const struct mp_image_options *o,
                     struct mp_error *err)
{
    uint32_t count = 0, all = l->count;

    for (uint32_t i = 0; i < all && (o->limit == 0 || count < o->limit); i++) {
        if (!mp_split_has(&o->split, i))
            continue;
        l->names[count] = l->names[i];
        l->paths[count] = l->paths[i];
        l->labels[count++] = l->labels[i];
    }
    l->count = count;
    return count > 0 ? MP_OK
                     : mp_fail_at(
                           err, MP_E_INPUT, o->path, 0,
                           "of %u images none is left when one in %u is set apart for calibration: "
                           "choose a smaller `calibration_every`, or `calibration_images` of "
                           "their own",
                           all, o->split.every);
}

int mp_dataset_open_images(struct mp_dataset *d, const struct mp_image_options *o,
                           const struct mp_preprocess *how, const struct mp_shape *input,
                           struct mp_error *err)
{
    struct mp_image_set *s = mp_alloc(1, sizeof *s);
    struct mp_image_list list = {0};
    struct opening opening = {.set = s, .shape = *input, .list = &list};
    int rc;

    *d = (struct mp_dataset){.shape = *input, .images = s};
    mp_preprocess_copy(&s->how, how);
    rc = mp_preprocess_fit(&s->how, input, err);
    if (rc == MP_OK)
        rc = mp_image_list_read(&list, &s->arena, o->path, o->folder,
                                o->split.every == 0 ? o->limit : 0, err);
    if (rc == MP_OK) {
        /* Of the whole list, so that both parts are seen alike. */
        s->prepared = s->how.resize_unless_prepared && is_prepared(&s->how, &list);
        rc = take_part(&list, o, err);
    }
    if (rc == MP_OK)
        rc = check_all(d, &opening, o, err);
    mp_image_list_release(&list);
    if (rc < 0)
        mp_dataset_release(d);
    return rc;
}

void mp_image_set_destroy(struct mp_image_set *s)
{
    if (s == NULL)
        return;
    mp_preprocess_release(&s->how);
    free(s->paths);
    free(s->damaged);
    mp_arena_release(&s->arena);
    free(s);
}
