#include "estimator/images/dataset.h"
#include "estimator/images/image_list.h"
#include "estimator/util/file.h"
#include "tests/images/jpeg_build.h"
#include "tests/util/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGES 6

struct fixture {
    struct mp_tempdir dir;
    struct mp_preprocess how;
    struct mp_shape input;
};

static char *path_of(const struct fixture *f, const char *name)
{
    return mp_path_join(f->dir.path, name);
}

static void write_text(const struct fixture *f, const char *name, const char *text)
{
    char *path = path_of(f, name);

    assert_int_equal(mp_file_write(path, text, strlen(text), NULL), MP_OK);
    free(path);
}

/* image 0.jpg .. image 5.jpg of 20 x 18, classes 0, 10, .. 50. */
static int set_up(void **state)
{
    struct fixture *f = mp_alloc(1, sizeof *f);
    struct mp_text list = {0};
    char name[32];

    *state = f;
    f->how = (struct mp_preprocess)MP_PREPROCESS_INIT;
    f->input = (struct mp_shape){3, 12, 16};
    if (mp_tempdir_create(&f->dir, NULL) < 0)
        return -1;
    for (uint32_t i = 0; i < IMAGES; i++) {
        snprintf(name, sizeof name, "image %u.jpg", i);
        char *path = path_of(f, name);
        if (!jpeg_write(path, 20, 18, JPEG_RGB, i))
            return -1;
        free(path);
        mp_text_printf(&list, "%s %u\n", name, 10 * i);
    }
    write_text(f, "labels.txt", list.data);
    mp_text_release(&list);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    mp_preprocess_release(&f->how);
    mp_tempdir_remove(&f->dir);
    free(f);
    return 0;
}

static int open_set(struct fixture *f, struct mp_dataset *d, uint32_t allow, size_t memory,
                    unsigned threads, struct mp_error *err)
{
    struct mp_image_options o = {
        .path = f->dir.path, .allow_damaged = allow, .memory_bytes = memory, .threads = threads};

    return mp_dataset_open_images(d, &o, &f->how, &f->input, err);
}

static float *load_all(const struct mp_dataset *d)
{
    float *values = mp_alloc((size_t)d->count * mp_shape_elements(&d->shape), sizeof *values);

    assert_int_equal(mp_dataset_load(d, 0, d->count, values, NULL), MP_OK);
    return values;
}

