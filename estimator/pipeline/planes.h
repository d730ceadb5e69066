/*
 * Between codes, one a lane, and the bit planes that the bit-parallel simulator reads.
 * Lane l is bit l % 64 of word l / 64.
 */
#ifndef MP_PIPELINE_PLANES_H
#define MP_PIPELINE_PLANES_H

#include <stdint.h>

/* planes[b][w] bit l = bit b of codes[64 * w + l], for b < bits <= 64; codes[64 * words]. */
void mp_planes_from_codes(const uint64_t *codes, unsigned bits, unsigned words, uint64_t *planes);

#endif
