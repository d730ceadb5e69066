#include "estimator/cnn/infer.h"
#include "estimator/util/parallel.h"
#include "estimator/util/random.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Least squared error is looked for on about so many values of each layer's input, at random
 * places of every image; extremes and signs are counted over all values. */
#define SAMPLE_VALUES 65536

struct layer_inputs {
    float low, high;
    uint64_t values, negative, not_finite;
};

struct calibration {
    const struct mp_model *model;
    const struct mp_dataset *dataset;
    uint32_t images;
    atomic_uint next;
    uint32_t *per_image;        /* [layer] values sampled from an image */
    float **samples;            /* [layer][image x per_image] */
    struct layer_inputs *found; /* [thread][layer] */
};

static void look_at_image(struct calibration *c, uint32_t l, uint32_t image, const float *values,
                          size_t count, struct layer_inputs *found)
{
    uint32_t sampled = c->per_image[l];
    float *sample = c->samples[l] + (size_t)image * sampled;
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
    mp_random_seed(&random, (uint64_t)l << 32 | image);
    for (uint32_t i = 0; i < sampled; i++)
        sample[i] = values[mp_random_below(&random, count)];
}

static int calibrate_job(void *context, size_t index, struct mp_error *err)
{
    struct calibration *c = context;
    const struct mp_network *n = c->model->network;
    struct layer_inputs *found = c->found + index * n->layer_count;
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
        for (uint32_t l = 0; l < n->layer_count; l++) {
            if (n->layers[l].weights == NULL)
                continue;
            size_t elements = mp_shape_elements(&n->shapes[n->layers[l].inputs[0]]);
            for (uint32_t i = 0; i < count; i++)
                look_at_image(c, l, first + i, w.tensors[n->layers[l].inputs[0]] + i * elements,
                              elements, &found[l]);
        }
    }
    mp_workspace_release(&w);
    return rc;
}

static void prepare_samples(struct calibration *c)
{
    const struct mp_network *n = c->model->network;
    assert(c->images > 0);
    uint64_t wanted = SAMPLE_VALUES / c->images + 1;

    c->per_image = mp_alloc(n->layer_count + 1, sizeof *c->per_image);
    c->samples = mp_alloc(n->layer_count + 1, sizeof *c->samples);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        if (n->layers[l].weights == NULL)
            continue;
        uint64_t elements = mp_shape_elements(&n->shapes[n->layers[l].inputs[0]]);
        c->per_image[l] = (uint32_t)(elements < wanted ? elements : wanted);
        c->samples[l] = mp_alloc((size_t)c->images * c->per_image[l], sizeof(float));
    }
}

/* All threads' findings of a layer, then its exponent. */
static int choose_activation_exponent(struct mp_quantisation *q, struct calibration *c, uint32_t l,
                                      unsigned threads, enum mp_calibration how,
                                      struct mp_error *err)
{
    const struct mp_network *n = c->model->network;
    float range[2] = {0, 0};
    uint64_t not_finite = 0;
    int rc;

    for (unsigned t = 0; t < threads; t++) {
        const struct layer_inputs *f = &c->found[(size_t)t * n->layer_count + l];
        range[0] = f->low < range[0] ? f->low : range[0];
        range[1] = f->high > range[1] ? f->high : range[1];
        not_finite += f->not_finite;
        q->calibration_values += f->values;
        if (q->activation.kind == MP_FORMAT_UINT)
            q->clipped_negative += f->negative;
    }
    if (not_finite > 0)
        return mp_fail(err, MP_E_INPUT,
                       "%llu inputs of layer %s are no finite numbers: the network overflows in "
                       "float32",
                       (unsigned long long)not_finite, n->layers[l].name);
    bool covers = how == MP_CALIBRATE_MAX;
    rc = mp_format_calibrate(&q->activation, how, covers ? range : c->samples[l],
                             covers ? 2 : (size_t)c->images * c->per_image[l],
                             &q->activation_unit_exponent[l], err);
    if (rc < 0)
        mp_error_context(err, "input of layer %s", n->layers[l].name);
    return rc;
}

