#include "estimator/network/onnx.h"
#include "estimator/util/file.h"

#include <stdlib.h>
#include <string.h>

#define OLDEST_OPSET 7
#define NEWEST_OPSET 22

/* ---- the graph */

static void count_use(struct mp_onnx_importer *im, const char *name)
{
    if (mp_onnx_text(name)[0] == '\0')
        return;
    im->use_counts[mp_map_put(&im->uses, name, im->uses.count)]++;
}

static void count_uses(struct mp_onnx_importer *im, const Onnx__Graph *graph)
{
    size_t names = graph->n_output;

    for (size_t i = 0; i < graph->n_node; i++)
        names += graph->node[i]->n_input;
    im->use_counts = mp_alloc(names + 1, sizeof *im->use_counts);
    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t k = 0; k < graph->node[i]->n_input; k++)
            count_use(im, graph->node[i]->input[k]);
    for (size_t i = 0; i < graph->n_output; i++)
        count_use(im, graph->output[i]->name);
}

static int read_opset(struct mp_onnx_importer *im, struct mp_error *err)
{
    for (size_t i = 0; i < im->model->n_opset_import; i++) {
        const Onnx__OperatorSet *set = im->model->opset_import[i];
        const char *domain = mp_onnx_text(set->domain);
        if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
            im->opset = set->version;
    }
    if (im->opset < OLDEST_OPSET || im->opset > NEWEST_OPSET)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "ONNX operator set %lld: %d to %d are supported; export again with one "
                          "of them",
                          (long long)im->opset, OLDEST_OPSET, NEWEST_OPSET);
    return MP_OK;
}

static int read_initialisers(struct mp_onnx_importer *im, const Onnx__Graph *graph,
                             struct mp_error *err)
{
    if (graph->n_sparse_initializer > 0)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "sparse initialisers are not supported; save the weights dense");
    for (size_t i = 0; i < graph->n_initializer; i++) {
        Onnx__Tensor *t = graph->initializer[i];
        struct mp_onnx_value v;
        int rc = mp_onnx_load_external(im, t, err);
        if (rc == MP_OK)
            rc = mp_onnx_constant(im, t, &v, err);
        if (rc < 0)
            return rc;
        if (mp_onnx_text(t->name)[0] == '\0' || !mp_onnx_add_value(im, t->name, &v))
            return mp_fail_at(err, MP_E_INPUT, im->path, 0,
                              "initialiser %zu has no name, or one that is taken: \"%s\"", i,
                              mp_onnx_text(t->name));
    }
    return MP_OK;
}

static int read_input_shape(struct mp_onnx_importer *im, const Onnx__ValueInfo *input,
                            struct mp_shape *shape, uint32_t *rank, struct mp_error *err)
{
    const Onnx__TensorType *type = input->type != NULL ? input->type->tensor_type : NULL;
    const Onnx__Shape *s = type != NULL ? type->shape : NULL;
    uint32_t *sizes[] = {NULL, &shape->channels, &shape->height, &shape->width};

    if (s == NULL || (s->n_dim != 2 && s->n_dim != 4) || type->elem_type != 1)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "input \"%s\" must be float32 [batch][channels][height][width] or "
                          "[batch][features]",
                          mp_onnx_text(input->name));
    *shape = (struct mp_shape){1, 1, 1};
    *rank = (uint32_t)s->n_dim;
    im->batch = s->dim[0]->has_dim_value ? s->dim[0]->dim_value : 0;
    for (uint32_t i = 1; i < *rank; i++) {
        int64_t size = s->dim[i]->has_dim_value ? s->dim[i]->dim_value : 0;
        if (size < 1 || (uint64_t)size > MP_ONNX_MAX_ELEMENTS)
            return mp_fail_at(
                err, MP_E_UNSUPPORTED, im->path, 0,
                "dimension %u of input \"%s\" is not fixed; export with a fixed image "
                "size (only the batch may be dynamic)",
                i, mp_onnx_text(input->name));
        *sizes[i] = (uint32_t)size;
    }
    return MP_OK;
}

