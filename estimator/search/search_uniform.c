/* Formats that are the same in every layer: activations alone, weights alone, both. */
#include "estimator/search/search_parts.h"

#include <stdlib.h>

/* From the narrowest up to the first that keeps the accuracy, and one more. */
static int find_border(struct mp_search *s, struct mp_scheme scheme, struct mp_format *changes,
                       uint32_t low, uint32_t high, int64_t *found, struct mp_error *err)
{
    int64_t index;
    uint32_t bits;
    int rc;

    *found = -1;
    for (bits = low; bits <= high && *found < 0; bits++) {
        struct mp_scheme one = scheme;
        changes->bits = (uint8_t)bits;
        if (changes->kind == MP_FORMAT_FIXED)
            one.activation = *changes;
        else
            one.weight = *changes;
        if ((rc = mp_search_look(s, &one, &index, err)) < 0)
            return rc;
        if (mp_search_keeps(s, index))
            *found = index;
        scheme = one;
    }
    if (*found < 0 || bits > high)
        return MP_OK;
    if (changes->kind == MP_FORMAT_FIXED)
        scheme.activation.bits = (uint8_t)bits;
    else
        scheme.weight.bits = (uint8_t)bits;
    mp_search_skip(s, high - bits);
    return mp_search_look(s, &scheme, &index, err);
}

int mp_search_activations(struct mp_search *s, struct mp_error *err)
{
    const struct mp_search_options *o = s->options;
    struct mp_format format = mp_search_fixed(o->activation_low);

    return find_border(s, mp_search_scheme(s, NULL, MP_SCOPE_LAYER, NULL), &format,
                       o->activation_low, o->activation_high, &s->result->activation_alone, err);
}

/* Whether e<E>m<M> is left out: see step 2. `kept`: those of this scope that keep the accuracy;
 * narrowest: their width, 0 without any. */
static bool is_left_out(const struct mp_search *s, const struct mp_format *f, const int64_t *kept,
                        uint32_t kept_count, uint32_t narrowest)
{
    if (narrowest == 0 || f->bits - narrowest <= s->options->margin || f->bits <= narrowest)
        return false;
    for (uint32_t i = 0; i < kept_count; i++) {
        const struct mp_format *k = &mp_search_point(s, kept[i])->scheme.weight;
        if (k->exponent_bits <= f->exponent_bits && k->mantissa_bits <= f->mantissa_bits)
            return true;
    }
    return false;
}

/* Of two that keep the accuracy: fewer bits; as many: more images right. */
static bool is_better(const struct mp_search *s, int64_t a, int64_t b)
{
    const struct mp_search_point *p, *q;

    if (b < 0)
        return true;
    p = mp_search_point(s, a);
    q = mp_search_point(s, b);
    if (p->scheme.weight.bits != q->scheme.weight.bits)
        return p->scheme.weight.bits < q->scheme.weight.bits;
    return p->top1 > q->top1;
}

/* The table, by width, so that the narrowest is known when wider ones might be left out. */
static int find_floats(struct mp_search *s, struct mp_search_scope *scope, struct mp_error *err)
{
    const struct mp_search_options *o = s->options;
    uint32_t cells =
        (o->exponent_high - o->exponent_low + 1) * (o->mantissa_high - o->mantissa_low + 1);
    int64_t *kept = mp_alloc(cells, sizeof *kept), index;
    uint32_t kept_count = 0, narrowest = 0;
    int rc = MP_OK;

    for (uint32_t bits = 1 + o->exponent_low + o->mantissa_low;
         bits <= 1 + o->exponent_high + o->mantissa_high; bits++)
        for (uint32_t e = o->exponent_low; e <= o->exponent_high && e < bits; e++) {
            struct mp_format format = mp_search_float(e, bits - 1 - e);
            struct mp_scheme scheme = mp_search_scheme(s, &format, scope->scope, NULL);
            if (bits - 1 - e < o->mantissa_low || bits - 1 - e > o->mantissa_high)
                continue;
            if (is_left_out(s, &format, kept, kept_count, narrowest)) {
                mp_search_skip(s, 1);
                continue;
            }
            if ((rc = mp_search_look(s, &scheme, &index, err)) < 0)
                goto out;
            if (!mp_search_keeps(s, index))
                continue;
            narrowest = narrowest == 0 ? bits : narrowest;
            kept[kept_count++] = index;
            if (is_better(s, index, scope->float_alone))
                scope->float_alone = index;
        }
out:
    free(kept);
    return rc;
}

