#include "netlists/old_adder.h"

#include <assert.h>

/* Group generate and propagate of the positions low..i, where low goes down as nodes combine. */
struct prefix {
    struct mp_verilog *v;
    unsigned count;  /* positions; 0 is the carry-in */
    unsigned column; /* the column of position 1 */
    struct mp_bit g[MP_OLD_ADDER_BITS_MAX + 1], p[MP_OLD_ADDER_BITS_MAX + 1];
    unsigned low[MP_OLD_ADDER_BITS_MAX + 1];
};

/* Position i takes in the group that ends at j, the one just below its own. */
static void combine(struct prefix *x, unsigned i, unsigned j)
{
    unsigned low = x->low[j], column = x->column + i - 1;

    assert(x->low[i] == j + 1);
    x->g[i] = mp_or_and(x->v, mp_bit_named("g%u_%u", column, low), x->g[i], x->p[i], x->g[j]);
    if (low > 0)
        x->p[i] = mp_and(x->v, mp_bit_named("t%u_%u", column, low), x->p[i], x->p[j]);
    x->low[i] = low;
}

/* Positions below end. */
static void ripple(struct prefix *x, unsigned end)
{
    for (unsigned i = 1; i < end; i++)
        combine(x, i, i - 1);
}

/* Over the positions base .., of which base is complete. */
static void brent_kung(struct prefix *x, unsigned base)
{
    unsigned d = 1, count = x->count - base;

    for (; 2 * d <= count; d *= 2)
        for (unsigned i = 2 * d - 1; i < count; i += 2 * d)
            combine(x, base + i, base + i - d);
    for (; d >= 1; d /= 2)
        for (unsigned i = 3 * d - 1; i < count; i += 2 * d)
            combine(x, base + i, base + i - d);
}

static void ripple_then_brent_kung(struct prefix *x)
{
    unsigned last = x->count / 2;

    if (last < x->count) {
        ripple(x, last + 1);
        brent_kung(x, last);
    }
}

void mp_old_adder_write(struct mp_verilog *v, enum mp_old_adder kind, unsigned bits,
                        const struct mp_bit *a, const struct mp_bit *b, struct mp_bit carry_in,
                        struct mp_bit *sum)
{
    struct prefix x = {.v = v};
    struct mp_bit p[MP_OLD_ADDER_BITS_MAX];
    unsigned first = 0;

    assert(bits >= 1 && bits <= MP_OLD_ADDER_BITS_MAX);
    for (unsigned i = 0; i < bits; i++)
        p[i] = mp_xor(v, mp_bit_named("p%u", i), a[i], b[i]);
    /* No carry can arise below the first column of two bits. */
    while (mp_bit_is(&carry_in, false) && first < bits &&
           (mp_bit_is(&a[first], false) || mp_bit_is(&b[first], false))) {
        sum[first] = p[first];
        first++;
    }
    x.column = first;
    x.g[0] = carry_in;
    x.p[0] = mp_bit_constant(false);
    for (unsigned i = first; i + 1 < bits; i++) {
        unsigned position = i - first + 1;
        x.g[position] = mp_and(v, mp_bit_named("g%u", i), a[i], b[i]);
        x.p[position] = p[i];
        x.low[position] = position;
    }
    x.count = first < bits ? bits - first : 0;
    if (kind == MP_OLD_ADDER_RIPPLE)
        ripple(&x, x.count);
    else if (kind == MP_OLD_ADDER_BRENT_KUNG)
        brent_kung(&x, 0);
    else
        ripple_then_brent_kung(&x);
    for (unsigned i = first; i < bits; i++)
        sum[i] = mp_xor(v, mp_bit_named("sum%u", i), p[i], x.g[i - first]);
}
