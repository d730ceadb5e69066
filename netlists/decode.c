#include "netlists/decode.h"

#include <assert.h>

static uint32_t any_of(struct mp_graph *g, unsigned count, const uint32_t *bits)
{
    uint32_t inverted[32];

    assert(count <= 32);
    for (unsigned i = 0; i < count; i++)
        inverted[i] = mp_lit_not(bits[i]);
    return mp_lit_not(mp_graph_and_all(g, count, inverted));
}

static bool has_hidden(const struct mp_format *f)
{
    return f->exponent_bits > 0 || f->no_subnormals;
}

unsigned mp_decode_significand_bits(const struct mp_format *f)
{
    return f->mantissa_bits + has_hidden(f);
}

/* The exponent is in bf16w<N>'s window: the bits above it are ones. */
static uint32_t in_window(struct mp_graph *g, const struct mp_format *f, const uint32_t *code)
{
    return mp_graph_and_all(g, f->exponent_bits - f->window_bits,
                            code + f->mantissa_bits + f->window_bits);
}

static uint32_t hidden_bit(struct mp_graph *g, const struct mp_format *f, const uint32_t *code)
{
    if (f->window_bits > 0)
        return in_window(g, f, code);
    if (f->no_subnormals)
        return any_of(g, f->exponent_bits + f->mantissa_bits, code);
    return any_of(g, f->exponent_bits, code + f->mantissa_bits);
}

void mp_decode_float(struct mp_graph *g, const struct mp_format *f, const uint32_t *code,
                     struct mp_decoded *out)
{
    unsigned m = f->mantissa_bits;
    uint32_t hidden = MP_LIT_FALSE;

    *out = (struct mp_decoded){.negative = code[f->bits - 1u],
                               .significand_bits = mp_decode_significand_bits(f)};
    if (has_hidden(f)) {
        hidden = hidden_bit(g, f, code);
        mp_graph_name(g, hidden, mp_lit_inverted(hidden) ? "no_hidden" : "hidden");
        out->significand[m] = hidden;
    }
    for (unsigned i = 0; i < m; i++)
        out->significand[i] = f->window_bits > 0 ? mp_graph_and(g, code[i], hidden) : code[i];
    if (mp_format_max_shift(f) == 0)
        return;
    out->exponent_bits = f->window_bits > 0 ? f->window_bits : f->exponent_bits;
    for (unsigned i = 0; i < out->exponent_bits; i++)
        out->exponent[i] = code[m + i];
    if (f->window_bits == 0 && !f->no_subnormals) {
        out->exponent[0] = mp_graph_or(g, code[m], mp_lit_not(hidden));
        out->minus = 1;
    }
}

void mp_decode_power(struct mp_graph *g, const struct mp_format *f, const uint32_t *code,
                     unsigned which, struct mp_decoded *out)
{
    const uint32_t *e = code + which * f->exponent_bits;
    uint32_t one = any_of(g, f->exponent_bits, e);

    *out = (struct mp_decoded){.negative = code[f->bits - 1u],
                               .significand_bits = 1,
                               .significand = {one},
                               .exponent_bits = f->exponent_bits > 1 ? f->exponent_bits : 0,
                               .minus = f->exponent_bits > 1};
    for (unsigned i = 0; i < out->exponent_bits; i++)
        out->exponent[i] = e[i];
    out->exponent[0] = out->exponent_bits > 0 ? mp_graph_or(g, e[0], mp_lit_not(one)) : 0;
}

uint32_t mp_decode_nonzero(struct mp_graph *g, const struct mp_format *f, const uint32_t *code)
{
    unsigned sign = f->kind == MP_FORMAT_INT || f->kind == MP_FORMAT_UINT ? 0 : 1;

    if (f->window_bits > 0)
        return in_window(g, f, code);
    return any_of(g, f->bits - sign, code);
}
