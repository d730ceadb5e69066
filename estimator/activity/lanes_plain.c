/* Eight lanes in vectors of the compiler, which any target has or imitates. */
#include <stddef.h>
#include <stdint.h>

#define VECTOR_BYTES 16
#define CODE         mp_lanes_plain
#define INLINE       static inline __attribute__((always_inline))

typedef uint16_t vector __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef vector lane_mask; /* all ones or 0 a lane */

INLINE vector zero(void)
{
    return (vector){0};
}

INLINE vector splat(unsigned x)
{
    return (vector)(zero() + (uint16_t)x);
}

#define BINARY(name, expression)                                                                   \
    INLINE vector name(vector a, vector b)                                                         \
    {                                                                                              \
        return (vector)(expression);                                                               \
    }
BINARY(add, a + b)
BINARY(bit_xor, a ^ b)
BINARY(bit_and, a &b)
BINARY(bit_or, a | b)
BINARY(and_not, a & ~b)
BINARY(less, a < b)
BINARY(where, a &b)
BINARY(not_below, a >= b)
BINARY(mask_without, a & ~b)
BINARY(mask_or, a | b)
BINARY(nonzero_in, a &(vector)(b != 0))
BINARY(zero_in, a &(vector)(b == 0))

INLINE lane_mask nonzero(vector a)
{
    return (vector)(a != 0);
}

INLINE vector choose(lane_mask mask, vector a, vector b)
{
    return (mask & a) | (~mask & b);
}

INLINE vector smaller(vector a, vector b)
{
    return choose(less(a, b), a, b);
}

INLINE vector larger(vector a, vector b)
{
    return choose(less(a, b), b, a);
}

INLINE lane_mask not_above_in(lane_mask mask, vector a, vector b)
{
    return mask & (vector)(a <= b);
}

INLINE lane_mask less_in(lane_mask mask, vector a, vector b)
{
    return mask & less(a, b);
}

INLINE vector shift_right(vector a, unsigned bits)
{
    return a >> (uint16_t)bits;
}

INLINE vector shift_left(vector a, unsigned bits)
{
    return a << (uint16_t)bits;
}

INLINE lane_mask mask_of(uint64_t bits)
{
    const vector places = {1, 2, 4, 8, 16, 32, 64, 128};
    return (lane_mask)((splat((unsigned)bits) & places) == places);
}

INLINE uint64_t bits_of(lane_mask mask)
{
    const vector places = {1, 2, 4, 8, 16, 32, 64, 128};
    vector x = mask & places;
    uint32_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= x[i];
    return bits;
}

INLINE vector lookup(const uint16_t *table, unsigned bits, vector index)
{
    (void)bits;
    for (int i = 0; i < 8; i++)
        index[i] = table[index[i]];
    return index;
}

INLINE vector lookup_code(const uint16_t *table, unsigned shift, vector key)
{
    return lookup(table, shift, key & (uint16_t)((1u << shift) - 1));
}

#include "estimator/activity/lanes_source.h"
