/* What the parts of a unit agree on, and words. */
#include "netlists/design_parts.h"
#include "netlists/unit.h"

#include <assert.h>

static unsigned bit_length(mp_u128 x)
{
    unsigned n = 0;

    for (; x != 0; x >>= 1)
        n++;
    return n;
}

/* Bits of the largest |v| of the activation before any shift. */
static mp_u128 most_of(const struct mp_format *f)
{
    switch (f->kind) {
    case MP_FORMAT_INT:
        return (mp_u128)1 << (f->bits - 1u);
    case MP_FORMAT_UINT:
        return ((mp_u128)1 << f->bits) - 1;
    default:
        return ((mp_u128)1 << mp_decode_significand_bits(f)) - 1;
    }
}

void mp_plan_make(struct mp_plan *p, const struct mp_design *d)
{
    const struct mp_adder *adder = d->adder != NULL ? mp_adder_find(d->adder) : NULL;
    unsigned sign;

    *p = (struct mp_plan){.design = d,
                          .golden = mp_design_golden(d),
                          .weight = mp_format_element(&d->weight),
                          .activation = mp_format_element(&d->activation),
                          .architecture = mp_architecture_find(d->multiplier),
                          .adder = adder,
                          .accumulator_adder = adder != NULL ? adder : mp_adder_find("brent-kung"),
                          .has_signs = mp_design_has_signs(d),
                          .in_tree = mp_design_in_tree(d),
                          .cut = d->drop_bits - d->guard_bits};
    sign = p->has_signs ? 1 : 0;
    p->is_signed = p->has_signs ? d->sign != MP_SIGN_MAGNITUDE
                                : mp_golden_product_encoding(&p->weight, &p->activation) ==
                                      MP_PRODUCT_TWOS_COMPLEMENT;
    if (d->alignment == MP_ALIGNMENT_SHARED)
        p->cut = 0;
    p->exact_bits = mp_golden_product_bits(&p->weight, &p->activation) - sign;
    if (p->weight.kind == MP_FORMAT_FLOAT)
        p->significand_product_bits = bit_length(most_of(&p->weight) * most_of(&p->activation));
    p->result_bits = d->unit == MP_UNIT_MAC
                         ? d->accumulator_bits
                         : mp_golden_form_product_bits(&p->golden, &p->weight, &p->activation);
}

uint32_t mp_word_bit(const struct mp_word *w, unsigned i)
{
    if (i < w->count)
        return w->bits[i];
    return w->is_signed && w->count > 0 ? w->bits[w->count - 1] : MP_LIT_FALSE;
}

void mp_word_add(struct mp_graph *g, struct mp_columns *c, unsigned k, const struct mp_word *w)
{
    uint32_t bits[MP_WORD_BITS_MAX];

    if (w->negative == MP_LIT_FALSE) {
        mp_columns_add_row(c, k, w->count, w->bits, w->is_signed);
        return;
    }
    /* -x = ~x + 1, with the sign one bit above x */
    for (unsigned i = 0; i < w->count; i++)
        bits[i] = mp_graph_xor(g, w->bits[i], w->negative);
    mp_columns_add_row(c, k, w->count, bits, false);
    mp_columns_subtract(c, k + w->count, w->negative);
    mp_columns_add(c, k, w->negative);
}

void mp_word_of_columns(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                        bool is_signed, struct mp_word *out)
{
    *out = (struct mp_word){.count = c->count, .is_signed = is_signed, .negative = MP_LIT_FALSE};
    mp_tree_reduce(g, p->architecture->tree, c);
    mp_columns_sum(g, c, p->adder != NULL ? p->adder : p->architecture->adder, out->bits);
    mp_columns_destroy(c);
}

void mp_word_increment(struct mp_graph *g, const struct mp_plan *p, struct mp_word *w,
                       uint32_t carry)
{
    uint32_t zeros[MP_WORD_BITS_MAX] = {0}, sum[MP_WORD_BITS_MAX];

    if (carry == MP_LIT_FALSE)
        return;
    mp_adder_write(g, p->accumulator_adder, 0, 0, w->count, w->bits, zeros, carry, sum);
    for (unsigned i = 0; i < w->count; i++)
        w->bits[i] = sum[i];
}

void mp_word_resolve_sign(struct mp_graph *g, const struct mp_plan *p, struct mp_word *w)
{
    uint32_t negative = w->negative;

    if (w->is_signed)
        return;
    assert(w->count < MP_WORD_BITS_MAX);
    w->bits[w->count++] = MP_LIT_FALSE;
    for (unsigned i = 0; i < w->count; i++)
        w->bits[i] = mp_graph_xor(g, w->bits[i], negative);
    w->is_signed = true;
    w->negative = MP_LIT_FALSE;
    mp_word_increment(g, p, w, negative);
}
