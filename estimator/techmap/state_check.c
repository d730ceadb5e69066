#include "estimator/techmap/state.h"
#include "netlists/graph_simulate.h"

#include <stdlib.h>
#include <string.h>

#define WORDS MP_GRAPH_WORDS

/* Values of all nets under the same patterns as the graph's inputs and registers. */
struct check {
    const struct mp_state *s;
    struct mp_graph_simulator graph;
    uint64_t (*value)[WORDS]; /* [net] */
    uint32_t *order;
    uint32_t patterns_log2; /* of inputs and registers */
    struct mp_error *err;
};

static void evaluate_gate(const struct check *x, const struct mp_mapped_gate *gate)
{
    const struct mp_nldm_cell *cell = &x->s->matcher->nldm->cells[gate->type];

    for (unsigned o = 0; o < cell->output_count; o++) {
        uint64_t row[WORDS] = {0};

        if (gate->outputs[o] == MP_NONE)
            continue;
        for (unsigned i = 0; i < 1u << cell->input_count; i++) {
            if (!(cell->outputs[o].truth >> i & 1))
                continue;
            for (unsigned w = 0; w < WORDS; w++) {
                uint64_t term = UINT64_MAX;
                for (unsigned k = 0; k < cell->input_count; k++)
                    term &= x->value[gate->inputs[k]][w] ^ ((i >> k & 1) - UINT64_C(1));
                row[w] |= term;
            }
        }
        memcpy(x->value[gate->outputs[o]], row, sizeof row);
    }
}

/* Free variables in turn: all combinations where they fit into the words asked for, else random. */
static void fill(struct check *x, uint32_t round, bool is_exhaustive, struct mp_random *random)
{
    const struct mp_graph *g = x->s->graph;
    uint32_t variable = 0;

    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct mp_node *n = &g->nodes[i];
        uint32_t literal = x->s->signal_literal[n->out];
        uint64_t *row = mp_graph_simulator_row(&x->graph, mp_lit(n->out, false));

        if (n->kind != MP_NODE_INPUT && n->kind != MP_NODE_REGISTER)
            continue;
        for (unsigned w = 0; w < WORDS; w++)
            row[w] = 0;
        for (unsigned lane = 0; lane < 64 * WORDS && is_exhaustive; lane++)
            row[lane / 64] |= (((uint64_t)round * 64 * WORDS + lane) >> variable & 1) << lane % 64;
        for (unsigned w = 0; w < WORDS && !is_exhaustive; w++)
            row[w] = mp_random_u64(random);
        variable++;
        if (literal != MP_NONE)
            memcpy(x->value[x->s->wires[literal >> 1].net], row, sizeof x->value[0]);
    }
}

static int compare(const struct check *x, uint32_t literal, uint32_t net, const char *what,
                   uint32_t bit)
{
    uint64_t row[WORDS];

    mp_graph_simulator_get(&x->graph, literal, row);
    for (unsigned w = 0; w < WORDS; w++)
        if (row[w] != x->value[net][w])
            return mp_fail(x->err, MP_E_PROOF,
                           "the mapped netlist of %s differs from its graph at bit %u of %s",
                           x->s->graph->name, bit, what);
    return MP_OK;
}

static int compare_all(const struct check *x)
{
    const struct mp_state *s = x->s;
    const struct mp_graph *g = s->graph;
    uint32_t output = 0;
    int rc = MP_OK;

    for (uint32_t i = 0; i < g->port_count; i++)
        for (uint32_t k = 0; k < g->ports[i].width && g->ports[i].is_output && rc == MP_OK; k++)
            rc = compare(x, g->ports[i].bits[k], s->mapped->outputs[output++], g->ports[i].name, k);
    for (uint32_t i = 0; i < s->node_capacity && rc == MP_OK; i++)
        if (s->nodes[i].function == MP_NODE_REGISTER) {
            uint32_t gate = s->nodes[i].gate, q = s->nodes[i].graph_node;
            uint64_t data[WORDS], enable[WORDS], held[WORDS];
            const uint64_t *found =
                x->value[s->mapped->gates[gate].inputs[s->matcher->flip_flop_data]];

            mp_graph_simulator_get(&x->graph, g->nodes[q].in[0], data);
            mp_graph_simulator_get(&x->graph, g->nodes[q].in[1], enable);
            mp_graph_simulator_get(&x->graph, mp_lit(g->nodes[q].out, false), held);
            for (unsigned w = 0; w < WORDS && rc == MP_OK; w++)
                if (found[w] != ((data[w] & enable[w]) | (held[w] & ~enable[w])))
                    rc = mp_fail(x->err, MP_E_PROOF,
                                 "the mapped netlist of %s differs from its graph at the data of "
                                 "a register",
                                 g->name);
        }
    return rc;
}

int mp_state_prove(const struct mp_state *s, uint64_t patterns, uint64_t seed, struct mp_error *err)
{
    struct check x = {.s = s, .err = err};
    struct mp_random random;
    uint32_t variables = 0;
    bool is_exhaustive;
    uint64_t rounds = (patterns + 64 * WORDS - 1) / (64 * WORDS);
    int rc = MP_OK;

    for (uint32_t i = 0; i < s->graph->node_count; i++)
        variables +=
            s->graph->nodes[i].kind == MP_NODE_INPUT || s->graph->nodes[i].kind == MP_NODE_REGISTER;
    is_exhaustive = variables < 40 && UINT64_C(1) << variables <= patterns;
    if (is_exhaustive)
        rounds = ((UINT64_C(1) << variables) + 64 * WORDS - 1) / (64 * WORDS);
    mp_random_seed(&random, seed);
    mp_graph_simulator_init(&x.graph, s->graph);
    x.value = mp_alloc(s->mapped->net_limit + 2u, sizeof *x.value);
    x.order = mp_alloc(s->mapped->gate_count + 1u, sizeof *x.order);
    memset(x.value[MP_MAPPED_ONE], 0xff, sizeof *x.value);
    mp_mapped_order(s->mapped, x.order);
    for (uint64_t round = 0; round < rounds && rc == MP_OK; round++) {
        fill(&x, (uint32_t)round, is_exhaustive, &random);
        mp_graph_simulator_settle(&x.graph);
        for (uint32_t i = 0; i < s->mapped->gate_count; i++) {
            const struct mp_mapped_gate *gate = &s->mapped->gates[x.order[i]];
            if (s->matcher->nldm->cells[gate->type].kind == MP_NLDM_GATE)
                evaluate_gate(&x, gate);
        }
        rc = compare_all(&x);
    }
    mp_graph_simulator_release(&x.graph);
    free(x.value);
    free(x.order);
    return rc;
}
