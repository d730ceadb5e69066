#include "estimator/techmap/mapped_parts.h"
#include "estimator/techmap/mapped_vector.h"

#include <math.h>

/* As mp_nldm_segment: the points ascend, so those up to x are the lowest bits. */
static inline uint32_t segment(const struct mp_nldm_axis *a, float x, float *fraction)
{
    mp_float4 all = mp_float4_all(x);
    uint32_t beyond = ~(mp_float4_up_to(a->inner, all) | mp_float4_up_to(a->inner + 4, all) << 4);
    for (uint32_t k = 8; k < a->inner_padded; k += 4)
        beyond &= ~(mp_float4_up_to(a->inner + k, all) << k);
    uint32_t s = (uint32_t)__builtin_ctz(beyond);
    *fraction = (x - a->points[s]) * a->inverse[s];
    return s;
}

int64_t mp_mapped_load(const struct mp_mapped *m, uint32_t net, enum mp_edge edge)
{
    const struct mp_mapped_net *n = &m->nets[net];
    return n->pin_cap[edge] + mp_mapped_wire_cap(m, n->sink_count + n->output_count) +
           n->output_count * m->inner->output_load;
}

/* A balanced tree, as OpenSTA has it where the library does not say otherwise: each sink at its own
 * share of resistance and capacitance. */
bool mp_mapped_place_wire(struct mp_mapped *m, uint32_t net)
{
    const struct mp_mapped_inner *in = m->inner;
    uint32_t fan_out = m->nets[net].sink_count + m->nets[net].output_count;
    if (!in->has_resistance || fan_out == 0)
        return false;
    const struct mp_wire_load *w = &in->wire.load;
    double r = mp_wire_load_length(w, fan_out) * w->resistance_ohm / fan_out * MP_NLDM_CAP_UNIT_F;
    float wire_r = (float)r, wire_s = (float)(r * (double)mp_mapped_wire_cap(m, fan_out) / fan_out);
    struct mp_mapped_timing *t = &m->timing[net];
    if (wire_r == t->wire_r && wire_s == t->wire_s)
        return false;
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    t->wire_r = wire_r;
    t->wire_s = wire_s;
    t->wire_ohm = (float)(r / MP_NLDM_CAP_UNIT_F / fan_out);
    return true;
}

/* In thousands of units, so that squares of any load fit. */
static int64_t square(int64_t units)
{
    units /= 1000;
    return units * units;
}

void mp_mapped_hide(const struct mp_mapped *m, uint32_t net, enum mp_edge edge, float hidden_s[2])
{
    /* Fitted to OpenSTA on sky130hd: it treats a single sink in another way. */
    static const float shares[2][2] = {{0.75f, 0.7f}, {1.9f, 1.2f}};
    const struct mp_mapped_net *n = &m->nets[net];
    uint32_t fan_out = n->sink_count + n->output_count;
    hidden_s[0] = hidden_s[1] = 0;
    if (!m->inner->has_resistance || fan_out == 0)
        return;
    int64_t wire = mp_mapped_wire_cap(m, fan_out) / fan_out;
    int64_t squares = n->output_count * square(m->inner->output_load + wire);
    for (uint32_t s = n->first_sink; s != MP_NONE; s = m->sinks[s].next) {
        uint32_t gate = mp_mapped_pin_gate(s);
        squares += square(mp_mapped_cell(m, gate)->cap[mp_mapped_pin_input(s)][edge] + wire);
    }
    float load = (float)mp_mapped_load(m, net, edge);
    float seen_s = load > 0 ? m->timing[net].wire_r * 1e6f * ((float)squares / load) : 0;
    hidden_s[0] = shares[fan_out > 1][0] * seen_s;
    hidden_s[1] = shares[fan_out > 1][1] * seen_s;
}

