/* Operators that move no data, and those that compute shapes from constants. */
#include "estimator/network/onnx.h"

#include <stdlib.h>
#include <string.h>

static int add_reshape(struct mp_onnx_importer *im, const Onnx__Node *node, uint32_t input,
                       const struct mp_shape *shape, uint32_t rank, struct mp_error *err)
{
    mp_onnx_add_layer(im, node, MP_LAYER_RESHAPE);
    return mp_onnx_finish_layer(im, node, &input, 1, shape, rank, err);
}

int mp_onnx_flatten(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    int64_t axis = mp_onnx_attribute_int(node, "axis", 1);
    struct mp_onnx_value x;
    int rc = mp_onnx_input_tensor(im, node, 0, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (axis != 1 && axis != 1 - (int64_t)x.rank)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "only axis 1 is supported");
    struct mp_shape shape = {(uint32_t)mp_shape_elements(&im->build.shapes[x.tensor]), 1, 1};
    return add_reshape(im, node, x.tensor, &shape, 2, err);
}

/* Put 0 (copy) and -1 (the rest) of target[rank] into numbers: dims[old_rank] are copied from,
 * elements is the product to reach. False: they do not fit. */
static bool resolve_reshape(int64_t *target, uint32_t rank, const int64_t *dims, uint32_t old_rank,
                            uint64_t elements)
{
    uint64_t known = 1;
    uint32_t open = rank;

    for (uint32_t i = 0; i < rank; i++) {
        if (i < old_rank && target[i] == 0)
            target[i] = dims[i];
        if (target[i] == -1 && open == rank)
            open = i;
        else if (target[i] < 1 || known > MP_ONNX_MAX_ELEMENTS * 4 / (uint64_t)target[i])
            return false;
        else
            known *= (uint64_t)target[i];
    }
    if (open < rank) {
        target[open] = (int64_t)(elements / known);
        known *= elements / known;
    }
    return known == elements;
}

static int reshape_constant(struct mp_onnx_importer *im, const Onnx__Node *node,
                            struct mp_onnx_value *x, int64_t *target, uint32_t rank,
                            struct mp_error *err)
{
    uint64_t elements;

    mp_onnx_element_count(x->dims, x->rank, &elements);
    if (!resolve_reshape(target, rank, x->dims, x->rank, elements))
        return mp_onnx_fail(im, node, err, MP_E_INPUT, "the new shape does not hold %llu elements",
                            (unsigned long long)elements);
    x->rank = rank;
    for (uint32_t i = 0; i < rank; i++) /* target is NULL for a scalar */
        x->dims[i] = target[i];
    return mp_onnx_set_output(im, node, x, err);
}

/* The first dimension is the batch and must stay it; the others are resolved for one image. */
static int reshape_tensor(struct mp_onnx_importer *im, const Onnx__Node *node,
                          const struct mp_onnx_value *x, int64_t *target, uint32_t rank,
                          struct mp_error *err)
{
    struct mp_shape in = im->build.shapes[x->tensor];
    int64_t dims[4] = {1, in.channels, in.height, in.width};
    int64_t batch = rank > 0 ? target[0] : 2;
    uint64_t elements = mp_shape_elements(&in);

    if (rank < 2 || rank > 4 || (batch != 0 && batch != -1 && batch != 1 && batch != im->batch))
        return mp_onnx_fail(
            im, node, err, MP_E_UNSUPPORTED,
            "the new shape must have 2 to 4 dimensions, the first of them the batch");
    target[0] = 1;
    if (!resolve_reshape(target, rank, dims, x->rank, elements))
        return mp_onnx_fail(im, node, err, MP_E_INPUT,
                            "the new shape does not hold the %llu elements of an image",
                            (unsigned long long)elements);
    struct mp_shape shape = {(uint32_t)target[1], rank > 2 ? (uint32_t)target[2] : 1,
                             rank > 3 ? (uint32_t)target[3] : 1};
    return add_reshape(im, node, x->tensor, &shape, rank, err);
}

int mp_onnx_reshape(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x, shape;
    int64_t *target = NULL;
    uint64_t rank = 0;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_input_constant(im, node, 1, &shape, err);
    if (rc == MP_OK)
        rc = mp_onnx_integers(im, node, &shape, &target, &rank, err);
    if (rc != MP_OK)
        return rc;
    if (rank > MP_ONNX_MAX_RANK || mp_onnx_attribute_int(node, "allowzero", 0) != 0)
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "too many dimensions, or allowzero");
    else if (x.constant != NULL)
        rc = reshape_constant(im, node, &x, target, (uint32_t)rank, err);
    else
        rc = reshape_tensor(im, node, &x, target, (uint32_t)rank, err);
    free(target);
    return rc;
}

