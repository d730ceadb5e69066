/* What stands behind every generator: unneeded nodes go, and the graph is checked. */
#include "netlists/graph.h"

#include <stdlib.h>
#include <string.h>

static void need_literal(const struct mp_graph *g, bool *needed, uint32_t *stack, uint32_t *depth,
                         uint32_t literal)
{
    uint32_t node = g->signals[mp_lit_signal(literal)].node;

    if (!needed[node]) {
        needed[node] = true;
        stack[(*depth)++] = node;
    }
}

/* Nodes that outputs need, through registers too; ports' inputs always stay. */
static void mark(const struct mp_graph *g, bool *needed)
{
    uint32_t *stack = mp_alloc(g->node_count, sizeof *stack), depth = 0;

    needed[0] = true;
    for (uint32_t p = 0; p < g->port_count; p++)
        for (uint32_t i = 0; i < g->ports[p].width; i++)
            need_literal(g, needed, stack, &depth, g->ports[p].bits[i]);
    while (depth > 0) {
        const struct mp_node *n = &g->nodes[stack[--depth]];
        for (unsigned k = 0; k < mp_node_kind_info(n->kind)->inputs; k++)
            need_literal(g, needed, stack, &depth, n->in[k]);
    }
    free(stack);
}

/* Signals of nodes that are gone become false. */
static uint32_t renamed(const uint32_t *to, uint32_t literal)
{
    uint32_t signal = to[mp_lit_signal(literal)];

    return signal == MP_GRAPH_NONE ? MP_LIT_FALSE : mp_lit(signal, mp_lit_inverted(literal));
}

static bool rename_prefix(struct mp_prefix *p, const uint32_t *to)
{
    bool is_used = false;

    for (uint32_t k = 0; k < p->count; k++) {
        p->generate[k] = renamed(to, p->generate[k]);
        p->propagate[k] = renamed(to, p->propagate[k]);
    }
    for (uint32_t k = 0; k <= p->count; k++) {
        p->carry[k] = renamed(to, p->carry[k]);
        is_used = is_used || p->carry[k] != MP_LIT_FALSE;
    }
    return is_used;
}

static void sweep_prefixes(struct mp_graph *g, const uint32_t *to)
{
    uint32_t *index = mp_alloc(g->prefix_count + 1, sizeof *index), kept = 0;

    for (uint32_t i = 0; i < g->prefix_count; i++) {
        index[i + 1] = 0;
        if (rename_prefix(&g->prefixes[i], to)) {
            g->prefixes[kept++] = g->prefixes[i];
            index[i + 1] = kept;
        }
    }
    for (uint32_t i = 0; i < g->node_count; i++)
        g->nodes[i].prefix = index[g->nodes[i].prefix];
    g->prefix_count = kept;
    free(index);
}

void mp_graph_sweep(struct mp_graph *g)
{
    bool *needed = mp_alloc(g->node_count, sizeof *needed);
    uint32_t *to = mp_alloc(g->signal_count, sizeof *to), nodes = 0, signals = 0;

    mark(g, needed);
    for (uint32_t i = 0; i < g->node_count; i++) {
        struct mp_node n = g->nodes[i];
        unsigned outputs = mp_node_kind_info(n.kind)->outputs;

        for (unsigned k = 0; k < outputs; k++)
            to[n.out + k] = needed[i] ? signals + k : MP_GRAPH_NONE;
        if (!needed[i])
            continue;
        for (unsigned k = 0; k < outputs; k++) {
            g->signals[signals + k] = g->signals[n.out + k];
            g->signals[signals + k].node = nodes;
        }
        n.out = signals;
        signals += outputs;
        g->nodes[nodes++] = n;
    }
    g->node_count = nodes;
    g->signal_count = signals;
    for (uint32_t i = 0; i < nodes; i++)
        for (unsigned k = 0; k < mp_node_kind_info(g->nodes[i].kind)->inputs; k++)
            g->nodes[i].in[k] = renamed(to, g->nodes[i].in[k]);
    for (uint32_t p = 0; p < g->port_count; p++)
        for (uint32_t i = 0; i < g->ports[p].width; i++)
            g->ports[p].bits[i] = renamed(to, g->ports[p].bits[i]);
    sweep_prefixes(g, to);
    free(to);
    free(needed);
}

static int check_node(const struct mp_graph *g, uint32_t i, struct mp_error *err)
{
    const struct mp_node *n = &g->nodes[i];
    const struct mp_node_kind_info *info;

    if (n->kind >= MP_NODE_KIND_COUNT)
        return mp_fail(err, MP_E_INPUT, "%s: node %u is of no kind", g->name, i);
    info = mp_node_kind_info(n->kind);
    if (n->block >= g->block_count || n->prefix > g->prefix_count || n->tree > g->tree_count)
        return mp_fail(err, MP_E_INPUT,
                       "%s: %s node %u belongs to a block, tree or prefix adder "
                       "that is not there",
                       g->name, info->name, i);
    for (unsigned k = 0; k < info->inputs; k++) {
        uint32_t signal = mp_lit_signal(n->in[k]);
        bool is_free = n->kind == MP_NODE_REGISTER;

        if (n->in[k] == MP_GRAPH_NONE || signal >= g->signal_count ||
            (!is_free && g->signals[signal].node >= i))
            return mp_fail(err, MP_E_INPUT, "%s: input %u of %s node %u is not driven before it",
                           g->name, k, info->name, i);
        if (!is_free && signal == 0)
            return mp_fail(err, MP_E_INPUT, "%s: input %u of %s node %u is a constant", g->name, k,
                           info->name, i);
    }
    for (unsigned k = 0; k < info->outputs; k++)
        if (n->out + k >= g->signal_count || g->signals[n->out + k].node != i ||
            g->signals[n->out + k].output != k)
            return mp_fail(err, MP_E_INPUT, "%s: %s node %u does not own its signals", g->name,
                           info->name, i);
    return MP_OK;
}

static int check_prefix(const struct mp_graph *g, uint32_t index, struct mp_error *err)
{
    const struct mp_prefix *p = &g->prefixes[index];

    for (uint32_t i = 0; i < p->count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (p->split[i * p->count + j] <= j || p->split[i * p->count + j] > i)
                return mp_fail(err, MP_E_INPUT, "%s: prefix adder %u splits [%u:%u] at %u", g->name,
                               index, i, j, p->split[i * p->count + j]);
    return MP_OK;
}

int mp_graph_check(const struct mp_graph *g, struct mp_error *err)
{
    int rc = MP_OK;

    for (uint32_t i = 0; i < g->node_count && rc == MP_OK; i++)
        rc = check_node(g, i, err);
    for (uint32_t i = 0; i < g->prefix_count && rc == MP_OK; i++)
        rc = check_prefix(g, i, err);
    for (uint32_t p = 0; p < g->port_count && rc == MP_OK; p++)
        for (uint32_t i = 0; i < g->ports[p].width && rc == MP_OK; i++)
            if (mp_lit_signal(g->ports[p].bits[i]) >= g->signal_count)
                rc = mp_fail(err, MP_E_INPUT, "%s: %s[%u] has no signal", g->name, g->ports[p].name,
                             i);
    return rc;
}
