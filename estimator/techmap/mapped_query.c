#include "estimator/techmap/mapped_parts.h"

#include <math.h>
#include <stdlib.h>

double mp_mapped_load_f(const struct mp_mapped *m, uint32_t net, enum mp_edge edge)
{
    return mp_nldm_cap_f(mp_mapped_load(m, net, edge));
}

double mp_mapped_wire_f(const struct mp_mapped *m, uint32_t net)
{
    const struct mp_mapped_net *n = &m->nets[net];
    return mp_nldm_cap_f(mp_mapped_wire_cap(m, n->sink_count + n->output_count));
}

static float arc_delay(const struct mp_mapped *m, const struct mp_mapped_gate *g,
                       const struct mp_nldm_output *out, uint32_t net, uint32_t arc_id)
{
    const struct mp_nldm_arc arc = mp_mapped_arc(m, net, arc_id);
    const struct mp_mapped_timing *t = &m->timing[g->inputs[arc.input]];
    uint32_t edge = arc_id >= out->fall_arc;
    float delay, slew;
    mp_nldm_arc_value(m->nldm, out, &arc, t->slew_s[arc.from], (float)mp_mapped_load(m, net, edge),
                      &delay, &slew);
    return delay + (t->wire_s + t->wire_r * arc.cap) +
           arc.shield[0] * m->timing[net].wire_hidden_s[edge][0];
}

/* The latest of the two edges of a net or, for a flip-flop, of its checked inputs. */
static float latest_end(const struct mp_mapped *m, uint32_t *net, enum mp_edge *edge)
{
    float latest = -INFINITY;
    *net = MP_NONE;
    for (uint32_t k = 0; k < m->output_count; k++)
        for (uint32_t e = 0; e < 2; e++)
            if (m->timing[m->outputs[k]].edge[e].arrival_s + m->timing[m->outputs[k]].wire_s >
                latest) {
                *net = m->outputs[k];
                *edge = e;
                latest = m->timing[*net].edge[e].arrival_s + m->timing[*net].wire_s;
            }
    for (uint32_t f = 0; f < m->inner->flop_count; f++) {
        uint32_t gate = m->inner->flops[f];
        const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
        for (uint32_t k = 0; k < cell->input_count; k++)
            for (uint32_t e = 0; e < 2 && k != cell->clock; e++) {
                float at = mp_mapped_at_input(m, gate, k, e);
                if (cell->setup[k][e] == MP_NONE || !(at > latest))
                    continue;
                *net = m->gates[gate].inputs[k];
                *edge = e;
                latest = at;
            }
    }
    return latest;
}

/* The step that made the arrival at an edge of a net. */
static struct mp_mapped_step step_to(const struct mp_mapped *m, uint32_t net, enum mp_edge edge)
{
    float arrival = m->timing[net].edge[edge].arrival_s;
    struct mp_mapped_step step = {MP_NONE, MP_NONE, MP_NONE, net, edge, MP_RISE, arrival};
    uint32_t driver = m->nets[net].driver;
    if (driver == MP_NONE)
        return step;
    const struct mp_mapped_gate *g = &m->gates[driver / 2];
    const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];
    const struct mp_nldm_output *out = &cell->outputs[driver % 2];
    uint32_t first = edge == MP_RISE ? out->first_arc : out->fall_arc;
    uint32_t end = edge == MP_RISE ? out->fall_arc : out->end_arc;
    float nearest = INFINITY;
    step.gate = driver / 2;
    step.output = driver % 2;
    step.input = cell->clock;
    step.from = cell->clock_edge;
    for (uint32_t k = first; k < end && cell->kind != MP_NLDM_FLIP_FLOP; k++) {
        const struct mp_nldm_arc *arc = &m->nldm->arcs[k];
        const struct mp_mapped_edge *from = &m->timing[g->inputs[arc->input]].edge[arc->from];
        float apart = fabsf(from->arrival_s + arc_delay(m, g, out, net, k) - arrival);
        if (apart < nearest) {
            nearest = apart;
            step.input = arc->input;
            step.from = arc->from;
        }
    }
    return step;
}

