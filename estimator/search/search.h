/*
 * The narrowest formats that keep a network's accuracy. The search knows nothing of networks: it
 * asks for the scores of one scheme after another, which whoever calls it computes, or finds in the
 * database.
 *
 * "Keeps": top-1 falls by no more than `tolerance` of float32's, by count on all images; how sure
 * that is, the paired test says. Everything is measured: a width is the narrowest because those
 * below it were looked at and do not keep the accuracy, not because accuracy is assumed to rise
 * with the width. With 300 images it does so only roughly; where a wider format does not keep what
 * a narrower one does, the result says so (surprises).
 *
 * Uniform formats:
 *   1. activations: fixed<W> with float32 weights, from the narrowest up, until one keeps the
 *      accuracy and the next one has been looked at too.
 *   2. weights with float32 activations, one scope after another: int<W> in the same way, and every
 *      e<E>m<M> by its width; that is the table of range (E) against precision (M). Left out, as
 *      they cannot be the narrowest, are formats that are wider than the narrowest one that keeps
 *      the accuracy by more than `margin` bits and have as many bits of exponent and of mantissa as
 *      some one that keeps it. They are not in the result.
 *   3. both together. Activations are the narrowest fixed<W>, from step 1's up, with which in every
 *      scope an int<W> of the width of step 2 or one bit more, and likewise a float of the width of
 *      step 2 or one bit more (of those that kept the accuracy alone), keep the accuracy. So both
 *      sides and all scopes have the same activations, and nobody pays more than one bit for them.
 *      A side that step 2 found nothing for does not count. Where no width serves all scopes, each
 *      has its own. The activations that were too narrow are in the result.
 *
 * A format that has no hope (mp_paired_hope() below 1e-3; below 1e-6 after a third of the first
 * look) after a part of the images is stopped there; it never "keeps". Looks are after first_look
 * images, twice as many and so on.
 *
 * One layer at a time (layers), from both formats of step 3: the sensitivity of a layer is the
 * error at the network's output when it gives up one bit, of exponent or mantissa whichever hurts
 * less. The longest run of the least sensitive layers that can all give up one bit is found by
 * bisection and given it; so again from there, until no layer can. Bisection takes for granted that
 * more layers hurt more, so a longer run may have been missed; what is found is measured.
 *
 *     mp_search_options_init(&options);
 *     mp_search_run(&result, &options, &calls, err)
 *     ... mp_search_result_release(&result) ...
 */
#ifndef MP_SEARCH_SEARCH_H
#define MP_SEARCH_SEARCH_H

#include "estimator/cnn/scheme.h"
#include "estimator/cnn/score.h"
#include "estimator/search/paired.h"

struct mp_search_options {
    double tolerance; /* relative, 0.01; 0 up to below 1 */
    enum mp_scope scopes[3];
    uint32_t scope_count; /* 1..3 */
    struct mp_calibration weight_calibration, activation_calibration;
    enum mp_scope activation_scope;           /* network or layer */
    uint32_t fixed_low, fixed_high;           /* W of int<W>: 3..12 */
    uint32_t exponent_low, exponent_high;     /* E: 1..6 */
    uint32_t mantissa_low, mantissa_high;     /* M: 0..7 */
    uint32_t activation_low, activation_high; /* W of fixed<W>: 4..12 */
    const struct mp_override *overrides;      /* of every scheme, e.g. a first layer that stays */
    uint32_t override_count;
    bool by_layer;       /* also one layer at a time */
    uint32_t first_look; /* images before a hopeless format is stopped; 0: 60 */
    uint32_t margin;     /* bits, 3; UINT32_MAX: the whole table */
};
void mp_search_options_init(struct mp_search_options *o); /* the defaults above, all scopes */
/* Ranges that are empty, or hold formats that do not exist: MP_E_USAGE. */
int mp_search_options_check(const struct mp_search_options *o, struct mp_error *err);

/* One scheme that was looked at. */
struct mp_search_point {
    struct mp_scheme scheme;
    uint32_t scored, top1, top5; /* of the images it was scored on */
    bool is_complete;            /* all images */
    struct mp_paired paired;     /* with float32, on the images it was scored on */
    struct mp_kept kept;         /* of an incomplete one: not by count */
    uint64_t weight_bits;        /* of the whole network, scales included */
    bool is_integer;             /* scored by the integer engine */
    bool is_reused;              /* nothing was computed for it */
    uint8_t *ranks; /* [images] as scored (score.h), owned by the result: for pairs of points */
};
/* Whether a point keeps the accuracy: all images, by count. */
bool mp_search_point_keeps(const struct mp_search_point *p);

/* What makes the numbers. */
struct mp_search_calls {
    void *context;
    uint32_t images; /* that are scored; at least 1 */
    /* Score images first .. first + count - 1 under p->scheme into scores (all images, kept between
     * the calls for one scheme); may do more images than asked for. The first call for a scheme has
     * first 0. Sets p->weight_bits, is_integer and is_reused; no more of p is set yet. */
    int (*score)(void *context, struct mp_search_point *p, uint32_t first, uint32_t count,
                 struct mp_scores *scores, struct mp_error *err);
    /* A point is made, complete or stopped: time to store it. NULL: nothing to do. */
    int (*done)(void *context, const struct mp_search_point *p, struct mp_error *err);
    /* Squared error of the network's output under a scheme, against float32, over images that are
     * not scored; any unit. For by_layer only. */
    int (*error)(void *context, const struct mp_scheme *s, double *error, struct mp_error *err);
    const char *const *layers; /* [layer_count] with weights, for by_layer; borrowed */
    uint32_t layer_count;
    /* `done` of about `total` steps are made; next: what comes, "int7 x float32, a scale a layer".
     * NULL: silent. */
    void (*progress)(void *context, uint32_t done, uint32_t total, const char *next);
};

/* What a scope's search found; indices into points, -1: none keeps the accuracy. */
struct mp_search_scope {
    enum mp_scope scope;
    int64_t fixed_alone, float_alone;          /* narrowest with float32 activations */
    struct mp_format activation;               /* the chosen ones; float32: none was found */
    int64_t fixed, floating;                   /* narrowest with the chosen activations */
    int64_t fixed_by_layer, floating_by_layer; /* -1 without by_layer, or where no layer gives */
};
/* A format that keeps the accuracy, and one that does not although it has at least as many bits of
 * each kind (and the same activations, scope and overrides). */
struct mp_search_surprise {
    uint32_t keeps, fails; /* indices into points */
};
struct mp_search_result {
    uint32_t images;
    struct mp_search_point reference;
    struct mp_search_point *points; /* [point_count] in the order they were looked at */
    size_t point_count;
    int64_t activation_alone;    /* narrowest activations with float32 weights; -1: none */
    struct mp_format activation; /* the widest that a scope chose; float32: none did */
    struct mp_search_scope scopes[3];
    uint32_t scope_count;
    struct mp_search_surprise *surprises;
    size_t surprise_count;
    struct mp_arena arena; /* owns overrides of all schemes */
};
/* Zero-initialised by run; release it also after an error, which is that of the call that failed,
 * or MP_E_INPUT where float32 gets no image right. */
int mp_search_run(struct mp_search_result *r, const struct mp_search_options *o,
                  const struct mp_search_calls *calls, struct mp_error *err);
void mp_search_result_release(struct mp_search_result *r);

#endif
