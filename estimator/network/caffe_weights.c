/* Kinds of layers with blobs, and those with a window. */
#include "estimator/network/caffe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- blobs */

static int no_weights(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      struct mp_error *err)
{
    if (im->weights == NULL)
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "it has weights, but no caffemodel is given");
    return mp_caffe_fail(im, l, err, MP_E_INPUT, "there are no weights for it in %s",
                         im->weights->path);
}

static bool has_blobs(const struct mp_caffe_layer *l)
{
    static const char *const types[] = {"Convolution", "InnerProduct", "BatchNorm", "Scale",
                                        "Bias"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(l->type, types[i]) == 0)
            return true;
    return false;
}

/* Blobs are found by name, so two layers that have some cannot have one name. */
static int check_name(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      struct mp_error *err)
{
    for (size_t i = 0; i < im->layer_count; i++) {
        const struct mp_caffe_layer *other = &im->layers[i];
        if (other != l && has_blobs(other) && strcmp(other->name, l->name) == 0)
            return mp_caffe_fail(im, l, err, MP_E_INPUT,
                                 "the layer in line %d has the same name, by which weights are "
                                 "found: rename one, as in the weights",
                                 im->text->fields[other->field].line);
    }
    return MP_OK;
}

/* Place of the layer's blobs in the weights; MP_CAFFEMODEL_NONE: missing, which is allowed. */
static int find_blobs(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      uint32_t count, uint32_t *place, struct mp_error *err)
{
    int rc = check_name(im, l, err);

    if (rc < 0)
        return rc;
    *place = im->weights != NULL ? mp_caffemodel_find(im->weights, l->name) : MP_CAFFEMODEL_NONE;
    if (*place == MP_CAFFEMODEL_NONE)
        return im->source->missing == MP_MISSING_REFUSED ? no_weights(im, l, err) : MP_OK;
    uint32_t have = mp_caffemodel_blob_count(im->weights, *place);
    if (have != count)
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "it has %u blobs in %s, but needs %u", have,
                             im->weights->path, count);
    return MP_OK;
}

static void fill_weights(const struct mp_caffe_importer *im, struct mp_layer *layer, bool has_bias)
{
    layer->weights = mp_alloc(layer->weight_count, sizeof *layer->weights);
    if (has_bias)
        layer->bias = mp_alloc(layer->out_count, sizeof *layer->bias);
    layer->synthetic = true;
    im->build.network->is_synthetic = true;
    im->source->fill(im->source->context, layer);
}

/* Weights and bias of the last layer, whose sizes are set. Where they are missing and that is
 * allowed: made up, or left out. */
static int take_weights(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        const int64_t *dims, uint32_t rank, bool has_bias, struct mp_error *err)
{
    struct mp_layer *layer = &im->build.layers[im->build.layer_count - 1];
    int64_t outputs = layer->out_count;
    uint32_t place;
    int rc = find_blobs(im, l, has_bias ? 2 : 1, &place, err);

    if (rc < 0)
        return rc;
    if (place == MP_CAFFEMODEL_NONE) {
        if (im->source->missing == MP_MISSING_FILLED)
            fill_weights(im, layer, has_bias);
        return MP_OK;
    }
    rc = mp_caffemodel_take(im->weights, place, 0, dims, rank, &layer->weights, err);
    if (rc == MP_OK && has_bias)
        rc = mp_caffemodel_take(im->weights, place, 1, &outputs, 1, &layer->bias, err);
    return rc;
}

/* Sizes of a layer with weights; they keep below the limits. */
static int set_sizes(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                     struct mp_layer *layer, uint64_t outputs, uint64_t terms, struct mp_error *err)
{
    if (terms > MP_BUILD_MAX_ELEMENTS || outputs * terms > MP_BUILD_MAX_ELEMENTS)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "it has more than %llu weights",
                             (unsigned long long)MP_BUILD_MAX_ELEMENTS);
    layer->out_count = (uint32_t)outputs;
    layer->terms = (uint32_t)terms;
    layer->weight_count = (uint32_t)(outputs * terms);
    return MP_OK;
}

/* ---- windows */