static uint32_t walk(const struct mp_mapped *m, struct mp_mapped_step *steps, uint32_t capacity,
                     uint32_t length)
{
    uint32_t net, count = 0;
    enum mp_edge edge = MP_RISE;
    latest_end(m, &net, &edge);
    while (net != MP_NONE) {
        struct mp_mapped_step step = step_to(m, net, edge);
        uint32_t back = count++;
        if (back < length && back < capacity)
            steps[(length < capacity ? length : capacity) - 1 - back] = step;
        net = MP_NONE;
        if (step.gate != MP_NONE && step.input != UINT8_MAX &&
            mp_mapped_cell(m, step.gate)->kind == MP_NLDM_GATE) {
            net = m->gates[step.gate].inputs[step.input];
            edge = step.from;
        }
    }
    return count;
}

uint32_t mp_mapped_critical_path(const struct mp_mapped *m, struct mp_mapped_step *steps,
                                 uint32_t capacity)
{
    uint32_t length = walk(m, NULL, 0, 0);
    walk(m, steps, capacity, length);
    return length;
}

static void require(float required[2], uint32_t edge, float at_s)
{
    if (at_s < required[edge])
        required[edge] = at_s;
}

static void require_ends(const struct mp_mapped *m, float required_s, float (*required)[2])
{
    for (uint32_t k = 0; k < m->output_count; k++)
        for (uint32_t e = 0; e < 2; e++)
            require(required[m->outputs[k]], e, required_s - m->timing[m->outputs[k]].wire_s);
    for (uint32_t f = 0; f < m->inner->flop_count; f++) {
        uint32_t gate = m->inner->flops[f];
        const struct mp_nldm_cell *cell = mp_mapped_cell(m, gate);
        for (uint32_t k = 0; k < cell->input_count; k++)
            for (uint32_t e = 0; e < 2 && k != cell->clock; e++) {
                uint32_t net = m->gates[gate].inputs[k];
                float after = mp_mapped_at_input(m, gate, k, e) - m->timing[net].edge[e].arrival_s;
                if (cell->setup[k][e] != MP_NONE && m->timing[net].edge[e].bias >= 0)
                    require(required[net], e, required_s - after);
            }
    }
}

void mp_mapped_slacks(const struct mp_mapped *m, float required_s, float *slack_s)
{
    const struct mp_mapped_inner *in = m->inner;
    float(*required)[2] = mp_alloc(m->net_limit + 1u, sizeof *required);
    for (uint32_t net = 0; net < m->net_limit; net++)
        required[net][0] = required[net][1] = INFINITY;
    require_ends(m, required_s, required);
    for (uint32_t p = in->position_limit; p-- > 0;) {
        if (in->order[p] == MP_NONE)
            continue;
        const struct mp_mapped_gate *g = &m->gates[in->order[p]];
        const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];
        for (uint32_t o = 0; o < cell->output_count; o++) {
            const struct mp_nldm_output *out = &cell->outputs[o];
            uint32_t net = g->outputs[o];
            for (uint32_t k = out->first_arc; net != MP_NONE && k < out->end_arc; k++) {
                const struct mp_nldm_arc *arc = &m->nldm->arcs[k];
                float at = required[net][k >= out->fall_arc];
                if (at < INFINITY)
                    require(required[g->inputs[arc->input]], arc->from,
                            at - arc_delay(m, g, out, net, k));
            }
        }
    }
    for (uint32_t net = 0; net < m->net_limit; net++) {
        const struct mp_mapped_edge *e = m->timing[net].edge;
        float rise = required[net][0] - e[0].arrival_s, fall = required[net][1] - e[1].arrival_s;
        slack_s[net] = fminf(rise, fall);
    }
    free(required);
}