/* Identity, and Dropout when the network is used, not trained. */
int mp_onnx_identity(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (x.uses != 1)
        x.layer = MP_ONNX_NO_LAYER;
    return mp_onnx_set_output(im, node, &x, err);
}

int mp_onnx_constant_node(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    Onnx__Attribute *a = node->n_attribute == 1 ? node->attribute[0] : NULL;
    const char *kind = a != NULL && a->name != NULL ? a->name : "";
    struct mp_onnx_value v;
    Onnx__Tensor *t;
    int rc;

    if (strcmp(kind, "value") == 0 && a->t != NULL) {
        t = a->t;
    } else {
        /* A tensor of the importer's that borrows the attribute's numbers. */
        t = mp_arena_alloc(&im->build.network->arena, sizeof *t + sizeof *t->dims);
        onnx__tensor__init(t);
        t->dims = (int64_t *)(t + 1);
        if (strcmp(kind, "value_ints") == 0 || strcmp(kind, "value_int") == 0) {
            bool many = strcmp(kind, "value_ints") == 0;
            t->data_type = 7;
            t->int64_data = many ? a->ints : &a->i;
            t->n_int64_data = many ? a->n_ints : 1;
            t->n_dims = many;
            t->dims[0] = (int64_t)t->n_int64_data;
        } else if (strcmp(kind, "value_floats") == 0 || strcmp(kind, "value_float") == 0) {
            bool many = strcmp(kind, "value_floats") == 0;
            t->data_type = 1;
            t->float_data = many ? a->floats : &a->f;
            t->n_float_data = many ? a->n_floats : 1;
            t->n_dims = many;
            t->dims[0] = (int64_t)t->n_float_data;
        } else {
            return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                "only value, value_float(s) and value_int(s) are supported");
        }
    }
    rc = mp_onnx_constant(im, t, &v, err);
    return rc != MP_OK ? rc : mp_onnx_set_output(im, node, &v, err);
}

/* ---- whole numbers known now: what exporters compute new shapes with */

/* Name the node's output: count whole numbers in one dimension, or (scalar) one in none. */
static int set_integers(struct mp_onnx_importer *im, const Onnx__Node *node, const int64_t *values,
                        size_t count, bool scalar, struct mp_error *err)
{
    struct mp_arena *arena = &im->build.network->arena;
    Onnx__Tensor *t = mp_arena_alloc(arena, sizeof *t);
    struct mp_onnx_value v;
    int rc;

    onnx__tensor__init(t);
    t->data_type = 7;
    t->int64_data = mp_arena_alloc(arena, (count + 1) * sizeof *t->int64_data);
    t->n_int64_data = count;
    t->dims = mp_arena_alloc(arena, sizeof *t->dims);
    t->n_dims = scalar ? 0 : 1;
    t->dims[0] = (int64_t)count;
    if (count > 0)
        memcpy(t->int64_data, values, count * sizeof *values);
    rc = mp_onnx_constant(im, t, &v, err);
    return rc != MP_OK ? rc : mp_onnx_set_output(im, node, &v, err);
}

/* Of a tensor: its dimensions, 0 (in Reshape: as it was) for a batch that is dynamic. */
int mp_onnx_shape(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    struct mp_onnx_value x;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    if (mp_onnx_attribute(node, "start") != NULL || mp_onnx_attribute(node, "end") != NULL)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "start and end are not supported");
    if (x.constant != NULL)
        return set_integers(im, node, x.dims, x.rank, false, err);
    const struct mp_shape *s = &im->build.shapes[x.tensor];
    const int64_t dims[4] = {im->batch, s->channels, s->height, s->width};
    return set_integers(im, node, dims, x.rank, false, err);
}

int mp_onnx_concat_constants(struct mp_onnx_importer *im, const Onnx__Node *node,
                             struct mp_error *err)
{
    struct mp_onnx_value x;
    int64_t all[MP_ONNX_MAX_RANK], *values;
    uint64_t count, sum = 0;

