#include "estimator/techmap/mapped_parts.h"

#include <assert.h>
#include <math.h>

static void count_area(struct mp_mapped *m, float add_um2, float remove_um2)
{
    m->inner->area += llround((double)add_um2 * 1e6) - llround((double)remove_um2 * 1e6);
    m->area_um2 = (double)m->inner->area * 1e-6;
}

static void attach(struct mp_mapped *m, uint32_t gate, uint32_t input, uint32_t net)
{
    uint32_t pin = gate * MP_MAPPED_PINS + input;
    struct mp_mapped_net *n = &m->nets[net];
    const int32_t *cap = mp_mapped_cell(m, gate)->cap[input];
    assert(n->is_used);
    mp_mapped_touch(m, MP_TABLE_NET, net);
    mp_mapped_touch(m, MP_TABLE_SINK, pin);
    m->sinks[pin] = (struct mp_mapped_sink){n->first_sink, MP_NONE};
    if (n->first_sink != MP_NONE) {
        mp_mapped_touch(m, MP_TABLE_SINK, n->first_sink);
        m->sinks[n->first_sink].previous = pin;
    }
    n->first_sink = pin;
    n->sink_count++;
    n->pin_cap[MP_RISE] += cap[MP_RISE];
    n->pin_cap[MP_FALL] += cap[MP_FALL];
    m->gates[gate].inputs[input] = net;
    mp_mapped_enqueue(&m->inner->nets, net);
}

static void detach(struct mp_mapped *m, uint32_t gate, uint32_t input)
{
    uint32_t pin = gate * MP_MAPPED_PINS + input, net = m->gates[gate].inputs[input];
    struct mp_mapped_net *n = &m->nets[net];
    struct mp_mapped_sink s = m->sinks[pin];
    const int32_t *cap = mp_mapped_cell(m, gate)->cap[input];
    mp_mapped_touch(m, MP_TABLE_NET, net);
    if (s.next != MP_NONE) {
        mp_mapped_touch(m, MP_TABLE_SINK, s.next);
        m->sinks[s.next].previous = s.previous;
    }
    if (s.previous != MP_NONE) {
        mp_mapped_touch(m, MP_TABLE_SINK, s.previous);
        m->sinks[s.previous].next = s.next;
    } else {
        n->first_sink = s.next;
    }
    n->sink_count--;
    n->pin_cap[MP_RISE] -= cap[MP_RISE];
    n->pin_cap[MP_FALL] -= cap[MP_FALL];
    mp_mapped_enqueue(&m->inner->nets, net);
}

static void attach_output(struct mp_mapped *m, uint32_t gate, uint32_t output, uint32_t net)
{
    m->gates[gate].outputs[output] = net;
    if (net == MP_NONE)
        return;
    struct mp_mapped_net *n = &m->nets[net];
    assert(n->is_used && n->driver == MP_NONE && !n->is_input && !n->is_constant);
    mp_mapped_touch(m, MP_TABLE_NET, net);
    n->driver = gate * 2 + output;
    mp_mapped_enqueue(&m->inner->nets, net);
}

static void detach_output(struct mp_mapped *m, uint32_t gate, uint32_t output)
{
    uint32_t net = m->gates[gate].outputs[output];
    if (net == MP_NONE)
        return;
    mp_mapped_touch(m, MP_TABLE_NET, net);
    m->nets[net].driver = MP_NONE;
    mp_mapped_enqueue(&m->inner->nets, net);
}

static void add_flop(struct mp_mapped *m, uint32_t gate)
{
    struct mp_mapped_inner *in = m->inner;
    mp_mapped_touch(m, MP_TABLE_FLOP, in->flop_count);
    mp_mapped_touch(m, MP_TABLE_FLOP_INDEX, gate);
    mp_mapped_touch(m, MP_TABLE_END, gate);
    in->end_s[gate] = -INFINITY;
    in->flop_index[gate] = in->flop_count;
    in->flops[in->flop_count++] = gate;
}

static void remove_flop(struct mp_mapped *m, uint32_t gate)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t at = in->flop_index[gate], last = in->flops[in->flop_count - 1];
    mp_mapped_touch(m, MP_TABLE_FLOP, at);
    mp_mapped_touch(m, MP_TABLE_FLOP_INDEX, last);
    in->flops[at] = last;
    in->flop_index[last] = at;
    in->flop_count--;
}

/* A record of its own memory: the caller's arrays may be a gate's. */
static struct mp_mapped_gate new_gate(uint32_t type)
{
    struct mp_mapped_gate g = {.type = type, .position = MP_NONE};
    for (uint32_t k = 0; k < MP_NLDM_INPUTS; k++)
        g.inputs[k] = MP_NONE;
    for (uint32_t k = 0; k < MP_NLDM_OUTPUTS; k++)
        g.outputs[k] = MP_NONE;
    return g;
}

