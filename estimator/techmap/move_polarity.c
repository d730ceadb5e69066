#include "estimator/techmap/move.h"

uint32_t mp_move_invert(struct mp_anneal *s, uint32_t net)
{
    uint32_t out = mp_mapped_add_net(s->m);
    uint32_t type = mp_family_cell(s->families, s->families->inverter, 0);

    mp_mapped_add_gate(s->m, type, (uint32_t[]){net}, (uint32_t[]){out});
    return out;
}

void mp_move_turn_output(struct mp_anneal *s, uint32_t gate)
{
    struct mp_mapped *m = s->m;
    uint32_t net = m->gates[gate].outputs[0], turned = MP_NONE, next;

    mp_mapped_connect_output(m, gate, 0, MP_NONE);
    for (uint32_t p = m->nets[net].first_sink; p != MP_NONE; p = next) {
        uint32_t inverter = mp_mapped_pin_gate(p), out;

        next = m->sinks[p].next;
        if (mp_move_cell(s, inverter)->family != s->families->inverter)
            continue;
        out = m->gates[inverter].outputs[0];
        mp_mapped_remove_gate(m, inverter);
        if (out == MP_NONE)
            continue;
        if (turned == MP_NONE) {
            turned = out;
        } else {
            mp_mapped_move_sinks(m, out, turned);
            mp_mapped_remove_net(m, out);
        }
    }
    if (turned == MP_NONE)
        turned = mp_mapped_add_net(m);
    mp_mapped_connect_output(m, gate, 0, turned);
    if (m->nets[net].sink_count == 0 && m->nets[net].output_count == 0)
        mp_mapped_remove_net(m, net);
    else
        mp_mapped_add_gate(m, mp_family_cell(s->families, s->families->inverter, 0),
                           (uint32_t[]){turned}, (uint32_t[]){net});
}

bool mp_move_polarity(struct mp_anneal *s)
{
    const struct mp_families *f = s->families;
    struct mp_mapped *m = s->m;
    uint32_t gate = mp_anneal_gate(s, 128), family, count, type;
    const struct mp_family_variant *v;
    const struct mp_nldm_cell *cell;
    struct mp_mapped_gate old;

    if (gate == MP_NONE || f->inverter == MP_NONE)
        return false;
    cell = mp_move_cell(s, gate);
    family = cell->family;
    count = f->first_variant[family + 1] - f->first_variant[family];
    if (count == 0 || m->gates[gate].outputs[0] == MP_NONE)
        return false;
    v = &f->variants[f->first_variant[family] + mp_move_draw(s, count)];
    type = mp_move_type(s, v->family, m->gates[gate].type);
    if (type == MP_NONE)
        type = m->gates[gate].type;
    old = m->gates[gate];
    mp_mapped_set_type(m, gate, type);
    for (uint32_t k = 0; k < cell->input_count; k++) {
        uint32_t net = old.inputs[k];

        if (v->inverted_inputs >> k & 1u) {
            net = mp_move_inverse(s, old.inputs[k]);
            if (net == MP_NONE)
                net = mp_move_invert(s, old.inputs[k]);
        }
        if (m->gates[gate].inputs[v->order.pin[k]] != net)
            mp_mapped_connect(m, gate, v->order.pin[k], net);
    }
    if (v->inverts_output)
        mp_move_turn_output(s, gate);
    for (uint32_t k = 0; k < cell->input_count; k++)
        if (old.inputs[k] > MP_MAPPED_ONE)
            mp_move_prune(m, old.inputs[k]);
    return mp_move_overload(m, m->gates[gate].outputs[0]) <= 1;
}