/* out[0..1], height and width, from `both` (once, or twice: height, width), or from `h` and `w`. */
static int read_extents(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        uint32_t settings, const char *const names[3], int64_t low,
                        int64_t otherwise, uint32_t out[2], struct mp_error *err)
{
    const struct mp_prototxt *p = im->text;
    uint32_t f = mp_prototxt_first(p, settings, names[0]);
    uint32_t count = mp_prototxt_count(p, settings, names[0]);
    int64_t value[2] = {otherwise, otherwise};
    int rc = MP_OK;

    bool apart = names[1] != NULL && (mp_prototxt_count(p, settings, names[1]) > 0 ||
                                      mp_prototxt_count(p, settings, names[2]) > 0);
    if (count > 2 || (count > 0 && apart))
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "%s is given %u times%s; once, twice (height, width), or apart",
                             names[0], count, apart ? " and apart for height and width" : "");
    for (uint32_t i = 0; i < count && rc == MP_OK; i++, f = mp_prototxt_next(p, f))
        rc = mp_prototxt_integer_of(p, f, low, MP_BUILD_MAX_EXTENT, &value[i], err);
    if (count == 1)
        value[1] = value[0];
    for (uint32_t i = 0; i < 2 && apart && rc == MP_OK; i++)
        rc = mp_prototxt_integer(p, settings, names[i + 1], low, MP_BUILD_MAX_EXTENT, otherwise,
                                 &value[i], err);
    out[0] = (uint32_t)value[0];
    out[1] = (uint32_t)value[1];
    return rc;
}

/* Kernel, stride, dilation and pad of the layer; kernel 0 where it is not given. */
static int read_window(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                       uint32_t settings, struct mp_layer *layer, struct mp_error *err)
{
    static const char *const kernel[] = {"kernel_size", "kernel_h", "kernel_w"};
    static const char *const stride[] = {"stride", "stride_h", "stride_w"};
    static const char *const pad[] = {"pad", "pad_h", "pad_w"};
    static const char *const dilation[] = {"dilation", NULL, NULL};
    uint32_t k[2] = {0}, s[2] = {0}, p[2] = {0}, d[2] = {0};
    int rc = read_extents(im, l, settings, kernel, 1, 0, k, err);

    if (rc == MP_OK)
        rc = read_extents(im, l, settings, stride, 1, 1, s, err);
    if (rc == MP_OK)
        rc = read_extents(im, l, settings, pad, 0, 0, p, err);
    if (rc == MP_OK)
        rc = read_extents(im, l, settings, dilation, 1, 1, d, err);
    if (rc < 0)
        return rc;
    if ((uint64_t)k[0] * d[0] > MP_BUILD_MAX_EXTENT || (uint64_t)k[1] * d[1] > MP_BUILD_MAX_EXTENT)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "the window is too large");
    layer->kernel_h = k[0];
    layer->kernel_w = k[1];
    layer->stride_h = s[0];
    layer->stride_w = s[1];
    layer->pad_top = layer->pad_bottom = p[0];
    layer->pad_left = layer->pad_right = p[1];
    layer->dilation_h = d[0];
    layer->dilation_w = d[1];
    return MP_OK;
}

static int output_size(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                       const struct mp_layer *layer, struct mp_shape *shape, struct mp_error *err)
{
    const struct mp_shape *in = mp_caffe_input_shape(im, l, 0);
    struct mp_window_axis h = {in->height,        layer->kernel_h, layer->stride_h,
                               layer->dilation_h, layer->pad_top,  layer->pad_bottom};
    struct mp_window_axis w = {in->width,         layer->kernel_w, layer->stride_w,
                               layer->dilation_w, layer->pad_left, layer->pad_right};

    shape->height = mp_window_outputs(&h, layer->ceil_mode);
    shape->width = mp_window_outputs(&w, layer->ceil_mode);
    if (shape->height == 0 || shape->width == 0)
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "a window of %u x %u does not fit on an input of %u x %u with its "
                             "pads",
                             mp_window_extent(&h), mp_window_extent(&w), in->height, in->width);
    return MP_OK;
}

