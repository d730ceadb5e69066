#include "estimator/cnn/synthetic.h"
#include "estimator/util/random.h"

#include <math.h>
#include <stdlib.h>

#define STEPS              1024 /* of the table of quantiles, the last of which is left to the tail */
#define GRID               65536
#define GRID_LIMIT         24.0 /* standard deviations that the table is integrated to */
#define IMAGE_MAX_CHANNELS 3

const struct mp_synthetic_fit *mp_synthetic_fit_of(enum mp_synthetic_kind kind)
{
    /* Means over 3, 54, 31 layers and 1; gain: geometric mean; shape: from the mean of
     * E|x| / sigma, 0.783, 0.737, 0.741, 0.817. */
    static const struct mp_synthetic_fit fits[] = {
        [MP_SYNTHETIC_IMAGE] = {1.49, 0.41, 1.72, -0.04, 1.35},
        [MP_SYNTHETIC_POINT] = {1.03, 0.11, 1.20, -0.46, 0.64},
        [MP_SYNTHETIC_WINDOW] = {0.89, 0.14, 1.23, -2.15, 0.92},
        [MP_SYNTHETIC_DENSE] = {0.96, 0.06, 2.54, -0.03, 1.29},
    };

    return &fits[kind];
}

enum mp_synthetic_kind mp_synthetic_kind_of(const struct mp_layer *layer)
{
    uint32_t window = layer->kernel_h * layer->kernel_w;

    if (layer->kind == MP_LAYER_DENSE)
        return MP_SYNTHETIC_DENSE;
    if (layer->terms / window <= IMAGE_MAX_CHANNELS)
        return MP_SYNTHETIC_IMAGE;
    return window == 1 ? MP_SYNTHETIC_POINT : MP_SYNTHETIC_WINDOW;
}

/* |x| of the generalised normal distribution of variance 1, by its quantiles. */
struct magnitudes {
    double shape, scale;
    double quantiles[STEPS]; /* [i]: of probability i / STEPS */
};

static void tabulate(struct magnitudes *m, double shape)
{
    double sum = 0, total, step = GRID_LIMIT / GRID;
    size_t next = 1;

    m->shape = shape;
    m->scale = exp(0.5 * (lgamma(1 / shape) - lgamma(3 / shape)));
    total = m->scale * tgamma(1 + 1 / shape);
    m->quantiles[0] = 0;
    for (size_t i = 0; i < GRID && next < STEPS; i++) {
        double density = exp(-pow(((double)i + 0.5) * step / m->scale, shape)) / total;
        double before = sum;
        sum += density * step;
        for (; next < STEPS && sum >= (double)next / STEPS; next++)
            m->quantiles[next] =
                ((double)i + ((double)next / STEPS - before) / (density * step)) * step;
    }
}

/* Behind the last quantile the distribution falls about as exp(-(x / scale)^shape). */
static double draw_magnitude(const struct magnitudes *m, struct mp_random *r)
{
    double u = mp_random_unit(r) * STEPS;
    size_t i = (size_t)u;
    double last = m->quantiles[STEPS - 1];

    if (i + 1 < STEPS)
        return m->quantiles[i] + (u - (double)i) * (m->quantiles[i + 1] - m->quantiles[i]);
    return m->scale *
           pow(pow(last / m->scale, m->shape) - log(1 - mp_random_unit(r)), 1 / m->shape);
}

static uint64_t seed_of(uint64_t seed, const char *name)
{
    struct mp_hash *h = mp_hash_create();
    char digest[MP_HASH_SIZE], first[17] = {0};

    mp_hash_u64(h, MP_SYNTHETIC_VERSION);
    mp_hash_u64(h, seed);
    mp_hash_string(h, name);
    mp_hash_digest(h, digest);
    mp_hash_destroy(h);
    for (size_t i = 0; i < 16; i++)
        first[i] = digest[i];
    return strtoull(first, NULL, 16);
}

void mp_synthetic_fill(void *context, struct mp_layer *layer)
{
    const struct mp_synthetic_fit *fit = mp_synthetic_fit_of(mp_synthetic_kind_of(layer));
    struct magnitudes *m = mp_alloc(1, sizeof *m);
    struct mp_random r;
    double root = sqrt(layer->terms);

    mp_random_seed(&r, seed_of(context != NULL ? *(const uint64_t *)context : 1, layer->name));
    tabulate(m, fit->shape);
    for (uint32_t o = 0; o < layer->out_count; o++) {
        double sigma = fit->gain / root * exp(fit->spread * mp_random_normal(&r));
        double shift = (fit->shift_mean + fit->shift_sigma * mp_random_normal(&r)) / root;
        float *row = layer->weights + (size_t)o * layer->terms;
        for (uint32_t t = 0; t < layer->terms; t++) {
            double x = draw_magnitude(m, &r);
            bool is_negative = mp_random_u64(&r) >> 63;
            row[t] = (float)(sigma * ((is_negative ? -x : x) + shift));
        }
    }
    free(m);
}
