/* The search on made-up networks, whose accuracy for each scheme is a formula. */
#include "estimator/search/search.h"
#include "estimator/util/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

enum { IMAGES = 300, RIGHT = 240, LAYERS = 5 };

/* How many images a scheme loses, of those that float32 gets right. */
typedef uint32_t losses(const struct mp_scheme *s);

struct model {
    losses *lost;
    uint32_t calls, images, done, errors;
    uint32_t fail_after; /* calls; 0: never */
    bool whole;          /* all images at once, as from a database */
    uint64_t progress_total;
};

/* Image i is right under float32 if i % 5 != 4; the lost ones are spread by a fixed shuffle. */
static void fill(const struct mp_scheme *s, losses *lost, uint8_t ranks[IMAGES])
{
    uint32_t order[RIGHT] = {0}, count = 0;
    struct mp_random r;

    for (uint32_t i = 0; i < IMAGES; i++) {
        ranks[i] = i % 5 == 4 ? 3 : 0;
        if (i % 5 != 4)
            order[count++] = i;
    }
    assert_int_equal(count, RIGHT);
    mp_random_seed(&r, 7);
    for (uint32_t i = RIGHT - 1; i > 0; i--) {
        uint32_t j = (uint32_t)mp_random_below(&r, i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    uint32_t k = mp_scheme_is_reference(s) ? 0 : lost(s);
    for (uint32_t i = 0; i < k && i < RIGHT; i++)
        ranks[order[i]] = 7;
}

static int score(void *context, struct mp_search_point *p, uint32_t first, uint32_t count,
                 struct mp_scores *scores, struct mp_error *err)
{
    struct model *m = context;
    uint8_t ranks[IMAGES];

    if (++m->calls == m->fail_after)
        return mp_fail(err, MP_E_CANCELLED, "enough");
    fill(&p->scheme, m->lost, ranks);
    if (m->whole) {
        first = 0;
        count = IMAGES;
    }
    assert_true(first + count <= IMAGES);
    memcpy(scores->ranks + first, ranks + first, count);
    m->images += count;
    p->weight_bits = 1000u * p->scheme.weight.bits;
    return MP_OK;
}

static int done(void *context, const struct mp_search_point *p, struct mp_error *err)
{
    struct model *m = context;

    (void)err;
    m->done++;
    assert_int_equal(p->paired.images, p->scored);
    assert_true(p->is_complete == (p->scored == IMAGES));
    assert_true(p->is_complete || !mp_search_point_keeps(p));
    return MP_OK;
}

static const char *const layer_names[LAYERS] = {"a", "b", "c", "d", "e"};

/* Layer b is the least sensitive, then d, a, e, c; exponents hurt more than mantissas. */
static const uint32_t order_of[LAYERS] = {3, 1, 5, 2, 4};

static uint32_t layer_index(const char *name)
{
    for (uint32_t i = 0; i < LAYERS; i++)
        if (strcmp(layer_names[i], name) == 0)
            return i;
    fail_msg("no layer %s", name);
    return 0;
}

static int error_of(void *context, const struct mp_scheme *s, double *error, struct mp_error *err)
{
    struct model *m = context;

    (void)err;
    m->errors++;
    *error = 0;
    for (uint32_t i = 0; i < s->override_count; i++) {
        const struct mp_format *f = &s->overrides[i].weight;
        *error += order_of[layer_index(s->overrides[i].layer)] *
                  (100.0 - f->bits + (f->exponent_bits < 4 ? 1 : 0));
    }
    return MP_OK;
}

static void progress(void *context, uint32_t steps, uint32_t total, const char *next)
{
    struct model *m = context;

    assert_true(steps < total);
    assert_true(strlen(next) > 0);
    m->progress_total = total;
}

static struct mp_search_calls calls_of(struct model *m)
{
    return (struct mp_search_calls){.context = m,
                                    .images = IMAGES,
                                    .score = score,
                                    .done = done,
                                    .error = error_of,
                                    .layers = layer_names,
                                    .layer_count = LAYERS,
                                    .progress = progress};
}

static const struct mp_format *weight_of(const struct mp_search_result *r, int64_t index)
{
    assert_true(index >= 0 && (size_t)index < r->point_count);
    return &r->points[index].scheme.weight;
}

static const struct mp_search_point *find(const struct mp_search_result *r, const char *weight,
                                          const char *activation, enum mp_scope scope)
{
    struct mp_format w, a;

    assert_int_equal(mp_format_parse(&w, weight, NULL), MP_OK);
    assert_int_equal(mp_format_parse(&a, activation, NULL), MP_OK);
    for (size_t i = 0; i < r->point_count; i++)
        if (mp_format_equal(&r->points[i].scheme.weight, &w) &&
            mp_format_equal(&r->points[i].scheme.activation, &a) &&
            (w.kind == MP_FORMAT_FLOAT32 || r->points[i].scheme.weight_scope == scope))
            return &r->points[i];
    return NULL;
}

/* A format loses 8^(bits missing) - 1 images, and 2 keep the accuracy: a float needs 3 bits of
 * exponent and 2 of mantissa, activations 6. */
static uint32_t missing(uint32_t need, uint32_t has)
{
    return has >= need ? 0 : (1u << 3 * (need - has)) - 1;
}

static uint32_t smooth(const struct mp_scheme *s)
{
    static const uint32_t need[] = {9, 7, 6}; /* by scope */
    const struct mp_format *w = &s->weight;
    uint32_t lost = 0;

    if (w->kind == MP_FORMAT_INT)
        lost += missing(need[s->weight_scope], w->bits);
    if (w->kind == MP_FORMAT_FLOAT)
        lost += missing(3, w->exponent_bits) + missing(2, w->mantissa_bits);
    if (s->activation.kind == MP_FORMAT_FIXED)
        lost += missing(6, s->activation.bits);
    return lost;
}

static void monotone(void **state)
{
    struct model m = {.lost = smooth};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;
    uint32_t complete = 0;

    (void)state;
    mp_search_options_init(&o);
    o.margin = 1;
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(r.reference.top1, RIGHT);
    assert_int_equal(r.scope_count, 3);
    assert_int_equal(r.points[r.activation_alone].scheme.activation.bits, 6);
    for (uint32_t i = 0; i < 3; i++) {
        static const uint32_t fixed[] = {9, 7, 6};
        const struct mp_search_scope *s = &r.scopes[i];
        char name[16];
        assert_int_equal(weight_of(&r, s->fixed_alone)->bits, fixed[i]);
        assert_int_equal(weight_of(&r, s->float_alone)->exponent_bits, 3);
        assert_int_equal(weight_of(&r, s->float_alone)->mantissa_bits, 2);
        assert_int_equal(s->activation.bits, 6);
        assert_int_equal(r.activation.bits, 6);
        assert_int_equal(weight_of(&r, s->fixed)->bits, fixed[i]);
        assert_int_equal(r.points[s->floating].scheme.activation.bits, 6);
        assert_true(s->fixed_by_layer == -1 && s->floating_by_layer == -1);
        /* The neighbours of the border were looked at: both below fail, the one above keeps. */
        for (uint32_t b = fixed[i] - 2; b <= fixed[i] + 1; b++) {
            snprintf(name, sizeof name, "int%u", b);
            const struct mp_search_point *p = find(&r, name, "float32", s->scope);
            assert_non_null(p);
            assert_int_equal(mp_search_point_keeps(p), b >= fixed[i]);
        }
        /* Of the table: what is narrow is there, what is wider than e3m2 by two bits and covers it
         * is not; what does not cover it is, however wide. */
        assert_non_null(find(&r, "e4m2", "float32", s->scope));
        assert_non_null(find(&r, "e3m3", "float32", s->scope));
        assert_null(find(&r, "e4m3", "float32", s->scope));
        assert_non_null(find(&r, "e2m7", "float32", s->scope));
        assert_non_null(find(&r, "e6m1", "float32", s->scope));
    }
    assert_int_equal(r.surprise_count, 0);
    assert_int_equal(m.done, r.point_count + 1);
    /* Those that fail badly cost few images. */
    for (size_t i = 0; i < r.point_count; i++) {
        complete += r.points[i].is_complete;
        if (r.points[i].top1 < r.points[i].scored / 2)
            assert_true(r.points[i].scored <= 60);
    }
    print_message("%u points, %u complete, %u images\n", (unsigned)r.point_count, complete,
                  m.images);
    assert_true(r.point_count < 150 && m.images < 19000);
    mp_search_result_release(&r);
}

/* With a margin that covers all, no cell of the table is empty. */
static void whole_table(void **state)
{
    struct model m = {.lost = smooth};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;
    uint32_t cells = 0;

    (void)state;
    mp_search_options_init(&o);
    o.scopes[0] = MP_SCOPE_CHANNEL;
    o.scope_count = 1;
    o.margin = UINT32_MAX;
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    for (size_t i = 0; i < r.point_count; i++)
        cells += r.points[i].scheme.weight.kind == MP_FORMAT_FLOAT &&
                 r.points[i].scheme.activation.kind == MP_FORMAT_FLOAT32;
    assert_int_equal(cells, 48);
    mp_search_result_release(&r);
}

/* Both sides lose a little; together with 6-bit activations it is too much. */
static uint32_t tight(const struct mp_scheme *s)
{
    const struct mp_format *w = &s->weight;
    uint32_t lost = 0;

    if (w->kind == MP_FORMAT_INT)
        lost += w->bits < 7 ? 50 : w->bits == 7 ? 2 : w->bits == 8 ? 1 : 0;
    if (w->kind == MP_FORMAT_FLOAT)
        lost += w->bits < 6 ? 50 : w->bits == 6 ? 2 : 1;
    if (s->activation.kind == MP_FORMAT_FIXED)
        lost += s->activation.bits < 6 ? 50 : s->activation.bits == 6 ? 2 : s->activation.bits == 7;
    return lost;
}

static void joint(void **state)
{
    struct model m = {.lost = tight};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;

    (void)state;
    mp_search_options_init(&o);
    o.scope_count = 1;
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    /* 6 bits: 2 lost already, one more with either side. 7 bits: int8 and 7-bit floats, 2 lost. */
    assert_int_equal(r.points[r.activation_alone].scheme.activation.bits, 6);
    assert_int_equal(r.scopes[0].activation.bits, 7);
    assert_int_equal(weight_of(&r, r.scopes[0].fixed_alone)->bits, 7);
    assert_int_equal(weight_of(&r, r.scopes[0].fixed)->bits, 8);
    assert_int_equal(weight_of(&r, r.scopes[0].float_alone)->bits, 6);
    assert_int_equal(weight_of(&r, r.scopes[0].floating)->bits, 7);
    /* The alternatives are there. */
    assert_non_null(find(&r, "int8", "fixed6", MP_SCOPE_NETWORK));
    mp_search_result_release(&r);
}

/* A scale for the network never goes with activations below 8 bits, one a channel with 5. */
static uint32_t by_scope(const struct mp_scheme *s)
{
    bool both = s->weight.kind != MP_FORMAT_FLOAT32 && s->activation.kind != MP_FORMAT_FLOAT32;
    uint32_t need = both && s->weight_scope == MP_SCOPE_NETWORK ? 8 : 5;

    if (s->activation.kind == MP_FORMAT_FIXED && s->activation.bits < need)
        return 100;
    return s->weight.bits < 5 ? 100 : 0;
}

static void one_activation_for_all_scopes(void **state)
{
    struct model m = {.lost = by_scope};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;

    (void)state;
    mp_search_options_init(&o);
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(r.points[r.activation_alone].scheme.activation.bits, 5);
    assert_int_equal(r.activation.bits, 8);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(r.scopes[i].activation.bits, 8);
        assert_int_equal(r.points[r.scopes[i].fixed].scheme.activation.bits, 8);
    }
    mp_search_result_release(&r);
    /* Where no width serves all, each scope has its own. */
    o.activation_high = 7;
    m = (struct model){.lost = by_scope};
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(r.scopes[0].fixed, -1);
    assert_int_equal(r.scopes[0].activation.kind, MP_FORMAT_FLOAT32);
    assert_int_equal(r.scopes[1].activation.bits, 5);
    assert_int_equal(r.activation.bits, 5);
    mp_search_result_release(&r);
}

static uint32_t all_lost(const struct mp_scheme *s)
{
    (void)s;
    return 200;
}

static uint32_t none_lost(const struct mp_scheme *s)
{
    (void)s;
    return 0;
}

static uint32_t floats_only(const struct mp_scheme *s)
{
    return s->weight.kind == MP_FORMAT_INT ? 200 : 0;
}

static void extremes(void **state)
{
    struct model m = {.lost = all_lost};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;

    (void)state;
    mp_search_options_init(&o);
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(r.activation_alone, -1);
    for (uint32_t i = 0; i < 3; i++) {
        const struct mp_search_scope *s = &r.scopes[i];
        assert_true(s->fixed_alone == -1 && s->float_alone == -1 && s->fixed == -1 &&
                    s->floating == -1);
        assert_int_equal(s->activation.kind, MP_FORMAT_FLOAT32);
    }
    /* 9 activations, 3 x (10 + 48) weights, a glance each. */
    assert_int_equal(r.point_count, 9 + 3 * 58);
    assert_int_equal(m.images, 300 + 20 * r.point_count);
    mp_search_result_release(&r);

    m = (struct model){.lost = none_lost};
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(r.points[r.activation_alone].scheme.activation.bits, 4);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(weight_of(&r, r.scopes[i].fixed)->bits, 3);
        assert_int_equal(weight_of(&r, r.scopes[i].floating)->bits, 2);
    }
    mp_search_result_release(&r);

    m = (struct model){.lost = floats_only};
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_true(r.scopes[0].fixed == -1 && r.scopes[0].floating >= 0);
    assert_int_equal(r.scopes[0].activation.bits, 4);
    mp_search_result_release(&r);
}

