/* What the operators share: errors, names, values, layers. */
#include "estimator/network/onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors, names and values */

const char *mp_onnx_text(const char *s)
{
    return s != NULL ? s : "";
}

/* The node's name, else that of its output. */
static const char *node_name(const Onnx__Node *node)
{
    if (mp_onnx_text(node->name)[0] != '\0')
        return node->name;
    return node->n_output > 0 ? mp_onnx_text(node->output[0]) : "";
}

int mp_onnx_fail(const struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err,
                 enum mp_code code, const char *format, ...)
{
    char *message;
    va_list args;
    struct mp_text text = {0};

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    mp_text_add(&text, mp_onnx_text(message));
    mp_fail_at(err, code, im->path, 0, "node \"%s\" (%s): %s", node_name(node),
               mp_onnx_text(node->op_type), text.data);
    free(message);
    mp_text_release(&text);
    return code;
}

const char *mp_onnx_input_name(const Onnx__Node *node, size_t i)
{
    return i < node->n_input && mp_onnx_text(node->input[i])[0] != '\0' ? node->input[i] : NULL;
}

int mp_onnx_input(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                  struct mp_onnx_value *v, struct mp_error *err)
{
    const char *name = mp_onnx_input_name(node, i);

    if (name == NULL)
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "input %zu is missing", i);
    uint32_t index = mp_map_get(&im->names, name);
    if (index == MP_MAP_NONE)
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "input \"%s\" is made by no node before this one", name);
    *v = im->values[index];
    return MP_OK;
}

int mp_onnx_input_tensor(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                         uint32_t rank, struct mp_onnx_value *v, struct mp_error *err)
{
    int rc = mp_onnx_input(im, node, i, v, err);

    if (rc < 0)
        return rc;
    if (v->constant != NULL)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "input \"%s\" is a constant",
                            mp_onnx_input_name(node, i));
    if (rank != 0 && v->rank != rank)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "input \"%s\" has %u dimensions instead of %u",
                            mp_onnx_input_name(node, i), v->rank, rank);
    return MP_OK;
}

int mp_onnx_input_constant(struct mp_onnx_importer *im, const Onnx__Node *node, size_t i,
                           struct mp_onnx_value *v, struct mp_error *err)
{
    int rc = mp_onnx_input(im, node, i, v, err);

    if (rc == MP_OK && v->constant == NULL)
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                          "input \"%s\" must be a constant, not a result of the network",
                          mp_onnx_input_name(node, i));
    return rc;
}

const Onnx__Attribute *mp_onnx_attribute(const Onnx__Node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (strcmp(mp_onnx_text(node->attribute[i]->name), name) == 0)
            return node->attribute[i];
    return NULL;
}

int64_t mp_onnx_attribute_int(const Onnx__Node *node, const char *name, int64_t otherwise)
{
    const Onnx__Attribute *a = mp_onnx_attribute(node, name);

    return a != NULL ? a->i : otherwise;
}

double mp_onnx_attribute_float(const Onnx__Node *node, const char *name, double otherwise)
{
    const Onnx__Attribute *a = mp_onnx_attribute(node, name);

    return a != NULL ? (double)a->f : otherwise;
}

static uint32_t use_count(const struct mp_onnx_importer *im, const char *name)
{
    uint32_t index = mp_map_get(&im->uses, name);

    return index == MP_MAP_NONE ? 0 : im->use_counts[index];
}

bool mp_onnx_add_value(struct mp_onnx_importer *im, const char *name, const struct mp_onnx_value *v)
{
    if (mp_map_put(&im->names, name, (uint32_t)im->value_count) != im->value_count)
        return false;
    mp_grow(&im->values, im->value_count, &im->value_capacity, sizeof *im->values);
    im->values[im->value_count] = *v;
    im->values[im->value_count++].uses = use_count(im, name);
    return true;
}

int mp_onnx_set_output(struct mp_onnx_importer *im, const Onnx__Node *node,
                       const struct mp_onnx_value *v, struct mp_error *err)
{
    for (size_t i = 1; i < node->n_output; i++)
        if (use_count(im, mp_onnx_text(node->output[i])) > 0)
            return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                "its output \"%s\" is used, only the first output is supported",
                                node->output[i]);
    if (node->n_output == 0 || mp_onnx_text(node->output[0])[0] == '\0')
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "it has no output");
    if (!mp_onnx_add_value(im, node->output[0], v))
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "there are two values called \"%s\"",
                            node->output[0]);
    return MP_OK;
}

/* ---- layers */

/* PyTorch writes "/conv1/Conv" for what its author called conv1. The caller frees. */
static char *readable_name(const Onnx__Node *node)
{
    const char *name = node_name(node), *op = mp_onnx_text(node->op_type);
    size_t length = strlen(name), tail = strlen(op);

    if (name[0] == '/' && length > tail + 2 && name[length - tail - 1] == '/' &&
        strcmp(name + length - tail, op) == 0)
        return mp_strndup(name + 1, length - tail - 2);
    return mp_strdup(name[0] != '\0' ? name : op);
}

struct mp_layer *mp_onnx_add_layer(struct mp_onnx_importer *im, const Onnx__Node *node,
                                   enum mp_layer_kind kind)
{
    char *name = readable_name(node);
    struct mp_layer *layer = mp_build_layer(&im->build, name, kind);

    free(name);
    return layer;
}

int mp_onnx_finish_layer(struct mp_onnx_importer *im, const Onnx__Node *node,
                         const uint32_t *inputs, uint32_t input_count, const struct mp_shape *shape,
                         uint32_t rank, struct mp_error *err)
{
    struct mp_onnx_value v = {.rank = rank, .layer = MP_ONNX_NO_LAYER};

    if (!mp_build_finish_layer(&im->build, inputs, input_count, shape, &v.tensor))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "with its output of %u x %u x %u the network's tensors are too large",
                            shape->channels, shape->height, shape->width);
    if (im->build.layers[im->build.layer_count - 1].weights != NULL)
        v.layer = (uint32_t)im->build.layer_count - 1;
    return mp_onnx_set_output(im, node, &v, err);
}
