#include "estimator/pipeline/network_preset.h"
#include <stdlib.h>
#include <string.h>

static void set_text(char **to, const char *value)
{
    free(*to);
    *to = value != NULL ? mp_strdup(value) : NULL;
}

/* The preset's notes and those of the files that were found. */
static char *all_notes(const struct mp_network_preset *p)
{
    struct mp_text t = {0};

    if (p->notes != NULL)
        mp_text_add(&t, p->notes);
    for (size_t i = 0; i < MP_PRESET_ITEMS; i++) {
        const struct mp_preset_choice *c = p->items[i].choice;
        if (c != NULL && c->notes != NULL)
            mp_text_printf(&t, "%s%s", t.size > 0 ? "; " : "", c->notes);
    }
    return t.data;
}

/* Images without their labels are of no use; a pair that is not wanted is left out. */
static void use_pair(char **images, char **labels, const struct mp_preset_file *image_file,
                     const struct mp_preset_file *label_file)
{
    bool whole =
        image_file->found != NULL && (label_file->choice_count == 0 || label_file->found != NULL);

    set_text(images, whole ? image_file->found : NULL);
    set_text(labels, whole ? label_file->found : NULL);
}

void mp_experiment_use_preset(struct mp_experiment *e, const struct mp_network_preset *p)
{
    const struct mp_preset_file *f = p->items;

    set_text(&e->network, f[MP_PRESET_MODEL].found);
    set_text(&e->network_weights, f[MP_PRESET_WEIGHTS].found);
    set_text(&e->network_name, p->name);
    free(e->network_notes);
    e->network_notes = all_notes(p);
    use_pair(&e->test_images, &e->test_labels, &f[MP_PRESET_TEST_IMAGES],
             &f[MP_PRESET_TEST_LABELS]);
    use_pair(&e->calibration_images, &e->calibration_labels, &f[MP_PRESET_CALIBRATION_IMAGES],
             &f[MP_PRESET_CALIBRATION_LABELS]);
    set_text(&e->image_folder, NULL);
    e->missing = p->missing;
    mp_preprocess_release(&e->preprocess);
    mp_preprocess_copy(&e->preprocess, &p->preprocess);
    e->has_preprocess = p->has_preprocess;
}

char *mp_network_preset_wanted(const struct mp_network_preset *p, enum mp_preset_item item)
{
    const struct mp_preset_file *f = &p->items[item];
    char *folders = mp_network_preset_folders(p);
    struct mp_text t = {0};

    mp_text_printf(&t, "%s: no ", mp_preset_item_name(item));
    for (unsigned i = 0, n = 0; i < f->choice_count; i++)
        for (unsigned k = 0; k < f->choices[i].files_count; k++)
            mp_text_printf(&t, "%s%s", n++ > 0 ? " or " : "", f->choices[i].files[k]);
    mp_text_printf(&t, " in %s (MACPPA_NETWORKS names folders)", folders);
    if (f->obtain != NULL)
        mp_text_printf(&t, "; to get: %s", f->obtain);
    free(folders);
    return t.data;
}

int mp_network_preset_check(const struct mp_network_preset *p, const struct mp_experiment *e,
                            struct mp_error *err)
{
    bool lacks[MP_PRESET_ITEMS] = {false};

    lacks[MP_PRESET_MODEL] = e->network == NULL;
    lacks[MP_PRESET_WEIGHTS] = e->network_weights == NULL && e->missing != MP_MISSING_FILLED &&
                               p->items[MP_PRESET_WEIGHTS].choice_count > 0;
    lacks[MP_PRESET_TEST_IMAGES] =
        e->test_images == NULL && p->items[MP_PRESET_TEST_IMAGES].found == NULL;
    lacks[MP_PRESET_TEST_LABELS] = e->test_images == NULL && !lacks[MP_PRESET_TEST_IMAGES];
    for (int i = 0; i < MP_PRESET_ITEMS; i++)
        if (lacks[i]) {
            char *wanted = mp_network_preset_wanted(p, (enum mp_preset_item)i);
            int rc = mp_fail(err, MP_E_NOT_FOUND, "network %s: %s", p->name, wanted);
            free(wanted);
            return rc;
        }
    return MP_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_file(const char *name)
{
    return ends_with(name, ".onnx") || ends_with(name, ".prototxt") || ends_with(name, ".pbtxt") ||
           ends_with(name, ".caffemodel");
}

int mp_experiment_set_network(struct mp_experiment *e, const char *name, struct mp_error *err)
{
    struct mp_network_preset p;
    int rc;

    if (is_file(name)) {
        set_text(&e->network, name);
        set_text(&e->network_weights, NULL);
        set_text(&e->network_name, NULL);
        set_text(&e->network_notes, NULL);
        set_text(&e->preset, NULL);
        return MP_OK;
    }
    if ((rc = mp_network_preset_read(&p, name, err)) < 0)
        return rc;
    set_text(&e->preset, name);
    mp_experiment_use_preset(e, &p);
    mp_network_preset_release(&p);
    return MP_OK;
}

int mp_experiment_check_network(const struct mp_experiment *e, struct mp_error *err)
{
    struct mp_network_preset p;
    int rc;

    if (e->preset == NULL)
        return MP_OK;
    if ((rc = mp_network_preset_read(&p, e->preset, err)) < 0)
        return rc;
    rc = mp_network_preset_check(&p, e, err);
    mp_network_preset_release(&p);
    return rc;
}