static void spread(struct mp_mapped *m, uint32_t net)
{
    struct mp_mapped_inner *in = m->inner;
    for (uint32_t s = m->nets[net].first_sink; s != MP_NONE; s = m->sinks[s].next) {
        uint32_t gate = mp_mapped_pin_gate(s), position = m->gates[gate].position;
        if (position != MP_NONE)
            in->dirty[position / 64] |= UINT64_C(1) << position % 64;
        else
            mp_mapped_enqueue(&in->ends, gate);
    }
}

static void set_edge(const struct mp_nldm_axis *axis, struct mp_mapped_timing *t, uint32_t e,
                     float arrival_s, float slew_s)
{
    if (arrival_s <= -INFINITY) {
        t->edge[e] = (struct mp_mapped_edge){-INFINITY, -INFINITY, 0, 0};
        t->slew_s[e] = 0;
        return;
    }
    t->edge[e].arrival_s = arrival_s;
    t->edge[e].bias = 0;
    t->edge[e].segment = segment(axis, slew_s, &t->edge[e].fraction);
    t->slew_s[e] = slew_s;
}

/* value: arrival and slew of each edge. True: the net's timing changed. */
static bool set_timing(struct mp_mapped *m, uint32_t net, float value[2][2])
{
    struct mp_mapped_timing *t = &m->timing[net];
    bool is_same = true;
    for (uint32_t e = 0; e < 2; e++)
        is_same &= value[e][0] == t->edge[e].arrival_s &&
                   (value[e][1] == t->slew_s[e] || value[e][0] <= -INFINITY);
    if (is_same)
        return false;
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    for (uint32_t e = 0; e < 2; e++)
        set_edge(&m->nldm->axes[0], t, e, value[e][0], value[e][1]);
    return true;
}

/* Worst arrival and slew over arcs [first, end) to an edge of the net `to`. */
static inline mp_float4 worst_of(const struct mp_mapped *m, const struct mp_mapped_gate *g,
                                 const struct mp_mapped_timing *to, uint32_t first, uint32_t end,
                                 enum mp_edge edge, bool has_wires)
{
    static const float zero[2] = {0, 0};
    const struct mp_nldm *n = m->nldm;
    mp_float4 worst = mp_float4_all(-INFINITY), load = mp_float4_all(to->load_fraction[edge]);
    uint32_t j = to->load_segment[edge];
    for (uint32_t k = first; k < end; k++) {
        const struct mp_nldm_arc *arc = &n->arcs[k];
        const struct mp_mapped_timing *t = &m->timing[g->inputs[arc->input]];
        const struct mp_mapped_edge *e = &t->edge[arc->from];
        uint32_t i = e->segment;
        float u = e->fraction;
        if (arc->slew_axis != 0)
            i = segment(&n->axes[arc->slew_axis], t->slew_s[arc->from], &u);
        bool is_wired = has_wires && to->wire_ohm >= arc->wired_ohm;
        uint32_t table = is_wired ? arc->wired : arc->table;
        const float *row = &n->values[table + 2 * (i * arc->stride + j)];
        mp_float4 r = mp_float4_between(mp_float4_load(row), mp_float4_load(row + 2 * arc->stride),
                                        mp_float4_all(u));
        r = mp_float4_between(r, mp_float4_high(r), load);
        r = mp_float4_add(r, mp_float4_load_pair(&e->arrival_s));
        if (has_wires) {

            r = mp_float4_add(r, mp_float4_first(t->wire_s + t->wire_r * arc->cap));
            r = mp_float4_add(
                r,
                mp_float4_multiply(mp_float4_load_pair(arc->shield),
                                   mp_float4_load_pair(is_wired ? to->wire_hidden_s[edge] : zero)));
        }
        worst = mp_float4_max(r, worst);
    }
    return worst;
}

