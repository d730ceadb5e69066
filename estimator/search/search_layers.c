/* One layer at a time: those that matter least give up bits first. */
#include "estimator/search/search_parts.h"

#include <stdlib.h>
#include <string.h>

/* What a layer's weights become when they give up one bit. */
struct offer {
    uint32_t layer;
    double error; /* of the output, when this layer alone gives it up */
    struct mp_format format;
    bool is_possible;
};

struct layers {
    struct mp_search *search;
    struct mp_scheme base;     /* of the point that all began with */
    struct mp_format *formats; /* [layer_count] weights now */
    struct mp_override *overrides;
    struct offer *offers; /* [layer_count] */
};

static bool is_overridden(const struct layers *l, uint32_t layer)
{
    const struct mp_scheme *b = &l->base;
    const char *name = l->search->calls->layers[layer];
    uint32_t last = l->search->calls->layer_count - 1;

    for (uint32_t i = 0; i < b->override_count; i++)
        if (b->overrides[i].has_weight &&
            (strcmp(b->overrides[i].layer, name) == 0 ||
             (layer == 0 && strcmp(b->overrides[i].layer, "first") == 0) ||
             (layer == last && strcmp(b->overrides[i].layer, "last") == 0)))
            return true;
    return false;
}

/* The scheme with these weights of the layers; valid until the next call. */
static struct mp_scheme scheme_of(struct layers *l, const struct mp_format *formats)
{
    const struct mp_search_calls *calls = l->search->calls;
    struct mp_scheme scheme = l->base;
    uint32_t count = 0;

    /* The options' overrides come last, as they win. */
    for (uint32_t i = 0; i < calls->layer_count; i++)
        if (!mp_format_equal(&formats[i], &l->base.weight))
            l->overrides[count++] = (struct mp_override){
                .layer = (char *)calls->layers[i], .has_weight = true, .weight = formats[i]};
    for (uint32_t i = 0; i < l->base.override_count; i++)
        l->overrides[count++] = l->base.overrides[i];
    scheme.overrides = l->overrides;
    scheme.override_count = count;
    return scheme;
}

/* The formats with one bit less: of the integer, or of mantissa and of exponent. */
static uint32_t narrower(const struct mp_search *s, const struct mp_format *f,
                         struct mp_format out[2])
{
    const struct mp_search_options *o = s->options;
    uint32_t count = 0;

    if (f->kind == MP_FORMAT_INT && f->bits > o->fixed_low)
        out[count++] = mp_search_int(f->bits - 1u);
    if (f->kind == MP_FORMAT_FLOAT && f->mantissa_bits > o->mantissa_low)
        out[count++] = mp_search_float(f->exponent_bits, f->mantissa_bits - 1u);
    if (f->kind == MP_FORMAT_FLOAT && f->exponent_bits > o->exponent_low)
        out[count++] = mp_search_float(f->exponent_bits - 1u, f->mantissa_bits);
    return count;
}

static int make_offers(struct layers *l, struct mp_error *err)
{
    const struct mp_search_calls *calls = l->search->calls;
    int rc;

    for (uint32_t i = 0; i < calls->layer_count; i++) {
        struct mp_format now = l->formats[i], choices[2];
        uint32_t count = is_overridden(l, i) ? 0 : narrower(l->search, &now, choices);
        struct offer *offer = &l->offers[i];
        *offer = (struct offer){.layer = i};
        for (uint32_t c = 0; c < count; c++) {
            double error;
            l->formats[i] = choices[c];
            struct mp_scheme scheme = scheme_of(l, l->formats);
            l->formats[i] = now;
            if ((rc = calls->error(calls->context, &scheme, &error, err)) < 0)
                return rc;
            if (!offer->is_possible || error < offer->error) {
                offer->is_possible = true;
                offer->error = error;
                offer->format = choices[c];
            }
        }
    }
    return MP_OK;
}

/* Possible ones first, then by error, then in the network's order. */
static int compare_offers(const void *a, const void *b)
{
    const struct offer *x = a, *y = b;

    if (x->is_possible != y->is_possible)
        return x->is_possible ? -1 : 1;
    if (x->error != y->error)
        return x->error < y->error ? -1 : 1;
    return x->layer < y->layer ? -1 : x->layer > y->layer;
}

/* The first `taken` offers accepted: does the whole keep the accuracy? */
static int try_run(struct layers *l, uint32_t taken, int64_t *index, struct mp_error *err)
{
    uint32_t count = l->search->calls->layer_count;
    struct mp_format *formats = mp_alloc(count, sizeof *formats);
    int rc;

    for (uint32_t i = 0; i < count; i++)
        formats[i] = l->formats[i];
    for (uint32_t i = 0; i < taken; i++)
        formats[l->offers[i].layer] = l->offers[i].format;
    struct mp_scheme scheme = scheme_of(l, formats);
    rc = mp_search_look(l->search, &scheme, index, err);
    free(formats);
    return rc;
}

/* Bisection for the longest run; *taken 0: none. */
static int find_run(struct layers *l, uint32_t *taken, int64_t *found, struct mp_error *err)
{
    uint32_t low = 0, high = 0;
    int64_t index;
    int rc;

    while (high < l->search->calls->layer_count && l->offers[high].is_possible)
        high++;
    /* low keeps the accuracy, what is above high does not. */
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if ((rc = try_run(l, middle, &index, err)) < 0)
            return rc;
        if (mp_search_keeps(l->search, index)) {
            low = middle;
            *found = index;
        } else {
            high = middle - 1;
        }
    }
    *taken = low;
    return MP_OK;
}

int mp_search_layers(struct mp_search *s, int64_t from, int64_t *found, struct mp_error *err)
{
    uint32_t count = s->calls->layer_count, taken = 0;
    struct layers l = {.search = s};
    int rc = MP_OK;

    *found = -1;
    if (from < 0 || count == 0)
        return MP_OK;
    l.base = mp_search_point(s, from)->scheme;
    l.formats = mp_alloc(count, sizeof *l.formats);
    l.overrides = mp_alloc(count + l.base.override_count, sizeof *l.overrides);
    l.offers = mp_alloc(count, sizeof *l.offers);
    for (uint32_t i = 0; i < count; i++)
        l.formats[i] = l.base.weight;
    do {
        if ((rc = make_offers(&l, err)) < 0)
            break;
        qsort(l.offers, count, sizeof *l.offers, compare_offers);
        if ((rc = find_run(&l, &taken, found, err)) < 0)
            break;
        for (uint32_t i = 0; i < taken; i++)
            l.formats[l.offers[i].layer] = l.offers[i].format;
    } while (taken > 0);
    free(l.formats);
    free(l.overrides);
    free(l.offers);
    return rc;
}
