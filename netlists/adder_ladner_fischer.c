/*
 * Ladner and Fischer's prefix graph one level deeper than the least (J. ACM 27, 1980): Sklansky's
 * over pairs of columns, half the fan-out and far fewer nodes.
 */
#include "netlists/adder.h"

static uint8_t cut(unsigned i, unsigned j)
{
    unsigned pair = i / 2, b = 0;

    if (i % 2 == 0 || pair == j / 2)
        return (uint8_t)i;
    while ((pair ^ j / 2) >> (b + 1) != 0)
        b++;
    return (uint8_t)(2 * (pair >> b << b));
}

static void split_ladner_fischer(unsigned count, const uint32_t *arrival, uint8_t *split)
{
    (void)arrival;
    for (unsigned i = 1; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            split[i * count + j] = cut(i, j);
}

const struct mp_adder mp_adder_ladner_fischer = {
    .name = "ladner-fischer",
    .summary = "Sklansky over pairs of columns, one level deeper, half the fan-out",
    .split = split_ladner_fischer};
