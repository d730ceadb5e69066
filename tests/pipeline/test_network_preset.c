/* Network presets: where files are found, in which order, and what is said of those that are not.
 */
#include "estimator/pipeline/network_preset.h"
#include "estimator/util/file.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/util/cmocka_all.h"

static const char *const known[] = {"alexnet",     "fashion_lenet",   "googlenet",
                                    "lenet_mnist", "squeezenet_v1.0", "squeezenet_v1.1",
                                    "vgg16"};
#define KNOWN (sizeof known / sizeof *known)

struct folder {
    struct mp_tempdir dir;
};

static int set_up(void **state)
{
    struct folder *f = mp_alloc(1, sizeof *f);

    *state = f;
    if (mp_tempdir_create(&f->dir, NULL) < 0)
        return -1;
    unsetenv("MACPPA_PRESETS");
    setenv("HOME", f->dir.path, 1);
    return setenv("MACPPA_NETWORKS", f->dir.path, 1);
}

static int tear_down(void **state)
{
    struct folder *f = *state;

    mp_tempdir_remove(&f->dir);
    free(f);
    return unsetenv("MACPPA_PRESETS");
}

static void write_file(const struct folder *f, const char *name, const char *text)
{
    char *path = mp_path_join(f->dir.path, name), *dir = mp_path_dir(path);

    assert_int_equal(mp_mkdirs(dir, NULL), MP_OK);
    assert_int_equal(mp_file_write(path, text, strlen(text), NULL), MP_OK);
    free(dir);
    free(path);
}

