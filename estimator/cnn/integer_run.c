#include "estimator/cnn/integer_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One layer at work: a convolution over one image, a dense layer over all. */
struct call {
    const struct mp_integer *m;
    const struct mp_integer_layer *p;
    struct mp_integer_scratch *s;
    uint64_t map;    /* positions of an input plane, with what is spare in a dense layer */
    uint64_t places; /* positions of the output */
    float least;     /* 0: with a ReLU; else minus infinity */
    float *output;
    mp_u128 *codes; /* accumulators, in place of output */
};

/* ---- input */

static void pack_digits(const struct call *c, uint32_t positions, uint32_t channels,
                        size_t channel_step, size_t position_step, const uint32_t *codes,
                        uint32_t *words, size_t digit_step)
{
    for (uint32_t d = 0; d < c->p->activation_digits; d++)
        c->m->kernel->pack(positions, channels, codes, channel_step, position_step, c->p->offset,
                           c->p->mask, d, words + d * digit_step);
}

static void encode(const struct call *c, const float *input, size_t count)
{
    mp_format_encode_array(&c->p->activation, c->p->activation_unit_exponent, count, input,
                           c->s->codes);
}

/* One image [channels][map] to words [group][plane][map]. */
static void load_maps(const struct call *c, const float *input)
{
    const struct mp_integer_layer *p = c->p;
    uint32_t group = c->m->kernel->group, groups = p->layer->groups;
    size_t digit_step = (size_t)groups * p->planes * c->map;

    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t i = 0; i < p->planes; i++) {
            uint32_t first = i * group;
            uint32_t channels = p->channels - first < group ? p->channels - first : group;
            encode(c, input + ((size_t)g * p->channels + first) * c->map, channels * c->map);
            pack_digits(c, (uint32_t)c->map, channels, c->map, 1, c->s->codes,
                        c->s->words + ((size_t)g * p->planes + i) * c->map, digit_step);
        }
}

/* Images [terms] to words [plane][image]; the columns are free here to turn them in. */
static void load_vectors(const struct call *c, const float *input, uint32_t images)
{
    const struct mp_integer_layer *p = c->p;
    uint32_t group = c->m->kernel->group, full = p->channels / group;
    uint32_t digits = c->p->activation_digits;
    uint32_t *turned = mp_alloc((size_t)digits * p->planes, sizeof *turned);

    for (uint32_t i = 0; i < images; i++) {
        encode(c, input + (size_t)i * p->channels, p->channels);
        pack_digits(c, full, group, 1, group, c->s->codes, turned, p->planes);
        if (full < p->planes)
            pack_digits(c, 1, p->channels % group, 1, 1, c->s->codes + (size_t)full * group,
                        turned + full, p->planes);
        for (uint32_t w = 0; w < digits * p->planes; w++)
            c->s->words[w * c->map + i] = turned[w];
    }
    free(turned);
}

/* What kernel row r and column s meet along output row y. */
static void fill_row(const struct mp_integer_layer *p, const uint32_t *map, uint32_t y, uint32_t r,
                     uint32_t s, uint32_t zero, uint32_t *out)
{
    const struct mp_layer *l = p->layer;
    int64_t row = (int64_t)y * l->stride_h + (int64_t)r * l->dilation_h - l->pad_top;
    int64_t start = (int64_t)s * l->dilation_w - l->pad_left, step = l->stride_w;
    int64_t width = p->out.width, low, high, x = 0;

    low = start >= 0 ? 0 : (-start + step - 1) / step;
    high = start >= p->in.width ? 0 : (p->in.width - 1 - start) / step + 1;
    high = high > width ? width : high;
    if (row < 0 || row >= p->in.height || low >= high)
        low = high = 0;
    const uint32_t *from = map + (low < high ? row * p->in.width + start : 0);
    for (; x < low; x++)
        out[x] = zero;
    if (step == 1)
        memcpy(out + low, from + low, (size_t)(high - low) * sizeof *out);
    else
        for (; x < high; x++)
            out[x] = from[x * step];
    for (x = high; x < width; x++)
        out[x] = zero;
}

/* Columns of output rows first .. first + rows - 1 of one group, all digits. */
static void make_columns(const struct call *c, uint32_t group, uint32_t first, uint32_t rows,
                         size_t stride, size_t digit_step)
{
    const struct mp_integer_layer *p = c->p;
    const struct mp_layer *l = p->layer;
    uint32_t channels = c->m->kernel->group, bits = 32 / channels;

    for (uint32_t d = 0; d < c->p->activation_digits; d++) {
        uint32_t zero = 0, *out = c->s->columns + d * digit_step;
        for (uint32_t i = 0; i < channels; i++)
            zero |= (c->p->offset >> (8 * d) & 255u) << (i * bits % 32);
        for (uint32_t i = 0; i < p->planes; i++) {
            size_t plane = ((size_t)d * l->groups + group) * p->planes + i;
            for (uint32_t r = 0; r < l->kernel_h; r++)
                for (uint32_t s = 0; s < l->kernel_w; s++, out += stride)
                    for (uint32_t y = 0; y < rows; y++)
                        fill_row(p, c->s->words + plane * c->map, first + y, r, s, zero,
                                 out + (size_t)y * p->out.width);
        }
    }
}

