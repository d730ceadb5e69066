#include "netlists/adder.h"
#include "netlists/arrival.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct mp_adder *const table[] = {
    &mp_adder_ripple,      &mp_adder_brent_kung,     &mp_adder_sklansky, &mp_adder_kogge_stone,
    &mp_adder_han_carlson, &mp_adder_staggered,      &mp_adder_arrival,  &mp_adder_carry_select,
    &mp_adder_carry_skip,  &mp_adder_ladner_fischer,
};

size_t mp_adder_count(void)
{
    return sizeof table / sizeof *table;
}

const struct mp_adder *mp_adder_at(size_t index)
{
    return table[index];
}

const struct mp_adder *mp_adder_find(const char *name)
{
    for (size_t i = 0; i < mp_adder_count(); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

/* Prefix columns: a carry in is one more below, that of the top is not needed. */
static void write_prefix(struct mp_graph *g, mp_prefix_split *fill,
                         const struct mp_adder_columns *c, uint32_t *sum)
{
    uint32_t generate[MP_ADDER_BITS_MAX + 1], propagate[MP_ADDER_BITS_MAX + 1];
    uint32_t carry[MP_ADDER_BITS_MAX + 2] = {MP_LIT_FALSE}, *arrival;
    unsigned in = c->carry_in != MP_LIT_FALSE, count = c->count - 1 + in;
    uint8_t *split;

    generate[0] = c->carry_in;
    propagate[0] = MP_LIT_FALSE;
    memcpy(generate + in, c->generate, (c->count - 1) * sizeof *generate);
    memcpy(propagate + in, c->propagate, (c->count - 1) * sizeof *propagate);
    if (count > 0) {
        split = mp_alloc((size_t)count * count, sizeof *split);
        arrival = mp_alloc(count, sizeof *arrival);
        mp_arrival_of_columns(g, count, generate, propagate, arrival);
        fill(count, arrival, split);
        mp_prefix_carries(g, (int)c->first - (int)in, count, generate, propagate, split, carry);
        free(arrival);
        free(split);
    }
    for (unsigned i = 0; i < c->count; i++)
        sum[i] = mp_graph_xor(g, c->propagate[i], carry[i + in]);
}

void mp_adder_write(struct mp_graph *g, const struct mp_adder *adder, uint16_t tree, int32_t column,
                    unsigned bits, const uint32_t *a, const uint32_t *b, uint32_t carry_in,
                    uint32_t *sum)
{
    uint32_t generate[MP_ADDER_BITS_MAX], propagate[MP_ADDER_BITS_MAX];
    struct mp_adder_columns c = {.carry_in = carry_in};
    unsigned first = 0;

    assert(bits >= 1 && bits <= MP_ADDER_BITS_MAX);
    for (unsigned i = 0; i < bits; i++) {
        bool is_top = i + 1 == bits;
        generate[i] = MP_LIT_FALSE;
        mp_graph_half_adder(g, tree, column + (int32_t)i, a[i], b[i], &propagate[i],
                            is_top ? NULL : &generate[i]);
        mp_graph_name(g, propagate[i], "p%u", i);
        mp_graph_name(g, generate[i], "g%u", i);
    }
    while (first < bits && generate[first] == MP_LIT_FALSE && carry_in == MP_LIT_FALSE) {
        sum[first] = propagate[first];
        first++;
    }
    if (first == bits)
        return;
    c.first = first;
    c.count = bits - first;
    c.generate = generate + first;
    c.propagate = propagate + first;
    if (adder->split != NULL)
        write_prefix(g, adder->split, &c, sum + first);
    else
        adder->write(g, &c, sum + first);
    for (unsigned i = 0; i < bits; i++)
        mp_graph_name(g, sum[i], "sum%u", i);
}
