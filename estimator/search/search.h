/*
 * The narrowest formats that keep a network's accuracy. The search knows nothing of networks: it
 * asks for the scores of one scheme after another, which whoever calls it computes, or finds in the
 * database.
 *
 * Uniform formats, one scope after another:
 *   1. activations: the narrowest fixed<W> with float32 weights;
 *   2. weights with float32 activations: every int<W> and every e<E>m<M> from the widest that could
 *      matter down; that is the table of range (E) against precision (M);
 *   3. both together: the narrowest int<W>, and the narrowest e<E>m<M>, with activations as narrow
 *      as they can be for both (see mp_search_joint).
 * "Keeps": top-1 falls by no more than `tolerance` of float32's, by count on all images; how sure
 * that is, the paired test says. A format that has no hope after a part of the images is stopped
 * and keeps the images that it was scored on.
 *
 * One layer at a time, from a uniform format that keeps the accuracy: layers in the order of their
 * sensitivity (the error that one bit less makes at the network's output) give up a bit as long as
 * the whole keeps it.
 *
 *     mp_search_run(&result, &options, score, context, err)
 *     ... mp_search_result_release(&result) ...
 */
#ifndef MP_SEARCH_SEARCH_H
#define MP_SEARCH_SEARCH_H

#include "estimator/cnn/scheme.h"
#include "estimator/cnn/score.h"
#include "estimator/search/paired.h"

struct mp_search_options {
    double tolerance; /* relative, 0.01 */
    enum mp_scope scopes[3];
    uint32_t scope_count;
    struct mp_calibration weight_calibration, activation_calibration;
    enum mp_scope activation_scope;
    uint32_t fixed_low, fixed_high;           /* W of int<W>: 3..12 */
    uint32_t exponent_low, exponent_high;     /* E: 1..6 */
    uint32_t mantissa_low, mantissa_high;     /* M: 0..7 */
    uint32_t activation_low, activation_high; /* W of fixed<W>: 4..12 */
    const struct mp_override *overrides;      /* of every scheme, e.g. a first layer that stays */
    uint32_t override_count;
    bool by_layer;       /* also one layer at a time */
    uint32_t first_look; /* images before a hopeless format is stopped; 0: 60 */
};
void mp_search_options_init(struct mp_search_options *o); /* the defaults above, all scopes */

/* One scheme that was looked at. */
struct mp_search_point {
    struct mp_scheme scheme;
    uint32_t scored, top1, top5; /* of the images it was scored on */
    bool is_complete;            /* all images */
    struct mp_paired paired;     /* with float32, on the images it was scored on */
    struct mp_kept kept;         /* of an incomplete one: not */
    uint64_t weight_bits;        /* of the whole network, scales included */
    uint8_t *ranks; /* [images] as scored (score.h), owned by the result: for pairs of points */
};

/* Score images first .. first + count - 1 under a scheme, into scores (all images, kept between the
 * calls for one scheme). *weight_bits: see above. May do more images than asked for. */
typedef int mp_search_score(void *context, const struct mp_scheme *s, uint32_t first,
                            uint32_t count, struct mp_scores *scores, uint64_t *weight_bits,
                            struct mp_error *err);

/* What a scope's search found; indices into points, -1: none keeps the accuracy. */
struct mp_search_scope {
    enum mp_scope scope;
    int64_t fixed_alone, float_alone;          /* narrowest with float32 activations */
    int64_t fixed, floating;                   /* narrowest with the chosen activations */
    int64_t fixed_by_layer, floating_by_layer; /* -1 without by_layer */
};
struct mp_search_result {
    struct mp_search_point reference;
    struct mp_search_point *points; /* [point_count] in the order they were looked at */
    size_t point_count;
    int64_t activation_alone;    /* narrowest activations with float32 weights; -1: none */
    struct mp_format activation; /* the chosen ones */
    struct mp_search_scope scopes[3];
    uint32_t scope_count;
    struct mp_arena arena; /* owns overrides of schemes by layer */
};

#endif
