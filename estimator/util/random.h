/*
 * A small seeded generator (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64): the same
 * seed gives the same numbers on every machine. Caller's memory, no global state.
 */
#ifndef MP_UTIL_RANDOM_H
#define MP_UTIL_RANDOM_H

#include <stdint.h>

struct mp_random {
    uint64_t s[4];
};
void mp_random_seed(struct mp_random *r, uint64_t seed);
uint64_t mp_random_u64(struct mp_random *r);
/* Uniform in 0..n-1 without bias; n >= 1. */
uint64_t mp_random_below(struct mp_random *r, uint64_t n);
/* Uniform in [0, 1). */
double mp_random_unit(struct mp_random *r);
/* Standard normal (Box-Muller). */
double mp_random_normal(struct mp_random *r);

#endif