int mp_caffe_convolution(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                         struct mp_error *err)
{
    static const char *const names[] = {"num_output",
                                        "bias_term",
                                        "pad",
                                        "kernel_size",
                                        "group",
                                        "stride",
                                        "weight_filler",
                                        "pad_h",
                                        "pad_w",
                                        "kernel_h",
                                        "kernel_w",
                                        "stride_h",
                                        "bias_filler",
                                        "stride_w",
                                        "engine",
                                        "axis",
                                        "dilation",
                                        "force_nd_im2col",
                                        NULL};
    const struct mp_shape in = *mp_caffe_input_shape(im, l, 0);
    uint32_t settings;
    int64_t outputs = 0, groups = 1, axis = 1;
    bool has_bias = true;
    int rc = mp_caffe_settings(im, l, "convolution_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "num_output", 1,
                                 (int64_t)MP_BUILD_MAX_ELEMENTS, 0, &outputs, err);
    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "group", 1, MP_BUILD_MAX_EXTENT, 1, &groups,
                                 err);
    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "axis", -4, 3, 1, &axis, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "bias_term", true, &has_bias, err);
    if (rc < 0)
        return rc;
    struct mp_layer *layer = mp_build_layer(&im->build, l->name, MP_LAYER_CONV);
    rc = read_window(im, l, settings, layer, err);
    if (rc < 0)
        return rc;
    if (outputs == 0 || layer->kernel_h == 0 || layer->kernel_w == 0)
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "num_output or kernel_size is missing");
    if (in.channels % groups != 0 || outputs % groups != 0 || (axis != 1 && axis != -3) ||
        mp_caffe_input(im, l, 0)->rank != 4)
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "%lld outputs in %lld groups over axis %lld do not fit an input of %u "
                             "channels (of %u dimensions)",
                             (long long)outputs, (long long)groups, (long long)axis, in.channels,
                             mp_caffe_input(im, l, 0)->rank);
    layer->groups = (uint32_t)groups;
    int64_t dims[4] = {outputs, in.channels / groups, layer->kernel_h, layer->kernel_w};
    struct mp_shape out = {(uint32_t)outputs, 0, 0};
    uint64_t window = (uint64_t)layer->kernel_h * layer->kernel_w;
    rc = set_sizes(im, l, layer, (uint64_t)outputs, (uint64_t)dims[1] * window, err);
    if (rc == MP_OK)
        rc = output_size(im, l, layer, &out, err);
    if (rc < 0)
        return rc;
    if ((uint64_t)layer->terms * out.width > MP_BUILD_MAX_COLUMNS)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "the convolution is too large");
    layer->macs = (uint64_t)out.height * out.width * layer->weight_count;
    rc = take_weights(im, l, dims, 4, has_bias, err);
    return rc < 0 ? rc : mp_caffe_finish_layer(im, l, &out, 4, true, err);
}

int mp_caffe_pooling(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                     struct mp_error *err)
{
    static const char *const names[] = {
        "pool",        "pad",      "pad_h",    "pad_w",  "kernel_h",       "kernel_w",   "stride",
        "kernel_size", "stride_h", "stride_w", "engine", "global_pooling", "round_mode", NULL};
    struct mp_shape in = *mp_caffe_input_shape(im, l, 0), out = {in.channels, 1, 1};
    uint32_t settings;
    const char *pool = "", *round = "";
    bool global = false;
    int rc = mp_caffe_settings(im, l, "pooling_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_word(im->text, settings, "pool", "MAX", &pool, err);
    if (rc == MP_OK)
        rc = mp_prototxt_word(im->text, settings, "round_mode", "CEIL", &round, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "global_pooling", false, &global, err);
    if (rc < 0)
        return rc;
    bool is_max = strcmp(pool, "MAX") == 0, up = strcmp(round, "CEIL") == 0;
    if (!is_max && strcmp(pool, "AVE") != 0)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "only MAX and AVE are supported, not %s",
                             pool);
    if (!up && strcmp(round, "FLOOR") != 0)
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "round_mode is CEIL or FLOOR, not %s", round);

    struct mp_layer *layer =
        mp_build_layer(&im->build, l->name, is_max ? MP_LAYER_MAX_POOL : MP_LAYER_AVERAGE_POOL);
    rc = read_window(im, l, settings, layer, err);
    if (rc < 0)
        return rc;
    layer->ceil_mode = up;
    layer->count_include_pad = true; /* those on both sides, not what rounding up adds */
    if (global) {
        if (layer->kernel_h != 0 || layer->pad_top != 0 || layer->pad_left != 0 ||
            layer->stride_h != 1 || layer->stride_w != 1)
            return mp_caffe_fail(im, l, err, MP_E_INPUT,
                                 "global_pooling goes with no kernel, pad or stride");
        layer->kernel_h = in.height;
        layer->kernel_w = in.width;
    } else if (layer->kernel_h == 0 || layer->kernel_w == 0) {
        return mp_caffe_fail(im, l, err, MP_E_INPUT, "kernel_size is missing");
    }
    if (layer->pad_top >= layer->kernel_h || layer->pad_left >= layer->kernel_w)
        return mp_caffe_fail(im, l, err, MP_E_INPUT,
                             "a pad is as large as the window: some windows see no input");
    rc = output_size(im, l, layer, &out, err);
    return rc < 0 ? rc : mp_caffe_finish_layer(im, l, &out, 4, false, err);
}

/* ---- InnerProduct */