    for (size_t i = 0; i < node->n_input; i++) {
        int rc = mp_onnx_input_constant(im, node, i, &x, err);
        if (rc == MP_OK)
            rc = mp_onnx_integers(im, node, &x, &values, &count, err);
        if (rc != MP_OK)
            return rc;
        if (x.rank == 1 && sum + count <= MP_ONNX_MAX_RANK)
            memcpy(all + sum, values, count * sizeof *all);
        free(values);
        sum += count;
        if (x.rank != 1 || sum > MP_ONNX_MAX_RANK)
            return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                "constants can only be joined to a shape");
    }
    return set_integers(im, node, all, (size_t)sum, false, err);
}

/* Places `indices` of the vector x. */
static int gather_constants(struct mp_onnx_importer *im, const Onnx__Node *node,
                            const struct mp_onnx_value *x, const struct mp_onnx_value *indices,
                            struct mp_error *err)
{
    int64_t *values = NULL, *places = NULL;
    uint64_t count, wanted = 0;
    int rc = mp_onnx_integers(im, node, x, &values, &count, err);

    if (rc == MP_OK)
        rc = mp_onnx_integers(im, node, indices, &places, &wanted, err);
    if (rc == MP_OK && (x->rank != 1 || indices->rank > 1 || wanted > MP_ONNX_MAX_RANK))
        rc = mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "only parts of a shape can be taken");
    for (uint64_t i = 0; i < wanted && rc == MP_OK; i++) {
        int64_t at = places[i] < 0 ? places[i] + (int64_t)count : places[i];
        if (at < 0 || at >= (int64_t)count)
            rc = mp_onnx_fail(im, node, err, MP_E_INPUT, "index %lld is outside",
                              (long long)places[i]);
        else
            places[i] = values[at];
    }
    if (rc == MP_OK)
        rc = set_integers(im, node, places, (size_t)wanted, indices->rank == 0, err);
    free(values);
    free(places);
    return rc;
}

/* Of a constant: parts of a shape. Of a tensor: one channel, as torchvision's networks take them
 * apart to change their mean. */
int mp_onnx_gather(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    int64_t axis = mp_onnx_attribute_int(node, "axis", 0), *places = NULL;
    struct mp_onnx_value x, indices;
    uint64_t count;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_input_constant(im, node, 1, &indices, err);
    if (rc == MP_OK && x.constant != NULL)
        return gather_constants(im, node, &x, &indices, err);
    if (rc == MP_OK)
        rc = mp_onnx_integers(im, node, &indices, &places, &count, err);
    if (rc != MP_OK)
        return rc;
    struct mp_shape in = im->build.shapes[x.tensor];
    int64_t at = count == 1 && places[0] < 0 ? places[0] + in.channels
                 : count == 1                ? places[0]
                                             : -1;
    free(places);
    if (x.rank != 4 || (axis != 1 && axis != -3) || indices.rank != 0 || at < 0 ||
        at >= in.channels)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "of an image only a single channel can be taken");
    /* One channel of height x width, which is then [height][width][1] without its dimension. */
    uint32_t channel = 0;
    struct mp_shape map = {1, in.height, in.width}, flat = {in.height, in.width, 1};
    mp_onnx_add_layer(im, node, MP_LAYER_SLICE)->slice_first = (uint32_t)at;
    if (!mp_build_finish_layer(&im->build, &x.tensor, 1, &map, &channel))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "it is too large");
    return add_reshape(im, node, channel, &flat, 3, err);
}

/* The axes of Squeeze, Unsqueeze and ReduceMean, as an attribute or an input; *count 0: none. The
 * caller frees *axes. */
int mp_onnx_axes(struct mp_onnx_importer *im, const Onnx__Node *node, int64_t **axes,
                 uint64_t *count, struct mp_error *err)
{
    const Onnx__Attribute *a = mp_onnx_attribute(node, "axes");
    struct mp_onnx_value v;
    int rc;

    *axes = NULL;
    *count = 0;
    if (a != NULL) {
        *axes = mp_alloc(a->n_ints + 1, sizeof **axes);
        *count = a->n_ints;
        if (a->n_ints > 0)
            memcpy(*axes, a->ints, a->n_ints * sizeof **axes);
        return MP_OK;
    }
    if (mp_onnx_input_name(node, 1) == NULL)
        return MP_OK;
    rc = mp_onnx_input_constant(im, node, 1, &v, err);
    return rc != MP_OK ? rc : mp_onnx_integers(im, node, &v, axes, count, err);
}