/* int7 keeps by luck, int8 does not, int9 does. */
static uint32_t bumpy(const struct mp_scheme *s)
{
    if (s->weight.kind == MP_FORMAT_INT)
        return s->weight.bits < 7 ? 60 : s->weight.bits == 8 ? 4 : 1;
    return s->weight.kind == MP_FORMAT_FLOAT && s->weight.bits < 8 ? 30 : 0;
}

static void surprises(void **state)
{
    struct model m = {.lost = bumpy, .whole = true};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;
    bool found = false;

    (void)state;
    mp_search_options_init(&o);
    o.scope_count = 1;
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    assert_int_equal(weight_of(&r, r.scopes[0].fixed_alone)->bits, 7);
    assert_true(r.surprise_count > 0);
    for (size_t i = 0; i < r.surprise_count; i++)
        found = found || (r.points[r.surprises[i].keeps].scheme.weight.bits == 7 &&
                          r.points[r.surprises[i].fails].scheme.weight.bits == 8);
    assert_true(found);
    /* All images were there at once: one call a point. */
    assert_int_equal(m.calls, r.point_count + 1);
    mp_search_result_release(&r);
}

/* Each bit that a layer gives up costs its place in order_of, beyond the first of b and d. */
static uint32_t by_layer_lost(const struct mp_scheme *s)
{
    const struct mp_format *w = &s->weight;
    uint32_t lost = 0;

    if (w->kind == MP_FORMAT_INT)
        lost += missing(7, w->bits);
    if (w->kind == MP_FORMAT_FLOAT)
        lost += missing(3, w->exponent_bits) + missing(2, w->mantissa_bits);
    for (uint32_t i = 0; i < s->override_count; i++) {
        uint32_t rank = order_of[layer_index(s->overrides[i].layer)];
        uint32_t bits = (uint32_t)(w->bits - s->overrides[i].weight.bits);
        lost += rank == 1 ? bits / 2 : rank == 2 ? bits - 1 : rank == 3 ? bits : 10 * bits;
    }
    return lost;
}