/* [in][out] to [out][in]. */
static void transpose(struct mp_layer *layer)
{
    float *turned = mp_alloc(layer->weight_count, sizeof *turned);

    for (size_t o = 0; o < layer->out_count; o++)
        for (size_t t = 0; t < layer->terms; t++)
            turned[o * layer->terms + t] = layer->weights[t * layer->out_count + o];
    free(layer->weights);
    layer->weights = turned;
}

int mp_caffe_inner_product(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                           struct mp_error *err)
{
    static const char *const names[] = {
        "num_output", "bias_term", "weight_filler", "bias_filler", "axis", "transpose", NULL};
    uint32_t settings;
    int64_t outputs = 0, axis = 1;
    bool has_bias = true, turned = false;
    int rc = mp_caffe_settings(im, l, "inner_product_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "num_output", 1,
                                 (int64_t)MP_BUILD_MAX_ELEMENTS, 0, &outputs, err);
    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "axis", -4, 3, 1, &axis, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "bias_term", true, &has_bias, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "transpose", false, &turned, err);
    if (rc < 0)
        return rc;
    if (outputs == 0 || (axis < 0 ? axis + mp_caffe_input(im, l, 0)->rank : axis) != 1)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                             "it must have num_output, and axis 1 (all of an image)");
    int64_t terms = (int64_t)mp_shape_elements(mp_caffe_input_shape(im, l, 0));
    struct mp_layer *layer = mp_build_layer(&im->build, l->name, MP_LAYER_DENSE);
    rc = set_sizes(im, l, layer, (uint64_t)outputs, (uint64_t)terms, err);
    if (rc < 0)
        return rc;
    layer->macs = layer->weight_count;
    int64_t dims[2] = {turned ? terms : outputs, turned ? outputs : terms};
    rc = take_weights(im, l, dims, 2, has_bias, err);
    if (rc < 0)
        return rc;
    if (turned && layer->weights != NULL && !layer->synthetic)
        transpose(layer);
    return mp_caffe_finish_layer(im, l, &(struct mp_shape){(uint32_t)outputs, 1, 1}, 2, true, err);
}

/* ---- a factor and a shift for every channel */

/* Into the layer before when nothing else reads its result, else a layer of its own. */
static int apply_affine(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        const double *factor, const double *shift, struct mp_error *err)
{
    const struct mp_caffe_value *in = mp_caffe_input(im, l, 0);
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);
    struct mp_layer *before =
        in->layer != MP_BUILD_NONE && in->uses == 1 ? &im->build.layers[in->layer] : NULL;

    if (before != NULL && before->weights != NULL) {
        mp_build_fold(before, factor, shift);
        mp_caffe_pass_on(im, l);
        return MP_OK;
    }
    float *numbers =
        mp_arena_alloc(&im->build.network->arena, 2 * (size_t)shape.channels * sizeof *numbers);
    for (uint32_t c = 0; c < shape.channels; c++) {
        numbers[c] = (float)factor[c];
        numbers[shape.channels + c] = (float)shift[c];
    }
    struct mp_layer *layer = mp_build_layer(&im->build, l->name, MP_LAYER_SCALE);
    layer->scale = numbers;
    layer->shift = numbers + shape.channels;
    return mp_caffe_finish_layer(im, l, &shape, in->rank, false, err);
}

/* Without its blobs: left out of a cut network, no change in one with made-up weights. */
static int no_affine(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                     struct mp_error *err)
{
    struct mp_shape shape = *mp_caffe_input_shape(im, l, 0);

    if (im->source->missing == MP_MISSING_FILLED) {
        im->build.network->is_synthetic = true;
        mp_caffe_pass_on(im, l);
        return MP_OK;
    }
    mp_build_layer(&im->build, l->name, MP_LAYER_SCALE);
    return mp_caffe_finish_layer(im, l, &shape, mp_caffe_input(im, l, 0)->rank, false, err);
}

/* blobs[count] of one value a channel each, the last one of `last` values. */
static int take_vectors(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        uint32_t place, uint32_t count, int64_t last, float **blobs,
                        struct mp_error *err)
{
    int64_t channels = mp_caffe_input_shape(im, l, 0)->channels;
    int rc = MP_OK;

    for (uint32_t i = 0; i < count && rc == MP_OK; i++)
        rc = mp_caffemodel_take(im->weights, place, i, i + 1 == count ? &last : &channels, 1,
                                &blobs[i], err);
    return rc;
}

