#include "estimator/techmap/move_structure.h"

void mp_move_structure_undo(struct mp_anneal *a)
{
    mp_state_undo(a->structure);
}

struct mp_state *mp_move_structure_begin(struct mp_anneal *a)
{
    struct mp_state *s = a->structure;

    mp_state_begin(s, a->m, &a->random);
    return mp_state_has_room(s) ? s : NULL;
}

uint32_t mp_move_structure_leaf(struct mp_anneal *a)
{
    const struct mp_state *s = a->structure;

    for (unsigned tries = 0; tries < 8; tries++) {
        uint32_t gate = mp_anneal_gate(a, 128), owner, node;

        if (gate == MP_NONE)
            return MP_NONE;
        owner = s->gate_owner[gate];
        if (owner & MP_STATE_COPY_FLAG)
            owner = s->wires[s->nets[s->copies[owner & ~MP_STATE_COPY_FLAG].net].wire].driver;
        node = owner;
        if (node != MP_NONE && s->nodes[node].match != MP_NONE)
            return node;
    }
    return MP_NONE;
}

uint32_t mp_move_structure_top(const struct mp_state *s, uint32_t node)
{
    while (s->nodes[node].parent != MP_NONE)
        node = s->nodes[node].parent;
    return node;
}
