#include "tests/netlists/multiplier_check.h"

static mp_u128 extend(mp_u128 x, unsigned bits, bool is_signed)
{
    if (is_signed && ((x >> (bits - 1)) & 1))
        x |= ~(mp_u128)0 << bits;
    return x;
}

static void expect(const void *context, const mp_u128 *in, mp_u128 *out)
{
    const struct multiplier_case *p = context;

    out[0] = extend(in[0], p->x_bits, p->x_signed) * extend(in[1], p->y_bits, p->y_signed);
    if (p->addend_bits > 0) {
        mp_u128 addend = extend(in[2], p->addend_bits, p->addend_signed);
        out[0] = p->subtracts ? out[0] - addend : out[0] + addend;
    }
}

void multiplier_make(struct mp_graph *g, const struct multiplier_case *p)
{
    struct mp_operands o = {
        .x_bits = p->x_bits, .y_bits = p->y_bits, .x_signed = p->x_signed, .y_signed = p->y_signed};
    struct mp_columns *c;
    uint32_t sum[MP_COLUMNS_MAX];

    mp_graph_init(g, "multiplier");
    o.x = mp_graph_input(g, "x", p->x_bits);
    o.y = mp_graph_input(g, "y", p->y_bits);
    c = mp_columns_create(g, p->bits);
    if (p->addend_bits > 0) {
        const uint32_t *addend = mp_graph_input(g, "addend", p->addend_bits);
        if (p->subtracts)
            mp_columns_subtract_row(c, 0, p->addend_bits, addend, p->addend_signed);
        else
            mp_columns_add_row(c, 0, p->addend_bits, addend, p->addend_signed);
    }
    mp_architecture_write(g, p->architecture, p->adder, &o, c, sum);
    mp_columns_destroy(c);
    mp_graph_output(g, "product", p->bits, sum);
    mp_graph_sweep(g);
}

int multiplier_prove(struct mp_claim_proof *proof, const struct multiplier_case *p,
                     unsigned exhaustive_bits, uint64_t vectors, struct mp_error *err)
{
    struct mp_graph g;
    struct mp_claim claim;
    struct mp_error cause = MP_ERROR_INIT;
    int rc;

    multiplier_make(&g, p);
    if ((rc = mp_claim_of_ports(&claim, &g, &cause)) == MP_OK) {
        claim.expect = expect;
        claim.context = p;
        claim.exhaustive_bits = exhaustive_bits;
        claim.vectors = vectors;
        rc = mp_graph_prove(proof, &g, &claim, &cause);
    }
    mp_graph_release(&g);
    if (rc < 0)
        return mp_fail(err, rc, "%s %u x %u bits, signed %d %d, %u out, addend of %u, adder %s: %s",
                       p->architecture->info.name, p->x_bits, p->y_bits, p->x_signed, p->y_signed,
                       p->bits, p->addend_bits, p->adder ? p->adder->name : "its own",
                       cause.message);
    return MP_OK;
}