int mp_caffe_batch_norm(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                        struct mp_error *err)
{
    static const char *const names[] = {"use_global_stats", "moving_average_fraction", "eps", NULL};
    uint32_t settings, place = 0, channels = mp_caffe_input_shape(im, l, 0)->channels;
    float *blobs[3] = {NULL, NULL, NULL}; /* mean, variance, how often they were summed up */
    double epsilon = 1e-5, *factor = NULL, *shift;
    bool global = true;
    int rc = mp_caffe_settings(im, l, "batch_norm_param", names, &settings, err);

    if (rc == MP_OK)
        rc = mp_prototxt_number(im->text, settings, "eps", 1e-5, &epsilon, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "use_global_stats", true, &global, err);
    if (rc == MP_OK && !global)
        rc = mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                           "use_global_stats is false: that is training");
    if (rc == MP_OK)
        rc = find_blobs(im, l, 3, &place, err);
    if (rc < 0)
        return rc;
    if (place == MP_CAFFEMODEL_NONE)
        return no_affine(im, l, err);
    rc = take_vectors(im, l, place, 3, 1, blobs, err);
    if (rc < 0)
        goto out;
    factor = mp_alloc(2 * (size_t)channels, sizeof *factor);
    shift = factor + channels;
    double sums = (double)blobs[2][0] == 0 ? 0 : 1 / (double)blobs[2][0];
    for (uint32_t c = 0; c < channels; c++) {
        factor[c] = 1 / sqrt(sums * (double)blobs[1][c] + epsilon);
        shift[c] = -factor[c] * sums * (double)blobs[0][c];
    }
    rc = apply_affine(im, l, factor, shift, err);
out:
    free(factor);
    for (size_t i = 0; i < 3; i++)
        free(blobs[i]);
    return rc;
}

static int import_affine(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                         bool has_factor, bool has_shift, struct mp_error *err)
{
    uint32_t place, channels = mp_caffe_input_shape(im, l, 0)->channels;
    float *blobs[2] = {NULL, NULL};
    int rc = find_blobs(im, l, (uint32_t)has_factor + (uint32_t)has_shift, &place, err);

    if (rc < 0)
        return rc;
    if (place == MP_CAFFEMODEL_NONE)
        return no_affine(im, l, err);
    double *factor = mp_alloc(2 * (size_t)channels, sizeof *factor), *shift = factor + channels;
    rc = take_vectors(im, l, place, (uint32_t)has_factor + (uint32_t)has_shift, channels, blobs,
                      err);
    if (rc == MP_OK) {
        const float *shifts = has_shift ? blobs[has_factor] : NULL;
        for (uint32_t c = 0; c < channels; c++) {
            factor[c] = has_factor ? (double)blobs[0][c] : 1;
            shift[c] = shifts != NULL ? (double)shifts[c] : 0;
        }
        rc = apply_affine(im, l, factor, shift, err);
    }
    free(blobs[0]);
    free(blobs[1]);
    free(factor);
    return rc;
}

/* axis 1 and one axis alone: a value a channel. */
static int check_axes(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      uint32_t settings, struct mp_error *err)
{
    int64_t rank = mp_caffe_input(im, l, 0)->rank, axis = 1, count = 1;
    int rc = mp_prototxt_integer(im->text, settings, "axis", -rank, rank - 1, 1, &axis, err);

    if (rc == MP_OK)
        rc = mp_prototxt_integer(im->text, settings, "num_axes", -1, 4, 1, &count, err);
    if (rc == MP_OK && ((axis < 0 ? axis + rank : axis) != 1 || count != 1))
        rc = mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                           "only axis 1 with num_axes 1 (a value a channel) is supported");
    return rc;
}

int mp_caffe_scale(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                   struct mp_error *err)
{
    static const char *const names[] = {"axis",      "num_axes",    "filler",
                                        "bias_term", "bias_filler", NULL};
    uint32_t settings;
    bool has_shift = false;
    int rc = mp_caffe_settings(im, l, "scale_param", names, &settings, err);

    if (rc == MP_OK)
        rc = check_axes(im, l, settings, err);
    if (rc == MP_OK)
        rc = mp_prototxt_bool(im->text, settings, "bias_term", false, &has_shift, err);
    return rc < 0 ? rc : import_affine(im, l, true, has_shift, err);
}

int mp_caffe_bias(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                  struct mp_error *err)
{
    static const char *const names[] = {"axis", "num_axes", "filler", NULL};
    uint32_t settings;
    int rc = mp_caffe_settings(im, l, "bias_param", names, &settings, err);

    if (rc == MP_OK)
        rc = check_axes(im, l, settings, err);
    return rc < 0 ? rc : import_affine(im, l, false, true, err);
}
