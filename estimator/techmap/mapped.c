#include "estimator/techmap/mapped_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t mp_mapped_table_capacity(const struct mp_mapped_inner *in, uint32_t table)
{
    switch (table) {
    case MP_TABLE_SINK:
        return (size_t)in->gate_capacity * MP_MAPPED_PINS;
    case MP_TABLE_NET:
    case MP_TABLE_TIMING:
        return in->net_capacity;
    case MP_TABLE_ORDER:
        return in->position_capacity;
    case MP_TABLE_OUTPUT:
        return in->port_capacity[1];
    default:
        return in->gate_capacity;
    }
}

/* Grows with zeros behind. p: address of the pointer. */
static void grow(void *p, size_t size, size_t old_count, size_t new_count)
{
    char *memory;
    memcpy(&memory, p, sizeof memory);
    memory = mp_realloc(memory, new_count, size);
    memset(memory + old_count * size, 0, (new_count - old_count) * size);
    memcpy(p, &memory, sizeof memory);
}

static void grow_queue(struct mp_mapped_queue *q, size_t old_count, size_t new_count)
{
    grow(&q->ids, sizeof *q->ids, old_count, new_count);
    grow(&q->is_waiting, sizeof *q->is_waiting, old_count, new_count);
}

static void grow_stamps(struct mp_mapped_inner *in, uint32_t table, size_t old_count)
{
    grow(&in->stamp[table], sizeof *in->stamp[table], old_count,
         mp_mapped_table_capacity(in, table));
}

void mp_mapped_reserve_gates(struct mp_mapped *m, uint32_t count)
{
    struct mp_mapped_inner *in = m->inner;
    size_t old = in->gate_capacity;
    if (count <= old)
        return;
    in->gate_capacity = count + count / 2 + 64;
    size_t new = in->gate_capacity;
    grow(&m->gates, sizeof *m->gates, old, new);
    grow(&m->sinks, sizeof *m->sinks, old * MP_MAPPED_PINS, new *MP_MAPPED_PINS);
    grow(&in->flops, sizeof *in->flops, old, new);
    grow(&in->flop_index, sizeof *in->flop_index, old, new);
    grow(&in->end_s, sizeof *in->end_s, old, new);
    grow(&in->scratch, sizeof *in->scratch, 3 * old, 3 * new);
    grow(&in->visited, sizeof *in->visited, old, new);
    grow_queue(&in->gates, old, new);
    grow_queue(&in->ends, old, new);
    grow_stamps(in, MP_TABLE_SINK, old * MP_MAPPED_PINS);
    grow_stamps(in, MP_TABLE_GATE, old);
    grow_stamps(in, MP_TABLE_FLOP, old);
    grow_stamps(in, MP_TABLE_FLOP_INDEX, old);
    grow_stamps(in, MP_TABLE_END, old);
}

static void reserve_nets(struct mp_mapped *m, uint32_t count)
{
    struct mp_mapped_inner *in = m->inner;
    size_t old = in->net_capacity;
    if (count <= old)
        return;
    in->net_capacity = count + count / 2 + 64;
    grow(&m->nets, sizeof *m->nets, old, in->net_capacity);
    grow(&m->timing, sizeof *m->timing, old, in->net_capacity);
    grow_queue(&in->nets, old, in->net_capacity);
    grow_stamps(in, MP_TABLE_NET, old);
    grow_stamps(in, MP_TABLE_TIMING, old);
}

void mp_mapped_reserve_positions(struct mp_mapped *m, uint32_t limit)
{
    struct mp_mapped_inner *in = m->inner;
    size_t old = in->position_capacity;
    if (limit > old) {
        in->position_capacity = (limit + limit / 2 + 128) / 64 * 64;
        grow(&in->order, sizeof *in->order, old, in->position_capacity);
        grow(&in->dirty, sizeof *in->dirty, old / 64, in->position_capacity / 64);
        grow_stamps(in, MP_TABLE_ORDER, old);
    }
    /* Beyond the limit nothing is remembered, so that undo need not restore it. */
    for (; in->position_limit < limit; in->position_limit++)
        in->order[in->position_limit] = MP_NONE;
}

static void reserve_ports(struct mp_mapped *m, bool output, uint32_t count)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t old = in->port_capacity[output];
    if (count <= old)
        return;
    in->port_capacity[output] = 2 * count + 16;
    uint32_t **ports = output ? &m->outputs : &m->inputs;
    grow(ports, sizeof **ports, old, in->port_capacity[output]);
    if (output)
        grow_stamps(in, MP_TABLE_OUTPUT, old);
}