static void layers(void **state)
{
    struct model m = {.lost = by_layer_lost};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;
    char *text;

    (void)state;
    mp_search_options_init(&o);
    o.scopes[0] = MP_SCOPE_LAYER;
    o.scope_count = 1;
    o.by_layer = true;
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    const struct mp_search_scope *s = &r.scopes[0];
    assert_true(s->fixed_by_layer >= 0);
    const struct mp_search_point *p = &r.points[s->fixed_by_layer];
    assert_true(mp_search_point_keeps(p));
    /* First b, d and a give up a bit (0 + 0 + 1 lost); then b twice (1 more); c and e never can. */
    text = mp_scheme_overrides_text(&p->scheme);
    assert_null(strstr(text, "c:"));
    assert_null(strstr(text, "e:"));
    assert_non_null(strstr(text, "a: weights int6"));
    assert_non_null(strstr(text, "b: weights int4"));
    free(text);
    assert_int_equal(p->paired.lost, 2);
    /* Floats: the mantissa's bit hurts less here. */
    assert_true(s->floating_by_layer >= 0);
    text = mp_scheme_overrides_text(&r.points[s->floating_by_layer].scheme);
    assert_non_null(strstr(text, "a: weights e3m1"));
    free(text);
    mp_search_result_release(&r);
}

