#include "netlists/shifter.h"

#include <assert.h>

struct word {
    unsigned width;
    struct mp_bit bits[MP_SHIFTER_BITS_MAX];
};

static struct mp_bit bit_at(const struct word *w, unsigned i, unsigned distance)
{
    return i >= distance ? w->bits[i - distance] : mp_bit_constant(false);
}

/* Shift by 0 or distance. Bits below `from` are not wanted. */
static void write_stage_of_two(struct mp_verilog *v, struct word *w, unsigned from,
                               unsigned distance, struct mp_bit select)
{
    struct word in = *w;

    mp_verilog_comment(v, "shift by 0 or %u", distance);
    for (unsigned i = from; i < w->width; i++)
        w->bits[i] = mp_mux(v, mp_bit_named("s%u_%u", distance, i), select,
                            bit_at(&in, i, distance), in.bits[i]);
}

/* One-hot selects of 0..3 distances from a two-bit number; high and low are signals. */
static void write_stage_of_four(struct mp_verilog *v, struct word *w, unsigned from,
                                unsigned distance, struct mp_bit high, struct mp_bit low)
{
    struct word in = *w;

    mp_verilog_comment(v, "shift by 0, %u, %u or %u", distance, 2 * distance, 3 * distance);
    for (unsigned k = 0; k < 4; k++)
        mp_text_printf(v->out, "    wire by%u_%u = %s%s & %s%s;\n", distance, k, k & 2 ? "" : "~",
                       high.name, k & 1 ? "" : "~", low.name);
    for (unsigned i = from; i < w->width; i++) {
        const char *separator = "";
        struct mp_bit name = mp_bit_named("s%u_%u", distance, i);

        for (unsigned k = 0; k < 4; k++) {
            struct mp_bit x = bit_at(&in, i, k * distance);
            if (mp_bit_is(&x, false))
                continue;
            if (*separator == '\0')
                mp_text_printf(v->out, "    wire %s = ", name.name);
            mp_text_printf(v->out, "%sby%u_%u & %s", separator, distance, k, x.name);
            separator = " | ";
        }
        if (*separator != '\0')
            mp_text_add(v->out, ";\n");
        w->bits[i] = *separator != '\0' ? name : mp_bit_constant(false);
    }
}

/* Stages of two in front of the last stage, which takes two exponent bits where there are two. */
static unsigned count_of_two(const struct mp_shifter *s)
{
    return s->exponent_bits < 2 ? 0 : s->exponent_bits - 2;
}

bool mp_shifter_takes_inverted(const struct mp_shifter *s)
{
    return count_of_two(s) % 2 == 0;
}

static void write_ports(struct mp_verilog *v, const char *name, const struct mp_shifter *s)
{
    mp_text_printf(v->out,
                   "module %s (\n"
                   "    input wire %s exponent,\n"
                   "%s"
                   "    input wire %s %s,\n"
                   "    output wire %s out\n);\n",
                   name, mp_verilog_range(s->exponent_bits).name,
                   s->minus_one ? "    input wire [0:0] normal,\n" : "",
                   mp_verilog_range(s->in_bits).name, mp_shifter_takes_inverted(s) ? "in_n" : "in",
                   mp_verilog_range(s->out_bits).name);
    if (mp_shifter_takes_inverted(s))
        mp_text_printf(v->out, "    wire %s in = ~in_n;\n", mp_verilog_range(s->in_bits).name);
}

void mp_shifter_write(struct mp_verilog *v, const char *name, const struct mp_shifter *s)
{
    struct word w = {.width = s->out_bits + s->minus_one};
    struct mp_bit low = mp_bit_of("exponent", 0);
    unsigned k = 0;

    assert(w.width <= MP_SHIFTER_BITS_MAX);
    write_ports(v, name, s);
    for (unsigned i = 0; i < w.width; i++)
        w.bits[i] = i < s->in_bits ? mp_bit_of("in", i) : mp_bit_constant(false);
    if (s->minus_one) {
        mp_verilog_comment(v, "an exponent of zero shifts like one");
        mp_text_add(v->out, "    wire odd = exponent[0] | ~normal[0];\n");
        low = mp_bit_named("odd");
    }
    for (; k < count_of_two(s); k++) {
        write_stage_of_two(v, &w, 0, 1u << k, low);
        low = mp_bit_of("exponent", k + 1);
    }
    if (s->exponent_bits < 2)
        write_stage_of_two(v, &w, s->minus_one, 1u << k, low);
    else
        write_stage_of_four(v, &w, s->minus_one, 1u << k, mp_bit_of("exponent", k + 1), low);
    mp_text_add(v->out, "\n");
    mp_verilog_assign_bus(v, "out", w.bits + s->minus_one, s->out_bits);
    mp_text_add(v->out, "endmodule\n\n");
}