static int calibrate_activations(struct mp_quantisation *q, const struct mp_network *n,
                                 enum mp_calibration how, const struct mp_dataset *d,
                                 uint32_t images, struct mp_error *err)
{
    struct mp_model model;
    struct calibration c = {.model = &model, .dataset = d, .images = images};
    unsigned threads = mp_core_count();
    int rc;

    mp_model_init(&model, n, NULL);
    prepare_samples(&c);
    c.found = mp_alloc((size_t)threads * n->layer_count + 1, sizeof *c.found);
    rc = mp_parallel_for(threads, threads, calibrate_job, &c, err);
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++)
        if (n->layers[l].weights != NULL)
            rc = choose_activation_exponent(q, &c, l, threads, how, err);
    for (uint32_t l = 0; l < n->layer_count; l++)
        free(c.samples[l]);
    free(c.samples);
    free(c.per_image);
    free(c.found);
    mp_model_release(&model);
    return rc;
}

int mp_quantisation_calibrate(struct mp_quantisation *q, const struct mp_network *n,
                              const struct mp_format *weight, const struct mp_format *activation,
                              enum mp_calibration weight_how, enum mp_calibration activation_how,
                              const struct mp_dataset *d, uint32_t images, struct mp_error *err)
{
    int rc = mp_infer_check(n, d, err);

    *q = (struct mp_quantisation){.weight = *weight, .activation = *activation};
    if (rc == MP_OK && (images == 0 || images > d->count))
        rc = mp_fail(err, MP_E_USAGE, "cannot calibrate on %u images, there are %u", images,
                     d->count);
    if (rc < 0)
        return rc;
    q->weight_unit_exponent = mp_alloc(n->layer_count + 1, sizeof(int));
    q->activation_unit_exponent = mp_alloc(n->layer_count + 1, sizeof(int));
    for (uint32_t l = 0; l < n->layer_count && rc == MP_OK; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->weights != NULL)
            rc = mp_format_calibrate(weight, weight_how, layer->weights, layer->weight_count,
                                     &q->weight_unit_exponent[l], err);
    }
    if (rc == MP_OK && activation->kind != MP_FORMAT_FLOAT32)
        rc = calibrate_activations(q, n, activation_how, d, images, err);
    if (rc < 0)
        mp_quantisation_release(q);
    return rc;
}

void mp_quantisation_release(struct mp_quantisation *q)
{
    if (q == NULL)
        return;
    free(q->weight_unit_exponent);
    free(q->activation_unit_exponent);
    *q = (struct mp_quantisation){0};
}

/* ---- bits */

static mp_u128 magnitude(const struct mp_format *f, uint32_t code)
{
    struct mp_fields fields;

    mp_format_fields(f, code, &fields);
    return (mp_u128)fields.significand << fields.shift;
}

/* Largest |v(code)|: int<W> has one more value below zero. */
static mp_u128 largest_magnitude(const struct mp_format *f)
{
    if (f->kind == MP_FORMAT_INT)
        return (mp_u128)1 << (f->bits - 1);
    return (mp_u128)ldexp(mp_format_max_value(f), 0);
}

static unsigned signed_bits(mp_u128 magnitude_sum)
{
    unsigned bits = 1;

    for (; magnitude_sum != 0; magnitude_sum >>= 1)
        bits++;
    return bits;
}

int mp_quantisation_accumulator_bits(const struct mp_quantisation *q, const struct mp_network *n,
                                     unsigned *bits, struct mp_error *err)
{
    mp_u128 most = 0, activation;
    int rc = mp_golden_check(&q->weight, &q->activation, err);

    if (rc < 0)
        return rc;
    activation = largest_magnitude(&q->activation);
    for (uint32_t l = 0; l < n->layer_count; l++) {
        const struct mp_layer *layer = &n->layers[l];
        if (layer->weights == NULL)
            continue;
        uint32_t *codes = mp_alloc(layer->weight_count, sizeof *codes);
        mp_format_encode_array(&q->weight, q->weight_unit_exponent[l], layer->weight_count,
                               layer->weights, codes);
        for (uint32_t o = 0; o < layer->out_count; o++) {
            mp_u128 sum = 0;
            for (uint32_t t = 0; t < layer->terms; t++)
                sum += magnitude(&q->weight, codes[(size_t)o * layer->terms + t]);
            most = sum * activation > most ? sum * activation : most;
        }
        free(codes);
    }
    *bits = signed_bits(most);
    return MP_OK;
}

uint64_t mp_quantisation_weight_bits(const struct mp_quantisation *q, const struct mp_network *n)
{
    bool has_exponents = q->weight.kind != MP_FORMAT_FLOAT32;
    uint64_t bits = mp_network_weight_count(n) * q->weight.bits;

    for (uint32_t l = 0; l < n->layer_count; l++)
        bits += has_exponents && n->layers[l].weights != NULL ? 8 : 0;
    return bits;
}
