#include "netlists/shifter.h"

#include <assert.h>

void mp_shifter_write(struct mp_verilog *v, const char *name, const struct mp_shifter *s)
{
    struct mp_bit word[MP_SHIFTER_BITS_MAX + 1], next[MP_SHIFTER_BITS_MAX + 1];
    unsigned width = s->out_bits + s->minus_one;

    assert(width <= MP_SHIFTER_BITS_MAX);
    mp_text_printf(v->out,
                   "module %s (\n"
                   "    input wire %s exponent,\n"
                   "%s"
                   "    input wire %s in,\n"
                   "    output wire %s out\n);\n",
                   name, mp_verilog_range(s->exponent_bits).name,
                   s->minus_one ? "    input wire [0:0] normal,\n" : "",
                   mp_verilog_range(s->in_bits).name, mp_verilog_range(s->out_bits).name);
    for (unsigned i = 0; i < width; i++)
        word[i] = i < s->in_bits ? mp_bit_of("in", i) : mp_bit_constant(false);
    for (unsigned k = 0; k < s->exponent_bits; k++) {
        struct mp_bit select = mp_bit_of("exponent", k);
        unsigned distance = 1u << k;
        /* The lowest bit of a plain format's result is left out. */
        unsigned from = k + 1 == s->exponent_bits ? s->minus_one : 0;

        mp_verilog_comment(v, "shift by %u", distance);
        if (k == 0 && s->minus_one) {
            mp_text_printf(v->out, "    wire shift_1 = exponent[0] | ~normal[0];\n");
            select = mp_bit_named("shift_1");
        }
        for (unsigned i = from; i < width; i++)
            next[i] = mp_mux(v, mp_bit_named("s%u_%u", distance, i), select,
                             i >= distance ? word[i - distance] : mp_bit_constant(false), word[i]);
        for (unsigned i = from; i < width; i++)
            word[i] = next[i];
    }
    mp_text_add(v->out, "\n");
    mp_verilog_assign_bus(v, "out", word + s->minus_one, s->out_bits);
    mp_text_add(v->out, "endmodule\n\n");
}