static void noisy_is_measured(void **state)
{
    /* Whatever the noise, what is found keeps and what is narrower of its row does not. */
    (void)state;
    struct model m = {.lost = bumpy};
    struct mp_search_calls calls = calls_of(&m);
    struct mp_search_options o;
    struct mp_search_result r;

    mp_search_options_init(&o);
    assert_int_equal(mp_search_run(&r, &o, &calls, NULL), MP_OK);
    for (uint32_t i = 0; i < 3; i++) {
        const struct mp_search_point *found = &r.points[r.scopes[i].float_alone];
        assert_true(mp_search_point_keeps(found));
        for (size_t k = 0; k < r.point_count; k++)
            if (r.points[k].scheme.weight.kind == MP_FORMAT_FLOAT &&
                r.points[k].scheme.weight.bits < found->scheme.weight.bits &&
                r.points[k].scheme.weight_scope == r.scopes[i].scope)
                assert_false(mp_search_point_keeps(&r.points[k]));
    }
    mp_search_result_release(&r);
}

static void failures(void **state)
{
    struct mp_search_options o;
    struct mp_search_result r;
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    mp_search_options_init(&o);
    for (uint32_t n = 1; n < 60; n += 7) {
        struct model m = {.lost = smooth, .fail_after = n};
        struct mp_search_calls calls = calls_of(&m);
        assert_int_equal(mp_search_run(&r, &o, &calls, &err), MP_E_CANCELLED);
        mp_search_result_release(&r);
    }
    struct model m = {.lost = smooth};
    struct mp_search_calls calls = calls_of(&m);
    o.tolerance = 1;
    assert_int_equal(mp_search_run(&r, &o, &calls, &err), MP_E_USAGE);
    mp_search_result_release(&r);
    mp_search_options_init(&o);
    o.fixed_low = 9;
    o.fixed_high = 8;
    assert_int_equal(mp_search_run(&r, &o, &calls, &err), MP_E_USAGE);
    assert_non_null(strstr(err.message, "9..8"));
    mp_search_result_release(&r);
    mp_search_options_init(&o);
    o.exponent_high = 9;
    assert_int_equal(mp_search_options_check(&o, &err), MP_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotone), cmocka_unit_test(whole_table),
        cmocka_unit_test(joint),    cmocka_unit_test(one_activation_for_all_scopes),
        cmocka_unit_test(extremes), cmocka_unit_test(surprises),
        cmocka_unit_test(layers),   cmocka_unit_test(noisy_is_measured),
        cmocka_unit_test(failures),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