/* ---- sums and output */

/* One block of output channels at a few positions. */
struct block {
    const struct call *call;
    uint32_t group, index, rows; /* rows: channels that there are */
    uint32_t channel;            /* the first, of all groups */
    const uint32_t *columns[2];  /* [digit] */
    size_t stride;
    uint64_t first; /* position */
    uint32_t count, vectors, width;
};

static size_t place_of(const struct call *c, uint32_t channel, uint64_t position)
{
    return c->p->is_dense ? position * c->p->out.channels + channel
                          : channel * c->places + position;
}

static float bias_of(const struct mp_integer_layer *p, uint32_t channel)
{
    return p->layer->bias != NULL ? p->layer->bias[channel] : 0;
}

/* Calls `take` with the sums of one pair of digits at a time, or of a part of the terms where a sum
 * of all is more than 32 bits hold. Pairs behind the accumulator's last bit change nothing. */
static void multiply(const struct block *b, int32_t *sums, void *totals,
                     void (*take)(const struct block *b, const int32_t *sums, unsigned shift,
                                  void *totals))
{
    const struct mp_integer *m = b->call->m;
    const struct mp_integer_layer *p = b->call->p;
    const struct mp_integer_kernel *k = m->kernel;
    uint32_t most = MP_INTEGER_MOST_TERMS / k->group;
    size_t panel = (size_t)p->words * k->rows;
    const uint32_t *weights =
        p->weights + ((size_t)b->group * p->blocks + b->index) * p->digits * panel;

    for (uint32_t d = 0; d < p->activation_digits; d++)
        for (uint32_t w = 0; w < p->digits && 8 * (d + w) < m->accumulator_bits; w++)
            for (uint32_t from = 0; from < p->words; from += most) {
                uint32_t words = p->words - from < most ? p->words - from : most;
                k->multiply(words, weights + w * panel + (size_t)from * k->rows,
                            b->columns[d] + from * b->stride, b->stride, b->vectors, sums);
                if (take != NULL)
                    take(b, sums, 8 * (d + w), totals);
            }
}

/* To the output tensor: where positions are images, outputs of an image lie apart. */
static void store(const struct block *b, uint32_t row, const int32_t *sums, const int64_t *totals)
{
    const struct call *c = b->call;
    const struct mp_integer_kernel *k = c->m->kernel;
    uint32_t channel = b->channel + row;
    unsigned bits = c->m->accumulator_bits;
    float values[MP_INTEGER_MOST_SUMS], scale = ldexpf(1, c->p->exponents[channel]);
    float bias = bias_of(c->p, channel);
    float *out = c->p->is_dense ? values : c->output + place_of(c, channel, b->first);
    uint64_t correction = (uint64_t)c->p->corrections[channel];

    if (totals != NULL)
        k->finish_wide(b->count, totals, (int64_t)correction, 64 - bits, scale, bias, c->least,
                       out);
    else
        k->finish(b->count, sums, (int32_t)(uint32_t)correction, bits < 32 ? 32 - bits : 0, scale,
                  bias, c->least, out);
    for (uint32_t i = 0; c->p->is_dense && i < b->count; i++)
        c->output[place_of(c, channel, b->first + i)] = values[i];
}

static void run_in_32_bits(const struct block *b)
{
    int32_t sums[MP_INTEGER_MOST_SUMS] __attribute__((aligned(64)));

    multiply(b, sums, NULL, NULL);
    for (uint32_t r = 0; r < b->rows; r++)
        store(b, r, sums + (size_t)r * b->width, NULL);
}

static void add_wide(const struct block *b, const int32_t *sums, unsigned shift, void *totals)
{
    b->call->m->kernel->add(b->rows * b->width, sums, shift, totals);
}

static void run_in_64_bits(const struct block *b)
{
    int32_t sums[MP_INTEGER_MOST_SUMS] __attribute__((aligned(64)));
    int64_t totals[MP_INTEGER_MOST_SUMS] __attribute__((aligned(64)));

    memset(totals, 0, (size_t)b->rows * b->width * sizeof *totals);
    multiply(b, sums, totals, add_wide);
    for (uint32_t r = 0; r < b->rows; r++)
        store(b, r, NULL, totals + (size_t)r * b->width);
}

static void add_widest(const struct block *b, const int32_t *sums, unsigned shift, void *totals)
{
    mp_u128 *t = totals;

    for (uint32_t i = 0; i < b->rows * b->width; i++)
        t[i] += (mp_u128)(mp_i128)sums[i] << shift;
}

