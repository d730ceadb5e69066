/* One product: rows for a tree, or a word of its own. */
#include "netlists/unit.h"

#include <assert.h>

/* Up to so many significand bits a signed activation is corrected by a row in the tree: as large
 * as a carry chain, and faster (e4m3 x int8 0.950 against 1.082 ns, e4m6 1.391 against 1.329). */
#define ROW_FOR_SIGN_MAX 4
#define FACTOR_BITS_MAX  128

/* The activation's side of a product, made to be multiplied by a significand without a sign:
 *   activation = y + correction, y two's complement where is_signed */
struct factor {
    unsigned count;
    uint32_t y[FACTOR_BITS_MAX];
    bool is_signed;
    uint32_t correction; /* one bit of weight 1 */
};

static bool is_int(const struct mp_format *f)
{
    return f->kind == MP_FORMAT_INT;
}

/* |activation| = (a ^ sign) + sign: 2^(bits-1) fits, the carry runs through the inverted bits. */
static void make_absolute(struct mp_graph *g, struct factor *f)
{
    uint32_t sign = f->y[f->count - 1], carry = sign;

    for (unsigned i = 0; i + 1 < f->count; i++) {
        uint32_t x = mp_graph_xor(g, f->y[i], sign);
        f->y[i] = mp_graph_xor(g, x, carry);
        mp_graph_name(g, f->y[i], "absolute%u", i);
        carry = mp_graph_and(g, x, carry);
    }
    f->y[f->count - 1] = carry;
}

/* Without a sign; of a signed activation as a ^ sign, and sign as the correction: one more row in
 * the tree and one bit less in every other, instead of a carry chain. */
static void make_magnitude(struct mp_graph *g, const struct mp_plan *p, struct factor *f,
                           unsigned significand_bits)
{
    uint32_t sign;

    if (!is_int(&p->activation))
        return;
    if (significand_bits == 1 || significand_bits > ROW_FOR_SIGN_MAX) {
        make_absolute(g, f);
        return;
    }
    sign = f->y[--f->count];
    for (unsigned i = 0; i < f->count; i++)
        f->y[i] = mp_graph_xor(g, f->y[i], sign);
    f->correction = sign;
}

/* -a = ~a + 1 where the product is negative. */
static void make_negated(struct mp_graph *g, const struct mp_plan *p, struct factor *f,
                         uint32_t negative)
{
    for (unsigned i = 0; i < f->count; i++)
        f->y[i] = mp_graph_xor(g, f->y[i], negative);
    if (!is_int(&p->activation))
        f->y[f->count++] = negative;
    f->is_signed = true;
    f->correction = negative;
}

static void make_factor(struct mp_graph *g, const struct mp_plan *p, unsigned significand_bits,
                        uint32_t weight_negative, const uint32_t *activation, struct factor *f,
                        struct mp_decoded *decoded)
{
    uint32_t negative = weight_negative;

    *f = (struct factor){.correction = MP_LIT_FALSE};
    *decoded = (struct mp_decoded){0};
    if (p->activation.kind == MP_FORMAT_FLOAT) {
        mp_decode_float(g, &p->activation, activation, decoded);
        negative = mp_graph_xor(g, negative, decoded->negative);
        f->count = decoded->significand_bits;
        for (unsigned i = 0; i < f->count; i++)
            f->y[i] = decoded->significand[i];
    } else {
        f->count = p->activation.bits;
        for (unsigned i = 0; i < f->count; i++)
            f->y[i] = activation[i];
    }
    if (p->design->sign == MP_SIGN_NEGATE_FIRST)
        make_negated(g, p, f, negative);
    else
        make_magnitude(g, p, f, significand_bits);
}

/* + significand * factor. */
static void add_product(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                        const uint32_t *significand, unsigned significand_bits,
                        const struct factor *f)
{
    const struct mp_operands o = {.x = significand,
                                  .x_bits = significand_bits,
                                  .y = f->y,
                                  .y_bits = f->count,
                                  .y_signed = f->is_signed};

    /* Booth's digits of one or two bits are no less than the bits. */
    if (significand_bits <= 2 || f->count <= 2)
        mp_partial_and.write(g, c, &o);
    else
        p->architecture->partial->write(g, c, &o);
    mp_columns_next_row(c);
    for (unsigned i = 0; i < significand_bits; i++)
        mp_columns_add(c, i, mp_graph_and(g, significand[i], f->correction));
    mp_columns_next_row(c);
}

uint32_t mp_term_negative(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                          const uint32_t *activation)
{
    const struct mp_format *a = &p->activation;
    uint32_t negative = weight[p->weight.bits - 1u];

    if (!p->has_signs || p->design->sign == MP_SIGN_NEGATE_FIRST)
        return MP_LIT_FALSE;
    if (a->kind != MP_FORMAT_UINT)
        negative = mp_graph_xor(g, negative, activation[a->bits - 1u]);
    /* Half of the activations are 0 after a ReLU; inverting a zero would toggle the whole adder. */
    if (p->design->unit == MP_UNIT_MAC)
        negative = mp_graph_and(g, negative, mp_decode_nonzero(g, a, activation));
    return negative;
}

/* The factor shifted by the weight's exponent, zeros of an inverted one being ones. */
static void shift_factor(struct mp_graph *g, const struct mp_plan *p, const struct mp_decoded *w,
                         struct factor *f)
{
    uint32_t shifted[FACTOR_BITS_MAX];
    unsigned most = (1u << w->exponent_bits) - 1 - w->minus;
    struct mp_shift_left s = {.kind = p->design->shifter,
                              .exponent_bits = w->exponent_bits,
                              .exponent = w->exponent,
                              .in_bits = f->count,
                              .in = f->y,
                              .is_signed = f->is_signed,
                              .fill = f->correction,
                              .drop = w->minus,
                              .out_bits = f->count + most};
    uint32_t before;

