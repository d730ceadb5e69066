#include "estimator/techmap/move_structure.h"

#define QUEUE 24 /* nodes that follow one change of polarity, at most */

/* Nodes whose cells may fit better after a neighbour's polarity has changed. */
struct follow {
    struct mp_state *s;
    uint32_t node[QUEUE];
    unsigned count;
};

static void push(struct follow *f, uint32_t node, double chance)
{
    if (node == MP_NONE || f->count == QUEUE || f->s->nodes[node].match == MP_NONE ||
        mp_random_unit(f->s->random) >= chance)
        return;
    for (unsigned i = 0; i < f->count; i++)
        if (f->node[i] == node)
            return;
    f->node[f->count++] = node;
}

static void push_readers(struct follow *f, uint32_t net, double chance)
{
    const struct mp_mapped *m = f->s->mapped;

    for (uint32_t sink = m->nets[net].first_sink; sink != MP_NONE; sink = m->sinks[sink].next) {
        uint32_t owner = f->s->gate_owner[mp_mapped_pin_gate(sink)];

        if (!(owner & MP_STATE_COPY_FLAG))
            push(f, owner, chance);
    }
}

/* Changes the match; who reads a changed output or drives an input of changed polarity follows. */
static void change(struct follow *f, uint32_t node, uint32_t match)
{
    struct mp_state *s = f->s;
    struct mp_state_node *n = &s->nodes[node];
    const struct mp_node_kind_info *info = mp_function_info(n->function);
    const struct mp_match *old = &s->matcher->matches[n->match], *m = &s->matcher->matches[match];
    unsigned in = old->wants_inverted ^ m->wants_inverted;
    unsigned out = old->gives_inverted ^ m->gives_inverted;

    mp_state_set_match(s, node, match,
                       m->first_pinning + (uint32_t)mp_random_below(s->random, m->pinning_count));
    for (unsigned o = 0; o < info->outputs; o++)
        if (out >> o & 1) {
            const struct mp_state_wire *w = &s->wires[n->out[o] >> 1];

            push_readers(f, w->net, 0.8);
            for (uint32_t c = w->first_copy; c != MP_NONE; c = s->copies[c].next)
                push_readers(f, s->copies[c].net, 0.8);
        }
    for (unsigned k = 0; k < info->inputs; k++)
        if (in >> k & 1)
            push(f, s->wires[n->in[k] >> 1].driver, 0.4);
}

static void settle(struct follow *f, unsigned from)
{
    for (unsigned i = from; i < f->count; i++) {
        uint32_t next = mp_state_choose_match(f->s, f->node[i], 0.1);

        if (next != f->s->nodes[f->node[i]].match)
            change(f, f->node[i], next);
    }
}

bool mp_move_match_try(struct mp_anneal *a)
{
    struct follow f = {.s = mp_move_structure_begin(a)};
    uint32_t node = f.s == NULL ? MP_NONE : mp_move_structure_leaf(a), first, count, other;
    const struct mp_state_node *n;

    if (node == MP_NONE)
        return false;
    n = &f.s->nodes[node];
    first = f.s->matcher->first[n->function];
    count = f.s->matcher->first[n->function + 1] - first;
    if (count < 2)
        return false;
    other = first + (uint32_t)mp_random_below(f.s->random, count - 1);
    if (other >= n->match)
        other++;
    f.node[f.count++] = node;
    change(&f, node, other);
    settle(&f, 1);
    return true;
}

/* An inverter by chance: its net. */
static uint32_t pick_inverted(struct mp_anneal *a, const struct mp_state *s)
{
    const struct mp_nldm_cell *cells = s->matcher->nldm->cells;

    for (unsigned tries = 0; tries < 24; tries++) {
        uint32_t gate = mp_anneal_gate(a, 64);

        if (gate != MP_NONE && s->gate_owner[gate] & MP_STATE_COPY_FLAG &&
            cells[s->mapped->gates[gate].type].family == s->matcher->inverter)
            return s->mapped->gates[gate].outputs[0];
    }
    return MP_NONE;
}

bool mp_move_inverter_try(struct mp_anneal *a)
{
    struct follow f = {.s = mp_move_structure_begin(a)};
    uint32_t net = f.s == NULL ? MP_NONE : pick_inverted(a, f.s);
    bool is_done = false;
    unsigned count;

    if (net == MP_NONE || f.s->mapped->nets[net].sink_count > QUEUE / 2)
        return false;
    push_readers(&f, net, 1);
    count = f.count;
    for (unsigned i = 0; i < count; i++) {
        const struct mp_state_node *n = &f.s->nodes[f.node[i]];
        const struct mp_match *m = &f.s->matcher->matches[n->match];
        unsigned mask = 0;

        for (unsigned k = 0; k < m->cell_inputs; k++)
            mask |=
                (unsigned)(f.s->mapped->gates[n->gate].inputs[mp_state_input_pin(f.s, n, k)] == net)
                << k;
        uint32_t next =
            mp_state_choose_wanting(f.s, f.node[i], 0.2, mask, mask & ~(unsigned)m->wants_inverted);
        if (next != MP_NONE && mask != 0) {
            change(&f, f.node[i], next);
            is_done = true;
        }
    }
    settle(&f, count);
    return is_done;
}

bool mp_move_pinning_try(struct mp_anneal *a)
{
    struct mp_state *s = mp_move_structure_begin(a);
    uint32_t node = s == NULL ? MP_NONE : mp_move_structure_leaf(a), other;
    const struct mp_match *m;

    if (node == MP_NONE)
        return false;
    m = &s->matcher->matches[s->nodes[node].match];
    if (m->pinning_count < 2)
        return false;
    other = m->first_pinning + (uint32_t)mp_random_below(s->random, m->pinning_count - 1);
    if (other >= s->nodes[node].pinning)
        other++;
    mp_state_set_match(s, node, s->nodes[node].match, other);
    return true;
}
