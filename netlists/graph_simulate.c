#include "netlists/graph_simulate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WORDS MP_GRAPH_WORDS

void mp_graph_simulator_init(struct mp_graph_simulator *s, const struct mp_graph *g)
{
    uint32_t registers = 0;

    for (uint32_t i = 0; i < g->node_count; i++)
        registers += g->nodes[i].kind == MP_NODE_REGISTER;
    s->graph = g;
    s->value = mp_alloc_aligned(g->signal_count, MP_GRAPH_ROW_BYTES);
    s->next = mp_alloc_aligned(registers + 1, MP_GRAPH_ROW_BYTES);
}

void mp_graph_simulator_release(struct mp_graph_simulator *s)
{
    free(s->value);
    free(s->next);
    *s = (struct mp_graph_simulator){0};
}

uint64_t *mp_graph_simulator_row(struct mp_graph_simulator *s, uint32_t literal)
{
    assert(!mp_lit_inverted(literal));
    return s->value + (size_t)mp_lit_signal(literal) * WORDS;
}

void mp_graph_simulator_get(const struct mp_graph_simulator *s, uint32_t literal,
                            uint64_t row[MP_GRAPH_WORDS])
{
    const uint64_t *value = s->value + (size_t)mp_lit_signal(literal) * WORDS;
    uint64_t mask = mp_lit_inverted(literal) ? UINT64_MAX : 0;

    for (unsigned w = 0; w < WORDS; w++)
        row[w] = value[w] ^ mask;
}

static void and_into(uint64_t *restrict out, const uint64_t *restrict a, const uint64_t *restrict b)
{
    for (unsigned w = 0; w < WORDS; w++)
        out[w] = a[w] & b[w];
}

static void sum_of_products(uint64_t *restrict out, uint64_t in[][WORDS], unsigned pairs)
{
    and_into(out, in[0], in[1]);
    for (unsigned k = 1; k < pairs; k++)
        for (unsigned w = 0; w < WORDS; w++)
            out[w] |= in[2 * k][w] & in[2 * k + 1][w];
}

static void full_adder(uint64_t *restrict out, uint64_t in[][WORDS], bool has_carry)
{
    for (unsigned w = 0; w < WORDS; w++)
        out[w] = in[0][w] ^ in[1][w] ^ in[2][w];
    if (has_carry)
        for (unsigned w = 0; w < WORDS; w++)
            out[WORDS + w] = (in[0][w] & in[1][w]) | ((in[0][w] | in[1][w]) & in[2][w]);
}

static void evaluate(uint64_t *restrict out, enum mp_node_kind kind, uint64_t in[][WORDS])
{
    switch (kind) {
    case MP_NODE_AND2:
    case MP_NODE_AND3:
    case MP_NODE_AND4:
        and_into(out, in[0], in[1]);
        for (unsigned k = 2; k < mp_node_kind_info(kind)->inputs; k++)
            for (unsigned w = 0; w < WORDS; w++)
                out[w] &= in[k][w];
        break;
    case MP_NODE_XOR2:
        for (unsigned w = 0; w < WORDS; w++)
            out[w] = in[0][w] ^ in[1][w];
        break;
    case MP_NODE_MUX2:
        for (unsigned w = 0; w < WORDS; w++)
            out[w] = (in[0][w] & in[1][w]) | (~in[0][w] & in[2][w]);
        break;
    case MP_NODE_MAJ3:
        for (unsigned w = 0; w < WORDS; w++)
            out[w] = (in[0][w] & in[1][w]) | ((in[0][w] | in[1][w]) & in[2][w]);
        break;
    case MP_NODE_AO21:
        for (unsigned w = 0; w < WORDS; w++)
            out[w] = (in[0][w] & in[1][w]) | in[2][w];
        break;
    case MP_NODE_AO22:
        sum_of_products(out, in, 2);
        break;
    case MP_NODE_AO222:
        sum_of_products(out, in, 3);
        break;
    case MP_NODE_HALF_ADDER:
        and_into(out + WORDS, in[0], in[1]);
        for (unsigned w = 0; w < WORDS; w++)
            out[w] = in[0][w] ^ in[1][w];
        break;
    case MP_NODE_HALF_ADDER_ONE:
        for (unsigned w = 0; w < WORDS; w++) {
            out[w] = ~(in[0][w] ^ in[1][w]);
            out[WORDS + w] = in[0][w] | in[1][w];
        }
        break;
    case MP_NODE_XOR3:
    case MP_NODE_FULL_ADDER:
        full_adder(out, in, kind == MP_NODE_FULL_ADDER);
        break;
    case MP_NODE_CONSTANT:
    case MP_NODE_INPUT:
    case MP_NODE_REGISTER:
    case MP_NODE_KIND_COUNT:
        break;
    }
}

void mp_graph_simulator_settle(struct mp_graph_simulator *s)
{
    const struct mp_graph *g = s->graph;
    uint64_t in[MP_GRAPH_INPUTS][WORDS];

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];

        if (n->kind <= MP_NODE_REGISTER)
            continue;
        for (unsigned k = 0; k < mp_node_kind_info(n->kind)->inputs; k++)
            mp_graph_simulator_get(s, n->in[k], in[k]);
        evaluate(s->value + (size_t)n->out * WORDS, n->kind, in);
    }
}

/* All data is read before any register changes: one may feed another. */
void mp_graph_simulator_clock(struct mp_graph_simulator *s)
{
    const struct mp_graph *g = s->graph;
    uint64_t *next = s->next, enable[WORDS];

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        if (n->kind != MP_NODE_REGISTER)
            continue;
        mp_graph_simulator_get(s, n->in[0], next);
        mp_graph_simulator_get(s, n->in[1], enable);
        for (unsigned w = 0; w < WORDS; w++)
            next[w] = (next[w] & enable[w]) | (s->value[(size_t)n->out * WORDS + w] & ~enable[w]);
        next += WORDS;
    }
    next = s->next;
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].kind == MP_NODE_REGISTER) {
            memcpy(s->value + (size_t)g->nodes[i].out * WORDS, next, MP_GRAPH_ROW_BYTES);
            next += WORDS;
        }
    mp_graph_simulator_settle(s);
}