/* dims[rank] without, or with, dimensions of 1 at the axes; false: they do not fit. */
static bool change_rank(bool insert, const int64_t *axes, uint64_t count, int64_t *dims,
                        uint32_t *rank)
{
    uint32_t other = insert ? *rank + (uint32_t)count : *rank, to = 0, from = 0;
    bool marked[2 * MP_ONNX_MAX_RANK] = {false};
    int64_t result[2 * MP_ONNX_MAX_RANK];

    if (count > MP_ONNX_MAX_RANK)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        int64_t at = axes[i] < 0 ? axes[i] + other : axes[i];
        if (at < 0 || at >= other || marked[at])
            return false;
        marked[at] = true;
    }
    for (uint32_t i = 0; i < other; i++) {
        if (insert)
            result[to++] = marked[i] ? 1 : dims[from++];
        else if (!marked[i])
            result[to++] = dims[i];
        else if (dims[i] != 1)
            return false;
    }
    if (to > MP_ONNX_MAX_RANK)
        return false;
    memcpy(dims, result, to * sizeof *dims);
    *rank = to;
    return true;
}

static int change_dimensions(struct mp_onnx_importer *im, const Onnx__Node *node, bool insert,
                             struct mp_error *err)
{
    /* The batch counts as 2, so that it is not taken out, nor anything put in front of it. */
    int64_t dims[MP_ONNX_MAX_RANK] = {2, 1, 1, 1}, *axes = NULL;
    struct mp_onnx_value x;
    uint64_t count;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc == MP_OK)
        rc = mp_onnx_axes(im, node, &axes, &count, err);
    if (rc != MP_OK)
        return rc;
    if (x.constant != NULL) {
        memcpy(dims, x.dims, sizeof dims);
    } else {
        const struct mp_shape *s = &im->build.shapes[x.tensor];
        memcpy(dims, (const int64_t[]){2, s->channels, s->height, s->width}, 4 * sizeof *dims);
    }
    bool fits = count > 0 && change_rank(insert, axes, count, dims, &x.rank);
    free(axes);
    if (!fits || (x.constant == NULL && (x.rank < 2 || x.rank > 4 || dims[0] != 2)))
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED, "its axes do not fit the input");
    if (x.constant != NULL) {
        memcpy(x.dims, dims, sizeof dims);
        return mp_onnx_set_output(im, node, &x, err);
    }
    struct mp_shape shape = {(uint32_t)dims[1], x.rank > 2 ? (uint32_t)dims[2] : 1,
                             x.rank > 3 ? (uint32_t)dims[3] : 1};
    return add_reshape(im, node, x.tensor, &shape, x.rank, err);
}

int mp_onnx_squeeze(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return change_dimensions(im, node, false, err);
}

int mp_onnx_unsqueeze(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    return change_dimensions(im, node, true, err);
}

/* A constant of floats to whole numbers, as PyTorch writes indices up to opset 8. */
static int cast_floats(struct mp_onnx_importer *im, const Onnx__Node *node,
                       const struct mp_onnx_value *x, struct mp_error *err)
{
    int64_t integers[MP_ONNX_MAX_RANK] = {0};
    float *values;
    uint64_t count;
    int rc = mp_onnx_floats(im, node, x, &values, &count, err);

    if (rc != MP_OK)
        return rc;
    bool fits = x->rank <= 1 && count <= MP_ONNX_MAX_RANK;
    for (uint64_t i = 0; i < count && fits; i++) {
        fits = values[i] > -1e9f && values[i] < 1e9f;
        integers[i] = fits ? (int64_t)values[i] : 0;
    }
    free(values);
    if (!fits)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "only a few indices can be cast to whole numbers");
    return set_integers(im, node, integers, (size_t)count, x->rank == 0, err);
}

/* Between kinds of whole numbers, of float constants to them, or of float32 to float32. */
int mp_onnx_cast(struct mp_onnx_importer *im, const Onnx__Node *node, struct mp_error *err)
{
    int64_t to = mp_onnx_attribute_int(node, "to", 0);
    bool to_integer = to == 6 || to == 7;
    struct mp_onnx_value x;
    int rc = mp_onnx_input(im, node, 0, &x, err);

    if (rc != MP_OK)
        return rc;
    bool integers =
        x.constant != NULL && (x.constant->data_type == 6 || x.constant->data_type == 7);
    if (to_integer && x.constant != NULL && !integers)
        return cast_floats(im, node, &x, err);
    if (integers ? !to_integer : to != 1)
        return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                            "it can only cast constants to whole numbers, and float32 to float32");
    return mp_onnx_identity(im, node, err);
}
