/*
 * Operands of a unit: ports, registers, and what holds or isolates them where a product is zero
 * anyway. None of it changes what the unit computes.
 *
 *   isolate     behind the registers: the weight's bits AND (activation != 0). The multiplier's
 *               inputs are still while activations are zero, but for the first and the last.
 *   zero-skip   in front of the registers: a cycle whose products are all zero (and that starts no
 *               sum) is not let in; operand registers hold, and the accumulator too. A multiplier
 *               of one cycle's products puts out zero, by an AND a bit.
 *   data-gate   in front of the registers, each operand by itself: the activation's register takes
 *               every zero, so the product is zero whatever the weight's holds; the weight's is
 *               loaded where the activation is not zero, the activation's where the weight is not
 *               zero or it is zero itself.
 *
 * The sign of a product that leaves as sign and magnitude is defined for zero products too, so sign
 * bits are never held or isolated there.
 */
#include "netlists/unit.h"

struct ports {
    unsigned terms, weight_bits, activation_bits;
    uint32_t *weight, *activation;
    uint32_t first;
    uint32_t load_weight[MP_TERMS_MAX], load_activation[MP_TERMS_MAX]; /* enables */
    uint32_t hold;                                                     /* the whole cycle */
};

static void make_ports(struct mp_graph *g, const struct mp_plan *p, struct ports *in)
{
    const struct mp_design *d = p->design;

    in->terms = d->terms;
    in->weight_bits = p->weight.bits;
    in->activation_bits = p->activation.bits;
    in->weight = mp_graph_input(g, "weight", in->terms * in->weight_bits);
    in->activation = mp_graph_input(g, "activation", in->terms * in->activation_bits);
    in->first = MP_LIT_FALSE;
    if (d->unit == MP_UNIT_MAC && d->registers == MP_REGISTERS_BOTH)
        in->first = mp_graph_input(g, "first", 1)[0];
    in->hold = MP_LIT_FALSE;
    for (unsigned t = 0; t < in->terms; t++)
        in->load_weight[t] = in->load_activation[t] = MP_LIT_TRUE;
}

static void find_zeros(struct mp_graph *g, const struct mp_plan *p, struct ports *in)
{
    uint32_t before = mp_graph_block(g, "low_power"), zero[MP_TERMS_MAX];
    bool each = p->design->low_power == MP_LOW_POWER_DATA_GATE;

    for (unsigned t = 0; t < in->terms; t++) {
        uint32_t w = mp_decode_nonzero(g, &p->weight, in->weight + t * in->weight_bits);
        uint32_t a = mp_decode_nonzero(g, &p->activation, in->activation + t * in->activation_bits);

        zero[t] = mp_lit_not(mp_graph_and(g, w, a));
        if (each) {
            in->load_weight[t] = a;
            in->load_activation[t] = mp_graph_or(g, w, mp_lit_not(a));
        }
    }
    if (!each) {
        in->hold = mp_graph_and(g, mp_graph_and_all(g, in->terms, zero), mp_lit_not(in->first));
        for (unsigned t = 0; t < in->terms; t++)
            in->load_weight[t] = in->load_activation[t] = mp_lit_not(in->hold);
    }
    mp_graph_block_return(g, before);
}

/* Registers of one port; the top bit of each code may be one that always loads. */
static uint32_t *register_port(struct mp_graph *g, const char *name, unsigned terms, unsigned bits,
                               const uint32_t *port, const uint32_t *load, bool free_sign)
{
    uint32_t *q = mp_arena_alloc(&g->arena, terms * bits * sizeof *q);

    for (unsigned i = 0; i < terms * bits; i++) {
        bool is_free = free_sign && i % bits == bits - 1;
        q[i] = mp_graph_register(g);
        mp_graph_register_set(g, q[i], port[i], is_free ? MP_LIT_TRUE : load[i / bits]);
        mp_graph_name(g, q[i], "%s_q[%u]", name, i);
    }
    return q;
}

static void isolate(struct mp_graph *g, const struct mp_plan *p, const struct ports *in,
                    struct mp_operand_bits *out)
{
    uint32_t before = mp_graph_block(g, "low_power"), nonzero = MP_LIT_FALSE;
    uint32_t *gated = mp_arena_alloc(&g->arena, in->terms * in->weight_bits * sizeof *gated);

    for (unsigned t = 0; t < in->terms; t++) {
        nonzero = mp_decode_nonzero(g, &p->activation, out->activation + t * in->activation_bits);
        for (unsigned i = 0; i < in->weight_bits; i++) {
            uint32_t bit = out->weight[t * in->weight_bits + i];
            bool is_sign = p->golden.has_sign && i + 1 == in->weight_bits;
            gated[t * in->weight_bits + i] = is_sign ? bit : mp_graph_and(g, bit, nonzero);
        }
    }
    out->weight = gated;
    mp_graph_block_return(g, before);
}

void mp_operands_make(struct mp_graph *g, const struct mp_plan *p, struct mp_operand_bits *out)
{
    const struct mp_design *d = p->design;
    bool free_sign = p->golden.has_sign;
    struct ports in;

    make_ports(g, p, &in);
    *out = (struct mp_operand_bits){
        .weight = in.weight, .activation = in.activation, .first = in.first, .skip = MP_LIT_FALSE};
    if (d->registers == MP_REGISTERS_BOTH) {
        bool activation_sign = free_sign && p->activation.kind != MP_FORMAT_UINT;

        if (d->low_power != MP_LOW_POWER_NONE && d->low_power != MP_LOW_POWER_ISOLATE)
            find_zeros(g, p, &in);
        out->weight = register_port(g, "weight", in.terms, in.weight_bits, in.weight,
                                    in.load_weight, free_sign);
        out->activation = register_port(g, "activation", in.terms, in.activation_bits,
                                        in.activation, in.load_activation, activation_sign);
        if (in.first != MP_LIT_FALSE) {
            const uint32_t always = MP_LIT_TRUE;
            out->first = *register_port(g, "first", 1, 1, &in.first, &always, false);
        }
        if (in.hold != MP_LIT_FALSE) {
            out->skip = mp_graph_register(g);
            mp_graph_register_set(g, out->skip, in.hold, MP_LIT_TRUE);
            mp_graph_name(g, out->skip, "skip_q");
        }
    }
    if (d->low_power == MP_LOW_POWER_ISOLATE)
        isolate(g, p, &in, out);
}
