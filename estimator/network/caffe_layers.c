/* Kinds of layers without weights; the table of all kinds is at the end. */
#include "estimator/network/caffe.h"

#include <string.h>

static struct mp_layer *add_layer(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                                  enum mp_layer_kind kind)
{
    return mp_build_layer(&im->build, l->name, kind);
}

/* An axis among the batch (0), channels, height, width of bottom 0; negative ones count from the
 * end. */
static int read_axis(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                     uint32_t settings, const char *name, uint32_t *axis, struct mp_error *err)
{
    int64_t rank = mp_caffe_input(im, l, 0)->rank, value;
    int rc = mp_prototxt_integer(im->text, settings, name, -rank, rank - 1, 1, &value, err);

    if (rc < 0)
        value = 1;
    *axis = (uint32_t)(value < 0 ? value + rank : value);
    return rc;
}

/* All bottoms must have the shape of the first. */
static int check_same_shapes(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                             struct mp_error *err)
{
    const struct mp_shape *a = mp_caffe_input_shape(im, l, 0);

    for (uint32_t i = 1; i < l->bottom_count; i++) {
        const struct mp_shape *b = mp_caffe_input_shape(im, l, i);
        if (memcmp(a, b, sizeof *a) != 0)
            return mp_caffe_fail(
                im, l, err, MP_E_INPUT, "bottom %u is %u x %u x %u, the first %u x %u x %u", i,
                b->channels, b->height, b->width, a->channels, a->height, a->width);
    }
    return MP_OK;
}

