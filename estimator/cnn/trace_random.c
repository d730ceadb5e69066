#include "estimator/cnn/trace_parts.h"
#include "estimator/util/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Products of one output, or of one block, where there is no network to say. */
#define RANDOM_TERMS 256

static uint32_t terms_of(const struct mp_trace *t)
{
    return t->weight.block > 0 ? t->weight.block : RANDOM_TERMS;
}

static void encode_blocks(struct mp_trace *t, const float *values)
{
    size_t cycles = (size_t)t->stretches * t->length, block = t->weight.block;

    for (size_t i = 0, n; i < cycles; i += n) {
        n = cycles - i < block ? cycles - i : block;
        mp_format_encode_array(&t->weight, mp_format_block_unit(&t->weight, values + i, n), n,
                               values + i, t->weights + i);
    }
}

static uint32_t uniform_code(struct mp_random *r, const struct mp_format *f)
{
    return (uint32_t)mp_random_below(r, (uint64_t)1 << f->bits);
}

/* Weights normal, activations as after a ReLU: half 0, the others the positive half of a normal
 * distribution. Unit exponents of least squared error. */
static int normal_codes(struct mp_trace *t, struct mp_random *r, struct mp_error *err)
{
    size_t cycles = (size_t)t->stretches * t->length;
    float *values = mp_alloc(cycles, sizeof *values);
    static const struct mp_calibration how = {MP_CALIBRATE_MSE, 0};
    int unit_exponent, rc;

    for (size_t i = 0; i < cycles; i++)
        values[i] = (float)mp_random_normal(r);
    rc = mp_format_calibrate(&t->weight, &how, values, cycles, &unit_exponent, err);
    if (rc < 0)
        goto out;
    if (t->weight.block > 0)
        encode_blocks(t, values);
    else
        mp_format_encode_array(&t->weight, unit_exponent, cycles, values, t->weights);
    for (size_t i = 0; i < cycles; i++)
        values[i] = mp_random_below(r, 2) == 0 ? 0 : fabsf((float)mp_random_normal(r));
    rc = mp_format_calibrate(&t->activation, &how, values, cycles, &unit_exponent, err);
    if (rc < 0)
        goto out;
    mp_format_encode_array(&t->activation, unit_exponent, cycles, values, t->activations);
out:
    free(values);
    return rc;
}

int mp_trace_random(struct mp_trace *t, const struct mp_format *weight,
                    const struct mp_format *activation, enum mp_operands how,
                    const struct mp_trace_options *o, struct mp_error *err)
{
    struct mp_trace_options options = *o;
    struct mp_random random;
    int rc = mp_trace_check(&options, weight, activation, err);

    *t = (struct mp_trace){0};
    if (rc < 0)
        return rc;
    *t = (struct mp_trace){.weight = *weight,
                           .activation = *activation,
                           .dataflow = options.dataflow,
                           .seed = options.seed,
                           .stretches = options.stretches,
                           .length = options.length,
                           .layer_count = 1};
    mp_trace_allocate(t);
    snprintf(t->layers[0].name, sizeof t->layers[0].name, "%s",
             how == MP_OPERANDS_UNIFORM ? "uniform" : "normal");
    t->layers[0].stretches = t->stretches;
    snprintf(t->source, sizeof t->source, "random operands, %s", t->layers[0].name);
    mp_random_seed(&random, options.seed);
    size_t cycles = (size_t)t->stretches * t->length;
    for (size_t i = 0; how == MP_OPERANDS_UNIFORM && i < cycles; i++) {
        t->weights[i] = uniform_code(&random, weight);
        t->activations[i] = uniform_code(&random, activation);
    }
    if (how == MP_OPERANDS_NORMAL)
        rc = normal_codes(t, &random, err);
    for (size_t i = 0; i < cycles; i++) {
        uint32_t cycle = (uint32_t)(i % t->length);
        /* A weight-stationary unit holds a weight while activations stream past. */
        if (t->dataflow == MP_WEIGHT_STATIONARY && cycle % terms_of(t) != 0)
            t->weights[i] = t->weights[i - 1];
        t->firsts[i] = t->dataflow == MP_WEIGHT_STATIONARY || cycle % terms_of(t) == 0;
    }
    if (rc == MP_OK)
        mp_trace_seal(t);
    else
        mp_trace_release(t);
    return rc;
}
