#include "estimator/network/caffe.h"
#include "estimator/util/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT_BYTES ((size_t)64 << 20)

int mp_caffe_fail(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                  struct mp_error *err, enum mp_code code, const char *format, ...)
{
    char *message;
    va_list args;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    mp_prototxt_fail(im->text, l->field, code, err, "layer \"%s\" (%s): %s", l->name, l->type,
                     message != NULL ? message : "");
    free(message);
    return code;
}

int mp_caffe_settings(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                      const char *name, const char *const *names, uint32_t *message,
                      struct mp_error *err)
{
    int rc = mp_prototxt_message(im->text, l->field, name, message, err);

    if (rc == MP_OK)
        rc = mp_prototxt_check_names(im->text, *message, names, err);
    if (rc < 0)
        mp_error_context(err, "layer \"%s\" (%s)", l->name, l->type);
    return rc;
}

/* ---- import */

const struct mp_caffe_value *mp_caffe_input(const struct mp_caffe_importer *im,
                                            const struct mp_caffe_layer *l, uint32_t i)
{
    return &im->values[l->bottoms[i]];
}

const struct mp_shape *mp_caffe_input_shape(const struct mp_caffe_importer *im,
                                            const struct mp_caffe_layer *l, uint32_t i)
{
    return &im->build.shapes[mp_caffe_input(im, l, i)->tensor];
}

int mp_caffe_finish_layer(struct mp_caffe_importer *im, const struct mp_caffe_layer *l,
                          const struct mp_shape *shape, uint32_t rank, bool foldable,
                          struct mp_error *err)
{
    uint32_t *inputs = mp_alloc(l->bottom_count, sizeof *inputs), tensor = 0;

    for (uint32_t i = 0; i < l->bottom_count; i++)
        inputs[i] = mp_caffe_input(im, l, i)->tensor;
    bool fits = mp_build_finish_layer(&im->build, inputs, l->bottom_count, shape, &tensor);
    free(inputs);
    if (!fits)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                             "with its output of %u x %u x %u the network's tensors are too large",
                             shape->channels, shape->height, shape->width);
    struct mp_caffe_value *v = &im->values[l->first_top];
    v->known = true;
    v->tensor = tensor;
    v->rank = rank;
    v->layer = foldable ? (uint32_t)im->build.layer_count - 1 : MP_BUILD_NONE;
    return MP_OK;
}

void mp_caffe_pass_on(struct mp_caffe_importer *im, const struct mp_caffe_layer *l)
{
    const struct mp_caffe_value from = *mp_caffe_input(im, l, 0);
    bool alone = from.uses == 1 && l->top_count == 1;

    for (uint32_t k = 0; k < l->top_count; k++) {
        struct mp_caffe_value *v = &im->values[l->first_top + k];
        v->known = true;
        v->tensor = from.tensor;
        v->rank = from.rank;
        v->layer = alone ? from.layer : MP_BUILD_NONE;
    }
}

static bool is_ready(const struct mp_caffe_importer *im, const struct mp_caffe_layer *l)
{
    for (uint32_t k = 0; k < l->bottom_count; k++)
        if (!im->values[l->bottoms[k]].known)
            return false;
    return true;
}

static int import_layer(struct mp_caffe_importer *im, struct mp_caffe_layer *l,
                        struct mp_error *err)
{
    const struct mp_caffe_kind *kind = mp_caffe_find_kind(l->type);

    if (kind == NULL)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED, "this type of layer is not supported");
    if (l->bottom_count < kind->least_bottoms || l->bottom_count > kind->most_bottoms ||
        l->top_count < 1 || l->top_count > kind->most_tops)
        return mp_caffe_fail(im, l, err, MP_E_UNSUPPORTED,
                             "%u bottoms and %u tops; it must have %u to %u bottoms and 1 to %u "
                             "tops",
                             l->bottom_count, l->top_count, kind->least_bottoms, kind->most_bottoms,
                             kind->most_tops);
    l->imported = true;
    return kind->import(im, l, err);
}

