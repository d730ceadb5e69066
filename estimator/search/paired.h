/*
 * Two models on the same images: how sure is the difference of their accuracies? Only images count
 * that one gets right and the other wrong; with b lost and c won ones of n, the difference is
 * (c - b) / n.
 *
 * p: the exact sign test (McNemar's) of "no difference", two-sided: twice the binomial tail of
 * min(b, c) in b + c trials of 1/2. The interval of the difference: Newcombe's hybrid score
 * interval for paired proportions (Statistics in Medicine 17 (1998) 2635, method 10), which holds
 * for few discordant images too, where Wald's does not.
 */
#ifndef MP_SEARCH_PAIRED_H
#define MP_SEARCH_PAIRED_H

#include <stdbool.h>
#include <stdint.h>

struct mp_paired {
    uint32_t images; /* scored by both */
    uint32_t both, lost, won, neither;
    double difference; /* of the shares that are right: candidate - reference, -1..1 */
    double low, high;  /* its 95 % interval */
    double p;          /* of no difference; 1 without discordant images */
};
/* ranks[images] of score.h; right: rank < k (1 for top-1). Images that one of them has not scored
 * are left out. */
void mp_paired_compare(struct mp_paired *p, const uint8_t *reference, const uint8_t *candidate,
                       uint32_t images, uint32_t k);
/* From counts alone. */
void mp_paired_from_counts(struct mp_paired *p, uint32_t both, uint32_t lost, uint32_t won,
                           uint32_t neither);

/* Does the candidate keep the reference's accuracy but for a relative `tolerance` (0.01)? By its
 * count: lost - won <= tolerance * reference's right, that is right >= (1 - tolerance) *
 * reference's right. The verdict on all images that there might be: where the interval of the
 * difference is against -tolerance * (share that the reference gets right), wholly above, wholly
 * below, or around it. No image: not, undecided. */
enum mp_keeps { MP_KEEPS_NOT, MP_KEEPS_UNDECIDED, MP_KEEPS_SURELY };
struct mp_kept {
    bool by_count;
    enum mp_keeps surely;
};
struct mp_kept mp_paired_keeps(const struct mp_paired *p, double tolerance);
const char *mp_keeps_name(enum mp_keeps k); /* "not", "undecided", "surely" */

/* Images are to come, of which the reference gets left_right right and left_wrong wrong: can the
 * candidate still keep the accuracy by count? 0: not even if it loses none and wins all it can;
 * else the chance that it does, when images to come are like those so far: losses among left_right
 * and wins among left_wrong are beta-binomial, from Jeffreys' prior Beta(1/2, 1/2) and the counts
 * in p. A search stops below 1e-3 or so. */
double mp_paired_hope(const struct mp_paired *p, uint32_t left_right, uint32_t left_wrong,
                      double tolerance);

#endif
