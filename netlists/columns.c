#include "netlists/columns.h"
#include "netlists/arrival.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN MP_GRAPH_NONE /* a bit of which only the arrival is estimated */

static void push(struct mp_columns *c, unsigned k, struct mp_column_bit bit)
{
    struct mp_bit_column *column = &c->column[k];

    mp_grow(&column->bits, column->count, &column->capacity, sizeof *column->bits);
    column->bits[column->count++] = bit;
}

struct mp_columns *mp_columns_create(struct mp_graph *g, unsigned count)
{
    struct mp_columns *c = mp_alloc(1, sizeof *c);

    assert(count >= 1 && count <= MP_COLUMNS_MAX);
    c->count = count;
    c->tree = mp_graph_tree(g);
    return c;
}

struct mp_columns *mp_columns_like(const struct mp_columns *c)
{
    struct mp_columns *like = mp_alloc(1, sizeof *like);

    like->count = c->count;
    like->tree = c->tree;
    return like;
}

struct mp_columns *mp_columns_copy(const struct mp_columns *c)
{
    struct mp_columns *copy = mp_columns_like(c);

    for (unsigned k = 0; k < c->count; k++)
        for (unsigned i = 0; i < c->column[k].count; i++)
            push(copy, k, c->column[k].bits[i]);
    return copy;
}

void mp_columns_destroy(struct mp_columns *c)
{
    if (c == NULL)
        return;
    for (unsigned k = 0; k < c->count; k++)
        free(c->column[k].bits);
    free(c);
}

void mp_columns_add(struct mp_columns *c, unsigned k, uint32_t literal)
{
    if (k >= c->count || literal == MP_LIT_FALSE)
        return;
    if (literal == MP_LIT_TRUE)
        mp_columns_add_constant(c, k, 1);
    else
        push(c, k, (struct mp_column_bit){.literal = literal, .row = c->row});
}

void mp_columns_subtract(struct mp_columns *c, unsigned k, uint32_t literal)
{
    if (k >= c->count)
        return;
    mp_columns_add(c, k, mp_lit_not(literal));
    mp_columns_add_constant(c, k, ~(mp_u128)0);
}

void mp_columns_add_constant(struct mp_columns *c, unsigned k, mp_u128 value)
{
    if (k < c->count)
        c->constant += value << k;
}

void mp_columns_add_row(struct mp_columns *c, unsigned k, unsigned bits, const uint32_t *literals,
                        bool is_signed)
{
    mp_columns_next_row(c);
    for (unsigned i = 0; i < bits; i++)
        if (is_signed && i + 1 == bits)
            mp_columns_subtract(c, k + i, literals[i]);
        else
            mp_columns_add(c, k + i, literals[i]);
    mp_columns_next_row(c);
}

void mp_columns_subtract_row(struct mp_columns *c, unsigned k, unsigned bits,
                             const uint32_t *literals, bool is_signed)
{
    mp_columns_next_row(c);
    for (unsigned i = 0; i < bits; i++)
        if (is_signed && i + 1 == bits)
            mp_columns_add(c, k + i, literals[i]);
        else
            mp_columns_subtract(c, k + i, literals[i]);
    mp_columns_next_row(c);
}

void mp_columns_next_row(struct mp_columns *c)
{
    c->row++;
}

void mp_columns_begin(struct mp_graph *g, struct mp_columns *c)
{
    uint32_t *arrival = mp_alloc(g->signal_count, sizeof *arrival);

    mp_arrival_estimate(g, c->start, arrival);
    for (unsigned k = 0; k < c->count; k++) {
        for (unsigned i = 0; i < c->column[k].count; i++) {
            struct mp_column_bit *bit = &c->column[k].bits[i];
            bit->arrival = arrival[mp_lit_signal(bit->literal)];
        }
        if ((c->constant >> k) & 1) {
            push(c, k, (struct mp_column_bit){.literal = MP_LIT_TRUE});
            memmove(c->column[k].bits + 1, c->column[k].bits,
                    (c->column[k].count - 1) * sizeof *c->column[k].bits);
            c->column[k].bits[0] = (struct mp_column_bit){.literal = MP_LIT_TRUE};
        }
    }
    c->constant = 0;
    free(arrival);
}

