/* The plain reference: loads summed anew, a new order, one lookup at a time. */
#include "estimator/techmap/mapped_parts.h"

#include <math.h>

static float sum_load(const struct mp_mapped *m, uint32_t net, enum mp_edge edge)
{
    const struct mp_mapped_net *n = &m->nets[net];
    uint32_t fan_out = n->output_count;
    int64_t load = n->output_count * m->inner->output_load;
    for (uint32_t s = n->first_sink; s != MP_NONE; s = m->sinks[s].next, fan_out++)
        load += mp_mapped_cell(m, mp_mapped_pin_gate(s))->cap[mp_mapped_pin_input(s)][edge];
    return (float)(load + mp_mapped_wire_cap(m, fan_out));
}

static void take_edge(const struct mp_mapped *m, struct mp_mapped_timing *t, uint32_t e,
                      float arrival_s, float slew_s)
{
    t->edge[e] = (struct mp_mapped_edge){.arrival_s = arrival_s};
    t->edge[e].segment = mp_nldm_segment(&m->nldm->axes[0], slew_s, &t->edge[e].fraction);
    t->slew_s[e] = slew_s;
}

static void time_output(struct mp_mapped *m, const struct mp_mapped_gate *g,
                        const struct mp_nldm_output *out, uint32_t net)
{
    struct mp_mapped_timing *t = &m->timing[net];
    float arrival[2] = {-INFINITY, -INFINITY}, slews[2] = {-INFINITY, -INFINITY}, delay, slew,
          hidden[2];
    for (uint32_t k = out->first_arc; k < out->end_arc; k++) {
        const struct mp_nldm_arc arc = mp_mapped_arc(m, net, k);
        const struct mp_mapped_timing *from = &m->timing[g->inputs[arc.input]];
        uint32_t e = k >= out->fall_arc;
        if (from->edge[arc.from].arrival_s <= -INFINITY)
            continue;
        mp_nldm_arc_value(m->nldm, out, &arc, from->slew_s[arc.from], sum_load(m, net, e), &delay,
                          &slew);
        delay += from->edge[arc.from].arrival_s;
        delay += from->wire_s + from->wire_r * arc.cap;
        mp_mapped_hide(m, net, e, hidden);
        delay += arc.shield[0] * hidden[0];
        slew += arc.shield[1] * hidden[1];
        arrival[e] = fmaxf(arrival[e], delay);
        slews[e] = fmaxf(slews[e], slew);
    }
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    mp_mapped_no_timing(t);
    for (uint32_t e = 0; e < 2; e++)
        if (arrival[e] > -INFINITY)
            take_edge(m, t, e, arrival[e], slews[e]);
}

static void place_load(struct mp_mapped *m, uint32_t net)
{
    struct mp_mapped_timing *t = &m->timing[net];
    uint32_t driver = m->nets[net].driver;
    if (!m->nets[net].is_used || driver == MP_NONE)
        return;
    const struct mp_nldm_output *out = &mp_mapped_cell(m, driver / 2)->outputs[driver % 2];
    mp_mapped_touch(m, MP_TABLE_TIMING, net);
    for (uint32_t e = 0; e < 2; e++) {
        float load = sum_load(m, net, e);
        t->load_segment[e] =
            (uint16_t)mp_nldm_segment(&m->nldm->axes[out->load_axis], load, &t->load_fraction[e]);
        mp_mapped_hide(m, net, e, t->wire_hidden_s[e]);
    }
}

enum mp_mapped_status mp_mapped_time_full(struct mp_mapped *m)
{
    struct mp_mapped_inner *in = m->inner;
    if (!mp_mapped_rebuild_order(m))
        return MP_MAPPED_CYCLE;
    for (uint32_t net = 0; net < m->net_limit; net++) {
        mp_mapped_touch(m, MP_TABLE_TIMING, net);
        mp_mapped_no_timing(&m->timing[net]);
        mp_mapped_place_wire(m, net);
        if (m->nets[net].is_input)
            mp_mapped_time_port(m, net);
        place_load(m, net);
    }
    for (uint32_t k = 0; k < in->flop_count; k++)
        for (uint32_t o = 0; o < mp_mapped_cell(m, in->flops[k])->output_count; o++)
            mp_mapped_time_flop(m, in->flops[k], o);
    for (uint32_t p = 0; p < in->position_limit; p++) {
        if (in->order[p] == MP_NONE)
            continue;
        const struct mp_mapped_gate *g = &m->gates[in->order[p]];
        const struct mp_nldm_cell *cell = &m->nldm->cells[g->type];
        for (uint32_t o = 0; o < cell->output_count; o++)
            if (g->outputs[o] != MP_NONE)
                time_output(m, g, &cell->outputs[o], g->outputs[o]);
        m->gates_timed++;
    }
    for (uint32_t k = 0; k < in->flop_count; k++)
        mp_mapped_time_end(m, in->flops[k]);
    mp_mapped_clear_waiting(m);
    mp_mapped_find_delay(m);
    return MP_MAPPED_OK;
}
