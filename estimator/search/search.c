#include "estimator/search/search_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below these a format is stopped: in a full look, and in the glance before the first one. */
static const double least_hope = 1e-3, least_hope_early = 1e-6;

void mp_search_options_init(struct mp_search_options *o)
{
    *o = (struct mp_search_options){
        .tolerance = 0.01,
        .scopes = {MP_SCOPE_NETWORK, MP_SCOPE_LAYER, MP_SCOPE_CHANNEL},
        .scope_count = 3,
        .weight_calibration = {.kind = MP_CALIBRATE_MSE},
        .activation_calibration = {.kind = MP_CALIBRATE_MSE},
        .activation_scope = MP_SCOPE_LAYER,
        .fixed_low = 3,
        .fixed_high = 12,
        .exponent_low = 1,
        .exponent_high = 6,
        .mantissa_low = 0,
        .mantissa_high = 7,
        .activation_low = 4,
        .activation_high = 12,
        .margin = 3,
    };
}

static int check_range(const char *what, uint32_t low, uint32_t high, uint32_t least, uint32_t most,
                       struct mp_error *err)
{
    if (low <= high && low >= least && high <= most)
        return MP_OK;
    return mp_fail(err, MP_E_USAGE, "%s: %u..%u is no range within %u..%u", what, low, high, least,
                   most);
}

int mp_search_options_check(const struct mp_search_options *o, struct mp_error *err)
{
    int rc;

    if (!(o->tolerance >= 0 && o->tolerance < 1))
        return mp_fail(err, MP_E_USAGE, "tolerance: %g is no share from 0 to below 1",
                       o->tolerance);
    if (o->scope_count < 1 || o->scope_count > 3)
        return mp_fail(err, MP_E_USAGE, "a search has one to three scopes of weights");
    if ((rc = check_range("bits of int weights", o->fixed_low, o->fixed_high, 2, 24, err)) < 0 ||
        (rc = check_range("bits of exponents", o->exponent_low, o->exponent_high, 1, 8, err)) < 0 ||
        (rc = check_range("bits of mantissas", o->mantissa_low, o->mantissa_high, 0, 15, err)) < 0)
        return rc;
    return check_range("bits of activations", o->activation_low, o->activation_high, 2, 24, err);
}

bool mp_search_point_keeps(const struct mp_search_point *p)
{
    return p->is_complete && p->kept.by_count;
}

const struct mp_search_point *mp_search_point(const struct mp_search *s, int64_t index)
{
    return &s->result->points[index];
}

bool mp_search_keeps(const struct mp_search *s, int64_t index)
{
    return index >= 0 && mp_search_point_keeps(mp_search_point(s, index));
}

void mp_search_skip(struct mp_search *s, uint32_t steps)
{
    s->steps_total -= steps < s->steps_total ? steps : s->steps_total;
}

struct mp_format mp_search_int(uint32_t bits)
{
    return (struct mp_format){.kind = MP_FORMAT_INT, .bits = (uint8_t)bits};
}

struct mp_format mp_search_fixed(uint32_t bits)
{
    return (struct mp_format){.kind = MP_FORMAT_FIXED, .bits = (uint8_t)bits};
}

struct mp_format mp_search_float(uint32_t exponent, uint32_t mantissa)
{
    return (struct mp_format){.kind = MP_FORMAT_FLOAT,
                              .bits = (uint8_t)(1 + exponent + mantissa),
                              .exponent_bits = (uint8_t)exponent,
                              .mantissa_bits = (uint8_t)mantissa};
}

struct mp_scheme mp_search_scheme(const struct mp_search *s, const struct mp_format *weight,
                                  enum mp_scope scope, const struct mp_format *activation)
{
    const struct mp_search_options *o = s->options;
    struct mp_scheme scheme = MP_SCHEME_INIT;

    if (weight != NULL)
        scheme.weight = *weight;
    if (activation != NULL)
        scheme.activation = *activation;
    scheme.weight_scope = scope;
    scheme.activation_scope = o->activation_scope;
    scheme.weight_calibration = o->weight_calibration;
    scheme.activation_calibration = o->activation_calibration;
    scheme.overrides = o->overrides;
    scheme.override_count = o->override_count;
    return scheme;
}

static void scheme_key(const struct mp_scheme *scheme, char key[MP_HASH_SIZE])
{
    struct mp_hash *h = mp_hash_create();

    mp_scheme_hash(scheme, h);
    mp_hash_digest(h, key);
    mp_hash_destroy(h);
}

/* A copy whose overrides live as long as the result. */
static struct mp_scheme keep_scheme(struct mp_arena *arena, const struct mp_scheme *scheme)
{
    struct mp_scheme kept = *scheme;
    struct mp_override *overrides;

    if (scheme->override_count == 0) {
        kept.overrides = NULL;
        return kept;
    }
    overrides = mp_arena_alloc(arena, scheme->override_count * sizeof *overrides);
    for (uint32_t i = 0; i < scheme->override_count; i++) {
        overrides[i] = scheme->overrides[i];
        overrides[i].layer = mp_arena_strdup(arena, scheme->overrides[i].layer);
    }
    kept.overrides = overrides;
    return kept;
}

