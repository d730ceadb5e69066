#include "estimator/util/random.h"

#include <math.h>

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void mp_random_seed(struct mp_random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ (z >> 31);
    }
}

uint64_t mp_random_u64(struct mp_random *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t mp_random_below(struct mp_random *r, uint64_t n)
{
    /* The first 2^64 mod n values are left out, so that the rest divides evenly. */
    uint64_t skip = (UINT64_MAX - n + 1) % n;
    uint64_t x;
    do {
        x = mp_random_u64(r);
    } while (x < skip);
    return x % n;
}

double mp_random_unit(struct mp_random *r)
{
    return (double)(mp_random_u64(r) >> 11) * 0x1p-53;
}

double mp_random_normal(struct mp_random *r)
{
    const double two_pi = 6.283185307179586;
    double radius = sqrt(-2.0 * log(1.0 - mp_random_unit(r)));
    return radius * cos(two_pi * mp_random_unit(r));
}