static void run_in_128_bits(const struct block *b)
{
    const struct call *c = b->call;
    unsigned unused = 128 - c->m->accumulator_bits;
    int32_t sums[MP_INTEGER_MOST_SUMS] __attribute__((aligned(64)));
    mp_u128 totals[MP_INTEGER_MOST_SUMS];

    memset(totals, 0, (size_t)b->rows * b->width * sizeof *totals);
    multiply(b, sums, totals, add_widest);
    for (uint32_t r = 0; r < b->rows; r++)
        for (uint32_t i = 0; i < b->count; i++) {
            uint32_t channel = b->channel + r;
            size_t at = place_of(c, channel, b->first + i);
            mp_u128 total = (totals[(size_t)r * b->width + i] - c->p->corrections[channel])
                            << unused;
            if (c->codes != NULL)
                c->codes[at] = total >> unused;
            if (c->output == NULL)
                continue;
            float value = ldexpf((float)((mp_i128)total >> unused), c->p->exponents[channel]);
            value += bias_of(c->p, channel);
            c->output[at] = value > c->least ? value : c->least;
        }
}

static void run_block(const struct block *b)
{
    const struct mp_integer *m = b->call->m;
    const struct mp_integer_layer *p = b->call->p;
    bool one_sum = p->digits == 1 && p->activation_digits == 1 &&
                   p->words <= MP_INTEGER_MOST_TERMS / m->kernel->group;
    /* A power of two that is no normal float32 does not scale exactly. */
    bool widest =
        b->call->output == NULL || !p->is_scaled || (!one_sum && m->accumulator_bits > 64);

    if (widest)
        run_in_128_bits(b);
    else if (one_sum)
        run_in_32_bits(b);
    else
        run_in_64_bits(b);
}

/* All channels of a group at `count` positions from first on. */
static void run_positions(const struct call *c, uint32_t group, const uint32_t *columns,
                          size_t stride, size_t digit_step, uint64_t first, uint64_t count)
{
    const struct mp_integer_kernel *k = c->m->kernel;
    uint32_t per_group = c->p->out.channels / (c->p->is_dense ? 1 : c->p->layer->groups);
    uint32_t step = k->vectors * k->lanes;

    for (uint64_t i = 0; i < count; i += step) {
        struct block b = {.call = c, .group = group, .stride = stride, .first = first + i};
        b.columns[0] = columns + i;
        b.columns[1] = columns + digit_step + i;
        b.count = (uint32_t)(count - i < step ? count - i : step);
        b.vectors = (b.count + k->lanes - 1) / k->lanes;
        b.width = b.vectors * k->lanes;
        for (b.index = 0; b.index < c->p->blocks; b.index++) {
            uint32_t left = per_group - b.index * k->rows;
            b.rows = left < k->rows ? left : k->rows;
            b.channel = group * per_group + b.index * k->rows;
            run_block(&b);
        }
    }
}

static void run_maps(const struct call *c)
{
    const struct mp_integer_layer *p = c->p;
    uint32_t step = mp_integer_tile_rows(p), lanes = c->m->kernel->lanes;
    size_t words_step = (size_t)p->layer->groups * p->planes * c->map;

    for (uint32_t g = 0; g < p->layer->groups; g++) {
        if (mp_integer_is_direct(p)) {
            run_positions(c, g, c->s->words + (size_t)g * p->planes * c->map, c->map, words_step, 0,
                          c->places);
            continue;
        }
        for (uint32_t y = 0; y < p->out.height; y += step) {
            uint32_t rows = p->out.height - y < step ? p->out.height - y : step;
            uint64_t positions = (uint64_t)rows * p->out.width;
            size_t stride = (positions + lanes - 1) / lanes * lanes, digit_step = p->words * stride;
            make_columns(c, g, y, rows, stride, digit_step);
            run_positions(c, g, c->s->columns, stride, digit_step, (uint64_t)y * p->out.width,
                          positions);
        }
    }
}

static void run(const struct mp_integer *m, struct mp_integer_scratch *s, uint32_t l,
                uint32_t images, const float *input, float least, float *output, mp_u128 *codes)
{
    const struct mp_integer_layer *p = &m->layers[l];
    struct call c = {.m = m, .p = p, .s = s, .least = least, .output = output, .codes = codes};

    if (m->has_form) {
        mp_integer_run_form(m, l, images, input, least, output, codes);
        return;
    }
    c.map = mp_integer_plane_positions(m, p, images);
    if (p->is_dense) {
        c.places = images;
        load_vectors(&c, input, images);
        run_positions(&c, 0, s->words, c.map, p->planes * c.map, 0, images);
        return;
    }
    c.places = (uint64_t)p->out.height * p->out.width;
    for (uint32_t i = 0; i < images; i++) {
        load_maps(&c, input + i * (size_t)mp_shape_elements(&p->in));
        run_maps(&c);
        c.output = output != NULL ? c.output + mp_shape_elements(&p->out) : NULL;
    }
}

void mp_integer_run(const struct mp_integer *m, struct mp_integer_scratch *s, uint32_t l,
                    uint32_t images, const float *input, bool relu, float *output)
{
    run(m, s, l, images, input, relu ? 0 : -INFINITY, output, NULL);
}

void mp_integer_accumulators(const struct mp_integer *m, struct mp_integer_scratch *s, uint32_t l,
                             const float *input, mp_u128 *codes)
{
    run(m, s, l, 1, input, -INFINITY, NULL, codes);
}
