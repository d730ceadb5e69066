/* What a prototxt says of layers, inputs and who makes which blob. */
#include "estimator/network/caffe.h"

#include <string.h>

#define MAX_LAYERS 4096
#define MAX_LINKS  1024 /* bottoms, tops of a layer */

/* ---- the list of layers */

/* The names of Caffe's first form of types, which were an enum. */
static const char *const old_types[][2] = {
    {"ABSVAL", "AbsVal"},
    {"ACCURACY", "Accuracy"},
    {"ARGMAX", "ArgMax"},
    {"BNLL", "BNLL"},
    {"CONCAT", "Concat"},
    {"CONTRASTIVE_LOSS", "ContrastiveLoss"},
    {"CONVOLUTION", "Convolution"},
    {"DATA", "Data"},
    {"DECONVOLUTION", "Deconvolution"},
    {"DROPOUT", "Dropout"},
    {"DUMMY_DATA", "DummyData"},
    {"ELTWISE", "Eltwise"},
    {"EUCLIDEAN_LOSS", "EuclideanLoss"},
    {"EXP", "Exp"},
    {"FLATTEN", "Flatten"},
    {"HDF5_DATA", "HDF5Data"},
    {"HDF5_OUTPUT", "HDF5Output"},
    {"HINGE_LOSS", "HingeLoss"},
    {"IMAGE_DATA", "ImageData"},
    {"INFOGAIN_LOSS", "InfogainLoss"},
    {"INNER_PRODUCT", "InnerProduct"},
    {"LRN", "LRN"},
    {"MEMORY_DATA", "MemoryData"},
    {"MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"},
    {"MVN", "MVN"},
    {"POOLING", "Pooling"},
    {"POWER", "Power"},
    {"RELU", "ReLU"},
    {"SIGMOID", "Sigmoid"},
    {"SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
    {"SILENCE", "Silence"},
    {"SLICE", "Slice"},
    {"SOFTMAX", "Softmax"},
    {"SOFTMAX_LOSS", "SoftmaxWithLoss"},
    {"SPLIT", "Split"},
    {"TANH", "TanH"},
    {"THRESHOLD", "Threshold"},
    {"WINDOW_DATA", "WindowData"}};

/* Where images come from and what is made of results in training: not the network's. */
static bool is_passed_over(const char *type)
{
    static const char *const types[] = {"Accuracy",   "Data",       "DummyData",
                                        "HDF5Data",   "HDF5Output", "ImageData",
                                        "MemoryData", "Silence",    "WindowData"};
    size_t length = strlen(type);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return length > 4 && strcmp(type + length - 4, "Loss") == 0;
}

static int read_type(struct mp_caffe_importer *im, struct mp_caffe_layer *l, bool old,
                     struct mp_error *err)
{
    const char *word;
    int rc;

    if (!old)
        return mp_prototxt_string(im->text, l->field, "type", "", &l->type, err);
    if (mp_prototxt_count(im->text, l->field, "layer") > 0)
        return mp_prototxt_fail(im->text, l->field, MP_E_UNSUPPORTED, err,
                                "`layers { layer { } }` is Caffe's oldest form; convert it with "
                                "Caffe's upgrade_net_proto_text");
    rc = mp_prototxt_word(im->text, l->field, "type", "NONE", &word, err);
    l->type = word;
    for (size_t i = 0; rc == MP_OK && i < sizeof old_types / sizeof *old_types; i++)
        if (strcmp(word, old_types[i][0]) == 0)
            l->type = old_types[i][1];
    return rc;
}

/* A rule of include or exclude: true when the test phase, level 0 without stages, meets it. */
static int meets_rule(const struct mp_caffe_importer *im, uint32_t rule, bool *met,
                      struct mp_error *err)
{
    const struct mp_prototxt *p = im->text;
    const char *phase = "";
    int64_t least = 0, most = 0;
    int rc = mp_prototxt_word(p, rule, "phase", "TEST", &phase, err);

    if (rc == MP_OK)
        rc = mp_prototxt_integer(p, rule, "min_level", INT32_MIN, INT32_MAX, 0, &least, err);
    if (rc == MP_OK)
        rc = mp_prototxt_integer(p, rule, "max_level", INT32_MIN, INT32_MAX, 0, &most, err);
    if (rc == MP_OK)
        *met = strcmp(phase, "TEST") == 0 && least <= 0 && most >= 0 &&
               mp_prototxt_count(p, rule, "stage") == 0;
    return rc;
}

static int is_included(const struct mp_caffe_importer *im, uint32_t layer, bool *included,
                       struct mp_error *err)
{
    const struct mp_prototxt *p = im->text;
    uint32_t rule = mp_prototxt_first(p, layer, "include");
    bool met = false;

    *included = rule == MP_PROTOTXT_NONE;
    for (; rule != MP_PROTOTXT_NONE; rule = mp_prototxt_next(p, rule)) {
        int rc = meets_rule(im, rule, &met, err);
        if (rc < 0)
            return rc;
        *included |= met;
    }
    for (rule = mp_prototxt_first(p, layer, "exclude"); rule != MP_PROTOTXT_NONE;
         rule = mp_prototxt_next(p, rule)) {
        int rc = meets_rule(im, rule, &met, err);
        if (rc < 0)
            return rc;
        *included &= !met;
    }
    return MP_OK;
}

static int check_fields(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        struct mp_error *err)
{
    static const char *const names[] = {"name",        "type",          "bottom",          "top",
                                        "param",       "include",       "exclude",         "phase",
                                        "blobs_lr",    "weight_decay",  "blob_share_mode", "blobs",
                                        "loss_weight", "propagate_down"};
    const struct mp_prototxt *p = im->text;

    for (uint32_t f = p->fields[l->field].child; f != MP_PROTOTXT_NONE; f = p->fields[f].next) {
        const char *name = p->fields[f].name;
        size_t length = strlen(name), i = 0;
        while (i < sizeof names / sizeof *names && strcmp(names[i], name) != 0)
            i++;
        if (i == sizeof names / sizeof *names &&
            !(length > 6 && strcmp(name + length - 6, "_param") == 0))
            return mp_prototxt_fail(p, f, MP_E_UNSUPPORTED, err,
                                    "layer \"%s\": a layer has no setting `%s`; is it misspelt?",
                                    l->name, name);
    }
    return MP_OK;
}

static uint32_t add_value(struct mp_caffe_importer *im, const char *blob)
{
    mp_grow(&im->values, im->value_count, &im->value_capacity, sizeof *im->values);
    im->values[im->value_count] = (struct mp_caffe_value){.blob = blob, .layer = MP_BUILD_NONE};
    return (uint32_t)im->value_count++;
}

/* Tops become values; bottoms stay fields until all layers are there. */
static int read_links(struct mp_caffe_importer *im, struct mp_caffe_layer *l, struct mp_error *err)
{
    const struct mp_prototxt *p = im->text;
    const char *blob;
    uint32_t i = 0;

    l->bottom_count = mp_prototxt_count(p, l->field, "bottom");
    l->top_count = mp_prototxt_count(p, l->field, "top");
    if (l->bottom_count > MAX_LINKS || l->top_count > MAX_LINKS)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "more than %d bottoms or tops",
                             MAX_LINKS);
    l->bottoms = mp_arena_alloc(&im->build.network->arena, l->bottom_count * sizeof *l->bottoms);
    for (uint32_t f = mp_prototxt_first(p, l->field, "bottom"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(p, f))
        l->bottoms[i++] = f;
    l->first_top = (uint32_t)im->value_count;
    for (uint32_t f = mp_prototxt_first(p, l->field, "top"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(p, f)) {
        int rc = mp_prototxt_text_of(p, f, &blob, err);
        if (rc < 0)
            return rc;
        add_value(im, blob);
    }
    return MP_OK;
}

static void pass_over(struct mp_caffe_importer *im, const struct mp_caffe_layer *l)
{
    for (uint32_t f = mp_prototxt_first(im->text, l->field, "top"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(im->text, f))
        if (im->text->fields[f].kind == MP_PROTOTXT_STRING)
            mp_map_put(&im->skipped, im->text->fields[f].text, 0);
}

static int list_layer(struct mp_caffe_importer *im, uint32_t field, bool old, struct mp_error *err)
{
    struct mp_caffe_layer l = {.field = field, .name = "", .type = ""};
    bool included = false;
    int rc;

    if (im->text->fields[field].kind != MP_PROTOTXT_MESSAGE)
        return mp_prototxt_fail(im->text, field, MP_E_INPUT, err, "a layer must be in { }");
    rc = mp_prototxt_string(im->text, field, "name", "", &l.name, err);
    if (rc == MP_OK)
        rc = read_type(im, &l, old, err);
    if (rc == MP_OK)
        rc = is_included(im, field, &included, err);
    if (rc < 0 || !included)
        return rc;
    if (is_passed_over(l.type)) {
        pass_over(im, &l);
        return MP_OK;
    }
    if (l.name[0] == '\0')
        return mp_prototxt_fail(im->text, field, MP_E_INPUT, err, "a layer has no name");
    if (im->layer_count >= MAX_LAYERS)
        return mp_caffe_fail(im, &l, err, MP_E_UNSUPPORTED, "more than %d layers", MAX_LAYERS);
    rc = check_fields(im, &l, err);
    if (rc == MP_OK)
        rc = read_links(im, &l, err);
    if (rc < 0)
        return rc;
    mp_grow(&im->layers, im->layer_count, &im->layer_capacity, sizeof *im->layers);
    im->layers[im->layer_count++] = l;
    return MP_OK;
}

static int list_layers(struct mp_caffe_importer *im, struct mp_error *err)
{
    static const char *const names[] = {"name",       "input",  "input_dim",      "input_shape",
                                        "layer",      "layers", "force_backward", "state",
                                        "debug_info", NULL};
    const struct mp_prototxt *p = im->text;
    int rc = mp_prototxt_check_names(p, MP_PROTOTXT_ROOT, names, err);

    for (uint32_t f = p->fields[0].child; f != MP_PROTOTXT_NONE && rc == MP_OK;
         f = p->fields[f].next)
        if (strcmp(p->fields[f].name, "layer") == 0 || strcmp(p->fields[f].name, "layers") == 0)
            rc = list_layer(im, f, p->fields[f].name[5] == 's', err);
    return rc;
}

/* ---- inputs */

static int add_input(struct mp_caffe_importer *im, uint32_t field, uint32_t value,
                     const int64_t *dims, uint32_t rank, struct mp_error *err)
{
    struct mp_caffe_value *v = &im->values[value];
    struct mp_shape shape = {(uint32_t)dims[1], (uint32_t)dims[2], (uint32_t)dims[3]};

    if (im->has_input)
        return mp_prototxt_fail(im->text, field, MP_E_UNSUPPORTED, err,
                                "\"%s\" is a second input; only one is supported", v->blob);
    if (!mp_build_tensor(&im->build, &shape, &v->tensor))
        return mp_prototxt_fail(im->text, field, MP_E_UNSUPPORTED, err,
                                "input \"%s\" of %u x %u x %u is too large", v->blob,
                                shape.channels, shape.height, shape.width);
    v->known = true;
    v->rank = rank;
    im->build.network->input_tensor = v->tensor;
    im->has_input = true;
    return MP_OK;
}

/* dims[4] from the repeated field `name` of a message, its values from number `from` on, at most
 * four; those that are not there are 1. */
static int read_dims(struct mp_caffe_importer *im, uint32_t message, const char *name,
                     uint32_t from, int64_t dims[4], uint32_t *rank, struct mp_error *err)
{
    uint32_t i = 0;

    for (uint32_t k = 0; k < 4; k++)
        dims[k] = 1;
    for (uint32_t f = mp_prototxt_first(im->text, message, name); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(im->text, f), i++) {
        if (i < from || i >= from + 4)
            continue;
        int rc = mp_prototxt_integer_of(im->text, f, 1, (int64_t)MP_BUILD_MAX_ELEMENTS,
                                        &dims[i - from], err);
        if (rc < 0)
            return rc;
    }
    *rank = i - from;
    if (i < from + 2 || (from == 0 && i > 4))
        return mp_prototxt_fail(im->text, message, MP_E_UNSUPPORTED, err,
                                "an input has %u `%s` values; it must be batch, channels (and "
                                "height, width)",
                                i < from ? 0 : i - from, name);
    *rank = *rank > 4 ? 4 : *rank;
    return MP_OK;
}

/* `input: "data"` with `input_shape { }` or four `input_dim` each. */
static int read_old_inputs(struct mp_caffe_importer *im, struct mp_error *err)
{
    const struct mp_prototxt *p = im->text;
    uint32_t shape = mp_prototxt_first(p, MP_PROTOTXT_ROOT, "input_shape"), i = 0, rank = 0;
    uint32_t dim_count = mp_prototxt_count(p, MP_PROTOTXT_ROOT, "input_dim");
    const char *blob = "";
    int64_t dims[4] = {1, 1, 1, 1};

    for (uint32_t f = mp_prototxt_first(p, MP_PROTOTXT_ROOT, "input"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(p, f), i++) {
        int rc = mp_prototxt_text_of(p, f, &blob, err);
        if (rc < 0)
            return rc;
        if (shape != MP_PROTOTXT_NONE)
            rc = read_dims(im, shape, "dim", 0, dims, &rank, err);
        else if (dim_count < 4 * (i + 1))
            rc =
                mp_prototxt_fail(p, f, MP_E_INPUT, err,
                                 "input \"%s\" has no `input_shape` and no four `input_dim`", blob);
        else
            rc = read_dims(im, MP_PROTOTXT_ROOT, "input_dim", 4 * i, dims, &rank, err);
        if (rc == MP_OK)
            rc = add_input(im, f, add_value(im, blob), dims, rank, err);
        if (rc < 0)
            return rc;
        if (shape != MP_PROTOTXT_NONE)
            shape = mp_prototxt_next(p, shape);
    }
    return MP_OK;
}

static int read_input_layers(struct mp_caffe_importer *im, struct mp_error *err)
{
    static const char *const names[] = {"shape", NULL};

    for (size_t i = 0; i < im->layer_count; i++) {
        struct mp_caffe_layer *l = &im->layers[i];
        uint32_t settings, shape, rank = 0;
        int64_t dims[4] = {1, 1, 1, 1};
        if (strcmp(l->type, "Input") != 0)
            continue;
        int rc = mp_caffe_settings(im, l, "input_param", names, &settings, err);
        if (rc < 0)
            return rc;
        shape = mp_prototxt_first(im->text, settings, "shape");
        if (shape == MP_PROTOTXT_NONE || l->top_count != 1)
            return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                                 "it must have one top and a shape in its input_param");
        rc = read_dims(im, shape, "dim", 0, dims, &rank, err);
        if (rc == MP_OK)
            rc = add_input(im, l->field, l->first_top, dims, rank, err);
        if (rc < 0)
            return rc;
        l->imported = true;
    }
    return MP_OK;
}

/* ---- who makes what */

static bool writes(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                   const char *blob, uint32_t *value)
{
    for (uint32_t k = 0; k < l->top_count; k++)
        if (strcmp(im->values[l->first_top + k].blob, blob) == 0) {
            *value = l->first_top + k;
            return true;
        }
    return false;
}

static bool reads(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                  const char *blob)
{
    for (uint32_t f = mp_prototxt_first(im->text, l->field, "bottom"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(im->text, f))
        if (im->text->fields[f].text != NULL && strcmp(im->text->fields[f].text, blob) == 0)
            return true;
    return false;
}

/* The value that layer i reads as blob: what was written last before it in the file; in a file
 * that is not in order, the last writing behind it (the first that is not in place, for a layer
 * that writes in place itself). */
static bool find_maker(const struct mp_caffe_importer *im, size_t i, const char *blob,
                       uint32_t *value)
{
    bool in_place = writes(im, &im->layers[i], blob, value);

    for (size_t k = i; k-- > 0;)
        if (writes(im, &im->layers[k], blob, value))
            return true;
    /* Values in front of all layers' are the file's `input`s. */
    for (uint32_t v = 0; v < im->value_count && v < im->layers[0].first_top; v++)
        if (strcmp(im->values[v].blob, blob) == 0) {
            *value = v;
            return true;
        }
    for (size_t k = im->layer_count; k-- > i + 1;)
        if (writes(im, &im->layers[k], blob, value) &&
            (!in_place || !reads(im, &im->layers[k], blob)))
            return true;
    return false;
}

static int no_maker(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                    uint32_t field, const char *blob, struct mp_error *err)
{
    bool skipped = mp_map_get(&im->skipped, blob) != MP_MAP_NONE;

    return mp_prototxt_fail(
        im->text, field, MP_E_INPUT, err, "layer \"%s\" (%s): bottom \"%s\" is %s", l->name,
        l->type, blob,
        skipped ? "made by a data or loss layer, which has no shape; use the network's deploy "
                  "prototxt, with an Input layer or `input_shape`"
                : "made by no layer");
}

static int bind_layer(struct mp_caffe_importer *im, size_t i, struct mp_error *err)
{
    struct mp_caffe_layer *l = &im->layers[i];

    for (uint32_t k = 0; k < l->bottom_count; k++) {
        uint32_t field = l->bottoms[k], value = 0;
        const char *blob;
        int rc = mp_prototxt_text_of(im->text, field, &blob, err);
        if (rc < 0)
            return rc;
        if (!find_maker(im, i, blob, &value))
            return no_maker(im, l, field, blob, err);
        l->bottoms[k] = value;
        im->values[value].uses++;
    }
    return MP_OK;
}

/* Two layers must not write one blob, unless the second reads it (in place). */
static int check_makers(struct mp_caffe_importer *im, struct mp_error *err)
{
    struct mp_map fresh = {0};
    int rc = MP_OK;

    for (size_t i = 0; i < im->layer_count && rc == MP_OK; i++) {
        const struct mp_caffe_layer *l = &im->layers[i];
        for (uint32_t k = 0; k < l->top_count && rc == MP_OK; k++) {
            const char *blob = im->values[l->first_top + k].blob;
            if (!reads(im, l, blob) && mp_map_put(&fresh, blob, (uint32_t)i) != i)
                rc = mp_caffe_fail(im, l, err, MP_E_INPUT,
                                   "top \"%s\" is made by another layer already", blob);
        }
    }
    mp_map_release(&fresh);
    return rc;
}

int mp_caffe_list(struct mp_caffe_importer *im, struct mp_error *err)
{
    int rc = read_old_inputs(im, err);

    if (rc == MP_OK)
        rc = list_layers(im, err);
    if (rc == MP_OK && im->layer_count == 0)
        rc = mp_fail_at(err, MP_E_INPUT, im->text->path, 0,
                        "there is no layer inside; is it a network's prototxt?");
    if (rc == MP_OK)
        rc = read_input_layers(im, err);
    if (rc == MP_OK)
        rc = check_makers(im, err);
    for (size_t i = 0; i < im->layer_count && rc == MP_OK; i++)
        rc = bind_layer(im, i, err);
    return rc;
}
