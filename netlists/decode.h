/*
 * A float code's parts, as the hardware sees them (format.h, struct mp_fields):
 *   value = (negative ? -1 : 1) * significand << exponent >> minus
 *
 * A plain format shifts by e - 1, and by 0 at e = 0. Instead of a subtractor the word is shifted by
 * e, by 1 at e = 0, and the lowest bit, which is then always zero, is left out (minus = 1). All
 * that takes is e[0] | e == 0 in place of e[0].
 */
#ifndef MP_NETLISTS_DECODE_H
#define MP_NETLISTS_DECODE_H

#include "estimator/format/format.h"
#include "netlists/graph.h"

#define MP_SIGNIFICAND_MAX 16

struct mp_decoded {
    uint32_t negative;
    unsigned significand_bits;
    uint32_t significand[MP_SIGNIFICAND_MAX];
    unsigned exponent_bits; /* that shift; 0 where no code does */
    uint32_t exponent[8];
    unsigned minus;
};

void mp_decode_float(struct mp_graph *g, const struct mp_format *f, const uint32_t *code,
                     struct mp_decoded *out);
/* One of the two powers of a pot2 code, which = 0 (low bits) or 1: significand of one bit. */
void mp_decode_power(struct mp_graph *g, const struct mp_format *f, const uint32_t *code,
                     unsigned which, struct mp_decoded *out);

/* Largest significand of any code, and how many bits it has. */
unsigned mp_decode_significand_bits(const struct mp_format *f);
/* v(code) != 0. */
uint32_t mp_decode_nonzero(struct mp_graph *g, const struct mp_format *f, const uint32_t *code);

#endif