static bool time_output(struct mp_mapped *m, const struct mp_mapped_gate *g,
                        const struct mp_nldm_output *out, uint32_t net)
{
    const struct mp_mapped_timing *t = &m->timing[net];
    float value[2][2];
    mp_float4 rise, fall;
    if (m->inner->has_resistance) {
        rise = worst_of(m, g, t, out->first_arc, out->fall_arc, MP_RISE, true);
        fall = worst_of(m, g, t, out->fall_arc, out->end_arc, MP_FALL, true);
    } else {
        rise = worst_of(m, g, t, out->first_arc, out->fall_arc, MP_RISE, false);
        fall = worst_of(m, g, t, out->fall_arc, out->end_arc, MP_FALL, false);
    }
    mp_float4_store_pair(value[MP_RISE], rise);
    mp_float4_store_pair(value[MP_FALL], fall);
    return set_timing(m, net, value);
}

/* Clock to output: from an ideal edge at 0. */
static bool time_launch(struct mp_mapped *m, const struct mp_nldm_cell *cell,
                        const struct mp_nldm_output *out, uint32_t net)
{
    float value[2][2] = {{-INFINITY, 0}, {-INFINITY, 0}}, delay, slew, hidden[2];
    for (uint32_t k = out->first_arc; k < out->end_arc; k++) {
        struct mp_nldm_arc arc = mp_mapped_arc(m, net, k);
        uint32_t e = k >= out->fall_arc;
        if (arc.input != cell->clock || arc.from != cell->clock_edge)
            continue;
        mp_nldm_arc_value(m->nldm, out, &arc, 0, (float)mp_mapped_load(m, net, e), &delay, &slew);
        mp_mapped_hide(m, net, e, hidden);
        delay += arc.shield[0] * hidden[0];
        slew += arc.shield[1] * hidden[1];
        value[e][0] = delay > value[e][0] ? delay : value[e][0];
        value[e][1] = slew > value[e][1] ? slew : value[e][1];
    }
    return set_timing(m, net, value);
}

bool mp_mapped_time_port(struct mp_mapped *m, uint32_t net)
{
    float value[2][2] = {{0, 0}, {0, 0}}, delay, slew, hidden[2];
    if (m->environment.driving_cell != MP_NONE) {
        const struct mp_nldm_output *out = &m->nldm->cells[m->environment.driving_cell].outputs[0];
        value[0][0] = value[1][0] = -INFINITY;
        for (uint32_t k = out->first_arc; k < out->end_arc; k++) {
            struct mp_nldm_arc arc = mp_mapped_arc(m, net, k);
            uint32_t e = k >= out->fall_arc;
            mp_nldm_arc_value(m->nldm, out, &arc, 0, (float)mp_mapped_load(m, net, e), &delay,
                              &slew);
            mp_mapped_hide(m, net, e, hidden);
            delay += arc.shield[0] * hidden[0] - m->inner->drive_intrinsic_s[arc.from][e];
            slew += arc.shield[1] * hidden[1];
            value[e][0] = delay > value[e][0] ? delay : value[e][0];
            value[e][1] = slew > value[e][1] ? slew : value[e][1];
        }
    }
    return set_timing(m, net, value);
}

/* The net's place on its driver's load axis. */
static void place_load(struct mp_mapped *m, uint32_t net)
{
    struct mp_mapped_timing *t = &m->timing[net];
    uint32_t driver = m->nets[net].driver;
    const struct mp_nldm_output *out = &mp_mapped_cell(m, driver / 2)->outputs[driver % 2];
    const struct mp_nldm_axis *axis = &m->nldm->axes[out->load_axis];
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    for (uint32_t e = 0; e < 2; e++) {
        float load = (float)mp_mapped_load(m, net, e);
        t->load_segment[e] = (uint16_t)segment(axis, load, &t->load_fraction[e]);
        mp_mapped_hide(m, net, e, t->wire_hidden_s[e]);
    }
}