/* The one graph input that is no initialiser. */
static int read_input(struct mp_onnx_importer *im, const Onnx__Graph *graph, struct mp_error *err)
{
    const Onnx__ValueInfo *input = NULL;
    struct mp_onnx_value v = {.layer = MP_ONNX_NO_LAYER};
    struct mp_shape shape;
    int rc;

    for (size_t i = 0; i < graph->n_input; i++) {
        if (mp_map_get(&im->names, mp_onnx_text(graph->input[i]->name)) != MP_MAP_NONE)
            continue;
        if (input != NULL)
            return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                              "there are several inputs (\"%s\", \"%s\"), only one is supported",
                              mp_onnx_text(input->name), mp_onnx_text(graph->input[i]->name));
        input = graph->input[i];
    }
    if (input == NULL || mp_onnx_text(input->name)[0] == '\0')
        return mp_fail_at(err, MP_E_INPUT, im->path, 0, "the network has no input");
    rc = read_input_shape(im, input, &shape, &v.rank, err);
    if (rc < 0)
        return rc;
    if (!mp_build_tensor(&im->build, &shape, &v.tensor))
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0, "input \"%s\" is too large",
                          input->name);
    im->build.network->input_tensor = v.tensor;
    mp_onnx_add_value(im, input->name, &v);
    return MP_OK;
}

static int read_output(struct mp_onnx_importer *im, const Onnx__Graph *graph, struct mp_error *err)
{
    uint32_t index;

    if (graph->n_output != 1)
        return mp_fail_at(err, MP_E_UNSUPPORTED, im->path, 0,
                          "the network has %zu outputs, only one is supported", graph->n_output);
    index = mp_map_get(&im->names, mp_onnx_text(graph->output[0]->name));
    if (index == MP_MAP_NONE || im->values[index].constant != NULL)
        return mp_fail_at(err, MP_E_INPUT, im->path, 0, "output \"%s\" is made by no node",
                          mp_onnx_text(graph->output[0]->name));
    im->build.network->output_tensor = im->values[index].tensor;
    return MP_OK;
}

static int read_nodes(struct mp_onnx_importer *im, const Onnx__Graph *graph, struct mp_error *err)
{
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__Node *node = graph->node[i];
        const char *domain = mp_onnx_text(node->domain);
        mp_onnx_import *import = mp_onnx_find_op(mp_onnx_text(node->op_type));
        if (import == NULL || (domain[0] != '\0' && strcmp(domain, "ai.onnx") != 0))
            return mp_onnx_fail(im, node, err, MP_E_UNSUPPORTED,
                                "this operator%s%s is not supported",
                                domain[0] != '\0' ? " of domain " : "", domain);
        int rc = import(im, node, err);
        if (rc < 0)
            return rc;
    }
    return MP_OK;
}

static int import_model(struct mp_onnx_importer *im, struct mp_error *err)
{
    const Onnx__Graph *graph = im->model->graph;
    int rc;

    if (graph == NULL || graph->n_node == 0)
        return mp_fail_at(err, MP_E_INPUT, im->path, 0,
                          "there is no network inside; is it an ONNX file?");
    count_uses(im, graph);
    rc = read_opset(im, err);
    if (rc == MP_OK)
        rc = read_initialisers(im, graph, err);
    if (rc == MP_OK)
        rc = read_input(im, graph, err);
    if (rc == MP_OK)
        rc = read_nodes(im, graph, err);
    if (rc == MP_OK)
        rc = read_output(im, graph, err);
    if (rc < 0)
        return rc;
    mp_build_prune(&im->build);
    return mp_build_check_finite(&im->build, im->path, err);
}

/* ---- the file */

int mp_network_read_onnx_bytes(struct mp_network *n, const void *data, size_t size,
                               const char *path, struct mp_error *err)
{
    struct mp_onnx_importer im = {.path = path, .hash = mp_hash_create(), .build.network = n};
    Onnx__Model *model = onnx__model__unpack(NULL, size, data);
    int rc;

    *n = (struct mp_network){0};
    n->name = mp_build_network_name(n, path);
    mp_hash_bytes(im.hash, data, size);
    if (model == NULL) {
        rc =
            mp_fail_at(err, MP_E_INPUT, path, 0, "it is no ONNX file, or it is damaged or cut off");
        goto out;
    }
    im.model = model;
    rc = import_model(&im, err);
    mp_hash_digest(im.hash, n->hash);
    mp_build_finish(&im.build);
    n->whole_macs = mp_network_macs(n);
out:
    mp_hash_destroy(im.hash);
    mp_build_release(&im.build);
    free(im.values);
    free(im.use_counts);
    mp_map_release(&im.names);
    mp_map_release(&im.uses);
    if (model != NULL)
        onnx__model__free_unpacked(model, NULL);
    if (rc < 0)
        mp_network_release(n);
    return rc;
}

int mp_network_read_onnx(struct mp_network *n, const char *path, struct mp_error *err)
{
    struct mp_text file = {0};
    int rc;

    *n = (struct mp_network){0};
    rc = mp_file_read(&file, path, 0, err);
    if (rc == MP_OK)
        rc =
            mp_network_read_onnx_bytes(n, file.data != NULL ? file.data : "", file.size, path, err);
    mp_text_release(&file);
    return rc;
}
