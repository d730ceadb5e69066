/*
 * Values that many numbers share: clusters on a line (k-means in one dimension), each number being
 * replaced by the nearest of a few centres so that the squared error is least.
 *
 * Where there are no more distinct numbers than centres, the centres are those numbers, and nothing
 * changes. Up to a few thousand distinct numbers the optimum is found exactly (the clusters are
 * intervals of the sorted numbers, so dynamic programming finds them; Wang and Song, R Journal 3/2
 * (2011) 29). Above, the same for numbers put together to 2048 pieces, or, for more than 512
 * centres, centres spread as the cube root of the density, which is optimal for many (Panter and
 * Dite, Proc. IRE 39 (1951) 44); both then improved by Lloyd's iteration (IEEE Trans. Inf. Theory
 * 28 (1982) 129). All of it is deterministic.
 */
#ifndef MP_CNN_CLUSTER_H
#define MP_CNN_CLUSTER_H

#include "estimator/util/error.h"
#include <stddef.h>
#include <stdint.h>

/* One piece of the numbers that share the centres: a layer's weights. */
struct mp_numbers {
    const float *values; /* [count] */
    size_t count;
};
/* centres[count], ascending; where fewer are needed, the last ones repeat the largest. All numbers
 * are used up to 2^20, evenly spread ones above. A number that is not finite: MP_E_INPUT. */
int mp_cluster(const struct mp_numbers *parts, size_t part_count, uint32_t count, float *centres,
               struct mp_error *err);
/* The nearest centre, the lower of two as near. */
void mp_cluster_apply(const float *centres, uint32_t count, size_t n, const float *in, float *out);

#endif