static int import_relu(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                       struct mp_error *err)
{
    static const char *const names[] = {"negative_slope", "engine", NULL};
    uint32_t settings;
    double slope = 0;
    int rc = mp_caffe_settings(im, l, "relu_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_number(im->text, settings, "negative_slope", 0, &slope, err);
    if (rc < 0)
        return rc;
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    add_layer(im, l, MP_LAYER_RELU)->negative_slope = (float)slope;
    return mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

static int import_lrn(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      struct mp_error *err)
{
    static const char *const names[] = {"local_size", "alpha",  "beta", "norm_region",
                                        "k",          "engine", NULL};
    uint32_t settings;
    const char *region = "";
    int64_t size = 1;
    double alpha = 1, beta = 0.75, k = 1;
    int rc = mp_caffe_settings(im, l, "lrn_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "local_size", 1, MP_BUILD_MAX_EXTENT, 5, &size,
                                 err);
    if (rc == MP_OK)
        rc = mp_prototxt_number(im->text, settings, "alpha", 1, &alpha, err);
    if (rc == MP_OK)
        rc = mp_prototxt_number(im->text, settings, "beta", 0.75, &beta, err);
    if (rc == MP_OK)
        rc = mp_prototxt_number(im->text, settings, "k", 1, &k, err);
    if (rc == MP_OK)
        rc = mp_prototxt_word(im->text, settings, "norm_region", "ACROSS_CHANNELS", &region, err);
    if (rc < 0)
        return rc;
    bool within = strcmp(region, "WITHIN_CHANNEL") == 0;
    if (size % 2 == 0 || (!within && strcmp(region, "ACROSS_CHANNELS") != 0))
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "local_size must be odd, norm_region ACROSS_CHANNELS or "
                             "WITHIN_CHANNEL");
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    struct mp_layer *layer = add_layer(im, l, within ? MP_LAYER_LRN_WITHIN : MP_LAYER_LRN);
    layer->lrn_size = (uint32_t)size;
    layer->lrn_alpha = (float)alpha;
    layer->lrn_beta = (float)beta;
    layer->lrn_k = within ? 1 : (float)k; /* Caffe has no k within a channel */
    return mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

static int import_concat(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                         struct mp_error *err)
{
    static const char *const names[] = {"axis", "concat_dim", NULL};
    uint32_t settings, axis = 1;
    int rc = mp_caffe_settings(im, l, "concat_param", names, &settings, err);
    bool old = mp_prototxt_count(im->text, settings, "concat_dim") > 0;

    if (rc == MP_OK)
        rc = read_axis(im, l, settings, old ? "concat_dim" : "axis", &axis, err);
    if (rc < 0)
        return rc;
    if (axis == 0)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "images cannot be joined over axis 0");
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    uint32_t *sizes[] = {&shape.channels, &shape.height, &shape.width};
    uint64_t sum = *sizes[axis - 1];
    for (uint32_t i = 1; i < l->bottom_count; i++) {
        struct mp_shape s = *mp_caffe_input_shape(im, l, i);
        uint32_t *others[] = {&s.channels, &s.height, &s.width};
        sum += *others[axis - 1];
        *others[axis - 1] = *sizes[axis - 1];
        if (memcmp(&s, &shape, sizeof s) != 0 || sum > MP_BUILD_MAX_ELEMENTS)
            return mp_caffe_fail(im, l, err, MP_E_INPUT,
                                 "bottom %u does not have the first one's size outside of axis %u",
                                 i, axis);
    }
    *sizes[axis - 1] = (uint32_t)sum;
    add_layer(im, l, MP_LAYER_CONCAT)->axis = axis - 1;
    return mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

/* The factors of a sum; there are none, or one a bottom. */
static int read_coefficients(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                             uint32_t settings, struct mp_layer *layer, struct mp_error *err)
{
    uint32_t count = mp_prototxt_count(im->text, settings, "coeff"), i = 0;
    float *values;

    if (count == 0)
        return MP_OK;
    if (count != l->bottom_count || layer->kind != MP_LAYER_ADD)
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "%u values of coeff for %u bottoms; only a SUM has them, one a bottom",
                             count, l->bottom_count);
    values = mp_arena_alloc(&im->build.network->arena, count * sizeof *values);
    for (uint32_t f = mp_prototxt_first(im->text, settings, "coeff"); f != MP_PROTOTXT_NONE;
         f = mp_prototxt_next(im->text, f)) {
        double value;
        int rc = mp_prototxt_number_of(im->text, f, &value, err);
        if (rc < 0)
            return rc;
        values[i++] = (float)value;
    }
    layer->coefficients = values;
    return MP_OK;
}

static int import_eltwise(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          struct mp_error *err)
{
    static const char *const names[] = {"operation", "coeff", "stable_prod_grad", NULL};
    static const char *const operations[] = {"SUM", "PROD", "MAX"};
    static const enum mp_layer_kind kinds[] = {MP_LAYER_ADD, MP_LAYER_MULTIPLY, MP_LAYER_MAXIMUM};
    uint32_t settings, which = 0;
    const char *operation = "";
    int rc = mp_caffe_settings(im, l, "eltwise_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_word(im->text, settings, "operation", "SUM", &operation, err);
    if (rc == MP_OK)
        rc = check_same_shapes(im, l, err);
    if (rc < 0)
        return rc;
    while (which < 3 && strcmp(operation, operations[which]) != 0)
        which++;
    if (which == 3)
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "operation `%s` is not SUM, PROD or MAX",
                             operation);
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    rc = read_coefficients(im, l, settings, add_layer(im, l, kinds[which]), err);
    return rc < 0
               ? rc
               : mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

static int import_softmax(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          struct mp_error *err)
{
    static const char *const names[] = {"axis", "engine", NULL};
    uint32_t settings, axis = 1;
    int rc = mp_caffe_settings(im, l, "softmax_param", names, &settings, err);

    if (rc == MP_OK)
        rc = read_axis(im, l, settings, "axis", &axis, err);
    if (rc < 0)
        return rc;
    if (axis != 1)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "only axis 1 (channels) is supported");
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    add_layer(im, l, MP_LAYER_SOFTMAX);
    return mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

static int import_flatten(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          struct mp_error *err)
{
    static const char *const names[] = {"axis", "end_axis", NULL};
    int64_t rank = mp_caffe_input(im, l, 0)->rank, end = -1;
    uint32_t settings, axis = 1;
    int rc = mp_caffe_settings(im, l, "flatten_param", names, &settings, err);

    if (rc == MP_OK)
        rc = read_axis(im, l, settings, "axis", &axis, err);
    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "end_axis", -rank, rank - 1, -1, &end, err);
    if (rc < 0)
        return rc;
    if (axis != 1 || (end != -1 && end != rank - 1))
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                             "only axis 1 to the last one are supported");
    struct mp_shape shape = {(uint32_t)mp_shape_elements(mp_caffe_input_shape(im, l, 0)), 1, 1};
    add_layer(im, l, MP_LAYER_RESHAPE);
    return mp_caffe_finish_layer(im, l, &shape, 2, false, err);
}