/* Again and again the first layer of the file whose bottoms are there. */
static int import_layers(struct mp_caffe_importer *im, struct mp_error *err)
{
    bool progress = true;

    while (progress) {
        progress = false;
        for (size_t i = 0; i < im->layer_count; i++) {
            struct mp_caffe_layer *l = &im->layers[i];
            if (l->imported || !is_ready(im, l))
                continue;
            int rc = import_layer(im, l, err);
            if (rc < 0)
                return rc;
            progress = true;
        }
    }
    for (size_t i = 0; i < im->layer_count; i++)
        if (!im->layers[i].imported)
            return mp_caffe_fail(im, &im->layers[i], err, MP_E_INPUT,
                                 "its bottoms depend on itself: the layers form a loop");
    return MP_OK;
}

static int find_output(struct mp_caffe_importer *im, struct mp_error *err)
{
    struct mp_text names = {0};
    uint32_t count = 0;
    int rc = MP_OK;

    for (size_t v = 0; v < im->value_count; v++) {
        if (im->values[v].uses > 0)
            continue;
        mp_text_printf(&names, "%s\"%s\"", count++ > 0 ? ", " : "", im->values[v].blob);
        im->build.network->output_tensor = im->values[v].tensor;
    }
    if (count != 1)
        rc = mp_fail_at(err, MP_E_UNSUPPORTED, im->text->path, 0,
                        "the network has %u outputs (%s); exactly one is supported: take the "
                        "layers of the others out",
                        count, count > 0 ? names.data : "none");
    mp_text_release(&names);
    return rc;
}

static bool is_missing(const struct mp_layer *layer)
{
    if (layer->kind == MP_LAYER_SCALE)
        return layer->scale == NULL;
    return (layer->kind == MP_LAYER_CONV || layer->kind == MP_LAYER_DENSE) &&
           layer->weights == NULL;
}

/* Keep the layers that can be computed without the weights that are missing. */
static int cut(struct mp_caffe_importer *im, struct mp_error *err)
{
    struct mp_network_build *b = &im->build;
    bool *out = mp_alloc(b->shape_count + 1, sizeof *out);
    size_t kept = 0, weighted = 0;
    bool is_cut = false;

    for (size_t i = 0; i < b->layer_count; i++) {
        struct mp_layer *layer = &b->layers[i];
        bool gone = is_missing(layer);
        for (uint32_t k = 0; k < layer->input_count; k++)
            gone |= out[layer->inputs[k]];
        out[layer->output] = gone;
        is_cut |= gone;
        if (gone) {
            free(layer->weights);
            free(layer->bias);
            continue;
        }
        weighted += layer->weights != NULL;
        b->layers[kept++] = *layer;
    }
    b->layer_count = kept;
    free(out);
    b->network->is_cut = is_cut;
    if (is_cut && weighted > 0)
        b->network->output_tensor = b->layers[kept - 1].output;
    if (weighted == 0)
        return mp_fail_at(err, MP_E_INPUT, im->text->path, 0,
                          "no layer with weights can be computed: those of the first are missing");
    return MP_OK;
}

static int import_network(struct mp_caffe_importer *im, struct mp_error *err)
{
    int rc = mp_caffe_list(im, err);

    if (rc == MP_OK)
        rc = import_layers(im, err);
    if (rc == MP_OK && !im->has_input)
        rc = mp_fail_at(err, MP_E_INPUT, im->text->path, 0,
                        "the network has no input; use its deploy prototxt");
    if (rc == MP_OK)
        rc = find_output(im, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < im->build.layer_count; i++)
        im->build.network->whole_macs += im->build.layers[i].macs;
    if (im->source->missing == MP_MISSING_CUT)
        rc = cut(im, err);
    else
        mp_build_prune(&im->build);
    return rc < 0 ? rc
                  : mp_build_check_finite(
                        &im->build, im->weights != NULL ? im->weights->path : im->text->path, err);
}