int mp_search_weights(struct mp_search *s, struct mp_search_scope *scope, struct mp_error *err)
{
    const struct mp_search_options *o = s->options;
    struct mp_format format = mp_search_int(o->fixed_low);
    int rc = find_border(s, mp_search_scheme(s, NULL, scope->scope, NULL), &format, o->fixed_low,
                         o->fixed_high, &scope->fixed_alone, err);

    return rc < 0 ? rc : find_floats(s, scope, err);
}

/* The narrowest of one side that keeps the accuracy with these activations: among those that do so
 * alone, up to a bit wider than the narrowest alone. -1: none. All of the narrowest width that does
 * are looked at, and the best is taken. */
static int find_with(struct mp_search *s, int64_t alone, const struct mp_format *activation,
                     int64_t *found, struct mp_error *err)
{
    struct mp_format narrowest;
    enum mp_scope scope;
    int rc;

    *found = -1;
    if (alone < 0)
        return MP_OK;
    narrowest = mp_search_point(s, alone)->scheme.weight;
    scope = mp_search_point(s, alone)->scheme.weight_scope;
    for (uint32_t bits = narrowest.bits; bits <= narrowest.bits + 1u && *found < 0; bits++)
        for (size_t i = 0, count = s->result->point_count; i < count; i++) {
            const struct mp_scheme *x = &s->result->points[i].scheme;
            struct mp_scheme scheme = *x;
            int64_t index;
            if (x->weight.kind != narrowest.kind || x->weight.bits != bits ||
                x->weight_scope != scope || x->activation.kind != MP_FORMAT_FLOAT32 ||
                !mp_search_keeps(s, (int64_t)i))
                continue;
            scheme.activation = *activation;
            if ((rc = mp_search_look(s, &scheme, &index, err)) < 0)
                return rc;
            if (mp_search_keeps(s, index) && is_better(s, index, *found))
                *found = index;
        }
    return MP_OK;
}

/* Both sides of a scope with these activations. *served: a side that there is alone is there. */
static int find_pair(struct mp_search *s, const struct mp_search_scope *scope,
                     const struct mp_format *activation, int64_t found[2], bool *served,
                     struct mp_error *err)
{
    int rc;

    *served = false;
    found[1] = -1;
    if ((rc = find_with(s, scope->fixed_alone, activation, &found[0], err)) < 0)
        return rc;
    if (found[0] < 0 && scope->fixed_alone >= 0)
        return MP_OK;
    if ((rc = find_with(s, scope->float_alone, activation, &found[1], err)) < 0)
        return rc;
    *served = found[1] >= 0 || scope->float_alone < 0;
    return MP_OK;
}

/* The narrowest activations, from `bits` up, for the scopes first .. first + count - 1. */
static int find_activation(struct mp_search *s, uint32_t bits, uint32_t first, uint32_t count,
                           struct mp_format *activation, int64_t (*found)[2], bool *is_found,
                           struct mp_error *err)
{
    const struct mp_search_scope *scopes = s->result->scopes;
    int rc;

    for (*is_found = false; bits <= s->options->activation_high && !*is_found; bits++) {
        *activation = mp_search_fixed(bits);
        *is_found = true;
        for (uint32_t i = first; i < first + count && *is_found; i++)
            if ((rc = find_pair(s, &scopes[i], activation, found[i], is_found, err)) < 0)
                return rc;
    }
    return MP_OK;
}

static void choose(struct mp_search_result *r, uint32_t i, const struct mp_format *activation,
                   const int64_t found[2])
{
    if (found[0] < 0 && found[1] < 0)
        return;
    r->scopes[i].activation = *activation;
    r->scopes[i].fixed = found[0];
    r->scopes[i].floating = found[1];
    if (r->activation.kind == MP_FORMAT_FLOAT32 || r->activation.bits < activation->bits)
        r->activation = *activation;
}

int mp_search_joint(struct mp_search *s, struct mp_error *err)
{
    struct mp_search_result *r = s->result;
    struct mp_format activation;
    int64_t found[3][2];
    uint32_t bits;
    bool is_found;
    int rc;

    if (r->activation_alone < 0)
        return MP_OK;
    bits = mp_search_point(s, r->activation_alone)->scheme.activation.bits;
    if ((rc = find_activation(s, bits, 0, r->scope_count, &activation, found, &is_found, err)) < 0)
        return rc;
    for (uint32_t i = 0; i < r->scope_count; i++) {
        bool is_own = is_found;
        if (!is_found &&
            (rc = find_activation(s, bits, i, 1, &activation, found, &is_own, err)) < 0)
            return rc;
        if (is_own)
            choose(r, i, &activation, found[i]);
    }
    return MP_OK;
}