void mp_mapped_order(const struct mp_mapped *m, uint32_t *order)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < m->inner->flop_count; k++)
        order[count++] = m->inner->flops[k];
    for (uint32_t p = 0; p < m->inner->position_limit; p++)
        if (m->inner->order[p] != MP_NONE)
            order[count++] = m->inner->order[p];
}

static int check_gate(const struct mp_mapped *m, uint32_t gate, struct mp_error *err)
{
    const struct mp_mapped_gate *g = &m->gates[gate];
    const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];
    for (uint32_t k = 0; k < MP_NLDM_INPUTS; k++) {
        if ((k < cell->input_count) != (g->inputs[k] != MP_NONE))
            return mp_fail(err, MP_E_INPUT, "gate %u: input %u is wrong", gate, k);
        uint32_t s = k < cell->input_count ? m->nets[g->inputs[k]].first_sink : MP_NONE;
        while (s != MP_NONE && s != gate * MP_MAPPED_PINS + k)
            s = m->sinks[s].next;
        if (k < cell->input_count && s == MP_NONE)
            return mp_fail(err, MP_E_INPUT, "gate %u: input %u is in no list", gate, k);
    }
    for (uint32_t o = 0; o < MP_NLDM_OUTPUTS; o++)
        if (g->outputs[o] != MP_NONE &&
            (o >= cell->output_count || m->nets[g->outputs[o]].driver != gate * 2 + o))
            return mp_fail(err, MP_E_INPUT, "gate %u: output %u is wrong", gate, o);
    if (g->position != MP_NONE && m->inner->order[g->position] != gate)
        return mp_fail(err, MP_E_INPUT, "gate %u is not in its place", gate);
    return MP_OK;
}

static int check_net(const struct mp_mapped *m, uint32_t net, struct mp_error *err)
{
    const struct mp_mapped_net *n = &m->nets[net];
    int64_t cap[2] = {0, 0};
    uint32_t count = 0, ports = 0, previous = MP_NONE;
    for (uint32_t s = n->first_sink; s != MP_NONE; s = m->sinks[s].next, count++) {
        uint32_t gate = mp_mapped_pin_gate(s), k = mp_mapped_pin_input(s);
        if (m->gates[gate].type == MP_NONE || m->gates[gate].inputs[k] != net ||
            m->sinks[s].previous != previous || count > n->sink_count)
            return mp_fail(err, MP_E_INPUT, "net %u: its list is wrong at gate %u", net, gate);
        previous = s;
        for (uint32_t e = 0; e < 2; e++)
            cap[e] += mp_mapped_cell(m, gate)->cap[k][e];
    }
    for (uint32_t k = 0; k < m->output_count; k++)
        ports += m->outputs[k] == net;
    if (count != n->sink_count || ports != n->output_count || cap[0] != n->pin_cap[0] ||
        cap[1] != n->pin_cap[1])
        return mp_fail(err, MP_E_INPUT, "net %u: its counts or capacitances are wrong", net);
    if (n->driver != MP_NONE && m->gates[n->driver / 2].outputs[n->driver % 2] != net)
        return mp_fail(err, MP_E_INPUT, "net %u: its driver is wrong", net);
    return MP_OK;
}

int mp_mapped_check(const struct mp_mapped *m, struct mp_error *err)
{
    uint32_t gates = 0, nets = 0;
    int code = MP_OK;
    for (uint32_t g = 0; g < m->gate_limit && code == MP_OK; g++)
        if (m->gates[g].type != MP_NONE) {
            gates++;
            code = check_gate(m, g, err);
        }
    for (uint32_t n = 0; n < m->net_limit && code == MP_OK; n++)
        if (m->nets[n].is_used) {
            nets++;
            code = check_net(m, n, err);
        }
    if (code == MP_OK && (gates != m->gate_count || nets != m->net_count))
        code = mp_fail(err, MP_E_INPUT, "%u gates and %u nets, counted as %u and %u", gates, nets,
                       m->gate_count, m->net_count);
    return code;
}