/* ---- the files */

static int import_parsed(struct mp_network *n, const struct mp_prototxt *text,
                         struct mp_caffemodel *weights, const struct mp_network_source *source,
                         struct mp_error *err)
{
    struct mp_caffe_importer im = {
        .text = text, .weights = weights, .source = source, .build.network = n};
    const char *name;
    int rc;

    rc = mp_prototxt_string(text, MP_PROTOTXT_ROOT, "name", "", &name, err);
    if (rc == MP_OK) {
        n->name = name[0] != '\0' ? mp_arena_strdup(&n->arena, name)
                                  : mp_build_network_name(n, text->path);
        rc = import_network(&im, err);
    }
    mp_build_finish(&im.build);
    mp_build_release(&im.build);
    free(im.layers);
    free(im.values);
    mp_map_release(&im.skipped);
    return rc;
}

static const struct mp_network_source nothing = {0};

/* Gives both hashes as one. */
static void hash_files(char *out, const char *text, size_t size, const char *weights_hash)
{
    struct mp_hash *hash = mp_hash_create();

    mp_hash_bytes(hash, text, size);
    mp_hash_string(hash, weights_hash);
    mp_hash_digest(hash, out);
    mp_hash_destroy(hash);
}

int mp_network_read_caffe(struct mp_network *n, const struct mp_caffe_files *files,
                          const struct mp_network_source *source, struct mp_error *err)
{
    struct mp_prototxt text = {0};
    struct mp_caffemodel weights = {0};
    bool has_weights = files->weights != NULL || files->weights_path != NULL;
    int rc;

    source = source != NULL ? source : &nothing;
    *n = (struct mp_network){0};
    rc = mp_prototxt_parse(&text, files->text, files->size, files->path, err);
    if (rc == MP_OK && files->weights != NULL)
        rc = mp_caffemodel_read_bytes(&weights, files->weights, files->weights_size,
                                      files->weights_path, err);
    else if (rc == MP_OK && has_weights)
        rc = mp_caffemodel_read(&weights, files->weights_path, err);
    if (rc == MP_OK)
        rc = import_parsed(n, &text, has_weights ? &weights : NULL, source, err);
    hash_files(n->hash, files->text, files->size, weights.hash);
    mp_caffemodel_release(&weights);
    mp_prototxt_release(&text);
    if (rc < 0)
        mp_network_release(n);
    return rc;
}

static bool ends_with(const char *s, const char *end)
{
    size_t length = strlen(s), tail = strlen(end);

    return length >= tail && strcmp(s + length - tail, end) == 0;
}

int mp_network_read(struct mp_network *n, const char *path, const struct mp_network_source *source,
                    struct mp_error *err)
{
    struct mp_text file = {0};
    int rc;

    *n = (struct mp_network){0};
    source = source != NULL ? source : &nothing;
    if (ends_with(path, ".onnx") && source->weights != NULL)
        return mp_fail(err, MP_E_USAGE, "%s: an ONNX file has its own weights; leave %s away", path,
                       source->weights);
    if (ends_with(path, ".onnx"))
        return mp_network_read_onnx(n, path, err);
    if (ends_with(path, ".caffemodel"))
        return mp_fail(err, MP_E_USAGE,
                       "%s has weights only; the network is its prototxt, this file its weights",
                       path);
    if (!ends_with(path, ".prototxt") && !ends_with(path, ".pbtxt"))
        return mp_fail(err, MP_E_USAGE,
                       "%s: a network is a .onnx or a .prototxt file (with its .caffemodel)", path);
    rc = mp_file_read(&file, path, MAX_TEXT_BYTES, err);
    if (rc == MP_OK) {
        struct mp_caffe_files files = {.text = file.data != NULL ? file.data : "",
                                       .size = file.size,
                                       .path = path,
                                       .weights_path = source->weights};
        rc = mp_network_read_caffe(n, &files, source, err);
    }
    mp_text_release(&file);
    return rc;
}
