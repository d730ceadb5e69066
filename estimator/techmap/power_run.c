#include "estimator/techmap/power_parts.h"

#include <stdlib.h>
#include <string.h>

void mp_power_meter_evaluate(uint64_t *out, uint64_t truth, unsigned inputs,
                             const uint64_t *const *in, size_t count)
{
    uint64_t leaf[1u << MP_NLDM_INPUTS];

    for (unsigned i = 0; i < 1u << inputs; i++)
        leaf[i] = truth >> i & 1u ? UINT64_MAX : 0;
    if (inputs == 1) {
        for (size_t w = 0; w < count; w++)
            out[w] = (leaf[0] & ~in[0][w]) | (leaf[1] & in[0][w]);
        return;
    }
    if (inputs == 2) {
        for (size_t w = 0; w < count; w++) {
            uint64_t a = in[0][w], b = in[1][w];
            uint64_t low = (leaf[0] & ~a) | (leaf[1] & a), high = (leaf[2] & ~a) | (leaf[3] & a);
            out[w] = (low & ~b) | (high & b);
        }
        return;
    }
    if (inputs == 3) {
        for (size_t w = 0; w < count; w++) {
            uint64_t a = in[0][w], b = in[1][w], c = in[2][w];
            uint64_t x0 = (leaf[0] & ~a) | (leaf[1] & a), x1 = (leaf[2] & ~a) | (leaf[3] & a);
            uint64_t x2 = (leaf[4] & ~a) | (leaf[5] & a), x3 = (leaf[6] & ~a) | (leaf[7] & a);
            uint64_t y0 = (x0 & ~b) | (x1 & b), y1 = (x2 & ~b) | (x3 & b);
            out[w] = (y0 & ~c) | (y1 & c);
        }
        return;
    }
    for (size_t w = 0; w < count; w++) {
        uint64_t x[1u << MP_NLDM_INPUTS];
        memcpy(x, leaf, sizeof *x << inputs);
        for (unsigned k = inputs; k-- > 0;)
            for (unsigned i = 0; i < 1u << k; i++)
                x[i] = (x[i] & ~in[k][w]) | (x[i + (1u << k)] & in[k][w]);
        out[w] = x[0];
    }
}

/* All gates of one step; nets[net][words]. */
static void settle(const struct mp_power_meter *t, const struct mp_mapped *m, const uint32_t *order,
                   uint64_t *nets)
{
    for (uint32_t i = 0; i < m->gate_count; i++) {
        const struct mp_mapped_gate *g = &m->gates[order[i]];
        const struct mp_nldm_cell *cell = mp_power_meter_cell(m, order[i]);
        const uint64_t *in[MP_NLDM_INPUTS] = {NULL};
        if (cell->kind == MP_NLDM_FLIP_FLOP)
            continue;
        for (unsigned k = 0; k < cell->input_count; k++)
            in[k] = nets + (size_t)g->inputs[k] * t->words;
        for (unsigned o = 0; o < cell->output_count; o++)
            if (g->outputs[o] != MP_NONE && cell->kind == MP_NLDM_TIE)
                memset(nets + (size_t)g->outputs[o] * t->words,
                       cell->outputs[o].truth & 1 ? 0xff : 0, t->words * sizeof *nets);
            else if (g->outputs[o] != MP_NONE)
                mp_power_meter_evaluate(nets + (size_t)g->outputs[o] * t->words,
                                        cell->outputs[o].truth, cell->input_count, in, t->words);
    }
}

/* States of all flip-flops after this step. */
static void clock_flops(struct mp_power_meter *t, const struct mp_mapped *m, const uint32_t *order,
                        const uint64_t *nets)
{
    for (uint32_t i = 0; i < m->gate_count; i++) {
        uint32_t g = order[i];
        const struct mp_nldm_cell *cell = mp_power_meter_cell(m, g);
        const uint64_t *in[MP_NLDM_INPUTS] = {NULL};
        if (cell->kind != MP_NLDM_FLIP_FLOP)
            continue;
        for (unsigned k = 0; k < cell->input_count; k++)
            in[k] = nets + (size_t)m->gates[g].inputs[k] * t->words;
        for (unsigned o = 0; o < cell->output_count; o++) {
            memcpy(mp_power_meter_state(t, g, o, 0), mp_power_meter_state(t, g, o, 1),
                   t->words * sizeof *t->states);
            mp_power_meter_evaluate(mp_power_meter_state(t, g, o, 1), cell->outputs[o].truth,
                                    cell->input_count, in, t->words);
        }
        t->known[g] = 1;
    }
}

void mp_power_meter_run(struct mp_power_meter *t, const struct mp_mapped *m)
{
    const struct mp_techmap_operands *o = t->power->operands;
    uint64_t *nets = mp_alloc((size_t)m->net_limit * t->words, sizeof *nets);
    uint32_t *order = mp_alloc((size_t)m->gate_count + 1, sizeof *order);

    t->state_gates = m->gate_limit;
    t->states =
        mp_alloc((size_t)m->gate_limit * MP_NLDM_OUTPUTS * 2 * t->words + 1, sizeof *t->states);
    t->known = mp_alloc((size_t)m->gate_limit + 1, 1);
    memset(nets + (size_t)MP_MAPPED_ONE * t->words, 0xff, t->words * sizeof *nets);
    mp_mapped_order(m, order);
    /* States of the last two steps stay: of the one before the last as old, of the last as new. */
    for (uint32_t step = 0; step + 1 < o->steps; step++) {
        for (uint32_t k = 0; k < m->input_count && k < o->input_count; k++)
            memcpy(nets + (size_t)m->inputs[k] * t->words,
                   o->bits + ((size_t)step * o->input_count + k) * o->words,
                   t->words * sizeof *nets);
        for (uint32_t g = 0; g < m->gate_limit; g++)
            for (unsigned k = 0; t->known[g] && k < MP_NLDM_OUTPUTS; k++)
                if (m->gates[g].outputs[k] != MP_NONE)
                    memcpy(nets + (size_t)m->gates[g].outputs[k] * t->words,
                           mp_power_meter_state(t, g, k, 1), t->words * sizeof *nets);
        settle(t, m, order, nets);
        clock_flops(t, m, order, nets);
    }
    free(nets);
    free(order);
}
