/*
 * The claims of Lai, Suda and Chandra (arXiv 1703.03073) as questions to measurements, for one
 * network (and library) at a time. Each verdict rests on comparisons of the same images (paired.h)
 * or of the same operands, so it can say "undecided", which 250 images often mean.
 *
 *   storage    "up to 36 % less weight storage": 7-bit floats where fixed point needs 11. With W
 *              bits in the narrowest int<W> that keeps the accuracy, is there a float of at most
 *              (1 - 0.36) W bits that keeps it too?
 *   range      "range matters more than precision": at equal width, is the best float better than
 *              fixed point? The width is the narrower one of those of the two that keep the
 *              accuracy, so that it is where it matters.
 *   exponent   "a moderate exponent is enough": is the narrowest float with E <= 4 that keeps the
 *              accuracy as narrow as the narrowest of any E?
 *   power      "up to 50 % less power in the multiplier": between the narrowest of both kinds that
 *              keep the accuracy, each driven by its own operands.
 *
 * "Keeps": top-1 not below (1 - tolerance) of float32's, by count on the images scored; a format
 * that was stopped early does not.
 */
#ifndef MP_STUDY_CLAIMS_H
#define MP_STUDY_CLAIMS_H

#include "estimator/search/search.h"

#define MP_CLAIMED_STORAGE  (4.0 / 11.0)
#define MP_CLAIMED_POWER    0.5
#define MP_CLAIMED_EXPONENT 4

enum mp_verdict {
    MP_VERDICT_NOT_TESTED, /* nothing to compare: no accuracy, no format that keeps it, no power */
    MP_VERDICT_HOLDS,
    MP_VERDICT_HOLDS_NOT,
    MP_VERDICT_UNDECIDED
};
/* "not tested", "holds", "does not hold", "undecided" */
const char *mp_verdict_name(enum mp_verdict v);

struct mp_claim {
    enum mp_verdict verdict;
    double value;     /* what was found: a reduction (-inf..1), a difference of shares, or E; NAN:
                         nothing */
    double low, high; /* its 95 % interval, or NAN */
    double p;         /* of no difference where that was tested, else NAN */
    char reason[192]; /* one line */
};

/* Weight formats of one network and scope with everything else equal, as a search gives them:
 * points[count], all of the same activations and images. Fixed and float ones are told apart by
 * their format; others are passed over. */
struct mp_claim_formats {
    const struct mp_search_point *const *points;
    size_t count;
    uint32_t images; /* of the test set: length of each point's ranks */
    double tolerance;
};
void mp_claim_storage(struct mp_claim *c, const struct mp_claim_formats *f);
void mp_claim_range(struct mp_claim *c, const struct mp_claim_formats *f);
void mp_claim_exponent(struct mp_claim *c, const struct mp_claim_formats *f);
/* The narrowest that keeps the accuracy, of several as narrow the one that is right most often;
 * NULL: none does. exponent_most: E at most so many (floats). */
const struct mp_search_point *mp_claim_narrowest(const struct mp_claim_formats *f,
                                                 enum mp_format_kind kind, unsigned exponent_most);

/* Power or energy of two designs with half widths of their 95 % intervals (0: none known). The
 * interval of the reduction takes the two as independent; they saw the same images, so it is wider
 * than it had to be. */
struct mp_claim_power {
    double fixed, fixed_half_width, floating, floating_half_width;
};
void mp_claim_power(struct mp_claim *c, const struct mp_claim_power *power, double claimed);

#endif
