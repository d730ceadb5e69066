#include "estimator/techmap/move.h"

bool mp_move_buffer(struct mp_anneal *s)
{
    struct mp_mapped *m = s->m;
    uint32_t pins[MP_MOVE_SINKS], net, count, type, behind;

    if (s->families->buffer == MP_NONE)
        return false;
    net = mp_move_net(s);
    count = mp_move_some_sinks(s, net, true, pins);
    if (count == 0)
        return false;
    type = mp_move_type(s, s->families->buffer, MP_NONE);
    behind = mp_mapped_add_net(m);
    mp_mapped_add_gate(m, type, (uint32_t[]){net}, (uint32_t[]){behind});
    for (uint32_t k = 0; k < count; k++)
        mp_mapped_connect(m, mp_mapped_pin_gate(pins[k]), mp_mapped_pin_input(pins[k]), behind);
    return mp_move_overload(m, behind) <= 1;
}

bool mp_move_clone(struct mp_anneal *s)
{
    struct mp_mapped *m = s->m;
    uint32_t pins[MP_MOVE_SINKS], net = mp_move_net(s), count, gate, behind;
    const struct mp_nldm_cell *cell;
    struct mp_mapped_gate old;

    if (net == MP_NONE || m->nets[net].driver == MP_NONE)
        return false;
    gate = m->nets[net].driver / 2;
    cell = mp_move_cell(s, gate);
    if (cell->kind != MP_NLDM_GATE || cell->output_count != 1 || cell->dont_use)
        return false;
    count = mp_move_some_sinks(s, net, false, pins);
    if (count == 0)
        return false;
    old = m->gates[gate];
    behind = mp_mapped_add_net(m);
    mp_mapped_add_gate(m, old.type, old.inputs, (uint32_t[]){behind});
    for (uint32_t k = 0; k < count; k++)
        mp_mapped_connect(m, mp_mapped_pin_gate(pins[k]), mp_mapped_pin_input(pins[k]), behind);
    for (unsigned k = 0; k < cell->input_count; k++)
        if (mp_move_overload(m, old.inputs[k]) > 1)
            return false;
    return true;
}

/* All that hangs on `from` hangs on `to`; what drove `from` goes if nothing else needs it. */
static bool replace(struct mp_mapped *m, uint32_t from, uint32_t to)
{
    double before = mp_move_overload(m, to);

    mp_mapped_move_sinks(m, from, to);
    mp_move_prune(m, from);
    return mp_move_overload(m, to) <= (before > 1 ? before : 1);
}

bool mp_move_bypass(struct mp_anneal *s)
{
    const struct mp_families *f = s->families;
    struct mp_mapped *m = s->m;
    uint32_t gate = mp_anneal_gate(s, 128), to, inverse;
    const struct mp_nldm_cell *cell;

    if (gate == MP_NONE)
        return false;
    cell = mp_move_cell(s, gate);
    if (cell->kind != MP_NLDM_GATE || cell->input_count != 1 || cell->output_count != 1 ||
        m->gates[gate].outputs[0] == MP_NONE)
        return false;
    to = m->gates[gate].inputs[0];
    if (cell->family == f->buffer)
        return replace(m, m->gates[gate].outputs[0], to);
    if (cell->family != f->inverter || m->nets[to].driver == MP_NONE)
        return false;
    inverse = m->nets[to].driver / 2;
    if (mp_move_cell(s, inverse)->family != f->inverter)
        return false;
    return replace(m, m->gates[gate].outputs[0], m->gates[inverse].inputs[0]);
}

bool mp_move_join(struct mp_anneal *s)
{
    struct mp_mapped *m = s->m;
    uint32_t gate = mp_anneal_gate(s, 64), net, seen = 0;
    const struct mp_nldm_cell *cell;

    if (gate == MP_NONE)
        return false;
    cell = mp_move_cell(s, gate);
    if (cell->kind != MP_NLDM_GATE || cell->output_count != 1 || cell->input_count == 0 ||
        m->gates[gate].outputs[0] == MP_NONE)
        return false;
    net = m->gates[gate].inputs[0];
    for (uint32_t p = m->nets[net].first_sink; p != MP_NONE && seen++ < MP_MOVE_SINKS;
         p = m->sinks[p].next) {
        uint32_t other = mp_mapped_pin_gate(p);
        bool is_same = other != gate && mp_mapped_pin_input(p) == 0 &&
                       mp_move_cell(s, other)->family == cell->family &&
                       m->gates[other].outputs[0] != MP_NONE;

        for (unsigned k = 1; k < cell->input_count && is_same; k++)
            is_same = m->gates[other].inputs[k] == m->gates[gate].inputs[k];
        if (is_same)
            return replace(m, m->gates[other].outputs[0], m->gates[gate].outputs[0]);
    }
    return false;
}
