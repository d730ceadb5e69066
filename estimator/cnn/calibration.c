#include "estimator/cnn/calibration.h"
#include "estimator/cnn/infer.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Scales are looked for on about so many values of each layer's input, at random places of every
 * image; extremes and signs are counted over all values. */
#define SAMPLE_VALUES 65536

/* ---- signs */

static bool add_may_be_negative(const struct mp_layer *l, const bool *negative)
{
    for (uint32_t k = 0; k < l->input_count; k++) {
        float c = l->coefficients != NULL ? l->coefficients[k] : 1;
        if (!(c >= 0) || (c > 0 && negative[l->inputs[k]]))
            return true;
    }
    return false;
}

static bool scale_may_be_negative(const struct mp_layer *l, uint32_t channels, bool input)
{
    for (uint32_t c = 0; c < channels; c++)
        if (!(l->shift[c] >= 0) || !(l->scale[c] >= 0) || (l->scale[c] > 0 && input))
            return true;
    return false;
}

static bool may_be_negative(const struct mp_network *n, const struct mp_layer *l,
                            const bool *negative)
{
    bool first = negative[l->inputs[0]], any = false, all = true;

    for (uint32_t k = 0; k < l->input_count; k++) {
        any = any || negative[l->inputs[k]];
        all = all && negative[l->inputs[k]];
    }
    switch (l->kind) {
    case MP_LAYER_CONV:
    case MP_LAYER_DENSE:
        return true;
    case MP_LAYER_RELU:
        return first && !(l->negative_slope <= 0);
    case MP_LAYER_SOFTMAX:
        return false;
    case MP_LAYER_MAX_POOL:
    case MP_LAYER_AVERAGE_POOL:
    case MP_LAYER_RESHAPE:
    case MP_LAYER_SLICE:
        return first;
    case MP_LAYER_MULTIPLY:
    case MP_LAYER_CONCAT:
        return any;
    case MP_LAYER_MAXIMUM:
        return all;
    case MP_LAYER_LRN:
    case MP_LAYER_LRN_WITHIN:
        return first || !(l->lrn_alpha >= 0 && l->lrn_k >= 0);
    case MP_LAYER_ADD:
        return add_may_be_negative(l, negative);
    case MP_LAYER_SCALE:
        return scale_may_be_negative(l, n->shapes[l->output].channels, first);
    case MP_LAYER_CLIP:
        return !(l->low >= 0 || !first) || !(l->high >= 0);
    case MP_LAYER_PAD:
        return first || !(l->low >= 0);
    }
    return true;
}

void mp_network_find_signs(const struct mp_network *n, bool input, bool *negative)
{
    for (uint32_t t = 0; t < n->tensor_count; t++)
        negative[t] = true;
    negative[n->input_tensor] = input;
    for (uint32_t l = 0; l < n->layer_count; l++)
        negative[n->layers[l].output] = may_be_negative(n, &n->layers[l], negative);
}

bool mp_dataset_may_be_negative(const struct mp_dataset *d)
{
    const struct mp_preprocess *how = d->images != NULL ? &d->images->how : d->how;
    size_t count = mp_shape_elements(&d->shape);
    bool found = false;

    if (how == NULL)
        return false;
    /* A value is a straight line over its pixel: the ends tell. */
    uint8_t *bytes = mp_alloc(count, 1);
    float *values = mp_alloc(count, sizeof *values);
    for (int end = 0; end <= 255; end += 255) {
        memset(bytes, end, count);
        mp_preprocess_values(how, &d->shape, bytes, values);
        for (size_t i = 0; i < count; i++)
            found = found || !(values[i] >= 0);
    }
    free(bytes);
    free(values);
    return found;
}

/* ---- values */

struct found {
    float low, high;
    uint64_t values, negative, not_finite;
};

struct collecting {
    const struct mp_model *model;
    const struct mp_dataset *dataset;
    uint32_t images;
    atomic_uint next;
    uint32_t *reader;    /* [tensor] first layer with weights that reads it, or layer_count */
    uint32_t *per_image; /* [tensor] values sampled from an image */
    float **samples;     /* [tensor][image x per_image] */
    struct found *found; /* [thread][tensor] */
};

static void look_at_image(struct collecting *c, uint32_t t, uint32_t image, const float *values,
                          size_t count, struct found *found)
{
    uint32_t sampled = c->per_image[t];
    float *sample = c->samples[t] + (size_t)image * sampled;
    struct mp_random random;

    found->values += count;
    for (size_t i = 0; i < count; i++) {
        found->low = values[i] < found->low ? values[i] : found->low;
        found->high = values[i] > found->high ? values[i] : found->high;
        found->negative += values[i] < 0;
        found->not_finite += isfinite(values[i]) ? 0 : 1;
    }
    if (sampled == count) {
        memcpy(sample, values, count * sizeof *sample);
        return;
    }
    mp_random_seed(&random, (uint64_t)c->reader[t] << 32 | image);
    for (uint32_t i = 0; i < sampled; i++)
        sample[i] = values[mp_random_below(&random, count)];
}

