#include "netlists/arrival.h"

#include <stdlib.h>

/* By output; of a full adder's inputs the third is the fast one. */
static const uint8_t delays[MP_NODE_KIND_COUNT][MP_GRAPH_OUTPUTS] = {
    [MP_NODE_AND2] = {3},           [MP_NODE_AND3] = {4},
    [MP_NODE_AND4] = {5},           [MP_NODE_XOR2] = {5},
    [MP_NODE_XOR3] = {10},          [MP_NODE_MUX2] = {5},
    [MP_NODE_MAJ3] = {7},           [MP_NODE_AO21] = {5},
    [MP_NODE_AO22] = {6},           [MP_NODE_AO222] = {8},
    [MP_NODE_HALF_ADDER] = {5, 4},  [MP_NODE_HALF_ADDER_ONE] = {5, 4},
    [MP_NODE_FULL_ADDER] = {10, 8},
};

uint32_t mp_arrival_delay(enum mp_node_kind kind, unsigned k, unsigned o)
{
    bool is_fast = k == 2 && (kind == MP_NODE_FULL_ADDER || kind == MP_NODE_XOR3);

    return is_fast ? 6 : delays[kind][o];
}

void mp_arrival_estimate(const struct mp_graph *g, const uint32_t *start, uint32_t *arrival)
{
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        const struct mp_node_kind_info *info = mp_node_kind_info(n->kind);

        for (unsigned o = 0; o < info->outputs; o++) {
            uint32_t latest = start != NULL ? start[n->out + o] : 0;
            for (unsigned k = 0; k < info->inputs && n->kind > MP_NODE_REGISTER; k++) {
                uint32_t at = arrival[mp_lit_signal(n->in[k])] + mp_arrival_delay(n->kind, k, o);
                latest = at > latest ? at : latest;
            }
            arrival[n->out + o] = latest;
        }
    }
}

void mp_arrival_of_columns(const struct mp_graph *g, unsigned count, const uint32_t *generate,
                           const uint32_t *propagate, uint32_t *arrival)
{
    uint32_t *of_signal = mp_alloc(g->signal_count, sizeof *of_signal);

    mp_arrival_estimate(g, NULL, of_signal);
    for (unsigned i = 0; i < count; i++) {
        uint32_t a = of_signal[mp_lit_signal(generate[i])];
        uint32_t b = of_signal[mp_lit_signal(propagate[i])];
        arrival[i] = a > b ? a : b;
    }
    free(of_signal);
}
