#include "tests/cnn/one_layer.h"

#include "estimator/util/random.h"

#include <stdlib.h>

void one_layer_init(struct one_layer *o, const struct mp_shape *in, uint32_t out, uint32_t kernel,
                    uint32_t stride, uint32_t pad, uint32_t groups, uint64_t seed)
{
    struct mp_layer *l = &o->layer;
    struct mp_random r;

    mp_random_seed(&r, seed);
    *o = (struct one_layer){.shapes = {*in, {out, 1, 1}}};
    *l = (struct mp_layer){.kind = MP_LAYER_DENSE,
                           .name = "layer",
                           .inputs = &o->input,
                           .input_count = 1,
                           .output = 1,
                           .out_count = out,
                           .groups = 1,
                           .terms = (uint32_t)mp_shape_elements(in)};
    if (kernel > 0) {
        l->kind = MP_LAYER_CONV;
        l->kernel_h = l->kernel_w = kernel;
        l->stride_h = l->stride_w = stride;
        l->dilation_h = l->dilation_w = 1;
        l->groups = groups;
        l->pad_top = l->pad_left = l->pad_bottom = l->pad_right = pad;
        l->terms = in->channels / groups * kernel * kernel;
        o->shapes[1].height = (in->height + 2 * pad - kernel) / stride + 1;
        o->shapes[1].width = (in->width + 2 * pad - kernel) / stride + 1;
    }
    l->weight_count = l->terms * out;
    l->weights = mp_alloc(l->weight_count, sizeof *l->weights);
    l->bias = mp_alloc(out, sizeof *l->bias);
    for (uint32_t i = 0; i < l->weight_count; i++)
        l->weights[i] = 0.1f * (float)mp_random_normal(&r);
    for (uint32_t i = 0; i < out; i++)
        l->bias[i] = (float)mp_random_normal(&r);
    l->macs = mp_shape_elements(&o->shapes[1]) * l->terms;
    o->network = (struct mp_network){.name = "one layer",
                                     .tensor_count = 2,
                                     .layer_count = 1,
                                     .output_tensor = 1,
                                     .shapes = o->shapes,
                                     .layers = l};
}

void one_layer_release(struct one_layer *o)
{
    free(o->layer.weights);
    free(o->layer.bias);
}
