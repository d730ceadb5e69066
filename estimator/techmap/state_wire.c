#include "estimator/techmap/state.h"

#include <assert.h>

static struct mp_state_net *main_of(const struct mp_state *s, uint32_t wire)
{
    return &s->nets[s->wires[wire].net];
}

static bool is_read(const struct mp_state *s, uint32_t net)
{
    return s->mapped->nets[net].first_sink != MP_NONE || s->mapped->nets[net].output_count > 0;
}

static void set_net(struct mp_state *s, uint32_t net, uint32_t wire, bool inverted, uint32_t copy)
{
    assert(net < s->net_capacity);
    mp_state_put(s, &s->nets[net].wire, wire);
    mp_state_put(s, &s->nets[net].inverted, inverted);
    mp_state_put(s, &s->nets[net].copy, copy);
}

uint32_t mp_state_new_wire(struct mp_state *s)
{
    uint32_t wire = s->free_wire, net = mp_mapped_add_net(s->mapped);

    assert(wire != MP_NONE);
    mp_state_put(s, &s->free_wire, s->wires[wire].net);
    mp_state_put(s, &s->free_wires, s->free_wires - 1);
    mp_state_put(s, &s->wires[wire].net, net);
    mp_state_put(s, &s->wires[wire].driver, MP_NONE);
    mp_state_put(s, &s->wires[wire].first_copy, MP_NONE);
    set_net(s, net, wire, false, MP_NONE);
    return wire;
}

void mp_state_free_wire(struct mp_state *s, uint32_t wire)
{
    assert(s->wires[wire].first_copy == MP_NONE);
    mp_mapped_remove_net(s->mapped, s->wires[wire].net);
    mp_state_put(s, &s->wires[wire].net, s->free_wire);
    mp_state_put(s, &s->free_wire, wire);
    mp_state_put(s, &s->free_wires, s->free_wires + 1);
}

static bool inverts(const struct mp_state *s, uint32_t type)
{
    return s->matcher->nldm->cells[type].family == s->matcher->inverter;
}

static uint32_t smallest(const struct mp_state *s, uint32_t family)
{
    const struct mp_nldm *n = s->matcher->nldm;

    return n->family_cells[n->family_first[family]];
}

/* A copy of a net whose gate is still to be made. */
static uint32_t add_copy(struct mp_state *s, uint32_t parent, bool inverted)
{
    uint32_t copy = s->free_copy, wire = s->nets[parent].wire, net = mp_mapped_add_net(s->mapped);
    struct mp_state_copy *c = &s->copies[copy];

    assert(copy != MP_NONE);
    mp_state_put(s, &s->free_copy, c->next);
    mp_state_put(s, &s->free_copies, s->free_copies - 1);
    mp_state_put(s, &c->net, net);
    mp_state_put(s, &c->parent, parent);
    mp_state_put(s, &c->next, s->wires[wire].first_copy);
    mp_state_put(s, &s->wires[wire].first_copy, copy);
    set_net(s, net, wire, inverted, copy);
    return copy;
}

static void drive_copy(struct mp_state *s, uint32_t copy, uint32_t type)
{
    struct mp_state_copy *c = &s->copies[copy];
    uint32_t gate = mp_mapped_add_gate(s->mapped, type, &c->parent, &c->net);

    assert(gate < s->gate_capacity);
    mp_state_put(s, &c->gate, gate);
    mp_state_put(s, &s->gate_owner[gate], MP_STATE_COPY_FLAG | copy);
}

uint32_t mp_state_new_copy(struct mp_state *s, uint32_t parent, uint32_t type)
{
    uint32_t copy = add_copy(s, parent, s->nets[parent].inverted ^ (uint32_t)inverts(s, type));

    drive_copy(s, copy, type);
    return copy;
}

static void remove_copy(struct mp_state *s, uint32_t copy)
{
    struct mp_state_copy *c = &s->copies[copy];
    uint32_t *link = &s->wires[s->nets[c->net].wire].first_copy;

    while (*link != copy)
        link = &s->copies[*link].next;
    mp_state_put(s, link, c->next);
    mp_mapped_remove_gate(s->mapped, c->gate);
    mp_mapped_remove_net(s->mapped, c->net);
    /* Who releases several nets may come to one that went with another. */
    mp_state_put(s, &s->nets[c->net].copy, MP_NONE);
    mp_state_put(s, &c->next, s->free_copy);
    mp_state_put(s, &s->free_copy, copy);
    mp_state_put(s, &s->free_copies, s->free_copies + 1);
}