static void copy_wire(struct mp_mapped *m, const struct mp_wire_model *wire)
{
    struct mp_mapped_inner *in = m->inner;
    in->wire.is_none = !wire || wire->is_none;
    m->environment.wire = NULL;
    if (in->wire.is_none)
        return;
    in->wire = *wire;
    uint32_t n = wire->load.count;
    in->wire_tables = mp_alloc(2 * (size_t)n, sizeof *in->wire_tables);
    memcpy(in->wire_tables, wire->load.fan_out, n * sizeof *in->wire_tables);
    memcpy(in->wire_tables + n, wire->load.length, n * sizeof *in->wire_tables);
    in->wire.load.fan_out = in->wire_tables;
    in->wire.load.length = in->wire_tables + n;
    in->has_resistance = wire->load.resistance_ohm > 0;
}

static int64_t compute_wire_cap(const struct mp_wire_model *w, uint32_t fan_out)
{
    if (w->is_none || fan_out == 0)
        return 0;
    return mp_nldm_cap(mp_wire_load_length(&w->load, fan_out) * w->load.capacitance_f);
}

int64_t mp_mapped_wire_cap(const struct mp_mapped *m, uint32_t fan_out)
{
    const struct mp_mapped_inner *in = m->inner;
    if (fan_out < sizeof in->wire_cap / sizeof *in->wire_cap)
        return in->wire_cap[fan_out];
    return compute_wire_cap(&in->wire, fan_out);
}

static void measure_drive(struct mp_mapped *m)
{
    if (m->environment.driving_cell == MP_NONE)
        return;
    const struct mp_nldm_output *out = &m->nldm->cells[m->environment.driving_cell].outputs[0];
    for (uint32_t k = out->first_arc; k < out->end_arc; k++) {
        const struct mp_nldm_arc *arc = &m->nldm->arcs[k];
        float slew, *delay = &m->inner->drive_intrinsic_s[arc->from][k >= out->fall_arc];
        mp_nldm_arc_value(m->nldm, out, arc, 0, 0, delay, &slew);
    }
}

void mp_mapped_init(struct mp_mapped *m, const struct mp_nldm *nldm,
                    const struct mp_mapped_environment *environment)
{
    *m = (struct mp_mapped){.nldm = nldm, .environment = *environment};
    struct mp_mapped_inner *in = m->inner = mp_alloc(1, sizeof *in);
    in->free_gate = in->free_net = MP_NONE;
    in->epoch = 1;
    copy_wire(m, environment->wire);
    for (uint32_t k = 0; k < sizeof in->wire_cap / sizeof *in->wire_cap; k++)
        in->wire_cap[k] = compute_wire_cap(&in->wire, k);
    in->output_load = mp_nldm_cap(environment->output_load_f);
    assert(environment->driving_cell == MP_NONE ||
           nldm->cells[environment->driving_cell].input_count == 1);
    measure_drive(m);
    for (uint32_t k = MP_MAPPED_ZERO; k <= MP_MAPPED_ONE; k++) {
        uint32_t net = mp_mapped_add_net(m);
        m->nets[net].is_constant = 1;
    }
}

void mp_mapped_release(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    if (!in)
        return;
    struct mp_mapped_queue *queues[] = {&in->gates, &in->nets, &in->ends};
    for (size_t k = 0; k < 3; k++) {
        free(queues[k]->ids);
        free(queues[k]->is_waiting);
    }
    for (uint32_t t = 0; t < MP_TABLE_COUNT; t++)
        free(in->stamp[t]);
    free(in->order);
    free(in->flops);
    free(in->flop_index);
    free(in->end_s);
    free(in->dirty);
    free(in->wire_tables);
    free(in->scratch);
    free(in->visited);
    free(in->marks);
    free(in->log);
    free(in);
    free(m->gates);
    free(m->sinks);
    free(m->nets);
    free(m->timing);
    free(m->inputs);
    free(m->outputs);
    *m = (struct mp_mapped){0};
}

static void *duplicate(const void *from, size_t count, size_t size)
{
    void *to = mp_alloc(count + 1, size);
    if (count > 0)
        memcpy(to, from, count * size);
    return to;
}

static void duplicate_queue(struct mp_mapped_queue *q, size_t capacity)
{
    q->ids = duplicate(q->ids, capacity, sizeof *q->ids);
    q->is_waiting = duplicate(q->is_waiting, capacity, sizeof *q->is_waiting);
}

