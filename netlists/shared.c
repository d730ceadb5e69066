/*
 * Float dot products with a shared alignment: every product of significands is moved right by what
 * its weight's shift is below the largest one of the cycle, the sum is short, and one shifter moves
 * it to its place. Golden model: golden_form.h.
 */
#include "netlists/unit.h"

#include <assert.h>
#include <stdlib.h>

/* a > b: the carry out of a + ~b. */
static uint32_t is_greater(struct mp_graph *g, unsigned bits, const uint32_t *a, const uint32_t *b)
{
    uint32_t carry = MP_LIT_FALSE;

    for (unsigned i = 0; i < bits; i++)
        carry = mp_graph_maj(g, a[i], mp_lit_not(b[i]), carry);
    return carry;
}

static void largest(struct mp_graph *g, unsigned terms, const struct mp_term_shift *by,
                    struct mp_term_shift *out)
{
    struct mp_term_shift level[MP_TERMS_MAX] = {0};

    for (unsigned i = 0; i < terms; i++)
        level[i] = by[i];
    for (; terms > 1; terms /= 2)
        for (unsigned i = 0; i < terms / 2; i++) {
            const struct mp_term_shift *a = &level[2 * i], *b = &level[2 * i + 1];
            uint32_t first = is_greater(g, a->count, a->bits, b->bits);
            struct mp_term_shift most = *a;

            for (unsigned k = 0; k < a->count; k++)
                most.bits[k] = mp_graph_mux(g, first, a->bits[k], b->bits[k]);
            level[i] = most;
        }
    *out = level[0];
}

/* The word moved right by most - by: a left shift of the bits in reverse order. */
static void align(struct mp_graph *g, const struct mp_plan *p, const struct mp_term_shift *most,
                  const struct mp_term_shift *by, struct mp_word *w)
{
    unsigned guard = p->design->guard_bits, n = w->count + guard;
    uint32_t reversed[MP_WORD_BITS_MAX], moved[MP_WORD_BITS_MAX], lower[8], distance[8];
    struct mp_shift_left s = {.kind = p->design->shifter,
                              .exponent_bits = most->count,
                              .exponent = distance,
                              .in_bits = n,
                              .in = reversed,
                              .fill = w->is_signed ? w->bits[w->count - 1] : MP_LIT_FALSE,
                              .out_bits = n};

    assert(n <= MP_WORD_BITS_MAX);
    for (unsigned k = 0; k < most->count; k++)
        lower[k] = mp_lit_not(by->bits[k]);
    mp_adder_write(g, &mp_adder_ripple, 0, 0, most->count, most->bits, lower, MP_LIT_TRUE,
                   distance);
    for (unsigned i = 0; i < n; i++)
        reversed[n - 1 - i] = i < guard ? MP_LIT_FALSE : w->bits[i - guard];
    mp_shift_left_make(g, &s, moved);
    w->count = n;
    for (unsigned i = 0; i < n; i++)
        w->bits[i] = moved[n - 1 - i];
}

static unsigned log2_of(unsigned n)
{
    unsigned bits = 0;

    while (n >> (bits + 1) != 0)
        bits++;
    return bits;
}

void mp_shared_word(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                    const uint32_t *activation, struct mp_word *out)
{
    unsigned terms = p->golden.terms, guard = p->design->guard_bits;
    struct mp_word *words = mp_alloc(terms, sizeof *words), sum;
    struct mp_term_shift by[MP_TERMS_MAX], most;
    struct mp_shift_left s;
    struct mp_columns *c;
    uint32_t before;

    for (unsigned t = 0; t < terms; t++)
        mp_term_significand(g, p, weight + t * p->weight.bits, activation + t * p->activation.bits,
                            &words[t], &by[t]);
    before = mp_graph_block(g, "alignment");
    largest(g, terms, by, &most);
    for (unsigned t = 0; t < terms; t++)
        align(g, p, &most, &by[t], &words[t]);
    mp_graph_block(g, "term_adder");
    c = mp_columns_create(g, p->significand_product_bits + guard + log2_of(terms) + 1);
    for (unsigned t = 0; t < terms; t++)
        mp_word_add(g, c, 0, &words[t]);
    mp_word_of_columns(g, p, c, true, &sum);
    mp_graph_block(g, "shifter");
    *out = (struct mp_word){.count =
                                mp_golden_form_product_bits(&p->golden, &p->weight, &p->activation),
                            .is_signed = true,
                            .negative = MP_LIT_FALSE};
    s = (struct mp_shift_left){.kind = p->design->shifter,
                               .exponent_bits = most.count,
                               .exponent = most.bits,
                               .in_bits = sum.count,
                               .in = sum.bits,
                               .is_signed = true,
                               .drop = most.minus + guard,
                               .out_bits = out->count};
    mp_shift_left_make(g, &s, out->bits);
    mp_graph_block_return(g, before);
    free(words);
}