/* What the scores say by now. */
static void judge(const struct mp_search *s, struct mp_search_point *p,
                  const struct mp_scores *scores)
{
    const struct mp_search_point *reference = &s->result->reference;
    uint32_t images = scores->images;

    p->scored = mp_scores_count(scores);
    p->top1 = mp_scores_top(scores, 1);
    p->top5 = mp_scores_top(scores, 5);
    p->is_complete = p->scored == images;
    mp_paired_compare(&p->paired, reference->ranks != NULL ? reference->ranks : scores->ranks,
                      scores->ranks, images, 1);
    p->kept = mp_paired_keeps(&p->paired, s->options->tolerance);
    p->kept.by_count = p->kept.by_count && p->is_complete;
}

static bool is_hopeless(const struct mp_search *s, const struct mp_search_point *p, double least)
{
    uint32_t right = p->paired.both + p->paired.lost, all = s->result->reference.top1;
    uint32_t left = s->result->images - p->paired.images;
    double hope =
        mp_paired_hope(&p->paired, all - right, left - (all - right), s->options->tolerance);

    return hope < least;
}

/* Images of the next look, after `scored`. */
static uint32_t next_look(const struct mp_search *s, uint32_t scored, bool to_the_end)
{
    uint32_t first = s->options->first_look == 0 ? 60 : s->options->first_look;
    uint32_t images = s->result->images, next;

    if (to_the_end)
        return images;
    next = scored < (first + 2) / 3 ? (first + 2) / 3 : (scored / first + 1) * first;
    /* A look at the last few would save nothing. */
    return next + first / 2 > images ? images : next;
}

/* The first image that has not been scored; looks go from the first to the last. */
static uint32_t first_open(const struct mp_scores *scores)
{
    uint32_t i = 0;

    while (i < scores->images && scores->ranks[i] != MP_RANK_NOT_SCORED)
        i++;
    return i;
}

static int score_point(struct mp_search *s, struct mp_search_point *p, bool to_the_end,
                       struct mp_error *err)
{
    uint32_t first_look = s->options->first_look == 0 ? 60 : s->options->first_look;
    struct mp_scores scores;
    int rc = MP_OK;

    mp_scores_init(&scores, s->result->images);
    do {
        uint32_t first = first_open(&scores), end = next_look(s, first, to_the_end);
        rc = s->calls->score(s->calls->context, p, first, end - first, &scores, err);
        if (rc == MP_OK && first_open(&scores) < end)
            rc = mp_fail(err, MP_E_INPUT, "images %u to %u were to be scored and were not", first,
                         end - 1);
        if (rc < 0)
            break;
        judge(s, p, &scores);
    } while (!p->is_complete &&
             !is_hopeless(s, p, p->scored < first_look ? least_hope_early : least_hope));
    p->ranks = scores.ranks;
    scores.ranks = NULL;
    mp_scores_release(&scores);
    return rc;
}

static void tell_progress(struct mp_search *s, const struct mp_scheme *scheme)
{
    char weight[MP_FORMAT_NAME_SIZE], activation[MP_FORMAT_NAME_SIZE], text[96];

    if (s->calls->progress == NULL)
        return;
    snprintf(text, sizeof text, "%s x %s, scale by %s", mp_format_name(&scheme->weight, weight),
             mp_format_name(&scheme->activation, activation), mp_scope_name(scheme->weight_scope));
    if (s->steps_total < s->steps_done + 1)
        s->steps_total = s->steps_done + 1;
    s->calls->progress(s->calls->context, s->steps_done, s->steps_total, text);
}

int mp_search_look(struct mp_search *s, const struct mp_scheme *scheme, int64_t *index,
                   struct mp_error *err)
{
    struct mp_search_result *r = s->result;
    struct mp_search_point p = {0};
    char key[MP_HASH_SIZE];
    int rc;

    scheme_key(scheme, key);
    for (size_t i = 0; i < r->point_count; i++)
        if (strcmp(s->keys[i], key) == 0) {
            *index = (int64_t)i;
            return MP_OK;
        }
    tell_progress(s, scheme);
    p.scheme = keep_scheme(&r->arena, scheme);
    rc = score_point(s, &p, false, err);
    if (rc == MP_OK && s->calls->done != NULL)
        rc = s->calls->done(s->calls->context, &p, err);
    if (rc < 0) {
        free(p.ranks);
        return rc;
    }
    mp_grow(&s->keys, r->point_count, &s->key_capacity, sizeof *s->keys);
    memcpy(s->keys[r->point_count], key, sizeof key);
    mp_grow(&r->points, r->point_count, &s->point_capacity, sizeof *r->points);
    *index = (int64_t)r->point_count;
    r->points[r->point_count++] = p;
    s->steps_done++;
    return MP_OK;
}

