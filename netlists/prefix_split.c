/* The split tables that have names. Of columns i..j, i > j, the upper part is i..s. */
#include "netlists/prefix.h"

#include <assert.h>

typedef unsigned split_function(unsigned i, unsigned j);

static void fill(unsigned count, uint8_t *split, split_function *at)
{
    assert(count <= MP_PREFIX_COLUMNS_MAX);
    for (unsigned i = 1; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            split[i * count + j] = (uint8_t)at(i, j);
}

/* The largest power of two below n, n >= 2. */
static unsigned power_below(unsigned n)
{
    unsigned p = 1;

    while (2 * p < n)
        p *= 2;
    return p;
}

static unsigned split_ripple(unsigned i, unsigned j)
{
    (void)j;
    return i;
}

/* Blocks of a power of two, aligned: the upper part is the largest that ends at i. */
static unsigned split_brent_kung(unsigned i, unsigned j)
{
    unsigned size = (i + 1) & ~i;

    while (i + 1 - size <= j || i + 1 < size)
        size /= 2;
    return i + 1 - size;
}

/* Where the highest bit lies in which i and j differ. */
static unsigned split_sklansky(unsigned i, unsigned j)
{
    unsigned differ = i ^ j, b = 0;

    while (differ >> (b + 1) != 0)
        b++;
    return i >> b << b;
}

static unsigned split_kogge_stone(unsigned i, unsigned j)
{
    return i + 1 - power_below(i - j + 1);
}

static unsigned split_han_carlson(unsigned i, unsigned j)
{
    if (i % 2 == 0 || i - j + 1 <= 2)
        return i;
    return i + 1 - 2 * power_below((i - j + 2) / 2);
}

void mp_prefix_ripple(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    fill(count, split, split_ripple);
}

void mp_prefix_brent_kung(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    fill(count, split, split_brent_kung);
}

void mp_prefix_sklansky(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    fill(count, split, split_sklansky);
}

void mp_prefix_kogge_stone(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    fill(count, split, split_kogge_stone);
}

void mp_prefix_han_carlson(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    fill(count, split, split_han_carlson);
}

void mp_prefix_staggered(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    unsigned last = (count + 1) / 2; /* the lower half is one column of a Brent-Kung graph */

    (void)arrival;
    last = last > 0 ? last - 1 : 0;
    for (unsigned i = 1; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            split[i * count + j] =
                (uint8_t)(i <= last ? i
                                    : last + split_brent_kung(i - last, j < last ? 0 : j - last));
}