void mp_mapped_copy(struct mp_mapped *out, const struct mp_mapped *m)
{
    *out = *m;
    struct mp_mapped_inner *in = out->inner = duplicate(m->inner, 1, sizeof *in);
    size_t gates = in->gate_capacity, nets = in->net_capacity, positions = in->position_capacity;
    out->gates = duplicate(m->gates, gates, sizeof *m->gates);
    out->sinks = duplicate(m->sinks, gates * MP_MAPPED_PINS, sizeof *m->sinks);
    out->nets = duplicate(m->nets, nets, sizeof *m->nets);
    out->timing = duplicate(m->timing, nets, sizeof *m->timing);
    out->inputs = duplicate(m->inputs, in->port_capacity[0], sizeof *m->inputs);
    out->outputs = duplicate(m->outputs, in->port_capacity[1], sizeof *m->outputs);
    in->order = duplicate(in->order, positions, sizeof *in->order);
    in->dirty = duplicate(in->dirty, positions / 64, sizeof *in->dirty);
    in->flops = duplicate(in->flops, gates, sizeof *in->flops);
    in->flop_index = duplicate(in->flop_index, gates, sizeof *in->flop_index);
    in->end_s = duplicate(in->end_s, gates, sizeof *in->end_s);
    in->scratch = duplicate(in->scratch, 3 * gates, sizeof *in->scratch);
    in->visited = duplicate(in->visited, gates, sizeof *in->visited);
    duplicate_queue(&in->gates, gates);
    duplicate_queue(&in->ends, gates);
    duplicate_queue(&in->nets, nets);
    for (uint32_t t = 0; t < MP_TABLE_COUNT; t++)
        in->stamp[t] =
            duplicate(in->stamp[t], mp_mapped_table_capacity(in, t), sizeof *in->stamp[t]);
    in->marks = NULL;
    in->log = NULL;
    in->mark_capacity = in->depth = 0;
    in->log_size = in->log_capacity = 0;
    in->wire_tables = NULL;
    const struct mp_wire_model wire = m->inner->wire;
    copy_wire(out, &wire);
}

void mp_mapped_no_timing(struct mp_mapped_timing *t)
{
    for (uint32_t e = 0; e < 2; e++) {
        t->edge[e] = (struct mp_mapped_edge){-INFINITY, -INFINITY, 0, 0};
        t->slew_s[e] = 0;
    }
}

uint32_t mp_mapped_add_net(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    uint32_t net = in->free_net;
    if (net == MP_NONE) {
        reserve_nets(m, m->net_limit + 1);
        net = m->net_limit++;
        mp_mapped_touch(m, MP_TABLE_NET, net);
    } else {
        mp_mapped_touch(m, MP_TABLE_NET, net);
        in->free_net = m->nets[net].driver;
    }
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    m->nets[net] = (struct mp_mapped_net){.driver = MP_NONE, .first_sink = MP_NONE, .is_used = 1};
    m->timing[net] = (struct mp_mapped_timing){.load_segment = {0}};
    mp_mapped_no_timing(&m->timing[net]);
    m->net_count++;
    return net;
}

void mp_mapped_remove_net(struct mp_mapped *m, uint32_t net)
{
    struct mp_mapped_net *n = &m->nets[net];
    assert(n->is_used && !n->is_input && !n->is_constant && n->driver == MP_NONE &&
           n->first_sink == MP_NONE && n->output_count == 0);
    mp_mapped_touch(m, MP_TABLE_NET, net);
    *n = (struct mp_mapped_net){.driver = m->inner->free_net, .first_sink = MP_NONE};
    m->inner->free_net = net;
    m->net_count--;
}

uint32_t mp_mapped_add_input(struct mp_mapped *m)
{
    assert(m->inner->depth == 0);
    uint32_t net = mp_mapped_add_net(m);
    m->nets[net].is_input = 1;
    reserve_ports(m, false, m->input_count + 1);
    m->inputs[m->input_count++] = net;
    mp_mapped_enqueue(&m->inner->nets, net);
    return net;
}

void mp_mapped_add_output(struct mp_mapped *m, uint32_t net)
{
    assert(m->inner->depth == 0 && m->nets[net].is_used);
    reserve_ports(m, true, m->output_count + 1);
    m->outputs[m->output_count++] = net;
    m->nets[net].output_count++;
    mp_mapped_enqueue(&m->inner->nets, net);
}

void mp_mapped_move_output(struct mp_mapped *m, uint32_t k, uint32_t net)
{
    uint32_t old = m->outputs[k];
    assert(m->nets[net].is_used);
    if (old == net)
        return;
    mp_mapped_touch(m, MP_TABLE_OUTPUT, k);
    mp_mapped_touch(m, MP_TABLE_NET, old);
    mp_mapped_touch(m, MP_TABLE_NET, net);
    m->nets[old].output_count--;
    m->nets[net].output_count++;
    m->outputs[k] = net;
    mp_mapped_enqueue(&m->inner->nets, old);
    mp_mapped_enqueue(&m->inner->nets, net);
}
