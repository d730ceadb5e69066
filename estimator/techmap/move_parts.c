#include "estimator/techmap/move.h"

#define PATH_BIAS   128 /* of 256: how often a gate of the critical path */
#define PRUNE_DEPTH 64  /* nets that wait, at most; what is left beyond is only dead */

uint32_t mp_move_net(struct mp_anneal *s)
{
    uint32_t gate, output, net;

    /* Input ports drive too, and often much. */
    if (s->m->input_count > 0 && mp_move_draw(s, 8) == 0)
        return s->m->inputs[mp_move_draw(s, s->m->input_count)];
    gate = mp_anneal_gate(s, PATH_BIAS);
    if (gate == MP_NONE)
        return MP_NONE;
    output = mp_move_draw(s, mp_move_cell(s, gate)->output_count);
    net = s->m->gates[gate].outputs[output];
    return net;
}

uint32_t mp_move_type(struct mp_anneal *s, uint32_t family, uint32_t but)
{
    const struct mp_families *f = s->families;
    uint32_t usable = f->usable[family], index;

    for (index = 0; index < usable; index++)
        if (mp_family_cell(f, family, index) == but)
            break;
    if (index == usable)
        return usable == 0 ? MP_NONE : mp_family_cell(f, family, mp_move_draw(s, usable));
    if (usable == 1)
        return MP_NONE;
    /* Most often the next one up or down: that is what a good netlist needs. */
    if (mp_move_draw(s, 2) == 0) {
        bool up = index == 0 || (index + 1 < usable && mp_move_draw(s, 2) == 0);

        return mp_family_cell(f, family, up ? index + 1 : index - 1);
    }
    return mp_family_cell(f, family, (index + 1 + mp_move_draw(s, usable - 1)) % usable);
}

bool mp_move_is_clock(const struct mp_mapped *m, uint32_t net)
{
    for (uint32_t p = m->nets[net].first_sink; p != MP_NONE; p = m->sinks[p].next) {
        const struct mp_nldm_cell *cell = &m->nldm->cells[m->gates[mp_mapped_pin_gate(p)].type];

        if (cell->kind == MP_NLDM_FLIP_FLOP && cell->clock == mp_mapped_pin_input(p))
            return true;
    }
    return false;
}

double mp_move_load_limit_f(const struct mp_nldm_cell *cell, unsigned output)
{
    return (double)cell->outputs[output].max_load * MP_NLDM_CAP_UNIT_F;
}

double mp_move_overload(const struct mp_mapped *m, uint32_t net)
{
    uint32_t driver = m->nets[net].driver;

    if (driver == MP_NONE)
        return 0;
    return mp_mapped_load_f(m, net, MP_RISE) /
           mp_move_load_limit_f(&m->nldm->cells[m->gates[driver / 2].type], driver % 2);
}

uint32_t mp_move_inverse(const struct mp_anneal *s, uint32_t net)
{
    const struct mp_mapped *m = s->m;
    uint32_t driver = m->nets[net].driver, seen = 0;

    if (net <= MP_MAPPED_ONE)
        return net ^ 1u;
    if (driver != MP_NONE && mp_move_cell(s, driver / 2)->family == s->families->inverter)
        return m->gates[driver / 2].inputs[0];
    for (uint32_t p = m->nets[net].first_sink; p != MP_NONE && seen++ < MP_MOVE_SINKS;
         p = m->sinks[p].next)
        if (mp_move_cell(s, mp_mapped_pin_gate(p))->family == s->families->inverter)
            return m->gates[mp_mapped_pin_gate(p)].outputs[0];
    return MP_NONE;
}

static bool is_unused(const struct mp_mapped *m, uint32_t net)
{
    return net == MP_NONE || (m->nets[net].sink_count == 0 && m->nets[net].output_count == 0);
}

void mp_move_prune(struct mp_mapped *m, uint32_t net)
{
    uint32_t waiting[PRUNE_DEPTH], count = 1;

    waiting[0] = net;
    while (count > 0) {
        uint32_t n = waiting[--count], gate;
        const struct mp_nldm_cell *cell;
        struct mp_mapped_gate old;

        if (!m->nets[n].is_used || m->nets[n].driver == MP_NONE || !is_unused(m, n))
            continue;
        gate = m->nets[n].driver / 2;
        old = m->gates[gate];
        cell = &m->nldm->cells[old.type];
        if (cell->kind != MP_NLDM_GATE || !is_unused(m, old.outputs[0]) ||
            (cell->output_count > 1 && !is_unused(m, old.outputs[1])))
            continue;
        mp_mapped_remove_gate(m, gate);
        for (unsigned k = 0; k < cell->output_count; k++)
            if (old.outputs[k] != MP_NONE)
                mp_mapped_remove_net(m, old.outputs[k]);
        for (unsigned k = 0; k < cell->input_count && count < PRUNE_DEPTH; k++)
            if (old.inputs[k] > MP_MAPPED_ONE)
                waiting[count++] = old.inputs[k];
    }
}

/* Whether the critical path leaves a net through this pin. */
static bool is_critical(struct mp_anneal *s, uint32_t pin)
{
    uint32_t length = mp_anneal_path(s);

    for (uint32_t k = 0; k < length; k++)
        if (s->path[k].gate == mp_mapped_pin_gate(pin) &&
            s->path[k].input == mp_mapped_pin_input(pin))
            return true;
    return false;
}

uint32_t mp_move_some_sinks(struct mp_anneal *s, uint32_t net, bool all, uint32_t *pins)
{
    const struct mp_mapped *m = s->m;
    uint32_t count = 0, kept = 0, least = all ? 1 : 2, share;
    bool spares_path = mp_move_draw(s, 2) == 0;

    if (net == MP_NONE || net <= MP_MAPPED_ONE || m->nets[net].sink_count < least ||
        m->nets[net].sink_count > MP_MOVE_SINKS || mp_move_is_clock(m, net))
        return 0;
    for (uint32_t p = m->nets[net].first_sink; p != MP_NONE; p = m->sinks[p].next)
        pins[count++] = p;
    share = 1 + mp_move_draw(s, 8); /* in eighths */
    for (uint32_t k = 0; k < count; k++)
        if (spares_path ? !is_critical(s, pins[k]) && mp_move_draw(s, 8) < share + 3
                        : mp_move_draw(s, 8) < share)
            pins[kept++] = pins[k];
    if (kept == count && !all && m->nets[net].output_count == 0)
        kept--;
    return kept;
}