void mp_state_release_net(struct mp_state *s, uint32_t net)
{
    while (net > MP_MAPPED_ONE && s->nets[net].copy != MP_NONE && !is_read(s, net)) {
        uint32_t copy = s->nets[net].copy, parent = s->copies[copy].parent;

        remove_copy(s, copy);
        net = parent;
    }
}

uint32_t mp_state_literal_net(struct mp_state *s, uint32_t literal)
{
    uint32_t wire = literal >> 1, inverted = literal & 1, copy;

    if (wire == 0)
        return inverted ? MP_MAPPED_ONE : MP_MAPPED_ZERO;
    if (main_of(s, wire)->inverted == inverted)
        return s->wires[wire].net;
    for (copy = s->wires[wire].first_copy; copy != MP_NONE; copy = s->copies[copy].next)
        if (s->nets[s->copies[copy].net].inverted == inverted)
            return s->copies[copy].net;
    copy = mp_state_new_copy(s, s->wires[wire].net, smallest(s, s->matcher->inverter));
    return s->copies[copy].net;
}

bool mp_state_is_supplied(const struct mp_state *s, uint32_t literal, uint32_t gate)
{
    uint32_t wire = literal >> 1, inverted = literal & 1;

    if (main_of(s, wire)->inverted == inverted)
        return true;
    for (uint32_t copy = s->wires[wire].first_copy; copy != MP_NONE; copy = s->copies[copy].next) {
        uint32_t net = s->copies[copy].net;
        const struct mp_mapped_net *n = &s->mapped->nets[net];

        if (s->nets[net].inverted == inverted)
            return n->sink_count != 1 || n->output_count > 0 ||
                   mp_mapped_pin_gate(n->first_sink) != gate;
    }
    return false;
}

/* The inverter straight from the main net. */
static uint32_t main_inverter(const struct mp_state *s, uint32_t wire)
{
    uint32_t copy = s->wires[wire].first_copy;

    while (copy != MP_NONE && (s->copies[copy].parent != s->wires[wire].net ||
                               s->nets[s->copies[copy].net].inverted == main_of(s, wire)->inverted))
        copy = s->copies[copy].next;
    return copy;
}

float mp_state_polarity_cost(const struct mp_state *s, uint32_t wire, bool inverted)
{
    const struct mp_mapped_net *n = &s->mapped->nets[s->wires[wire].net];
    uint32_t inverter;

    if (main_of(s, wire)->inverted == (uint32_t)inverted)
        return 0;
    inverter = main_inverter(s, wire);
    if (inverter == MP_NONE)
        return is_read(s, s->wires[wire].net) ? s->inverter_area : 0;
    return n->sink_count == 1 && n->output_count == 0 ? -s->inverter_area : 0;
}

/* Output ports go with the readers; which are on which net, the ports' literals tell. */
static void move_readers(struct mp_state *s, uint32_t from, uint32_t to)
{
    if (is_read(s, from))
        mp_mapped_move_sinks(s->mapped, from, to);
}

/* Copies driven from `from` are driven from `to`: their gates moved with the readers. */
static void move_parents(struct mp_state *s, uint32_t wire, uint32_t from, uint32_t to)
{
    for (uint32_t c = s->wires[wire].first_copy; c != MP_NONE; c = s->copies[c].next)
        if (s->copies[c].parent == from)
            mp_state_put(s, &s->copies[c].parent, to);
}

void mp_state_set_polarity(struct mp_state *s, uint32_t wire, bool inverted)
{
    uint32_t net = s->wires[wire].net, copy, other, scratch;

    if (s->nets[net].inverted == (uint32_t)inverted)
        return;
    copy = main_inverter(s, wire);
    if (copy == MP_NONE && is_read(s, net)) {
        copy = add_copy(s, net, !inverted);
        other = s->copies[copy].net;
        move_readers(s, net, other);
        move_parents(s, wire, net, other);
        mp_state_put(s, &s->copies[copy].parent, net);
        drive_copy(s, copy, smallest(s, s->matcher->inverter));
    } else if (copy != MP_NONE) {
        other = s->copies[copy].net;
        scratch = mp_mapped_add_net(s->mapped);
        move_readers(s, net, scratch);
        move_readers(s, other, net);
        move_readers(s, scratch, other);
        mp_mapped_connect(s->mapped, s->copies[copy].gate, 0, net);
        mp_mapped_remove_net(s->mapped, scratch);
        move_parents(s, wire, net, scratch);
        move_parents(s, wire, other, net);
        move_parents(s, wire, scratch, other);
        mp_state_put(s, &s->copies[copy].parent, net);
        mp_state_put(s, &s->nets[other].inverted, !inverted);
        mp_state_release_net(s, other);
    }
    mp_state_put(s, &s->nets[net].inverted, inverted);
}