/* Loads, wires, and nets without gates. True: the sinks of the net see a change. */
static bool time_net(struct mp_mapped *m, uint32_t net)
{
    float none[2][2] = {{-INFINITY, 0}, {-INFINITY, 0}};
    const struct mp_mapped_net *n = &m->nets[net];
    if (!n->is_used || n->is_constant)
        return false;
    bool is_changed = mp_mapped_place_wire(m, net);
    if (n->is_input)
        return mp_mapped_time_port(m, net) || is_changed;
    if (n->driver == MP_NONE)
        return set_timing(m, net, none);
    place_load(m, net);
    return is_changed;
}

bool mp_mapped_time_flop(struct mp_mapped *m, uint32_t gate, uint32_t output)
{
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    uint32_t net = m->gates[gate].outputs[output];
    return net != MP_NONE && time_launch(m, cell, &cell->outputs[output], net);
}

float mp_mapped_at_input(const struct mp_mapped *m, uint32_t gate, uint32_t input,
                         enum mp_edge edge)
{
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    const struct mp_mapped_timing *t = &m->timing[m->gates[gate].inputs[input]];
    float wire = t->wire_s + t->wire_r * (float)cell->cap[input][edge];
    return t->edge[edge].arrival_s + wire +
           mp_nldm_setup(m->nldm, cell, input, edge, t->slew_s[edge]);
}

void mp_mapped_time_end(struct mp_mapped *m, uint32_t gate)
{
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    float end_s = -INFINITY;
    for (uint32_t k = 0; k < cell->input_count; k++) {
        for (uint32_t e = 0; e < 2 && k != cell->clock; e++) {
            float at = mp_mapped_at_input(m, gate, k, e);
            if (cell->setup[k][e] != MP_NONE && at > end_s)
                end_s = at;
        }
    }
    if (end_s < m->inner->end_s[gate] || end_s > m->inner->end_s[gate]) {
        mp_mapped_touch(m, MP_TABLE_END, gate);
        m->inner->end_s[gate] = end_s;
    }
}

float mp_mapped_arrival(const struct mp_mapped *m, uint32_t net)
{
    const struct mp_mapped_edge *e = m->timing[net].edge;
    return e[0].arrival_s > e[1].arrival_s ? e[0].arrival_s : e[1].arrival_s;
}

/* The wire's own part only: OpenSTA leaves the load at the port out of the wire's delay. */
float mp_mapped_at_port(const struct mp_mapped *m, uint32_t net)
{
    return mp_mapped_arrival(m, net) + m->timing[net].wire_s;
}

void mp_mapped_find_delay(struct mp_mapped *m)
{
    float delay = 0;
    for (uint32_t k = 0; k < m->output_count; k++) {
        float at = mp_mapped_at_port(m, m->outputs[k]);
        delay = at > delay ? at : delay;
    }
    for (uint32_t k = 0; k < m->inner->flop_count; k++) {
        float at = m->inner->end_s[m->inner->flops[k]];
        delay = at > delay ? at : delay;
    }
    m->delay_s = delay;
}

/* Times a gate and marks what follows. True: an output port is later than the limit. */
static bool time_gate(struct mp_mapped *m, uint32_t gate, float limit_s)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
    bool is_late = false;
    m->gates_timed++;
    for (uint32_t o = 0; o < cell->output_count; o++) {
        uint32_t net = g->outputs[o];
        if (net == MP_NONE || !time_output(m, g, &cell->outputs[o], net))
            continue;
        spread(m, net);
        is_late |= m->nets[net].output_count > 0 && mp_mapped_at_port(m, net) > limit_s;
    }
    return is_late;
}