/* When the sum (output 0) or carry of these bits arrives. */
static uint32_t arrival_behind(const struct mp_column_bit *bits, unsigned n, unsigned output)
{
    bool has_one = false;
    uint32_t latest = 0;

    for (unsigned i = 0; i < n; i++)
        has_one = has_one || bits[i].literal == MP_LIT_TRUE;
    for (unsigned i = 0; i < n; i++) {
        enum mp_node_kind kind = n == 3 && !has_one ? MP_NODE_FULL_ADDER : MP_NODE_HALF_ADDER;
        uint32_t at = bits[i].arrival + mp_arrival_delay(kind, i, output);
        latest = at > latest ? at : latest;
    }
    return latest;
}

/* A bit of a tree; one that folding has made true stays a bit here, and its column sums it. */
static void put(struct mp_columns *c, unsigned k, uint32_t literal, uint32_t row, uint32_t arrival)
{
    if (literal != MP_LIT_FALSE)
        push(c, k, (struct mp_column_bit){.literal = literal, .row = row, .arrival = arrival});
}

void mp_columns_adder(struct mp_graph *g, struct mp_columns *c, unsigned k, unsigned n,
                      struct mp_columns *sums, struct mp_columns *carries)
{
    struct mp_bit_column *column = &c->column[k];
    struct mp_column_bit in[3] = {{.literal = MP_LIT_FALSE}};
    bool has_carry = k + 1 < c->count;
    uint32_t sum, carry = MP_LIT_FALSE, number = c->adders[k]++;

    assert((n == 2 || n == 3) && column->count >= n);
    memcpy(in, column->bits, n * sizeof *in);
    column->count -= n;
    memmove(column->bits, column->bits + n, column->count * sizeof *in);
    if (g == NULL)
        sum = carry = UNKNOWN;
    else if (n == 3)
        mp_graph_full_adder(g, c->tree, (int32_t)k, in[0].literal, in[1].literal, in[2].literal,
                            &sum, has_carry ? &carry : NULL);
    else
        mp_graph_half_adder(g, c->tree, (int32_t)k, in[0].literal, in[1].literal, &sum,
                            has_carry ? &carry : NULL);
    if (g != NULL) {
        mp_graph_name(g, sum, "s%u_%u", k, number);
        mp_graph_name(g, carry, "c%u_%u", k + 1, number);
    }
    put(sums, k, sum, in[0].row, arrival_behind(in, n, 0));
    if (has_carry)
        put(carries, k + 1, carry, in[0].row, arrival_behind(in, n, 1));
}

void mp_columns_move(struct mp_columns *to, struct mp_columns *from, unsigned k, unsigned count)
{
    struct mp_bit_column *column = &from->column[k];

    assert(count <= column->count);
    for (unsigned i = 0; i < count; i++)
        push(to, k, column->bits[i]);
    column->count -= count;
    if (count > 0)
        memmove(column->bits, column->bits + count, column->count * sizeof *column->bits);
}

unsigned mp_columns_tallest(const struct mp_columns *c)
{
    unsigned most = 0;

    for (unsigned k = 0; k < c->count; k++)
        most = c->column[k].count > most ? c->column[k].count : most;
    return most;
}

/* Stable, so that a graph depends on nothing but its description. */
void mp_columns_sort(struct mp_columns *c, unsigned k)
{
    struct mp_bit_column *column = &c->column[k];

    for (unsigned i = 1; i < column->count; i++) {
        struct mp_column_bit bit = column->bits[i];
        unsigned at = i;
        for (; at > 0 && column->bits[at - 1].arrival > bit.arrival; at--)
            column->bits[at] = column->bits[at - 1];
        column->bits[at] = bit;
    }
}

void mp_columns_rows(const struct mp_columns *c, uint32_t *a, uint32_t *b)
{
    for (unsigned k = 0; k < c->count; k++) {
        const struct mp_bit_column *column = &c->column[k];
        assert(column->count <= 2);
        a[k] = column->count > 0 ? column->bits[0].literal : MP_LIT_FALSE;
        b[k] = column->count > 1 ? column->bits[1].literal : MP_LIT_FALSE;
    }
}

void mp_columns_sum(struct mp_graph *g, const struct mp_columns *c, const struct mp_adder *adder,
                    uint32_t *sum)
{
    uint32_t a[MP_COLUMNS_MAX], b[MP_COLUMNS_MAX];

    mp_columns_rows(c, a, b);
    mp_adder_write(g, adder, c->tree, 0, c->count, a, b, MP_LIT_FALSE, sum);
}
