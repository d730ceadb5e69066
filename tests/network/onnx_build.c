#include "tests/network/onnx_build.h"

#include "estimator/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* One more in a protobuf-c list of pointers. */
#define ADD(list, count, item)                                                                     \
    do {                                                                                           \
        (list) = mp_realloc((list), (count) + 1, sizeof *(list));                                  \
        (list)[(count)++] = (item);                                                                \
    } while (0)

static void *copy(const void *p, size_t count, size_t size)
{
    void *q = mp_alloc(count + 1, size);

    if (count > 0)
        memcpy(q, p, count * size);
    return q;
}

void onnx_build_begin(struct onnx_build *b, int64_t opset)
{
    Onnx__OperatorSet *set = mp_alloc(1, sizeof *set);

    b->model = mp_alloc(1, sizeof *b->model);
    onnx__model__init(b->model);
    b->model->has_ir_version = 1;
    b->model->ir_version = 7;
    onnx__operator_set__init(set);
    set->domain = mp_strdup("");
    set->has_version = 1;
    set->version = opset;
    ADD(b->model->opset_import, b->model->n_opset_import, set);
    b->model->graph = mp_alloc(1, sizeof *b->model->graph);
    onnx__graph__init(b->model->graph);
}

static Onnx__ValueInfo *value_info(const char *name)
{
    Onnx__ValueInfo *v = mp_alloc(1, sizeof *v);

    onnx__value_info__init(v);
    v->name = mp_strdup(name);
    return v;
}

void onnx_build_input(struct onnx_build *b, const char *name, const int64_t *dims, size_t rank)
{
    Onnx__ValueInfo *v = value_info(name);
    Onnx__TensorType *type = mp_alloc(1, sizeof *type);

    v->type = mp_alloc(1, sizeof *v->type);
    onnx__type__init(v->type);
    onnx__tensor_type__init(type);
    v->type->tensor_type = type;
    type->has_elem_type = 1;
    type->elem_type = 1;
    type->shape = mp_alloc(1, sizeof *type->shape);
    onnx__shape__init(type->shape);
    for (size_t i = 0; i < rank; i++) {
        Onnx__Dimension *d = mp_alloc(1, sizeof *d);
        onnx__dimension__init(d);
        d->has_dim_value = dims[i] != 0;
        d->dim_value = dims[i];
        ADD(type->shape->dim, type->shape->n_dim, d);
    }
    ADD(b->model->graph->input, b->model->graph->n_input, v);
}

void onnx_build_output(struct onnx_build *b, const char *name)
{
    Onnx__ValueInfo *v = value_info(name);

    ADD(b->model->graph->output, b->model->graph->n_output, v);
}

static size_t element_count(const int64_t *dims, size_t rank)
{
    size_t count = 1;

    for (size_t i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    return count;
}

static Onnx__Tensor *tensor(const char *name, const int64_t *dims, size_t rank, int32_t type)
{
    Onnx__Tensor *t = mp_alloc(1, sizeof *t);

    onnx__tensor__init(t);
    t->name = mp_strdup(name);
    t->has_data_type = 1;
    t->data_type = type;
    t->n_dims = rank;
    t->dims = copy(dims, rank, sizeof *dims);
    return t;
}

Onnx__Tensor *onnx_build_floats(struct onnx_build *b, const char *name, const int64_t *dims,
                                size_t rank, const float *values)
{
    Onnx__Tensor *t = tensor(name, dims, rank, 1);

    t->n_float_data = element_count(dims, rank);
    t->float_data = copy(values, t->n_float_data, sizeof *values);
    ADD(b->model->graph->initializer, b->model->graph->n_initializer, t);
    return t;
}

Onnx__Tensor *onnx_build_raw(struct onnx_build *b, const char *name, const int64_t *dims,
                             size_t rank, const float *values)
{
    Onnx__Tensor *t = tensor(name, dims, rank, 1);

    t->has_raw_data = 1;
    t->raw_data.len = element_count(dims, rank) * sizeof *values;
    t->raw_data.data = copy(values, t->raw_data.len, 1);
    ADD(b->model->graph->initializer, b->model->graph->n_initializer, t);
    return t;
}

Onnx__Tensor *onnx_build_integers(struct onnx_build *b, const char *name, const int64_t *values,
                                  size_t count)
{
    Onnx__Tensor *t = tensor(name, (int64_t[]){(int64_t)count}, 1, 7);

    t->n_int64_data = count;
    t->int64_data = copy(values, count, sizeof *values);
    ADD(b->model->graph->initializer, b->model->graph->n_initializer, t);
    return t;
}

static void add_names(char ***list, size_t *count, const char *names)
{
    while (*names != '\0') {
        size_t length = strcspn(names, " ");
        char *name = strncmp(names, "-", length) == 0 ? mp_strdup("") : mp_strndup(names, length);
        ADD(*list, *count, name);
        names += length;
        names += strspn(names, " ");
    }
}

onnx_node *onnx_build_node(struct onnx_build *b, const char *op, const char *inputs,
                           const char *outputs)
{
    onnx_node *n = mp_alloc(1, sizeof *n);

    onnx__node__init(n);
    n->op_type = mp_strdup(op);
    add_names(&n->input, &n->n_input, inputs);
    add_names(&n->output, &n->n_output, outputs);
    ADD(b->model->graph->node, b->model->graph->n_node, n);
    return n;
}

static Onnx__Attribute *attribute(onnx_node *n, const char *name)
{
    Onnx__Attribute *a = mp_alloc(1, sizeof *a);

    onnx__attribute__init(a);
    a->name = mp_strdup(name);
    ADD(n->attribute, n->n_attribute, a);
    return a;
}

void onnx_build_ints(onnx_node *n, const char *name, const int64_t *values, size_t count)
{
    Onnx__Attribute *a = attribute(n, name);

    a->n_ints = count;
    a->ints = copy(values, count, sizeof *values);
}

void onnx_build_int(onnx_node *n, const char *name, int64_t value)
{
    Onnx__Attribute *a = attribute(n, name);

    a->has_i = 1;
    a->i = value;
}

void onnx_build_float(onnx_node *n, const char *name, float value)
{
    Onnx__Attribute *a = attribute(n, name);

    a->has_f = 1;
    a->f = value;
}

void onnx_build_string(onnx_node *n, const char *name, const char *value)
{
    Onnx__Attribute *a = attribute(n, name);

    a->has_s = 1;
    a->s.len = strlen(value);
    a->s.data = copy(value, a->s.len, 1);
}

void onnx_build_constant(struct onnx_build *b, const char *output, const int64_t *dims, size_t rank,
                         const float *values)
{
    Onnx__Attribute *a = attribute(onnx_build_node(b, "Constant", "", output), "value");

    a->t = tensor("", dims, rank, 1);
    a->t->n_float_data = element_count(dims, rank);
    a->t->float_data = copy(values, a->t->n_float_data, sizeof *values);
}

size_t onnx_build_pack(const struct onnx_build *b, uint8_t **bytes)
{
    *bytes = mp_alloc(onnx__model__get_packed_size(b->model) + 1, 1);
    return onnx__model__pack(b->model, *bytes);
}

void onnx_build_release(struct onnx_build *b)
{
    onnx__model__free_unpacked(b->model, NULL);
    b->model = NULL;
}

int onnx_build_read(struct onnx_build *b, struct mp_network *n, struct mp_error *err)
{
    uint8_t *bytes;
    size_t size = onnx_build_pack(b, &bytes);
    int rc = mp_network_read_onnx_bytes(n, bytes, size, "dir/test.onnx", err);

    free(bytes);
    onnx_build_release(b);
    return rc;
}