static void start(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    for (uint32_t k = 0; k < in->nets.count; k++) {
        uint32_t net = in->nets.ids[k], driver = m->nets[net].driver;
        in->nets.is_waiting[net] = 0;
        if (time_net(m, net))
            spread(m, net);
        if (driver != MP_NONE && m->nets[net].is_used)
            mp_mapped_enqueue(&in->gates, driver / 2);
    }
    in->nets.count = 0;
    for (uint32_t k = 0; k < in->gates.count; k++) {
        uint32_t gate = in->gates.ids[k], position = m->gates[gate].position;
        in->gates.is_waiting[gate] = 0;
        if (m->gates[gate].type == MP_NONE)
            continue;
        if (position != MP_NONE) {
            in->dirty[position / 64] |= UINT64_C(1) << position % 64;
            continue;
        }
        for (uint32_t o = 0; o < mp_mapped_cell(m, gate)->output_count; o++)
            if (mp_mapped_time_flop(m, gate, o))
                spread(m, m->gates[gate].outputs[o]);
        mp_mapped_enqueue(&in->ends, gate);
    }
    in->gates.count = 0;
}

/* What an update that stopped early left waits again, by gate: positions may change. */
static void resume(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    for (uint32_t w = 0; w < (in->position_limit + 63) / 64; w++) {
        for (uint64_t bits = in->dirty[w]; bits; bits &= bits - 1) {
            uint32_t gate = in->order[w * 64 + (uint32_t)__builtin_ctzll(bits)];
            if (gate != MP_NONE)
                mp_mapped_enqueue(&in->gates, gate);
        }
        in->dirty[w] = 0;
    }
    in->is_stopped = false;
}

/* Everything in its order, without looking at what changed. */
static void time_all(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    for (uint32_t net = 0; net < m->net_limit; net++)
        time_net(m, net);
    for (uint32_t k = 0; k < in->flop_count; k++)
        for (uint32_t o = 0; o < mp_mapped_cell(m, in->flops[k])->output_count; o++)
            mp_mapped_time_flop(m, in->flops[k], o);
    for (uint32_t p = 0; p < in->position_limit; p++) {
        if (in->order[p] == MP_NONE)
            continue;
        const struct mp_mapped_gate *g = &m->gates[in->order[p]];
        const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];
        m->gates_timed++;
        for (uint32_t o = 0; o < cell->output_count; o++)
            if (g->outputs[o] != MP_NONE)
                time_output(m, g, &cell->outputs[o], g->outputs[o]);
    }
    for (uint32_t k = 0; k < in->flop_count; k++)
        mp_mapped_time_end(m, in->flops[k]);
    mp_mapped_clear_waiting(m);
    mp_mapped_find_delay(m);
}

void mp_mapped_touch_all(struct mp_mapped *m)
{
    m->inner->is_all = true;
}

enum mp_mapped_status mp_mapped_update_limit(struct mp_mapped *m, float limit_s)
{
    struct mp_mapped_inner *in = m->inner;
    if (in->is_stopped)
        resume(m);
    if (!mp_mapped_repair_order(m))
        return MP_MAPPED_CYCLE;
    if (in->is_all) {
        time_all(m);
        return m->delay_s > limit_s ? MP_MAPPED_OVER_LIMIT : MP_MAPPED_OK;
    }
    start(m);
    uint32_t words = (in->position_limit + 63) / 64;
    for (uint32_t w = 0; w < words; w++)
        while (in->dirty[w]) {
            uint32_t position = w * 64 + (uint32_t)__builtin_ctzll(in->dirty[w]);
            in->dirty[w] &= in->dirty[w] - 1;
            if (time_gate(m, in->order[position], limit_s)) {
                in->is_stopped = true;
                return MP_MAPPED_OVER_LIMIT;
            }
        }
    for (uint32_t k = 0; k < in->ends.count; k++)
        if (m->gates[in->ends.ids[k]].type != MP_NONE)
            mp_mapped_time_end(m, in->ends.ids[k]);
    mp_mapped_queue_clear(&in->ends);
    mp_mapped_find_delay(m);
    return m->delay_s > limit_s ? MP_MAPPED_OVER_LIMIT : MP_MAPPED_OK;
}

enum mp_mapped_status mp_mapped_update(struct mp_mapped *m)
{
    return mp_mapped_update_limit(m, INFINITY);
}