static int collect_job(void *context, size_t index, struct mp_error *err)
{
    struct collecting *c = context;
    const struct mp_network *n = c->model->network;
    struct found *found = c->found + index * n->tensor_count;
    struct mp_workspace w;
    uint32_t first;
    int rc = mp_workspace_init(&w, c->model, err);

    if (rc < 0)
        return rc;
    while ((first = atomic_fetch_add(&c->next, w.batch)) < c->images) {
        uint32_t count = c->images - first < w.batch ? c->images - first : w.batch;
        rc = mp_workspace_load(&w, c->dataset, 0, first, count, err);
        if (rc < 0)
            break;
        mp_workspace_run(&w, count);
        for (uint32_t t = 0; t < n->tensor_count; t++) {
            if (c->reader[t] == n->layer_count)
                continue;
            size_t elements = mp_shape_elements(&n->shapes[t]);
            for (uint32_t i = 0; i < count; i++)
                look_at_image(c, t, first + i, w.tensors[t] + i * elements, elements, &found[t]);
        }
    }
    mp_workspace_release(&w);
    return rc;
}

static void find_readers(struct collecting *c)
{
    const struct mp_network *n = c->model->network;

    for (uint32_t t = 0; t < n->tensor_count; t++)
        c->reader[t] = n->layer_count;
    for (uint32_t l = n->layer_count; l-- > 0;)
        if (n->layers[l].weights != NULL)
            c->reader[n->layers[l].inputs[0]] = l;
}

static void prepare_samples(struct collecting *c)
{
    const struct mp_network *n = c->model->network;
    assert(c->images > 0);
    uint64_t wanted = SAMPLE_VALUES / c->images + 1;

    for (uint32_t t = 0; t < n->tensor_count; t++) {
        if (c->reader[t] == n->layer_count)
            continue;
        uint64_t elements = mp_shape_elements(&n->shapes[t]);
        c->per_image[t] = (uint32_t)(elements < wanted ? elements : wanted);
        c->samples[t] = mp_alloc((size_t)c->images * c->per_image[t], sizeof(float));
    }
}

/* All threads' findings of the layer's input. */
static int sum_up(struct mp_layer_input *in, const struct collecting *c, uint32_t l,
                  unsigned threads, const bool *negative, struct mp_error *err)
{
    const struct mp_network *n = c->model->network;
    uint32_t tensor = n->layers[l].inputs[0];
    uint64_t not_finite = 0;

    *in = (struct mp_layer_input){.is_never_negative = !negative[tensor],
                                  .samples = c->samples[tensor],
                                  .sample_count = c->images * c->per_image[tensor]};
    for (unsigned t = 0; t < threads; t++) {
        const struct found *f = &c->found[(size_t)t * n->tensor_count + tensor];
        in->low = f->low < in->low ? f->low : in->low;
        in->high = f->high > in->high ? f->high : in->high;
        in->values += f->values;
        in->negative += f->negative;
        not_finite += f->not_finite;
    }
    if (not_finite > 0)
        return mp_fail(err, MP_E_INPUT,
                       "%llu inputs of layer %s are no finite numbers: the network overflows in "
                       "float32",
                       (unsigned long long)not_finite, n->layers[l].name);
    return MP_OK;
}

int mp_calibration_data_collect(struct mp_calibration_data *c, const struct mp_network *n,
                                const struct mp_dataset *d, uint32_t images, unsigned threads,
                                struct mp_error *err)
{
    struct mp_model model;
    struct collecting all = {.model = &model, .dataset = d, .images = images};
    int rc = mp_infer_check(n, d, err);

    *c = (struct mp_calibration_data){0};
    if (rc == MP_OK && (images == 0 || images > d->count))
        rc = mp_fail(err, MP_E_USAGE, "cannot calibrate on %u images, there are %u", images,
                     d->count);
    if (rc < 0)
        return rc;
    threads = threads == 0 ? mp_core_count() : threads;
    mp_model_init(&model, n, NULL);
    bool *negative = mp_alloc(n->tensor_count + 1, sizeof *negative);
    all.reader = mp_alloc(n->tensor_count + 1, sizeof *all.reader);
    all.per_image = mp_alloc(n->tensor_count + 1, sizeof *all.per_image);
    all.samples = mp_alloc(n->tensor_count + 1, sizeof *all.samples);
    all.found = mp_alloc((size_t)threads * n->tensor_count + 1, sizeof *all.found);
    *c = (struct mp_calibration_data){.images = images,
                                      .layer_count = n->layer_count,
                                      .inputs = mp_alloc(n->layer_count + 1, sizeof *c->inputs),
                                      .samples = all.samples,
                                      .tensor_count = n->tensor_count};
    find_readers(&all);
    prepare_samples(&all);
    mp_network_find_signs(n, mp_dataset_may_be_negative(d), negative);
    rc = mp_parallel_for(threads, threads, collect_job, &all, err);
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++)
        if (n->layers[l].weights != NULL)
            rc = sum_up(&c->inputs[l], &all, l, threads, negative, err);
    if (rc < 0)
        mp_calibration_data_release(c);
    free(negative);
    free(all.reader);
    free(all.per_image);
    free(all.found);
    mp_model_release(&model);
    return rc;
}

void mp_calibration_data_release(struct mp_calibration_data *c)
{
    if (c == NULL)
        return;
    for (uint32_t t = 0; t < c->tensor_count; t++)
        free(c->samples[t]);
    free(c->samples);
    free(c->inputs);
    *c = (struct mp_calibration_data){0};
}
