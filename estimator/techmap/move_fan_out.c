#include "estimator/techmap/move_structure.h"

/* A net near a gate that matters, one it reads or one it drives, with at least `sinks` readers. */
static uint32_t pick_net(struct mp_anneal *a, const struct mp_state *s, uint32_t sinks)
{
    uint32_t gate = mp_anneal_gate(a, 128), net;
    const struct mp_nldm_cell *cell;

    if (gate == MP_NONE)
        return MP_NONE;
    cell = &s->matcher->nldm->cells[s->mapped->gates[gate].type];
    if (cell->kind != MP_NLDM_GATE)
        return MP_NONE;
    if (mp_random_below(s->random, 2) == 0)
        net = s->mapped->gates[gate].inputs[mp_random_below(s->random, cell->input_count)];
    else
        net = s->mapped->gates[gate].outputs[mp_random_below(s->random, cell->output_count)];
    if (net == MP_NONE || net <= MP_MAPPED_ONE || s->mapped->nets[net].sink_count < sinks)
        return MP_NONE;
    return net;
}

static bool is_on_path(struct mp_anneal *a, uint32_t gate)
{
    uint32_t length = mp_anneal_path(a);

    for (uint32_t i = 0; i < length && i < MP_ANNEAL_PATH; i++)
        if (a->path[i].gate == gate)
            return true;
    return false;
}

/* The gate of a sink reads another net; a copy's gate has a new parent then. */
static void attach(struct mp_state *s, uint32_t sink, uint32_t net)
{
    uint32_t gate = mp_mapped_pin_gate(sink), owner = s->gate_owner[gate];

    mp_mapped_connect(s->mapped, gate, mp_mapped_pin_input(sink), net);
    if (owner & MP_STATE_COPY_FLAG)
        mp_state_put(s, &s->copies[owner & ~MP_STATE_COPY_FLAG].parent, net);
}

/* A net of the same wire in this polarity, other than `net`; by chance where there are several. */
static uint32_t other_net(const struct mp_state *s, uint32_t net, bool inverted)
{
    const struct mp_state_wire *w = &s->wires[s->nets[net].wire];
    uint32_t found = MP_NONE, count = 0;

    if (w->net != net && s->nets[w->net].inverted == (uint32_t)inverted) {
        found = w->net;
        count = 1;
    }
    for (uint32_t c = w->first_copy; c != MP_NONE; c = s->copies[c].next) {
        uint32_t other = s->copies[c].net;

        if (other != net && s->nets[other].inverted == (uint32_t)inverted &&
            mp_random_below(s->random, ++count) == 0)
            found = other;
    }
    return found;
}

#define SINKS 64

/* Some of a net's readers get a net of their own: behind a buffer, or behind an inverter where the
 * wire has a net of the other polarity. Those on the critical path stay, or they alone go. */
bool mp_move_fan_out_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t net = s == NULL ? MP_NONE : pick_net(a, s, 2), sinks[SINKS], count = 0, parent, family;
    uint32_t copy, moved = 0;
    bool by_path, path_goes;

    if (net == MP_NONE)
        return false;
    parent = other_net(s, net, !s->nets[net].inverted);
    family = s->matcher->inverter;
    if (parent == MP_NONE || mp_random_below(s->random, 2) == 0) {
        parent = net;
        family = s->matcher->buffer;
    }
    if (family == MP_NONE)
        return false;
    by_path = mp_random_below(s->random, 2) == 0;
    path_goes = parent != net && mp_random_below(s->random, 2) == 0;
    for (uint32_t k = s->mapped->nets[net].first_sink; k != MP_NONE && count < SINKS;
         k = s->mapped->sinks[k].next) {
        uint32_t gate = mp_mapped_pin_gate(k), owner = s->gate_owner[gate];
        bool goes = by_path ? is_on_path(a, gate) == path_goes : mp_random_below(s->random, 2) == 0;

        /* Never what the new net is made from. */
        if (goes && !(owner & MP_STATE_COPY_FLAG))
            sinks[count++] = k;
    }
    if (count == 0)
        return false;
    copy = mp_state_new_copy(
        s, parent, s->matcher->nldm->family_cells[s->matcher->nldm->family_first[family]]);
    for (; moved < count; moved++)
        attach(s, sinks[moved], s->copies[copy].net);
    mp_state_release_net(s, net);
    return true;
}

/* A reader, or all of a copy's readers, take another net of the same polarity. */
bool mp_move_attach_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t net = s == NULL ? MP_NONE : pick_net(a, s, 1), other, sinks[SINKS], count = 0, chosen;
    bool all;

    if (net == MP_NONE)
        return false;
    other = other_net(s, net, s->nets[net].inverted);
    if (other == MP_NONE)
        return false;
    for (uint32_t k = s->mapped->nets[net].first_sink; k != MP_NONE && count < SINKS;
         k = s->mapped->sinks[k].next)
        sinks[count++] = k;
    all = mp_random_below(s->random, 2) == 0;
    chosen = (uint32_t)mp_random_below(s->random, count);
    for (uint32_t k = 0; k < count; k++)
        if (all || k == chosen)
            attach(s, sinks[k], other);
    mp_state_release_net(s, net);
    return true;
}
