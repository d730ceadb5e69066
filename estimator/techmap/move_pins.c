#include "estimator/techmap/move.h"

#define PATH_BIAS 160

bool mp_move_pins(struct mp_anneal *s)
{
    const struct mp_families *f = s->families;
    uint32_t gate = mp_anneal_gate(s, PATH_BIAS), family, count;
    const struct mp_nldm_cell *cell;
    const struct mp_pin_order *order;
    struct mp_mapped_gate old;
    bool is_changed = false;

    if (gate == MP_NONE)
        return false;
    cell = mp_move_cell(s, gate);
    family = cell->family;
    count = f->first_order[family + 1] - f->first_order[family];
    if (count == 0)
        return false;
    order = &f->orders[f->first_order[family] + mp_move_draw(s, count)];
    old = s->m->gates[gate];
    for (uint32_t k = 0; k < cell->input_count; k++) {
        if (old.inputs[order->pin[k]] == old.inputs[k])
            continue;
        mp_mapped_connect(s->m, gate, order->pin[k], old.inputs[k]);
        is_changed = true;
    }
    return is_changed;
}

static unsigned bit(uint64_t truth, unsigned inputs)
{
    return (unsigned)(truth >> inputs & 1u);
}

/* Whether f(.., g(..), ..), g at input `at` of f, stays the same when input a of f (not `at`) and
 * input b of g change places. */
static bool may_swap(const struct mp_nldm_cell *f, unsigned at, unsigned a,
                     const struct mp_nldm_cell *g, unsigned b)
{
    uint64_t outer = f->outputs[0].truth, inner = g->outputs[0].truth;

    for (unsigned x = 0; x < 1u << f->input_count; x++) {
        if ((x >> at & 1u) != 0 || (x >> a & 1u) != 0)
            continue;
        for (unsigned y = 0; y < 1u << g->input_count; y++) {
            if ((y >> b & 1u) != 0)
                continue;
            /* 0 and 1 against 1 and 0; equal values change nothing. */
            unsigned one = x | 1u << a | bit(inner, y) << at;
            unsigned two = x | bit(inner, y | 1u << b) << at;

            if (bit(outer, one) != bit(outer, two))
                return false;
        }
    }
    return true;
}

bool mp_move_pins_two(struct mp_anneal *s)
{
    struct mp_mapped *m = s->m;
    uint32_t gate = mp_anneal_gate(s, PATH_BIAS), inner, at, a, b, net;
    const struct mp_nldm_cell *f, *g;

    if (gate == MP_NONE)
        return false;
    f = mp_move_cell(s, gate);
    if (f->kind != MP_NLDM_GATE || f->output_count != 1 || f->input_count < 2)
        return false;
    at = mp_move_draw(s, f->input_count);
    net = m->gates[gate].inputs[at];
    if (m->nets[net].driver == MP_NONE || m->nets[net].sink_count != 1 ||
        m->nets[net].output_count != 0)
        return false;
    inner = m->nets[net].driver / 2;
    g = mp_move_cell(s, inner);
    if (g->kind != MP_NLDM_GATE || g->output_count != 1 || inner == gate)
        return false;
    a = (at + 1 + mp_move_draw(s, f->input_count - 1u)) % f->input_count;
    b = mp_move_draw(s, g->input_count);
    uint32_t net_a = m->gates[gate].inputs[a], net_b = m->gates[inner].inputs[b];

    if (net_a == net_b || !may_swap(f, at, a, g, b))
        return false;
    mp_mapped_connect(m, gate, a, net_b);
    mp_mapped_connect(m, inner, b, net_a);
    return true;
}
