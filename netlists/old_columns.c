#include "netlists/old_columns.h"

#include <assert.h>
#include <string.h>

struct mp_old_columns *mp_old_columns_create(unsigned count)
{
    struct mp_old_columns *c = mp_alloc(1, sizeof *c);

    assert(count <= MP_OLD_COLUMNS_MAX);
    c->count = count;
    return c;
}

void mp_old_columns_add(struct mp_old_columns *c, unsigned k, struct mp_bit bit)
{
    if (k >= c->count || mp_bit_is(&bit, false))
        return;
    assert(c->column[k].count < MP_OLD_COLUMN_MAX);
    c->column[k].bits[c->column[k].count++] = bit;
}

static struct mp_bit take(struct mp_old_column *column)
{
    struct mp_bit b = column->bits[0];

    assert(column->count > 0);
    column->count--;
    memmove(column->bits, column->bits + 1, column->count * sizeof b);
    return b;
}

static void add_bits(struct mp_verilog *v, struct mp_old_columns *c, unsigned k,
                     struct mp_old_columns *sums, struct mp_old_columns *carries,
                     struct mp_bit third)
{
    struct mp_bit a = take(&c->column[k]), b = take(&c->column[k]), sum, carry;
    unsigned n = c->column[k].wires++;

    mp_full_adder(v, &sum, mp_bit_named("s%u_%u", k, n), k + 1 < c->count ? &carry : NULL,
                  mp_bit_named("c%u_%u", k + 1, n), a, b, third);
    mp_old_columns_add(sums, k, sum);
    if (k + 1 < c->count)
        mp_old_columns_add(carries, k + 1, carry);
}

void mp_old_columns_full_adder(struct mp_verilog *v, struct mp_old_columns *c, unsigned k,
                               struct mp_old_columns *sums, struct mp_old_columns *carries)
{
    struct mp_bit third = take(&c->column[k]);

    add_bits(v, c, k, sums, carries, third);
}

void mp_old_columns_half_adder(struct mp_verilog *v, struct mp_old_columns *c, unsigned k,
                               struct mp_old_columns *sums, struct mp_old_columns *carries)
{
    add_bits(v, c, k, sums, carries, mp_bit_constant(false));
}

static bool is_negative(const struct mp_old_operands *o, unsigned i, unsigned j)
{
    bool x = o->x_signed && i == o->x_bits - 1, y = o->y_signed && j == o->y_bits - 1;

    return x != y;
}

void mp_old_partial_row(struct mp_verilog *v, struct mp_old_columns *c,
                        const struct mp_old_operands *o, unsigned j)
{
    for (unsigned i = 0; i < o->x_bits; i++) {
        struct mp_bit name = mp_bit_named("pp%u_%u", j, i);
        if (i + j < c->count)
            mp_old_columns_add(c, i + j,
                               is_negative(o, i, j) ? mp_nand(v, name, o->x[i], o->y[j])
                                                    : mp_and(v, name, o->x[i], o->y[j]));
    }
}

void mp_old_partial_constant(struct mp_old_columns *c, const struct mp_old_operands *o)
{
    uint64_t constant = 0;

    for (unsigned i = 0; i < o->x_bits; i++)
        for (unsigned j = 0; j < o->y_bits; j++)
            if (is_negative(o, i, j))
                constant -= (uint64_t)1 << (i + j);
    for (unsigned k = 0; k < c->count; k++)
        mp_old_columns_add(c, k, mp_bit_constant((constant >> k) & 1));
}

void mp_old_partial_addend(struct mp_old_columns *c, const struct mp_old_operands *o)
{
    for (unsigned i = 0; i < o->addend_bits; i++)
        mp_old_columns_add(c, i, o->addend[i]);
}

void mp_old_columns_sum(struct mp_verilog *v, const struct mp_old_columns *c,
                        enum mp_old_adder adder, struct mp_bit *product)
{
    struct mp_bit a[MP_OLD_COLUMNS_MAX], b[MP_OLD_COLUMNS_MAX];

    for (unsigned k = 0; k < c->count; k++) {
        const struct mp_old_column *column = &c->column[k];
        assert(column->count <= 2);
        a[k] = column->count > 0 ? column->bits[0] : mp_bit_constant(false);
        b[k] = column->count > 1 ? column->bits[1] : mp_bit_constant(false);
    }
    mp_old_adder_write(v, adder, c->count, a, b, mp_bit_constant(false), product);
}