/* In memory or decoded on demand, with any number of threads: the same values and hash. */
static void same_either_way(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset kept, decoded;
    float one[3 * 12 * 16];

    if (open_set(f, &kept, 0, 0, 1, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(open_set(f, &decoded, 0, 1, 3, NULL), MP_OK);
    assert_non_null(kept.pixels);
    assert_null(decoded.pixels);
    assert_int_equal(kept.count, IMAGES);
    assert_string_equal(kept.hash, decoded.hash);
    float *a = load_all(&kept), *b = load_all(&decoded);
    assert_memory_equal(a, b, IMAGES * sizeof one);
    assert_int_equal(mp_dataset_load(&decoded, 3, 1, one, NULL), MP_OK);
    assert_memory_equal(one, a + 3 * 3 * 12 * 16, sizeof one);
    for (uint32_t i = 0; i < IMAGES; i++)
        assert_int_equal(kept.labels[i], 10 * i);
    /* The corner of the crop is pixel (2, 3) of image 0: 30 + 90 * 2 / 20 + 50 * 3 / 18. */
    assert_true(a[0] * 255 > 42 && a[0] * 255 < 52);
    free(a);
    free(b);
    mp_dataset_release(&kept);
    mp_dataset_release(&decoded);
}

static void hashes(void **state)
{
    struct fixture *f = *state;
    struct mp_dataset first, second;
    char *path = path_of(f, "image 4.jpg");

    assert_int_equal(open_set(f, &first, 0, 0, 0, NULL), MP_OK);
    f->how.channels = MP_CHANNELS_BGR;
    assert_int_equal(open_set(f, &second, 0, 0, 0, NULL), MP_OK);
    assert_string_not_equal(first.hash, second.hash);
    mp_dataset_release(&second);
    f->how.channels = MP_CHANNELS_RGB;
    assert_true(jpeg_write(path, 20, 18, JPEG_RGB, 11));
    assert_int_equal(open_set(f, &second, 0, 0, 0, NULL), MP_OK);
    assert_string_not_equal(first.hash, second.hash);
    mp_dataset_release(&second);
    mp_dataset_release(&first);
    free(path);
}

/* Both parts together are the whole list, each image once. */
static void parts(void **state)
{
    static const uint32_t kept_labels[] = {0, 20, 40}, apart_labels[] = {10, 30, 50};
    struct fixture *f = *state;
    struct mp_image_options o = {.path = f->dir.path, .split = {2, MP_PART_KEPT}};
    struct mp_dataset kept, apart, one;
    struct mp_error err = MP_ERROR_INIT;

    assert_int_equal(mp_dataset_open_images(&kept, &o, &f->how, &f->input, NULL), MP_OK);
    o.split.part = MP_PART_SET_APART;
    assert_int_equal(mp_dataset_open_images(&apart, &o, &f->how, &f->input, NULL), MP_OK);
    o.limit = 1;
    assert_int_equal(mp_dataset_open_images(&one, &o, &f->how, &f->input, NULL), MP_OK);
    assert_int_equal(kept.count, 3);
    assert_int_equal(apart.count, 3);
    assert_memory_equal(kept.labels, kept_labels, sizeof kept_labels);
    assert_memory_equal(apart.labels, apart_labels, sizeof apart_labels);
    assert_int_equal(one.count, 1);
    assert_int_equal(one.labels[0], 10);
    assert_string_not_equal(kept.hash, apart.hash);
    assert_string_not_equal(one.hash, apart.hash);
    mp_dataset_release(&kept);
    mp_dataset_release(&apart);
    mp_dataset_release(&one);
    o.split.every = IMAGES + 1; /* none is the seventh */
    assert_int_equal(mp_dataset_open_images(&apart, &o, &f->how, &f->input, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "one in 7"));
}

/* One missing, one cut off, one no JPEG, one too small: each named with its reason. */
static void damage(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;
    char *missing = path_of(f, "image 0.jpg"), *small = path_of(f, "image 5.jpg");
    uint8_t *pixels = jpeg_pattern(20, 18, JPEG_RGB, 2);
    size_t size;
    uint8_t *bytes = jpeg_build(pixels, 20, 18, JPEG_RGB, false, &size);
    char *cut = path_of(f, "image 2.jpg");

    assert_int_equal(unlink(missing), 0);
    assert_true(jpeg_write(small, 15, 18, JPEG_RGB, 1));
    write_text(f, "image 3.jpg", "<html>not found</html>");
    assert_int_equal(mp_file_write(cut, bytes, size - 40, NULL), MP_OK);
    assert_int_equal(open_set(f, &d, 0, 0, 0, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "4 of 6 images cannot be used (0 may)"));
    assert_non_null(strstr(err.message, "image 0.jpg ("));
    assert_non_null(strstr(err.message, "image 2.jpg (the JPEG file is damaged"));
    assert_non_null(strstr(err.message, "image 3.jpg (not a JPEG file: it is a text in markup"));
    assert_non_null(strstr(err.message, "image 5.jpg (an image of 15 x 18 is smaller"));
    assert_int_equal(open_set(f, &d, 3, 0, 0, &err), MP_E_INPUT);
    for (size_t memory = 0; memory < 2; memory++) {
        assert_int_equal(open_set(f, &d, 4, memory, 0, &err), MP_OK);
        assert_int_equal(d.count, 2);
        assert_int_equal(d.labels[0], 10);
        assert_int_equal(d.labels[1], 40);
        assert_int_equal(d.images->damaged_count, 4);
        assert_string_equal(d.images->damaged[0].name, "image 0.jpg");
        assert_string_equal(d.images->damaged[3].name, "image 5.jpg");
        assert_non_null(strstr(d.images->damaged[1].reason, "damaged"));
        float *values = load_all(&d);
        assert_true(values[0] != values[3 * 12 * 16]);
        free(values);
        mp_dataset_release(&d);
    }
    free(bytes);
    free(pixels);
    free(cut);
    free(missing);
    free(small);
}

static void changed_since(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;
    float *values = mp_alloc((size_t)IMAGES * 3 * 12 * 16, sizeof *values);

    assert_int_equal(open_set(f, &d, 0, 1, 0, NULL), MP_OK);
    write_text(f, "image 1.jpg", "x");
    assert_int_equal(mp_dataset_load(&d, 0, 1, values, &err), MP_OK);
    assert_int_equal(mp_dataset_load(&d, 0, IMAGES, values, &err), MP_E_INPUT);
    assert_non_null(strstr(err.message, "changed since"));
    assert_non_null(strstr(err.file, "image 1.jpg"));
    mp_dataset_release(&d);
    free(values);
}

/* A preset resizes only what is not prepared: here all images are of one size between crop and
 * resize; one of another size changes that. */
static void prepared(void **state)
{
    struct fixture *f = *state;
    struct mp_dataset d;
    char *other = path_of(f, "image 5.jpg");

    assert_int_equal(mp_preprocess_set(&f->how, "resize", "20x18", NULL), MP_OK);
    assert_int_equal(open_set(f, &d, 0, 0, 0, NULL), MP_OK);
    assert_false(d.images->prepared);
    mp_dataset_release(&d);
    f->how.resize_unless_prepared = true;
    assert_int_equal(open_set(f, &d, 0, 0, 0, NULL), MP_OK);
    assert_true(d.images->prepared);
    mp_dataset_release(&d);
    assert_true(jpeg_write(other, 21, 18, JPEG_GREY, 1));
    assert_int_equal(open_set(f, &d, 0, 0, 0, NULL), MP_OK);
    assert_false(d.images->prepared);
    mp_dataset_release(&d);
    free(other);
}

static void lists(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_image_list l;
    struct mp_arena arena = {0};
    struct mp_dataset d;

    assert_int_equal(
        mp_image_list_parse(&l, &arena, "a b.jpg\t7 \r\n\n  \n/c.jpg 0", "list", "dir", 0, &err),
        MP_OK);
    assert_int_equal(l.count, 2);
    assert_string_equal(l.names[0], "a b.jpg");
    assert_string_equal(l.paths[0], "dir/a b.jpg");
    assert_string_equal(l.paths[1], "/c.jpg");
    assert_int_equal(l.labels[0], 7);
    mp_image_list_release(&l);
    static const char *const wrong[] = {"a.jpg", "a.jpg 1\nb.jpg x", "a 1\n 5",
                                        "a -1",  "a 2147483648",     "a 1.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(mp_image_list_parse(&l, &arena, wrong[i], "list", "dir", 0, &err),
                         MP_E_INPUT);
        assert_int_equal(err.line, strchr(wrong[i], '\n') != NULL ? 2 : 1);
        assert_string_equal(err.file, "list");
    }
    assert_int_equal(mp_image_list_parse(&l, &arena, "\n\n", "list", "dir", 0, &err), MP_E_INPUT);
    mp_arena_release(&arena);

    /* A list elsewhere, its folder given, the first two files of it. */
    struct mp_image_options o = {.folder = f->dir.path, .limit = 2};
    struct mp_tempdir elsewhere;
    assert_int_equal(mp_tempdir_create(&elsewhere, NULL), MP_OK);
    char *list = mp_path_join(elsewhere.path, "list");
    assert_int_equal(mp_file_write(list, "image 3.jpg 1\nimage 1.jpg 2\nnone 3\n", 35, NULL),
                     MP_OK);
    o.path = list;
    if (mp_dataset_open_images(&d, &o, &f->how, &f->input, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(d.count, 2);
    mp_dataset_release(&d);
    o.path = elsewhere.path;
    assert_int_equal(mp_dataset_open_images(&d, &o, &f->how, &f->input, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "needs a list"));
    assert_int_equal(mp_file_write(list, "a\0b 1\n", 6, NULL), MP_OK);
    o.path = list;
    assert_int_equal(mp_dataset_open_images(&d, &o, &f->how, &f->input, &err), MP_E_INPUT);
    free(list);
    mp_tempdir_remove(&elsewhere);
}

/* The 300 real images, cropped to what GoogLeNet takes, if they are there. */
static void real_images(void **state)
{
    struct fixture *f = *state;
    const char *root = getenv("MACPPA_SHARED"), *source = getenv("MACPPA_SOURCE_ROOT");
    char *shared =
        root != NULL ? mp_strdup(root) : mp_path_join(source != NULL ? source : ".", "../shared");
    char *path = mp_path_join(shared, "cnn/imagenet_val300");
    struct mp_image_options o = {.path = path};
    const struct mp_shape input = {3, 224, 224};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;

    free(shared);
    if (!mp_file_exists(path)) {
        print_message("no %s: skipped\n", path);
        free(path);
        skip();
    }
    assert_int_equal(mp_preprocess_set(&f->how, "preset", "caffe", NULL), MP_OK);
    if (mp_dataset_open_images(&d, &o, &f->how, &input, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(d.count, 300);
    assert_true(d.images->prepared);
    assert_int_equal(d.images->damaged_count, 0);
    float *values = mp_alloc(3 * 224 * 224, sizeof *values);
    assert_int_equal(mp_dataset_load(&d, 299, 1, values, NULL), MP_OK);
    for (int i = 0; i < 3 * 224 * 224; i++)
        assert_true(values[i] >= -123 && values[i] <= 151);
    free(values);
    mp_dataset_release(&d);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(same_either_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hashes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_since, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prepared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(real_images, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