uint32_t mp_mapped_add_gate(struct mp_mapped *m, uint32_t type, const uint32_t *inputs,
                            const uint32_t *outputs)
{
    struct mp_mapped_inner *in = m->inner;
    const struct mp_nldm_cell *cell = &m->nldm->cells[type];
    uint32_t in_nets[MP_NLDM_INPUTS], out_nets[MP_NLDM_OUTPUTS], gate = in->free_gate;
    for (uint32_t k = 0; k < cell->input_count; k++)
        in_nets[k] = inputs[k];
    for (uint32_t k = 0; k < cell->output_count; k++)
        out_nets[k] = outputs[k];
    if (gate == MP_NONE) {
        mp_mapped_reserve_gates(m, m->gate_limit + 1);
        gate = m->gate_limit++;
        mp_mapped_touch(m, MP_TABLE_GATE, gate);
    } else {
        mp_mapped_touch(m, MP_TABLE_GATE, gate);
        in->free_gate = m->gates[gate].inputs[0];
    }
    m->gates[gate] = new_gate(type);
    for (uint32_t k = 0; k < cell->input_count; k++)
        attach(m, gate, k, in_nets[k]);
    for (uint32_t k = 0; k < cell->output_count; k++)
        attach_output(m, gate, k, out_nets[k]);
    if (cell->kind == MP_NLDM_FLIP_FLOP)
        add_flop(m, gate);
    m->gate_count++;
    count_area(m, cell->area_um2, 0);
    mp_mapped_enqueue(&in->gates, gate);
    return gate;
}

void mp_mapped_remove_gate(struct mp_mapped *m, uint32_t gate)
{
    struct mp_mapped_inner *in = m->inner;
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    struct mp_mapped_gate *g = &m->gates[gate];
    mp_mapped_touch(m, MP_TABLE_GATE, gate);
    for (uint32_t k = 0; k < cell->input_count; k++)
        detach(m, gate, k);
    for (uint32_t k = 0; k < cell->output_count; k++)
        detach_output(m, gate, k);
    if (cell->kind == MP_NLDM_FLIP_FLOP)
        remove_flop(m, gate);
    if (g->position != MP_NONE) {
        mp_mapped_touch(m, MP_TABLE_ORDER, g->position);
        in->order[g->position] = MP_NONE;
    }
    *g = new_gate(MP_NONE);
    g->inputs[0] = in->free_gate;
    in->free_gate = gate;
    m->gate_count--;
    count_area(m, 0, cell->area_um2);
}

void mp_mapped_set_type(struct mp_mapped *m, uint32_t gate, uint32_t type)
{
    struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *old = mp_mapped_cell(m, gate), *new = &m->nldm->cells[type];
    assert(old->input_count == new->input_count && old->output_count == new->output_count &&
           old->kind == new->kind);
    if (g->type == type)
        return;
    mp_mapped_touch(m, MP_TABLE_GATE, gate);
    for (uint32_t k = 0; k < new->input_count; k++) {
        struct mp_mapped_net *n = &m->nets[g->inputs[k]];
        int32_t rise = new->cap[k][MP_RISE] - old->cap[k][MP_RISE];
        int32_t fall = new->cap[k][MP_FALL] - old->cap[k][MP_FALL];
        if (rise == 0 && fall == 0)
            continue;
        mp_mapped_touch(m, MP_TABLE_NET, g->inputs[k]);
        n->pin_cap[MP_RISE] += rise;
        n->pin_cap[MP_FALL] += fall;
        mp_mapped_enqueue(&m->inner->nets, g->inputs[k]);
    }
    for (uint32_t k = 0; k < new->output_count; k++)
        if (g->outputs[k] != MP_NONE)
            mp_mapped_enqueue(&m->inner->nets, g->outputs[k]);
    g->type = type;
    count_area(m, new->area_um2, old->area_um2);
    mp_mapped_enqueue(&m->inner->gates, gate);
}

void mp_mapped_connect(struct mp_mapped *m, uint32_t gate, uint32_t input, uint32_t net)
{
    assert(input < mp_mapped_cell(m, gate)->input_count);
    if (m->gates[gate].inputs[input] == net)
        return;
    mp_mapped_touch(m, MP_TABLE_GATE, gate);
    detach(m, gate, input);
    attach(m, gate, input, net);
    mp_mapped_enqueue(&m->inner->gates, gate);
}

void mp_mapped_connect_output(struct mp_mapped *m, uint32_t gate, uint32_t output, uint32_t net)
{
    assert(output < mp_mapped_cell(m, gate)->output_count);
    if (m->gates[gate].outputs[output] == net)
        return;
    mp_mapped_touch(m, MP_TABLE_GATE, gate);
    detach_output(m, gate, output);
    attach_output(m, gate, output, net);
    mp_mapped_enqueue(&m->inner->gates, gate);
}

void mp_mapped_swap_inputs(struct mp_mapped *m, uint32_t gate, uint32_t a, uint32_t b)
{
    uint32_t x = m->gates[gate].inputs[a], y = m->gates[gate].inputs[b];
    mp_mapped_connect(m, gate, a, y);
    mp_mapped_connect(m, gate, b, x);
}

void mp_mapped_move_sinks(struct mp_mapped *m, uint32_t from, uint32_t to)
{
    if (from == to)
        return;
    while (m->nets[from].first_sink != MP_NONE) {
        uint32_t pin = m->nets[from].first_sink;
        mp_mapped_connect(m, mp_mapped_pin_gate(pin), mp_mapped_pin_input(pin), to);
    }
    for (uint32_t k = 0; k < m->output_count && m->nets[from].output_count > 0; k++)
        if (m->outputs[k] == from)
            mp_mapped_move_output(m, k, to);
}
