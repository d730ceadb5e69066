/*
 * Whether two sets of runs differ by more than their noise: the rank-sum test of Wilcoxon, Mann and
 * Whitney, two-sided, on figures such as the area times delay of each variant of a synthesis or
 * each seed of a search.
 *
 * "Decided" means: were both sides runs of the same thing, ranks as far apart as these or further
 * would come up with a probability of at most alpha. alpha is therefore the share of comparisons of
 * equal sides that are decided wrongly (5 % by default; less in fact, since ranks are few). Nothing
 * is assumed of the shape of the noise. The probability is exact, ties counted as they are, up to
 * MP_NOISE_EXACT runs of both sides together; above, the normal approximation with ties and
 * continuity is used.
 *
 * How small a difference it finds depends on the runs: with three a side nothing can be decided at
 * 5 % (the least p is 0.1); sides one and two standard deviations apart are decided in 14 and 50 %
 * of comparisons with four runs a side, in 22 and 69 % with five, in 45 and 95 % with eight (4000
 * trials each, tests/reports/test_noise.c). It compares what a run gives, not the best of all runs.
 *
 * Mann, Whitney: On a test of whether one of two random variables is stochastically larger than the
 * other, Annals of Mathematical Statistics 18 (1947).
 */
#ifndef MP_REPORTS_NOISE_H
#define MP_REPORTS_NOISE_H

#include <stdint.h>

#define MP_NOISE_ALPHA 0.05
#define MP_NOISE_EXACT 60

enum mp_noise_verdict {
    MP_NOISE_UNDECIDED, /* inside the noise, or too few runs */
    MP_NOISE_LESS,      /* a's figures are smaller than b's */
    MP_NOISE_MORE
};
/* "undecided", "less", "more" */
const char *mp_noise_verdict_name(enum mp_noise_verdict v);

struct mp_noise {
    enum mp_noise_verdict verdict;
    double p;       /* as above; 1 where a side has no runs */
    double p_least; /* what p would be without any overlap of the sides: above alpha there are too
                       few runs to decide anything */
    double shift;   /* median of a against that of b: -0.1 is 10 % less; NaN without runs or where
                       b's is 0 */
    double spread_a, spread_b; /* (worst - best) / best; NaN without runs or where the best is 0 */
    double chance; /* that a run of a is below one of b, ties half; 0.5: no difference; NaN without
                      runs */
};

/* a[a_count], b[b_count]: finite figures of the runs, in any order and not sorted; alpha in (0, 1).
 */
void mp_noise_compare(struct mp_noise *out, const double *a, uint32_t a_count, const double *b,
                      uint32_t b_count, double alpha);

#endif
