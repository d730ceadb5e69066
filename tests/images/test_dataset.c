#include "estimator/images/dataset.h"
#include "estimator/util/file.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct fixture {
    struct mp_tempdir dir;
    char *images, *labels;
};

/* Two images of 2 x 3, labels 7 and 1. */
static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0,  0,  0,  2,  0,  0,
                                 0, 3, 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 1};

static int set_up(void **state)
{
    struct fixture *f = mp_alloc(1, sizeof *f);

    *state = f;
    if (mp_tempdir_create(&f->dir, NULL) < 0)
        return -1;
    f->images = mp_path_join(f->dir.path, "images");
    f->labels = mp_path_join(f->dir.path, "labels");
    return mp_file_write(f->images, images, sizeof images, NULL) < 0 ||
                   mp_file_write(f->labels, labels, sizeof labels, NULL) < 0
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    mp_tempdir_remove(&f->dir);
    free(f->images);
    free(f->labels);
    free(f);
    return 0;
}

static void check_both(struct fixture *f)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;

    if (mp_dataset_read_idx(&d, f->images, f->labels, 0, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.shape.channels, 1);
    assert_int_equal(d.shape.height, 2);
    assert_int_equal(d.shape.width, 3);
    assert_memory_equal(d.pixels, images + 16, 12);
    assert_int_equal(d.labels[0], 7);
    assert_int_equal(d.labels[1], 1);
    mp_dataset_release(&d);
}

static void plain_and_gzip(void **state)
{
    struct fixture *f = *state;

    check_both(f);
    gzFile z = gzopen(f->images, "wb");
    assert_int_equal(gzwrite(z, images, sizeof images), sizeof images);
    gzclose(z);
    check_both(f);
}

static void limit(void **state)
{
    struct fixture *f = *state;
    struct mp_dataset all, one, more;

    assert_int_equal(mp_dataset_read_idx(&all, f->images, f->labels, 0, NULL), MP_OK);
    assert_int_equal(mp_dataset_read_idx(&one, f->images, f->labels, 1, NULL), MP_OK);
    assert_int_equal(mp_dataset_read_idx(&more, f->images, f->labels, 9, NULL), MP_OK);
    assert_int_equal(one.count, 1);
    assert_string_not_equal(all.hash, one.hash);
    assert_string_equal(all.hash, more.hash);
    mp_dataset_release(&all);
    mp_dataset_release(&one);
    mp_dataset_release(&more);
}

static void parts(void **state)
{
    const struct mp_split kept = {2, MP_PART_KEPT}, apart = {2, MP_PART_SET_APART};
    struct fixture *f = *state;
    struct mp_dataset a, b;

    assert_int_equal(mp_dataset_read_idx_part(&a, f->images, f->labels, &kept, 0, NULL), MP_OK);
    assert_int_equal(mp_dataset_read_idx_part(&b, f->images, f->labels, &apart, 7, NULL), MP_OK);
    assert_int_equal(a.count, 1);
    assert_int_equal(b.count, 1);
    assert_int_equal(a.labels[0], 7);
    assert_int_equal(b.labels[0], 1);
    assert_memory_equal(b.pixels, images + 22, 6);
    assert_string_not_equal(a.hash, b.hash);
    mp_dataset_release(&a);
    mp_dataset_release(&b);
    const struct mp_split third = {3, MP_PART_SET_APART};
    assert_int_equal(mp_dataset_read_idx_part(&b, f->images, f->labels, &third, 0, NULL),
                     MP_E_INPUT);
}

static void colour(void **state)
{
    struct fixture *f = *state;
    struct mp_dataset d;
    uint8_t bytes[32] = {0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1};

    memcpy(bytes + 20, images + 16, 12);
    assert_int_equal(mp_file_write(f->images, bytes, sizeof bytes, NULL), MP_OK);
    assert_int_equal(mp_dataset_read_idx(&d, f->images, f->labels, 0, NULL), MP_OK);
    assert_int_equal(d.shape.channels, 3);
    assert_int_equal(d.shape.height, 2);
    assert_memory_equal(d.pixels, images + 16, 12);
    mp_dataset_release(&d);
}

static void refuse(struct fixture *f, const char *path, const void *bytes, size_t size,
                   const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;

    assert_int_equal(mp_file_write(path, bytes, size, NULL), MP_OK);
    int rc = mp_dataset_read_idx(&d, f->images, f->labels, 0, &err);
    if (rc != MP_E_INPUT || strstr(err.message, words) == NULL || strcmp(err.file, path) != 0)
        fail_msg("%d %s: %s", rc, err.file, err.message);
    assert_null(d.pixels);
}

static void refused(void **state)
{
    struct fixture *f = *state;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;
    uint8_t bytes[64];

    refuse(f, f->labels, labels, sizeof labels - 1, "cut off");
    memcpy(bytes, labels, sizeof labels);
    bytes[3] = 3;
    refuse(f, f->labels, bytes, sizeof labels, "magic number 0x00000803");
    bytes[3] = 1;
    bytes[7] = 3;
    refuse(f, f->labels, bytes, sizeof labels, "3 labels for 2 images");
    for (size_t cut = 0; cut < sizeof images; cut++)
        refuse(f, f->images, images, cut, "cut off");
    memcpy(bytes, images, sizeof images);
    bytes[sizeof images] = 0;
    refuse(f, f->images, bytes, sizeof images + 1, "more data than the header says");
    memset(bytes + 4, 0xff, 12);
    refuse(f, f->images, bytes, sizeof images, "above the limit");
    memcpy(bytes + 4, (uint8_t[]){0, 0xf, 0xff, 0xff, 0, 0, 0x3, 0xff, 0, 0, 0, 1}, 12);
    refuse(f, f->images, bytes, sizeof images, "cut off");
    assert_int_equal(mp_dataset_read_idx(&d, "/nonexistent/images", f->labels, 0, &err),
                     MP_E_NOT_FOUND);
}

/* Mean and scale of a preset for the bytes of IDX files. */
static void values(void **state)
{
    struct fixture *f = *state;
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_dataset d;
    char before[MP_HASH_SIZE];
    float x[12];

    assert_int_equal(mp_dataset_read_idx(&d, f->images, f->labels, 0, NULL), MP_OK);
    memcpy(before, d.hash, sizeof before);
    assert_int_equal(mp_dataset_load(&d, 0, 2, x, NULL), MP_OK);
    assert_true(x[0] == 1 / 255.0f && x[11] == 60 / 255.0f);
    assert_int_equal(mp_preprocess_set(&p, "preset", "caffe-mnist", NULL), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &p, NULL), MP_OK);
    assert_string_not_equal(before, d.hash);
    assert_int_equal(mp_dataset_load(&d, 1, 1, x, NULL), MP_OK);
    assert_true(x[0] == 10 / 256.0f && x[5] == 60 / 256.0f);
    assert_int_equal(mp_preprocess_set(&p, "mean", "10", NULL), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &p, NULL), MP_OK);
    assert_int_equal(mp_dataset_load(&d, 1, 1, x, NULL), MP_OK);
    assert_true(x[0] == 0 && x[5] == 50 / 256.0f);
    assert_int_equal(mp_preprocess_set(&p, "resize", "256", NULL), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &p, &err), MP_E_UNSUPPORTED);
    assert_int_equal(mp_preprocess_set(&p, "preset", "caffe-224", NULL), MP_OK);
    assert_int_equal(mp_dataset_set_values(&d, &p, &err), MP_E_INPUT);
    mp_preprocess_release(&p);
    mp_dataset_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_and_gzip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