static void read_preset(struct mp_network_preset *p, const char *name)
{
    struct mp_error err = MP_ERROR_INIT;

    if (mp_network_preset_read(p, name, &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
}

static void all_are_read(void **state)
{
    char **names;
    size_t count;

    (void)state;
    assert_int_equal(mp_network_preset_names(&names, &count, NULL), MP_OK);
    assert_int_equal(count, KNOWN);
    for (size_t i = 0; i < count; i++) {
        struct mp_network_preset p;
        assert_string_equal(names[i], known[i]);
        read_preset(&p, names[i]);
        assert_non_null(p.title);
        for (int k = 0; k <= MP_PRESET_TEST_LABELS; k++)
            if (p.items[k].choice_count > 0 && p.items[k].found == NULL)
                assert_non_null(p.items[k].obtain); /* what can be missing can be got */
        mp_network_preset_release(&p);
        free(names[i]);
    }
    free(names);
}

static void expect(const struct mp_network_preset *p, enum mp_preset_item item, const char *end)
{
    const char *found = p->items[item].found;

    if (end == NULL)
        assert_null(found);
    else if (found == NULL || strlen(found) < strlen(end) ||
             strcmp(found + strlen(found) - strlen(end), end) != 0)
        fail_msg("%s: %s, not %s", mp_preset_item_name(item), found != NULL ? found : "none", end);
}

/* All files as they are published, in one folder; one deploy.prototxt, known by what it says. */
static void flat_folder(void **state)
{
    struct folder *f = *state;
    struct mp_network_preset p;

    write_file(f, "deploy.prototxt", "name:\t\"GoogleNet\"\n");
    write_file(f, "squeezenet_v1.1.prototxt", "");
    write_file(f, "bvlc_googlenet.caffemodel", "x");
    write_file(f, "labels.txt", "ILSVRC2012_val_00000347.JPEG 472\n");
    read_preset(&p, "googlenet");
    expect(&p, MP_PRESET_MODEL, "/deploy.prototxt");
    expect(&p, MP_PRESET_WEIGHTS, "/bvlc_googlenet.caffemodel");
    expect(&p, MP_PRESET_TEST_IMAGES, "/labels.txt");
    mp_network_preset_release(&p);
    read_preset(&p, "alexnet");
    expect(&p, MP_PRESET_MODEL, NULL);
    expect(&p, MP_PRESET_WEIGHTS, NULL);
    mp_network_preset_release(&p);
    read_preset(&p, "squeezenet_v1.1");
    expect(&p, MP_PRESET_MODEL, "/squeezenet_v1.1.prototxt");
    mp_network_preset_release(&p);
}

/* Complete weights come before partial ones, whatever the folder. */
static void order(void **state)
{
    struct folder *f = *state;
    struct mp_network_preset p;

    write_file(f, "alexnet.prototxt", "");
    write_file(f, "alexnet_conv_int8.caffemodel", "x");
    read_preset(&p, "alexnet");
    expect(&p, MP_PRESET_WEIGHTS, "/alexnet_conv_int8.caffemodel");
    assert_string_equal(p.items[MP_PRESET_WEIGHTS].choice->layers, "conv1 to conv5");
    assert_int_equal(p.missing, MP_MISSING_CUT);
    mp_network_preset_release(&p);
    write_file(f, ".local/share/macppa/networks/bvlc_alexnet.caffemodel", "x");
    read_preset(&p, "alexnet");
    expect(&p, MP_PRESET_WEIGHTS, "/networks/bvlc_alexnet.caffemodel");
    assert_null(p.items[MP_PRESET_WEIGHTS].choice->layers);
    mp_network_preset_release(&p);
}

static void used(void **state)
{
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;

    mp_experiment_init(&e);
    write_file(f, "lenet.prototxt", "");
    write_file(f, "t10k-images-idx3-ubyte", "");
    assert_int_equal(mp_experiment_set_network(&e, "lenet_mnist", &err), MP_OK);
    assert_string_equal(e.network_name, "lenet_mnist");
    assert_true(e.has_preprocess);
    assert_null(e.network_weights);
    assert_null(e.test_images); /* of no use without labels */
    assert_int_equal(mp_experiment_check_network(&e, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "lenet_iter_10000.caffemodel"));
    assert_non_null(strstr(err.message, "train_lenet.sh"));
    assert_non_null(strstr(err.message, f->dir.path));
    e.network_weights = mp_strdup("mine.caffemodel");
    assert_int_equal(mp_experiment_check_network(&e, &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "test_labels"));
    write_file(f, "t10k-labels-idx1-ubyte.gz", "");
    assert_int_equal(mp_experiment_set_network(&e, "lenet_mnist", &err), MP_OK);
    assert_non_null(e.test_images);
    assert_non_null(strstr(e.test_labels, "ubyte.gz"));
    assert_int_equal(mp_experiment_set_network(&e, "x/other.onnx", &err), MP_OK);
    assert_null(e.network_name);
    assert_int_equal(mp_experiment_check_network(&e, &err), MP_OK);
    mp_experiment_release(&e);
}

/* A preset of the user's own in a config; keys beside it come on top, relative to the config. */
static void in_a_config(void **state)
{
    static const char config_text[] = "libraries: [osu018]\nweights: [int8]\nactivations: [int8]\n"
                                      "network:\n  preset: mine/net.yaml\n";
    struct folder *f = *state;
    struct mp_experiment e;
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text text = {0};
    char *config = mp_path_join(f->dir.path, "run.yaml");

    write_file(f, "mine/net.yaml",
               "title: mine\nmodel:\n  - files: [net.onnx]\ntest_images:\n"
               "  - files: [list.txt]\nimages:\n  preset: torchvision-224\n"
               "notes: a note\n");
    write_file(f, "mine/net.onnx", "");
    mp_text_printf(&text, "%s  test_images: here.txt\n", config_text);
    write_file(f, "run.yaml", text.data);
    if (mp_experiment_read(&e, config, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(e.network_name, "net");
    assert_string_equal(e.network_notes, "a note");
    assert_non_null(strstr(e.network, "/mine/net.onnx"));
    assert_non_null(strstr(e.test_images, "/here.txt"));
    assert_int_equal(e.preprocess.crop_width, 224);
    mp_experiment_release(&e);
    write_file(f, "run.yaml", config_text);
    assert_int_equal(mp_experiment_read(&e, config, &err), MP_E_INPUT);
    assert_int_equal(err.line, 5);
    assert_non_null(strstr(err.message, "list.txt"));
    mp_experiment_release(&e);
    mp_text_release(&text);
    free(config);
}

static void wrong_presets(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } wrong[] = {
        {"titel: x\n", 1, "titel"},
        {"title: x\n", 0, "model"},
        {"title: x\nmodel: a.onnx\n", 2, "model"},
        {"title: x\nmodel:\n  - files: []\n", 3, "files"},
        {"title: x\nmissing: guess\nmodel:\n  - files: [a]\n", 2, "refuse, cut, synthetic"},
        {"title: x\nmodel:\n  - files: [a]\nimages:\n  preset: none\n", 5, "preset"},
        {"title: x\nmodel:\n  - files: [a]\nimages:\n  folder: b\n", 4, "folder"},
    };
    struct folder *f = *state;
    char *path = mp_path_join(f->dir.path, "wrong.yaml");
    struct mp_network_preset p;
    struct mp_error err = MP_ERROR_INIT;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file(f, "wrong.yaml", wrong[i].text);
        int rc = mp_network_preset_read(&p, path, &err);
        if (rc != MP_E_INPUT || strcmp(err.file, path) != 0 ||
            (wrong[i].line > 0 && err.line != wrong[i].line) ||
            strstr(err.message, wrong[i].says) == NULL)
            fail_msg("%s: %d, line %d: %s", wrong[i].text, rc, err.line, err.message);
    }
    free(path);
    setenv("MACPPA_PRESETS", f->dir.path, 1);
    assert_int_equal(mp_network_preset_read(&p, "../x", &err), MP_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "there are: wrong"));
}

/* The real networks, where they are. */
static void shared_networks(void **state)
{
    const char *root = getenv("MACPPA_SOURCE_ROOT"), *given = getenv("MACPPA_SHARED");
    char *beside = mp_path_join(root != NULL ? root : ".", "../shared");
    char *cnn = mp_path_join(given != NULL ? given : beside, "cnn");

    (void)state;
    free(beside);
    if (!mp_file_exists(cnn)) {
        print_message("no %s: skipped\n", cnn);
        free(cnn);
        skip();
        return;
    }
    setenv("MACPPA_NETWORKS", cnn, 1);
    free(cnn);
    for (size_t i = 0; i < KNOWN; i++) {
        struct mp_network_preset p;
        read_preset(&p, known[i]);
        bool is_partial = strcmp(known[i], "alexnet") == 0 || strcmp(known[i], "vgg16") == 0;
        bool has_weights = p.items[MP_PRESET_WEIGHTS].choice_count > 0;
        assert_non_null(p.items[MP_PRESET_MODEL].found);
        assert_true(!has_weights || p.items[MP_PRESET_WEIGHTS].found != NULL);
        if (has_weights)
            assert_true(is_partial == (p.items[MP_PRESET_WEIGHTS].choice->layers != NULL));
        if (strcmp(known[i], "squeezenet_v1.0") == 0) /* of two kinds that share a name */
            assert_non_null(strstr(p.items[MP_PRESET_WEIGHTS].choice->notes, "pruned"));
        if (i != 1) /* Debian's package of the default images may be absent */
            assert_non_null(p.items[MP_PRESET_TEST_IMAGES].found);
        mp_network_preset_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flat_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_a_config, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_presets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shared_networks, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("network presets", tests, NULL, NULL);
}