static int score_reference(struct mp_search *s, struct mp_error *err)
{
    struct mp_search_point *p = &s->result->reference;
    struct mp_scheme scheme = mp_search_scheme(s, NULL, MP_SCOPE_LAYER, NULL);
    int rc;

    scheme.overrides = NULL;
    scheme.override_count = 0;
    p->scheme = scheme;
    tell_progress(s, &scheme);
    if ((rc = score_point(s, p, true, err)) < 0 ||
        (s->calls->done != NULL && (rc = s->calls->done(s->calls->context, p, err)) < 0))
        return rc;
    return p->top1 > 0 ? MP_OK
                       : mp_fail(err, MP_E_INPUT,
                                 "float32 gets none of %u images right: do the labels, the order "
                                 "of channels and the mean fit the network?",
                                 s->result->images);
}

/* At least as many bits of each kind, in all else the same. */
static bool is_wider(const struct mp_search_point *a, const struct mp_search_point *b)
{
    const struct mp_scheme *x = &a->scheme, *y = &b->scheme;
    const struct mp_format *v = &x->weight, *w = &y->weight;

    if (v->kind != w->kind || x->override_count != y->override_count ||
        (v->kind != MP_FORMAT_FLOAT32 && x->weight_scope != y->weight_scope) ||
        x->activation.kind != y->activation.kind)
        return false;
    if (!mp_format_equal(&x->activation, &y->activation))
        return mp_format_equal(v, w) && x->activation.bits > y->activation.bits;
    return v->bits > w->bits && v->exponent_bits >= w->exponent_bits &&
           v->mantissa_bits >= w->mantissa_bits;
}

static void find_surprises(struct mp_search *s)
{
    struct mp_search_result *r = s->result;
    size_t capacity = 0;

    for (size_t k = 0; k < r->point_count; k++)
        for (size_t f = 0; f < r->point_count; f++) {
            const struct mp_search_point *keeps = &r->points[k], *fails = &r->points[f];
            /* Overrides of the search itself differ by layer: not comparable. */
            if (keeps->scheme.override_count != s->options->override_count ||
                !mp_search_point_keeps(keeps) || mp_search_point_keeps(fails) ||
                !is_wider(fails, keeps))
                continue;
            mp_grow(&r->surprises, r->surprise_count, &capacity, sizeof *r->surprises);
            r->surprises[r->surprise_count++] =
                (struct mp_search_surprise){(uint32_t)k, (uint32_t)f};
        }
}

/* A guess: what is left out as too wide is made up for by what is tried with activations. */
static uint32_t guess_steps(const struct mp_search_options *o)
{
    uint32_t table =
        (o->exponent_high - o->exponent_low + 1) * (o->mantissa_high - o->mantissa_low + 1);

    return 1 + o->activation_high - o->activation_low + 1 +
           o->scope_count * (table + o->fixed_high - o->fixed_low + 1 + 6);
}

static int search_scopes(struct mp_search *s, struct mp_error *err)
{
    struct mp_search_result *r = s->result;
    int rc;

    for (uint32_t i = 0; i < r->scope_count; i++)
        if ((rc = mp_search_weights(s, &r->scopes[i], err)) < 0)
            return rc;
    if ((rc = mp_search_joint(s, err)) < 0)
        return rc;
    for (uint32_t i = 0; i < r->scope_count && s->options->by_layer; i++)
        if ((rc = mp_search_layers(s, r->scopes[i].fixed, &r->scopes[i].fixed_by_layer, err)) < 0 ||
            (rc = mp_search_layers(s, r->scopes[i].floating, &r->scopes[i].floating_by_layer,
                                   err)) < 0)
            return rc;
    return MP_OK;
}

int mp_search_run(struct mp_search_result *r, const struct mp_search_options *o,
                  const struct mp_search_calls *calls, struct mp_error *err)
{
    struct mp_search s = {.options = o, .calls = calls, .result = r};
    int rc;

    memset(r, 0, sizeof *r);
    r->images = calls->images;
    r->activation_alone = -1;
    r->activation = (struct mp_format){.kind = MP_FORMAT_FLOAT32, .bits = 32};
    r->scope_count = o->scope_count;
    for (uint32_t i = 0; i < o->scope_count && i < 3; i++)
        r->scopes[i] = (struct mp_search_scope){
            o->scopes[i], -1, -1, {.kind = MP_FORMAT_FLOAT32, .bits = 32}, -1, -1, -1, -1};
    if ((rc = mp_search_options_check(o, err)) < 0)
        return rc;
    s.steps_total = guess_steps(o);
    if ((rc = score_reference(&s, err)) == MP_OK &&
        (rc = mp_search_activations(&s, err)) == MP_OK && (rc = search_scopes(&s, err)) == MP_OK)
        find_surprises(&s);
    free(s.keys);
    return rc;
}

void mp_search_result_release(struct mp_search_result *r)
{
    for (size_t i = 0; i < r->point_count; i++)
        free(r->points[i].ranks);
    free(r->reference.ranks);
    free(r->points);
    free(r->surprises);
    mp_arena_release(&r->arena);
    memset(r, 0, sizeof *r);
}