    if (w->exponent_bits == 0)
        return;
    assert(s.out_bits <= FACTOR_BITS_MAX);
    before = mp_graph_block(g, "shifter");
    mp_shift_left_make(g, &s, shifted);
    mp_graph_block_return(g, before);
    f->count = s.out_bits;
    for (unsigned i = 0; i < f->count; i++)
        f->y[i] = shifted[i];
}

/* One significand times a shifted factor; a significand of one bit is applied before the shift,
 * where the factor is short. */
static void add_shifted(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                        const struct mp_decoded *w, const uint32_t *activation)
{
    const uint32_t one = MP_LIT_TRUE;
    struct mp_decoded unused;
    struct factor f;

    make_factor(g, p, w->significand_bits, w->negative, activation, &f, &unused);
    if (w->significand_bits > 1) {
        shift_factor(g, p, w, &f);
        add_product(g, p, c, w->significand, w->significand_bits, &f);
        return;
    }
    for (unsigned i = 0; i < f.count; i++)
        f.y[i] = mp_graph_and(g, f.y[i], w->significand[0]);
    f.correction = mp_graph_and(g, f.correction, w->significand[0]);
    shift_factor(g, p, w, &f);
    add_product(g, p, c, &one, 1, &f);
}

void mp_term_rows(struct mp_graph *g, const struct mp_plan *p, struct mp_columns *c,
                  const uint32_t *weight, const uint32_t *activation)
{
    struct mp_operands o = {.x = weight,
                            .y = activation,
                            .x_bits = p->weight.bits,
                            .y_bits = p->activation.bits,
                            .x_signed = is_int(&p->weight),
                            .y_signed = is_int(&p->activation)};
    struct mp_decoded w;

    switch (p->weight.kind) {
    case MP_FORMAT_FLOAT:
        mp_decode_float(g, &p->weight, weight, &w);
        add_shifted(g, p, c, &w, activation);
        break;
    case MP_FORMAT_POWERS:
        for (unsigned i = 0; i < 2; i++) {
            mp_decode_power(g, &p->weight, weight, i, &w);
            add_shifted(g, p, c, &w, activation);
        }
        break;
    default:
        p->architecture->partial->write(g, c, &o);
        mp_columns_next_row(c);
        break;
    }
}

/* Sum of both exponents, where both operands are shifted. */
static void add_shifts(struct mp_graph *g, const struct mp_decoded *w, const struct mp_decoded *a,
                       struct mp_term_shift *out)
{
    uint32_t x[8] = {0}, y[8] = {0};
    const struct mp_decoded *one = a->exponent_bits == 0 ? w : a;

    out->minus = w->minus + a->minus;
    if (w->exponent_bits == 0 || a->exponent_bits == 0) {
        out->count = one->exponent_bits;
        for (unsigned i = 0; i < out->count; i++)
            out->bits[i] = one->exponent[i];
        return;
    }
    out->count = 1 + (w->exponent_bits > a->exponent_bits ? w->exponent_bits : a->exponent_bits);
    for (unsigned i = 0; i < w->exponent_bits; i++)
        x[i] = w->exponent[i];
    for (unsigned i = 0; i < a->exponent_bits; i++)
        y[i] = a->exponent[i];
    mp_adder_write(g, &mp_adder_ripple, 0, 0, out->count, x, y, MP_LIT_FALSE, out->bits);
}

void mp_term_significand(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                         const uint32_t *activation, struct mp_word *out,
                         struct mp_term_shift *shift)
{
    uint32_t before = mp_graph_block(g, "multiplier");
    unsigned bits = p->significand_product_bits;
    struct mp_decoded w, a;
    struct factor f;
    struct mp_columns *c;

    mp_decode_float(g, &p->weight, weight, &w);
    make_factor(g, p, w.significand_bits, w.negative, activation, &f, &a);
    if (w.significand_bits == 1 && !f.is_signed) {
        *out = (struct mp_word){.count = bits};
        for (unsigned i = 0; i < bits; i++)
            out->bits[i] = mp_graph_and(g, w.significand[0], i < f.count ? f.y[i] : MP_LIT_FALSE);
    } else {
        c = mp_columns_create(g, bits + f.is_signed);
        add_product(g, p, c, w.significand, w.significand_bits, &f);
        mp_word_of_columns(g, p, c, f.is_signed, out);
    }
    out->negative = mp_term_negative(g, p, weight, activation);
    if (p->design->sign == MP_SIGN_TWOS_COMPLEMENT)
        mp_word_resolve_sign(g, p, out);
    add_shifts(g, &w, &a, shift);
    mp_graph_block_return(g, before);
}

void mp_term_word(struct mp_graph *g, const struct mp_plan *p, const uint32_t *weight,
                  const uint32_t *activation, struct mp_word *out)
{
    struct mp_term_shift by;
    struct mp_word m;
    struct mp_shift_left s;
    uint32_t before;

    mp_term_significand(g, p, weight, activation, &m, &by);
    *out = (struct mp_word){.count = p->exact_bits + m.is_signed - p->cut,
                            .is_signed = m.is_signed,
                            .negative = m.negative};
    s = (struct mp_shift_left){.kind = p->design->shifter,
                               .exponent_bits = by.count,
                               .exponent = by.bits,
                               .in_bits = m.count,
                               .in = m.bits,
                               .is_signed = m.is_signed,
                               .fill = MP_LIT_FALSE,
                               .drop = by.minus + p->cut,
                               .out_bits = out->count};
    before = mp_graph_block(g, "shifter");
    mp_shift_left_make(g, &s, out->bits);
    mp_graph_block_return(g, before);
}