/* The new dimensions behind the batch: 0 copies, -1 is what is left. */
static int resolve_reshape(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                           int64_t dims[4], uint32_t rank, struct mp_error *err)
{
    const struct mp_shape *in = mp_caffe_input_shape(im, l, 0);
    const int64_t old[4] = {1, in->channels, in->height, in->width};
    uint64_t elements = mp_shape_elements(in), known = 1;
    uint32_t open = 0;

    for (uint32_t i = 1; i < rank; i++) {
        dims[i] = dims[i] == 0 ? old[i] : dims[i];
        if (dims[i] == -1 && open == 0)
            open = i;
        else if (dims[i] < 1 || known * (uint64_t)dims[i] > elements)
            known = 0;
        else
            known *= (uint64_t)dims[i];
    }
    if (open > 0 && known > 0) {
        dims[open] = (int64_t)(elements / known);
        known *= elements / known;
    }
    if (known != elements)
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "the new shape does not hold the %llu elements of an image",
                             (unsigned long long)elements);
    return MP_OK;
}

static int import_reshape(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          struct mp_error *err)
{
    static const char *const names[] = {"shape", NULL};
    uint32_t settings, message = MP_PROTOTXT_NONE, rank = 0;
    int64_t dims[4] = {0, 1, 1, 1};
    int rc = mp_caffe_settings(im, l, "reshape_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_message(im->text, settings, "shape", &message, err);
    for (uint32_t f = mp_prototxt_first(im->text, message, "dim");
         f != MP_PROTOTXT_NONE && rc == MP_OK && rank < 5; f = mp_prototxt_next(im->text, f))
        if (rank++ < 4)
            rc = mp_prototxt_integer_of(im->text, f, -1, (int64_t)MP_BUILD_MAX_ELEMENTS,
                                        &dims[rank - 1], err);
    if (rc < 0)
        return rc;
    if (rank < 2 || rank > 4 || dims[0] > 1)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                             "the new shape must have 2 to 4 dimensions, the first of them the "
                             "batch (0, -1 or 1)");
    if (dims[0] == -1)
        for (uint32_t i = 1; i < rank; i++)
            if (dims[i] == -1)
                return mp_caffe_fail(im, l, err, MP_E_INPUT, "two dimensions are -1");
    rc = resolve_reshape(im, l, dims, rank, err);
    if (rc < 0)
        return rc;
    struct mp_shape shape = {(uint32_t)dims[1], (uint32_t)dims[2], (uint32_t)dims[3]};
    add_layer(im, l, MP_LAYER_RESHAPE);
    return mp_caffe_finish_layer(im, l, &shape, rank, false, err);
}

/* Split, and Dropout when the network is used, not trained. */
static int import_identity(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                           struct mp_error *err)
{
    (void)err;
    mp_caffe_pass_on(im, l);
    return MP_OK;
}

static const struct mp_caffe_kind kinds[] = {
    {"BatchNorm", 1, 1, 1, mp_caffe_batch_norm},
    {"Bias", 1, 1, 1, mp_caffe_bias},
    {"Concat", 1, 1024, 1, import_concat},
    {"Convolution", 1, 1, 1, mp_caffe_convolution},
    {"Dropout", 1, 1, 1, import_identity},
    {"Eltwise", 2, 1024, 1, import_eltwise},
    {"Flatten", 1, 1, 1, import_flatten},
    {"InnerProduct", 1, 1, 1, mp_caffe_inner_product},
    {"LRN", 1, 1, 1, import_lrn},
    {"Pooling", 1, 1, 1, mp_caffe_pooling},
    {"ReLU", 1, 1, 1, import_relu},
    {"Reshape", 1, 1, 1, import_reshape},
    {"Scale", 1, 1, 1, mp_caffe_scale},
    {"Softmax", 1, 1, 1, import_softmax},
    {"Split", 1, 1, 1024, import_identity},
};

const struct mp_caffe_kind *mp_caffe_find_kind(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(type, kinds[i].type) == 0)
            return &kinds[i];
    return NULL;
}
